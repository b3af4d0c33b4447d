/**
 * A figure as plotly's JSON, for front ends that draw it interactively. Plotly reads a small HTML in its texts, so every
 * string of a user is escaped here; values that JSON cannot hold (NaN, infinities) become null, which plotly leaves out.
 */
import { colormaps } from './colors.js'
import { traceColors } from './marks.js'
import {
  type Axis,
  type FigureSpec,
  type Guide,
  type Panel,
  type ScatterTrace,
  type Trace,
  legendTraces,
} from './model.js'
import { axisScale, extents } from './panel.js'
import { figureSize } from './render-svg.js'
import { fontFamily, ink } from './svg.js'
import { thin } from './thin.js'

export const plotlyMime = 'application/vnd.plotly.v1+json'

/** What plotly is given: JSON and nothing else. */
export interface PlotlyFigure {
  data: Record<string, unknown>[]
  layout: Record<string, unknown>
  config: Record<string, unknown>
}

/** A curve keeps at most so many points here: enough to zoom, small enough for a notebook file. */
const curvePoints = 5000

/** Text that plotly shows as it is written. */
export function escapePlotly(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

/** Pixels around the plot areas. */
const room = { left: 58, right: 22, colorbar: 74, foot: 52, title: 44, panelTitle: 20, legend: 24 } as const

/** The whole figure; several panels become subplots, each with its own axes and legend. */
export function renderPlotly(spec: FigureSpec): PlotlyFigure {
  const places = placePanels(spec)
  const { title, width, height, margin } = places
  const data: Record<string, unknown>[] = []
  const annotations: Record<string, unknown>[] = []
  const shapes: Record<string, unknown>[] = []
  const parts: Record<string, unknown> = {}
  spec.panels.forEach((panel, i) => {
    const suffix = i === 0 ? '' : String(i + 1)
    const domain = places.domains[i] ?? { x: [0, 1], y: [0, 1] }
    const [xExtent, yExtent] = extents(panel)
    parts[`xaxis${suffix}`] = { ...axis(panel.x, xExtent), domain: domain.x, anchor: `y${suffix}` }
    parts[`yaxis${suffix}`] = {
      ...axis(panel.y, yExtent),
      domain: domain.y,
      anchor: `x${suffix}`,
      ...equal(panel, suffix),
    }
    parts[`legend${suffix}`] = {
      orientation: 'h',
      x: domain.x[0],
      y: domain.y[1],
      yanchor: 'bottom',
      font: { size: 12 },
    }
    data.push(...traces(panel, suffix, domain))
    const legend = legendTraces(panel).length > 0
    if (panel.title && spec.panels.length > 1)
      annotations.push(panelTitle(panel.title, domain, legend ? room.legend : 2))
    for (const guide of panel.guides ?? []) drawGuide(guide, suffix, shapes, annotations)
  })
  const several = spec.panels.some((p) => p.traces.filter((t) => t.kind === 'histogram').length > 1)
  return {
    data,
    layout: {
      ...(title && { title: figureTitle(title) }),
      width,
      height,
      margin,
      paper_bgcolor: ink.card,
      plot_bgcolor: ink.card,
      font: { family: fontFamily, size: 12, color: ink.label },
      hovermode: spec.panels.some((p) => p.traces.some((t) => t.kind === 'line')) ? 'x' : 'closest',
      barmode: several ? 'overlay' : 'group',
      annotations,
      shapes,
      ...parts,
    },
    config: { responsive: true, displaylogo: false },
  }
}

/** A title pinned to the top edge. */
export function figureTitle(title: string): Record<string, unknown> {
  const font = { size: 16, color: ink.text }
  return { text: escapePlotly(title), x: 0.5, y: 1, yref: 'container', yanchor: 'top', pad: { t: 14 }, font }
}

interface Domain {
  x: [number, number]
  y: [number, number]
}

/** Sizes in pixels, and each panel's share of the area inside the margins. */
function placePanels(spec: FigureSpec) {
  const { width, height, rows, columns } = figureSize(spec)
  const several = spec.panels.length > 1
  const title = spec.title ?? (several ? undefined : spec.panels[0]?.title)
  const titles = several && spec.panels.some((p) => p.title)
  const legends = spec.panels.some((p) => legendTraces(p).length > 0)
  const head = (titles ? room.panelTitle : 0) + (legends ? room.legend : 0)
  const colorbar = spec.panels.some((p) => p.traces.some((t) => t.kind === 'heatmap' && t.colorbar))
  const right = colorbar ? room.colorbar : room.right
  const margin = { l: room.left, r: right, t: (title ? room.title : 16) + head, b: room.foot }
  const tall = height + (several ? rows * 30 : 20)
  const inner = { width: Math.max(50, width - margin.l - margin.r), height: Math.max(50, tall - margin.t - margin.b) }
  const gapX = Math.min(0.4 / columns, (room.left + right) / inner.width)
  const gapY = Math.min(0.5 / rows, (room.foot + head) / inner.height)
  const w = (1 - gapX * (columns - 1)) / columns
  const h = (1 - gapY * (rows - 1)) / rows
  const domains = spec.panels.map((_, i): Domain => {
    const left = (i % columns) * (w + gapX)
    const top = 1 - Math.floor(i / columns) * (h + gapY)
    return { x: [round(left), round(Math.min(1, left + w))], y: [round(Math.max(0, top - h)), round(top)] }
  })
  return { title, width, height: tall, margin, domains }
}

function axis(from: Axis, extent: [number, number]): Record<string, unknown> {
  const { domain, ticks } = axisScale(from, extent, 6)
  const [low, high] = domain
  const ends = from.scale === 'log' ? [Math.log10(low), Math.log10(high)] : [low, high]
  return {
    ...(from.label && { title: { text: escapePlotly(from.label), standoff: 8, font: { size: 13 } } }),
    type: from.scale ?? 'linear',
    ...(from.scale === 'log' && high / low > 30 && { dtick: Math.ceil(Math.log10(high / low) / 8) }),
    range: from.reversed ? ends.reverse() : ends,
    gridcolor: ink.grid,
    linecolor: ink.axis,
    zeroline: false,
    exponentformat: 'power',
    ...(from.integers && { tick0: 0, dtick: Math.max(1, (ticks[1]?.value ?? 1) - (ticks[0]?.value ?? 0)) }),
    ...(from.categories && {
      tickmode: 'array',
      tickvals: from.categories.map((_, i) => i),
      ticktext: from.categories.map(escapePlotly),
    }),
  }
}

function equal(panel: Panel, suffix: string): Record<string, unknown> {
  return panel.equal ? { scaleanchor: `x${suffix}`, scaleratio: 1 } : {}
}

function panelTitle(title: string, domain: Domain, above: number): Record<string, unknown> {
  const place = {
    xref: 'paper',
    yref: 'paper',
    x: round((domain.x[0] + domain.x[1]) / 2),
    y: domain.y[1],
    yshift: above,
  }
  const look = { xanchor: 'center', yanchor: 'bottom', showarrow: false, font: { size: 13, color: ink.text } }
  return { text: escapePlotly(title), ...place, ...look }
}

function drawGuide(
  guide: Guide,
  suffix: string,
  shapes: Record<string, unknown>[],
  annotations: Record<string, unknown>[],
): void {
  const vertical = guide.y === undefined
  const at = vertical ? guide.x : guide.y
  const refs = vertical
    ? { xref: `x${suffix}`, yref: `y${suffix} domain` }
    : { xref: `x${suffix} domain`, yref: `y${suffix}` }
  const ends = vertical ? { x0: at, x1: at, y0: 0, y1: 1 } : { x0: 0, x1: 1, y0: at, y1: at }
  shapes.push({ type: 'line', ...refs, ...ends, line: { color: ink.faint, width: 1, dash: 'dash' } })
  if (!guide.label) return
  const place = vertical ? { x: at, y: 1, xanchor: 'left' } : { x: 1, y: at, xanchor: 'right', yanchor: 'bottom' }
  annotations.push({ text: escapePlotly(guide.label), ...refs, ...place, showarrow: false, font: { color: ink.faint } })
}

function traces(panel: Panel, suffix: string, domain: Domain): Record<string, unknown>[] {
  const colors = traceColors(panel)
  const listed = new Set(legendTraces(panel).map(({ index }) => index))
  const onMap = panel.traces.some((t) => t.kind === 'heatmap')
  return panel.traces.map((trace, i) => {
    const name = 'name' in trace && trace.name !== undefined ? escapePlotly(trace.name) : undefined
    return {
      ...(name !== undefined && { name }),
      showlegend: listed.has(i),
      ...(listed.has(i) && { legend: `legend${suffix}` }),
      xaxis: `x${suffix}`,
      yaxis: `y${suffix}`,
      ...marks(trace, colors[i] ?? ink.label),
      ...(trace.kind === 'heatmap' && trace.colorbar && { colorbar: colorbar(domain) }),
      ...(trace.kind === 'scatter' &&
        onMap && { marker: { ...dot(trace, colors[i]), line: { color: ink.card, width: 1 } } }),
    }
  })
}

function colorbar(domain: Domain): Record<string, unknown> {
  const [bottom, top] = domain.y
  const place = { x: domain.x[1], xpad: 8, y: round((bottom + top) / 2), len: round(top - bottom), ypad: 0 }
  return { ...place, thickness: 12, outlinewidth: 0 }
}

function dot(trace: ScatterTrace, color: string | undefined): Record<string, unknown> {
  return { color, size: trace.size, opacity: trace.opacity ?? 0.8 }
}

function marks(trace: Trace, color: string): Record<string, unknown> {
  switch (trace.kind) {
    case 'line': {
      const points = thin(trace.x, trace.y, curvePoints)
      return {
        type: 'scatter',
        mode: trace.markers ? 'lines+markers' : 'lines',
        x: list(points.x),
        y: list(points.y),
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
      }
    case 'bar':
      return { type: 'bar', x: Array.from(trace.heights, (_, i) => i), y: list(trace.heights), marker: { color } }
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
      const stops = colormaps[trace.colormap]
      return {
        type: 'heatmap',
        x: center(trace.xEdges, columns),
        y: center(trace.yEdges, rows),
        z: Array.from({ length: rows }, (_, r) => list(row(values, r))),
        zmin: trace.range[0],
        zmax: trace.range[1],
        colorscale: stops.map((stop, i) => [i / (stops.length - 1), stop]),
        showscale: trace.colorbar,
        ...(trace.opacity !== undefined && { opacity: trace.opacity }),
        ...(labels && {
          text: Array.from({ length: rows }, (_, r) => row(labels, r).map(escapePlotly)),
          texttemplate: '%{text}',
        }),
      }
    }
  }
}

/** Seven significant digits (a float32 has no more), null for what JSON cannot hold. */
function list(values: ArrayLike<number>): (number | null)[] {
  return Array.from(values, (v) => (Number.isFinite(v) ? round(v) : null))
}

function round(value: number): number {
  return Number(value.toPrecision(7))
}
