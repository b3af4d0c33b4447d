/** The charts: each takes numbers as a learner has them (arrays, tensors, named series) and gives a Figure. */
import { type Figure, chart } from './figure.js'
import { formatValue } from './format.js'
import { type ColormapName, colorRange } from './colors.js'
import type { Axis, ChartOptions, LineStyle, Trace } from './model.js'
import {
  isNumbers,
  isPair,
  type NestedNumbers,
  type Numbers,
  type Scalar,
  toMatrix,
  toNumbers,
  toScalar,
  toShaped,
} from './numbers.js'
import { extentOf, type ScaleKind } from './scale.js'

/** y values (x counts from 0), or `[x, y]`. A gradient may be null in its type; null itself throws. */
export type Series = Numbers | readonly [Numbers | null | undefined, Numbers | null | undefined] | null | undefined

/** Settings of `line`. */
export interface LineOptions extends ChartOptions, LineStyle {
  /** Looks of single series, by name. */
  styles?: Record<string, LineStyle>
}

/** Settings of `scatter`. */
export interface ScatterOptions extends ChartOptions {
  /** Class of every point: each class gets its colour and legend entry. */
  labels?: readonly string[] | Numbers
  /** Diameter in pixels; default 7. */
  size?: number
  color?: string
  /** 0 to 1; default 0.8. */
  opacity?: number
}

/** Settings of `bar`. */
export interface BarOptions extends ChartOptions {
  /** Names under the bars; default: the keys, or positions from 0. */
  labels?: readonly (string | number)[]
}

/** Settings of `histogram`. */
export interface HistogramOptions extends ChartOptions {
  /** Number of bins; default: by the spread and number of values, at most 100. */
  bins?: number
  /** First and last edge; default: the data's. Values outside are not counted. */
  range?: readonly [number, number]
  /** Areas sum to 1 instead of counts; default false. */
  density?: boolean
}

/** Settings of `heatmap`. */
export interface HeatmapOptions extends ChartOptions {
  /** Default 'viridis'; 'diverging' has white at 0 when no range is given. */
  colormap?: ColormapName
  /** Values of the first and last colour; default: the data's extent. */
  range?: readonly [number, number]
  /** Write the values into the cells; default false. A function formats them. */
  annotate?: boolean | ((value: number) => string)
  /** Names of columns and rows; they take the place of numbers on the axes. */
  columns?: readonly (string | number)[]
  rows?: readonly (string | number)[]
  /** Extent of the centres of the first and last column and row: the axes become numeric and y grows upwards. */
  x?: readonly [number, number]
  y?: readonly [number, number]
  /** Default true. */
  colorbar?: boolean
  /** 0 to 1; default 1. */
  opacity?: number
}

/**
 * Curves. `plot.line(y)`, `plot.line(x, y)`, or named series `plot.line({ σ: [z, s], 'loss': losses })`.
 * NaN and infinite values leave gaps; no data gives an empty panel. Throws RangeError when x and y differ in length.
 */
export function line(y: Numbers, options?: LineOptions): Figure
export function line(x: Numbers, y: Numbers, options?: LineOptions): Figure
export function line(series: Readonly<Record<string, Series>>, options?: LineOptions): Figure
export function line(first: unknown, second?: unknown, third?: unknown): Figure {
  const { series, options } = readSeries<LineOptions>('plot.line', first, second, third)
  const { color, lineWidth, dash, opacity, markers, styles } = options
  const shared: LineStyle = { color, lineWidth, dash, opacity, markers }
  const traces = series.map(({ name, x, y }): Trace => {
    const style = name === undefined ? undefined : styles?.[name]
    return { kind: 'line', ...shared, ...style, name, x, y }
  })
  return chart(traces, options)
}

/**
 * Points. `plot.scatter(x, y)`, `plot.scatter(points)` with points [N, 2], or named clouds `plot.scatter({ a: [x, y] })`;
 * `labels` colours the points by class.
 */
export function scatter(points: NestedNumbers, options?: ScatterOptions): Figure
export function scatter(x: Numbers, y: Numbers, options?: ScatterOptions): Figure
export function scatter(clouds: Readonly<Record<string, NestedNumbers>>, options?: ScatterOptions): Figure
export function scatter(first: unknown, second?: unknown, third?: unknown): Figure {
  const { series, options } = readSeries<ScatterOptions>('plot.scatter', first, second, third, true)
  const { labels, size = 7, color, opacity } = options
  const style = { size, color, opacity }
  if (labels === undefined)
    return chart(
      series.map((s): Trace => ({ kind: 'scatter', ...s, ...style })),
      options,
    )
  const [cloud] = series
  const classes = classNames(labels)
  if (series.length !== 1 || !cloud)
    throw new RangeError('plot.scatter: labels go with one cloud of points, not with named clouds')
  if (classes.length !== cloud.x.length) {
    throw new RangeError(`plot.scatter: ${classes.length} labels for ${cloud.x.length} points`)
  }
  const names = [...new Set(classes)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const traces = names.map((name): Trace => {
    const pick = (values: Float64Array) => values.filter((_, i) => classes[i] === name)
    return { kind: 'scatter', name, x: pick(cloud.x), y: pick(cloud.y), ...style }
  })
  return chart(traces, options)
}

/**
 * Bars. `plot.bar([3, 5])`, `plot.bar({ sgd: 0.91, adam: 0.97 })` (one bar a key), or groups
 * `plot.bar({ sigmoid: norms1, relu: norms2 }, { labels, yscale: 'log' })`.
 */
export function bar(heights: Numbers, options?: BarOptions): Figure
export function bar(
  heights: Readonly<Record<string, Scalar>> | Readonly<Record<string, Numbers>>,
  options?: BarOptions,
): Figure
export function bar(heights: unknown, options: BarOptions = {}): Figure {
  const { labels } = options
  if (isNumbers(heights)) {
    const values = toNumbers(heights, 'plot.bar: heights')
    return barChart([{ kind: 'bar', heights: values }], labels, options)
  }
  const entries = record('plot.bar', heights)
  if (entries.every(([, value]) => !isNumbers(value) || isScalarTensor(value))) {
    const values = Float64Array.from(entries, ([name, value]) => toScalar(value, `plot.bar: ${name}`))
    return barChart([{ kind: 'bar', heights: values }], labels ?? entries.map(([name]) => name), options)
  }
  const traces = entries.map(([name, value]) => ({
    kind: 'bar' as const,
    name,
    heights: toNumbers(value, `plot.bar: ${name}`),
  }))
  return barChart(traces, labels, options)
}

function barChart(traces: (Trace & { kind: 'bar' })[], labels: BarOptions['labels'], options: BarOptions): Figure {
  const most = Math.max(0, ...traces.map((t) => t.heights.length))
  if (labels && labels.length !== most) throw new RangeError(`plot.bar: ${labels.length} labels for ${most} bars`)
  const names = labels ?? Array.from({ length: most }, (_, i) => i)
  const x: Axis = most <= 40 || labels ? { categories: names.map(String) } : { integers: true }
  return chart(traces, options, { x })
}

/** How often values occur. `plot.histogram(values)` or named ones `plot.histogram({ layer1: a, layer2: b })`, bins shared. */
export function histogram(values: NestedNumbers, options?: HistogramOptions): Figure
export function histogram(values: Readonly<Record<string, NestedNumbers>>, options?: HistogramOptions): Figure
export function histogram(values: unknown, options: HistogramOptions = {}): Figure {
  const named: [string | undefined, Float64Array][] = isNumbers(values)
    ? [[undefined, toShaped(values, 'plot.histogram: values').data]]
    : record('plot.histogram', values).map(([name, v]) => [name, toShaped(v, `plot.histogram: ${name}`).data])
  const { density = false } = options
  const [low, high] = options.range ?? extentOf(named.map(([, v]) => v))
  const edges = binEdges(
    low,
    high,
    options.bins ??
      binCount(
        named.map(([, v]) => v),
        high - low,
      ),
  )
  const traces = named.map(([name, v]): Trace => ({ kind: 'histogram', name, edges, counts: count(v, edges, density) }))
  return chart(traces, { ylabel: density ? 'density' : 'count', ...options })
}

/** A matrix as colours; row 0 on top unless `y` gives coordinates. `annotate` writes the values: a confusion matrix. */
export function heatmap(matrix: NestedNumbers, options: HeatmapOptions = {}): Figure {
  const { data, rows, columns } = toMatrix(matrix, 'plot.heatmap: matrix')
  const { colormap = 'viridis', annotate = false, colorbar = true, opacity } = options
  const names = { columns: options.columns?.map(String), rows: options.rows?.map(String) }
  if (names.columns && names.columns.length !== columns)
    throw new RangeError(`plot.heatmap: ${names.columns.length} column names for ${columns} columns`)
  if (names.rows && names.rows.length !== rows)
    throw new RangeError(`plot.heatmap: ${names.rows.length} row names for ${rows} rows`)
  if (options.xscale === 'log' || options.yscale === 'log')
    throw new RangeError('plot.heatmap: cells have equal sizes, so its axes cannot be logarithmic')
  const format = typeof annotate === 'function' ? annotate : formatValue
  const trace: Trace = {
    kind: 'heatmap',
    rows,
    columns,
    values: data,
    xEdges: cellEdges(options.x, columns),
    yEdges: cellEdges(options.y, rows),
    colormap,
    range: options.range ?? colorRange(data, colormap),
    labels: annotate ? Array.from(data, (v) => format(v)) : undefined,
    colorbar,
    opacity,
  }
  return chart([trace], options, {
    x: names.columns ? { categories: names.columns } : { integers: !options.x },
    y: { ...(names.rows ? { categories: names.rows } : { integers: !options.y }), reversed: !options.y },
    equal: !options.x && !options.y,
  })
}

interface NamedSeries {
  name: string | undefined
  x: Float64Array
  y: Float64Array
}

/** Sorts out the three ways of giving series, and the options behind them. */
function readSeries<O extends ChartOptions & { xscale?: ScaleKind }>(
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

function record(who: string, value: unknown): [string, unknown][] {
  if (typeof value === 'object' && value !== null) return Object.entries(value)
  throw new TypeError(
    `${who}: got ${value === null ? 'null' : typeof value}; numbers, a tensor or { name: numbers } is expected`,
  )
}

function isScalarTensor(value: unknown): boolean {
  return (
    !Array.isArray(value) && !ArrayBuffer.isView(value) && (value as { shape: readonly number[] }).shape.length === 0
  )
}

function classNames(labels: readonly string[] | Numbers): string[] {
  if (Array.isArray(labels) && labels.some((label) => typeof label === 'string')) return labels.map(String)
  return Array.from(toNumbers(labels, 'plot.scatter: labels'), String)
}

function cellEdges(centers: readonly [number, number] | undefined, n: number): [number, number] {
  if (!centers) return [-0.5, n - 0.5]
  const half = n > 1 ? (centers[1] - centers[0]) / (n - 1) / 2 : 0.5
  return [centers[0] - half, centers[1] + half]
}

/** Freedman and Diaconis' rule over all values, within 5 and 100; Sturges' when the middle half has no spread. */
function binCount(lists: readonly Float64Array[], range: number): number {
  const most = Math.max(1, ...lists.map((v) => v.length))
  const sturges = Math.ceil(Math.log2(most)) + 1
  const widths = lists.map((values) => {
    const sorted = values.filter(Number.isFinite).sort()
    const quartile = (q: number) => sorted[Math.floor(q * (sorted.length - 1))] ?? 0
    return (2 * (quartile(0.75) - quartile(0.25))) / Math.cbrt(Math.max(1, sorted.length))
  })
  const narrowest = Math.min(...widths.filter((w) => w > 0))
  const wanted = Number.isFinite(narrowest) && range > 0 ? Math.ceil(range / narrowest) : sturges
  return Math.max(5, Math.min(100, wanted))
}

function binEdges(low: number, high: number, bins: number): Float64Array {
  if (!Number.isInteger(bins) || bins < 1)
    throw new RangeError(`plot.histogram: bins is ${bins}; a whole number from 1 is expected`)
  if (!Number.isFinite(low) || !Number.isFinite(high)) return Float64Array.of(0, 1)
  const room = low === high ? 0.5 : 0
  const [from, to] = [low - room, high + room]
  return Float64Array.from({ length: bins + 1 }, (_, i) => from + ((to - from) * i) / bins)
}

/** Counts per bin; the last bin includes its upper edge. */
function count(values: Float64Array, edges: Float64Array, density: boolean): Float64Array {
  const bins = edges.length - 1
  const counts = new Float64Array(bins)
  const from = edges[0] ?? 0
  const to = edges[bins] ?? 1
  let total = 0
  for (const v of values) {
    if (!(v >= from && v <= to)) continue
    const i = Math.min(bins - 1, Math.floor(((v - from) / (to - from)) * bins))
    counts[i] = (counts[i] ?? 0) + 1
    total++
  }
  return density && total > 0 ? counts.map((c) => (c * bins) / (total * (to - from))) : counts
}
