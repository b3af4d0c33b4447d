/** Losses on numbers, as modules; the mathematics is in lib/ops/losses. */
import * as losses from '../ops/losses/index.js'
import type { HuberOptions, ReductionOptions, SmoothL1Options } from '../ops/losses/index.js'
import { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { checkOptions, type Defaults } from '../tensor/options.js'

/** What all losses share: the options of their function, shown when printed. */
export abstract class Loss<Options extends object> extends Module {
  /** The options of this loss, with what they are when left out. */
  static readonly defaults: object = { reduction: 'mean' }

  constructor(readonly options: Options = {} as Options) {
    super()
    checkOptions(new.target.name, options, new.target.defaults)
  }

  override extraRepr(): string {
    return Object.entries(this.options)
      .map(
        ([name, value]: [string, unknown]) =>
          `${name}=${value instanceof Tensor ? `[${value.shape.join(', ')}]` : String(value)}`,
      )
      .join(', ')
  }
}

/** Mean squared error. 《深度学习基础》 3.4; torch.nn.MSELoss. */
export class MSELoss extends Loss<ReductionOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return losses.mseLoss(input, target, this.options)
  }
}

/** Mean absolute error. 《深度学习基础》 3.4; torch.nn.L1Loss. */
export class L1Loss extends Loss<ReductionOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return losses.l1Loss(input, target, this.options)
  }
}

/** Root of the mean squared error. 《深度学习基础》 3.4. */
export class RMSELoss extends Loss<ReductionOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return losses.rmseLoss(input, target, this.options)
  }
}

/** Mean squared error of ln(1 + x), for values above −1. 《深度学习基础》 3.4. */
export class MSLELoss extends Loss<ReductionOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return losses.msleLoss(input, target, this.options)
  }
}

/** A parabola up to |x − y| = delta (default 1), straight lines beyond. 《深度学习基础》 3.4; torch.nn.HuberLoss. */
export class HuberLoss extends Loss<HuberOptions> {
  static override readonly defaults: Defaults<HuberOptions> = { reduction: 'mean', delta: 1 }

  forward(input: Tensor, target: Tensor): Tensor {
    return losses.huberLoss(input, target, this.options)
  }
}

/** L1 loss with a parabola where |x − y| < beta (default 1). torch.nn.SmoothL1Loss. */
export class SmoothL1Loss extends Loss<SmoothL1Options> {
  static override readonly defaults: Defaults<SmoothL1Options> = { reduction: 'mean', beta: 1 }

  forward(input: Tensor, target: Tensor): Tensor {
    return losses.smoothL1Loss(input, target, this.options)
  }
}

/** ln cosh(x − y), averaged. 《深度学习基础》 3.4. */
export class LogCoshLoss extends Loss<ReductionOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return losses.logCoshLoss(input, target, this.options)
  }
}

/** Negative log likelihood of counts, given (the logarithm of) their rates. torch.nn.PoissonNLLLoss. */
export class PoissonNLLLoss extends Loss<losses.PoissonNllOptions> {
  static override readonly defaults: Defaults<losses.PoissonNllOptions> = {
    reduction: 'mean',
    logInput: true,
    full: false,
    eps: 1e-8,
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return losses.poissonNllLoss(input, target, this.options)
  }
}

/** Negative log likelihood of numbers, given means and variances. torch.nn.GaussianNLLLoss. */
export class GaussianNLLLoss extends Loss<losses.GaussianNllOptions> {
  static override readonly defaults: Defaults<losses.GaussianNllOptions> = { reduction: 'mean', full: false, eps: 1e-6 }

  forward(input: Tensor, target: Tensor, variance: Tensor | number): Tensor {
    return losses.gaussianNllLoss(input, target, variance, this.options)
  }
}
