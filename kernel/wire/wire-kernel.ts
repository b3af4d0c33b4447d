/**
 * The kernel as Jupyter sees it: receives requests, wraps each in busy and idle, sends replies and outputs under the
 * right parent. It runs in the I/O worker and never waits for the main thread, except for executing cells.
 */
import { randomUUID } from 'node:crypto'
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { Language } from '../language/protocol.js'
import type { ConnectionInfo } from './connection.js'
import { CapturedOutput } from './captured-output.js'
import { CommTable } from './comm-table.js'
import { ExecutionQueue } from './execution-queue.js'
import { handlers } from './handlers.js'
import { History, historyFolder } from './history.js'
import { InputRequests } from './input-requests.js'
import { Slot, type ToMain, type ToWire } from './link.js'
import { log, logTo } from './log.js'
import { decode, encode, makeHeader, MessageError, type Header, type Json, type Message } from './messages.js'
import { OutputRouter } from './outputs.js'
import { RequestError } from './requests.js'
import { SeenSignatures, Signer } from './signing.js'
import { Subshells } from './subshells.js'
import { Sockets, type RequestChannel } from './sockets.js'
import { StopLadder } from './stop-ladder.js'

type Parent = Header | Record<string, never>

/** Parts of a message that most do without. */
interface Extra {
  metadata?: Json
  buffers?: Buffer[]
}

export class WireKernel {
  readonly stop: StopLadder
  readonly subshells: Subshells
  readonly comms: CommTable
  readonly inputs: InputRequests
  readonly history = new History(historyFolder())
  private readonly outputs: OutputRouter
  private readonly captured: CapturedOutput
  private readonly session = randomUUID()
  private readonly signer: Signer
  private readonly sockets = new Sockets()
  private readonly seen = new SeenSignatures()
  /** How many messages could not be trusted or understood. */
  dropped = 0

  constructor(
    private readonly connection: ConnectionInfo,
    private readonly shared: Int32Array,
    readonly language: Language,
    private readonly main: MessagePort,
    input: MessagePort,
  ) {
    this.signer = new Signer(connection.key, connection.signature_scheme)
    this.outputs = new OutputRouter(this, shared)
    this.captured = new CapturedOutput(this.outputs, shared, () => {
      for (let got = receiveMessageOnPort(main); got; got = receiveMessageOnPort(main))
        this.fromMain(got.message as ToWire)
    })
    this.stop = new StopLadder({
      shared,
      toMain: (message) => this.toMain(message),
      tell: (cell, text) => this.outputs.stream(cell, 'stderr', text),
    })
    this.stop.watchHeap()
    const counter = { count: 0 }
    const makeQueue = (): ExecutionQueue => new ExecutionQueue(this, this.outputs, this.history, counter)
    this.subshells = new Subshells(makeQueue(), makeQueue)
    this.comms = new CommTable(this, this.outputs)
    this.inputs = new InputRequests(this, this.outputs, shared, input)
  }

  async open(): Promise<void> {
    await this.sockets.open(this.connection, {
      request: (channel, frames) => this.receive(channel, frames),
      subscribed: (topic) => this.publish('iopub_welcome', {}, { subscription: topic }),
    })
    this.publish('status', {}, { execution_state: 'starting' })
  }

  fromMain(event: ToWire): void {
    switch (event.type) {
      case 'fatal':
        return this.shutdown(1)
      case 'done':
        this.outputs.flush()
        this.inputs.forget(event.id)
        return this.subshells.finish(event.id, event.outcome)
      case 'input':
        return this.inputs.ask(event)
      case 'raw':
        return this.captured.receive(event.name, event.bytes, event.id)
      case 'captured':
        logTo(event.log)
        return this.captured.listen(event.ends)
      case 'child':
        return void (event.running ? this.stop.beside.add(event.pid) : this.stop.beside.delete(event.pid))
      case 'comm':
      case 'handled':
      case 'target':
        return this.comms.fromMain(event)
      default:
        return this.outputs.receive(event)
    }
  }

  toMain(message: ToMain): void {
    this.main.postMessage(message)
  }

  /** Broadcasts on iopub. */
  publish(type: string, parent: Parent, content: Json, extra: Extra = {}): void {
    this.send('iopub', [Buffer.from(type)], type, parent, content, extra)
  }

  /** Sends to the front end that `request` came from, as part of the conversation about it. */
  sendTo(channel: RequestChannel, request: Message, type: string, content: Json): Header {
    return this.send(channel, request.identities, type, request.header, content)
  }

  status(parent: Header, state: 'busy' | 'idle'): void {
    this.publish('status', parent, { execution_state: state })
  }

  reply(channel: RequestChannel, request: Message, content: Json, metadata: Json = {}): void {
    const type = request.header.msg_type.replace(/_request$/, '_reply')
    this.send(channel, request.identities, type, request.header, content, { metadata })
  }

  /** Ends the conversation and then the process; by force if the main thread does not answer in time. */
  shutdown(code = 0): void {
    this.sockets.close()
    this.toMain({ type: 'exit', code })
    // While it still loads it hears nothing, but it will.
    const patienceMs = Atomics.load(this.shared, Slot.ready) === 1 ? 1000 : 10_000
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), patienceMs)
  }

  private send(
    channel: RequestChannel | 'iopub',
    identities: Buffer[],
    type: string,
    parentHeader: Parent,
    content: Json,
    { metadata = {}, buffers = [] }: Extra = {},
  ): Header {
    const header = makeHeader(type, this.session)
    this.sockets.send(channel, encode({ identities, header, parentHeader, metadata, content, buffers }, this.signer))
    return header
  }

  private receive(channel: RequestChannel, frames: Buffer[]): void {
    let message: Message
    try {
      message = decode(frames, this.signer, this.seen)
    } catch (error) {
      if (!(error instanceof MessageError)) throw error
      // A flood of them must not fill the disk: from the tenth on, every tenfold number is told.
      if (++this.dropped < 10 || Number.isInteger(Math.log10(this.dropped)))
        log(`dropped a message on ${channel} (${this.dropped} so far): ${error.message}`)
      return
    }
    void this.answer(channel, message)
  }

  private async answer(channel: RequestChannel, request: Message): Promise<void> {
    const type = request.header.msg_type
    const known = handlers[channel]
    const handler = Object.hasOwn(known, type) ? known[type] : undefined
    const isCell = channel === 'shell' && type === 'execute_request'
    if (!handler && !isCell) return log(`ignored an unknown message on ${channel}: ${type}`)
    const queue = this.subshells.of(request)
    if (queue && isCell) return queue.add(request)
    this.status(request.header, 'busy')
    let after: (() => void) | undefined
    try {
      if (!queue) throw new RequestError(`there is no subshell '${request.header.subshell_id}'`)
      const answer = await handler!(this, request)
      if (answer.content) this.reply(channel, request, answer.content, answer.metadata)
      after = answer.after
    } catch (error) {
      const isRequest = type.endsWith('_request')
      if (isRequest) this.reply(channel, request, errorContent(error))
      if (!isRequest || !(error instanceof RequestError)) log(`${type} failed: ${(error as Error).stack}`)
    }
    this.status(request.header, 'idle')
    // This idle must not make a front end believe that the cell, which still runs, has ended.
    this.subshells.repeatBusy()
    after?.()
  }
}

/** Content of a reply with status error. */
export function errorContent(error: unknown): Json {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  return { status: 'error', ename: name, evalue: message, traceback: [] }
}
