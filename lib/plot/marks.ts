/** Draws each kind of trace as SVG inside a plot area, from data to pixels. */
import { checkColor, colorTable, isDark, missingColor, seriesColor } from './colors.js'
import type { BarTrace, HeatmapTrace, HistogramTrace, LineTrace, Panel, ScatterTrace, Trace } from './model.js'
import { pngUri } from './png.js'
import { px, tag, text } from './svg.js'
import { thin, thinScatter } from './thin.js'

/** The plot area: its size and the places of data values in it (NaN for what cannot be shown). */
export interface Area {
  readonly width: number
  readonly height: number
  x(value: number): number
  y(value: number): number
}

/** Curves are drawn with at most about so many points: more than a panel has pixels is waste. */
const linePoints = 300

/** The colours of a panel's traces, in their order; a trace without its own colour takes the palette's next. */
export function traceColors(panel: Panel): string[] {
  let next = 0
  return panel.traces.map((trace) => {
    if (trace.kind === 'heatmap') return ''
    return trace.color === undefined ? seriesColor(next++) : checkColor(trace.color)
  })
}

/** All traces of a panel: heat maps below, then the others in their order. */
export function drawTraces(panel: Panel, area: Area): string {
  const colors = traceColors(panel)
  const bars = panel.traces.filter((t) => t.kind === 'bar')
  const histograms = panel.traces.filter((t) => t.kind === 'histogram').length
  const onMap = panel.traces.some((t) => t.kind === 'heatmap')
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
      case 'heatmap':
        return drawHeatmap(trace, area)
    }
  }
  const order = [...panel.traces.keys()].sort((a, b) => rank(panel.traces[a]) - rank(panel.traces[b]))
  return order.map((i) => draw(panel.traces[i], colors[i] ?? '')).join('')
}

function rank(trace: Trace | undefined): number {
  return trace?.kind === 'heatmap' ? 0 : 1
}

function drawLine(trace: LineTrace, area: Area, color: string): string {
  const points = thin(trace.x, trace.y, linePoints)
  const xs = Array.from(points.x, (v) => area.x(v))
  const ys = Array.from(points.y, (v) => area.y(v))
  const width = trace.lineWidth ?? 2
  const path = tag('path', {
    d: linePath(xs, ys),
    fill: 'none',
    stroke: color,
    'stroke-width': width,
    'stroke-linejoin': 'round',
    'stroke-linecap': 'round',
    'stroke-opacity': trace.opacity,
    'stroke-dasharray': trace.dash === 'dash' ? '7 5' : trace.dash === 'dot' ? '1 5' : undefined,
  })
  return trace.markers ? path + dots(xs, ys, width + 4, color, trace.opacity) : path
}

/**
 * Relative moves with one decimal; a point that cannot be shown starts a new piece. Errors of rounding do not add up:
 * each move starts from the rounded place of the one before. A single point becomes a dot through its round cap.
 */
export function linePath(xs: readonly number[], ys: readonly number[]): string {
  let d = ''
  let lastX = 0
  let lastY = 0
  let open = false
  for (let i = 0; i < xs.length; i++) {
    const x = clampPx(xs[i])
    const y = clampPx(ys[i])
    if (Number.isNaN(x) || Number.isNaN(y)) {
      open = false
      continue
    }
    if (open) d += joined(px(x - lastX), px(y - lastY))
    else d += `M${px(x)},${px(y)}l0,0`
    lastX = x
    lastY = y
    open = true
  }
  return d
}

function joined(dx: string, dy: string): string {
  return `${dx.startsWith('-') ? '' : ' '}${dx}${dy.startsWith('-') ? '' : ','}${dy}`
}

/** Rounded to what is written; far outside values stay within what renderers can compute. */
function clampPx(value: number | undefined): number {
  if (value === undefined || Number.isNaN(value)) return NaN
  return Math.round(Math.max(-1e5, Math.min(1e5, value)) * 10) / 10
}

function drawScatter(trace: ScatterTrace, area: Area, color: string, outlined: boolean): string {
  const xs = Array.from(trace.x, (v) => area.x(v))
  const ys = Array.from(trace.y, (v) => area.y(v))
  const keep = thinScatter(xs, ys, 1)
  const x = keep.map((i) => xs[i] ?? NaN)
  const y = keep.map((i) => ys[i] ?? NaN)
  const halo = outlined ? dots(x, y, trace.size + 2, '#ffffff') : ''
  return halo + dots(x, y, trace.size, color, trace.opacity ?? 0.8)
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
  return tag('path', { d: boxes.join(''), fill: color })
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

function drawHeatmap(trace: HeatmapTrace, area: Area): string {
  const { rows, columns, values, range, labels } = trace
  if (rows * columns === 0) return ''
  const x = [area.x(trace.xEdges[0]), area.x(trace.xEdges[1])] as const
  const y = [area.y(trace.yEdges[0]), area.y(trace.yEdges[1])] as const
  const flipX = x[0] > x[1]
  const flipY = y[0] > y[1]
  const table = colorTable(trace.colormap)
  const pixels = new Uint8Array(rows * columns * 3)
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const row = flipY ? rows - 1 - r : r
      const column = flipX ? columns - 1 - c : c
      pixels.set(cellColor(values[row * columns + column] ?? NaN, range, table), (r * columns + c) * 3)
    }
  }
  const image = tag('image', {
    x: Math.min(...x),
    y: Math.min(...y),
    width: Math.abs(x[1] - x[0]),
    height: Math.abs(y[1] - y[0]),
    preserveAspectRatio: 'none',
    opacity: trace.opacity,
    style: 'image-rendering:pixelated',
    href: pngUri(pixels, columns, rows, 3),
  })
  if (!labels) return image
  const stepX = (x[1] - x[0]) / columns
  const stepY = (y[1] - y[0]) / rows
  const longest = Math.max(...labels.map((l) => l.length), 1)
  const size = Math.max(7, Math.min(13, Math.abs(stepX) / (longest * 0.62), Math.abs(stepY) * 0.6))
  const texts = labels.map((label, i) => {
    const [r, g, b] = cellColor(values[i] ?? NaN, range, table)
    return text(
      x[0] + stepX * ((i % columns) + 0.5),
      y[0] + stepY * (Math.floor(i / columns) + 0.5) + size * 0.35,
      label,
      {
        size,
        anchor: 'middle',
        color: isDark(r, g, b) ? '#ffffff' : '#111827',
      },
    )
  })
  return image + texts.join('')
}

/** The colour of a value: its place in `range` (clamped) in a table of 256 RGB colours; NaN is light grey. */
export function cellColor(
  value: number,
  range: readonly [number, number],
  table: Uint8Array,
): readonly [number, number, number] {
  if (Number.isNaN(value)) return missingColor
  const span = range[1] - range[0]
  const share = span > 0 ? Math.max(0, Math.min(1, (value - range[0]) / span)) : 0.5
  const i = Math.round(share * 255) * 3
  return [table[i] ?? 0, table[i + 1] ?? 0, table[i + 2] ?? 0]
}
