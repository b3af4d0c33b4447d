/** Copies of networks, tensors and what holds them, with memory of their own: what Python's copy.deepcopy does. */
import { noGrad } from '../autograd/index.js'
import { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'

/**
 * A copy that shares no memory with the original (Python's copy.deepcopy): of a module with all its parameters, buffers,
 * gradients and hooks, of a tensor, or of arrays, maps, sets, plain objects and typed arrays that hold such. What occurs
 * several times, such as a parameter that two layers share, occurs as often in the copy, as one. No random numbers are used
 * up. Functions and objects of other classes are not copied: the copy refers to the same ones. Fields that a class of yours
 * declares with `#` cannot be reached from here; declare them `private` where modules are to be copied.
 * @throws Error for a tensor that was computed with gradients: only leaves can be copied, detach() or clone() others.
 * @example const teacher = deepcopy(net).eval().requiresGrad_(false)
 */
export function deepcopy<T>(value: T): T {
  return noGrad(() => copied(value, new Map()) as T)
}

/** `done` has the copies made so far by their originals. */
function copied(value: unknown, done: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (done.has(value)) return done.get(value)
  const remember = <C>(copy: C): C => {
    done.set(value, copy)
    return copy
  }
  const inner = (part: unknown): unknown => copied(part, done)
  if (value instanceof Tensor) return remember(copiedTensor(value))
  if (value instanceof Module) {
    // Only Module's own constructor runs: those of the classes below would draw new weights, and their arguments are not known.
    const copy = remember(Reflect.construct(Module, [], value.constructor) as Module)
    value.copyInto(copy, inner)
    return copy
  }
  if (Array.isArray(value)) {
    const copy = remember<unknown[]>([])
    for (const part of value) copy.push(inner(part))
    return copy
  }
  if (value instanceof Map) {
    const copy = remember(new Map<unknown, unknown>())
    for (const [key, part] of value) copy.set(inner(key), inner(part))
    return copy
  }
  if (value instanceof Set) {
    const copy = remember(new Set<unknown>())
    for (const part of value) copy.add(inner(part))
    return copy
  }
  if (ArrayBuffer.isView(value)) return remember(structuredClone(value))
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  const copy = remember<Record<string, unknown>>({})
  for (const [key, part] of Object.entries(value)) copy[key] = inner(part)
  return copy
}

function copiedTensor(tensor: Tensor): Tensor {
  if (!tensor.isLeaf)
    throw new Error(
      `deepcopy: this tensor of shape [${tensor.shape.join(', ')}] was computed by ${tensor.gradFn?.name}; only leaves can be copied, take .detach() or .clone()`,
    )
  const values = tensor.detach().clone()
  const copy = tensor instanceof Parameter ? new Parameter(values, tensor.requiresGrad) : values
  if (tensor.requiresGrad) copy.requiresGrad_()
  if (tensor.grad) copy.grad = tensor.grad.detach().clone()
  return copy
}
