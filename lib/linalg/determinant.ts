/** Determinants, by LU with partial pivoting. */
import { composite, defineOp, type RunOp } from '../ops/define.js'
import { where } from '../ops/index-ops.js'
import { cat, stack } from '../ops/join.js'
import { numel } from '../tensor/shape.js'
import { emptyTensor, type Tensor } from '../tensor/tensor.js'
import { addon } from '../device/addon.js'
import { isGradEnabled } from '../autograd/index.js'
import { assertSquare, batchOf, forEachMatrix, tensorOf } from './batch.js'
import { lu } from './factor.js'
import { identity } from './record.js'
import { inv } from './solve.js'
import { svd } from './spectral.js'

const square = { shape: [3, 3], low: -2, high: 2 }
const squares = { shape: [2, 4, 4], low: -2, high: 2 }

/** Sign (or 0) and ln of the magnitude of each determinant. */
function determinants(x: Tensor): { signs: Float64Array; logs: Float64Array; values: Float64Array } {
  const batch = batchOf(x, 'det')
  const n = batch.rows
  const [signs, logs, values] = [0, 0, 0].map(() => new Float64Array(batch.count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  forEachMatrix(batch, (a, i) => {
    const { compact, exchanges } = lu(a, n, n)
    let value = parity(exchanges)
    let [sign, log] = [value, 0]
    for (let k = 0; k < n; k++) {
      const pivot = compact[k * (n + 1)]
      value *= pivot
      sign *= Math.sign(pivot)
      log += Math.log(Math.abs(pivot))
    }
    // A zero has no sign here.
    signs[i] = sign + 0
    logs[i] = log
    values[i] = value + 0
  })
  return { signs, logs, values }
}

/** 1 for an even number of exchanges, −1 for an odd one. */
const parity = (exchanges: Int32Array): number => exchanges.reduce((sign, at, i) => (at === i + 1 ? sign : -sign), 1)

const perMatrix = (x: Tensor): Tensor => x.unsqueeze(-1).unsqueeze(-1)

/**
 * The matrix of cofactors of singular matrices, which have no inverse: det(U)·det(V) · U diag(∏ of the other σ) Vᵀ for
 * x = U diag(σ) Vᵀ. It carries no gradient.
 */
function cofactorsBySvd(x: Tensor): Tensor {
  const { U: u, S: s, Vh: vh } = svd(x)
  const n = s.shape[s.ndim - 1] as number
  const others = stack(
    Array.from({ length: n }, (_, i) => cat([s.narrow(-1, 0, i), s.narrow(-1, i + 1, n - 1 - i)], -1).prod(-1)),
    -1,
  )
  return perMatrix(det(u).mul(det(vh))).mul(u.mul(others.unsqueeze(-2)).matmul(vh))
}

/** The same by removing rows and columns: many more steps, but polynomials of x, which have gradients everywhere. */
function cofactors(x: Tensor): Tensor {
  const n = x.shape[x.ndim - 1] as number
  const without = (y: Tensor, dim: number, i: number): Tensor =>
    cat([y.narrow(dim, 0, i), y.narrow(dim, i + 1, n - 1 - i)], dim)
  const row = (i: number): Tensor =>
    stack(
      Array.from({ length: n }, (_, j) => det(without(without(x, -2, i), -1, j)).mul((i + j) % 2 ? -1 : 1)),
      -1,
    )
  return stack(
    Array.from({ length: n }, (_, i) => row(i)),
    -2,
  )
}

const detOp: RunOp<{ x: Tensor }, undefined> = defineOp<{ x: Tensor }, 'x' | 'y'>('det', {
  torch: 'torch.linalg.det',
  forward: ({ x }) => tensorOf(determinants(x).values, x.shape.slice(0, -2), x.dtype),
  saves: ['x', 'y'],
  grad: {
    x: (dy, { x, y }) =>
      numel(y.shape) > 0 && y.eq(0).any().item() !== 0
        ? perMatrix(dy).mul(isGradEnabled() ? cofactors(x) : cofactorsBySvd(x))
        : perMatrix(dy.mul(y)).mul(inv(x).mT),
  },
  samples: [{ inputs: [square] }, { inputs: [squares] }, { inputs: [{ shape: [2, 0, 0] }] }],
  call: (x: Tensor) => det(x),
})

/** The determinant of a square matrix or of each in a batch [..., n, n]. torch.linalg.det. */
export function det(x: Tensor): Tensor {
  assertSquare('linalg.det', x)
  return detOp({ x }, undefined)
}

const slogdetOp = defineOp<{ x: Tensor; sign: Tensor }, 'x'>('slogdet', {
  torch: 'lambda x: torch.linalg.slogdet(x).logabsdet',
  forward({ x, sign }) {
    const { signs, logs } = determinants(x)
    addon().copy(sign.handle, tensorOf(signs, sign.shape, 'float64').handle)
    return tensorOf(logs, sign.shape, x.dtype)
  },
  saves: ['x'],
  grad: { x: (dy, { x }) => perMatrix(dy).mul(inv(x).mT) },
  samples: [{ inputs: [square] }, { inputs: [squares] }, { inputs: [{ shape: [0, 0] }] }],
  call: (x: Tensor) => slogdet(x).logabsdet,
})

/**
 * Sign of the determinant (0 for a singular matrix) and ln of its magnitude (−∞ then), which neither over- nor underflow.
 * torch.linalg.slogdet.
 */
export function slogdet(x: Tensor): { sign: Tensor; logabsdet: Tensor } {
  assertSquare('linalg.slogdet', x)
  const sign = emptyTensor(x.dtype, x.shape.slice(0, -2))
  return { sign, logabsdet: slogdetOp({ x, sign }, undefined) }
}

/** ln of the determinant: −∞ for a singular matrix, NaN for a negative determinant. torch.logdet. */
export const logdet = composite(
  'logdet',
  {
    torch: 'lambda x: torch.logdet(x.mT @ x + 0.5 * torch.eye(x.shape[-1], dtype=x.dtype))',
    samples: [{ inputs: [square] }, { inputs: [squares] }],
    call: (x: Tensor) => logdet(x.mT.matmul(x).add(identity(x.shape[x.ndim - 1], x).mul(0.5))),
  },
  (x: Tensor): Tensor => {
    const { sign, logabsdet } = slogdet(x)
    return where(sign.lt(0), NaN, logabsdet)
  },
)
