/** One step of a recurrent cell, in the operators that its formula names. */
import type { Handle, RecurrentCell } from '../../device/addon.js'
import { unsupported, type Recorder } from './recorder.js'

/** The engine's recurrentForward for a single step; whole layers are written by recurrent.ts. */
export function recurrentStep(
  r: Recorder,
  cell: RecurrentCell,
  gates: Handle,
  weight: Handle,
  bias: Handle | null,
  state: readonly Handle[],
  output: Handle,
  _saved: readonly Handle[],
  sizes: readonly number[],
): void {
  if (sizes.length !== 1)
    unsupported('a loop of recurrent steps outside of RNN, LSTM and GRU has no counterpart in ONNX')
  const { graph } = r
  const node = (op: string, ...inputs: string[]): string => graph.node(op, inputs)
  const width = r.shape(state[0])[1]
  const gate = (value: string, i: number): string =>
    node(
      'Slice',
      value,
      graph.ints([i * width], 'starts'),
      graph.ints([(i + 1) * width], 'ends'),
      graph.ints([1], 'axes'),
    )
  const h = r.read(state[0])
  const fromInput = r.read(gates)
  const fromState = graph.node('Gemm', [h, r.read(weight), ...(bias ? [r.read(bias)] : [])], { transB: 1 })
  let next: string
  if (cell === 'gru') {
    const [reset, update] = [0, 1].map((i) => node('Sigmoid', node('Add', gate(fromInput, i), gate(fromState, i))))
    const fresh = node('Tanh', node('Add', gate(fromInput, 2), node('Mul', reset, gate(fromState, 2))))
    next = node('Add', fresh, node('Mul', update, node('Sub', h, fresh)))
  } else if (cell === 'lstm') {
    const all = node('Add', fromInput, fromState)
    const [enter, forget, , leave] = [0, 1, 2, 3].map((i) => (i === 2 ? '' : node('Sigmoid', gate(all, i))))
    const kept = node('Mul', forget, r.read(state[1]))
    const c = node('Add', kept, node('Mul', enter, node('Tanh', gate(all, 2))))
    next = node('Mul', leave, node('Tanh', c))
    r.write(state[1], c)
  } else {
    next = node(cell === 'tanh' ? 'Tanh' : 'Relu', node('Add', fromInput, fromState))
  }
  r.write(state[0], next)
  r.write(output, next)
}
