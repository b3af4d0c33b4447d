/**
 * The five ZeroMQ sockets of a kernel. Sends never wait and never drop for want of room: libzmq's own thread delivers,
 * so output leaves this process even in bursts of many thousands of messages.
 */
import { Reply, Router, XPublisher } from 'zeromq'
import { address, type ConnectionInfo } from './connection.js'
import { log } from './log.js'

/** Channels on which requests arrive. */
export type RequestChannel = 'shell' | 'control' | 'stdin'

const options = { sendHighWaterMark: 0, receiveHighWaterMark: 0, sendTimeout: 0, linger: 1000 }

export interface SocketEvents {
  request(channel: RequestChannel, frames: Buffer[]): void
  /** A front end subscribed to iopub. */
  subscribed(topic: string): void
}

export class Sockets {
  // handover: a front end that reconnects under its old identity gets its replies again.
  private readonly routers = {
    shell: new Router({ ...options, handover: true }),
    control: new Router({ ...options, handover: true }),
    stdin: new Router({ ...options, handover: true }),
  }
  private readonly heartbeat = new Reply(options)
  private readonly iopub = new XPublisher(options)

  /** Binds all sockets and starts to listen. Throws, naming the address, if one is taken. */
  async open(connection: ConnectionInfo, events: SocketEvents): Promise<void> {
    const bind = async (socket: Router | Reply | XPublisher, at: string) => {
      try {
        await socket.bind(at)
      } catch (error) {
        throw new Error(`cannot bind ${at}: ${(error as Error).message}`, { cause: error })
      }
    }
    await Promise.all([
      bind(this.heartbeat, address(connection, 'hb')),
      bind(this.iopub, address(connection, 'iopub')),
      ...(['shell', 'control', 'stdin'] as const).map((name) => bind(this.routers[name], address(connection, name))),
    ])
    for (const [channel, router] of Object.entries(this.routers))
      void listen(router, (frames) => events.request(channel as RequestChannel, frames))
    void listen(this.heartbeat, (frames) => this.heartbeat.send(frames))
    void listen(this.iopub, ([frame]) => {
      if (frame?.[0] === 1) events.subscribed(frame.subarray(1).toString())
    })
  }

  send(channel: RequestChannel | 'iopub', frames: Buffer[]): void {
    const socket = channel === 'iopub' ? this.iopub : this.routers[channel]
    if (socket.closed) return
    socket.send(frames).catch((error: Error) => log(`could not send on ${channel}: ${error.message}`))
  }

  /** Must come before the process exits: libzmq aborts a process whose worker threads still hold sockets. */
  close(): void {
    for (const socket of [...Object.values(this.routers), this.heartbeat, this.iopub]) socket.close()
  }
}

async function listen(
  socket: Router | Reply | XPublisher,
  receive: (frames: Buffer[]) => void | Promise<void>,
): Promise<void> {
  try {
    for await (const frames of socket) {
      try {
        await receive(frames)
      } catch (error) {
        log(`a message could not be handled: ${(error as Error).stack}`) // and the next ones are still heard
      }
    }
  } catch (error) {
    if (!socket.closed) log(`a socket failed: ${(error as Error).message}`)
  }
}
