/**
 * What the main thread (which runs cells) and the I/O worker (which owns the sockets) say to each other, and the few
 * words of shared memory that must get through while the main thread is too busy to read messages.
 */
import type { MessagePort } from 'node:worker_threads'
import type { ConnectionInfo } from './connection.js'

/** Slots of the shared Int32Array. */
export const Slot = {
  /** Non-zero: loops and ops must ask whether to stop. Slot 0, because rewritten loops read `flag[0]`. */
  flag: 0,
  /** Number of the latest stop that was asked for (counted by the I/O worker). */
  requested: 1,
  /** Number of the latest stop that the main thread has taken note of. */
  acknowledged: 2,
  /** 1 while the main thread is in a synchronous section that SIGINT can break. */
  section: 3,
  /** Serial number of the cell that runs; 0 for none. */
  running: 4,
  /** Characters of output that the main thread sent and the I/O worker has not read yet. */
  backlog: 5,
  /** 1 when the main thread has loaded everything: before that, nothing may be terminated. */
  ready: 6,
  /** Number of answers that the I/O worker has put on the input port. */
  answers: 7,
  /** Above 0 while the main thread waits for a child process and can do nothing else. */
  children: 8,
  /** How many SIGINTs the I/O worker has sent to break a section. */
  signals: 9,
  /** 1 while a thread reads captured output or hands output on. */
  turn: 10,
  /** 1 when the heap of the cells is full, until the cell that filled it has been stopped. */
  heapFull: 11,
} as const

export const slotCount = 12

export type StreamName = 'stdout' | 'stderr'
export type MimeData = Record<string, unknown>

export interface CellError {
  ename: string
  evalue: string
  traceback: string[]
}

export type ExpressionResult = { status: 'ok'; data: MimeData; metadata: MimeData } | ({ status: 'error' } & CellError)

export type Outcome =
  | {
      status: 'ok'
      userExpressions: Record<string, ExpressionResult>
      /** Text of the cell's result. */
      result?: string
      /** What the front end is asked to do beside showing outputs, such as opening its pager. */
      payload: Record<string, unknown>[]
    }
  | { status: 'error'; error: CellError }

export interface ExecuteOrder {
  type: 'execute'
  /** Serial number of this execution: outputs name it, so that they find their parent even after the cell ended. */
  id: number
  code: string
  executionCount: number
  silent: boolean
  /** False when the cell does not count (silent or store_history: false); its number is then not its own. */
  counted: boolean
  /** Whether the front end that sent the cell answers questions. */
  allowStdin: boolean
  userExpressions: Record<string, string>
}

/** A message of a comm, in either direction. */
export interface CommMessage {
  type: 'comm'
  kind: 'comm_open' | 'comm_msg' | 'comm_close'
  /** From the front end: the serial number under which outputs of the handler find their parent. To it: whose code sent it. */
  id: number
  commId: string
  /** Set for comm_open. */
  targetName?: string
  data: Record<string, unknown>
  metadata: Record<string, unknown>
  buffers: Uint8Array[]
}

/** I/O worker → main thread. */
export type ToMain = ExecuteOrder | CommMessage | { type: 'interrupt'; hard: boolean } | { type: 'exit'; code: number }

/** I/O worker → main thread, on a port of its own: a cell that blocks until the answer comes reads nothing else. */
export interface InputAnswer {
  /** The question's number. */
  question: number
  value: string
}

/** Main thread → I/O worker. */
export type ToWire =
  | { type: 'stream'; id: number; name: StreamName; text: string }
  | { type: 'display'; id: number; data: MimeData; metadata: MimeData; displayId?: string; update: boolean }
  | { type: 'result'; id: number; data: MimeData; metadata: MimeData }
  | { type: 'clear'; id: number; wait: boolean }
  | { type: 'input'; id: number; question: number; prompt: string; password: boolean }
  | CommMessage
  /** The handler of a comm message has run. */
  | { type: 'handled'; id: number }
  /** Cells accept comms of this target from now on, or no more. */
  | { type: 'target'; name: string; registered: boolean }
  /** What child processes and native code have written. */
  | { type: 'raw'; id: number; name: StreamName; bytes: Uint8Array }
  /** From now on that can be read at these file descriptors too; `log` is where lines for the server's log go. */
  | { type: 'captured'; ends: Record<StreamName, number>; log: number }
  /** A child process that runs beside the cells has started or ended. */
  | { type: 'child'; pid: number; running: boolean }
  | { type: 'done'; id: number; outcome: Outcome }
  /** Something that the kernel cannot live without is gone. */
  | { type: 'fatal' }

/** workerData of the I/O worker. */
export interface WireWorkerData {
  connection: ConnectionInfo
  shared: Int32Array
  /** To the language worker, for completion, inspection and completeness while a cell runs. */
  language: MessagePort
  /** To the main thread. */
  main: MessagePort
  /** To the main thread, for answers to its questions only. */
  input: MessagePort
}
