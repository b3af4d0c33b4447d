/**
 * Which comms are open, and with whom. Messages for cells go to the main thread, where their handlers run; the table
 * itself is here, so that comm_info and the refusal of unknown targets do not wait for a busy cell.
 */
import type { CommMessage, ToWire } from './link.js'
import type { Json, Message } from './messages.js'
import type { OutputRouter } from './outputs.js'
import { object, string } from './requests.js'
import type { WireKernel } from './wire-kernel.js'

export type CommEvent = Extract<ToWire, { type: 'comm' | 'handled' | 'target' }>

export class CommTable {
  /** Target names by comm id. */
  private readonly comms = new Map<string, string>()
  private readonly targets = new Set<string>()
  /** What to do when the main thread has handled a message. */
  private readonly handling = new Map<number, () => void>()

  constructor(
    private readonly kernel: WireKernel,
    private readonly outputs: OutputRouter,
  ) {}

  /** Content of a comm_info_reply. */
  info(target: unknown): Json {
    const wanted = [...this.comms].filter(([, name]) => typeof target !== 'string' || name === target)
    return { status: 'ok', comms: Object.fromEntries(wanted.map(([id, name]) => [id, { target_name: name }])) }
  }

  /** A comm message of a front end; resolves when its handler has run. */
  async receive(message: Message): Promise<void> {
    const { content, metadata, buffers, header } = message
    const kind = header.msg_type as CommMessage['kind']
    const commId = string(content, 'comm_id')
    const data = object(content, 'data')
    const targetName = kind === 'comm_open' ? string(content, 'target_name') : undefined
    if (targetName !== undefined && !this.targets.has(targetName)) {
      // The specification asks to close at once what cannot be opened.
      this.kernel.publish('comm_close', header, { comm_id: commId, data: {} })
      return
    }
    if (targetName !== undefined) this.comms.set(commId, targetName)
    else if (!this.comms.has(commId)) return
    if (kind === 'comm_close') this.comms.delete(commId)
    const id = this.outputs.register({ request: message, silent: false, executionCount: 0 })
    const handled = new Promise<void>((resolve) => this.handling.set(id, resolve))
    const opening = targetName === undefined ? {} : { targetName }
    this.kernel.toMain({ type: 'comm', kind, id, commId, ...opening, data, metadata, buffers })
    await handled
    this.outputs.flush()
  }

  /** What cells did with comms. */
  fromMain(event: CommEvent): void {
    if (event.type === 'handled') {
      this.handling.get(event.id)?.()
      this.handling.delete(event.id)
    } else if (event.type === 'target') {
      if (event.registered) this.targets.add(event.name)
      else this.targets.delete(event.name)
    } else this.send(event)
  }

  private send({ kind, id, commId, targetName, data, metadata, buffers }: CommMessage): void {
    if (kind === 'comm_open') this.comms.set(commId, targetName ?? '')
    else if (!this.comms.has(commId)) return // closed by the other side meanwhile
    if (kind === 'comm_close') this.comms.delete(commId)
    this.outputs.flush()
    const content = { comm_id: commId, data, ...(kind === 'comm_open' ? { target_name: targetName } : {}) }
    const parent = this.outputs.parent(id)?.request.header ?? {}
    this.kernel.publish(kind, parent, content, { metadata, buffers: buffers.map((bytes) => Buffer.from(bytes)) })
  }
}
