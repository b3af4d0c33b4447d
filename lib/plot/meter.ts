/** Speed and remaining time of a loop, counting only the time during which it ran. */
import { formatDuration, formatRate } from './format.js'

export type RunState = 'running' | 'done' | 'paused' | 'interrupted' | 'error'

/** Bar colours: running blue, done green, paused grey, stopped red. */
export const stateColors: Record<RunState, string> = {
  running: '#0072b2',
  done: '#16a34a',
  paused: '#9ca3af',
  interrupted: '#dc2626',
  error: '#dc2626',
}

export class Meter {
  private readonly begun: number
  private stopped: number | undefined
  /** Milliseconds between the end of one cell and the going on in another: they count for nothing. */
  private idle = 0

  constructor(private readonly now: () => number) {
    this.begun = now()
  }

  /** Seconds of running so far. */
  get seconds(): number {
    return ((this.stopped ?? this.now()) - this.begun - this.idle) / 1000
  }

  stop(): void {
    this.stopped ??= this.now()
  }

  resume(): void {
    if (this.stopped !== undefined) this.idle += this.now() - this.stopped
    this.stopped = undefined
  }

  /** `143 it/s · ETA 0:19` while running, `143 it/s · 0:42` afterwards; what is unknown is left out. */
  describe(count: number, total: number | undefined, state: RunState): string {
    const seconds = this.seconds
    const rate = count / seconds
    const parts = [formatRate(rate)]
    if (state !== 'running') parts.push(formatDuration(seconds, true))
    else if (total !== undefined && count > 0 && count <= total)
      parts.push(`ETA ${formatDuration((total - count) / rate)}`)
    else if (count > 0) parts.push(formatDuration(seconds))
    return parts.filter(Boolean).join(' · ')
  }
}

/** A bar of text, 24 characters wide: ━━━━━━━━╸─────── */
export function textBar(fraction: number, width = 24): string {
  const half = Math.round(Math.max(0, Math.min(1, fraction)) * width * 2)
  const full = Math.floor(half / 2)
  return '━'.repeat(full) + (half % 2 ? '╸' : '') + '─'.repeat(width - full - (half % 2))
}
