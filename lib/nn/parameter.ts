/** A tensor that a module learns. */
import { addon } from '../device/addon.js'
import type { Shape } from '../tensor/shape.js'
import type { AnyShape } from '../tensor/shape-types.js'
import { Tensor } from '../tensor/tensor.js'

/**
 * A leaf tensor that requires gradients; modules find their parameters by this class (torch.nn.Parameter).
 * Shares the tensor's memory without copying it.
 */
export class Parameter<S extends Shape = AnyShape> extends Tensor<S> {
  constructor(data: Tensor<S>, requiresGrad = true) {
    super(addon().retain(data.handle), data.dtype, data.shape, data.strides, data.offset, data.version)
    this.base = data.base
    this.requiresGrad_(requiresGrad)
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`
  }
}
