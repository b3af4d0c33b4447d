/** Pooling over windows of one size, as modules; the mathematics is in lib/ops/pooling. */
import * as ops from '../ops/pooling/index.js'
import type { AvgPool2dOptions, AvgPoolOptions, MaxPoolOptions, PoolWithIndices, Sizes } from '../ops/pooling/index.js'
import { avgPool2dDefaults, avgPoolDefaults, lpPoolDefaults } from '../ops/pooling/average.js'
import { maxPoolDefaults } from '../ops/pooling/max.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { checkOptions } from '../tensor/options.js'

/** `3`, or `[2, 3]`: sizes as they are printed. */
export function printed(value: Sizes | null | undefined): string {
  return typeof value === 'object' && value !== null ? show(value) : String(value)
}

/** Options that were given, as `name=value`. */
function listed(options: object): string[] {
  return Object.entries(options as Readonly<Record<string, unknown>>)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${printed(value as Sizes)}`)
}

/** What windows of one size share. */
abstract class Pool<Options extends object> extends Module {
  /** The options of this pooling, with what they are when left out. */
  static readonly defaults: object = {}

  /** @param kernelSize size of the window, one number or one for each dimension. */
  constructor(
    readonly kernelSize: Sizes,
    readonly options: Options = {} as Options,
  ) {
    super()
    checkOptions(new.target.name, options, new.target.defaults)
  }

  override extraRepr(): string {
    return [`kernelSize=${printed(this.kernelSize)}`, ...listed(this.options)].join(', ')
  }
}

/** The module's result: with `returnIndices: true` an object `{ output, indices }`. */
type Pooled<O extends MaxPoolOptions> = O extends { returnIndices: true } ? PoolWithIndices : Tensor

/** Largest element of each window of [N, C, L] or [C, L]. torch.nn.MaxPool1d. */
export class MaxPool1d<O extends MaxPoolOptions = MaxPoolOptions & { returnIndices?: false }> extends Pool<O> {
  static override readonly defaults = maxPoolDefaults

  forward(x: Tensor): Pooled<O> {
    return ops.maxPool1d(x, this.kernelSize, this.options as MaxPoolOptions) as Pooled<O>
  }
}

/** Largest element of each window of [N, C, H, W] or [C, H, W]. 《深度学习基础》 6; torch.nn.MaxPool2d. @example new nn.MaxPool2d(3, { stride: 2, padding: 1 }) */
export class MaxPool2d<O extends MaxPoolOptions = MaxPoolOptions & { returnIndices?: false }> extends Pool<O> {
  static override readonly defaults = maxPoolDefaults

  forward(x: Tensor): Pooled<O> {
    return ops.maxPool2d(x, this.kernelSize, this.options as MaxPoolOptions) as Pooled<O>
  }
}

/** Largest element of each window of [N, C, D, H, W] or [C, D, H, W]. torch.nn.MaxPool3d. */
export class MaxPool3d<O extends MaxPoolOptions = MaxPoolOptions & { returnIndices?: false }> extends Pool<O> {
  static override readonly defaults = maxPoolDefaults

  forward(x: Tensor): Pooled<O> {
    return ops.maxPool3d(x, this.kernelSize, this.options as MaxPoolOptions) as Pooled<O>
  }
}

/** Mean of each window of [N, C, L] or [C, L]. torch.nn.AvgPool1d. */
export class AvgPool1d extends Pool<AvgPoolOptions> {
  static override readonly defaults = avgPoolDefaults

  forward(x: Tensor): Tensor {
    return ops.avgPool1d(x, this.kernelSize, this.options)
  }
}

/** Mean of each window of [N, C, H, W] or [C, H, W]. 《深度学习基础》 6; torch.nn.AvgPool2d. */
export class AvgPool2d extends Pool<AvgPool2dOptions> {
  static override readonly defaults = avgPool2dDefaults

  forward(x: Tensor): Tensor {
    return ops.avgPool2d(x, this.kernelSize, this.options)
  }
}

/** Mean of each window of [N, C, D, H, W] or [C, D, H, W]. torch.nn.AvgPool3d. */
export class AvgPool3d extends Pool<AvgPool2dOptions> {
  static override readonly defaults = avgPool2dDefaults

  forward(x: Tensor): Tensor {
    return ops.avgPool3d(x, this.kernelSize, this.options)
  }
}

/** What p-norm pooling shares. */
abstract class LpPool extends Module {
  /**
   * @param normType the exponent p.
   * @param kernelSize size of the window, one number or one for each dimension.
   */
  constructor(
    readonly normType: number,
    readonly kernelSize: Sizes,
    readonly options: ops.LpPoolOptions = {},
  ) {
    super()
    checkOptions(new.target.name, options, lpPoolDefaults)
  }

  override extraRepr(): string {
    const { normType, kernelSize } = this
    return [`normType=${normType}`, `kernelSize=${printed(kernelSize)}`, ...listed(this.options)].join(', ')
  }
}

/** (Σ xᵖ)^(1/p) of each window of [N, C, L] or [C, L]. torch.nn.LPPool1d. */
export class LPPool1d extends LpPool {
  forward(x: Tensor): Tensor {
    return ops.lpPool1d(x, this.normType, this.kernelSize, this.options)
  }
}

/** (Σ xᵖ)^(1/p) of each window of [N, C, H, W] or [C, H, W]. 《深度学习基础》 6; torch.nn.LPPool2d. */
export class LPPool2d extends LpPool {
  forward(x: Tensor): Tensor {
    return ops.lpPool2d(x, this.normType, this.kernelSize, this.options)
  }
}

/** (Σ xᵖ)^(1/p) of each window of [N, C, D, H, W] or [C, D, H, W]. torch.nn.LPPool3d. */
export class LPPool3d extends LpPool {
  forward(x: Tensor): Tensor {
    return ops.lpPool3d(x, this.normType, this.kernelSize, this.options)
  }
}
