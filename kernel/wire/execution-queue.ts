/**
 * Execute requests, one at a time: the main thread gets the next cell only when the last one is done.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { History } from './history.js'
import type { Outcome } from './link.js'
import type { Json, Message } from './messages.js'
import type { OutputRouter } from './outputs.js'
import { executeContent, type ExecuteContent } from './requests.js'
import { errorContent, type WireKernel } from './wire-kernel.js'

interface Execution {
  id: number
  request: Message
  content: ExecuteContent
  executionCount: number
  started: string
}

/** Requests that a front end sent together with a failing one have arrived after this pause. */
const drainMs = 5

export class ExecutionQueue {
  private readonly waiting: Message[] = []
  private running: Execution | undefined

  constructor(
    private readonly kernel: WireKernel,
    private readonly outputs: OutputRouter,
    private readonly history: History,
    /** Shared by all queues, so that a number names one cell. */
    private readonly counter: { count: number },
  ) {}

  add(request: Message): void {
    this.waiting.push(request)
    this.startNext()
  }

  get isRunning(): boolean {
    return this.running !== undefined
  }

  /** Publishes busy once more for the cell that runs, if any. */
  repeatBusy(): void {
    if (this.running) this.kernel.status(this.running.request.header, 'busy')
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
      this.end(request, { ...errorContent(error), execution_count: this.counter.count })
      return
    }
    if (content.storeHistory) this.counter.count++
    const { code, silent, storeHistory: counted, allowStdin, userExpressions } = content
    const executionCount = this.counter.count
    const id = this.outputs.register({ request, silent, executionCount })
    this.running = { id, request, content, executionCount, started: new Date().toISOString() }
    this.outputs.publish(id, 'execute_input', { code, execution_count: executionCount })
    this.kernel.toMain({ type: 'execute', id, code, executionCount, silent, counted, allowStdin, userExpressions })
  }

  /** The main thread has run the cell. */
  async finish(id: number, outcome: Outcome): Promise<void> {
    const running = this.running
    if (running?.id !== id) return
    const { request, content, executionCount, started } = running
    const result = outcome.status === 'ok' ? outcome.result : undefined
    if (content.storeHistory) this.history.add(executionCount, content.code, result)
    let aborted: Message[] = []
    let reply: Json
    if (outcome.status === 'ok') {
      reply = { status: 'ok', user_expressions: outcome.userExpressions, payload: outcome.payload }
    } else {
      this.outputs.publish(id, 'error', { ...outcome.error })
      reply = { status: 'error', ...outcome.error, user_expressions: {}, payload: [] }
      if (content.stopOnError) {
        await sleep(drainMs)
        aborted = this.waiting.splice(0)
      }
    }
    this.running = undefined
    this.end(request, { ...reply, execution_count: executionCount }, { started })
    this.refuse(aborted)
    this.startNext()
  }

  /** Answers the waiting cells that they will not run. */
  abort(): void {
    this.refuse(this.waiting.splice(0))
  }

  private refuse(requests: readonly Message[]): void {
    for (const request of requests) {
      this.kernel.status(request.header, 'busy')
      this.end(request, { status: 'aborted', execution_count: this.counter.count })
    }
  }

  private end(request: Message, content: Json, metadata: Json = {}): void {
    this.kernel.reply('shell', request, content, metadata)
    this.kernel.status(request.header, 'idle')
  }
}
