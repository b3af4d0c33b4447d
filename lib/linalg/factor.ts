/**
 * Factorisations of one matrix in float64, in LAPACK's conventions: order of pivots, signs of QR, ascending eigenvalues.
 * LU, Cholesky, QR and triangular systems are the engine's, singular values and eigenvalues those of ml-matrix. Matrices are
 * row-major arrays; no tensors here.
 */
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix'
import { addon } from '../device/addon.js'

const matrix = (a: ArrayLike<number>, rows: number, columns: number): Matrix => Matrix.from1DArray(rows, columns, a)
const values = (m: Matrix): Float64Array => Float64Array.from(m.to1DArray())

export interface LU {
  /** L below the diagonal (its own is 1) and U above, rows × columns. */
  compact: Float64Array
  /** Row exchanges, counted from 1: LAPACK's ipiv. */
  exchanges: Int32Array
  /** First diagonal element of U that is 0, or −1. */
  zero: number
}

/** P A = L U with partial pivoting. */
export function lu(a: Float64Array, rows: number, columns: number): LU {
  const compact = a.slice()
  const exchanges = new Int32Array(Math.min(rows, columns))
  addon().factorLu(compact, rows, columns, exchanges)
  return { compact, exchanges, zero: exchanges.findIndex((_, i) => compact[i * (columns + 1)] === 0) }
}

/** The order of rows after LAPACK's exchanges. */
export function orderOf(exchanges: ArrayLike<number>, rows: number): number[] {
  const order = Array.from({ length: rows }, (_, i) => i)
  for (let i = 0; i < exchanges.length; i++) {
    const at = exchanges[i] - 1
    ;[order[i], order[at]] = [order[at], order[i]]
  }
  return order
}

/** X with A X = B from A's factorisation; B has n rows. */
export function solveFactored({ compact, exchanges }: LU, n: number, b: Float64Array, columns: number): Float64Array {
  const x = new Float64Array(n * columns)
  orderOf(exchanges, n).forEach((row, i) => x.set(b.subarray(row * columns, (row + 1) * columns), i * columns))
  substitute(compact, n, x, columns, { upper: false, unit: true })
  substitute(compact, n, x, columns, { upper: true, unit: false })
  return x
}

/** Overwrites B with the X of T X = B, where T is a triangle of `t`. */
export function substitute(
  t: Float64Array,
  n: number,
  b: Float64Array,
  columns: number,
  { upper, unit }: { upper: boolean; unit: boolean },
): void {
  addon().solveTriangle(t, n, b, columns, upper, unit)
}

/** The symmetric matrix of which only one triangle of `a` is read. */
function symmetric(a: Float64Array, n: number, upper: boolean): Matrix {
  const m = matrix(a, n, n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      if (upper) m.set(i, j, m.get(j, i))
      else m.set(j, i, m.get(i, j))
    }
  return m
}

/** The lower L with A = L Lᵀ from A's lower triangle; or the order of the first minor that is not positive. */
export function cholesky(a: Float64Array, n: number): Float64Array | number {
  const upper = transposed(a, n)
  const failed = addon().factorCholesky(upper, n)
  if (failed > 0) return failed
  const lower = transposed(upper, n)
  for (let i = 0; i < n; i++) lower.fill(0, i * n + i + 1, (i + 1) * n)
  return lower
}

function transposed(a: Float64Array, n: number): Float64Array {
  const t = new Float64Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) t[j * n + i] = a[i * n + j]
  return t
}

/** A = Q R; Q has `width` columns (as many as rows for the complete form) and R as many rows. */
export function qr(
  a: Float64Array,
  rows: number,
  columns: number,
  width: number,
): { q: Float64Array; r: Float64Array } {
  const r = a.slice()
  const q = new Float64Array(rows * width)
  addon().factorQr(r, rows, columns, q, width)
  return { q, r: r.subarray(0, width * columns) }
}

/** A = U diag(s) Vᵀ with k = min(rows, columns) singular values, descending. `v` is columns × k. */
export function svd(
  a: Float64Array,
  rows: number,
  columns: number,
): { u: Float64Array; s: Float64Array; v: Float64Array } {
  if (rows * columns === 0) return { u: new Float64Array(0), s: new Float64Array(0), v: new Float64Array(0) }
  const found = new SingularValueDecomposition(matrix(a, rows, columns), { autoTranspose: true })
  return {
    u: values(found.leftSingularVectors),
    s: Float64Array.from(found.diagonal),
    v: values(found.rightSingularVectors),
  }
}

/** Ascending eigenvalues and, in columns, eigenvectors of a symmetric matrix of which one triangle is read. */
export function eigh(a: Float64Array, n: number, upper: boolean): { values: Float64Array; vectors: Float64Array } {
  if (n === 0) return { values: new Float64Array(0), vectors: new Float64Array(0) }
  const found = new EigenvalueDecomposition(symmetric(a, n, upper), { assumeSymmetric: true })
  return { values: Float64Array.from(found.realEigenvalues), vectors: values(found.eigenvectorMatrix) }
}

/** Eigenvalues of any matrix. */
export function eigenvalues(a: Float64Array, n: number): { real: readonly number[]; imaginary: readonly number[] } {
  if (n === 0) return { real: [], imaginary: [] }
  const found = new EigenvalueDecomposition(matrix(a, n, n))
  return { real: Array.from(found.realEigenvalues), imaginary: Array.from(found.imaginaryEigenvalues) }
}
