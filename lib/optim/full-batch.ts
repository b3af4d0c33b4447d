/** What LBFGS and conjugate gradients share: all parameters as one vector, and a closure that they call many times. */
import { enableGrad, noGrad } from '../autograd/index.js'
import { zeros } from '../ops/creation.js'
import { cat } from '../ops/join.js'
import { Tensor } from '../tensor/tensor.js'
import { strongWolfe, type LinePoint, type LineSearchOptions } from './line-search.js'
import { Optimizer, type Params, type ParamState } from './optimizer.js'
import { tidy } from './tidy.js'

/** Settings of optimizers that see the whole batch at every step. */
export interface FullBatchOptions {
  /** Factor on the first trial of each search, or the length of each step without one. Default 1. */
  lr: number
  /** Iterations in one call of `step`. Default 20. */
  maxIter: number
  /** Calls of the closure in one call of `step`. Default null: maxIter · 5/4. */
  maxEval: number | null
  /** Done when no gradient is larger. Default 1e-7. */
  toleranceGrad: number
  /** Done when neither the loss nor any parameter changes by more. Default 1e-9. */
  toleranceChange: number
}

export const fullBatchDefaults: FullBatchOptions = {
  lr: 1,
  maxIter: 20,
  maxEval: null,
  toleranceGrad: 1e-7,
  toleranceChange: 1e-9,
}

/** Loss and gradient at the current parameters. */
export interface Objective {
  loss: number
  grad: Tensor
}

/** Base class of optimizers that need a closure. Their state belongs to the first parameter, as in PyTorch. */
export abstract class FullBatch<Options extends FullBatchOptions> extends Optimizer<Options> {
  constructor(params: Params<Options>, defaults: Options, options: Partial<Options>) {
    super(params, defaults, options)
    const group = this.#group()
    // Settled now, as PyTorch does, which cannot go on from a file without it.
    group.maxEval = evaluationLimit(group)
  }

  protected get vectorState(): ParamState {
    return this.stateOf(this.#group().params[0])
  }

  #group(): { params: Tensor[] } & Options {
    if (this.paramGroups.length !== 1)
      throw new Error(
        `${this.constructor.name}: all parameters share one direction, so there can be only one group, got ${this.paramGroups.length}`,
      )
    return this.paramGroups[0]
  }

  protected validate({ lr, maxIter }: Options): void {
    const name = this.constructor.name
    if (!(lr >= 0)) throw new RangeError(`${name}: lr must not be negative, got ${lr}`)
    if (!Number.isInteger(maxIter) || maxIter < 1)
      throw new RangeError(`${name}: maxIter must be a whole number from 1, got ${maxIter}`)
  }

  protected override checkState(): void {
    // The state is one vector over all parameters: it has no parameter's shape.
  }

  /** Moves the parameters to lower loss. Runs without recording a graph. */
  protected abstract minimize(first: Objective, evaluate: () => Objective, group: Options): void

  /**
   * Minimises the loss that `closure` computes anew, gradients included, each time it is called: it clears the
   * gradients, computes the loss, calls `backward()` and returns the loss. Returns the loss before the step.
   * @throws without a closure.
   */
  step(): never
  step<L>(closure: () => L): L
  step<L>(closure?: () => L): L {
    const name = this.constructor.name
    if (typeof closure !== 'function')
      throw new TypeError(
        `${name}: step needs a closure that computes the loss and its gradients: ` +
          'step(() => { optimizer.zeroGrad(); const loss = …; loss.backward(); return loss })',
      )
    const group = this.#group()
    this.stepsTaken++
    let returned: L | undefined
    const evaluate = (): Objective => {
      const result = enableGrad(closure)
      returned ??= result
      const loss: unknown = result instanceof Tensor ? result.item() : result
      if (typeof loss !== 'number') throw new TypeError(`${name}: the closure must return the loss, got ${typeof loss}`)
      return { loss, grad: this.gatherGrad() }
    }
    noGrad(() => {
      const first = evaluate()
      if (largest(first.grad) > group.toleranceGrad) this.minimize(first, evaluate, group)
    })
    return returned as L
  }

  /** A copy of all gradients in one vector; 0 where there is none. */
  protected gatherGrad(): Tensor {
    const { params } = this.#group()
    return tidy(() => {
      const parts = params.map((param) => param.grad?.reshape(-1) ?? zeros([param.numel()], { dtype: param.dtype }))
      return cat(parts)
    })
  }

  /** parameters ← parameters + t · direction. */
  protected move(direction: Tensor, t: number): void {
    let offset = 0
    for (const param of this.#group().params) {
      const from = offset
      offset += param.numel()
      tidy(() => param.add_(direction.narrow(0, from, param.numel()).view(param.shape), { alpha: t }))
    }
  }

  /**
   * Searches along a direction and goes there. Returns the point found, and how often the closure was called.
   * Trial gradients that were not chosen are freed.
   */
  protected search(
    at: Objective,
    direction: Tensor,
    slope: number,
    firstStep: number,
    evaluate: () => Objective,
    options: Omit<LineSearchOptions, 'directionSize'>,
  ): { point: LinePoint; evaluations: number } {
    const { params } = this.#group()
    const origin = params.map((param) => param.clone())
    const tried: LinePoint[] = []
    const back = (): void => params.forEach((param, i) => param.copy_(origin[i]))
    const evaluateAt = (t: number): LinePoint => {
      this.move(direction, t)
      const { loss, grad } = evaluate()
      back()
      const point = { t, loss, slope: dot(grad, direction), grad }
      tried.push(point)
      return point
    }
    const start = { t: 0, loss: at.loss, slope, grad: at.grad }
    const found = strongWolfe(evaluateAt, start, firstStep, { ...options, directionSize: largest(direction) })
    this.move(direction, found.point.t)
    for (const { grad } of tried) if (grad !== found.point.grad) grad.dispose()
    for (const copy of origin) copy.dispose()
    return found
  }
}

/** Scalar product of two vectors. */
export function dot(a: Tensor, b: Tensor): number {
  return tidy(() => a.mul(b).sum().item())
}

/** Largest magnitude in a vector. */
export function largest(x: Tensor): number {
  return x.numel() === 0 ? 0 : tidy(() => x.abs().amax().item())
}

/** Sum of magnitudes in a vector. */
export function absoluteSum(x: Tensor): number {
  return tidy(() => x.abs().sum().item())
}

/** How often the closure may be called in one step. */
export function evaluationLimit({ maxIter, maxEval }: FullBatchOptions): number {
  return maxEval ?? Math.floor((maxIter * 5) / 4)
}
