/** Surfaces over a plane, to be turned around: a loss as a landscape. */
import { type Colormap, colorRange } from './colors.js'
import { namedPaths, type ContourOptions, pathColors } from './contour.js'
import { Figure } from './figure.js'
import {
  type GridOptions,
  indexAmong,
  interpolate,
  type PlaneFunction,
  planeGrid,
  valuesOfPlane,
} from './grid-values.js'
import type { Scene } from './model.js'
import type { NestedNumbers, Scalar } from './numbers.js'
import type { Tensor } from '../tensor/tensor.js'

/** Settings of `surface`. */
export interface SurfaceOptions extends GridOptions {
  title?: string
  xlabel?: string
  ylabel?: string
  zlabel?: string
  /** Default 'viridis'. */
  colormap?: Colormap
  /** Values of the first and last colour; default: the data's extent. */
  range?: readonly [number, number]
  /** Default true. */
  colorbar?: boolean
  /** Paths in the plane, as of `contour`, laid onto the surface. */
  paths?: ContourOptions['paths']
  /** Degrees around the vertical axis from which it is seen first. Default −55. */
  azimuth?: number
  /** Degrees above the plane from which it is seen first. Default 32. */
  elevation?: number
  /** Pixels; default 640 × 460. */
  width?: number
  height?: number
}

/**
 * A function f(x, y) or a grid of values [rows (y), columns (x)] as a surface, which can be turned where the front end has
 * plotly. The function is given numbers or tensors as for `plot.contour`.
 * @example plot.surface((x, y) => Math.sin(x) * Math.cos(y), { x: [-3, 3], y: [-3, 3], paths: points })
 */
export function surface(f: (x: number, y: number) => Scalar, options?: SurfaceOptions): Figure
export function surface(f: (x: Tensor, y: Tensor) => Tensor, options?: SurfaceOptions): Figure
export function surface(z: NestedNumbers, options?: SurfaceOptions): Figure
export function surface(source: PlaneFunction | NestedNumbers, options: SurfaceOptions = {}): Figure {
  const { title, width, height = 460, xlabel = 'x', ylabel = 'y', zlabel, paths, ...look } = options
  const { colormap = 'viridis', colorbar = true, azimuth = -55, elevation = 32 } = look
  const grid = planeGrid('plot.surface', source, options)
  const named = namedPaths('plot.surface', paths)
  const colors = pathColors(named.length)
  const scene: Scene = {
    ...grid,
    colormap,
    range: look.range ?? colorRange(grid.values, colormap),
    colorbar,
    zlabel,
    azimuth,
    elevation,
    paths: named.map(({ name, x, y }, i) => {
      const z =
        typeof source === 'function'
          ? valuesOfPlane('plot.surface', source, x, y)
          : x.map((at, k) => interpolate(grid, indexAmong(grid.x, at), indexAmong(grid.y, y[k])))
      return { name, x, y, z, color: colors[i] }
    }),
  }
  const panel = { traces: [], x: { label: xlabel }, y: { label: ylabel }, scene }
  return new Figure({ panels: [panel], columns: 1, title, width, height })
}
