/** Rearranging and repeating: flip, roll, repeat, and other names and forms of moving dimensions and splitting. */
import { addon } from '../device/addon.js'
import { checkInterrupt } from '../device/interrupt.js'
import { inferSizes, ShapeError, show, wrapDim, wrapDims, type Shape } from '../tensor/shape.js'
import { assertTensor, emptyTensor, int64List, int64Tensor, Tensor } from '../tensor/tensor.js'
import { isOptions, named, type OrNamed } from './arguments.js'
import { composite, defineOp, everyDType, type RunOp } from './define.js'
import { indexSelect } from './index-ops.js'
import { cat, split, stack } from './join.js'
import { expand, flatten, narrow, permute, reshape, transpose, unsqueeze, view } from './shape.js'

const matrix = { shape: [3, 4] }
const cube = { shape: [2, 3, 4] }
const row = { shape: [3] }

const list = (value: number | readonly number[]): readonly number[] => (typeof value === 'number' ? [value] : value)

const flipOp: RunOp<{ x: Tensor }, readonly number[]> = defineOp<{ x: Tensor }, never, readonly number[]>('flip', {
  torch: 'torch.flip',
  dtypes: everyDType,
  forward({ x }, dims) {
    const y = emptyTensor(x.dtype, x.shape)
    if (y.numel() === 0) return y
    // Read from the other end.
    const strides = x.strides.map((stride, d) => (dims.includes(d) ? -stride : stride))
    const offset = dims.reduce((at, d) => at + (x.shape[d] - 1) * x.strides[d], x.offset)
    const reversed = addon().view(x.handle, x.shape, strides, offset)
    addon().copy(y.handle, reversed)
    addon().release(reversed)
    return y
  },
  grad: { x: (dy, _, { params }) => flipOp({ x: dy }, params) },
  samples: [
    { inputs: [cube], args: [[0, -1]] },
    { inputs: [row], args: [[0]] },
    { inputs: [{ shape: [0, 2] }], args: [[0]] },
  ],
  call: (x: Tensor, dims: number | readonly number[]) => flip(x, dims),
})

/** Dimensions in reverse order of positions; a copy. torch.flip. */
export function flip(x: Tensor, dims: number | readonly number[]): Tensor {
  return list(dims).length === 0 ? x.clone() : flipOp({ x }, wrapDims('flip', dims, x.ndim))
}

/** Positions moved on by `shifts` along `dims`, the last ones coming in at the front; without dims in the flattened tensor. torch.roll. */
export const roll: (
  x: Tensor,
  shifts: number | readonly number[],
  dims?: OrNamed<'dims', number | readonly number[]>,
) => Tensor = composite(
  'roll',
  {
    torch: 'torch.roll',
    dtypes: everyDType,
    samples: [
      { inputs: [matrix], args: [1, 0] },
      { inputs: [matrix], args: [-2] },
      {
        inputs: [cube],
        args: [
          [1, -5],
          [0, 2],
        ],
      },
      { inputs: [{ shape: [0, 2] }], args: [1, 0] },
      { inputs: [matrix], args: [1], options: { dims: -1 } },
    ],
  },
  (x: Tensor, shifts: number | readonly number[], given?: OrNamed<'dims', number | readonly number[]>): Tensor => {
    const dims = named('roll', 'dims', given)
    const steps = list(shifts)
    if (dims === undefined) {
      if (steps.length !== 1)
        throw new ShapeError(`roll: without dims there is one shift, got ${show(steps)}; name a dimension for each`)
      return reshape(roll(reshape(x, [-1]), steps, 0), x.shape)
    }
    const along = list(dims)
    if (along.length !== steps.length)
      throw new ShapeError(`roll: ${steps.length} shifts ${show(steps)} for ${along.length} dimensions ${show(along)}`)
    return steps.reduce((y, step, i) => {
      const d = wrapDim('roll', along[i], x.ndim)
      const size: number = y.shape[d]
      const front = size === 0 ? 0 : ((step % size) + size) % size
      if (front === 0) return y.clone()
      return cat([narrow(y, d, size - front, front), narrow(y, d, 0, size - front)], d)
    }, x)
  },
)

/** The whole tensor put side by side `sizes[d]` times along each dimension; further dimensions are added in front. A copy. torch.Tensor.repeat. */
export const repeat = composite(
  'repeat',
  {
    torch: 'torch.Tensor.repeat',
    dtypes: everyDType,
    samples: [
      { inputs: [matrix], args: [[2, 3]] },
      { inputs: [row], args: [[2, 1, 2]] },
      { inputs: [row], args: [[0]] },
      { inputs: [3], args: [[2]] },
    ],
  },
  (x: Tensor, sizes: Shape): Tensor => {
    if (sizes.length < x.ndim)
      throw new ShapeError(
        `repeat: ${show(sizes)} has ${sizes.length} counts for the ${x.ndim} dimensions of ${show(x.shape)}; give one for each`,
      )
    for (const count of sizes)
      if (!Number.isInteger(count) || count < 0)
        throw new RangeError(`repeat: counts must be non-negative integers, got ${show(sizes)}`)
    const shape: number[] = [...new Array<number>(sizes.length - x.ndim).fill(1), ...x.shape]
    const apart = reshape(
      x,
      shape.flatMap((size) => [1, size]),
    )
    const spread = expand(
      apart,
      shape.flatMap((size, d) => [sizes[d], size]),
    )
    return view(
      spread.clone(),
      shape.map((size, d) => size * sizes[d]),
    )
  },
)

/** Like `repeat`, with counts of 1 added in front when there are fewer than dimensions. torch.tile. */
export const tile = composite(
  'tile',
  {
    torch: 'torch.tile',
    dtypes: everyDType,
    samples: [
      { inputs: [cube], args: [[2]] },
      { inputs: [row], args: [[2, 2]] },
    ],
  },
  (x: Tensor, dims: Shape): Tensor =>
    repeat(x, [...new Array<number>(Math.max(0, x.ndim - dims.length)).fill(1), ...dims]),
)

/** Each position along `dim` repeated next to itself: as often as `repeats` says, for all or for each. Without dim flattened. torch.repeat_interleave. */
export const repeatInterleave: (
  x: Tensor,
  repeats: number | readonly number[] | Tensor,
  dim?: OrNamed<'dim', number>,
) => Tensor = composite(
  'repeatInterleave',
  {
    torch: 'lambda x, n, dim=None: torch.repeat_interleave(x, n if isinstance(n, int) else torch.tensor(n), dim)',
    dtypes: everyDType,
    samples: [
      { inputs: [matrix], args: [2] },
      { inputs: [matrix], args: [2, 1] },
      { inputs: [matrix], args: [2], options: { dim: -1 } },
      { inputs: [matrix], args: [[0, 2, 1], 0] },
    ],
  },
  (x: Tensor, repeats: number | readonly number[] | Tensor, along?: OrNamed<'dim', number>): Tensor => {
    const dim = named('repeatInterleave', 'dim', along)
    const flat = dim === undefined ? reshape(x, [-1]) : x
    const d = wrapDim('repeatInterleave', dim ?? 0, flat.ndim)
    const size: number = flat.shape[d]
    const given = repeats instanceof Tensor ? Array.from(repeats.toTypedArray(), Number) : list(repeats)
    given.forEach((count, i) => {
      if (!Number.isInteger(count) || count < 0)
        throw new RangeError(`repeatInterleave: count ${count} at position ${i} is no non-negative integer`)
    })
    if (given.length === 1 && flat.ndim > 0) {
      const apart = unsqueeze(flat, d + 1)
      return reshape(expand(apart, apart.shape.with(d + 1, given[0])).clone(), flat.shape.with(d, size * given[0]))
    }
    if (given.length !== size && given.length !== 1)
      throw new ShapeError(`repeatInterleave: ${given.length} counts for the ${size} positions of dimension ${d}`)
    const total = given.reduce((sum, count) => sum + count, 0)
    const index = int64List(total, () => 'repeatInterleave: the result')
    let at = 0
    given.forEach((count, i) => {
      if (i % 1024 === 0) checkInterrupt()
      index.fill(BigInt(i), at, (at += count))
    })
    return indexSelect(flat, d, int64Tensor(index))
  },
)

/** Dimensions moved to other places, the rest keeping their order. A view. torch.movedim. */
export const movedim = composite(
  'movedim',
  {
    torch: 'torch.movedim',
    dtypes: everyDType,
    samples: [
      { inputs: [cube], args: [0, -1] },
      {
        inputs: [cube],
        args: [
          [0, 1],
          [2, 0],
        ],
      },
    ],
  },
  (x: Tensor, source: number | readonly number[], destination: number | readonly number[]): Tensor => {
    const from = list(source).map((d) => wrapDim('movedim', d, x.ndim))
    const to = list(destination).map((d) => wrapDim('movedim', d, x.ndim))
    if (from.length !== to.length || new Set(from).size !== from.length || new Set(to).size !== to.length)
      throw new ShapeError(`movedim: ${show(from)} to ${show(to)} must be as many dimensions, each named once`)
    const rest = Array.from({ length: x.ndim }, (_, d) => d).filter((d) => !from.includes(d))
    return permute(
      x,
      Array.from({ length: x.ndim }, (_, d) => (to.includes(d) ? from[to.indexOf(d)] : (rest.shift() as number))),
    )
  },
)

/** Another name of transpose. torch.swapaxes. */
export const swapaxes = composite(
  'swapaxes',
  { torch: 'torch.swapaxes', dtypes: everyDType, samples: [{ inputs: [cube], args: [0, 2] }] },
  (x: Tensor, axis0: number, axis1: number): Tensor => transpose(x, axis0, axis1),
)

/** One dimension seen as several; one of the sizes may be −1. torch.unflatten. */
export const unflatten = composite(
  'unflatten',
  {
    torch: 'torch.unflatten',
    dtypes: everyDType,
    samples: [
      { inputs: [matrix], args: [1, [2, -1]] },
      { inputs: [cube], args: [-1, [4, 1]] },
    ],
  },
  (x: Tensor, dim: number, sizes: Shape): Tensor => {
    const d = wrapDim('unflatten', dim, x.ndim)
    return view(x, x.shape.toSpliced(d, 1, ...inferSizes('unflatten', [x.shape[d]], sizes)))
  },
)

/** Seen with the sizes `shape`, dimensions of size 1 repeated without a copy. torch.broadcast_to. */
export const broadcastTo = composite(
  'broadcastTo',
  { torch: 'torch.broadcast_to', dtypes: everyDType, samples: [{ inputs: [row], args: [[2, 3]] }] },
  (x: Tensor, shape: Shape): Tensor => expand(x, shape),
)

/** So many parts, as equal as possible, or parts that begin at 0 and at the listed positions. Views. torch.tensor_split. */
export const tensorSplit: (x: Tensor, sections: number | readonly number[], dim?: OrNamed<'dim', number>) => Tensor[] =
  composite(
    'tensorSplit',
    {
      torch: 'lambda x, sections, dim=0: torch.tensor_split(x, sections, dim)[1]',
      dtypes: everyDType,
      samples: [
        { inputs: [{ shape: [7, 2] }], args: [3] },
        { inputs: [{ shape: [7] }], args: [[2, -1]] },
        { inputs: [cube], args: [2, -1] },
        { inputs: [cube], args: [2], options: { dim: 1 } },
      ],
      call: (x: Tensor, sections: number | readonly number[], dim?: OrNamed<'dim', number>) =>
        tensorSplit(x, sections, dim)[1],
    },
    (x: Tensor, sections: number | readonly number[], dim: OrNamed<'dim', number> = 0): Tensor[] => {
      const d = wrapDim('tensorSplit', named('tensorSplit', 'dim', dim) ?? 0, x.ndim)
      const size: number = x.size(d)
      if (typeof sections === 'number') {
        if (!Number.isInteger(sections) || sections < 1)
          throw new RangeError(`tensorSplit: needs a positive number of parts, got ${sections}`)
        const [least, more] = [Math.floor(size / sections), size % sections]
        return split(
          x,
          Array.from({ length: sections }, (_, i) => least + Number(i < more)),
          d,
        )
      }
      const clip = (i: number): number => Math.min(Math.max(i < 0 ? i + size : i, 0), size)
      const starts = [0, ...sections.map(clip)]
      return starts.map((start, i) => narrow(x, d, start, Math.max(0, (starts[i + 1] ?? size) - start)))
    },
  )

const pair = { inputs: [{ shape: [2, 3] }, { shape: [2, 3] }] }

/** Side by side: along dimension 1, vectors along dimension 0. torch.hstack. */
export const hstack: (tensors: readonly Tensor[]) => Tensor = composite(
  'hstack',
  {
    torch: 'lambda a, b: torch.hstack((a, b))',
    dtypes: everyDType,
    samples: [pair, { inputs: [row, row] }, { inputs: [1, 2] }],
    call: (a: Tensor, b: Tensor) => hstack([a, b]),
  },
  (tensors: readonly Tensor[]): Tensor => {
    const parts = tensors.map((t) => (t.ndim === 0 ? reshape(t, [1]) : t))
    return cat(parts, parts[0]?.ndim > 1 ? 1 : 0)
  },
)

/** One below the other: along dimension 0, vectors as rows. torch.vstack. */
export const vstack: (tensors: readonly Tensor[]) => Tensor = composite(
  'vstack',
  {
    torch: 'lambda a, b: torch.vstack((a, b))',
    dtypes: everyDType,
    samples: [pair, { inputs: [row, row] }, { inputs: [1, 2] }],
    call: (a: Tensor, b: Tensor) => vstack([a, b]),
  },
  (tensors: readonly Tensor[]): Tensor => cat(tensors.map((t) => (t.ndim < 2 ? reshape(t, [1, -1]) : t))),
)

/** What meshgrid accepts last. */
export interface MeshgridOptions {
  /** 'ij' puts the first vector along dimension 0, 'xy' along dimension 1. Default 'ij'. */
  indexing?: 'ij' | 'xy'
}

/** Vectors (one by one or as an array) as grids over all their combinations; 'ij' (default) puts the first along dimension 0, 'xy' along dimension 1. torch.meshgrid. */
export const meshgrid: (...args: (Tensor | readonly Tensor[] | MeshgridOptions)[]) => Tensor[] = composite(
  'meshgrid',
  {
    torch: 'lambda a, b, indexing="ij": torch.stack(torch.meshgrid(a, b, indexing=indexing))',
    dtypes: everyDType,
    samples: [{ inputs: [row, { shape: [4] }] }, { inputs: [row, { shape: [4] }], options: { indexing: 'xy' } }],
    call: (a: Tensor, b: Tensor, options: MeshgridOptions = {}) => stack(meshgrid(a, b, options)),
  },
  (...args: (Tensor | readonly Tensor[] | MeshgridOptions)[]): Tensor[] => {
    const { indexing = 'ij' }: MeshgridOptions = args.find(isOptions) ?? {}
    const tensors = args.filter((arg) => !isOptions(arg)).flat() as Tensor[]
    tensors.forEach((t, i) => assertTensor('meshgrid', `vector ${i}`, t))
    if (indexing !== 'ij' && indexing !== 'xy')
      throw new Error(`meshgrid: indexing is 'ij' or 'xy', got ${JSON.stringify(indexing)}`)
    tensors.forEach((t, i) => {
      if (t.ndim > 1) throw new ShapeError(`meshgrid: needs vectors, tensor ${i} has shape ${show(t.shape)}`)
    })
    const swap = indexing === 'xy' && tensors.length > 1
    const order = swap ? [tensors[1], tensors[0], ...tensors.slice(2)] : tensors
    const shape = order.map((t) => t.numel())
    const grids = order.map((t, i) =>
      expand(
        reshape(
          t,
          shape.map((size, d) => (d === i ? size : 1)),
        ),
        shape,
      ),
    )
    return swap ? [grids[1], grids[0], ...grids.slice(2)] : grids
  },
)

/** Every combination of one element from each vector, [n, vectors]. torch.cartesian_prod. */
export function cartesianProd(...tensors: Tensor[]): Tensor {
  if (tensors.length === 1) return tensors[0]
  const columns = meshgrid(tensors).map((grid) => unsqueeze(flatten(grid), 1))
  return cat(columns, 1)
}
