/** Picking and placing elements by position or by mask. */
import { addon } from '../device/addon.js'
import { broadcastShapes, numel, sameShape, ShapeError, show, wrapDim } from '../tensor/shape.js'
import { resultType } from '../tensor/dtype.js'
import { assertTensor, emptyTensor, filledTensor, int64Tensor, Tensor } from '../tensor/tensor.js'
import { composite, defineOp, everyDType, numeric, type RunOp } from './define.js'
import { expand, reshape } from './shape.js'

interface Along {
  dim: number
}

function assertIndex(name: string, index: Tensor): void {
  assertTensor(name, 'the index', index)
  if (index.dtype !== 'int64' && index.dtype !== 'int32')
    throw new TypeError(
      `${name}: the index must be int64 or int32, got ${index.dtype}; make it with { dtype: 'int64' } or convert it with .long()`,
    )
}

const indexSelectOp: RunOp<{ x: Tensor; index: Tensor }, Along> = defineOp<
  { x: Tensor; index: Tensor },
  'index',
  Along
>('indexSelect', {
  torch: 'lambda x, dim, index: torch.index_select(x, dim, torch.tensor(index))',
  dtypes: everyDType,
  forward({ x, index }, { dim }) {
    const y = emptyTensor(x.dtype, x.shape.with(dim, index.shape[0]))
    addon().indexSelect(y.handle, x.handle, dim, index.handle)
    return y
  },
  saves: ['index'],
  grad: {
    x: (dy, { index }, { params, shapes }) =>
      indexAddOp({ x: filledTensor(dy.dtype, shapes.x, 0), index, source: dy }, params),
  },
  samples: [
    { inputs: [{ shape: [4, 3] }], args: [0, [3, 0, 3]] },
    { inputs: [{ shape: [2, 3, 4] }], args: [1, [2, 1]] },
  ],
  call: (x: Tensor, dim: number, index: number[]) => indexSelect(x, dim, int64Tensor(index)),
})

const indexAddOp: RunOp<{ x: Tensor; index: Tensor; source: Tensor }, Along> = defineOp<
  { x: Tensor; index: Tensor; source: Tensor },
  'index',
  Along
>('indexAdd', {
  torch: 'lambda x, source, dim, index: torch.index_add(x, dim, torch.tensor(index), source)',
  dtypes: numeric,
  forward({ x, index, source }, { dim }) {
    const y = emptyTensor(x.dtype, x.shape)
    addon().copy(y.handle, x.handle)
    addon().indexAdd(y.handle, dim, index.handle, source.handle)
    return y
  },
  saves: ['index'],
  grad: { x: (dy) => dy, source: (dy, { index }, { params }) => indexSelectOp({ x: dy, index }, params) },
  samples: [{ inputs: [{ shape: [4, 3] }, { shape: [3, 3] }], args: [0, [3, 0, 3]] }],
  call: (x: Tensor, source: Tensor, dim: number, index: number[]) => indexAdd(x, dim, int64Tensor(index), source),
})

/** The positions `index` (1-D) along `dim`. torch.index_select. */
export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  assertIndex('indexSelect', index)
  if (index.ndim !== 1) throw new ShapeError(`indexSelect: the index must be 1-D, got ${show(index.shape)}`)
  if (x.ndim === 0)
    throw new ShapeError('indexSelect: a 0-d tensor has no positions to select; use .item() for its value')
  return indexSelectOp({ x, index }, { dim: wrapDim('indexSelect', dim, x.ndim) })
}

/** x with the slices of `source` added at the positions `index` along `dim`. torch.index_add. */
export function indexAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  assertIndex('indexAdd', index)
  const d = wrapDim('indexAdd', dim, x.ndim)
  if (index.ndim !== 1 || !sameShape(source.shape, x.shape.with(d, index.numel())))
    throw new ShapeError(
      `indexAdd: with ${index.numel()} positions in dimension ${dim} of ${show(x.shape)}, source must have shape ${show(x.shape.with(d, index.numel()))}, got ${show(source.shape)}`,
    )
  return indexAddOp({ x, index, source }, { dim: d })
}

const gatherOp: RunOp<{ x: Tensor; index: Tensor }, Along> = defineOp<{ x: Tensor; index: Tensor }, 'index', Along>(
  'gather',
  {
    torch: 'lambda x, dim, index: torch.gather(x, dim, torch.tensor(index))',
    dtypes: everyDType,
    forward({ x, index }, { dim }) {
      const y = emptyTensor(x.dtype, index.shape)
      addon().gather(y.handle, x.handle, dim, index.handle)
      return y
    },
    saves: ['index'],
    grad: {
      x: (dy, { index }, { params, shapes }) =>
        scatterAddOp({ x: filledTensor(dy.dtype, shapes.x, 0), index, source: dy }, params),
    },
    samples: [
      {
        inputs: [{ shape: [3, 4] }],
        args: [
          1,
          [
            [0, 3],
            [1, 1],
            [2, 0],
          ],
        ],
      },
    ],
    call: (x: Tensor, dim: number, index: number[][]) =>
      gather(x, dim, reshape(int64Tensor(index.flat()), [index.length, index[0].length])),
  },
)

const scatterAddOp: RunOp<{ x: Tensor; index: Tensor; source: Tensor }, Along> = defineOp<
  { x: Tensor; index: Tensor; source: Tensor },
  'index',
  Along
>('scatterAdd', {
  torch: 'lambda x, source, dim, index: torch.scatter_add(x, dim, torch.tensor(index), source)',
  dtypes: numeric,
  forward({ x, index, source }, { dim }) {
    const y = emptyTensor(x.dtype, x.shape)
    addon().copy(y.handle, x.handle)
    addon().scatterAdd(y.handle, dim, index.handle, source.handle)
    return y
  },
  saves: ['index'],
  grad: { x: (dy) => dy, source: (dy, { index }, { params }) => gatherOp({ x: dy, index }, params) },
  samples: [
    {
      inputs: [{ shape: [3, 4] }, { shape: [3, 2] }],
      args: [
        1,
        [
          [0, 3],
          [1, 1],
          [2, 0],
        ],
      ],
    },
  ],
  call: (x: Tensor, source: Tensor, dim: number, index: number[][]) =>
    scatterAdd(x, dim, reshape(int64Tensor(index.flat()), [index.length, index[0].length]), source),
})

/** Element by element along `dim`: y[i][j] = x[i][index[i][j]] for dim 1. torch.gather. */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  assertIndex('gather', index)
  const d = wrapDim('gather', dim, x.ndim)
  if (index.ndim !== x.ndim || index.shape.some((size: number, i: number) => i !== d && size > x.shape[i]))
    throw new ShapeError(
      `gather: an index of shape ${show(index.shape)} does not fit ${show(x.shape)} along dimension ${dim}: same number of dimensions, and no larger except there`,
    )
  return gatherOp({ x, index }, { dim: d })
}

/** x with `source` added element by element at positions along `dim`: the reverse of gather. torch.scatter_add. */
export function scatterAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  assertIndex('scatterAdd', index)
  const d = wrapDim('scatterAdd', dim, x.ndim)
  if (
    index.ndim !== x.ndim ||
    source.ndim !== x.ndim ||
    index.shape.some((size: number, i: number) => size > source.shape[i])
  )
    throw new ShapeError(
      `scatterAdd: an index of shape ${show(index.shape)} does not fit source ${show(source.shape)} and target ${show(x.shape)}`,
    )
  return scatterAddOp({ x, index, source }, { dim: d })
}

const whereOp = defineOp<{ condition: Tensor; a: Tensor; b: Tensor }, 'condition'>('where', {
  torch: 'lambda c, a, b: torch.where(c != 0, a, b)',
  dtypes: everyDType,
  forward({ condition, a, b }) {
    const shape = broadcastShapes('where', broadcastShapes('where', condition.shape, a.shape), b.shape)
    const y = emptyTensor(a.dtype, shape)
    addon().where(y.handle, condition.handle, a.handle, b.handle)
    return y
  },
  saves: ['condition'],
  grad: {
    a: (dy, { condition }, { shapes }) => where(condition, dy, 0).sumTo(shapes.a),
    b: (dy, { condition }, { shapes }) => where(condition, 0, dy).sumTo(shapes.b),
  },
  samples: [
    { inputs: [[1, 0, 1], { shape: [2, 3] }, { shape: [3] }], skipGradcheck: 'the first input is a condition' },
  ],
  call: (condition: Tensor, a: Tensor, b: Tensor) => where(condition.to('bool'), a, b),
})

/** a where the bool `condition` holds, else b; all broadcast. torch.where. */
export function where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  if (condition.dtype !== 'bool')
    throw new TypeError(
      `where: the condition must be bool, got ${condition.dtype}; compare first, or convert it with .bool()`,
    )
  const numbers = [a, b].filter((v) => typeof v === 'number')
  const dtype =
    a instanceof Tensor && b instanceof Tensor
      ? resultType(a.dtype, a.ndim, b.dtype, b.ndim)
      : a instanceof Tensor
        ? a.dtype
        : b instanceof Tensor
          ? b.dtype
          : numbers.every(Number.isInteger)
            ? 'int64'
            : 'float32'
  const operand = (value: Tensor | number): Tensor => {
    if (value instanceof Tensor) return value.to(dtype)
    const t = emptyTensor(dtype, [])
    addon().fill(t.handle, value)
    return t
  }
  return whereOp({ condition, a: operand(a), b: operand(b) }, undefined)
}

/** x with `value` where the bool mask holds. torch.masked_fill. */
export const maskedFill: (x: Tensor, mask: Tensor, value: number) => Tensor = composite(
  'maskedFill',
  {
    torch: 'lambda x, m, value: torch.masked_fill(x, m != 0, value)',
    dtypes: everyDType,
    samples: [{ inputs: [{ shape: [2, 3] }, [1, 0, 1]], args: [-1], skipGradcheck: 'the second input is a mask' }],
    call: (x: Tensor, mask: Tensor, value: number) => maskedFill(x, mask.to('bool'), value),
  },
  (x: Tensor, mask: Tensor, value: number): Tensor => where(mask, value, x),
)

/** Positions of the non-zero elements, int64 [n, ndim], in row-major order. torch.nonzero. */
export const nonzero = composite(
  'nonzero',
  {
    torch: 'torch.nonzero',
    dtypes: everyDType,
    gradient: 'the result is positions',
    samples: [
      {
        inputs: [
          [
            [0, 1],
            [2, 0],
          ],
        ],
      },
      { inputs: [[0, 0]] },
    ],
  },
  (x: Tensor): Tensor => {
    const total = Number(addon().item(x.to('bool').sum().handle))
    return new Tensor(addon().nonzero(x.handle), 'int64', [total, x.ndim])
  },
)

/** The elements where the bool mask holds, as a 1-D tensor. torch.masked_select. */
export const maskedSelect: (x: Tensor, mask: Tensor) => Tensor = composite(
  'maskedSelect',
  {
    torch: 'lambda x, m: torch.masked_select(x, m != 0)',
    dtypes: everyDType,
    samples: [{ inputs: [{ shape: [2, 3] }, [1, 0, 1]], skipGradcheck: 'the second input is a mask' }],
    call: (x: Tensor, mask: Tensor) => maskedSelect(x, mask.to('bool')),
  },
  (x: Tensor, mask: Tensor): Tensor => {
    const shape = broadcastShapes('maskedSelect', x.shape, mask.shape)
    const flatMask = reshape(expand(mask, shape), [-1])
    return indexSelect(reshape(expand(x, shape), [-1]), 0, reshape(nonzero(flatMask), [-1]))
  },
)

/** Class numbers as rows with a single 1, int64 [..., numClasses]. torch.nn.functional.one_hot. */
export function oneHot(labels: Tensor, numClasses?: number): Tensor {
  assertIndex('oneHot', labels)
  const flat = reshape(labels, [-1])
  const values = Array.from(flat.toTypedArray(), Number)
  const classes = numClasses ?? values.reduce((a, b) => Math.max(a, b), -1) + 1
  const data = new BigInt64Array(values.length * classes)
  values.forEach((label, i) => {
    if (label < 0 || label >= classes)
      throw new RangeError(`oneHot: label ${label} at position ${i} is outside of 0 … ${classes - 1}`)
    data[i * classes + label] = 1n
  })
  const y = emptyTensor('int64', [...labels.shape, classes])
  if (numel(y.shape) > 0) addon().write(y.handle, data)
  return y
}
