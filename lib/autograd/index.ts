/** The `autograd` namespace (torch.autograd). */
import { Tensor } from '../tensor/tensor.js'
import { gradients, type BackwardOptions } from './engine.js'
import './tensor-methods.js'

export { detectAnomaly, isAnomalyEnabled, setDetectAnomaly, type AnomalyOptions } from './anomaly.js'
export { backward, type BackwardOptions } from './engine.js'
export { Function, FunctionContext } from './function.js'
export { gradcheck, gradgradcheck, type GradcheckOptions } from './gradcheck.js'
export { enableGrad, isGradEnabled, noGrad } from './mode.js'
export type { Hook } from './node.js'

const list = (tensors: Tensor | readonly Tensor[]): readonly Tensor[] =>
  tensors instanceof Tensor ? [tensors] : tensors

/** Settings of `grad`. */
export interface GradOptions extends BackwardOptions {
  /** Gradients of the outputs; needed for outputs that are no single number. */
  gradOutputs?: readonly (Tensor | null)[]
  /** Return null for inputs that the outputs do not depend on, instead of throwing. Default false. */
  allowUnused?: boolean
}

/**
 * Gradients of the outputs with respect to the inputs, without touching any `.grad` (torch.autograd.grad).
 * With `createGraph` the result can be differentiated again.
 * @throws if an input does not require gradients, or is not part of the graph (unless `allowUnused`).
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions & { allowUnused: true },
): (Tensor | null)[]
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions,
): Tensor[]
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const wanted = list(inputs)
  wanted.forEach((input, i) => {
    if (!input.requiresGrad)
      throw new Error(
        `grad: input ${i} does not require gradients; call .requiresGrad_() on it before computing the output`,
      )
  })
  const found = gradients(list(outputs), wanted, options.gradOutputs, options)
  found.forEach((gradient, i) => {
    if (!gradient && !options.allowUnused)
      throw new Error(`grad: the output does not depend on input ${i}; pass { allowUnused: true } to get null for it`)
  })
  return found
}
