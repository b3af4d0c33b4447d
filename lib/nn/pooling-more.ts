/** Unpooling, fractional and stochastic pooling as modules; the mathematics is in lib/ops/pooling. */
import * as ops from '../ops/pooling/index.js'
import type { FractionalMaxPoolOptions, PoolWithIndices, Sizes } from '../ops/pooling/index.js'
import { fractionalMaxPoolDefaults } from '../ops/pooling/fractional.js'
import type { StochasticPoolOptions } from '../ops/pooling/stochastic.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { printed } from './pooling.js'
import { readOptions, checkOptions, type Defaults } from '../tensor/options.js'

/** Settings of `MaxUnpool1d` to `MaxUnpool3d`. */
export interface MaxUnpoolModuleOptions {
  /** Steps between windows. Default: the window's size. */
  stride?: Sizes | null
  /** Border that the pooling had added. Default 0. */
  padding?: Sizes
}

const unpoolDefaults: Defaults<MaxUnpoolModuleOptions> = { stride: null, padding: 0 }

abstract class MaxUnpool extends Module {
  /** @param kernelSize size of the pooling's window. */
  constructor(
    readonly kernelSize: Sizes,
    readonly options: MaxUnpoolModuleOptions = {},
  ) {
    super()
    checkOptions(new.target.name, options, unpoolDefaults)
  }

  override extraRepr(): string {
    const { stride, padding = 0 } = this.options
    return `kernelSize=${printed(this.kernelSize)}, stride=${printed(stride ?? this.kernelSize)}, padding=${printed(padding)}`
  }
}

/** Puts the results of MaxPool1d back where they came from. torch.nn.MaxUnpool1d. */
export class MaxUnpool1d extends MaxUnpool {
  /** @param options.outputSize sizes of the result where several fit. */
  forward(x: Tensor, indices: Tensor, options?: { outputSize?: readonly number[] | null }): Tensor {
    const { outputSize } = readOptions('MaxUnpool1d.forward', options, { outputSize: null })
    return ops.maxUnpool1d(x, indices, this.kernelSize, { ...this.options, outputSize })
  }
}

/** Puts the results of MaxPool2d back where they came from. torch.nn.MaxUnpool2d. */
export class MaxUnpool2d extends MaxUnpool {
  /** @param options.outputSize sizes of the result where several fit. */
  forward(x: Tensor, indices: Tensor, options?: { outputSize?: readonly number[] | null }): Tensor {
    const { outputSize } = readOptions('MaxUnpool2d.forward', options, { outputSize: null })
    return ops.maxUnpool2d(x, indices, this.kernelSize, { ...this.options, outputSize })
  }
}

/** Puts the results of MaxPool3d back where they came from. torch.nn.MaxUnpool3d. */
export class MaxUnpool3d extends MaxUnpool {
  /** @param options.outputSize sizes of the result where several fit. */
  forward(x: Tensor, indices: Tensor, options?: { outputSize?: readonly number[] | null }): Tensor {
    const { outputSize } = readOptions('MaxUnpool3d.forward', options, { outputSize: null })
    return ops.maxUnpool3d(x, indices, this.kernelSize, { ...this.options, outputSize })
  }
}

type Pooled<O extends FractionalMaxPoolOptions> = O extends { returnIndices: true } ? PoolWithIndices : Tensor

abstract class FractionalMaxPool<O extends FractionalMaxPoolOptions> extends Module {
  /**
   * @param kernelSize size of the windows.
   * @param options outputSize or outputRatio is needed.
   */
  constructor(
    readonly kernelSize: Sizes,
    readonly options: O,
  ) {
    super()
    checkOptions(new.target.name, options, fractionalMaxPoolDefaults)
  }

  override extraRepr(): string {
    const { outputSize, outputRatio } = this.options
    return `kernelSize=${printed(this.kernelSize)}, ${outputRatio == null ? `outputSize=${printed(outputSize)}` : `outputRatio=${printed(outputRatio)}`}`
  }
}

/** Largest elements of windows at random places of [N, C, H, W] or [C, H, W]. torch.nn.FractionalMaxPool2d. @example new nn.FractionalMaxPool2d(2, { outputRatio: 0.7 }) */
export class FractionalMaxPool2d<
  O extends FractionalMaxPoolOptions = FractionalMaxPoolOptions & { returnIndices?: false },
> extends FractionalMaxPool<O> {
  forward(x: Tensor): Pooled<O> {
    return ops.fractionalMaxPool2d(x, this.kernelSize, this.options as FractionalMaxPoolOptions) as Pooled<O>
  }
}

/** Largest elements of windows at random places of [N, C, D, H, W] or [C, D, H, W]. torch.nn.FractionalMaxPool3d. */
export class FractionalMaxPool3d<
  O extends FractionalMaxPoolOptions = FractionalMaxPoolOptions & { returnIndices?: false },
> extends FractionalMaxPool<O> {
  forward(x: Tensor): Pooled<O> {
    return ops.fractionalMaxPool3d(x, this.kernelSize, this.options as FractionalMaxPoolOptions) as Pooled<O>
  }
}

type StochasticOptions = Omit<StochasticPoolOptions, 'training'>

const stochasticDefaults: Defaults<StochasticOptions> = { stride: null, ceilMode: false, generator: undefined }

/**
 * Picks one activation of each window with a probability in proportion to its value while training, and takes the mean
 * weighted by those probabilities in evaluation. Zeiler and Fergus 2013; 《深度学习基础》 6. Not in PyTorch.
 */
export class StochasticPool2d extends Module {
  /** @param kernelSize size of the window. */
  constructor(
    readonly kernelSize: Sizes,
    readonly options: StochasticOptions = {},
  ) {
    super()
    checkOptions(new.target.name, options, stochasticDefaults)
  }

  forward(x: Tensor): Tensor {
    return ops.stochasticPool2d(x, this.kernelSize, { ...this.options, training: this.training })
  }

  override extraRepr(): string {
    return `kernelSize=${printed(this.kernelSize)}, stride=${printed(this.options.stride ?? this.kernelSize)}`
  }
}
