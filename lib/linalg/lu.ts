/** LU factors with partial pivoting, in LAPACK's compact form and taken apart. */
import { addon } from '../device/addon.js'
import { defineOp, composite, type RunOp } from '../ops/define.js'
import { cat } from '../ops/join.js'
import { matmul } from '../ops/matmul.js'
import { ShapeError, show } from '../tensor/shape.js'
import { emptyTensor, type Tensor } from '../tensor/tensor.js'
import { assertMatrix, assertSquare, batchOf, forEachMatrix, tensorOf } from './batch.js'
import { lu as factor, orderOf } from './factor.js'
import { identity } from './record.js'
import { solveTriangular, type SolveOptions } from './solve.js'
import { readOptions } from '../tensor/options.js'

const square = { shape: [3, 3], low: -2, high: 2 }

/** The permutation matrices P of A = P L U. */
function permutation(pivots: Tensor, rows: number, like: Tensor): Tensor {
  const k = pivots.shape[pivots.ndim - 1] as number
  const all = Array.from(pivots.toTypedArray(), Number)
  const count = k === 0 ? pivots.shape.slice(0, -1).reduce((a: number, b: number) => a * b, 1) : all.length / k
  const out = new Float64Array(count * rows * rows)
  for (let i = 0; i < count; i++)
    orderOf(all.slice(i * k, (i + 1) * k), rows).forEach((from, to) => (out[(i * rows + from) * rows + to] = 1))
  return tensorOf(out, [...pivots.shape.slice(0, -1), rows, rows], like.dtype)
}

const luOp: RunOp<{ x: Tensor; pivots: Tensor }, undefined> = defineOp<{ x: Tensor; pivots: Tensor }, 'pivots' | 'y'>(
  'luFactor',
  {
    torch: 'lambda x: torch.linalg.lu_factor(x)[0]',
    forward({ x, pivots }) {
      const batch = batchOf(x, 'luFactor')
      const k = Math.min(batch.rows, batch.columns)
      const out = new Float64Array(batch.data.length)
      const exchanges = new Int32Array(batch.count * k)
      forEachMatrix(batch, (a, i) => {
        const found = factor(a, batch.rows, batch.columns)
        out.set(found.compact, i * a.length)
        exchanges.set(found.exchanges, i * k)
      })
      if (exchanges.length > 0) addon().write(pivots.handle, exchanges)
      return tensorOf(out, x.shape, x.dtype)
    },
    saves: ['pivots', 'y'],
    grad: {
      x(dy, { pivots, y }) {
        const [rows, columns] = y.shape.slice(-2) as [number, number]
        const k = Math.min(rows, columns)
        const square = y.narrow(-1, 0, k).narrow(-2, 0, k)
        const [lower, upper] = [square.tril(-1).add(identity(k, y)), square.triu()]
        // What lies below or to the right of the square part follows from it: L₂ = A₂ U⁻¹, U₂ = L⁻¹ A₂.
        const byUpper = (g: Tensor): Tensor => solveTriangular(upper.mT, g, { upper: false, left: false })
        const byLower = (g: Tensor): Tensor => solveTriangular(lower.mT, g, { upper: true, unitriangular: true })
        const slope = dy.narrow(-1, 0, k).narrow(-2, 0, k)
        let [ofLower, ofUpper] = [slope.tril(-1), slope.triu()]
        const rest: { side?: Tensor; dim: number } = { dim: rows > k ? -2 : -1 }
        if (rows > k) {
          rest.side = byUpper(dy.narrow(-2, k, rows - k))
          ofUpper = ofUpper.sub(matmul(y.narrow(-2, k, rows - k).mT, rest.side))
        } else if (columns > k) {
          rest.side = byLower(dy.narrow(-1, k, columns - k))
          ofLower = ofLower.sub(matmul(rest.side, y.narrow(-1, k, columns - k).mT))
        }
        const inner = matmul(lower.mT, ofLower).tril(-1).add(matmul(ofUpper, upper.mT).triu())
        const main = byUpper(byLower(inner))
        return matmul(permutation(pivots, rows, y), rest.side ? cat([main, rest.side], rest.dim) : main)
      },
    },
    samples: [
      { inputs: [square] },
      { inputs: [{ shape: [2, 4, 4], low: -2, high: 2 }] },
      { inputs: [{ shape: [4, 2] }] },
      { inputs: [{ shape: [2, 4] }] },
    ],
    call: (x: Tensor) => luFactor(x).LU,
  },
)

/**
 * L (below the diagonal; its own is 1) and U in one matrix, and the row exchanges counted from 1 (int32): A = P L U.
 * torch.linalg.lu_factor.
 */
export function luFactor(x: Tensor): { LU: Tensor; pivots: Tensor } {
  assertMatrix('linalg.luFactor', x)
  const k = Math.min(...(x.shape.slice(-2) as number[]))
  const pivots = emptyTensor('int32', [...x.shape.slice(0, -2), k])
  return { LU: luOp({ x, pivots }, undefined), pivots }
}

/** A permutation P, a lower L with ones on its diagonal and an upper U with A = P L U. torch.linalg.lu. */
export function lu(x: Tensor): { P: Tensor; L: Tensor; U: Tensor } {
  const { LU, pivots } = luFactor(x)
  const [rows, columns] = x.shape.slice(-2) as [number, number]
  const k = Math.min(rows, columns)
  return {
    P: permutation(pivots, rows, x),
    L: LU.narrow(-1, 0, k)
      .tril(-1)
      .add(identityOf(rows, k, x)),
    U: LU.narrow(-2, 0, k).triu(),
  }
}

const identityOf = (rows: number, k: number, like: Tensor): Tensor => identity(rows, like).narrow(-1, 0, k)

composite(
  'lu',
  {
    torch: 'lambda x: torch.linalg.lu(x).L @ torch.linalg.lu(x).U.cos()',
    samples: [{ inputs: [square] }],
    call(x: Tensor) {
      const { L, U } = lu(x)
      return matmul(L, U.cos())
    },
  },
  lu,
)

/** X with A X = B (or X A = B) from luFactor's results for A. torch.linalg.lu_solve. */
export const luSolve = composite(
  'luSolve',
  {
    torch: 'lambda x, b, **o: torch.linalg.lu_solve(*torch.linalg.lu_factor(x), b, **o)',
    samples: [
      { inputs: [square, { shape: [3, 2] }] },
      { inputs: [square, { shape: [2, 3] }], options: { left: false } },
    ],
    call(x: Tensor, b: Tensor, options?: SolveOptions) {
      const { LU, pivots } = luFactor(x)
      return luSolve(LU, pivots, b, options)
    },
  },
  (LU: Tensor, pivots: Tensor, b: Tensor, options?: SolveOptions): Tensor => {
    const { left } = readOptions('luSolve', options, { left: true })
    assertSquare('linalg.luSolve', LU, 'the factor')
    assertMatrix('linalg.luSolve', b, 'the right side')
    const n = LU.shape[LU.ndim - 1] as number
    if (pivots.shape[pivots.ndim - 1] !== n)
      throw new ShapeError(`linalg.luSolve: pivots of shape ${show(pivots.shape)} do not belong to ${show(LU.shape)}`)
    const p = permutation(pivots, n, LU)
    const unit = { upper: false, unitriangular: true }
    if (left) return solveTriangular(LU, solveTriangular(LU, matmul(p.mT, b), unit), { upper: true })
    const half = solveTriangular(LU, b, { upper: true, left: false })
    return matmul(solveTriangular(LU, half, { ...unit, left: false }), p.mT)
  },
)

/** X with A X = B from B and luFactor's results for A: `linalg.luSolve` with its arguments in the older order. torch.lu_solve. */
export function solveWithLu(b: Tensor, LU: Tensor, pivots: Tensor): Tensor {
  return luSolve(LU, pivots, b)
}
