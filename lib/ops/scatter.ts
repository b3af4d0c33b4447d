/** Writing at positions named by an index, and reading at flat positions: the functions that return a changed copy. */
import { addon, type ScatterKind } from '../device/addon.js'
import { isFloating } from '../tensor/dtype.js'
import { broadcastShapes, numel, sameShape, ShapeError, show, wrapDim, type Shape } from '../tensor/shape.js'
import { emptyTensor, filledTensor, Tensor } from '../tensor/tensor.js'
import { tensor } from './creation.js'
import { named, type OrNamed, readOptions, readCall } from '../tensor/options.js'
import { composite, defineOp, everyDType, numeric, type RunOp } from './define.js'
import {
  assertIndex,
  assertSameDType,
  assertSlices,
  gather,
  indexedPart,
  indexSelect,
  nonzero,
  scatterAdd,
  where,
} from './index-ops.js'
import { expand, narrow, reshape } from './shape.js'

interface Along {
  dim: number
}

/** A copy of x with `source` combined into it. */
function scattered(kind: ScatterKind, x: Tensor, dim: number, index: Tensor, source: Tensor | number): Tensor {
  const y = emptyTensor(x.dtype, x.shape)
  addon().copy(y.handle, x.handle)
  addon().scatter(kind, y.handle, dim, index.handle, source instanceof Tensor ? source.handle : source)
  return y
}

const fewer = {
  inputs: [{ shape: [3, 4] }, { shape: [3, 2] }],
  args: [
    1,
    [
      [0, 3],
      [1, 0],
      [2, 0],
    ],
  ],
}

const scatterOp: RunOp<{ x: Tensor; index: Tensor; source: Tensor }, Along> = defineOp<
  { x: Tensor; index: Tensor; source: Tensor },
  'index',
  Along
>('scatter', {
  torch: 'lambda x, source, dim, index: torch.scatter(x, dim, torch.tensor(index), source)',
  dtypes: everyDType,
  forward: ({ x, index, source }, { dim }) => scattered('set', x, dim, index, source),
  saves: ['index'],
  grad: {
    x: (dy, { index }, { params }) => scatterNumberOp({ x: dy, index }, { dim: params.dim, value: 0 }),
    source: (dy, { index }, { params }) => gather(dy, params.dim, index),
  },
  samples: [
    fewer,
    {
      inputs: [{ shape: [3, 2] }, { shape: [2, 2] }],
      args: [
        0,
        [
          [0, 2],
          [1, 0],
        ],
      ],
    },
  ],
  call: (x: Tensor, source: Tensor, dim: number, index: number[][]) => scatter(x, dim, indices(index), source),
})

const scatterNumberOp: RunOp<{ x: Tensor; index: Tensor }, Along & { value: number }> = defineOp<
  { x: Tensor; index: Tensor },
  'index',
  Along & { value: number }
>('scatterNumber', {
  torch: 'lambda x, dim, index, value: torch.scatter(x, dim, torch.tensor(index), value)',
  dtypes: everyDType,
  forward: ({ x, index }, { dim, value }) => scattered('set', x, dim, index, value),
  saves: ['index'],
  grad: { x: (dy, { index }, { params }) => scatterNumberOp({ x: dy, index }, { dim: params.dim, value: 0 }) },
  samples: [{ inputs: fewer.inputs.slice(0, 1), args: [...fewer.args, 2.5] }],
  call: (x: Tensor, dim: number, index: number[][], value: number) => scatter(x, dim, indices(index), value),
})

/** Positions of a sample. */
const indices = (index: number[] | number[][]): Tensor => tensor(index, { dtype: 'int64' })

/** What scatter accepts last. */
export interface ScatterOptions {
  /** Add to or multiply what is there instead of replacing it. */
  reduce?: 'add' | 'multiply'
}

/**
 * x with `source` (a tensor, or one number) written element by element at positions along `dim`; of several values for one
 * position the last counts, and gradients are right only if there are none such. torch.scatter.
 * @throws RangeError for an index outside of the dimension, with its position.
 */
export function scatter(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor | number,
  options?: ScatterOptions,
): Tensor {
  const { reduce } = readOptions('scatter', options, { reduce: undefined })
  const d = wrapDim('scatter', dim, x.ndim)
  const used = indexedPart('scatter', x, d, index, source instanceof Tensor ? source : null)
  if (index.numel() === 0) return x.clone()
  if (reduce !== undefined) {
    const values = used ?? filledTensor(x.dtype, index.shape, source as number)
    return scatterReduce(x, dim, index, values, scatterKind('scatter', reduce) === 'add' ? 'sum' : 'prod')
  }
  if (used) return scatterOp({ x, index, source: used }, { dim: d })
  return scatterNumberOp({ x, index }, { dim: d, value: source as number })
}

/** @internal The native name of scatter's `reduce`. */
export function scatterKind(name: string, reduce: ScatterOptions['reduce']): ScatterKind {
  if (reduce === undefined) return 'set'
  if (reduce === 'add') return 'add'
  if (reduce === 'multiply') return 'mul'
  throw new Error(`${name}: reduce must be 'add' or 'multiply', got '${String(reduce)}'`)
}

/** How several values for one position become one. */
export type ScatterReduction = 'sum' | 'prod' | 'mean' | 'amax' | 'amin'

/** What scatterReduce and indexReduce accept last. */
export interface ScatterReduceOptions {
  /** Whether the elements of x themselves take part where something is written. Default true. */
  includeSelf?: boolean
}

/** A reduction by its name alone, or among the options. */
export type ReductionArgument<Name extends ScatterReduction = ScatterReduction> =
  Name | (ScatterReduceOptions & { reduce: Name })

const reductionDefaults = { reduce: undefined, includeSelf: true } as const

function readReduction(
  name: string,
  given: ReductionArgument,
  options: ScatterReduceOptions | undefined,
): { reduce: ScatterReduction; includeSelf: boolean } {
  return readCall<ScatterReduceOptions & { reduce: ScatterReduction }, typeof reductionDefaults>(
    name,
    ['reduce'],
    [given, options],
    reductionDefaults,
  )
}

interface Reducing extends Along {
  reduce: ScatterReduction
  includeSelf: boolean
}

const kinds: Readonly<Record<ScatterReduction, ScatterKind>> = {
  sum: 'add',
  mean: 'add',
  prod: 'mul',
  amax: 'max',
  amin: 'min',
}

/** What a reduction starts from where x itself does not count; for extremes any of the values does. */
function start(x: Tensor, index: Tensor, source: Tensor, { dim, reduce, includeSelf }: Reducing): Tensor {
  if (includeSelf) return x
  return scattered('set', x, dim, index, reduce === 'prod' ? 1 : reduce.startsWith('am') ? source : 0)
}

/** How many values each position of x receives; at least 1, so that it can divide. */
function received(x: Tensor, index: Tensor, { dim, includeSelf }: Reducing): Tensor {
  const counts = scattered('add', filledTensor(x.dtype, x.shape, includeSelf ? 1 : 0), dim, index, 1)
  return includeSelf ? counts : counts.clamp(1)
}

const three = { inputs: [{ shape: [3, 4] }, { shape: [2, 4] }] }
const targets = [
  [0, 0, 2, 1],
  [0, 1, 2, 1],
]

const scatterReduceOp: RunOp<{ x: Tensor; index: Tensor; source: Tensor }, Reducing> = defineOp<
  { x: Tensor; index: Tensor; source: Tensor },
  'x' | 'index' | 'source' | 'y',
  Reducing
>('scatterReduce', {
  torch:
    'lambda x, source, dim, index, reduce, **o: torch.scatter_reduce(x, dim, torch.tensor(index), source, reduce, **o)',
  dtypes: numeric,
  forward({ x, index, source }, params) {
    const { dim, reduce } = params
    const y = scattered(kinds[reduce], start(x, index, source, params), dim, index, source)
    if (reduce !== 'mean') return y
    const counts = received(x, index, params)
    return isFloating(x.dtype) ? y.div(counts) : y.double().div(counts.double()).floor().to(x.dtype)
  },
  saves: ['x', 'index', 'source', 'y'],
  grad: {
    x(dy, { x, index, source, y }, { params }) {
      const { dim, reduce, includeSelf } = params
      const part = (): Tensor => {
        if (reduce === 'sum') return dy
        if (reduce === 'mean') return dy.div(received(x, index, params))
        if (reduce === 'prod')
          return dy.mul(scatterReduce(filledTensor(x.dtype, x.shape, 1), dim, index, source, 'prod'))
        return dy.mul(x.eq(y).to(dy.dtype)).div(winners(x, index, source, y, params))
      }
      return includeSelf ? part() : scatter(part(), dim, index, 0)
    },
    source(dy, { x, index, source, y }, { params }) {
      const { dim, reduce } = params
      if (reduce === 'sum') return gather(dy, dim, index)
      if (reduce === 'mean') return gather(dy.div(received(x, index, params)), dim, index)
      if (reduce === 'prod') return gather(dy, dim, index).mul(productsOfOthers(x, index, source, params))
      const won = source.eq(gather(y, dim, index)).to(dy.dtype)
      return won.mul(gather(dy.div(winners(x, index, source, y, params)), dim, index))
    },
  },
  samples: [
    ...(['sum', 'prod', 'mean', 'amax', 'amin'] as const).flatMap((reduce) => [
      { ...three, args: [0, targets, reduce] },
      { ...three, args: [0, targets, reduce], options: { includeSelf: false } },
    ]),
    { ...fewer, args: [...fewer.args, 'mean'] },
    {
      inputs: [
        [2, 3],
        [0, 4, 5],
      ],
      args: [0, [0, 0, 1], 'prod'],
    },
  ],
  call: (
    x: Tensor,
    source: Tensor,
    dim: number,
    index: number[],
    reduce: ScatterReduction,
    options?: ScatterReduceOptions,
  ) => scatterReduce(x, dim, indices(index), source, reduce, options),
})

/** By how many equal extremes each position was reached: they share its gradient. */
function winners(x: Tensor, index: Tensor, source: Tensor, y: Tensor, { dim, includeSelf }: Reducing): Tensor {
  const won = source
    .detach()
    .eq(gather(y.detach(), dim, index))
    .to(x.dtype)
  const own = includeSelf ? x.detach().eq(y.detach()).to(x.dtype) : filledTensor(x.dtype, x.shape, 0)
  return scatterAdd(own, dim, index, won).clamp(1)
}

/** For each element of the source the product of all others that reach its position: right also where it is 0. */
function productsOfOthers(x: Tensor, index: Tensor, source: Tensor, { dim, includeSelf }: Reducing): Tensor {
  const isZero = source.detach().eq(0)
  const sumOfOthers = (part: Tensor): Tensor =>
    gather(scatterAdd(filledTensor(x.dtype, x.shape, 0), dim, index, part), dim, index).sub(part)
  const zeros = sumOfOthers(isZero.to(x.dtype))
  // With zeros left out, dividing gives the product of the other elements that are not 0.
  const safe = where(isZero, 1, source)
  const products = gather(scatterReduce(x, dim, index, safe, 'prod', { includeSelf }), dim, index).div(safe)
  if (zeros.eq(0).all().item() === 1) return products
  // One other zero is written as a sum: it is 0, and its derivative is 1. Of several not even the derivative is left.
  const single = sumOfOthers(where(isZero, source, 0))
  return products.mul(where(zeros.eq(0), 1, where(zeros.eq(1), single, 0)))
}

/**
 * x with the values of `source` that name the same position along `dim` reduced to one. Equal extremes share the gradient.
 * torch.scatter_reduce.
 */
export function scatterReduce(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  given: ReductionArgument,
  options?: ScatterReduceOptions,
): Tensor {
  const { reduce, includeSelf } = readReduction('scatterReduce', given, options)
  if (!(reduce in kinds))
    throw new Error(`scatterReduce: reduce must be sum, prod, mean, amax or amin, got '${String(reduce)}'`)
  const d = wrapDim('scatterReduce', dim, x.ndim)
  const used = indexedPart('scatterReduce', x, d, index, source) as Tensor
  if (index.numel() === 0) return x.clone()
  return scatterReduceOp({ x, index, source: used }, { dim: d, reduce, includeSelf })
}

/** @internal A 1-D index for whole slices as one for every element of `shape`, without a copy. */
export function indexOfSlices(index: Tensor, dim: number, shape: Shape): Tensor {
  if (shape.length === 0) return reshape(index, [])
  const sizes = new Array<number>(shape.length).fill(1).with(dim, index.numel())
  return expand(reshape(index, sizes), shape)
}

/** x with its slices at the positions `index` along `dim` replaced by those of `source`. torch.index_copy. */
export const indexCopy: (x: Tensor, dim: number, index: Tensor, source: Tensor) => Tensor = composite(
  'indexCopy',
  {
    torch: 'lambda x, source, dim, index: torch.index_copy(x, dim, torch.tensor(index), source)',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [4, 3] }, { shape: [2, 3] }], args: [0, [3, 1]] },
      { inputs: [{ shape: [2, 4, 3] }, { shape: [2, 2, 3] }], args: [1, [0, 3]] },
    ],
    call: (x: Tensor, source: Tensor, dim: number, index: number[]) => indexCopy(x, dim, indices(index), source),
  },
  (x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor => {
    assertIndex('indexCopy', index)
    const d = wrapDim('indexCopy', dim, x.ndim)
    assertSlices('indexCopy', x, d, index, source)
    return scatter(x, d, indexOfSlices(index, d, source.shape), source)
  },
)

/** x with its slices at the positions `index` along `dim` filled with a number (or a 0-d tensor). torch.index_fill. */
export const indexFill: (x: Tensor, dim: number, index: Tensor, value: number | Tensor) => Tensor = composite(
  'indexFill',
  {
    torch: 'lambda x, dim, index, value: torch.index_fill(x, dim, torch.tensor(index), value)',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [4, 3] }], args: [0, [3, 1], 2] },
      { inputs: [{ shape: [4, 3] }], args: [1, [-1], 0.5] },
    ],
    call: (x: Tensor, dim: number, index: number[], value: number) => indexFill(x, dim, indices(index), value),
  },
  (x: Tensor, dim: number, index: Tensor, value: number | Tensor): Tensor => {
    const { d, at, filling } = fillPlan('indexFill', x, dim, index, value)
    return scatter(x, d, at, filling instanceof Tensor ? expand(filling, at.shape) : filling)
  },
)

/** @internal The checked arguments of indexFill: the dimension, an index for every element, and what is written. */
export function fillPlan(
  name: string,
  x: Tensor,
  dim: number,
  index: Tensor,
  value: number | Tensor,
): { d: number; at: Tensor; filling: number | Tensor } {
  assertIndex(name, index)
  const d = wrapDim(name, dim, x.ndim)
  if (index.ndim > 1) throw new ShapeError(`${name}: the index must be 1-D, got ${show(index.shape)}`)
  if (value instanceof Tensor && value.ndim > 0)
    throw new ShapeError(`${name}: the value must be a number or a 0-d tensor, got shape ${show(value.shape)}`)
  const size: number = x.ndim === 0 ? 1 : x.shape[d]
  const wrapped = index.numel() > 0 && index.amin().item() < 0 ? where(index.lt(0), index.add(size), index) : index
  const shape = x.ndim === 0 ? [] : x.shape.with(d, index.numel())
  return {
    d,
    at: indexOfSlices(wrapped, d, shape),
    filling: value instanceof Tensor ? value.to(x.dtype) : value,
  }
}

/** x with the slices of `source` reduced into it at the positions `index` along `dim`. torch.index_reduce. */
export const indexReduce: (
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: ReductionArgument<Exclude<ScatterReduction, 'sum'>>,
  options?: ScatterReduceOptions,
) => Tensor = composite(
  'indexReduce',
  {
    torch:
      'lambda x, source, dim, index, reduce, **o: torch.index_reduce(x, dim, torch.tensor(index), source, reduce, **o)',
    dtypes: numeric,
    samples: (['prod', 'mean', 'amax', 'amin'] as const).flatMap((reduce) => [
      { inputs: [{ shape: [4, 3] }, { shape: [3, 3] }], args: [0, [3, 0, 3], reduce] },
      { inputs: [{ shape: [3, 4] }, { shape: [3, 3] }], args: [1, [3, 0, 3], reduce], options: { includeSelf: false } },
    ]),
    call: (
      x: Tensor,
      source: Tensor,
      dim: number,
      index: number[],
      reduce: Exclude<ScatterReduction, 'sum'>,
      options?: ScatterReduceOptions,
    ) => indexReduce(x, dim, indices(index), source, reduce, options),
  },
  (x, dim, index, source, given, options): Tensor => {
    const { reduce, includeSelf } = readReduction('indexReduce', given, options)
    if (!(reduce in kinds) || (reduce as string) === 'sum')
      throw new Error(`indexReduce: reduce must be prod, mean, amax or amin, got '${String(reduce)}'`)
    assertIndex('indexReduce', index)
    const d = wrapDim('indexReduce', dim, x.ndim)
    assertSlices('indexReduce', x, d, index, source)
    return scatterReduce(x, d, indexOfSlices(index, d, source.shape), source, reduce, { includeSelf })
  },
)

/** @internal Flat positions for the elements of `source`, negative ones counted from the end. */
export function flatPositions(name: string, x: Tensor, index: Tensor): Tensor {
  assertIndex(name, index)
  const flat = reshape(index, [-1])
  return flat.numel() > 0 && flat.amin().item() < 0 ? where(flat.lt(0), flat.add(x.numel()), flat) : flat
}

/** What put accepts last. */
export interface PutOptions {
  /** Add instead of replacing. Default false. */
  accumulate?: boolean
}

/** x with the elements of `source` at the positions `index` of its flattened form. torch.Tensor.put. */
export const put: (x: Tensor, index: Tensor, source: Tensor, options?: PutOptions) => Tensor = composite(
  'put',
  {
    torch: 'lambda x, source, index, **o: torch.Tensor.put(x, torch.tensor(index), source, **o)',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [2, 3] }, { shape: [2] }], args: [[4, -6]] },
      { inputs: [{ shape: [2, 3] }, { shape: [3] }], args: [[4, 1, 4]], options: { accumulate: true } },
    ],
    call: (x: Tensor, source: Tensor, index: number[], options?: PutOptions) => put(x, indices(index), source, options),
  },
  (x: Tensor, index: Tensor, source: Tensor, options?: PutOptions): Tensor => {
    const { accumulate } = readOptions('put', options, { accumulate: false })
    const flat = reshape(x, [-1])
    const at = flatPositions('put', x, index)
    assertSameDType('put', x, source)
    if (source.numel() !== at.numel())
      throw new ShapeError(`put: ${at.numel()} positions for the ${source.numel()} elements of source`)
    const values = reshape(source, [-1])
    return reshape(accumulate ? scatterAdd(flat, 0, at, values) : scatter(flat, 0, at, values), x.shape)
  },
)

/** The elements of the flattened x at the positions `index`, in its shape; negative positions count from the end. torch.take. */
export const take: (x: Tensor, index: Tensor) => Tensor = composite(
  'take',
  {
    torch: 'lambda x, index: torch.take(x, torch.tensor(index))',
    dtypes: everyDType,
    samples: [
      {
        inputs: [{ shape: [2, 3] }],
        args: [
          [
            [5, 0],
            [-1, 2],
          ],
        ],
      },
    ],
    call: (x: Tensor, index: number[][]) => take(x, tensor(index, { dtype: 'int64' })),
  },
  (x: Tensor, index: Tensor): Tensor => {
    return reshape(indexSelect(reshape(x, [-1]), 0, flatPositions('take', x, index)), index.shape)
  },
)

/** Like gather, with x and index broadcast except along `dim`; without dim both are flattened. torch.take_along_dim. */
export const takeAlongDim: (x: Tensor, index: Tensor, dim?: OrNamed<'dim', number>) => Tensor = composite(
  'takeAlongDim',
  {
    torch: 'lambda x, index, dim=None: torch.take_along_dim(x, torch.tensor(index), dim)',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [3, 4] }], args: [[[0], [3], [1]], 1] },
      { inputs: [{ shape: [3, 4] }], args: [[[2, 0, 1, 0]], 0] },
      { inputs: [{ shape: [3, 4] }], args: [[[7, 0]]] },
      { inputs: [{ shape: [3, 4] }], args: [[[0], [3], [1]]], options: { dim: 1 } },
    ],
    call: (x: Tensor, index: number[][], dim?: OrNamed<'dim', number>) =>
      takeAlongDim(x, tensor(index, { dtype: 'int64' }), dim),
  },
  (x: Tensor, index: Tensor, along?: OrNamed<'dim', number>): Tensor => {
    const dim = named('takeAlongDim', 'dim', along)
    if (dim === undefined) return gather(reshape(x, [-1]), 0, reshape(index, [-1]))
    const d = wrapDim('takeAlongDim', dim, x.ndim)
    if (index.ndim !== x.ndim)
      throw new ShapeError(
        `takeAlongDim: index ${show(index.shape)} and tensor ${show(x.shape)} need as many dimensions`,
      )
    const common = broadcastShapes('takeAlongDim', x.shape.with(d, 1), index.shape.with(d, 1))
    return gather(expand(x, common.with(d, x.shape[d])), d, expand(index, common.with(d, index.shape[d])))
  },
)

/** x with the elements where the bool mask holds taken from `source`, in order. torch.masked_scatter. */
export const maskedScatter: (x: Tensor, mask: Tensor, source: Tensor) => Tensor = composite(
  'maskedScatter',
  {
    torch: 'lambda x, m, source: torch.masked_scatter(x, m != 0, source)',
    dtypes: everyDType,
    samples: [{ inputs: [{ shape: [2, 3] }, [1, 0, 1], { shape: [5] }] }],
    call: (x: Tensor, mask: Tensor, source: Tensor) => maskedScatter(x, mask.to('bool'), source),
  },
  (x: Tensor, mask: Tensor, source: Tensor): Tensor => {
    if (mask.dtype !== 'bool') throw new TypeError(`maskedScatter: the mask must be bool, got ${mask.dtype}`)
    assertSameDType('maskedScatter', x, source)
    if (!sameShape(broadcastShapes('maskedScatter', x.shape, mask.shape), x.shape))
      throw new ShapeError(`maskedScatter: a mask of shape ${show(mask.shape)} does not broadcast to ${show(x.shape)}`)
    const index = reshape(nonzero(reshape(expand(mask, x.shape), [-1])), [-1])
    if (index.numel() > source.numel())
      throw new ShapeError(
        `maskedScatter: the mask asks for ${index.numel()} elements, source has ${numel(source.shape)}`,
      )
    return reshape(scatter(reshape(x, [-1]), 0, index, narrow(reshape(source, [-1]), 0, 0, index.numel())), x.shape)
  },
)
