/** STL-10: photographs for learning from few labels. */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { portable, remember } from '../../data/portable.js'
import { tensor } from '../../ops/creation.js'
import { ArrayImages, type ImageOptions } from './array-images.js'
import { ensureFiles, type DownloadOptions } from './download.js'
import { findFile, orDownload } from './find.js'
import { sources } from './sources.js'

/** Settings of `STL10`. */
export interface STL10Options extends ImageOptions, DownloadOptions {
  /** 5,000 images for training, 8,000 for tests, or 100,000 without labels (−1). Default 'train'. */
  split?: 'train' | 'test' | 'unlabeled'
}

const side = 96
const imageBytes = 3 * side * side

/** All bytes of a file; read in parts, since Node reads no more than 2 GiB at once. */
function readBytes(path: string): Uint8Array {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const bytes = new Uint8Array(size)
    for (let done = 0; done < size;) {
      const got = readSync(file, bytes, done, Math.min(size - done, 2 ** 28), done)
      if (got === 0) throw new Error(`STL10: ${basename(path)} ended at byte ${done} while it was read`)
      done += got
    }
    return bytes
  } finally {
    closeSync(file)
  }
}

/**
 * Photographs of 96 × 96 pixels in ten classes, in their binary files (torchvision.datasets.STL10). `root` is the folder of
 * train_X.bin, train_y.bin …, or the one above it. Coates, Ng & Lee 2011.
 */
export class STL10 extends ArrayImages {
  /** Names of the classes, from class_names.txt; empty without it. */
  readonly classes: readonly string[]

  constructor(root: string, options: STL10Options = {}) {
    const { split = 'train' } = options
    if (!['train', 'test', 'unlabeled'].includes(split))
      throw new RangeError(`STL10: split must be 'train', 'test' or 'unlabeled', got ${JSON.stringify(split)}`)
    if (options.download) ensureFiles('STL10', root, sources.STL10, options, 'stl10_binary')
    const folders = [root, join(root, 'stl10_binary')]
    const path = findFile('STL10', folders, [`${split}_X.bin`], orDownload)
    const bytes = readBytes(path)
    if (bytes.length === 0 || bytes.length % imageBytes !== 0)
      throw new Error(
        `STL10: ${basename(path)} has ${bytes.length} bytes, no whole number of images of ${imageBytes}; replace ${path} by a fresh copy`,
      )
    const count = bytes.length / imageBytes
    const labels =
      split === 'unlabeled'
        ? new Array<number>(count).fill(-1)
        : Array.from(readFileSync(findFile('STL10', folders, [`${split}_y.bin`])), (label) => label - 1)
    // The files go down the columns.
    super('STL10', tensor(bytes).view(count, 3, side, side).transpose(2, 3).contiguous(), labels, options)
    const names = join(dirname(path), 'class_names.txt')
    this.classes = existsSync(names)
      ? readFileSync(names, 'utf8')
          .split('\n')
          .map((n) => n.trim())
          .filter(Boolean)
      : []
    remember(this, [root, { ...options, download: false }])
  }
}

portable(STL10, import.meta.url)
