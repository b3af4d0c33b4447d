/** Curves of functions, with their derivatives beside them. */
import { backward } from '../autograd/index.js'
import { noGrad } from '../autograd/mode.js'
import { Stop } from '../device/interrupt.js'
import type { Module } from '../nn/module.js'
import { tensor } from '../ops/creation.js'
import { Tensor } from '../tensor/tensor.js'
import { line, type LineOptions } from './charts.js'
import { type Figure, grid } from './figure.js'
import { checkSpan, spaced } from './grid-values.js'
import { type Scalar, toNumbers, toScalar } from './numbers.js'
import { record } from './series.js'

/** A function of tensors, elementwise, or a module that is one. */
export type TensorFunction = ((x: Tensor) => Tensor) | Module

/** A function of one number. */
export type NumberFunction = (x: number) => Scalar

/** Settings of `curve`. */
export interface CurveOptions extends LineOptions {
  /**
   * Draw the derivative too: `true` in a panel of its own beside the function, 'overlay' dashed in the same panel. By autograd for
   * functions of tensors, by central differences for functions of numbers. Default false.
   */
  derivative?: boolean | 'overlay'
  /** Number of points. Default 401. */
  points?: number
}

/**
 * Curves of functions over [from, to]: `plot.curve(F.sigmoid, [-8, 8], { derivative: true })`, or several by name. They take
 * tensors (elementwise; modules too) or numbers, such as `Math.sin`; an arrow function without types is given tensors.
 * Throws RangeError for an empty span or a function that does not give one value for each point.
 * @example plot.curve({ relu: F.relu, elu: new nn.ELU() }, [-3, 3], { derivative: true, title: 'Two rectifiers' })
 */
export function curve(f: TensorFunction, span: readonly [number, number], options?: CurveOptions): Figure
export function curve(f: NumberFunction, span: readonly [number, number], options?: CurveOptions): Figure
export function curve(
  functions: Readonly<Record<string, TensorFunction>>,
  span: readonly [number, number],
  options?: CurveOptions,
): Figure
export function curve(
  functions: Readonly<Record<string, NumberFunction>>,
  span: readonly [number, number],
  options?: CurveOptions,
): Figure
export function curve(source: unknown, span: readonly [number, number], options: CurveOptions = {}): Figure {
  const { derivative = false, points = 401, title, width, height, ...look } = options
  checkSpan('plot.curve: the span', span)
  if (!Number.isInteger(points) || points < 2 || points > 100_000)
    throw new RangeError(`plot.curve: points is ${points}; a whole number from 2 is expected`)
  const x = spaced(span, points)
  const single = typeof source === 'function' || isModule(source)
  const entries: [string, unknown][] = single ? [[nameOf(source), source]] : record('plot.curve', source)
  const all = entries.map(([name, f]) => ({ name, ...sample(name, f, x, derivative !== false) }))
  const values = Object.fromEntries(all.map(({ name, y }) => [name, [x, y] as const]))
  const slopes = Object.fromEntries(all.map(({ name, slope }) => [`${name}′`, [x, slope] as const]))
  const shared = { xlabel: 'x', ...look }
  if (derivative === false) return line(values, { ...shared, title, width, height, legend: look.legend ?? !single })
  if (derivative === 'overlay') {
    const dashed = Object.fromEntries(Object.keys(slopes).map((name) => [name, { dash: 'dash' as const }]))
    return line({ ...values, ...slopes }, { ...shared, styles: { ...dashed, ...look.styles }, title, width, height })
  }
  const [left, right] = single ? [entries[0][0], `${entries[0][0]}′`] : ['function', 'derivative']
  // One legend serves both: a function and its slope have the same colour.
  const panels = [
    line(values, { ...shared, title: left }),
    line(slopes, { ...shared, title: right, ylim: undefined, legend: false }),
  ]
  return grid(panels, { title, width, height })
}

/** Values and, if wanted, slopes. A function of tensors throws when it is given a number: that is how it is known. */
function sample(name: string, f: unknown, x: Float64Array, slopes: boolean): { y: Float64Array; slope: Float64Array } {
  const what = `plot.curve: ${name}`
  if (isModule(f)) return ofTensors(what, (at) => (f.forward as (x: Tensor) => Tensor).call(f, at), x, slopes)
  if (typeof f !== 'function') throw new TypeError(`${what} is no function and no module`)
  const numbers = f as NumberFunction
  let first: Scalar
  try {
    first = numbers(x[0])
    if (first instanceof Tensor) return ofTensors(what, f as (x: Tensor) => Tensor, x, slopes)
  } catch (withNumber) {
    if (withNumber instanceof Stop) throw withNumber
    try {
      return ofTensors(what, f as (x: Tensor) => Tensor, x, slopes)
    } catch (error) {
      throw withNumber instanceof TypeError ? error : withNumber
    }
  }
  const value = (at: number): number => toScalar(numbers(at), what)
  const step = ((x[x.length - 1] - x[0]) / (x.length - 1)) * 1e-3
  const y = x.map((at, i) => (i === 0 ? toScalar(first, what) : value(at)))
  return { y, slope: slopes ? x.map((at) => (value(at + step) - value(at - step)) / (2 * step)) : new Float64Array() }
}

function ofTensors(
  what: string,
  f: (x: Tensor) => Tensor,
  x: Float64Array,
  slopes: boolean,
): { y: Float64Array; slope: Float64Array } {
  const at = tensor(x, { dtype: 'float32' }).requiresGrad_(slopes)
  const result = slopes ? f(at) : noGrad(() => f(at))
  const y = toNumbers(result, what)
  if (y.length !== x.length)
    throw new RangeError(
      `${what} gives ${y.length} values for ${x.length} points; one for each is expected (elementwise operations keep the shape)`,
    )
  if (!slopes) return { y, slope: new Float64Array() }
  // A step function may not depend on x as far as gradients go: its slope is 0.
  if (!result.requiresGrad) return { y, slope: new Float64Array(x.length) }
  backward(result.sum(), { inputs: [at] })
  return { y, slope: at.grad ? toNumbers(at.grad, what) : new Float64Array(x.length) }
}

function isModule(value: unknown): value is Module {
  return typeof value === 'object' && value !== null && typeof (value as { forward?: unknown }).forward === 'function'
}

function nameOf(f: unknown): string {
  const name = typeof f === 'function' ? f.name : ((f as object).constructor.name ?? '')
  return name === '' ? 'f' : name
}
