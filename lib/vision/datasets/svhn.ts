/** SVHN: house numbers, cut out digit by digit. */
import { portable, remember } from '../../data/portable.js'
import { tensor } from '../../ops/creation.js'
import { ArrayImages, type ImageOptions } from './array-images.js'
import { ensureFiles, type DownloadOptions } from './download.js'
import { findFile, orDownload } from './find.js'
import { readMat, type MatArray } from './mat5.js'
import { sources } from './sources.js'

/** Settings of `SVHN`. */
export interface SVHNOptions extends ImageOptions, DownloadOptions {
  /** 73,257 digits for training, 26,032 for tests, or 531,131 further easy ones. Default 'train'. */
  split?: 'train' | 'test' | 'extra'
}

/** Digits from house numbers, 32 × 32 pixels in colour, labels 0 … 9, in MATLAB's files train_32x32.mat … (torchvision.datasets.SVHN). Netzer et al. 2011. */
export class SVHN extends ArrayImages {
  readonly classes: readonly string[] = Array.from({ length: 10 }, (_, digit) => String(digit))

  constructor(root: string, options: SVHNOptions = {}) {
    const { split = 'train' } = options
    if (!['train', 'test', 'extra'].includes(split))
      throw new RangeError(`SVHN: split must be 'train', 'test' or 'extra', got ${JSON.stringify(split)}`)
    if (options.download) ensureFiles('SVHN', root, sources.SVHN[split], options)
    const path = findFile('SVHN', [root], [`${split}_32x32.mat`], orDownload)
    const arrays = readMat(path)
    const array = (name: string): MatArray => {
      const found = arrays.get(name)
      if (!found)
        throw new Error(`SVHN: ${path} has no array '${name}', but ${[...arrays.keys()].join(', ') || 'none'}`)
      return found
    }
    const [images, labels] = [array('X'), array('y')]
    const count = images.shape[3] ?? 1
    const wanted = images.shape.length >= 3 && images.shape.slice(0, 3).join() === '32,32,3'
    if (!wanted || !(images.data instanceof Uint8Array))
      throw new Error(`SVHN: X must be bytes of sizes 32 × 32 × 3 × N, ${path} has ${images.shape.join(' × ')}`)
    // The first dimension varies fastest, so memory holds [N, channel, column, row]. A label of 10 is the digit 0.
    const upright = tensor(images.data).view(count, 3, 32, 32).transpose(2, 3).contiguous()
    super(
      'SVHN',
      upright,
      Array.from(labels.data, (label) => label % 10),
      options,
    )
    remember(this, [root, { ...options, download: false }])
  }
}

portable(SVHN, import.meta.url)
