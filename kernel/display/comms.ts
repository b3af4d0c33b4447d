/**
 * `comms`, as every cell sees it: channels between a cell and code in the front end, such as widgets. Both sides may
 * open one, by the name of a target that the other side has registered.
 */
import { randomUUID } from 'node:crypto'

export type CommData = Record<string, unknown>

/** One message of a comm. */
export interface CommEvent {
  readonly data: CommData
  readonly metadata: CommData
  /** Binary parts. */
  readonly buffers: readonly Uint8Array[]
}

export interface SendOptions {
  /** Default: none. */
  metadata?: CommData
  /** Binary parts, sent as they are. Default: none. */
  buffers?: readonly Uint8Array[]
}

/** What a comm hears, when set. Errors that a handler throws are shown, and the comm goes on. */
export interface CommHandlers {
  /** Called with each message of the other side. */
  onMessage: ((event: CommEvent) => void) | undefined
  /** Called when the other side closes the comm. */
  onClose: ((event: CommEvent) => void) | undefined
}

/** An open channel to the front end. */
export class Comm implements CommHandlers {
  onMessage: CommHandlers['onMessage']
  onClose: CommHandlers['onClose']
  #open = true

  /** @internal Comms are made by `comms.open` and by the front end. */
  constructor(
    readonly id: string,
    readonly targetName: string,
  ) {}

  /** Whether neither side has closed it. */
  get isOpen(): boolean {
    return this.#open
  }

  /** Sends a message. @throws Error when the comm is closed; TypeError for what JSON cannot hold, such as a bigint or a circle */
  send(data: CommData = {}, options: SendOptions = {}): void {
    if (!this.#open) throw new Error(`comm '${this.targetName}' is closed; open a new one with comms.open(…)`)
    channel.send('comm_msg', this, data, options)
  }

  /** Closes the comm, on both sides. Closing twice is harmless. */
  close(data: CommData = {}, options: SendOptions = {}): void {
    if (!this.#open) return
    this.#open = false
    open.delete(this.id)
    channel.send('comm_close', this, data, options)
  }

  /** @internal The other side has closed it. */
  closed(event: CommEvent): void {
    this.#open = false
    open.delete(this.id)
    this.onClose?.(event)
  }
}

/** Called when the front end opens a comm: set its handlers here. */
export type CommTarget = (comm: Comm, event: CommEvent) => void

export interface Comms {
  /** Accepts comms that the front end opens to `target`. A second registration replaces the first. */
  register(target: string, opened: CommTarget): void
  /** Accepts no more of them; open ones stay. */
  unregister(target: string): void
  /** Opens a comm to a target in the front end; `data` is what its constructor gets. */
  open(target: string, data?: CommData, options?: SendOptions & Partial<CommHandlers>): Comm
  /** All open comms. */
  readonly all: readonly Comm[]
}

/** The way to the front end; the session installs it. */
export interface CommChannel {
  send(kind: 'comm_open' | 'comm_msg' | 'comm_close', comm: Comm, data: CommData, options: SendOptions): void
  target(name: string, registered: boolean): void
}

let channel: CommChannel = { send: () => {}, target: () => {} }
const targets = new Map<string, CommTarget>()
const open = new Map<string, Comm>()

export function installComms(next: CommChannel): void {
  channel = next
}

/** A message of the front end: runs the handler that it is for. */
export function receiveComm(kind: string, id: string, targetName: string | undefined, event: CommEvent): void {
  if (kind === 'comm_open') {
    const comm = new Comm(id, targetName ?? '')
    open.set(id, comm)
    const opened = targets.get(comm.targetName)
    if (opened) opened(comm, event)
    else comm.close()
    return
  }
  const comm = open.get(id)
  if (kind === 'comm_close') comm?.closed(event)
  else comm?.onMessage?.(event)
}

export const comms: Comms = {
  register(target, opened) {
    targets.set(target, opened)
    channel.target(target, true)
  },
  unregister(target) {
    targets.delete(target)
    channel.target(target, false)
  },
  open(target, data = {}, { onMessage, onClose, ...options } = {}) {
    const comm = new Comm(randomUUID(), target)
    comm.onMessage = onMessage
    comm.onClose = onClose
    open.set(comm.id, comm)
    channel.send('comm_open', comm, data, options)
    return comm
  },
  get all() {
    return [...open.values()]
  },
}
