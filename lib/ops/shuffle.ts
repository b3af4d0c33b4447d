/** Channels exchanged for places, and channels exchanged among groups: all copies in another order. */
import { ShapeError, show, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { composite, everyDType } from './define.js'
import { permute, reshape, transpose } from './shape.js'

function assertFactor(name: string, what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${name}: ${what} must be a positive integer, got ${value}`)
}

/** [..., C·r², H, W] as [..., C, H·r, W·r]: every channel group becomes r × r neighbours. torch.nn.functional.pixel_shuffle. */
export const pixelShuffle = composite(
  'pixelShuffle',
  {
    torch: 'F.pixel_shuffle',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [2, 8, 2, 3] }], args: [2] },
      { inputs: [{ shape: [9, 1, 2] }], args: [3] },
    ],
  },
  (x: Tensor, upscaleFactor: number): Tensor => {
    assertFactor('pixelShuffle', 'upscaleFactor', upscaleFactor)
    const r = upscaleFactor
    const [channels, height, width]: Shape = x.shape.slice(-3)
    if (x.ndim < 3 || channels % (r * r) !== 0)
      throw new ShapeError(
        `pixelShuffle: needs [..., C, H, W] with C a multiple of ${r}² = ${r * r}, got ${show(x.shape)}`,
      )
    const [batch, left] = [x.shape.slice(0, -3), channels / (r * r)]
    const apart = reshape(x, [batch.reduce((a: number, b: number) => a * b, 1), left, r, r, height, width])
    return reshape(permute(apart, [0, 1, 4, 2, 5, 3]), [...batch, left, height * r, width * r])
  },
)

/** [..., C, H·r, W·r] as [..., C·r², H, W]: the inverse of pixelShuffle. torch.nn.functional.pixel_unshuffle. */
export const pixelUnshuffle = composite(
  'pixelUnshuffle',
  {
    torch: 'F.pixel_unshuffle',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [2, 2, 4, 6] }], args: [2] },
      { inputs: [{ shape: [1, 3, 6] }], args: [3] },
    ],
  },
  (x: Tensor, downscaleFactor: number): Tensor => {
    assertFactor('pixelUnshuffle', 'downscaleFactor', downscaleFactor)
    const r = downscaleFactor
    const [channels, height, width]: Shape = x.shape.slice(-3)
    if (x.ndim < 3 || height % r !== 0 || width % r !== 0)
      throw new ShapeError(`pixelUnshuffle: needs [..., C, H, W] with H and W multiples of ${r}, got ${show(x.shape)}`)
    const [batch, h, w] = [x.shape.slice(0, -3), height / r, width / r]
    const apart = reshape(x, [batch.reduce((a: number, b: number) => a * b, 1), channels, h, r, w, r])
    return reshape(permute(apart, [0, 1, 3, 5, 2, 4]), [...batch, channels * r * r, h, w])
  },
)

/** [N, C, ...] with the channels of each of `groups` groups spread over all: channel g·(C/groups) + i moves to i·groups + g. torch.nn.functional.channel_shuffle. */
export const channelShuffle = composite(
  'channelShuffle',
  {
    torch: 'F.channel_shuffle',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [2, 6, 2, 1] }], args: [3] },
      { inputs: [{ shape: [1, 4, 3] }], args: [2] },
    ],
  },
  (x: Tensor, groups: number): Tensor => {
    assertFactor('channelShuffle', 'groups', groups)
    if (x.ndim < 3 || x.shape[1] % groups !== 0)
      throw new ShapeError(
        `channelShuffle: needs [N, C, ...] with C a multiple of ${groups} groups, got ${show(x.shape)}`,
      )
    const [batch, channels, ...rest]: Shape = x.shape
    const apart = reshape(x, [batch, groups, channels / groups, ...rest])
    return reshape(transpose(apart, 1, 2).contiguous(), x.shape)
  },
)
