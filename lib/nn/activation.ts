/** Activations made of straight lines, as modules; the mathematics is in lib/ops/activations. */
import {
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  hardtanh_,
  leakyRelu,
  leakyRelu_,
  prelu,
  relu6,
  relu_,
  rrelu,
  softshrink,
  threshold,
  threshold_,
  type HardtanhOptions,
  type RreluOptions,
} from '../ops/activations/index.js'
import { scalar, type Scalar } from '../ops/activations/declare.js'
import { relu } from '../ops/pointwise.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import type { Parameter } from './parameter.js'
import { assertIntegers, readOptions, checkOptions, namedAll } from '../tensor/options.js'

/** Settings of layers that may overwrite their input. */
export interface InplaceOptions {
  /** Overwrite the input instead of making a new tensor. Default false. */
  inplace?: boolean
}

/** A module that may overwrite its input. */
export abstract class InplaceModule extends Module {
  readonly inplace: boolean

  constructor(options?: InplaceOptions) {
    super()
    this.inplace = readOptions(new.target.name, options, { inplace: false }).inplace
  }

  /** Its settings besides `inplace`. */
  protected settings(): string {
    return ''
  }

  override extraRepr(): string {
    return [this.settings(), this.inplace ? 'inplace=true' : ''].filter(Boolean).join(', ')
  }
}

/** max(0, x), elementwise. 《深度学习基础》 3.2; torch.nn.ReLU. */
export class ReLU extends InplaceModule {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return this.inplace ? relu_(x) : relu(x)
  }
}

/** min(max(0, x), 6), elementwise. torch.nn.ReLU6. */
export class ReLU6 extends InplaceModule {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return this.inplace ? hardtanh_(x, { minVal: 0, maxVal: 6 }) : relu6(x)
  }
}

/** x above 0, negativeSlope · x below (default 0.01). 《深度学习基础》 3.2; torch.nn.LeakyReLU. @example new nn.LeakyReLU(0.2) */
export class LeakyReLU extends InplaceModule {
  readonly negativeSlope: number

  constructor(negativeSlope?: number | ({ negativeSlope?: number } & InplaceOptions), options?: InplaceOptions) {
    const [slope = 0.01, inplace] = namedAll<[number, boolean]>(
      new.target.name,
      ['negativeSlope', 'inplace'],
      [negativeSlope, options],
    )
    super({ inplace })
    this.negativeSlope = slope
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return this.inplace ? leakyRelu_(x, this.negativeSlope) : leakyRelu(x, this.negativeSlope)
  }

  protected override settings(): string {
    return `negativeSlope=${this.negativeSlope}`
  }
}

/**
 * x above 0, weight · x below, with a learned weight: one for all, or one for each channel (dimension 1). 《深度学习基础》 3.2;
 * torch.nn.PReLU. @example new nn.PReLU(16)
 */
export class PReLU extends Module {
  /** [numParameters] */
  readonly weight: Parameter<[number]>
  readonly numParameters: number
  /** The first value of all weights. */
  readonly init: number

  /** @param count number of weights, 1 or that of the channels (default 1), and the first value of all (default 0.25). */
  constructor(count?: number | { numParameters?: number; init?: number }, options?: { init?: number }) {
    super()
    const [numParameters = 1, first = 0.25] = namedAll<[number, number]>(
      new.target.name,
      ['numParameters', 'init'],
      [count, options],
    )
    assertIntegers('PReLU', { numParameters }, 1)
    this.numParameters = numParameters
    this.init = first
    this.weight = this.parameter([numParameters])
    this.resetParameters()
  }

  /** Sets all weights to their first value. */
  resetParameters(): void {
    init.constant_(this.weight, this.init)
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return prelu(x, this.weight)
  }

  override extraRepr(): string {
    return `numParameters=${this.numParameters}`
  }
}

/** Leaky ReLU with slopes drawn from U(lower, upper) while training, their mean in evaluation. torch.nn.RReLU. */
export class RReLU extends Module {
  private readonly settings: Omit<RreluOptions, 'training'>

  /** @param options lower (default 1/8), upper (default 1/3), generator. */
  constructor(options: Omit<RreluOptions, 'training'> = {}) {
    super()
    checkOptions('RReLU', options, { lower: 1 / 8, upper: 1 / 3, generator: undefined })
    this.settings = options
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return rrelu(x, { ...this.settings, training: this.training })
  }

  override extraRepr(): string {
    const { lower = 1 / 8, upper = 1 / 3 } = this.settings
    return `lower=${lower}, upper=${upper}`
  }
}

/** x clipped to [minVal, maxVal], by default [−1, 1]. torch.nn.Hardtanh. */
export class Hardtanh extends InplaceModule {
  readonly minVal: number
  readonly maxVal: number

  /** @throws RangeError unless minVal < maxVal. */
  constructor(options?: HardtanhOptions & InplaceOptions) {
    const { minVal, maxVal, inplace } = readOptions(new.target.name, options, { minVal: -1, maxVal: 1, inplace: false })
    super({ inplace })
    if (!(minVal < maxVal))
      throw new RangeError(`Hardtanh: maxVal must be larger than minVal, got ${maxVal} and ${minVal}`)
    this.minVal = minVal
    this.maxVal = maxVal
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    const { minVal, maxVal } = this
    return this.inplace ? hardtanh_(x, minVal, maxVal) : hardtanh(x, minVal, maxVal)
  }

  protected override settings(): string {
    return `minVal=${this.minVal}, maxVal=${this.maxVal}`
  }
}

/** min(max(0, x + 3), 6) / 6, elementwise. torch.nn.Hardsigmoid. */
export class Hardsigmoid extends InplaceModule {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return this.inplace ? hardsigmoid.inPlace(x) : hardsigmoid(x)
  }
}

/** x · min(max(0, x + 3), 6) / 6, elementwise. torch.nn.Hardswish. */
export class Hardswish extends InplaceModule {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return this.inplace ? hardswish.inPlace(x) : hardswish(x)
  }
}

/** x above `threshold`, else `value`. torch.nn.Threshold. @example new nn.Threshold(0.1, 20) */
export class Threshold extends InplaceModule {
  constructor(
    readonly threshold: number,
    readonly value: number,
    options?: InplaceOptions,
  ) {
    super(options)
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return this.inplace ? threshold_(x, this.threshold, this.value) : threshold(x, this.threshold, this.value)
  }

  protected override settings(): string {
    return `threshold=${this.threshold}, value=${this.value}`
  }
}

/** x moved towards 0 by lambd (default 0.5), and 0 within. torch.nn.Softshrink. */
export class Softshrink extends Module {
  readonly lambd: number

  constructor(options?: Scalar<'lambd'>) {
    super()
    this.lambd = scalar(new.target.name, options, 'lambd', 0.5)
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return softshrink(x, this.lambd)
  }

  override extraRepr(): string {
    return `lambd=${this.lambd}`
  }
}

/** x outside of [−lambd, lambd] (default 0.5), 0 within. torch.nn.Hardshrink. */
export class Hardshrink extends Module {
  readonly lambd: number

  constructor(options?: Scalar<'lambd'>) {
    super()
    this.lambd = scalar(new.target.name, options, 'lambd', 0.5)
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return hardshrink(x, this.lambd)
  }

  override extraRepr(): string {
    return `lambd=${this.lambd}`
  }
}
