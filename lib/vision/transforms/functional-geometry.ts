/** Functions that move pixels: sizes, cuts, borders, mirrors and maps of the plane. torchvision.transforms.functional. */
import { conv2d } from '../../ops/convolution.js'
import { linspace, tensor } from '../../ops/creation.js'
import { expand } from '../../ops/shape.js'
import { gridSample } from '../../ops/grid-sample.js'
import { where } from '../../ops/index-ops.js'
import { interpolate } from '../../ops/interpolate.js'
import { cat, stack } from '../../ops/join.js'
import { pad as padBorders } from '../../ops/pad.js'
import { ones } from '../../ops/creation.js'
import { isFloating } from '../../tensor/dtype.js'
import type { Tensor } from '../../tensor/tensor.js'
import { asFloatBatch, dimsOf, pairOf, roundHalfEven, type ImageSize } from './image.js'
import { inverseAffine, perspectiveCoefficients, rotatedSize, type AffineMap, type Point } from './maps.js'

/** Settings of `resize`. */
export interface ResizeOptions {
  /** How new pixels are made of old ones. Default 'bilinear'. */
  interpolation?: 'nearest' | 'nearest-exact' | 'bilinear' | 'bicubic'
  /** Average over all pixels that a new one covers when the image shrinks; bilinear and bicubic. Default true. */
  antialias?: boolean
  /** With one number as size: the longer side is not made longer than this. */
  maxSize?: number
}

function newSize(
  height: number,
  width: number,
  size: ImageSize,
  maxSize: number | undefined,
): readonly [number, number] {
  const given = pairOf('resize', 'size', size)
  if (typeof size !== 'number') {
    if (maxSize !== undefined) throw new RangeError('resize: maxSize is for a size of one number, the shorter side')
    return given
  }
  const [short, long] = width <= height ? [width, height] : [height, width]
  let [newShort, newLong] = [size, Math.trunc((size * long) / short)]
  if (maxSize !== undefined) {
    if (maxSize <= size)
      throw new RangeError(`resize: maxSize ${maxSize} must be larger than the size of the shorter side, ${size}`)
    if (newLong > maxSize) [newShort, newLong] = [Math.trunc((maxSize * newShort) / newLong), maxSize]
  }
  return width <= height ? [newLong, newShort] : [newShort, newLong]
}

/**
 * Images [..., C, H, W] in another size: [height, width], or one number for the shorter side, whose ratio to the other stays.
 * torchvision.transforms.functional.resize (for tensors).
 */
export function resize(
  image: Tensor,
  size: ImageSize,
  { interpolation = 'bilinear', antialias = true, maxSize }: ResizeOptions = {},
): Tensor {
  const { height, width } = dimsOf('resize', image)
  const target = newSize(height, width, size, maxSize)
  if (target[0] === height && target[1] === width) return image
  const smooth = interpolation === 'bilinear' || interpolation === 'bicubic'
  return asFloatBatch(image, (batch) => {
    const resized = interpolate(batch, { size: target, mode: interpolation, antialias: antialias && smooth })
    return interpolation === 'bicubic' && !isFloating(image.dtype) ? resized.clamp(0, 255) : resized
  })
}

/** The rectangle of images [..., H, W] from row `top` and column `left` on; what lies outside is 0. torchvision.transforms.functional.crop. */
export function crop(image: Tensor, top: number, left: number, height: number, width: number): Tensor {
  const dims = dimsOf('crop', image)
  const from = (start: number): number => Math.max(start, 0)
  const [bottom, right] = [Math.min(top + height, dims.height), Math.min(left + width, dims.width)]
  if (bottom <= from(top) || right <= from(left))
    throw new RangeError(
      `crop: rows ${top} to ${top + height} and columns ${left} to ${left + width} lie outside of an image of ${dims.height} × ${dims.width}`,
    )
  const part = image.narrow(-2, from(top), bottom - from(top)).narrow(-1, from(left), right - from(left))
  const missing = [from(left) - left, left + width - right, from(top) - top, top + height - bottom]
  return missing.some((n) => n > 0) ? padBorders(part, missing) : part
}

/** The middle of images [..., H, W], with a border of 0 where they are too small. torchvision.transforms.functional.center_crop. */
export function centerCrop(image: Tensor, outputSize: ImageSize): Tensor {
  const { height, width } = dimsOf('centerCrop', image)
  const [newHeight, newWidth] = pairOf('centerCrop', 'outputSize', outputSize)
  const missing = (have: number, want: number): [number, number] => {
    const gap = Math.max(want - have, 0)
    return [Math.floor(gap / 2), Math.floor((gap + 1) / 2)]
  }
  const [[top, bottom], [left, right]] = [missing(height, newHeight), missing(width, newWidth)]
  const wide = top + bottom + left + right > 0 ? padBorders(image, [left, right, top, bottom]) : image
  const start = (have: number, want: number): number => roundHalfEven((have - want) / 2)
  return crop(wide, start(wide.size(-2), newHeight), start(wide.size(-1), newWidth), newHeight, newWidth)
}

/** A width for all sides, for left and right and for top and bottom, or for left, top, right and bottom. */
export type Padding =
  number | readonly [leftRight: number, topBottom: number] | readonly [number, number, number, number]

/** Settings of `pad`. */
export interface ImagePadOptions {
  /** The value of the border. Default 0. */
  fill?: number
  /** What stands in the border: `fill`, the outermost pixels, or the image mirrored without or with these. Default 'constant'. */
  paddingMode?: 'constant' | 'edge' | 'reflect' | 'symmetric'
}

/** Images [..., H, W] with a border; negative widths cut. torchvision.transforms.functional.pad. */
export function pad(
  image: Tensor,
  padding: Padding,
  { fill = 0, paddingMode = 'constant' }: ImagePadOptions = {},
): Tensor {
  dimsOf('pad', image)
  const sides: readonly number[] = typeof padding === 'number' ? [padding, padding] : padding
  if ((sides.length !== 2 && sides.length !== 4) || !sides.every(Number.isInteger))
    throw new RangeError(
      `pad: padding must be one integer, two (left and right, top and bottom) or four (left, top, right, bottom), got ${JSON.stringify(padding)}`,
    )
  const [left, top, right = left, bottom = top] = sides
  const borders = [left, right, top, bottom]
  if (paddingMode === 'constant') return padBorders(image, borders, { value: fill })
  if (paddingMode === 'symmetric') return symmetric(symmetric(image, -1, left, right), -2, top, bottom)
  const mode = { edge: 'replicate', reflect: 'reflect' } as const
  if (!(paddingMode in mode))
    throw new RangeError(
      `pad: paddingMode is 'constant', 'edge', 'reflect' or 'symmetric', got ${JSON.stringify(paddingMode)}`,
    )
  return asFloatBatch(image, (batch) => padBorders(batch, borders, { mode: mode[paddingMode] }))
}

/** Mirrored at the edge itself, so that the outermost pixels stand twice. */
function symmetric(image: Tensor, dim: number, before: number, after: number): Tensor {
  const size = image.size(dim)
  if (Math.max(before, after) > size)
    throw new RangeError(
      `pad: a symmetric border of ${Math.max(before, after)} needs as many pixels, there are ${size}`,
    )
  const kept = image.narrow(dim, Math.max(-before, 0), size - Math.max(-before, 0) - Math.max(-after, 0))
  const start = before > 0 ? [kept.narrow(dim, 0, before).flip(dim)] : []
  const end = after > 0 ? [kept.narrow(dim, kept.size(dim) - after, after).flip(dim)] : []
  return cat([...start, kept, ...end], dim)
}

/** Left and right exchanged. torchvision.transforms.functional.hflip. */
export function hflip(image: Tensor): Tensor {
  return image.flip(-1)
}

/** Top and bottom exchanged. torchvision.transforms.functional.vflip. */
export function vflip(image: Tensor): Tensor {
  return image.flip(-2)
}

/** `crop`, then `resize` (torchvision.transforms.functional.resized_crop). */
export function resizedCrop(
  image: Tensor,
  top: number,
  left: number,
  height: number,
  width: number,
  size: ImageSize,
  options: ResizeOptions = {},
): Tensor {
  return resize(crop(image, top, left, height, width), pairOf('resizedCrop', 'size', size), options)
}

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
    if (!fills) return gridSample(batch, grids, { mode })
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

/** Images [..., H, W] with a rectangle replaced by `value`, a number or a tensor. torchvision.transforms.functional.erase. */
export function erase(
  image: Tensor,
  top: number,
  left: number,
  height: number,
  width: number,
  value: number | Tensor,
): Tensor {
  const changed = image.clone()
  const part = changed.narrow(-2, top, height).narrow(-1, left, width)
  if (typeof value === 'number') part.fill_(value)
  else part.copy_(value.to(image.dtype))
  return changed
}

/** Weights of a normal distribution around the middle, which add up to 1. */
function bell(size: number, sigma: number): number[] {
  const weights = Array.from({ length: size }, (_, i) => Math.exp(-0.5 * ((i - (size - 1) / 2) / sigma) ** 2))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}

/** The standard deviation that suits a kernel, as torchvision and OpenCV take it. */
const suitable = (size: number): number => size * 0.15 + 0.35

/**
 * Images [..., H, W] blurred by a kernel of odd sizes (one number, or width and height) and standard deviations in pixels
 * (one number, or along x and y; default 0.15 · size + 0.35). torchvision.transforms.functional.gaussian_blur.
 */
export function gaussianBlur(image: Tensor, kernelSize: number | Point, sigma?: number | Point): Tensor {
  const { channels, height, width } = dimsOf('gaussianBlur', image)
  const [kx, ky] = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize
  for (const size of [kx, ky])
    if (!Number.isInteger(size) || size < 1 || size % 2 === 0)
      throw new RangeError(`gaussianBlur: kernelSize must be odd and positive, got ${JSON.stringify(kernelSize)}`)
  const [sx, sy] = typeof sigma === 'number' ? [sigma, sigma] : (sigma ?? [suitable(kx), suitable(ky)])
  if (!(sx > 0 && sy > 0)) throw new RangeError(`gaussianBlur: sigma must be positive, got ${JSON.stringify(sigma)}`)
  if (kx >> 1 >= width || ky >> 1 >= height)
    throw new RangeError(`gaussianBlur: a kernel of ${kx} × ${ky} is too large for images of ${width} × ${height}`)
  const [xs, ys] = [bell(kx, sx), bell(ky, sy)]
  return asFloatBatch(image, (batch) => {
    const { dtype } = batch
    const border = padBorders(batch, [kx >> 1, kx >> 1, ky >> 1, ky >> 1], { mode: 'reflect' })
    const kernel = (values: number[], shape: number[]): Tensor =>
      tensor(values, { dtype })
        .view(1, 1, ...shape)
        .expand(channels, 1, ...shape)
        .contiguous()
    // One direction after the other: the kernel is a product of the two.
    const across = conv2d(border, kernel(xs, [1, kx]), null, { groups: channels })
    return conv2d(across, kernel(ys, [ky, 1]), null, { groups: channels })
  })
}
