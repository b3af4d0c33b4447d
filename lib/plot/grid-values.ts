/** Values at the points of a grid over a plane, and functions of two numbers turned into such. */
import { noGrad } from '../autograd/mode.js'
import { Stop } from '../device/interrupt.js'
import { tensor } from '../ops/creation.js'
import { Tensor } from '../tensor/tensor.js'
import { type NestedNumbers, type Scalar, toMatrix, toNumbers, toScalar } from './numbers.js'

/** Row-major values. */
export interface GridValues {
  readonly values: Float64Array
  readonly rows: number
  readonly columns: number
}

/** A function of a point of the plane: of two numbers, or of two tensors with all points at once. */
export type PlaneFunction = ((x: number, y: number) => Scalar) | ((x: Tensor, y: Tensor) => Tensor)

/** Where the grid of a contour or surface stands. */
export interface GridOptions {
  /** From and to on the x axis; default [−3, 3] for functions, the positions 0, 1, … for grids of values. */
  x?: readonly [number, number]
  /** From and to on the y axis; default as for x. */
  y?: readonly [number, number]
  /** Points of the grid along each axis, for functions. Default 61. */
  resolution?: number
}

/** A grid with the places of its columns and rows. */
export interface PlaneGrid extends GridValues {
  readonly x: Float64Array
  readonly y: Float64Array
}

/** Throws unless the sizes fit the values. */
export function checkGrid({ values, rows, columns }: GridValues): void {
  if (values.length !== rows * columns)
    throw new RangeError(`a grid of ${rows} × ${columns} needs as many values, got ${values.length}`)
}

/** The grid of a function, or of a matrix of values [rows (y), columns (x)]. */
export function planeGrid(who: string, source: PlaneFunction | NestedNumbers, options: GridOptions): PlaneGrid {
  for (const axis of ['x', 'y'] as const) checkSpan(`${who}: ${axis}`, options[axis])
  if (typeof source !== 'function') {
    const { data, rows, columns } = toMatrix(source, `${who}: z`)
    const x = options.x ? spaced(options.x, columns) : Float64Array.from({ length: columns }, (_, i) => i)
    const y = options.y ? spaced(options.y, rows) : Float64Array.from({ length: rows }, (_, i) => i)
    return { values: data, rows, columns, x, y }
  }
  const { resolution = 61 } = options
  if (!Number.isInteger(resolution) || resolution < 2 || resolution > 1000)
    throw new RangeError(`${who}: resolution is ${resolution}; a whole number from 2 to 1000 is expected`)
  const x = spaced(options.x ?? [-3, 3], resolution)
  const y = spaced(options.y ?? options.x ?? [-3, 3], resolution)
  return { values: evaluate(who, source, x, y), rows: resolution, columns: resolution, x, y }
}

/** `n` numbers at equal distances, both ends included. */
export function spaced([from, to]: readonly [number, number], n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => (n === 1 ? from : from + ((to - from) * i) / (n - 1)))
}

/** Throws unless the two are finite and the smaller stands first. */
export function checkSpan(what: string, span: readonly [number, number] | undefined): void {
  if (span && !(Number.isFinite(span[0]) && Number.isFinite(span[1]) && span[0] < span[1]))
    throw new RangeError(`${what} is [${span.join(', ')}]; two finite numbers are expected, the smaller first`)
}

/** The function at every point of the grid, rows of y and columns of x. */
function evaluate(who: string, f: PlaneFunction, x: Float64Array, y: Float64Array): Float64Array {
  const n = x.length * y.length
  const across = Float64Array.from({ length: n }, (_, i) => x[i % x.length])
  const up = Float64Array.from({ length: n }, (_, i) => y[Math.floor(i / x.length)])
  return valuesOfPlane(who, f, across, up)
}

/** The function at single points. A function of tensors throws when it is given numbers: that is how it is known. */
export function valuesOfPlane(who: string, f: PlaneFunction, x: Float64Array, y: Float64Array): Float64Array {
  if (x.length === 0) return new Float64Array()
  let first: unknown
  try {
    first = (f as (x: number, y: number) => unknown)(x[0], y[0])
  } catch (error) {
    if (error instanceof Stop) throw error
    return ofTensors(who, f as (x: Tensor, y: Tensor) => unknown, x, y, error)
  }
  const value = f as (x: number, y: number) => Scalar
  const what = `${who}: the function's result`
  return x.map((at, i) => (i === 0 ? toScalar(first, what) : toScalar(value(at, y[i]), what)))
}

function ofTensors(
  who: string,
  f: (x: Tensor, y: Tensor) => unknown,
  x: Float64Array,
  y: Float64Array,
  withNumbers: unknown,
): Float64Array {
  const result = noGrad(() => {
    try {
      return f(tensor(x), tensor(y))
    } catch (error) {
      // Of a function that fails either way, the mistake that is its own is the one with the arguments that it wants.
      throw withNumbers instanceof TypeError ? error : withNumbers
    }
  })
  const values = toNumbers(result, `${who}: the function's result`)
  if (values.length === x.length) return values
  throw new RangeError(
    `${who}: the function gives ${values.length} values for ${x.length} points; one for each is expected (elementwise operations keep the shape)`,
  )
}

/** The value between the points of a grid, linear in both directions; NaN outside or beside a NaN. */
export function interpolate({ values, rows, columns }: GridValues, column: number, row: number): number {
  if (!(column >= 0 && row >= 0 && column <= columns - 1 && row <= rows - 1)) return NaN
  const c = Math.min(Math.floor(column), Math.max(0, columns - 2))
  const r = Math.min(Math.floor(row), Math.max(0, rows - 2))
  const [dc, dr] = [column - c, row - r]
  const at = (i: number, j: number): number => values[Math.min(i, rows - 1) * columns + Math.min(j, columns - 1)]
  const low = dc === 0 ? at(r, c) : at(r, c) * (1 - dc) + at(r, c + 1) * dc
  if (dr === 0) return low
  const high = dc === 0 ? at(r + 1, c) : at(r + 1, c) * (1 - dc) + at(r + 1, c + 1) * dc
  return low * (1 - dr) + high * dr
}

/** Where `value` lies among ascending places, as a fractional index; NaN outside. */
export function indexAmong(places: Float64Array, value: number): number {
  const n = places.length
  if (n === 1) return value === places[0] ? 0 : NaN
  if (!(value >= places[0] && value <= places[n - 1])) return NaN
  let [low, high] = [0, n - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (places[middle] <= value) low = middle
    else high = middle
  }
  return low + (value - places[low]) / (places[high] - places[low])
}
