/** Counting and finding: histograms, occurrences of integers, positions in sorted sequences, membership. */
import { addon } from '../device/addon.js'
import { isFloating, resultType, resultTypeWithNumber, type DType } from '../tensor/dtype.js'
import { sameShape, ShapeError, show } from '../tensor/shape.js'
import { assertFloating, emptyTensor, filledTensor, Tensor } from '../tensor/tensor.js'
import { linspace, tensor } from './creation.js'
import { composite, everyDType, numeric } from './define.js'
import { withPacked } from './packed.js'
import { reduceSettings, type Dims } from './reduce.js'
import { sort } from './sort.js'
import { readOptions } from '../tensor/options.js'

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0

/** What bincount accepts last. */
export interface BincountOptions {
  /** A weight for each element: then weights are added up instead of counting. */
  weights?: Tensor
  /** The result has at least so many entries. Default 0. */
  minlength?: number
}

/**
 * How often each of 0, 1, 2, … occurs in a 1-D tensor of integers, int64; with weights their sums, float32 or float64.
 * torch.bincount.
 * @throws RangeError for a negative element, with its position.
 */
export const bincount = composite(
  'bincount',
  {
    torch: 'lambda x, w=None, **o: torch.bincount(x, w, **o)',
    dtypes: ['int32', 'int64', 'uint8'],
    gradient: 'the result counts',
    samples: [
      { inputs: [{ shape: [9], low: 0, high: 6, dtype: 'int64' }] },
      { inputs: [{ shape: [9], low: 0, high: 6, dtype: 'int64' }], options: { minlength: 10 } },
      { inputs: [{ shape: [9], low: 0, high: 6, dtype: 'int64' }, { shape: [9] }] },
      { inputs: [{ shape: [0], dtype: 'int64' }], options: { minlength: 2 } },
    ],
    call: (x: Tensor, weights?: Tensor | BincountOptions, options: BincountOptions = {}) =>
      bincount(x, weights instanceof Tensor ? { ...options, weights } : weights),
  },
  (x: Tensor, options?: BincountOptions): Tensor => {
    const { weights, minlength } = readOptions('bincount', options, { weights: undefined, minlength: 0 })
    if (x.ndim !== 1 || isFloating(x.dtype) || x.dtype === 'bool')
      throw new TypeError(`bincount: needs a 1-D tensor of integers, got ${x.dtype} of shape ${show(x.shape)}`)
    if (!isCount(minlength))
      throw new RangeError(`bincount: minlength must be a non-negative integer, got ${minlength}`)
    if (weights && !sameShape(weights.shape, x.shape))
      throw new ShapeError(`bincount: weights have shape ${show(weights.shape)}, the elements ${show(x.shape)}`)
    const largest = x.numel() > 0 ? x.amax().item() : -1
    const dtype = weights ? (weights.dtype === 'float32' ? 'float32' : 'float64') : 'int64'
    const y = emptyTensor(dtype, [Math.max(minlength, largest + 1)])
    withPacked(x, (elements) => {
      if (!weights) return addon().bincount(y.handle, elements.handle, null)
      withPacked(weights.detach().to(dtype), (packed) => addon().bincount(y.handle, elements.handle, packed.handle))
    })
    return y
  },
)

/** The two ends of a histogram: those given, or where both are 0 the least and the greatest element; never the same. */
function ends(name: string, x: Tensor, min: number, max: number): [number, number] {
  if (!(min <= max) || !Number.isFinite(min) || !Number.isFinite(max))
    throw new RangeError(`${name}: the range from ${min} to ${max} must be finite and not reversed`)
  let [low, high] = [min, max]
  if (low === high && x.numel() > 0) {
    ;[low, high] = [x.amin().item(), x.amax().item()]
    if (!Number.isFinite(low) || !Number.isFinite(high))
      throw new RangeError(`${name}: elements range from ${low} to ${high}, which is not finite; pass a range`)
  }
  return low === high ? [low - 1, high + 1] : [low, high]
}

function assertBins(name: string, bins: number): void {
  if (!isCount(bins) || bins === 0) throw new RangeError(`${name}: bins must be a positive integer, got ${bins}`)
}

function counted(
  x: Tensor,
  edges: Tensor,
  weights: Tensor | null,
  search: 'edges' | 'width' | 'widthThenEdges',
): Tensor {
  const y = emptyTensor(x.dtype, [edges.numel() - 1])
  withPacked(x, (elements) =>
    withPacked(edges, (limits) => {
      if (!weights) return addon().histogram(y.handle, elements.handle, limits.handle, null, search)
      withPacked(weights, (packed) =>
        addon().histogram(y.handle, elements.handle, limits.handle, packed.handle, search),
      )
    }),
  )
  return y
}

/** What histc accepts last. */
export interface HistcOptions {
  /** Number of bins of equal width. Default 100. */
  bins?: number
  /** Lower end. Default 0; where min equals max the elements' own range is taken. */
  min?: number
  /** Upper end, inside the last bin. Default 0. */
  max?: number
}

/** How many elements fall into each of `bins` equal parts of [min, max], in x's dtype; others are not counted. torch.histc. */
export const histc = composite(
  'histc',
  {
    torch: 'torch.histc',
    gradient: 'the result counts',
    samples: [
      { inputs: [{ shape: [20, 5] }] },
      { inputs: [{ shape: [20, 5] }], options: { bins: 4 } },
      { inputs: [[1, 2, 1, NaN, 4, 0]], options: { bins: 4, min: 0, max: 3 } },
      { inputs: [[2, 2]], options: { bins: 3 } },
    ],
  },
  (x: Tensor, options?: HistcOptions): Tensor => {
    const { bins, min, max } = readOptions('histc', options, { bins: 100, min: 0, max: 0 })
    assertFloating('histc', x)
    assertBins('histc', bins)
    const [low, high] = ends('histc', x, min, max)
    return counted(x, linspace(low, high, bins + 1, { dtype: x.dtype }), null, 'width')
  },
)

/** What histogram accepts last. */
export interface HistogramOptions {
  /** Lower and upper end when bins is a number. Default: the elements' own. */
  range?: readonly [number, number]
  /** A weight for each element, in place of 1. */
  weight?: Tensor
  /** Divide so that the integral over the bins is 1. Default false. */
  density?: boolean
}

/**
 * Counts (or sums of weights) between edges: `bins` is how many of equal width, or the ascending edges themselves.
 * torch.histogram.
 */
export function histogram(
  x: Tensor,
  bins: number | Tensor,
  options?: HistogramOptions,
): { hist: Tensor; binEdges: Tensor } {
  const { range, weight, density } = readOptions('histogram', options, {
    range: undefined,
    weight: undefined,
    density: false,
  })
  assertFloating('histogram', x)
  if (weight && !sameShape(weight.shape, x.shape))
    throw new ShapeError(`histogram: weight has shape ${show(weight.shape)}, the elements ${show(x.shape)}`)
  let binEdges: Tensor
  if (typeof bins === 'number') {
    assertBins('histogram', bins)
    const [low, high] = range ?? [0, 0]
    const span = range && low === high ? ([low - 0.5, high + 0.5] as const) : spread('histogram', x, low, high)
    binEdges = linspace(span[0], span[1], bins + 1, { dtype: x.dtype })
  } else {
    if (bins.ndim !== 1 || bins.numel() < 2)
      throw new ShapeError(`histogram: edges must be 1-D and at least two, got shape ${show(bins.shape)}`)
    binEdges = bins.detach().to(x.dtype)
  }
  const search = typeof bins === 'number' ? 'widthThenEdges' : 'edges'
  const hist = counted(x, binEdges, weight ? weight.detach().to(x.dtype) : null, search)
  if (!density) return { hist, binEdges }
  const widths = binEdges.narrow(0, 1, hist.numel()).sub(binEdges.narrow(0, 0, hist.numel()))
  return { hist: hist.div(hist.sum().mul(widths)), binEdges }
}

/** The ends of a histogram without a given range; a single value stands in the middle of a range of length 1. */
function spread(name: string, x: Tensor, min: number, max: number): readonly [number, number] {
  if (min !== max || x.numel() === 0) return min === max ? [0, 1] : ends(name, x, min, max)
  const [low, high] = [x.amin().item(), x.amax().item()]
  return low === high ? [low - 0.5, high + 0.5] : ends(name, x, 0, 0)
}

composite(
  'histogram',
  {
    torch:
      'lambda x, bins, **o: torch.histogram(x, torch.tensor(bins, dtype=x.dtype) if isinstance(bins, list) else bins, **o).hist',
    gradient: 'the result counts',
    samples: [
      { inputs: [{ shape: [20, 5] }], args: [7] },
      { inputs: [{ shape: [20, 5] }], args: [[-0.5, 0, 0.1, 0.75]] },
      { inputs: [{ shape: [20, 5] }], args: [4], options: { range: [-0.5, 0.5], density: true } },
    ],
    call: (x: Tensor, bins: number | number[], options?: HistogramOptions) =>
      histogram(x, typeof bins === 'number' ? bins : tensor(bins), options).hist,
  },
  histogram,
)

/** What bucketize accepts last. */
export interface SearchOptions {
  /** Insert after equal elements instead of before them. Default false. */
  right?: boolean
  /** 'left' or 'right': another way to say `right`. */
  side?: 'left' | 'right'
  /** int32 positions instead of int64. Default false. */
  outInt32?: boolean
}

/** What searchsorted accepts last. */
export interface SearchSortedOptions extends SearchOptions {
  /** Positions (int64) that sort the sequence, when it is not sorted itself. */
  sorter?: Tensor
}

/**
 * Where each value would be inserted into the ascending sequence to keep it ascending. The sequence is 1-D, or has the sizes
 * of the values but for the last dimension, which is searched. torch.searchsorted.
 */
export const searchsorted = composite(
  'searchsorted',
  {
    torch: 'torch.searchsorted',
    dtypes: numeric,
    gradient: 'the result is positions',
    samples: [
      { inputs: [[1, 3, 5, 7], { shape: [3, 4], low: 0, high: 8 }] },
      {
        inputs: [
          [
            [1, 3, 3, 7],
            [0, 2, 4, 6],
          ],
          [
            [3, 9],
            [2, 4],
          ],
        ],
        options: { right: true },
      },
      {
        inputs: [
          [1, 3, NaN],
          [NaN, 0, 3],
        ],
      },
      { inputs: [[1, 3, 5], 3] },
    ],
  },
  (sequence: Tensor, values: Tensor | number, options?: SearchSortedOptions): Tensor => {
    const { right, side, outInt32, sorter } = readOptions('searchsorted', options, {
      right: false,
      side: undefined,
      outInt32: false,
      sorter: undefined,
    })
    const wanted =
      typeof values === 'number' ? filledTensor(resultTypeWithNumber(sequence.dtype, values), [], values) : values
    const lines = (x: Tensor): readonly number[] => x.shape.slice(0, -1)
    if (sequence.ndim === 0 || (sequence.ndim > 1 && !sameShape(lines(sequence), lines(wanted))))
      throw new ShapeError(
        `searchsorted: a sequence of shape ${show(sequence.shape)} does not fit values of shape ${show(wanted.shape)}: it must be 1-D, or agree in all but the last dimension`,
      )
    if (sorter && (sorter.dtype !== 'int64' || !sameShape(sorter.shape, sequence.shape)))
      throw new TypeError(
        `searchsorted: the sorter must be int64 of shape ${show(sequence.shape)}, got ${sorter.dtype} of shape ${show(sorter.shape)}`,
      )
    if (side === 'left' && right)
      throw new Error("searchsorted: side 'left' and right: true contradict each other; leave one out")
    const dtype = resultType(sequence.dtype, sequence.ndim, wanted.dtype, wanted.ndim)
    const y = emptyTensor(outInt32 ? 'int32' : 'int64', wanted.shape)
    withPacked(sequence.detach().to(dtype), (sorted) =>
      withPacked(wanted.detach().to(dtype), (keys) => {
        const search = (order: Tensor | null): void =>
          addon().searchSorted(y.handle, sorted.handle, keys.handle, right || side === 'right', order?.handle ?? null)
        if (sorter) withPacked(sorter, search)
        else search(null)
      }),
    )
    return y
  },
)

/** In which of the intervals between ascending 1-D boundaries each element lies: how many boundaries are below it. torch.bucketize. */
export const bucketize = composite(
  'bucketize',
  {
    torch: 'torch.bucketize',
    dtypes: numeric,
    gradient: 'the result is positions',
    samples: [
      {
        inputs: [
          [
            [3, 6, 9],
            [3, 6, 9],
          ],
          [1, 3, 5, 7, 9],
        ],
      },
      {
        inputs: [
          [3, 6, 9],
          [1, 3, 5, 7, 9],
        ],
        options: { right: true },
      },
    ],
  },
  (x: Tensor | number, boundaries: Tensor, options?: Pick<SearchOptions, 'right' | 'outInt32'>): Tensor => {
    const settings = readOptions('bucketize', options, { right: false, outInt32: false })
    if (boundaries.ndim !== 1)
      throw new ShapeError(`bucketize: the boundaries must be 1-D, got shape ${show(boundaries.shape)}`)
    return searchsorted(boundaries, x, settings)
  },
)

/** The elements of a 1-D tensor that are not NaN. */
const numbers = (x: Tensor): Tensor => (isFloating(x.dtype) ? x.maskedSelect(x.eq(x)) : x)

/** What isin accepts last. */
export interface IsinOptions {
  /** Ask for elements that do not occur. Default false. */
  invert?: boolean
  /** Accepted for PyTorch's sake. */
  assumeUnique?: boolean
}

/** Whether each element occurs among the test elements. NaN equals nothing. torch.isin. */
export const isin = composite(
  'isin',
  {
    torch: 'torch.isin',
    dtypes: numeric,
    gradient: 'the result is bool',
    samples: [
      {
        inputs: [
          [
            [1, 2],
            [3, NaN],
          ],
          [2, 3, NaN],
        ],
      },
      { inputs: [[1, 2, 3], [2]], options: { invert: true } },
      { inputs: [[1, 2], { shape: [0] }] },
    ],
  },
  (elements: Tensor | number, testElements: Tensor | number, options?: IsinOptions): Tensor => {
    const { invert } = readOptions('isin', options, { invert: false, assumeUnique: undefined })
    const x = typeof elements === 'number' ? tensor(elements) : elements.detach()
    const tests = typeof testElements === 'number' ? tensor(testElements) : testElements.detach()
    const dtype: DType = resultType(x.dtype, x.ndim, tests.dtype, tests.ndim)
    const sorted = sort(numbers(tests.to(dtype).reshape(-1))).values
    if (sorted.numel() === 0) return filledTensor('bool', x.shape, invert ? 1 : 0)
    const wanted = x.to(dtype)
    const at = searchsorted(sorted, wanted).clamp(null, sorted.numel() - 1)
    const found = sorted.take(at).eq(wanted)
    return invert ? found.logicalNot() : found
  },
)

/** How many elements are not 0: all together, or along dimensions. int64. torch.count_nonzero. */
export const countNonzero = composite(
  'countNonzero',
  {
    torch: 'torch.count_nonzero',
    dtypes: everyDType,
    gradient: 'the result counts',
    samples: [
      {
        inputs: [
          [
            [0, 1, NaN],
            [2, 0, 0],
          ],
        ],
      },
      {
        inputs: [
          [
            [0, 1, 3],
            [2, 0, 0],
          ],
        ],
        args: [1],
      },
    ],
  },
  (x: Tensor, dim?: Dims | { dim?: Dims }): Tensor =>
    x
      .detach()
      .bool()
      .sum(reduceSettings('countNonzero', dim, undefined).dim),
)
