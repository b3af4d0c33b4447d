/** Checks of values: equal, close, of a shape, within a range. */
import { show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { deepDifference, placeOf, shapeDifference, type Values, valueDifference, valuesOf } from './compare.js'
import { type CheckOptions, fail, isOpen, pass, shown } from './report.js'

/** Tensors, numbers, and arrays of numbers in any depth. */
export type Numeric = Tensor | number | bigint | boolean | ArrayLike<number> | readonly Numeric[]

/** Settings of `check.close`. */
export interface CloseOptions extends CheckOptions {
  /** Allowed share of the expected value. Default 1e-4. */
  rtol?: number
  /** Allowed distance besides. Default 1e-6. */
  atol?: number
  /** NaN is equal to NaN. Default false. */
  equalNan?: boolean
}

/**
 * The answer is exactly the expected value: numbers, text, booleans, tensors, and arrays and objects of these, compared
 * in depth. For numbers that were computed in another order use `check.close`.
 * @throws CheckError naming the first place that differs, both values and the hint
 * @example check.equal(myAnd(1, 1), 1, { hint: 'both inputs are on: is w·x + b above 0?' })
 */
export function equal(actual: unknown, expected: unknown, options: CheckOptions = {}): void {
  if (isOpen(actual, options, equal)) return
  const found = deepDifference(actual, expected)
  if (!found) return pass(options.what ?? `equals ${brief(expected)}`)
  const at = found.path === '' ? '' : ` at ${found.path.replace(/^\./, '')}`
  fail(
    {
      message: `${options.what ?? 'the value'} is not what was expected${at}${found.why ? `: ${found.why}` : ''}`,
      expected: shown(expected),
      actual: shown(actual),
    },
    options,
    equal,
  )
}

/**
 * The answer is the expected value up to rounding: |actual − expected| ≤ atol + rtol · |expected| for every element
 * (torch.allclose). Takes tensors, numbers and nested arrays; the shapes must be the same.
 * @throws CheckError naming the shapes or the first element that differs, the largest difference and the hint
 * @example check.close(mySoftmax(x), F.softmax(x, 1), { hint: 'subtract the largest score first' })
 */
export function close(actual: Numeric, expected: Numeric, options: CloseOptions = {}): void {
  if (isOpen(actual, options, close)) return
  const { rtol = 1e-4, atol = 1e-6, equalNan = false, what = 'the result' } = options
  const a = numeric(actual, options, close)
  const e = valuesOf(expected)
  if (!e) throw new TypeError(`check.close: expected must be a tensor or numbers, got ${shown(expected)}`)
  const shapes = shapeDifference(a.shape, e.shape)
  if (shapes) fail({ message: `${what} has another shape: ${shapes}` }, options, close)
  const found = valueDifference(a.data, e.data, { rtol, atol, equalNan })
  if (!found)
    return pass(
      options.what ?? (e.data.length === 1 ? `${number(a.data[0])} is right` : `all ${e.data.length} values agree`),
    )
  const { first, count, worst } = found
  const pair = (i: number): string => `got ${number(a.data[i])}, expected ${number(e.data[i])}`
  const details =
    e.shape.length === 0
      ? []
      : [
          `${count} of ${e.data.length} values differ; the first at ${placeOf(first, e.shape)}: ${pair(first)}`,
          ...(worst === first ? [] : [`the largest difference at ${placeOf(worst, e.shape)}: ${pair(worst)}`]),
        ]
  if (a.data.some(Number.isNaN)) details.push('the result holds NaN: look for 0/0, log of a negative number, ∞ − ∞')
  fail(
    { message: `${what} is not close enough`, expected: shown(expected), actual: shown(actual), details },
    options,
    close,
  )
}

/**
 * The tensor (or nested array) has these sizes; null stands for any size.
 * @throws CheckError with both shapes, the dimension that differs and the hint
 * @example check.shape(net.forward(images), [null, 10], { hint: 'one score for each digit' })
 */
export function shape(
  actual: Tensor | readonly unknown[],
  expected: readonly (number | null)[],
  options: CheckOptions = {},
): void {
  if (isOpen(actual, options, shape)) return
  const given = numeric(actual as Numeric, options, shape).shape
  const filled = expected.map((size, i) => size ?? (expected.length === given.length ? given[i] : -1))
  const found = shapeDifference(given, filled)
  const wanted = `[${expected.map((size) => size ?? 'any').join(', ')}]`
  if (!found) return pass(options.what ?? `the shape is ${show(given)}`)
  fail(
    {
      message: `${options.what ?? 'the result'} has another shape`,
      expected: wanted,
      actual: show(given),
      details: [
        given.length === filled.length
          ? `dimension ${given.findIndex((size, i) => size !== filled[i])} differs`
          : `${given.length} dimensions instead of ${filled.length}`,
      ],
    },
    options,
    shape,
  )
}

/**
 * Every number lies between low and high, both included.
 * @throws CheckError naming the first that does not, and the hint
 * @example check.range(F.sigmoid(x), 0, 1)
 */
export function range(actual: Numeric, low: number, high: number, options: CheckOptions = {}): void {
  if (isOpen(actual, options, range)) return
  const { shape: sizes, data } = numeric(actual, options, range)
  const bad = data.findIndex((value) => !(value >= low && value <= high))
  if (bad < 0)
    return pass(
      options.what ??
        (data.length === 1 ? `${number(data[0])} lies` : 'all values lie') + ` between ${low} and ${high}`,
    )
  const place = sizes.length === 0 ? '' : ` at ${placeOf(bad, sizes)}`
  fail(
    {
      message: `${options.what ?? 'a value'} lies outside${place}`,
      expected: `${low} … ${high}`,
      actual: number(data[bad]),
    },
    options,
    range,
  )
}

/** The answer as numbers. @throws CheckError when it is none. */
export function numeric(actual: unknown, options: CheckOptions, check: (...args: never[]) => unknown): Values {
  const values = valuesOf(actual)
  if (values) return values
  const message = `${options.what ?? 'the result'} should be a tensor or numbers`
  fail({ message, actual: shown(actual) }, options, check)
}

/** A number as it is read: up to seven digits. */
export function number(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(7))) : String(value).toLowerCase()
}

function brief(value: unknown): string {
  const text = shown(value)
  return text.length > 40 || text.includes('\n') ? 'the expected value' : text
}
