/** Numbers, colours and texts as plotly's JSON holds them. */
import { type Colormap, colormapStops } from './colors.js'

/** Digits of the values of maps: a colour tells no more. */
export const mapDigits = 4

/** Seven significant digits (a float32 has no more), null for what JSON cannot hold. */
export function list(values: ArrayLike<number>, digits = 7): (number | null)[] {
  return Array.from(values, (v) => (Number.isFinite(v) ? round(v, digits) : null))
}

/** So many significant digits. */
export function round(value: number, digits = 7): number {
  return Number(value.toPrecision(digits))
}

/** A colour map as plotly takes it. */
export function colorscale(map: Colormap): [number, string][] {
  const stops = colormapStops(map)
  return stops.map((stop, i) => [round(i / (stops.length - 1)), stop])
}

/** Text that plotly shows as it is written. */
export function escapePlotly(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}
