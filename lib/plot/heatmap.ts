/** Matrices as colours. */
import { type Colormap, colorRange } from './colors.js'
import { type Figure, chart } from './figure.js'
import { formatValue } from './format.js'
import type { ChartOptions, Trace } from './model.js'
import { type NestedNumbers, toMatrix } from './numbers.js'

/** Settings of `heatmap`. */
export interface HeatmapOptions extends ChartOptions {
  /** Default 'viridis'; 'diverging' has white at 0 when no range is given. */
  colormap?: Colormap
  /** Values of the first and last colour; default: the data's extent. */
  range?: readonly [number, number]
  /** Write the values into the cells; default false. A function formats them. */
  annotate?: boolean | ((value: number) => string)
  /** Names of columns and rows; they take the place of numbers on the axes. */
  columns?: readonly (string | number)[]
  rows?: readonly (string | number)[]
  /** Extent of the centres of the first and last column and row: the axes become numeric and y grows upwards. */
  x?: readonly [number, number]
  y?: readonly [number, number]
  /** Default true. */
  colorbar?: boolean
  /** 0 to 1; default 1. */
  opacity?: number
}

/** A matrix as colours; row 0 on top unless `y` gives coordinates. `annotate` writes the values: a confusion matrix. */
export function heatmap(matrix: NestedNumbers, options: HeatmapOptions = {}): Figure {
  const { data, rows, columns } = toMatrix(matrix, 'plot.heatmap: matrix')
  const { colormap = 'viridis', annotate = false, colorbar = true, opacity } = options
  const names = { columns: options.columns?.map(String), rows: options.rows?.map(String) }
  if (names.columns && names.columns.length !== columns)
    throw new RangeError(`plot.heatmap: ${names.columns.length} column names for ${columns} columns`)
  if (names.rows && names.rows.length !== rows)
    throw new RangeError(`plot.heatmap: ${names.rows.length} row names for ${rows} rows`)
  if (options.xscale === 'log' || options.yscale === 'log')
    throw new RangeError('plot.heatmap: cells have equal sizes, so its axes cannot be logarithmic')
  const format = typeof annotate === 'function' ? annotate : formatValue
  const trace: Trace = {
    kind: 'heatmap',
    rows,
    columns,
    values: data,
    xEdges: cellEdges(options.x, columns),
    yEdges: cellEdges(options.y, rows),
    colormap,
    range: options.range ?? colorRange(data, colormap),
    labels: annotate ? Array.from(data, (v) => format(v)) : undefined,
    colorbar,
    opacity,
  }
  return chart([trace], options, {
    x: names.columns ? { categories: names.columns } : { integers: !options.x },
    y: { ...(names.rows ? { categories: names.rows } : { integers: !options.y }), reversed: !options.y },
    equal: !options.x && !options.y,
  })
}

function cellEdges(centers: readonly [number, number] | undefined, n: number): [number, number] {
  if (!centers) return [-0.5, n - 0.5]
  const half = n > 1 ? (centers[1] - centers[0]) / (n - 1) / 2 : 0.5
  return [centers[0] - half, centers[1] + half]
}
