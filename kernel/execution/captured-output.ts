/**
 * The file descriptors 1 and 2 of this process, to which child processes and native code write. They become pipes: the
 * I/O worker shows what arrives while this thread is busy, and this thread sends on the rest before any output of its
 * own, so that both stay in the order in which they were written.
 */
import { addon, type Addon } from '../../lib/device/addon.js'
import type { StreamName } from '../wire/link.js'
import { log, logTo } from '../wire/log.js'

/** So many reads at a time, lest a child that never stops writing keeps the cell from going on. */
const maxReads = 16

export class CapturedOutput {
  private constructor(
    private readonly engine: Addon,
    /** The reading ends. */
    readonly ends: Readonly<Record<StreamName, number>>,
    /** What descriptor 2 was: the server's log. */
    readonly log: number,
  ) {}

  /** Begins to capture, for good. null where the system refuses. `process.stdout` must have been used before: it makes its descriptor non-blocking. */
  static start(): CapturedOutput | null {
    try {
      const engine = addon()
      const { stdout, stderr, log } = engine.captureOutput()
      logTo(log)
      return new CapturedOutput(engine, { stdout, stderr }, log)
    } catch (error) {
      log(`output of child processes and native code is not shown: ${(error as Error).message}`)
      return null
    }
  }

  /** Takes what has been written and not been read yet. */
  drain(take: (name: StreamName, bytes: Uint8Array) => void): void {
    for (const name of ['stdout', 'stderr'] as const)
      for (let reads = 0; reads < maxReads; reads++) {
        const bytes = this.engine.readOutput(this.ends[name])
        if (!bytes) break
        take(name, bytes)
      }
  }
}
