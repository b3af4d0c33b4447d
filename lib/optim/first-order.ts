/** Optimizers that turn the gradients at hand into one update: all but those that search along a line. */
import { enableGrad, noGrad } from '../autograd/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { Optimizer, type ParamState } from './optimizer.js'
import { tidy } from './tidy.js'

/** An optimizer that updates a whole group at a time. */
export abstract class FirstOrder<Options extends { lr: number }> extends Optimizer<Options> {
  /** Updates one group whose parameters with gradients are given. Runs without recording a graph. */
  protected abstract update(params: readonly Tensor[], grads: readonly Tensor[], group: Options): void

  step(): void
  step<L>(closure: () => L): L
  step<L>(closure?: () => L): L | undefined {
    const loss = closure && enableGrad(closure)
    this.stepsTaken++
    noGrad(() => {
      for (const group of this.paramGroups) {
        const params = group.params.filter((param) => param.grad !== null)
        if (params.length === 0) continue
        this.update(
          params,
          params.map((param) => param.grad as Tensor),
          group,
        )
        for (const param of params) param.version.count++
      }
    })
    return loss
  }
}

/** What the update rules of single parameters have in common. */
export interface RuleOptions {
  lr: number
  weightDecay?: number
  decoupledWeightDecay?: boolean
  maximize: boolean
}

/** An optimizer whose rule is written with tensor ops, one parameter at a time, so that temporaries stay few. */
export abstract class Rule<Options extends RuleOptions> extends FirstOrder<Options> {
  /**
   * Changes `param` in place, given the gradient to descend (weight decay included) and the number of this step from 1.
   * `grad` may be the parameter's own gradient: it must not be changed.
   */
  protected abstract apply(param: Tensor, grad: Tensor, group: Options, step: number, state: ParamState): void

  /** The gradient as `apply` gets it. */
  protected prepared(param: Tensor, grad: Tensor, group: Options): Tensor {
    return descended(param, grad, group)
  }

  protected update(params: readonly Tensor[], grads: readonly Tensor[], group: Options): void {
    params.forEach((param, i) => {
      const state = this.stateOf(param)
      const step = ((state.step as number | undefined) ?? 0) + 1
      state.step = step
      tidy(
        () => this.apply(param, this.prepared(param, grads[i], group), group, step, state),
        () => Object.values(state),
      )
    })
  }
}

/** The gradient with its sign for ascent and its weight decay; decoupled decay shrinks the parameter instead. */
function descended(param: Tensor, grad: Tensor, options: RuleOptions): Tensor {
  const { lr, weightDecay = 0, decoupledWeightDecay = false, maximize } = options
  const downhill = maximize ? grad.neg() : grad
  if (weightDecay === 0) return downhill
  if (!decoupledWeightDecay) return downhill.add(param, { alpha: weightDecay })
  param.mul_(1 - lr * weightDecay)
  return downhill
}

/** mean ← β·mean + (1 − β)·value, in place. */
export function average(mean: Tensor, value: Tensor, beta: number): Tensor {
  return mean.mul_(beta).add_(value, { alpha: 1 - beta })
}
