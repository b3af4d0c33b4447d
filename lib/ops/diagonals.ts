/** Diagonals, triangles and sliding windows. */
import { addon } from '../device/addon.js'
import { ShapeError, show, wrapDim, type Shape } from '../tensor/shape.js'
import { emptyTensor, filledTensor, type Tensor } from '../tensor/tensor.js'
import { named, namedAll, type OrNamed } from '../tensor/options.js'
import { composite, everyDType } from './define.js'
import { where } from './index-ops.js'
import { unsqueeze } from './shape.js'
import { asStridedBackward, stridedView, type Geometry } from './strided.js'

const wide = { shape: [3, 4] }
const cube = { shape: [2, 3, 4] }

function assertWhole(name: string, what: string, value: number): void {
  if (!Number.isInteger(value)) throw new TypeError(`${name}: ${what} must be an integer, got ${value}`)
}

/** What diagonal accepts by name. */
export interface DiagonalOptions {
  /** Above the main diagonal if positive. Default 0. */
  offset?: number
  /** Default 0. */
  dim1?: number
  /** Default 1. */
  dim2?: number
}

interface DiagonalParams {
  offset: number
  dim1: number
  dim2: number
}

const diagonalOp = stridedView<DiagonalParams>('diagonal', {
  torch: 'torch.diagonal',
  geometry(shape, strides, { offset, dim1, dim2 }): Geometry {
    const length = Math.max(
      0,
      offset < 0 ? Math.min(shape[dim1] + offset, shape[dim2]) : Math.min(shape[dim1], shape[dim2] - offset),
    )
    const others = (_: number, d: number): boolean => d !== dim1 && d !== dim2
    return {
      shape: [...shape.filter(others), length],
      strides: [...strides.filter(others), strides[dim1] + strides[dim2]],
      offset: length === 0 ? 0 : offset < 0 ? -offset * strides[dim1] : offset * strides[dim2],
    }
  },
  samples: [
    { inputs: [wide] },
    { inputs: [wide], args: [-1] },
    { inputs: [cube], args: [1, -1, 0] },
    { inputs: [wide], args: [9] },
    { inputs: [cube], options: { offset: -1, dim1: 2 } },
  ],
  call: (x: Tensor, offset?: number | DiagonalOptions, dim1?: number, dim2?: number) => diagonal(x, offset, dim1, dim2),
})

/** The diagonal of the dimensions dim1 and dim2, as the last dimension of a view; offset > 0 lies above the main one. torch.diagonal. */
export function diagonal(x: Tensor, first?: number | DiagonalOptions, second?: number, third?: number): Tensor {
  const given = namedAll<[number, number, number]>('diagonal', ['offset', 'dim1', 'dim2'], [first, second, third])
  const [offset = 0, dim1 = 0, dim2 = 1] = given
  assertWhole('diagonal', 'offset', offset)
  const [a, b] = [wrapDim('diagonal', dim1, x.ndim), wrapDim('diagonal', dim2, x.ndim)]
  if (a === b || x.ndim < 2)
    throw new ShapeError(`diagonal: needs two different dimensions, got ${dim1} and ${dim2} of ${show(x.shape)}`)
  return diagonalOp({ x }, { offset, dim1: a, dim2: b })
}

/** The diagonal of a matrix (a copy), or a matrix with the vector x on its diagonal and 0 elsewhere. torch.diag. */
export const diag = composite(
  'diag',
  {
    torch: 'torch.diag',
    dtypes: everyDType,
    samples: [{ inputs: [wide], args: [1] }, { inputs: [{ shape: [3] }] }, { inputs: [{ shape: [2] }], args: [-2] }],
  },
  (x: Tensor, given?: OrNamed<'diagonal', number>): Tensor => {
    const offset = named('diag', 'diagonal', given) ?? 0
    assertWhole('diag', 'diagonal', offset)
    if (x.ndim === 2) return diagonal(x, offset).clone()
    if (x.ndim !== 1) throw new ShapeError(`diag: needs a vector or a matrix, got ${show(x.shape)}; use diagonal()`)
    const n = x.numel() + Math.abs(offset)
    const start = offset < 0 ? -offset * n : offset
    return asStridedBackward(x, [n, n], { shape: x.shape, strides: [n + 1], offset: start })
  },
)

/** arange(n) as a column or row, for comparing positions. */
function positions(n: number): Tensor {
  const y = emptyTensor('int64', [n])
  addon().arange(y.handle, 0, 1)
  return y
}

function triangle(name: 'tril' | 'triu') {
  return composite(
    name,
    {
      torch: `torch.${name}`,
      dtypes: everyDType,
      samples: [
        { inputs: [wide] },
        { inputs: [cube], args: [1] },
        { inputs: [wide], args: [-1] },
        { inputs: [wide], options: { diagonal: 1 } },
      ],
    },
    (x: Tensor, given?: OrNamed<'diagonal', number>): Tensor => {
      const offset = named(name, 'diagonal', given) ?? 0
      assertWhole(name, 'diagonal', offset)
      if (x.ndim < 2) throw new ShapeError(`${name}: needs at least two dimensions, got ${show(x.shape)}`)
      const [rows, columns] = x.shape.slice(-2) as [number, number]
      const limit = unsqueeze(positions(rows), 1).add(offset)
      const column = positions(columns)
      return where(name === 'tril' ? column.le(limit) : column.ge(limit), x, filledTensor(x.dtype, [], 0))
    },
  )
}

/** Lower triangle: 0 above the diagonal at `diagonal` (> 0 keeps more). torch.tril. */
export const tril = triangle('tril')
/** Upper triangle: 0 below the diagonal at `diagonal` (> 0 keeps less). torch.triu. */
export const triu = triangle('triu')

const unfoldOp = stridedView<{ dim: number; size: number; step: number }>('unfold', {
  torch: 'torch.Tensor.unfold',
  geometry: (shape, strides, { dim, size, step }) => ({
    shape: [...shape.with(dim, Math.floor((shape[dim] - size) / step) + 1), size],
    strides: [...strides.with(dim, strides[dim] * step), strides[dim]],
    offset: 0,
  }),
  samples: [
    { inputs: [{ shape: [7] }], args: [0, 3, 2] },
    { inputs: [cube], args: [-1, 2, 1] },
    { inputs: [cube], args: [1, 1, 2] },
  ],
  call: (x: Tensor, dim: number, size: number, step: number) => unfold(x, dim, size, step),
})

/** All windows of `size` positions along `dim`, `step` apart; the positions in a window are the last dimension of the view. torch.Tensor.unfold. */
export function unfold(x: Tensor, dim: number, size: number, step: number): Tensor {
  const wrapped = wrapDim('unfold', dim, x.ndim)
  const shape: Shape = x.shape
  if (x.ndim === 0) throw new ShapeError('unfold: a 0-d tensor has no dimension to unfold; use .view(1) first')
  if (!Number.isInteger(size) || size < 0 || size > shape[wrapped])
    throw new RangeError(
      `unfold: size ${size} does not fit into dimension ${dim} of ${show(shape)}, which has ${shape[wrapped]} positions`,
    )
  if (!Number.isInteger(step) || step < 1) throw new RangeError(`unfold: step must be a positive integer, got ${step}`)
  return unfoldOp({ x }, { dim: wrapped, size, step })
}
