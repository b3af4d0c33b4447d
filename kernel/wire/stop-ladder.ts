/**
 * The stop button, seen from the I/O worker. Rung by rung, until the main thread has taken note:
 * 1. a flag in shared memory, read by rewritten loops and by the library, and a message for a cell that awaits;
 * 2. what SIGINT does, for synchronous code that reads no flag (the main thread runs it so that SIGINT breaks it);
 * 3. termination through the inspector, for such code after an await.
 * The third rung must never hit a timer callback, where it would abort the process: timers of cells run under the second.
 * A cell that waits for a child process without await reads nothing and cannot be broken: there the child gets the
 * signals, ever stronger ones, and the cell finds the flag when the child has ended.
 */
import { Session } from 'node:inspector'
import { addon } from '../../lib/device/addon.js'
import { foreground, processTable } from './child-processes.js'
import { Slot, type ToMain } from './link.js'
import { log } from './log.js'

/**
 * Time for the first rung: its error carries a stack and runs `finally` blocks, so it is worth waiting for. Later rungs
 * are tried after ever longer times: what one of them has begun still works when native code returns much later.
 */
const graceMs = 120
const longestGraceMs = 2000
/** Milliseconds between looks at the heap, while a cell runs and otherwise. A cell can fill a gigabyte in a second. */
const looks = { busy: 20, idle: 200 }
/** When a child gets which signal, after the stop was asked for. */
const childSignals = [
  { afterMs: 0, signal: 'SIGINT' },
  { afterMs: 2000, signal: 'SIGTERM' },
  { afterMs: 4000, signal: 'SIGKILL' },
] as const
/** After this time the user is told why nothing happens. */
const patienceMs = 3000

const stuck =
  'The cell is in native code that does not look at the stop button; it stops as soon as that returns.\n' +
  'To end it at once, restart the kernel, which loses all variables.\n'

export interface LadderParts {
  shared: Int32Array
  toMain: (message: ToMain) => void
  /** Shows text on stderr under a cell. */
  tell: (cell: number, text: string) => void
}

export class StopLadder {
  /** Child processes that run beside the cells. */
  readonly beside = new Set<number>()
  /** The cell that the last stop was meant for. */
  private stopped = 0
  private asked = 0
  private hard = false
  private heapIsFull = false
  private told = false
  /** Signals that were sent for this stop, each to a process once. */
  private readonly sent = new Set<string>()
  private nextMs = graceMs
  private timer: NodeJS.Timeout | undefined

  constructor(private readonly parts: LadderParts) {}

  /** Looks from time to time whether the heap of the cells is full. Loops have seen that by themselves; other code is stopped at once. */
  watchHeap(): void {
    const wasFull = this.heapIsFull
    this.heapIsFull = this.read(Slot.heapFull) === 1
    if (this.heapIsFull && !wasFull) this.request(true)
    setTimeout(() => this.watchHeap(), this.read(Slot.running) === 0 ? looks.idle : looks.busy).unref()
  }

  /** `hard`: the stop cannot be caught. */
  request(hard = false): void {
    const running = this.read(Slot.running)
    // Asked again while the same cell still runs: it caught the first stop.
    this.hard = hard || (running !== 0 && running === this.stopped)
    this.stopped = running
    this.asked = performance.now()
    this.told &&= this.hard
    this.sent.clear()
    Atomics.add(this.parts.shared, Slot.requested, 1)
    Atomics.store(this.parts.shared, Slot.flag, 1)
    this.parts.toMain({ type: 'interrupt', hard: this.hard })
    clearTimeout(this.timer)
    if (this.read(Slot.children) > 0) this.signalChildren()
    else if (this.hard && this.inSection()) this.breakSection()
    this.nextMs = graceMs
    this.timer = setTimeout(() => this.climb(), graceMs)
  }

  private climb(): void {
    if (this.read(Slot.acknowledged) >= this.read(Slot.requested)) return
    if (this.read(Slot.children) > 0) this.signalChildren()
    else if (this.read(Slot.ready) === 1) {
      if (this.inSection()) this.breakSection()
      else terminateMainThread()
      this.nextMs = Math.min(2 * this.nextMs, longestGraceMs)
      // Termination may have swallowed the message.
      this.parts.toMain({ type: 'interrupt', hard: true })
      this.explain()
    }
    this.timer = setTimeout(() => this.climb(), this.nextMs)
  }

  private breakSection(): void {
    Atomics.add(this.parts.shared, Slot.signals, 1)
    if (!breakScript()) process.kill(process.pid, 'SIGINT')
  }

  private explain(): void {
    const running = this.read(Slot.running)
    if (this.told || running === 0 || performance.now() - this.asked < patienceMs) return
    this.told = true
    this.parts.tell(running, stuck)
  }

  private signalChildren(): void {
    const waited = performance.now() - this.asked
    const { signal } = this.hard ? childSignals[2] : childSignals.findLast(({ afterMs }) => waited >= afterMs)!
    for (const pid of foreground(processTable(), process.pid, this.beside)) {
      const key = `${pid} ${signal}`
      if (this.sent.has(key)) continue
      this.sent.add(key)
      try {
        process.kill(pid, signal)
      } catch (error) {
        // ESRCH: it has ended meanwhile. What belongs to another user cannot be stopped by us.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') log(`${signal} to ${pid}: ${(error as Error).message}`)
      }
    }
  }

  private inSection(): boolean {
    return this.read(Slot.section) === 1
  }

  private read(slot: number): number {
    return Atomics.load(this.parts.shared, slot)
  }
}

function breakScript(): boolean {
  try {
    return addon().breakScript()
  } catch {
    return false // there is no engine: then the signal has to do
  }
}

function terminateMainThread(): void {
  const session = new Session()
  try {
    session.connectToMainThread()
    session.post('Runtime.terminateExecution', () => session.disconnect())
  } catch (error) {
    log(`could not stop the main thread: ${(error as Error).message}`)
  }
}
