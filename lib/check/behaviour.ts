/** Checks of what code does: conditions, errors, gradients, and how a training went. */
import { gradcheck } from '../autograd/gradcheck.js'
import { noGrad } from '../autograd/mode.js'
import { Stop } from '../device/interrupt.js'
import { tensor } from '../ops/creation.js'
import { Tensor } from '../tensor/tensor.js'
import { placeOf, valueDifference } from './compare.js'
import { ___, isGapError } from './gap.js'
import { type CheckOptions, fail, isOpen, pass, remind, shown } from './report.js'
import { close, number, numeric, type Numeric } from './values.js'

/** Settings of `check.gradient`. */
export interface GradientOptions extends CheckOptions {
  /** A gradient found by hand, to compare with autograd's; default: autograd's is compared with finite differences. */
  gradient?: Numeric | ((x: Tensor) => Numeric)
  /** Allowed share of the expected value. Default 1e-3. */
  rtol?: number
  /** Allowed distance besides. Default 1e-5. */
  atol?: number
}

/** Settings of `check.decreasing`. */
export interface DecreasingOptions extends CheckOptions {
  /** No value may be above the one before it. Default false: the end is compared with the start, as noise has it. */
  strict?: boolean
  /** Least share by which the values must have fallen, 0 to 1. Default 0: any fall. */
  by?: number
}

/**
 * A condition holds: a value, or a function that finds it, for work that cannot be done while there is a gap. The hint is what
 * the reader is told when it does not hold.
 * @throws CheckError with the hint
 * @example check.that(perceptron.score(x, y) === 1, 'train for more epochs')
 * @example check.that(() => new classic.Perceptron().fit(myFeatures(x), y).score(myFeatures(x), y) === 1, 'not separable yet')
 */
export function that(condition: unknown, hint: string, options: Omit<CheckOptions, 'hint'> = {}): void {
  const all = { ...options, hint }
  if (isOpen(condition, all, that)) return
  let found = condition
  try {
    if (typeof condition === 'function') found = (condition as () => unknown)()
  } catch (error) {
    if (!isGapError(error)) throw error
    return remind(options.what ?? 'your code')
  }
  if (found !== condition && isOpen(found, all, that)) return
  refusePromise(found, all, that)
  const value = found instanceof Tensor ? found.numel() === 1 && found.item() !== 0 : Boolean(found)
  if (value) return pass(options.what ?? 'that holds')
  fail({ message: `${options.what ?? 'the condition'} does not hold` }, all, that)
}

/** A promise is no answer yet: it would pass as true, and fail later where nobody looks. */
function refusePromise(value: unknown, options: CheckOptions, check: (...args: never[]) => unknown): void {
  if (!(value instanceof Promise)) return
  value.catch(() => {})
  fail(
    { message: `${options.what ?? 'the answer'} is a promise; await it, and give the check what comes of it` },
    options,
    check,
  )
}

/**
 * Calling the function throws an error whose message matches the pattern (default: any error).
 * @returns the message, to be read; empty while there is a gap
 * @throws CheckError when nothing is thrown or another message
 * @example check.throws(() => a.matmul(b), /shape/)
 */
export function throws(body: () => unknown, pattern: RegExp = /(?:)/, options: CheckOptions = {}): string {
  if (isOpen(body, options, throws)) return ''
  try {
    refusePromise(body(), options, throws)
  } catch (error) {
    if (isGapError(error)) {
      remind(options.what ?? 'your code')
      return ''
    }
    if (error instanceof Stop || (error as Error | null)?.name === 'CheckError') throw error
    const message = error instanceof Error ? error.message : String(error)
    if (pattern.test(message)) {
      pass(options.what ?? `throws: ${message.split('\n')[0] ?? ''}`)
      return message
    }
    fail(
      { message: 'it throws, but another error', expected: `a message matching ${pattern}`, actual: message },
      options,
      throws,
    )
  }
  fail({ message: `${options.what ?? 'the call'} should throw an error, but it returned` }, options, throws)
}

/**
 * The gradient of f at x is right: autograd's against finite differences (in float64), or one found by hand (`gradient`,
 * numbers or a function of x) against autograd's. f may return any number of values; they are summed.
 * @throws CheckError naming the element, both values and the hint
 * @example check.gradient((z) => F.sigmoid(z), linspace(-3, 3, 7), { gradient: (z) => mySlope(z) })
 */
export function gradient(f: (x: Tensor) => Tensor, x: Numeric, options: GradientOptions = {}): void {
  if (isOpen(f, options, gradient)) return
  try {
    compareGradient(f, x, options)
  } catch (error) {
    if (!isGapError(error)) throw error
    remind(options.what ?? 'your code')
  }
}

function compareGradient(f: (x: Tensor) => Tensor, x: Numeric, options: GradientOptions): void {
  const { rtol = 1e-3, atol = 1e-5, what = 'the gradient' } = options
  const at = (
    x instanceof Tensor ? x.detach().to('float64').clone() : tensor(x as number[], { dtype: 'float64' })
  ).requiresGrad_()
  if ('gradient' in options) {
    const { gradient: by } = options
    f(at).sum().backward()
    const mine = typeof by === 'function' && by !== ___ ? by(at.detach()) : by
    if (isOpen(mine, { ...options, what }, gradient)) return
    const right = at.grad ?? at.detach().mul(0)
    return close(mine as Numeric, right, { rtol, atol, what, hint: options.hint })
  }
  f(at).sum().backward()
  const found = numeric(at.grad ?? at.detach().mul(0), options, gradient)
  const wanted = slopes(f, at.detach())
  const wrong = valueDifference(found.data, wanted, { rtol, atol, equalNan: false })
  if (wrong) {
    const [expected, actual] = [wanted, found.data].map((values) => number(values[wrong.first]))
    fail({ message: `${what} is wrong at ${placeOf(wrong.first, found.shape)}`, expected, actual }, options, gradient)
  }
  // Mistakes that cancel in a sum show under weights.
  if (!gradcheck(f, [at], { rtol, atol, raiseException: false }))
    fail({ message: `${what} of single results is wrong, though that of their sum is right` }, options, gradient)
  pass(options.what ?? 'the gradient agrees with finite differences')
}

/** Central differences of the sum of f's results. */
function slopes(f: (x: Tensor) => Tensor, at: Tensor): Float64Array {
  const step = 1e-6
  const point = at.clone()
  const memory = point.asTypedArray() as Float64Array
  const value = (): number => noGrad(() => f(point).sum().item())
  return memory.slice().map((middle, i) => {
    memory[i] = middle + step
    const up = value()
    memory[i] = middle - step
    const down = value()
    memory[i] = middle
    return (up - down) / (2 * step)
  })
}

/**
 * The values go down: the mean of the last fifth lies below that of the first, by at least the share `by`; with `strict`
 * no value is above the one before it.
 * @throws CheckError with both means, or the first rise, and the hint
 * @example check.decreasing(losses, { by: 0.5, hint: 'did you call optimizer.step()?' })
 * @example check.decreasing(energies, { strict: true })
 */
export function decreasing(values: Numeric, options: DecreasingOptions = {}): void {
  if (isOpen(values, options, decreasing)) return
  const { strict = false, by = 0, what = 'the values' } = options
  const { data } = numeric(values, options, decreasing)
  const bad = data.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) fail({ message: `value ${bad} of ${what} is ${number(data[bad])}` }, options, decreasing)
  if (data.length < 2) fail({ message: `${what} are ${data.length}; at least two are needed` }, options, decreasing)
  if (strict) {
    // Rounding may lift a value that stands still.
    const rise = data.findIndex((value, i) => i > 0 && value > data[i - 1] + 1e-9 * Math.abs(data[i - 1]))
    if (rise > 0) {
      const message = `${what} rise at step ${rise}: from ${number(data[rise - 1])} to ${number(data[rise])}`
      fail({ message }, options, decreasing)
    }
  }
  const share = Math.max(1, Math.floor(data.length / 5))
  const mean = (part: Float64Array): number => part.reduce((sum, value) => sum + value, 0) / part.length
  const [start, end] = [mean(data.subarray(0, share)), mean(data.subarray(-share))]
  const fallen = end < start && (start - end) / Math.abs(start) >= by
  const fell = `from ${number(start)} to ${number(end)}`
  if (fallen) return pass(options.what ?? `fell ${fell}`)
  const wanted = by > 0 ? `a fall by at least ${number(by * 100)} %` : 'a fall'
  fail({ message: `${what} do not fall enough`, expected: wanted, actual: fell }, options, decreasing)
}

/**
 * An accuracy, a share from 0 to 1, reaches a mark.
 * @throws CheckError with both and the hint
 * @example check.accuracy(correct / 10_000, 0.97, { hint: 'five epochs of Adam at 1e-3 get there' })
 */
export function accuracy(value: Numeric, atLeast: number, options: CheckOptions = {}): void {
  if (isOpen(value, options, accuracy)) return
  const { data } = numeric(value, options, accuracy)
  const what = options.what ?? 'accuracy'
  const percent = (share: number): string => `${number(Math.round(share * 1e4) / 100)} %`
  if (data.length !== 1) fail({ message: `${what} should be one number`, actual: shown(value) }, options, accuracy)
  const [share] = data
  if (!(share >= 0 && share <= 1)) {
    const details = share > 1 ? ['an accuracy is a share: divide the number of right answers by the number of all'] : []
    fail({ message: `${what} is no share from 0 to 1`, actual: number(share), details }, options, accuracy)
  }
  if (share >= atLeast) return pass(`${what} ${percent(share)}, at least ${percent(atLeast)} was asked`)
  fail(
    { message: `${what} is too low`, expected: `at least ${percent(atLeast)}`, actual: percent(share) },
    options,
    accuracy,
  )
}
