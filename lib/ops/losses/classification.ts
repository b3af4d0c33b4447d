/** Losses on classes: negative log likelihood and cross entropy. */
import { addon } from '../../device/addon.js'
import { isFloating } from '../../tensor/dtype.js'
import { numel, sameShape, ShapeError, show, type Shape } from '../../tensor/shape.js'
import { assertTensor, emptyTensor, Tensor } from '../../tensor/tensor.js'
import type { TensorData } from '../creation.js'
import { composite, defineOp, type RunOp } from '../define.js'
import { where } from '../index-ops.js'
import { logSoftmax } from '../softmax.js'
import { assertReduction, reduceLoss, type Reduction, type ReductionOptions } from './reduction.js'
import { classes, torchWithTensors, withTensors } from './sample.js'
import { readOptions } from '../../tensor/options.js'

/** Settings of `nllLoss`. */
export interface NllOptions extends ReductionOptions {
  /** Weight of each class, [C]. Default all 1. */
  weight?: Tensor | null
  /** Targets of this value count nothing. Default −100. */
  ignoreIndex?: number
}

interface NllParams {
  ignoreIndex: number
  reduction: Reduction
}

type NllInputs = { input: Tensor; target: Tensor; weight: Tensor | null; totalWeight: Tensor }

type NllBackwardInputs = { dy: Tensor; target: Tensor; weight: Tensor | null; totalWeight: Tensor }

const logProbabilities = { shape: [3, 4], low: -3, high: 0 }
/** Two images of two by two points in three classes. */
const image = { shape: [2, 3, 2, 2], low: -3, high: 0 }
const imageLabels = [
  [
    [0, 1],
    [2, 1],
  ],
  [
    [1, 1],
    [0, 2],
  ],
]

const nllOp = defineOp<NllInputs, 'target' | 'weight' | 'totalWeight', NllParams>('nllLoss', {
  torch: torchWithTensors('F.nll_loss'),
  forward({ input, target, weight, totalWeight }, { ignoreIndex, reduction }) {
    const y = emptyTensor(input.dtype, reduction === 'none' ? target.shape : [])
    addon().nllLoss(
      y.handle,
      totalWeight.handle,
      input.handle,
      target.handle,
      weight?.handle ?? null,
      ignoreIndex,
      reduction,
    )
    return y
  },
  saves: ['target', 'weight', 'totalWeight'],
  grad: {
    input: (dy, { target, weight, totalWeight }, { params, shapes }) =>
      nllBackward({ dy, target, weight, totalWeight }, { ...params, shape: shapes.input }),
  },
  samples: [
    { inputs: [logProbabilities], args: [[1, 3, 0]] },
    { inputs: [logProbabilities], args: [[1, 3, 0]], options: { weight: [0.5, 1, 2, 3] } },
    { inputs: [logProbabilities], args: [[1, -100, 0]], options: { weight: [0.5, 1, 2, 3], reduction: 'none' } },
    { inputs: [logProbabilities], args: [[1, 2, 0]], options: { ignoreIndex: 2, reduction: 'sum' } },
    { inputs: [image], args: [imageLabels], options: { weight: [0.5, 1, 2] } },
    { inputs: [{ shape: [4], low: -3, high: 0 }], args: [2] },
  ],
  call: (x: Tensor, target: TensorData, options?: NllOptions) => nllLoss(x, classes(target), withTensors(options, x)),
})

const nllBackward: RunOp<NllBackwardInputs, NllParams & { shape: Shape }> = defineOp<
  NllBackwardInputs,
  'target' | 'weight' | 'totalWeight',
  NllParams & { shape: Shape }
>('nllLossBackward', {
  torch:
    'lambda dy, target, shape: torch.ops.aten.nll_loss_backward(dy, torch.zeros(shape, dtype=dy.dtype), torch.tensor(target), None, 1, -100, torch.tensor(float(len(target)), dtype=dy.dtype))',
  forward({ dy, target, weight, totalWeight }, { ignoreIndex, reduction, shape }) {
    const dx = emptyTensor(dy.dtype, shape)
    addon().nllLossBackward(
      dx.handle,
      dy.handle,
      totalWeight.handle,
      target.handle,
      weight?.handle ?? null,
      ignoreIndex,
      reduction,
    )
    return dx
  },
  saves: ['target', 'weight', 'totalWeight'],
  grad: {
    // The map is linear in dy, and its transpose is the loss itself.
    dy: (ddx, { target, weight }, { params }) =>
      nllOp({ input: ddx, target, weight, totalWeight: emptyTensor(ddx.dtype, [], ddx.device) }, params),
  },
  samples: [
    {
      inputs: [1.5],
      args: [
        [1, 3, 0],
        [3, 4],
      ],
    },
  ],
  call: (dy: Tensor, target: number[], shape: number[]) => {
    const totalWeight = emptyTensor(dy.dtype, [])
    addon().fill(totalWeight.handle, target.length)
    return nllBackward(
      { dy, target: classes(target), weight: null, totalWeight },
      { ignoreIndex: -100, reduction: 'mean', shape },
    )
  },
})

function assertClassTarget(name: string, input: Tensor, target: Tensor): void {
  assertTensor(name, 'the target', target)
  if (isFloating(target.dtype) || target.dtype === 'bool')
    throw new TypeError(
      `${name}: the target must hold class numbers of an integer dtype, got ${target.dtype} of shape ${show(target.shape)}; convert it with .long()`,
    )
  const expected = input.ndim === 1 ? [] : [input.shape[0], ...input.shape.slice(2)]
  if (input.ndim === 0 || !sameShape(target.shape, expected))
    throw new ShapeError(
      `${name}: input ${show(input.shape)} needs a target of shape ${show(expected)} (one class number for each sample), got ${show(target.shape)}`,
    )
}

/** Negative log likelihood of log-probabilities [N, C, …] at the class numbers [N, …]. torch.nn.functional.nll_loss. */
export function nllLoss(input: Tensor, target: Tensor, options?: NllOptions): Tensor {
  const { weight, ignoreIndex, reduction } = readOptions('nllLoss', options, {
    weight: null,
    ignoreIndex: -100,
    reduction: 'mean',
  })
  assertReduction('nllLoss', reduction)
  assertTensor('nllLoss', 'the input', input)
  assertClassTarget('nllLoss', input, target)
  if (weight && !sameShape(weight.shape, [input.shape[input.ndim === 1 ? 0 : 1]]))
    throw new ShapeError(
      `nllLoss: weight must have one entry for each of the ${input.shape[input.ndim === 1 ? 0 : 1]} classes, got ${show(weight.shape)}`,
    )
  if (input.ndim === 1) {
    const loss = nllLoss(input.unsqueeze(0), target.unsqueeze(0), { weight, ignoreIndex, reduction })
    return reduction === 'none' ? loss.squeeze(0) : loss
  }
  return nllOp(
    { input, target, weight: weight?.to(input.dtype) ?? null, totalWeight: emptyTensor(input.dtype, [], input.device) },
    { ignoreIndex, reduction },
  )
}

/** Settings of `crossEntropy`. */
export interface CrossEntropyOptions extends NllOptions {
  /** Part of the target probability that is spread evenly over all classes, 0 … 1. Default 0. */
  labelSmoothing?: number
}

const logits = { shape: [3, 4], low: -3, high: 3 }
const shares = { shape: [3, 4], low: 0, high: 1 }
const weight = [0.5, 1, 2, 3]

/**
 * Cross entropy of logits [N, C, …] with class numbers [N, …], or with class probabilities of the input's shape.
 * Softmax is included: pass raw scores. torch.nn.functional.cross_entropy; 《深度学习基础》 3.4.
 */
export const crossEntropy: (input: Tensor, target: Tensor, options?: CrossEntropyOptions) => Tensor = composite(
  'crossEntropy',
  {
    torch: torchWithTensors('F.cross_entropy'),
    samples: [
      { inputs: [logits], args: [[1, 3, 0]] },
      { inputs: [logits], args: [[1, -100, 0]], options: { reduction: 'sum' } },
      { inputs: [logits], args: [[1, 3, 0]], options: { labelSmoothing: 0.1 } },
      { inputs: [logits], args: [[1, 3, 0]], options: { reduction: 'none' } },
      { inputs: [logits], args: [[1, 2, 0]], options: { weight, ignoreIndex: 2 } },
      { inputs: [logits], args: [[1, -100, 0]], options: { weight, labelSmoothing: 0.2 } },
      { inputs: [logits], args: [[1, 3, 0]], options: { weight, labelSmoothing: 0.2, reduction: 'none' } },
      { inputs: [image], args: [imageLabels] },
      { inputs: [image], args: [imageLabels], options: { weight: [0.5, 1, 2], labelSmoothing: 0.1 } },
      { inputs: [{ shape: [4] }], args: [2] },
      { inputs: [logits, shares] },
      { inputs: [logits, shares], options: { weight, labelSmoothing: 0.1 } },
      { inputs: [logits, shares], options: { weight, reduction: 'none' } },
      { inputs: [image, { ...image, low: 0, high: 1 }] },
    ],
    call: (x: Tensor, target: Tensor | TensorData, options?: CrossEntropyOptions) =>
      crossEntropy(x, target instanceof Tensor ? target : classes(target), withTensors(options, x)),
  },
  (input: Tensor, target: Tensor, options?: CrossEntropyOptions): Tensor => {
    const { weight, ignoreIndex, reduction, labelSmoothing } = readOptions('crossEntropy', options, {
      weight: null,
      ignoreIndex: -100,
      reduction: 'mean',
      labelSmoothing: 0,
    })
    assertReduction('crossEntropy', reduction)
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
      throw new RangeError(`crossEntropy: labelSmoothing must lie in [0, 1], got ${labelSmoothing}`)
    assertTensor('crossEntropy', 'the input', input)
    const classDim = input.ndim === 1 ? 0 : 1
    assertTensor('crossEntropy', 'the target', target)
    if (isFloating(target.dtype)) return probabilityLoss(input, target, weight, reduction, labelSmoothing, classDim)
    assertClassTarget('crossEntropy', input, target)
    const logp = logSoftmax(input, classDim)
    const nll = nllLoss(logp, target, { weight, ignoreIndex, reduction })
    if (labelSmoothing === 0) return nll
    const count: number = input.shape[classDim]
    const weighted = weight ? logp.mul(alongClasses(weight, input.ndim, classDim)) : logp
    const counted = target.ne(ignoreIndex)
    const smooth = where(counted, weighted.sum(classDim).neg(), 0)
    const total = weight
      ? weight
          .to(input.dtype)
          .indexSelect(0, where(counted, target, 0).reshape(-1).long())
          .mul(counted.reshape(-1).to(input.dtype))
          .sum()
      : counted.to(input.dtype).sum()
    const reduced = reduction === 'mean' ? smooth.sum().div(total) : reduceLoss('crossEntropy', smooth, reduction)
    return nll.mul(1 - labelSmoothing).add(reduced.mul(labelSmoothing / count))
  },
)

function alongClasses(weight: Tensor, ndim: number, classDim: number): Tensor {
  return weight.reshape(Array.from({ length: ndim }, (_, d) => (d === classDim ? -1 : 1)))
}

function probabilityLoss(
  input: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: Reduction,
  smoothing: number,
  classDim: number,
): Tensor {
  if (!sameShape(input.shape, target.shape))
    throw new ShapeError(
      `crossEntropy: a ${target.dtype} target means probabilities and must have the input's shape ${show(input.shape)}, got ${show(target.shape)}; ` +
        "for class numbers use an integer dtype: target.long() or tensor([…], { dtype: 'int64' })",
    )
  const count: number = input.shape[classDim]
  const smoothed = smoothing > 0 ? target.mul(1 - smoothing).add(smoothing / count) : target
  const logp = logSoftmax(input, classDim)
  const product = logp.mul(weight ? smoothed.mul(alongClasses(weight, input.ndim, classDim)) : smoothed)
  if (reduction === 'none') return product.sum(classDim).neg()
  const total = product.sum().neg()
  return reduction === 'sum' ? total : total.div(numel(input.shape) / count)
}
