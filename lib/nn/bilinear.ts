/** The layer that takes two inputs. */
import { bilinear } from '../ops/bilinear.js'
import type { Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import type { Parameter } from './parameter.js'
import { assertIntegers, readOptions } from '../tensor/options.js'

/**
 * yₖ = x₁ᵀ Aₖ x₂ + bₖ. Inputs [..., in1Features] and [..., in2Features], output [..., outFeatures]; all start from
 * U(−1/√in1Features, 1/√in1Features). torch.nn.Bilinear.
 */
export class Bilinear extends Module {
  /** [outFeatures, in1Features, in2Features] */
  readonly weight: Parameter
  /** [outFeatures], or null. */
  readonly bias: Parameter | null

  constructor(
    readonly in1Features: number,
    readonly in2Features: number,
    readonly outFeatures: number,
    options?: { bias?: boolean },
  ) {
    super()
    const { bias } = readOptions('Bilinear', options, { bias: true })
    assertIntegers('Bilinear', { in1Features, in2Features, outFeatures }, 1)
    this.weight = this.parameter([outFeatures, in1Features, in2Features])
    this.bias = bias ? this.parameter([outFeatures]) : null
    this.resetParameters()
  }

  /** Draws new weights, as the constructor does. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features)
    for (const parameter of this.parameters()) init.uniform_(parameter, -bound, bound)
  }

  /** @throws ShapeError when features or leading sizes do not agree. */
  forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, this.bias)
  }

  override extraRepr(): string {
    const { in1Features, in2Features, outFeatures, bias } = this
    return `in1Features=${in1Features}, in2Features=${in2Features}, outFeatures=${outFeatures}, bias=${bias !== null}`
  }
}
