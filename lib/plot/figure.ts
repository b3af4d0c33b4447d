/** A figure: a description that never changes, with its renderings. Changes give a new figure. */
import { formatValue } from './format.js'
import type { MimeBundle } from './mime.js'
import type { Axis, ChartOptions, FigureSpec, Panel, Scene, Trace } from './model.js'
import { Picture } from './picture.js'
import { plotlyMime, renderPlotly, type PlotlyFigure } from './render-plotly.js'
import { renderSvg } from './render-svg.js'
import { plotlyPage, saveAs } from './save.js'
import { extentOf } from './scale.js'

/**
 * A picture of curves, points, bars or matrices. Made by `plot.line` and its sisters; shows itself as the last
 * expression of a cell: interactive where the front end has plotly, as SVG elsewhere.
 */
export class Figure extends Picture {
  constructor(readonly spec: FigureSpec) {
    super()
  }

  /** The same figure with other titles, labels, scales or limits (in every panel). */
  with(options: ChartOptions): Figure {
    const panels = this.spec.panels.map((panel) => applyOptions(panel, options, this.spec.panels.length === 1))
    const { title = this.spec.title, width = this.spec.width, height = this.spec.height } = options
    return new Figure({ ...this.spec, panels, title, width, height })
  }

  /**
   * The traces of other figures drawn into this one: points over a heat map, a line through points. Titles, labels and
   * limits of this figure win; what it lacks is taken from the others. Throws RangeError unless all have one panel.
   */
  overlay(...others: readonly Figure[]): Figure {
    const all = [this as Figure, ...others]
    const panels = all.map(({ spec }) => {
      const [panel] = spec.panels
      if (!panel || spec.panels.length > 1) {
        throw new RangeError(`overlay needs figures with one panel each, got one with ${spec.panels.length}`)
      }
      return panel
    })
    const lacking = <K extends keyof Panel>(key: K) => panels.find((p) => p[key] !== undefined)?.[key]
    const panel: Panel = {
      traces: panels.flatMap((p) => p.traces),
      title: lacking('title'),
      legend: lacking('legend'),
      equal: lacking('equal'),
      guides: panels.flatMap((p) => p.guides ?? []),
      annotations: panels.flatMap((p) => p.annotations ?? []),
      x: mergeAxes(panels.map((p) => p.x)),
      y: mergeAxes(panels.map((p) => p.y)),
    }
    return new Figure({ ...this.spec, panels: [panel], title: all.find((f) => f.spec.title)?.spec.title })
  }

  /** The figure as a standalone SVG document. */
  toSvg(): string {
    return renderSvg(this.spec)
  }

  /** The figure as plotly's `{ data, layout, config }`. */
  toPlotly(): PlotlyFigure {
    return renderPlotly(this.spec)
  }

  override toBundle(): MimeBundle {
    return { [plotlyMime]: this.toPlotly(), 'image/svg+xml': this.toSvg(), 'text/plain': this.toString() }
  }

  /** Title and, for every trace, its size and range. */
  override toString(): string {
    const { panels, title } = this.spec
    const lines = [`Figure${title ? `: ${title}` : ''}`]
    for (const panel of panels) {
      if (panel.title) lines.push(`  ${panel.title}`)
      if (panel.scene) lines.push(`  ${sceneSummary(panel.scene)}`)
      for (const trace of panel.traces) lines.push(`  ${summary(trace)}`)
    }
    return lines.join('\n')
  }

  /**
   * Writes the figure and returns the absolute path: `.svg`, or `.html` (interactive, offline, about 1.5 MB).
   * The file appears whole or not at all. Throws RangeError for another ending or a missing folder.
   */
  override save(path: string): string {
    return saveAs(path, {
      '.svg': () => this.toSvg(),
      '.html': () => plotlyPage(this.toPlotly(), this.spec.title ?? 'Figure'),
    })
  }
}

/**
 * Several figures side by side: their panels in rows of `columns` (default: all in one row up to 3, else 2).
 * A figure's title becomes its panel's.
 */
export function grid(
  figures: readonly Figure[],
  options: { columns?: number; title?: string; width?: number; height?: number } = {},
): Figure {
  const panels = figures.flatMap(({ spec }) =>
    spec.panels.length === 1 ? spec.panels.map((p) => ({ ...p, title: spec.title ?? p.title })) : spec.panels,
  )
  const { columns = panels.length <= 3 ? Math.max(1, panels.length) : 2, ...rest } = options
  if (!Number.isInteger(columns) || columns < 1)
    throw new RangeError(`columns is ${columns}; a whole number from 1 is expected`)
  return new Figure({ panels, columns, ...rest })
}

/** Traces and options as a figure with one panel; `panel` holds what the kind of chart itself wants. */
export function chart(traces: readonly Trace[], options: ChartOptions, panel: Partial<Panel> = {}): Figure {
  const { title, width, height } = options
  const base: Panel = { x: {}, y: {}, ...panel, traces }
  return new Figure({ panels: [applyOptions(base, options, true)], columns: 1, title, width, height })
}

function applyOptions(panel: Panel, options: ChartOptions, single: boolean): Panel {
  const { xlabel, ylabel, xscale, yscale, xlim, ylim, legend, guides, annotations, equal } = options
  checkLimits('xlim', xlim, xscale ?? panel.x.scale)
  checkLimits('ylim', ylim, yscale ?? panel.y.scale)
  return {
    ...panel,
    // A single panel's title stands above the whole figure.
    title: single ? undefined : panel.title,
    legend: legend ?? panel.legend,
    guides: guides ?? panel.guides,
    annotations: annotations ?? panel.annotations,
    equal: equal ?? panel.equal,
    x: axis(panel.x, xlabel, xscale, xlim),
    y: axis(panel.y, ylabel, yscale, ylim),
  }
}

function axis(from: Axis, label: Axis['label'], scale: Axis['scale'], limits: Axis['limits']): Axis {
  if (scale !== undefined && scale !== 'linear' && scale !== 'log') {
    throw new RangeError(`a scale is 'linear' or 'log', got ${JSON.stringify(scale)}`)
  }
  return { ...from, label: label ?? from.label, scale: scale ?? from.scale, limits: limits ?? from.limits }
}

function checkLimits(name: string, limits: readonly [number, number] | undefined, scale: Axis['scale']): void {
  if (!limits) return
  const [low, high] = limits
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
    throw new RangeError(`${name} is [${low}, ${high}]; two finite numbers are expected, the smaller first`)
  }
  if (scale === 'log' && low <= 0) throw new RangeError(`${name} starts at ${low}; a log axis starts above 0`)
}

function mergeAxes(axes: readonly Axis[]): Axis {
  return axes.reduceRight<Axis>((merged, each) => {
    const own = Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined))
    return { ...merged, ...own }
  }, {})
}

function sceneSummary({ rows, columns, values, paths }: Scene): string {
  const [low, high] = extentOf([values])
  const along = paths.length === 0 ? '' : `, ${paths.length} path${paths.length === 1 ? '' : 's'}`
  return `surface: ${rows} × ${columns}, ${formatValue(low)} … ${formatValue(high)}${along}`
}

function summary(trace: Trace): string {
  const name = 'name' in trace && trace.name !== undefined ? ` ${trace.name}` : ''
  const range = (values: ArrayLike<number>) => {
    const [low, high] = extentOf([values])
    return Number.isNaN(low) ? 'empty' : `${formatValue(low)} … ${formatValue(high)}`
  }
  switch (trace.kind) {
    case 'line':
    case 'scatter':
      return `${trace.kind}${name}: ${trace.x.length} points, x ${range(trace.x)}, y ${range(trace.y)}${sparkline(trace)}`
    case 'bar':
      return `bar${name}: ${Array.from(trace.heights.slice(0, 10), formatValue).join(', ')}${trace.heights.length > 10 ? ', …' : ''}`
    case 'histogram':
      return `histogram${name}: ${trace.counts.length} bins, ${range(trace.edges)}${sparkline({ ...trace, y: trace.counts })}`
    case 'area':
      return `area${name}: ${trace.x.length} points, y ${range(trace.low)} to ${range(trace.high)}`
    case 'heatmap':
      return `heat map: ${trace.rows} × ${trace.columns}, ${range(trace.values)}`
    case 'contour':
      return `contour: ${trace.rows} × ${trace.columns}, ${range(trace.values)}, ${trace.levels.length} levels`
  }
}

/** The shape of a curve in one line of text. */
function sparkline(trace: { kind: string; y: Float64Array }): string {
  const [low, high] = extentOf([trace.y])
  if (trace.kind === 'scatter' || trace.y.length < 3 || !(high > low)) return ''
  const n = Math.min(32, trace.y.length)
  const bars = Array.from({ length: n }, (_, i) => {
    const v = trace.y[Math.round((i * (trace.y.length - 1)) / (n - 1))] ?? NaN
    return Number.isFinite(v) ? '▁▂▃▄▅▆▇█'.charAt(Math.round(((v - low) / (high - low)) * 7)) : ' '
  })
  return `  ${bars.join('')}`
}
