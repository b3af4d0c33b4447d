/** Losses on numbers: functions of the difference between input and target. */
import type { Tensor } from '../../tensor/tensor.js'
import { activation, log1pOf } from '../activations/declare.js'
import { composite } from '../define.js'
import { reduceLoss, safeRoot, warnBroadcast, type ReductionOptions } from './reduction.js'
import { torchReduced } from './sample.js'
import { readOptions } from '../../tensor/options.js'

const wide = { shape: [3, 4], low: -2, high: 2 }
const one = { inputs: [wide, wide] }
const pair = [
  one,
  { ...one, options: { reduction: 'sum' } },
  { ...one, options: { reduction: 'none' } },
  { inputs: [{ shape: [0, 2] }, { shape: [0, 2] }], options: { reduction: 'sum' } },
]
const positive = { shape: [3, 4], low: 0.1, high: 3 }

/** input − target. */
function difference(name: string, input: Tensor, target: Tensor): Tensor {
  warnBroadcast(name, input, target)
  return input.sub(target)
}

/** (x − y)², averaged. torch.nn.functional.mse_loss; 《深度学习基础》 3.4. */
export const mseLoss = composite(
  'mseLoss',
  { torch: 'F.mse_loss', samples: pair },
  (input: Tensor, target: Tensor, options?: ReductionOptions): Tensor => {
    const { reduction } = readOptions('mseLoss', options, { reduction: 'mean' })
    return reduceLoss('mseLoss', difference('mseLoss', input, target).square(), reduction)
  },
)

/** |x − y|, averaged. torch.nn.functional.l1_loss; 《深度学习基础》 3.4. */
export const l1Loss = composite(
  'l1Loss',
  { torch: 'F.l1_loss', samples: pair },
  (input: Tensor, target: Tensor, options?: ReductionOptions): Tensor => {
    const { reduction } = readOptions('l1Loss', options, { reduction: 'mean' })
    return reduceLoss('l1Loss', difference('l1Loss', input, target).abs(), reduction)
  },
)

/** √(mean (x − y)²): the error in the target's own unit; for 'sum' the root of the sum, for 'none' |x − y|. The gradient of a perfect fit is 0. 《深度学习基础》 3.4. */
export const rmseLoss = composite(
  'rmseLoss',
  { torch: 'lambda x, y, **kw: F.mse_loss(x, y, **kw).sqrt()', samples: pair.slice(0, 3) },
  (input: Tensor, target: Tensor, options?: ReductionOptions): Tensor => {
    const { reduction } = readOptions('rmseLoss', options, { reduction: 'mean' })
    return safeRoot(reduceLoss('rmseLoss', difference('rmseLoss', input, target).square(), reduction))
  },
)

/** (ln(1+x) − ln(1+y))², averaged: relative errors count, for values above −1 (NaN below). 《深度学习基础》 3.4. */
export const msleLoss = composite(
  'msleLoss',
  {
    torch: 'lambda x, y, **kw: F.mse_loss(torch.log1p(x), torch.log1p(y), **kw)',
    samples: [
      { inputs: [positive, positive] },
      { inputs: [positive, positive], options: { reduction: 'sum' } },
      { inputs: [positive, positive], options: { reduction: 'none' } },
    ],
  },
  (input: Tensor, target: Tensor, options?: ReductionOptions): Tensor => {
    const { reduction } = readOptions('msleLoss', options, { reduction: 'mean' })
    return reduceLoss('msleLoss', difference('msleLoss', input.log1p(), target.log1p()).square(), reduction)
  },
)

const huber = activation('huber', {
  torch: 'lambda d, delta: F.huber_loss(d, torch.zeros_like(d), delta=delta, reduction="none")',
  expression: 'fabs(x) <= p0 ? 0.5 * x * x : p0 * (fabs(x) - 0.5 * p0)',
  backward: 'a * (b < -p0 ? -p0 : (b > p0 ? p0 : b))',
  second: (d, [delta = 1]) => d.abs().le(delta).to(d.dtype),
  samples: [{ inputs: [wide], args: [1] }],
})

/** Settings of `huberLoss`. */
export interface HuberOptions extends ReductionOptions {
  /** Where the parabola turns into straight lines. Default 1. */
  delta?: number
}

/**
 * ½d² for |d| ≤ delta, delta·(|d| − ½delta) beyond, d = x − y: outliers pull with a bounded force.
 * torch.nn.functional.huber_loss; 《深度学习基础》 3.4.
 * @throws RangeError unless delta is positive.
 */
export const huberLoss = composite(
  'huberLoss',
  { torch: 'F.huber_loss', samples: [...pair, { ...one, options: { delta: 0.4 } }] },
  (input: Tensor, target: Tensor, options?: HuberOptions): Tensor => {
    const { reduction, delta } = readOptions('huberLoss', options, { reduction: 'mean', delta: 1 })
    if (!(delta > 0)) throw new RangeError(`huberLoss: delta must be positive, got ${delta}`)
    return reduceLoss('huberLoss', huber.run(difference('huberLoss', input, target), delta), reduction)
  },
)

const smoothL1 = activation('smoothL1', {
  torch: 'lambda d, beta: F.smooth_l1_loss(d, torch.zeros_like(d), beta=beta, reduction="none")',
  expression: 'fabs(x) < p0 ? 0.5 * x * x / p0 : fabs(x) - 0.5 * p0',
  backward: 'fabs(b) < p0 ? a * b / p0 : (b > 0 ? a : -a)',
  second: (d, [beta = 1]) => d.abs().lt(beta).to(d.dtype).div(beta),
  samples: [{ inputs: [wide], args: [1] }],
})

/** Settings of `smoothL1Loss`. */
export interface SmoothL1Options extends ReductionOptions {
  /** Where the parabola turns into straight lines; 0 is the L1 loss. Default 1. */
  beta?: number
}

/**
 * ½d²/beta for |d| < beta, |d| − ½beta beyond, d = x − y. torch.nn.functional.smooth_l1_loss.
 * @throws RangeError for a negative beta.
 */
export const smoothL1Loss = composite(
  'smoothL1Loss',
  {
    torch: 'F.smooth_l1_loss',
    samples: [...pair, { ...one, options: { beta: 0.4 } }, { ...one, options: { beta: 0 } }],
  },
  (input: Tensor, target: Tensor, options?: SmoothL1Options): Tensor => {
    const { reduction, beta } = readOptions('smoothL1Loss', options, { reduction: 'mean', beta: 1 })
    if (!(beta >= 0)) throw new RangeError(`smoothL1Loss: beta must not be negative, got ${beta}`)
    const d = difference('smoothL1Loss', input, target)
    return reduceLoss('smoothL1Loss', beta === 0 ? d.abs() : smoothL1.run(d, beta), reduction)
  },
)

// Below 1 from cosh d − 1 = t²/(2t + 2) with t = e^|d| − 1, which keeps all digits; further out without overflow.
const t = 'expm1(fmin(fabs(x), 1))'

const logCosh = activation('logCosh', {
  torch: 'lambda d: torch.logaddexp(d, -d) - torch.tensor(2.0, dtype=d.dtype).log()',
  expression:
    `fabs(x) < 1 ? ${log1pOf(`(${t} * ${t} / (2 * ${t} + 2))`)} : ` +
    `fabs(x) + ${log1pOf('exp(-2 * fabs(x))')} - 0.6931471805599453`,
  backward: 'a * tanh(b)',
  second: (d) => d.tanh().square().neg().add(1),
  samples: [
    { inputs: [wide] },
    { inputs: [[-1000, -100, 100, 1000]], skipGradcheck: 'the step is lost in these values' },
  ],
})

/** ln cosh(x − y), averaged: like ½d² for small errors and |d| − ln 2 for large ones. 《深度学习基础》 3.4. */
export const logCoshLoss = composite(
  'logCoshLoss',
  {
    torch: torchReduced('torch.log(torch.cosh(x - y))'),
    samples: pair.slice(0, 3),
  },
  (input: Tensor, target: Tensor, options?: ReductionOptions): Tensor => {
    const { reduction } = readOptions('logCoshLoss', options, { reduction: 'mean' })
    return reduceLoss('logCoshLoss', logCosh(difference('logCoshLoss', input, target)), reduction)
  },
)
