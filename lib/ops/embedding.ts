/** Rows of a table by their numbers, one by one or put together in bags. */
import { noGrad } from '../autograd/mode.js'
import { addon } from '../device/addon.js'
import { checkInterrupt } from '../device/interrupt.js'
import { numel, ShapeError, show, type Shape } from '../tensor/shape.js'
import { assertTensor, emptyTensor, filledTensor, int64Tensor, Tensor } from '../tensor/tensor.js'
import { composite, defineOp } from './define.js'
import { vectorNorm } from './norms.js'
import { indexAdd, indexSelect } from './index-ops.js'
import { cat } from './join.js'
import { reshape, select, unsqueeze } from './shape.js'
import { readOptions, type Defaults, type Filled } from '../tensor/options.js'

/** How rows are looked up. */
export interface EmbeddingOptions {
  /** A row that gets no gradient. Negative counts from the end. Default none. */
  paddingIdx?: number | null
  /** Rows longer than this are scaled to it, in place in the weight, when they are looked up. Default none. */
  maxNorm?: number | null
  /** The p of that length. Default 2. */
  normType?: number
  /** Divide the gradient of a row by how often it occurs. Default false. */
  scaleGradByFreq?: boolean
  /** Not available: gradients are dense tensors. */
  sparse?: false
}

/** Their defaults. */
export const embeddingDefaults = {
  paddingIdx: null,
  maxNorm: null,
  normType: 2,
  scaleGradByFreq: false,
  sparse: false,
} as const satisfies Defaults<EmbeddingOptions>

interface Settings {
  paddingIdx: number
  scaleGradByFreq: boolean
}

/** Gradient of the rows that were looked up, as a gradient of the table. */
function tableGradient(dy: Tensor, index: Tensor, shape: Shape, { paddingIdx, scaleGradByFreq }: Settings): Tensor {
  let rows = dy
  if (paddingIdx >= 0) rows = rows.mul(unsqueeze(index.ne(paddingIdx).to(dy.dtype), 1))
  if (scaleGradByFreq) {
    const counts = indexAdd(filledTensor(dy.dtype, [shape[0]], 0), 0, index, filledTensor(dy.dtype, index.shape, 1))
    rows = rows.div(unsqueeze(indexSelect(counts, 0, index), 1))
  }
  return indexAdd(filledTensor(dy.dtype, shape, 0), 0, index, rows)
}

const lookUp = defineOp<{ weight: Tensor; index: Tensor }, 'index', Settings>('embedding', {
  torch: 'lambda w, i, **o: F.embedding(torch.tensor(i), w, **o)',
  forward({ weight, index }) {
    const y = emptyTensor(weight.dtype, [index.shape[0], weight.shape[1]])
    addon().indexSelect(y.handle, weight.handle, 0, index.handle)
    return y
  },
  saves: ['index'],
  grad: { weight: (dy, { index }, { params, shapes }) => tableGradient(dy, index, shapes.weight, params) },
  samples: [
    { inputs: [{ shape: [5, 3] }], args: [[4, 0, 4]] },
    {
      inputs: [{ shape: [5, 2] }],
      args: [
        [
          [1, 2],
          [1, 0],
        ],
      ],
      options: { paddingIdx: 2 },
      skipGradcheck: 'the padding row gets no gradient on purpose',
    },
    {
      inputs: [{ shape: [3, 2] }],
      args: [[1, 1, 0]],
      options: { scaleGradByFreq: true },
      skipGradcheck: 'the gradient is divided by frequencies on purpose',
    },
  ],
  call: (weight: Tensor, index: number[] | number[][], options?: EmbeddingOptions) =>
    embedding(nested(index), weight, options),
})

/** The positions of a sample as a tensor. */
const nested = (index: number[] | number[][]): Tensor =>
  Array.isArray(index[0])
    ? reshape(int64Tensor(index.flat()), [index.length, index[0].length])
    : int64Tensor(index as number[])

function assertTable(name: string, input: Tensor, weight: Tensor): void {
  assertTensor(name, 'the input', input)
  assertTensor(name, 'the weight', weight)
  if (input.dtype !== 'int64' && input.dtype !== 'int32')
    throw new TypeError(`${name}: the input must be int64 or int32, got ${input.dtype}; convert it with .long()`)
  if (weight.ndim !== 2)
    throw new ShapeError(`${name}: the weight must be [numEmbeddings, embeddingDim], got ${show(weight.shape)}`)
}

/** The padding row counted from 0, or −1 for none. */
export function resolvePadding(name: string, paddingIdx: number | null | undefined, rows: number): number {
  if (paddingIdx === null || paddingIdx === undefined) return -1
  if (!Number.isInteger(paddingIdx) || paddingIdx < -rows || paddingIdx >= rows)
    throw new RangeError(`${name}: paddingIdx ${paddingIdx} is outside of the ${rows} rows`)
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx
}

export function refuseSparse(name: string, options: { sparse?: boolean }): void {
  if (options.sparse)
    throw new RangeError(`${name}: sparse gradients are not available, all tensors are dense; leave sparse out`)
}

/** Scales the rows that are looked up and longer than maxNorm to that length, in place. */
function renormalize(weight: Tensor, index: Tensor, maxNorm: number, normType: number): void {
  noGrad(() => {
    for (const row of new Set(Array.from(index.toTypedArray(), Number))) {
      checkInterrupt()
      if (row < 0 || row >= weight.shape[0]) continue
      const values = select(weight, 0, row)
      const length = vectorNorm(values, normType).item()
      if (length > maxNorm) values.mul_(maxNorm / (length + 1e-7))
    }
  })
}

function prepare(
  name: string,
  input: Tensor,
  weight: Tensor,
  options: Filled<EmbeddingOptions, typeof embeddingDefaults>,
): Settings {
  assertTable(name, input, weight)
  refuseSparse(name, options)
  const { paddingIdx, maxNorm, normType, scaleGradByFreq } = options
  if (maxNorm !== null) renormalize(weight, input, maxNorm, normType)
  return { paddingIdx: resolvePadding(name, paddingIdx, weight.shape[0]), scaleGradByFreq }
}

/**
 * Rows of `weight` [numEmbeddings, embeddingDim] by their numbers: input int64 or int32 of any shape, result
 * [...input, embeddingDim]. torch.nn.functional.embedding.
 * @throws RangeError for numbers outside of the table.
 */
export function embedding(input: Tensor, weight: Tensor, options?: EmbeddingOptions): Tensor {
  const settings = prepare('embedding', input, weight, readOptions('embedding', options, embeddingDefaults))
  const rows = lookUp({ weight, index: reshape(input, [input.numel()]) }, settings)
  return reshape(rows, [...input.shape, weight.shape[1]])
}

/** How rows are looked up and put together. */
export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** How the rows of a bag become one. Default 'mean'. */
  mode?: 'sum' | 'mean' | 'max'
  /** A factor for each row, of the input's shape; only with mode 'sum'. */
  perSampleWeights?: Tensor | null
  /** Whether the last offset is the end of the last bag instead of the beginning of one more. Default false. */
  includeLastOffset?: boolean
}

const embeddingBagDefaults = {
  ...embeddingDefaults,
  mode: 'mean',
  perSampleWeights: null,
  includeLastOffset: false,
} as const satisfies Defaults<EmbeddingBagOptions>

/** Where each bag begins in the flat input, and after the last where it ends. */
function bagBorders(input: Tensor, offsets: Tensor | readonly number[] | null, includeLast: boolean): number[] {
  if (input.ndim === 2) {
    if (offsets) throw new TypeError('embeddingBag: offsets are for 1-D input; the rows of 2-D input are the bags')
    const [bags, size] = input.shape as [number, number]
    return Array.from({ length: bags + 1 }, (_, bag) => bag * size)
  }
  if (input.ndim !== 1)
    throw new ShapeError(`embeddingBag: the input must have one or two dimensions, got ${show(input.shape)}`)
  if (!offsets) throw new TypeError('embeddingBag: 1-D input needs offsets, the positions where bags begin')
  const begins = 'dtype' in offsets ? Array.from(offsets.toTypedArray(), Number) : [...offsets]
  const borders = includeLast ? begins : [...begins, input.numel()]
  borders.forEach((at, i) => {
    if ((i === 0 && at !== 0) || at < (borders[i - 1] ?? 0) || at > input.numel())
      throw new RangeError(
        `embeddingBag: offsets must begin with 0 and go up to at most ${input.numel()}, got ${at} at position ${i}`,
      )
  })
  return borders
}

/** Every bag as a row of positions, filled up so that all are equally long, then the largest element of each column. */
function largest(rows: Tensor, members: readonly number[][]): Tensor {
  const [count, width] = rows.shape as [number, number]
  const longest = Math.max(1, ...members.map((bag) => bag.length))
  // Two more rows: one that never wins, and zeros for bags without members.
  const source = cat([rows, filledTensor(rows.dtype, [1, width], -Infinity), filledTensor(rows.dtype, [1, width], 0)])
  const places = members.flatMap((bag) =>
    Array.from({ length: longest }, (_, i) => bag[i] ?? (bag.length > 0 ? count : count + 1)),
  )
  const padded = reshape(indexSelect(source, 0, int64Tensor(places)), [members.length, longest, width])
  return padded.max(1).values
}

/**
 * Sums, means or maxima of rows of `weight`: those of each row of a 2-D input, or of a 1-D input between offsets. Result
 * [bags, embeddingDim]; an empty bag is 0. torch.nn.functional.embedding_bag.
 * @throws TypeError when offsets are missing or superfluous, or perSampleWeights come with another mode than 'sum'.
 */
export const embeddingBag: (
  input: Tensor,
  weight: Tensor,
  offsets?: Tensor | readonly number[] | EmbeddingBagOptions | null,
  options?: EmbeddingBagOptions,
) => Tensor = composite(
  'embeddingBag',
  {
    torch:
      'lambda w, i, offsets=None, **o: F.embedding_bag(torch.tensor(i), w, offsets and torch.tensor(offsets), **o)',
    samples: [
      {
        inputs: [{ shape: [6, 3] }],
        args: [
          [4, 0, 4, 1, 5],
          [0, 2, 2, 4],
        ],
      },
      {
        inputs: [{ shape: [6, 3] }],
        args: [
          [4, 0, 4, 1, 5],
          [0, 2, 2, 5],
        ],
        options: { mode: 'sum', includeLastOffset: true },
      },
      {
        inputs: [{ shape: [6, 3] }],
        args: [
          [4, 0, 4, 1, 5],
          [0, 2, 2],
        ],
        options: { mode: 'max' },
      },
      {
        inputs: [{ shape: [4, 2] }],
        args: [
          [
            [1, 2],
            [1, 0],
          ],
          null,
        ],
        options: { mode: 'mean' },
      },
      {
        inputs: [{ shape: [4, 2] }],
        args: [
          [
            [1, 2, 3],
            [1, 0, 1],
          ],
          null,
        ],
        options: { mode: 'mean', paddingIdx: 1 },
      },
      {
        inputs: [{ shape: [4, 2] }],
        args: [
          [
            [1, 2],
            [1, 1],
          ],
          null,
        ],
        options: { mode: 'max', paddingIdx: 1 },
      },
    ],
    call: (
      weight: Tensor,
      index: number[] | number[][],
      offsets: number[] | null,
      options?: EmbeddingBagOptions,
    ): Tensor => embeddingBag(nested(index), weight, offsets, options),
  },
  (
    input: Tensor,
    weight: Tensor,
    given: Tensor | readonly number[] | EmbeddingBagOptions | null = null,
    last?: EmbeddingBagOptions,
  ): Tensor => {
    const [offsets, named]: [Tensor | readonly number[] | null, EmbeddingBagOptions?] =
      given instanceof Tensor || Array.isArray(given) || given === null
        ? [given, last]
        : [null, given as EmbeddingBagOptions]
    const { mode, perSampleWeights, includeLastOffset, ...options } = readOptions(
      'embeddingBag',
      named,
      embeddingBagDefaults,
    )
    const settings = prepare('embeddingBag', input, weight, options)
    if (mode !== 'sum' && mode !== 'mean' && mode !== 'max')
      throw new RangeError(`embeddingBag: mode must be 'sum', 'mean' or 'max', got '${String(mode)}'`)
    if (perSampleWeights && mode !== 'sum')
      throw new TypeError(`embeddingBag: perSampleWeights go with mode 'sum' only, the mode is '${mode}'`)
    if (perSampleWeights && show(perSampleWeights.shape) !== show(input.shape))
      throw new ShapeError(
        `embeddingBag: perSampleWeights ${show(perSampleWeights.shape)} must have the input's shape ${show(input.shape)}`,
      )
    const borders = bagBorders(input, offsets, includeLastOffset)
    const flat = Array.from(reshape(input, [numel(input.shape)]).toTypedArray(), Number)
    const kept: number[] = []
    const members: number[][] = []
    for (let bag = 0; bag + 1 < borders.length; bag++) {
      const positions: number[] = []
      for (let at = borders[bag]; at < borders[bag + 1]; at++)
        if (flat[at] !== settings.paddingIdx) positions.push(kept.push(at) - 1)
      members.push(positions)
    }
    const rows = lookUp({ weight, index: int64Tensor(kept.map((at) => flat[at])) }, settings)
    if (mode === 'max') return largest(rows, members)
    const scaled = perSampleWeights
      ? rows.mul(unsqueeze(indexSelect(reshape(perSampleWeights, [flat.length]), 0, int64Tensor(kept)), 1))
      : rows
    const bags = int64Tensor(members.flatMap((positions, bag) => positions.map(() => bag)))
    const sums = indexAdd(filledTensor(rows.dtype, [members.length, weight.shape[1]], 0), 0, bags, scaled)
    if (mode === 'sum') return sums
    const counts = emptyTensor(rows.dtype, [members.length, 1])
    members.forEach((positions, bag) => void select(counts, 0, bag).fill_(Math.max(1, positions.length)))
    return sums.div(counts)
  },
)
