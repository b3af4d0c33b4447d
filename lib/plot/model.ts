/** What a figure is before anything is drawn: plain data that every renderer reads. */
import type { ColormapName } from './colors.js'
import type { ScaleKind } from './scale.js'

/** How a curve looks. */
export interface LineStyle {
  /** `#rrggbb`, a CSS colour name, `rgb(…)`; default: the next colour of the palette. */
  color?: string
  /** Pixels; default 2. */
  lineWidth?: number
  dash?: 'solid' | 'dash' | 'dot'
  /** 0 to 1; default 1. */
  opacity?: number
  /** A dot at every point; default false. */
  markers?: boolean
}

export interface LineTrace extends LineStyle {
  readonly kind: 'line'
  readonly name?: string
  readonly x: Float64Array
  readonly y: Float64Array
  /** False keeps a named curve out of the legend; default true. */
  readonly legend?: boolean
}

export interface ScatterTrace {
  readonly kind: 'scatter'
  readonly name?: string
  readonly x: Float64Array
  readonly y: Float64Array
  /** Diameter in pixels. */
  readonly size: number
  readonly color?: string
  readonly opacity?: number
}

/** Bars of one series; several in a panel stand side by side at each position. */
export interface BarTrace {
  readonly kind: 'bar'
  readonly name?: string
  readonly heights: Float64Array
  readonly color?: string
}

export interface HistogramTrace {
  readonly kind: 'histogram'
  readonly name?: string
  /** One more than counts. */
  readonly edges: Float64Array
  readonly counts: Float64Array
  readonly color?: string
}

export interface HeatmapTrace {
  readonly kind: 'heatmap'
  readonly rows: number
  readonly columns: number
  /** Row-major values. */
  readonly values: Float64Array
  /** Edges of the whole map on both axes: [first, last]. */
  readonly xEdges: readonly [number, number]
  readonly yEdges: readonly [number, number]
  readonly colormap: ColormapName
  readonly range: readonly [number, number]
  /** Value written into each cell, row-major. */
  readonly labels?: readonly string[]
  readonly colorbar: boolean
  readonly opacity?: number
}

/** One line, cloud of points, row of bars or map of colours. */
export type Trace = LineTrace | ScatterTrace | BarTrace | HistogramTrace | HeatmapTrace

export interface Axis {
  readonly label?: string
  readonly scale?: ScaleKind
  readonly limits?: readonly [number, number]
  /** Names at 0, 1, 2, …: the axis counts categories. */
  readonly categories?: readonly string[]
  /** Larger values left or down, as the rows of a matrix. */
  readonly reversed?: boolean
  /** Only whole numbers get ticks. */
  readonly integers?: boolean
}

/** A dashed straight line across the panel at one value. */
export interface Guide {
  readonly x?: number
  readonly y?: number
  readonly label?: string
}

/** One pair of axes with what is drawn in it. */
export interface Panel {
  readonly traces: readonly Trace[]
  readonly title?: string
  readonly x: Axis
  readonly y: Axis
  readonly guides?: readonly Guide[]
  /** Default: shown when more than one trace has a name. */
  readonly legend?: boolean
  /** One unit is as long on both axes. */
  readonly equal?: boolean
}

/** A figure as plain data. */
export interface FigureSpec {
  readonly panels: readonly Panel[]
  /** Panels in a row. */
  readonly columns: number
  readonly title?: string
  /** Pixels of the whole picture. */
  readonly width?: number
  readonly height?: number
}

/** Options that every chart takes. */
export interface ChartOptions {
  title?: string
  xlabel?: string
  ylabel?: string
  /** Default 'linear'; on a log axis values ≤ 0 leave a gap. */
  xscale?: ScaleKind
  yscale?: ScaleKind
  /** Fixed ends of an axis; default: the data with a little room. */
  xlim?: readonly [number, number]
  ylim?: readonly [number, number]
  /** Default: shown when more than one series has a name. */
  legend?: boolean
  /** Dashed lines across the picture, such as `{ y: 0.25, label: 'max' }`. */
  guides?: readonly Guide[]
  /** One unit as long on x as on y; default false, true for matrices. */
  equal?: boolean
  /** Pixels; default 640 × 400. */
  width?: number
  height?: number
}

/** Names that belong in the legend, with the traces' places. */
export function legendTraces(panel: Panel): { trace: Trace & { name: string }; index: number }[] {
  const named = panel.traces.flatMap((trace, index) =>
    trace.kind !== 'heatmap' && trace.name !== undefined && !(trace.kind === 'line' && trace.legend === false)
      ? [{ trace: trace as Trace & { name: string }, index }]
      : [],
  )
  return (panel.legend ?? named.length > 1) ? named : []
}
