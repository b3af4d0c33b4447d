/** The perceptron: it learns from its mistakes only. */
import type { Generator } from '../device/random.js'
import { randperm } from '../ops/random.js'
import type { Tensor } from '../tensor/tensor.js'
import * as v from './values.js'
import type { Labels, Rows } from './values.js'

/** Settings of `Perceptron`. */
export interface PerceptronOptions {
  /** Passes over the data at most. Default 1000. */
  maxIter?: number
  /** How far a mistake moves the weights. Default 1. */
  eta0?: number
  /** Another order of the rows in each pass. Default true. */
  shuffle?: boolean
  /** Draws the order. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * Rosenblatt's perceptron: sign(w·x + b), with one unit for each class if there are more than two (each against the rest). Every
 * row on the wrong side moves w by ±η·x and b by ±η; the training ends with a pass without mistakes, which comes if a plane
 * separates the classes. Rosenblatt 1958; 《深度学习基础》 1 and 2; sklearn.linear_model.Perceptron.
 */
export class Perceptron {
  readonly maxIter: number
  readonly eta0: number
  readonly shuffle: boolean
  /** Mistakes in each pass of the last `fit`. */
  errors: number[] = []
  /** The labels in ascending order. */
  classes: readonly number[] = []
  readonly #generator: Generator | undefined
  #units: { weights: Float64Array; bias: number }[] = []

  constructor({ maxIter = 1000, eta0 = 1, shuffle = true, generator }: PerceptronOptions = {}) {
    v.assertCount('Perceptron', 'maxIter', maxIter)
    v.assertPositive('Perceptron', 'eta0', eta0)
    this.maxIter = maxIter
    this.eta0 = eta0
    this.shuffle = shuffle
    this.#generator = generator
  }

  /** Learns from rows [N, features] and labels [N], whole numbers. Returns the model. */
  fit(x: Rows, y: Labels): this {
    const { rows, features } = v.matrixOf('Perceptron', x)
    const { classes, index } = v.classesOf('Perceptron', y, rows.length)
    this.classes = classes
    this.errors = []
    const count = classes.length === 2 ? 1 : classes.length
    this.#units = Array.from({ length: count }, () => ({ weights: new Float64Array(features), bias: 0 }))
    for (let pass = 0; pass < this.maxIter; pass++) if (this.step(rows, index) === 0) break
    return this
  }

  /** One more pass over data with the same classes, to watch the training step by step. Returns the number of mistakes. */
  partialFit(x: Rows, y: Labels): number {
    if (this.#units.length === 0) return new Perceptron({ ...this.#settings, maxIter: 1 }).#into(this, x, y)
    const { rows } = v.matrixOf('Perceptron', x, this.#units[0].weights.length)
    const index = v.numbersOf('Perceptron', y, rows.length).map((label) => this.classes.indexOf(label))
    if (index.includes(-1)) throw new RangeError(`Perceptron: labels must be among ${this.classes.join(', ')}`)
    return this.step(rows, index)
  }

  get #settings(): PerceptronOptions {
    return { eta0: this.eta0, shuffle: this.shuffle, generator: this.#generator }
  }

  #into(target: Perceptron, x: Rows, y: Labels): number {
    this.fit(x, y)
    target.classes = this.classes
    target.errors = this.errors
    target.#units = this.#units
    return this.errors[0]
  }

  private step(rows: readonly Float64Array[], index: readonly number[]): number {
    const order = this.shuffle
      ? Array.from(randperm(rows.length, { generator: this.#generator }).toTypedArray(), Number)
      : null
    let mistakes = 0
    for (let k = 0; k < rows.length; k++) {
      const i = order ? order[k] : k
      let wrong = false
      this.#units.forEach((unit, c) => {
        const target = (this.#units.length === 1 ? index[i] === 1 : index[i] === c) ? 1 : -1
        if (target * (v.dot(unit.weights, rows[i]) + unit.bias) > 0) return
        wrong = true
        for (let j = 0; j < rows[i].length; j++) unit.weights[j] += this.eta0 * target * rows[i][j]
        unit.bias += this.eta0 * target
      })
      if (wrong) mistakes++
    }
    this.errors.push(mistakes)
    return mistakes
  }

  /** Weights, float64 [units, features]; one unit for two classes. */
  get coef(): Tensor {
    return v.rowsTensor(this.#fitted().map(({ weights }) => weights))
  }

  /** Biases, float64 [units]. */
  get intercept(): Tensor {
    return v.vectorTensor(this.#fitted().map(({ bias }) => bias))
  }

  #fitted() {
    return v.fitted('Perceptron', this.#units.length > 0 ? this.#units : null)
  }

  /** w·x + b, float64 [N] for two classes (positive: the higher label), [N, classes] for more. */
  decisionFunction(x: Rows): Tensor {
    const units = this.#fitted()
    const { rows } = v.matrixOf('Perceptron', x, units[0].weights.length)
    const scores = rows.map((row) => units.map(({ weights, bias }) => v.dot(weights, row) + bias))
    return units.length === 1 ? v.vectorTensor(scores.flat()) : v.rowsTensor(scores)
  }

  /** Labels int64 [N]. A row on the plane itself gets the lower label. */
  predict(x: Rows): Tensor {
    const scores = this.decisionFunction(x).toArray() as number[] | number[][]
    const index = scores.map((score) => (typeof score === 'number' ? Number(score > 0) : v.argmax(score)))
    return v.labelTensor(this.classes, index)
  }

  /** The share of rows that are labelled right. */
  score(x: Rows, y: Labels): number {
    return v.accuracy(this.predict(x), y)
  }
}
