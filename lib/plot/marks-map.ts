/** Draws maps of colours as SVG: heat maps and contours. Colours travel as a PNG, lines and texts as vectors. */
import { colorTable, isDark, missingColor } from './colors.js'
import { contourLines } from './contour-lines.js'
import { type Area, linePath, simplify } from './paths.js'
import type { ContourTrace, HeatmapTrace } from './model.js'
import { pngUri } from './png.js'
import { tag, text } from './svg.js'

/** A heat map: one pixel of the image for each cell. */
export function drawHeatmap(trace: HeatmapTrace, area: Area): string {
  const { rows, columns, values, range, labels } = trace
  if (rows * columns === 0) return ''
  const x = [area.x(trace.xEdges[0]), area.x(trace.xEdges[1])] as const
  const y = [area.y(trace.yEdges[0]), area.y(trace.yEdges[1])] as const
  const flipX = x[0] > x[1]
  const flipY = y[0] > y[1]
  const table = colorTable(trace.colormap)
  const pixels = new Uint8Array(rows * columns * 3)
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const row = flipY ? rows - 1 - r : r
      const column = flipX ? columns - 1 - c : c
      pixels.set(cellColor(values[row * columns + column] ?? NaN, range, table), (r * columns + c) * 3)
    }
  }
  const image = tag('image', {
    x: Math.min(...x),
    y: Math.min(...y),
    width: Math.abs(x[1] - x[0]),
    height: Math.abs(y[1] - y[0]),
    preserveAspectRatio: 'none',
    opacity: trace.opacity,
    style: trace.smooth ? undefined : 'image-rendering:pixelated',
    href: pngUri(pixels, columns, rows, 3),
  })
  if (!labels) return image
  const stepX = (x[1] - x[0]) / columns
  const stepY = (y[1] - y[0]) / rows
  const longest = Math.max(...labels.map((l) => l.length), 1)
  const size = Math.max(7, Math.min(13, Math.abs(stepX) / (longest * 0.62), Math.abs(stepY) * 0.6))
  const texts = labels.map((label, i) => {
    const [r, g, b] = cellColor(values[i] ?? NaN, range, table)
    return text(
      x[0] + stepX * ((i % columns) + 0.5),
      y[0] + stepY * (Math.floor(i / columns) + 0.5) + size * 0.35,
      label,
      {
        size,
        anchor: 'middle',
        color: isDark(r, g, b) ? '#ffffff' : '#111827',
      },
    )
  })
  return image + texts.join('')
}

/** The colour of a value: its place in `range` (clamped) in a table of 256 RGB colours; NaN is light grey. */
export function cellColor(
  value: number,
  range: readonly [number, number],
  table: Uint8Array,
): readonly [number, number, number] {
  if (Number.isNaN(value)) return missingColor
  const span = range[1] - range[0]
  const share = span > 0 ? Math.max(0, Math.min(1, (value - range[0]) / span)) : 0.5
  const i = Math.round(share * 255) * 3
  return [table[i] ?? 0, table[i + 1] ?? 0, table[i + 2] ?? 0]
}

/** Contours: the bands as an image of a few colours, the lines as paths over it. */
export function drawContour(trace: ContourTrace, area: Area): string {
  const { levels, filled, color, dash, x, y } = trace
  if (trace.rows < 2 || trace.columns < 2) return ''
  const table = colorTable(trace.colormap)
  const lines = levels.map((level, i) => {
    const d = contourLines(trace, level).map(({ columns, rows }) => {
      const xs = columns.map((c) => area.x(placeAt(x, c)))
      const ys = rows.map((r) => area.y(placeAt(y, r)))
      const keep = simplify(xs, ys, 0.25)
      return linePath(
        keep.map((k) => xs[k]),
        keep.map((k) => ys[k]),
      )
    })
    const own = color ?? (filled ? '#ffffff' : hexOf(table, levels.length === 1 ? 0.5 : i / (levels.length - 1)))
    return d.length === 0
      ? ''
      : tag('path', {
          d: d.join(''),
          fill: 'none',
          stroke: own,
          'stroke-width': trace.lineWidth ?? (filled ? 0.7 : 1.4),
          'stroke-opacity': color === undefined && filled ? 0.55 : undefined,
          'stroke-dasharray': dash === 'dash' ? '7 5' : dash === 'dot' ? '1 5' : undefined,
          'stroke-linejoin': 'round',
        })
  })
  return (filled ? bands(trace, area, table) : '') + lines.join('')
}

/** The colour of each band: from the low to the high end of the map, one more than levels. */
export function bandColors(table: Uint8Array, levels: number): [number, number, number][] {
  return Array.from({ length: levels + 1 }, (_, k) => {
    const i = Math.round((levels === 0 ? 0.5 : k / levels) * 255) * 3
    return [table[i] ?? 0, table[i + 1] ?? 0, table[i + 2] ?? 0]
  })
}

function bands(trace: ContourTrace, area: Area, table: Uint8Array): string {
  const { levels, x, y } = trace
  const [left, right] = [area.x(x[0] ?? NaN), area.x(x[x.length - 1] ?? NaN)]
  const [bottom, top] = [area.y(y[0] ?? NaN), area.y(y[y.length - 1] ?? NaN)]
  const [w, h] = [Math.abs(right - left), Math.abs(bottom - top)]
  if (!(w > 0 && h > 0)) return ''
  const columns = Math.max(2, Math.min(360, Math.round(w / 1.8)))
  const rows = Math.max(2, Math.min(270, Math.round(h / 1.8)))
  const colors = bandColors(table, levels.length)
  const pixels = new Uint8Array(columns * rows * 3)
  const across = between(columns, trace.columns)
  const { values, columns: stride } = trace
  for (let r = 0; r < rows; r++) {
    const up = (1 - (r + 0.5) / rows) * (trace.rows - 1)
    const from = Math.min(Math.floor(up), trace.rows - 2) * stride
    const high = up - from / stride
    for (let c = 0; c < columns; c++) {
      const i = from + across.index[c]
      const right = across.share[c]
      const low = values[i] * (1 - right) + values[i + 1] * right
      const above = values[i + stride] * (1 - right) + values[i + stride + 1] * right
      const value = low * (1 - high) + above * high
      const color = Number.isNaN(value) ? missingColor : colors[bandOf(levels, value)]
      const at = (r * columns + c) * 3
      pixels[at] = color[0]
      pixels[at + 1] = color[1]
      pixels[at + 2] = color[2]
    }
  }
  return tag('image', {
    x: Math.min(left, right),
    y: Math.min(bottom, top),
    width: w,
    height: h,
    preserveAspectRatio: 'none',
    href: pngUri(pixels, columns, rows, 3),
  })
}

/** For each pixel the point of the grid before it, and how far it is on the way to the next. */
function between(pixels: number, points: number): { index: Int32Array; share: Float64Array } {
  const places = Float64Array.from({ length: pixels }, (_, c) => ((c + 0.5) / pixels) * (points - 1))
  const index = Int32Array.from(places, (place) => Math.min(Math.floor(place), points - 2))
  return { index, share: places.map((place, c) => place - index[c]) }
}

/** Number of levels at or below the value. */
function bandOf(levels: readonly number[], value: number): number {
  let [low, high] = [0, levels.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((levels[middle] ?? 0) <= value) low = middle + 1
    else high = middle
  }
  return low
}

function placeAt(places: Float64Array, index: number): number {
  const i = Math.min(Math.floor(index), Math.max(0, places.length - 2))
  const from = places[i] ?? NaN
  return from + ((places[i + 1] ?? from) - from) * (index - i)
}

function hexOf(table: Uint8Array, share: number): string {
  const i = Math.round(share * 255) * 3
  const part = (c: number) => (table[i + c] ?? 0).toString(16).padStart(2, '0')
  return `#${part(0)}${part(1)}${part(2)}`
}
