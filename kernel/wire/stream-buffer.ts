/**
 * Joins small writes into few stream messages. Jupyter's server drops output above 1,000 messages a second, and every
 * message costs a signature; a loop that logs 100,000 lines becomes a few dozen messages, in the order of the writes.
 * However much is written, and to whichever stream, it stays at half of the server's limit.
 */
import type { StreamName } from './link.js'

interface Segment {
  id: number
  name: StreamName
  parts: string[]
}

const flushAfterMs = 15
/** Time that each message takes up before the next flush. */
const msPerMessage = 2
const flushAtLength = 64 * 1024
/** Above so many switches between streams in one flush, order between stdout and stderr yields to few messages. */
const maxSegments = 32

export class StreamBuffer {
  private segments: Segment[] = []
  private length = 0
  private timer: NodeJS.Timeout | undefined
  /** Before this time nothing is published unless somebody asks for it. */
  private paused = 0

  constructor(private readonly publish: (id: number, name: StreamName, text: string) => void) {}

  add(id: number, name: StreamName, text: string): void {
    const same = (segment: Segment) => segment.id === id && segment.name === name
    let segment = this.segments.at(-1)
    if (!segment || !same(segment)) {
      segment = this.segments.length < maxSegments ? undefined : this.segments.findLast(same)
      if (!segment) this.segments.push((segment = { id, name, parts: [] }))
    }
    segment.parts.push(text)
    this.length += text.length
    const wait = this.paused - performance.now()
    if (this.length >= flushAtLength && wait <= 0) this.flush()
    else this.timer ??= setTimeout(() => this.flush(), Math.max(flushAfterMs, wait))
  }

  /** Must be called before anything else is published that the user could see after the text. */
  flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    const segments = this.segments
    this.segments = []
    this.length = 0
    this.paused = performance.now() + msPerMessage * segments.length
    for (const { id, name, parts } of segments) this.publish(id, name, parts.join(''))
  }
}
