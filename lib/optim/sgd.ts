/** Stochastic gradient descent. */
import { addon } from '../device/addon.js'
import type { Tensor } from '../tensor/tensor.js'
import { FirstOrder } from './first-order.js'
import { assertNonNegative, type Params } from './optimizer.js'

/** Settings of `SGD`. */
export interface SGDOptions {
  /** Learning rate. Default 1e-3. */
  lr: number
  /** Default 0. */
  momentum: number
  /** Part of the gradient that does not enter the momentum. Default 0. */
  dampening: number
  /** L2 penalty. Default 0. */
  weightDecay: number
  /** Nesterov's look-ahead; needs momentum and no dampening. Default false. */
  nesterov: boolean
  /** Climb instead of descend. Default false. */
  maximize: boolean
}

const defaults: SGDOptions = {
  lr: 1e-3,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  maximize: false,
}

/**
 * v ← momentum·v + (1 − dampening)·g, p ← p − lr·v, with g = ∇p + weightDecay·p. 《深度学习基础》 4.1; torch.optim.SGD.
 * All parameters are updated in one native pass.
 */
export class SGD extends FirstOrder<SGDOptions> {
  constructor(params: Params<SGDOptions>, options: Partial<SGDOptions> = {}) {
    super(params, defaults, options)
  }

  protected validate({ lr, momentum, weightDecay, nesterov, dampening }: SGDOptions): void {
    assertNonNegative('SGD', { lr, momentum, weightDecay })
    if (nesterov && (momentum <= 0 || dampening !== 0))
      throw new RangeError(
        `SGD: nesterov needs a momentum above 0 and no dampening, got momentum ${momentum} and dampening ${dampening}`,
      )
  }

  protected update(params: readonly Tensor[], grads: readonly Tensor[], group: SGDOptions): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group
    const run = (indices: readonly number[], first: boolean): void => {
      if (indices.length === 0) return
      const chosen = indices.map((i) => params[i])
      addon().sgd(
        chosen.map((p) => p.handle),
        indices.map((i) => grads[i].handle),
        momentum === 0 ? [] : chosen.map((p) => this.slot(p, 'momentumBuffer').handle),
        { lr, momentum, dampening, weightDecay, nesterov, maximize, first },
      )
    }
    // A parameter's first gradient starts its velocity undamped, as in PyTorch.
    const fresh = (p: Tensor): boolean => !('momentumBuffer' in this.stateOf(p))
    const indices = params.map((_, i) => i)
    const first = momentum === 0 ? [] : indices.filter((i) => fresh(params[i]))
    const later = first.length === 0 ? indices : indices.filter((i) => !first.includes(i))
    run(first, true)
    run(later, false)
  }
}
