/** Curves in pixels as SVG path data. */
import { px } from './svg.js'

/** The plot area: its size and the places of data values in it (NaN for what cannot be shown). */
export interface Area {
  readonly width: number
  readonly height: number
  x(value: number): number
  y(value: number): number
}

/**
 * Relative moves with one decimal; a point that cannot be shown starts a new piece. Errors of rounding do not add up:
 * each move starts from the rounded place of the one before. A single point becomes a dot through its round cap.
 */
export function linePath(xs: readonly number[], ys: readonly number[]): string {
  let d = ''
  let lastX = 0
  let lastY = 0
  let open = false
  for (let i = 0; i < xs.length; i++) {
    const x = clampPx(xs[i])
    const y = clampPx(ys[i])
    if (Number.isNaN(x) || Number.isNaN(y)) {
      open = false
      continue
    }
    if (open) d += joined(px(x - lastX), px(y - lastY))
    else d += `M${px(x)},${px(y)}l0,0`
    lastX = x
    lastY = y
    open = true
  }
  return d
}

function joined(dx: string, dy: string): string {
  return `${dx.startsWith('-') ? '' : ' '}${dx}${dy.startsWith('-') ? '' : ','}${dy}`
}

/** Rounded to what is written; far outside values stay within what renderers can compute. */
export function clampPx(value: number | undefined): number {
  if (value === undefined || Number.isNaN(value)) return NaN
  return Math.round(Math.max(-1e5, Math.min(1e5, value)) * 10) / 10
}
