/** Sorting along a dimension, and single elements of the order: the largest k, the k-th, the median, the mode. */
import { addon } from '../device/addon.js'
import { isFloating } from '../tensor/dtype.js'
import { ShapeError, show, wrapDim, type Shape } from '../tensor/shape.js'
import { emptyLikeTensor, emptyTensor, filledTensor, Tensor } from '../tensor/tensor.js'
import { readCall, readOptions, type Defaults, type Filled } from '../tensor/options.js'
import { composite, defineOp, everyDType, numeric, type RunOp } from './define.js'
import { withPacked } from './packed.js'
import {
  reduceDefaults,
  reduceSettings,
  type DimOptions,
  type Dims,
  type ReduceOptions,
  type ValuesIndices,
} from './reduce.js'
import type { Sample } from './registry.js'
import { reshape, squeeze } from './shape.js'

const cube = { shape: [2, 3, 4] }

/** A gradient sent back to the positions from which the values were taken. */
function place(dy: Tensor, indices: Tensor, dim: number, shape: Shape): Tensor {
  return filledTensor(dy.dtype, shape, 0).scatterAdd(dim, indices, dy)
}

/** A single number counts as a row of one; what comes out of it is 0-d again. */
function asRow(x: Tensor, run: (row: Tensor) => ValuesIndices): ValuesIndices {
  if (x.ndim > 0) return run(x)
  const { values, indices } = run(reshape(x, [1]))
  return { values: reshape(values, []), indices: reshape(indices, []) }
}

interface SortParams {
  dim: number
  descending: boolean
}

/** What sort and argsort accept last. */
export interface SortOptions {
  /** Unless it was given before. Default −1. */
  dim?: number
  /** Largest first. Default false. */
  descending?: boolean
  /** Equal elements always keep their order; the option exists for PyTorch's sake. */
  stable?: boolean
}

const sortOp: RunOp<{ x: Tensor; indices: Tensor }, SortParams> = defineOp<
  { x: Tensor; indices: Tensor },
  'indices',
  SortParams
>('sort', {
  torch: 'lambda x, dim=-1, **o: torch.sort(x, dim=dim, **o).values',
  dtypes: everyDType,
  forward({ x, indices }, { dim, descending }) {
    const y = emptyLikeTensor(x)
    withPacked(x, (packed) => addon().sort(y.handle, indices.handle, packed.handle, dim, descending))
    return y
  },
  saves: ['indices'],
  grad: { x: (dy, { indices }, { params, shapes }) => place(dy, indices, params.dim, shapes.x) },
  samples: [
    { inputs: [cube] },
    { inputs: [cube], args: [1] },
    { inputs: [cube], args: [0], options: { descending: true } },
    { inputs: [cube], options: { dim: 0, descending: true } },
    { inputs: [[3, NaN, -Infinity, 1, NaN, 2]], skipGradcheck: 'NaN has no neighbours' },
    {
      inputs: [[3, NaN, -Infinity, 1, NaN, 2]],
      args: [0],
      options: { descending: true },
      skipGradcheck: 'NaN has no neighbours',
    },
    { inputs: [{ shape: [2, 700] }], args: [1] },
    { inputs: [5], args: [0] },
    { inputs: [{ shape: [3, 0] }], args: [1] },
  ],
  call: (x: Tensor, dim?: number | SortOptions, options?: SortOptions) => sort(x, dim, options).values,
})

/** A leading dim may be left out before the options. */
function dimAndOptions<Options extends { dim?: Dims }, const D extends Defaults<Options>>(
  name: string,
  dim: number | Options | undefined,
  options: Options | undefined,
  defaults: D,
): [number, Filled<Options, D>] {
  const settings = readCall<Options, D>(name, ['dim'], [dim, options], defaults)
  const along: Dims = settings.dim ?? -1
  if (typeof along !== 'number') throw new TypeError(`${name}: dim must be one dimension, got ${show(along)}`)
  return [along, settings]
}

const sortDefaults = { dim: -1, descending: false, stable: true } as const satisfies Defaults<SortOptions>

/**
 * The elements in ascending order along a dimension (default the last), with the positions they came from. NaN counts as the
 * greatest; equal elements keep their order. torch.sort.
 * @example const { values, indices } = x.sort(0, { descending: true })
 */
export function sort(x: Tensor, dim?: number | SortOptions, options?: SortOptions): ValuesIndices {
  const [along, { descending }] = dimAndOptions<SortOptions, typeof sortDefaults>('sort', dim, options, sortDefaults)
  const d = wrapDim('sort', along, x.ndim)
  return asRow(x, (row) => {
    const indices = emptyTensor('int64', row.shape, row.device)
    return { values: sortOp({ x: row, indices }, { dim: d, descending }), indices }
  })
}

/** The positions that would sort x along a dimension (default the last). torch.argsort. */
export const argsort: (x: Tensor, dim?: number | SortOptions, options?: SortOptions) => Tensor = composite(
  'argsort',
  {
    torch: 'lambda x, dim=-1, **o: torch.argsort(x, dim=dim, stable=True, **o)',
    dtypes: everyDType,
    gradient: 'the result is positions',
    samples: [
      { inputs: [cube] },
      { inputs: [[2, 1, 2, NaN, 1, 1]] },
      { inputs: [[2, 1, 2, NaN, 1, 1]], args: [0], options: { descending: true } },
      { inputs: [5] },
    ],
  },
  (x: Tensor, dim?: number | SortOptions, options?: SortOptions): Tensor => {
    const [along, { descending }] = dimAndOptions<SortOptions, typeof sortDefaults>(
      'argsort',
      dim,
      options,
      sortDefaults,
    )
    const indices = emptyTensor('int64', x.shape)
    const d = wrapDim('argsort', along, x.ndim)
    withPacked(x, (packed) => addon().sort(null, indices.handle, packed.handle, d, descending))
    return indices
  },
)

/** x sorted along its first dimension. torch.msort. */
export const msort = composite(
  'msort',
  { torch: 'torch.msort', dtypes: everyDType, samples: [{ inputs: [cube] }] },
  (x: Tensor): Tensor => sort(x, 0).values,
)

/** What topk accepts last. */
export interface TopkOptions {
  /** Default −1. */
  dim?: number
  /** The largest, or with false the smallest. Default true. */
  largest?: boolean
  /** The result is in order either way; the option exists for PyTorch's sake. */
  sorted?: boolean
}

const topkOp: RunOp<{ x: Tensor; indices: Tensor }, { dim: number; k: number; largest: boolean }> = defineOp<
  { x: Tensor; indices: Tensor },
  'indices',
  { dim: number; k: number; largest: boolean }
>('topk', {
  torch: 'lambda x, k, **o: torch.topk(x, k, **o).values',
  dtypes: numeric,
  forward({ x, indices }, { dim, k, largest }) {
    const y = emptyTensor(x.dtype, indices.shape)
    withPacked(x, (packed) => addon().topk(y.handle, indices.handle, packed.handle, dim, k, largest))
    return y
  },
  saves: ['indices'],
  grad: { x: (dy, { indices }, { params, shapes }) => place(dy, indices, params.dim, shapes.x) },
  samples: [
    { inputs: [cube], args: [2] },
    { inputs: [cube], args: [1], options: { dim: 1, largest: false } },
    { inputs: [{ shape: [2, 500] }], args: [7] },
    { inputs: [[1, NaN, 3, 2]], args: [3], skipGradcheck: 'NaN has no neighbours' },
    { inputs: [5], args: [1] },
    { inputs: [cube], args: [0], skipGradcheck: 'nothing is chosen' },
  ],
  call: (x: Tensor, k: number, options?: TopkOptions) => topk(x, k, options).values,
})

/**
 * The k largest (or smallest) elements along a dimension, in order, with their positions. torch.topk.
 * @throws RangeError when there are fewer than k.
 */
export function topk(x: Tensor, k: number, options?: TopkOptions): ValuesIndices {
  const { dim, largest } = readOptions('topk', options, { dim: -1, largest: true, sorted: true })
  const d = wrapDim('topk', dim, x.ndim)
  const size: number = x.ndim === 0 ? 1 : x.shape[d]
  if (!Number.isInteger(k) || k < 0 || k > size)
    throw new RangeError(
      `topk: k must be an integer from 0 to ${size}, the size of dimension ${dim} of ${show(x.shape)}; got ${k}`,
    )
  if (x.dtype === 'bool') throw new TypeError("topk: bools have no order; convert them with .to('uint8')")
  if (x.ndim === 0 && k === 0)
    return { values: emptyTensor(x.dtype, [0], x.device), indices: emptyTensor('int64', [0], x.device) }
  return asRow(x, (row) => {
    const indices = emptyTensor('int64', row.shape.with(d, k), row.device)
    return { values: topkOp({ x: row, indices }, { dim: d, k, largest }), indices }
  })
}

type Chosen = 'kth' | 'median' | 'nanmedian' | 'mode'

interface ChooseParams {
  dim: number
  k: number
}

function choice(
  name: string,
  chosen: Chosen,
  torch: string,
  samples: readonly Sample[],
  call: (...args: never[]) => unknown,
) {
  const run = defineOp<{ x: Tensor; indices: Tensor }, 'indices', ChooseParams>(name, {
    torch,
    dtypes: numeric,
    forward({ x, indices }, { dim, k }) {
      const y = emptyTensor(x.dtype, indices.shape)
      withPacked(x, (packed) => addon().selectAlong(chosen, y.handle, indices.handle, packed.handle, dim, k))
      return y
    },
    saves: ['indices'],
    grad: { x: (dy, { indices }, { params, shapes }) => place(dy, indices, params.dim, shapes.x) },
    samples,
    call,
  })
  return (x: Tensor, dim: number, { keepdim = false }: ReduceOptions, k = 1): ValuesIndices => {
    const d = wrapDim(name, dim, x.ndim)
    return asRow(x, (row) => {
      if (row.shape[d] === 0)
        throw new ShapeError(
          `${name}: dimension ${dim} of ${show(x.shape)} is empty, so there is nothing to choose from`,
        )
      const indices = emptyTensor('int64', row.shape.with(d, 1), row.device)
      const values = run({ x: row, indices }, { dim: d, k })
      return keepdim || x.ndim === 0
        ? { values, indices }
        : { values: squeeze(values, d), indices: squeeze(indices, d) }
    })
  }
}

const choices: readonly Sample[] = [
  { inputs: [cube], args: [-1] },
  { inputs: [cube], args: [1], options: { keepdim: true } },
  { inputs: [{ shape: [5, 2] }], args: [0] },
]

const chooseKth = choice(
  'kthvalue',
  'kth',
  'lambda x, k, dim=-1, **o: torch.kthvalue(x, k, dim, **o).values',
  [
    { inputs: [cube], args: [2] },
    { inputs: [cube], args: [3, 1], options: { keepdim: true } },
    { inputs: [[3, NaN, 1]], args: [2], skipGradcheck: 'NaN has no neighbours' },
    { inputs: [5], args: [1] },
  ],
  (x: Tensor, k: number, dim?: number, options?: ReduceOptions) => kthvalue(x, k, dim, options).values,
)

/** The k-th smallest element (counted from 1) along a dimension (default the last), and its position. torch.kthvalue. */
export function kthvalue(x: Tensor, k: number, dim?: number | ReduceOptions, options?: ReduceOptions): ValuesIndices {
  const [along, settings] = dimAndOptions<ReduceOptions, typeof reduceDefaults>(
    'kthvalue',
    dim,
    options,
    reduceDefaults,
  )
  const size: number = x.ndim === 0 ? 1 : x.shape[wrapDim('kthvalue', along, x.ndim)]
  if (!Number.isInteger(k) || k < 1 || k > size)
    throw new RangeError(
      `kthvalue: k must be an integer from 1 to ${size}, the size of dimension ${along} of ${show(x.shape)}; got ${k}`,
    )
  return chooseKth(x, along, settings, k)
}

const chooseMode = choice(
  'mode',
  'mode',
  'lambda x, dim=-1, **o: torch.mode(x, dim, **o).values',
  [
    {
      inputs: [
        [
          [2, 1, 2, 1, 3],
          [5, 5, 4, 4, 4],
        ],
      ],
      skipGradcheck: 'a step changes which element is the most frequent',
    },
    { inputs: [cube], args: [1], options: { keepdim: true }, skipGradcheck: 'all are equally frequent' },
  ],
  (x: Tensor, dim?: number, options?: ReduceOptions) => mode(x, dim, options).values,
)

/** The most frequent element along a dimension (default the last), of several the smallest, and the last position where it stands. torch.mode. */
export function mode(x: Tensor, dim?: number | ReduceOptions, options?: ReduceOptions): ValuesIndices {
  return chooseMode(x, ...dimAndOptions<ReduceOptions, typeof reduceDefaults>('mode', dim, options, reduceDefaults))
}

/** The median of all elements; equal ones share the gradient. */
function medianOfAll(name: 'median' | 'nanmedian', x: Tensor): Tensor {
  const values = emptyTensor(x.dtype, [1], x.device)
  const flat = emptyTensor(x.dtype, [x.numel()], x.device)
  addon().copy(flat.view(x.shape).handle, x.handle)
  addon().selectAlong(name, values.handle, null, flat.handle, 0, 1)
  flat.dispose()
  return reshape(values, [])
}

function median1(name: 'median' | 'nanmedian') {
  const all = defineOp<{ x: Tensor }, 'x' | 'y'>(`${name}OfAll`, {
    torch: `torch.${name}`,
    dtypes: numeric,
    forward: ({ x }) =>
      x.numel() > 0 ? medianOfAll(name, x) : filledTensor(x.dtype, [], isFloating(x.dtype) ? NaN : 0, x.device),
    saves: ['x', 'y'],
    grad: {
      x(dy, { x, y }) {
        const same = (y.item() === y.item() ? x.eq(y) : x.isnan()).to(dy.dtype)
        return same.mul(dy.div(same.sum()))
      },
    },
    samples: [
      { inputs: [cube] },
      { inputs: [[4, 1, 1, 1]], skipGradcheck: 'equal elements' },
      { inputs: [[4, NaN, 1, 2, 3]], skipGradcheck: 'NaN has no neighbours' },
      { inputs: [5] },
    ],
    call: (x: Tensor) => all({ x }, undefined),
  })
  const along = choice(
    name,
    name,
    `lambda x, dim, **o: torch.${name}(x, dim, **o).values`,
    [...choices, { inputs: [[[4, NaN, 1, 2, 3]]], args: [1], skipGradcheck: 'NaN has no neighbours' }],
    (x: Tensor, dim: number, options?: ReduceOptions) => run(x, dim, options).values,
  )
  function run(x: Tensor): Tensor
  function run(x: Tensor, dim: number | DimOptions, options?: ReduceOptions): ValuesIndices
  function run(x: Tensor, given?: number | DimOptions, options?: ReduceOptions): Tensor | ValuesIndices {
    const settings = reduceSettings(name, given, options)
    const { dim } = settings as { dim?: number }
    return dim === undefined ? all({ x }, undefined) : along(x, dim, settings)
  }
  return run
}

/** The median of all elements, or medians and their positions along a dimension; of an even number the lower one. NaN if any is. torch.median. */
export const median = median1('median')
/** Like median, of the elements that are not NaN. torch.nanmedian. */
export const nanmedian = median1('nanmedian')
