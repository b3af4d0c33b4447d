/** Nonlinear conjugate gradients: directions that do not undo each other, without a memory of curvature. */
import { tidy } from './tidy.js'
import {
  absoluteSum,
  dot,
  evaluationLimit,
  FullBatch,
  fullBatchDefaults,
  largest,
  type FullBatchOptions,
  type Objective,
} from './full-batch.js'
import type { Params } from './optimizer.js'
import type { Tensor } from '../tensor/tensor.js'

/** Settings of `ConjugateGradient`. */
export interface ConjugateGradientOptions extends FullBatchOptions {
  /** How far the slope must fall in each line search, in (1e-4, ½): smaller is more exact. Default 0.1. */
  curvature: number
}

const defaults: ConjugateGradientOptions = { ...fullBatchDefaults, curvature: 0.1 }

/** The loss must fall by this part of what the slope promises. */
const sufficient = 1e-4

/**
 * d ← −∇ + β·d with β = max(0, ∇·(∇ − ∇ₒₗ_d) / |∇ₒₗ_d|²) (Polak–Ribière+), p ← p + t·d with t from a line search for the
 * strong Wolfe conditions. On a quadratic of n variables an exact search arrives in n iterations. `step` needs a closure
 * and runs up to maxIter iterations. Nocedal & Wright 2006, section 5.2; 《深度学习基础》 4.1.
 */
export class ConjugateGradient extends FullBatch<ConjugateGradientOptions> {
  constructor(params: Params<ConjugateGradientOptions>, options: Partial<ConjugateGradientOptions> = {}) {
    super(params, defaults, options)
  }

  protected override validate(options: ConjugateGradientOptions): void {
    super.validate(options)
    if (!(options.curvature > 0 && options.curvature < 0.5))
      throw new RangeError(`ConjugateGradient: curvature must lie between 0 and 0.5, got ${options.curvature}`)
  }

  protected minimize(first: Objective, evaluate: () => Objective, group: ConjugateGradientOptions): void {
    const { lr, maxIter, toleranceGrad, toleranceChange, curvature } = group
    const limit = evaluationLimit(group)
    const state = this.vectorState
    let at = first
    let evaluations = 1
    state.funcEvals = ((state.funcEvals as number | undefined) ?? 0) + 1
    for (let iteration = 1; iteration <= maxIter && evaluations < limit; iteration++) {
      state.nIter = ((state.nIter as number | undefined) ?? 0) + 1
      const { d, slope } = this.#direction(at.grad)
      // The last step, scaled so that it promises the same fall; the first is short.
      const trial =
        state.t === undefined
          ? Math.min(1, 1 / absoluteSum(at.grad))
          : (state.t as number) * Math.min(10, (state.slope as number) / slope)
      const search = { c1: sufficient, c2: curvature, toleranceChange, maxEvaluations: limit - evaluations }
      const { point, evaluations: used } = this.search(at, d, slope, trial * lr, evaluate, search)
      evaluations += used
      state.funcEvals += used
      if (point.t === 0) {
        // No lower loss along this direction: the next step begins anew with the steepest one.
        for (const name of ['d', 'prevFlatGrad', 't', 'slope']) delete state[name]
        break
      }
      const fall = at.loss - point.loss
      Object.assign(state, { d, slope, t: point.t, prevFlatGrad: at.grad })
      at = point
      if (largest(at.grad) <= toleranceGrad) break
      if (largest(d) * point.t <= toleranceChange || Math.abs(fall) < toleranceChange) break
    }
  }

  /** The conjugate direction and the slope along it; the steepest descent where that one does not descend. */
  #direction(grad: Tensor): { d: Tensor; slope: number } {
    const { d: last, prevFlatGrad: before } = this.vectorState as { d?: Tensor; prevFlatGrad?: Tensor }
    if (last && before) {
      const beta = Math.max(0, tidy(() => grad.mul(grad.sub(before)).sum().item()) / dot(before, before))
      const d = tidy(() => last.mul(beta).sub_(grad))
      const slope = dot(grad, d)
      if (slope < 0) return { d, slope }
      d.dispose()
    }
    return { d: grad.neg(), slope: -dot(grad, grad) }
  }
}
