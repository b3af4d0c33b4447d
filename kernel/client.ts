/**
 * A Jupyter client: starts a kernel process and talks to it over ZeroMQ as a front end does. Headless runs and the
 * kernel's tests both use it, so what they see is what Jupyter sees.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ClientSockets, type ClientChannel } from './wire/client-sockets.js'
import type { ConnectionInfo } from './wire/connection.js'
import { decode, encode, makeHeader, type Json, type Message } from './wire/messages.js'
import { Signer } from './wire/signing.js'

export interface ClientOptions {
  /** Working folder of the kernel. Default: that of this process. */
  cwd?: string
  /** Added to the environment of this process; what runs is kept in no history unless GRADBOOK_HISTORY says where. */
  env?: Record<string, string>
  /** Default: ipc, which needs no free ports; tcp on Windows. */
  transport?: 'ipc' | 'tcp'
  /** The program that gets the connection file as its last argument. Default: this kernel. */
  command?: readonly string[]
}

export interface ExecuteOptions {
  silent?: boolean
  storeHistory?: boolean
  stopOnError?: boolean
  userExpressions?: Record<string, string>
  /** Answers the cell's questions. Without it the cell is told that nobody does. */
  onInput?: (prompt: string, password: boolean) => string | Promise<string>
  /** The subshell that runs the cell, from create_subshell_request. Default: the main shell. */
  subshell?: string
  /** Called with each iopub message of this cell as it arrives. */
  onOutput?: (message: Message) => void
}

export interface Executed {
  reply: Message
  /** All iopub messages with this parent, from busy to idle. */
  iopub: Message[]
}

/** A kernel that does not greet is asked this often whether it can be heard. */
const askAgainMs = 500

interface Waiting {
  reply?: Message
  iopub: Message[]
  needsReply: boolean
  idle: boolean
  onOutput: ((message: Message) => void) | undefined
  onInput: ExecuteOptions['onInput']
  resolve: (result: Executed) => void
  reject: (error: Error) => void
}

/** The kernel process ended while something was expected of it. */
export class KernelDied extends Error {
  override readonly name = 'KernelDied'
}

export class KernelClient {
  readonly session = randomUUID()
  /** What the kernel process wrote to its stderr. */
  stderr = ''
  private readonly signer: Signer
  private readonly sockets: ClientSockets
  private readonly waiting = new Map<string, Waiting>()
  private readonly listeners = new Set<(message: Message) => void>()
  private readonly exited: Promise<void>

  private constructor(
    readonly process: ChildProcess,
    readonly connection: ConnectionInfo,
    private readonly folder: string,
  ) {
    this.signer = new Signer(connection.key, connection.signature_scheme)
    this.sockets = new ClientSockets(connection, this.session)
    process.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()))
    process.stdout?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()))
    this.exited = new Promise((resolve) => {
      process.once('exit', (code, signal) => {
        this.close(new KernelDied(`the kernel ended (${signal ?? `exit code ${code}`})\n${this.stderr}`))
        resolve()
      })
    })
  }

  /** Starts a kernel process and waits until it answers and its outputs can be heard. */
  static async start(options: ClientOptions = {}): Promise<KernelClient> {
    const folder = mkdtempSync(join(tmpdir(), 'gradbook-'))
    const transport = options.transport ?? (process.platform === 'win32' ? 'tcp' : 'ipc')
    const connection = await makeConnection(transport, folder)
    const file = join(folder, 'connection.json')
    writeFileSync(file, JSON.stringify(connection), { mode: 0o600 })
    const cli = fileURLToPath(new URL('./cli.js', import.meta.url))
    const [program, ...args] = options.command ?? [process.execPath, cli, 'kernel']
    const child = spawn(program, [...args, file], {
      cwd: options.cwd ?? process.cwd(),
      env: { ...process.env, JPY_PARENT_PID: String(process.pid), GRADBOOK_HISTORY: 'off', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // Ctrl-C in the terminal is ours to handle, not the kernel's
    })
    const client = new KernelClient(child, connection, folder)
    try {
      await client.connect()
    } catch (error) {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
    return client
  }

  /** Sends a request and waits for its reply and its idle. */
  request(channel: ClientChannel, type: string, content: Json = {}): Promise<Executed> {
    return this.send(channel, type, content, { needsReply: true })
  }

  /** Runs a cell. Resolves when it is idle, whether it succeeded or not. */
  execute(code: string, options: ExecuteOptions = {}): Promise<Executed> {
    const silent = options.silent ?? false
    const content = {
      code,
      silent,
      store_history: options.storeHistory ?? !silent,
      user_expressions: options.userExpressions ?? {},
      allow_stdin: options.onInput !== undefined,
      stop_on_error: options.stopOnError ?? true,
    }
    const { onOutput, onInput, subshell } = options
    return this.send('shell', 'execute_request', content, { needsReply: true, onOutput, onInput, subshell })
  }

  async kernelInfo(): Promise<Json> {
    return (await this.request('shell', 'kernel_info_request')).reply.content
  }

  /** `cursor` counts code points. */
  async complete(code: string, cursor: number): Promise<Json> {
    return (await this.request('shell', 'complete_request', { code, cursor_pos: cursor })).reply.content
  }

  async inspect(code: string, cursor: number): Promise<Json> {
    const content = { code, cursor_pos: cursor, detail_level: 0 }
    return (await this.request('shell', 'inspect_request', content)).reply.content
  }

  async isComplete(code: string): Promise<Json> {
    return (await this.request('shell', 'is_complete_request', { code })).reply.content
  }

  /** The stop button. Resolves when the kernel has taken it, not when the cell has ended. */
  async interrupt(): Promise<Json> {
    return (await this.request('control', 'interrupt_request')).reply.content
  }

  /** Asks the kernel to end and waits until its process has; kills it if it does not. Safe to call twice. */
  async shutdown(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const late = setTimeout(() => this.process.kill('SIGKILL'), 5000)
      await this.send('control', 'shutdown_request', { restart: false }, { needsReply: true }).catch(() => {})
      await this.exited
      clearTimeout(late)
    }
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Hears every iopub message; the returned function ends that. */
  onIopub(listener: (message: Message) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Sends these bytes to the heartbeat socket and resolves with the echo. */
  heartbeat(bytes: string): Promise<string> {
    return this.sockets.heartbeat(bytes)
  }

  /** Sends frames as they are, to see what a kernel makes of bad ones. */
  sendRaw(channel: ClientChannel, frames: (Buffer | string)[]): Promise<void> {
    return this.sockets.send(channel, frames)
  }

  private async connect(): Promise<void> {
    this.sockets.open(
      (frames) => this.replied(decode(frames, this.signer)),
      (frames) => this.published(decode(frames, this.signer)),
    )
    // The kernel greets each subscriber; outputs sent before that could be lost. Others publish when they are asked something.
    const ask = (): Promise<Executed> => this.request('shell', 'kernel_info_request')
    let asking: NodeJS.Timeout | undefined
    const heard = new Promise<void>((resolve) => {
      const stop = this.onIopub(() => {
        stop()
        resolve()
      })
      asking = setInterval(() => void ask().catch(() => {}), askAgainMs)
    })
    await Promise.race([heard, this.exited])
    clearInterval(asking)
    await ask()
  }

  /** Sends a message that has no reply, such as comm_msg or input_reply. */
  tell(channel: ClientChannel, type: string, content: Json, parentHeader: Message['parentHeader'] = {}): Promise<void> {
    const header = makeHeader(type, this.session)
    const message = { identities: [], header, parentHeader, metadata: {}, content, buffers: [] }
    return this.sockets.send(channel, encode(message, this.signer))
  }

  private send(
    channel: ClientChannel,
    type: string,
    content: Json,
    options: Pick<Waiting, 'needsReply'> & Pick<ExecuteOptions, 'onOutput' | 'onInput' | 'subshell'>,
  ): Promise<Executed> {
    const header = { ...makeHeader(type, this.session), ...(options.subshell ? { subshell_id: options.subshell } : {}) }
    const frames = encode({ identities: [], header, parentHeader: {}, metadata: {}, content, buffers: [] }, this.signer)
    return new Promise((resolve, reject) => {
      if (this.sockets.closed) return reject(new KernelDied(`the kernel is not running\n${this.stderr}`))
      const { needsReply, onOutput, onInput } = options
      this.waiting.set(header.msg_id, { iopub: [], idle: false, needsReply, onOutput, onInput, resolve, reject })
      this.sockets.send(channel, frames).catch(reject)
    })
  }

  private replied(message: Message): void {
    const waiting = this.waiting.get(message.parentHeader.msg_id)
    if (!waiting) return
    if (message.header.msg_type === 'input_request') return void this.answer(message, waiting)
    waiting.reply = message
    this.settle(message.parentHeader.msg_id, waiting)
  }

  private async answer({ header, content }: Message, { onInput }: Waiting): Promise<void> {
    const value = await onInput?.(String(content['prompt']), content['password'] === true)
    if (value !== undefined) await this.tell('stdin', 'input_reply', { value }, header)
  }

  private published(message: Message): void {
    for (const listener of this.listeners) listener(message)
    const id = (message.parentHeader as { msg_id?: string }).msg_id
    const waiting = id === undefined ? undefined : this.waiting.get(id)
    if (!waiting) return
    waiting.iopub.push(message)
    waiting.onOutput?.(message)
    if (message.header.msg_type === 'status' && message.content['execution_state'] === 'idle') waiting.idle = true
    this.settle(id!, waiting)
  }

  private settle(id: string, { reply, idle, iopub, resolve }: Waiting): void {
    if (!reply || !idle) return
    this.waiting.delete(id)
    resolve({ reply, iopub })
  }

  private close(reason: Error): void {
    this.sockets.close()
    for (const { reject } of this.waiting.values()) reject(reason)
    this.waiting.clear()
  }
}

async function makeConnection(transport: 'ipc' | 'tcp', folder: string): Promise<ConnectionInfo> {
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] =
    transport === 'ipc' ? [1, 2, 3, 4, 5] : await freePorts(5)
  const ports = { shell_port, iopub_port, stdin_port, control_port, hb_port } as Record<string, number>
  const ip = transport === 'ipc' ? join(folder, 'socket') : '127.0.0.1'
  return {
    transport,
    ip,
    key: randomBytes(16).toString('hex'),
    signature_scheme: 'hmac-sha256',
    ...ports,
  } as unknown as ConnectionInfo
}

/** Ports that nobody listens on at this moment; all are held until all are found, so that none comes twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
