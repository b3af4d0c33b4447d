/** Norms of matrices, and the functions that choose between those of vectors and of matrices. */
import { readCall, type Defaults } from '../tensor/options.js'
import { composite } from '../ops/define.js'
import { vectorNorm } from '../ops/norms.js'
import { amax, amin, sum, type Dims, type ReduceOptions } from '../ops/reduce.js'
import { ShapeError, show, wrapDim } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { assertMatrix } from './batch.js'
import { svdvals } from './spectral.js'

const matrix = { shape: [3, 4] }
const cube = { shape: [2, 3, 4] }

/** 'fro' (root of squares), 'nuc' (sum of singular values), ±∞ and ±1 (row and column sums), ±2 (extreme singular values). */
export type MatrixOrder = 'fro' | 'nuc' | number

/** Options of matrixNorm and norm. */
export interface NormOptions extends Omit<ReduceOptions, 'dim'> {
  /** The order, unless it was given before. */
  ord?: MatrixOrder | null
  /** The dimension, or the two dimensions of the matrices. */
  dim?: Dims | null
}

const normDefaults = { ord: undefined, dim: undefined, keepdim: false } as const satisfies Defaults<NormOptions>

/**
 * Norm of matrices in two dimensions, by default the last two; ord 'fro' (default), 'nuc', ±∞, ±1 or ±2.
 * torch.linalg.matrix_norm.
 */
export const matrixNorm = composite(
  'matrixNorm',
  {
    torch: 'torch.linalg.matrix_norm',
    samples: [
      { inputs: [cube] },
      ...['nuc', Infinity, -Infinity, 1, -1, 2, -2].map((ord) => ({ inputs: [matrix], args: [ord] })),
      { inputs: [cube], args: ['nuc'], options: { dim: [0, 2], keepdim: true } },
      { inputs: [cube], args: [1], options: { dim: [2, 0] } },
    ],
  },
  (x: Tensor, order?: MatrixOrder | NormOptions, options?: NormOptions): Tensor => {
    const name = 'linalg.matrixNorm'
    const settings = readCall<NormOptions, typeof normDefaults>(name, ['ord'], [order, options], normDefaults)
    const { ord = 'fro', dim = [-2, -1], keepdim } = settings
    assertMatrix(name, x)
    const dims = dim === null || typeof dim === 'number' ? [] : dim.map((d) => wrapDim(name, d, x.ndim))
    if (dims.length !== 2 || dims[0] === dims[1])
      throw new ShapeError(
        `${name}: dim must be two different dimensions of ${show(x.shape)}, got ${JSON.stringify(dim)}`,
      )
    if (ord === 'fro') return vectorNorm(x, 2, dims, { keepdim })
    const last = x.movedim(dims, [-2, -1])
    const y = norms[String(ord)]?.(last)
    if (!y) throw new RangeError(`${name}: ord must be 'fro', 'nuc', ±Infinity, ±1 or ±2, got ${String(ord)}`)
    if (!keepdim) return y
    return [...dims].sort((a, b) => a - b).reduce((z, d) => z.unsqueeze(d), y)
  },
)

/** Of matrices in the last two dimensions. */
const norms: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  nuc: (x) => sum(svdvals(x), -1),
  2: (x) => amax(svdvals(x), -1),
  '-2': (x) => amin(svdvals(x), -1),
  Infinity: (x) => amax(sum(x.abs(), -1), -1),
  '-Infinity': (x) => amin(sum(x.abs(), -1), -1),
  1: (x) => amax(sum(x.abs(), -2), -1),
  '-1': (x) => amin(sum(x.abs(), -2), -1),
}

/**
 * Norm of a vector or a matrix: without ord the 2-norm of all elements or of dim; with ord a matrix norm where dim (or x
 * without dim) has two dimensions, else a vector norm. torch.linalg.norm.
 */
export const linalgNorm = composite(
  'linalgNorm',
  {
    torch: 'torch.linalg.norm',
    samples: [
      { inputs: [cube] },
      { inputs: [matrix], args: [1] },
      { inputs: [{ shape: [4] }], args: [1] },
      { inputs: [cube], args: ['fro'], options: { dim: [0, 1] } },
      { inputs: [cube], args: [3], options: { dim: 1, keepdim: true } },
      { inputs: [cube], args: [null], options: { dim: [0, 1] } },
    ],
  },
  (x: Tensor, order?: MatrixOrder | NormOptions | null, options?: NormOptions): Tensor => {
    const settings = readCall<NormOptions, typeof normDefaults>('linalg.norm', ['ord'], [order, options], normDefaults)
    const { ord = null, dim = null, keepdim } = settings
    if (ord === null) return vectorNorm(x, 2, dim ?? undefined, { keepdim })
    const dims = dim === null ? Array.from({ length: x.ndim }, (_, d) => d) : [dim].flat()
    if (dims.length === 2) return matrixNorm(x, ord, { dim: dims, keepdim })
    if (dims.length !== 1)
      throw new ShapeError(`linalg.norm: with an order, ${show(x.shape)} needs dim: one dimension, or two for matrices`)
    if (typeof ord === 'string')
      throw new RangeError(`linalg.norm: '${ord}' is a norm of matrices; give two dimensions`)
    return vectorNorm(x, ord, dims, { keepdim })
  },
)

/** What norm accepts by name. */
export interface NormCall extends ReduceOptions {
  /** The order, unless it was given before. Default 'fro'. */
  p?: MatrixOrder
}

const normCallDefaults = { p: 'fro', dim: undefined, keepdim: false } as const satisfies Defaults<NormCall>

/**
 * p-norm over one dimension, several, or all elements; p is a number (default 2, which 'fro' means too) or 'nuc', the sum of
 * the singular values of matrices. torch.norm.
 */
export const norm = composite(
  'norm',
  {
    torch: 'torch.norm',
    samples: [
      { inputs: [cube] },
      { inputs: [cube], args: [1] },
      { inputs: [cube], args: [3, [0, 2]] },
      { inputs: [cube], args: ['fro', [1, 2]], options: { keepdim: true } },
      { inputs: [matrix], args: ['nuc'] },
      { inputs: [cube], args: ['nuc', [0, 2]] },
      { inputs: [cube], options: { dim: 1 } },
      { inputs: [cube], args: [3], options: { dim: 0, keepdim: true } },
    ],
  },
  (x: Tensor, order?: MatrixOrder | NormCall, dims?: Dims | NormCall, last?: NormCall): Tensor => {
    const settings = readCall<NormCall, typeof normCallDefaults>(
      'norm',
      ['p', 'dim'],
      [order, dims, last],
      normCallDefaults,
    )
    const { p, dim, keepdim } = settings
    return p === 'nuc'
      ? matrixNorm(x, p, { dim: dim ?? Array.from({ length: x.ndim }, (_, d) => d), keepdim })
      : vectorNorm(x, p === 'fro' ? 2 : p, dim, { keepdim })
  },
)
