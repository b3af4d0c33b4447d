/** Optimizers that run over the same loss: their paths grow step by step over its contours. */
import type { Tensor } from '../tensor/tensor.js'
import { animate, type AnimateOptions, type Animation } from './animation.js'
import { contour, type ContourOptions, namedPaths, type PlanePath } from './contour.js'
import type { PlaneFunction } from './grid-values.js'
import type { NestedNumbers, Scalar } from './numbers.js'

/** Settings of `race`. */
export interface RaceOptions extends Omit<ContourOptions, 'paths'>, Omit<AnimateOptions, 'labels'> {
  /** Steps between two frames. Default: so that there are at most 60 frames. */
  every?: number
}

/**
 * An animation of paths [steps, 2] by name, growing over the contours of f(x, y), which is given numbers or tensors as for
 * `plot.contour`. Throws RangeError without paths.
 * @example plot.race((x, y) => x ** 2 + 10 * y ** 2, { sgd: pathOfSgd, adam: pathOfAdam }, { x: [-2, 2], y: [-1, 1] })
 */
export function race(
  f: (x: number, y: number) => Scalar,
  paths: Readonly<Record<string, PlanePath>>,
  options?: RaceOptions,
): Animation
export function race(
  f: (x: Tensor, y: Tensor) => Tensor,
  paths: Readonly<Record<string, PlanePath>>,
  options?: RaceOptions,
): Animation
export function race(
  f: PlaneFunction,
  paths: Readonly<Record<string, PlanePath>>,
  options: RaceOptions = {},
): Animation {
  const { every, prefix, interval, title, ...look } = options
  const named = namedPaths('plot.race', paths)
  const steps = Math.max(0, ...named.map(({ x }) => x.length))
  if (steps === 0) throw new RangeError('plot.race: there are no paths')
  const stride = every ?? Math.max(1, Math.ceil((steps - 1) / 59))
  if (!Number.isInteger(stride) || stride < 1)
    throw new RangeError(`plot.race: every is ${stride}; a whole number from 1 is expected`)
  const ends = Array.from({ length: Math.ceil((steps - 1) / stride) + 1 }, (_, k) => Math.min(steps - 1, k * stride))
  const background = contour(f as (x: number, y: number) => Scalar, look)
  const [map] = background.spec.panels[0].traces
  const grid = map.kind === 'contour' ? map : undefined
  const ground: NestedNumbers = grid
    ? Array.from({ length: grid.rows }, (_, r) => grid.values.subarray(r * grid.columns, (r + 1) * grid.columns))
    : []
  const span = (places: Float64Array | undefined): [number, number] => [places?.[0] ?? 0, places?.at(-1) ?? 1]
  const placed = { ...look, x: span(grid?.x), y: span(grid?.y), levels: grid?.levels }
  const frames = ends.map((end) =>
    contour(ground, {
      ...placed,
      markers: look.markers ?? false,
      paths: Object.fromEntries(
        named.map(({ name, x, y }) => [name, Array.from(x.subarray(0, end + 1), (at, i) => [at, y[i]])]),
      ),
    }),
  )
  return animate(frames, { prefix, interval, title, labels: ends })
}
