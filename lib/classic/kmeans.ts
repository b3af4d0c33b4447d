/** k-means: every row to its nearest centre, every centre to the middle of its rows. */
import { defaultGenerator, type Generator } from '../device/random.js'
import { rand } from '../ops/random.js'
import { int64Tensor, type Tensor } from '../tensor/tensor.js'
import * as v from './values.js'
import type { Rows } from './values.js'

/** Settings of `KMeans`. */
export interface KMeansOptions {
  /** Starts from other centres; the best result counts. Default 10. */
  nInit?: number
  /** Steps of a start at most. Default 300. */
  maxIter?: number
  /** First centres [clusters, features], instead of k-means++. */
  init?: Rows
  /** Draws first centres. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

interface Found {
  readonly centers: readonly Float64Array[]
  readonly labels: readonly number[]
  readonly inertia: number
}

/** k-means clustering with first centres far from one another (k-means++). Lloyd 1982; Arthur & Vassilvitskii 2007; sklearn.cluster.KMeans. */
export class KMeans {
  readonly #options: KMeansOptions
  #found: Found | null = null

  constructor(
    readonly nClusters: number,
    options: KMeansOptions = {},
  ) {
    v.assertCount('KMeans', 'nClusters', nClusters)
    this.#options = options
  }

  /** Finds the centres of rows [N, features]. Returns the model. @throws RangeError for fewer rows than clusters. */
  fit(x: Rows): this {
    const { rows, features } = v.matrixOf('KMeans', x)
    if (rows.length < this.nClusters)
      throw new RangeError(`KMeans: ${rows.length} rows cannot make ${this.nClusters} clusters`)
    const { nInit = 10, maxIter = 300, init, generator = defaultGenerator() } = this.#options
    const given = init && v.matrixOf('KMeans', init, features).rows
    let best: Found | null = null
    for (let start = 0; start < (given ? 1 : nInit); start++) {
      const found = settle(rows, given ?? farApart(rows, this.nClusters, generator), maxIter)
      if (!best || found.inertia < best.inertia) best = found
    }
    this.#found = best
    return this
  }

  /** Centres, float64 [clusters, features]. */
  get clusterCenters(): Tensor {
    return v.rowsTensor(v.fitted('KMeans', this.#found).centers)
  }

  /** The cluster of each row of the data, int64 [N]. */
  get labels(): Tensor {
    return int64Tensor(v.fitted('KMeans', this.#found).labels)
  }

  /** Sum of squared distances of the rows to their centres. */
  get inertia(): number {
    return v.fitted('KMeans', this.#found).inertia
  }

  /** The nearest cluster, int64 [N]. */
  predict(x: Rows): Tensor {
    const { centers } = v.fitted('KMeans', this.#found)
    return int64Tensor(v.matrixOf('KMeans', x, centers[0].length).rows.map((row) => nearest(row, centers).index))
  }
}

function nearest(row: Float64Array, centers: readonly Float64Array[]): { index: number; distance: number } {
  let [index, distance] = [0, Infinity]
  centers.forEach((center, i) => {
    const d = v.squaredDistance(row, center)
    if (d < distance) [index, distance] = [i, d]
  })
  return { index, distance }
}

/** Each next centre is a row drawn with probability proportional to its squared distance from the centres so far. */
function farApart(rows: readonly Float64Array[], count: number, generator: Generator): Float64Array[] {
  const draw = (): number => rand(1, { dtype: 'float64', generator }).item()
  const centers = [rows[Math.min(Math.floor(draw() * rows.length), rows.length - 1)]]
  while (centers.length < count) {
    const distances = rows.map((row) => nearest(row, centers).distance)
    let left = draw() * distances.reduce((a, b) => a + b, 0)
    const at = distances.findIndex((d) => (left -= d) < 0)
    centers.push(rows[at < 0 ? rows.length - 1 : at])
  }
  return centers
}

function settle(rows: readonly Float64Array[], first: readonly Float64Array[], maxIter: number): Found {
  let centers = first.map((center) => Float64Array.from(center))
  let labels: number[] = []
  for (let step = 0; step <= maxIter; step++) {
    const next = rows.map((row) => nearest(row, centers).index)
    if (step > 0 && next.every((label, i) => label === labels[i])) break
    labels = next
    centers = centers.map((center, c) => {
      const members = rows.filter((_, i) => next[i] === c)
      // An empty cluster stays where it was.
      return members.length === 0
        ? center
        : center.map((_, j) => members.reduce((sum, row) => sum + row[j], 0) / members.length)
    })
  }
  const inertia = rows.reduce((sum, row, i) => sum + v.squaredDistance(row, centers[labels[i]]), 0)
  return { centers, labels, inertia }
}
