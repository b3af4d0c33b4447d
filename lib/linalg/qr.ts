/** QR factors by Householder's reflections, and products of given reflections. */
import { composite } from '../ops/define.js'
import { cat } from '../ops/join.js'
import { matmul } from '../ops/matmul.js'
import { ShapeError, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { assertMatrix, batchOf, forEachMatrix, tensorOf } from './batch.js'
import { qr as factor } from './factor.js'
import { identity, plus, recordOutputs } from './record.js'
import { solveTriangular } from './solve.js'
import { readOptions } from '../tensor/options.js'

/** Which parts qr computes. */
export type QrMode = 'reduced' | 'complete' | 'r'

/** Options of qr. */
export interface QrOptions {
  /** 'reduced' (default): Q [m, k], R [k, n] with k = min(m, n); 'complete': Q [m, m], R [m, n]; 'r': only R [k, n]. */
  mode?: QrMode
}

/** The gradient of X = Q R for X with no more columns than rows; either incoming gradient may be missing. */
function tallGradient(q: Tensor, r: Tensor, dq: Tensor | null, dr: Tensor | null): Tensor {
  const ofR = dr && matmul(r, dr.mT)
  const ofQ = dq && matmul(dq.mT, q).neg()
  const inner = plus(ofR, ofQ) as Tensor
  const both = matmul(q, inner.tril().add(inner.tril(-1).mT))
  return solveTriangular(r.mT, plus(both, dq) as Tensor, { upper: false, left: false })
}

function gradient(q: Tensor, r: Tensor, dq: Tensor | null, dr: Tensor | null): Tensor {
  const [k, n] = r.shape.slice(-2) as [number, number]
  if (n <= k) return tallGradient(q, r, dq, dr)
  // A = [X | Y] with X = Q U and Y = Q V.
  const u = r.narrow(-1, 0, k)
  if (!dr) {
    const left = tallGradient(q, u, dq, null)
    return cat([left, matmul(q, r.narrow(-1, k, n - k)).mul(0)], -1)
  }
  const dv = dr.narrow(-1, k, n - k)
  const y = matmul(q, r.narrow(-1, k, n - k))
  const left = tallGradient(q, u, plus(dq, matmul(y, dv.mT)), dr.narrow(-1, 0, k))
  return cat([left, matmul(q, dv)], -1)
}

/**
 * Q with orthonormal columns and an upper triangular R with A = Q R, for [..., m, n]; signs are LAPACK's. The gradient needs
 * mode 'reduced', or 'complete' with m ≤ n, and independent first columns. torch.linalg.qr.
 */
export function qr(x: Tensor, options?: QrOptions): { Q: Tensor; R: Tensor } {
  const { mode } = readOptions('qr', options, { mode: 'reduced' })
  const name = 'linalg.qr'
  assertMatrix(name, x)
  if (!['reduced', 'complete', 'r'].includes(mode))
    throw new RangeError(`${name}: mode must be 'reduced', 'complete' or 'r', got '${String(mode)}'`)
  const batch = batchOf(x, 'qr')
  const { rows, columns, count } = batch
  const width = mode === 'complete' ? rows : Math.min(rows, columns)
  const [q, r] = [new Float64Array(count * rows * width), new Float64Array(count * width * columns)]
  forEachMatrix(batch, (a, i) => {
    const found = factor(a, rows, columns, width)
    q.set(found.q, i * rows * width)
    r.set(found.r, i * width * columns)
  })
  const lead = x.shape.slice(0, -2) as number[]
  const R = tensorOf(r, [...lead, width, columns], x.dtype)
  if (mode === 'r') {
    recordOutputs('qr', x, [R], () => {
      throw new Error(`${name}: mode 'r' has no gradient, for which Q is needed; use mode 'reduced'`)
    })
    return { Q: tensorOf(new Float64Array(0), [0], x.dtype), R }
  }
  const Q = tensorOf(q, [...lead, rows, width], x.dtype)
  recordOutputs('qr', x, [Q, R], ([dq, dr]) => {
    if (width > columns)
      throw new Error(
        `${name}: mode 'complete' has no gradient for more rows than columns (${rows} × ${columns}); use 'reduced'`,
      )
    return gradient(Q, R, dq, dr)
  })
  return { Q, R }
}

const tall = { shape: [4, 3] }
const parts =
  'lambda x, **o: torch.cat([torch.linalg.qr(x, **o).Q.flatten().cos(), torch.linalg.qr(x, **o).R.flatten()])'

composite(
  'qr',
  {
    torch: parts,
    samples: [
      { inputs: [tall] },
      { inputs: [{ shape: [2, 3, 3] }] },
      { inputs: [{ shape: [2, 4] }] },
      { inputs: [{ shape: [3, 4] }], options: { mode: 'complete' } },
      {
        inputs: [
          [
            [2, 1],
            [0, 3],
          ],
        ],
        skipGradcheck: 'the sign changes with the element below the diagonal',
      },
    ],
    call(x: Tensor, options?: QrOptions) {
      const { Q, R } = qr(x, options)
      return cat([Q.flatten().cos(), R.flatten()])
    },
  },
  qr,
)

/**
 * The product H₁ H₂ … of reflections Hᵢ = 1 − τᵢ vᵢ vᵢᵀ, its first n columns; vᵢ stands below the diagonal of column i (its
 * own element is 1). [..., m, n] and [..., k] with k ≤ n ≤ m. torch.linalg.householder_product.
 */
export const householderProduct = composite(
  'householderProduct',
  {
    torch: 'torch.linalg.householder_product',
    samples: [{ inputs: [tall, { shape: [3] }] }, { inputs: [{ shape: [2, 4, 3] }, { shape: [2, 2] }] }],
  },
  (x: Tensor, tau: Tensor): Tensor => {
    assertMatrix('linalg.householderProduct', x)
    const [m, n] = x.shape.slice(-2) as [number, number]
    const k = tau.shape[tau.ndim - 1] as number
    if (n > m || tau.ndim !== x.ndim - 1 || k > n)
      throw new ShapeError(
        `linalg.householderProduct: needs [..., m, n] with m ≥ n and [..., k] with k ≤ n, got ${show(x.shape)} and ${show(tau.shape)}`,
      )
    const vectors = x.tril(-1).add(identity(m, x).narrow(-1, 0, n))
    let product = identity(m, x).narrow(-1, 0, n)
    for (let i = k - 1; i >= 0; i--) {
      const v = vectors.narrow(-1, i, 1)
      product = product.sub(matmul(v.mul(tau.narrow(-1, i, 1).unsqueeze(-1)), matmul(v.mT, product)))
    }
    return product.expand(x.shape).clone()
  },
)
