/** Transforms that change size: parts of images, borders and mirror images. */
import { portable } from '../../data/portable.js'
import type { Tensor } from '../../tensor/tensor.js'
import * as F from './functional-geometry.js'
import type { ImagePadOptions, Padding, ResizeOptions } from './functional-geometry.js'
import { warp } from './functional-warp.js'
import { dimsOf, pairOf, roundHalfEven, type ImageSize } from './image.js'
import {
  assertProbability,
  assertRange,
  chance,
  integer,
  RandomTransform,
  Transform,
  uniform,
  type Range,
} from './transform.js'
import type { PlaneMap } from './warp-grid.js'

/** Another size: [height, width], or one number for the shorter side. torchvision.transforms.Resize. */
export class Resize extends Transform {
  constructor(
    readonly size: ImageSize,
    readonly options: ResizeOptions = {},
  ) {
    super([size, options])
    pairOf('Resize', 'size', size)
  }

  forward(image: Tensor): Tensor {
    return F.resize(image, this.size, this.options)
  }

  override extraRepr(): string {
    return `size=${JSON.stringify(this.size)}`
  }
}

/** The middle of the image. torchvision.transforms.CenterCrop. */
export class CenterCrop extends Transform {
  constructor(readonly size: ImageSize) {
    super([size])
    pairOf('CenterCrop', 'size', size)
  }

  forward(image: Tensor): Tensor {
    return F.centerCrop(image, this.size)
  }

  override extraRepr(): string {
    return `size=${JSON.stringify(this.size)}`
  }
}

/** A border. torchvision.transforms.Pad. */
export class Pad extends Transform {
  constructor(
    readonly padding: Padding,
    readonly options: ImagePadOptions = {},
  ) {
    super([padding, options])
  }

  forward(image: Tensor): Tensor {
    return F.pad(image, this.padding, this.options)
  }

  override extraRepr(): string {
    return `padding=${JSON.stringify(this.padding)}`
  }
}

/** Settings of `RandomCrop`. */
export interface RandomCropOptions extends ImagePadOptions {
  /** A border around the image before it is cut. Default none. */
  padding?: Padding
  /** Add a border where the image is smaller than the cut. Default false. */
  padIfNeeded?: boolean
}

/** A part of the image at a random place. torchvision.transforms.RandomCrop. @example new transforms.RandomCrop(28, { padding: 4 }) */
export class RandomCrop extends RandomTransform<readonly [top: number, left: number]> {
  readonly #size: readonly [number, number]

  constructor(
    readonly size: ImageSize,
    readonly options: RandomCropOptions = {},
  ) {
    super([size, options])
    this.#size = pairOf('RandomCrop', 'size', size)
  }

  override forward(image: Tensor): Tensor {
    return super.forward(this.#padded(image))
  }

  #padded(image: Tensor): Tensor {
    const { padding, padIfNeeded = false, ...border } = this.options
    const [height, width] = this.#size
    let wide = padding === undefined ? image : F.pad(image, padding, border)
    if (padIfNeeded && wide.size(-1) < width) wide = F.pad(wide, [width - wide.size(-1), 0], border)
    if (padIfNeeded && wide.size(-2) < height) wide = F.pad(wide, [0, height - wide.size(-2)], border)
    return wide
  }

  protected draw(image: Tensor): readonly [number, number] {
    const { height, width } = dimsOf('RandomCrop', image)
    const [h, w] = this.#size
    if (height < h || width < w)
      throw new RangeError(
        `RandomCrop: the cut of ${h} × ${w} is larger than the image of ${height} × ${width}; use padding or padIfNeeded`,
      )
    if (height === h && width === w) return [0, 0]
    return [integer(0, height - h + 1), integer(0, width - w + 1)]
  }

  protected change(image: Tensor, [top, left]: readonly [number, number]): Tensor {
    return image.narrow(-2, top, this.#size[0]).narrow(-1, left, this.#size[1])
  }

  protected override changeAll(images: Tensor, corners: readonly (readonly [top: number, left: number])[]): Tensor {
    const { height, width } = dimsOf('RandomCrop', images)
    const [h, w] = this.#size
    // Maps have their origins in the middle.
    const maps = corners.map(([top, left]) => [1, 0, left - (width - w) / 2, 0, 1, top - (height - h) / 2])
    return warp('RandomCrop', images, maps, this.#size, {})
  }

  override extraRepr(): string {
    return `size=${JSON.stringify(this.size)}`
  }
}

/** Settings of `RandomResizedCrop`. */
export interface RandomResizedCropOptions extends Omit<ResizeOptions, 'maxSize'> {
  /** The share of the image's area that is cut. Default [0.08, 1]. */
  scale?: Range
  /** Width / height of the cut. Default [3/4, 4/3]. */
  ratio?: Range
}

/** A rectangle: first row, first column, height, width. */
type Rectangle = readonly [top: number, left: number, height: number, width: number]

/** A cut of random area and shape, in one size. Szegedy et al. 2014; torchvision.transforms.RandomResizedCrop. */
export class RandomResizedCrop extends RandomTransform<Rectangle> {
  readonly #size: readonly [number, number]
  readonly #scale: Range
  readonly #ratio: Range

  constructor(
    readonly size: ImageSize,
    readonly options: RandomResizedCropOptions = {},
  ) {
    super([size, options])
    this.#size = pairOf('RandomResizedCrop', 'size', size)
    this.#scale = assertRange('RandomResizedCrop', 'scale', options.scale ?? [0.08, 1])
    this.#ratio = assertRange('RandomResizedCrop', 'ratio', options.ratio ?? [3 / 4, 4 / 3])
  }

  protected draw(image: Tensor): Rectangle {
    const { height, width } = dimsOf('RandomResizedCrop', image)
    for (let attempt = 0; attempt < 10; attempt++) {
      const [h, w] = drawnSides(height * width, this.#scale, this.#ratio, 'width')
      if (w > 0 && w <= width && h > 0 && h <= height)
        return [integer(0, height - h + 1), integer(0, width - w + 1), h, w]
    }
    // The middle, as much of it as the ratios allow.
    const [low, high] = this.#ratio
    const ratio = width / height
    const w = ratio > high ? roundHalfEven(height * high) : width
    const h = ratio < low ? roundHalfEven(width / low) : height
    return [Math.floor((height - h) / 2), Math.floor((width - w) / 2), h, w]
  }

  protected change(image: Tensor, [top, left, height, width]: Rectangle): Tensor {
    return F.resizedCrop(image, top, left, height, width, this.#size, this.options)
  }

  override extraRepr(): string {
    return `size=${JSON.stringify(this.size)}`
  }
}

/** Height and width of a rectangle whose area and shape are drawn; the ratio is that of `over` to the other. */
export function drawnSides(area: number, scale: Range, ratio: Range, over: 'width' | 'height'): [number, number] {
  const target = area * uniform(...scale)
  const [low, high] = ratio.map((r) => Math.fround(Math.log(r)))
  const drawn = Math.fround(Math.exp(uniform(low, high)))
  const long = roundHalfEven(Math.sqrt(target * drawn))
  const short = roundHalfEven(Math.sqrt(target / drawn))
  return over === 'width' ? [short, long] : [long, short]
}

const unchanged: PlaneMap = [1, 0, 0, 0, 1, 0]

/** Flips some images. */
abstract class RandomFlip extends RandomTransform<boolean> {
  protected abstract readonly map: PlaneMap

  constructor(readonly p: number) {
    super([p])
    assertProbability(new.target.name, p)
  }

  protected draw(): boolean {
    return chance(this.p)
  }

  protected change(image: Tensor, flipped: boolean): Tensor {
    return flipped ? this.changeAll(image, [true]) : image
  }

  protected override changeAll(images: Tensor, flipped: readonly boolean[]): Tensor {
    const { height, width } = dimsOf(this.constructor.name, images)
    const maps = flipped.map((flip) => (flip ? this.map : unchanged))
    return warp(this.constructor.name, images, maps, [height, width], {})
  }

  override extraRepr(): string {
    return `p=${this.p}`
  }
}

/** Left and right exchanged with probability p (default 0.5). torchvision.transforms.RandomHorizontalFlip. */
export class RandomHorizontalFlip extends RandomFlip {
  protected readonly map: PlaneMap = [-1, 0, 0, 0, 1, 0]

  constructor(p = 0.5) {
    super(p)
  }
}

/** Top and bottom exchanged with probability p (default 0.5). torchvision.transforms.RandomVerticalFlip. */
export class RandomVerticalFlip extends RandomFlip {
  protected readonly map: PlaneMap = [1, 0, 0, 0, -1, 0]

  constructor(p = 0.5) {
    super(p)
  }
}

for (const transform of [
  Resize,
  CenterCrop,
  Pad,
  RandomCrop,
  RandomResizedCrop,
  RandomHorizontalFlip,
  RandomVerticalFlip,
])
  portable(transform, import.meta.url)
