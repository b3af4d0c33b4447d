/** The part of Tensor that concerns gradients. */
import { backward, type BackwardOptions, backwardDefaults } from './engine.js'
import { hooksOf, postHooksOf, type Hook, type Node } from './node.js'
import { Tensor } from '../tensor/tensor.js'
import type { Shape } from '../tensor/shape.js'
import type { AnyShape } from '../tensor/shape-types.js'
import { readCall } from '../tensor/options.js'

declare module '../tensor/tensor.js' {
  interface Tensor<S extends Shape = AnyShape> {
    /**
     * Computes the gradient of this tensor with respect to the leaves of its graph and adds it to their `.grad`
     * (torch.Tensor.backward). A single number needs no argument; otherwise pass `gradient`, of this tensor's shape.
     * @throws if the tensor does not require gradients, or the graph was already used and freed.
     */
    backward(options?: BackwardOptions & { gradient?: Tensor<S> }): void
    backward(gradient: Tensor<S>, options?: BackwardOptions): void
    /** Keeps the gradient of a tensor that is no leaf in its `.grad` (torch.Tensor.retain_grad). Returns the tensor. */
    retainGrad(): this
    /**
     * Calls `hook` with the gradient of this tensor in each backward pass; what it returns replaces the gradient
     * (torch.Tensor.register_hook). Returns a function that removes the hook, which is also its method `remove`.
     */
    registerHook(hook: Hook): RemovableHook
    /**
     * Calls `hook` with this leaf after each time that its `.grad` was added to
     * (torch.Tensor.register_post_accumulate_grad_hook). Returns a function that removes the hook.
     */
    registerPostAccumulateGradHook(hook: (leaf: Tensor) => void): RemovableHook
    /** Whether this is no leaf and keeps its gradient, after `retainGrad()` (torch.Tensor.retains_grad). */
    readonly retainsGrad: boolean
  }
}

/** Removes a hook when called, or by its method `remove`. */
export interface RemovableHook {
  (): void
  /** The same. */
  remove(): void
}

function removable<H>(hooks: H[], hook: H): RemovableHook {
  hooks.push(hook)
  const remove = (): void => {
    const at = hooks.indexOf(hook)
    if (at >= 0) hooks.splice(at, 1)
  }
  return Object.assign(remove, { remove })
}

const defaults = { gradient: undefined, ...backwardDefaults } as const

const methods = {
  backward(this: Tensor, first?: Tensor | (BackwardOptions & { gradient?: Tensor }), last?: BackwardOptions): void {
    const { gradient, ...options } = readCall<BackwardOptions & { gradient?: Tensor }, typeof defaults>(
      'backward',
      ['gradient'],
      [first, last],
      defaults,
    )
    backward([this], [gradient ?? null], options)
  },
  retainGrad(this: Tensor): Tensor {
    if (!this.requiresGrad) throw new Error('retainGrad: this tensor does not require gradients')
    if (this.gradFn) (this.gradFn as Node).retained.set(this.outputIndex, new WeakRef(this))
    return this
  },
  registerHook(this: Tensor, hook: Hook): RemovableHook {
    if (!this.requiresGrad)
      throw new Error('registerHook: this tensor does not require gradients, so the hook would never be called')
    return removable(hooksOf(this), hook)
  },
  registerPostAccumulateGradHook(this: Tensor, hook: (leaf: Tensor) => void): RemovableHook {
    if (!this.requiresGrad || !this.isLeaf)
      throw new Error('registerPostAccumulateGradHook: needs a leaf that requires gradients; others accumulate none')
    return removable(postHooksOf(this), hook)
  },
}

for (const [name, value] of Object.entries(methods))
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true })

Object.defineProperty(Tensor.prototype, 'retainsGrad', {
  get(this: Tensor): boolean {
    const node = this.gradFn as Node | null
    return node?.retained.get(this.outputIndex)?.deref() === this
  },
  configurable: true,
})
