/** Figures one after another, with a slider and a play button; as small multiples where nothing moves. */
import { Figure } from './figure.js'
import type { MimeBundle } from './mime.js'
import { type FigureSpec, isMap, type Panel } from './model.js'
import { extents } from './panel.js'
import { Picture } from './picture.js'
import { escapePlotly } from './plotly-values.js'
import { plotlyMime, renderPlotly, type PlotlyFigure } from './render-plotly.js'
import { figureSize, renderSvg } from './render-svg.js'
import { plotlyPage, saveAs } from './save.js'
import { ink } from './svg.js'

/** Settings of `animate`. */
export interface AnimateOptions {
  /** Name of each frame, at the slider. Default: 0, 1, 2, …. */
  labels?: readonly (string | number)[]
  /** Words before the name. Default 'step '. */
  prefix?: string
  /** Milliseconds between frames. Default 150. */
  interval?: number
  /** Default: the first frame's. */
  title?: string
}

/** More frames would be too much for a notebook's file; of more, evenly many are kept. */
const mostFrames = 120

/** Frames shown where nothing moves. */
const multiples = 6

/** Frames with their names, all drawn on the same axes. */
export class Animation extends Picture {
  readonly frames: readonly FigureSpec[]
  readonly labels: readonly string[]

  constructor(
    frames: readonly Figure[],
    readonly options: AnimateOptions = {},
  ) {
    super()
    const { labels } = options
    if (frames.length === 0) throw new RangeError('plot.animate: there are no frames')
    if (labels && labels.length !== frames.length)
      throw new RangeError(`plot.animate: ${labels.length} labels for ${frames.length} frames`)
    const kept = evenly(frames.length, mostFrames)
    this.frames = onSameAxes(kept.map((i) => frames[i].spec))
    this.labels = kept.map((i) => String(labels?.[i] ?? i))
  }

  /** The frame with this number, as a figure of its own; negative numbers count from the end. */
  frame(i: number): Figure {
    const spec = this.frames.at(i)
    if (!spec) throw new RangeError(`there is no frame ${i}; the animation has ${this.frames.length}`)
    return new Figure(spec)
  }

  /** Some frames side by side, first and last among them; of frames with several panels the last alone. */
  toSvg(): string {
    const { prefix = 'step ' } = this.options
    if (this.frames.some(({ panels }) => panels.length !== 1)) return renderSvg(this.titled(this.frames.length - 1))
    const shown = evenly(this.frames.length, multiples)
    const columns = Math.min(3, shown.length)
    const panels = shown.map((i, k): Panel => {
      const [panel] = this.frames[i].panels
      const traces = panel.traces.map((t) => (isMap(t) ? { ...t, colorbar: false } : t))
      const first = k === 0 ? panel.legend : false
      const scene = panel.scene && { ...panel.scene, colorbar: false }
      return { ...panel, traces, scene, legend: first, title: `${prefix}${this.labels[i]}` }
    })
    const rows = Math.ceil(panels.length / columns)
    const head = this.title === undefined ? 0 : 34
    return renderSvg({
      panels,
      columns,
      title: this.title,
      width: Math.max(500, columns * 310),
      height: rows * 240 + head,
    })
  }

  /** Plotly's figure with frames, slider and buttons. */
  toPlotly(): PlotlyFigure {
    const rendered = this.frames.map((_, i) => renderPlotly(this.titled(i)))
    const data = rendered.map((figure) => figure.data)
    const most = Math.max(...data.map((traces) => traces.length))
    // What is the same in all frames is sent once.
    const moving = Array.from({ length: most }, (_, t) => t).filter((t) => {
      const [first, ...others] = data.map((traces) => JSON.stringify(traces[t]))
      return others.some((other) => other !== first)
    })
    const blanks = Array.from({ length: most }, (_, t) => {
      const example = data.find((traces) => t < traces.length)?.[t] ?? {}
      return { ...example, x: [], y: [], ...('z' in example && { z: [] }), showlegend: false }
    })
    const { layout, config } = rendered[0]
    const frames = rendered.map((figure, i) => ({
      name: String(i),
      data: moving.map((t) => data[i][t] ?? blanks[t]),
      traces: moving,
      layout: { annotations: figure.layout['annotations'], shapes: figure.layout['shapes'] },
    }))
    return {
      data: Array.from({ length: most }, (_, t) => data[0][t] ?? blanks[t]),
      layout: { ...layout, ...this.controls(layout) },
      config,
      frames,
    }
  }

  override toBundle(): MimeBundle {
    return { [plotlyMime]: this.toPlotly(), 'image/svg+xml': this.toSvg(), 'text/plain': this.toString() }
  }

  override toString(): string {
    const { length } = this.frames
    return `Animation of ${length} frame${length === 1 ? '' : 's'}\n${this.frame(-1).toString()}`
  }

  /** Writes the animation as `.html` (moving, offline) or its small multiples as `.svg`; returns the absolute path. */
  override save(path: string): string {
    return saveAs(path, {
      '.svg': () => this.toSvg(),
      '.html': () => plotlyPage(this.toPlotly(), this.title ?? 'Animation'),
    })
  }

  private get title(): string | undefined {
    return this.options.title ?? this.frames[0].title
  }

  private titled(i: number): FigureSpec {
    return { ...this.frames[i], title: this.title }
  }

  private controls(layout: Record<string, unknown>): Record<string, unknown> {
    const { prefix = 'step ', interval = 150 } = this.options
    const { height } = figureSize(this.frames[0])
    const margin = layout['margin'] as { l: number; b: number }
    const moment = (duration: number) => ({
      mode: 'immediate',
      fromcurrent: true,
      frame: { duration, redraw: true },
      transition: { duration: 0 },
    })
    const button = (label: string, args: unknown[]) => ({ label, method: 'animate', args })
    return {
      height: Number(layout['height'] ?? height) + 76,
      margin: { ...margin, b: margin.b + 76 },
      sliders: [
        {
          active: 0,
          x: 0.18,
          len: 0.82,
          y: 0,
          pad: { t: 66, b: 6 },
          currentvalue: {
            prefix: escapePlotly(prefix),
            xanchor: 'left',
            font: { size: 12, color: ink.label },
            offset: 4,
          },
          ticklen: 3,
          minorticklen: 0,
          font: { size: 10, color: ink.faint },
          steps: this.labels.map((label, i) => ({
            label: escapePlotly(label),
            method: 'animate',
            args: [[String(i)], moment(0)],
          })),
        },
      ],
      updatemenus: [
        {
          type: 'buttons',
          direction: 'left',
          showactive: false,
          x: 0,
          y: 0,
          xanchor: 'left',
          yanchor: 'top',
          pad: { t: 72, r: 8 },
          buttons: [button('▶', [null, moment(interval)]), button('❚❚', [[null], moment(0)])],
        },
      ],
    }
  }
}

/**
 * An animation of figures: an array of them, or their number and a function that draws number i. All frames share the same
 * axes. Where the front end has plotly there are a slider and a play button; elsewhere some frames stand side by side.
 * Of more than 120 frames evenly many are kept. Throws RangeError without frames.
 * @example plot.animate(history.map((w) => plot.scatter(cloud).overlay(plot.line([-1, 1], [lineAt(w, -1), lineAt(w, 1)]))))
 * @example plot.animate(30, (i) => plot.line(snapshots[i]), { prefix: 'epoch ' })
 */
export function animate(frames: readonly Figure[], options?: AnimateOptions): Animation
export function animate(count: number, frame: (i: number) => Figure, options?: AnimateOptions): Animation
export function animate(
  frames: readonly Figure[] | number,
  second?: AnimateOptions | ((i: number) => Figure),
  third?: AnimateOptions,
): Animation {
  if (typeof frames !== 'number') return new Animation(frames, second as AnimateOptions | undefined)
  if (!Number.isInteger(frames) || frames < 1 || typeof second !== 'function')
    throw new RangeError(
      `plot.animate: a number of frames from 1 and a function that draws each are expected, got ${frames}`,
    )
  // Only what will be shown is drawn.
  const kept = evenly(frames, mostFrames)
  const labels = third?.labels
  if (labels && labels.length !== frames)
    throw new RangeError(`plot.animate: ${labels.length} labels for ${frames} frames`)
  return new Animation(kept.map(second), { ...third, labels: kept.map((i) => labels?.[i] ?? i) })
}

/** At most `most` of the numbers 0 … n−1 at equal distances, first and last among them. */
export function evenly(n: number, most: number): number[] {
  if (n <= most) return Array.from({ length: n }, (_, i) => i)
  return Array.from({ length: most }, (_, k) => Math.round((k * (n - 1)) / (most - 1)))
}

/** The frames with limits that fit all of them. Throws RangeError when they have different panels. */
function onSameAxes(frames: readonly FigureSpec[]): FigureSpec[] {
  const [first] = frames
  const odd = frames.findIndex(({ panels }) => panels.length !== first.panels.length)
  if (odd >= 0)
    throw new RangeError(
      `plot.animate: frame ${odd} has ${frames[odd].panels.length} panels, frame 0 has ${first.panels.length}; all must have the same`,
    )
  const limits = first.panels.map((panel, p) => {
    if (panel.scene) return undefined
    const [x, y] = extents({ ...panel, traces: frames.flatMap(({ panels }) => panels[p].traces) })
    return { x: usable(x), y: usable(y) }
  })
  return frames.map((frame) => ({
    ...frame,
    panels: frame.panels.map((panel, p) => ({
      ...panel,
      x: { ...panel.x, limits: panel.x.limits ?? limits[p]?.x },
      y: { ...panel.y, limits: panel.y.limits ?? limits[p]?.y },
    })),
  }))
}

function usable(extent: [number, number]): [number, number] | undefined {
  return extent[0] < extent[1] ? extent : undefined
}
