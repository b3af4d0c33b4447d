/** The sizes of pooling: windows for each spatial dimension, and how many of them fit. No tensors are touched here. */
import { inspect } from 'node:util'
import { assertList } from '../../tensor/options.js'
import { numel, ShapeError, show, type Shape } from '../../tensor/shape.js'
import { assertTensor, type Tensor } from '../../tensor/tensor.js'

/** One number for all spatial dimensions, or one for each. */
export type Sizes = number | readonly number[]

/** How many spatial dimensions are pooled. */
export type Spatial = 1 | 2 | 3

/** How windows lie: what all pooling with a window shares. */
export interface WindowOptions {
  /** Steps between windows. Default: the window's size, so that windows touch. */
  stride?: Sizes | null
  /** Border added on both sides, at most half of the window. Default 0. */
  padding?: Sizes
  /** Whether a last window may reach over the end. Default false. */
  ceilMode?: boolean
}

/** The window as native code takes it, and the sizes of the result. */
export interface Window {
  /** Kernel, stride, padding and dilation of each spatial dimension, one group after the other. */
  readonly numbers: readonly number[]
  readonly shape: Shape
}

const layouts = { 1: '[N, C, L] or [C, L]', 2: '[N, C, H, W] or [C, H, W]', 3: '[N, C, D, H, W] or [C, D, H, W]' }

/**
 * One number for each spatial dimension.
 * @throws TypeError for a wrong count, RangeError for anything but integers from `least`.
 */
export function perDim(name: string, what: string, value: Sizes, n: Spatial, least: number): number[] {
  if (typeof value !== 'number') assertList(name, what, value)
  const all = typeof value === 'number' ? [value] : [...value]
  if (all.length !== 1 && all.length !== n)
    throw new TypeError(`${name}: ${what} must be one number or ${n}, got ${inspect(value)}`)
  for (const size of all)
    if (!Number.isInteger(size) || size < least)
      throw new RangeError(
        `${name}: ${what} must be ${least > 0 ? 'positive' : 'non-negative'} integers, got ${inspect(value)}`,
      )
  return all.length === n ? all : Array.from({ length: n }, () => all[0])
}

/** @throws ShapeError unless x has channels, n spatial dimensions, perhaps a batch, and no size 0 but the batch. */
export function assertPlanes(name: string, x: Tensor, n: Spatial): void {
  assertTensor(name, 'the input', x)
  const batched = x.ndim === n + 2
  if (!batched && x.ndim !== n + 1)
    throw new ShapeError(`${name}: the input must be ${layouts[n]}, got shape ${show(x.shape)}`)
  if (numel(x.shape.slice(batched ? 1 : 0)) === 0)
    throw new ShapeError(`${name}: only the batch may be empty, got shape ${show(x.shape)}`)
}

/** How many windows fit into `size` elements. */
function count(size: number, kernel: number, stride: number, padding: number, dilation: number, ceil: boolean): number {
  const room = size + 2 * padding - dilation * (kernel - 1) - 1
  const found = Math.floor((room + (ceil ? stride - 1 : 0)) / stride) + 1
  // The last window must begin inside the plane or in the border before it.
  return ceil && (found - 1) * stride >= size + padding ? found - 1 : found
}

/** The windows of a pooling over x, checked. */
export function windowOf(
  name: string,
  x: Tensor,
  n: Spatial,
  kernelSize: Sizes,
  options: WindowOptions & { dilation?: Sizes },
): Window {
  assertPlanes(name, x, n)
  const kernel = perDim(name, 'kernelSize', kernelSize, n, 1)
  const stride = perDim(name, 'stride', options.stride ?? kernel, n, 1)
  const padding = perDim(name, 'padding', options.padding ?? 0, n, 0)
  const dilation = perDim(name, 'dilation', options.dilation ?? 1, n, 1)
  const sizes: Shape = x.shape.slice(-n)
  const out = sizes.map((size, d) => {
    if (padding[d] > Math.floor(kernel[d] / 2))
      throw new RangeError(`${name}: padding ${padding[d]} is more than half of the window's size, ${kernel[d]}`)
    return count(size, kernel[d], stride[d], padding[d], dilation[d], options.ceilMode ?? false)
  })
  if (out.some((size) => size < 1))
    throw new ShapeError(
      `${name}: a window of ${kernel.join(' × ')}${dilation.some((d) => d > 1) ? ` with dilation ${dilation.join(' × ')}` : ''} ` +
        `does not fit into ${sizes.join(' × ')} (input ${show(x.shape)}, padding ${padding.join(' × ')})`,
    )
  return { numbers: [...kernel, ...stride, ...padding, ...dilation], shape: [...x.shape.slice(0, -n), ...out] }
}
