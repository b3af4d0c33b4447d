/** Grids of images, such as digits with their predictions: pixel for pixel, with a title under each. */
import { type Colormap, colorRange, colorTable } from './colors.js'
import { cellColor } from './marks-map.js'
import type { MimeBundle } from './mime.js'
import { type NestedNumbers, type Numbers, type Scalar, toNumbers, toScalar, toShaped } from './numbers.js'
import { Picture } from './picture.js'
import { encodePng, pngUri } from './png.js'
import { page, saveAs } from './save.js'
import { extentOf } from './scale.js'
import { fitText, ink, svgDocument, tag, text } from './svg.js'
import { judge } from './verdicts.js'

/** Settings of `images`. */
export interface ImagesOptions {
  title?: string
  /** Images in a row; default: about 10, fewer when few or large. */
  columns?: number
  /** Text under each image. */
  titles?: readonly (string | Scalar)[] | Numbers
  /** Whether each prediction is right: its title and frame turn green or red. */
  correct?: Numbers
  /** True class of each image: its title, unless there are others. */
  labels?: Numbers
  /**
   * Predicted class of each image, or scores [N, classes] of which the largest counts. With `labels` right ones turn green and
   * wrong ones red: `9 (is 4)`.
   */
  predictions?: NestedNumbers
  /** Names of the classes 0, 1, 2, …; default: the numbers. */
  classes?: readonly string[]
  /** Screen pixels per image pixel; default: images become about 56 to 224 pixels wide. */
  scale?: number
  /** Values of black and white; default: 0..1, or 0..255 for larger values, or the extent when there are negative ones. */
  range?: readonly [number, number]
  /** For images with one channel; default 'gray'. */
  colormap?: Colormap
}

interface Look {
  readonly title?: string
  readonly columns: number
  readonly scale: number
  readonly titles: readonly string[]
  readonly correct: readonly boolean[]
}

const good = '#15803d'
const bad = '#dc2626'
const gap = 8

/** A grid of images that shows itself as SVG, with a PNG for readers that refuse SVG. */
export class ImageGrid extends Picture {
  /** `pixels` holds each image as RGB bytes, rows from the top. */
  constructor(
    readonly pixels: readonly Uint8Array[],
    readonly height: number,
    readonly width: number,
    readonly look: Look,
  ) {
    super()
  }

  /** The grid as a standalone SVG document, images inside. */
  toSvg(): string {
    const { title, columns, scale, titles } = this.look
    const w = this.width * scale
    const h = this.height * scale
    const line = titles.length > 0 ? 18 : 0
    const top = title ? 34 : gap
    const used = Math.max(1, Math.min(columns, this.pixels.length))
    const rows = Math.ceil(this.pixels.length / columns)
    const width = Math.max(gap + used * (w + gap), title ? 160 : 0)
    const cells = this.pixels.map((pixels, i) => {
      const x = gap + (i % columns) * (w + gap)
      const y = top + Math.floor(i / columns) * (h + line + gap)
      return this.cell(pixels, i, x, y, w, h)
    })
    const head = title
      ? text(width / 2, 22, fitText(title, 15.5, width - 16), {
          size: 14,
          weight: 600,
          color: ink.text,
          anchor: 'middle',
        })
      : ''
    return svgDocument(width, top + rows * (h + line + gap), head + cells.join(''), title ?? this.toString())
  }

  private cell(pixels: Uint8Array, i: number, x: number, y: number, w: number, h: number): string {
    const label = this.look.titles[i]
    const frame = this.frame(i)
    return [
      tag('image', {
        x,
        y,
        width: w,
        height: h,
        preserveAspectRatio: 'none',
        style: 'image-rendering:pixelated',
        href: pngUri(pixels, this.width, this.height, 3),
      }),
      frame
        ? tag('rect', {
            x: x - 1,
            y: y - 1,
            width: w + 2,
            height: h + 2,
            fill: 'none',
            stroke: frame,
            'stroke-width': 2,
          })
        : '',
      label
        ? text(x + w / 2, y + h + 14, fitText(label, 12, w + gap), {
            size: 12,
            anchor: 'middle',
            color: frame ?? ink.text,
            weight: frame ? 600 : undefined,
          })
        : '',
    ].join('')
  }

  private frame(i: number): string | undefined {
    const correct = this.look.correct[i]
    return correct === undefined ? undefined : correct ? good : bad
  }

  /** The grid as PNG bytes at screen size, frames included; titles need the SVG. */
  toPng(): Uint8Array {
    const factor = Math.max(1, Math.round(this.look.scale))
    const w = this.width * factor
    const h = this.height * factor
    const used = Math.max(1, Math.min(this.look.columns, this.pixels.length))
    const rows = Math.max(1, Math.ceil(this.pixels.length / used))
    const canvas = new Canvas(gap + used * (w + gap), gap + rows * (h + gap))
    this.pixels.forEach((pixels, i) => {
      const x = gap + (i % used) * (w + gap)
      const y = gap + Math.floor(i / used) * (h + gap)
      const frame = this.frame(i)
      if (frame) canvas.fill(x - 2, y - 2, w + 4, h + 4, frame)
      canvas.draw(pixels, this.width, this.height, x, y, factor)
    })
    return encodePng(canvas.bytes, canvas.width, canvas.height, 3)
  }

  override toBundle(): MimeBundle {
    return {
      'image/svg+xml': this.toSvg(),
      'image/png': Buffer.from(this.toPng()).toString('base64'),
      'text/plain': this.toString(),
    }
  }

  override toString(): string {
    const { title, titles } = this.look
    const shown = titles.slice(0, 20).join(' ') + (titles.length > 20 ? ' …' : '')
    return `${title ? `${title}: ` : ''}${this.pixels.length} images of ${this.height} × ${this.width}${shown ? `\n  ${shown}` : ''}`
  }

  /** Writes the grid as `.svg`, `.png` or `.html` and returns the absolute path; whole or not at all. */
  override save(path: string): string {
    return saveAs(path, {
      '.svg': () => this.toSvg(),
      '.png': () => this.toPng(),
      '.html': () => page(this.look.title ?? 'Images', this.toSvg()),
    })
  }
}

/**
 * Images in a grid. `batch` is [H, W], [N, H, W], [N, 1, H, W] or [N, 3, H, W] (one colour image is [1, 3, H, W]),
 * values 0..1 or 0..255. Throws RangeError for other shapes and for titles that do not fit the number of images.
 */
export function images(batch: NestedNumbers, options: ImagesOptions = {}): ImageGrid {
  const { data, shape, integers } = toShaped(batch, 'plot.images: batch')
  const { count, channels, height, width } = layout(shape)
  const range = options.range ?? valueRange(data, integers, options.colormap)
  const table = colorTable(options.colormap ?? 'gray')
  const pixels = Array.from({ length: count }, (_, i) => {
    const size = channels * height * width
    return toRgb(data.subarray(i * size, (i + 1) * size), channels, height * width, range, table)
  })
  const judged = judge(options, count)
  const titles = options.titles === undefined ? judged.titles : texts(options.titles, count)
  const correct = options.correct
    ? Array.from(toNumbers(options.correct, 'plot.images: correct'), Boolean)
    : judged.correct
  if (correct.length > 0 && correct.length !== count)
    throw new RangeError(`plot.images: correct has ${correct.length} values for ${count} images`)
  const scale =
    options.scale ?? (width >= 112 ? Math.min(1, 224 / width) : Math.max(1, Math.round(64 / Math.max(1, width))))
  if (!(scale > 0)) throw new RangeError(`plot.images: scale is ${scale}; a number above 0 is expected`)
  const columns = options.columns ?? Math.max(1, Math.min(10, count, Math.floor(900 / (width * scale + gap))))
  if (!Number.isInteger(columns) || columns < 1)
    throw new RangeError(`plot.images: columns is ${columns}; a whole number from 1 is expected`)
  return new ImageGrid(pixels, height, width, { title: options.title, columns, scale, titles, correct })
}

function layout(shape: readonly number[]): { count: number; channels: number; height: number; width: number } {
  const [height = 0, width = 0] = shape.slice(-2)
  const lead = shape.slice(0, -2)
  const [count = 1, channels = 1] = lead
  const known = lead.length <= 1 || (lead.length === 2 && (channels === 1 || channels === 3))
  if (!known || shape.length < 2 || height < 1 || width < 1) {
    throw new RangeError(
      `plot.images: batch has shape [${shape.join(', ')}]; [H, W], [N, H, W], [N, 1, H, W] or [N, 3, H, W] is expected`,
    )
  }
  return { count, channels, height, width }
}

function texts(titles: ImagesOptions['titles'], count: number): string[] {
  const what = 'plot.images: titles'
  const all = Array.isArray(titles)
    ? titles.map((t: unknown, i) => (typeof t === 'string' ? t : String(toScalar(t, `${what}[${i}]`))))
    : Array.from(toNumbers(titles ?? [], what), String)
  if (all.length > 0 && all.length !== count)
    throw new RangeError(`plot.images: ${all.length} titles for ${count} images`)
  return all
}

/** 0..1 unless the values say otherwise: bytes, larger values, or negative ones such as filters have. */
function valueRange(data: Float64Array, integers: boolean, colormap?: Colormap): readonly [number, number] {
  const [low, high] = extentOf([data])
  if (Number.isNaN(low)) return [0, 1]
  if (colormap === 'diverging') return colorRange(data, colormap)
  if (low < 0) return [low, high]
  if (high <= 1) return [0, 1]
  return integers || high > 2 ? [0, Math.max(255, high)] : [0, high]
}

function toRgb(
  values: Float64Array,
  channels: number,
  size: number,
  range: readonly [number, number],
  table: Uint8Array,
): Uint8Array {
  const out = new Uint8Array(size * 3)
  const [low, high] = range
  for (let i = 0; i < size; i++) {
    if (channels === 1) out.set(cellColor(values[i] ?? NaN, range, table), i * 3)
    else {
      for (let c = 0; c < 3; c++) {
        const share = ((values[c * size + i] ?? 0) - low) / (high - low)
        out[i * 3 + c] = Math.round(255 * Math.max(0, Math.min(1, share)))
      }
    }
  }
  return out
}

/** A white picture to draw enlarged images on. */
class Canvas {
  readonly bytes: Uint8Array

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.bytes = new Uint8Array(width * height * 3).fill(255)
  }

  fill(x: number, y: number, w: number, h: number, color: string): void {
    const value = Number.parseInt(color.slice(1), 16)
    for (let r = y; r < y + h; r++) {
      for (let c = x; c < x + w; c++)
        this.bytes.set([value >> 16, (value >> 8) & 255, value & 255], (r * this.width + c) * 3)
    }
  }

  draw(pixels: Uint8Array, w: number, h: number, x: number, y: number, factor: number): void {
    for (let r = 0; r < h * factor; r++) {
      for (let c = 0; c < w * factor; c++) {
        const from = (Math.floor(r / factor) * w + Math.floor(c / factor)) * 3
        this.bytes.set(pixels.subarray(from, from + 3), ((y + r) * this.width + x + c) * 3)
      }
    }
  }
}
