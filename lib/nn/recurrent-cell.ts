/** Single steps of recurrent networks, for loops of one's own. */
import { zeros } from '../ops/creation.js'
import { gatesOf, runCell, type CellState, type RecurrentCell } from '../ops/recurrent/index.js'
import { squeeze, unsqueeze } from '../ops/shape.js'
import { ShapeError, show } from '../tensor/shape.js'
import { assertTensor, type Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import type { Parameter } from './parameter.js'
import { assertIntegers, readOptions } from '../tensor/options.js'

/** What a cell can be built with. */
export interface RecurrentCellOptions {
  /** Whether to add learned biases. Default true. */
  bias?: boolean
}

/** What the cells share: parameters as in PyTorch, all from U(−1/√H, 1/√H). */
export abstract class RecurrentCellModule extends Module {
  /** [G·H, in] */
  readonly weightIh: Parameter
  /** [G·H, H] */
  readonly weightHh: Parameter
  /** [G·H], or null. */
  readonly biasIh: Parameter | null
  /** [G·H], or null. */
  readonly biasHh: Parameter | null
  private readonly cell: RecurrentCell

  /** @internal */
  constructor(
    cell: RecurrentCell,
    readonly inputSize: number,
    readonly hiddenSize: number,
    options?: RecurrentCellOptions,
  ) {
    super()
    const { bias } = readOptions(this.constructor.name, options, { bias: true })
    assertIntegers(new.target.name, { inputSize, hiddenSize }, 1)
    this.cell = cell
    const rows = gatesOf[cell] * hiddenSize
    this.weightIh = this.parameter([rows, inputSize])
    this.weightHh = this.parameter([rows, hiddenSize])
    this.biasIh = bias ? this.parameter([rows]) : null
    this.biasHh = bias ? this.parameter([rows]) : null
    this.resetParameters()
  }

  /** Draws new weights, as the constructor does. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize)
    for (const parameter of this.parameters()) init.uniform_(parameter, -bound, bound)
  }

  /** @internal */
  protected run(x: Tensor, given: CellState | null | undefined): CellState {
    const name = this.constructor.name
    assertTensor(name, 'the input', x)
    if (x.ndim !== 1 && x.ndim !== 2)
      throw new ShapeError(`${name}: needs [B, inputSize] or [inputSize], got ${show(x.shape)}`)
    if (x.shape[x.ndim - 1] !== this.inputSize)
      throw new ShapeError(
        `${name}: the input has ${x.shape[x.ndim - 1]} features, expected inputSize ${this.inputSize} (input ${show(x.shape)})`,
      )
    const shape = [...x.shape.slice(0, -1), this.hiddenSize]
    const parts = this.cell === 'lstm' ? 2 : 1
    const state = given ?? Array.from({ length: parts }, () => zeros(shape, { dtype: x.dtype, device: x.device }))
    if (state.length !== parts)
      throw new TypeError(
        `${name}: the state must be ${parts === 2 ? 'an array [h, c]' : 'one tensor'}, got ${state.length} tensors`,
      )
    state.forEach((part, i) => {
      assertTensor(name, i === 0 ? 'the state h' : 'the state c', part)
      if (show(part.shape) !== show(shape))
        throw new ShapeError(
          `${name}: the state ${i === 0 ? 'h' : 'c'} has shape ${show(part.shape)}, expected ${show(shape)} (input ${show(x.shape)})`,
        )
    })
    const { weightIh: ih, weightHh: hh, biasIh, biasHh } = this
    if (x.dtype !== ih.dtype)
      throw new TypeError(
        `${name}: the input is ${x.dtype}, the weights are ${ih.dtype}; convert the input with .to('${ih.dtype}')`,
      )
    const alone = x.ndim === 1
    const batched = (t: Tensor): Tensor => (alone ? unsqueeze(t, 0) : t)
    const next = runCell(this.cell, batched(x), state.map(batched), { ih, hh, biasIh, biasHh, projection: null })
    return alone ? next.map((part) => squeeze(part, 0)) : next
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.biasIh ? '' : ', bias=false'}`
  }
}

/** One step of an RNN. Input [B, in] and h [B, H], or both without B; result h'. torch.nn.RNNCell. */
export class RNNCell extends RecurrentCellModule {
  readonly nonlinearity: 'tanh' | 'relu'

  constructor(
    inputSize: number,
    hiddenSize: number,
    options?: RecurrentCellOptions & { nonlinearity?: 'tanh' | 'relu' },
  ) {
    const { nonlinearity, ...rest } = readOptions(new.target.name, options, { bias: true, nonlinearity: 'tanh' })
    if (nonlinearity !== 'tanh' && nonlinearity !== 'relu')
      throw new RangeError(`RNNCell: nonlinearity must be 'tanh' or 'relu', got '${String(nonlinearity)}'`)
    super(nonlinearity, inputSize, hiddenSize, rest)
    this.nonlinearity = nonlinearity
  }

  forward(x: Tensor, h?: Tensor | null): Tensor {
    return this.run(x, h ? [h] : null)[0]
  }

  override extraRepr(): string {
    return `${super.extraRepr()}${this.nonlinearity === 'tanh' ? '' : `, nonlinearity=${this.nonlinearity}`}`
  }
}

/** One step of a GRU. Input [B, in] and h [B, H], or both without B; result h'. torch.nn.GRUCell. */
export class GRUCell extends RecurrentCellModule {
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentCellOptions) {
    super('gru', inputSize, hiddenSize, options)
  }

  forward(x: Tensor, h?: Tensor | null): Tensor {
    return this.run(x, h ? [h] : null)[0]
  }
}

/** One step of an LSTM. Input [B, in] and [h, c] of [B, H], or all without B; result [h', c']. torch.nn.LSTMCell. */
export class LSTMCell extends RecurrentCellModule {
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentCellOptions) {
    super('lstm', inputSize, hiddenSize, options)
  }

  forward(x: Tensor, state?: readonly [h: Tensor, c: Tensor] | null): [h: Tensor, c: Tensor] {
    const [h, c] = this.run(x, state)
    return [h, c]
  }
}
