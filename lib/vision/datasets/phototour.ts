/** PhotoTour: patches of photographs of the same places, to learn which show the same point. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assertPosition, Dataset } from '../../data/dataset.js'
import { portable, remember } from '../../data/portable.js'
import { cat } from '../../ops/join.js'
import { int64Tensor, type Tensor } from '../../tensor/tensor.js'
import { readImage } from '../images.js'
import { asFunction, type TransformLike } from '../transforms/transform.js'
import { ensureFiles, type DownloadOptions } from './download.js'
import { findFile, findFolder, orDownload } from './find.js'
import { sources } from './sources.js'

/** Settings of `PhotoTour`. */
export interface PhotoTourOptions extends DownloadOptions {
  /** Single patches, or with `false` pairs of which it is known whether they show the same point. Default true. */
  train?: boolean
  /** Applied to patches, float32 [1, 64, 64] in [0, 1]. */
  transform?: TransformLike
}

/** Side of a patch. */
const side = 64

const published = {
  notredame: { count: 468_159, mean: 0.4854, std: 0.1864 },
  yosemite: { count: 633_587, mean: 0.4844, std: 0.1818 },
  liberty: { count: 450_092, mean: 0.4437, std: 0.2019 },
  notredame_harris: { count: 325_295, mean: 0.4854, std: 0.1864 },
  yosemite_harris: { count: 450_912, mean: 0.4844, std: 0.1818 },
  liberty_harris: { count: 379_587, mean: 0.4437, std: 0.2019 },
} as const

/** The places. */
export type PhotoTourName = keyof typeof published

/** The patches of a picture, uint8 [n, 64, 64], row by row. */
function patchesOf(path: string): Tensor {
  const image = readImage(path, { mode: 'gray' }).squeeze(0)
  const [height, width] = image.shape as number[]
  if (height % side !== 0 || width % side !== 0)
    throw new Error(`PhotoTour: ${path} has ${height} × ${width} pixels, no grid of patches of ${side} × ${side}`)
  return image
    .view(height / side, side, width / side, side)
    .permute(0, 2, 1, 3)
    .reshape(-1, side, side)
}

function numbersOf(path: string, columns: number): number[][] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => {
      const row = line.trim().split(/\s+/).map(Number)
      if (row.length < columns || !row.slice(0, columns).every(Number.isInteger))
        throw new Error(
          `PhotoTour: line ${i + 1} of ${path} needs ${columns} whole numbers, got '${line.slice(0, 60)}'`,
        )
      return row
    })
}

/** A patch, or two with 1 where they show the same point and 0 where not. */
export type PhotoTourSample = Tensor | [Tensor, Tensor, number]

/**
 * Patches of 64 × 64 pixels around points of photographed buildings (torchvision.datasets.PhotoTour), from grids of them in
 * root/name/*.bmp, with info.txt and m50_100000_100000_0.txt. With `train: false` a sample is [patch, patch, same].
 * Brown, Hua & Winder 2011.
 */
export class PhotoTour extends Dataset<PhotoTourSample> {
  readonly length: number
  /** All patches, uint8 [N, 64, 64]. */
  readonly data: Tensor
  /** The number of the point that each patch shows, int64 [N]. */
  readonly labels: Tensor
  /** Pairs: two patches, and whether they show the same point. */
  readonly matches: readonly (readonly [first: number, second: number, same: number])[]
  /** Mean of all patches of the published data, in [0, 1]. */
  readonly mean: number
  /** Their standard deviation. */
  readonly std: number
  readonly train: boolean
  readonly #transform: ((image: Tensor) => Tensor) | undefined

  constructor(root: string, name: PhotoTourName, options: PhotoTourOptions = {}) {
    super()
    if (!(name in published))
      throw new RangeError(
        `PhotoTour: name must be one of ${Object.keys(published).join(', ')}, got ${JSON.stringify(name)}`,
      )
    const { train = true, transform } = options
    if (options.download) ensureFiles('PhotoTour', root, sources.PhotoTour[name], options, name)
    const folder = findFolder('PhotoTour', [join(root, name)], `unpack ${name}.zip there${orDownload}`)
    const pictures = readdirSync(folder)
      .filter((file) => file.endsWith('.bmp'))
      .sort()
    if (pictures.length === 0) throw new Error(`PhotoTour: ${folder} has no .bmp in it; unpack ${name}.zip there`)
    const points = numbersOf(findFile('PhotoTour', [folder], ['info.txt']), 1).map(([point]) => point)
    const patches = cat(
      pictures.map((file) => patchesOf(join(folder, file))),
      0,
    )
    // The last grid is filled up with black patches.
    const count = Math.min(points.length, published[name].count)
    if (patches.size(0) < count)
      throw new Error(
        `PhotoTour: ${pictures.length} pictures hold ${patches.size(0)} patches, info.txt tells of ${count}`,
      )
    this.data = patches.narrow(0, 0, count).contiguous()
    this.labels = int64Tensor(points.slice(0, count))
    this.matches = numbersOf(findFile('PhotoTour', [folder], ['m50_100000_100000_0.txt']), 5).map(
      ([first, pointOfFirst, , second, pointOfSecond]) =>
        [first, second, Number(pointOfFirst === pointOfSecond)] as const,
    )
    this.mean = published[name].mean
    this.std = published[name].std
    this.train = train
    this.length = train ? count : this.matches.length
    this.#transform = transform && asFunction('PhotoTour', transform)
    remember(this, [root, name, { ...options, download: false }])
  }

  #patch(index: number): Tensor {
    assertPosition('PhotoTour', index, this.data.size(0))
    const patch = this.data.select(0, index).unsqueeze(0).float().div(255)
    return this.#transform ? this.#transform(patch) : patch
  }

  /** The patch at a position, or the pair. */
  get(index: number): PhotoTourSample {
    assertPosition('PhotoTour', index, this.length)
    if (this.train) return this.#patch(index)
    const [first, second, same] = this.matches[index]
    return [this.#patch(first), this.#patch(second), same]
  }
}

portable(PhotoTour, import.meta.url)
