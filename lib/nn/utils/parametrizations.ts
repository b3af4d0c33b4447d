/** Ready-made formulas for weights (torch.nn.utils.parametrizations): with a length of their own, or of spectral norm 1. */
import { noGrad } from '../../autograd/index.js'
import { dot, matmul } from '../../ops/matmul.js'
import { normalize } from '../../ops/norm/index.js'
import { vectorNorm } from '../../ops/norms.js'
import { randn } from '../../ops/random.js'
import { movedim } from '../../ops/arrange.js'
import { reshape } from '../../ops/shape.js'
import { assertIntegers, readOptions } from '../../tensor/options.js'
import { wrapDim } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { Module } from '../module.js'
import { registerParametrization } from './parametrize.js'

export { orthogonal, type OrthogonalMap, type OrthogonalOptions } from './orthogonal.js'

/** weight = g · v / ‖v‖, from g (original0) and v (original1). */
class WeightNorm extends Module {
  constructor(readonly dim: number | null) {
    super()
  }

  forward(g: Tensor, v: Tensor): Tensor {
    return v.mul(g.div(this.lengths(v)))
  }

  rightInverse(weight: Tensor): Tensor[] {
    return [this.lengths(weight).clone(), weight.clone()]
  }

  private lengths(v: Tensor): Tensor {
    if (this.dim === null) return vectorNorm(v)
    const others = v.shape.map((_: number, d: number) => d).filter((d: number) => d !== this.dim) as number[]
    return others.length > 0 ? vectorNorm(v, 2, others, { keepdim: true }) : v.abs()
  }
}

/** Settings of `weightNorm`. */
export interface WeightNormOptions {
  /** Which parameter. Default 'weight'. */
  name?: string
  /** The dimension whose slices each have a length of their own; null for one length of all. Default 0. */
  dim?: number | null
}

function weightOf(caller: string, module: Module, name: string): Tensor {
  const weight: unknown = Reflect.get(module, name)
  if (weight === undefined || weight === null)
    throw new RangeError(`${caller}: ${module.constructor.name} has no parameter '${name}'`)
  return weight as Tensor
}

/**
 * Learns the length and the direction of a weight apart: parametrizations.weight.original0 and original1. Returns the
 * module. Salimans & Kingma 2016; torch.nn.utils.parametrizations.weight_norm.
 */
export function weightNorm<M extends Module>(module: M, options?: WeightNormOptions): M {
  const { name, dim } = readOptions('weightNorm', options, { name: 'weight', dim: 0 })
  const { ndim } = weightOf('weightNorm', module, name)
  const along = dim === null || dim === -1 ? null : wrapDim('weightNorm', dim, ndim)
  return registerParametrization(module, name, new WeightNorm(along), { unsafe: true })
}

/** Settings of `spectralNorm`. */
export interface SpectralNormOptions {
  /** Which parameter. Default 'weight'. */
  name?: string
  /** Steps towards the largest singular value whenever the weight is read in training. Default 1. */
  nPowerIterations?: number
  /** Smallest length to divide by. Default 1e-12. */
  eps?: number
  /** The dimension that becomes the rows of the matrix. Default 0 (1 for transposed convolutions). */
  dim?: number
}

/** A weight divided by its largest singular value, which power iteration follows from step to step. */
class SpectralNorm extends Module {
  readonly _u: Tensor | null = null
  readonly _v: Tensor | null = null

  constructor(
    weight: Tensor,
    readonly nPowerIterations: number,
    readonly dim: number,
    readonly eps: number,
  ) {
    super()
    if (weight.ndim < 2) return
    noGrad(() => {
      const matrix = this.matrixOf(weight)
      const unit = (size: number): Tensor => normalize(randn([size], { dtype: weight.dtype }), { dim: 0, eps })
      this.registerBuffer('_u', unit(matrix.shape[0]))
      this.registerBuffer('_v', unit(matrix.shape[1]))
      this.iterate(matrix, 15)
    })
  }

  forward(weight: Tensor): Tensor {
    if (this._u === null || this._v === null) return normalize(weight, { dim: 0, eps: this.eps })
    const matrix = this.matrixOf(weight)
    if (this.training) noGrad(() => this.iterate(matrix, this.nPowerIterations))
    // Copies: the next reading changes the buffers, this graph needs them as they are.
    return weight.div(dot(this._u.clone(), matmul(matrix, this._v.clone())))
  }

  rightInverse(value: Tensor): Tensor {
    return value
  }

  private matrixOf(weight: Tensor): Tensor {
    const first = this.dim === 0 ? weight : movedim(weight, this.dim, 0)
    return reshape(first, [first.shape[0], -1])
  }

  private iterate(matrix: Tensor, times: number): void {
    const unit = { dim: 0, eps: this.eps }
    for (let i = 0; i < times; i++) {
      this._u?.copy_(normalize(matmul(matrix, this._v as Tensor), unit))
      this._v?.copy_(normalize(matmul(matrix.t(), this._u as Tensor), unit))
    }
  }
}

/**
 * Divides a weight by its largest singular value: the layer stretches no vector. Returns the module. Miyato et al. 2018;
 * torch.nn.utils.parametrizations.spectral_norm.
 */
export function spectralNorm<M extends Module>(module: M, options?: SpectralNormOptions): M {
  const settings = readOptions('spectralNorm', options, {
    name: 'weight',
    nPowerIterations: 1,
    eps: 1e-12,
    dim: undefined,
  })
  const { name, nPowerIterations, eps } = settings
  assertIntegers('spectralNorm', { nPowerIterations }, 1)
  const weight = weightOf('spectralNorm', module, name)
  const usual = /^ConvTranspose/.test(module.constructor.name) ? 1 : 0
  const dim = wrapDim('spectralNorm', settings.dim ?? usual, weight.ndim)
  return registerParametrization(module, name, new SpectralNorm(weight, nPowerIterations, dim, eps))
}
