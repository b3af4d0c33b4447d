/** Picking and placing elements by position or by mask. */
import { addon } from '../device/addon.js'
import { broadcastShapes, sameShape, ShapeError, show, wrapDim } from '../tensor/shape.js'
import { getDefaultDtype, resultType, resultTypeWithNumber } from '../tensor/dtype.js'
import { assertTensor, emptyTensor, filledTensor, int64Tensor, Tensor } from '../tensor/tensor.js'
import { named, type OrNamed, readOptions } from '../tensor/options.js'
import { composite, defineOp, everyDType, numeric, type RunOp } from './define.js'
import { expand, narrow, reshape, select } from './shape.js'

interface Along {
  dim: number
}

/** @internal Throws unless the index is a tensor of integers. */
export function assertIndex(name: string, index: Tensor): void {
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
    addon().indexWrite('add', y.handle, dim, index.handle, source.handle)
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

/** Throws unless `source` has the sizes of x but for `dim`, where the 1-D index has one position for each of its slices. */
export function assertSlices(name: string, x: Tensor, dim: number, index: Tensor, source: Tensor): void {
  const expected = x.ndim === 0 ? [] : x.shape.with(dim, index.numel())
  if (index.ndim > 1 || !sameShape(source.shape, expected))
    throw new ShapeError(
      `${name}: with ${index.numel()} positions in dimension ${dim} of ${show(x.shape)}, source must have shape ${show(expected)}, got ${show(source.shape)}`,
    )
  assertSameDType(name, x, source)
}

/** @internal Throws unless both have the same dtype. */
export function assertSameDType(name: string, x: Tensor, source: Tensor): void {
  if (source.dtype !== x.dtype)
    throw new TypeError(`${name}: source is ${source.dtype}, the tensor ${x.dtype}; convert it with .to('${x.dtype}')`)
}

/** What indexAdd accepts last. */
export interface IndexAddOptions {
  /** Factor of the source. Default 1. */
  alpha?: number
}

/** x with the slices of `source`, times alpha, added at the positions `index` along `dim`. torch.index_add. */
export function indexAdd(x: Tensor, dim: number, index: Tensor, source: Tensor, options?: IndexAddOptions): Tensor {
  const { alpha } = readOptions('indexAdd', options, { alpha: 1 })
  assertIndex('indexAdd', index)
  const d = wrapDim('indexAdd', dim, x.ndim)
  assertSlices('indexAdd', x, d, index, source)
  const positions = index.ndim === 0 ? reshape(index, [1]) : index
  return indexAddOp({ x, index: positions, source: alpha === 1 ? source : source.mul(alpha) }, { dim: d })
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
    addon().scatter('add', y.handle, dim, index.handle, source.handle)
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

/** @internal The part of a source that an index names; throws where the index does not fit. */
export function indexedPart(name: string, x: Tensor, dim: number, index: Tensor, source: Tensor | null): Tensor | null {
  assertIndex(name, index)
  const fits = (other: Tensor, except: number): boolean =>
    index.ndim === other.ndim && index.shape.every((size: number, i: number) => i === except || size <= other.shape[i])
  const single = Math.max(index.ndim, x.ndim) <= 1 && (source?.ndim ?? 0) <= 1
  if (index.numel() > 0 && !single && (!fits(x, dim) || (source && !fits(source, -1))))
    throw new ShapeError(
      `${name}: an index of shape ${show(index.shape)} does not fit ${show(x.shape)}` +
        `${source ? ` and source ${show(source.shape)}` : ''} along dimension ${dim}: same number of dimensions, and no larger`,
    )
  if (source === null) return null
  assertSameDType(name, x, source)
  if (single) return reshape(narrow(reshape(source, [-1]), 0, 0, index.numel()), index.shape)
  if (index.numel() === 0) return emptyTensor(x.dtype, index.shape)
  return index.shape.reduce((part: Tensor, size: number, i: number) => narrow(part, i, 0, size), source) as Tensor
}

/** x with `source` added element by element at positions along `dim`: the reverse of gather. torch.scatter_add. */
export function scatterAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  const d = wrapDim('scatterAdd', dim, x.ndim)
  const used = indexedPart('scatterAdd', x, d, index, source) as Tensor
  return index.numel() === 0 ? x.clone() : scatterAddOp({ x, index, source: used }, { dim: d })
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
  samples: [{ inputs: [[1, 0, 1], { shape: [2, 3] }, { shape: [3] }] }],
  call: (condition: Tensor, a: Tensor, b: Tensor) => where(condition.to('bool'), a, b),
})

/**
 * a where the bool `condition` holds, else b; all broadcast. With the condition alone: the positions where it holds, one
 * tensor for each dimension. Of two numbers comes a tensor of the default dtype, float32, as from full() and tensor():
 * JavaScript cannot tell 1.0 from 1, for which PyTorch gives int64. torch.where.
 */
export function where(condition: Tensor): Tensor[]
export function where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor
export function where(condition: Tensor, a?: Tensor | number, b?: Tensor | number): Tensor | Tensor[] {
  if (a === undefined && b === undefined) return nonzero(condition, { asTuple: true })
  if (a === undefined || b === undefined) throw new TypeError('where: needs both a and b, or the condition alone')
  if (condition.dtype !== 'bool')
    throw new TypeError(
      `where: the condition must be bool, got ${condition.dtype}; compare first, or convert it with .bool()`,
    )
  const numbers = [a, b].filter((v) => typeof v === 'number')
  const dtype =
    a instanceof Tensor && b instanceof Tensor
      ? resultType(a.dtype, a.ndim, b.dtype, b.ndim)
      : a instanceof Tensor
        ? resultTypeWithNumber(a.dtype, numbers[0])
        : b instanceof Tensor
          ? resultTypeWithNumber(b.dtype, numbers[0])
          : getDefaultDtype()
  const operand = (value: Tensor | number): Tensor => {
    if (value instanceof Tensor) return value.to(dtype)
    const t = emptyTensor(dtype, [], condition.device)
    addon().fill(t.handle, value)
    return t
  }
  return whereOp({ condition, a: operand(a), b: operand(b) }, undefined)
}

/** x with `value` (a number or a 0-d tensor) where the bool mask holds. torch.masked_fill. */
export const maskedFill: (x: Tensor, mask: Tensor, value: number | Tensor) => Tensor = composite(
  'maskedFill',
  {
    torch: 'lambda x, m, value: torch.masked_fill(x, m != 0, value)',
    dtypes: everyDType,
    samples: [{ inputs: [{ shape: [2, 3] }, [1, 0, 1]], args: [-1] }],
    call: (x: Tensor, mask: Tensor, value: number) => maskedFill(x, mask.to('bool'), value),
  },
  (x: Tensor, mask: Tensor, value: number | Tensor): Tensor => {
    assertFill('maskedFill', mask, value)
    // The result keeps x's dtype, to which a fraction gives way.
    return where(mask, value instanceof Tensor ? value.to(x.dtype) : filledTensor(x.dtype, [], value), x)
  },
)

/** @internal Throws unless the mask is bool and the value a single one. */
export function assertFill(name: string, mask: Tensor, value: number | Tensor): void {
  if (mask.dtype !== 'bool')
    throw new TypeError(`${name}: the mask must be bool, got ${mask.dtype}; compare first, or convert it with .bool()`)
  if (value instanceof Tensor && value.ndim > 0)
    throw new ShapeError(`${name}: the value must be a number or a 0-d tensor, got shape ${show(value.shape)}`)
}

/** Positions of the non-zero elements, int64 [n, ndim], in row-major order. torch.argwhere. */
export const argwhere = composite(
  'argwhere',
  {
    torch: 'torch.argwhere',
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
      { inputs: [5] },
    ],
  },
  (x: Tensor): Tensor => {
    const [indices, n] = addon().nonzero(x.handle)
    return new Tensor(indices, 'int64', [n, x.ndim], undefined, 0, undefined, x.device)
  },
)

/** @internal The method: PyTorch's x.where(condition, other) too, which has the tensor in another place. */
export function whereMethod(x: Tensor, a?: Tensor | number, b?: Tensor | number): Tensor | Tensor[] {
  if (x.dtype !== 'bool' && a instanceof Tensor && a.dtype === 'bool' && b !== undefined) return where(a, x, b)
  return a === undefined && b === undefined ? where(x) : where(x, a as Tensor | number, b as Tensor | number)
}

/** Positions of the non-zero elements as argwhere gives them, or with `{ asTuple: true }` a 1-D tensor for each dimension. torch.nonzero. */
export function nonzero(x: Tensor, options: { asTuple: true }): Tensor[]
export function nonzero(x: Tensor, options?: { asTuple?: false }): Tensor
export function nonzero(x: Tensor, options?: { asTuple?: boolean }): Tensor | Tensor[] {
  const { asTuple } = readOptions('nonzero', options, { asTuple: false })
  if (!asTuple) return argwhere(x)
  const positions = argwhere(x.ndim === 0 ? reshape(x, [1]) : x)
  return Array.from({ length: positions.shape[1] }, (_, d) => select(positions, 1, d))
}

composite(
  'nonzero',
  {
    torch: 'torch.nonzero',
    dtypes: everyDType,
    gradient: 'the result is positions',
    samples: [{ inputs: [[0, 3, 0, NaN]] }],
  },
  (x: Tensor): Tensor => nonzero(x),
)

/** The elements where the bool mask holds, as a 1-D tensor. torch.masked_select. */
export const maskedSelect: (x: Tensor, mask: Tensor) => Tensor = composite(
  'maskedSelect',
  {
    torch: 'lambda x, m: torch.masked_select(x, m != 0)',
    dtypes: everyDType,
    samples: [{ inputs: [{ shape: [2, 3] }, [1, 0, 1]] }],
    call: (x: Tensor, mask: Tensor) => maskedSelect(x, mask.to('bool')),
  },
  (x: Tensor, mask: Tensor): Tensor => {
    const shape = broadcastShapes('maskedSelect', x.shape, mask.shape)
    const flatMask = reshape(expand(mask, shape), [-1])
    return indexSelect(reshape(expand(x, shape), [-1]), 0, reshape(nonzero(flatMask), [-1]))
  },
)

/** Class numbers as rows with a single 1, int64 [..., numClasses]. torch.nn.functional.one_hot. */
export function oneHot(labels: Tensor, classCount?: OrNamed<'numClasses', number>): Tensor {
  const numClasses = named('oneHot', 'numClasses', classCount)
  assertIndex('oneHot', labels)
  const empty = labels.numel() === 0
  const [least, most] = empty ? [0, -1] : [labels.amin().item(), labels.amax().item()]
  const classes = numClasses ?? most + 1
  if (least < 0 || most >= classes) {
    const values = Array.from(labels.toTypedArray(), Number)
    const at = values.findIndex((label) => label < 0 || label >= classes)
    throw new RangeError(`oneHot: label ${values[at]} at position ${at} is outside of 0 … ${classes - 1}`)
  }
  const y = filledTensor('int64', [...labels.shape, classes], 0, labels.device)
  if (!empty) addon().scatter('set', y.handle, labels.ndim, reshape(labels, [...labels.shape, 1]).handle, 1)
  return y
}
