/** Many images in one. torchvision.utils. */
import { full } from '../ops/creation.js'
import { stack } from '../ops/join.js'
import { isFloating } from '../tensor/dtype.js'
import { ShapeError, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { writeImage, type EncodeOptions } from './images.js'

/** Settings of `makeGrid`. */
export interface GridOptions {
  /** Images in a row. Default 8. */
  nrow?: number
  /** Pixels between images. Default 2. */
  padding?: number
  /** Stretch the values to [0, 1]. Default false. */
  normalize?: boolean
  /** The values that become 0 and 1. Default: the smallest and the largest. */
  valueRange?: readonly [low: number, high: number]
  /** Stretch each image by itself. Default false. */
  scaleEach?: boolean
  /** The value between images. Default 0. */
  padValue?: number
}

/** Values from low to high moved to [0, 1]. */
function stretched(image: Tensor, range: GridOptions['valueRange']): Tensor {
  const [low, high] = range ?? [image.amin().item(), image.amax().item()]
  return image
    .clamp(low, high)
    .sub(low)
    .div(Math.max(high - low, 1e-5))
}

/** One image of three channels (or as many as there are) out of a batch. */
function asBatch(images: Tensor | readonly Tensor[]): Tensor {
  const given = Array.isArray(images) ? stack(images as Tensor[]) : (images as Tensor)
  const batch = given.ndim === 2 ? given.view(1, 1, ...given.shape) : given.ndim === 3 ? given.unsqueeze(0) : given
  if (batch.ndim !== 4 || batch.size(0) === 0)
    throw new ShapeError(`makeGrid: needs images [N, C, H, W], [C, H, W] or [H, W], got shape ${show(given.shape)}`)
  return batch.size(1) === 1 ? batch.expand(batch.size(0), 3, batch.size(2), batch.size(3)) : batch
}

/**
 * Images [N, C, H, W], or a list of equal ones, side by side in one image [C, H', W']; gray ones get three channels.
 * torchvision.utils.make_grid.
 */
export function makeGrid(
  images: Tensor | readonly Tensor[],
  { nrow = 8, padding = 2, normalize = false, valueRange, scaleEach = false, padValue = 0 }: GridOptions = {},
): Tensor {
  if (!Number.isInteger(nrow) || nrow < 1)
    throw new RangeError(`makeGrid: nrow must be a positive integer, got ${nrow}`)
  let batch = asBatch(images).detach()
  if (normalize && !isFloating(batch.dtype)) batch = batch.float()
  if (normalize)
    batch = scaleEach ? stack(batch.unbind(0).map((one) => stretched(one, valueRange))) : stretched(batch, valueRange)
  const [count, channels, height, width] = batch.shape as number[]
  if (count === 1) return batch.squeeze(0)
  const columns = Math.min(nrow, count)
  const rows = Math.ceil(count / columns)
  const size = [channels, rows * (height + padding) + padding, columns * (width + padding) + padding]
  const grid = full(size, padValue, { dtype: batch.dtype })
  for (let i = 0; i < count; i++)
    grid
      .narrow(1, Math.floor(i / columns) * (height + padding) + padding, height)
      .narrow(2, (i % columns) * (width + padding) + padding, width)
      .copy_(batch.select(0, i))
  return grid
}

/**
 * Writes images as one picture, by `makeGrid`; values in [0, 1], or bytes. The format follows from the name (png, jpg, bmp, webp);
 * the file appears whole or not at all. torchvision.utils.save_image.
 * @example utils.saveImage(images, 'digits.png', { nrow: 10 })
 */
export function saveImage(
  images: Tensor | readonly Tensor[],
  path: string,
  options: GridOptions & EncodeOptions = {},
): void {
  const grid = makeGrid(images, options)
  // Rounded to the nearest byte, as torchvision does.
  const bytes = isFloating(grid.dtype) ? grid.mul(255).add(0.5).clamp(0, 255).to('uint8') : grid.to('uint8')
  writeImage(bytes, path, options)
}
