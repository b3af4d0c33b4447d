/** Singular values and eigenvalues, with their vectors. */
import { composite } from '../ops/define.js'
import { cat } from '../ops/join.js'
import { matmul } from '../ops/matmul.js'
import type { Tensor } from '../tensor/tensor.js'
import { assertMatrix, assertSquare, batchOf, forEachMatrix, tensorOf } from './batch.js'
import { LinAlgError, where } from './error.js'
import * as factor from './factor.js'
import { diagonalMatrix, identity, plus, recordOutputs } from './record.js'
import { readOptions } from '../tensor/options.js'

const square = { shape: [3, 3], low: -2, high: 2 }

function assertFinite(name: string, a: Float64Array, i: number, count: number): void {
  if (!a.every(Number.isFinite))
    throw new LinAlgError(`${where(name, i, count)}: the matrix has elements that are not finite`)
}

/** values[j] − values[i] with 1 on the diagonal: what mixes vectors i and j divides by it. */
function gaps(values: Tensor): Tensor {
  return values
    .unsqueeze(-2)
    .sub(values.unsqueeze(-1))
    .add(identity(values.shape[values.ndim - 1], values))
}

const skew = (x: Tensor): Tensor => x.sub(x.mT)

function svdGradient([u, s, vh]: readonly [Tensor, Tensor, Tensor], [du, ds, dvh]: readonly (Tensor | null)[]): Tensor {
  const k = s.shape[s.ndim - 1] as number
  const [m, n] = [u.shape[u.ndim - 2], vh.shape[vh.ndim - 1]] as [number, number]
  const [row, column] = [s.unsqueeze(-2), s.unsqueeze(-1)]
  const ofU = du && skew(matmul(u.mT, du)).mul(row)
  const ofV = dvh && skew(matmul(vh, dvh.mT)).mul(column)
  const turned = plus(ofU, ofV)?.div(gaps(s.square())) ?? null
  const core = plus(turned, ds && diagonalMatrix(ds)) as Tensor
  let y = matmul(matmul(u, core), vh)
  // What leaves the spaces of U and V.
  if (du && m > k) {
    const scaled = du.div(row)
    y = y.add(matmul(scaled.sub(matmul(u, matmul(u.mT, scaled))), vh))
  }
  if (dvh && n > k) {
    const scaled = dvh.div(column)
    y = y.add(matmul(u, scaled.sub(matmul(matmul(scaled, vh.mT), vh))))
  }
  return y
}

/** Options of svd. */
export interface SvdOptions {
  /** U [m, m] and Vh [n, n] (default), or with false only the first min(m, n) columns and rows. */
  fullMatrices?: boolean
}

/**
 * A = U diag(S) Vh for [..., m, n]: orthonormal columns of U, singular values descending, orthonormal rows of Vh. Signs of
 * vectors are arbitrary, so a function of them has a gradient only if it does not depend on these, nor on the further
 * columns of full matrices; singular values must differ. torch.linalg.svd.
 */
export function svd(x: Tensor, options?: SvdOptions): { U: Tensor; S: Tensor; Vh: Tensor } {
  const { fullMatrices } = readOptions('svd', options, { fullMatrices: true })
  assertMatrix('linalg.svd', x)
  const batch = batchOf(x, 'svd')
  const { rows, columns, count } = batch
  const k = Math.min(rows, columns)
  const [wide, high] = fullMatrices ? [rows, columns] : [k, k]
  const [u, s, v] = [count * rows * wide, count * k, count * columns * high].map((size) => new Float64Array(size))
  forEachMatrix(batch, (a, i) => {
    assertFinite('linalg.svd', a, i, count)
    const found = factor.svd(a, rows, columns)
    s.set(found.s, i * k)
    u.set(completed(found.u, rows, k, wide), i * rows * wide)
    v.set(completed(found.v, columns, k, high), i * columns * high)
  })
  const lead = x.shape.slice(0, -2) as number[]
  const U = tensorOf(u, [...lead, rows, wide], x.dtype)
  const S = tensorOf(s, [...lead, k], x.dtype)
  const Vh = tensorOf(v, [...lead, columns, high], x.dtype).mT.contiguous()
  recordOutputs('svd', x, [U, S, Vh], ([du, ds, dvh]) =>
    svdGradient(
      [U.narrow(-1, 0, k), S, Vh.narrow(-2, 0, k)],
      [du && du.narrow(-1, 0, k), ds, dvh && dvh.narrow(-2, 0, k)],
    ),
  )
  return { U, S, Vh }
}

/** n × k orthonormal columns followed by others that are orthogonal to them, to n × width. */
function completed(columns: Float64Array, n: number, k: number, width: number): Float64Array {
  if (width === k) return columns
  const { q } = factor.qr(columns, n, k, width)
  for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) q[i * width + j] = columns[i * k + j]
  return q
}

composite(
  'svd',
  {
    torch:
      'lambda x: (lambda u, s, vh: torch.cat([s.flatten(), (u @ torch.diag_embed(s.sin()) @ vh).flatten(), (u * u).flatten(), (vh * vh).flatten()]))(*torch.linalg.svd(x, full_matrices=False))',
    samples: [{ inputs: [square] }, { inputs: [{ shape: [2, 4, 3] }] }, { inputs: [{ shape: [2, 4] }] }],
    call(x: Tensor) {
      const { U, S, Vh } = svd(x, { fullMatrices: false })
      const sine = matmul(U.mul(S.sin().unsqueeze(-2)), Vh)
      return cat([S, sine, U.mul(U), Vh.mul(Vh)].map((part) => part.flatten()))
    },
  },
  svd,
)

/** Singular values, descending. torch.linalg.svdvals. */
export const svdvals = composite(
  'svdvals',
  {
    torch: 'torch.linalg.svdvals',
    samples: [{ inputs: [square] }, { inputs: [{ shape: [2, 3, 5] }] }, { inputs: [{ shape: [2, 0] }] }],
  },
  (x: Tensor): Tensor => svd(x, { fullMatrices: false }).S,
)

/** Options of eigh and eigvalsh. */
export interface EighOptions {
  /** Which triangle is read: 'L' (default) or 'U'. */
  UPLO?: 'L' | 'U'
}

/**
 * Ascending eigenvalues L and, in the columns of V, orthonormal eigenvectors of a symmetric A [..., n, n] = V diag(L) Vᵀ, of
 * which one triangle is read. Signs of vectors are arbitrary; their gradient needs different eigenvalues. torch.linalg.eigh.
 */
export function eigh(x: Tensor, options?: EighOptions): { eigenvalues: Tensor; eigenvectors: Tensor } {
  const { UPLO } = readOptions('eigh', options, { UPLO: 'L' })
  const name = 'linalg.eigh'
  assertSquare(name, x)
  if (!['L', 'U'].includes(UPLO)) throw new RangeError(`${name}: UPLO must be 'L' or 'U', got '${String(UPLO)}'`)
  const batch = batchOf(x, 'eigh')
  const n = batch.rows
  const [values, vectors] = [new Float64Array(batch.count * n), new Float64Array(batch.data.length)]
  forEachMatrix(batch, (a, i) => {
    assertFinite(name, a, i, batch.count)
    const found = factor.eigh(a, n, UPLO === 'U')
    values.set(found.values, i * n)
    vectors.set(found.vectors, i * n * n)
  })
  const L = tensorOf(values, x.shape.slice(0, -1), x.dtype)
  const V = tensorOf(vectors, x.shape, x.dtype)
  recordOutputs('eigh', x, [L, V], ([dl, dv]) => {
    const turned = dv && matmul(V.mT, dv).div(gaps(L)).mul(identity(n, L).neg().add(1))
    const core = plus(turned, dl && diagonalMatrix(dl)) as Tensor
    return matmul(matmul(V, core), V.mT)
  })
  return { eigenvalues: L, eigenvectors: V }
}

composite(
  'eigh',
  {
    torch:
      'lambda x, uplo="L": (lambda l, v: torch.cat([l.flatten(), (v @ torch.diag_embed(l.sin()) @ v.mT).flatten(), (v * v).flatten()]))(*torch.linalg.eigh(x + x.mT, uplo))',
    samples: [{ inputs: [square] }, { inputs: [{ shape: [2, 4, 4] }], args: ['U'] }],
    call(x: Tensor, UPLO?: 'L' | 'U') {
      const { eigenvalues, eigenvectors: V } = eigh(x.add(x.mT), { UPLO })
      const sine = matmul(V.mul(eigenvalues.sin().unsqueeze(-2)), V.mT)
      return cat([eigenvalues, sine, V.mul(V)].map((part) => part.flatten()))
    },
  },
  eigh,
)

/** Ascending eigenvalues of a symmetric matrix. torch.linalg.eigvalsh. */
export const eigvalsh = composite(
  'eigvalsh',
  {
    torch: 'lambda x, uplo="L": torch.linalg.eigvalsh(x + x.mT, uplo)',
    samples: [{ inputs: [square] }, { inputs: [{ shape: [2, 4, 4] }], args: ['U'] }],
    call: (x: Tensor, UPLO?: 'L' | 'U') => eigvalsh(x.add(x.mT), { UPLO }),
  },
  (x: Tensor, options?: EighOptions): Tensor => eigh(x, options).eigenvalues,
)

/**
 * Eigenvalues of any square matrix [..., n, n], where they are real; no gradient. There is no complex dtype: a matrix with
 * complex eigenvalues throws LinAlgError, whereas PyTorch returns a complex tensor. torch.linalg.eigvals.
 */
export const eigvals = composite(
  'eigvals',
  {
    torch: 'lambda x: torch.linalg.eigvals(x.triu()).real.sort().values',
    gradient: 'eigenvectors may be complex, for which there is no dtype; eigvalsh has a gradient',
    samples: [{ inputs: [square] }, { inputs: [{ shape: [2, 4, 4] }] }],
    call: (x: Tensor) => eigvals(x.triu()).sort().values,
  },
  (x: Tensor): Tensor => {
    assertSquare('linalg.eigvals', x)
    const batch = batchOf(x, 'eigvals')
    const out = new Float64Array(batch.count * batch.rows)
    forEachMatrix(batch, (a, i) => {
      assertFinite('linalg.eigvals', a, i, batch.count)
      const { real, imaginary } = factor.eigenvalues(a, batch.rows)
      const at = imaginary.findIndex((part) => part !== 0)
      if (at >= 0)
        throw new LinAlgError(
          `${where('linalg.eigvals', i, batch.count)}: the eigenvalue ${real[at]} ± ${Math.abs(imaginary[at])}i is complex, for which there is no dtype`,
        )
      out.set(real, i * batch.rows)
    })
    return tensorOf(out, x.shape.slice(0, -1), x.dtype)
  },
)
