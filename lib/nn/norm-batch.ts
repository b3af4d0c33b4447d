/** Batch and instance normalisation: layers that keep running statistics of what they saw. */
import { zeros } from '../ops/creation.js'
import { batchNorm, instanceNorm } from '../ops/norm/index.js'
import { ShapeError, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import type { Parameter } from './parameter.js'
import { assertIntegers, readOptions } from '../tensor/options.js'

/** Settings of batch and instance normalisation. */
export interface RunningNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number
  /** Share of each batch in the running statistics; null counts all batches alike (a cumulative mean). Default 0.1. */
  momentum?: number | null
  /** Whether there are a learned weight and bias. Default true for batches, false for instances. */
  affine?: boolean
  /** Whether statistics are kept for evaluation. Default true for batches, false for instances. */
  trackRunningStats?: boolean
}

/** Parameters and buffers of the family. */
const runningNormDefaults = { eps: 1e-5, momentum: 0.1, affine: true, trackRunningStats: true } as const

abstract class RunningNorm<C extends number> extends Module {
  readonly eps: number
  readonly momentum: number | null
  readonly affine: boolean
  readonly trackRunningStats: boolean
  /** [numFeatures], from 1; or null. */
  readonly weight: Parameter<[C]> | null
  /** [numFeatures], from 0; or null. */
  readonly bias: Parameter<[C]> | null
  /** Mean of each channel so far, from 0; or null. */
  readonly runningMean: Tensor | null
  /** Unbiased variance of each channel so far, from 1; or null. */
  readonly runningVar: Tensor | null
  /** How many batches were seen, int64; or null. */
  readonly numBatchesTracked: Tensor | null

  constructor(
    readonly numFeatures: C,
    options?: RunningNormOptions,
  ) {
    super()
    const { eps, momentum, affine, trackRunningStats } = readOptions(new.target.name, options, runningNormDefaults)
    assertIntegers(this.constructor.name, { numFeatures }, 0)
    this.eps = eps
    this.momentum = momentum
    this.affine = affine
    this.trackRunningStats = trackRunningStats
    this.weight = affine ? this.parameter([numFeatures]) : null
    this.bias = affine ? this.parameter([numFeatures]) : null
    this.runningMean = trackRunningStats ? zeros(numFeatures) : null
    this.runningVar = trackRunningStats ? zeros(numFeatures) : null
    this.numBatchesTracked = trackRunningStats ? zeros([], { dtype: 'int64' }) : null
    for (const name of ['runningMean', 'runningVar', 'numBatchesTracked']) this.registerBuffer(name)
    this.resetParameters()
  }

  /** Forgets the running statistics. */
  resetRunningStats(): void {
    this.runningMean?.fill_(0)
    this.runningVar?.fill_(1)
    this.numBatchesTracked?.fill_(0)
  }

  /** Weight 1, bias 0, no statistics: as the constructor does. */
  resetParameters(): void {
    this.resetRunningStats()
    if (this.weight) init.ones_(this.weight)
    if (this.bias) init.zeros_(this.bias)
  }

  /** Dimensions that forward takes. */
  protected abstract readonly ranks: readonly number[]

  /** @throws ShapeError for a wrong number of dimensions or of channels. */
  protected check(x: Tensor, channel = 1): void {
    if (!this.ranks.includes(x.ndim))
      throw new ShapeError(
        `${this.constructor.name}: expected ${this.ranks.map((n) => `${n}D`).join(' or ')} input, got ${x.ndim}D of shape ${show(x.shape)}`,
      )
    if (x.shape[channel] !== this.numFeatures)
      throw new ShapeError(
        `${this.constructor.name}: input has ${x.shape[channel]} channels, the layer ${this.numFeatures} (input ${show(x.shape)})`,
      )
  }

  override extraRepr(): string {
    const { numFeatures, eps, momentum, affine, trackRunningStats } = this
    return `${numFeatures}, eps=${eps}, momentum=${momentum}, affine=${affine}, trackRunningStats=${trackRunningStats}`
  }
}

abstract class BatchNorm<C extends number> extends RunningNorm<C> {
  /** @param numFeatures number of channels C. */
  constructor(numFeatures: C, options?: RunningNormOptions) {
    super(numFeatures, options)
  }

  forward(x: Tensor): Tensor {
    this.check(x)
    const tracking = this.training && this.trackRunningStats
    if (tracking) this.numBatchesTracked?.add_(1)
    const momentum = this.momentum ?? (tracking && this.numBatchesTracked ? 1 / this.numBatchesTracked.item() : 0)
    const { weight, bias, runningMean, runningVar, eps } = this
    const training = this.training || !this.trackRunningStats
    return batchNorm(x, runningMean, runningVar, { weight, bias, training, momentum, eps })
  }
}

/** Normalises each channel of [N, C] or [N, C, L] over the batch. torch.nn.BatchNorm1d. */
export class BatchNorm1d<C extends number = number> extends BatchNorm<C> {
  protected get ranks(): readonly number[] {
    return [2, 3]
  }
}

/** Normalises each channel of [N, C, H, W] over the batch and all positions. 《深度学习基础》 4; torch.nn.BatchNorm2d. @example new nn.BatchNorm2d(64) */
export class BatchNorm2d<C extends number = number> extends BatchNorm<C> {
  protected get ranks(): readonly number[] {
    return [4]
  }
}

/** Normalises each channel of [N, C, D, H, W] over the batch and all positions. torch.nn.BatchNorm3d. */
export class BatchNorm3d<C extends number = number> extends BatchNorm<C> {
  protected get ranks(): readonly number[] {
    return [5]
  }
}

abstract class InstanceNorm<C extends number> extends RunningNorm<C> {
  /** @param numFeatures number of channels C. */
  constructor(numFeatures: C, options?: RunningNormOptions) {
    super(
      numFeatures,
      readOptions(new.target.name, options, { ...runningNormDefaults, affine: false, trackRunningStats: false }),
    )
  }

  forward(x: Tensor): Tensor {
    const single = x.ndim === this.ranks[0]
    // Without learned parameters the number of channels matters only to running statistics.
    if (this.affine || this.trackRunningStats || !this.ranks.includes(x.ndim)) this.check(x, single ? 0 : 1)
    const { weight, bias, runningMean, runningVar, eps } = this
    const useInputStats = this.training || !this.trackRunningStats
    const momentum = this.momentum ?? 0
    const options = { weight, bias, runningMean, runningVar, useInputStats, momentum, eps }
    return single ? instanceNorm(x.unsqueeze(0), options).squeeze(0) : instanceNorm(x, options)
  }
}

/** Normalises each channel of each sample of [N, C, L] or [C, L]. torch.nn.InstanceNorm1d. */
export class InstanceNorm1d<C extends number = number> extends InstanceNorm<C> {
  protected get ranks(): readonly number[] {
    return [2, 3]
  }
}

/** Normalises each channel of each sample of [N, C, H, W] or [C, H, W]. torch.nn.InstanceNorm2d. */
export class InstanceNorm2d<C extends number = number> extends InstanceNorm<C> {
  protected get ranks(): readonly number[] {
    return [3, 4]
  }
}

/** Normalises each channel of each sample of [N, C, D, H, W] or [C, D, H, W]. torch.nn.InstanceNorm3d. */
export class InstanceNorm3d<C extends number = number> extends InstanceNorm<C> {
  protected get ranks(): readonly number[] {
    return [4, 5]
  }
}
