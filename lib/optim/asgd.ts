/** Averaged stochastic gradient descent. */
import type { Tensor } from '../tensor/tensor.js'
import { Rule } from './first-order.js'
import { assertNonNegative, type ParamState, type Params } from './optimizer.js'

/** Settings of `ASGD`. */
export interface ASGDOptions {
  /** Learning rate. Default 1e-2. */
  lr: number
  /** Decay of the parameters. Default 1e-4. */
  lambd: number
  /** Power of the learning rate's fall. Default 0.75. */
  alpha: number
  /** The step after which averaging starts. Default 1e6. */
  t0: number
  /** L2 penalty. Default 0. */
  weightDecay: number
  /** Climb instead of descend. Default false. */
  maximize: boolean
}

const defaults: ASGDOptions = { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false }

/**
 * p ← p·(1 − lambd·η) − η·g with η = lr / (1 + lambd·lr·t)^alpha; `stateDict().state[i].ax` holds the average of the
 * parameters since step t0. Polyak & Juditsky 1992; torch.optim.ASGD.
 */
export class ASGD extends Rule<ASGDOptions> {
  constructor(params: Params<ASGDOptions>, options: Partial<ASGDOptions> = {}) {
    super(params, defaults, options)
  }

  protected validate({ lr, weightDecay }: ASGDOptions): void {
    assertNonNegative('ASGD', { lr, weightDecay })
  }

  protected apply(param: Tensor, grad: Tensor, group: ASGDOptions, step: number, state: ParamState): void {
    const { lr, lambd, alpha, t0 } = group
    // PyTorch keeps both numbers in float32, whatever the parameter's dtype; so do we, for equal numbers.
    const eta = (state.eta as number | undefined) ?? Math.fround(lr)
    const mu = (state.mu as number | undefined) ?? 1
    param.mul_(1 - lambd * eta).add_(grad, { alpha: -eta })
    const ax = this.slot(param, 'ax')
    if (mu === 1) ax.copy_(param)
    else ax.add_(param.sub(ax), { alpha: mu })
    state.eta = Math.fround(lr / (1 + lambd * lr * step) ** alpha)
    state.mu = Math.fround(1 / Math.max(1, step - t0))
  }
}
