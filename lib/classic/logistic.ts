/** Logistic regression: a linear layer with softmax, trained to the optimum. */
import { LBFGS } from '../optim/lbfgs.js'
import { crossEntropy } from '../ops/losses/index.js'
import { zeros, zerosLike } from '../ops/creation.js'
import { cat } from '../ops/join.js'
import { noGrad } from '../autograd/mode.js'
import { int64Tensor, type Tensor } from '../tensor/tensor.js'
import { Parameter } from '../nn/parameter.js'
import * as v from './values.js'
import type { Labels, Rows } from './values.js'

/** Settings of `LogisticRegression`. */
export interface LogisticRegressionOptions {
  /** The inverse of the penalty's strength; Infinity for none. Default 1. */
  C?: number
  /** Whether there are biases, which are not penalized. Default true. */
  fitIntercept?: boolean
  /** Steps of L-BFGS at most. Default 1000. */
  maxIter?: number
  /** The largest gradient that is taken for zero. Default 1e-6. */
  tol?: number
}

/**
 * Minimizes C · Σ cross entropy + ½ |W|² by L-BFGS; for two classes with one row of weights, whose sign says which.
 * 《深度学习基础》 1; sklearn.linear_model.LogisticRegression.
 */
export class LogisticRegression {
  readonly C: number
  readonly fitIntercept: boolean
  readonly maxIter: number
  readonly tol: number
  /** The labels in ascending order. */
  classes: readonly number[] = []
  #weights: Tensor | null = null
  #biases: Tensor | null = null

  constructor({ C = 1, fitIntercept = true, maxIter = 1000, tol = 1e-6 }: LogisticRegressionOptions = {}) {
    if (!(C > 0)) throw new RangeError(`LogisticRegression: C must be positive, got ${C}`)
    v.assertCount('LogisticRegression', 'maxIter', maxIter)
    v.assertPositive('LogisticRegression', 'tol', tol)
    this.C = C
    this.fitIntercept = fitIntercept
    this.maxIter = maxIter
    this.tol = tol
  }

  /** Learns from rows [N, features] and labels [N], whole numbers. Returns the model. */
  fit(x: Rows, y: Labels): this {
    const { rows, features } = v.matrixOf('LogisticRegression', x)
    const { classes, index } = v.classesOf('LogisticRegression', y, rows.length)
    const data = v.rowsTensor(rows)
    const target = int64Tensor(index)
    const units = classes.length === 2 ? 1 : classes.length
    const weights = new Parameter(zeros(units, features, { dtype: 'float64' }))
    const biases = new Parameter(zeros(units, { dtype: 'float64' }), this.fitIntercept)
    const parameters = this.fitIntercept ? [weights, biases] : [weights]
    const optimizer = new LBFGS(parameters, {
      lr: 1,
      maxIter: this.maxIter,
      toleranceGrad: this.tol / rows.length,
      toleranceChange: 1e-15,
      lineSearchFn: 'strongWolfe',
      historySize: 20,
    })
    // Divided by C · N, so that the size of the data does not matter to the line search.
    const penalty = Number.isFinite(this.C) ? 0.5 / (this.C * rows.length) : 0
    optimizer.step(() => {
      optimizer.zeroGrad()
      const loss = crossEntropy(logits(data, weights, biases), target).add(weights.square().sum().mul(penalty))
      loss.backward()
      return loss
    })
    this.classes = classes
    this.#weights = weights.detach()
    this.#biases = biases.detach()
    return this
  }

  /** Weights, float64 [1 or classes, features]. */
  get coef(): Tensor {
    return v.fitted('LogisticRegression', this.#weights)
  }

  /** Biases, float64 [1 or classes]. */
  get intercept(): Tensor {
    return v.fitted('LogisticRegression', this.#biases)
  }

  /** Probabilities of the classes, float64 [N, classes]. */
  predictProba(x: Rows): Tensor {
    const { rows } = v.matrixOf('LogisticRegression', x, this.coef.size(1))
    return noGrad(() => logits(v.rowsTensor(rows), this.coef, this.intercept).softmax(1))
  }

  /** Labels int64 [N]. */
  predict(x: Rows): Tensor {
    const index = Array.from(this.predictProba(x).argmax(1).toTypedArray(), Number)
    return v.labelTensor(this.classes, index)
  }

  /** The share of rows that are labelled right. */
  score(x: Rows, y: Labels): number {
    return v.accuracy(this.predict(x), y)
  }
}

/** One column for each class; for two classes the first is 0. */
function logits(data: Tensor, weights: Tensor, biases: Tensor): Tensor {
  const linear = data.matmul(weights.t()).add(biases)
  return weights.size(0) === 1 ? cat([zerosLike(linear), linear], 1) : linear
}
