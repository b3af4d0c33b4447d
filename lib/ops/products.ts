/** Products of vectors and matrices beyond matmul: inner, outer, cross, sums of products, chains, and the trace. */
import { promoteTypes } from '../tensor/dtype.js'
import { broadcastShapes, ShapeError, show, wrapDim } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { AddProductOptions } from './add-products.js'
import { named, type OrNamed, readOptions } from '../tensor/options.js'
import { composite, numeric } from './define.js'
import { tensordot } from './einsum.js'
import { stack } from './join.js'
import { bmm, dot, matmul, outer } from './matmul.js'

const vector = { shape: [4] }
const matrix = { shape: [3, 4] }
const triples = { shape: [2, 3] }

/** Σ aᵢbᵢ of two vectors; for real numbers the same as dot. torch.vdot. */
export const vdot = dot
/** aᵢbⱼ of two vectors; another name of outer. torch.ger. */
export const ger = outer

/** Sums of products over the last dimensions: numbers scale, vectors give dot. torch.inner. */
export const inner = composite(
  'inner',
  {
    torch: 'torch.inner',
    dtypes: numeric,
    samples: [{ inputs: [vector, vector] }, { inputs: [matrix, { shape: [2, 5, 4] }] }, { inputs: [matrix, 2] }],
  },
  (a: Tensor, b: Tensor): Tensor => {
    if (a.ndim === 0 || b.ndim === 0) return a.mul(b)
    if (a.shape[a.ndim - 1] !== b.shape[b.ndim - 1])
      throw new ShapeError(
        `inner: the last dimensions of ${show(a.shape)} and ${show(b.shape)} must have the same size`,
      )
    return tensordot(a, b, [[a.ndim - 1], [b.ndim - 1]])
  },
)

/** Matrix [n, m] by vector [m]. torch.mv. */
export const mv = composite(
  'mv',
  { torch: 'torch.mv', dtypes: numeric, samples: [{ inputs: [matrix, vector] }] },
  (a: Tensor, v: Tensor): Tensor => {
    if (a.ndim !== 2 || v.ndim !== 1)
      throw new ShapeError(`mv: needs a matrix and a vector, got ${show(a.shape)} and ${show(v.shape)}`)
    return matmul(a, v)
  },
)

/** β·x + α·aᵢbⱼ for vectors a [n] and b [m]; x broadcasts to [n, m]. torch.addr. */
export const addr = composite(
  'addr',
  {
    torch: 'torch.addr',
    dtypes: numeric,
    samples: [
      { inputs: [matrix, { shape: [3] }, vector] },
      { inputs: [vector, { shape: [3] }, vector], options: { beta: 0.5, alpha: -2 } },
    ],
  },
  (x: Tensor, a: Tensor, b: Tensor, options?: AddProductOptions): Tensor => weighted('addr', x, outer(a, b), options),
)

/** β·x + α·Σ over the batch of a · b, a [B, n, m] and b [B, m, p]; x broadcasts to [n, p]. torch.addbmm. */
export const addbmm = composite(
  'addbmm',
  {
    torch: 'torch.addbmm',
    dtypes: numeric,
    samples: [
      { inputs: [{ shape: [3, 5] }, { shape: [2, 3, 4] }, { shape: [2, 4, 5] }] },
      { inputs: [{ shape: [5] }, { shape: [2, 3, 4] }, { shape: [2, 4, 5] }], options: { beta: 0.5, alpha: -2 } },
    ],
  },
  (x: Tensor, a: Tensor, b: Tensor, options?: AddProductOptions): Tensor =>
    weighted('addbmm', x, bmm(a, b).sum(0).to(promoteTypes(a.dtype, b.dtype)), options),
)

function weighted(name: string, x: Tensor, product: Tensor, options: AddProductOptions | undefined): Tensor {
  const { beta, alpha } = readOptions(name, options, { beta: 1, alpha: 1 })
  if (x.ndim > product.ndim)
    throw new ShapeError(`${name}: ${show(x.shape)} does not broadcast to ${show(product.shape)}, the product's shape`)
  const scaled = alpha === 1 ? product : product.mul(alpha)
  return beta === 0 ? scaled : (beta === 1 ? x : x.mul(beta)).expand(product.shape).add(scaled)
}

/** Sum of a matrix's diagonal. torch.trace. */
export const trace = composite(
  'trace',
  { torch: 'torch.trace', dtypes: numeric, samples: [{ inputs: [matrix] }, { inputs: [{ shape: [0, 3] }] }] },
  (x: Tensor): Tensor => {
    if (x.ndim !== 2) throw new ShapeError(`trace: needs a matrix, got ${show(x.shape)}`)
    return x.diagonal().sum()
  },
)

/** Σ aᵢbᵢ along a dimension (default −1); the rest broadcasts. torch.linalg.vecdot. */
export const vecdot = composite(
  'vecdot',
  {
    torch: 'torch.linalg.vecdot',
    dtypes: numeric,
    samples: [{ inputs: [matrix, vector] }, { inputs: [matrix, matrix], options: { dim: 0 } }],
  },
  (a: Tensor, b: Tensor, options?: { dim?: number }): Tensor => {
    const { dim } = readOptions('vecdot', options, { dim: -1 })
    const shape = broadcastShapes('vecdot', a.shape, b.shape)
    return a
      .mul(b)
      .sum(wrapDim('vecdot', dim, shape.length))
      .to(promoteTypes(a.dtype, b.dtype))
  },
)

function crossAlong(name: string, a: Tensor, b: Tensor, dim: number): Tensor {
  if (a.ndim !== b.ndim)
    throw new ShapeError(`${name}: both must have as many dimensions, got ${show(a.shape)} and ${show(b.shape)}`)
  const shape = broadcastShapes(name, a.shape, b.shape)
  const d = wrapDim(name, dim, shape.length)
  if (shape[d] !== 3)
    throw new ShapeError(`${name}: dimension ${dim} must have size 3, got ${show(a.shape)} and ${show(b.shape)}`)
  const part = (x: Tensor, i: number): Tensor => x.expand(shape).select(d, i)
  const entry = (i: number, j: number): Tensor =>
    part(a, i)
      .mul(part(b, j))
      .sub(part(a, j).mul(part(b, i)))
  return stack([entry(1, 2), entry(2, 0), entry(0, 1)], d)
}

/** Vector product in three dimensions along `dim` (default −1); the rest broadcasts. torch.linalg.cross. */
export const linalgCross = composite(
  'linalgCross',
  {
    torch: 'torch.linalg.cross',
    dtypes: numeric,
    samples: [
      { inputs: [triples, { shape: [1, 3] }] },
      { inputs: [{ shape: [3, 2] }, { shape: [3, 2] }], options: { dim: 0 } },
    ],
    call: (a: Tensor, b: Tensor, options?: { dim?: number }) => linalgCross(a, b, options),
  },
  (a: Tensor, b: Tensor, options?: { dim?: number }): Tensor => {
    const { dim } = readOptions('linalgCross', options, { dim: -1 })
    return crossAlong('cross', a, b, dim)
  },
)

/** Vector product in three dimensions along `dim`, by default the first dimension of size 3. torch.cross. */
export const cross = composite(
  'cross',
  {
    torch: 'torch.cross',
    dtypes: numeric,
    samples: [
      { inputs: [triples, triples], args: [1] },
      { inputs: [{ shape: [3, 2] }, { shape: [3, 2] }], args: [0] },
      { inputs: [triples, triples], options: { dim: -1 } },
    ],
  },
  (a: Tensor, b: Tensor, along?: OrNamed<'dim', number>): Tensor => {
    const dim = named('cross', 'dim', along)
    const found = dim ?? broadcastShapes('cross', a.shape, b.shape).indexOf(3)
    if (dim === undefined && found < 0)
      throw new ShapeError(`cross: no dimension of ${show(a.shape)} and ${show(b.shape)} has size 3`)
    return crossAlong('cross', a, b, found)
  },
)

/** Where to split the product of matrices i … j so that the fewest multiplications are needed. */
function bestSplits(sizes: readonly number[]): number[][] {
  const n = sizes.length - 1
  const cost = Array.from({ length: n }, () => new Array<number>(n).fill(0))
  const split = Array.from({ length: n }, () => new Array<number>(n).fill(0))
  for (let length = 1; length < n; length++)
    for (let i = 0; i + length < n; i++) {
      const j = i + length
      cost[i][j] = Infinity
      for (let k = i; k < j; k++) {
        const total = cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1]
        if (total < cost[i][j]) [cost[i][j], split[i][j]] = [total, k]
      }
    }
  return split
}

/**
 * The product of two or more matrices, in the order that needs the fewest multiplications; the first and the last may be
 * vectors. torch.linalg.multi_dot.
 */
export function multiDot(tensors: readonly Tensor[]): Tensor {
  if (tensors.length < 2) throw new RangeError(`multiDot: needs at least two tensors, got ${tensors.length}`)
  const last = tensors.length - 1
  tensors.forEach((x, i) => {
    const end = i === 0 || i === last
    if (x.ndim !== 2 && !(end && x.ndim === 1))
      throw new ShapeError(
        `multiDot: tensor ${i} has shape ${show(x.shape)}; all must be matrices, the first and the last may be vectors`,
      )
  })
  const matrices = tensors.map((x, i) => (x.ndim === 2 ? x : i === 0 ? x.unsqueeze(0) : x.unsqueeze(1)))
  matrices.slice(1).forEach((x, i) => {
    if (matrices[i].shape[1] !== x.shape[0])
      throw new ShapeError(
        `multiDot: tensors ${i} and ${i + 1} do not fit: ${show(tensors[i].shape)} by ${show(tensors[i + 1].shape)}`,
      )
  })
  const splits = bestSplits([matrices[0].shape[0], ...matrices.map((x) => x.shape[1] as number)])
  const product = (i: number, j: number): Tensor =>
    i === j ? matrices[i] : matmul(product(i, splits[i][j]), product(splits[i][j] + 1, j))
  const y = product(0, last)
  const rows = tensors[0].ndim === 1 ? y.squeeze(0) : y
  return tensors[last].ndim === 1 ? rows.squeeze(-1) : rows
}

composite(
  'multiDot',
  {
    torch: 'lambda *xs: torch.linalg.multi_dot(xs)',
    dtypes: numeric,
    samples: [
      { inputs: [{ shape: [2, 5] }, { shape: [5, 3] }, { shape: [3, 4] }, { shape: [4, 1] }] },
      { inputs: [{ shape: [5] }, { shape: [5, 3] }, { shape: [3] }] },
    ],
    call: (...tensors: Tensor[]) => multiDot(tensors),
  },
  multiDot,
)

/** The product of matrices in the cheapest order. torch.chain_matmul. */
export function chainMatmul(...matrices: Tensor[]): Tensor {
  return matrices.length === 1 ? matrices[0] : multiDot(matrices)
}
