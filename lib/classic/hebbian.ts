/** Learning without a teacher: what fires together wires together. */
import { defaultGenerator, type Generator } from '../device/random.js'
import { randn, randperm } from '../ops/random.js'
import type { Tensor } from '../tensor/tensor.js'
import * as v from './values.js'
import type { Rows } from './values.js'

/** Settings of `Hebbian`. */
export interface HebbianOptions {
  /**
   * 'hebb': Δw = η·y·x, which grows without end. 'oja': Δw = η·y·(x − y·w), which stays of length 1. With several units
   * 'oja' takes from x what the units before have explained (Sanger's rule). Default 'oja'.
   */
  rule?: 'hebb' | 'oja'
  /** Units. Default 1. */
  nComponents?: number
  /** η. Default 0.01. */
  lr?: number
  /** Passes over the data. Default 10. */
  epochs?: number
  /** Take the mean away before. Default true. */
  center?: boolean
  /** Draws first weights and order. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * Linear units y = w·x that learn by correlation; by Oja's rule they come to the principal directions of the data. Hebb 1949;
 * Oja 1982; Sanger 1989; 《深度学习基础》 1.
 */
export class Hebbian {
  readonly rule: 'hebb' | 'oja'
  readonly lr: number
  readonly epochs: number
  /** The weights of the first unit after each pass. */
  history: number[][] = []
  readonly #count: number
  readonly #center: boolean
  readonly #generator: Generator
  #weights: Float64Array[] = []
  #mean: Float64Array | null = null

  constructor({
    rule = 'oja',
    nComponents = 1,
    lr = 0.01,
    epochs = 10,
    center = true,
    generator,
  }: HebbianOptions = {}) {
    if (rule !== 'hebb' && rule !== 'oja')
      throw new RangeError(`Hebbian: rule must be 'hebb' or 'oja', got ${JSON.stringify(rule)}`)
    v.assertCount('Hebbian', 'nComponents', nComponents)
    v.assertCount('Hebbian', 'epochs', epochs)
    v.assertPositive('Hebbian', 'lr', lr)
    this.rule = rule
    this.lr = lr
    this.epochs = epochs
    this.#count = nComponents
    this.#center = center
    this.#generator = generator ?? defaultGenerator()
  }

  /** Learns from rows [N, features]. Returns the model. @throws RangeError when the weights leave the numbers: lower lr. */
  fit(x: Rows): this {
    const { rows, features } = v.matrixOf('Hebbian', x)
    const mean = new Float64Array(features)
    if (this.#center) for (const row of rows) row.forEach((value, j) => (mean[j] += value / rows.length))
    const centred = rows.map((row) => row.map((value, j) => value - mean[j]))
    const first = randn(this.#count, features, { dtype: 'float64', generator: this.#generator }).mul(0.1)
    this.#mean = mean
    this.#weights = v.matrixOf('Hebbian', first).rows.map((row) => Float64Array.from(row))
    this.history = []
    for (let epoch = 0; epoch < this.epochs; epoch++) {
      const order = randperm(rows.length, { generator: this.#generator }).toTypedArray()
      for (const i of order) this.#learn(centred[Number(i)])
      if (!this.#weights.every((w) => w.every(Number.isFinite)))
        throw new RangeError(
          `Hebbian: the weights grew beyond all numbers in pass ${epoch + 1}; take a smaller lr than ${this.lr}, or rule 'oja'`,
        )
      this.history.push([...this.#weights[0]])
    }
    return this
  }

  #learn(row: Float64Array): void {
    const rest = Float64Array.from(row)
    const outputs = this.#weights.map((w) => v.dot(w, row))
    this.#weights.forEach((w, k) => {
      const y = outputs[k]
      if (this.rule === 'oja') for (let j = 0; j < rest.length; j++) rest[j] -= y * w[j]
      for (let j = 0; j < w.length; j++) w[j] += this.lr * y * rest[j]
    })
  }

  /** Weights, float64 [units, features]. */
  get weights(): Tensor {
    return v.rowsTensor(v.fitted('Hebbian', this.#weights.length > 0 ? this.#weights : null))
  }

  /** The units' outputs, float64 [N, units]. */
  transform(x: Rows): Tensor {
    const mean = v.fitted('Hebbian', this.#mean)
    const { rows } = v.matrixOf('Hebbian', x, mean.length)
    return v.rowsTensor(
      rows.map((row) =>
        this.#weights.map((w) =>
          v.dot(
            w,
            row.map((value, j) => value - mean[j]),
          ),
        ),
      ),
    )
  }
}
