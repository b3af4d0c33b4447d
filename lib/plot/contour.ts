/** Contours of a function of two numbers, with paths over them: how an optimizer walks over a loss. */
import { type Colormap, colormapStops } from './colors.js'
import { type Figure, chart } from './figure.js'
import { type GridOptions, type PlaneFunction, type PlaneGrid, planeGrid } from './grid-values.js'
import type { ChartOptions, ContourTrace, Trace } from './model.js'
import { isNumbers, type NestedNumbers, type Scalar, toMatrix } from './numbers.js'
import { extentOf, linearTicks } from './scale.js'
import { record } from './series.js'
import type { Tensor } from '../tensor/tensor.js'

/** A path in the plane: points [N, 2] as a tensor, nested arrays or a list of tensors [2]. */
export type PlanePath = NestedNumbers

/** Settings of `contour`. */
export interface ContourOptions extends ChartOptions, GridOptions {
  /** Lines: how many (about), or their values in ascending order. Default about 14. */
  levels?: number | readonly number[]
  /** Levels at equal ratios rather than distances: for valleys that are flat at the bottom. Default false. */
  log?: boolean
  /** Colour the bands between the lines; default true. */
  filled?: boolean
  /** Default 'viridis'. */
  colormap?: Colormap
  /** Default true. */
  colorbar?: boolean
  /** One path, or paths by name: each is a line with a dot for every point and a star at its end. */
  paths?: PlanePath | Readonly<Record<string, PlanePath>>
  /** A dot at every point of a path; default: up to 200 points. */
  markers?: boolean
}

/**
 * Contours of a function f(x, y) or of a grid of values [rows (y), columns (x)], filled by default. An arrow function without
 * types is given numbers; one that is written for tensors, `(x: Tensor, y: Tensor) => …`, is given all points at once.
 * Throws RangeError for empty spans and levels that do not ascend.
 * @example plot.contour((x, y) => x ** 2 + 10 * y ** 2, { x: [-2, 2], y: [-1, 1], paths: { sgd: points } })
 */
export function contour(f: (x: number, y: number) => Scalar, options?: ContourOptions): Figure
export function contour(f: (x: Tensor, y: Tensor) => Tensor, options?: ContourOptions): Figure
export function contour(z: NestedNumbers, options?: ContourOptions): Figure
export function contour(source: PlaneFunction | NestedNumbers, options: ContourOptions = {}): Figure {
  const { x, y, resolution, paths, levels, log = false, filled = true, colormap = 'viridis', colorbar = true } = options
  colormapStops(colormap)
  const grid = planeGrid('plot.contour', source, { x, y, resolution })
  const trace: ContourTrace = {
    kind: 'contour',
    ...grid,
    levels: contourLevels('plot.contour', grid, levels, log),
    filled,
    colormap,
    colorbar: colorbar && filled,
  }
  return chart(
    [trace, ...pathTraces(paths, options.markers, filled)],
    { xlabel: 'x', ylabel: 'y', ...options },
    {
      x: { limits: limitsOf(grid.x) },
      y: { limits: limitsOf(grid.y) },
    },
  )
}

/** Named paths as [name, x, y]; a single one has no name. */
export function namedPaths(
  who: string,
  paths: ContourOptions['paths'],
): { name: string | undefined; x: Float64Array; y: Float64Array }[] {
  if (paths === undefined) return []
  const entries: [string | undefined, unknown][] = isNumbers(paths) ? [[undefined, paths]] : record(who, paths)
  return entries.map(([name, points]) => {
    const what = `${who}: ${name === undefined ? 'the path' : `path ${name}`}`
    if (Array.isArray(points) && points.length === 0) return { name, x: new Float64Array(), y: new Float64Array() }
    const { data, columns, shape } = toMatrix(points, what)
    if (columns !== 2) throw new RangeError(`${what} has shape [${shape.join(', ')}]; points [N, 2] are expected`)
    return { name, x: data.filter((_, i) => i % 2 === 0), y: data.filter((_, i) => i % 2 === 1) }
  })
}

function pathTraces(paths: ContourOptions['paths'], markers: boolean | undefined, halo: boolean): Trace[] {
  const named = namedPaths('plot.contour', paths)
  const colors = pathColors(named.length)
  return named.flatMap(({ name, x, y }, i): Trace[] => {
    const color = colors[i]
    const last = x.length - 1
    return [
      { kind: 'line', name, x, y, color, halo, lineWidth: 2, markers: markers ?? x.length <= 200 },
      {
        kind: 'scatter',
        x: x.slice(Math.max(0, last)),
        y: y.slice(Math.max(0, last)),
        color,
        size: 15,
        symbol: 'star',
        opacity: 1,
      },
    ]
  })
}

/** Colours that stand out from blue, green and yellow. */
const vivid = [
  '#e6194b',
  '#ff8c00',
  '#f032e6',
  '#ffffff',
  '#42d4f4',
  '#bfef45',
  '#000000',
  '#fabed4',
  '#9a6324',
  '#dcbeff',
]

/** Colours of paths over a map. */
export function pathColors(n: number): string[] {
  return Array.from({ length: n }, (_, i) => vivid[i % vivid.length] ?? '#e6194b')
}

/** The values of the lines: round numbers between the extremes; with `log` at equal ratios above the minimum. */
export function contourLevels(
  who: string,
  { values }: PlaneGrid,
  levels: number | readonly number[] = 14,
  log = false,
): number[] {
  if (typeof levels !== 'number') {
    const bad = levels.findIndex((level, i) => !Number.isFinite(level) || (i > 0 && level <= (levels[i - 1] ?? 0)))
    if (bad >= 0) throw new RangeError(`${who}: levels must be finite and ascend; level ${bad} is ${levels[bad]}`)
    return [...levels]
  }
  if (!Number.isInteger(levels) || levels < 1 || levels > 200)
    throw new RangeError(`${who}: levels is ${levels}; a whole number from 1 to 200, or a list, is expected`)
  const [low, high] = extentOf([values])
  if (!(high > low)) return []
  if (!log) {
    const ticks = linearTicks(low, high, levels).map(({ value }) => value)
    return ticks.filter((value) => value > low && value < high)
  }
  // Of a function that touches zero, the lowest line lies where all but a hundredth of the points are above it.
  const above = values.filter((value) => value > 0 && Number.isFinite(value)).sort()
  const bottom = above[Math.floor(above.length / 100)]
  if (bottom === undefined || !(high > bottom)) throw new RangeError(`${who}: log levels need values above 0`)
  const exact = Array.from({ length: levels }, (_, i) => bottom * (high / bottom) ** ((i + 0.5) / levels))
  return [...new Set(exact.map((level) => Number(level.toPrecision(2))))]
}

function limitsOf(places: Float64Array): [number, number] | undefined {
  const [low, high] = extentOf([places])
  return high > low ? [low, high] : undefined
}
