/**
 * A progress bar around any loop: `for (const batch of progress(loader))`. Loops inside one another share one display;
 * the inner bar gives way to the next inner bar.
 */
import { activeDisplays, type ActiveDisplay, type FinishReason } from './active.js'
import { fixed } from './format.js'
import { LiveDisplay, type LiveOptions } from './live.js'
import { Meter, type RunState, stateColors, textBar } from './meter.js'
import type { MimeBundle } from './mime.js'
import { describe } from './numbers.js'
import { fitText, ink, svgDocument, tag, text, textWidth } from './svg.js'

/** Settings of `progress`. */
export interface ProgressOptions extends LiveOptions {
  /** Number of items; default: the source's length or size, when it has one. */
  total?: number
  /** Text before the bar; default none. */
  description?: string
  /** A training dashboard that shows this loop's progress itself: it learns its steps per epoch, and no bar is drawn. */
  board?: { stepsPerEpoch: number | undefined }
}

/** How long a log without pictures stays silent at most, in seconds. */
const plainInterval = 10

/** One loop. */
class Row {
  count = 0
  state: RunState = 'running'
  nextLine = plainInterval
  readonly meter: Meter

  constructor(
    readonly description: string,
    readonly total: number | undefined,
    now: () => number,
  ) {
    this.meter = new Meter(now)
  }

  get fraction(): number | undefined {
    if (this.state === 'done') return 1
    return this.total === undefined || this.total === 0 ? undefined : Math.min(1, this.count / this.total)
  }

  get counts(): string {
    return fixed(this.count, 0) + (this.total === undefined ? '' : `/${fixed(this.total, 0)}`)
  }

  toString(): string {
    const stopped = { running: '', done: '', paused: 'paused', interrupted: 'stopped', error: 'stopped by an error' }[
      this.state
    ]
    const bar = this.fraction === undefined ? '' : textBar(this.fraction)
    const timing = this.meter.describe(this.count, this.total, this.state)
    return [this.description, bar, [this.counts, timing, stopped].filter(Boolean).join(' · ')].filter(Boolean).join(' ')
  }
}

/** The loops that run inside one another, under one display id. */
class ProgressGroup implements ActiveDisplay {
  private rows: Row[] = []
  private readonly live: LiveDisplay

  constructor(options: LiveOptions) {
    this.live = new LiveDisplay(options)
  }

  start(description: string, total: number | undefined): Row {
    const row = new Row(description, total, this.live.now)
    // What has finished inside gives way; the outermost row always stays.
    this.rows = this.rows.filter((r, i) => i === 0 || r.state === 'running')
    this.rows.push(row)
    activeDisplays.add(this)
    if (!this.live.plain && this.live.due(this.live.now())) this.draw()
    return row
  }

  advance(row: Row): void {
    if (row.state !== 'running') {
      row.state = 'running'
      row.meter.resume()
      activeDisplays.add(this)
    }
    row.count++
    if (!this.live.due(this.live.now())) return
    if (!this.live.plain) this.draw()
    else if (row.meter.seconds >= row.nextLine) {
      row.nextLine = row.meter.seconds + plainInterval
      this.live.print(String(row))
    }
  }

  stop(row: Row, state: RunState): void {
    if (row.state !== 'running') return
    row.state = state
    row.meter.stop()
    if (this.rows.some((r) => r.state === 'running')) return
    this.close()
  }

  finish(reason: FinishReason): void {
    for (const row of this.rows) {
      if (row.state !== 'running') continue
      row.state = reason === 'done' ? 'paused' : reason
      row.meter.stop()
    }
    this.close()
  }

  private close(): void {
    activeDisplays.delete(this)
    if (current === this) current = undefined
    // Inner loops that went well have nothing more to say.
    this.rows = this.rows.filter((row, i) => i === 0 || row.state !== 'done')
    if (this.live.plain) this.live.print(this.rows.join('\n'))
    else this.draw()
  }

  private draw(): void {
    this.live.draw(() => this.render())
  }

  private render(): MimeBundle {
    return { 'image/svg+xml': progressSvg(this.rows), 'text/plain': this.rows.join('\n') }
  }
}

/** The group that loops starting now belong to. */
let current: ProgressGroup | undefined

/**
 * The same items with a progress bar: count, speed and remaining time; green when done, red when the loop was left early
 * or an error ended it. Takes what `for…of` and `for await…of` take, or a number n for 0 … n−1. Throws TypeError for
 * anything else.
 */
export function progress(count: number, options?: ProgressOptions): Iterable<number>
export function progress<T>(source: Iterable<T>, options?: ProgressOptions): Iterable<T>
export function progress<T>(source: AsyncIterable<T>, options?: ProgressOptions): AsyncIterable<T>
export function progress<T>(
  source: number | Iterable<T> | AsyncIterable<T>,
  options: ProgressOptions = {},
): Iterable<T | number> & AsyncIterable<T> {
  const items = typeof source === 'number' ? range(source) : source
  const total = options.total ?? sizeOf(items)
  const { description = '', board } = options
  if (board) {
    board.stepsPerEpoch ??= total
    return items as Iterable<T> & AsyncIterable<T>
  }
  const begin = (): [ProgressGroup, Row] => {
    const group = (current ??= new ProgressGroup(options))
    return [group, group.start(description, total)]
  }
  const wrapped: Partial<Iterable<T | number> & AsyncIterable<T>> = {}
  if (isIterable(items)) {
    wrapped[Symbol.iterator] = () => track(items[Symbol.iterator](), ...begin())
  }
  if (isAsyncIterable(items)) {
    wrapped[Symbol.asyncIterator] = () => trackAsync(items[Symbol.asyncIterator](), ...begin())
  }
  if (!wrapped[Symbol.iterator] && !wrapped[Symbol.asyncIterator]) {
    throw new TypeError(`progress: got ${describe(items)}; something that for…of can loop over is expected`)
  }
  return wrapped as Iterable<T | number> & AsyncIterable<T>
}

function track<T>(inner: Iterator<T>, group: ProgressGroup, row: Row): IterableIterator<T> {
  let taken = false
  const settle = (result: IteratorResult<T>): IteratorResult<T> => {
    // An item counts when the loop comes back for the next one.
    if (taken) group.advance(row)
    taken = !result.done
    if (result.done) group.stop(row, 'done')
    return result
  }
  return {
    [Symbol.iterator]() {
      return this
    },
    next() {
      try {
        return settle(inner.next())
      } catch (error) {
        group.stop(row, 'error')
        throw error
      }
    },
    return(value) {
      group.stop(row, 'interrupted')
      return inner.return?.(value) ?? { done: true, value }
    },
    throw(error) {
      group.stop(row, 'error')
      if (inner.throw) return inner.throw(error)
      throw error
    },
  }
}

function trackAsync<T>(inner: AsyncIterator<T>, group: ProgressGroup, row: Row): AsyncIterableIterator<T> {
  let taken = false
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      try {
        const result = await inner.next()
        if (taken) group.advance(row)
        taken = !result.done
        if (result.done) group.stop(row, 'done')
        return result
      } catch (error) {
        group.stop(row, 'error')
        throw error
      }
    },
    async return(value) {
      group.stop(row, 'interrupted')
      return (await inner.return?.(value)) ?? { done: true, value: await value }
    },
    async throw(error) {
      group.stop(row, 'error')
      if (inner.throw) return inner.throw(error)
      throw error
    },
  }
}

function progressSvg(rows: readonly Row[]): string {
  const width = 640
  const names = Math.max(
    0,
    ...rows.map((row) => (row.description ? Math.min(180, textWidth(row.description, 12) * 1.08 + 14) : 0)),
  )
  const body = rows.map((row, i) => {
    const y = 10 + i * 24
    const color = stateColors[row.state]
    const filled = row.fraction ?? (row.state === 'running' ? 0 : 1)
    const stopped = row.state === 'interrupted' || row.state === 'error'
    const timing = row.meter.describe(row.count, row.total, row.state)
    const label = [row.counts, timing, stopped ? 'stopped' : row.state === 'paused' ? 'paused' : '']
      .filter(Boolean)
      .join(' · ')
    return [
      row.description
        ? text(14, y + 9, fitText(row.description, 12, names - 10), { size: 12, color: ink.text, weight: 600 })
        : '',
      tag('rect', { x: 14 + names, y: y + 1, width: 230, height: 8, rx: 4, fill: ink.grid }),
      filled > 0
        ? tag('rect', { x: 14 + names, y: y + 1, width: Math.max(8, 230 * filled), height: 8, rx: 4, fill: color })
        : '',
      text(256 + names, y + 9, label, { size: 12, color: stopped ? color : ink.label, tabular: true }),
    ].join('')
  })
  return svgDocument(width, 8 + rows.length * 24, body.join(''), rows.map(String).join('; '))
}

function range(n: number): Iterable<number> & { length: number } {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`progress: got ${n}; a whole number from 0 is expected`)
  function* count() {
    for (let i = 0; i < n; i++) yield i
  }
  return { length: n, [Symbol.iterator]: count }
}

function sizeOf(source: unknown): number | undefined {
  const { length, size } = Object(source) as { length?: unknown; size?: unknown }
  const known = [length, size].find((n) => typeof n === 'number' && Number.isFinite(n))
  return known as number | undefined
}

function isIterable(value: unknown): value is Iterable<never> {
  return typeof (Object(value) as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function'
}

function isAsyncIterable(value: unknown): value is AsyncIterable<never> {
  return typeof (Object(value) as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === 'function'
}
