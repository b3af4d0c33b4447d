/**
 * Where the main thread's outputs go: each names the request whose code made it, which may have ended long ago (a
 * timer), and is published under that request.
 */
import { Slot, type StreamName, type ToWire } from './link.js'
import type { Json, Message } from './messages.js'
import { StreamBuffer } from './stream-buffer.js'
import type { WireKernel } from './wire-kernel.js'

/** What appears under a request. */
export type OutputEvent = Extract<ToWire, { type: 'stream' | 'display' | 'result' | 'clear' }>

export interface Parent {
  request: Message
  silent: boolean
  executionCount: number
}

/** So many requests can still receive late output; older ones are forgotten. */
const rememberedParents = 10_000

export class OutputRouter {
  private readonly parents = new Map<number, Parent>()
  private readonly streams = new StreamBuffer((id, name, text) => this.publish(id, 'stream', { name, text }))
  private serial = 0

  constructor(
    private readonly kernel: WireKernel,
    private readonly shared: Int32Array,
  ) {}

  /** A serial number for the code that a request runs. */
  register(parent: Parent): number {
    // Long after it only its header and its sender count: buffers of widgets would fill the memory.
    const request = { ...parent.request, content: {}, buffers: [] }
    this.parents.set(++this.serial, { ...parent, request })
    if (this.parents.size > rememberedParents) this.parents.delete(this.parents.keys().next().value!)
    return this.serial
  }

  parent(id: number): Parent | undefined {
    return this.parents.get(id)
  }

  /** Publishes what is still being collected; must come before anything that the user could see after it. */
  flush(): void {
    this.streams.flush()
  }

  receive(event: OutputEvent): void {
    if (event.type === 'stream') {
      Atomics.sub(this.shared, Slot.backlog, event.text.length)
      Atomics.notify(this.shared, Slot.backlog)
      this.stream(event.id, event.name, event.text)
      return
    }
    this.flush()
    if (event.type === 'clear') this.publish(event.id, 'clear_output', { wait: event.wait })
    else if (event.type === 'result') {
      const execution_count = this.parents.get(event.id)?.executionCount
      this.publish(event.id, 'execute_result', { data: event.data, metadata: event.metadata, execution_count })
    } else {
      const transient = event.displayId === undefined ? {} : { display_id: event.displayId }
      const type = event.update ? 'update_display_data' : 'display_data'
      this.publish(event.id, type, { data: event.data, metadata: event.metadata, transient })
    }
  }

  stream(id: number, name: StreamName, text: string): void {
    this.streams.add(id, name, text)
  }

  /** Publishes under the request of `id`, unless it was silent. */
  publish(id: number, type: string, content: Json): void {
    const parent = this.parents.get(id)
    if (parent && !parent.silent) this.kernel.publish(type, parent.request.header, content)
  }
}
