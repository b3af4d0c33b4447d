/** Transforms that bring values into a range: by given numbers, or by what is measured on the training data. */
import { portable, remember } from '../../data/portable.js'
import { where } from '../../ops/index-ops.js'
import { tensor } from '../../ops/creation.js'
import { isFloating } from '../../tensor/dtype.js'
import { ShapeError, show } from '../../tensor/shape.js'
import { assertTensor, type Tensor } from '../../tensor/tensor.js'
import { normalize, toTensor, type PerChannel } from './functional-color.js'
import { Transform } from './transform.js'

/** Bytes in [0, 255] as float32 in [0, 1]; floating images stay as they are. torchvision.transforms.ToTensor. */
export class ToTensor extends Transform {
  constructor() {
    super([])
  }

  forward(image: Tensor): Tensor {
    return toTensor(image)
  }
}

/** (image − mean) / std for each channel. torchvision.transforms.Normalize. @example new transforms.Normalize(0.1307, 0.3081) */
export class Normalize extends Transform {
  constructor(
    readonly mean: PerChannel,
    readonly std: PerChannel,
  ) {
    super([mean, std])
  }

  forward(image: Tensor): Tensor {
    return normalize(image, this.mean, this.std)
  }

  override extraRepr(): string {
    return `mean=${String(this.mean)}, std=${String(this.std)}`
  }
}

/** Numbers measured on the training data, one for each feature, and what is done with them. */
abstract class Fitted extends Transform {
  /** @internal One number for each feature, by name; null until `fit`. */
  protected measured: Readonly<Record<string, Tensor>> | null = null

  constructor(readonly settings: Readonly<Record<string, unknown>>) {
    super([settings])
    const names = this.names()
    const given = names.map((name) => settings[name])
    if (given.every((value) => value !== undefined))
      this.measured = Object.fromEntries(names.map((name, i) => [name, asFeatures(given[i] as PerChannel)]))
  }

  /** The names of the numbers. */
  protected abstract names(): readonly string[]

  /** The numbers of a batch [N, …], whose dimensions but the second are reduced. */
  protected abstract measure(batch: Tensor, dims: number[]): Record<string, Tensor>

  /** Values → scaled values. */
  protected abstract scaled(x: Tensor, of: (name: string) => Tensor): Tensor

  /** Scaled values → values. */
  protected abstract unscaled(x: Tensor, of: (name: string) => Tensor): Tensor

  /**
   * Measures the training data: a batch of images [N, C, H, W], one number for each channel, or a table [N, features], one for
   * each column. Returns the transform.
   */
  fit(batch: Tensor): this {
    assertTensor(this.constructor.name, 'the data', batch)
    if (batch.ndim < 2 || batch.size(0) === 0)
      throw new ShapeError(
        `${this.constructor.name}.fit: needs a batch [N, features] or [N, C, H, W] that is not empty, got shape ${show(batch.shape)}`,
      )
    const wide = (isFloating(batch.dtype) ? batch.detach() : batch.float()).double()
    const dims = wide.shape.map((_: number, d: number) => d).filter((d: number) => d !== 1) as number[]
    this.measured = this.measure(wide, dims)
    remember(this, [{ ...this.settings, ...this.measured }])
    return this
  }

  /** What was measured, float64 [features]. @throws before `fit`. */
  protected value(name: string): Tensor {
    const value = this.measured?.[name]
    if (!value)
      throw new Error(
        `${this.constructor.name}: nothing was measured yet; call .fit(trainingData) first, or give ${this.names().join(' and ')}`,
      )
    return value
  }

  /** Scales images [N, C, H, W] or [C, H, W], or rows [N, features] or [features]. */
  forward(x: Tensor): Tensor {
    return this.scaled(isFloating(x.dtype) ? x : x.float(), this.#shapedLike(x))
  }

  /** Takes the scaling back. */
  inverse(x: Tensor): Tensor {
    return this.unscaled(x, this.#shapedLike(x))
  }

  #shapedLike(x: Tensor): (name: string) => Tensor {
    const trailing = x.ndim >= 3 ? [1, 1] : []
    return (name) => {
      const value = this.value(name)
      if (value.size(0) !== 1 && value.size(0) !== x.size(-1 - trailing.length))
        throw new ShapeError(
          `${this.constructor.name}: ${value.size(0)} features were measured, the data of shape ${show(x.shape)} has ${x.size(-1 - trailing.length)}`,
        )
      return value.to(isFloating(x.dtype) ? x.dtype : 'float32').view(-1, ...trailing)
    }
  }
}

function asFeatures(values: PerChannel): Tensor {
  const list = typeof values === 'number' ? [values] : values
  return (
    Array.isArray(list) ? tensor([...(list as readonly number[])], { dtype: 'float64' }) : (list as Tensor)
  ).double()
}

/** Settings of `ZeroMean`. */
export interface ZeroMeanOptions {
  /** Known means, instead of `fit`. */
  mean?: PerChannel
}

/** Each feature with its mean taken away. 《深度学习基础》 4.2. @example const center = new transforms.ZeroMean().fit(train) */
export class ZeroMean extends Fitted {
  constructor(options: ZeroMeanOptions = {}) {
    super({ ...options })
  }

  /** The means that were measured, float64 [features]. */
  get mean(): Tensor {
    return this.value('mean')
  }

  protected names(): readonly string[] {
    return ['mean']
  }

  protected measure(batch: Tensor, dims: number[]): Record<string, Tensor> {
    return { mean: batch.mean(dims) }
  }

  protected scaled(x: Tensor, of: (name: string) => Tensor): Tensor {
    return x.sub(of('mean'))
  }

  protected unscaled(x: Tensor, of: (name: string) => Tensor): Tensor {
    return x.add(of('mean'))
  }
}

/** Settings of `MinMaxScale`. */
export interface MinMaxScaleOptions {
  /** What the smallest value becomes. Default 0. */
  low?: number
  /** What the largest value becomes. Default 1. */
  high?: number
  /** Known smallest values, instead of `fit`. */
  min?: PerChannel
  /** Known largest values, instead of `fit`. */
  max?: PerChannel
}

/**
 * Each feature moved and stretched to [low, high], by default [0, 1]; one that is the same everywhere becomes low.
 * 《深度学习基础》 4.2; sklearn.preprocessing.MinMaxScaler.
 */
export class MinMaxScale extends Fitted {
  readonly low: number
  readonly high: number

  constructor(options: MinMaxScaleOptions = {}) {
    super({ ...options })
    this.low = options.low ?? 0
    this.high = options.high ?? 1
    if (!(this.low < this.high))
      throw new RangeError(`MinMaxScale: low must be below high, got ${this.low} and ${this.high}`)
  }

  /** The smallest values that were measured, float64 [features]. */
  get min(): Tensor {
    return this.value('min')
  }

  /** The largest values that were measured, float64 [features]. */
  get max(): Tensor {
    return this.value('max')
  }

  protected names(): readonly string[] {
    return ['min', 'max']
  }

  protected measure(batch: Tensor, dims: number[]): Record<string, Tensor> {
    return { min: batch.amin(dims), max: batch.amax(dims) }
  }

  #span(of: (name: string) => Tensor): Tensor {
    const span = of('max').sub(of('min'))
    return where(span.eq(0), 1, span)
  }

  protected scaled(x: Tensor, of: (name: string) => Tensor): Tensor {
    return x
      .sub(of('min'))
      .div(this.#span(of))
      .mul(this.high - this.low)
      .add(this.low)
  }

  protected unscaled(x: Tensor, of: (name: string) => Tensor): Tensor {
    return x
      .sub(this.low)
      .div(this.high - this.low)
      .mul(this.#span(of))
      .add(of('min'))
  }
}

/** Settings of `Standardize`. */
export interface StandardizeOptions {
  /** Known means, instead of `fit`. */
  mean?: PerChannel
  /** Known standard deviations, instead of `fit`. */
  std?: PerChannel
}

/**
 * Each feature with mean 0 and standard deviation 1 (of the whole data, divided by N); one that is the same everywhere becomes
 * 0. 《深度学习基础》 4.2; sklearn.preprocessing.StandardScaler.
 */
export class Standardize extends Fitted {
  constructor(options: StandardizeOptions = {}) {
    super({ ...options })
  }

  /** The means that were measured, float64 [features]. */
  get mean(): Tensor {
    return this.value('mean')
  }

  /** The standard deviations that were measured, float64 [features]. */
  get std(): Tensor {
    return this.value('std')
  }

  protected names(): readonly string[] {
    return ['mean', 'std']
  }

  protected measure(batch: Tensor, dims: number[]): Record<string, Tensor> {
    return { mean: batch.mean(dims), std: batch.std(dims, { correction: 0 }) }
  }

  protected scaled(x: Tensor, of: (name: string) => Tensor): Tensor {
    return x.sub(of('mean')).div(this.#divisor(of))
  }

  protected unscaled(x: Tensor, of: (name: string) => Tensor): Tensor {
    return x.mul(this.#divisor(of)).add(of('mean'))
  }

  #divisor(of: (name: string) => Tensor): Tensor {
    const std = of('std')
    return where(std.eq(0), 1, std)
  }
}

for (const transform of [ToTensor, Normalize, ZeroMean, MinMaxScale, Standardize]) portable(transform, import.meta.url)
