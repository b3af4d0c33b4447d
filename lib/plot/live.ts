/**
 * A picture that changes: one display id, drawn at most a few times a second, and never for more than a small share of
 * the time, however long its drawing takes.
 */
import { randomUUID } from 'node:crypto'
import { displaySink, type MimeBundle } from './mime.js'

/** Settings of `live`. */
export interface LiveOptions {
  /** Least milliseconds between two drawings; default 200. */
  interval?: number
  /** Milliseconds of a clock that never goes back; default performance.now. */
  now?: () => number
}

/** Drawing takes at most one part in so many of the time. */
const share = 20

export class LiveDisplay {
  readonly id = `gradbook-${randomUUID()}`
  readonly now: () => number
  private readonly interval: number
  private next = -Infinity
  private shown = false

  constructor({ interval = 200, now = () => performance.now() }: LiveOptions = {}) {
    this.interval = interval
    this.now = now
  }

  /** True when the picture may be drawn again. */
  due(time: number): boolean {
    return time >= this.next
  }

  /** Draws now: shows the picture the first time, replaces it afterwards. */
  draw(render: () => MimeBundle): void {
    const start = this.now()
    const bundle = render()
    if (this.shown) displaySink().update(bundle, this.id)
    else displaySink().display(bundle, this.id)
    this.shown = true
    const end = this.now()
    this.next = end + Math.max(this.interval, (end - start) * share)
  }

  /** Prints a line where only text is shown; does nothing where pictures are. */
  print(line: string): void {
    if (displaySink().plain) displaySink().display({ 'text/plain': line })
  }

  /** True where only text is shown. */
  get plain(): boolean {
    return displaySink().plain === true
  }
}
