/** The Boltzmann machine: a network that draws its states, and learns to draw those that it was shown. */
import { defaultGenerator, type Generator } from '../device/random.js'
import { rand, randn } from '../ops/random.js'
import type { Tensor } from '../tensor/tensor.js'
import * as v from './values.js'
import type { Rows } from './values.js'

/** Settings of `BoltzmannMachine`. */
export interface BoltzmannMachineOptions {
  /** Units that no data tells about. Default 0. */
  nHidden?: number
  /** Step of the gradient. Default 0.1. */
  lr?: number
  /** Steps. Default 200. */
  epochs?: number
  /** Draws first weights and states. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** Beyond so many units the states are too many to be summed over. */
const mostUnits = 16

/**
 * Boltzmann machine of binary units (0 and 1), all joined: p(s) ∝ exp(½ sᵀWs + bᵀs). It learns by Δw = η·(⟨sᵢsⱼ⟩ of the data −
 * ⟨sᵢsⱼ⟩ of its own states), with exact means over all states, so it is for up to 16 units. Ackley, Hinton & Sejnowski 1985;
 * 《深度学习基础》 1.
 */
export class BoltzmannMachine {
  readonly nVisible: number
  readonly nHidden: number
  readonly lr: number
  readonly epochs: number
  /** Mean log-likelihood of the data before each step of `fit`. */
  history: number[] = []
  readonly #generator: Generator
  readonly #weights: Float64Array[]
  readonly #biases: Float64Array

  constructor(nVisible: number, { nHidden = 0, lr = 0.1, epochs = 200, generator }: BoltzmannMachineOptions = {}) {
    v.assertCount('BoltzmannMachine', 'nVisible', nVisible)
    v.assertCount('BoltzmannMachine', 'epochs', epochs)
    v.assertPositive('BoltzmannMachine', 'lr', lr)
    if (!Number.isInteger(nHidden) || nHidden < 0)
      throw new RangeError(`BoltzmannMachine: nHidden must be a non-negative integer, got ${nHidden}`)
    const n = nVisible + nHidden
    if (n > mostUnits)
      throw new RangeError(
        `BoltzmannMachine: ${n} units have 2^${n} states, too many to sum over; at most ${mostUnits} units, or RBM`,
      )
    this.nVisible = nVisible
    this.nHidden = nHidden
    this.lr = lr
    this.epochs = epochs
    this.#generator = generator ?? defaultGenerator()
    const drawn = randn(n, n, { dtype: 'float64', generator: this.#generator })
      .mul(nHidden > 0 ? 0.5 : 0)
      .toArray() as number[][]
    this.#weights = drawn.map((row, i) =>
      Float64Array.from(row, (_, j) => (i === j ? 0 : drawn[Math.min(i, j)][Math.max(i, j)])),
    )
    this.#biases = new Float64Array(n)
  }

  /** Weights, float64 [units, units], visible units first. */
  get weights(): Tensor {
    return v.rowsTensor(this.#weights)
  }

  /** Biases, float64 [units]. */
  get biases(): Tensor {
    return v.vectorTensor(this.#biases)
  }

  get #units(): number {
    return this.nVisible + this.nHidden
  }

  /** −½ sᵀWs − bᵀs of the state whose bit i is unit i. */
  #energy(state: number): number {
    let energy = 0
    for (let i = 0; i < this.#units; i++) {
      if (!((state >> i) & 1)) continue
      energy -= this.#biases[i]
      for (let j = 0; j < i; j++) if ((state >> j) & 1) energy -= this.#weights[i][j]
    }
    return energy
  }

  /** Probabilities of all states of all units. */
  #distribution(): Float64Array {
    const minus = Array.from({ length: 2 ** this.#units }, (_, state) => -this.#energy(state))
    const top = minus.reduce((a, b) => Math.max(a, b))
    const weights = Float64Array.from(minus, (value) => Math.exp(value - top))
    const total = weights.reduce((a, b) => a + b, 0)
    return weights.map((weight) => weight / total)
  }

  /** Probability of each state of the visible units, float64 [2^nVisible]; unit 0 is the lowest bit of the position. */
  probabilities(): Tensor {
    return v.vectorTensor(this.#visible(this.#distribution()))
  }

  #visible(all: Float64Array): Float64Array {
    const visible = new Float64Array(2 ** this.nVisible)
    all.forEach((p, state) => (visible[state % visible.length] += p))
    return visible
  }

  /** Learns from rows [N, nVisible] of 0 and 1. Returns the model. */
  fit(x: Rows): this {
    const counts = new Float64Array(2 ** this.nVisible)
    const { rows } = v.matrixOf('BoltzmannMachine', x, this.nVisible)
    for (const row of rows) counts[stateOf(row)] += 1 / rows.length
    this.history = []
    for (let epoch = 0; epoch < this.epochs; epoch++) {
      const model = this.#distribution()
      const visible = this.#visible(model)
      // The hidden units follow the model, given the visible ones.
      const clamped = model.map((p, state) => (p * counts[state % visible.length]) / visible[state % visible.length])
      this.history.push(
        counts.reduce((sum, share, state) => sum + (share > 0 ? share * Math.log(visible[state]) : 0), 0),
      )
      this.#climb(clamped.map((p, state) => p - model[state]))
    }
    return this
  }

  /** One step along ⟨sᵢsⱼ⟩ weighted by the difference of two distributions. */
  #climb(difference: Float64Array): void {
    for (let i = 0; i < this.#units; i++)
      for (let j = 0; j <= i; j++) {
        let sum = 0
        difference.forEach((p, state) => {
          if ((state >> i) & 1 && (state >> j) & 1) sum += p
        })
        if (i === j) this.#biases[i] += this.lr * sum
        else {
          this.#weights[i][j] += this.lr * sum
          this.#weights[j][i] = this.#weights[i][j]
        }
      }
  }

  /** Visible states drawn by Gibbs sampling, float64 [count, nVisible]; `burnIn` sweeps come before the first (default 100). */
  sample(count: number, { burnIn = 100 }: { burnIn?: number } = {}): Tensor {
    v.assertCount('BoltzmannMachine', 'count', count)
    const n = this.#units
    const state = new Float64Array(n)
    const drawn: Float64Array[] = []
    for (let sweep = 0; sweep < burnIn + count; sweep++) {
      const random = rand(n, { dtype: 'float64', generator: this.#generator }).toTypedArray()
      for (let i = 0; i < n; i++)
        state[i] = Number(Number(random[i]) < 1 / (1 + Math.exp(-this.#biases[i] - v.dot(this.#weights[i], state))))
      if (sweep >= burnIn) drawn.push(state.slice(0, this.nVisible))
    }
    return v.rowsTensor(drawn)
  }
}

function stateOf(row: Float64Array): number {
  return row.reduce((state, value, i) => {
    if (value !== 0 && value !== 1) throw new RangeError(`BoltzmannMachine: units are 0 or 1, got ${value}`)
    return state + value * 2 ** i
  }, 0)
}
