/** LSUN: millions of photographs of scenes, in LMDB databases. */
import { join } from 'node:path'
import { existsSync, statSync } from 'node:fs'
import { assertPosition, Dataset } from '../../data/dataset.js'
import { portable, remember } from '../../data/portable.js'
import type { Tensor } from '../../tensor/tensor.js'
import { decodeImage } from '../images.js'
import { toTensor } from '../transforms/functional-color.js'
import { asFunction, type TransformLike } from '../transforms/transform.js'
import { findFile } from './find.js'
import { LmdbFile, type LmdbEntry } from './lmdb.js'

const categories = [
  'bedroom',
  'bridge',
  'church_outdoor',
  'classroom',
  'conference_room',
  'dining_room',
  'kitchen',
  'living_room',
  'restaurant',
  'tower',
] as const

/** Settings of `LSUN`. */
export interface LSUNOptions {
  /** Applied to images, float32 [3, H, W] in [0, 1]. */
  transform?: TransformLike
}

function foldersOf(classes: string | readonly string[]): readonly string[] {
  if (classes === 'test') return ['test']
  if (classes === 'train' || classes === 'val') return categories.map((category) => `${category}_${classes}`)
  const list = typeof classes === 'string' ? [classes] : classes
  const known = new Set(['train', 'val'].flatMap((split) => categories.map((category) => `${category}_${split}`)))
  const unknown = list.find((name) => !known.has(name))
  if (unknown !== undefined || list.length === 0)
    throw new RangeError(
      `LSUN: classes are 'train', 'val', 'test' or names such as 'bedroom_train' of ${categories.join(', ')}; got ${JSON.stringify(unknown ?? classes)}`,
    )
  return list
}

/**
 * Photographs of ten kinds of scenes (torchvision.datasets.LSUN), in databases root/bedroom_train_lmdb … as published. `classes`
 * is 'train' (default), 'val', 'test', or a list such as ['bedroom_train', 'tower_train']. A sample is [image, label], the label
 * the position in that list. Yu et al. 2015.
 */
export class LSUN extends Dataset<[Tensor, number]> {
  readonly length: number
  /** The databases that are read. */
  readonly classes: readonly string[]
  readonly #databases: readonly { readonly file: LmdbFile; readonly entries: readonly LmdbEntry[] }[]
  readonly #ends: readonly number[]
  readonly #transform: ((image: Tensor) => Tensor) | undefined

  constructor(root: string, classes: string | readonly string[] = 'train', options: LSUNOptions = {}) {
    super()
    this.classes = foldersOf(classes)
    this.#databases = this.classes.map((name) => {
      const folder = join(root, `${name}_lmdb`)
      const isFile = existsSync(folder) && statSync(folder).isFile()
      const file = new LmdbFile(isFile ? folder : findFile('LSUN', [folder], ['data.mdb']))
      return { file, entries: [...file.list()] }
    })
    let total = 0
    this.#ends = this.#databases.map(({ entries }) => (total += entries.length))
    this.length = total
    this.#transform = options.transform && asFunction('LSUN', options.transform)
    remember(this, [root, classes, options])
  }

  /** The image at a position, and its label. */
  get(index: number): [Tensor, number] {
    assertPosition('LSUN', index, this.length)
    const label = this.#ends.findIndex((end) => index < end)
    const { file, entries } = this.#databases[label]
    const image = toTensor(decodeImage(file.value(entries[index - (this.#ends[label - 1] ?? 0)]), { mode: 'rgb' }))
    return [this.#transform ? this.#transform(image) : image, label]
  }

  /** Closes the databases; they close with the process, too. */
  close(): void {
    for (const { file } of this.#databases) file.close()
  }
}

portable(LSUN, import.meta.url)
