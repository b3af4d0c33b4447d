/** Draws each kind of trace as SVG inside a plot area, from data to pixels. */
import { checkColor, seriesColor } from './colors.js'
import { drawContour, drawHeatmap } from './marks-map.js'
import {
  type AreaTrace,
  type BarTrace,
  type HistogramTrace,
  isMap,
  type LineTrace,
  type Panel,
  type ScatterTrace,
  type Trace,
} from './model.js'
import { type Area, clampPx, linePath } from './paths.js'
import { drawSymbols } from './symbols.js'
import { px, tag } from './svg.js'
import { thin, thinScatter } from './thin.js'

/** Curves are drawn with at most about so many points: more than a panel has pixels is waste. */
const linePoints = 300

/** The colours of a panel's traces, in their order; a trace without its own colour takes the palette's next. */
export function traceColors(panel: Panel): string[] {
  let next = 0
  return panel.traces.map((trace) => {
    if (isMap(trace)) return ''
    return trace.color === undefined ? seriesColor(next++) : checkColor(trace.color)
  })
}

/** All traces of a panel: maps below, areas on them, then the others in their order. */
export function drawTraces(panel: Panel, area: Area): string {
  const colors = traceColors(panel)
  const bars = panel.traces.filter((t) => t.kind === 'bar')
  const histograms = panel.traces.filter((t) => t.kind === 'histogram').length
  const onMap = panel.traces.some(isMap)
  const draw = (trace: Trace, color: string): string => {
    switch (trace.kind) {
      case 'line':
        return drawLine(trace, area, color)
      case 'scatter':
        return drawScatter(trace, area, color, onMap)
      case 'bar':
        return drawBars(trace, area, color, bars.indexOf(trace), bars.length)
      case 'histogram':
        return drawHistogram(trace, area, color, histograms > 1)
      case 'area':
        return drawArea(trace, area, color)
      case 'heatmap':
        return drawHeatmap(trace, area)
      case 'contour':
        return drawContour(trace, area)
    }
  }
  const order = [...panel.traces.keys()].sort((a, b) => rank(panel.traces[a]) - rank(panel.traces[b]))
  return order.map((i) => draw(panel.traces[i], colors[i] ?? '')).join('')
}

function rank(trace: Trace | undefined): number {
  if (!trace) return 2
  // Filled maps below maps of lines.
  if (isMap(trace)) return trace.kind === 'heatmap' || trace.filled ? 0 : 1
  return trace.kind === 'area' ? 2 : 3
}

function drawLine(trace: LineTrace, area: Area, color: string): string {
  const points = thin(trace.x, trace.y, linePoints)
  const xs = Array.from(points.x, (v) => area.x(v))
  const ys = Array.from(points.y, (v) => area.y(v))
  const width = trace.lineWidth ?? 2
  const d = linePath(xs, ys)
  const round = { 'stroke-linejoin': 'round', 'stroke-linecap': 'round' }
  const halo = trace.halo
    ? tag('path', { d, fill: 'none', stroke: '#ffffff', 'stroke-width': width + 2.2, 'stroke-opacity': 0.85, ...round })
    : ''
  const path = tag('path', {
    d,
    fill: 'none',
    stroke: color,
    'stroke-width': width,
    ...round,
    'stroke-opacity': trace.opacity,
    'stroke-dasharray': trace.dash === 'dash' ? '7 5' : trace.dash === 'dot' ? '1 5' : undefined,
  })
  if (!trace.markers) return halo + path
  const ring = trace.halo ? dots(xs, ys, width + 5, '#ffffff', 0.85) : ''
  return halo + ring + path + dots(xs, ys, width + (trace.halo ? 3 : 4), color, trace.opacity)
}

function drawArea(trace: AreaTrace, area: Area, color: string): string {
  const low = thin(trace.x, trace.low, linePoints)
  const high = thin(trace.x, trace.high, linePoints)
  const there = linePath(
    Array.from(high.x, (v) => area.x(v)),
    Array.from(high.y, (v) => area.y(v)),
  )
  const back = linePath(Array.from(low.x, (v) => area.x(v)).reverse(), Array.from(low.y, (v) => area.y(v)).reverse())
  // A piece for every gap would need both sides cut alike: areas with gaps are drawn in one piece all the same.
  const d = `${there}${back.replace(/M/g, 'L')}`
  return there === '' ? '' : tag('path', { d: `${d}z`, fill: color, 'fill-opacity': trace.opacity ?? 0.2 })
}

function drawScatter(trace: ScatterTrace, area: Area, color: string, outlined: boolean): string {
  const xs = Array.from(trace.x, (v) => area.x(v))
  const ys = Array.from(trace.y, (v) => area.y(v))
  const keep = thinScatter(xs, ys, 1)
  const x = keep.map((i) => clampPx(xs[i]))
  const y = keep.map((i) => clampPx(ys[i]))
  const { symbol = 'circle', size, opacity = 0.8, hover } = trace
  if (symbol !== 'circle' || hover)
    return drawSymbols(x, y, { symbol, size, color, opacity, outlined, titles: keep.map((i) => hover?.[i]) })
  const halo = outlined ? dots(x, y, size + 2, '#ffffff') : ''
  return halo + dots(x, y, size, color, opacity)
}

/** Many round dots as one path: a zero-length piece with round caps each. */
function dots(xs: readonly number[], ys: readonly number[], size: number, color: string, opacity?: number): string {
  let d = ''
  for (let i = 0; i < xs.length; i++) {
    const x = clampPx(xs[i])
    const y = clampPx(ys[i])
    if (!Number.isNaN(x) && !Number.isNaN(y)) d += `M${px(x)},${px(y)}h0`
  }
  if (d === '') return ''
  return tag('path', { d, stroke: color, 'stroke-width': size, 'stroke-linecap': 'round', 'stroke-opacity': opacity })
}

/** The bar's edges around its category, in axis units: all series share 0.8 of the category's width. */
export function barSlot(series: number, of: number): [number, number] {
  const width = 0.8 / Math.max(1, of)
  const start = -0.4 + series * width
  const gap = of > 1 ? width * 0.06 : 0
  return [start + gap, start + width - gap]
}

function drawBars(trace: BarTrace, area: Area, color: string, series: number, of: number): string {
  const [from, to] = barSlot(series, of)
  const base = baseline(area)
  const boxes = Array.from(trace.heights, (h, i) => box(area.x(i + from), area.x(i + to), base, area.y(h)))
  const bars = tag('path', { d: boxes.join(''), fill: color })
  if (!trace.errors) return bars
  const middle = (from + to) / 2
  const whiskers = Array.from(trace.errors, (error, i) => whisker(area, i + middle, trace.heights[i] ?? NaN, error))
  return bars + tag('path', { d: whiskers.join(''), fill: 'none', stroke: '#374151', 'stroke-width': 1.4 })
}

function whisker(area: Area, at: number, value: number, error: number): string {
  const x = area.x(at)
  const top = area.y(value + error)
  // On a log axis the lower end may not exist.
  const bottom = Number.isNaN(area.y(value - error)) ? area.height : area.y(value - error)
  if (Number.isNaN(top) || Number.isNaN(x)) return ''
  return `M${px(x - 4)},${px(top)}h8M${px(x)},${px(top)}V${px(clampPx(bottom))}M${px(x - 4)},${px(clampPx(bottom))}h8`
}

function drawHistogram(trace: HistogramTrace, area: Area, color: string, several: boolean): string {
  const base = baseline(area)
  const boxes = Array.from(trace.counts, (count, i) =>
    count === 0 ? '' : box(area.x(trace.edges[i] ?? NaN), area.x(trace.edges[i + 1] ?? NaN), base, area.y(count)),
  )
  return tag('path', {
    d: boxes.join(''),
    fill: color,
    'fill-opacity': several ? 0.5 : 0.85,
    stroke: several ? color : '#ffffff',
    'stroke-width': several ? 1 : 0.6,
  })
}

/** Where bars stand: at zero, or at the bottom of an axis that has none (log). */
function baseline(area: Area): number {
  const zero = area.y(0)
  return Number.isNaN(zero) ? area.height : zero
}

function box(x0: number, x1: number, y0: number, y1: number): string {
  if ([x0, x1, y0, y1].some(Number.isNaN)) return ''
  return `M${px(x0)},${px(y0)}V${px(clampPx(y1))}H${px(x1)}V${px(y0)}z`
}
