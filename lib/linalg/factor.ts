/**
 * Factorisations of one matrix in float64, by ml-matrix, brought to LAPACK's conventions: order of pivots, signs of QR,
 * ascending eigenvalues. Matrices are row-major arrays; no tensors here.
 */
import {
  CholeskyDecomposition,
  EigenvalueDecomposition,
  LuDecomposition,
  Matrix,
  QrDecomposition,
  SingularValueDecomposition,
} from 'ml-matrix'

const matrix = (a: ArrayLike<number>, rows: number, columns: number): Matrix => Matrix.from1DArray(rows, columns, a)
const values = (m: Matrix): Float64Array => Float64Array.from(m.to1DArray())

export interface LU {
  /** L below the diagonal (its own is 1) and U above, rows × columns. */
  compact: Float64Array
  /** Row i of L·U is this row of the matrix. */
  order: readonly number[]
  /** First diagonal element of U that is 0, or −1. */
  zero: number
}

/** P A = L U with partial pivoting. */
export function lu(a: Float64Array, rows: number, columns: number): LU {
  const k = Math.min(rows, columns)
  const compact = new Float64Array(rows * columns)
  if (k === 0) return { compact, order: Array.from({ length: rows }, (_, i) => i), zero: -1 }
  // The library factors matrices that are not wider than high; what is to the right follows by substitution.
  const left = matrix(a, rows, columns).subMatrix(0, rows - 1, 0, k - 1)
  const found = new LuDecomposition(left)
  const order = found.pivotPermutationVector
  const [lower, upper] = [found.lowerTriangularMatrix, found.upperTriangularMatrix]
  let zero = -1
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      compact[i * columns + j] = j >= k ? a[order[i] * columns + j] : j < i ? lower.get(i, j) : upper.get(i, j)
  for (let i = 1; i < k; i++)
    for (let p = 0; p < i; p++)
      for (let j = k; j < columns; j++) compact[i * columns + j] -= compact[i * columns + p] * compact[p * columns + j]
  for (let i = k - 1; i >= 0; i--) if (compact[i * columns + i] === 0) zero = i
  return { compact, order, zero }
}

/** Row exchanges, counted from 1, that make this order: LAPACK's ipiv. */
export function exchangesOf(order: readonly number[], count: number): number[] {
  const now = order.map((_, i) => i)
  return Array.from({ length: count }, (_, i) => {
    const at = now.indexOf(order[i])
    now[at] = now[i]
    now[i] = order[i]
    return at + 1
  })
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
export function solveFactored({ compact, order }: LU, n: number, b: Float64Array, columns: number): Float64Array {
  const x = new Float64Array(n * columns)
  order.forEach((row, i) => x.set(b.subarray(row * columns, (row + 1) * columns), i * columns))
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
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step
    for (let p = upper ? i + 1 : 0; p < (upper ? n : i); p++) {
      const factor = t[i * n + p]
      if (factor !== 0) for (let j = 0; j < columns; j++) b[i * columns + j] -= factor * b[p * columns + j]
    }
    if (!unit) for (let j = 0; j < columns; j++) b[i * columns + j] /= t[i * n + i]
  }
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
  if (n === 0) return new Float64Array(0)
  const found = new CholeskyDecomposition(symmetric(a, n, false))
  const lower = values(found.lowerTriangularMatrix)
  if (found.isPositiveDefinite()) return lower
  for (let i = 0; i < n; i++) if (!(lower[i * n + i] > 0)) return i + 1
  return n
}

/** A = Q R; Q has `width` columns (as many as rows for the complete form) and R as many rows. */
export function qr(
  a: Float64Array,
  rows: number,
  columns: number,
  width: number,
): { q: Float64Array; r: Float64Array } {
  if (width === 0) return { q: new Float64Array(0), r: new Float64Array(0) }
  if (columns === 0) return { q: values(Matrix.eye(rows, width)), r: new Float64Array(0) }
  const whole = matrix(a, rows, columns)
  // Columns of 0 added on the right need no reflections: they complete Q.
  const factored = Matrix.zeros(rows, width)
  factored.setSubMatrix(whole.subMatrix(0, rows - 1, 0, Math.min(columns, width) - 1), 0, 0)
  const found = new QrDecomposition(factored)
  const q = found.orthogonalMatrix
  const r =
    columns > width ? q.transpose().mmul(whole) : found.upperTriangularMatrix.subMatrix(0, width - 1, 0, columns - 1)
  // Where nothing stands below the diagonal LAPACK does not reflect, the library does.
  const { QR: reflections } = found as unknown as { readonly QR: Matrix }
  for (let k = 0; k < width; k++) {
    let idle = reflections.get(k, k) !== 0
    for (let i = k + 1; i < rows && idle; i++) idle = reflections.get(i, k) === 0
    if (idle) {
      q.mulColumn(k, -1)
      r.mulRow(k, -1)
    }
    for (let j = 0; j < columns; j++) if (j < k || r.get(k, j) === 0) r.set(k, j, 0)
  }
  return { q: values(q), r: values(r) }
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
