/** Functions that read images at other places: rotations, affine maps and perspectives. torchvision.transforms.functional. */
import { linspace, ones, tensor } from '../../ops/creation.js'
import { gridSample } from '../../ops/grid-sample.js'
import { where } from '../../ops/index-ops.js'
import { cat, stack } from '../../ops/join.js'
import { expand } from '../../ops/shape.js'
import { isFloating } from '../../tensor/dtype.js'
import { emptyTensor, type Tensor } from '../../tensor/tensor.js'
import { asFloatBatch, dimsOf } from './image.js'
import { inverseAffine, perspectiveCoefficients, rotatedSize, type AffineMap, type Point } from './maps.js'

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

/** Base points with a third coordinate of 1, [height · width, 3]. */
function basePoints(xs: Tensor, ys: Tensor): Tensor {
  const size = [ys.size(0), xs.size(0)]
  const columns = [expand(xs.view(1, -1), size), expand(ys.view(-1, 1), size), ones(size, { dtype: xs.dtype })]
  return stack(columns, -1).view(-1, 3)
}

/** Images read at a grid [N or 1, H', W', 2], with what lies outside filled. */
function sampled(
  name: string,
  image: Tensor,
  grid: Tensor,
  mode: 'nearest' | 'bilinear',
  fill: WarpOptions['fill'],
): Tensor {
  const { channels } = dimsOf(name, image)
  const fills = typeof fill === 'number' ? [fill] : (fill ?? null)
  if (fills && fills.length !== 1 && fills.length !== channels)
    throw new RangeError(`${name}: fill has ${fills.length} values, the image ${channels} channels`)
  return asFloatBatch(image, (batch) => {
    const [count] = batch.shape
    const places = grid.to(batch.dtype)
    const grids = places.size(0) === count ? places : places.expand(count, ...places.shape.slice(1))
    // What lies outside reads as 0 by itself; with 'bilinear' torchvision's mask also darkens the edges, so there it is kept.
    if (!fills || (mode === 'nearest' && fills.every((value) => value === 0))) return gridSample(batch, grids, { mode })
    // The mask goes through the same map: it is 1 where the image was.
    const masked = cat([batch, ones([count, 1, ...batch.shape.slice(2)], { dtype: batch.dtype })], 1)
    const read = gridSample(masked, grids, { mode })
    const [moved, mask] = [read.narrow(1, 0, channels), read.narrow(1, channels, 1)]
    const color = tensor([...fills], { dtype: batch.dtype }).view(1, -1, 1, 1)
    if (mode === 'nearest') return where(mask.lt(0.5), color, moved)
    return moved.mul(mask).add(mask.neg().add(1).mul(color))
  })
}

/** @internal Images warped by maps from new positions to old ones, one for each image or one for all. */
export function warpAffine(
  name: string,
  image: Tensor,
  maps: readonly AffineMap[],
  [height, width]: readonly [number, number],
  { interpolation = 'nearest', fill = null }: WarpOptions,
): Tensor {
  const dims = dimsOf(name, image)
  const dtype = isFloating(image.dtype) ? image.dtype : 'float32'
  const xs = linspace(-width * 0.5 + 0.5, width * 0.5 - 0.5, width, { dtype })
  const ys = linspace(-height * 0.5 + 0.5, height * 0.5 - 0.5, height, { dtype })
  const theta = tensor(
    maps.map(([a, b, c, d, e, f]) => [
      [a, b, c],
      [d, e, f],
    ]),
    { dtype },
  )
  const scale = tensor([0.5 * dims.width, 0.5 * dims.height], { dtype })
  const grid = basePoints(xs, ys).matmul(theta.transpose(1, 2).div(scale))
  return sampled(name, image, grid.view(maps.length, height, width, 2), interpolation, fill)
}

/**
 * @internal The same for many small images of one size by the nearest pixel, each with a map of its own: pixel by pixel, which is
 * several times faster than a grid for each image.
 */
export function warpNearest(images: Tensor, maps: readonly AffineMap[], fill: number): Tensor {
  const [count, channels, height, width] = images.shape as number[]
  const warped = emptyTensor(images.dtype, [count, channels, height, width])
  const from = images.contiguous().asTypedArray() as Float32Array
  const to = warped.asTypedArray() as Float32Array
  const plane = height * width
  for (let i = 0; i < count; i++) {
    const [a, b, c, d, e, f] = maps[i]
    const start = i * channels * plane
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        // Maps have their origin in the middle; positions are those of the centres of pixels.
        const [px, py] = [x + 0.5 - width / 2, y + 0.5 - height / 2]
        const column = Math.floor(a * px + b * py + c + width / 2)
        const row = Math.floor(d * px + e * py + f + height / 2)
        const inside = column >= 0 && column < width && row >= 0 && row < height
        const [source, target] = [start + row * width + column, start + y * width + x]
        for (let k = 0; k < channels; k++) to[target + k * plane] = inside ? from[source + k * plane] : fill
      }
  }
  return warped
}

/** @internal The middle of an image as the origin. */
export function fromMiddle(center: Point | undefined, width: number, height: number): Point {
  return center ? [center[0] - width * 0.5, center[1] - height * 0.5] : [0, 0]
}

/** Images turned counter-clockwise by so many degrees. torchvision.transforms.functional.rotate. */
export function rotate(image: Tensor, angle: number, { expand = false, center, ...warp }: RotateOptions = {}): Tensor {
  const { height, width } = dimsOf('rotate', image)
  const map = inverseAffine({ center: fromMiddle(center, width, height), angle: -angle })
  return warpAffine('rotate', image, [map], expand ? rotatedSize(map, height, width) : [height, width], warp)
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
  { center, ...warp }: AffineOptions = {},
): Tensor {
  const { height, width } = dimsOf('affine', image)
  if (!(scale > 0)) throw new RangeError(`affine: scale must be positive, got ${scale}`)
  const shears: Point = typeof shear === 'number' ? [shear, 0] : shear
  const map = inverseAffine({ center: fromMiddle(center, width, height), angle, translate, scale, shear: shears })
  return warpAffine('affine', image, [map], [height, width], warp)
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
  const [a, b, c, d, e, f, g, h] = perspectiveCoefficients(startpoints, endpoints)
  const dtype = isFloating(image.dtype) ? image.dtype : 'float32'
  const points = basePoints(
    linspace(0.5, width - 0.5, width, { dtype }),
    linspace(0.5, height - 0.5, height, { dtype }),
  )
  const above = tensor(
    [
      [a, d],
      [b, e],
      [c, f],
    ],
    { dtype },
  ).div(tensor([0.5 * width, 0.5 * height], { dtype }))
  const below = tensor([[g], [h], [1]], { dtype })
  const grid = points.matmul(above).div(points.matmul(below)).sub(1).view(1, height, width, 2)
  return sampled('perspective', image, grid, interpolation, fill)
}
