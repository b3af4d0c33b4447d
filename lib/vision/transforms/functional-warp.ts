/** Functions that read images at other places: rotations, affine maps and perspectives. torchvision.transforms.functional. */
import { isGradEnabled } from '../../autograd/mode.js'
import { addon } from '../../device/addon.js'
import { tensor } from '../../ops/creation.js'
import { isFloating, type DType } from '../../tensor/dtype.js'
import { emptyTensor, type Tensor } from '../../tensor/tensor.js'
import { asFloatBatch, dimsOf, roundHalfEven } from './image.js'
import { inverseAffine, perspectiveCoefficients, rotatedSize, type Point } from './maps.js'
import { readByGrid, type PlaneMap } from './warp-grid.js'

/** Settings of functions that map the plane. */
export interface WarpOptions {
  /** Default 'nearest'; perspective: 'bilinear'. */
  interpolation?: 'nearest' | 'bilinear'
  /** What comes from outside: a number, or one for each channel. Default 0. */
  fill?: number | readonly number[] | null
}

/** Settings of `rotate`. */
export interface RotateOptions extends WarpOptions {
  /** Make the image large enough to hold all of the turned one. Default false. */
  expand?: boolean
  /** The point that stays, x and y from the upper left corner. Default: the middle. */
  center?: Point
}

/** Settings of `affine`. */
export interface AffineOptions extends WarpOptions {
  /** The point that rotation and scale leave, x and y from the upper left corner. Default: the middle. */
  center?: Point
}

/** The colour of what lies outside, a number for each channel. @throws unless there is one number or as many as channels. */
function fillOf(name: string, fill: number | readonly number[], image: Tensor, dtype: DType): Tensor {
  const { channels } = dimsOf(name, image)
  const given = typeof fill === 'number' ? [fill] : fill
  if (given.length !== 1 && given.length !== channels)
    throw new RangeError(`${name}: fill has ${given.length} values, the image ${channels} channels`)
  const values = Array.from({ length: channels }, (_, c) => given[given.length === 1 ? 0 : c])
  return tensor(isFloating(dtype) ? values : values.map(roundHalfEven), { dtype })
}

/** @internal Images read through maps from new positions to old ones, one for each image or one for all. */
export function warp(
  name: string,
  image: Tensor,
  maps: readonly PlaneMap[],
  [height, width]: readonly [number, number],
  { interpolation = 'nearest', fill = null }: WarpOptions,
): Tensor {
  const smooth = interpolation === 'bilinear'
  const { dtype } = image
  const { channels, height: oldHeight, width: oldWidth } = dimsOf(name, image)
  const border = fillOf(name, fill ?? 0, image, smooth && !isFloating(dtype) ? 'float32' : dtype)
  if (image.requiresGrad && isGradEnabled())
    return readByGrid(image, maps, [height, width], interpolation, fill === null ? null : border)
  if (smooth && !isFloating(dtype) && dtype !== 'uint8')
    return asFloatBatch(image, (batch) => warp(name, batch, maps, [height, width], { interpolation, fill }))
  const batch = image.reshape(-1, channels, oldHeight, oldWidth).contiguous()
  const warped = emptyTensor(dtype, [batch.size(0), channels, height, width])
  const places = tensor(maps.flat(), { dtype: 'float64' }).view(maps.length, -1)
  addon().warp(warped.handle, batch.handle, places.handle, smooth, smooth && fill === null ? null : border.handle)
  return warped.view(...image.shape.slice(0, -2), height, width)
}

/** @internal The middle of an image as the origin. */
export function fromMiddle(center: Point | undefined, width: number, height: number): Point {
  return center ? [center[0] - width * 0.5, center[1] - height * 0.5] : [0, 0]
}

/** Images turned counter-clockwise by so many degrees. torchvision.transforms.functional.rotate. */
export function rotate(
  image: Tensor,
  angle: number,
  { expand = false, center, ...options }: RotateOptions = {},
): Tensor {
  const { height, width } = dimsOf('rotate', image)
  const map = inverseAffine({ center: fromMiddle(center, width, height), angle: -angle })
  return warp('rotate', image, [map], expand ? rotatedSize(map, height, width) : [height, width], options)
}

/**
 * Images turned clockwise by `angle` degrees, scaled, sheared (degrees along x and y), then moved by `translate` pixels (x and
 * y). torchvision.transforms.functional.affine. @throws RangeError unless scale is positive.
 */
export function affine(
  image: Tensor,
  angle: number,
  translate: Point,
  scale: number,
  shear: number | Point,
  { center, ...options }: AffineOptions = {},
): Tensor {
  const { height, width } = dimsOf('affine', image)
  if (!(scale > 0)) throw new RangeError(`affine: scale must be positive, got ${scale}`)
  const shears: Point = typeof shear === 'number' ? [shear, 0] : shear
  const map = inverseAffine({ center: fromMiddle(center, width, height), angle, translate, scale, shear: shears })
  return warp('affine', image, [map], [height, width], options)
}

/**
 * Images as seen from elsewhere: the four points of `startpoints` (x and y of the upper left, upper right, lower right and
 * lower left corner) come to `endpoints`. torchvision.transforms.functional.perspective.
 */
export function perspective(
  image: Tensor,
  startpoints: readonly Point[],
  endpoints: readonly Point[],
  { interpolation = 'bilinear', fill = null }: WarpOptions = {},
): Tensor {
  const { height, width } = dimsOf('perspective', image)
  const map = perspectiveCoefficients(startpoints, endpoints)
  return warp('perspective', image, [map], [height, width], { interpolation, fill })
}
