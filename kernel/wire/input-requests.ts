/** Questions of cells to the user: input_request on the stdin channel, input_reply back to the cell that waits. */
import type { MessagePort } from 'node:worker_threads'
import { Slot, type InputAnswer, type ToWire } from './link.js'
import { log } from './log.js'
import type { Message } from './messages.js'
import type { OutputRouter } from './outputs.js'
import { string } from './requests.js'
import type { WireKernel } from './wire-kernel.js'

export type InputEvent = Extract<ToWire, { type: 'input' }>

export class InputRequests {
  /** Open questions by the id of our request, oldest first: the main thread's number, and the cell that asked. */
  private readonly open = new Map<string, { question: number; cell: number }>()

  constructor(
    private readonly kernel: WireKernel,
    private readonly outputs: OutputRouter,
    private readonly shared: Int32Array,
    private readonly port: MessagePort,
  ) {}

  ask({ id, question, prompt, password }: InputEvent): void {
    const request = this.outputs.parent(id)?.request
    if (!request) return
    this.outputs.flush() // what was printed before the question stands above it
    const sent = this.kernel.sendTo('stdin', request, 'input_request', { prompt, password })
    this.open.set(sent.msg_id, { question, cell: id })
  }

  /** An answer. Some front ends do not say to which question: then it is the oldest one's. */
  answer(message: Message): void {
    const asked = (message.parentHeader as { msg_id?: string }).msg_id ?? ''
    const id = this.open.has(asked) ? asked : this.open.keys().next().value
    if (id === undefined) return log('ignored an input_reply: nothing was asked')
    const value = string(message.content, 'value')
    const { question } = this.open.get(id)!
    this.open.delete(id)
    this.port.postMessage({ question, value } satisfies InputAnswer)
    Atomics.add(this.shared, Slot.answers, 1)
    Atomics.notify(this.shared, Slot.answers)
  }

  /** A cell has ended: nobody waits for answers to its questions any more. */
  forget(cell: number): void {
    for (const [request, asked] of this.open) if (asked.cell === cell) this.open.delete(request)
  }
}
