/** The part of Tensor that concerns gradients. */
import { backward, type BackwardOptions } from './engine.js'
import { hooksOf, type Hook, type Node } from './node.js'
import { Tensor } from '../tensor/tensor.js'
import type { Shape } from '../tensor/shape.js'
import type { AnyShape } from '../tensor/shape-types.js'

declare module '../tensor/tensor.js' {
  interface Tensor<S extends Shape = AnyShape> {
    /**
     * Computes the gradient of this tensor with respect to the leaves of its graph and adds it to their `.grad`
     * (torch.Tensor.backward). A single number needs no argument; otherwise pass `gradient`, of this tensor's shape.
     * @throws if the tensor does not require gradients, or the graph was already used and freed.
     */
    backward(options?: BackwardOptions & { gradient?: Tensor<S> }): void
    /** Keeps the gradient of a tensor that is no leaf in its `.grad` (torch.Tensor.retain_grad). Returns the tensor. */
    retainGrad(): this
    /**
     * Calls `hook` with the gradient of this tensor in each backward pass; what it returns replaces the gradient
     * (torch.Tensor.register_hook). Returns a function that removes the hook.
     */
    registerHook(hook: Hook): () => void
  }
}

const methods = {
  backward(this: Tensor, { gradient, ...options }: BackwardOptions & { gradient?: Tensor } = {}): void {
    backward([this], [gradient ?? null], options)
  },
  retainGrad(this: Tensor): Tensor {
    if (!this.requiresGrad) throw new Error('retainGrad: this tensor does not require gradients')
    if (this.gradFn) (this.gradFn as Node).retained.set(this.outputIndex, new WeakRef(this))
    return this
  },
  registerHook(this: Tensor, hook: Hook): () => void {
    if (!this.requiresGrad)
      throw new Error('registerHook: this tensor does not require gradients, so the hook would never be called')
    const hooks = hooksOf(this)
    hooks.push(hook)
    return () => {
      const at = hooks.indexOf(hook)
      if (at >= 0) hooks.splice(at, 1)
    }
  },
}

for (const [name, value] of Object.entries(methods))
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true })
