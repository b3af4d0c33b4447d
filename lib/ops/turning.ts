/** Mirroring and turning matrices, and writing into a part of a copy. */
import { noGrad } from '../autograd/mode.js'
import type { DType } from '../tensor/dtype.js'
import { sameShape, ShapeError, show, wrapDim, type Shape } from '../tensor/shape.js'
import { emptyTensor, viewTensor, type Tensor } from '../tensor/tensor.js'
import { flip, movedim } from './arrange.js'
import { named, namedAll, type OrNamed, readOptions } from '../tensor/options.js'
import { composite, everyDType } from './define.js'
import { diag, diagonal, type DiagonalOptions } from './diagonals.js'
import { reshape, select, slice, transpose } from './shape.js'
import { asStrided as partOf, asStridedBackward, asStridedScatter } from './strided.js'

const matrix = { shape: [3, 4] }
const cube = { shape: [2, 3, 4] }

function mirror(name: 'fliplr' | 'flipud', dim: number) {
  return composite(
    name,
    { torch: `torch.${name}`, dtypes: everyDType, samples: [{ inputs: [matrix] }, { inputs: [cube] }] },
    (x: Tensor): Tensor => {
      if (x.ndim <= dim) throw new ShapeError(`${name}: needs at least ${dim + 1} dimensions, got ${show(x.shape)}`)
      return flip(x, dim)
    },
  )
}

/** Columns in reverse order; a copy. torch.fliplr. */
export const fliplr = mirror('fliplr', 1)
/** Rows in reverse order; a copy. torch.flipud. */
export const flipud = mirror('flipud', 0)

/** What rot90 accepts by name. */
export interface Rot90Options {
  /** How many quarters. Default 1. */
  k?: number
  /** The plane. Default [0, 1]. */
  dims?: readonly number[]
}

/** Turned by k · 90° in the plane of two dimensions, from the first towards the second. torch.rot90. */
export const rot90 = composite(
  'rot90',
  {
    torch: 'torch.rot90',
    dtypes: everyDType,
    samples: [
      { inputs: [matrix] },
      { inputs: [matrix], args: [2] },
      { inputs: [matrix], args: [-1] },
      { inputs: [cube], args: [5, [1, 2]] },
      { inputs: [cube], args: [4, [-1, 0]] },
    ],
  },
  (x: Tensor, first?: number | Rot90Options, second?: readonly number[] | Rot90Options): Tensor => {
    const [k = 1, dims = [0, 1]] = namedAll<[number, readonly number[]]>('rot90', ['k', 'dims'], [first, second])
    if (!Number.isInteger(k)) throw new TypeError(`rot90: k must be an integer, got ${k}`)
    const plane = dims.map((d) => wrapDim('rot90', d, x.ndim))
    if (plane.length !== 2 || plane[0] === plane[1] || x.ndim < 2)
      throw new ShapeError(`rot90: needs two different dimensions, got ${show(dims)} of ${show(x.shape)}`)
    const [a, b] = plane
    const turns = ((k % 4) + 4) % 4
    if (turns === 0) return x.clone()
    if (turns === 2) return flip(x, [a, b])
    return turns === 1 ? transpose(flip(x, b), a, b) : flip(transpose(x, a, b), b)
  },
)

/** x's vectors along the last dimension as diagonals of matrices in the dimensions dim1 and dim2, zeros elsewhere. torch.diag_embed. */
export const diagEmbed = composite(
  'diagEmbed',
  {
    torch: 'torch.diag_embed',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [2, 3] }] },
      { inputs: [{ shape: [2, 3] }], args: [1, 0, 2] },
      { inputs: [{ shape: [3] }], args: [-2] },
      { inputs: [{ shape: [2, 2] }], args: [1, -1, 0] },
    ],
  },
  (x: Tensor, first?: number | DiagonalOptions, second?: number, third?: number): Tensor => {
    const given = namedAll<[number, number, number]>('diagEmbed', ['offset', 'dim1', 'dim2'], [first, second, third])
    const [offset = 0, dim1 = -2, dim2 = -1] = given
    if (!Number.isInteger(offset)) throw new TypeError(`diagEmbed: offset must be an integer, got ${offset}`)
    if (x.ndim === 0) throw new ShapeError('diagEmbed: needs at least one dimension, got a 0-d tensor')
    const [a, b] = [wrapDim('diagEmbed', dim1, x.ndim + 1), wrapDim('diagEmbed', dim2, x.ndim + 1)]
    if (a === b) throw new ShapeError(`diagEmbed: dim1 and dim2 must differ, got ${dim1} and ${dim2}`)
    const batch: Shape = x.shape.slice(0, -1)
    const n = x.size(-1) + Math.abs(offset)
    const strides = [...batch.map((_, d) => batch.slice(d + 1).reduce((p, size) => p * size, n * n)), n + 1]
    const start = offset < 0 ? -offset * n : offset
    const matrices = asStridedBackward(x, [...batch, n, n], { shape: x.shape, strides, offset: start })
    return movedim(matrices, [-2, -1], [a, b])
  },
)

/** A matrix with the elements of x, in row-major order, on its diagonal. torch.diagflat. */
export const diagflat = composite(
  'diagflat',
  {
    torch: 'torch.diagflat',
    dtypes: everyDType,
    samples: [{ inputs: [{ shape: [2, 2] }] }, { inputs: [3], args: [1] }],
  },
  (x: Tensor, offset?: OrNamed<'offset', number>): Tensor =>
    diag(reshape(x, [-1]), named('diagflat', 'offset', offset)),
)

/** A copy of x with `source` where `view` looks. */
function scatterInto(name: string, x: Tensor, source: Tensor, view: (x: Tensor) => Tensor): Tensor {
  const whole = x.contiguous()
  const part = noGrad(() => view(whole))
  if (!sameShape(part.shape, source.shape))
    throw new ShapeError(
      `${name}: source must have the shape ${show(part.shape)} of that part, got ${show(source.shape)}`,
    )
  return asStridedScatter(whole, source.to(x.dtype), {
    shape: part.shape,
    strides: part.strides,
    offset: part.offset - whole.offset,
  })
}

/** A copy of x with `source` on a diagonal; see diagonal. torch.diagonal_scatter. */
export const diagonalScatter = composite(
  'diagonalScatter',
  {
    torch: 'torch.diagonal_scatter',
    dtypes: everyDType,
    samples: [{ inputs: [matrix, { shape: [3] }] }, { inputs: [cube, { shape: [3, 2] }], args: [-1, 2, 0] }],
  },
  (x: Tensor, source: Tensor, offset?: number | DiagonalOptions, dim1?: number, dim2?: number): Tensor =>
    scatterInto('diagonalScatter', x, source, (whole) => diagonal(whole, offset, dim1, dim2)),
)

/** A copy of x with `source` at one position of a dimension; see select. torch.select_scatter. */
export const selectScatter = composite(
  'selectScatter',
  {
    torch: 'torch.select_scatter',
    dtypes: everyDType,
    samples: [
      { inputs: [matrix, { shape: [4] }], args: [0, -1] },
      { inputs: [cube, { shape: [2, 4] }], args: [1, 0] },
    ],
  },
  (x: Tensor, source: Tensor, dim: number, position: number): Tensor =>
    scatterInto('selectScatter', x, source, (whole) => select(whole, dim, position)),
)

/** What sliceScatter accepts by name. */
export interface SliceScatterOptions {
  /** Default 0. */
  dim?: number
  /** Default: the first position. */
  start?: number
  /** Not included. Default: behind the last position. */
  end?: number
  /** Default 1. */
  step?: number
}

/** A copy of x with `source` in a range of a dimension; see slice. torch.slice_scatter. */
export const sliceScatter = composite(
  'sliceScatter',
  {
    torch: 'torch.slice_scatter',
    dtypes: everyDType,
    samples: [
      { inputs: [matrix, { shape: [1, 4] }], args: [0, 2] },
      { inputs: [cube, { shape: [2, 3, 2] }], args: [2, 0, 4, 2] },
      { inputs: [matrix, { shape: [1, 4] }], options: { start: 1, end: 2 } },
    ],
  },
  (
    x: Tensor,
    source: Tensor,
    first?: number | SliceScatterOptions,
    second?: number,
    third?: number,
    fourth?: number,
  ): Tensor => {
    const [dim = 0, start, end, step] = namedAll<[number, number, number, number]>(
      'sliceScatter',
      ['dim', 'start', 'end', 'step'],
      [first, second, third, fourth],
    )
    return scatterInto('sliceScatter', x, source, (whole) => slice(whole, dim, start, end, step))
  },
)

/**
 * A view with any sizes and strides on the same memory, counted in elements; it begins where x begins, or at `storageOffset`
 * from the start of the memory. torch.as_strided.
 * @throws when gradients are wanted for a tensor that is not contiguous.
 */
export function asStrided(x: Tensor, size: Shape, stride: Shape, storageOffset: number = x.offset): Tensor {
  if (size.length !== stride.length)
    throw new ShapeError(`asStrided: ${show(size)} and strides ${show(stride)} must be equally many`)
  if (stride.some((step) => !(Number.isInteger(step) && step >= 0)))
    throw new RangeError(`asStrided: strides must be integers from 0, got ${show(stride)}; use .flip() to go backwards`)
  if (!x.requiresGrad) return viewTensor(x, size, stride, storageOffset)
  if (!x.isContiguous())
    throw new Error(
      `asStrided: a tensor of shape ${show(x.shape)} with strides ${show(x.strides)} has no gradient here; call .contiguous() first`,
    )
  return partOf(x, { shape: size, strides: stride, offset: storageOffset - x.offset })
}

/** A tensor of these sizes and strides, contents undefined. torch.empty_strided. */
export function emptyStrided(size: Shape, stride: Shape, options?: { dtype?: DType }): Tensor {
  const { dtype } = readOptions('emptyStrided', options, { dtype: 'float32' })
  if (size.length !== stride.length || stride.some((step) => !Number.isInteger(step) || step < 0))
    throw new ShapeError(
      `emptyStrided: ${show(stride)} are no strides for ${show(size)}: one non-negative integer each`,
    )
  const reach = size.includes(0) ? 0 : size.reduce((sum, n, d) => sum + (n - 1) * stride[d], 1)
  const view = viewTensor(emptyTensor(dtype, [reach]), size, stride, 0)
  view.viewOf = null
  return view
}
