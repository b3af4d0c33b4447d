/** What a figure is before anything is drawn: plain data that every renderer reads. */
import type { Colormap } from './colors.js'
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
  /** Over a map of colours: a white line below, so that it is seen on every colour. */
  readonly halo?: boolean
}

/** The space between two curves over the same x. */
export interface AreaTrace {
  readonly kind: 'area'
  readonly name?: string
  readonly x: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
  readonly color?: string
  /** 0 to 1; default 0.2. */
  readonly opacity?: number
  /** False keeps a named area out of the legend; default true. */
  readonly legend?: boolean
}

/** How a point is drawn. */
export type PointSymbol = 'circle' | 'ring' | 'square' | 'diamond' | 'cross' | 'star'

export interface ScatterTrace {
  readonly kind: 'scatter'
  readonly name?: string
  readonly x: Float64Array
  readonly y: Float64Array
  /** Diameter in pixels. */
  readonly size: number
  readonly color?: string
  readonly opacity?: number
  /** Default 'circle'. */
  readonly symbol?: PointSymbol
  /** Text for each point, shown where the pointer stands. */
  readonly hover?: readonly string[]
}

/** Bars of one series; several in a panel stand side by side at each position. */
export interface BarTrace {
  readonly kind: 'bar'
  readonly name?: string
  readonly heights: Float64Array
  readonly color?: string
  /** Half the length of each error bar. */
  readonly errors?: Float64Array
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
  readonly colormap: Colormap
  readonly range: readonly [number, number]
  /** Value written into each cell, row-major. */
  readonly labels?: readonly string[]
  readonly colorbar: boolean
  readonly opacity?: number
  /** Colours flow from cell to cell; default false. */
  readonly smooth?: boolean
}

/** Lines of equal value over a grid of points, and the bands between them. */
export interface ContourTrace {
  readonly kind: 'contour'
  readonly rows: number
  readonly columns: number
  /** Row-major values at the points; row r stands at y[r], column c at x[c]. */
  readonly values: Float64Array
  readonly x: Float64Array
  readonly y: Float64Array
  /** Ascending values of the lines. */
  readonly levels: readonly number[]
  /** The bands between the lines are coloured. */
  readonly filled: boolean
  readonly colormap: Colormap
  readonly colorbar: boolean
  /** Colour of all lines; default: the map's colour of each level, or thin white lines over bands. */
  readonly color?: string
  readonly dash?: LineStyle['dash']
  readonly lineWidth?: number
}

/** One line, cloud of points, row of bars or map of colours. */
export type Trace = LineTrace | AreaTrace | ScatterTrace | BarTrace | HistogramTrace | HeatmapTrace | ContourTrace

/** Traces that have a name and a colour of their own. */
export type NamedTrace = Exclude<Trace, HeatmapTrace | ContourTrace>

/** Whether a trace is a map of colours, which fills its panel to the edges. */
export function isMap(trace: Trace): trace is HeatmapTrace | ContourTrace {
  return trace.kind === 'heatmap' || trace.kind === 'contour'
}

/** A surface over a plane, and paths on it. */
export interface Scene {
  readonly rows: number
  readonly columns: number
  /** Row-major heights; row r stands at y[r], column c at x[c]. */
  readonly values: Float64Array
  readonly x: Float64Array
  readonly y: Float64Array
  readonly colormap: Colormap
  readonly range: readonly [number, number]
  readonly colorbar: boolean
  readonly paths: readonly ScenePath[]
  readonly zlabel?: string
  /** Where the eye is: degrees around the vertical axis, and above the plane. */
  readonly azimuth: number
  readonly elevation: number
}

/** A path in space. */
export interface ScenePath {
  readonly name?: string
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
  readonly color?: string
}

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
  /** Numbers are written without separators: years. */
  readonly plain?: boolean
  /** Neither numbers nor grid. */
  readonly hidden?: boolean
}

/** A dashed straight line across the panel at one value. */
export interface Guide {
  readonly x?: number
  readonly y?: number
  readonly label?: string
}

/** A note at a point of the picture, or an arrow to it. */
export interface Annotation {
  /** The point that is meant, in units of the axes. */
  readonly x: number
  readonly y: number
  readonly text?: string
  /** Pixels from the point to the text; an arrow leads from the text to the point. Without it the text stands on the point. */
  readonly offset?: readonly [number, number]
  /** Where an arrow to the point begins, in units of the axes: a vector. */
  readonly from?: readonly [number, number]
  /** Default: dark grey. */
  readonly color?: string
  /** Which end of the text stands at the point; default: the middle, or the end that is nearer to an arrow. */
  readonly anchor?: 'start' | 'middle' | 'end'
}

/** One pair of axes with what is drawn in it. */
export interface Panel {
  readonly traces: readonly Trace[]
  readonly title?: string
  readonly x: Axis
  readonly y: Axis
  readonly guides?: readonly Guide[]
  readonly annotations?: readonly Annotation[]
  /** Drawn in space in place of the axes and traces. */
  readonly scene?: Scene
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
  /** Notes and arrows, such as `{ x: 1, y: 1, text: 'minimum', offset: [30, -30] }` or `{ from: [0, 0], x: 1, y: 2 }`. */
  annotations?: readonly Annotation[]
  /** One unit as long on x as on y; default false, true for matrices. */
  equal?: boolean
  /** Pixels; default 640 × 400. */
  width?: number
  height?: number
}

/** Names that belong in the legend, with the traces' places. */
export function legendTraces(panel: Panel): { trace: NamedTrace & { name: string }; index: number }[] {
  const named = panel.traces.flatMap((trace, index) =>
    !isMap(trace) && trace.name !== undefined && !('legend' in trace && trace.legend === false)
      ? [{ trace: trace as NamedTrace & { name: string }, index }]
      : [],
  )
  return (panel.legend ?? named.length > 1) ? named : []
}
