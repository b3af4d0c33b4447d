/**
 * Execute requests, one at a time. The main thread gets the next cell only when the last one is done; what it prints
 * meanwhile is published under the cell that printed it, which may have ended long ago (a timer).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Slot, type Outcome, type ToWire } from './link.js'
import type { Header, Json, Message } from './messages.js'
import { executeContent, type ExecuteContent } from './requests.js'
import { StreamBuffer } from './stream-buffer.js'
import { errorContent, type WireKernel } from './wire-kernel.js'

/** What the main thread does for cells. */
export type OutputEvent = Exclude<ToWire, { type: 'fatal' }>

interface Execution {
  id: number
  request: Message
  content: ExecuteContent
  executionCount: number
  started: string
}

/** So many executions can still receive late output; older ones are forgotten. */
const rememberedParents = 10_000
/** Requests that a front end sent together with a failing one have arrived after this pause. */
const drainMs = 5

export class ExecutionQueue {
  private readonly waiting: Message[] = []
  private readonly parents = new Map<number, { header: Header; silent: boolean; executionCount: number }>()
  private readonly streams = new StreamBuffer((id, name, text) => this.publishOutput(id, 'stream', { name, text }))
  private running: Execution | undefined
  private serial = 0
  private count = 0

  constructor(
    private readonly kernel: WireKernel,
    private readonly shared: Int32Array,
  ) {}

  add(request: Message): void {
    this.waiting.push(request)
    this.startNext()
  }

  /** Publishes busy once more for the cell that runs, if any. */
  repeatBusy(): void {
    if (this.running) this.kernel.status(this.running.request.header, 'busy')
  }

  /** Something that the main thread did. */
  receive(event: OutputEvent): void {
    if (event.type === 'stream') {
      Atomics.sub(this.shared, Slot.backlog, event.text.length)
      Atomics.notify(this.shared, Slot.backlog)
      this.streams.add(event.id, event.name, event.text)
      return
    }
    this.streams.flush()
    if (event.type === 'done') void this.finish(event.id, event.outcome)
    else if (event.type === 'result') this.publishResult(event.id, event.data, event.metadata)
    else {
      const transient = event.displayId === undefined ? {} : { display_id: event.displayId }
      const type = event.update ? 'update_display_data' : 'display_data'
      this.publishOutput(event.id, type, { data: event.data, metadata: event.metadata, transient })
    }
  }

  private startNext(): void {
    while (!this.running) {
      const request = this.waiting.shift()
      if (!request) return
      this.start(request)
    }
  }

  private start(request: Message): void {
    this.kernel.status(request.header, 'busy')
    let content: ExecuteContent
    try {
      content = executeContent(request.content)
    } catch (error) {
      this.end(request, { ...errorContent(error), execution_count: this.count })
      return
    }
    if (content.storeHistory) this.count++
    const { code, silent, storeHistory: counted, userExpressions } = content
    const [id, executionCount] = [++this.serial, this.count]
    this.running = { id, request, content, executionCount, started: new Date().toISOString() }
    this.remember(id, { header: request.header, silent, executionCount })
    this.publishOutput(id, 'execute_input', { code, execution_count: executionCount })
    this.kernel.toMain({ type: 'execute', id, code, executionCount, silent, counted, userExpressions })
  }

  private async finish(id: number, outcome: Outcome): Promise<void> {
    const running = this.running
    if (running?.id !== id) return
    const { request, content, executionCount, started } = running
    let aborted: Message[] = []
    let reply: Json
    if (outcome.status === 'ok') {
      reply = { status: 'ok', user_expressions: outcome.userExpressions, payload: [] }
    } else {
      this.publishOutput(id, 'error', { ...outcome.error })
      reply = { status: 'error', ...outcome.error, user_expressions: {}, payload: [] }
      if (content.stopOnError) {
        await sleep(drainMs)
        aborted = this.waiting.splice(0)
      }
    }
    this.running = undefined
    this.end(request, { ...reply, execution_count: executionCount }, { started })
    for (const other of aborted) {
      this.kernel.status(other.header, 'busy')
      this.end(other, { status: 'aborted', execution_count: this.count })
    }
    this.startNext()
  }

  private end(request: Message, content: Json, metadata: Json = {}): void {
    this.kernel.reply('shell', request, content, metadata)
    this.kernel.status(request.header, 'idle')
  }

  private publishResult(id: number, data: Json, metadata: Json): void {
    const execution_count = this.parents.get(id)?.executionCount
    this.publishOutput(id, 'execute_result', { data, metadata, execution_count })
  }

  /** Publishes under the cell `id`, unless it was silent. */
  private publishOutput(id: number, type: string, content: Json): void {
    const parent = this.parents.get(id)
    if (parent && !parent.silent) this.kernel.publish(type, parent.header, content)
  }

  private remember(id: number, parent: { header: Header; silent: boolean; executionCount: number }): void {
    this.parents.set(id, parent)
    if (this.parents.size > rememberedParents) this.parents.delete(this.parents.keys().next().value!)
  }
}
