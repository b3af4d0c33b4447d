/**
 * The stop button, seen from the I/O worker. Rung by rung, until the main thread has taken note:
 * 1. a flag in shared memory, read by rewritten loops and by the library, and a message for a cell that awaits;
 * 2. SIGINT, for synchronous code that reads no flag (the main thread runs it so that SIGINT breaks it);
 * 3. termination through the inspector, for such code after an await.
 * The third rung must never hit a timer callback, where it would abort the process: timers of cells run under the second.
 */
import { Session } from 'node:inspector'
import { Slot, type ToMain } from './link.js'
import { log } from './log.js'

/** Time for the first rung: its error carries a stack and runs `finally` blocks, so it is worth waiting for. */
const graceMs = 120

export class StopLadder {
  /** The cell that the last stop was meant for. */
  private stopped = 0
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly shared: Int32Array,
    private readonly toMain: (message: ToMain) => void,
  ) {}

  request(): void {
    const running = this.read(Slot.running)
    // Asked again while the same cell still runs: it caught the first stop, so this one cannot be caught.
    const hard = running !== 0 && running === this.stopped
    this.stopped = running
    Atomics.add(this.shared, Slot.requested, 1)
    Atomics.store(this.shared, Slot.flag, 1)
    this.toMain({ type: 'interrupt', hard })
    clearTimeout(this.timer)
    if (hard && this.inSection()) process.kill(process.pid, 'SIGINT')
    this.timer = setTimeout(() => this.climb(), graceMs)
  }

  private climb(): void {
    if (this.read(Slot.acknowledged) >= this.read(Slot.requested)) return
    if (this.read(Slot.ready) === 1) {
      if (this.inSection()) process.kill(process.pid, 'SIGINT')
      else terminateMainThread()
      // Termination may have swallowed the message.
      this.toMain({ type: 'interrupt', hard: true })
    }
    this.timer = setTimeout(() => this.climb(), graceMs)
  }

  private inSection(): boolean {
    return this.read(Slot.section) === 1
  }

  private read(slot: number): number {
    return Atomics.load(this.shared, slot)
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
