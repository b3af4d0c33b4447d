/** A memory that is asked by a part of what it holds. */
import { defaultGenerator, type Generator } from '../device/random.js'
import { randperm } from '../ops/random.js'
import { pinverse } from '../linalg/pseudo.js'
import type { Tensor } from '../tensor/tensor.js'
import * as v from './values.js'
import type { Rows } from './values.js'

/** Settings of `Hopfield`. */
export interface HopfieldOptions {
  /** 'hebb': Σ x·xᵀ / units, for some 0.14 · units patterns that are not alike; 'projection': also for patterns that are alike. Default 'hebb'. */
  rule?: 'hebb' | 'projection'
  /** Draws the order of the units. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** Settings of `recall`. */
export interface RecallOptions {
  /** Passes over all units at most. Default 100. */
  maxSweeps?: number
}

/** What `recall` found. */
export interface Recalled {
  /** The state where nothing changes any more, float64 [units] of −1 and 1. */
  readonly state: Tensor
  /** Energy before the first change and after each; it never rises. */
  readonly energies: readonly number[]
}

/**
 * Hopfield network: units of −1 and 1, each taking the sign of what the others tell it. Stored patterns are the bottoms of its
 * energy −½ sᵀWs, so that from a noisy one it falls into the true one. Hopfield 1982; 《深度学习基础》 1.
 */
export class Hopfield {
  readonly rule: 'hebb' | 'projection'
  readonly #generator: Generator
  #weights: Float64Array[] | null = null

  constructor({ rule = 'hebb', generator }: HopfieldOptions = {}) {
    if (rule !== 'hebb' && rule !== 'projection')
      throw new RangeError(`Hopfield: rule must be 'hebb' or 'projection', got ${JSON.stringify(rule)}`)
    this.rule = rule
    this.#generator = generator ?? defaultGenerator()
  }

  /** Stores patterns [N, units] of −1 and 1. Returns the model. */
  fit(patterns: Rows): this {
    const { rows, features } = v.matrixOf('Hopfield', patterns)
    rows.forEach((row, i) => assertSigns(row, `pattern ${i}`))
    const weights = this.rule === 'hebb' ? hebb(rows, features) : projection(rows)
    weights.forEach((row, i) => (row[i] = 0))
    this.#weights = weights
    return this
  }

  /** Weights, float64 [units, units]: symmetric, 0 on the diagonal. */
  get weights(): Tensor {
    return v.rowsTensor(v.fitted('Hopfield', this.#weights))
  }

  /** −½ sᵀWs of a state [units]. */
  energy(state: Tensor | readonly number[]): number {
    return this.#energy(this.#state(state))
  }

  #energy(s: Float64Array): number {
    return -0.5 * v.fitted('Hopfield', this.#weights).reduce((sum, row, i) => sum + s[i] * v.dot(row, s), 0)
  }

  #state(state: Tensor | readonly number[]): Float64Array {
    const weights = v.fitted('Hopfield', this.#weights)
    const s = Float64Array.from(v.numbersOf('Hopfield', state, weights.length))
    assertSigns(s, 'the state')
    return s
  }

  /** Lets units change one at a time, in random order, from a state [units] of −1 and 1 until none changes. */
  recall(state: Tensor | readonly number[], { maxSweeps = 100 }: RecallOptions = {}): Recalled {
    v.assertCount('Hopfield', 'maxSweeps', maxSweeps)
    const weights = v.fitted('Hopfield', this.#weights)
    const s = this.#state(state)
    const energies = [this.#energy(s)]
    for (let sweep = 0; sweep < maxSweeps; sweep++) {
      let changed = false
      for (const unit of randperm(s.length, { generator: this.#generator }).toTypedArray()) {
        const i = Number(unit)
        const field = v.dot(weights[i], s)
        const next = field > 0 ? 1 : field < 0 ? -1 : s[i]
        if (next === s[i]) continue
        energies.push(energies[energies.length - 1] - (next - s[i]) * field)
        s[i] = next
        changed = true
      }
      if (!changed) break
    }
    return { state: v.vectorTensor(s), energies }
  }

  /** `recall` for each row: states float64 [N, units]. */
  predict(states: Rows): Tensor {
    const weights = v.fitted('Hopfield', this.#weights)
    const { rows } = v.matrixOf('Hopfield', states, weights.length)
    return v.rowsTensor(rows.map((row) => this.recall([...row]).state.toTypedArray() as Float64Array))
  }
}

function assertSigns(values: Float64Array, what: string): void {
  const bad = values.findIndex((value) => value !== 1 && value !== -1)
  if (bad >= 0)
    throw new RangeError(
      `Hopfield: ${what} must consist of −1 and 1, unit ${bad} has ${values[bad]}; use x.gt(0.5).float().mul(2).sub(1)`,
    )
}

function hebb(rows: readonly Float64Array[], units: number): Float64Array[] {
  const weights = Array.from({ length: units }, () => new Float64Array(units))
  for (const row of rows)
    for (let i = 0; i < units; i++) for (let j = 0; j < units; j++) weights[i][j] += (row[i] * row[j]) / units
  return weights
}

/** The projection onto the patterns: X⁺X. Personnaz, Guyon & Dreyfus 1985. */
function projection(rows: readonly Float64Array[]): Float64Array[] {
  const x = v.rowsTensor(rows)
  return v.matrixOf('Hopfield', pinverse(x).matmul(x)).rows.map((row) => Float64Array.from(row))
}
