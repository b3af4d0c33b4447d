/** The ways in which a chart takes series: numbers, x and y, or named ones. */
import type { ChartOptions } from './model.js'
import { isNumbers, isPair, type Numbers, toMatrix, toNumbers } from './numbers.js'

/** y values (x counts from 0), or `[x, y]`. A gradient may be null in its type; null itself throws. */
export type Series = Numbers | readonly [Numbers | null | undefined, Numbers | null | undefined] | null | undefined

export interface NamedSeries {
  name: string | undefined
  x: Float64Array
  y: Float64Array
}

/** Sorts out the three ways of giving series, and the options behind them. */
export function readSeries<O extends ChartOptions>(
  who: string,
  first: unknown,
  second: unknown,
  third: unknown,
  points = false,
): { series: NamedSeries[]; options: O } {
  const options = ((isNumbers(second) ? third : second) ?? {}) as O
  if (isNumbers(first)) {
    const value = isNumbers(second) ? ([first, second] as const) : first
    return { series: [oneSeries(who, undefined, value, points)], options }
  }
  return { series: record(who, first).map(([name, value]) => oneSeries(who, name, value, points)), options }
}

function oneSeries(who: string, name: string | undefined, value: unknown, points: boolean): NamedSeries {
  const label = name === undefined ? who : `${who}: ${name}`
  if (isPair(value)) {
    const x = toNumbers(value[0], `${label}: x`)
    const y = toNumbers(value[1], `${label}: y`)
    if (x.length !== y.length) throw new RangeError(`${label}: x has ${x.length} values but y has ${y.length}`)
    return { name, x, y }
  }
  if (points) {
    const { data, columns, shape } = toMatrix(value, `${label}: points`)
    if (columns !== 2) throw new RangeError(`${label}: points have shape [${shape.join(', ')}]; [N, 2] is expected`)
    return { name, x: data.filter((_, i) => i % 2 === 0), y: data.filter((_, i) => i % 2 === 1) }
  }
  const y = toNumbers(value, `${label}: y`)
  return { name, x: y.map((_, i) => i), y }
}

/** The entries of named things. Throws TypeError for what is no object. */
export function record(who: string, value: unknown): [string, unknown][] {
  if (typeof value === 'object' && value !== null) return Object.entries(value)
  throw new TypeError(
    `${who}: got ${value === null ? 'null' : typeof value}; numbers, a tensor or { name: numbers } is expected`,
  )
}
