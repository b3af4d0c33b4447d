/** The radial basis function network: one layer of bells, one linear layer. */
import type { Generator } from '../device/random.js'
import { pinverse } from '../linalg/pseudo.js'
import { eye } from '../ops/creation.js'
import type { Tensor } from '../tensor/tensor.js'
import { KMeans } from './kmeans.js'
import * as v from './values.js'
import type { Labels, Rows } from './values.js'

/** Settings of `RBFNetwork`. */
export interface RBFNetworkOptions {
  /** 'classification': whole numbers are labels; 'regression': any numbers. Default 'classification'. */
  task?: 'classification' | 'regression'
  /** Width of all bells. Default: the largest distance of two centres / √(2 · units). */
  width?: number
  /** Pull of the output weights towards 0. Default 1e-8. */
  alpha?: number
  /** Draws the beginning of the centres. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * y = Σ wⱼ·exp(−|x − cⱼ|² / 2σ²) + b: centres by k-means, weights by least squares, so that training is one step. Broomhead &
 * Lowe 1988; 《深度学习基础》 7.
 */
export class RBFNetwork {
  readonly task: 'classification' | 'regression'
  /** The labels in ascending order; empty for regression. */
  classes: readonly number[] = []
  readonly #options: RBFNetworkOptions
  #centers: readonly Float64Array[] | null = null
  #width = 1
  #weights: Tensor | null = null

  constructor(
    readonly nUnits: number,
    options: RBFNetworkOptions = {},
  ) {
    v.assertCount('RBFNetwork', 'nUnits', nUnits)
    this.task = options.task ?? 'classification'
    if (this.task !== 'classification' && this.task !== 'regression')
      throw new RangeError(
        `RBFNetwork: task must be 'classification' or 'regression', got ${JSON.stringify(this.task)}`,
      )
    if (options.width !== undefined) v.assertPositive('RBFNetwork', 'width', options.width)
    if (!((options.alpha ?? 0) >= 0))
      throw new RangeError(`RBFNetwork: alpha must not be negative, got ${options.alpha}`)
    this.#options = options
  }

  /** Learns from rows [N, features] and targets [N]. Returns the model. */
  fit(x: Rows, y: Labels): this {
    const { rows } = v.matrixOf('RBFNetwork', x)
    const { generator, width, alpha = 1e-8 } = this.#options
    const targets = this.#targets(y, rows.length)
    const means = new KMeans(this.nUnits, { nInit: 3, generator }).fit(v.rowsTensor(rows)).clusterCenters
    const centers = v.matrixOf('RBFNetwork', means).rows
    const largest = Math.sqrt(Math.max(...centers.flatMap((a) => centers.map((b) => v.squaredDistance(a, b)))))
    this.#centers = centers
    this.#width = width ?? (largest > 0 ? largest / Math.sqrt(2 * this.nUnits) : 1)
    const bells = this.#bells(rows)
    const square = bells
      .t()
      .matmul(bells)
      .add(eye(this.nUnits + 1, { dtype: 'float64' }).mul(alpha))
    this.#weights = pinverse(square, 1e-14).matmul(bells.t().matmul(targets))
    return this
  }

  #targets(y: Labels, count: number): Tensor {
    if (this.task === 'regression') {
      this.classes = []
      return v.vectorTensor(v.numbersOf('RBFNetwork', y, count)).unsqueeze(1)
    }
    const { classes, index } = v.classesOf('RBFNetwork', y, count)
    this.classes = classes
    return v.rowsTensor(index.map((own) => classes.map((_, c) => Number(c === own))))
  }

  /** Outputs of the bells, and 1 for the bias. */
  #bells(rows: readonly Float64Array[]): Tensor {
    const centers = v.fitted('RBFNetwork', this.#centers)
    const scale = -1 / (2 * this.#width ** 2)
    return v.rowsTensor(rows.map((row) => [...centers.map((c) => Math.exp(scale * v.squaredDistance(row, c))), 1]))
  }

  /** Centres, float64 [units, features]. */
  get centers(): Tensor {
    return v.rowsTensor(v.fitted('RBFNetwork', this.#centers))
  }

  /** Width of the bells. */
  get width(): number {
    return this.#width
  }

  /** The linear layer's outputs, float64 [N, classes]; for regression [N, 1]. */
  decisionFunction(x: Rows): Tensor {
    const weights = v.fitted('RBFNetwork', this.#weights)
    const { rows } = v.matrixOf('RBFNetwork', x, v.fitted('RBFNetwork', this.#centers)[0].length)
    return this.#bells(rows).matmul(weights)
  }

  /** Labels int64 [N], or values float64 [N]. */
  predict(x: Rows): Tensor {
    const outputs = this.decisionFunction(x)
    if (this.task === 'regression') return outputs.squeeze(1)
    return v.labelTensor(this.classes, Array.from(outputs.argmax(1).toTypedArray(), Number))
  }

  /** The share of rows that are labelled right; for regression R², the share of the variance that is explained. */
  score(x: Rows, y: Labels): number {
    const predicted = this.predict(x)
    if (this.task === 'classification') return v.accuracy(predicted, y)
    const target = v.vectorTensor(v.numbersOf('RBFNetwork', y, predicted.size(0)))
    const residual = target.sub(predicted).square().sum().item()
    return 1 - residual / target.sub(target.mean()).square().sum().item()
  }
}
