/** The sockets of a front end: the counterparts of sockets.ts. */
import { Dealer, Request, Subscriber } from 'zeromq'
import { address, type ConnectionInfo } from './connection.js'

export type ClientChannel = 'shell' | 'control' | 'stdin'

export class ClientSockets {
  private readonly dealers: Record<ClientChannel, Dealer>
  private readonly iopub = new Subscriber({ receiveHighWaterMark: 0 })

  constructor(
    private readonly connection: ConnectionInfo,
    routingId: string,
  ) {
    const dealer = () => new Dealer({ routingId, linger: 0, sendHighWaterMark: 0 })
    this.dealers = { shell: dealer(), control: dealer(), stdin: dealer() }
  }

  get closed(): boolean {
    return this.iopub.closed
  }

  /** Connects; from now on replies, with questions on stdin, and broadcasts arrive at the two functions. */
  open(replied: (frames: Buffer[]) => void, published: (frames: Buffer[]) => void): void {
    for (const channel of ['shell', 'control', 'stdin'] as const) {
      this.dealers[channel].connect(address(this.connection, channel))
      void listen(this.dealers[channel], replied)
    }
    this.iopub.connect(address(this.connection, 'iopub'))
    this.iopub.subscribe()
    void listen(this.iopub, published)
  }

  send(channel: ClientChannel, frames: (Buffer | string)[]): Promise<void> {
    return this.dealers[channel].send(frames)
  }

  /** The echo of `bytes` from the heartbeat socket. */
  async heartbeat(bytes: string): Promise<string> {
    const socket = new Request({ linger: 0 })
    socket.connect(address(this.connection, 'hb'))
    await socket.send(bytes)
    const [echo] = await socket.receive()
    socket.close()
    return echo.toString()
  }

  close(): void {
    for (const socket of [...Object.values(this.dealers), this.iopub]) socket.close()
  }
}

async function listen(socket: Dealer | Subscriber, receive: (frames: Buffer[]) => void): Promise<void> {
  for await (const frames of socket) receive(frames)
}
