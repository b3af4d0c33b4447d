/** Import of ONNX: a module that computes what the file's graph says. */
import { Module } from '../../nn/module.js'
import { Stop } from '../../device/interrupt.js'
import { Parameter } from '../../nn/parameter.js'
import { isFloating } from '../../tensor/dtype.js'
import { assertTensor, type Tensor } from '../../tensor/tensor.js'
import { withBytes, type Bytes, type FileSource } from '../files.js'
import { ourName } from '../names.js'
import { Attributes } from './attributes.js'
import { tensorOf } from './constants.js'
import { decodeModel, type OnnxModel, type OnnxNode, type OnnxValue } from './model.js'
import { basicOperators, type Operator } from './operators-basic.js'
import { layerOperators } from './operators-layers.js'

/** A part of an imported model's names: `conv1` of `conv1.weight`. */
class Part extends Module {
  /** @throws always. */
  forward(): never {
    throw new Error('a part of an imported ONNX model has no forward of its own; run the model')
  }
}

/** Inputs of operators that are learned, by position. */
const learned: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [1, 2],
  MatMul: [0, 1],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  LSTM: [1, 2, 3],
  GRU: [1, 2, 3],
  RNN: [1, 2, 3],
  PRelu: [1],
  Gather: [0],
}

const operators = new Map<string, Operator>(Object.entries({ ...basicOperators, ...layerOperators }))

interface Step {
  readonly operator: Operator
  readonly node: OnnxNode
  readonly attributes: Attributes
  /** Values that nothing after this step reads. */
  readonly last: readonly string[]
}

/**
 * A module that runs an ONNX graph, made by `importOnnx`. Weights are parameters (learned further by an optimizer if one is
 * made for them), other constants buffers; names are those of the file, translated as `load` does.
 */
export class OnnxModule extends Module {
  /** Inputs of forward, in order: name, dtype and sizes (names where they may vary). */
  readonly inputs: readonly OnnxValue[]
  /** What forward returns, in order. */
  readonly outputs: readonly OnnxValue[]
  readonly #steps: readonly Step[]
  readonly #constants = new Map<string, Tensor>()

  /** @internal Use importOnnx. */
  constructor(file: Bytes, model: OnnxModel) {
    super()
    this.inputs = model.inputs
    this.outputs = model.outputs
    this.#steps = plan(file, model)
    const isLearned = new Set(
      model.nodes.flatMap(({ op, inputs }) => (Object.hasOwn(learned, op) ? learned[op].map((i) => inputs[i]) : [])),
    )
    for (const [name, constant] of model.constants) {
      const tensor = tensorOf(constant)
      const value = isLearned.has(name) && isFloating(tensor.dtype) ? new Parameter(tensor) : tensor
      this.#constants.set(name, value)
      this.#place(name, value)
    }
  }

  /** Puts a constant where its dotted name says, so that state dicts have the same names as before. */
  #place(name: string, value: Tensor): void {
    const path = ourName(name).split('.')
    const field = path.pop() as string
    const usable = [...path, field].every((part) => part !== '' && !(part in Module.prototype))
    const owner = usable
      ? path.reduce((module: Module | null, part) => module && child(module, part), this as Module)
      : null
    if (!owner || field in owner) return
    if (value instanceof Parameter) owner.registerParameter(field, value)
    else owner.registerBuffer(field, value)
  }

  /** Runs the graph. @returns a tensor, or an array when the graph has several outputs. @throws naming the node that fails. */
  forward(...inputs: Tensor[]): Tensor | Tensor[] {
    if (inputs.length !== this.inputs.length)
      throw new TypeError(
        `ONNX: the model takes ${this.inputs.length} inputs (${this.inputs.map(({ name }) => name).join(', ')}), got ${inputs.length}`,
      )
    const values = new Map(this.#constants)
    this.inputs.forEach(({ name, dtype }, i) => {
      assertTensor('ONNX', `input '${name}'`, inputs[i])
      if (inputs[i].dtype !== dtype)
        throw new TypeError(`ONNX: input '${name}' must be ${dtype}, got ${inputs[i].dtype}`)
      values.set(name, inputs[i])
    })
    for (const { operator, node, attributes, last } of this.#steps) {
      const given = node.inputs.map((name) => values.get(name) as Tensor)
      let results: Tensor | readonly Tensor[]
      try {
        results = operator(given, attributes, node.outputs.length)
      } catch (error) {
        if (error instanceof Stop) throw error
        throw new Error(`ONNX: ${node.op} '${node.outputs[0]}': ${(error as Error).message}`, { cause: error })
      }
      const all = Array.isArray(results) ? (results as readonly Tensor[]) : [results as Tensor]
      node.outputs.forEach((name, i) => {
        if (name !== '' && all[i]) values.set(name, all[i])
      })
      for (const name of last) values.delete(name)
    }
    const outputs = this.outputs.map(({ name }) => values.get(name) as Tensor)
    return outputs.length === 1 ? outputs[0] : outputs
  }

  override extraRepr(): string {
    const shown = ({ name, shape }: OnnxValue): string => `${name} [${shape.join(', ')}]`
    return `${this.inputs.map(shown).join(', ')} → ${this.outputs.map(shown).join(', ')}, ${this.#steps.length} nodes`
  }
}

function child(module: Module, name: string): Module | null {
  const found: unknown = Reflect.get(module, name)
  if (found instanceof Part) return found
  if (found !== undefined) return null
  const part = new Part()
  module.addModule(name, part)
  return part
}

/** Nodes with their operators; every value must be known before it is read. */
function plan(file: Bytes, { nodes, constants, inputs, outputs, opset }: OnnxModel): Step[] {
  const known = new Set([...constants.keys(), ...inputs.map(({ name }) => name), ''])
  const reads = new Map<string, number>()
  nodes.forEach((node, i) => {
    for (const name of node.inputs) {
      if (!known.has(name)) file.fail(`node ${i} (${node.op}) reads '${name}', which nothing before it gives`)
      reads.set(name, i)
    }
    for (const name of node.outputs) {
      if (name !== '' && known.has(name)) file.fail(`two values are named '${name}'`)
      known.add(name)
    }
  })
  for (const { name } of outputs) if (!known.has(name)) file.fail(`nothing gives the output '${name}'`)
  const unknown = [...new Set(nodes.map(({ op }) => op))].filter((op) => !operators.has(op))
  if (unknown.length > 0) file.fail(`it has operators that are not read: ${unknown.join(', ')}`)
  const wanted = new Set(outputs.map(({ name }) => name))
  return nodes.map((node, i) => ({
    node,
    operator: operators.get(node.op) as Operator,
    attributes: new Attributes(node, opset),
    last: [...new Set(node.inputs)].filter(
      (name) => reads.get(name) === i && !wanted.has(name) && !constants.has(name),
    ),
  }))
}

/**
 * Reads an ONNX file as a module: `forward` takes the graph's inputs in order. Its operators must be among those that
 * `exportOnnx` writes and their relatives; weights must stand in the file itself. Gradients flow through it, except through
 * recurrent layers.
 * @throws FileFormatError for a file that is damaged, or naming the operators that are not read.
 * @example const net = io.importOnnx('net.onnx'); const y = net.forward(x)
 */
export function importOnnx(source: FileSource): OnnxModule {
  return withBytes(
    'importOnnx',
    source,
    (file) => new OnnxModule(file, decodeModel(file.read(0, file.size), file.name)),
  )
}
