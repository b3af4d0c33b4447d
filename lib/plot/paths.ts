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

/**
 * The positions of a line's points that are needed so that it strays nowhere by more than `tolerance` pixels. Douglas & Peucker
 * 1973.
 */
export function simplify(xs: readonly number[], ys: readonly number[], tolerance: number): number[] {
  const keep = new Set([0, xs.length - 1])
  const spans: [number, number][] = [[0, xs.length - 1]]
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span
    const [dx, dy] = [xs[to] - xs[from], ys[to] - ys[from]]
    const length = Math.hypot(dx, dy)
    let [worst, most] = [-1, tolerance]
    for (let i = from + 1; i < to; i++) {
      const [px, py] = [xs[i] - xs[from], ys[i] - ys[from]]
      // A closed line begins where it ends: then the distance is that from the point.
      const off = length === 0 ? Math.hypot(px, py) : Math.abs(px * dy - py * dx) / length
      if (off > most) [worst, most] = [i, off]
    }
    if (worst < 0) continue
    keep.add(worst)
    spans.push([from, worst], [worst, to])
  }
  return [...keep].sort((a, b) => a - b)
}
