/** The `autograd` namespace (torch.autograd). */
import { filledTensor, Tensor } from '../tensor/tensor.js'
import { backward as runBackward, gradients, type BackwardOptions, backwardDefaults } from './engine.js'
import { readCall, readOptions } from '../tensor/options.js'
import './tensor-methods.js'

export { detectAnomaly, isAnomalyEnabled, setDetectAnomaly, type AnomalyOptions } from './anomaly.js'
export type { BackwardOptions } from './engine.js'
export { Function, FunctionContext } from './function.js'
export * as functional from './functional.js'
export { gradcheck, gradgradcheck, type GradcheckOptions } from './gradcheck.js'
export { enableGrad, inferenceMode, isGradEnabled, noGrad, setGradEnabled } from './mode.js'
export type { Hook } from './node.js'
export type { RemovableHook } from './tensor-methods.js'

const list = (tensors: Tensor | readonly Tensor[]): readonly Tensor[] =>
  tensors instanceof Tensor ? [tensors] : tensors

/** Settings of `backward`. */
export interface BackwardCall extends BackwardOptions {
  /** Gradients of the tensors; needed for those that are no single number. */
  gradTensors?: Tensor | readonly (Tensor | null)[]
}

const backwardCallDefaults = { gradTensors: undefined, ...backwardDefaults } as const

/**
 * Computes gradients of the tensors and adds them to the `.grad` of the leaves (torch.autograd.backward).
 * @example autograd.backward([loss, penalty]) @example autograd.backward(y, { gradTensors: dy, inputs: [x] })
 */
export function backward(
  tensors: Tensor | readonly Tensor[],
  gradTensors?: Tensor | readonly (Tensor | null)[] | BackwardCall,
  options?: BackwardCall,
): void {
  const { gradTensors: grads, ...rest } = readCall<BackwardCall, typeof backwardCallDefaults>(
    'backward',
    ['gradTensors'],
    [gradTensors, options],
    backwardCallDefaults,
  )
  runBackward(list(tensors), grads instanceof Tensor ? [grads] : grads, rest)
}

/** Settings of `grad`. */
export interface GradOptions extends Omit<BackwardOptions, 'inputs'> {
  /** Gradients of the outputs; needed for outputs that are no single number. */
  gradOutputs?: Tensor | readonly (Tensor | null)[]
  /** Return null for inputs that the outputs do not depend on, instead of throwing. Default false. */
  allowUnused?: boolean
  /** Return zeros for inputs that the outputs do not depend on. Default false. */
  materializeGrads?: boolean
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
  options?: GradOptions,
): (Tensor | null)[] {
  const { gradOutputs, allowUnused, materializeGrads, ...pass } = readOptions('grad', options, {
    gradOutputs: undefined,
    retainGraph: undefined,
    createGraph: false,
    allowUnused: false,
    materializeGrads: false,
  })
  const wanted = list(inputs)
  wanted.forEach((input, i) => {
    if (!input.requiresGrad)
      throw new Error(
        `grad: input ${i} does not require gradients; call .requiresGrad_() on it before computing the output`,
      )
  })
  const given = gradOutputs instanceof Tensor ? [gradOutputs] : gradOutputs
  const found = gradients(list(outputs), wanted, given, pass)
  if (materializeGrads) return found.map((gradient, i) => gradient ?? filledTensor(wanted[i].dtype, wanted[i].shape, 0))
  found.forEach((gradient, i) => {
    if (!gradient && !allowUnused)
      throw new Error(`grad: the output does not depend on input ${i}; pass { allowUnused: true } to get null for it`)
  })
  return found
}
