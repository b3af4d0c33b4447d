/** The support vector machine: the widest street between two classes, by sequential minimal optimization. */
import { checkInterrupt } from '../device/interrupt.js'
import { int64Tensor, type Tensor } from '../tensor/tensor.js'
import * as v from './values.js'
import type { Labels, Rows } from './values.js'

/** How alike two rows are. */
export type Kernel = (a: Float64Array, b: Float64Array) => number

/** Settings of `SVM`. */
export interface SVMOptions {
  /** 'rbf': exp(−γ|a − b|²); 'linear': a·b; 'poly': (γ a·b + coef0)^degree; or a function. Default 'rbf'. */
  kernel?: 'linear' | 'rbf' | 'poly' | Kernel
  /** What a row on the wrong side costs. Default 1. */
  C?: number
  /** γ: a number, 'scale' = 1 / (features · variance of the data), 'auto' = 1 / features. Default 'scale'. */
  gamma?: number | 'scale' | 'auto'
  /** Default 3. */
  degree?: number
  /** Default 0. */
  coef0?: number
  /** How far the conditions of the optimum may be missed. Default 1e-3. */
  tol?: number
  /** Steps at most. Default 10 million. */
  maxIter?: number
}

/** One machine between two classes. */
interface Machine {
  readonly negative: number
  readonly positive: number
  /** Rows of the data that support it, with their weight α·y. */
  readonly support: readonly { readonly row: number; readonly weight: number }[]
  readonly intercept: number
}

/** Curvature where the kernel has none, as LIBSVM has it. */
const tau = 1e-12

/** Rows of the kernel's matrix, kept as long as there is room. */
class KernelRows {
  readonly #cache = new Map<number, Float64Array>()
  readonly #most: number
  readonly diagonal: Float64Array

  constructor(
    readonly kernel: Kernel,
    readonly rows: readonly Float64Array[],
  ) {
    this.#most = Math.max(16, Math.floor(2e7 / rows.length))
    this.diagonal = Float64Array.from(rows, (row) => kernel(row, row))
  }

  row(i: number): Float64Array {
    const known = this.#cache.get(i)
    if (known) return known
    const made = Float64Array.from(this.rows, (other) => this.kernel(this.rows[i], other))
    if (this.#cache.size >= this.#most) this.#cache.delete(this.#cache.keys().next().value as number)
    this.#cache.set(i, made)
    return made
  }
}

interface Solution {
  readonly alpha: Float64Array
  readonly rho: number
}

/**
 * Minimizes ½ Σ αᵢαⱼyᵢyⱼKᵢⱼ − Σ αᵢ with 0 ≤ α ≤ C and Σ αᵢyᵢ = 0, two α at a time: the one that violates the conditions most and
 * the one that together with it gains most by the second-order estimate. Platt 1998; Fan, Chen & Lin 2005.
 */
function minimize(kernels: KernelRows, y: readonly number[], C: number, tol: number, maxIter: number): Solution {
  const n = y.length
  const alpha = new Float64Array(n)
  const gradient = new Float64Array(n).fill(-1)
  const canRise = (t: number): boolean => (y[t] > 0 ? alpha[t] < C : alpha[t] > 0)
  const canFall = (t: number): boolean => (y[t] > 0 ? alpha[t] > 0 : alpha[t] < C)
  for (let iteration = 0; iteration < maxIter; iteration++) {
    if (iteration % 64 === 0) checkInterrupt()
    let [i, most] = [-1, -Infinity]
    for (let t = 0; t < n; t++) if (canRise(t) && -y[t] * gradient[t] > most) [i, most] = [t, -y[t] * gradient[t]]
    if (i < 0) break
    const ki = kernels.row(i)
    let [j, best, least] = [-1, 0, Infinity]
    for (let t = 0; t < n; t++) {
      if (!canFall(t)) continue
      const value = -y[t] * gradient[t]
      least = Math.min(least, value)
      const gap = most - value
      if (gap <= 0) continue
      const gain = gap ** 2 / Math.max(kernels.diagonal[i] + kernels.diagonal[t] - 2 * ki[t], tau)
      if (gain > best) [j, best] = [t, gain]
    }
    if (j < 0 || most - least < tol) break
    const kj = kernels.row(j)
    const curvature = Math.max(ki[i] + kj[j] - 2 * ki[j], tau)
    const [oldI, oldJ] = [alpha[i], alpha[j]]
    // Along yᵢαᵢ + yⱼαⱼ = constant, cut off at the sides of the box.
    const step = (-y[i] * gradient[i] + y[j] * gradient[j]) / curvature
    const roomI = y[i] > 0 ? C - oldI : oldI
    const roomJ = y[j] > 0 ? oldJ : C - oldJ
    const moved = Math.min(step, roomI, roomJ)
    alpha[i] = moved === roomI ? (y[i] > 0 ? C : 0) : oldI + y[i] * moved
    alpha[j] = moved === roomJ ? (y[j] > 0 ? 0 : C) : oldJ - y[j] * moved
    const [di, dj] = [(alpha[i] - oldI) * y[i], (alpha[j] - oldJ) * y[j]]
    for (let t = 0; t < n; t++) gradient[t] += y[t] * (ki[t] * di + kj[t] * dj)
  }
  return { alpha, rho: offset(alpha, gradient, y, C) }
}

/** The middle of the street: where the free vectors say, or between the bounds that the others set. */
function offset(alpha: Float64Array, gradient: Float64Array, y: readonly number[], C: number): number {
  let [sum, free, low, high] = [0, 0, -Infinity, Infinity]
  alpha.forEach((a, t) => {
    const value = y[t] * gradient[t]
    if (a > 0 && a < C) {
      sum += value
      free++
    } else if ((a === 0) === y[t] > 0) high = Math.min(high, value)
    else low = Math.max(low, value)
  })
  return free > 0 ? sum / free : (low + high) / 2
}

/**
 * Support vector machine for classes, with a kernel; of more than two classes each pair has its machine, and they vote.
 * Cortes & Vapnik 1995; 《深度学习基础》 1; sklearn.svm.SVC.
 * @example const machine = new classic.SVM({ kernel: 'rbf', C: 10 }).fit(points, labels)
 */
export class SVM {
  readonly options: Readonly<Required<SVMOptions>>
  /** The labels in ascending order. */
  classes: readonly number[] = []
  #machines: readonly Machine[] = []
  #rows: readonly Float64Array[] = []
  #kernel: Kernel | null = null

  constructor(options: SVMOptions = {}) {
    this.options = { kernel: 'rbf', C: 1, gamma: 'scale', degree: 3, coef0: 0, tol: 1e-3, maxIter: 1e7, ...options }
    v.assertPositive('SVM', 'C', this.options.C)
    v.assertPositive('SVM', 'tol', this.options.tol)
    const { kernel, gamma } = this.options
    if (typeof kernel !== 'function' && !['linear', 'rbf', 'poly'].includes(kernel))
      throw new RangeError(`SVM: kernel must be 'linear', 'rbf', 'poly' or a function, got ${JSON.stringify(kernel)}`)
    if (typeof gamma === 'number') v.assertPositive('SVM', 'gamma', gamma)
    else if (gamma !== 'scale' && gamma !== 'auto')
      throw new RangeError(`SVM: gamma must be a number, 'scale' or 'auto', got ${JSON.stringify(gamma)}`)
  }

  #kernelFor({ rows, features }: v.Matrix): Kernel {
    const { kernel, gamma, degree, coef0 } = this.options
    if (typeof kernel === 'function') return kernel
    if (kernel === 'linear') return v.dot
    let g = typeof gamma === 'number' ? gamma : 1 / features
    if (gamma === 'scale') {
      const count = rows.length * features
      const mean = rows.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0) / count
      const variance = rows.reduce((sum, row) => sum + row.reduce((a, b) => a + (b - mean) ** 2, 0), 0) / count
      if (variance > 0) g /= variance
      else g = 1
    }
    return kernel === 'rbf'
      ? (a, b) => Math.exp(-g * v.squaredDistance(a, b))
      : (a, b) => (g * v.dot(a, b) + coef0) ** degree
  }

  /** Learns from rows [N, features] and labels [N], whole numbers. Returns the model. */
  fit(x: Rows, y: Labels): this {
    const matrix = v.matrixOf('SVM', x)
    const { classes, index } = v.classesOf('SVM', y, matrix.rows.length)
    const { C, tol, maxIter } = this.options
    const kernel = this.#kernelFor(matrix)
    const machines: Machine[] = []
    for (let negative = 0; negative < classes.length; negative++)
      for (let positive = negative + 1; positive < classes.length; positive++) {
        const members = index.flatMap((c, row) => (c === negative || c === positive ? [row] : []))
        const signs = members.map((row) => (index[row] === positive ? 1 : -1))
        const kernels = new KernelRows(
          kernel,
          members.map((row) => matrix.rows[row]),
        )
        const { alpha, rho } = minimize(kernels, signs, C, tol, maxIter)
        const support = members.flatMap((row, i) => (alpha[i] > 0 ? [{ row, weight: alpha[i] * signs[i] }] : []))
        machines.push({ negative, positive, support, intercept: -rho })
      }
    this.classes = classes
    this.#kernel = kernel
    this.#rows = matrix.rows
    this.#machines = machines
    return this
  }

  #fitted(): readonly Machine[] {
    return v.fitted('SVM', this.#machines.length > 0 ? this.#machines : null)
  }

  /** Positions of the rows that support any machine, ascending, int64. */
  get support(): Tensor {
    const rows = new Set(this.#fitted().flatMap(({ support }) => support.map(({ row }) => row)))
    return int64Tensor([...rows].sort((a, b) => a - b))
  }

  /** Those rows themselves, float64 [S, features]. */
  get supportVectors(): Tensor {
    return v.rowsTensor(Array.from(this.support.toTypedArray(), Number).map((row) => this.#rows[row]))
  }

  /** α·y of each machine's supporting rows; for two classes in the order of `support`. */
  get dualCoef(): readonly (readonly number[])[] {
    return this.#fitted().map(({ support }) => support.map(({ weight }) => weight))
  }

  /** The offset of each machine, float64 [pairs of classes]. */
  get intercept(): Tensor {
    return v.vectorTensor(this.#fitted().map(({ intercept }) => intercept))
  }

  /** The normal of each machine's plane, float64 [pairs, features]. @throws unless the kernel is linear. */
  get coef(): Tensor {
    if (this.options.kernel !== 'linear')
      throw new Error('SVM: only a linear kernel has a plane in the space of the data')
    const width = this.#rows[0]?.length ?? 0
    return v.rowsTensor(
      this.#fitted().map(({ support }) => {
        const normal = new Float64Array(width)
        for (const { row, weight } of support) this.#rows[row].forEach((value, j) => (normal[j] += weight * value))
        return normal
      }),
    )
  }

  #scores(x: Rows): number[][] {
    const machines = this.#fitted()
    const kernel = this.#kernel as Kernel
    const { rows } = v.matrixOf('SVM', x, this.#rows[0].length)
    return rows.map((row) =>
      machines.map(({ support, intercept }) =>
        support.reduce((sum, { row: i, weight }) => sum + weight * kernel(this.#rows[i], row), intercept),
      ),
    )
  }

  /** Σ α·y·K + b: float64 [N] for two classes (positive: the higher label), else [N, pairs of classes]. */
  decisionFunction(x: Rows): Tensor {
    const scores = this.#scores(x)
    return this.#machines.length === 1 ? v.vectorTensor(scores.flat()) : v.rowsTensor(scores)
  }

  /** Labels int64 [N]. */
  predict(x: Rows): Tensor {
    const index = this.#scores(x).map((scores) => {
      const votes = new Float64Array(this.classes.length)
      scores.forEach((score, m) => {
        const { positive, negative } = this.#machines[m]
        votes[score > 0 ? positive : negative]++
      })
      return v.argmax(votes)
    })
    return v.labelTensor(this.classes, index)
  }

  /** The share of rows that are labelled right. */
  score(x: Rows, y: Labels): number {
    return v.accuracy(this.predict(x), y)
  }
}
