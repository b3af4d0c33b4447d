/**
 * Sequences, images and volumes in other sizes. Each spatial dimension is changed on its own, by a sparse matrix that says
 * of which old positions a new one is made.
 */
import { isFloating } from '../tensor/dtype.js'
import { ShapeError, show, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { composite, everyDType } from './define.js'
import { fromPositions, fromRows, isIdentity, resample, type SparseMatrix, type SparseRow } from './resample.js'
import { readOptions } from '../tensor/options.js'

/** How new positions are made of old ones. */
export type InterpolateMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear' | 'area'

/** The new size and how it is reached. */
export interface InterpolateOptions {
  /** The new spatial sizes: one number for all, or one for each dimension. Either this or scaleFactor. */
  size?: number | Shape
  /** How many times larger: one number for all, or one for each spatial dimension. */
  scaleFactor?: number | readonly number[]
  /** Default 'nearest'. 'linear' is for [N, C, W], 'bilinear' and 'bicubic' for [N, C, H, W], 'trilinear' for [N, C, D, H, W]. */
  mode?: InterpolateMode
  /** Whether the centres of the corner elements, rather than their outer edges, stay in place; for the linear modes and 'bicubic'. Default false. */
  alignCorners?: boolean
  /** Whether the scale used is new size / old size rather than scaleFactor itself. Default false. */
  recomputeScaleFactor?: boolean
  /** Whether to average over all old positions that a new one covers when the size shrinks; for 'bilinear' and 'bicubic'. Default false. */
  antialias?: boolean
}

/** The number of spatial dimensions that a mode is for; other modes take any. */
const dimsOf: Readonly<Partial<Record<InterpolateMode, number>>> = { linear: 1, bilinear: 2, bicubic: 2, trilinear: 3 }

const modes: readonly InterpolateMode[] = [
  'nearest',
  'nearest-exact',
  'linear',
  'bilinear',
  'bicubic',
  'trilinear',
  'area',
]

/** Old and new size of a dimension, and how many old positions a new one is away from the next. */
interface Change {
  readonly from: number
  readonly to: number
  readonly scale: number
  readonly alignCorners: boolean
}

const range = <T>(length: number, value: (i: number) => T): T[] => Array.from({ length }, (_, i) => value(i))

/** Where the centre of a new position lies among the old ones. */
const centre = ({ scale, alignCorners }: Change, i: number): number =>
  alignCorners ? scale * i : scale * (i + 0.5) - 0.5

// PyTorch computes these positions in float32.
function nearest({ from, to, scale }: Change, exact: boolean): SparseMatrix {
  const step = Math.fround(scale)
  return fromPositions(
    from,
    range(to, (i) => Math.min(Math.floor(Math.fround((exact ? i + 0.5 : i) * step)), from - 1)),
  )
}

function linear(change: Change): SparseMatrix {
  const { from, to } = change
  if (from === to)
    return fromPositions(
      from,
      range(to, (i) => i),
    )
  return fromRows(
    from,
    range(to, (i): SparseRow => {
      const at = Math.max(0, centre(change, i))
      const left = Math.min(Math.floor(at), from - 1)
      const share = Math.min(Math.max(at - left, 0), 1)
      return [
        [left, 1 - share],
        [Math.min(left + 1, from - 1), share],
      ]
    }),
  )
}

/** Keys' cubic kernel at distance t; a is its slope at 1. */
function cubic(t: number, a: number): number {
  const d = Math.abs(t)
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0
}

function bicubic(change: Change): SparseMatrix {
  const { from, to } = change
  const inside = (position: number): number => Math.min(Math.max(position, 0), from - 1)
  return fromRows(
    from,
    range(to, (i): SparseRow => {
      const at = centre(change, i)
      const left = Math.min(Math.floor(at), from - 1)
      const share = Math.min(Math.max(at - left, 0), 1)
      return [-1, 0, 1, 2].map((k) => [inside(left + k), cubic(share - k, -0.75)])
    }),
  )
}

/** A kernel as wide as the new positions are, when these are wider than the old ones. */
function antialiased({ from, to, scale }: Change, radius: number, kernel: (t: number) => number): SparseMatrix {
  const stretch = Math.max(scale, 1)
  return fromRows(
    from,
    range(to, (i): SparseRow => {
      const at = scale * (i + 0.5)
      const first = Math.max(Math.trunc(at - radius * stretch + 0.5), 0)
      const end = Math.min(Math.trunc(at + radius * stretch + 0.5), from)
      const weights = range(Math.max(0, end - first), (k) => kernel((first + k - at + 0.5) / stretch))
      const total = weights.reduce((a, b) => a + b, 0) || 1
      return weights.map((weight, k) => [first + k, weight / total])
    }),
  )
}

function area({ from, to }: Change): SparseMatrix {
  return fromRows(
    from,
    range(to, (i): SparseRow => {
      const first = Math.floor((i * from) / to)
      const end = Math.ceil(((i + 1) * from) / to)
      return range(end - first, (k) => [first + k, 1 / (end - first)])
    }),
  )
}

function matrixOf(mode: InterpolateMode, change: Change, antialias: boolean): SparseMatrix {
  if (mode === 'nearest' || mode === 'nearest-exact') return nearest(change, mode === 'nearest-exact')
  if (mode === 'area') return area(change)
  if (mode === 'bicubic') return antialias ? antialiased(change, 2, (t) => cubic(t, -0.5)) : bicubic(change)
  return antialias ? antialiased(change, 1, (t) => Math.max(0, 1 - Math.abs(t))) : linear(change)
}

/** One value for each spatial dimension. */
function spread(name: string, value: number | readonly number[], dims: number, shape: Shape): readonly number[] {
  if (typeof value === 'number') return new Array<number>(dims).fill(value)
  if (value.length !== dims)
    throw new ShapeError(
      `interpolate: ${name} ${show(value)} is for ${value.length} dimensions, ${show(shape)} has ${dims} spatial ones`,
    )
  return value
}

function changesOf(x: Tensor, options: InterpolateOptions): Change[] {
  const { size, scaleFactor, alignCorners = false, recomputeScaleFactor = false, mode } = options
  const old: Shape = x.shape.slice(2)
  if ((size === undefined) === (scaleFactor === undefined))
    throw new TypeError(
      `interpolate: give either size or scaleFactor${size === undefined ? '' : ', not both'}, as in { scaleFactor: 2 }`,
    )
  if (recomputeScaleFactor && size !== undefined)
    throw new TypeError('interpolate: recomputeScaleFactor goes with scaleFactor, not with size')
  const factors = scaleFactor === undefined ? null : spread('scaleFactor', scaleFactor, old.length, x.shape)
  const sizes = factors
    ? old.map((from, d) => Math.floor(from * factors[d]))
    : spread('size', size as number | Shape, old.length, x.shape)
  return old.map((from, d) => {
    const to = sizes[d]
    if (!Number.isInteger(to) || to < 1 || from < 1)
      throw new ShapeError(
        `interpolate: sizes must be positive integers, got ${show(old)} to ${show(sizes)} for a tensor of shape ${show(x.shape)}`,
      )
    const ratio = factors && !recomputeScaleFactor && mode !== 'area' ? 1 / factors[d] : from / to
    const scale = alignCorners ? (to > 1 ? (from - 1) / (to - 1) : 0) : ratio
    return { from, to, scale, alignCorners }
  })
}

function checkMode(x: Tensor, { mode = 'nearest', alignCorners, antialias = false }: InterpolateOptions): void {
  if (!modes.includes(mode))
    throw new RangeError(`interpolate: mode is ${modes.map((m) => `'${m}'`).join(', ')}, got ${JSON.stringify(mode)}`)
  if (x.ndim < 3 || x.ndim > 5)
    throw new ShapeError(`interpolate: needs [N, C, W], [N, C, H, W] or [N, C, D, H, W], got ${show(x.shape)}`)
  const dims = dimsOf[mode]
  if (dims !== undefined && dims !== x.ndim - 2)
    throw new ShapeError(
      `interpolate: mode '${mode}' is for ${dims} spatial dimensions, a tensor of shape ${show(x.shape)} has ${x.ndim - 2}`,
    )
  if (alignCorners !== undefined && dims === undefined)
    throw new TypeError(
      `interpolate: alignCorners is for 'linear', 'bilinear', 'bicubic' and 'trilinear', not '${mode}'`,
    )
  if (antialias && mode !== 'bilinear' && mode !== 'bicubic')
    throw new TypeError(`interpolate: antialias is for 'bilinear' and 'bicubic', not '${mode}'`)
  if (!mode.startsWith('nearest') && !isFloating(x.dtype))
    throw new TypeError(`interpolate: mode '${mode}' needs a floating tensor, got ${x.dtype}; convert it with .float()`)
}

const image = { shape: [2, 2, 3, 4] }
const sequence = { shape: [1, 2, 5] }

/**
 * x [N, C, …spatial] with other spatial sizes. torch.nn.functional.interpolate.
 * @example F.interpolate(images, { scaleFactor: 2, mode: 'bilinear' })
 * @throws unless exactly one of size and scaleFactor is given and the mode is for as many dimensions as x has.
 */
export const interpolate = composite(
  'interpolate',
  {
    torch: 'F.interpolate',
    dtypes: everyDType,
    samples: [
      { inputs: [image], options: { scaleFactor: 2 } },
      { inputs: [sequence], options: { size: 7 } },
      { inputs: [image], options: { scaleFactor: [1.7, 0.6] } },
      { inputs: [{ shape: [1, 1, 2, 3, 2] }], options: { size: [3, 2, 5] } },
      { inputs: [image], options: { size: [5, 3], mode: 'nearest-exact' } },
      { inputs: [sequence], options: { scaleFactor: 2.3, mode: 'nearest-exact' } },
      { inputs: [sequence], options: { size: 8, mode: 'linear' } },
      { inputs: [sequence], options: { size: 3, mode: 'linear', alignCorners: true } },
      { inputs: [image], options: { scaleFactor: 2, mode: 'bilinear' } },
      { inputs: [image], options: { size: [7, 2], mode: 'bilinear', alignCorners: true } },
      { inputs: [image], options: { scaleFactor: 1.7, mode: 'bilinear' } },
      { inputs: [image], options: { scaleFactor: 1.7, mode: 'bilinear', recomputeScaleFactor: true } },
      { inputs: [image], options: { size: [3, 1], mode: 'bilinear', alignCorners: true } },
      { inputs: [{ shape: [1, 1, 7, 9] }], options: { size: [3, 4], mode: 'bilinear', antialias: true } },
      { inputs: [{ shape: [1, 1, 5, 6] }], options: { size: [7, 4], mode: 'bicubic', antialias: true } },
      { inputs: [image], options: { size: [5, 6], mode: 'bicubic' } },
      { inputs: [image], options: { size: [2, 9], mode: 'bicubic', alignCorners: true } },
      { inputs: [{ shape: [1, 1, 2, 3, 2] }], options: { size: [3, 2, 5], mode: 'trilinear' } },
      { inputs: [{ shape: [1, 1, 2, 3, 2] }], options: { scaleFactor: 2, mode: 'trilinear', alignCorners: true } },
      { inputs: [{ shape: [1, 2, 7, 5] }], options: { size: [3, 4], mode: 'area' } },
      { inputs: [sequence], options: { scaleFactor: 1.5, mode: 'area' } },
      { inputs: [{ shape: [0, 2, 3, 3] }], options: { size: 2, mode: 'bilinear' } },
    ],
  },
  (x: Tensor, options: InterpolateOptions = {}): Tensor => {
    const { mode, antialias } = readOptions('interpolate', options, {
      mode: 'nearest',
      antialias: false,
      size: undefined,
      scaleFactor: undefined,
      alignCorners: undefined,
      recomputeScaleFactor: undefined,
    })
    checkMode(x, options)
    const changes = changesOf(x, { ...options, mode })
    const growth = (i: number): number => changes[i].to / changes[i].from
    // Shrinking first, growing last; the last dimension, which costs most for each element, where there are fewest.
    const order = changes.map((_, i) => i).sort((a, b) => growth(a) - growth(b) || (growth(a) < 1 ? a - b : b - a))
    const y = order.reduce((part, i) => {
      const matrix = matrixOf(mode, changes[i], antialias)
      return isIdentity(matrix) ? part : resample(part, i + 2, matrix)
    }, x)
    return y === x ? x.clone() : y
  },
)
