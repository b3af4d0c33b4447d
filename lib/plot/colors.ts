/** Colours that colour-blind readers can tell apart, and the maps from numbers to colours. */

import { extentOf } from './scale.js'

/** Series colours in order; neighbours differ in lightness as well as in hue. */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c564b', '#595959'] as const

/** Colour number `i`, repeating. */
export function seriesColor(i: number): string {
  return palette[i % palette.length] ?? palette[0]
}

/** Names of the colour maps. */
export type ColormapName = 'viridis' | 'magma' | 'blues' | 'gray' | 'diverging'

/** A colour map: by name, or colours (`#rrggbb`) at equal distances from the low to the high end. */
export type Colormap = ColormapName | readonly string[]

/** Colours at equal distances from the low to the high end. */
export const colormaps: Record<ColormapName, readonly string[]> = {
  viridis: [
    '#440154',
    '#482878',
    '#3e4a89',
    '#31688e',
    '#26828e',
    '#1f9e89',
    '#35b779',
    '#6ece58',
    '#b5de2b',
    '#fde725',
  ],
  magma: ['#000004', '#180f3d', '#440f76', '#721f81', '#9e2f7f', '#cd4071', '#f1605d', '#fd9668', '#feca8d', '#fcfdbf'],
  blues: ['#f7fbff', '#deebf7', '#c6dbef', '#9ecae1', '#6baed6', '#4292c6', '#2171b5', '#08519c', '#08306b'],
  gray: ['#000000', '#ffffff'],
  diverging: ['#053061', '#2166ac', '#4393c3', '#92c5de', '#f7f7f7', '#f4a582', '#d6604d', '#b2182b', '#67001f'],
}

/** What a NaN looks like in a heat map. */
export const missingColor: readonly [number, number, number] = [209, 213, 219]

/** The colours of a map from low to high. Throws RangeError for a name that is none, TypeError for what is no colour. */
export function colormapStops(map: Colormap): readonly string[] {
  if (typeof map === 'string') {
    if (Object.hasOwn(colormaps, map)) return colormaps[map]
    throw new RangeError(
      `there is no colour map ${JSON.stringify(map)}; there are ${Object.keys(colormaps).join(', ')}`,
    )
  }
  const bad = map.find((stop) => !/^#[0-9a-f]{6}$/i.test(stop))
  if (map.length < 2 || bad !== undefined)
    throw new TypeError(
      `a colour map is a list of two or more colours such as '#0072b2', got ${JSON.stringify(bad ?? map)}`,
    )
  return map
}

/** 256 colours of a map as RGB bytes. */
export function colorTable(map: Colormap): Uint8Array {
  const anchors = colormapStops(map).map(rgb)
  const table = new Uint8Array(256 * 3)
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (anchors.length - 1)
    const low = Math.min(Math.floor(at), anchors.length - 2)
    for (let c = 0; c < 3; c++) {
      const a = anchors[low]?.[c] ?? 0
      const b = anchors[low + 1]?.[c] ?? 0
      table[i * 3 + c] = Math.round(a + (b - a) * (at - low))
    }
  }
  return table
}

/** The values of the first and last colour: the extent of the data, for 'diverging' as far to both sides of 0. */
export function colorRange(values: Float64Array, colormap: Colormap): [number, number] {
  const [low, high] = extentOf([values])
  if (Number.isNaN(low)) return [0, 1]
  if (colormap !== 'diverging') return [low, high]
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1
  return [-most, most]
}

/** A colour `#rrggbb` mixed with white: 0 leaves it, 1 is white. */
export function lighten(color: string, share: number): string {
  const mixed = rgb(color).map((c) => Math.round(c + (255 - c) * share))
  return `#${mixed.map((c) => c.toString(16).padStart(2, '0')).join('')}`
}

/** True when text on this colour should be white. */
export function isDark(r: number, g: number, b: number): boolean {
  return 0.299 * r + 0.587 * g + 0.114 * b < 140
}

/**
 * The colour itself when it is one: `#rgb`, `#rrggbb`, a CSS colour name, `rgb(…)` or `hsl(…)`.
 * Throws TypeError for anything else, so that no other CSS can enter a picture.
 */
export function checkColor(color: string): string {
  if (/^(#[0-9a-f]{3,8}|[a-z]+|(rgb|hsl)a?\([\d\s.,%/-]+\))$/i.test(color)) return color
  throw new TypeError(`${JSON.stringify(color)} is not a colour; use '#0072b2', 'steelblue' or 'rgb(0, 114, 178)'`)
}

function rgb(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}
