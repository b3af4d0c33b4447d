/** Events along the years. */
import { seriesColor } from './colors.js'
import { type Figure, chart } from './figure.js'
import type { Annotation, ChartOptions, ScatterTrace, Trace } from './model.js'
import { textWidth } from './svg.js'

/** Something that happened. */
export interface TimelineEvent {
  readonly year: number
  /** A few words, at the point. */
  readonly label: string
  /** Shown where the pointer stands. */
  readonly text?: string
  /** Events of one group share a colour and an entry in the legend. */
  readonly group?: string
}

const [rowHeight, size] = [30, 12]

/**
 * A timeline: a point for each event at its year, its label beside it in as many rows as are needed, more text where the pointer
 * stands. No events give an empty panel. Throws RangeError for a year that is no finite number.
 * @example plot.timeline([{ year: 1943, label: 'M-P neuron', text: 'McCulloch & Pitts', group: 'models' }])
 */
export function timeline(events: readonly TimelineEvent[], options: ChartOptions = {}): Figure {
  const sorted = [...events].sort((a, b) => a.year - b.year)
  const bad = sorted.find(({ year }) => !Number.isFinite(year))
  if (bad) throw new RangeError(`plot.timeline: the year of ${JSON.stringify(bad.label)} is ${bad.year}`)
  const width = options.width ?? 840
  const [first, last] = [sorted[0]?.year ?? 0, sorted.at(-1)?.year ?? 1]
  const span = Math.max(1, last - first)
  // So many pixels for a year that the last labels end inside the picture.
  const before = span * 0.03
  const room = width - 48
  const perYear = sorted.reduce(
    (least, { year, label }) => Math.min(least, (room - labelWidth(label, year)) / (year - first + before)),
    room / (span + 2 * before),
  )
  const rows = layOut(sorted, perYear)
  const depth = Math.max(0, ...rows) + 1
  const groups = [...new Set(sorted.map(({ group }) => group ?? ''))]
  const traces = groups.flatMap((group, g): Trace[] => {
    const color = seriesColor(g)
    const own = sorted.flatMap((event, i) => ((event.group ?? '') === group ? [{ event, row: rows[i] }] : []))
    const stems = own.flatMap(({ event, row }) => [
      [event.year, 0],
      [event.year, row + 1],
      [NaN, NaN],
    ])
    const points: ScatterTrace = {
      kind: 'scatter',
      name: group === '' ? undefined : group,
      x: Float64Array.from(own, ({ event }) => event.year),
      y: Float64Array.from(own, ({ row }) => row + 1),
      size: 9,
      opacity: 1,
      color,
      hover: own.map(({ event }) => `${event.year} · ${event.label}${event.text ? `: ${event.text}` : ''}`),
    }
    return [
      {
        kind: 'line',
        x: Float64Array.from(stems, ([x]) => x),
        y: Float64Array.from(stems, ([, y]) => y),
        color,
        lineWidth: 1,
        opacity: 0.45,
      },
      points,
    ]
  })
  const annotations = sorted.map((event, i): Annotation => {
    return { x: event.year + 8 / perYear, y: rows[i] + 1, text: `${event.label} ${event.year}`, anchor: 'start' }
  })
  return chart(
    traces,
    {
      width,
      height: 96 + depth * rowHeight + (groups.length > 1 ? 20 : 0),
      ...options,
      annotations: [...annotations, ...(options.annotations ?? [])],
    },
    {
      x: { limits: [first - before, first - before + room / Math.max(perYear, 1e-9)], integers: true, plain: true },
      y: { limits: [0, depth + 0.6], hidden: true },
    },
  )
}

/** Pixels of a label with the gap beside its point. */
function labelWidth(label: string, year: number): number {
  return 16 + textWidth(`${label} ${year}`, size) * 1.04
}

/** The lowest row in which each label has room. */
function layOut(events: readonly TimelineEvent[], perYear: number): number[] {
  const ends: number[] = []
  return events.map(({ year, label }) => {
    const start = year * perYear
    const free = ends.findIndex((end) => end <= start)
    const row = free < 0 ? ends.length : free
    ends[row] = start + labelWidth(label, year) + 10
    return row
  })
}
