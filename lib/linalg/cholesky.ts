/** Symmetric positive-definite matrices: Cholesky's factor and what is solved with it. */
import { defineOp, composite, type RunOp } from '../ops/define.js'
import { matmul } from '../ops/matmul.js'
import type { Tensor } from '../tensor/tensor.js'
import { assertMatrix, assertSquare, batchOf, forEachMatrix, tensorOf } from './batch.js'
import { LinAlgError, where } from './error.js'
import { cholesky as factor } from './factor.js'
import { identity } from './record.js'
import { solveTriangular } from './solve.js'
import { readOptions } from '../tensor/options.js'

const square = { shape: [3, 3] }
const squares = { shape: [2, 4, 4] }

/** X ↦ X Xᵀ + 1, on both sides of a golden value: a positive-definite matrix from any. */
const definite = (x: Tensor): Tensor => matmul(x, x.mT).add(identity(x.shape[x.ndim - 1], x))
const torchDefinite = 'x @ x.mT + torch.eye(x.shape[-1], dtype=x.dtype)'

const choleskyOp: RunOp<{ x: Tensor }, undefined> = defineOp<{ x: Tensor }, 'y'>('cholesky', {
  torch: `lambda x, **o: torch.linalg.cholesky(${torchDefinite}, **o)`,
  forward({ x }) {
    const batch = batchOf(x, 'cholesky')
    const n = batch.rows
    const out = new Float64Array(batch.data.length)
    forEachMatrix(batch, (a, i) => {
      const found = factor(a, n)
      if (typeof found === 'number')
        throw new LinAlgError(
          `${where('linalg.cholesky', i, batch.count)}: the matrix is not positive-definite, its leading minor of order ${found} is not positive`,
        )
      out.set(found, i * n * n)
    })
    return tensorOf(out, x.shape, x.dtype)
  },
  saves: ['y'],
  grad: {
    x(dy, { y }) {
      const inner = matmul(y.mT, dy).tril()
      const both = inner.add(inner.tril(-1).mT).mul(0.5)
      const half = solveTriangular(y.mT, both, { upper: true })
      return solveTriangular(y, half, { upper: false, left: false })
    },
  },
  samples: [{ inputs: [square] }, { inputs: [squares], options: { upper: true } }, { inputs: [{ shape: [0, 0] }] }],
  call: (x: Tensor, options?: CholeskyOptions) => cholesky(definite(x), options),
})

/** Options of cholesky and of what uses its factor. */
export interface CholeskyOptions {
  /** The factor is upper triangular: A = Uᵀ U. Default false: A = L Lᵀ. */
  upper?: boolean
}

/**
 * The lower triangular L with A = L Lᵀ, or U with A = Uᵀ U, of a symmetric positive-definite A [..., n, n], of which only
 * that triangle is read. Throws LinAlgError for others. torch.linalg.cholesky.
 */
export function cholesky(x: Tensor, options?: CholeskyOptions): Tensor {
  const { upper } = readOptions('cholesky', options, { upper: false })
  assertSquare('linalg.cholesky', x)
  return upper ? choleskyOp({ x: x.mT }, undefined).mT : choleskyOp({ x }, undefined)
}

/** PyTorch's gradients also cover the triangle that is not read. */
const torchTriangle = "(x.triu() if o.get('upper') else x.tril())"

/** X with A X = B from Cholesky's factor of A (the second argument). torch.cholesky_solve. */
export const choleskySolve = composite(
  'choleskySolve',
  {
    torch: `lambda b, x, **o: torch.cholesky_solve(b, ${torchTriangle}, **o)`,
    samples: [
      { inputs: [{ shape: [3, 2] }, { shape: [3, 3], low: 0.5, high: 2 }] },
      { inputs: [{ shape: [3, 2] }, { shape: [2, 3, 3], low: 0.5, high: 2 }], options: { upper: true } },
    ],
  },
  (b: Tensor, factor: Tensor, options?: CholeskyOptions): Tensor => {
    const { upper } = readOptions('choleskySolve', options, { upper: false })
    assertSquare('choleskySolve', factor, 'the factor')
    assertMatrix('choleskySolve', b, 'the right side')
    const lower = upper ? factor.mT : factor
    return solveTriangular(lower.mT, solveTriangular(lower, b, { upper: false }), { upper: true })
  },
)

/** The inverse of A from its Cholesky factor. torch.cholesky_inverse. */
export const choleskyInverse = composite(
  'choleskyInverse',
  {
    torch: `lambda x, **o: torch.cholesky_inverse(${torchTriangle}, **o)`,
    samples: [
      { inputs: [{ shape: [3, 3], low: 0.5, high: 2 }] },
      { inputs: [{ shape: [2, 3, 3], low: 0.5, high: 2 }], options: { upper: true } },
    ],
  },
  (factor: Tensor, options?: CholeskyOptions): Tensor => {
    assertSquare('choleskyInverse', factor, 'the factor')
    return choleskySolve(identity(factor.shape[factor.ndim - 1], factor), factor, options)
  },
)
