/** Fully connected layers. */
import { assertIntegers, namedAll, readOptions } from '../tensor/options.js'
import { linear } from '../ops/matmul.js'
import type { FlattenOptions } from '../ops/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import type { Parameter } from './parameter.js'

/**
 * y = x Wᵀ + b. Input [..., inFeatures], output [..., outFeatures]. Weight and bias start from
 * U(−1/√inFeatures, 1/√inFeatures). torch.nn.Linear; 《深度学习基础》 3.3.
 */
export class Linear<I extends number = number, O extends number = number> extends Module {
  /** [outFeatures, inFeatures] */
  readonly weight: Parameter<[O, I]>
  /** [outFeatures], or null. */
  readonly bias: Parameter<[O]> | null

  /** @param options.bias whether to add a learned b; default true. */
  constructor(
    readonly inFeatures: I,
    readonly outFeatures: O,
    options?: { bias?: boolean },
  ) {
    super()
    const { bias } = readOptions('Linear', options, { bias: true })
    assertIntegers('Linear', { inFeatures, outFeatures }, 0)
    this.weight = this.parameter([outFeatures, inFeatures])
    this.bias = bias ? this.parameter([outFeatures]) : null
    this.resetParameters()
  }

  /** Draws new weights, as the constructor does. */
  resetParameters(): void {
    init.kaimingUniform_(this.weight, { a: Math.sqrt(5) })
    const bound = this.inFeatures > 0 ? 1 / Math.sqrt(this.inFeatures) : 0
    if (this.bias) init.uniform_(this.bias, -bound, bound)
  }

  /** @throws ShapeError when the last size of x is not inFeatures. */
  forward<H extends number[]>(x: Tensor<[...H, I]>): Tensor<[...H, O]> {
    return linear(x, this.weight, this.bias) as Tensor<[...H, O]>
  }

  override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`
  }
}

/** Passes its input through. torch.nn.Identity. */
export class Identity extends Module {
  forward<T extends Tensor>(x: T): T {
    return x
  }
}

/** Makes dimensions startDim … endDim one; by default all but the batch. torch.nn.Flatten. */
export class Flatten extends Module {
  readonly startDim: number
  readonly endDim: number

  /** @param start startDim (default 1), then endDim (default −1), or both by name. */
  constructor(start?: number | FlattenOptions, end?: number | FlattenOptions) {
    super()
    const [startDim = 1, endDim = -1] = namedAll<[number, number]>('Flatten', ['startDim', 'endDim'], [start, end])
    this.startDim = startDim
    this.endDim = endDim
  }

  forward(x: Tensor): Tensor {
    return x.flatten(this.startDim, this.endDim)
  }

  override extraRepr(): string {
    return `startDim=${this.startDim}, endDim=${this.endDim}`
  }
}
