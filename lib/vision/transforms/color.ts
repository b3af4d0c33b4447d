/** Transforms that change the values of pixels. */
import { portable } from '../../data/portable.js'
import { randn, randperm } from '../../ops/random.js'
import { tensor } from '../../ops/creation.js'
import type { Tensor } from '../../tensor/tensor.js'
import { drawnSides } from './crops.js'
import * as C from './functional-color.js'
import type { GaussianNoiseOptions } from './functional-color.js'
import { erase, gaussianBlur } from './functional-geometry.js'
import { dimsOf } from './image.js'
import type { Point } from './maps.js'
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

/** Settings of `ColorJitter`: a number d for factors from 1 − d to 1 + d (hue: −d to d), or a range of factors. Default 0. */
export interface ColorJitterOptions {
  brightness?: number | Range
  contrast?: number | Range
  saturation?: number | Range
  /** In shares of the colour wheel, from −0.5 to 0.5. */
  hue?: number | Range
}

const changes = {
  brightness: C.adjustBrightness,
  contrast: C.adjustContrast,
  saturation: C.adjustSaturation,
  hue: C.adjustHue,
} as const

type Change = keyof typeof changes

/** Brightness, contrast, saturation and hue changed at random, in random order. torchvision.transforms.ColorJitter. */
export class ColorJitter extends RandomTransform<readonly (readonly [Change, number])[]> {
  readonly #ranges: readonly (readonly [Change, Range | null])[]

  constructor(readonly options: ColorJitterOptions = {}) {
    super([options])
    this.#ranges = (Object.keys(changes) as Change[]).map((change) => [change, this.#range(change)])
  }

  #range(change: Change): Range | null {
    const value = this.options[change] ?? 0
    const [center, low, high] = change === 'hue' ? [0, -0.5, 0.5] : [1, 0, Infinity]
    if (typeof value === 'number' && !(value >= 0))
      throw new RangeError(`ColorJitter: ${change} as one number must not be negative, got ${value}`)
    const around: Range = typeof value === 'number' ? [center - value, center + value] : value
    const range: Range = change === 'hue' || typeof value !== 'number' ? around : [Math.max(around[0], 0), around[1]]
    assertRange('ColorJitter', change, range)
    if (range[0] < low || range[1] > high)
      throw new RangeError(`ColorJitter: ${change} must lie in [${low}, ${high}], got ${JSON.stringify(range)}`)
    return range[0] === center && range[1] === center ? null : range
  }

  protected draw(): readonly (readonly [Change, number])[] {
    const order = Array.from(randperm(4).toTypedArray(), Number)
    const factors = this.#ranges.map(([, range]) => (range ? uniform(...range) : null))
    return order.flatMap((i) => {
      const factor = factors[i]
      return factor === null ? [] : [[this.#ranges[i][0], factor] as const]
    })
  }

  protected change(image: Tensor, drawn: readonly (readonly [Change, number])[]): Tensor {
    return drawn.reduce((changed, [change, factor]) => changes[change](changed, factor), image)
  }

  override extraRepr(): string {
    return this.#ranges.flatMap(([name, range]) => (range ? [`${name}=[${range.join(', ')}]`] : [])).join(', ')
  }
}

/** Without colour; numOutputChannels 1 (default) or 3. torchvision.transforms.Grayscale. */
export class Grayscale extends Transform {
  constructor(readonly numOutputChannels: 1 | 3 = 1) {
    super([numOutputChannels])
  }

  forward(image: Tensor): Tensor {
    return C.grayscale(image, { numOutputChannels: this.numOutputChannels })
  }
}

/** A fixed change that is made with probability p. */
abstract class Sometimes extends RandomTransform<boolean> {
  constructor(readonly p: number) {
    super([p])
    assertProbability(new.target.name, p)
  }

  protected draw(): boolean {
    return chance(this.p)
  }

  protected abstract changed(image: Tensor): Tensor

  protected change(image: Tensor, wanted: boolean): Tensor {
    return wanted ? this.changed(image) : image
  }

  override extraRepr(): string {
    return `p=${this.p}`
  }
}

/** Without colour with probability p (default 0.1); the number of channels stays. torchvision.transforms.RandomGrayscale. */
export class RandomGrayscale extends Sometimes {
  constructor(p = 0.1) {
    super(p)
  }

  protected changed(image: Tensor): Tensor {
    return C.grayscale(image, { numOutputChannels: dimsOf('RandomGrayscale', image).channels === 3 ? 3 : 1 })
  }
}

/** Each channel stretched to its full range with probability p (default 0.5). torchvision.transforms.RandomAutocontrast. */
export class RandomAutocontrast extends Sometimes {
  constructor(p = 0.5) {
    super(p)
  }

  protected changed(image: Tensor): Tensor {
    return C.autocontrast(image)
  }
}

/** Black and white exchanged with probability p (default 0.5). torchvision.transforms.RandomInvert. */
export class RandomInvert extends Sometimes {
  constructor(p = 0.5) {
    super(p)
  }

  protected changed(image: Tensor): Tensor {
    return C.invert(image)
  }
}

/** Blurred by a kernel of odd size, with a standard deviation drawn from a range (default [0.1, 2]). torchvision.transforms.GaussianBlur. */
export class GaussianBlur extends RandomTransform<number> {
  readonly sigma: Range

  constructor(
    readonly kernelSize: number | Point,
    sigma: number | Range = [0.1, 2],
  ) {
    super([kernelSize, sigma])
    this.sigma = typeof sigma === 'number' ? [sigma, sigma] : assertRange('GaussianBlur', 'sigma', sigma)
    if (!(this.sigma[0] > 0)) throw new RangeError(`GaussianBlur: sigma must be positive, got ${JSON.stringify(sigma)}`)
  }

  protected draw(): number {
    return uniform(...this.sigma)
  }

  protected change(image: Tensor, sigma: number): Tensor {
    return gaussianBlur(image, this.kernelSize, sigma)
  }

  override extraRepr(): string {
    return `kernelSize=${JSON.stringify(this.kernelSize)}, sigma=[${this.sigma.join(', ')}]`
  }
}

/** With normal noise. torchvision.transforms.v2.GaussianNoise. */
export class GaussianNoise extends Transform {
  constructor(readonly options: GaussianNoiseOptions = {}) {
    super([options])
  }

  forward(image: Tensor): Tensor {
    return C.gaussianNoise(image, this.options)
  }
}

/** Settings of `RandomErasing`. */
export interface RandomErasingOptions {
  /** How often. Default 0.5. */
  p?: number
  /** The share of the image's area that is erased. Default [0.02, 0.33]. */
  scale?: Range
  /** Height / width of the rectangle. Default [0.3, 3.3]. */
  ratio?: Range
  /** What is put there: a number, one for each channel, or normal noise. Default 0. */
  value?: number | readonly number[] | 'random'
}

interface Erased {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
  readonly value: number | Tensor
}

/** A rectangle erased with probability p. Zhong et al. 2017; torchvision.transforms.RandomErasing. */
export class RandomErasing extends RandomTransform<Erased | null> {
  readonly p: number
  readonly #scale: Range
  readonly #ratio: Range

  constructor(readonly options: RandomErasingOptions = {}) {
    super([options])
    this.p = options.p ?? 0.5
    assertProbability('RandomErasing', this.p)
    this.#scale = assertRange('RandomErasing', 'scale', options.scale ?? [0.02, 0.33])
    this.#ratio = assertRange('RandomErasing', 'ratio', options.ratio ?? [0.3, 3.3])
    if (this.#scale[0] < 0 || this.#scale[1] > 1)
      throw new RangeError(`RandomErasing: scale must lie in [0, 1], got ${JSON.stringify(this.#scale)}`)
  }

  protected draw(image: Tensor): Erased | null {
    const { channels, height, width } = dimsOf('RandomErasing', image)
    if (!chance(this.p)) return null
    const { value = 0 } = this.options
    if (typeof value === 'object' && value.length !== 1 && value.length !== channels)
      throw new RangeError(`RandomErasing: value has ${value.length} numbers, the image ${channels} channels`)
    for (let attempt = 0; attempt < 10; attempt++) {
      const [h, w] = drawnSides(height * width, this.#scale, this.#ratio, 'height')
      if (h >= height || w >= width) continue
      const fresh =
        value === 'random'
          ? randn(channels, h, w)
          : typeof value === 'number'
            ? value
            : tensor([...value]).view(-1, 1, 1)
      return { top: integer(0, height - h + 1), left: integer(0, width - w + 1), height: h, width: w, value: fresh }
    }
    return null
  }

  protected change(image: Tensor, erased: Erased | null): Tensor {
    return erased ? erase(image, erased.top, erased.left, erased.height, erased.width, erased.value) : image
  }

  override extraRepr(): string {
    return `p=${this.p}`
  }
}

const all = [
  ColorJitter,
  Grayscale,
  RandomGrayscale,
  RandomAutocontrast,
  RandomInvert,
  GaussianBlur,
  GaussianNoise,
  RandomErasing,
]
for (const transform of all) portable(transform, import.meta.url)
