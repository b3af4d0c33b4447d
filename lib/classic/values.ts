/** What the classic models share: rows of numbers and labels, checked once and read as plain arrays, which suits small data best. */
import { isFloating } from '../tensor/dtype.js'
import { ShapeError, show } from '../tensor/shape.js'
import { assertTensor, int64Tensor, Tensor } from '../tensor/tensor.js'
import { tensor } from '../ops/creation.js'

/** Data as it is given: a tensor [N, features], or nested arrays. */
export type Rows = Tensor | readonly (readonly number[])[]

/** Labels as they are given, one for each row. */
export type Labels = Tensor | readonly number[]

/** N rows of numbers. */
export interface Matrix {
  readonly rows: readonly Float64Array[]
  readonly features: number
}

/** The rows as arrays. @throws ShapeError unless there are rows of at least one feature; RangeError for numbers that are none. */
export function matrixOf(name: string, x: Rows, features?: number): Matrix {
  const given: Tensor = x instanceof Tensor ? x : tensor(x as readonly number[][], { dtype: 'float64' })
  assertTensor(name, 'the data', given)
  if (given.ndim !== 2 || given.size(0) === 0 || given.size(1) === 0)
    throw new ShapeError(`${name}: the data must have shape [N, features] with N > 0, got ${show(given.shape)}`)
  const [count, width] = given.shape as [number, number]
  if (features !== undefined && width !== features)
    throw new ShapeError(`${name}: the data has ${width} features, the model was fitted to ${features}`)
  const flat = Float64Array.from(given.detach().toTypedArray(), Number)
  const bad = flat.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0)
    throw new RangeError(
      `${name}: row ${Math.floor(bad / width)} has ${flat[bad]} as feature ${bad % width}; numbers must be finite`,
    )
  return { rows: Array.from({ length: count }, (_, i) => flat.subarray(i * width, (i + 1) * width)), features: width }
}

/** One number for each row. @throws ShapeError when they are more or fewer. */
export function numbersOf(name: string, y: Labels, count: number): number[] {
  const shape = y instanceof Tensor ? y.shape : [y.length]
  const numbers = y instanceof Tensor ? Array.from(y.detach().toTypedArray(), Number) : [...y]
  if (shape.length !== 1 || numbers.length !== count)
    throw new ShapeError(`${name}: needs one target for each of ${count} rows, got shape ${show(shape as number[])}`)
  return numbers
}

/** Labels as positions in the ascending list of classes. */
export interface Classes {
  readonly classes: readonly number[]
  readonly index: readonly number[]
}

/** The classes among the labels. @throws RangeError for labels that are not whole, or fewer than two classes. */
export function classesOf(name: string, y: Labels, count: number): Classes {
  const labels = numbersOf(name, y, count)
  const bad = labels.findIndex((label) => !Number.isInteger(label))
  if (bad >= 0) throw new RangeError(`${name}: labels must be whole numbers, row ${bad} has ${labels[bad]}`)
  const classes = [...new Set(labels)].sort((a, b) => a - b)
  if (classes.length < 2) throw new RangeError(`${name}: needs at least two classes, got only ${String(classes[0])}`)
  const position = new Map(classes.map((label, i) => [label, i]))
  return { classes, index: labels.map((label) => position.get(label) as number) }
}

/** Labels int64 [N]. */
export function labelTensor(classes: readonly number[], index: readonly number[]): Tensor {
  return int64Tensor(index.map((i) => classes[i]))
}

/** Rows of numbers as a tensor float64. */
export function rowsTensor(rows: readonly ArrayLike<number>[]): Tensor {
  const width = rows[0]?.length ?? 0
  const flat = new Float64Array(rows.length * width)
  rows.forEach((row, i) => flat.set(row, i * width))
  return tensor(flat).view(rows.length, width)
}

/** Numbers as a tensor float64 [N]. */
export function vectorTensor(values: ArrayLike<number>): Tensor {
  return tensor(Float64Array.from(values))
}

/** The position of the largest number; the first of equal ones. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i
  return best
}

/** a · b. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/** |a − b|². */
export function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2
  return sum
}

/** ln Σ eˣ without overflow. */
export function logSumExp(values: readonly number[]): number {
  const top = Math.max(...values)
  if (!Number.isFinite(top)) return top
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0))
}

/** The share of rows whose label is predicted. */
export function accuracy(predicted: Tensor, y: Labels): number {
  const got = Array.from(predicted.toTypedArray(), Number)
  const wanted = numbersOf('score', y, got.length)
  return got.filter((label, i) => label === wanted[i]).length / got.length
}

/** The value of a fitted model. @throws before `fit`. */
export function fitted<T>(name: string, value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error(`${name}: not fitted yet; call .fit(data, …) first`)
  return value
}

/** Throws unless the value is a positive number. */
export function assertPositive(name: string, what: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${name}: ${what} must be positive, got ${value}`)
}

/** Throws unless the value is a positive integer. */
export function assertCount(name: string, what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${name}: ${what} must be a positive integer, got ${value}`)
}

/** float32 or float64 data as it is; integers as float64. */
export function floating(x: Tensor): Tensor {
  return isFloating(x.dtype) ? x.detach() : x.detach().double()
}
