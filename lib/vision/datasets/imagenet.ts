/** ImageNet 2012 in the layout that training scripts use. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { portable, remember } from '../../data/portable.js'
import { load } from '../../io/index.js'
import { findFolder } from './find.js'
import { ImageFolder, type ImageNetOptions } from './folder.js'

/** Names of the synsets by their number, from the file of torchvision or of the challenge, where one is there. */
function readSynsets(root: string): ReadonlyMap<string, readonly string[]> {
  const torchFile = join(root, 'meta.bin')
  if (existsSync(torchFile)) {
    const contents = load<unknown>(torchFile, { names: 'asWritten' })
    const classes: unknown = Array.isArray(contents) ? contents[0] : undefined
    if (typeof classes !== 'object' || classes === null)
      throw new Error(`ImageNet: ${torchFile} holds no table of classes; replace it by a fresh copy, or remove it`)
    const entries: [string, unknown][] =
      classes instanceof Map ? [...(classes as Map<string, unknown>)] : Object.entries(classes)
    return new Map(entries.map(([wnid, names]) => [wnid, Array.isArray(names) ? names.map(String) : [String(names)]]))
  }
  const list = join(root, 'LOC_synset_mapping.txt')
  if (!existsSync(list)) return new Map()
  const lines = readFileSync(list, 'utf8').split('\n').filter(Boolean)
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).split(', ')]))
}

/**
 * ImageNet (ILSVRC 2012) in folders root/train/n01440764/… and root/val/n01440764/… (torchvision.datasets.ImageNet). Names of
 * the classes come from root/meta.bin (torchvision's) or root/LOC_synset_mapping.txt; without them they are the numbers.
 * The pictures may not be copied freely, so there is no download: get them from the challenge. Russakovsky et al. 2015.
 */
export class ImageNet extends ImageFolder {
  /** WordNet numbers of the classes, the names of the folders. */
  readonly wnids: readonly string[]
  /** All names of each class. */
  readonly names: readonly (readonly string[])[]

  constructor(root: string, options: ImageNetOptions = {}) {
    const { split = 'train', ...rest } = options
    if (split !== 'train' && split !== 'val')
      throw new RangeError(`ImageNet: split must be 'train' or 'val', got ${JSON.stringify(split)}`)
    const folder = findFolder(
      'ImageNet',
      [join(root, split)],
      `unpack ILSVRC2012_img_${split}.tar there, each class in a folder of its WordNet number such as n01440764`,
    )
    super(folder, rest)
    this.wnids = this.classes
    const synsets = readSynsets(root)
    this.names = this.classes.map((wnid) => synsets.get(wnid) ?? [wnid])
    remember(this, [root, options])
  }
}

portable(ImageNet, import.meta.url)
