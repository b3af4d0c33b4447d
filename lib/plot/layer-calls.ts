/** One run of a model with every module watched: which is called, with what shapes. */
import { restoring } from '../device/interrupt.js'
import { evaluating } from '../nn/evaluating.js'
import type { Module } from '../nn/module.js'
import { zeros } from '../ops/creation.js'
import { type DType, dtypeInfo } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'

/** The input of a model: its sizes (batch included), sizes of several inputs, or tensors. */
export type ModelInput = readonly number[] | readonly (readonly number[])[] | Tensor | readonly Tensor[]

/** One call of one module. */
export interface LayerCall {
  readonly module: Module
  /** Dotted name; '' for the model itself. */
  readonly path: string
  /** 0 for the model itself. */
  readonly depth: number
  /** Shapes of the tensors given and returned; empty when the module was not called. */
  readonly inputs: readonly (readonly number[])[]
  readonly outputs: readonly (readonly number[])[]
  /** Bytes of the results. */
  readonly outputBytes: number
  /** Without modules below. */
  readonly leaf: boolean
  /** The module had been called before. */
  readonly again: boolean
  /** The model's run did not reach it. */
  readonly unused: boolean
}

/** The calls of a run in their order, each before those inside it; modules that were not called follow. */
export function layerCalls(who: string, model: Module, input: ModelInput, dtype: DType = 'float32'): LayerCall[] {
  const given = inputsOf(who, input, dtype)
  const calls: { -readonly [K in keyof LayerCall]: LayerCall[K] }[] = []
  const open: (typeof calls)[number][] = []
  const seen = new Set<Module>()
  const named = model.namedModules()
  const handles = named.flatMap(([path, module]) => [
    module.registerForwardPreHook((_, inputs) => {
      const call = {
        module,
        path,
        depth: open.length,
        inputs: shapesOf(inputs),
        outputs: [],
        outputBytes: 0,
        leaf: module.children().length === 0,
        again: seen.has(module),
        unused: false,
      }
      seen.add(module)
      calls.push(call)
      open.push(call)
    }),
    module.registerForwardHook((_, _inputs, output) => {
      const call = open.pop()
      if (!call) return
      call.outputs = shapesOf([output])
      call.outputBytes = tensorsOf(output).reduce((sum, tensor) => sum + bytesOf(tensor), 0)
    }),
  ])
  const unhook = (): void => handles.forEach((handle) => handle.remove())
  try {
    restoring(unhook, () => evaluating(model, () => (model.forward as (...inputs: Tensor[]) => unknown)(...given)))
  } catch (error) {
    const at = open.at(-1)
    if (error instanceof Error && at && at.path !== '')
      error.message = `${error.message} (in ${at.path}: ${at.module.constructor.name}, given ${at.inputs.map(show).join(', ')})`
    throw error
  }
  for (const [path, module] of named) {
    if (seen.has(module)) continue
    const depth = path.split('.').length
    const leaf = module.children().length === 0
    calls.push({ module, path, depth, inputs: [], outputs: [], outputBytes: 0, leaf, again: false, unused: true })
  }
  return calls
}

function inputsOf(who: string, input: ModelInput, dtype: DType): Tensor[] {
  if (input instanceof Tensor) return [input]
  if (input.length > 0 && input.every((part) => part instanceof Tensor)) return [...input]
  const shapes = input.every((part) => typeof part === 'number') ? [input] : (input as readonly (readonly number[])[])
  return shapes.map((shape) => {
    if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 0))
      throw new RangeError(
        `${who}: the input is ${JSON.stringify(input)}; sizes with the batch in front, such as [1, 1, 28, 28], or a tensor are expected`,
      )
    return zeros(shape, { dtype })
  })
}

function tensorsOf(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value]
  return Array.isArray(value) ? value.flatMap(tensorsOf) : []
}

function shapesOf(values: readonly unknown[]): (readonly number[])[] {
  return values.flatMap(tensorsOf).map(({ shape }) => [...(shape as readonly number[])])
}

/** Memory of a tensor's elements. */
export function bytesOf(tensor: Tensor): number {
  return tensor.numel() * dtypeInfo[tensor.dtype].bytes
}
