/** Data sets of one file for each sample, in a folder for each class. */
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { assertPosition, Dataset } from '../../data/dataset.js'
import { portable, remember } from '../../data/portable.js'
import type { Tensor } from '../../tensor/tensor.js'
import { readImage } from '../images.js'
import { toTensor } from '../transforms/functional-color.js'
import { asFunction, type TransformLike } from '../transforms/transform.js'

/** Endings of picture files that are read. */
export const imageExtensions: readonly string[] = ['.jpg', '.jpeg', '.png', '.bmp', '.webp']

/** Settings of `DatasetFolder`. */
export interface DatasetFolderOptions<T> {
  /** Endings of the files that count, such as '.npy'; not together with isValidFile. */
  extensions?: readonly string[]
  /** Which files count, by their path. */
  isValidFile?: (path: string) => boolean
  /** Applied to what `loader` gives. */
  transform?: (sample: T) => T
  /** Applied to each label. */
  targetTransform?: (label: number) => number
  /** Accept classes without files. Default false. */
  allowEmpty?: boolean
}

/** Files below a folder, in the order of torchvision: folder by folder, each with its files by name. */
function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  const isFolder = (name: string): boolean =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() ?? false
  const folders = entries.filter((entry) => entry.isDirectory() || (entry.isSymbolicLink() && isFolder(entry.name)))
  const files = entries.filter((entry) => !folders.includes(entry)).map(({ name }) => join(folder, name))
  return [...files, ...folders.flatMap(({ name }) => filesBelow(join(folder, name)))]
}

function subfolders(name: string, root: string): string[] {
  let entries
  try {
    entries = readdirSync(root, { withFileTypes: true })
  } catch (error) {
    throw new Error(`${name}: cannot read the folder ${resolve(root)}: ${(error as Error).message}`, { cause: error })
  }
  const found = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  if (found.length === 0)
    throw new Error(`${name}: ${resolve(root)} has no folder in it; each class needs one of its own`)
  return found.sort((a, b) => (a < b ? -1 : 1))
}

/**
 * Samples in files root/class/…/file, one folder for each class; a sample is [what `loader` gives, label], labels in the order
 * of the folders' names (torchvision.datasets.DatasetFolder).
 * @example new datasets.DatasetFolder('sounds', (path) => io.loadNpy(path), { extensions: ['.npy'] })
 */
export class DatasetFolder<T> extends Dataset<[T, number]> {
  readonly length: number
  /** Names of the classes. */
  readonly classes: readonly string[]
  /** Each class's label. */
  readonly classToIdx: Readonly<Record<string, number>>
  /** Paths and labels. */
  readonly samples: readonly (readonly [path: string, label: number])[]
  /** All labels. */
  readonly targets: readonly number[]

  constructor(
    readonly root: string,
    readonly loader: (path: string) => T,
    readonly options: DatasetFolderOptions<T>,
  ) {
    super()
    const name = new.target.name
    const { extensions, isValidFile, allowEmpty = false } = options
    if ((extensions === undefined) === (isValidFile === undefined))
      throw new TypeError(`${name}: give either extensions or isValidFile`)
    const endings = extensions?.map((ending) => ending.toLowerCase())
    const counts = isValidFile ?? ((path: string) => endings?.some((ending) => path.toLowerCase().endsWith(ending)))
    this.classes = subfolders(name, root)
    this.classToIdx = Object.fromEntries(this.classes.map((className, i) => [className, i]))
    const byClass = this.classes.map((className) => filesBelow(join(root, className)).filter((path) => counts(path)))
    const empty = this.classes.filter((_, i) => byClass[i].length === 0)
    if (empty.length > 0 && !allowEmpty)
      throw new Error(
        `${name}: no file that counts in ${empty.join(', ')} of ${resolve(root)}${endings ? `; endings are ${endings.join(', ')}` : ''}`,
      )
    this.samples = byClass.flatMap((paths, label) => paths.map((path) => [path, label] as const))
    this.targets = this.samples.map(([, label]) => label)
    this.length = this.samples.length
    remember(this, [root, loader, options])
  }

  /** The sample at a position, and its label. */
  get(index: number): [T, number] {
    assertPosition(this.constructor.name, index, this.length)
    const [path, label] = this.samples[index]
    const { transform, targetTransform } = this.options
    const sample = this.loader(path)
    return [transform ? transform(sample) : sample, targetTransform ? targetTransform(label) : label]
  }
}

/** Settings of `ImageFolder`. */
export interface ImageFolderOptions {
  /** Applied to images, float32 [3, H, W] in [0, 1]. */
  transform?: TransformLike
  /** Applied to each label. */
  targetTransform?: (label: number) => number
  /** Reads a picture. Default: float32 [3, H, W] in [0, 1]. */
  loader?: (path: string) => Tensor
  /** Which files count, by their path. Default: pictures by their ending. */
  isValidFile?: (path: string) => boolean
  /** Accept classes without pictures. Default false. */
  allowEmpty?: boolean
}

/** A picture as float32 [3, H, W] in [0, 1]. */
export function loadRgb(path: string): Tensor {
  return toTensor(readImage(path, { mode: 'rgb' }))
}

/**
 * Pictures in folders root/class/…/picture.jpg (torchvision.datasets.ImageFolder). A sample is [image, label], the image float32
 * [3, H, W] in [0, 1]; batches need pictures of one size: give a transform such as Resize and CenterCrop.
 */
export class ImageFolder extends DatasetFolder<Tensor> {
  constructor(root: string, options: ImageFolderOptions = {}) {
    const { transform, loader = loadRgb, isValidFile, ...rest } = options
    super(root, loader, {
      ...rest,
      ...(isValidFile ? { isValidFile } : { extensions: imageExtensions }),
      transform: transform && asFunction('ImageFolder', transform),
    })
    remember(this, [root, options])
  }
}

/** Settings of `ImageNet`. */
export interface ImageNetOptions extends ImageFolderOptions {
  /** Default 'train'. */
  split?: 'train' | 'val'
}

for (const dataset of [DatasetFolder, ImageFolder]) portable(dataset, import.meta.url)
