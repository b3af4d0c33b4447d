/**
 * Connectionist temporal classification: the likelihood of a sequence of labels summed over all ways to lay it along time.
 * Made of differentiable ops over the whole batch, one step of the forward recursion for each point in time.
 */
import { readOptions } from '../../tensor/options.js'
import { addon } from '../../device/addon.js'
import { isFloating } from '../../tensor/dtype.js'
import { ShapeError, show } from '../../tensor/shape.js'
import { assertTensor, emptyTensor, filledTensor, int64Tensor, Tensor } from '../../tensor/tensor.js'
import { composite } from '../define.js'
import { gather, where } from '../index-ops.js'
import { cat, stack, unbind } from '../join.js'
import { logsumexp } from '../reduce.js'
import { expand, narrow, reshape, unsqueeze } from '../shape.js'
import { logSoftmax } from '../softmax.js'
import type { Reduction } from './reduction.js'

/** What ctcLoss accepts last. */
export interface CtcOptions {
  /** The label that stands for nothing. Default 0. */
  blank?: number
  /** 'mean' divides each loss by the length of its target, then averages. Default 'mean'. */
  reduction?: Reduction
  /** Whether sequences too short for their target count 0 instead of Infinity. Default false. */
  zeroInfinity?: boolean
}

/** One length for each sequence. */
export type Lengths = Tensor | readonly number[] | number

/** Stands for the logarithm of 0 and, unlike −Infinity, has differences. */
const never = -1e30

function numbers(lengths: Lengths): number[] {
  return lengths instanceof Tensor ? Array.from(lengths.toTypedArray(), Number) : [lengths].flat()
}

function assertLengths(what: string, lengths: readonly number[], count: number, most: number): void {
  if (lengths.length !== count)
    throw new ShapeError(
      `ctcLoss: ${what} must have one number for each of the ${count} sequences, got ${lengths.length}`,
    )
  for (const [i, length] of lengths.entries())
    if (!Number.isInteger(length) || length < 0 || length > most)
      throw new RangeError(`ctcLoss: ${what} must lie between 0 and ${most}, got ${length} at position ${i}`)
}

/** The labels of each sequence: rows of a padded matrix, or one after the other. */
function labelsOf(targets: Tensor, lengths: readonly number[]): number[][] {
  const flat = Array.from(targets.toTypedArray(), Number)
  const total = lengths.reduce((a, b) => a + b, 0)
  if (targets.ndim === 1 && flat.length !== total)
    throw new ShapeError(`ctcLoss: targetLengths add up to ${total}, but there are ${flat.length} labels`)
  const width = targets.ndim === 2 ? (targets.shape[1] as number) : 0
  let start = 0
  return lengths.map((length, i) => {
    const from = targets.ndim === 2 ? i * width : start
    start += length
    return flat.slice(from, from + length)
  })
}

function mask(rows: readonly (readonly boolean[])[]): Tensor {
  const y = emptyTensor('bool', [rows.length, rows[0]?.length ?? 0])
  if (y.numel() > 0) addon().write(y.handle, Uint8Array.from(rows.flat(), Number))
  return y
}

/** a with its columns moved to the right by `steps`, impossible ones coming in. */
function moved(a: Tensor, steps: number): Tensor {
  const [rows, columns] = a.shape as [number, number]
  const fresh = Math.min(steps, columns)
  return cat([filledTensor(a.dtype, [rows, fresh], never), narrow(a, 1, 0, columns - fresh)], 1)
}

/** −ln of the likelihood of each sequence; very large where there is no way. */
function negativeLogLikelihood(
  logProbs: Tensor,
  labels: readonly (readonly number[])[],
  inputLengths: readonly number[],
  blank: number,
): Tensor {
  const [time, batch] = logProbs.shape as [number, number]
  const width = 2 * Math.max(0, ...labels.map((row) => row.length)) + 1
  const paths = labels.map((row) =>
    Array.from({ length: width }, (_, s) => (s % 2 ? (row[(s - 1) / 2] ?? blank) : blank)),
  )
  const index = reshape(int64Tensor(paths.flat()), [1, batch, width])
  const emitted = unbind(gather(logProbs, 2, expand(index, [time, batch, width])))
  const begins = mask(
    labels.map((row) => Array.from({ length: width }, (_, s) => s === 0 || (s === 1 && row.length > 0))),
  )
  const skips = mask(paths.map((path) => path.map((label, s) => s > 1 && label !== blank && label !== path[s - 2])))
  let alpha = where(begins, emitted[0], never)
  for (let t = 1; t < time; t++) {
    const ways = [alpha, moved(alpha, 1), where(skips, moved(alpha, 2), never)]
    const next = logsumexp(stack(ways), 0).add(emitted[t])
    alpha = inputLengths.every((length) => t < length)
      ? next
      : where(mask(inputLengths.map((length) => [t < length])), next, alpha)
  }
  const ends = reshape(int64Tensor(labels.flatMap((row) => [2 * row.length, Math.max(0, 2 * row.length - 1)])), [
    batch,
    2,
  ])
  const two = mask(labels.map((row) => [true, row.length > 0]))
  return logsumexp(where(two, gather(alpha, 1, ends), never), 1).neg()
}

/**
 * 0 for each sequence, with the gradient of Σ eˣ: PyTorch counts on probabilities that add up to 1 and differentiates through
 * that. After a logSoftmax it makes no difference.
 */
function ofTheSum(logProbs: Tensor, inputLengths: readonly number[]): Tensor {
  const [time] = logProbs.shape as [number]
  const used = unsqueeze(mask(Array.from({ length: time }, (_, t) => inputLengths.map((length) => t < length))), 2)
  const total = where(used, logProbs.exp(), 0).sum([0, 2])
  return total.sub(total.detach())
}

/**
 * −ln of the likelihood of label sequences given the logarithms of probabilities at each point in time: logProbs [T, N, C] or
 * [T, C], targets [N, S] or all labels one after the other (integers, none of them `blank`), and how much of each is used.
 * Result: a single number, or [N] for reduction 'none'. Graves et al. 2006; torch.nn.functional.ctc_loss.
 * @throws ShapeError and RangeError for lengths that do not fit.
 */
export const ctcLoss = composite(
  'ctcLoss',
  {
    torch: 'lambda x, t, i, n, **o: F.ctc_loss(x.log_softmax(-1), torch.tensor(t), tuple(i), tuple(n), **o)',
    samples: [
      {
        inputs: [{ shape: [6, 2, 4] }],
        args: [
          [
            [1, 2, 2],
            [3, 1, 0],
          ],
          [6, 5],
          [3, 2],
        ],
      },
      {
        inputs: [{ shape: [5, 2, 4] }],
        args: [
          [3, 3, 1, 2],
          [5, 4],
          [3, 1],
        ],
        options: { reduction: 'none', blank: 0 },
      },
      {
        inputs: [{ shape: [3, 2, 3] }],
        args: [
          [
            [0, 0, 0],
            [1, 0, 0],
          ],
          [3, 3],
          [3, 0],
        ],
        options: { reduction: 'sum', blank: 2, zeroInfinity: true },
      },
    ],
    call: (x: Tensor, targets: number[] | number[][], inputs: number[], lengths: number[], options?: CtcOptions) => {
      const flat = int64Tensor(targets.flat())
      const rows = Array.isArray(targets[0]) ? reshape(flat, [targets.length, -1]) : flat
      return ctcLoss(logSoftmax(x, -1), rows, inputs, lengths, options)
    },
  },
  (logProbs: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths, options?: CtcOptions): Tensor => {
    const { blank, reduction, zeroInfinity } = readOptions('ctcLoss', options, {
      blank: 0,
      reduction: 'mean',
      zeroInfinity: false,
    })
    assertTensor('ctcLoss', 'logProbs', logProbs)
    assertTensor('ctcLoss', 'targets', targets)
    if (logProbs.ndim !== 2 && logProbs.ndim !== 3)
      throw new ShapeError(`ctcLoss: logProbs must be [T, N, C] or [T, C], got ${show(logProbs.shape)}`)
    if (isFloating(targets.dtype) || (targets.ndim !== 1 && targets.ndim !== 2))
      throw new TypeError(
        `ctcLoss: targets must be integers, [N, S] or one after the other, got ${targets.dtype} ${show(targets.shape)}`,
      )
    if (reduction !== 'mean' && reduction !== 'sum' && reduction !== 'none')
      throw new RangeError(`ctcLoss: reduction must be 'mean', 'sum' or 'none', got '${String(reduction)}'`)
    const batched = logProbs.ndim === 3 ? logProbs : unsqueeze(logProbs, 1)
    const [time, batch, classes] = batched.shape as [number, number, number]
    if (!Number.isInteger(blank) || blank < 0 || blank >= classes)
      throw new RangeError(`ctcLoss: blank must be one of the ${classes} classes, got ${blank}`)
    const [inputs, lengths] = [numbers(inputLengths), numbers(targetLengths)]
    assertLengths('inputLengths', inputs, batch, time)
    assertLengths('targetLengths', lengths, batch, targets.ndim === 2 ? targets.shape[1] : targets.numel())
    if (targets.ndim === 2 && targets.shape[0] !== batch)
      throw new ShapeError(`ctcLoss: targets ${show(targets.shape)} must have a row for each of ${batch} sequences`)
    const labels = labelsOf(targets, lengths)
    for (const label of labels.flat())
      if (label < 0 || label >= classes)
        throw new RangeError(`ctcLoss: labels must lie between 0 and ${classes - 1}, got ${label}`)
    if (inputs.includes(0)) throw new RangeError('ctcLoss: inputLengths must be at least 1')
    const found = negativeLogLikelihood(batched, labels, inputs, blank).add(ofTheSum(batched, inputs))
    const losses = where(found.detach().gt(-never / 2), zeroInfinity ? 0 : Infinity, found)
    if (reduction === 'none') return logProbs.ndim === 2 ? reshape(losses, []) : losses
    if (reduction === 'sum') return losses.sum()
    const each = int64Tensor(lengths.map((length) => Math.max(1, length))).to(losses.dtype)
    return losses.div(each).mean()
  },
)
