/** Running sums, products and extremes along a dimension, and what is made of them. */
import { addon } from '../device/addon.js'
import { isFloating, type DType } from '../tensor/dtype.js'
import { show, ShapeError, wrapDim } from '../tensor/shape.js'
import { emptyLikeTensor, emptyTensor, filledTensor, type Tensor } from '../tensor/tensor.js'
import { composite, defineOp, everyDType, floating, numeric, type RunOp } from './define.js'
import { changeInPlace } from './in-place.js'
import { flip } from './arrange.js'
import { cat } from './join.js'
import { withPacked } from './packed.js'
import type { ValuesIndices } from './reduce.js'
import type { Sample } from './registry.js'
import { narrow } from './shape.js'
import { isOptions, readCall, readOptions } from '../tensor/options.js'

interface Along {
  dim: number
}

/** What cumsum and cumprod accept last. */
export interface CumulativeOptions {
  /** Convert to this dtype first. Default: the tensor's own if floating, else int64. */
  dtype?: DType
}

const cube = { shape: [2, 3, 4] }
const samples: readonly Sample[] = [
  { inputs: [cube], args: [0] },
  { inputs: [cube], args: [1] },
  { inputs: [cube], args: [-1] },
  { inputs: [5], args: [0] },
  { inputs: [{ shape: [0, 3] }], args: [0] },
]

function scanned(op: 'sum' | 'prod' | 'logsumexp', x: Tensor, dim: number): Tensor {
  const y = emptyLikeTensor(x)
  withPacked(x, (packed) => addon().scan(op, y.handle, packed.handle, dim))
  return y
}

/** Σ over the elements from each position to the end. */
const reversedSum = (x: Tensor, dim: number): Tensor => flip(cumsumOp({ x: flip(x, [dim]) }, { dim }), [dim])

const cumsumOp: RunOp<{ x: Tensor }, Along> = defineOp<{ x: Tensor }, never, Along>('cumsum', {
  torch: 'torch.cumsum',
  dtypes: everyDType,
  forward: ({ x }, { dim }) => scanned('sum', x, dim),
  grad: { x: (dy, _, { params }) => reversedSum(dy, params.dim) },
  samples: [...samples, { inputs: [{ shape: [2, 300], low: 0 }], args: [0] }],
  call: (x: Tensor, dim: number, options?: CumulativeOptions) => cumsum(x, dim, options),
})

const cumulativeDefaults = { dim: undefined, dtype: undefined } as const

/** Integers and bools accumulate in int64 unless another dtype is asked for. */
const accumulating = (x: Tensor, dtype?: DType): Tensor => x.to(dtype ?? (isFloating(x.dtype) ? x.dtype : 'int64'))

/** Sums of the elements up to each position along `dim`; integers and bools in int64. torch.cumsum. */
export function cumsum(
  x: Tensor,
  dim: number | (CumulativeOptions & { dim: number }),
  options?: CumulativeOptions,
): Tensor {
  const { dim: along, dtype } = readCall<CumulativeOptions & { dim: number }, typeof cumulativeDefaults>(
    'cumsum',
    ['dim'],
    [dim, options],
    cumulativeDefaults,
  )
  return cumsumOp({ x: accumulating(x, dtype) }, { dim: wrapDim('cumsum', along, x.ndim) })
}

/** In place: sums up to each position, in the tensor's own dtype. torch.Tensor.cumsum_. */
export function cumsum_<T extends Tensor>(x: T, dim: number): T {
  const d = wrapDim('cumsum_', dim, x.ndim)
  return changeInPlace('cumsum_', x, {}, () => rescan('sum', x, d), { self: (dy) => reversedSum(dy, d) })
}

function rescan(op: 'sum' | 'prod', x: Tensor, dim: number): void {
  const y = scanned(op, x, dim)
  addon().copy(x.handle, y.handle)
  y.dispose()
}

/**
 * hᵢ = aᵢ·hᵢ₋₁ + bᵢ along a dimension, or reversed hᵢ = aᵢ₊₁·hᵢ₊₁ + bᵢ. The gradient of each direction is the other one,
 * which makes derivatives of running products exact, zeros or not, in time proportional to their length.
 */
const recurrenceOp: RunOp<{ a: Tensor; b: Tensor }, Along & { reverse: boolean }> = defineOp<
  { a: Tensor; b: Tensor },
  'a' | 'y',
  Along & { reverse: boolean }
>('recurrence', {
  torch:
    'lambda a, b, dim, reverse: (lambda f, a, b: f(f, a, b))(lambda f, a, b: torch.stack([sum(b.unbind(dim)[j] * torch.stack([a.unbind(dim)[k] for k in (range(i + 1, j + 1) if reverse else range(j + 1, i + 1))] or [torch.ones_like(b.unbind(dim)[0])]).prod(0) for j in (range(i, b.shape[dim]) if reverse else range(i + 1))) for i in range(b.shape[dim])], dim), a, b)',
  forward({ a, b }, { dim, reverse }) {
    const y = emptyLikeTensor(b)
    withPacked(a, (factors) =>
      withPacked(b, (terms) => addon().recurrence(y.handle, factors.handle, terms.handle, dim, reverse)),
    )
    return y
  },
  saves: ['a', 'y'],
  grad: {
    a: (dy, { a, y }, { params: { dim, reverse } }) => {
      const flow = recurrenceOp({ a, b: dy }, { dim, reverse: !reverse })
      return reverse ? delayed(flow, dim, 0).mul(y) : flow.mul(delayed(y, dim, 0))
    },
    b: (dy, { a }, { params: { dim, reverse } }) => recurrenceOp({ a, b: dy }, { dim, reverse: !reverse }),
  },
  samples: [
    { inputs: [{ shape: [2, 4] }, { shape: [2, 4] }], args: [1, false] },
    { inputs: [{ shape: [3, 2] }, { shape: [3, 2] }], args: [0, true] },
  ],
  call: (a: Tensor, b: Tensor, dim: number, reverse: boolean) => recurrenceOp({ a, b }, { dim, reverse }),
})

/** x moved by one position along dim, `first` coming in at the front. */
function delayed(x: Tensor, dim: number, first: number): Tensor {
  const length: number = x.shape[dim]
  if (length === 0) return x
  return cat([filledTensor(x.dtype, x.shape.with(dim, 1), first), narrow(x, dim, 0, length - 1)], dim)
}

/** dy/dx of y = cumprod(x): the product before each position times what follows from it. */
function productGradient(dy: Tensor, x: Tensor, y: Tensor, dim: number): Tensor {
  if (x.ndim === 0) return dy
  return delayed(y, dim, 1).mul(recurrenceOp({ a: x, b: dy }, { dim, reverse: true }))
}

const withZeros = [
  [2, 0, 3],
  [0, 4, 0],
]

const cumprodOp: RunOp<{ x: Tensor }, Along> = defineOp<{ x: Tensor }, 'x' | 'y', Along>('cumprod', {
  torch: 'torch.cumprod',
  dtypes: everyDType,
  forward: ({ x }, { dim }) => scanned('prod', x, dim),
  saves: ['x', 'y'],
  grad: { x: (dy, { x, y }, { params }) => productGradient(dy, x, y, params.dim) },
  samples: [...samples, { inputs: [withZeros], args: [1] }],
  call: (x: Tensor, dim: number, options?: CumulativeOptions) => cumprod(x, dim, options),
})

/** Products of the elements up to each position along `dim`; integers and bools in int64. torch.cumprod. */
export function cumprod(
  x: Tensor,
  dim: number | (CumulativeOptions & { dim: number }),
  options?: CumulativeOptions,
): Tensor {
  const { dim: along, dtype } = readCall<CumulativeOptions & { dim: number }, typeof cumulativeDefaults>(
    'cumprod',
    ['dim'],
    [dim, options],
    cumulativeDefaults,
  )
  return cumprodOp({ x: accumulating(x, dtype) }, { dim: wrapDim('cumprod', along, x.ndim) })
}

/** In place: products up to each position, in the tensor's own dtype. torch.Tensor.cumprod_. */
export function cumprod_<T extends Tensor>(x: T, dim: number): T {
  const d = wrapDim('cumprod_', dim, x.ndim)
  const before = x.requiresGrad ? x.clone() : x
  return changeInPlace(
    'cumprod_',
    x,
    {},
    () => rescan('prod', x, d),
    { self: (dy) => productGradient(dy, before, x, d) },
    [],
    true,
  )
}

/** Products of all other elements along dim: right also where an element is 0. */
export function productOfOthers(x: Tensor, dim: number): Tensor {
  const before = delayed(cumprodOp({ x }, { dim }), dim, 1)
  const after = flip(delayed(cumprodOp({ x: flip(x, [dim]) }, { dim }), dim, 1), [dim])
  return before.mul(after)
}

const logcumsumexpOp: RunOp<{ x: Tensor }, Along> = defineOp<{ x: Tensor }, 'x' | 'y', Along>('logcumsumexp', {
  torch: 'torch.logcumsumexp',
  forward: ({ x }, { dim }) => scanned('logsumexp', x, dim),
  saves: ['x', 'y'],
  grad: {
    // Σ dyⱼ·e^(xᵢ−yⱼ) over j ≥ i, as sums of logarithms, so that no exponential overflows.
    x(dy, { x, y }, { params: { dim } }) {
      const part = (sign: 1 | -1): Tensor => {
        const amount = dy.mul(sign)
        const there = amount.gt(0)
        const logarithm = there.where(there.where(amount, 1).log().sub(y), -Infinity)
        return flip(logcumsumexpOp({ x: flip(logarithm, [dim]) }, { dim }), [dim])
          .add(x)
          .exp()
      }
      return x.ndim === 0 ? dy : part(1).sub(part(-1))
    },
  },
  samples: [
    ...samples,
    {
      inputs: [
        [
          [60, 60],
          [-60, 3],
        ],
      ],
      args: [0],
      skipGradcheck: 'a step is lost beside such numbers',
    },
    { inputs: [[-Infinity, 1, 2]], args: [0], skipGradcheck: 'infinity has no neighbours' },
  ],
  call: (x: Tensor, dim: number) => logcumsumexp(x, dim),
})

/** ln Σ eˣ over the elements up to each position along `dim`, without overflow. torch.logcumsumexp. */
export function logcumsumexp(x: Tensor, dim: number): Tensor {
  if (!isFloating(x.dtype))
    throw new TypeError(`logcumsumexp: needs a floating tensor, got ${x.dtype}; convert it with .float() first`)
  return logcumsumexpOp({ x }, { dim: wrapDim('logcumsumexp', dim, x.ndim) })
}

function cumulativeExtreme(name: 'cummax' | 'cummin', op: 'max' | 'min') {
  const values = defineOp<{ x: Tensor; indices: Tensor }, 'indices', Along>(name, {
    torch: `lambda x, dim: torch.${name}(x, dim).values`,
    dtypes: everyDType,
    forward({ x, indices }, { dim }) {
      const y = emptyLikeTensor(x)
      withPacked(x, (packed) => addon().scanExtreme(op, y.handle, indices.handle, packed.handle, dim))
      return y
    },
    saves: ['indices'],
    grad: {
      x: (dy, { indices }, { params, shapes }) =>
        filledTensor(dy.dtype, shapes.x, 0).scatterAdd(params.dim, indices, dy),
    },
    samples: [...samples, { inputs: [[1, NaN, 3]], args: [0], skipGradcheck: 'NaN has no neighbours' }],
    call: (x: Tensor, dim: number) => run(x, dim).values,
  })
  const run = (x: Tensor, dim: number): ValuesIndices => {
    const indices = emptyTensor('int64', x.shape, x.device)
    return { values: values({ x, indices }, { dim: wrapDim(name, dim, x.ndim) }), indices }
  }
  return run
}

/** Largest element up to each position along `dim`, and where it stands (the latest of equals). torch.cummax. */
export const cummax = cumulativeExtreme('cummax', 'max')
/** Smallest element up to each position along `dim`, and where it stands (the latest of equals). torch.cummin. */
export const cummin = cumulativeExtreme('cummin', 'min')

/** What diff accepts last. */
export interface DiffOptions {
  /** How often differences are taken. Default 1. */
  n?: number
  /** Default −1. */
  dim?: number
  /** Values put before those of x along the dimension. */
  prepend?: Tensor
  /** Values put after those of x along the dimension. */
  append?: Tensor
}

/** Differences of neighbours along a dimension, n times; of bools, whether they differ. torch.diff. */
export const diff = composite(
  'diff',
  {
    torch: 'torch.diff',
    dtypes: everyDType,
    samples: [
      { inputs: [cube] },
      { inputs: [cube], options: { n: 2, dim: 1 } },
      { inputs: [cube], options: { n: 5, dim: 0 } },
      { inputs: [cube], options: { n: 0 } },
    ],
  },
  (x: Tensor, options?: DiffOptions): Tensor => {
    const { n, dim, prepend, append } = readOptions('diff', options, {
      n: 1,
      dim: -1,
      prepend: undefined,
      append: undefined,
    })
    if (x.ndim === 0) throw new ShapeError('diff: needs at least one dimension, got a 0-d tensor')
    if (!Number.isInteger(n) || n < 0) throw new RangeError(`diff: n must be a non-negative integer, got ${n}`)
    const d = wrapDim('diff', dim, x.ndim)
    const parts = [prepend, x, append].filter((part) => part !== undefined)
    let y = parts.length > 1 ? cat(parts, d) : x
    if (n === 0) return y.clone()
    for (let i = 0; i < n && y.shape[d] > 0; i++) {
      const later = narrow(y, d, 1, y.shape[d] - 1)
      const earlier = narrow(y, d, 0, y.shape[d] - 1)
      y = y.dtype === 'bool' ? later.logicalXor(earlier) : later.sub(earlier)
    }
    return y
  },
)

/** What trapezoid and cumulativeTrapezoid accept last. */
export interface TrapezoidOptions {
  /** Distance of neighbouring samples when no positions are given. Default 1. */
  dx?: number
  /** Default −1. */
  dim?: number
}

/** Areas between neighbouring samples, times two. */
function doubledAreas(name: string, y: Tensor, x: Tensor | null, { dx, dim }: Required<TrapezoidOptions>): Tensor {
  if (y.ndim === 0) throw new ShapeError(`${name}: needs at least one dimension, got a 0-d tensor`)
  const d = wrapDim(name, dim, y.ndim)
  const length: number = y.shape[d]
  if (length === 0) return y
  const sums = narrow(y, d, 1, length - 1).add(narrow(y, d, 0, length - 1))
  if (x === null) return sums.mul(dx)
  if (x.ndim === 1 && x.shape[0] !== length)
    throw new ShapeError(
      `${name}: ${x.shape[0]} positions for the ${length} samples along dimension ${dim} of ${show(y.shape)}`,
    )
  const full =
    x.ndim === 1
      ? x.reshape(y.shape.map((_: number, i: number) => (i === d ? length : 1)))
      : x.reshape([...new Array<number>(Math.max(0, y.ndim - x.ndim)).fill(1), ...x.shape])
  return diff(full, { dim: d - y.ndim }).mul(sums)
}

/** The positions are a tensor; without them the second argument is the options. */
function integration(
  name: string,
  x: Tensor | TrapezoidOptions | undefined,
  options: TrapezoidOptions | undefined,
): [Tensor | null, Required<TrapezoidOptions>] {
  const given = isOptions(x) ? x : options
  return [isOptions(x) ? null : (x ?? null), readOptions(name, given, { dx: 1, dim: -1 })]
}

/**
 * Integral along a dimension by the trapezoidal rule, of samples at positions x or `dx` apart. torch.trapezoid.
 * @example trapezoid(y, x) @example trapezoid(y, { dx: 0.1, dim: 0 })
 */
export const trapezoid = composite(
  'trapezoid',
  {
    torch: 'torch.trapezoid',
    dtypes: numeric,
    samples: [
      { inputs: [cube] },
      { inputs: [cube], options: { dx: 0.5, dim: 1 } },
      { inputs: [cube, { shape: [4] }] },
      { inputs: [cube, cube], options: { dim: 0 } },
      { inputs: [{ shape: [2, 0] }] },
    ],
  },
  (y: Tensor, x?: Tensor | TrapezoidOptions, options?: TrapezoidOptions): Tensor => {
    const [positions, settings] = integration('trapezoid', x, options)
    return doubledAreas('trapezoid', y, positions, settings).sum(settings.dim).div(2)
  },
)

/** Integrals up to each position by the trapezoidal rule. torch.cumulative_trapezoid. */
export const cumulativeTrapezoid = composite(
  'cumulativeTrapezoid',
  {
    torch: 'torch.cumulative_trapezoid',
    dtypes: floating,
    samples: [{ inputs: [cube] }, { inputs: [cube], options: { dx: 0.5, dim: 1 } }, { inputs: [cube, { shape: [4] }] }],
  },
  (y: Tensor, x?: Tensor | TrapezoidOptions, options?: TrapezoidOptions): Tensor => {
    const [positions, settings] = integration('cumulativeTrapezoid', x, options)
    return cumsum(doubledAreas('cumulativeTrapezoid', y, positions, settings), settings.dim).div(2)
  },
)
