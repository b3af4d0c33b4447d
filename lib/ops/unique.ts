/** Different elements, or different slices along a dimension. */
import { addon } from '../device/addon.js'
import { wrapDim } from '../tensor/shape.js'
import { emptyTensor, filledTensor, type Tensor } from '../tensor/tensor.js'
import { movedim } from './arrange.js'
import { composite, everyDType } from './define.js'
import { indexSelect, nonzero } from './index-ops.js'
import { cat } from './join.js'
import { withPacked } from './packed.js'
import { cumsum, diff } from './scan.js'
import { scatter } from './scatter.js'
import { narrow, reshape } from './shape.js'
import { sort } from './sort.js'
import { readOptions, type Defaults } from '../tensor/options.js'

/** What uniqueConsecutive accepts last. */
export interface UniqueOptions {
  /** Also give, for each element, its position in the result. Default false. */
  returnInverse?: boolean
  /** Also give how often each occurs. Default false. */
  returnCounts?: boolean
  /** Compare slices along this dimension. Default: all elements, flattened. */
  dim?: number
}

/** What unique accepts last. */
export interface SortedUniqueOptions extends UniqueOptions {
  /** The result is in order either way; the option exists for PyTorch's sake. */
  sorted?: boolean
}

const uniqueDefaults = {
  returnInverse: false,
  returnCounts: false,
  dim: undefined,
} as const satisfies Defaults<UniqueOptions>

/** The different elements with what was asked for besides. */
export interface Unique {
  output: Tensor
  /** int64: of the input's shape, or 1-D for slices. */
  inverseIndices?: Tensor
  /** int64: how often each entry of output occurs. */
  counts?: Tensor
}

/** Where entries begin that differ from the one before: bool [n]. */
function starts(entries: Tensor): Tensor {
  const n: number = entries.shape[0]
  if (n === 0) return emptyTensor('bool', [0], entries.device)
  const changed = narrow(entries, 0, 1, n - 1).ne(narrow(entries, 0, 0, n - 1))
  return cat([filledTensor('bool', [1], 1, entries.device), entries.ndim > 1 ? changed.any(1) : changed])
}

/** The order of a matrix's rows. */
function rowOrder(rows: Tensor): Tensor {
  const order = emptyTensor('int64', [rows.shape[0]], rows.device)
  withPacked(rows, (packed) => addon().sortRows(order.handle, packed.handle))
  return order
}

function distinct(name: string, x: Tensor, ordered: boolean, options: UniqueOptions): Tensor | Unique {
  const { returnInverse, returnCounts, dim } = options
  const source = x.detach()
  const slices = dim !== undefined && x.ndim > 0
  const front = slices ? movedim(source, wrapDim(name, dim, x.ndim), 0) : reshape(source, [-1])
  const n: number = front.shape[0]
  let entries = slices ? reshape(front, [n, front.numel() / Math.max(n, 1)]) : front
  let order: Tensor | null = null
  if (ordered && slices) {
    order = rowOrder(entries)
    entries = indexSelect(entries, 0, order)
  } else if (ordered) ({ values: entries, indices: order } = sort(entries, 0))
  const begins = starts(entries)
  const positions = reshape(nonzero(begins), [-1])
  const found = indexSelect(entries, 0, positions)
  const output = slices
    ? movedim(reshape(found, [positions.numel(), ...front.shape.slice(1)]), 0, wrapDim(name, dim, x.ndim))
    : found
  if (!returnInverse && !returnCounts) return output
  const result: Unique = { output }
  if (returnInverse) {
    const ranks = cumsum(begins, 0).sub(1)
    const inverse = order ? scatter(ranks, 0, order, ranks) : ranks
    result.inverseIndices = slices ? inverse : reshape(inverse, x.shape)
  }
  if (returnCounts) result.counts = diff(positions, { append: filledTensor('int64', [1], n, x.device) })
  return result
}

type WithExtras = { returnInverse: true } | { returnCounts: true }

/** The different elements in ascending order, or the different slices along `dim`. Every NaN differs. torch.unique. */
export function unique(x: Tensor, options: SortedUniqueOptions & WithExtras): Unique
export function unique(x: Tensor, options?: SortedUniqueOptions): Tensor
export function unique(x: Tensor, options?: SortedUniqueOptions): Tensor | Unique {
  return distinct('unique', x, true, readOptions('unique', options, { ...uniqueDefaults, sorted: true }))
}

/** The elements (or slices along `dim`) without repeats of the one before. torch.unique_consecutive. */
export function uniqueConsecutive(x: Tensor, options: UniqueOptions & WithExtras): Unique
export function uniqueConsecutive(x: Tensor, options?: UniqueOptions): Tensor
export function uniqueConsecutive(x: Tensor, options?: UniqueOptions): Tensor | Unique {
  return distinct('uniqueConsecutive', x, false, readOptions('uniqueConsecutive', options, uniqueDefaults))
}

const repeated = {
  inputs: [
    [
      [2, 1, 2],
      [2, 1, 2],
      [0, 1, 1],
    ],
  ],
}

for (const [name, torch] of [
  ['unique', 'torch.unique'],
  ['uniqueConsecutive', 'torch.unique_consecutive'],
] as const)
  composite(
    name,
    {
      torch: `lambda x, part=None, **o: ${torch}(x, **o) if part is None else ${torch}(x, return_inverse=True, return_counts=True, **o)[part]`,
      dtypes: everyDType,
      gradient: 'elements are compared',
      samples: [
        repeated,
        { ...repeated, options: { dim: 0 } },
        { ...repeated, options: { dim: 1 } },
        { ...repeated, args: [1] },
        { ...repeated, args: [2] },
        { ...repeated, args: [1], options: { dim: 1 } },
        { ...repeated, args: [2], options: { dim: 0 } },
        { inputs: [[NaN, 1, NaN, 1]] },
        { inputs: [{ shape: [0] }], args: [2] },
        { inputs: [5] },
      ],
      call: (x: Tensor, part?: number | UniqueOptions, options: UniqueOptions = {}) =>
        typeof part === 'number'
          ? Object.values(
              (name === 'unique' ? unique : uniqueConsecutive)(x, {
                ...options,
                returnInverse: true,
                returnCounts: true,
              }),
            )[part]
          : (name === 'unique' ? unique : uniqueConsecutive)(x, part),
    },
    name === 'unique' ? unique : uniqueConsecutive,
  )
