/** One panel of a figure as SVG: margins that fit the labels, grid, ticks, legend, colour bar, and the traces inside. */
import { drawAnnotations } from './annotations.js'
import { drawColorbar } from './colorbar.js'
import { drawTraces, traceColors } from './marks.js'
import { type Axis, isMap, type Panel, legendTraces } from './model.js'
import type { Area } from './paths.js'
import { drawScene } from './scene.js'
import { extentOf, makeScale, type Scale, type Tick } from './scale.js'
import { fitText, ink, px, tag, text, textGroup, textWidth } from './svg.js'

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const tickSize = 11
const labelSize = 12
const legendSize = 11.5

/** The panel as markup, filling `box`. */
export function drawPanel(panel: Panel, box: Box): string {
  if (panel.scene) return drawScene(panel.scene, box, panel)
  const legend = legendRows(panel, box.width - 60)
  const top = (panel.title ? 22 : 4) + legend.length * 18 + 4
  const [xExtent, yExtent] = extents(panel)
  const yScale = axisScale(panel.y, yExtent, Math.max(2, Math.round((box.height - top - 40) / 42)))
  const yTicks = axisTicks(panel.y, yScale)
  const widest = Math.max(10, ...yTicks.map((t) => Math.min(120, textWidth(t.label, tickSize))))
  const left = widest + 10 + (panel.y.label ? 20 : 2)
  const bar = panel.traces.filter(isMap).find((t) => t.colorbar)
  const right = bar ? 66 : 14
  let width = Math.max(20, box.width - left - right)
  const xScale = axisScale(panel.x, xExtent, Math.max(2, Math.round(width / 78)))
  const xTicks = axisTicks(panel.x, xScale)
  const slanted = panel.x.categories !== undefined && tooWide(xTicks, width / Math.max(1, panel.x.categories.length))
  const bottom = (slanted ? 52 : 20) + (panel.x.label ? 20 : 2)
  let height = Math.max(20, box.height - top - bottom)
  let x = box.x + left
  let y = box.y + top
  if (panel.equal) {
    const unit = Math.min(width / span(xScale), height / span(yScale))
    x += (width - unit * span(xScale)) / 2
    y += (height - unit * span(yScale)) / 2
    width = unit * span(xScale)
    height = unit * span(yScale)
  }
  const area: Area = {
    width,
    height,
    x: (v) => (panel.x.reversed ? 1 - xScale.position(v) : xScale.position(v)) * width,
    y: (v) => (panel.y.reversed ? yScale.position(v) : 1 - yScale.position(v)) * height,
  }
  const frame: Frame = { panel, area, x, y, xTicks, yTicks, slanted }
  return [
    panel.title ? text(x + width / 2, box.y + 14, fitText(panel.title, 14.3, box.width - 10), titleStyle) : '',
    drawLegend(panel, legend, x, box.y + (panel.title ? 36 : 16)),
    drawGrid(frame),
    drawAxes(frame, left, bottom),
    // A nested <svg> clips to its own box: no clip path, hence no id that could clash with another picture's.
    tag(
      'svg',
      { x: x - 3, y: y - 3, width: width + 6, height: height + 6, overflow: 'hidden' },
      tag('g', { transform: 'translate(3,3)' }, drawTraces(panel, area) + drawGuides(frame)),
    ),
    Number.isNaN(xExtent[0]) || Number.isNaN(yExtent[0])
      ? text(x + width / 2, y + height / 2, 'no data', { size: 13, anchor: 'middle', color: ink.faint })
      : '',
    drawAnnotations(panel.annotations ?? [], area, x, y),
    bar ? drawColorbar(bar, x + width + 12, y, height) : '',
  ].join('')
}

const titleStyle = { size: 13, weight: 600, color: ink.text, anchor: 'middle' } as const

interface Frame {
  readonly panel: Panel
  readonly area: Area
  readonly x: number
  readonly y: number
  readonly xTicks: readonly Tick[]
  readonly yTicks: readonly Tick[]
  readonly slanted: boolean
}

/** Extents of x and y over all traces, each with the room that its kind needs. */
export function extents(panel: Panel): [[number, number], [number, number]] {
  const xs: ArrayLike<number>[] = []
  const ys: ArrayLike<number>[] = []
  for (const trace of panel.traces) {
    if (trace.kind === 'heatmap') {
      xs.push(trace.xEdges)
      ys.push(trace.yEdges)
    } else if (trace.kind === 'area') {
      xs.push(trace.x)
      ys.push(trace.low, trace.high)
    } else if (trace.kind === 'bar') {
      xs.push([-0.5, trace.heights.length - 0.5])
      const { heights, errors } = trace
      ys.push(
        heights,
        [0],
        errors ? heights.map((h, i) => h + errors[i]) : [],
        errors ? heights.map((h, i) => h - errors[i]) : [],
      )
    } else if (trace.kind === 'histogram') {
      xs.push(trace.edges)
      ys.push(trace.counts, [0])
    } else {
      xs.push(trace.x)
      ys.push(trace.y)
    }
  }
  for (const guide of panel.guides ?? []) {
    if (guide.x !== undefined) xs.push([guide.x])
    if (guide.y !== undefined) ys.push([guide.y])
  }
  const x = extentOf(xs, panel.x.scale)
  const y = extentOf(ys, panel.y.scale)
  const tight = panel.traces.some(isMap)
  const bars = panel.traces.some((t) => t.kind === 'bar')
  return [
    tight || bars ? x : padded(x, 0.02, panel.x.scale),
    tight ? y : standing(panel) ? aboveZero(y, panel.y.scale) : padded(y, 0.06, panel.y.scale),
  ]
}

function standing(panel: Panel): boolean {
  return panel.traces.some((t) => t.kind === 'bar' || t.kind === 'histogram')
}

function padded([low, high]: [number, number], share: number, kind: Axis['scale']): [number, number] {
  if (low === high) return [low, high]
  if (kind === 'log') {
    const factor = (high / low) ** share
    return [low / factor, high * factor]
  }
  const room = (high / 2 - low / 2) * 2 * share
  return Number.isFinite(low - room) && Number.isFinite(high + room) ? [low - room, high + room] : [low, high]
}

/** Bars keep zero as their floor; on a log axis the floor is the decade below the smallest bar. */
function aboveZero([low, high]: [number, number], kind: Axis['scale']): [number, number] {
  if (kind === 'log') return [10 ** Math.floor(Math.log10(low) - 0.05), padded([low, high], 0.06, kind)[1] * 1.2]
  if (low === high) return low === 0 ? [0, 1] : [Math.min(0, low), Math.max(0, high)]
  const [from, to] = padded([Math.min(0, low), Math.max(0, high)], 0.05, kind)
  return [low < 0 ? from : 0, high > 0 ? to : 0]
}

/** The scale of one axis with its own limits and ticks. */
export function axisScale(axis: Axis, extent: [number, number], count: number): Scale {
  return makeScale(extent, { kind: axis.scale, count, limits: axis.limits, integers: axis.integers })
}

function axisTicks(axis: Axis, scale: Scale): readonly Tick[] {
  if (axis.hidden) return []
  if (axis.plain) return scale.ticks.map(({ value }) => ({ value, label: String(value) }))
  if (!axis.categories) return scale.ticks
  const [low, high] = scale.domain
  return axis.categories.flatMap((label, value) =>
    value >= low && value <= high ? [{ value, label: fitText(label, tickSize, 120) }] : [],
  )
}

function tooWide(ticks: readonly Tick[], slot: number): boolean {
  return ticks.some((t) => textWidth(t.label, tickSize) > slot - 4)
}

function span(scale: Scale): number {
  return scale.domain[1] - scale.domain[0]
}

function drawGrid({ panel, area, x, y, xTicks, yTicks }: Frame): string {
  if (panel.traces.some(isMap)) {
    return tag('rect', { x, y, width: area.width, height: area.height, fill: 'none', stroke: ink.grid })
  }
  let d = ''
  for (const t of yTicks) d += `M${px(x)},${px(y + area.y(t.value))}h${px(area.width)}`
  if (!panel.x.categories) for (const t of xTicks) d += `M${px(x + area.x(t.value))},${px(y)}v${px(area.height)}`
  const grid = d && tag('path', { d, stroke: ink.grid, fill: 'none' })
  return grid + tag('path', { d: `M${px(x)},${px(y + area.height)}h${px(area.width)}`, stroke: ink.axis, fill: 'none' })
}

function drawAxes({ panel, area, x, y, xTicks, yTicks, slanted }: Frame, left: number, bottom: number): string {
  const every = slanted ? Math.ceil((xTicks.length * 13) / area.width) : 1
  const below = xTicks.map((t, i) => {
    const at = x + area.x(t.value)
    if (i % every !== 0) return ''
    if (!slanted) return text(at, y + area.height + 15, t.label)
    return text(at + 4, y + area.height + 14, fitText(t.label, tickSize, 66), { rotate: -38 })
  })
  const beside = yTicks.map((t) => text(x - 7, y + area.y(t.value) + 4, t.label))
  const names: string[] = []
  if (panel.x.label) {
    const label = fitText(panel.x.label, labelSize, area.width + 40)
    names.push(text(x + area.width / 2, y + area.height + bottom - 4, label))
  }
  if (panel.y.label) {
    const label = fitText(panel.y.label, labelSize, area.height + 40)
    names.push(text(x - left + 13, y + area.height / 2, label, { rotate: -90 }))
  }
  return [
    textGroup({ color: ink.faint, anchor: slanted ? 'end' : 'middle' }, below.join('')),
    textGroup({ color: ink.faint, anchor: 'end' }, beside.join('')),
    textGroup({ size: labelSize, anchor: 'middle' }, names.join('')),
  ].join('')
}

function drawGuides({ panel, area }: Frame): string {
  const out: string[] = []
  for (const { x, y, label } of panel.guides ?? []) {
    const d =
      y === undefined ? `M${px(area.x(x ?? NaN))},0v${px(area.height)}` : `M0,${px(area.y(y))}h${px(area.width)}`
    if (d.includes('NaN')) continue
    out.push(tag('path', { d, stroke: ink.faint, 'stroke-dasharray': '5 4', fill: 'none' }))
    if (!label) continue
    if (y === undefined) out.push(text(area.x(x ?? NaN) + 4, 11, label, { color: ink.faint }))
    else out.push(text(area.width - 4, area.y(y) - 4, label, { color: ink.faint, anchor: 'end' }))
  }
  return out.join('')
}

type LegendRow = { name: string; index: number; at: number }[]

/** Legend entries in rows that fit `width`. */
function legendRows(panel: Panel, width: number): LegendRow[] {
  const rows: LegendRow[] = []
  let at = 0
  for (const { trace, index } of legendTraces(panel)) {
    const name = fitText(trace.name, legendSize, width - 30)
    const size = 22 + textWidth(name, legendSize) + 16
    if (rows.length === 0 || (at > 0 && at + size - 16 > width)) {
      rows.push([])
      at = 0
    }
    rows[rows.length - 1]?.push({ name, index, at })
    at += size
  }
  return rows
}

function drawLegend(panel: Panel, rows: readonly LegendRow[], x: number, y: number): string {
  const colors = traceColors(panel)
  return rows
    .flatMap((row, r) =>
      row.map(({ name, index, at }) => {
        const trace = panel.traces[index]
        const color = colors[index] ?? ink.label
        const baseline = y + r * 18
        const line = trace?.kind === 'line'
        const key = line
          ? tag('path', {
              d: `M${px(x + at)},${px(baseline - 4)}h16`,
              stroke: color,
              'stroke-width': 2.5,
              'stroke-linecap': 'round',
              'stroke-dasharray': trace.dash === 'dash' ? '5 4' : trace.dash === 'dot' ? '1 4' : undefined,
              'stroke-opacity': trace.opacity,
            })
          : tag('rect', {
              x: x + at + 3,
              y: baseline - 9,
              width: 10,
              height: 10,
              rx: trace?.kind === 'scatter' ? 5 : 2,
              fill: color,
            })
        return key + text(x + at + 22, baseline, name, { size: legendSize })
      }),
    )
    .join('')
}
