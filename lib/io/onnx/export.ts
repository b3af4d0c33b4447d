/** Export to ONNX: a module runs once while its computation is recorded, and again with other sizes where these may vary. */
import { watchAddon } from '../../device/addon.js'
import { evaluating } from '../../nn/evaluating.js'
import { Module } from '../../nn/module.js'
import { cat } from '../../ops/index.js'
import { narrow } from '../../ops/shape.js'
import type { Shape } from '../../tensor/shape.js'
import { assertTensor, Tensor } from '../../tensor/tensor.js'
import { writeAtomically } from '../files.js'
import { torchName } from '../names.js'
import { encodeModel, type OnnxModel, type OnnxValue } from './model.js'
import { Recorder, unsupported } from './recorder.js'
import { isRecurrent, recordRecurrent } from './recurrent.js'
import { translators } from './translators.js'
import { unify } from './unify.js'

/** How `exportOnnx` writes. */
export interface OnnxExportOptions {
  /** Names of the inputs, in order. Default 'input' (several: 'input', 'input_1', …). */
  inputNames?: readonly string[]
  /** Names of the outputs, in order. Default 'output' (several: 'output', 'output_1', …). */
  outputNames?: readonly string[]
  /** Sizes that may vary: a name for each, by input and dimension, such as `{ input: { 0: 'batch' } }`. Default none. */
  dynamicAxes?: Readonly<Record<string, Readonly<Record<number, string>>>>
}

/** The version of the operators that are written: runtimes know it since 2022. */
const opset = 18

const namesOf = (given: readonly string[] | undefined, base: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => given?.[i] ?? (i === 0 ? base : `${base}_${i}`))

/**
 * Writes a module as an ONNX file, for onnxruntime and other runtimes. The module runs on the inputs given, in evaluation
 * mode, and what it computes is written down: any code may stand in `forward`, but a branch is written as it went this time.
 * Parameters keep PyTorch's names. Sizes are those of the inputs, except where `dynamicAxes` names them. torch.onnx.export.
 *
 * Written are: linear, convolution (transposed, too), pooling, normalisation, embedding, attention, recurrent layers,
 * activations, softmax, elementwise functions, products, reductions, comparisons, indexing by tensors, and everything that
 * only moves elements (reshape, transpose, narrow, cat, pad, …).
 *
 * @param inputs a tensor, or as many as `forward` takes
 * @throws OnnxExportError naming what has no counterpart.
 * @example io.exportOnnx(net, zeros(1, 1, 28, 28), 'net.onnx', { dynamicAxes: { input: { 0: 'batch' }, output: { 0: 'batch' } } })
 */
export function exportOnnx(
  module: Module,
  inputs: Tensor | readonly Tensor[],
  path: string,
  options: OnnxExportOptions = {},
): void {
  if (!(module instanceof Module)) throw new TypeError('exportOnnx: the first argument must be a module')
  const given = inputs instanceof Tensor ? [inputs] : inputs
  if (!Array.isArray(given)) throw new TypeError('exportOnnx: inputs must be a tensor or an array of tensors')
  given.forEach((input, i) => assertTensor('exportOnnx', `input ${i}`, input))
  const names = namesOf(options.inputNames, 'input', given.length)
  if (new Set(names).size !== names.length)
    throw new RangeError(`exportOnnx: two inputs are named '${names.find((n, i) => names.indexOf(n) !== i)}'`)
  const axes = options.dynamicAxes ?? {}
  const model = evaluating(module, () => {
    const open = names.map((name) => Object.keys(axes[name] ?? {}).map(Number))
    if (open.every((dims) => dims.length === 0)) return trace(module, given as Tensor[], names, options)
    // Sizes of 1 behave unlike others, so neither run has those that are given.
    const larger = (inputs: readonly Tensor[]): Tensor[] => inputs.map((input, i) => grown(input, names[i], open[i]))
    const once = larger(given as Tensor[])
    return unify(trace(module, once, names, options), trace(module, larger(once), names, options), axes)
  })
  const used = new Set(model.nodes.flatMap((node) => node.inputs))
  const constants = new Map([...model.constants].filter(([name]) => used.has(name)))
  const bytes = encodeModel({ ...model, constants })
  writeAtomically('exportOnnx', path, (sink) => sink(bytes))
}

/** The input with one more element along each of these dimensions. */
function grown(input: Tensor, name: string, dims: readonly number[]): Tensor {
  return dims.reduce((x, dim) => {
    if (!(dim < input.ndim) || input.shape[dim] < 1)
      throw new RangeError(
        `exportOnnx: dynamicAxes.${name} names dimension ${dim}, the input has shape [${input.shape.join(', ')}]`,
      )
    return cat([x, narrow(x, dim, 0, 1)], dim)
  }, input)
}

function trace(
  module: Module,
  given: readonly Tensor[],
  names: readonly string[],
  { outputNames }: OnnxExportOptions,
): OnnxModel {
  // Copies: row-major, and the caller's own are not touched by what a forward changes in place.
  const inputs = given.map((input) => input.detach().clone())
  const recorder = new Recorder(translators)
  const { graph } = recorder
  inputs.forEach((input, i) => recorder.introduce(input, () => names[i]))
  names.forEach((name) => graph.name(name))
  for (const [name, tensor] of tensorsOf(module))
    recorder.introduce(tensor, () => graph.tensor(torchName(name), tensor))
  const hooks = module
    .modules()
    .filter(isRecurrent)
    .flatMap((layer) => [
      layer.registerForwardPreHook(() => recorder.pause()),
      layer.registerForwardHook((_, args, result) => {
        recordRecurrent(recorder, layer, args, result)
        recorder.resume()
      }),
    ])
  let result: unknown
  try {
    const { forward } = module as unknown as { forward(...inputs: readonly Tensor[]): unknown }
    result = watchAddon(
      (engine) => recorder.watch(engine),
      () => forward.apply(module, [...inputs]),
    )
  } finally {
    for (const hook of hooks) hook.remove()
  }
  const results = tensorsIn(result)
  if (results.length === 0) unsupported('forward returns no tensor')
  const outputs = results.map((output, i): OnnxValue => {
    const name = namesOf(outputNames, 'output', results.length)[i]
    // A node of its own gives the value its name, whatever it is called inside.
    graph.nodes.push({ op: 'Identity', inputs: [recorder.read(output.handle)], outputs: [name], attributes: {} })
    return { name, dtype: output.dtype, shape: [...(output.shape as Shape)] }
  })
  return {
    opset,
    inputs: inputs.map((input, i) => ({ name: names[i], dtype: input.dtype, shape: [...(input.shape as Shape)] })),
    outputs,
    nodes: graph.nodes,
    constants: graph.constants,
  }
}

/** Parameters, buffers, and tensors among the fields of modules, with names. */
function tensorsOf(module: Module): [string, Tensor][] {
  const fields = module.namedModules().flatMap(([path, each]) =>
    Object.entries(each).flatMap(([field, value]): [string, Tensor][] => {
      const name = path ? `${path}.${field}` : field
      if (value instanceof Tensor) return [[name, value]]
      return Array.isArray(value)
        ? value.flatMap((item, i): [string, Tensor][] => (item instanceof Tensor ? [[`${name}.${i}`, item]] : []))
        : []
    }),
  )
  return [...module.namedParameters(), ...module.namedBuffers(), ...fields]
}

/** All tensors in what forward returns: one, an array (of arrays), or an object of them. */
function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value]
  if (Array.isArray(value)) return value.flatMap(tensorsIn)
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(tensorsIn) : []
}
