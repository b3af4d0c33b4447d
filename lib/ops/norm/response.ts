/** Normalisation by neighbours: of channels (local response) and by the norm along a dimension. */
import { ShapeError, show } from '../../tensor/shape.js'
import { assertFloating, type Tensor } from '../../tensor/tensor.js'
import { composite } from '../define.js'
import { pad } from '../pad.js'
import { avgPool3d } from '../pooling/average.js'
import { vectorNorm } from '../norms.js'
import { readOptions, type Defaults } from '../../tensor/options.js'

/** Settings of `localResponseNorm`. */
export interface LocalResponseNormOptions {
  /** Default 1e-4. */
  alpha?: number
  /** Default 0.75. */
  beta?: number
  /** Default 1. */
  k?: number
}

export const localResponseNormDefaults = {
  alpha: 1e-4,
  beta: 0.75,
  k: 1,
} as const satisfies Defaults<LocalResponseNormOptions>

type LocalResponseNorm = (x: Tensor, size: number, options?: LocalResponseNormOptions) => Tensor

/**
 * x / (k + alpha · mean of x² over `size` neighbouring channels)^beta, for [N, C, …]; beyond the first and the last
 * channel lie zeros. Krizhevsky, Sutskever and Hinton 2012; torch.nn.functional.local_response_norm.
 * @throws ShapeError for less than three dimensions, RangeError unless size is a positive integer.
 */
export const localResponseNorm: LocalResponseNorm = composite(
  'localResponseNorm',
  {
    torch: 'F.local_response_norm',
    samples: [
      { inputs: [{ shape: [2, 5, 4] }], args: [3], options: { alpha: 0.5 } },
      { inputs: [{ shape: [1, 4, 3, 2] }], args: [2], options: { alpha: 1, beta: 0.5, k: 2 } },
      { inputs: [{ shape: [1, 6, 2, 2, 2] }], args: [5] },
      { inputs: [{ shape: [1, 3, 2] }], args: [5], options: { alpha: 1 } },
    ],
  },
  (x: Tensor, size: number, options?: LocalResponseNormOptions): Tensor => {
    const { alpha, beta, k } = readOptions('localResponseNorm', options, localResponseNormDefaults)
    assertFloating('localResponseNorm', x)
    if (x.ndim < 3) throw new ShapeError(`localResponseNorm: the input must be [N, C, L, …], got ${show(x.shape)}`)
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`localResponseNorm: size must be a positive integer, got ${size}`)
    if (x.numel() === 0) return x
    // Channels as the depth of a volume of one row; of an even number of neighbours one more lies before.
    const squares = x.square().reshape([x.shape[0], 1, x.shape[1], 1, -1])
    const padded = pad(squares, [0, 0, 0, 0, Math.floor(size / 2), Math.floor((size - 1) / 2)])
    const mean = avgPool3d(padded, [size, 1, 1], { stride: 1 }).reshape(x.shape)
    return x.div(mean.mul(alpha).add(k).pow(beta))
  },
)

/** Settings of `normalize`. */
export interface NormalizeOptions {
  /** The exponent of the norm. Default 2. */
  p?: number
  /** The dimension along which the norm is taken, or several. Default 1. */
  dim?: number | readonly number[]
  /** Least divisor. Default 1e-12. */
  eps?: number
}

type Normalize = (x: Tensor, options?: NormalizeOptions) => Tensor

/** x / max(‖x‖, eps) along a dimension: vectors of length 1. torch.nn.functional.normalize. */
export const normalize: Normalize = composite(
  'normalize',
  {
    torch: 'F.normalize',
    samples: [
      { inputs: [{ shape: [3, 4] }] },
      { inputs: [{ shape: [2, 3, 4] }], options: { p: 1, dim: -1 } },
      { inputs: [{ shape: [2, 3] }], options: { p: 3, dim: 0, eps: 10 } },
    ],
  },
  (x: Tensor, options?: NormalizeOptions): Tensor => {
    const { p, dim, eps } = readOptions('normalize', options, { p: 2, dim: 1, eps: 1e-12 })
    assertFloating('normalize', x)
    return x.div(vectorNorm(x, p, dim, { keepdim: true }).clamp(eps))
  },
)
