/**
 * One layer and direction of a recurrent network, over all of its steps. Two ways to compute the same:
 * natively, one call for all steps and one for their gradient, with everything that does not depend on the state in a few
 * large products; and step by step with ordinary ops, which is what a gradient of a gradient is made of, and what serves
 * the rare LSTM with a projection.
 *
 * Sequences lie in packed order: the rows of the first step of all sequences, then those of the second …; step t has
 * `sizes[t]` rows, for the first sequences of the batch, never more than the step before.
 */
import { gradients } from '../../autograd/engine.js'
import { isGradEnabled, withGrad } from '../../autograd/mode.js'
import { Node } from '../../autograd/node.js'
import { addon, type RecurrentCell } from '../../device/addon.js'
import { checkInterrupt } from '../../device/interrupt.js'
import { emptyTensor, filledTensor, type Tensor } from '../../tensor/tensor.js'
import { inputEdges } from '../define.js'
import { cat } from '../join.js'
import { linear, matmul } from '../matmul.js'
import { add, relu, sigmoid, tanh } from '../pointwise.js'
import { narrow, transpose, view } from '../shape.js'

export type { RecurrentCell }

/** Gates of each cell: its weights have that many times as many rows as the state has elements. */
export const gatesOf: Readonly<Record<RecurrentCell, number>> = { lstm: 4, gru: 3, tanh: 1, relu: 1 }

/** What a layer learns. Gates in PyTorch's order: LSTM i f g o, GRU r z n. */
export interface CellWeights {
  /** [G·H, in] */
  readonly ih: Tensor
  /** [G·H, H], or [G·H, P] with a projection */
  readonly hh: Tensor
  readonly biasIh: Tensor | null
  readonly biasHh: Tensor | null
  /** [P, H]: an LSTM's projection of its output. */
  readonly projection: Tensor | null
}

/** h, and for an LSTM c: [B, H] each. */
export type CellState = readonly Tensor[]

export interface Walk {
  readonly cell: RecurrentCell
  readonly sizes: readonly number[]
  /** From the last step to the first. */
  readonly reverse: boolean
}

export interface Steps {
  /** [N, H]: the state after every step, in the order of the input. */
  readonly output: Tensor
  /** The state of every sequence after its last step. */
  readonly state: CellState
}

/** Runs a layer over packed rows x [N, in] from a state of [B, H]. */
export function runSteps(walk: Walk, x: Tensor, state: CellState, weights: CellWeights): Steps {
  checkInterrupt()
  if (weights.projection) return stepByStep(walk, x, state, weights)
  const { ih, hh, biasIh, biasHh } = weights
  const inputs = [x, state[0], state[1] ?? null, ih, hh, biasIh, biasHh]
  const edges = isGradEnabled() ? inputEdges(inputs) : null
  const { outputs, saved } = withGrad(false, () => forward(walk, x, state, weights, edges !== null))
  if (edges) {
    const wanted = edges.map((edge) => edge !== null)
    const node = new Node(
      `${walk.cell === 'lstm' ? 'Lstm' : walk.cell === 'gru' ? 'Gru' : 'Rnn'}Backward`,
      edges,
      outputs.length,
      (grads) =>
        isGradEnabled()
          ? differentiable(walk, inputs, wanted, grads)
          : backward(walk, x, weights, wanted, saved, outputs[1], grads),
      inputs.filter((input) => input !== null),
      saved,
    )
    outputs.forEach((output, i) => {
      output.gradFn = node
      output.outputIndex = i
    })
  }
  const [output, ...last] = outputs
  return { output, state: last }
}

/** Row-major memory: what the native steps read. */
const plain = (x: Tensor): Tensor => x.contiguous()

interface Forward {
  /** Output, final h, final c. */
  outputs: Tensor[]
  /** Activated gates, then what recurrentForward saves: the first of these is h before every step. */
  saved: Tensor[]
}

function forward(walk: Walk, x: Tensor, state: CellState, weights: CellWeights, saving: boolean): Forward {
  const { cell, sizes, reverse } = walk
  const { ih, hh, biasIh, biasHh } = weights
  const rows: number = x.shape[0]
  const hidden: number = hh.shape[1]
  const gates = emptyTensor(x.dtype, [rows, ih.shape[0]], x.device)
  // Only a GRU needs the two biases apart: its candidate scales the state's part.
  const together = cell !== 'gru' && biasIh && biasHh ? add(biasIh, biasHh) : null
  const bias = together ?? biasIh
  addon().gemm(gates.handle, x.handle, transpose(ih, 0, 1).handle, bias?.handle ?? null, false, false)
  together?.dispose()
  const output = emptyTensor(x.dtype, [rows, hidden], x.device)
  const last = state.map((part) => part.clone())
  const room = saving ? { lstm: 3, gru: 2, tanh: 1, relu: 1 }[cell] : 0
  const saved = Array.from({ length: room }, () => emptyTensor(x.dtype, [rows, hidden], x.device))
  addon().recurrentForward(
    cell,
    gates.handle,
    plain(hh).handle,
    cell === 'gru' && biasHh ? plain(biasHh).handle : null,
    last.map((part) => part.handle),
    output.handle,
    saved.map((part) => part.handle),
    sizes,
    reverse,
  )
  if (!saving) gates.dispose()
  return { outputs: [output, ...last], saved: [gates, ...saved] }
}

/** The gradient of the native steps: one native call, then a product for each weight. */
function backward(
  walk: Walk,
  x: Tensor,
  weights: CellWeights,
  wanted: readonly boolean[],
  saved: readonly Tensor[],
  last: Tensor,
  [dOutput, ...dLast]: readonly (Tensor | null)[],
): (Tensor | null)[] {
  const { cell, sizes, reverse } = walk
  const dState = dLast.map((grad) => grad?.clone() ?? filledTensor(x.dtype, last.shape, 0, x.device))
  const room = (): Tensor => emptyTensor(x.dtype, saved[0].shape, x.device)
  const dGates = cell === 'gru' ? [room(), room()] : [room()]
  addon().recurrentBackward(
    cell,
    saved.map((part) => part.handle),
    plain(weights.hh).handle,
    dOutput && plain(dOutput).handle,
    dState.map((part) => part.handle),
    dGates.map((part) => part.handle),
    sizes,
    reverse,
  )
  const fromInput = dGates[0]
  const fromState = dGates[dGates.length - 1]
  const [dx, dh, dc, dIh, dHh, dBiasIh, dBiasHh] = wanted
  const biasIh = dBiasIh || (dBiasHh && cell !== 'gru') ? fromInput.sum(0) : null
  return [
    dx ? matmul(fromInput, weights.ih) : null,
    dh ? dState[0] : null,
    dc ? dState[1] : null,
    dIh ? matmul(transpose(fromInput, 0, 1), x) : null,
    dHh ? matmul(transpose(fromState, 0, 1), saved[1]) : null,
    dBiasIh ? biasIh : null,
    dBiasHh ? (cell === 'gru' ? fromState.sum(0) : biasIh) : null,
  ]
}

/** The gradient as a function that can be differentiated again: of the same steps, made of ordinary ops. */
function differentiable(
  walk: Walk,
  inputs: readonly (Tensor | null)[],
  wanted: readonly boolean[],
  grads: readonly (Tensor | null)[],
): (Tensor | null)[] {
  // Views of the inputs, so that the inner pass ends at them and not at the inputs' own graph.
  const own = inputs.map((input, i) => (input && wanted[i] ? view(input, input.shape) : input))
  const [x, h, c, ih, hh, biasIh, biasHh] = own as [Tensor, Tensor, Tensor | null, Tensor, Tensor, ...Tensor[]]
  const { output, state } = stepByStep(walk, x, c ? [h, c] : [h], { ih, hh, biasIh, biasHh, projection: null })
  const used = [output, ...state].map((result, i) => ({ result, grad: grads[i] }))
  const arrived = used.filter(({ grad }) => grad !== null)
  const found = gradients(
    arrived.map(({ result }) => result),
    own.filter((input, i) => input && wanted[i]) as Tensor[],
    arrived.map(({ grad }) => grad),
    { createGraph: true },
  )
  return wanted.map((one) => (one ? (found.shift() ?? null) : null))
}

function stepByStep({ cell, sizes, reverse }: Walk, x: Tensor, first: CellState, weights: CellWeights): Steps {
  const fromInput = linear(x, weights.ih, weights.biasIh)
  const outputs: Tensor[] = []
  let state = first
  let at = reverse ? (x.shape[0] as number) : 0
  for (let i = 0; i < sizes.length; i++) {
    const size = sizes[reverse ? sizes.length - 1 - i : i]
    if (reverse) at -= size
    const before = state.map((part) => narrow(part, 0, 0, size))
    const after = oneStep(cell, narrow(fromInput, 0, at, size), before, weights)
    outputs.push(after[0])
    const batch: number = state[0].shape[0]
    // Sequences that have ended, or not begun, keep their state.
    state = size === batch ? after : after.map((part, k) => cat([part, narrow(state[k], 0, size, batch - size)]))
    if (!reverse) at += size
  }
  return { output: cat(reverse ? outputs.reverse() : outputs), state }
}

function oneStep(cell: RecurrentCell, fromInput: Tensor, [h, c]: CellState, weights: CellWeights): CellState {
  const fromState = linear(h, weights.hh, weights.biasHh)
  if (cell === 'lstm') {
    const [i, f, g, o] = fromInput.add(fromState).chunk(4, 1)
    const next = sigmoid(f)
      .mul(c)
      .add(sigmoid(i).mul(tanh(g)))
    const result = sigmoid(o).mul(tanh(next))
    return [weights.projection ? linear(result, weights.projection) : result, next]
  }
  if (cell === 'gru') {
    const [xr, xz, xn] = fromInput.chunk(3, 1)
    const [hr, hz, hn] = fromState.chunk(3, 1)
    const candidate = tanh(xn.add(sigmoid(xr.add(hr)).mul(hn)))
    return [candidate.add(sigmoid(xz.add(hz)).mul(h.sub(candidate)))]
  }
  return [(cell === 'tanh' ? tanh : relu)(fromInput.add(fromState))]
}
