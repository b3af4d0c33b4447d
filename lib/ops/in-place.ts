/**
 * Changing a tensor in place while the graph stays right: the version goes up, so that formulas which saved the old values
 * notice, and the tensor continues as the result of the change.
 */
import { edgeOf, gradName, Node } from '../autograd/node.js'
import { isGradEnabled } from '../autograd/mode.js'
import { checkInterrupt } from '../device/interrupt.js'
import type { Tensor } from '../tensor/tensor.js'

/** Gradient formulas of an in-place change: for the tensor itself (`self`) and for its other inputs. */
export type InPlaceGradients = Readonly<Record<string, (dy: Tensor) => Tensor>>

/**
 * Runs `change`, which overwrites the memory of `x`, and records it.
 * Without a formula for `self` the old value does not matter to the result.
 */
export function changeInPlace<T extends Tensor>(
  name: string,
  x: T,
  others: Readonly<Record<string, Tensor>>,
  change: () => void,
  gradients: InPlaceGradients,
  saved: readonly Tensor[] = [],
): T {
  checkInterrupt()
  const recording = isGradEnabled() && (x.requiresGrad || Object.values(others).some((other) => other.requiresGrad))
  if (recording) assertChangeable(name, x)
  if (!recording) {
    change()
    x.version.count++
    return x
  }
  const inputs: Record<string, Tensor> = { self: x, ...others }
  const names = Object.keys(gradients)
  const edges = names.map((input) => edgeOf(inputs[input]))
  const node = new Node(
    gradName(name.replace(/_$/, '')),
    edges,
    1,
    ([dy]) => names.map((input, i) => (dy && edges[i] ? gradients[input](dy) : null)),
    saved,
  )
  change()
  x.version.count++
  x.gradFn = node
  x.outputIndex = 0
  return x
}

function assertChangeable(name: string, x: Tensor): void {
  if (x.isLeaf && x.requiresGrad)
    throw new Error(
      `${name}: a leaf that requires gradients cannot be changed in place while the graph is recorded; ` +
        'wrap the update in noGrad(() => …), or use the form without the underscore',
    )
  if (x.base !== null)
    throw new Error(
      `${name}: this is a view, and changing a view in place is not recorded in the graph; ` +
        'compute a new tensor instead (for instance with where or cat), or wrap the change in noGrad(() => …)',
    )
}
