/**
 * A figure as plotly's JSON, for front ends that draw it interactively. Plotly reads a small HTML in its texts, so every
 * string of a user is escaped here; values that JSON cannot hold (NaN, infinities) become null, which plotly leaves out.
 */
import { checkColor } from './colors.js'
import { traceColors } from './marks.js'
import { type Annotation, type Axis, type FigureSpec, type Guide, isMap, type Panel, legendTraces } from './model.js'
import { axisScale, extents } from './panel.js'
import { sceneLayout, sceneTraces } from './plotly-contour.js'
import { dot, marks } from './plotly-marks.js'
import { escapePlotly, round } from './plotly-values.js'
import { figureSize } from './render-svg.js'
import { fontFamily, ink, textWidth } from './svg.js'

export const plotlyMime = 'application/vnd.plotly.v1+json'

/** What plotly is given: JSON and nothing else. */
export interface PlotlyFigure {
  data: Record<string, unknown>[]
  layout: Record<string, unknown>
  config: Record<string, unknown>
  /** The moments of an animation. */
  frames?: Record<string, unknown>[]
}

/** Pixels around the plot areas. */
const room = { left: 58, right: 22, colorbar: 74, foot: 52, title: 44, panelTitle: 20, legendRow: 19 } as const

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
    if (panel.title && spec.panels.length > 1) annotations.push(panelTitle(panel.title, domain, places.legends || 2))
    parts[`legend${suffix}`] = {
      orientation: 'h',
      x: domain.x[0],
      xanchor: 'left',
      y: domain.y[1],
      yanchor: 'bottom',
      font: { size: 12 },
    }
    if (panel.scene) {
      parts[`scene${suffix}`] = sceneLayout(panel.scene, { x: panel.x.label, y: panel.y.label }, domain)
      data.push(...sceneTraces(panel.scene, `scene${suffix}`, `legend${suffix}`))
      return
    }
    const [xExtent, yExtent] = extents(panel)
    // Equal scales shrink the panel rather than show more than the figure asks for.
    parts[`xaxis${suffix}`] = {
      ...axis(panel.x, xExtent),
      domain: domain.x,
      anchor: `y${suffix}`,
      ...(panel.equal && { constrain: 'domain' }),
    }
    parts[`yaxis${suffix}`] = {
      ...axis(panel.y, yExtent),
      domain: domain.y,
      anchor: `x${suffix}`,
      ...(panel.equal && {
        scaleanchor: `x${suffix}`,
        scaleratio: 1,
        constrain: 'domain',
        constraintoward: 'top',
      }),
    }
    data.push(...traces(panel, suffix, domain))
    for (const guide of panel.guides ?? []) drawGuide(guide, panel, suffix, shapes, annotations)
    for (const note of panel.annotations ?? []) annotations.push(drawNote(note, panel, suffix))
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
      hovermode: hoverMode(spec),
      barmode: several ? 'overlay' : 'group',
      modebar: { orientation: 'v' },
      annotations,
      shapes,
      ...parts,
    },
    config: { responsive: true, displaylogo: false },
  }
}

/** Curves are read together at one x; points and places on a map each by itself. */
function hoverMode(spec: FigureSpec): string {
  const traces = spec.panels.flatMap((panel) => panel.traces)
  const single = traces.some((t) => isMap(t) || (t.kind === 'scatter' && t.hover))
  return traces.some((t) => t.kind === 'line') && !single ? 'x' : 'closest'
}

/**
 * Pixels that plotly's legend takes above a panel: one row where all entries fit into the figure, else columns as wide
 * as the longest entry.
 */
function legendHeight(panel: Panel, width: number): number {
  const sizes = legendTraces(panel).map(({ trace }) => textWidth(trace.name, 12) + 42)
  if (sizes.length === 0) return 0
  const columns = Math.max(1, Math.floor(width / Math.max(...sizes)))
  const rows = sizes.reduce((sum, size) => sum + size, 0) < width ? 1 : Math.ceil(sizes.length / columns)
  return rows * room.legendRow + 5
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
  // The same for all panels, so that their titles stand in a row.
  const legends = Math.max(...spec.panels.map((panel) => legendHeight(panel, width)))
  const head = (titles ? room.panelTitle : 0) + legends
  const colorbar = spec.panels.some((p) => p.traces.some((t) => isMap(t) && t.colorbar))
  const right = colorbar ? room.colorbar : room.right
  const margin = { l: room.left, r: right, t: (title ? room.title : 16) + head, b: room.foot }
  const tall = height + (several ? rows * 30 : 20)
  const inner = { width: Math.max(50, width - margin.l - margin.r), height: Math.max(50, tall - margin.t - margin.b) }
  const gapX = Math.min(0.5 / columns, (room.left + right) / inner.width)
  const gapY = Math.min(0.5 / rows, (room.foot + head) / inner.height)
  const w = (1 - gapX * (columns - 1)) / columns
  const h = (1 - gapY * (rows - 1)) / rows
  const domains = spec.panels.map((_, i): Domain => {
    const left = (i % columns) * (w + gapX)
    const top = 1 - Math.floor(i / columns) * (h + gapY)
    return { x: [round(left), round(Math.min(1, left + w))], y: [round(Math.max(0, top - h)), round(top)] }
  })
  return { title, width, height: tall, margin, domains, legends }
}

function axis(from: Axis, extent: [number, number]): Record<string, unknown> {
  const { domain, ticks } = axisScale(from, extent, 6)
  const [low, high] = domain
  const ends = from.scale === 'log' ? [Math.log10(low), Math.log10(high)] : [low, high]
  return {
    ...(from.label && { title: { text: escapePlotly(from.label), standoff: 8, font: { size: 13 } } }),
    type: from.scale ?? 'linear',
    ...(from.scale === 'log' && logTicks(high / low)),
    range: from.reversed ? ends.reverse() : ends,
    gridcolor: ink.grid,
    linecolor: ink.axis,
    zeroline: false,
    exponentformat: 'power',
    ...(from.plain && { tickformat: 'd' }),
    ...(from.hidden && { visible: false }),
    ...(from.integers && { tick0: 0, dtick: Math.max(1, (ticks[1]?.value ?? 1) - (ticks[0]?.value ?? 0)) }),
    ...(from.categories && {
      tickmode: 'array',
      tickvals: from.categories.map((_, i) => i),
      ticktext: from.categories.map(escapePlotly),
      automargin: true,
    }),
  }
}

/** Over few powers of ten 1, 2 and 5 are labelled, over many only some powers, which plotly sets larger than other labels. */
function logTicks(ratio: number): Record<string, unknown> {
  return ratio > 30 ? { dtick: Math.ceil(Math.log10(ratio) / 8), tickfont: { size: 10 } } : { dtick: 'D2' }
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

/** Annotations on a logarithmic axis are placed by exponents; shapes are not. */
function onAxis(axis: Axis, value: number): number {
  return axis.scale === 'log' ? Math.log10(value) : value
}

function drawGuide(
  guide: Guide,
  panel: Panel,
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
  const noted = onAxis(vertical ? panel.x : panel.y, at ?? NaN)
  if (!Number.isFinite(noted)) return
  const place = vertical ? { x: noted, y: 1, xanchor: 'left' } : { x: 1, y: noted, xanchor: 'right', yanchor: 'bottom' }
  annotations.push({ text: escapePlotly(guide.label), ...refs, ...place, showarrow: false, font: { color: ink.faint } })
}

function drawNote(note: Annotation, panel: Panel, suffix: string): Record<string, unknown> {
  const color = note.color === undefined ? ink.text : checkColor(note.color)
  const { from, offset } = note
  const tail = from
    ? { ax: onAxis(panel.x, from[0]), ay: onAxis(panel.y, from[1]), axref: `x${suffix}`, ayref: `y${suffix}` }
    : { ax: offset?.[0] ?? 0, ay: offset?.[1] ?? 0, standoff: 4 }
  const arrow =
    from || offset
      ? { showarrow: true, arrowhead: 2, arrowwidth: 1.4, arrowcolor: color, ...tail }
      : { showarrow: false }
  const place = { x: onAxis(panel.x, note.x), y: onAxis(panel.y, note.y), xref: `x${suffix}`, yref: `y${suffix}` }
  return {
    text: escapePlotly(note.text ?? ''),
    ...place,
    ...arrow,
    font: { color, size: 12 },
    ...anchored(note),
  }
}

function anchored({ anchor }: Annotation): Record<string, unknown> {
  return anchor === undefined ? {} : { xanchor: { start: 'left', middle: 'center', end: 'right' }[anchor] }
}

function traces(panel: Panel, suffix: string, domain: Domain): Record<string, unknown>[] {
  const colors = traceColors(panel)
  const listed = new Set(legendTraces(panel).map(({ index }) => index))
  const onMap = panel.traces.some(isMap)
  return panel.traces.map((trace, i) => {
    const name = 'name' in trace && trace.name !== undefined ? escapePlotly(trace.name) : undefined
    const { colorbarTicks, ...drawn } = marks(trace, colors[i] ?? ink.label)
    return {
      ...(name !== undefined && { name }),
      showlegend: listed.has(i),
      ...(listed.has(i) && { legend: `legend${suffix}` }),
      xaxis: `x${suffix}`,
      yaxis: `y${suffix}`,
      ...drawn,
      ...(isMap(trace) && trace.colorbar && { colorbar: { ...colorbar(domain), ...(colorbarTicks as object) } }),
      ...(trace.kind === 'scatter' &&
        onMap &&
        trace.symbol !== 'ring' && { marker: { ...dot(trace, colors[i]), line: { color: ink.card, width: 1 } } }),
    }
  })
}

function colorbar(domain: Domain): Record<string, unknown> {
  const [bottom, top] = domain.y
  const place = { x: domain.x[1], xpad: 8, y: round((bottom + top) / 2), len: round(top - bottom), ypad: 0 }
  return { ...place, thickness: 12, outlinewidth: 0 }
}
