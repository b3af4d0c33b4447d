/**
 * What child processes and native code write, seen from the I/O worker: read from the pipes while the main thread is
 * busy, decoded, and shown under the cell that runs, or the last one.
 */
import { readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { Slot, type StreamName } from './link.js'
import { log } from './log.js'
import type { OutputRouter } from './outputs.js'
import { inTurn } from './turn.js'

/** Milliseconds between looks at the pipes: while a cell runs or something was there, and otherwise. */
const looks = { busy: 10, idle: 100 }

export class CapturedOutput {
  // A character may be split between two reads, and the two by different threads.
  private readonly decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }
  private last = 0

  constructor(
    private readonly outputs: OutputRouter,
    private readonly shared: Int32Array,
    /** Deals with all that the main thread has sent until now: it was written earlier. */
    private readonly catchUp: () => void,
  ) {}

  /** Looks at the reading ends of the pipes from time to time: told of each arrival, it would race the main thread for it. */
  listen(ends: Readonly<Record<StreamName, number>>): void {
    const buffer = Buffer.allocUnsafe(1 << 20)
    const look = (): void => {
      let found = false
      inTurn(this.shared, () => {
        for (const name of ['stdout', 'stderr'] as const) {
          const length = readWaiting(ends[name], buffer)
          if (length === 0) continue
          found = true
          this.catchUp()
          this.receive(name, buffer.subarray(0, length))
        }
      })
      const isBusy = found || Atomics.load(this.shared, Slot.running) !== 0
      setTimeout(look, isBusy ? looks.busy : looks.idle).unref()
    }
    look()
  }

  receive(name: StreamName, bytes: Uint8Array, cell = this.current()): void {
    const text = this.decoders[name].write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    if (text === '') return
    if (cell === 0)
      log(text.trimEnd()) // before the first cell there is no parent to print under
    else this.outputs.stream(cell, name, text)
  }

  private current(): number {
    const running = Atomics.load(this.shared, Slot.running)
    if (running !== 0) this.last = running
    return this.last
  }
}

/** Reads what waits in a pipe, which may be nothing. */
function readWaiting(end: number, buffer: Buffer): number {
  try {
    return readSync(end, buffer)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') log(`captured output: ${(error as Error).message}`)
    return 0
  }
}
