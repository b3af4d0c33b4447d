/** ONNX operators that compute whole sequences: LSTM, GRU and RNN, one layer each. Gradients reach their weights. */
import * as ops from '../../ops/index.js'
import { runLayers, type CellWeights } from '../../ops/recurrent/index.js'
import type { RecurrentCell } from '../../device/addon.js'
import type { Tensor } from '../../tensor/tensor.js'
import { FileFormatError } from '../files.js'
import type { Attributes } from './attributes.js'
import type { Operator } from './operators-basic.js'

interface Kind {
  cell: (attributes: Attributes) => RecurrentCell
  /** Where each of PyTorch's gates stands in ONNX's order. */
  gates: readonly number[]
  /** The functions that its gates have when none are named. */
  activations: readonly string[]
}

const kinds: Readonly<Record<string, Kind>> = {
  LSTM: { cell: () => 'lstm', gates: [0, 2, 3, 1], activations: ['Sigmoid', 'Tanh', 'Tanh'] },
  GRU: { cell: () => 'gru', gates: [1, 0, 2], activations: ['Sigmoid', 'Tanh'] },
  RNN: {
    cell: (attributes) => (attributes.strings('activations')[0] === 'Relu' ? 'relu' : 'tanh'),
    gates: [0],
    activations: ['Tanh'],
  },
}

/** Blocks of rows in another order: the inverse of what export does. */
const blocks = (weight: Tensor, order: readonly number[]): Tensor => {
  const rows = weight.shape[0] / order.length
  return ops.cat(order.map((gate) => weight.narrow(0, gate * rows, rows)))
}

function refuseOthers(op: string, attributes: Attributes, directions: number): void {
  const refuse = (what: string): never => {
    throw new FileFormatError(`ONNX: ${op} with ${what} is not read`)
  }
  if (attributes.int('layout', 0) !== 0) refuse('layout 1')
  if (op === 'GRU' && attributes.int('linear_before_reset', 0) === 0) refuse('linear_before_reset 0')
  if (op === 'LSTM' && attributes.int('input_forget', 0) !== 0) refuse('input_forget 1')
  if (attributes.has('clip')) refuse('clip')
  const named = attributes.strings('activations')
  const usual = Array.from({ length: directions }, () => kinds[op].activations).flat()
  const relu = op === 'RNN' && named.length === directions && named.every((name) => name === 'Relu')
  if (named.length > 0 && !relu && named.join() !== usual.join()) refuse(`activations ${named.join(', ')}`)
}

const recurrent =
  (op: string): Operator =>
  ([x, w, r, b, lengths, h0, c0, peepholes], attributes) => {
    const { cell, gates } = kinds[op]
    const direction = attributes.text('direction', 'forward')
    const directions = direction === 'bidirectional' ? 2 : 1
    refuseOthers(op, attributes, directions)
    if (direction === 'reverse' || lengths || peepholes)
      throw new FileFormatError(
        `ONNX: ${op} with ${lengths ? 'sequence_lens' : peepholes ? 'peepholes' : 'direction reverse'} is not read`,
      )
    const [steps, batch, features] = x.shape as number[]
    const hidden: number = r.shape[2]
    const weights = Array.from({ length: directions }, (_, d): CellWeights => {
      const [biasIh, biasHh] = b ? b.select(0, d).chunk(2) : [null, null]
      return {
        ih: blocks(w.select(0, d), gates),
        hh: blocks(r.select(0, d), gates),
        biasIh: biasIh && blocks(biasIh, gates),
        biasHh: biasHh && blocks(biasHh, gates),
        projection: null,
      }
    })
    const zeros = (): Tensor => ops.zeros([directions, batch, hidden], { dtype: x.dtype })
    const first = op === 'LSTM' ? [h0 ?? zeros(), c0 ?? zeros()] : [h0 ?? zeros()]
    const sizes = new Array<number>(steps).fill(batch)
    const rows = x.reshape([steps * batch, features])
    const { output, state } = runLayers(cell(attributes), rows, sizes, first, weights, {
      bidirectional: directions === 2,
    })
    return [output.reshape([steps, batch, directions, hidden]).transpose(1, 2), ...state]
  }

export const recurrentOperators: Readonly<Record<string, Operator>> = {
  GRU: recurrent('GRU'),
  LSTM: recurrent('LSTM'),
  RNN: recurrent('RNN'),
}
