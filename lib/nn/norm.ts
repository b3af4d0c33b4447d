/** Normalisation without running statistics, as modules; the mathematics is in lib/ops/norm. */
import {
  groupNorm,
  layerNorm,
  localResponseNorm,
  rmsNorm,
  type LocalResponseNormOptions,
  type NormalizedShape,
} from '../ops/norm/index.js'
import { stack } from '../ops/join.js'
import { ShapeError, show, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import type { Parameter } from './parameter.js'
import { localResponseNormDefaults } from '../ops/norm/response.js'
import { assertIntegers, assertList, readOptions, checkOptions } from '../tensor/options.js'

/** Settings of `LayerNorm`. */
export interface LayerNormModuleOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number
  /** Whether there is a learned weight, from 1, of the normalised shape. Default true. */
  elementwiseAffine?: boolean
  /** Whether there is a learned bias, from 0, with the weight. Default true. */
  bias?: boolean
}

function sizesOf(name: string, shape: NormalizedShape): Shape {
  if (typeof shape === 'number') return [shape]
  assertList(name, 'normalizedShape', shape)
  return [...shape]
}

/** Normalises the last dimensions, of sizes `normalizedShape`, of every sample. torch.nn.LayerNorm. @example new nn.LayerNorm(512) */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape
  readonly eps: number
  readonly elementwiseAffine: boolean
  readonly weight: Parameter | null
  readonly bias: Parameter | null

  constructor(normalizedShape: NormalizedShape, options?: LayerNormModuleOptions) {
    super()
    const { eps, elementwiseAffine, bias } = readOptions('LayerNorm', options, {
      eps: 1e-5,
      elementwiseAffine: true,
      bias: true,
    })
    this.normalizedShape = sizesOf(new.target.name, normalizedShape)
    this.eps = eps
    this.elementwiseAffine = elementwiseAffine
    this.weight = elementwiseAffine ? this.parameter([...this.normalizedShape]) : null
    this.bias = elementwiseAffine && bias ? this.parameter([...this.normalizedShape]) : null
    this.resetParameters()
  }

  /** Weight 1, bias 0. */
  resetParameters(): void {
    if (this.weight) init.ones_(this.weight)
    if (this.bias) init.zeros_(this.bias)
  }

  /** @throws ShapeError when x does not end in the normalised shape. */
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    const { weight, bias, eps } = this
    return layerNorm(x, this.normalizedShape, { weight, bias, eps }) as Tensor<S>
  }

  override extraRepr(): string {
    return `${show(this.normalizedShape)}, eps=${this.eps}, elementwiseAffine=${this.elementwiseAffine}, bias=${this.bias !== null}`
  }
}

/** Divides by the root of the mean square over the last dimensions. torch.nn.RMSNorm. */
export class RMSNorm extends Module {
  readonly normalizedShape: Shape
  readonly eps: number | null
  readonly elementwiseAffine: boolean
  readonly weight: Parameter | null

  /** @param options.eps default null: the smallest step from 1 of the input's dtype. */
  constructor(normalizedShape: NormalizedShape, options?: { eps?: number | null; elementwiseAffine?: boolean }) {
    super()
    const { eps, elementwiseAffine } = readOptions('RMSNorm', options, { eps: null, elementwiseAffine: true })
    this.normalizedShape = sizesOf(new.target.name, normalizedShape)
    this.eps = eps
    this.elementwiseAffine = elementwiseAffine
    this.weight = elementwiseAffine ? this.parameter([...this.normalizedShape]) : null
    this.resetParameters()
  }

  /** Weight 1. */
  resetParameters(): void {
    if (this.weight) init.ones_(this.weight)
  }

  /** @throws ShapeError when x does not end in the normalised shape. */
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return rmsNorm(x, this.normalizedShape, { weight: this.weight, eps: this.eps }) as Tensor<S>
  }

  override extraRepr(): string {
    return `${show(this.normalizedShape)}, eps=${this.eps}, elementwiseAffine=${this.elementwiseAffine}`
  }
}

/** Normalises groups of channels of each sample of [N, C] or [N, C, …]. torch.nn.GroupNorm. */
export class GroupNorm extends Module {
  readonly eps: number
  readonly affine: boolean
  readonly weight: Parameter | null
  readonly bias: Parameter | null

  /**
   * @param options.affine whether there are a learned weight, from 1, and bias, from 0, of each channel. Default true.
   * @throws RangeError unless the groups divide the channels.
   */
  constructor(
    readonly numGroups: number,
    readonly numChannels: number,
    options?: { eps?: number; affine?: boolean },
  ) {
    super()
    const { eps, affine } = readOptions('GroupNorm', options, { eps: 1e-5, affine: true })
    if (!Number.isInteger(numGroups) || numGroups < 1 || !(numChannels % numGroups === 0))
      throw new RangeError(`GroupNorm: ${numChannels} channels cannot be divided into ${numGroups} groups of one size`)
    this.eps = eps
    this.affine = affine
    this.weight = affine ? this.parameter([numChannels]) : null
    this.bias = affine ? this.parameter([numChannels]) : null
    this.resetParameters()
  }

  /** Weight 1, bias 0. */
  resetParameters(): void {
    if (this.weight) init.ones_(this.weight)
    if (this.bias) init.zeros_(this.bias)
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    const { weight, bias, eps } = this
    return groupNorm(x, this.numGroups, { weight, bias, eps }) as Tensor<S>
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${this.eps}, affine=${this.affine}`
  }
}

/** Divides by the squares of `size` neighbouring channels. torch.nn.LocalResponseNorm. */
export class LocalResponseNorm extends Module {
  constructor(
    readonly size: number,
    readonly options: LocalResponseNormOptions = {},
  ) {
    super()
    checkOptions('LocalResponseNorm', options, localResponseNormDefaults)
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return localResponseNorm(x, this.size, this.options) as Tensor<S>
  }

  override extraRepr(): string {
    const { alpha = 1e-4, beta = 0.75, k = 1 } = this.options
    return `${this.size}, alpha=${alpha}, beta=${beta}, k=${k}`
  }
}

/**
 * The older form of LocalResponseNorm for images [N, C, H, W]: x / (k + alpha/size · Σ x²)^beta over the channels up to
 * ⌈size/2⌉ − 1 before and behind, and, as in PyTorch, the first channel as well from channel ⌈size/2⌉ on.
 * torch.nn.CrossMapLRN2d.
 */
export class CrossMapLRN2d extends Module {
  readonly alpha: number
  readonly beta: number
  readonly k: number

  /** @throws RangeError unless size is a positive integer. */
  constructor(
    readonly size: number,
    options?: LocalResponseNormOptions,
  ) {
    super()
    const { alpha, beta, k } = readOptions('CrossMapLRN2d', options, localResponseNormDefaults)
    assertIntegers('CrossMapLRN2d', { size }, 1)
    this.alpha = alpha
    this.beta = beta
    this.k = k
  }

  /** @throws ShapeError unless x has four dimensions. */
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    if (x.ndim !== 4) throw new ShapeError(`CrossMapLRN2d: expected images [N, C, H, W], got ${show(x.shape)}`)
    const reach = Math.ceil(this.size / 2)
    const channels: number = x.shape[1]
    const squares = x.square()
    const sums = Array.from({ length: channels }, (_, c) => {
      const first = Math.max(0, c - reach + 1)
      const near = squares.narrow(1, first, Math.min(channels, c + reach) - first).sum(1)
      return c >= reach ? near.add(squares.select(1, 0)) : near
    })
    return x.div(
      stack(sums, 1)
        .mul(this.alpha / this.size)
        .add(this.k)
        .pow(this.beta),
    ) as Tensor<S>
  }

  override extraRepr(): string {
    return `${this.size}, alpha=${this.alpha}, beta=${this.beta}, k=${this.k}`
  }
}
