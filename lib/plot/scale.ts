/** Axes: from the extent of the data to a domain, positions in it, and ticks at numbers that people use. */
import { fixed, powerOfTen, scientific } from './format.js'

export type ScaleKind = 'linear' | 'log'

export interface Tick {
  readonly value: number
  readonly label: string
}

export interface Scale {
  readonly kind: ScaleKind
  readonly domain: readonly [number, number]
  readonly ticks: readonly Tick[]
  /** Place in the domain, 0 at its start and 1 at its end; NaN for what the axis cannot show. */
  position(value: number): number
}

/** Settings of an axis. */
export interface ScaleOptions {
  kind?: ScaleKind
  /** Wanted number of ticks. */
  count?: number
  /** Share of the domain added at each end, unless limits fix it. */
  padding?: number
  /** Fixed ends; what is left out follows the data. */
  limits?: readonly [number, number]
  /** Only whole numbers get ticks. */
  integers?: boolean
}

/** Smallest and largest drawable value over all lists; [NaN, NaN] when there is none. */
export function extentOf(lists: Iterable<ArrayLike<number>>, kind: ScaleKind = 'linear'): [number, number] {
  let low = Infinity
  let high = -Infinity
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const v = list[i]
      if (!Number.isFinite(v) || (kind === 'log' && v <= 0)) continue
      if (v < low) low = v
      if (v > high) high = v
    }
  }
  return low <= high ? [low, high] : [NaN, NaN]
}

/** A scale around `extent`. An empty extent becomes 0..1 (log: 1..10); a single value gets room around it. */
export function makeScale(extent: readonly [number, number], options: ScaleOptions = {}): Scale {
  const { kind = 'linear', count = 6, padding = 0, limits, integers = false } = options
  return kind === 'log'
    ? logScale(limits ?? extent, count, limits ? 0 : padding)
    : linearScale(limits ?? extent, count, limits ? 0 : padding, integers)
}

function linearScale(extent: readonly [number, number], count: number, padding: number, integers: boolean): Scale {
  let [low, high] = Number.isFinite(extent[0]) && Number.isFinite(extent[1]) ? extent : [0, 1]
  // Also when the ends are so close that nothing lies between them.
  if (high / 2 - low / 2 === 0) {
    const room = Math.max(Math.abs(low) * 0.1, low === 0 ? 1 : Number.MIN_VALUE * 8)
    ;[low, high] = [low - room, high + room]
  }
  const room = (high / 2 - low / 2) * 2 * padding
  if (Number.isFinite(low - room) && Number.isFinite(high + room)) {
    low -= room
    high += room
  }
  // Halves keep the difference finite when the ends are near the largest doubles.
  const half = high / 2 - low / 2
  return {
    kind: 'linear',
    domain: [low, high],
    ticks: linearTicks(low, high, count, integers),
    position: (value) => (Number.isFinite(value) ? (value / 2 - low / 2) / half : NaN),
  }
}

/** Multiples of 1, 2 or 5 times a power of ten inside [low, high], about `count` of them. */
export function linearTicks(low: number, high: number, count: number, integers = false): Tick[] {
  const step = niceStep(high / Math.max(1, count) - low / Math.max(1, count), integers)
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || last - first > 100) {
    return [low, high].map((value) => ({ value, label: scientific(value, 3) }))
  }
  const size = Math.max(Math.abs(low), Math.abs(high))
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  const plain = size < 1e6 && step >= 1e-5
  const digits = Math.max(0, Math.ceil(Math.log10(size / step)))
  const ticks: Tick[] = []
  for (let i = first; i <= last; i++) {
    const value = i * step
    ticks.push({ value, label: plain ? fixed(value, decimals) : scientific(value, Math.min(digits, 6)) })
  }
  return ticks
}

/** 1, 2 or 5 times a power of ten, nearest to `raw`. */
function niceStep(raw: number, integers: boolean): number {
  const power = 10 ** Math.floor(Math.log10(raw))
  const share = raw / power
  const step = (share < 1.4 ? 1 : share < 3.2 ? 2 : share < 7.1 ? 5 : 10) * power
  return integers ? Math.max(1, step) : step || Number.MIN_VALUE
}

function logScale(extent: readonly [number, number], count: number, padding: number): Scale {
  let [low, high] = extent[0] > 0 && Number.isFinite(extent[1]) ? extent : [1, 10]
  if (low === high) [low, high] = [low / 3, high * 3]
  let a = Math.log10(low)
  let b = Math.log10(high)
  const room = (b - a) * padding
  a -= room
  b += room
  const domain: [number, number] = [10 ** a, 10 ** b]
  return {
    kind: 'log',
    domain,
    ticks: logTicks(domain[0], domain[1], count),
    position: (value) => (value > 0 && Number.isFinite(value) ? (Math.log10(value) - a) / (b - a) : NaN),
  }
}

/** Powers of ten; with 2 and 5 between them when there are few; like a linear axis inside one decade. */
export function logTicks(low: number, high: number, count: number): Tick[] {
  const first = Math.ceil(Math.log10(low) - 1e-9)
  const last = Math.floor(Math.log10(high) + 1e-9)
  if (Math.log10(high / low) < 0.7) return linearTicks(low, high, count)
  const decades = last - first + 1
  const factors = decades <= Math.max(2, count / 3) ? [1, 2, 5] : [1]
  const stride = Math.max(1, Math.ceil(decades / Math.max(2, count)))
  const ticks: Tick[] = []
  for (let k = first - 1; k <= last; k++) {
    if (factors.length === 1 && (((k % stride) + stride) % stride !== 0 || k < first)) continue
    for (const factor of factors) {
      const value = factor * 10 ** k
      if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9)) continue
      ticks.push({ value, label: decadeLabel(factor, k) })
    }
  }
  return ticks
}

function decadeLabel(factor: number, k: number): string {
  if (k >= -3 && k <= 4) return fixed(factor * 10 ** k, Math.max(0, -k))
  return factor === 1 ? powerOfTen(k) : `${factor}×${powerOfTen(k)}`
}
