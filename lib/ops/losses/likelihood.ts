/** Losses between distributions: Kullback–Leibler divergence, and negative log likelihoods of Poisson and normal. */
import { noGrad } from '../../autograd/mode.js'
import { sameShape, ShapeError, show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { composite } from '../define.js'
import { unary } from '../elementwise.js'
import { where } from '../index-ops.js'
import { reduceLoss, warnBroadcast, type Reduction, type ReductionOptions } from './reduction.js'
import { readOptions } from '../../tensor/options.js'

/** x·ln x, 0 at 0. */
const xlogx = unary('xlogx', {
  torch: 'lambda x: torch.special.xlogy(x, x)',
  expression: 'x == 0 ? x : x * log(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x.log().add(1)),
  samples: [{ inputs: [{ shape: [3, 4], low: 0.1, high: 3 }] }],
})

const logProbabilities = { shape: [3, 4], low: -3, high: -0.1 }
const probabilities = { shape: [3, 4], low: 0.05, high: 1 }

/** Settings of `klDiv`. */
export interface KlDivOptions {
  /** Besides the usual ones 'batchmean', the sum divided by the first size: the divergence by its definition. Default 'mean'. */
  reduction?: Reduction | 'batchmean'
  /** Whether the target holds log-probabilities too. Default false. */
  logTarget?: boolean
}

/**
 * Kullback–Leibler divergence y·(ln y − x) of log-probabilities x from the target distribution y. 'mean' divides by the
 * number of elements; 'batchmean' gives the mathematical value. torch.nn.functional.kl_div; 《深度学习基础》 7.
 */
export const klDiv = composite(
  'klDiv',
  {
    torch: 'F.kl_div',
    samples: [
      { inputs: [logProbabilities, probabilities] },
      { inputs: [logProbabilities, probabilities], options: { reduction: 'batchmean' } },
      { inputs: [logProbabilities, probabilities], options: { reduction: 'none' } },
      { inputs: [logProbabilities, logProbabilities], options: { reduction: 'sum', logTarget: true } },
      { inputs: [logProbabilities, logProbabilities], options: { reduction: 'batchmean', logTarget: true } },
    ],
  },
  (input: Tensor, target: Tensor, options?: KlDivOptions): Tensor => {
    const { reduction, logTarget } = readOptions('klDiv', options, { reduction: 'mean', logTarget: false })
    const loss = logTarget ? target.exp().mul(target.sub(input)) : xlogx(target).sub(target.mul(input))
    if (reduction !== 'batchmean') return reduceLoss('klDiv', loss, reduction)
    return input.ndim === 0 ? loss : loss.sum().div(input.shape[0])
  },
)

/** Settings of `poissonNllLoss`. */
export interface PoissonNllOptions extends ReductionOptions {
  /** Whether the input is the logarithm of the rate. Default true. */
  logInput?: boolean
  /** Add Stirling's approximation of ln y! for targets above 1. Default false. */
  full?: boolean
  /** Keeps the logarithm of a rate 0 finite when logInput is false. Default 1e-8. */
  eps?: number
}

const counts = { shape: [3, 4], low: 0, high: 5 }

/** e^x − y·x of log-rates x and counts y (x − y·ln(x + eps) of rates), averaged. torch.nn.functional.poisson_nll_loss. */
export const poissonNllLoss = composite(
  'poissonNllLoss',
  {
    torch: 'F.poisson_nll_loss',
    samples: [
      { inputs: [{ shape: [3, 4] }, counts] },
      { inputs: [{ shape: [3, 4] }, counts], options: { full: true, reduction: 'sum' } },
      { inputs: [{ shape: [3, 4], low: 0.2, high: 3 }, counts], options: { logInput: false, reduction: 'none' } },
    ],
  },
  (input: Tensor, target: Tensor, options?: PoissonNllOptions): Tensor => {
    const { logInput, full, eps, reduction } = readOptions('poissonNllLoss', options, {
      logInput: true,
      full: false,
      eps: 1e-8,
      reduction: 'mean',
    })
    const rate = logInput ? input.exp() : input
    const loss = rate.sub(target.mul(logInput ? input : input.add(eps).log()))
    if (!full) return reduceLoss('poissonNllLoss', loss, reduction)
    const above = target.detach().gt(1)
    const y = where(above, target, 1)
    const stirling = xlogx(y)
      .sub(y)
      .add(
        y
          .mul(2 * Math.PI)
          .log()
          .mul(0.5),
      )
    return reduceLoss('poissonNllLoss', loss.add(where(above, stirling, 0)), reduction)
  },
)

/** Settings of `gaussianNllLoss`. */
export interface GaussianNllOptions extends ReductionOptions {
  /** Add the constant ½ ln 2π. Default false. */
  full?: boolean
  /** Variances are not taken smaller than this; their gradient is as if they were. Default 1e-6. */
  eps?: number
}

/** A variance for each element, for each row, or one with a last size of 1: aligned with the input. */
function alignVariance(input: Tensor, variance: Tensor | number): Tensor {
  if (typeof variance === 'number') return input.detach().mul(0).add(variance)
  const { shape } = variance
  if (sameShape(shape, input.shape)) return variance
  if (sameShape(shape, input.shape.slice(0, -1))) return variance.unsqueeze(-1)
  if (shape.length === input.ndim && shape.at(-1) === 1 && sameShape(shape.slice(0, -1), input.shape.slice(0, -1)))
    return variance
  throw new ShapeError(
    `gaussianNllLoss: the variance must have the input's shape ${show(input.shape)}, or that without its last size or with 1 there, got ${show(shape)}`,
  )
}

/**
 * ½(ln v + (x − y)²/v) of means x, targets y and variances v ≥ eps, averaged. torch.nn.functional.gaussian_nll_loss.
 * @throws RangeError for a negative variance or an eps that is not positive, ShapeError for sizes that do not fit.
 */
export const gaussianNllLoss = composite(
  'gaussianNllLoss',
  {
    torch: 'F.gaussian_nll_loss',
    samples: [
      { inputs: [{ shape: [3, 4] }, { shape: [3, 4] }, { shape: [3, 4], low: 0.3, high: 2 }] },
      {
        inputs: [{ shape: [3, 4] }, { shape: [3, 4] }, { shape: [3], low: 0.3, high: 2 }],
        options: { full: true, reduction: 'sum' },
      },
      {
        inputs: [{ shape: [3, 4] }, { shape: [3, 4] }, { shape: [3, 1], low: 0.3, high: 2 }],
        options: { reduction: 'none' },
      },
      {
        inputs: [
          [1, 2],
          [1.5, 1],
          [0, 1e-9],
        ],
        options: { eps: 0.01 },
        skipGradcheck: 'variances below eps have the gradient that they would have at eps',
      },
    ],
  },
  (input: Tensor, target: Tensor, variance: Tensor | number, options?: GaussianNllOptions): Tensor => {
    const { full, eps, reduction } = readOptions('gaussianNllLoss', options, {
      full: false,
      eps: 1e-6,
      reduction: 'mean',
    })
    if (!(eps > 0)) throw new RangeError(`gaussianNllLoss: eps must be positive, got ${eps}`)
    warnBroadcast('gaussianNllLoss', input, target)
    const aligned = alignVariance(input, variance)
    const least = aligned.numel() > 0 ? aligned.detach().amin().item() : 0
    if (least < 0) throw new RangeError(`gaussianNllLoss: a variance is negative: ${least}`)
    const v = least < eps ? aligned.clone() : aligned
    // Only the value is bounded: a variance that has become too small must still be able to grow.
    if (least < eps) noGrad(() => v.copy_(v.clamp(eps)))
    const loss = v.log().add(input.sub(target).square().div(v)).mul(0.5)
    return reduceLoss('gaussianNllLoss', full ? loss.add(0.5 * Math.log(2 * Math.PI)) : loss, reduction)
  },
)
