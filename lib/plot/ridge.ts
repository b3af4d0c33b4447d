/** Many distributions below one another, such as the activations of each layer. */
import { type Figure, chart } from './figure.js'
import { formatValue, powerOfTen } from './format.js'
import type { Annotation, ChartOptions, Trace } from './model.js'
import { type NestedNumbers, toShaped } from './numbers.js'
import { record } from './series.js'
import { lighten } from './colors.js'
import { ink } from './svg.js'

/** Settings of `ridge`. */
export interface RidgeOptions extends ChartOptions {
  /** Bins of each distribution. Default 60. */
  bins?: number
  /** First and last value shown; default: where all but two in a thousand of each distribution lie. */
  range?: readonly [number, number]
  /** Magnitudes on a logarithmic axis, zeros left out: gradients that differ by powers of ten. Default false. */
  log?: boolean
  /** Words at the right of each row; default: mean and standard deviation, or with `log` the middle magnitude. */
  notes?: Readonly<Record<string, string>>
}

/** Rows at most: more could not be read. */
const mostRows = 40

/**
 * The distributions of named values, one row each from the top, every row scaled to its own peak.
 * @example plot.ridge({ 'layer 1': h1, 'layer 2': h2 }, { xlabel: 'activation' })
 */
export function ridge(distributions: Readonly<Record<string, NestedNumbers>>, options: RidgeOptions = {}): Figure {
  const { bins = 60, range, log = false, notes, ...look } = options
  if (!Number.isInteger(bins) || bins < 2 || bins > 1000)
    throw new RangeError(`plot.ridge: bins is ${bins}; a whole number from 2 to 1000 is expected`)
  const rows = record('plot.ridge', distributions)
    .slice(0, mostRows)
    .map(([name, values]) => describe(name, toShaped(values, `plot.ridge: ${name}`).data, log))
  const [low, most] = range ? range.map((v) => (log ? Math.log10(v) : v)) : spanOf(rows)
  // The notes stand to the right of what is drawn.
  const high = most + (most - low) * (log ? 0.3 : 0.6)
  const n = rows.length
  const traces = rows.flatMap((row, i): Trace[] => {
    const { x, y } = outlineOf(row, bins, low, most)
    const top = y.map((share) => i - share * 0.9)
    const at = log ? x.map((v) => 10 ** v) : x
    const color = ridgeColor(i, n)
    return [
      { kind: 'area', x: at, low: top.map(() => i), high: top, color, opacity: 0.55 },
      { kind: 'line', x: at, y: top, color: '#374151', lineWidth: 1 },
    ]
  })
  const annotations = rows.map((row, i): Annotation => {
    const text = notes?.[row.name] ?? row.note
    return { x: log ? 10 ** high : high, y: i - 0.3, text, anchor: 'end', color: ink.faint }
  })
  const limits: [number, number] = log ? [10 ** low, 10 ** high] : [low, high]
  return chart(
    traces,
    {
      height: Math.max(200, 90 + n * 34),
      legend: false,
      ...look,
      annotations: [...annotations, ...(look.annotations ?? [])],
    },
    {
      x: { scale: log ? 'log' : 'linear', limits },
      y: { categories: rows.map(({ name }) => name), reversed: true, limits: [-1, Math.max(0.1, n - 0.9)] },
    },
  )
}

interface Row {
  readonly name: string
  /** Finite values, ascending; their logarithms where magnitudes are drawn. */
  readonly sorted: Float64Array
  readonly note: string
}

function describe(name: string, values: Float64Array, log: boolean): Row {
  const finite = values.filter(Number.isFinite)
  const bad = values.length - finite.length
  const broken = bad > 0 ? ` · ${bad} nan/inf` : ''
  if (log) {
    const sorted = finite
      .filter((v) => v !== 0)
      .map((v) => Math.log10(Math.abs(v)))
      .sort()
    const zeros = finite.length - sorted.length
    const middle = sorted.length === 0 ? 'all zero' : `≈ ${power(sorted[Math.floor(sorted.length / 2)])}`
    const share = zeros === 0 || sorted.length === 0 ? '' : ` · ${percent(zeros / finite.length)} zero`
    return { name, sorted, note: values.length === 0 ? 'empty' : middle + share + broken }
  }
  if (finite.length === 0) return { name, sorted: finite, note: values.length === 0 ? 'empty' : broken.slice(3) }
  const mean = finite.reduce((sum, v) => sum + v, 0) / finite.length
  const deviation = Math.sqrt(finite.reduce((sum, v) => sum + (v - mean) ** 2, 0) / finite.length)
  const zeros = finite.reduce((sum, v) => sum + (v === 0 ? 1 : 0), 0) / finite.length
  const share = zeros > 0.01 ? ` · ${percent(zeros)} zero` : ''
  return {
    name,
    sorted: finite.slice().sort(),
    note: `μ ${formatValue(mean)} · σ ${formatValue(deviation)}${share}${broken}`,
  }
}

function spanOf(rows: readonly Row[]): [number, number] {
  const at = (sorted: Float64Array, q: number): number => sorted[Math.round(q * (sorted.length - 1))]
  const filled = rows.filter(({ sorted }) => sorted.length > 0)
  const low = Math.min(...filled.map(({ sorted }) => at(sorted, 0.001)))
  const high = Math.max(...filled.map(({ sorted }) => at(sorted, 0.999)))
  if (!(low < high)) return Number.isFinite(low) ? [low - 0.5, low + 0.5] : [0, 1]
  const room = (high - low) * 0.04
  return [low - room, high + room]
}

/** Heights from 0 to 1 at the middles of the bins, which cover the row's own values within the picture. */
function outlineOf({ sorted }: Row, bins: number, low: number, high: number): { x: Float64Array; y: Float64Array } {
  const inside = sorted.filter((v) => v >= low && v <= high)
  if (inside.length === 0) return { x: Float64Array.of(low, high), y: Float64Array.of(0, 0) }
  const [from, to] = [inside[0], inside[inside.length - 1]]
  // Narrow distributions get narrow bins, but none below the width of a pixel.
  const width = Math.max((to - from) / bins, (high - low) / 500)
  const count = Math.max(1, Math.ceil((to - from) / width - 1e-9))
  const heights = new Float64Array(count)
  for (const v of inside) heights[Math.min(count - 1, Math.floor((v - from) / width))]++
  const peak = heights.reduce((most, h) => Math.max(most, h), 1)
  const x = [low, from, ...Array.from(heights, (_, i) => from + (i + 0.5) * width), from + count * width, high]
  const y = [0, 0, ...Array.from(heights, (h) => h / peak), 0, 0]
  return { x: Float64Array.from(x), y: Float64Array.from(y) }
}

/** From blue at the input to orange at the output. */
function ridgeColor(i: number, n: number): string {
  const stops = ['#0072b2', '#009e73', '#e69f00', '#d55e00']
  const at = n > 1 ? (i / (n - 1)) * (stops.length - 1) : 0
  return lighten(stops[Math.round(at)], 0.1)
}

function power(exponent: number): string {
  const whole = Math.floor(exponent)
  const mantissa = 10 ** (exponent - whole)
  return whole >= -3 && whole <= 3 ? formatValue(10 ** exponent) : `${mantissa.toFixed(1)}×${powerOfTen(whole)}`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
