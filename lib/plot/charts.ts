/** The charts: each takes numbers as a learner has them (arrays, tensors, named series) and gives a Figure. */
import { type Figure, chart } from './figure.js'
import { traceColors } from './marks.js'
import type { AreaTrace, Axis, BarTrace, ChartOptions, LineStyle, PointSymbol, Trace } from './model.js'
import { isNumbers, type NestedNumbers, type Numbers, type Scalar, toNumbers, toScalar, toShaped } from './numbers.js'
import { extentOf } from './scale.js'
import { type NamedSeries, readSeries, record, type Series } from './series.js'

/** Settings of `line`. */
export interface LineOptions extends ChartOptions, LineStyle {
  /** Looks of single series, by name. */
  styles?: Record<string, LineStyle>
  /** Half the width of a band around the curve, such as a standard deviation; for named series by name. */
  errors?: Numbers | Readonly<Record<string, Numbers>>
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
  /** Default 'circle'. */
  symbol?: PointSymbol
  /** Text for each point, shown where the pointer stands. */
  hover?: readonly string[]
}

/** Settings of `bar`. */
export interface BarOptions extends ChartOptions {
  /** Names under the bars; default: the keys, or positions from 0. */
  labels?: readonly (string | number)[]
  /** Half the length of each error bar, such as a standard deviation; for groups by name. */
  errors?: Numbers | Readonly<Record<string, Scalar | Numbers>>
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

/**
 * Curves. `plot.line(y)`, `plot.line(x, y)`, or named series `plot.line({ σ: [z, s], 'loss': losses })`.
 * NaN and infinite values leave gaps; no data gives an empty panel. Throws RangeError when x and y differ in length.
 */
export function line(y: Numbers, options?: LineOptions): Figure
export function line(x: Numbers, y: Numbers, options?: LineOptions): Figure
export function line(series: Readonly<Record<string, Series>>, options?: LineOptions): Figure
export function line(first: unknown, second?: unknown, third?: unknown): Figure {
  const { series, options } = readSeries<LineOptions>('plot.line', first, second, third)
  const { color, lineWidth, dash, opacity, markers, styles, errors } = options
  const shared: LineStyle = { color, lineWidth, dash, opacity, markers }
  const traces = series.map(({ name, x, y }): Trace => {
    const style = name === undefined ? undefined : styles?.[name]
    return { kind: 'line', ...shared, ...style, name, x, y }
  })
  const colors = traceColors({ traces, x: {}, y: {} })
  return chart([...bands(series, errors, colors), ...traces], options)
}

/** Bands around the curves that have errors. */
function bands(series: readonly NamedSeries[], errors: LineOptions['errors'], colors: readonly string[]): AreaTrace[] {
  if (errors === undefined) return []
  return series.flatMap(({ name, x, y }, i): AreaTrace[] => {
    const given = isNumbers(errors) ? errors : errors[name ?? '']
    if (given === undefined) return []
    const what = `plot.line: errors${name === undefined ? '' : ` of ${name}`}`
    const half = toNumbers(given, what)
    if (half.length !== y.length) throw new RangeError(`${what} has ${half.length} values for ${y.length} points`)
    return [
      { kind: 'area', x, low: y.map((v, k) => v - half[k]), high: y.map((v, k) => v + half[k]), color: colors[i] },
    ]
  })
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
  const { labels, size = 7, color, opacity, symbol, hover } = options
  const style = { size, color, opacity, symbol }
  if (hover && (series.length !== 1 || hover.length !== series[0].x.length))
    throw new RangeError(
      `plot.scatter: ${hover.length} hover texts for ${series[0]?.x.length ?? 0} points of one cloud`,
    )
  if (labels === undefined)
    return chart(
      series.map((s): Trace => ({ kind: 'scatter', ...s, ...style, hover })),
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
    return {
      kind: 'scatter',
      name,
      x: pick(cloud.x),
      y: pick(cloud.y),
      ...style,
      hover: hover?.filter((_, i) => classes[i] === name),
    }
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
    return barChart(
      [{ kind: 'bar', heights: values, errors: errorsOf(options.errors, values.length) }],
      labels,
      options,
    )
  }
  const entries = record('plot.bar', heights)
  if (entries.every(([, value]) => !isNumbers(value) || isScalarTensor(value))) {
    const values = Float64Array.from(entries, ([name, value]) => toScalar(value, `plot.bar: ${name}`))
    const names = entries.map(([name]) => name)
    const errors = errorsOf(options.errors, values.length, names)
    return barChart([{ kind: 'bar', heights: values, errors }], labels ?? names, options)
  }
  const traces = entries.map(([name, value]): BarTrace => {
    const heights = toNumbers(value, `plot.bar: ${name}`)
    const given = options.errors as Readonly<Record<string, Numbers>> | undefined
    return { kind: 'bar', name, heights, errors: errorsOf(given?.[name], heights.length) }
  })
  return barChart(traces, labels, options)
}

/** The errors of a row of bars; those given by name stand under the bars' names. */
function errorsOf(errors: BarOptions['errors'], bars: number, names: readonly string[] = []): Float64Array | undefined {
  if (errors === undefined) return undefined
  const values = isNumbers(errors)
    ? toNumbers(errors, 'plot.bar: errors')
    : Float64Array.from(names, (name) => (name in errors ? toScalar(errors[name], `plot.bar: errors of ${name}`) : NaN))
  if (values.length !== bars) throw new RangeError(`plot.bar: ${values.length} errors for ${bars} bars`)
  return values
}

function barChart(traces: BarTrace[], labels: BarOptions['labels'], options: BarOptions): Figure {
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

function isScalarTensor(value: unknown): boolean {
  return (
    !Array.isArray(value) && !ArrayBuffer.isView(value) && (value as { shape: readonly number[] }).shape.length === 0
  )
}

function classNames(labels: readonly string[] | Numbers): string[] {
  if (Array.isArray(labels) && labels.some((label) => typeof label === 'string')) return labels.map(String)
  return Array.from(toNumbers(labels, 'plot.scatter: labels'), String)
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
