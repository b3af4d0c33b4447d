/** Relatives of Adam: Adamax, NAdam, RAdam. */
import { maximum, sqrt } from '../ops/pointwise.js'
import type { Tensor } from '../tensor/tensor.js'
import { average, Rule } from './first-order.js'
import { assertBetas, assertNonNegative, type ParamState, type Params } from './optimizer.js'

/** Settings of `Adamax`. */
export interface AdamaxOptions {
  /** Learning rate. Default 2e-3. */
  lr: number
  /** Decay of the running mean of the gradient and of its largest magnitude. Default [0.9, 0.999]. */
  betas: readonly [number, number]
  /** Added to each magnitude. Default 1e-8. */
  eps: number
  /** L2 penalty. Default 0. */
  weightDecay: number
  /** Climb instead of descend. Default false. */
  maximize: boolean
}

const adamaxDefaults: AdamaxOptions = { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false }

/**
 * m ← β₁m + (1−β₁)g, u ← max(β₂u, |g| + ε), p ← p − lr/(1−β₁ᵗ) · m/u: Adam with the largest magnitude instead of the
 * root mean square. Kingma & Ba 2015, section 7; torch.optim.Adamax.
 */
export class Adamax extends Rule<AdamaxOptions> {
  constructor(params: Params<AdamaxOptions>, options: Partial<AdamaxOptions> = {}) {
    super(params, adamaxDefaults, options)
  }

  protected validate({ lr, betas, eps, weightDecay }: AdamaxOptions): void {
    assertNonNegative('Adamax', { lr, eps, weightDecay })
    assertBetas('Adamax', betas)
  }

  protected apply(param: Tensor, grad: Tensor, { lr, betas, eps }: AdamaxOptions, step: number): void {
    const expAvg = average(this.slot(param, 'expAvg'), grad, betas[0])
    const expInf = maximum.inPlace(this.slot(param, 'expInf').mul_(betas[1]), grad.abs().add_(eps))
    param.add_(expAvg.div(expInf), { alpha: -lr / (1 - betas[0] ** step) })
  }
}

/** Settings of `NAdam`. */
export interface NAdamOptions extends Omit<AdamaxOptions, 'eps'> {
  /** Learning rate. Default 2e-3. */
  lr: number
  /** Added to the root. Default 1e-8. */
  eps: number
  /** How fast the momentum rises to β₁. Default 4e-3. */
  momentumDecay: number
  /** Shrink the parameters by the weight decay instead of adding it to the gradient. Default false. */
  decoupledWeightDecay: boolean
}

const nadamDefaults: NAdamOptions = {
  lr: 2e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  momentumDecay: 4e-3,
  decoupledWeightDecay: false,
  maximize: false,
}

/**
 * Adam with Nesterov's look-ahead: μₜ = β₁(1 − ½·0.96^(t·momentumDecay)) weighs the gradient of this step and the mean
 * for the next. Dozat 2016; torch.optim.NAdam.
 */
export class NAdam extends Rule<NAdamOptions> {
  constructor(params: Params<NAdamOptions>, options: Partial<NAdamOptions> = {}) {
    super(params, nadamDefaults, options)
  }

  protected validate({ lr, betas, eps, weightDecay, momentumDecay }: NAdamOptions): void {
    assertNonNegative('NAdam', { lr, eps, weightDecay, momentumDecay })
    assertBetas('NAdam', betas)
  }

  protected apply(param: Tensor, grad: Tensor, group: NAdamOptions, step: number, state: ParamState): void {
    const { lr, betas, eps, momentumDecay } = group
    const momentum = (t: number): number => betas[0] * (1 - 0.5 * 0.96 ** (t * momentumDecay))
    const [mu, next] = [momentum(step), momentum(step + 1)]
    // PyTorch keeps the product of all momenta in float32, whatever the parameter's dtype; so do we, for equal numbers.
    const product = Math.fround(((state.muProduct as number | undefined) ?? 1) * Math.fround(mu))
    state.muProduct = product
    const expAvg = average(this.slot(param, 'expAvg'), grad, betas[0])
    const expAvgSq = average(this.slot(param, 'expAvgSq'), grad.square(), betas[1])
    const denominator = sqrt.inPlace(expAvgSq.div(1 - betas[1] ** step)).add_(eps)
    param.add_(grad.div(denominator), { alpha: (-lr * (1 - mu)) / (1 - product) })
    param.add_(expAvg.div(denominator), { alpha: (-lr * next) / (1 - product * next) })
  }
}

/** Settings of `RAdam`. */
export interface RAdamOptions extends Omit<NAdamOptions, 'momentumDecay'> {
  /** Learning rate. Default 1e-3. */
  lr: number
}

const radamDefaults: RAdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  decoupledWeightDecay: false,
  maximize: false,
}

/**
 * Adam that waits with adapting: until the mean of squares rests on enough steps (ρₜ > 5) it is plain momentum, then a
 * rectifying factor leads over. Liu et al. 2020; torch.optim.RAdam.
 */
export class RAdam extends Rule<RAdamOptions> {
  constructor(params: Params<RAdamOptions>, options: Partial<RAdamOptions> = {}) {
    super(params, radamDefaults, options)
  }

  protected validate({ lr, betas, eps, weightDecay }: RAdamOptions): void {
    assertNonNegative('RAdam', { lr, eps, weightDecay })
    assertBetas('RAdam', betas)
  }

  protected apply(param: Tensor, grad: Tensor, { lr, betas, eps }: RAdamOptions, step: number): void {
    const [beta1, beta2] = betas
    const expAvg = average(this.slot(param, 'expAvg'), grad, beta1)
    const expAvgSq = average(this.slot(param, 'expAvgSq'), grad.square(), beta2)
    const rate = lr / (1 - beta1 ** step)
    const longest = 2 / (1 - beta2) - 1
    const length = longest - (2 * step * beta2 ** step) / (1 - beta2 ** step)
    if (length > 5) {
      const rectified = Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length))
      const quotient = expAvg.div(expAvgSq.sqrt().add_(eps))
      param.add_(quotient, { alpha: -rate * rectified * Math.sqrt(1 - beta2 ** step) })
    } else param.add_(expAvg, { alpha: -rate })
  }
}
