/** Adam and its variant with decoupled weight decay. */
import { addon } from '../device/addon.js'
import type { Tensor } from '../tensor/tensor.js'
import { FirstOrder } from './first-order.js'
import { assertBetas, assertNonNegative, type Params } from './optimizer.js'
import { readOptions } from '../tensor/options.js'

/** Settings of `Adam`. */
export interface AdamOptions {
  /** Learning rate. Default 1e-3. */
  lr: number
  /** Decay of the running means of the gradient and of its square. Default [0.9, 0.999]. */
  betas: readonly [number, number]
  /** Added to the root, outside of it. Default 1e-8. */
  eps: number
  /** Default 0 (AdamW: 1e-2). */
  weightDecay: number
  /** Use the largest second moment so far (Reddi et al. 2018). Default false. */
  amsgrad: boolean
  /** Climb instead of descend. Default false. */
  maximize: boolean
  /** Shrink the parameters by the weight decay instead of adding it to the gradient. Default false (AdamW: true). */
  decoupledWeightDecay: boolean
}

const adamWDefaults: Omit<AdamOptions, 'decoupledWeightDecay'> = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 1e-2,
  amsgrad: false,
  maximize: false,
}
const defaults: AdamOptions = { ...adamWDefaults, weightDecay: 0, decoupledWeightDecay: false }

/**
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← p − lr·m̂ / (√v̂ + ε) with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ); weight decay is
 * added to g. Kingma & Ba 2015; 《深度学习基础》 4.1 (which puts ε inside the root); torch.optim.Adam.
 */
export class Adam extends FirstOrder<AdamOptions> {
  constructor(params: Params<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, defaults, options)
  }

  protected validate({ lr, betas, eps, weightDecay }: AdamOptions): void {
    assertNonNegative(this.constructor.name, { lr, eps, weightDecay })
    assertBetas(this.constructor.name, betas)
  }

  protected update(params: readonly Tensor[], grads: readonly Tensor[], group: AdamOptions): void {
    // Parameters that joined later or missed gradients have counts of their own; those with equal counts go together.
    const byStep = new Map<number, number[]>()
    params.forEach((param, i) => {
      const state = this.stateOf(param)
      const step = ((state.step as number | undefined) ?? 0) + 1
      state.step = step
      const together = byStep.get(step)
      if (together) together.push(i)
      else byStep.set(step, [i])
    })
    const { lr, betas, eps, weightDecay, amsgrad, maximize, decoupledWeightDecay: decoupled } = group
    for (const [step, indices] of byStep) {
      const slots = (name: string) => indices.map((i) => this.slot(params[i], name).handle)
      addon().adam(
        indices.map((i) => params[i].handle),
        indices.map((i) => grads[i].handle),
        slots('expAvg'),
        slots('expAvgSq'),
        amsgrad ? slots('maxExpAvgSq') : [],
        { step, lr, beta1: betas[0], beta2: betas[1], eps, weightDecay, decoupled, maximize },
      )
    }
  }
}

/** Adam whose weight decay shrinks the parameters directly: p ← p·(1 − lr·weightDecay). Loshchilov & Hutter 2019; torch.optim.AdamW. */
export class AdamW extends Adam {
  constructor(params: Params<AdamOptions>, options: Partial<Omit<AdamOptions, 'decoupledWeightDecay'>> = {}) {
    super(params, { ...readOptions(new.target.name, options, adamWDefaults), decoupledWeightDecay: true })
  }
}
