/** A mixture of Gaussians, by expectation and maximization. */
import { defaultGenerator, type Generator } from '../device/random.js'
import { rand, randn } from '../ops/random.js'
import { int64Tensor, type Tensor } from '../tensor/tensor.js'
import { KMeans } from './kmeans.js'
import * as v from './values.js'
import type { Rows } from './values.js'

/** Settings of `GaussianMixture`. */
export interface GaussianMixtureOptions {
  /** 'full': each its own covariance matrix; 'diag': only variances. Default 'full'. */
  covarianceType?: 'full' | 'diag'
  /** Added to variances, so that none vanishes. Default 1e-6. */
  regCovar?: number
  /** Steps at most. Default 100. */
  maxIter?: number
  /** The gain in mean log-likelihood that is too small to go on. Default 1e-3. */
  tol?: number
  /** First means [components, features], instead of those of k-means. */
  meansInit?: Rows
  /** First weights, with meansInit. Default: equal ones. */
  weightsInit?: readonly number[]
  /** First covariances [components][features][features], with meansInit. Default: unit matrices. */
  covariancesInit?: readonly (readonly (readonly number[])[])[]
  /** Draws the beginning, and samples. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

interface Component {
  readonly weight: number
  readonly mean: Float64Array
  readonly covariance: readonly Float64Array[]
  /** Lower triangle L with L·Lᵀ = covariance. */
  readonly root: readonly Float64Array[]
}

/** Gaussian mixture fitted by EM. Dempster, Laird & Rubin 1977; 《深度学习基础》 1; sklearn.mixture.GaussianMixture. */
export class GaussianMixture {
  readonly options: Readonly<GaussianMixtureOptions>
  /** Mean log-likelihood of the data in each step of `fit`; it never falls. */
  history: number[] = []
  /** Whether the last step gained less than tol. */
  converged = false
  readonly #generator: Generator
  #components: readonly Component[] | null = null

  constructor(
    readonly nComponents: number,
    options: GaussianMixtureOptions = {},
  ) {
    v.assertCount('GaussianMixture', 'nComponents', nComponents)
    const { covarianceType = 'full', regCovar = 1e-6 } = options
    if (covarianceType !== 'full' && covarianceType !== 'diag')
      throw new RangeError(
        `GaussianMixture: covarianceType must be 'full' or 'diag', got ${JSON.stringify(covarianceType)}`,
      )
    if (!(regCovar >= 0)) throw new RangeError(`GaussianMixture: regCovar must not be negative, got ${regCovar}`)
    this.options = options
    this.#generator = options.generator ?? defaultGenerator()
  }

  /** Learns from rows [N, features]. Returns the model. @throws RangeError for fewer rows than components. */
  fit(x: Rows): this {
    const { rows, features } = v.matrixOf('GaussianMixture', x)
    if (rows.length < this.nComponents)
      throw new RangeError(`GaussianMixture: ${rows.length} rows cannot make ${this.nComponents} components`)
    const { maxIter = 100, tol = 1e-3 } = this.options
    this.#components = this.#first(rows, features)
    this.history = []
    this.converged = false
    for (let step = 0; step < maxIter && !this.converged; step++) {
      const logs = rows.map((row) => this.#joint(row))
      const totals = logs.map(v.logSumExp)
      const responsibilities = logs.map((log, i) => log.map((value) => Math.exp(value - totals[i])))
      this.history.push(totals.reduce((a, b) => a + b, 0) / rows.length)
      this.#components = this.#maximize(rows, responsibilities)
      const [before, now] = this.history.slice(-2)
      this.converged = this.history.length > 1 && Math.abs(now - before) < tol
    }
    return this
  }

  #first(rows: readonly Float64Array[], features: number): readonly Component[] {
    const { meansInit, weightsInit, covariancesInit } = this.options
    if (!meansInit) {
      const { labels } = new KMeans(this.nComponents, { nInit: 1, generator: this.#generator }).fit(v.rowsTensor(rows))
      const own = Array.from(labels.toTypedArray(), Number)
      return this.#maximize(
        rows,
        own.map((label) => Array.from({ length: this.nComponents }, (_, c) => Number(c === label))),
      )
    }
    const means = v.matrixOf('GaussianMixture', meansInit, features).rows
    if (means.length !== this.nComponents)
      throw new RangeError(
        `GaussianMixture: meansInit has ${means.length} rows, there are ${this.nComponents} components`,
      )
    return means.map((mean, c) => {
      const covariance = mean.map((_, i) => i)
      const matrix = Array.from(covariance, (i) =>
        Float64Array.from(mean, (_, j) => covariancesInit?.[c][i][j] ?? Number(i === j)),
      )
      return this.#component(weightsInit?.[c] ?? 1 / this.nComponents, Float64Array.from(mean), matrix)
    })
  }

  #component(weight: number, mean: Float64Array, covariance: readonly Float64Array[]): Component {
    return { weight, mean, covariance, root: cholesky(covariance) }
  }

  #maximize(rows: readonly Float64Array[], responsibilities: readonly (readonly number[])[]): readonly Component[] {
    const { covarianceType = 'full', regCovar = 1e-6 } = this.options
    return Array.from({ length: this.nComponents }, (_, c) => {
      const total = responsibilities.reduce((sum, r) => sum + r[c], 0) + 10 * Number.EPSILON
      const mean = new Float64Array(rows[0].length)
      rows.forEach((row, n) => row.forEach((value, j) => (mean[j] += (responsibilities[n][c] * value) / total)))
      const covariance = Array.from(mean, () => new Float64Array(mean.length))
      rows.forEach((row, n) => {
        const share = responsibilities[n][c] / total
        if (share === 0) return
        for (let i = 0; i < mean.length; i++) {
          const from = covarianceType === 'diag' ? i : 0
          for (let j = from; j <= i; j++) covariance[i][j] += share * (row[i] - mean[i]) * (row[j] - mean[j])
        }
      })
      for (let i = 0; i < mean.length; i++) {
        covariance[i][i] += regCovar
        for (let j = 0; j < i; j++) covariance[j][i] = covariance[i][j]
      }
      return this.#component(total / rows.length, mean, covariance)
    })
  }

  /** ln(weight · density) for each component. */
  #joint(row: Float64Array): number[] {
    return v.fitted('GaussianMixture', this.#components).map(({ weight, mean, root }) => {
      const z = forwardSolve(
        root,
        row.map((value, j) => value - mean[j]),
      )
      const logDeterminant = root.reduce((sum, line, i) => sum + Math.log(line[i]), 0)
      return Math.log(weight) - 0.5 * (mean.length * Math.log(2 * Math.PI) + v.dot(z, z)) - logDeterminant
    })
  }

  #rows(x: Rows): readonly Float64Array[] {
    return v.matrixOf('GaussianMixture', x, v.fitted('GaussianMixture', this.#components)[0].mean.length).rows
  }

  /** Weights of the components, float64 [components]. */
  get weights(): Tensor {
    return v.vectorTensor(v.fitted('GaussianMixture', this.#components).map(({ weight }) => weight))
  }

  /** Means, float64 [components, features]. */
  get means(): Tensor {
    return v.rowsTensor(v.fitted('GaussianMixture', this.#components).map(({ mean }) => mean))
  }

  /** Covariances, float64 [components, features, features]. */
  get covariances(): Tensor {
    const components = v.fitted('GaussianMixture', this.#components)
    const { length } = components[0].mean
    return v.rowsTensor(components.flatMap(({ covariance }) => covariance)).view(components.length, length, length)
  }

  /** ln p of each row, float64 [N]. */
  scoreSamples(x: Rows): Tensor {
    return v.vectorTensor(this.#rows(x).map((row) => v.logSumExp(this.#joint(row))))
  }

  /** Mean of ln p. */
  score(x: Rows): number {
    return this.scoreSamples(x).mean().item()
  }

  /** Probabilities of the components, float64 [N, components]. */
  predictProba(x: Rows): Tensor {
    return v.rowsTensor(
      this.#rows(x).map((row) => {
        const log = this.#joint(row)
        const total = v.logSumExp(log)
        return log.map((value) => Math.exp(value - total))
      }),
    )
  }

  /** The likeliest component, int64 [N]. */
  predict(x: Rows): Tensor {
    return int64Tensor(this.#rows(x).map((row) => v.argmax(this.#joint(row))))
  }

  /** Bayesian information criterion: the lower, the better. */
  bic(x: Rows): number {
    const { length: features } = v.fitted('GaussianMixture', this.#components)[0].mean
    const perComponent = this.options.covarianceType === 'diag' ? features : (features * (features + 1)) / 2
    const parameters = this.nComponents * (features + perComponent) + this.nComponents - 1
    const { length } = this.#rows(x)
    return -2 * this.score(x) * length + parameters * Math.log(length)
  }

  /** New rows, float64 [count, features]. */
  sample(count: number): Tensor {
    v.assertCount('GaussianMixture', 'count', count)
    const components = v.fitted('GaussianMixture', this.#components)
    const { length } = components[0].mean
    const uniform = rand(count, { dtype: 'float64', generator: this.#generator }).toTypedArray()
    const normal = v.matrixOf(
      'GaussianMixture',
      randn(count, length, { dtype: 'float64', generator: this.#generator }),
    ).rows
    return v.rowsTensor(
      normal.map((z, n) => {
        let left = Number(uniform[n])
        const at = components.findIndex(({ weight }) => (left -= weight) < 0)
        const { mean, root } = components[at < 0 ? components.length - 1 : at]
        return mean.map((value, i) => value + v.dot(root[i].subarray(0, i + 1), z.subarray(0, i + 1)))
      }),
    )
  }
}

function cholesky(matrix: readonly Float64Array[]): Float64Array[] {
  const root = matrix.map((row) => new Float64Array(row.length))
  for (let i = 0; i < matrix.length; i++)
    for (let j = 0; j <= i; j++) {
      const rest = matrix[i][j] - v.dot(root[i].subarray(0, j), root[j].subarray(0, j))
      if (i === j && !(rest > 0))
        throw new RangeError(
          'GaussianMixture: a component has collapsed onto fewer dimensions than the data has; take fewer components or a larger regCovar',
        )
      root[i][j] = i === j ? Math.sqrt(rest) : rest / root[j][j]
    }
  return root
}

/** z with L·z = b. */
function forwardSolve(root: readonly Float64Array[], b: Float64Array): Float64Array {
  const z = new Float64Array(b.length)
  for (let i = 0; i < b.length; i++) z[i] = (b[i] - v.dot(root[i].subarray(0, i), z.subarray(0, i))) / root[i][i]
  return z
}
