/** Recurrent networks of several layers and directions, and single cells: what torch.lstm, torch.gru … compute. */
import { composite } from '../define.js'
import { dropout } from '../dropout.js'
import { cat, stack } from '../join.js'
import type { Sample, SampleInput } from '../registry.js'
import { reshape, select } from '../shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { gatesOf, runSteps, type CellState, type CellWeights, type RecurrentCell } from './steps.js'

export interface LayersOptions {
  /** Probability of dropping between layers while training. Default 0. */
  dropout?: number
  training?: boolean
  /** Every second entry of the weights runs from the end. */
  bidirectional?: boolean
}

export interface Layers {
  /** [N, D·H] */
  output: Tensor
  /** [layers·D, B, H] each: h, and for an LSTM c. */
  state: CellState
}

/**
 * Runs layers over packed rows. `weights` has an entry for each layer and direction; `first` holds [layers·D, B, H]
 * tensors: h, and for an LSTM c.
 */
export function runLayers(
  cell: RecurrentCell,
  x: Tensor,
  sizes: readonly number[],
  first: CellState,
  weights: readonly CellWeights[],
  { dropout: p = 0, training = false, bidirectional = false }: LayersOptions = {},
): Layers {
  const directions = bidirectional ? 2 : 1
  const last: CellState[] = []
  let rows = x
  for (let at = 0; at < weights.length; at += directions) {
    if (at > 0 && p > 0 && training) rows = dropout(rows, { p, training })
    const outputs: Tensor[] = []
    for (let d = 0; d < directions; d++) {
      const state = first.map((part) => select(part, 0, at + d))
      const { output, state: end } = runSteps({ cell, sizes, reverse: d === 1 }, rows, state, weights[at + d])
      outputs.push(output)
      last.push(end)
    }
    rows = directions === 1 ? outputs[0] : cat(outputs, 1)
  }
  const state = first.map((_, k) => stack(last.map((end) => end[k])))
  return { output: rows, state }
}

/** One step of a single cell: x [B, in]. */
export function runCell(cell: RecurrentCell, x: Tensor, state: CellState, weights: CellWeights): CellState {
  return runSteps({ cell, sizes: [x.shape[0] as number], reverse: false }, x, state, weights).state
}

// ---- as PyTorch's functions, for the registry ---------------------------------------------------------------------------

interface SampleOptions {
  numLayers?: number
  bidirectional?: boolean
}

/** Everything that comes out, as one vector: the registry's tests compare one tensor. */
const flat = (tensors: readonly Tensor[]): Tensor => cat(tensors.map((t) => reshape(t, [-1])))

function weightsOf(list: readonly Tensor[], biased: boolean): CellWeights[] {
  const each = biased ? 4 : 2
  return Array.from({ length: list.length / each }, (_, i) => {
    const [ih, hh, biasIh = null, biasHh = null] = list.slice(i * each, (i + 1) * each)
    return { ih, hh, biasIh, biasHh, projection: null }
  })
}

function declareLayers(name: string, torch: string, cell: RecurrentCell): void {
  const states = cell === 'lstm' ? 2 : 1
  const rows = (hidden: number): number => gatesOf[cell] * hidden
  const uniform = (...shape: number[]): SampleInput => ({ shape, low: -0.8, high: 0.8 })
  const weights = (input: number, hidden: number, biased = true): SampleInput[] => [
    uniform(rows(hidden), input),
    uniform(rows(hidden), hidden),
    ...(biased ? [uniform(rows(hidden)), uniform(rows(hidden))] : []),
  ]
  const initial = (layers: number, batch: number, hidden: number): SampleInput[] =>
    Array.from({ length: states }, () => uniform(layers, batch, hidden))
  const samples: Sample[] = [
    { inputs: [uniform(4, 2, 3), ...initial(1, 2, 5), ...weights(3, 5)] },
    { inputs: [uniform(3, 2, 2), ...initial(1, 2, 3), ...weights(2, 3, false)] },
    { inputs: [uniform(1, 1, 2), ...initial(2, 1, 2), ...weights(2, 2), ...weights(2, 2)], options: { numLayers: 2 } },
    {
      inputs: [uniform(3, 1, 2), ...initial(2, 1, 2), ...weights(2, 2), ...weights(2, 2)],
      options: { bidirectional: true },
    },
  ]
  const call = (...args: unknown[]): Tensor => {
    const options = (
      args.length > 0 && typeof (args.at(-1) as Tensor).shape === 'undefined' ? args.pop() : {}
    ) as SampleOptions
    const [x, ...rest] = args as Tensor[]
    const list = rest.slice(states)
    const { output, state } = runLayers(
      cell,
      reshape(x, [x.shape[0] * x.shape[1], x.shape[2]]),
      new Array<number>(x.shape[0]).fill(x.shape[1]),
      rest.slice(0, states),
      weightsOf(
        list,
        list.some((w) => w.ndim === 1),
      ),
      options,
    )
    return flat([output, ...state])
  }
  const first = cell === 'lstm' ? '(s[0], s[1])' : 's[0]'
  composite(
    name,
    {
      torch:
        `lambda x, *s, num_layers=1, bidirectional=False: (lambda w: torch.cat([t.flatten() for t in ` +
        `${torch}(x, ${first}, w, any(p.dim() == 1 for p in w), num_layers, 0.0, False, bidirectional, False)]))(s[${states}:])`,
      samples,
      call: call as (...args: never[]) => unknown,
    },
    runLayers,
  )
}

declareLayers('lstm', 'torch.lstm', 'lstm')
declareLayers('gru', 'torch.gru', 'gru')
declareLayers('rnnTanh', 'torch.rnn_tanh', 'tanh')
declareLayers('rnnRelu', 'torch.rnn_relu', 'relu')
