/** Limited-memory BFGS: a quasi-Newton method for full batches. */
import type { Tensor } from '../tensor/tensor.js'
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

/** Settings of `LBFGS`. */
export interface LBFGSOptions extends FullBatchOptions {
  /** How many past steps form the curvature. Default 100. */
  historySize: number
  /** 'strongWolfe' (also in PyTorch's spelling), or null for steps of fixed length. Default null. */
  lineSearchFn: 'strongWolfe' | 'strong_wolfe' | null
}

const defaults: LBFGSOptions = { ...fullBatchDefaults, historySize: 100, lineSearchFn: null }

/**
 * p ← p + t·d with d = −H·∇, where H, the inverse of the curvature, is built from the last changes of parameters and
 * gradients. `step` needs a closure and runs up to maxIter iterations. Nocedal & Wright 2006, algorithm 7.4;
 * torch.optim.LBFGS.
 *
 * @example
 * optimizer.step(() => {
 *   optimizer.zeroGrad()
 *   const loss = F.mseLoss(net.forward(x), y)
 *   loss.backward()
 *   return loss
 * })
 */
export class LBFGS extends FullBatch<LBFGSOptions> {
  constructor(params: Params<LBFGSOptions>, options: Partial<LBFGSOptions> = {}) {
    super(params, defaults, options)
  }

  protected override validate(options: LBFGSOptions): void {
    super.validate(options)
    const { historySize, lineSearchFn } = options
    if (!Number.isInteger(historySize) || historySize < 1)
      throw new RangeError(`LBFGS: historySize must be a whole number from 1, got ${historySize}`)
    if (lineSearchFn !== null && lineSearchFn !== 'strongWolfe' && lineSearchFn !== 'strong_wolfe')
      throw new RangeError(`LBFGS: lineSearchFn must be 'strongWolfe' or null, got '${String(lineSearchFn)}'`)
  }

  protected minimize(first: Objective, evaluate: () => Objective, group: LBFGSOptions): void {
    const { lr, maxIter, toleranceGrad, toleranceChange, lineSearchFn } = group
    const limit = evaluationLimit(group)
    const state = this.vectorState
    let at = first
    let evaluations = 1
    state.funcEvals = ((state.funcEvals as number | undefined) ?? 0) + 1
    for (let iteration = 1; iteration <= maxIter; iteration++) {
      state.nIter = ((state.nIter as number | undefined) ?? 0) + 1
      const d = this.#direction(at.grad, group)
      state.d = d
      state.prevFlatGrad = at.grad
      const before = at.loss
      let t = state.nIter === 1 ? Math.min(1, 1 / absoluteSum(at.grad)) * lr : lr
      state.t = t
      const slope = dot(at.grad, d)
      if (slope > -toleranceChange) break

      let used = 0
      if (lineSearchFn) {
        const search = { c1: 1e-4, c2: 0.9, toleranceChange, maxEvaluations: limit - evaluations }
        const found = this.search(at, d, slope, t, evaluate, search)
        at = found.point
        used = found.evaluations
        t = found.point.t
        state.t = t
      } else {
        this.move(d, t)
        // The last iteration leaves the loss at the new place to the next step.
        if (iteration < maxIter) {
          at = evaluate()
          used = 1
        }
      }
      evaluations += used
      state.funcEvals += used
      if (evaluations >= limit || largest(at.grad) <= toleranceGrad) break
      if (largest(d) * Math.abs(t) <= toleranceChange || Math.abs(at.loss - before) < toleranceChange) break
    }
  }

  /** −H·grad by the two-loop recursion, after the last step has entered the memory. */
  #direction(grad: Tensor, { historySize }: LBFGSOptions): Tensor {
    const state = this.vectorState
    const d = grad.neg()
    const [changes, steps, weights] = [
      (state.oldDirs ??= []) as Tensor[],
      (state.oldStps ??= []) as Tensor[],
      (state.ro ??= []) as number[],
    ]
    if (!(state.prevFlatGrad && state.d)) return d
    const change = grad.sub(state.prevFlatGrad as Tensor)
    const step = (state.d as Tensor).mul(state.t as number)
    const curvature = dot(change, step)
    if (curvature > 1e-10) {
      for (const list of [changes, steps, weights]) if (list.length === historySize) list.shift()
      changes.push(change)
      steps.push(step)
      weights.push(1 / curvature)
      state.hDiag = curvature / dot(change, change)
    } else {
      change.dispose()
      step.dispose()
    }
    const factors: number[] = []
    for (let i = changes.length - 1; i >= 0; i--) {
      factors[i] = dot(steps[i], d) * weights[i]
      d.add_(changes[i], { alpha: -factors[i] })
    }
    d.mul_((state.hDiag as number | undefined) ?? 1)
    changes.forEach((past, i) => d.add_(steps[i], { alpha: factors[i] - dot(past, d) * weights[i] }))
    return d
  }
}
