/** Products of matrices, and the affine map of a linear layer. All of them are one native GEMM; transposes cost nothing. */
import { addon } from '../device/addon.js'
import { promoteTypes } from '../tensor/dtype.js'
import { broadcastShapes, numel, ShapeError, show } from '../tensor/shape.js'
import { assertTensor, emptyTensor, type Tensor } from '../tensor/tensor.js'
import { composite, defineOp, numeric, type RunOp } from './define.js'
import { reshape, squeeze, transpose, unsqueeze } from './shape.js'

const samples = [
  { inputs: [{ shape: [3, 4] }, { shape: [4, 5] }] },
  { inputs: [{ shape: [2, 1, 3, 4] }, { shape: [5, 4, 2] }] },
  { inputs: [{ shape: [2, 3, 4] }, { shape: [4, 5] }] },
  { inputs: [{ shape: [4] }, { shape: [4, 5] }] },
  { inputs: [{ shape: [2, 3, 4] }, { shape: [4] }] },
  { inputs: [{ shape: [4] }, { shape: [4] }] },
  { inputs: [{ shape: [0, 4] }, { shape: [4, 5] }] },
  { inputs: [{ shape: [3, 0] }, { shape: [0, 5] }] },
]

const mT = (x: Tensor): Tensor => transpose(x, -2, -1)

const matmulOp: RunOp<{ a: Tensor; b: Tensor }, undefined> = defineOp<{ a: Tensor; b: Tensor }, 'a' | 'b'>('matmul', {
  torch: 'torch.matmul',
  dtypes: numeric,
  forward({ a, b }) {
    const batch = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2))
    const y = emptyTensor(a.dtype, [...batch, a.shape[a.ndim - 2], b.shape[b.ndim - 1]])
    addon().gemm(y.handle, a.handle, b.handle, null, false, false)
    return y
  },
  saves: ['a', 'b'],
  grad: {
    a: (dy, { b }, { shapes }) => matmulOp({ a: dy, b: mT(b) }, undefined).sumTo(shapes.a),
    b: (dy, { a }, { shapes }) => matmulOp({ a: mT(a), b: dy }, undefined).sumTo(shapes.b),
  },
  samples,
  call: (a: Tensor, b: Tensor) => matmul(a, b),
})

/**
 * a · b by PyTorch's rules: 1-D is a vector, more than two dimensions are batches that broadcast. Sides of different dtypes are
 * promoted as in addition, where PyTorch refuses them. torch.matmul.
 */
export function matmul(left: Tensor, right: Tensor): Tensor {
  assertTensor('matmul', 'the left side', left)
  assertTensor('matmul', 'the right side', right)
  if (left.ndim === 0 || right.ndim === 0)
    throw new ShapeError(
      `matmul: both sides need at least one dimension, got ${show(left.shape)} and ${show(right.shape)}; use mul() for numbers`,
    )
  const dtype = promoteTypes(left.dtype, right.dtype)
  const a = left.to(dtype)
  const b = right.to(dtype)
  const inner: number = a.shape[a.ndim - 1]
  const rows: number = b.ndim === 1 ? b.shape[0] : b.shape[b.ndim - 2]
  if (inner !== rows)
    throw new ShapeError(
      `matmul: ${show(a.shape)} by ${show(b.shape)}: the left side has ${inner} columns, the right side ${rows} rows; they must be equal`,
    )
  if (b.ndim === 1) return squeeze(matmul(a, unsqueeze(b, 1)), -1)
  if (a.ndim === 1) return squeeze(matmul(unsqueeze(a, 0), b), -2)
  // A batch of rows against one matrix is one large product.
  if (a.ndim > 2 && b.ndim === 2) {
    const y = matmulOp({ a: reshape(a, [numel(a.shape.slice(0, -1)), inner]), b }, undefined)
    return reshape(y, [...a.shape.slice(0, -1), b.shape[1]])
  }
  return matmulOp({ a, b }, undefined)
}

/** Matrix product of two 2-D tensors. torch.mm. */
export const mm = composite(
  'mm',
  { torch: 'torch.mm', dtypes: numeric, samples: samples.slice(0, 1) },
  (a: Tensor, b: Tensor): Tensor => {
    if (a.ndim !== 2 || b.ndim !== 2)
      throw new ShapeError(`mm: needs two matrices, got ${show(a.shape)} and ${show(b.shape)}; use matmul()`)
    return matmul(a, b)
  },
)

/** Products of two batches of matrices, [B, n, m] by [B, m, p]. torch.bmm. */
export const bmm = composite(
  'bmm',
  { torch: 'torch.bmm', dtypes: numeric, samples: [{ inputs: [{ shape: [2, 3, 4] }, { shape: [2, 4, 5] }] }] },
  (a: Tensor, b: Tensor): Tensor => {
    if (a.ndim !== 3 || b.ndim !== 3 || a.shape[0] !== b.shape[0])
      throw new ShapeError(
        `bmm: needs two equal batches of matrices, got ${show(a.shape)} and ${show(b.shape)}; use matmul() to broadcast`,
      )
    return matmul(a, b)
  },
)

/** Σ aᵢbᵢ of two vectors. torch.dot. */
export const dot = composite(
  'dot',
  { torch: 'torch.dot', dtypes: numeric, samples: [{ inputs: [{ shape: [4] }, { shape: [4] }] }] },
  (a: Tensor, b: Tensor): Tensor => {
    if (a.ndim !== 1 || b.ndim !== 1)
      throw new ShapeError(`dot: needs two vectors, got ${show(a.shape)} and ${show(b.shape)}`)
    return matmul(a, b)
  },
)

/** aᵢbⱼ of two vectors. torch.outer. */
export const outer = composite(
  'outer',
  { torch: 'torch.outer', dtypes: numeric, samples: [{ inputs: [{ shape: [3] }, { shape: [4] }] }] },
  (a: Tensor, b: Tensor): Tensor => {
    if (a.ndim !== 1 || b.ndim !== 1)
      throw new ShapeError(`outer: needs two vectors, got ${show(a.shape)} and ${show(b.shape)}`)
    return unsqueeze(a, 1).mul(b)
  },
)

const linearOp = defineOp<{ x: Tensor; weight: Tensor; bias: Tensor | null }, 'x' | 'weight'>('linear', {
  torch: 'torch.nn.functional.linear',
  forward({ x, weight, bias }) {
    const y = emptyTensor(x.dtype, [x.shape[0], weight.shape[0]])
    addon().gemm(y.handle, x.handle, mT(weight).handle, bias?.handle ?? null, false, false)
    return y
  },
  saves: ['x', 'weight'],
  grad: {
    x: (dy, { weight }) => matmulOp({ a: dy, b: weight }, undefined),
    weight: (dy, { x }) => matmulOp({ a: mT(dy), b: x }, undefined),
    bias: (dy) => dy.sum(0),
  },
  samples: [
    { inputs: [{ shape: [2, 3] }, { shape: [4, 3] }, { shape: [4] }] },
    { inputs: [{ shape: [2, 3] }, { shape: [4, 3] }] },
    { inputs: [{ shape: [2, 5, 3] }, { shape: [4, 3] }, { shape: [4] }] },
    { inputs: [{ shape: [3] }, { shape: [4, 3] }, { shape: [4] }] },
    { inputs: [{ shape: [0, 3] }, { shape: [4, 3] }, { shape: [4] }] },
  ],
  call: (x: Tensor, weight: Tensor, bias?: Tensor) => linear(x, weight, bias),
})

/**
 * x Wᵀ + b. x [..., in], weight [out, in], bias [out] or null; result [..., out]. torch.nn.functional.linear.
 * @throws ShapeError when the features do not agree.
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  assertTensor('linear', 'the input', x)
  assertTensor('linear', 'the weight', weight)
  if (bias !== null) assertTensor('linear', 'the bias', bias)
  if (weight.ndim !== 2) throw new ShapeError(`linear: weight must be a matrix [out, in], got ${show(weight.shape)}`)
  const [out, features] = weight.shape as [number, number]
  if (x.ndim === 0 || x.shape[x.ndim - 1] !== features)
    throw new ShapeError(
      `linear: input has ${x.ndim === 0 ? 'no' : x.shape[x.ndim - 1]} features, weight expects ${features} (input ${show(x.shape)}, weight ${show(weight.shape)})`,
    )
  if (bias !== null && (bias.ndim !== 1 || bias.shape[0] !== out))
    throw new ShapeError(
      `linear: bias must have shape [${out}], got ${show(bias.shape)} (weight ${show(weight.shape)})`,
    )
  if (x.dtype !== weight.dtype || (bias !== null && bias.dtype !== weight.dtype))
    throw new TypeError(
      `linear: input is ${x.dtype}, weight ${weight.dtype}${bias ? `, bias ${bias.dtype}` : ''}; convert the input with .to('${weight.dtype}')`,
    )
  if (x.ndim === 2) return linearOp({ x, weight, bias }, undefined)
  const rows = numel(x.shape.slice(0, -1))
  return reshape(linearOp({ x: reshape(x, [rows, features]), weight, bias }, undefined), [...x.shape.slice(0, -1), out])
}
