/** Sequences of different lengths in one batch: padded to the longest, or packed without padding (torch.nn.utils.rnn). */
import { full } from '../../ops/creation.js'
import { indexSelect } from '../../ops/index-ops.js'
import { cat, stack } from '../../ops/join.js'
import { narrow, reshape, transpose } from '../../ops/shape.js'
import { ShapeError, show } from '../../tensor/shape.js'
import { assertTensor, int64Tensor, type Tensor } from '../../tensor/tensor.js'
import { readOptions } from '../../tensor/options.js'

/**
 * A batch of sequences without padding: the first elements of all, then the second of all that have one …, the longest
 * sequence first. Made by `packPaddedSequence` and `packSequence`, taken by the recurrent layers
 * (torch.nn.utils.rnn.PackedSequence).
 */
export class PackedSequence {
  /** @internal */
  readonly sizes: readonly number[]

  /**
   * @param data [Σ lengths, …]
   * @param batchSizes for each step, how many sequences reach it; int64
   * @param sortedIndices the batch's order from the longest to the shortest; null when it came in that order
   * @param unsortedIndices the way back
   */
  constructor(
    readonly data: Tensor,
    readonly batchSizes: Tensor,
    readonly sortedIndices: Tensor | null = null,
    readonly unsortedIndices: Tensor | null = null,
  ) {
    this.sizes = Array.from(batchSizes.toTypedArray(), Number)
    const total = this.sizes.reduce((a, b) => a + b, 0)
    if (data.ndim === 0 || data.shape[0] !== total)
      throw new ShapeError(`PackedSequence: batchSizes add up to ${total}, data has shape ${show(data.shape)}`)
  }

  /** The same sequences with other data. */
  with(data: Tensor): PackedSequence {
    return new PackedSequence(data, this.batchSizes, this.sortedIndices, this.unsortedIndices)
  }
}

/** Which dimension of a padded batch comes first. */
export interface BatchFirst {
  /** Whether padded tensors are [B, T, …] instead of [T, B, …]. Default false. */
  batchFirst?: boolean
}

/** How sequences are packed. */
export interface PackOptions extends BatchFirst {
  /** Whether lengths must come in descending order; else they are sorted. Default true. */
  enforceSorted?: boolean
}

/**
 * Packs a padded batch [T, B, …]; `lengths` has one entry for each sequence. torch.nn.utils.rnn.pack_padded_sequence.
 * @throws for lengths below 1 or beyond T, of another number than the batch, or not descending (unless `enforceSorted: false`).
 */
export function packPaddedSequence(
  input: Tensor,
  lengths: readonly number[] | Tensor,
  options?: PackOptions,
): PackedSequence {
  const { batchFirst, enforceSorted } = readOptions('packPaddedSequence', options, {
    batchFirst: false,
    enforceSorted: true,
  })
  assertTensor('packPaddedSequence', 'the input', input)
  if (input.ndim < 2) throw new ShapeError(`packPaddedSequence: needs [T, B, …], got ${show(input.shape)}`)
  const padded = batchFirst ? transpose(input, 0, 1) : input
  const [steps, batch] = padded.shape as [number, number]
  const given = numbers(lengths)
  if (given.length !== batch)
    throw new ShapeError(`packPaddedSequence: ${given.length} lengths for a batch of ${batch} sequences`)
  given.forEach((length, i) => {
    if (!Number.isInteger(length) || length < 1 || length > steps)
      throw new RangeError(
        `packPaddedSequence: lengths must be whole numbers from 1 to ${steps}, got ${length} at position ${i}`,
      )
  })
  const order = given.map((_, i) => i)
  if (enforceSorted) {
    const at = given.findIndex((length, i) => i > 0 && length > given[i - 1])
    if (at > 0)
      throw new Error(
        `packPaddedSequence: lengths must be in descending order, but ${given[at]} follows ${given[at - 1]}; ` +
          'sort the batch, or pass { enforceSorted: false }',
      )
  } else order.sort((a, b) => given[b] - given[a])
  const sizes = Array.from(
    { length: Math.max(0, ...given) },
    (_, step) => given.filter((length) => length > step).length,
  )
  const rows = sizes.flatMap((size, step) => order.slice(0, size).map((b) => step * batch + b))
  const data = indexSelect(reshape(padded, [steps * batch, ...padded.shape.slice(2)]), 0, int64Tensor(rows))
  const unsorted = order.map((_, i) => order.indexOf(i))
  return new PackedSequence(
    data,
    int64Tensor(sizes),
    enforceSorted ? null : int64Tensor(order),
    enforceSorted ? null : int64Tensor(unsorted),
  )
}

/** How sequences are padded. */
export interface PadOptions extends BatchFirst {
  /** What stands after the end of a sequence. Default 0. */
  paddingValue?: number
}

/**
 * The padded batch [T, B, …] of a packed one in its first order, and the lengths (int64). torch.nn.utils.rnn.pad_packed_sequence.
 * @throws RangeError when `totalLength` (default: the longest) is shorter than the longest sequence.
 */
export function padPackedSequence(
  sequence: PackedSequence,
  options?: PadOptions & { totalLength?: number },
): [padded: Tensor, lengths: Tensor] {
  const { batchFirst, paddingValue, totalLength } = readOptions('padPackedSequence', options, {
    batchFirst: false,
    paddingValue: 0,
    totalLength: undefined,
  })
  const { data, sizes } = sequence
  const batch = sizes[0] ?? 0
  const steps = totalLength ?? sizes.length
  if (steps < sizes.length)
    throw new RangeError(
      `padPackedSequence: totalLength ${steps} is less than ${sizes.length}, the length of the longest sequence`,
    )
  const starts: number[] = []
  sizes.reduce((start, size) => (starts.push(start), start + size), 0)
  const places = sequence.unsortedIndices
    ? numbers(sequence.unsortedIndices)
    : Array.from({ length: batch }, (_, b) => b)
  // The row after the last one is the padding.
  const padding: number = data.shape[0]
  const rows = Array.from({ length: steps }, (_, step) =>
    places.map((place) => (step < sizes.length && place < sizes[step] ? starts[step] + place : padding)),
  ).flat()
  const source = cat([data, full([1, ...data.shape.slice(1)], paddingValue, { dtype: data.dtype })])
  const padded = reshape(indexSelect(source, 0, int64Tensor(rows)), [steps, batch, ...data.shape.slice(1)])
  const lengths = places.map((place) => sizes.filter((size) => size > place).length)
  return [batchFirst ? transpose(padded, 0, 1) : padded, int64Tensor(lengths)]
}

/**
 * Sequences [Lᵢ, …] side by side, padded to the longest: [T, B, …]. torch.nn.utils.rnn.pad_sequence.
 * @throws ShapeError when there is none, or when sizes after the first differ.
 */
export function padSequence(
  sequences: readonly Tensor[],
  options?: PadOptions & {
    /** Where the padding stands. Default 'right', after the end. */
    paddingSide?: 'right' | 'left'
  },
): Tensor {
  const { batchFirst, paddingValue, paddingSide } = readOptions('padSequence', options, {
    batchFirst: false,
    paddingValue: 0,
    paddingSide: 'right',
  })
  if (sequences.length === 0) throw new ShapeError('padSequence: needs at least one sequence, got none')
  sequences.forEach((sequence, i) => {
    assertTensor('padSequence', `entry ${i}`, sequence)
    if (sequence.ndim === 0 || show(sequence.shape.slice(1)) !== show(sequences[0].shape.slice(1)))
      throw new ShapeError(
        `padSequence: sequence ${i} has shape ${show(sequence.shape)}, the first ${show(sequences[0].shape)}; only the first size may differ`,
      )
  })
  const steps = Math.max(...sequences.map((sequence) => sequence.shape[0] as number))
  const whole = sequences.map((sequence) => {
    const missing = steps - (sequence.shape[0] as number)
    if (missing === 0) return sequence
    const padding = full([missing, ...sequence.shape.slice(1)], paddingValue, { dtype: sequence.dtype })
    return cat(paddingSide === 'right' ? [sequence, padding] : [padding, sequence])
  })
  return stack(whole, batchFirst ? 0 : 1)
}

/** The sequences of a padded batch, each at its own length. torch.nn.utils.rnn.unpad_sequence. */
export function unpadSequence(padded: Tensor, lengths: readonly number[] | Tensor, options?: BatchFirst): Tensor[] {
  const { batchFirst } = readOptions('unpadSequence', options, { batchFirst: false })
  const rows = batchFirst ? padded : transpose(padded, 0, 1)
  return numbers(lengths).map((length, b) => narrow(rows.select(0, b), 0, 0, length))
}

/** Packs sequences [Lᵢ, …]. torch.nn.utils.rnn.pack_sequence. */
export function packSequence(sequences: readonly Tensor[], options?: PackOptions): PackedSequence {
  const { enforceSorted } = readOptions('packSequence', options, { enforceSorted: true, batchFirst: undefined })
  return packPaddedSequence(
    padSequence(sequences),
    sequences.map((sequence) => sequence.shape[0] as number),
    { enforceSorted },
  )
}

/** The sequences of a packed batch. torch.nn.utils.rnn.unpack_sequence. */
export function unpackSequence(sequence: PackedSequence): Tensor[] {
  return unpadSequence(...padPackedSequence(sequence))
}

const numbers = (values: readonly number[] | Tensor): number[] =>
  'dtype' in values ? Array.from(values.toTypedArray(), Number) : [...values]
