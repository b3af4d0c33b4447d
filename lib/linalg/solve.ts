/** Linear equations and inverses, by LU with partial pivoting; triangular systems by substitution. */
import { defineOp, type RunOp } from '../ops/define.js'
import { matmul } from '../ops/matmul.js'
import { addon } from '../device/addon.js'
import { broadcastShapes, numel, sameShape, ShapeError, show } from '../tensor/shape.js'
import { emptyTensor, type Tensor } from '../tensor/tensor.js'
import { assertMatrix, assertSameType, assertSquare, batchOf, forEachMatrix, tensorOf } from './batch.js'
import { LinAlgError, where } from './error.js'
import { lu, solveFactored, substitute, type LU } from './factor.js'
import { readOptions } from '../tensor/options.js'

const square = { shape: [3, 3], low: -2, high: 2 }
const squares = { shape: [2, 4, 4], low: -2, high: 2 }

/** The factorisation, or the error that names what makes it useless; with `info` that is only noted there, counted from 1. */
function regular(name: string, a: Float64Array, n: number, i: number, count: number, info?: Int32Array): LU {
  const found = lu(a, n, n)
  if (info) info[i] = found.zero + 1
  else if (found.zero >= 0)
    throw new LinAlgError(
      `${where(name, i, count)}: the matrix is singular, the diagonal element ${found.zero} of its factor U is 0; ` +
        'pinv() and lstsq() also take singular matrices',
    )
  return found
}

interface Naming {
  readonly name: string
  /** Where each matrix's trouble is noted instead of thrown. */
  readonly info?: Int32Array
}

const inverseOp: RunOp<{ x: Tensor }, Naming> = defineOp<{ x: Tensor }, 'y', Naming>('inv', {
  torch: 'torch.linalg.inv',
  forward({ x }, { name, info }) {
    const batch = batchOf(x, 'inv')
    const n = batch.rows
    const unit = new Float64Array(n * n)
    for (let i = 0; i < n; i++) unit[i * (n + 1)] = 1
    const out = new Float64Array(batch.data.length)
    forEachMatrix(batch, (a, i) =>
      out.set(solveFactored(regular(name, a, n, i, batch.count, info), n, unit, n), i * n * n),
    )
    return tensorOf(out, x.shape, x.dtype)
  },
  saves: ['y'],
  grad: { x: (dy, { y }) => matmul(matmul(y.mT, dy), y.mT).neg() },
  samples: [{ inputs: [square] }, { inputs: [squares] }, { inputs: [{ shape: [0, 0] }] }],
  call: (x: Tensor) => inv(x),
})

/**
 * The inverse of a square matrix or of each in a batch [..., n, n]. Throws LinAlgError for a singular one.
 * torch.linalg.inv.
 */
export function inv(x: Tensor): Tensor {
  assertSquare('linalg.inv', x)
  return inverseOp({ x }, { name: 'linalg.inv' })
}

/** Another name of linalg.inv. torch.inverse. */
export const inverse = inv

const solveOp: RunOp<{ a: Tensor; b: Tensor }, Naming> = defineOp<{ a: Tensor; b: Tensor }, 'a' | 'y', Naming>(
  'solve',
  {
    torch: 'torch.linalg.solve',
    forward({ a, b }, { name, info }) {
      const left = batchOf(a, 'solve')
      const right = batchOf(b, 'solve')
      const n = left.rows
      const size = n * right.columns
      const out = new Float64Array(right.data.length)
      forEachMatrix(left, (matrix, i) => {
        const found = regular(name, matrix, n, i, left.count, info)
        out.set(solveFactored(found, n, right.data.subarray(i * size, (i + 1) * size), right.columns), i * size)
      })
      return tensorOf(out, b.shape, b.dtype)
    },
    saves: ['a', 'y'],
    grad: {
      a: (dy, { a, y }) => matmul(solveOp({ a: a.mT, b: dy }, { name: 'linalg.solve' }), y.mT).neg(),
      b: (dy, { a }) => solveOp({ a: a.mT, b: dy }, { name: 'linalg.solve' }),
    },
    samples: [
      { inputs: [square, { shape: [3, 2] }] },
      { inputs: [square, { shape: [3] }] },
      { inputs: [squares, { shape: [2, 4] }] },
      { inputs: [{ shape: [2, 3, 3], low: -2, high: 2 }, { shape: [3, 4] }] },
      { inputs: [square, { shape: [2, 3, 2] }] },
      { inputs: [square, { shape: [2, 3] }], options: { left: false } },
      { inputs: [{ shape: [0, 0] }, { shape: [0, 2] }] },
    ],
    call: (a: Tensor, b: Tensor, options?: SolveOptions) => solve(a, b, options),
  },
)

/** Options of solve. */
export interface SolveOptions {
  /** Solve A X = B (default) or, when false, X A = B. */
  left?: boolean
}

/** Whether B is a batch of vectors for A, by PyTorch's rule. */
const isVector = (a: Tensor, b: Tensor): boolean =>
  b.ndim === 1 || (a.ndim - 1 === b.ndim && sameShape(b.shape, a.shape.slice(0, -1)))

/**
 * X with A X = B for square A [..., n, n] and B [..., n] or [..., n, k]; batches broadcast. Throws LinAlgError where A is
 * singular. torch.linalg.solve.
 * @example linalg.solve(tensor([[2, 1], [1, 3]]), tensor([3, 5]))
 */
export function solve(a: Tensor, b: Tensor, options?: SolveOptions): Tensor {
  const { left } = readOptions('solve', options, { left: true })
  return solved('linalg.solve', a, b, left)
}

/** What was computed, and for each matrix 0, or the number from 1 of the diagonal element of its factor U that is 0. */
function withInfo(name: string, x: Tensor, checkErrors: boolean, compute: (info: Int32Array) => Tensor) {
  const count = numel(x.shape.slice(0, -2))
  const noted = new Int32Array(count)
  const result = compute(noted)
  const at = noted.findIndex((trouble) => trouble !== 0)
  if (checkErrors && at >= 0)
    throw new LinAlgError(
      `${where(name, at, count)}: the matrix is singular, the diagonal element ${noted[at] - 1} of its factor U is 0`,
    )
  const info = emptyTensor('int32', x.shape.slice(0, -2))
  if (count > 0) addon().write(info.handle, noted)
  return { result, info }
}

/** Settings of invEx and solveEx. */
export interface CheckOptions {
  /** Throw as inv and solve do. Default false. */
  checkErrors?: boolean
}

/**
 * As inv, but a singular matrix does not throw: its `info` is the number of the zero on the diagonal of U, counted from 1, its
 * inverse has no meaning. torch.linalg.inv_ex.
 */
export function invEx(x: Tensor, options?: CheckOptions): { inverse: Tensor; info: Tensor } {
  const { checkErrors } = readOptions('invEx', options, { checkErrors: false })
  const name = 'linalg.invEx'
  assertSquare(name, x)
  const { result, info } = withInfo(name, x, checkErrors, (noted) => inverseOp({ x }, { name, info: noted }))
  return { inverse: result, info }
}

/** As solve, but a singular matrix does not throw: `info` says so, as for invEx. torch.linalg.solve_ex. */
export function solveEx(a: Tensor, b: Tensor, options?: SolveOptions & CheckOptions): { result: Tensor; info: Tensor } {
  const { left, checkErrors } = readOptions('solveEx', options, { left: true, checkErrors: false })
  const name = 'linalg.solveEx'
  assertSquare(name, a, 'the matrix')
  return withInfo(name, a, checkErrors, (noted) => solved(name, a, b, left, noted))
}

function solved(name: string, a: Tensor, b: Tensor, left: boolean, info?: Int32Array): Tensor {
  assertSquare(name, a, 'the matrix')
  assertSameType(name, a, b)
  if (isVector(a, b)) return solved(name, a, b.unsqueeze(-1), true, info).squeeze(-1)
  if (!left) return solved(name, a.mT, b.mT, true, info).mT
  const n = a.shape[a.ndim - 1] as number
  if (b.ndim < 2 || b.shape[b.ndim - 2] !== n)
    throw new ShapeError(
      `${name}: the right side must have ${n} rows for a matrix of shape ${show(a.shape)}, got ${show(b.shape)}`,
    )
  const batch = broadcastShapes(name, a.shape.slice(0, -2), b.shape.slice(0, -2))
  return solveOp({ a: a.expand([...batch, n, n]), b: b.expand([...batch, n, b.shape[b.ndim - 1]]) }, { name, info })
}

interface Triangle {
  upper: boolean
  unit: boolean
}

/** The part of a gradient that belongs to the triangle. */
function masked(x: Tensor, { upper, unit }: Triangle): Tensor {
  const offset = unit ? 1 : 0
  return upper ? x.triu(offset) : x.tril(-offset)
}

const triangularOp: RunOp<{ a: Tensor; b: Tensor }, Triangle> = defineOp<{ a: Tensor; b: Tensor }, 'a' | 'y', Triangle>(
  'solveTriangular',
  {
    torch: 'torch.linalg.solve_triangular',
    forward({ a, b }, triangle) {
      const left = batchOf(a, 'solveTriangular')
      const right = batchOf(b, 'solveTriangular')
      const size = left.rows * right.columns
      forEachMatrix(left, (matrix, i) =>
        substitute(matrix, left.rows, right.data.subarray(i * size, (i + 1) * size), right.columns, triangle),
      )
      return tensorOf(right.data, b.shape, b.dtype)
    },
    saves: ['a', 'y'],
    grad: {
      a(dy, { a, y }, { params }) {
        const slope = triangularOp({ a: a.mT, b: dy }, { ...params, upper: !params.upper })
        return masked(matmul(slope, y.mT), params).neg()
      },
      b: (dy, { a }, { params }) => triangularOp({ a: a.mT, b: dy }, { ...params, upper: !params.upper }),
    },
    samples: [
      { inputs: [{ shape: [3, 3], low: 0.5, high: 2 }, { shape: [3, 2] }], options: { upper: true } },
      { inputs: [{ shape: [2, 3, 3], low: 0.5, high: 2 }, { shape: [3, 2] }], options: { upper: false } },
      { inputs: [{ shape: [3, 3] }, { shape: [2, 3] }], options: { upper: false, left: false, unitriangular: true } },
    ],
    call: (a: Tensor, b: Tensor, options: TriangularOptions) => solveTriangular(a, b, options),
  },
)

/** Options of solveTriangular; `upper` must be given. */
export interface TriangularOptions extends SolveOptions {
  /** Which triangle of A is read. */
  upper: boolean
  /** Take A's diagonal for ones. Default false. */
  unitriangular?: boolean
}

/** X with A X = B for a triangular A [..., n, n] and B [..., n, k]; batches broadcast. torch.linalg.solve_triangular. */
export function solveTriangular(a: Tensor, b: Tensor, options: TriangularOptions): Tensor {
  const name = 'linalg.solveTriangular'
  assertSquare(name, a, 'the matrix')
  assertMatrix(name, b, 'the right side')
  assertSameType(name, a, b)
  if (typeof options?.upper !== 'boolean')
    throw new TypeError(`${name}: say which triangle A is: { upper: true } or { upper: false }`)
  const { upper, left, unitriangular } = readOptions(name, options, {
    upper: undefined,
    left: true,
    unitriangular: false,
  })
  if (!left) return solveTriangular(a.mT, b.mT, { upper: !upper, unitriangular }).mT
  const n = a.shape[a.ndim - 1] as number
  if (b.shape[b.ndim - 2] !== n)
    throw new ShapeError(
      `${name}: the right side must have ${n} rows for a matrix of shape ${show(a.shape)}, got ${show(b.shape)}`,
    )
  const batch = broadcastShapes(name, a.shape.slice(0, -2), b.shape.slice(0, -2))
  return triangularOp(
    { a: a.expand([...batch, n, n]), b: b.expand([...batch, n, b.shape[b.ndim - 1]]) },
    { upper, unit: unitriangular },
  )
}
