/** What transforms share: what counts as an image, and how elements of other dtypes go through floating arithmetic. */
import { isFloating } from '../../tensor/dtype.js'
import { ShapeError, show } from '../../tensor/shape.js'
import { assertTensor, type Tensor } from '../../tensor/tensor.js'

/** Height and width, or one number for both. */
export type ImageSize = number | readonly [height: number, width: number]

/** Channels, height and width. */
export interface ImageDims {
  readonly channels: number
  readonly height: number
  readonly width: number
}

/** The sizes of an image [C, H, W] or of a batch [N, C, H, W]. @throws for anything else. */
export function dimsOf(name: string, image: Tensor): ImageDims {
  assertTensor(name, 'the image', image)
  if (image.ndim < 3)
    throw new ShapeError(`${name}: needs an image [C, H, W] or a batch [N, C, H, W], got shape ${show(image.shape)}`)
  return { channels: image.size(-3), height: image.size(-2), width: image.size(-1) }
}

/** Throws unless there is one channel or there are three. */
export function assertColors(name: string, image: Tensor): ImageDims {
  const dims = dimsOf(name, image)
  if (dims.channels !== 1 && dims.channels !== 3)
    throw new ShapeError(`${name}: needs images of 1 or 3 channels, got ${dims.channels} in shape ${show(image.shape)}`)
  return dims
}

/** Height and width as a pair. @throws RangeError unless both are positive integers. */
export function pairOf(name: string, what: string, size: ImageSize): readonly [number, number] {
  const pair = typeof size === 'number' ? ([size, size] as const) : size
  if (pair.length !== 2 || !pair.every((n) => Number.isInteger(n) && n > 0))
    throw new RangeError(
      `${name}: ${what} must be a positive integer or a pair of them, height and width, got ${JSON.stringify(size)}`,
    )
  return pair
}

/** The brightest value of a dtype: 1 for floating images, 255 for bytes. */
export function brightest(image: Tensor): number {
  if (isFloating(image.dtype)) return 1
  if (image.dtype === 'uint8') return 255
  throw new TypeError(`images are uint8 in [0, 255] or floating in [0, 1], got ${image.dtype}; convert with .float()`)
}

/** Applies `change` to [N, C, H, W] of a floating dtype, and gives back the dimensions and the dtype, rounded, that came. */
export function asFloatBatch(image: Tensor, change: (batch: Tensor) => Tensor): Tensor {
  const shape = image.shape as number[]
  const batch = image.ndim === 3 ? image.unsqueeze(0) : image.ndim === 4 ? image : image.reshape(-1, ...shape.slice(-3))
  const floating = isFloating(image.dtype)
  const changed = change(floating ? batch : batch.float())
  const inShape = image.ndim === 4 ? changed : changed.reshape(...shape.slice(0, -3), ...changed.shape.slice(1))
  return floating ? inShape : inShape.round().to(image.dtype)
}

/** Python's rounding: halves to the even neighbour. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest !== 0.5) return Math.round(x)
  return floor % 2 === 0 ? floor : floor + 1
}
