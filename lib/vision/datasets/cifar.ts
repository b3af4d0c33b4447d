/** CIFAR-10 and CIFAR-100: small colour photographs, in their binary files or in Python's pickles. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { portable, remember } from '../../data/portable.js'
import { load } from '../../io/index.js'
import { cat } from '../../ops/join.js'
import { tensor } from '../../ops/creation.js'
import { Tensor } from '../../tensor/tensor.js'
import { ArrayImages, type ImageOptions } from './array-images.js'
import { ensureFiles, type DownloadOptions } from './download.js'
import { findFile, orDownload } from './find.js'
import { sources } from './sources.js'

/** Settings of `CIFAR10` and `CIFAR100`. */
export interface CIFAROptions extends ImageOptions, DownloadOptions {
  /** The training images, or with `false` the test images. Default true. */
  train?: boolean
}

/** Bytes of an image: three planes of 32 × 32. */
const imageBytes = 3 * 32 * 32

interface Batch {
  readonly images: Tensor
  readonly labels: readonly number[]
}

/** How the files of one of the two are called. */
interface Layout {
  readonly name: 'CIFAR10' | 'CIFAR100'
  readonly pythonFolder: string
  readonly binaryFolder: string
  readonly train: readonly string[]
  readonly test: readonly string[]
  /** Bytes before an image in a binary file; the last one is the label. */
  readonly labelBytes: number
  /** The list of labels in a pickle. */
  readonly labelKey: string
  readonly meta: { readonly binary: string; readonly python: string; readonly key: string }
}

const layouts = {
  10: {
    name: 'CIFAR10',
    pythonFolder: 'cifar-10-batches-py',
    binaryFolder: 'cifar-10-batches-bin',
    train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}`),
    test: ['test_batch'],
    labelBytes: 1,
    labelKey: 'labels',
    meta: { binary: 'batches.meta.txt', python: 'batches.meta', key: 'label_names' },
  },
  100: {
    name: 'CIFAR100',
    pythonFolder: 'cifar-100-python',
    binaryFolder: 'cifar-100-binary',
    train: ['train'],
    test: ['test'],
    labelBytes: 2,
    labelKey: 'fine_labels',
    meta: { binary: 'fine_label_names.txt', python: 'meta', key: 'fine_label_names' },
  },
} satisfies Record<number, Layout>

function readBinary(path: string, { name, labelBytes }: Layout): Batch {
  const bytes = readFileSync(path)
  const record = labelBytes + imageBytes
  if (bytes.length === 0 || bytes.length % record !== 0)
    throw new Error(
      `${name}: ${basename(path)} has ${bytes.length} bytes, no whole number of records of ${record}; replace ${path} by a fresh copy`,
    )
  const rows = tensor(Uint8Array.from(bytes)).view(bytes.length / record, record)
  const labels = Array.from(rows.select(1, labelBytes - 1).toTypedArray(), Number)
  return { images: rows.narrow(1, labelBytes, imageBytes), labels }
}

/** A value of a pickled dict, whose keys Python 2 wrote as bytes. */
function entryOf(value: unknown, key: string): unknown {
  if (value instanceof Map) return value.get(key) as unknown
  return typeof value === 'object' && value !== null ? (Reflect.get(value, key) as unknown) : undefined
}

function readPickle(path: string, { name, labelKey }: Layout): Batch {
  const contents = load<unknown>(path, { names: 'asWritten' })
  const images = entryOf(contents, 'data')
  const labels = entryOf(contents, labelKey)
  if (!(images instanceof Tensor) || images.dtype !== 'uint8' || images.ndim !== 2 || images.size(1) !== imageBytes)
    throw new Error(`${name}: ${basename(path)} has no 'data' of bytes [N, ${imageBytes}]; is ${path} the right file?`)
  if (!Array.isArray(labels) || !labels.every((label) => Number.isInteger(label)))
    throw new Error(`${name}: ${basename(path)} has no list '${labelKey}'; is ${path} the right file?`)
  return { images, labels: labels as number[] }
}

function readNames(folder: string, { meta, name }: Layout, binary: boolean): string[] {
  const path = join(folder, binary ? meta.binary : meta.python)
  if (!existsSync(path)) return []
  if (binary)
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
  const names = entryOf(load<unknown>(path, { names: 'asWritten' }), meta.key)
  if (!Array.isArray(names)) throw new Error(`${name}: ${basename(path)} has no list '${meta.key}'`)
  return names.map(String)
}

interface Loaded {
  readonly images: Tensor
  readonly labels: number[]
  readonly classes: string[]
}

function read(layout: Layout, root: string, options: CIFAROptions): Loaded {
  if (options.download) ensureFiles(layout.name, root, sources[layout.name], options, layout.pythonFolder)
  const folders = [root, join(root, layout.pythonFolder), join(root, layout.binaryFolder)]
  const files = (options.train ?? true) ? layout.train : layout.test
  const paths = files.map((file) => findFile(layout.name, folders, [`${file}.bin`, file], orDownload))
  const batches = paths.map((path) => (path.endsWith('.bin') ? readBinary(path, layout) : readPickle(path, layout)))
  const images = cat(
    batches.map((batch) => batch.images),
    0,
  )
  return {
    images: images.contiguous().view(-1, 3, 32, 32),
    labels: batches.flatMap((batch) => batch.labels),
    classes: readNames(join(paths[0], '..'), layout, paths[0].endsWith('.bin')),
  }
}

abstract class CIFAR extends ArrayImages {
  /** Names of the classes, from the file that comes with the data; empty without it. */
  readonly classes: readonly string[]

  constructor(layout: Layout, root: string, options: CIFAROptions) {
    const { images, labels, classes } = read(layout, root, options)
    super(layout.name, images, labels, options)
    this.classes = classes
    remember(this, [root, { ...options, download: false }])
  }
}

/**
 * Photographs of 32 × 32 pixels in ten classes, 50,000 for training and 10,000 for tests (torchvision.datasets.CIFAR10). `root`
 * is the folder of the batches, or the one above it; binary batches (data_batch_1.bin …) and Python's (data_batch_1 …) are read.
 * Krizhevsky 2009.
 */
export class CIFAR10 extends CIFAR {
  constructor(root: string, options: CIFAROptions = {}) {
    super(layouts[10], root, options)
  }
}

/** The same with a hundred classes (torchvision.datasets.CIFAR100); binary files and Python's are read. Krizhevsky 2009. */
export class CIFAR100 extends CIFAR {
  constructor(root: string, options: CIFAROptions = {}) {
    super(layouts[100], root, options)
  }
}

for (const dataset of [CIFAR10, CIFAR100]) portable(dataset, import.meta.url)
