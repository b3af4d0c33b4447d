/** Each kind of trace as plotly's JSON. */
import { contour } from './plotly-contour.js'
import type { PointSymbol, ScatterTrace, Trace } from './model.js'
import { colorscale, escapePlotly, list, mapDigits, round } from './plotly-values.js'
import { thin } from './thin.js'

/** A curve keeps at most so many points here: enough to zoom, small enough for a notebook file. */
const curvePoints = 5000

const plotlySymbols: Record<PointSymbol, string> = {
  circle: 'circle',
  ring: 'circle-open',
  square: 'square',
  diamond: 'diamond',
  cross: 'x-thin-open',
  star: 'star',
}

/** Looks of a cloud's points. */
export function dot(trace: ScatterTrace, color: string | undefined): Record<string, unknown> {
  const { size, opacity = 0.8, symbol = 'circle' } = trace
  return {
    color,
    size,
    opacity,
    ...(symbol !== 'circle' && { symbol: plotlySymbols[symbol] }),
    ...(symbol === 'ring' && { line: { width: 1.6 } }),
  }
}

/** What plotly calls the trace, with its data. */
export function marks(trace: Trace, color: string): Record<string, unknown> {
  switch (trace.kind) {
    case 'line': {
      const points = thin(trace.x, trace.y, curvePoints)
      // Plotly leaves a trace without any value out of the legend, as at the start of an animation.
      const values = (from: ArrayLike<number>) => (from.length > 0 ? list(from) : [null])
      return {
        type: 'scatter',
        mode: trace.markers ? 'lines+markers' : 'lines',
        x: values(points.x),
        y: values(points.y),
        line: { color, width: trace.lineWidth ?? 2, ...(trace.dash && { dash: trace.dash }) },
        ...(trace.opacity !== undefined && { opacity: trace.opacity }),
      }
    }
    case 'scatter':
      return {
        type: 'scatter',
        mode: 'markers',
        x: list(trace.x),
        y: list(trace.y),
        marker: dot(trace, color),
        ...(trace.hover && { text: trace.hover.map(escapePlotly), hoverinfo: 'text' }),
      }
    case 'area': {
      const high = thin(trace.x, trace.high, curvePoints)
      const low = thin(trace.x, trace.low, curvePoints)
      return {
        type: 'scatter',
        mode: 'lines',
        x: [...list(high.x), ...list(low.x).reverse()],
        y: [...list(high.y), ...list(low.y).reverse()],
        fill: 'toself',
        fillcolor: color,
        opacity: trace.opacity ?? 0.2,
        line: { width: 0 },
        hoverinfo: 'skip',
      }
    }
    case 'bar':
      return {
        type: 'bar',
        x: Array.from(trace.heights, (_, i) => i),
        y: list(trace.heights),
        marker: { color },
        ...(trace.errors && {
          error_y: { type: 'data', array: list(trace.errors), color: '#374151', thickness: 1.4, width: 4 },
        }),
      }
    case 'histogram': {
      const edges = trace.edges
      return {
        type: 'bar',
        x: Array.from(trace.counts, (_, i) => round(((edges[i] ?? 0) + (edges[i + 1] ?? 0)) / 2)),
        width: Array.from(trace.counts, (_, i) => round((edges[i + 1] ?? 0) - (edges[i] ?? 0))),
        y: list(trace.counts),
        marker: { color, opacity: 0.7 },
      }
    }
    case 'heatmap': {
      const { rows, columns, values, labels } = trace
      const center = (edges: readonly [number, number], n: number) =>
        Array.from({ length: n }, (_, i) => round(edges[0] + ((edges[1] - edges[0]) * (i + 0.5)) / n))
      const row = <T>(all: ArrayLike<T>, r: number) =>
        Array.prototype.slice.call(all, r * columns, (r + 1) * columns) as T[]
      return {
        type: 'heatmap',
        x: center(trace.xEdges, columns),
        y: center(trace.yEdges, rows),
        z: Array.from({ length: rows }, (_, r) => list(row(values, r), mapDigits)),
        zmin: trace.range[0],
        zmax: trace.range[1],
        colorscale: colorscale(trace.colormap),
        showscale: trace.colorbar,
        ...(trace.smooth && { zsmooth: 'best' }),
        ...(!trace.colorbar && !labels && { hoverinfo: 'skip' }),
        ...(trace.opacity !== undefined && { opacity: trace.opacity }),
        ...(labels && {
          text: Array.from({ length: rows }, (_, r) => row(labels, r).map(escapePlotly)),
          texttemplate: '%{text}',
        }),
      }
    }
    case 'contour':
      return contour(trace)
  }
}
