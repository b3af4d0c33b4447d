/** Pictures in files: PNG, JPEG, BMP and WebP to tensors and back. The codecs are those of @napi-rs/image. */
import type { Transformer } from '@napi-rs/image'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, extname } from 'node:path'
import { writeAtomically } from '../io/files.js'
import { cat } from '../ops/join.js'
import { full, tensor } from '../ops/creation.js'
import { ShapeError, show } from '../tensor/shape.js'
import { assertTensor, type Tensor } from '../tensor/tensor.js'
import { convertImageDtype, grayscale } from './transforms/functional-color.js'

type Codecs = typeof import('@napi-rs/image')

let loaded: Codecs | undefined

/** The codecs, loaded with the first picture: they are large, and most programs have none. */
function codecs(): Codecs {
  return (loaded ??= createRequire(import.meta.url)('@napi-rs/image') as Codecs)
}

/** Which channels a picture is read with; 'unchanged' keeps the file's. torchvision.io.ImageReadMode. */
export type ImageMode = 'unchanged' | 'gray' | 'grayAlpha' | 'rgb' | 'rgba'

/** Settings of `decodeImage` and `readImage`. */
export interface DecodeOptions {
  /** Default 'unchanged'. */
  mode?: ImageMode
}

/** The formats that are written. */
export type ImageFormat = 'png' | 'jpeg' | 'bmp' | 'webp'

/** Settings of `encodeImage` and `saveImage`. */
export interface EncodeOptions {
  /** From 1 (small) to 100 (good), for JPEG (default 75) and WebP (default: without loss). */
  quality?: number
}

/** Pictures with more pixels are refused: a small damaged file can claim any size. */
const mostPixels = 178_956_970

const channelsOf: Readonly<Record<ImageMode, number>> = { unchanged: 0, gray: 1, grayAlpha: 2, rgb: 3, rgba: 4 }

interface Raw {
  readonly pixels: Uint8Array
  readonly channels: number
  readonly height: number
  readonly width: number
}

function decodeRaw(name: string, bytes: Uint8Array): Raw {
  const damaged = (error: unknown): never => {
    const reason = error instanceof Error ? error.message.trim().replace(/\s+/g, ' ') : String(error)
    throw new Error(
      `${name}: no picture that can be read, damaged or of an unknown format (${bytes.length} bytes): ${reason}`,
      {
        cause: error,
      },
    )
  }
  const { Transformer: Reader } = codecs()
  const attempt = <T>(body: () => T): T => {
    try {
      return body()
    } catch (error) {
      return damaged(error)
    }
  }
  if (bytes.length === 0) return damaged('the file is empty')
  const reader = attempt(() => new Reader(bytes))
  // Codes of the library: 0 to 3 are gray, gray with alpha, RGB and RGBA in bytes; 4 to 7 the same in 16 bits.
  const { width, height, colorType } = attempt(() => reader.metadataSync())
  if (width * height > mostPixels)
    throw new RangeError(`${name}: ${width} × ${height} pixels are more than the ${mostPixels} that are read`)
  const code = Number(colorType)
  if (!(code >= 0 && code < 8)) return damaged(`its colours are of type ${code}; bytes and 16-bit numbers are read`)
  const raw = attempt(() => reader.rawPixelsSync())
  const channels = (code % 4) + 1
  const pixels = code < 4 ? raw : highBytes(raw)
  if (pixels.length !== width * height * channels)
    return damaged(`${pixels.length} values for ${width} × ${height} pixels of ${channels} channels`)
  return { pixels, channels, height, width }
}

/** The upper half of 16-bit numbers, which are in the machine's order. */
function highBytes(raw: Uint8Array): Uint8Array {
  return Uint8Array.from(new Uint16Array(raw.slice().buffer), (value) => value >> 8)
}

/** An image [channels, H, W] with other channels: gray weighted from colours, opaque where there was no alpha. */
function withChannels(image: Tensor, wanted: number): Tensor {
  const have = image.size(0)
  if (wanted === 0 || wanted === have) return image
  const hasAlpha = have % 2 === 0
  const colors = image.narrow(0, 0, hasAlpha ? have - 1 : have)
  const inColors = wanted >= 3 ? 3 : 1
  const converted = colors.size(0) === inColors ? colors : grayscale(colors, { numOutputChannels: inColors })
  if (wanted % 2 === 1) return converted.contiguous()
  const alpha = hasAlpha
    ? image.narrow(0, have - 1, 1)
    : full([1, image.size(1), image.size(2)], 255, { dtype: 'uint8' })
  return cat([converted, alpha], 0)
}

function decode(name: string, bytes: Uint8Array, { mode = 'unchanged' }: DecodeOptions): Tensor {
  if (!(mode in channelsOf))
    throw new RangeError(
      `decodeImage: mode is one of ${Object.keys(channelsOf).join(', ')}, got ${JSON.stringify(mode)}`,
    )
  const { pixels, channels, height, width } = decodeRaw(name, bytes)
  const image = tensor(pixels).view(height, width, channels).permute(2, 0, 1).contiguous()
  return withChannels(image, channelsOf[mode])
}

/**
 * The picture in the bytes of a PNG, JPEG, BMP or WebP file: uint8 [channels, H, W]. 16-bit values lose their lower half;
 * palettes become colours. torchvision.io.decode_image.
 * @throws Error saying what is wrong with the bytes; RangeError for more than 178,956,970 pixels.
 */
export function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Tensor {
  return decode('decodeImage', bytes, options)
}

/** The picture in a file: uint8 [channels, H, W]. torchvision.io.read_image. @example const cat = utils.readImage('cat.jpg', { mode: 'rgb' }) */
export function readImage(path: string, options: DecodeOptions = {}): Tensor {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new Error(`readImage: cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
  return decode(basename(path), bytes, options)
}

/** An image as the encoder takes it: RGBA pixels, or without alpha a portable pixmap, which keeps gray gray. */
function encoderOf(image: Tensor): Transformer {
  const [channels, height, width] = image.shape as number[]
  const { Transformer: Writer } = codecs()
  const pixels = (x: Tensor): Uint8Array => x.permute(1, 2, 0).contiguous().toTypedArray() as Uint8Array
  if (channels % 2 === 0) return Writer.fromRgbaPixels(pixels(withChannels(image, 4)), width, height)
  const header = Buffer.from(`${channels === 1 ? 'P5' : 'P6'}\n${width} ${height}\n255\n`)
  return new Writer(Buffer.concat([header, pixels(image)]))
}

/**
 * The bytes of a picture file. The image is [C, H, W] with 1 to 4 channels (gray, gray and alpha, RGB, RGBA), uint8, or floating
 * in [0, 1]. torchvision.io.encode_png and encode_jpeg.
 */
export function encodeImage(image: Tensor, format: ImageFormat, { quality }: EncodeOptions = {}): Uint8Array {
  assertTensor('encodeImage', 'the image', image)
  const [channels] = image.shape as number[]
  if (image.ndim !== 3 || !(channels >= 1 && channels <= 4) || image.numel() === 0)
    throw new ShapeError(`encodeImage: needs [C, H, W] with 1 to 4 channels, got shape ${show(image.shape)}`)
  if (quality !== undefined && !(quality >= 1 && quality <= 100))
    throw new RangeError(`encodeImage: quality must lie in [1, 100], got ${quality}`)
  const bytes = image.dtype === 'uint8' ? image : convertImageDtype(image.detach().clamp(0, 1), 'uint8')
  // JPEG has no alpha.
  const encoder = encoderOf(format === 'jpeg' && channels % 2 === 0 ? withChannels(bytes, channels - 1) : bytes)
  switch (format) {
    case 'png':
      return encoder.pngSync()
    case 'jpeg':
      return encoder.jpegSync(quality ?? 75)
    case 'bmp':
      return encoder.bmpSync()
    case 'webp':
      return quality === undefined ? encoder.webpLosslessSync() : encoder.webpSync(quality)
    default:
      throw new RangeError(`encodeImage: format must be 'png', 'jpeg', 'bmp' or 'webp', got ${JSON.stringify(format)}`)
  }
}

const formats: Readonly<Record<string, ImageFormat>> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.bmp': 'bmp',
  '.webp': 'webp',
}

/** Writes an image [C, H, W] to a file whose format follows from its name; whole or not at all. torchvision.io.write_png. */
export function writeImage(image: Tensor, path: string, options: EncodeOptions = {}): void {
  const format = formats[extname(path).toLowerCase()]
  if (!format)
    throw new RangeError(`writeImage: the name must end in ${Object.keys(formats).join(', ')}, got ${basename(path)}`)
  const bytes = encodeImage(image, format, options)
  writeAtomically('writeImage', path, (sink) => sink(bytes))
}
