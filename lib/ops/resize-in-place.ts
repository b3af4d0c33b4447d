/** In-place forms that change a tensor's sizes and not its elements: the tensor becomes what the form without underscore gives. */
import { adoptMemory, Tensor } from '../tensor/tensor.js'
import { addMethods } from './define.js'
import { assertRecordable } from './in-place.js'
import { squeeze, t, transpose, unsqueeze } from './shape.js'

/** Gives x the sizes of a view of it, and its place in the graph. */
function become(name: string, x: Tensor, view: Tensor): Tensor {
  assertRecordable(name, x)
  const { base } = x
  const { gradFn, outputIndex } = view
  adoptMemory(x, view)
  x.base = base
  x.gradFn = gradFn
  x.outputIndex = outputIndex
  return x
}

const forms = { squeeze, unsqueeze, transpose, swapaxes: transpose, swapdims: transpose, t }

for (const [name, run] of Object.entries(forms)) {
  const view = run as (self: Tensor, ...args: unknown[]) => Tensor
  addMethods(Tensor.prototype, {
    [`${name}_`](this: Tensor, ...args: unknown[]) {
      return become(`${name}_`, this, view(this, ...args))
    },
  })
}
