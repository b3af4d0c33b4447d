/** What a tensor holds, in one line: extent with a small histogram, mean, standard deviation, and what is no number. */
import { formatValue } from './format.js'

/** Numbers about many values; those that are not finite are counted apart. */
export interface Statistics {
  readonly count: number
  readonly low: number
  readonly high: number
  readonly mean: number
  /** With n − 1, as torch.std has it. NaN for fewer than two values. */
  readonly std: number
  readonly nan: number
  readonly infinite: number
  readonly zeros: number
  /** Counts in equal bins from low to high. */
  readonly bins: readonly number[]
}

const binCount = 10

/** Statistics of the values. */
export function statistics(values: ArrayLike<number | bigint>): Statistics {
  const n = values.length
  let [low, high, sum, nan, infinite, zeros] = [Infinity, -Infinity, 0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const v = Number(values[i])
    if (!Number.isFinite(v)) {
      if (Number.isNaN(v)) nan++
      else infinite++
      continue
    }
    if (v < low) low = v
    if (v > high) high = v
    if (v === 0) zeros++
    sum += v
  }
  const finite = n - nan - infinite
  const mean = sum / finite
  const bins = new Array<number>(binCount).fill(0)
  const scale = high > low ? binCount / (high - low) : 0
  let squares = 0
  for (let i = 0; i < n; i++) {
    const v = Number(values[i])
    if (!Number.isFinite(v)) continue
    squares += (v - mean) ** 2
    bins[Math.min(binCount - 1, Math.floor((v - low) * scale))]++
  }
  const std = finite > 1 ? Math.sqrt(squares / (finite - 1)) : NaN
  return { count: n, low, high, mean, std, nan, infinite, zeros, bins }
}

/** The parts of the line: `x ∈ [−2.1 ▁▂▅█▇▂ 2.6]`, `μ …`, `σ …`; warnings stand apart. */
export function describeStatistics(s: Statistics): { parts: string[]; warnings: string[] } {
  const warnings: string[] = []
  if (s.nan > 0) warnings.push(`${s.nan} nan`)
  if (s.infinite > 0) warnings.push(`${s.infinite} inf`)
  const finite = s.count - s.nan - s.infinite
  if (finite === 0) return { parts: [], warnings }
  if (s.low === s.high) return { parts: [finite > 1 ? `all ${formatValue(s.low)}` : formatValue(s.low)], warnings }
  const parts = [
    `x ∈ [${formatValue(s.low)} ${miniHistogram(s.bins)} ${formatValue(s.high)}]`,
    `μ ${formatValue(s.mean)}`,
  ]
  if (finite > 1) parts.push(`σ ${formatValue(s.std)}`)
  if (s.zeros / finite > 0.05) parts.push(`${Math.round((100 * s.zeros) / finite)} % zero`)
  return { parts, warnings }
}

/** Counts as eight heights of blocks; a bin with anything in it is never empty. */
export function miniHistogram(bins: readonly number[]): string {
  const most = Math.max(1, ...bins)
  return bins.map((n) => (n === 0 ? ' ' : '▁▂▃▄▅▆▇█'.charAt(Math.round((n / most) * 7)))).join('')
}
