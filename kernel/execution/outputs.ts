/**
 * The way of every output from the main thread to the I/O worker. Messages leave at once, so that text appears even if
 * the cell never returns to the event loop; joining small writes is the I/O worker's job.
 */
import type { MessagePort } from 'node:worker_threads'
import { Slot, type MimeData, type StreamName, type ToWire } from '../wire/link.js'
import { log } from '../wire/log.js'
import { inTurn } from '../wire/turn.js'
import type { CapturedOutput } from './captured-output.js'
import type { Execution, ExecutionContext } from './context.js'

/** Characters on their way above which a cell that prints waits, lest it fill the memory. */
const maxBacklog = 8 * 1024 * 1024
/** A longer text is sent in parts of this length. */
const partLength = 1024 * 1024

/** Whether a UTF-16 unit is the first half of a character: the second may not be cut off. */
const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00

export class Outputs {
  private captured: CapturedOutput | undefined

  constructor(
    private readonly wire: MessagePort,
    private readonly shared: Int32Array,
    private readonly context: ExecutionContext,
  ) {}

  stream(name: StreamName, text: string, execution = this.context.current): void {
    if (!execution) return log(text.trimEnd()) // before the first cell there is no parent to print under
    for (let at = 0, end = 0; at < text.length; at = end) {
      end = at + partLength
      if (isHighSurrogate(text.charCodeAt(end - 1))) end++
      const part = text.slice(at, end)
      const backlog = Atomics.add(this.shared, Slot.backlog, part.length) + part.length
      this.send({ type: 'stream', id: execution.id, name, text: part })
      if (backlog > maxBacklog) Atomics.wait(this.shared, Slot.backlog, backlog, 100)
    }
  }

  display(
    data: MimeData,
    metadata: MimeData,
    displayId: string | undefined,
    update: boolean,
    execution = this.context.current,
  ): void {
    if (!execution) return log(JSON.stringify(data['text/plain']))
    const message = { type: 'display', id: execution.id, data, metadata, update } as const
    this.send(displayId === undefined ? message : { ...message, displayId })
  }

  clear(wait: boolean): void {
    const execution = this.context.current
    if (execution) this.send({ type: 'clear', id: execution.id, wait })
  }

  result(execution: Execution, data: MimeData, metadata: MimeData): void {
    this.send({ type: 'result', id: execution.id, data, metadata })
  }

  send(message: ToWire): void {
    if (!this.captured) return this.wire.postMessage(message)
    const { captured } = this
    // What was written before this stands above it.
    inTurn(this.shared, () => {
      captured.drain((name, bytes) =>
        this.wire.postMessage({ type: 'raw', id: this.context.current?.id ?? 0, name, bytes } satisfies ToWire),
      )
      this.wire.postMessage(message)
    })
  }

  /** Shows from now on what child processes and native code write. */
  capture(captured: CapturedOutput): void {
    this.send({ type: 'captured', ends: captured.ends, log: captured.log })
    this.captured = captured
  }
}
