/** Recurrent layers over whole sequences: RNN, LSTM, GRU. */
import { zeros } from '../ops/creation.js'
import { indexSelect } from '../ops/index-ops.js'
import { gatesOf, runLayers, type CellState, type CellWeights, type RecurrentCell } from '../ops/recurrent/index.js'
import { reshape, squeeze, transpose, unsqueeze } from '../ops/shape.js'
import { assertProbability } from '../ops/dropout.js'
import { ShapeError, show } from '../tensor/shape.js'
import { assertTensor, type Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import type { Parameter } from './parameter.js'
import { PackedSequence } from './utils/rnn.js'
import { assertIntegers, readOptions } from '../tensor/options.js'

/** What every recurrent layer can be built with. */
export interface RecurrentOptions {
  /** Layers on top of one another. Default 1. */
  numLayers?: number
  /** Whether to add learned biases. Default true. */
  bias?: boolean
  /** Whether sequences are [B, T, …] instead of [T, B, …]; states are not concerned. Default false. */
  batchFirst?: boolean
  /** Probability of dropping between layers while training. Default 0. */
  dropout?: number
  /** Whether a second direction runs from the end; its outputs follow the first one's. Default false. */
  bidirectional?: boolean
}

const recurrentDefaults = { numLayers: 1, bias: true, batchFirst: false, dropout: 0, bidirectional: false } as const

/** What the recurrent layers share: parameters named and ordered as in PyTorch, all from U(−1/√H, 1/√H). */
export abstract class RecurrentLayer extends Module {
  readonly numLayers: number
  readonly bias: boolean
  readonly batchFirst: boolean
  readonly dropout: number
  readonly bidirectional: boolean
  /** weightIhL0 [G·H, in], weightHhL0 [G·H, H], biasIhL0, biasHhL0 [G·H], weightIhL0Reverse …; weightHrL0 [P, H]. */
  readonly [parameter: `weight${'Ih' | 'Hh' | 'Hr'}L${string}` | `bias${'Ih' | 'Hh'}L${string}`]: Parameter
  private readonly cell: RecurrentCell

  /** @internal */
  constructor(
    cell: RecurrentCell,
    readonly inputSize: number,
    readonly hiddenSize: number,
    options: RecurrentOptions | undefined,
    readonly projSize = 0,
  ) {
    super()
    const { numLayers, bias, batchFirst, dropout, bidirectional } = readOptions(
      new.target.name,
      options,
      recurrentDefaults,
    )
    const name = new.target.name
    assertIntegers(name, { inputSize, hiddenSize, numLayers }, 1)
    if (!Number.isInteger(projSize) || projSize < 0 || (projSize > 0 && projSize >= hiddenSize))
      throw new RangeError(
        `${name}: projSize must be an integer from 0 (no projection) to below hiddenSize ${hiddenSize}, got ${projSize}`,
      )
    assertProbability(name, dropout)
    if (dropout > 0 && numLayers === 1)
      console.warn(
        `${name}: dropout ${dropout} acts between layers, so with one layer it does nothing; use numLayers above 1`,
      )
    this.cell = cell
    this.numLayers = numLayers
    this.bias = bias
    this.batchFirst = batchFirst
    this.dropout = dropout
    this.bidirectional = bidirectional
    const rows = gatesOf[cell] * hiddenSize
    const state = projSize || hiddenSize
    for (const [i, suffix] of this.suffixes().entries()) {
      const input = i < this.directions ? inputSize : state * this.directions
      const add = (key: string, shape: number[]): boolean => Reflect.set(this, key + suffix, this.parameter(shape))
      add('weightIh', [rows, input])
      add('weightHh', [rows, state])
      if (bias) {
        add('biasIh', [rows])
        add('biasHh', [rows])
      }
      if (projSize) add('weightHr', [projSize, hiddenSize])
    }
    this.resetParameters()
  }

  private get directions(): number {
    return this.bidirectional ? 2 : 1
  }

  /** L0, L0Reverse, L1 … */
  private suffixes(): string[] {
    return Array.from({ length: this.numLayers }, (_, layer) =>
      this.bidirectional ? [`L${layer}`, `L${layer}Reverse`] : [`L${layer}`],
    ).flat()
  }

  /** Draws new weights, as the constructor does. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize)
    for (const parameter of this.parameters()) init.uniform_(parameter, -bound, bound)
  }

  /** The parameters of each layer and direction, in order (torch.nn.RNNBase.all_weights). */
  get allWeights(): Parameter[][] {
    const names = [
      'weightIh',
      'weightHh',
      ...(this.bias ? ['biasIh', 'biasHh'] : []),
      ...(this.projSize ? ['weightHr'] : []),
    ]
    return this.suffixes().map((suffix) => names.map((name) => Reflect.get(this, name + suffix) as Parameter))
  }

  private weights(): CellWeights[] {
    const get = (name: string): Tensor | null => (Reflect.get(this, name) as Parameter | undefined) ?? null
    return this.suffixes().map((suffix) => ({
      ih: get(`weightIh${suffix}`) as Tensor,
      hh: get(`weightHh${suffix}`) as Tensor,
      biasIh: get(`biasIh${suffix}`),
      biasHh: get(`biasHh${suffix}`),
      projection: get(`weightHr${suffix}`),
    }))
  }

  /** Sizes of the parts of the state for so many sequences. */
  private stateShapes(batch: number): number[][] {
    const layers = this.numLayers * this.directions
    const h = [layers, batch, this.projSize || this.hiddenSize]
    return this.cell === 'lstm' ? [h, [layers, batch, this.hiddenSize]] : [h]
  }

  /** @internal Runs the layers over a padded or packed batch, or one sequence. */
  protected run<X extends Tensor | PackedSequence>(
    x: X,
    given: CellState | null | undefined,
  ): { output: X; state: CellState } {
    const result = x instanceof PackedSequence ? this.packed(x, given) : this.padded(x, given)
    return result as { output: X; state: CellState }
  }

  private layers(rows: Tensor, sizes: readonly number[], state: CellState) {
    if (rows.dtype !== this.weightIhL0.dtype)
      throw new TypeError(
        `${this.constructor.name}: the input is ${rows.dtype}, the weights are ${this.weightIhL0.dtype}; convert the input with .to('${this.weightIhL0.dtype}')`,
      )
    return runLayers(this.cell, rows, sizes, state, this.weights(), this)
  }

  private packed(x: PackedSequence, given: CellState | null | undefined) {
    this.assertFeatures(x.data)
    const batch = x.sizes[0] ?? 0
    const first = given
      ? this.assertState(given, batch, 3).map((part) =>
          x.sortedIndices ? indexSelect(part, 1, x.sortedIndices) : part,
        )
      : this.zeroState(batch, x.data)
    const { output, state } = this.layers(x.data, x.sizes, first)
    const back = x.unsortedIndices
    return { output: x.with(output), state: back ? state.map((part) => indexSelect(part, 1, back)) : state }
  }

  private padded(x: Tensor, given: CellState | null | undefined) {
    const name = this.constructor.name
    assertTensor(name, 'the input', x)
    if (x.ndim !== 2 && x.ndim !== 3)
      throw new ShapeError(
        `${name}: needs ${this.batchFirst ? '[B, T, inputSize]' : '[T, B, inputSize]'} or [T, inputSize], got ${show(x.shape)}`,
      )
    this.assertFeatures(x)
    const alone = x.ndim === 2
    const turned = !alone && this.batchFirst
    const ordered = alone ? unsqueeze(x, 1) : turned ? transpose(x, 0, 1) : x
    const [steps, batch, features] = ordered.shape as [number, number, number]
    if (steps === 0) throw new ShapeError(`${name}: the sequence is empty, got ${show(x.shape)}`)
    const first = given
      ? this.assertState(given, batch, x.ndim).map((part) => (alone ? unsqueeze(part, 1) : part))
      : this.zeroState(batch, x)
    const rows = reshape(ordered, [steps * batch, features])
    const result = this.layers(rows, new Array<number>(steps).fill(batch), first)
    const width: number = result.output.shape[1]
    if (alone) return { output: result.output, state: result.state.map((part) => squeeze(part, 1)) }
    const output = reshape(result.output, [steps, batch, width])
    return { output: turned ? transpose(output, 0, 1) : output, state: result.state }
  }

  private zeroState(batch: number, like: Tensor): Tensor[] {
    return this.stateShapes(batch).map((shape) => zeros(shape, { dtype: like.dtype, device: like.device }))
  }

  private assertFeatures(x: Tensor): void {
    const features: unknown = x.shape.at(-1)
    if (features !== this.inputSize)
      throw new ShapeError(
        `${this.constructor.name}: the input has ${String(features)} features, expected inputSize ${this.inputSize} (input ${show(x.shape)})`,
      )
  }

  private assertState(given: CellState, batch: number, dims: number): CellState {
    const name = this.constructor.name
    const alone = dims === 2
    const shapes = this.stateShapes(batch).map((shape) => (alone ? [shape[0], shape[2]] : shape))
    if (given.length !== shapes.length)
      throw new TypeError(
        `${name}: the state must be ${shapes.length === 2 ? 'an array [h, c]' : 'one tensor'}, got ${given.length} tensors`,
      )
    given.forEach((part, i) => {
      assertTensor(name, i === 0 ? 'the state h' : 'the state c', part)
      if (show(part.shape) !== show(shapes[i]))
        throw new ShapeError(
          `${name}: the state ${i === 0 ? 'h' : 'c'} has shape ${show(part.shape)}, expected ${show(shapes[i])}: ` +
            `[layers × directions${alone ? '' : ', batch'}, features]`,
        )
    })
    return given
  }

  override extraRepr(): string {
    const { inputSize, hiddenSize, projSize, numLayers, bias, batchFirst, dropout, bidirectional } = this
    const shown = [`${inputSize}, ${hiddenSize}`]
    if (projSize) shown.push(`projSize=${projSize}`)
    if (numLayers !== 1) shown.push(`numLayers=${numLayers}`)
    if (!bias) shown.push('bias=false')
    if (batchFirst) shown.push('batchFirst=true')
    if (dropout) shown.push(`dropout=${dropout}`)
    if (bidirectional) shown.push('bidirectional=true')
    return shown.join(', ')
  }
}

/** What an RNN can be built with. */
export interface RNNOptions extends RecurrentOptions {
  /** Default 'tanh'. */
  nonlinearity?: 'tanh' | 'relu'
}

/**
 * h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu of it, for every step (Elman 1990). torch.nn.RNN.
 * @example const [output, hn] = new nn.RNN(10, 20, { numLayers: 2 }).forward(randn(5, 3, 10))
 */
export class RNN extends RecurrentLayer {
  readonly nonlinearity: 'tanh' | 'relu'

  constructor(inputSize: number, hiddenSize: number, options?: RNNOptions) {
    const { nonlinearity, ...rest } = readOptions(new.target.name, options, {
      ...recurrentDefaults,
      nonlinearity: 'tanh',
    })
    if (nonlinearity !== 'tanh' && nonlinearity !== 'relu')
      throw new RangeError(`RNN: nonlinearity must be 'tanh' or 'relu', got '${String(nonlinearity)}'`)
    super(nonlinearity, inputSize, hiddenSize, rest)
    this.nonlinearity = nonlinearity
  }

  /**
   * @param x [T, B, inputSize] ([B, T, inputSize] with batchFirst), [T, inputSize], or packed
   * @param h0 [layers·D, B, H] or without B; default zeros
   * @returns the last layer's state after every step, [T, B, D·H], and the last state of all layers, like h0
   */
  forward<X extends Tensor | PackedSequence>(x: X, h0?: Tensor | null): [output: X, hn: Tensor] {
    const { output, state } = this.run(x, h0 ? [h0] : null)
    return [output, state[0]]
  }
}

/**
 * Gated recurrent unit: r and z gate what comes from the state (Cho et al. 2014). torch.nn.GRU.
 * @example const [output, hn] = new nn.GRU(10, 20).forward(randn(5, 3, 10))
 */
export class GRU extends RecurrentLayer {
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentOptions) {
    super('gru', inputSize, hiddenSize, options)
  }

  /** As RNN.forward. */
  forward<X extends Tensor | PackedSequence>(x: X, h0?: Tensor | null): [output: X, hn: Tensor] {
    const { output, state } = this.run(x, h0 ? [h0] : null)
    return [output, state[0]]
  }
}

/** What an LSTM can be built with. */
export interface LSTMOptions extends RecurrentOptions {
  /** Features to which h is projected; 0 for none. Default 0. */
  projSize?: number
}

/**
 * Long short-term memory: the cell c is kept by a forget gate and filled by an input gate (Hochreiter & Schmidhuber 1997).
 * torch.nn.LSTM.
 * @example const [output, [hn, cn]] = new nn.LSTM(10, 20).forward(randn(5, 3, 10))
 */
export class LSTM extends RecurrentLayer {
  constructor(inputSize: number, hiddenSize: number, options?: LSTMOptions) {
    const { projSize, ...rest } = readOptions(new.target.name, options, { ...recurrentDefaults, projSize: 0 })
    super('lstm', inputSize, hiddenSize, rest, projSize)
  }

  /**
   * @param x [T, B, inputSize] ([B, T, inputSize] with batchFirst), [T, inputSize], or packed
   * @param state [h0, c0]: [layers·D, B, projSize or H] and [layers·D, B, H], or without B; default zeros
   * @returns the last layer's h after every step, and the last [h, c] of all layers
   */
  forward<X extends Tensor | PackedSequence>(
    x: X,
    state?: readonly [h0: Tensor, c0: Tensor] | null,
  ): [output: X, state: [hn: Tensor, cn: Tensor]] {
    const { output, state: last } = this.run(x, state)
    return [output, [last[0], last[1]]]
  }
}
