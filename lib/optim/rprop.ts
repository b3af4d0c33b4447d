/** Resilient backpropagation: the size of a step depends on the signs of gradients alone. */
import { where } from '../ops/index-ops.js'
import type { Tensor } from '../tensor/tensor.js'
import { Rule } from './first-order.js'
import { assertNonNegative, type Params } from './optimizer.js'

/** Settings of `Rprop`. */
export interface RpropOptions {
  /** Size of the first step. Default 1e-2. */
  lr: number
  /** Factors on a step's size when the gradient changed its sign, and when it kept it. Default [0.5, 1.2]. */
  etas: readonly [number, number]
  /** Smallest and largest step. Default [1e-6, 50]. */
  stepSizes: readonly [number, number]
  /** Climb instead of descend. Default false. */
  maximize: boolean
}

const defaults: RpropOptions = { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false }

/**
 * Every number has its own step size, which grows while its gradient keeps its sign and shrinks when the sign changes
 * (that number then rests for one step). For whole data sets, not for batches. Riedmiller & Braun 1993; torch.optim.Rprop.
 */
export class Rprop extends Rule<RpropOptions> {
  constructor(params: Params<RpropOptions>, options: Partial<RpropOptions> = {}) {
    super(params, defaults, options)
  }

  protected validate({ lr, etas }: RpropOptions): void {
    assertNonNegative('Rprop', { lr })
    if (!(0 < etas[0] && etas[0] < 1 && 1 < etas[1]))
      throw new RangeError(`Rprop: etas must satisfy 0 < etas[0] < 1 < etas[1], got [${etas.join(', ')}]`)
  }

  protected apply(param: Tensor, grad: Tensor, { lr, etas, stepSizes }: RpropOptions): void {
    const previous = this.slot(param, 'prev')
    const stepSize = this.slot(param, 'stepSize', lr)
    const agreement = grad.mul(previous)
    const turned = agreement.lt(0)
    const grown = where(agreement.gt(0), stepSize.mul(etas[1]), stepSize)
    stepSize.copy_(where(turned, stepSize.mul(etas[0]), grown).clamp(...stepSizes))
    previous.copy_(grad.maskedFill(turned, 0))
    param.sub_(previous.sign().mul_(stepSize))
  }
}
