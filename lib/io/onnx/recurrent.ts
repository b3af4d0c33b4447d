/**
 * Recurrent layers as ONNX's own operators, which compute whole sequences. Gates stand in another order there, the biases of
 * input and state side by side, and each layer is a node.
 */
import { cat, stack } from '../../ops/index.js'
import { GRU, LSTM, RNN } from '../../nn/recurrent.js'
import { Tensor } from '../../tensor/tensor.js'
import type { Graph } from './graph.js'
import type { Attribute } from './model.js'
import { unsupported, type Recorder } from './recorder.js'

export type RecurrentModule = LSTM | GRU | RNN

export const isRecurrent = (module: unknown): module is RecurrentModule =>
  module instanceof LSTM || module instanceof GRU || module instanceof RNN

interface Kind {
  op: 'LSTM' | 'GRU' | 'RNN'
  /** Where each of ONNX's gates stands in PyTorch's order. */
  gates: readonly number[]
  attributes: (module: RecurrentModule, directions: number) => Record<string, Attribute>
}

/** PyTorch: i f g o, ONNX: i o f c. */
const lstm: Kind = { op: 'LSTM', gates: [0, 3, 1, 2], attributes: () => ({}) }
/** PyTorch: r z n, ONNX: z r h; the reset gate acts after the state's linear map in PyTorch. */
const gru: Kind = { op: 'GRU', gates: [1, 0, 2], attributes: () => ({ linear_before_reset: 1 }) }
const rnn: Kind = { op: 'RNN', gates: [0], attributes: () => ({}) }

const kindOf = (module: RecurrentModule): Kind => (module instanceof LSTM ? lstm : module instanceof GRU ? gru : rnn)

/** Blocks of rows in another order. */
function reordered(weight: Tensor, gates: readonly number[]): Tensor {
  const rows = weight.shape[0] / gates.length
  return cat(gates.map((gate) => weight.narrow(0, gate * rows, rows)))
}

/** Weights of one layer, each with a leading dimension for the directions. */
function layerWeights(
  module: RecurrentModule,
  layer: number,
  { gates }: Kind,
): { w: Tensor; r: Tensor; b: Tensor | null } {
  const suffixes = module.bidirectional ? [`L${layer}`, `L${layer}Reverse`] : [`L${layer}`]
  const all = (name: string): Tensor[] =>
    suffixes.map((suffix) => reordered((Reflect.get(module, name + suffix) as Tensor).detach(), gates))
  const b = module.bias ? cat([stack(all('biasIh')), stack(all('biasHh'))], 1) : null
  return { w: stack(all('weightIh')), r: stack(all('weightHh')), b }
}

/** Appends the nodes of a call and tells the recorder what its results are. The recorder is paused meanwhile. */
export function recordRecurrent(
  recorder: Recorder,
  module: RecurrentModule,
  args: readonly unknown[],
  result: unknown,
): void {
  const name = module.constructor.name
  const [x, given] = args
  if (!(x instanceof Tensor)) return unsupported(`${name} of packed sequences has no counterpart in ONNX`)
  if (x.ndim !== 3) unsupported(`${name} is written for batches, [T, B, features] or [B, T, features]`)
  if (module.projSize > 0) unsupported('LSTM with projSize has no counterpart in ONNX')
  const { graph } = recorder
  const kind = kindOf(module)
  const directions = module.bidirectional ? 2 : 1
  const [output, last] = result as [Tensor, Tensor | [Tensor, Tensor]]
  const states = given instanceof Tensor ? [given] : ((given as Tensor[] | null | undefined) ?? [])
  const initial = states.map((state) => recorder.read(state.handle))
  const turn = (value: string): string => graph.node('Transpose', [value], { perm: [1, 0, 2] })

  let value = recorder.read(x.handle)
  if (module.batchFirst) value = turn(value)
  const finals: string[][] = []
  for (let layer = 0; layer < module.numLayers; layer++) {
    const { w, r, b } = layerWeights(module, layer, kind)
    const constants = [w, r, b].map((tensor, i) => (tensor ? graph.tensor(`${name}.${'WRB'[i]}${layer}`, tensor) : ''))
    const first = initial.map((state) => part(graph, state, layer * directions, directions))
    const activations = module instanceof RNN && module.nonlinearity === 'relu' ? ['Relu'] : []
    const attributes = {
      ...kind.attributes(module, directions),
      hidden_size: module.hiddenSize,
      direction: module.bidirectional ? 'bidirectional' : 'forward',
      ...(activations.length ? { activations: { strings: Array.from({ length: directions }, () => 'Relu') } } : {}),
    }
    const inputs = [value, ...constants, '', ...first]
    const [y, ...ends] = graph.several(kind.op, trimmed(inputs), attributes, kind === lstm ? 3 : 2)
    finals.push(ends)
    // [T, directions, B, H] to [T, B, directions · H]; 0 keeps a size.
    value = graph.node('Reshape', [graph.node('Transpose', [y], { perm: [0, 2, 1, 3] }), graph.ints([0, 0, -1])])
  }
  // With batchFirst the output is a turned view of memory in which time comes first.
  const [steps, batch] = module.batchFirst ? [output.shape[1], output.shape[0]] : output.shape
  recorder.define(output, value, [steps, batch, output.shape[2]])
  const lasts = Array.isArray(last) ? last : [last]
  lasts.forEach((state, i) => {
    const parts = finals.map((ends) => ends[i])
    recorder.define(state, parts.length === 1 ? parts[0] : graph.node('Concat', parts, { axis: 0 }))
  })
}

function part(graph: Graph, state: string, start: number, count: number): string {
  return graph.node('Slice', [
    state,
    graph.ints([start], 'starts'),
    graph.ints([start + count], 'ends'),
    graph.ints([0], 'axes'),
  ])
}

/** Without the names that are left out at the end. */
function trimmed(inputs: readonly string[]): string[] {
  const last = inputs.findLastIndex((name) => name !== '')
  return inputs.slice(0, last + 1)
}
