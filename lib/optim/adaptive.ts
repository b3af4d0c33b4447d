/** Learning rates for each number from the squares of its gradients: Adagrad, Adadelta, RMSprop. */
import { sqrt } from '../ops/pointwise.js'
import type { Tensor } from '../tensor/tensor.js'
import { average, Rule } from './first-order.js'
import { assertNonNegative, type Params } from './optimizer.js'

/** Settings of `Adagrad`. */
export interface AdagradOptions {
  /** Learning rate. Default 1e-2. */
  lr: number
  /** The rate of step t is lr / (1 + (t − 1)·lrDecay). Default 0. */
  lrDecay: number
  /** L2 penalty. Default 0. */
  weightDecay: number
  /** What the sums of squares start from. Default 0. */
  initialAccumulatorValue: number
  /** Added to the root. Default 1e-10. */
  eps: number
  /** Climb instead of descend. Default false. */
  maximize: boolean
}

const adagradDefaults: AdagradOptions = {
  lr: 1e-2,
  lrDecay: 0,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  eps: 1e-10,
  maximize: false,
}

/** s ← s + g², p ← p − lrₜ·g / (√s + ε). Duchi, Hazan & Singer 2011; torch.optim.Adagrad. */
export class Adagrad extends Rule<AdagradOptions> {
  constructor(params: Params<AdagradOptions>, options: Partial<AdagradOptions> = {}) {
    super(params, adagradDefaults, options)
  }

  protected validate({ lr, lrDecay, weightDecay, initialAccumulatorValue, eps }: AdagradOptions): void {
    assertNonNegative('Adagrad', { lr, lrDecay, weightDecay, initialAccumulatorValue, eps })
  }

  protected apply(param: Tensor, grad: Tensor, group: AdagradOptions, step: number): void {
    const { lr, lrDecay, initialAccumulatorValue, eps } = group
    const sum = this.slot(param, 'sum', initialAccumulatorValue).add_(grad.square())
    param.add_(grad.div(sum.sqrt().add_(eps)), { alpha: -lr / (1 + (step - 1) * lrDecay) })
  }
}

/** Settings of `Adadelta`. */
export interface AdadeltaOptions {
  /** Factor on the step, which has a scale of its own. Default 1. */
  lr: number
  /** Decay of the running means. Default 0.9. */
  rho: number
  /** Added inside the roots. Default 1e-6. */
  eps: number
  /** L2 penalty. Default 0. */
  weightDecay: number
  /** Climb instead of descend. Default false. */
  maximize: boolean
}

const adadeltaDefaults: AdadeltaOptions = { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false }

/**
 * v ← ρv + (1−ρ)g², Δ = √(u + ε) / √(v + ε) · g, u ← ρu + (1−ρ)Δ², p ← p − lr·Δ. Zeiler 2012; torch.optim.Adadelta.
 */
export class Adadelta extends Rule<AdadeltaOptions> {
  constructor(params: Params<AdadeltaOptions>, options: Partial<AdadeltaOptions> = {}) {
    super(params, adadeltaDefaults, options)
  }

  protected validate({ lr, rho, eps, weightDecay }: AdadeltaOptions): void {
    assertNonNegative('Adadelta', { lr, eps, weightDecay })
    if (!(rho >= 0 && rho <= 1)) throw new RangeError(`Adadelta: rho must lie in [0, 1], got ${rho}`)
  }

  protected apply(param: Tensor, grad: Tensor, { lr, rho, eps }: AdadeltaOptions): void {
    const squareAvg = average(this.slot(param, 'squareAvg'), grad.square(), rho)
    const accDelta = this.slot(param, 'accDelta')
    const root = (x: Tensor): Tensor => sqrt.inPlace(x.add(eps))
    const delta = root(accDelta).div_(root(squareAvg)).mul_(grad)
    average(accDelta, delta.square(), rho)
    param.add_(delta, { alpha: -lr })
  }
}

/** Settings of `RMSprop`. */
export interface RMSpropOptions {
  /** Learning rate. Default 1e-2. */
  lr: number
  /** Decay of the running means. Default 0.99. */
  alpha: number
  /** Added to the root. Default 1e-8. */
  eps: number
  /** L2 penalty. Default 0. */
  weightDecay: number
  /** Default 0. */
  momentum: number
  /** Divide by the standard deviation of the gradient, not by its root mean square. Default false. */
  centered: boolean
  /** Climb instead of descend. Default false. */
  maximize: boolean
}

const rmspropDefaults: RMSpropOptions = {
  lr: 1e-2,
  alpha: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
  maximize: false,
}

/**
 * v ← αv + (1−α)g², p ← p − lr·g / (√v + ε); centered uses v − (mean of g)²; with momentum the quotients gather in a
 * velocity. Tieleman & Hinton 2012, Graves 2013; torch.optim.RMSprop.
 */
export class RMSprop extends Rule<RMSpropOptions> {
  constructor(params: Params<RMSpropOptions>, options: Partial<RMSpropOptions> = {}) {
    super(params, rmspropDefaults, options)
  }

  protected validate({ lr, alpha, eps, weightDecay, momentum }: RMSpropOptions): void {
    assertNonNegative('RMSprop', { lr, alpha, eps, weightDecay, momentum })
  }

  protected apply(param: Tensor, grad: Tensor, group: RMSpropOptions): void {
    const { lr, alpha, eps, momentum, centered } = group
    const squareAvg = average(this.slot(param, 'squareAvg'), grad.square(), alpha)
    let spread = squareAvg
    if (centered) spread = squareAvg.sub(average(this.slot(param, 'gradAvg'), grad, alpha).square())
    const scaled = grad.div(spread.sqrt().add_(eps))
    if (momentum > 0) param.add_(this.slot(param, 'momentumBuffer').mul_(momentum).add_(scaled), { alpha: -lr })
    else param.add_(scaled, { alpha: -lr })
  }
}
