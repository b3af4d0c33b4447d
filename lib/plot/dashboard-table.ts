/** The numbers of a training run as a table: one row for each epoch, then the extremes. */
import type { Dashboard } from './dashboard.js'
import { formatDuration, formatValue } from './format.js'
import { extentOf } from './scale.js'

export interface TableRow {
  readonly kind: 'epoch' | 'now' | 'extreme' | 'more'
  readonly cells: readonly string[]
}

export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly TableRow[]
}

/** Older epochs give way to newer ones. */
const epochRows = 6

/** Metrics beyond this would not be readable. */
const metricColumns = 7

/** Head and rows as text. While running the last row is the present; minimum and maximum over epochs follow. */
export function tableOf(board: Dashboard): Table {
  const all = [...board.metrics.values()].filter(
    (m) => m.y.length > 0 || board.rows.some((row) => m.name in row.values),
  )
  all.sort((a, b) => order(board, a.base) - order(board, b.base))
  const metrics = all.slice(0, metricColumns)
  if (metrics.length === 0) return { head: [], rows: [] }
  const cell = (value: number | undefined) => (value === undefined ? '' : formatValue(value))
  const shown = board.rows.slice(-epochRows)
  const rows: TableRow[] = shown.map((row) => ({
    kind: 'epoch',
    cells: [String(row.epoch), ...metrics.map((m) => cell(row.values[m.name])), formatDuration(row.seconds, true)],
  }))
  const hidden = board.rows.length - shown.length
  if (hidden > 0) rows.unshift({ kind: 'more', cells: [`1–${hidden}`, ...metrics.map(() => '⋯'), ''] })
  if (board.state !== 'done' || rows.length === 0) {
    rows.push({ kind: 'now', cells: ['now', ...metrics.map((m) => cell(m.current)), ''] })
  }
  // After a single epoch they would only repeat it.
  if (board.rows.length !== 1) {
    const extremes = metrics.map((m) => {
      const perEpoch = board.rows.map((row) => row.values[m.name] ?? NaN)
      return extentOf([perEpoch.some(Number.isFinite) ? perEpoch : m.y.values])
    })
    rows.push({ kind: 'extreme', cells: ['min', ...extremes.map(([low]) => formatValue(low)), ''] })
    rows.push({ kind: 'extreme', cells: ['max', ...extremes.map(([, high]) => formatValue(high)), ''] })
  }
  const more = all.length - metrics.length
  return { head: ['epoch', ...metrics.map((m) => m.name), more > 0 ? `+${more} more` : 'time'], rows }
}

/** Place of a group of metrics: groups stand together, in the order of their first report. */
function order(board: Dashboard, base: string): number {
  return [...board.metrics.values()].findIndex((m) => m.base === base)
}
