/**
 * Fewer points for the same picture: a curve is cut into pieces of equal length and of each piece the extremes stay,
 * in their order, so that no spike and no gap disappears.
 */

export interface Points {
  readonly x: Float64Array
  readonly y: Float64Array
}

/**
 * At most about `limit` points of the curve. First, last, and all extremes are kept; a run of values that cannot be
 * drawn (NaN, infinite) stays as one NaN so that the curve is interrupted there. Curves that turn back in x (paths)
 * keep the extremes of x too.
 */
export function thin(x: ArrayLike<number>, y: ArrayLike<number>, limit: number): Points {
  const n = Math.min(x.length, y.length)
  if (n <= limit)
    return {
      x: Float64Array.from({ length: n }, (_, i) => x[i]),
      y: Float64Array.from({ length: n }, (_, i) => y[i]),
    }
  const path = !ascending(x, n)
  const pieces = Math.max(1, Math.floor((limit - 2) / (path ? 4 : 2)))
  const keep: number[] = [0]
  for (let piece = 0; piece < pieces; piece++) {
    const from = 1 + Math.floor((piece * (n - 2)) / pieces)
    const to = 1 + Math.floor(((piece + 1) * (n - 2)) / pieces)
    const chosen = extremes(y, from, to)
    if (path) chosen.push(...extremes(x, from, to))
    chosen.sort((a, b) => a - b)
    for (const i of chosen) if (i !== keep[keep.length - 1]) keep.push(i)
  }
  keep.push(n - 1)
  return { x: Float64Array.from(keep, (i) => x[i]), y: Float64Array.from(keep, (i) => y[i]) }
}

/** Indices of the smallest and largest drawable value and of the first gap in [from, to). */
function extremes(values: ArrayLike<number>, from: number, to: number): number[] {
  let low = -1
  let high = -1
  let gap = -1
  for (let i = from; i < to; i++) {
    const v = values[i]
    if (!Number.isFinite(v)) {
      if (gap < 0) gap = i
      continue
    }
    if (low < 0 || v < values[low]) low = i
    if (high < 0 || v > values[high]) high = i
  }
  return [low, high, gap].filter((i, at, all) => i >= 0 && all.indexOf(i) === at)
}

function ascending(x: ArrayLike<number>, n: number): boolean {
  for (let i = 1; i < n; i++) if (x[i] < x[i - 1]) return false
  return true
}

/** One point for each cell of a `cell`-sized raster: what would be drawn over another dot anyway is left out. */
export function thinScatter(x: ArrayLike<number>, y: ArrayLike<number>, cell: number): number[] {
  const seen = new Set<string>()
  const keep: number[] = []
  for (let i = 0; i < x.length; i++) {
    const key = `${Math.round(x[i] / cell)},${Math.round(y[i] / cell)}`
    if (seen.has(key)) continue
    seen.add(key)
    keep.push(i)
  }
  return keep
}
