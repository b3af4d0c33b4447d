/** Views: other sizes and strides on the same memory. Nothing is copied except where a function says so. */
import { addon } from '../device/addon.js'
import { inferSizes, numel, ShapeError, show, viewStrides, wrapDim, type Shape } from '../tensor/shape.js'
import { emptyTensor, viewTensor, type Tensor } from '../tensor/tensor.js'
import { named, namedAll, type OrNamed } from '../tensor/options.js'
import { composite, defineOp, everyDType, type RunOp } from './define.js'

const matrix = { shape: [3, 4] }
const cube = { shape: [2, 3, 4] }

const viewOp = defineOp<{ x: Tensor }, never, { sizes: Shape; strides: Shape }>('view', {
  torch: 'torch.Tensor.view',
  dtypes: everyDType,
  forward: ({ x }, { sizes, strides }) => viewTensor(x, sizes, strides, x.offset),
  grad: { x: (dy, _, { shapes }) => reshape(dy, shapes.x) },
  samples: [
    { inputs: [cube], args: [[6, 4]] },
    { inputs: [cube], args: [[-1]] },
    { inputs: [3], args: [[1, 1]] },
    { inputs: [{ shape: [0, 3] }], args: [[3, 0]] },
  ],
  call: (x: Tensor, sizes: Shape) => view(x, sizes),
})

/** The same memory with other sizes; one may be -1. Throws ShapeError when strides make that impossible. torch.Tensor.view. */
export function view(x: Tensor, sizes: Shape): Tensor {
  const shape = inferSizes('view', x.shape, sizes)
  const strides = viewStrides(x.shape, x.strides, shape)
  if (strides === null)
    throw new ShapeError(
      `view: a tensor of shape ${show(x.shape)} with strides ${show(x.strides)} cannot be seen as ${show(shape)} without a copy; use .reshape()`,
    )
  return viewOp({ x }, { sizes: shape, strides })
}

/** Other sizes: a view where possible, else a copy. torch.reshape. */
export const reshape = composite(
  'reshape',
  { torch: 'torch.reshape', dtypes: everyDType, samples: [{ inputs: [cube], args: [[4, -1]] }] },
  (x: Tensor, sizes: Shape): Tensor => {
    const shape = inferSizes('reshape', x.shape, sizes)
    const strides = viewStrides(x.shape, x.strides, shape)
    return strides ? viewOp({ x }, { sizes: shape, strides }) : view(x.contiguous(), shape)
  },
)

const permuteOp = defineOp<{ x: Tensor }, never, readonly number[]>('permute', {
  torch: 'torch.permute',
  dtypes: everyDType,
  forward: ({ x }, order) =>
    viewTensor(
      x,
      order.map((d) => x.shape[d]),
      order.map((d) => x.strides[d]),
      x.offset,
    ),
  grad: { x: (dy, _, { params: order }) => permute(dy, invert(order)) },
  samples: [{ inputs: [cube], args: [[2, 0, 1]] }],
  call: (x: Tensor, order: readonly number[]) => permute(x, order),
})

function invert(order: readonly number[]): number[] {
  const inverse = new Array<number>(order.length)
  order.forEach((from, to) => (inverse[from] = to))
  return inverse
}

/** Dimensions in another order. torch.permute. */
export function permute(x: Tensor, dims: readonly number[]): Tensor {
  const order = dims.map((d) => wrapDim('permute', d, x.ndim))
  if (order.length !== x.ndim || new Set(order).size !== x.ndim)
    throw new ShapeError(
      `permute: ${show(dims)} is no order of the ${x.ndim} dimensions of ${show(x.shape)}; name each once`,
    )
  return permuteOp({ x }, order)
}

/** Two dimensions exchanged. torch.transpose. */
export const transpose = composite(
  'transpose',
  { torch: 'torch.transpose', dtypes: everyDType, samples: [{ inputs: [cube], args: [0, -1] }] },
  (x: Tensor, dim0: number, dim1: number): Tensor => {
    const order = Array.from({ length: x.ndim }, (_, d) => d)
    const a = wrapDim('transpose', dim0, x.ndim)
    const b = wrapDim('transpose', dim1, x.ndim)
    if (x.ndim > 0) [order[a], order[b]] = [order[b], order[a]]
    return permuteOp({ x }, order)
  },
)

const expandOp = defineOp<{ x: Tensor }, never, { sizes: Shape; strides: Shape }>('expand', {
  torch: 'torch.Tensor.expand',
  dtypes: everyDType,
  forward: ({ x }, { sizes, strides }) => viewTensor(x, sizes, strides, x.offset),
  grad: { x: (dy, _, { shapes }) => dy.sumTo(shapes.x) },
  samples: [
    { inputs: [{ shape: [3, 1] }], args: [[2, 3, 4]] },
    { inputs: [2], args: [[2, 2]] },
  ],
  call: (x: Tensor, sizes: Shape) => expand(x, sizes),
})

/** Dimensions of size 1 repeated without a copy; -1 keeps a size, further dimensions may be added in front. torch.Tensor.expand. */
export function expand(x: Tensor, sizes: Shape): Tensor {
  const added = sizes.length - x.ndim
  if (added < 0) throw new ShapeError(`expand: ${show(sizes)} has fewer dimensions than ${show(x.shape)}`)
  for (const size of sizes)
    if (!Number.isInteger(size)) throw new ShapeError(`expand: ${size} is no size (in ${show(sizes)})`)
  const shape = sizes.map((size, d) => (size === -1 && d >= added ? x.shape[d - added] : size))
  const strides = shape.map((size, d) => {
    const old = d < added ? 1 : x.shape[d - added]
    if (old !== size && (old !== 1 || size < 0))
      throw new ShapeError(
        `expand: ${show(x.shape)} does not expand to ${show(sizes)}: dimension ${d} has ${old}, and only 1 can be repeated`,
      )
    return d < added || old !== size ? 0 : x.strides[d - added]
  })
  return expandOp({ x }, { sizes: shape, strides })
}

interface Range {
  dim: number
  start: number
  length: number
  step: number
}

function rangeView(x: Tensor, { dim, start, length, step }: Range): Tensor {
  const shape = x.shape.map((size: number, d: number) => (d === dim ? length : size))
  const strides = x.strides.map((stride, d) => (d === dim ? stride * step : stride))
  return viewTensor(x, shape, strides, x.offset + (shape.includes(0) ? 0 : start * x.strides[dim]))
}

const sliceOp: RunOp<{ x: Tensor }, Range> = defineOp<{ x: Tensor }, never, Range>('slice', {
  torch: 'lambda x, dim, start, end, step: x[(slice(None),) * dim + (slice(start, end, step),)]',
  dtypes: everyDType,
  forward: ({ x }, range) => rangeView(x, range),
  grad: { x: (dy, _, { params, shapes }) => sliceBackward({ dy }, { range: params, sizes: shapes.x }) },
  samples: [
    { inputs: [matrix], args: [1, 1, 3, 1] },
    { inputs: [{ shape: [7] }], args: [0, 1, 6, 2] },
    { inputs: [matrix], args: [0, 2, 2, 1] },
  ],
  call: (x: Tensor, dim: number, start: number, end: number, step: number) => slice(x, dim, start, end, step),
})

const sliceBackward: RunOp<{ dy: Tensor }, { range: Range; sizes: Shape }> = defineOp<
  { dy: Tensor },
  never,
  { range: Range; sizes: Shape }
>('sliceBackward', {
  torch: 'lambda dy, sizes, dim, start, end: torch.ops.aten.slice_backward(dy, sizes, dim, start, end, 1)',
  dtypes: everyDType,
  forward({ dy }, { range, sizes }) {
    const dx = emptyTensor(dy.dtype, sizes)
    addon().fill(dx.handle, 0)
    addon().copy(rangeView(dx, range).handle, dy.handle)
    return dx
  },
  grad: { dy: (ddx, _, { params }) => sliceOp({ x: ddx }, params.range) },
  samples: [{ inputs: [{ shape: [2, 3] }], args: [[2, 5], 1, 1, 4] }],
  call: (dy: Tensor, sizes: Shape, dim: number, start: number, end: number) =>
    sliceBackward({ dy }, { range: { dim, start, length: end - start, step: 1 }, sizes }),
})

/** Every step-th element from start up to, not including, end along one dimension, as a view. Negative positions count from the end. */
export function slice(x: Tensor, dim: number, start = 0, end = Infinity, step = 1): Tensor {
  const d = wrapDim('slice', dim, x.ndim)
  if (x.ndim === 0) throw new ShapeError('slice: a 0-d tensor has no dimension to slice; use .item() for its value')
  if (!Number.isInteger(step) || step < 1)
    throw new RangeError(`slice: step must be a positive integer, got ${step}; use .flip() to go backwards`)
  for (const position of [start, end])
    if (!Number.isInteger(position) && Math.abs(position) !== Infinity)
      throw new RangeError(`slice: positions must be integers, got ${position}`)
  const size: number = x.shape[d]
  const clip = (i: number): number => Math.min(Math.max(i < 0 ? i + size : i, 0), size)
  const from = clip(start)
  const length = Math.max(0, Math.ceil((clip(end) - from) / step))
  return sliceOp({ x }, { dim: d, start: from, length, step })
}

/** `length` positions from `start` along one dimension, as a view. torch.narrow. */
export const narrow = composite(
  'narrow',
  { torch: 'torch.narrow', dtypes: everyDType, samples: [{ inputs: [matrix], args: [1, 1, 2] }] },
  (x: Tensor, dim: number, start: number, length: number): Tensor => {
    const d = wrapDim('narrow', dim, x.ndim)
    const from = start < 0 ? start + x.shape[d] : start
    if (!(
      Number.isInteger(from) &&
      Number.isInteger(length) &&
      from >= 0 &&
      length >= 0 &&
      from + length <= x.shape[d]
    ))
      throw new RangeError(
        `narrow: ${start} … ${start + length} is no range of positions in dimension ${dim} of ${show(x.shape)}, which has ${x.shape[d]} positions`,
      )
    return sliceOp({ x }, { dim: d, start: from, length, step: 1 })
  },
)

const squeezeAt = (x: Tensor, d: number): Tensor =>
  viewOp(
    { x },
    { sizes: x.shape.filter((_: number, i: number) => i !== d), strides: x.strides.filter((_, i) => i !== d) },
  )

/** One position of one dimension, which disappears. A view. torch.select. */
export const select = composite(
  'select',
  { torch: 'torch.select', dtypes: everyDType, samples: [{ inputs: [cube], args: [1, -1] }] },
  (x: Tensor, dim: number, index: number): Tensor => {
    if (x.ndim === 0) throw new ShapeError('select: a 0-d tensor has nothing to select; use .item() for its value')
    const d = wrapDim('select', dim, x.ndim)
    const size: number = x.shape[d]
    if (!Number.isInteger(index) || index < -size || index >= size)
      throw new RangeError(
        `select: index ${index} is out of range for dimension ${dim} of ${show(x.shape)}, which has ${size} positions`,
      )
    return squeezeAt(sliceOp({ x }, { dim: d, start: index < 0 ? index + size : index, length: 1, step: 1 }), d)
  },
)

/** Without the dimensions of size 1, or without those of `dim` whose size is 1. torch.squeeze. */
export const squeeze = composite(
  'squeeze',
  {
    torch: 'torch.squeeze',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [1, 3, 1] }] },
      { inputs: [{ shape: [1, 3, 1] }], args: [-1] },
      { inputs: [{ shape: [2, 3] }], args: [0] },
      { inputs: [{ shape: [1, 3, 1, 1] }], args: [[0, 1, -1]] },
    ],
  },
  (x: Tensor, given?: OrNamed<'dim', number | readonly number[]>): Tensor => {
    const dim = named('squeeze', 'dim', given)
    const only = dim === undefined ? null : [dim].flat().map((d) => wrapDim('squeeze', d, x.ndim))
    const kept = (_: number, d: number): boolean => x.shape[d] !== 1 || (only !== null && !only.includes(d))
    return viewOp({ x }, { sizes: x.shape.filter(kept), strides: x.strides.filter(kept) })
  },
)

/** A dimension of size 1 inserted before `dim`. torch.unsqueeze. */
export const unsqueeze = composite(
  'unsqueeze',
  {
    torch: 'torch.unsqueeze',
    dtypes: everyDType,
    samples: [
      { inputs: [matrix], args: [1] },
      { inputs: [matrix], args: [-1] },
    ],
  },
  (x: Tensor, dim: number): Tensor => {
    const d = wrapDim('unsqueeze', dim, x.ndim + 1)
    return viewOp(
      { x },
      {
        sizes: x.shape.toSpliced(d, 0, 1),
        strides: x.strides.toSpliced(d, 0, (x.shape[d] ?? 1) * (x.strides[d] ?? 1)),
      },
    )
  },
)

/** What flatten accepts by name. */
export interface FlattenOptions {
  /** Default 0. */
  startDim?: number
  /** Included. Default −1. */
  endDim?: number
}

/** Dimensions startDim to endDim made one. torch.flatten. */
export const flatten = composite(
  'flatten',
  {
    torch: 'torch.flatten',
    dtypes: everyDType,
    samples: [
      { inputs: [cube] },
      { inputs: [cube], args: [1] },
      { inputs: [5] },
      { inputs: [cube], options: { startDim: 1 } },
      { inputs: [cube], args: [0], options: { endDim: 1 } },
    ],
  },
  (x: Tensor, start?: number | FlattenOptions, end?: number | FlattenOptions): Tensor => {
    const [startDim = 0, endDim = -1] = namedAll<[number, number]>('flatten', ['startDim', 'endDim'], [start, end])
    if (x.ndim === 0) return reshape(x, [1])
    const from = wrapDim('flatten', startDim, x.ndim)
    const to = wrapDim('flatten', endDim, x.ndim)
    if (from > to)
      throw new RangeError(`flatten: startDim ${startDim} comes after endDim ${endDim} in ${show(x.shape)}`)
    return reshape(x, [...x.shape.slice(0, from), numel(x.shape.slice(from, to + 1)), ...x.shape.slice(to + 1)])
  },
)

/** The transpose of a tensor with at most two dimensions. torch.t. */
export function t(x: Tensor): Tensor {
  if (x.ndim > 2)
    throw new ShapeError(`t: only for up to two dimensions, got ${show(x.shape)}; use .mT or .transpose()`)
  return x.ndim < 2 ? x : transpose(x, 0, 1)
}
