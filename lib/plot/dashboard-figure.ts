/** The curves of a training run as a figure: one panel for each metric, its train, validation and test curves in it. */
import { palette } from './colors.js'
import type { Dashboard } from './dashboard.js'
import { type Table, tableOf } from './dashboard-table.js'
import { Figure } from './figure.js'
import { formatValue } from './format.js'
import type { Metric, Role } from './history.js'
import type { LineTrace, Panel } from './model.js'
import { escapePlotly } from './plotly-values.js'
import { figureTitle, type PlotlyFigure } from './render-plotly.js'
import { fontFamily, ink } from './svg.js'
import { thin } from './thin.js'

/** The same colour for the same role in every panel. */
const roleColors: Record<Role, string> = { train: palette[0], val: palette[1], test: palette[2] }

/** Points per curve while training: the whole picture stays under 15 KB. */
const livePoints = { raw: 220, smooth: 110 }

/** The figure; 'live' is thinned and names curves by role and current value, 'full' has every value and its name. */
export function dashboardFigure(board: Dashboard, detail: 'live' | 'full'): Figure {
  const groups = new Map<string, Metric[]>()
  for (const metric of board.metrics.values()) {
    const group = groups.get(metric.base)
    if (group) group.push(metric)
    else groups.set(metric.base, [metric])
  }
  const { unit, label } = horizontal(board)
  // While running the axis has its final width, so that the curves grow along it.
  const end = (board.state === 'done' ? board.position : (board.total ?? 0)) / unit
  const panels = [...groups].map(([base, metrics]): Panel => {
    const { yscale } = board.options
    return {
      title: base,
      traces: metrics.flatMap((metric) => curves(metric, unit, detail, metrics.length)),
      x: { label, limits: end > 0 ? [0, end] : undefined, integers: true },
      y: { scale: typeof yscale === 'object' ? (yscale[base] ?? 'linear') : yscale },
      legend: true,
    }
  })
  return new Figure({ panels, columns: Math.min(2, panels.length || 1), title: board.options.title })
}

/** Curves run over epochs when there are several, else over steps. */
function horizontal(board: Dashboard): { unit: number; label: string } {
  const epochs = board.options.epochs ?? board.rows.length
  const unit = epochs > 1 ? board.stepsPerEpoch : undefined
  return unit === undefined ? { unit: 1, label: 'step' } : { unit, label: 'epoch' }
}

function curves(metric: Metric, unit: number, detail: 'live' | 'full', siblings: number): LineTrace[] {
  const color = roleColors[metric.role]
  const label = detail === 'full' ? metric.name : legendLabel(metric, siblings)
  const points = (values: Float64Array, limit: number) => {
    const { x, y } = thin(metric.x.values, values, detail === 'live' ? limit : Infinity)
    return { x: x.map((v) => v / unit), y }
  }
  if (!metric.perStep) {
    return [
      {
        kind: 'line',
        name: label,
        color,
        markers: metric.y.length <= 60,
        ...points(metric.y.values, livePoints.smooth),
      },
    ]
  }
  return [
    {
      kind: 'line',
      name: `${metric.name} (each step)`,
      legend: false,
      color,
      opacity: 0.3,
      lineWidth: 1,
      ...points(metric.y.values, livePoints.raw),
    },
    { kind: 'line', name: label, color, ...points(metric.smooth.values, livePoints.smooth) },
  ]
}

function legendLabel(metric: Metric, siblings: number): string {
  const name = siblings > 1 || metric.role !== 'train' ? metric.role : metric.name
  return metric.y.length === 0 ? name : `${name} ${formatValue(metric.current)}`
}

/** The finished dashboard for plotly: the figure with its state as subtitle and the table below. */
export function dashboardPlotly(board: Dashboard): PlotlyFigure {
  const { data, layout, config } = dashboardFigure(board, 'full').toPlotly()
  const table = tableOf(board)
  const { l, t } = layout['margin'] as { l: number; t: number }
  const margin = { l, r: 22, t: t + (board.options.title === undefined ? 50 : 22), b: 12 }
  // Pixels of curves, axis labels and table, which together fill the area inside the margins.
  const curvesHeight = Math.ceil(countPanels(layout) / 2) * 270 - 20
  const tableHeight = 26 * (table.rows.length + 1)
  const inner = curvesHeight + 56 + tableHeight
  const raise = (y: number) => 1 - ((1 - y) * curvesHeight) / inner
  const raised = Object.entries(layout).map(([key, value]) => [key, raisePart(key, value, raise)] as const)
  const state = [board.status, board.timing].filter(Boolean).join(' · ')
  return {
    data: [...data, plotlyTable(table, tableHeight / inner)],
    layout: {
      ...Object.fromEntries(raised),
      width: 780,
      height: inner + margin.t + margin.b,
      margin,
      title: {
        ...figureTitle(board.options.title ?? 'Training'),
        x: 0,
        pad: { t: 14, l: 14 },
        subtitle: { text: escapePlotly(state), font: { size: 12, color: ink.faint } },
      },
    },
    config,
  }
}

function countPanels(layout: PlotlyFigure['layout']): number {
  return Object.keys(layout).filter((key) => /^yaxis\d*$/.test(key)).length
}

/** Moves what stands in the figure's area into the upper part of the page. */
function raisePart(key: string, value: unknown, raise: (y: number) => number): unknown {
  if (/^yaxis\d*$/.test(key)) {
    const axis = value as { domain: [number, number] }
    return { ...axis, domain: axis.domain.map(raise) }
  }
  if (/^legend\d*$/.test(key)) {
    const legend = value as { y: number }
    return { ...legend, y: raise(legend.y) }
  }
  if (key !== 'annotations') return value
  return (value as { yref: string; y: number }[]).map((a) => (a.yref === 'paper' ? { ...a, y: raise(a.y) } : a))
}

function plotlyTable(table: Table, height: number): Record<string, unknown> {
  const font = { family: fontFamily, size: 12, color: ink.label }
  const look = { align: 'right', line: { color: ink.card }, fill: { color: ink.card }, height: 24 }
  const head = { ...look, fill: { color: '#f3f4f6' }, font: { ...font, color: ink.faint } }
  return {
    type: 'table',
    domain: { x: [0, 1], y: [0, height] },
    header: { ...head, values: table.head.map(escapePlotly) },
    cells: {
      ...look,
      font,
      values: table.head.map((_, c) => table.rows.map((row) => escapePlotly(row.cells[c] ?? ''))),
    },
  }
}
