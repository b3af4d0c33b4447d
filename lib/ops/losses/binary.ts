/** Losses on yes or no: probabilities or scores against 0 and 1, scores against −1 and 1. */
import { sameShape, ShapeError, show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { logsigmoid } from '../activations/smooth.js'
import { log1pOf } from '../activations/declare.js'
import { composite } from '../define.js'
import { binary, type Binary } from '../elementwise.js'
import { relu, sigmoid } from '../pointwise.js'
import { assertSameSize, reduceLoss, type ReductionOptions } from './reduction.js'
import { torchReduced, torchWithTensors, withTensors } from './sample.js'
import { readOptions } from '../../tensor/options.js'

const scores = { shape: [3, 4], low: -3, high: 3 }
const probabilities = { shape: [3, 4], low: 0.05, high: 0.95 }
const fractions = { shape: [3, 4], low: 0, high: 1 }

/** Settings of `binaryCrossEntropy`. */
export interface BinaryCrossEntropyOptions extends ReductionOptions {
  /** Factor of each element's loss; broadcast to the input. */
  weight?: Tensor | null
}

/** PyTorch's bound is 1e-12 in float32, for every dtype. */
const smallest = Math.fround(1e-12)

/** The slope of `bceTerm` at a probability, times dy; never infinite, as in PyTorch. */
const bceTermSlope = (dy: Tensor, x: Tensor, target: Tensor): Tensor =>
  dy.mul(x.sub(target)).div(x.mul(x.neg().add(1)).clamp(smallest))

// Written as a choice, which compilers vectorise and which lets NaN through.
const bounded = (log: string): string => `(${log} < -100 ? -100 : ${log})`

const bceTerm: Binary = binary('bceTerm', {
  torch: 'lambda x, y: F.binary_cross_entropy(x, y, reduction="none")',
  expression: `-b * ${bounded('log(a)')} - (1 - b) * ${bounded('log1p(-a)')}`,
  types: 'float',
  saves: ['a', 'b'],
  grad: {
    a: (dy, { a, b }) => bceTermSlope(dy, a as Tensor, b as Tensor),
    b: (dy, { a }) =>
      dy.mul(
        (a as Tensor)
          .neg()
          .log1p()
          .sub((a as Tensor).log()),
      ),
  },
  samples: [
    { inputs: [probabilities, fractions] },
    {
      inputs: [
        [0, 0, 1, 1],
        [0, 1, 0, 1],
      ],
      skipGradcheck: 'logarithms end at −100',
    },
  ],
})

/**
 * −y·ln x − (1−y)·ln(1−x) of probabilities x in [0, 1], averaged; logarithms are not less than −100.
 * torch.nn.functional.binary_cross_entropy; 《深度学习基础》 3.4. For raw scores use `binaryCrossEntropyWithLogits`.
 * @throws RangeError for an input outside of [0, 1], ShapeError unless the shapes agree.
 */
export const binaryCrossEntropy: (input: Tensor, target: Tensor, options?: BinaryCrossEntropyOptions) => Tensor =
  composite(
    'binaryCrossEntropy',
    {
      torch: torchWithTensors('F.binary_cross_entropy'),
      samples: [
        { inputs: [probabilities, fractions] },
        { inputs: [probabilities, fractions], options: { reduction: 'sum', weight: [0.5, 1, 2, 3] } },
        { inputs: [probabilities, fractions], options: { reduction: 'none' } },
      ],
      call: (x: Tensor, y: Tensor, options?: BinaryCrossEntropyOptions) =>
        binaryCrossEntropy(x, y, withTensors(options, x)),
    },
    (input: Tensor, target: Tensor, options?: BinaryCrossEntropyOptions): Tensor => {
      const { weight, reduction } = readOptions('binaryCrossEntropy', options, { weight: null, reduction: 'mean' })
      assertSameSize('binaryCrossEntropy', input, target)
      if (input.numel() > 0) {
        const [low, high] = [input.detach().amin().item(), input.detach().amax().item()]
        if (low < 0 || high > 1)
          throw new RangeError(
            `binaryCrossEntropy: the input must hold probabilities in [0, 1], got values from ${low} to ${high}; for raw scores use binaryCrossEntropyWithLogits`,
          )
      }
      const loss = bceTerm(input, target)
      return reduceLoss('binaryCrossEntropy', weight ? loss.mul(weight) : loss, reduction)
    },
  )

const bceWithLogitsTerm = binary('bceWithLogitsTerm', {
  torch: 'lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction="none")',
  expression: `maximum(a, 0) - a * b + ${log1pOf('exp(-fabs(a))')}`,
  types: 'float',
  saves: ['a', 'b'],
  grad: {
    a: (dy, { a, b }) => dy.mul(sigmoid(a as Tensor).sub(b as Tensor)),
    b: (dy, { a }) => dy.mul(a as Tensor).neg(),
  },
  samples: [
    { inputs: [scores, fractions] },
    {
      inputs: [
        [-1000, -50, 50, 1000],
        [0, 1, 0, 1],
      ],
      skipGradcheck: 'the step is lost in these values',
    },
  ],
})

/** Settings of `binaryCrossEntropyWithLogits`. */
export interface BinaryCrossEntropyWithLogitsOptions extends BinaryCrossEntropyOptions {
  /** Factor of the positive part of each class: above 1 for more recall. Broadcast to the target. */
  posWeight?: Tensor | null
}

/**
 * Binary cross entropy of σ(x) for raw scores x, exact where σ(x) would round to 0 or 1.
 * torch.nn.functional.binary_cross_entropy_with_logits; 《深度学习基础》 3.4.
 * @throws ShapeError unless the shapes agree.
 */
export const binaryCrossEntropyWithLogits: (
  input: Tensor,
  target: Tensor,
  options?: BinaryCrossEntropyWithLogitsOptions,
) => Tensor = composite(
  'binaryCrossEntropyWithLogits',
  {
    torch: torchWithTensors('F.binary_cross_entropy_with_logits'),
    samples: [
      { inputs: [scores, fractions] },
      { inputs: [scores, fractions], options: { reduction: 'sum', weight: [0.5, 1, 2, 3] } },
      { inputs: [scores, fractions], options: { reduction: 'none', posWeight: [0.5, 1, 2, 3] } },
      { inputs: [{ shape: [0, 2] }, { shape: [0, 2] }], options: { reduction: 'sum' } },
    ],
    call: (x: Tensor, y: Tensor, options?: BinaryCrossEntropyWithLogitsOptions) =>
      binaryCrossEntropyWithLogits(x, y, withTensors(options, x)),
  },
  (input: Tensor, target: Tensor, options?: BinaryCrossEntropyWithLogitsOptions): Tensor => {
    const { weight, posWeight, reduction } = readOptions('binaryCrossEntropyWithLogits', options, {
      weight: null,
      posWeight: null,
      reduction: 'mean',
    })
    assertSameSize('binaryCrossEntropyWithLogits', input, target)
    const loss = posWeight
      ? target
          .neg()
          .add(1)
          .mul(input)
          .sub(logsigmoid(input).mul(posWeight.sub(1).mul(target).add(1)))
      : bceWithLogitsTerm(input, target)
    return reduceLoss('binaryCrossEntropyWithLogits', weight ? loss.mul(weight) : loss, reduction)
  },
)

const signs = [
  [1, -1, 1, 1],
  [-1, -1, 1, -1],
  [1, 1, 1, -1],
]
const signed = [
  { inputs: [scores, signs] },
  { inputs: [scores, signs], options: { reduction: 'sum' } },
  { inputs: [scores, signs], options: { reduction: 'none' } },
]

/** y·x of scores and signs. */
function agreement(name: string, input: Tensor, target: Tensor): Tensor {
  if (!sameShape(input.shape, target.shape))
    throw new ShapeError(
      `${name}: input and target must have the same shape, got ${show(input.shape)} and ${show(target.shape)}`,
    )
  return input.mul(target)
}

/** ln(1 + e^(−y·x)) of scores x with y of −1 and 1, averaged; it cannot overflow. torch.nn.functional.soft_margin_loss. */
export const softMarginLoss = composite(
  'softMarginLoss',
  { torch: 'lambda x, y, **kw: F.soft_margin_loss(x, y.detach(), **kw)', samples: signed },
  (input: Tensor, target: Tensor, options?: ReductionOptions): Tensor => {
    const { reduction } = readOptions('softMarginLoss', options, { reduction: 'mean' })
    return reduceLoss('softMarginLoss', logsigmoid(agreement('softMarginLoss', input, target)).neg(), reduction)
  },
)

/**
 * Logistic loss, the negative logarithm of the likelihood σ(y·x) of scores x with y of −1 and 1, averaged: ln(1 + e^(−y·x)).
 * For targets 0 and 1 it is `binaryCrossEntropyWithLogits`. 《深度学习基础》 3.4.
 */
export const logisticLoss = composite(
  'logisticLoss',
  { torch: 'lambda x, y, **kw: F.soft_margin_loss(x, y.detach(), **kw)', samples: signed },
  (input: Tensor, target: Tensor, options?: ReductionOptions): Tensor => {
    const { reduction } = readOptions('logisticLoss', options, { reduction: 'mean' })
    return reduceLoss('logisticLoss', logsigmoid(agreement('logisticLoss', input, target)).neg(), reduction)
  },
)

/** max(0, 1 − y·x) of scores x with y of −1 and 1, averaged: the loss of support vector machines. 《深度学习基础》 7. */
export const hingeLoss = composite(
  'hingeLoss',
  {
    torch: torchReduced('torch.relu(1 - x * y)'),
    samples: signed,
  },
  (input: Tensor, target: Tensor, options?: ReductionOptions): Tensor => {
    const { reduction } = readOptions('hingeLoss', options, { reduction: 'mean' })
    return reduceLoss('hingeLoss', relu(agreement('hingeLoss', input, target).neg().add(1)), reduction)
  },
)

/** e^(−y·x) of scores x with y of −1 and 1, averaged: the loss that AdaBoost descends. 《深度学习基础》 7. */
export const exponentialLoss = composite(
  'exponentialLoss',
  {
    torch: torchReduced('torch.exp(-x * y)'),
    samples: signed,
  },
  (input: Tensor, target: Tensor, options?: ReductionOptions): Tensor => {
    const { reduction } = readOptions('exponentialLoss', options, { reduction: 'mean' })
    return reduceLoss('exponentialLoss', agreement('exponentialLoss', input, target).neg().exp(), reduction)
  },
)
