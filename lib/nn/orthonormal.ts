/** Orthonormal columns by Householder's reflections, for weights that start orthogonal. */
import { reshape } from '../ops/shape.js'
import { tensor } from '../ops/creation.js'
import type { Tensor } from '../tensor/tensor.js'

/** √(Σ vᵢ²) from position `from` on; scaled, so that squares neither overflow nor vanish. */
function lengthOf(v: Float64Array, from: number): number {
  let largest = 0
  for (let i = from; i < v.length; i++) largest = Math.max(largest, Math.abs(v[i]))
  if (largest === 0) return 0
  let square = 0
  for (let i = from; i < v.length; i++) square += (v[i] / largest) ** 2
  return largest * Math.sqrt(square)
}

/**
 * Q of a = Q R for [n, m], n ≥ m, with the signs that make R's diagonal positive, which makes Q unique. Computed in float64,
 * returned in a's dtype.
 */
export function orthonormalColumns(a: Tensor): Tensor {
  const [n, m] = a.shape as [number, number]
  const r = Float64Array.from(a.toTypedArray() as Float64Array)
  const q = new Float64Array(n * m)
  const reflections: Float64Array[] = []
  /** Reflects columns from..m of `into` in the hyperplane orthogonal to v, whose first `k` entries are 0. */
  const reflect = (into: Float64Array, v: Float64Array, k: number, from: number): void => {
    for (let column = from; column < m; column++) {
      let dot = 0
      for (let i = k; i < n; i++) dot += v[i] * into[i * m + column]
      for (let i = k; i < n; i++) into[i * m + column] -= 2 * dot * v[i]
    }
  }
  const signs: number[] = []
  for (let k = 0; k < m; k++) {
    const v = new Float64Array(n)
    for (let i = k; i < n; i++) v[i] = r[i * m + k]
    v[k] += (v[k] < 0 ? -1 : 1) * lengthOf(v, k)
    const length = lengthOf(v, k)
    if (length > 0) for (let i = k; i < n; i++) v[i] /= length
    reflections.push(v)
    reflect(r, v, k, k)
    signs.push(Math.sign(r[k * m + k]))
  }
  for (let k = 0; k < m; k++) q[k * m + k] = 1
  for (let k = m - 1; k >= 0; k--) reflect(q, reflections[k], k, 0)
  for (let i = 0; i < q.length; i++) q[i] *= signs[i % m]
  return reshape(tensor(q, { dtype: a.dtype }), [n, m])
}
