/** AdaBoost: many weak judges, each taught on what those before got wrong. */
import type { Tensor } from '../tensor/tensor.js'
import * as v from './values.js'
import type { Labels, Rows } from './values.js'

/** Settings of `AdaBoost`. */
export interface AdaBoostOptions {
  /** Judges at most. Default 50. */
  nEstimators?: number
  /** Factor of each judge's weight. Default 1. */
  learningRate?: number
}

/** A judge: one feature against one threshold. */
export interface Stump {
  readonly feature: number
  readonly threshold: number
  /** The label where the feature is at most the threshold. */
  readonly left: number
  /** The label above it. */
  readonly right: number
  /** The judge's weight in the vote. */
  readonly weight: number
  /** The weighted share that it gets wrong. */
  readonly error: number
}

interface Split {
  readonly feature: number
  readonly threshold: number
  readonly left: number
  readonly right: number
}

/**
 * AdaBoost with stumps, for two classes or more (SAMME): the exponential loss is lowered step by step. Freund & Schapire 1997;
 * Zhu et al. 2009; 《深度学习基础》 7; sklearn.ensemble.AdaBoostClassifier.
 */
export class AdaBoost {
  readonly nEstimators: number
  readonly learningRate: number
  /** The labels in ascending order. */
  classes: readonly number[] = []
  /** The judges. */
  estimators: readonly Stump[] = []
  #features = 0

  constructor({ nEstimators = 50, learningRate = 1 }: AdaBoostOptions = {}) {
    v.assertCount('AdaBoost', 'nEstimators', nEstimators)
    v.assertPositive('AdaBoost', 'learningRate', learningRate)
    this.nEstimators = nEstimators
    this.learningRate = learningRate
  }

  /** Learns from rows [N, features] and labels [N], whole numbers. Returns the model. */
  fit(x: Rows, y: Labels): this {
    const { rows, features } = v.matrixOf('AdaBoost', x)
    const { classes, index } = v.classesOf('AdaBoost', y, rows.length)
    const orders = Array.from({ length: features }, (_, f) =>
      rows.map((_, i) => i).sort((a, b) => rows[a][f] - rows[b][f]),
    )
    let weights = new Float64Array(rows.length).fill(1 / rows.length)
    const stumps: Stump[] = []
    for (let round = 0; round < this.nEstimators; round++) {
      const split = bestSplit(rows, index, classes.length, weights, orders)
      const wrong = rows.map((row, i) => judge(split, row) !== index[i])
      const error = weights.reduce((sum, weight, i) => sum + (wrong[i] ? weight : 0), 0)
      // No better than guessing: there is nothing more to learn.
      if (error >= 1 - 1 / classes.length) {
        if (stumps.length === 0) throw new RangeError('AdaBoost: no threshold of any feature is better than guessing')
        break
      }
      const perfect = error <= 0
      const weight = perfect ? 1 : this.learningRate * (Math.log((1 - error) / error) + Math.log(classes.length - 1))
      stumps.push({ ...split, left: classes[split.left], right: classes[split.right], weight, error })
      if (perfect) break
      weights = weights.map((value, i) => value * Math.exp(wrong[i] ? weight : 0))
      const total = weights.reduce((a, b) => a + b, 0)
      weights = weights.map((value) => value / total)
    }
    this.classes = classes
    this.estimators = stumps
    this.#features = features
    return this
  }

  /** The votes for each class, float64 [N, classes], adding up to 1; with only the first judges if a number is given. */
  votes(x: Rows, { first = this.estimators.length }: { first?: number } = {}): Tensor {
    v.fitted('AdaBoost', this.estimators[0])
    const { rows } = v.matrixOf('AdaBoost', x, this.#features)
    const stumps = this.estimators.slice(0, first)
    const total = stumps.reduce((sum, { weight }) => sum + weight, 0)
    return v.rowsTensor(
      rows.map((row) => {
        const votes = new Float64Array(this.classes.length)
        for (const stump of stumps) votes[this.classes.indexOf(judge(stump, row))] += stump.weight / total
        return votes
      }),
    )
  }

  /** Labels int64 [N]; with only the first judges if a number is given. */
  predict(x: Rows, options: { first?: number } = {}): Tensor {
    const votes = v.matrixOf('AdaBoost', this.votes(x, options)).rows
    return v.labelTensor(this.classes, votes.map(v.argmax))
  }

  /** The share of rows that are labelled right. */
  score(x: Rows, y: Labels): number {
    return v.accuracy(this.predict(x), y)
  }
}

const judge = ({ feature, threshold, left, right }: Split, row: Float64Array): number =>
  row[feature] <= threshold ? left : right

/** The threshold that leaves the least Gini impurity on its two sides, each of which takes the label of its majority. */
function bestSplit(
  rows: readonly Float64Array[],
  index: readonly number[],
  classes: number,
  weights: Float64Array,
  orders: readonly (readonly number[])[],
): Split {
  const all = new Float64Array(classes)
  index.forEach((c, i) => (all[c] += weights[i]))
  // Σ w · (1 − Σ p²) is smallest where Σ (Σ w²) / Σ w is largest.
  const purity = (part: Float64Array, sum: number): number => (sum > 0 ? v.dot(part, part) / sum : 0)
  const majority = v.argmax(all)
  let best: Split = { feature: 0, threshold: Infinity, left: majority, right: majority }
  let highest = -Infinity
  orders.forEach((order, feature) => {
    const left = new Float64Array(classes)
    let below = 0
    for (let k = 0; k + 1 < order.length; k++) {
      left[index[order[k]]] += weights[order[k]]
      below += weights[order[k]]
      const [here, next] = [rows[order[k]][feature], rows[order[k + 1]][feature]]
      if (next <= here + 1e-7) continue
      const right = all.map((sum, c) => sum - left[c])
      const value = purity(left, below) + purity(right, 1 - below)
      if (value <= highest + 1e-12) continue
      highest = value
      best = { feature, threshold: (here + next) / 2, left: v.argmax(left), right: v.argmax(right) }
    }
  })
  return best
}
