/** The bar beside a map that tells which colour is which value. */
import { colorTable } from './colors.js'
import { formatValue } from './format.js'
import { bandColors } from './marks-map.js'
import type { ContourTrace, HeatmapTrace } from './model.js'
import { pngUri } from './png.js'
import { linearTicks } from './scale.js'
import { ink, tag, text } from './svg.js'

/** What of a map the bar shows. */
export type ColorbarSource =
  Pick<HeatmapTrace, 'colormap' | 'range' | 'opacity'> | Pick<ContourTrace, 'colormap' | 'levels' | 'kind'>

/** The bar with its values: a smooth one, or the bands of a contour. */
export function drawColorbar(trace: ColorbarSource, x: number, y: number, height: number): string {
  return 'levels' in trace ? banded(trace, x, y, height) : smooth(trace, x, y, height)
}

function smooth(
  trace: Pick<HeatmapTrace, 'colormap' | 'range' | 'opacity'>,
  x: number,
  y: number,
  height: number,
): string {
  const table = colorTable(trace.colormap)
  const pixels = new Uint8Array(256 * 3)
  for (let i = 0; i < 256; i++) pixels.set(table.subarray((255 - i) * 3, (256 - i) * 3), i * 3)
  const [low, high] = trace.range
  const image = tag('image', {
    x,
    y,
    width: 12,
    height,
    preserveAspectRatio: 'none',
    opacity: trace.opacity,
    href: pngUri(pixels, 1, 256, 3),
  })
  if (!(high > low)) return image
  const ticks = linearTicks(low, high, Math.max(2, Math.round(height / 45)))
  const place = (v: number) => y + height * (1 - (v - low) / (high - low))
  return image + ticks.map((t) => text(x + 17, place(t.value) + 4, t.label, { size: 10.5, color: ink.faint })).join('')
}

function banded(
  { colormap, levels }: Pick<ContourTrace, 'colormap' | 'levels'>,
  x: number,
  y: number,
  height: number,
): string {
  const colors = bandColors(colorTable(colormap), levels.length)
  const pixels = new Uint8Array(colors.length * 3)
  colors.forEach((color, k) => pixels.set(color, (colors.length - 1 - k) * 3))
  const style = 'image-rendering:pixelated'
  const href = pngUri(pixels, 1, colors.length, 3)
  const image = tag('image', { x, y, width: 12, height, preserveAspectRatio: 'none', style, href })
  const every = Math.max(1, Math.ceil((levels.length * 15) / height))
  const labels = levels.map((level, k) =>
    k % every === 0
      ? text(x + 17, y + height * (1 - (k + 1) / colors.length) + 4, formatValue(level), {
          size: 10.5,
          color: ink.faint,
        })
      : '',
  )
  return image + labels.join('')
}
