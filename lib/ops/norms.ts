/** Norms of vectors, distances, and scaling slices down to a norm. */
import { isFloating } from '../tensor/dtype.js'
import { ShapeError, show, wrapDim } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { composite } from './define.js'
import { amax, amin, euclideanNorm, sum, type Dims, type ReduceOptions } from './reduce.js'
import { readCall, type Defaults, named, type OrNamed } from '../tensor/options.js'

const cube = { shape: [2, 3, 4] }

/** bᵉ with gradient 0 where b is 0 and the slope has no value. */
function safePower(b: Tensor, exponent: number): Tensor {
  const zero = b.detach().eq(0)
  return zero.where(0, zero.where(1, b).pow(exponent))
}

/** What vectorNorm accepts last. */
export interface VectorNormOptions extends ReduceOptions {
  /** The order, unless it was given before. Default 2. */
  ord?: number
}

const vectorNormDefaults = { ord: 2, dim: undefined, keepdim: false } as const satisfies Defaults<VectorNormOptions>

/**
 * p-norm (Σ|x|ᵖ)^(1/p) over one dimension, several, or all. p may be ±Infinity (the largest or smallest magnitude), 0 (how
 * many are not 0) or any other number; default 2. The gradient at 0 is 0. torch.linalg.vector_norm.
 */
export const vectorNorm = composite(
  'vectorNorm',
  {
    torch: 'torch.linalg.vector_norm',
    samples: [
      { inputs: [cube] },
      { inputs: [cube], args: [1] },
      { inputs: [cube], args: [3, [0, 2]], options: { keepdim: true } },
      { inputs: [cube], args: [Infinity, 1] },
      { inputs: [cube], args: [-Infinity, -1] },
      { inputs: [[0, 1.5, -2]], args: [0], skipGradcheck: 'a count jumps' },
      { inputs: [{ shape: [2, 3], low: 0.2, high: 1 }], args: [-1.5] },
      {
        inputs: [
          [
            [0, 0],
            [3, 4],
          ],
        ],
        args: [2, 1],
        skipGradcheck: 'bends at 0',
      },
      {
        inputs: [
          [
            [0, 0],
            [0, 4],
          ],
        ],
        args: [1.5, 1],
        skipGradcheck: 'bends at 0',
      },
      { inputs: [-3] },
      { inputs: [cube], args: [3], options: { dim: 1, keepdim: true } },
      { inputs: [cube], options: { dim: -1 } },
      { inputs: [{ shape: [0, 3] }], args: [2, 0] },
    ],
  },
  (
    x: Tensor,
    order?: number | VectorNormOptions,
    dims?: Dims | VectorNormOptions,
    last?: VectorNormOptions,
  ): Tensor => {
    const {
      ord: p,
      dim,
      keepdim,
    } = readCall<VectorNormOptions, typeof vectorNormDefaults>(
      'vectorNorm',
      ['ord', 'dim'],
      [order, dims, last],
      vectorNormDefaults,
    )
    const options = { keepdim }
    if (!isFloating(x.dtype))
      throw new TypeError(`norm: needs a floating tensor, got ${x.dtype}; convert it with .float() first`)
    if (typeof p !== 'number' || Number.isNaN(p))
      throw new TypeError(`norm: the order p must be a number, got ${String(p)}`)
    if (p === Infinity) return amax(x.abs(), dim, options)
    if (p === -Infinity) return amin(x.abs(), dim, options)
    if (p === 0) return sum(x.sign().abs(), dim, options)
    if (p === 1) return sum(x.abs(), dim, options)
    if (p === 2) return euclideanNorm(x, dim, options)
    const powers = p < 0 ? x.abs().pow(p) : safePower(x.abs(), p)
    return p < 0 ? sum(powers, dim, options).pow(1 / p) : safePower(sum(powers, dim, options), 1 / p)
  },
)

/** ‖x − y‖ₚ over all elements; both broadcast. torch.dist. */
export const dist = composite(
  'dist',
  {
    torch: 'torch.dist',
    samples: [
      { inputs: [cube, { shape: [3, 4] }] },
      { inputs: [cube, cube], args: [1] },
      { inputs: [cube, cube], args: [Infinity] },
    ],
  },
  (x: Tensor, y: Tensor, p?: OrNamed<'p', number>): Tensor => vectorNorm(x.sub(y), named<number>('dist', 'p', p) ?? 2),
)

/** Slices along `dim` whose p-norm exceeds `maxnorm` are scaled down to it. torch.renorm. */
export const renorm = composite(
  'renorm',
  {
    torch: 'torch.renorm',
    samples: [
      { inputs: [{ shape: [3, 4] }], args: [2, 0, 0.8] },
      { inputs: [cube], args: [1, -1, 3] },
    ],
  },
  (x: Tensor, p: number, dim: number, maxnorm: number): Tensor => {
    const d = wrapDim('renorm', dim, x.ndim)
    if (x.ndim < 2) throw new ShapeError(`renorm: needs at least two dimensions, got ${show(x.shape)}`)
    if (!(p > 0)) throw new RangeError(`renorm: p must be positive, got ${p}`)
    if (!(maxnorm >= 0)) throw new RangeError(`renorm: maxnorm must be at least 0, got ${maxnorm}`)
    const others = Array.from({ length: x.ndim }, (_, i) => i).filter((i) => i !== d)
    const length = vectorNorm(x, p, others, { keepdim: true })
    return x.mul(length.gt(maxnorm).where(length.add(1e-7).reciprocal().mul(maxnorm), 1))
  },
)
