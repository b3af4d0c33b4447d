/** Losses on several classes that ask for a margin, and those on several labels at once. */
import { isFloating } from '../../tensor/dtype.js'
import { sameShape, ShapeError, show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { logsigmoid } from '../activations/smooth.js'
import { tensor, type TensorData } from '../creation.js'
import { composite } from '../define.js'
import { gather, indexSelect } from '../index-ops.js'
import { relu } from '../pointwise.js'
import { reshape } from '../shape.js'
import { assertReduction, assertSameSize, reduceLoss, type ReductionOptions } from './reduction.js'
import { classes, torchWithTensors, withTensors } from './sample.js'
import { readOptions } from '../../tensor/options.js'

const scores = { shape: [3, 4], low: -2, high: 2 }

/** Settings of `multiMarginLoss`. */
export interface MultiMarginOptions extends ReductionOptions {
  /** Power of each excess, 1 or 2. Default 1. */
  p?: number
  /** Default 1. */
  margin?: number
  /** Weight of each class, [C]. Default all 1. */
  weight?: Tensor | null
}

/** Class numbers as they are in memory, checked; refused values are named with their position. */
function readClasses(name: string, target: Tensor, count: number, smallest: number): Int32Array {
  if (isFloating(target.dtype) || target.dtype === 'bool')
    throw new TypeError(`${name}: the target must hold class numbers of an integer dtype, got ${target.dtype}`)
  const values = Int32Array.from(target.toTypedArray(), Number)
  values.forEach((value, i) => {
    if (value < smallest || value >= count)
      throw new RangeError(`${name}: the target at position ${i} is ${value}, outside of ${smallest} … ${count - 1}`)
  })
  return values
}

/**
 * Σⱼ max(0, margin − x[y] + x[j])ᵖ / C over the classes j ≠ y, for scores [N, C] with class numbers [N], or [C] with one.
 * torch.nn.functional.multi_margin_loss.
 * @throws RangeError for another p than 1 and 2 or a target out of range, ShapeError for other shapes.
 */
export const multiMarginLoss: (input: Tensor, target: Tensor, options?: MultiMarginOptions) => Tensor = composite(
  'multiMarginLoss',
  {
    torch: torchWithTensors('F.multi_margin_loss'),
    samples: [
      { inputs: [scores], args: [[1, 3, 0]] },
      { inputs: [scores], args: [[1, 3, 0]], options: { p: 2, margin: 0.5, reduction: 'none' } },
      { inputs: [scores], args: [[1, 3, 0]], options: { weight: [0.5, 1, 2, 3], reduction: 'sum' } },
      { inputs: [{ shape: [4] }], args: [2] },
    ],
    call: (x: Tensor, target: TensorData, options?: MultiMarginOptions) =>
      multiMarginLoss(x, classes(target), withTensors(options, x)),
  },
  (input: Tensor, target: Tensor, options?: MultiMarginOptions): Tensor => {
    const { p, margin, weight, reduction } = readOptions('multiMarginLoss', options, {
      p: 1,
      margin: 1,
      weight: null,
      reduction: 'mean',
    })
    assertReduction('multiMarginLoss', reduction)
    if (p !== 1 && p !== 2) throw new RangeError(`multiMarginLoss: p must be 1 or 2, got ${p}`)
    if (input.ndim === 1 && target.ndim === 0) {
      const loss = multiMarginLoss(input.unsqueeze(0), target.unsqueeze(0), options)
      return reduction === 'none' ? loss.squeeze(0) : loss
    }
    if (input.ndim !== 2 || !sameShape(target.shape, [input.shape[0]]))
      throw new ShapeError(
        `multiMarginLoss: needs scores [N, C] and class numbers [N], got ${show(input.shape)} and ${show(target.shape)}`,
      )
    const [rows, count] = input.shape as [number, number]
    if (weight && !sameShape(weight.shape, [count]))
      throw new ShapeError(`multiMarginLoss: weight must have shape [${count}], got ${show(weight.shape)}`)
    const labels = readClasses('multiMarginLoss', target, count, 0)
    const others = new Float32Array(rows * count).fill(1)
    labels.forEach((label, i) => (others[i * count + label] = 0))
    const column = target.long().unsqueeze(1)
    const excess = relu(input.sub(gather(input, 1, column)).add(margin))
    const cost = (p === 2 ? excess.square() : excess).mul(reshape(tensor(others), input.shape))
    const weighted = weight ? cost.mul(indexSelect(weight.to(input.dtype), 0, target.long()).unsqueeze(1)) : cost
    return reduceLoss('multiMarginLoss', weighted.sum(1).div(count), reduction)
  },
)

/**
 * Σᵢⱼ max(0, 1 − (x[yⱼ] − x[i])) / C over the labels yⱼ of a row and the classes i that are none of them. Scores [N, C]
 * or [C]; the target has the same shape and lists labels until the first −1. torch.nn.functional.multilabel_margin_loss.
 * @throws RangeError for a label out of range, ShapeError unless the shapes agree.
 */
export const multilabelMarginLoss: (input: Tensor, target: Tensor, options?: ReductionOptions) => Tensor = composite(
  'multilabelMarginLoss',
  {
    torch: torchWithTensors('F.multilabel_margin_loss'),
    samples: [
      {
        inputs: [scores],
        args: [
          [
            [3, 0, -1, 1],
            [2, -1, -1, -1],
            [-1, 0, 0, 0],
          ],
        ],
      },
      {
        inputs: [scores],
        args: [
          [
            [3, 0, 1, 2],
            [2, 1, -1, -1],
            [0, -1, 0, 0],
          ],
        ],
        options: { reduction: 'none' },
      },
      { inputs: [{ shape: [4] }], args: [[3, 0, -1, 1]], options: { reduction: 'sum' } },
    ],
    call: (x: Tensor, target: TensorData, options?: ReductionOptions) =>
      multilabelMarginLoss(x, classes(target), options),
  },
  (input: Tensor, target: Tensor, options?: ReductionOptions): Tensor => {
    const { reduction } = readOptions('multilabelMarginLoss', options, { reduction: 'mean' })
    assertReduction('multilabelMarginLoss', reduction)
    assertSameSize('multilabelMarginLoss', input, target)
    if (input.ndim === 1) {
      const loss = multilabelMarginLoss(input.unsqueeze(0), target.unsqueeze(0), { reduction })
      return reduction === 'none' ? loss.squeeze(0) : loss
    }
    if (input.ndim !== 2)
      throw new ShapeError(`multilabelMarginLoss: needs scores [N, C] or [C], got ${show(input.shape)}`)
    const [rows, count] = input.shape as [number, number]
    const labels = readClasses('multilabelMarginLoss', target, count, -1)
    const lists = Array.from({ length: rows }, (_, i) => {
      const row = Array.from(labels.subarray(i * count, (i + 1) * count))
      const end = row.indexOf(-1)
      return end < 0 ? row : row.slice(0, end)
    })
    // As wide as the longest list, since the intermediate results have [N, width, C] elements.
    const width = lists.reduce((most, list) => Math.max(most, list.length), 0)
    const index = new BigInt64Array(rows * width)
    const listed = new Float32Array(rows * width)
    const others = new Float32Array(rows * count).fill(1)
    lists.forEach((list, i) =>
      list.forEach((label, j) => {
        index[i * width + j] = BigInt(label)
        listed[i * width + j] = 1
        others[i * count + label] = 0
      }),
    )
    const own = gather(input, 1, reshape(tensor(index), [rows, width]))
    const excess = relu(input.unsqueeze(1).sub(own.unsqueeze(2)).add(1))
    const pairs = reshape(tensor(listed), [rows, width, 1]).mul(reshape(tensor(others), [rows, 1, count]))
    return reduceLoss('multilabelMarginLoss', excess.mul(pairs).sum([1, 2]).div(count), reduction)
  },
)

/** Settings of `multilabelSoftMarginLoss`. */
export interface MultilabelSoftMarginOptions extends ReductionOptions {
  /** Weight of each class, [C]. Default all 1. */
  weight?: Tensor | null
}

/**
 * Binary cross entropy of raw scores [..., C] for each class, averaged over the classes and then reduced.
 * torch.nn.functional.multilabel_soft_margin_loss.
 * @throws ShapeError unless the shapes agree.
 */
export const multilabelSoftMarginLoss: (
  input: Tensor,
  target: Tensor,
  options?: MultilabelSoftMarginOptions,
) => Tensor = composite(
  'multilabelSoftMarginLoss',
  {
    torch: torchWithTensors('F.multilabel_soft_margin_loss'),
    samples: [
      { inputs: [scores, { shape: [3, 4], low: 0, high: 1 }] },
      {
        inputs: [scores, { shape: [3, 4], low: 0, high: 1 }],
        options: { weight: [0.5, 1, 2, 3], reduction: 'none' },
      },
    ],
    call: (x: Tensor, y: Tensor, options?: MultilabelSoftMarginOptions) =>
      multilabelSoftMarginLoss(x, y, withTensors(options, x)),
  },
  (input: Tensor, target: Tensor, options?: MultilabelSoftMarginOptions): Tensor => {
    const { weight, reduction } = readOptions('multilabelSoftMarginLoss', options, {
      weight: null,
      reduction: 'mean',
    })
    assertSameSize('multilabelSoftMarginLoss', input, target)
    // ln σ(−x) = ln σ(x) − x
    const loss = target.neg().add(1).mul(input).sub(logsigmoid(input))
    return reduceLoss('multilabelSoftMarginLoss', (weight ? loss.mul(weight) : loss).mean(-1), reduction)
  },
)
