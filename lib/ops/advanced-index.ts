/**
 * Python's square brackets: positions, slices, new axes, dots, index tensors and masks in one call. Positions and slices are
 * views; index tensors and masks pick elements, by way of one index along the dimensions that they concern.
 */
import { readOptions } from '../tensor/options.js'
import { noGrad } from '../autograd/mode.js'
import { addon } from '../device/addon.js'
import { broadcastShapes, contiguousStrides, numel, sameShape, ShapeError, show, type Shape } from '../tensor/shape.js'
import { filledTensor, Tensor } from '../tensor/tensor.js'
import { tensor } from './creation.js'
import { composite, everyDType } from './define.js'
import { changeInPlace, separateOperand } from './in-place.js'
import { indexSelect, nonzero, where } from './index-ops.js'
import { expand, permute, reshape, select, slice, unsqueeze } from './shape.js'

/** A range of positions as an object; as a string it is written `'1:3'`, `'::2'`, `'-2:'`. */
export interface SliceItem {
  start?: number
  end?: number
  step?: number
}

/** Positions or booleans as nested arrays. */
export type IndexArray = readonly (number | boolean | IndexArray)[]

/**
 * One entry between Python's brackets: a position; null for a new axis; `'...'`; a slice such as `':'` or `'1:8:2'` or
 * `{ start, end, step }`; an int tensor or array of positions; a bool tensor or array as a mask.
 */
export type IndexItem = number | null | string | SliceItem | Tensor | IndexArray

function parseSlice(text: string): SliceItem {
  const match = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/.exec(text)
  if (!match) throw new Error(`index: '${text}' is no slice; write 'start:end', 'start:end:step', ':' or '...'`)
  const number = (part: string | undefined): number | undefined => (part === undefined ? undefined : Number(part))
  return { start: number(match[1]), end: number(match[2]), step: number(match[3]) }
}

const isSlice = (item: IndexItem): item is string | SliceItem =>
  typeof item === 'string'
    ? item !== '...'
    : typeof item === 'object' && item !== null && !(item instanceof Tensor) && !Array.isArray(item)

/** Arrays become tensors, so that what remains is a number, null, a string, a slice or a tensor. */
function toTensor(item: IndexArray): Tensor {
  let first: unknown = item
  while (Array.isArray(first)) first = first[0]
  return tensor(item as never, { dtype: typeof first === 'boolean' ? 'bool' : 'int64' })
}

interface Indexed {
  /** What positions, slices and new axes make of the tensor. */
  view: Tensor
  /** Index tensors by dimension of the view; masks as the positions where they hold. */
  picks: Map<number, Tensor>
}

function applyItems(x: Tensor, given: readonly IndexItem[]): Indexed {
  const items = given.map((item) =>
    Array.isArray(item) ? toTensor(item as IndexArray) : (item as Exclude<IndexItem, IndexArray>),
  )
  const width = (item: IndexItem): number =>
    item === null || item === '...' ? 0 : item instanceof Tensor && item.dtype === 'bool' ? item.ndim : 1
  const named = items.reduce((sum: number, item) => sum + width(item), 0)
  if (named > x.ndim)
    throw new ShapeError(`index: ${named} positions for the ${x.ndim} dimensions of ${show(x.shape)}; leave some out`)
  if (items.filter((item) => item === '...').length > 1) throw new ShapeError(`index: '...' may stand only once`)
  let view = x
  let dim = 0
  const picks = new Map<number, Tensor>()
  const position = (at: number): void => {
    const size: number = view.shape[dim]
    if (!Number.isInteger(at) || at < -size || at >= size)
      throw new RangeError(
        `index: position ${at} is outside of a dimension with ${size} positions (shape ${show(x.shape)})`,
      )
    view = select(view, dim, at)
  }
  for (const item of items) {
    if (typeof item === 'number') position(item)
    else if (item === null) view = unsqueeze(view, dim++)
    else if (item === '...') dim += x.ndim - named
    else if (isSlice(item)) {
      const { start = 0, end = Infinity, step = 1 } = typeof item === 'string' ? parseSlice(item) : item
      if (!(step > 0))
        throw new RangeError(`index: the step of a slice must be greater than 0, got ${step}; use .flip()`)
      view = slice(view, dim++, start, end, step)
    } else {
      const pick: Tensor = item
      if (pick.dtype === 'bool') {
        const seen: Shape = view.shape.slice(dim, dim + pick.ndim)
        if (pick.ndim === 0 || !sameShape(seen, pick.shape))
          throw new ShapeError(
            `index: a mask of shape ${show(pick.shape)} does not fit ${show(seen)}, dimensions ${dim} and following of ${show(view.shape)}`,
          )
        const found = nonzero(pick)
        for (let d = 0; d < pick.ndim; d++) picks.set(dim++, select(found, 1, d))
      } else if (pick.dtype !== 'int64' && pick.dtype !== 'int32') {
        throw new TypeError(
          `index: index tensors are int64, int32 or bool, got ${pick.dtype}; convert with .long() or .bool()`,
        )
      } else if (pick.ndim === 0) position(pick.item())
      else picks.set(dim++, pick.to('int64'))
    }
  }
  return { view, picks }
}

/** Positions from 0, checked against the size of the dimension. */
function wrapped(pick: Tensor, size: number, dim: number): Tensor {
  if (pick.numel() === 0) return pick
  const [low, high] = [pick.amin().item(), pick.amax().item()]
  if (low < -size || high >= size)
    throw new RangeError(
      `index: position ${low < -size ? low : high} is outside of dimension ${dim}, which has ${size} positions`,
    )
  return low < 0 ? where(pick.lt(0), pick.add(size), pick) : pick
}

interface Plan {
  /** The view with the picked dimensions first. */
  front: Tensor
  /** How many positions the picked dimensions have together. */
  span: number
  /** Sizes of the other dimensions. */
  rest: number[]
  /** Position of each pick among the picked dimensions flattened, and the sizes of the picks. */
  flat: Tensor
  sizes: Shape
  /** Before which of the rest the picks' dimensions stand in the result. */
  place: number
}

function plan({ view, picks }: Indexed): Plan {
  const dims = [...picks.keys()].sort((a, b) => a - b)
  const others = Array.from({ length: view.ndim }, (_, d) => d).filter((d) => !picks.has(d))
  const spans = dims.map((d) => view.shape[d] as number)
  const strides = contiguousStrides(spans)
  const found = dims.map((d) => wrapped(picks.get(d) as Tensor, view.shape[d], d))
  const sizes = found.reduce<Shape>((shape, pick) => broadcastShapes('index', shape, pick.shape), [])
  const flat = found.map((pick, i) => expand(pick, sizes).mul(strides[i])).reduce((sum, part) => sum.add(part))
  const adjacent = dims.every((d, i) => i === 0 || d === dims[i - 1] + 1)
  return {
    front: permute(view, [...dims, ...others]),
    span: numel(spans),
    rest: others.map((d) => view.shape[d]),
    flat: reshape(flat, [numel(sizes)]),
    sizes,
    place: adjacent ? dims[0] : 0,
  }
}

/** The order that moves the first `count` of `total` dimensions behind the next `place`. */
const behind = (count: number, place: number, total: number): number[] => {
  const order = Array.from({ length: total }, (_, d) => d)
  return [...order.slice(count, count + place), ...order.slice(0, count), ...order.slice(count + place)]
}

const mixed = { shape: [3, 4, 5] }

/**
 * What Python writes x[…]: `index(x, 0)`, `index(x, ':', -1)`, `index(x, '...', null, '::2')`, `index(x, mask)`,
 * `index(x, [0, 2], ':', [1, 1])`. A view when there are only positions, slices and new axes, else a copy.
 * @throws RangeError for positions out of range and steps that are not positive, ShapeError for what does not fit.
 */
export const index: (x: Tensor, ...items: IndexItem[]) => Tensor = composite(
  'index',
  {
    torch: 'brackets',
    dtypes: everyDType,
    samples: [
      { inputs: [mixed], args: [1, ':', -1] },
      { inputs: [mixed], args: ['...', null, '1::2'] },
      { inputs: [mixed], args: [[2, 0, 2]] },
      { inputs: [mixed], args: [[2, -1], ':', [1, 4]] },
      {
        inputs: [mixed],
        args: [
          ':',
          [
            [0, 1],
            [3, 3],
          ],
          [2],
        ],
      },
      { inputs: [mixed], args: ['1:', [true, false, true, true], '-3:'] },
      { inputs: [mixed], args: [':', [], 0] },
      {
        inputs: [{ shape: [2, 2] }],
        args: [
          [
            [true, false],
            [true, true],
          ],
        ],
      },
    ],
  },
  (x: Tensor, ...items: IndexItem[]): Tensor => {
    const indexed = applyItems(x, items)
    if (indexed.picks.size === 0) return indexed.view
    const { front, span, rest, flat, sizes, place } = plan(indexed)
    const picked = reshape(indexSelect(reshape(front, [span, ...rest]), 0, flat), [...sizes, ...rest])
    return place === 0 ? picked : permute(picked, behind(sizes.length, place, picked.ndim))
  },
)

/**
 * In place: what Python writes x[items] = value, broadcast. With `accumulate` values are added, also several to one position.
 * Gradients flow to the value and to what is not overwritten. Returns x. torch.Tensor.index_put_.
 */
export function indexPut_<T extends Tensor>(
  x: T,
  items: readonly IndexItem[],
  value: Tensor | number,
  options?: { accumulate?: boolean },
): T {
  const { accumulate } = readOptions('indexPut_', options, { accumulate: false })
  const frozen = items.map((item) => (Array.isArray(item) ? toTensor(item as IndexArray) : item))
  const indexed = noGrad(() => applyItems(x, frozen))
  const source = value instanceof Tensor ? separateOperand(x, value.to(x.dtype)) : value
  if (indexed.picks.size === 0) {
    const { view } = applyItems(x, frozen)
    const operand = source instanceof Tensor ? source : filledTensor(x.dtype, [], source)
    if (accumulate) view.add_(operand)
    else view.copy_(operand)
    return x
  }
  const where = noGrad(() => plan(indexed))
  const { rest, sizes, place } = where
  const shape = [...rest.slice(0, place), ...sizes, ...rest.slice(place)]
  if (source instanceof Tensor && !sameShape(broadcastShapes('indexPut_', shape, source.shape), shape))
    throw new ShapeError(
      `indexPut_: a value of shape ${show(source.shape)} does not broadcast to ${show(shape)}, the indexed sizes`,
    )
  return changeInPlace(
    'indexPut_',
    x,
    source instanceof Tensor ? { value: source } : {},
    () => noGrad(() => writeRows(where, shape, source, accumulate)),
    {
      self: (dy) => (accumulate ? dy : indexPut(dy, frozen, 0)),
      ...(source instanceof Tensor ? { value: (dy: Tensor) => index(dy, ...frozen).sumTo(source.shape) } : {}),
    },
    frozen.filter((item) => item instanceof Tensor),
  )
}

/** Writes at the picked positions, straight into the tensor where its strides allow to see these as one dimension. */
function writeRows(
  { front, span, rest, flat, sizes, place }: Plan,
  shape: Shape,
  source: Tensor | number,
  accumulate: boolean,
): void {
  const rows = reshape(front, [span, ...rest])
  const kind = accumulate ? 'add' : 'set'
  if (source instanceof Tensor) {
    const first = permute(expand(source, shape), invert(behind(sizes.length, place, shape.length)))
    const values = reshape(first, [numel(sizes), ...rest])
    addon().indexWrite(kind, rows.handle, 0, flat.handle, values.handle)
  } else addon().indexWrite(kind, rows.handle, 0, flat.handle, source)
  if (rows.version !== front.version) addon().copy(front.handle, reshape(rows, front.shape).handle)
}

function invert(order: readonly number[]): number[] {
  const inverse = new Array<number>(order.length)
  order.forEach((from, to) => (inverse[from] = to))
  return inverse
}

/** A copy of x with `value` at the items. torch.index_put. */
export const indexPut = composite(
  'indexPut',
  {
    torch: 'lambda x, v, idx, accumulate=False: x.index_put([torch.tensor(i) for i in idx], v, accumulate)',
    dtypes: everyDType,
    samples: [
      {
        inputs: [mixed, { shape: [2, 5] }],
        args: [
          [
            [2, 0],
            [1, 3],
          ],
        ],
      },
      {
        inputs: [mixed, { shape: [5] }],
        args: [
          [
            [2, 2],
            [1, 1],
          ],
        ],
        options: { accumulate: true },
      },
    ],
    call: (x: Tensor, value: Tensor, items: IndexItem[], options?: { accumulate?: boolean }) =>
      indexPut_(x.clone(), items, value, options),
  },
  (x: Tensor, items: readonly IndexItem[], value: Tensor | number, options?: { accumulate?: boolean }): Tensor =>
    indexPut_(x.clone(), items, value, options),
)
