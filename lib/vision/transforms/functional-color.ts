/** Functions that change the values of pixels. torchvision.transforms.functional. */
import { tensor, full } from '../../ops/creation.js'
import { sub } from '../../ops/alpha.js'
import { div } from '../../ops/division.js'
import { where } from '../../ops/index-ops.js'
import { stack } from '../../ops/join.js'
import { maximum, minimum } from '../../ops/pointwise.js'
import { randn } from '../../ops/random.js'
import { zerosLike } from '../../ops/creation.js'
import { isFloating, type DType } from '../../tensor/dtype.js'
import { ShapeError } from '../../tensor/shape.js'
import { assertTensor, type Tensor } from '../../tensor/tensor.js'
import { assertColors, brightest, dimsOf } from './image.js'

/** A number for each channel, or one for all. */
export type PerChannel = number | readonly number[] | Tensor

/** A number for each channel as [C, 1, 1] of the image's dtype. */
function perChannel(name: string, what: string, values: readonly number[] | Tensor, image: Tensor): Tensor {
  const { channels } = dimsOf(name, image)
  const list = Array.isArray(values) ? tensor(values) : (values as Tensor)
  if (list.ndim === 1 && list.size(0) !== 1 && list.size(0) !== channels)
    throw new ShapeError(`${name}: ${what} has ${list.size(0)} values, the images have ${channels} channels`)
  const wide = list.to(image.dtype)
  return wide.ndim === 1 ? wide.view(-1, 1, 1) : wide
}

/**
 * (image − mean) / std for each channel of floating images [..., C, H, W]. torchvision.transforms.functional.normalize.
 * @throws TypeError for images of integers, RangeError when a std is 0.
 */
export function normalize(image: Tensor, mean: PerChannel, std: PerChannel): Tensor {
  assertTensor('normalize', 'the image', image)
  if (!isFloating(image.dtype))
    throw new TypeError(
      `normalize: needs floating images, got ${image.dtype}; use toTensor first, or .float().div(255)`,
    )
  const of = (what: string, values: PerChannel): Tensor | number =>
    typeof values === 'number' ? values : perChannel('normalize', what, values, image)
  const spread = of('std', std)
  if (typeof spread === 'number' ? spread === 0 : spread.eq(0).any().item())
    throw new RangeError('normalize: a std of 0 would divide by zero')
  return div(sub(image, of('mean', mean)), spread)
}

/**
 * Bytes in [0, 255] as float32 in [0, 1]; floating images stay as they are (torchvision.transforms.functional.to_tensor, but
 * images are [C, H, W] here from the beginning).
 */
export function toTensor(image: Tensor): Tensor {
  assertTensor('toTensor', 'the image', image)
  return isFloating(image.dtype) ? image : convertImageDtype(image, 'float32')
}

/** Images in another dtype, with black and white kept. torchvision.transforms.functional.convert_image_dtype. */
export function convertImageDtype(image: Tensor, dtype: DType): Tensor {
  if (image.dtype === dtype) return image
  const [from, to] = [brightest(image), isFloating(dtype) ? 1 : 255]
  if (!isFloating(dtype) && dtype !== 'uint8')
    throw new TypeError(`convertImageDtype: images are uint8 or floating, got ${dtype}`)
  if (from === to) return image.to(dtype)
  // Just below 256, so that 1 becomes 255 and every level has the same share of [0, 1].
  return to === 1 ? image.to(dtype).div(255) : image.mul(255 + 1 - 1e-3).to(dtype)
}

/** ratio · a + (1 − ratio) · b, kept in the range of the dtype. */
function blend(a: Tensor, b: Tensor, ratio: number): Tensor {
  return a
    .mul(ratio)
    .add(b.mul(1 - ratio))
    .clamp(0, brightest(a))
    .to(a.dtype)
}

function assertFactor(name: string, factor: number): void {
  if (!(factor >= 0)) throw new RangeError(`${name}: the factor must not be negative, got ${factor}`)
}

/** Red, green and blue as seen together: 0.2989 R + 0.587 G + 0.114 B, once or `numOutputChannels: 3` times. torchvision.transforms.functional.rgb_to_grayscale. */
export function grayscale(image: Tensor, { numOutputChannels = 1 }: { numOutputChannels?: 1 | 3 } = {}): Tensor {
  const { channels } = assertColors('grayscale', image)
  if (numOutputChannels !== 1 && numOutputChannels !== 3)
    throw new RangeError(`grayscale: numOutputChannels must be 1 or 3, got ${String(numOutputChannels)}`)
  const gray = channels === 1 ? image : weighted(image)
  return numOutputChannels === 1 ? gray : gray.expand(...image.shape.slice(0, -3), 3, image.size(-2), image.size(-1))
}

function weighted(image: Tensor): Tensor {
  const [r, g, b] = image.unbind(-3)
  return r.mul(0.2989).add(g.mul(0.587)).add(b.mul(0.114)).to(image.dtype).unsqueeze(-3)
}

/** Brightness times a factor: 0 is black, 1 the image. torchvision.transforms.functional.adjust_brightness. */
export function adjustBrightness(image: Tensor, factor: number): Tensor {
  assertFactor('adjustBrightness', factor)
  assertColors('adjustBrightness', image)
  return blend(image, zerosLike(image), factor)
}

/** Distance from the mean gray times a factor: 0 is gray all over, 1 the image. torchvision.transforms.functional.adjust_contrast. */
export function adjustContrast(image: Tensor, factor: number): Tensor {
  assertFactor('adjustContrast', factor)
  const { channels } = assertColors('adjustContrast', image)
  const gray = channels === 3 ? weighted(image) : image
  const wide = isFloating(image.dtype) ? gray : gray.float()
  return blend(image, wide.mean([-3, -2, -1], { keepdim: true }), factor)
}

/** Distance from gray times a factor: 0 is black and white, 1 the image. torchvision.transforms.functional.adjust_saturation. */
export function adjustSaturation(image: Tensor, factor: number): Tensor {
  assertFactor('adjustSaturation', factor)
  const { channels } = assertColors('adjustSaturation', image)
  return channels === 1 ? image : blend(image, weighted(image), factor)
}

/** Colours turned around the wheel, by a factor in [−0.5, 0.5] of it. torchvision.transforms.functional.adjust_hue. */
export function adjustHue(image: Tensor, factor: number): Tensor {
  if (!(factor >= -0.5 && factor <= 0.5))
    throw new RangeError(`adjustHue: the factor must lie in [−0.5, 0.5], got ${factor}`)
  const { channels } = assertColors('adjustHue', image)
  if (channels === 1) return image
  const floating = isFloating(image.dtype) ? image : convertImageDtype(image, 'float32')
  const { h, s, v } = toHsv(floating)
  return convertImageDtype(fromHsv(h.add(factor).remainder(1), s, v), image.dtype)
}

/** Hue, saturation and brightness [..., H, W] in [0, 1]. Smith 1978. */
function toHsv(image: Tensor): { h: Tensor; s: Tensor; v: Tensor } {
  const [r, g, b] = image.unbind(-3)
  const highest = maximum(maximum(r, g), b)
  const lowest = minimum(minimum(r, g), b)
  const gray = highest.eq(lowest)
  const span = highest.sub(lowest)
  const divisor = where(gray, 1, span)
  const [rc, gc, bc] = [r, g, b].map((channel) => highest.sub(channel).div(divisor))
  const isRed = highest.eq(r)
  const isGreen = highest.eq(g)
  const sixth = where(isRed, bc.sub(gc), where(isGreen, rc.sub(bc).add(2), gc.sub(rc).add(4)))
  return { h: sixth.div(6).add(1).fmod(1), s: span.div(where(gray, 1, highest)), v: highest }
}

function fromHsv(h: Tensor, s: Tensor, v: Tensor): Tensor {
  const sector = h.mul(6).floor()
  const rest = h.mul(6).sub(sector)
  const shade = (share: Tensor): Tensor => v.mul(share.neg().add(1)).clamp(0, 1)
  const [p, q, t] = [shade(s), shade(s.mul(rest)), shade(s.mul(rest.neg().add(1)))]
  const which = sector.remainder(6)
  const pick = (...sectors: Tensor[]): Tensor =>
    sectors.reduceRight((other, value, i) => where(which.eq(i), value, other))
  return stack([pick(v, q, p, p, t, v), pick(t, v, v, q, p, p), pick(p, p, t, v, v, q)], -3)
}

/** Black and white exchanged. torchvision.transforms.functional.invert. */
export function invert(image: Tensor): Tensor {
  assertColors('invert', image)
  return image.neg().add(brightest(image)).to(image.dtype)
}

/** Each channel stretched so that its darkest pixel is black and its brightest white. torchvision.transforms.functional.autocontrast. */
export function autocontrast(image: Tensor): Tensor {
  assertColors('autocontrast', image)
  const bound = brightest(image)
  const wide = isFloating(image.dtype) ? image : image.float()
  const low = wide.amin([-2, -1], { keepdim: true })
  const span = wide.amax([-2, -1], { keepdim: true }).sub(low)
  const flat = span.eq(0)
  const scale = where(flat, 1, full([], bound, { dtype: wide.dtype }).div(span))
  return wide
    .sub(where(flat, 0, low))
    .mul(scale)
    .clamp(0, bound)
    .to(image.dtype)
}

/** Settings of `gaussianNoise`. */
export interface GaussianNoiseOptions {
  /** Mean of what is added, where white is 1. Default 0. */
  mean?: number
  /** Its standard deviation. Default 0.1. */
  sigma?: number
  /** Keep the result in [0, 1]. Default true. */
  clip?: boolean
}

/** Floating images with normal noise added, other noise in each pixel. torchvision.transforms.v2.functional.gaussian_noise. */
export function gaussianNoise(
  image: Tensor,
  { mean = 0, sigma = 0.1, clip = true }: GaussianNoiseOptions = {},
): Tensor {
  assertTensor('gaussianNoise', 'the image', image)
  if (!isFloating(image.dtype))
    throw new TypeError(`gaussianNoise: needs floating images, got ${image.dtype}; use toTensor first`)
  if (!(sigma >= 0)) throw new RangeError(`gaussianNoise: sigma must not be negative, got ${sigma}`)
  const noisy = image.add(
    randn(image.shape as number[], { dtype: image.dtype })
      .mul(sigma)
      .add(mean),
  )
  return clip ? noisy.clamp(0, 1) : noisy
}
