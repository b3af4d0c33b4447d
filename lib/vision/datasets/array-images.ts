/** What data sets share whose images are small enough to lie in memory, all in one tensor. */
import { assertPosition, Dataset, type Collated } from '../../data/dataset.js'
import { indexSelect } from '../../ops/index-ops.js'
import { int64Tensor, type Tensor } from '../../tensor/tensor.js'
import { asFunction, type TransformLike } from '../transforms/transform.js'

/** What images and labels go through before they are given. */
export interface ImageOptions {
  /** Applied to images: float32 [C, H, W] in [0, 1] for one sample, [N, C, H, W] for a batch. */
  transform?: TransformLike
  /** Applied to each label. */
  targetTransform?: (label: number) => number
}

/**
 * Images with a label each. A sample is [image, label]: the image float32 [C, H, W] in [0, 1], as torchvision's ToTensor gives
 * it; the label a number. In a batch: [N, C, H, W] and int64 [N].
 */
export abstract class ArrayImages extends Dataset<[Tensor, number]> {
  readonly length: number
  /** All labels, int64 [length]. */
  readonly targets: Tensor
  readonly #name: string
  readonly #labels: number[]
  readonly #transform: ((images: Tensor) => Tensor) | undefined

  /** @param data all images, uint8 [length, H, W] or [length, C, H, W] */
  constructor(
    name: string,
    readonly data: Tensor,
    labels: ArrayLike<number>,
    { transform, targetTransform }: ImageOptions,
  ) {
    super()
    this.#name = name
    this.length = data.size(0)
    if (labels.length !== this.length)
      throw new Error(`${name}: ${this.length} images but ${labels.length} labels; the files do not belong together`)
    this.#labels = Array.from(labels, (label) => (targetTransform ? targetTransform(label) : label))
    this.targets = int64Tensor(BigInt64Array.from(Array.from(labels), BigInt))
    this.#transform = transform && asFunction(name, transform)
  }

  #prepare(images: Tensor): Tensor {
    const scaled = images.float().div(255)
    return this.#transform ? this.#transform(scaled) : scaled
  }

  /** The image at a position, and its label. */
  get(index: number): [Tensor, number] {
    assertPosition(this.#name, index, this.length)
    const image = this.data.select(0, index)
    return [this.#prepare(image.ndim === 2 ? image.unsqueeze(0) : image), this.#labels[index]]
  }

  override getBatch(positions: readonly number[]): Collated<[Tensor, number]> {
    for (const index of positions) assertPosition(this.#name, index, this.length)
    const images = indexSelect(this.data, 0, int64Tensor(positions))
    const labels = int64Tensor(positions.map((i) => this.#labels[i]))
    return [this.#prepare(images.ndim === 3 ? images.unsqueeze(1) : images), labels]
  }
}
