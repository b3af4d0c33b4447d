/** What singular and rectangular matrices have: rank, pseudo-inverse, least squares, condition. */
import { composite, defineOp, type RunOp } from '../ops/define.js'
import { matmul } from '../ops/matmul.js'
import { stack } from '../ops/join.js'
import { ShapeError, show } from '../tensor/shape.js'
import { emptyTensor, filledTensor, type Tensor } from '../tensor/tensor.js'
import { assertMatrix, assertSameType, assertSquare, batchOf, forEachMatrix, tensorOf } from './batch.js'
import { LinAlgError } from './error.js'
import { svd as factor } from './factor.js'
import { matrixNorm, type MatrixOrder } from './norms.js'
import { identity } from './record.js'
import { inv } from './solve.js'
import { svdvals } from './spectral.js'
import { named, readOptions, type OrNamed } from '../tensor/options.js'

/** Singular values that count as 0: at most max(atol, rtol · the largest). */
export interface RankOptions {
  /** Absolute tolerance. Default 0. */
  atol?: number
  /** Relative tolerance. Default max(m, n) · ε of the dtype, or 0 if atol is given. */
  rtol?: number
}

/** The spacing of numbers at 1. */
const epsilon = (x: Tensor): number => (x.dtype === 'float32' ? 2 ** -23 : 2 ** -52)

function tolerances(name: string, x: Tensor, options: RankOptions | undefined): { atol: number; rtol: number } {
  const { atol, rtol } = readOptions(name, options, { atol: 0, rtol: undefined })
  const size = Math.max(...(x.shape.slice(-2) as number[]))
  return { atol, rtol: rtol ?? (atol > 0 ? 0 : size * epsilon(x)) }
}

/** How many singular values are not about 0, int64. No gradient. torch.linalg.matrix_rank. */
export const matrixRank = composite(
  'matrixRank',
  {
    torch: 'torch.linalg.matrix_rank',
    gradient: 'the result is a number of dimensions',
    samples: [
      { inputs: [{ shape: [3, 4] }] },
      {
        inputs: [
          [
            [1, 2],
            [2, 4],
          ],
        ],
      },
      {
        inputs: [
          [
            [1, 0],
            [0, 0.01],
          ],
        ],
        options: { rtol: 0.1 },
      },
      { inputs: [{ shape: [2, 0, 3] }] },
    ],
  },
  (x: Tensor, options?: RankOptions): Tensor => {
    assertMatrix('linalg.matrixRank', x)
    const { atol, rtol } = tolerances('linalg.matrixRank', x, options)
    const s = svdvals(x.detach())
    if (s.shape[s.ndim - 1] === 0) return filledTensor('int64', s.shape.slice(0, -1), 0)
    const limit = s.narrow(-1, 0, 1).mul(rtol).clampMin(atol)
    return s.gt(limit).sum(-1)
  },
)

const pinvOp: RunOp<{ x: Tensor }, { atol: number; rtol: number }> = defineOp<
  { x: Tensor },
  'x' | 'y',
  { atol: number; rtol: number }
>('pinv', {
  torch: 'torch.linalg.pinv',
  forward({ x }, { atol, rtol }) {
    const batch = batchOf(x, 'pinv')
    const { rows, columns } = batch
    const k = Math.min(rows, columns)
    const out = new Float64Array(batch.data.length)
    forEachMatrix(batch, (a, at) => {
      const { u, s, v } = factor(a, rows, columns)
      const limit = Math.max(atol, rtol * (s[0] ?? 0))
      const result = out.subarray(at * a.length, (at + 1) * a.length)
      for (let p = 0; p < k && s[p] > limit; p++)
        for (let i = 0; i < columns; i++) {
          const factor = v[i * k + p] / s[p]
          for (let j = 0; j < rows; j++) result[i * rows + j] += factor * u[j * k + p]
        }
    })
    return tensorOf(out, [...(x.shape.slice(0, -2) as number[]), columns, rows], x.dtype)
  },
  saves: ['x', 'y'],
  grad: {
    // Golub and Pereyra's derivative of a pseudo-inverse of constant rank.
    x(dy, { x, y }) {
      const inner = matmul(matmul(y.mT, dy), y.mT)
      const right = matmul(matmul(y.mT, y), matmul(dy.mT, rest(matmul(y, x))))
      const left = matmul(matmul(rest(matmul(x, y)), dy.mT), matmul(y, y.mT))
      return left.add(right).sub(inner)
    },
  },
  samples: [
    { inputs: [{ shape: [3, 3], low: -2, high: 2 }] },
    { inputs: [{ shape: [2, 4, 3] }] },
    { inputs: [{ shape: [2, 4] }] },
    {
      inputs: [
        [
          [1, 2],
          [2, 4],
        ],
      ],
      skipGradcheck: 'the rank jumps',
    },
  ],
  call: (x: Tensor, options?: RankOptions) => pinv(x, options),
})

/** 1 − P for a square P. */
const rest = (p: Tensor): Tensor => identity(p.shape[p.ndim - 1], p).sub(p)

/**
 * Moore and Penrose's pseudo-inverse [..., n, m] of [..., m, n]; singular values up to the tolerance count as 0.
 * torch.linalg.pinv.
 */
export function pinv(x: Tensor, options?: RankOptions): Tensor {
  assertMatrix('linalg.pinv', x)
  return pinvOp({ x }, tolerances('linalg.pinv', x, options))
}

/** The pseudo-inverse; singular values up to rcond times the largest count as 0. torch.pinverse. */
export function pinverse(x: Tensor, rcond = 1e-15): Tensor {
  return pinv(x, { rtol: rcond })
}

/** Result of lstsq. */
export interface LeastSquares {
  /** X of smallest norm for which ‖A X − B‖ is smallest, [..., n] or [..., n, k]. */
  solution: Tensor
  /** Σ of squares of A X − B in each column, where A has more rows than columns and full rank; else empty. */
  residuals: Tensor
  /** Rank of A, int64. */
  rank: Tensor
  /** Singular values of A. */
  singularValues: Tensor
}

/**
 * Least squares for A [..., m, n] and B [..., m] or [..., m, k], also of deficient rank: what PyTorch's driver 'gelsd' gives.
 * Singular values up to rcond times the largest (default max(m, n) · ε) count as 0. torch.linalg.lstsq.
 */
export function lstsq(a: Tensor, b: Tensor, options?: { rcond?: number }): LeastSquares {
  const { rcond } = readOptions('lstsq', options, { rcond: undefined })
  const name = 'linalg.lstsq'
  assertMatrix(name, a, 'the matrix')
  assertSameType(name, a, b)
  if (b.ndim === a.ndim - 1) {
    const { solution, residuals, ...others } = lstsq(a, b.unsqueeze(-1), { rcond })
    return { solution: solution.squeeze(-1), residuals, ...others }
  }
  const [m, n] = a.shape.slice(-2) as [number, number]
  if (b.ndim !== a.ndim || b.shape[b.ndim - 2] !== m)
    throw new ShapeError(
      `${name}: the right side must have ${m} rows for a matrix of shape ${show(a.shape)}, got ${show(b.shape)}`,
    )
  const solution = matmul(pinv(a, { rtol: rcond }), b)
  const singularValues = svdvals(a.detach())
  const rank = matrixRank(a, { rtol: rcond })
  const full = m > n && rank.eq(n).all().item() !== 0
  const residuals = full ? matmul(a, solution).sub(b).square().sum(-2) : emptyTensor(a.dtype, [0])
  return { solution, residuals, rank, singularValues }
}

composite(
  'lstsq',
  {
    torch: 'lambda a, b: torch.linalg.lstsq(a, b).solution',
    samples: [
      { inputs: [{ shape: [4, 3] }, { shape: [4, 2] }] },
      { inputs: [{ shape: [2, 3, 3], low: -2, high: 2 }, { shape: [2, 3, 1] }] },
      { inputs: [{ shape: [2, 4] }, { shape: [2, 1] }] },
    ],
    call: (a: Tensor, b: Tensor) => lstsq(a, b).solution,
  },
  lstsq,
)

/**
 * How much errors can grow when solving with A: ‖A‖ · ‖A⁻¹‖ in the norm p (null, the default, is 2: the ratio of the extreme
 * singular values). ∞ for a singular matrix. torch.linalg.cond.
 */
export const cond: (x: Tensor, p?: OrNamed<'p', MatrixOrder | null>) => Tensor = composite(
  'cond',
  {
    // PyTorch's own gradient fails where the norm is not 2.
    torch:
      'lambda x, p=None: torch.linalg.cond(x, p) if p in (None, 2, -2) else torch.linalg.cond(x.detach(), p) if torch.linalg.det(x) == 0 else torch.linalg.matrix_norm(x, p) * torch.linalg.matrix_norm(torch.linalg.inv(x), p)',
    samples: [
      { inputs: [{ shape: [3, 3], low: -2, high: 2 }] },
      { inputs: [{ shape: [2, 4, 3] }], args: [-2] },
      { inputs: [{ shape: [3, 3], low: -2, high: 2 }], args: ['fro'] },
      { inputs: [{ shape: [3, 3], low: -2, high: 2 }], args: [1] },
      {
        inputs: [
          [
            [1, 2],
            [2, 4],
          ],
        ],
        args: ['fro'],
        skipGradcheck: 'infinite',
      },
    ],
  },
  (x: Tensor, order?: OrNamed<'p', MatrixOrder | null>): Tensor => {
    assertMatrix('linalg.cond', x)
    const p = named<MatrixOrder | null>('cond', 'p', order) ?? null
    if (p === null || p === 2 || p === -2) {
      const s = svdvals(x)
      const [first, last] = [s.select(-1, 0), s.select(-1, s.shape[s.ndim - 1] - 1)]
      return p === -2 ? last.div(first) : first.div(last)
    }
    assertSquare('linalg.cond', x)
    try {
      return matrixNorm(x, p).mul(matrixNorm(inv(x), p))
    } catch (error) {
      if (!(error instanceof LinAlgError)) throw error
      if (x.ndim === 2) return filledTensor(x.dtype, [], Infinity)
      return stack(x.unbind(0).map((part) => cond(part, p)))
    }
  },
)
