/**
 * What child processes and native code write, seen from the I/O worker: read from the pipes while the main thread is
 * busy, decoded, and shown under the cell that runs, or the last one.
 */
import { Socket } from 'node:net'
import { StringDecoder } from 'node:string_decoder'
import { Slot, type StreamName } from './link.js'
import { log } from './log.js'
import type { OutputRouter } from './outputs.js'

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

  /** Listens at the reading ends of the pipes. */
  listen(ends: Readonly<Record<StreamName, number>>): void {
    for (const name of ['stdout', 'stderr'] as const) {
      const socket = new Socket({ fd: ends[name], readable: true, writable: false })
      socket.on('data', (bytes: Buffer) => {
        this.catchUp()
        this.receive(name, bytes)
      })
      socket.on('error', (error) => log(`${name} of child processes is no longer shown: ${error.message}`))
    }
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
