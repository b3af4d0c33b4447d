/**
 * Requests that the I/O worker answers by itself, while a cell runs or not: what the specification says, nothing else.
 * Executing cells is the one request that it passes on (execution-queue.ts).
 */
import { inspectionBundle } from '../language/question.js'
import { toCodePoints, toUtf16 } from './code-points.js'
import { kernelInfo } from './kernel-info.js'
import type { Json, Message } from './messages.js'
import type { History, HistoryEntry } from './history.js'
import { boolean, cursorContent, integer, RequestError, string } from './requests.js'
import type { RequestChannel } from './sockets.js'
import type { WireKernel } from './wire-kernel.js'

export interface Answer {
  /** Content of the reply; left out for messages that have none. */
  content?: Json
  metadata?: Json
  /** What happens once the request is done and idle. */
  after?: () => void
}

type Handler = (kernel: WireKernel, request: Message) => Answer | Promise<Answer>

/** The number of messages that were dropped is there for whoever wonders why the kernel does not answer some of them. */
const info: Handler = ({ dropped }) => ({ content: kernelInfo(), metadata: { dropped_messages: dropped } })

const complete: Handler = async ({ language }, { content }) => {
  const { code, cursor } = cursorContent(content)
  const found = await language.complete(code, toUtf16(code, cursor))
  const [start, end] = [toCodePoints(code, found.start), toCodePoints(code, found.end)]
  return {
    content: {
      status: 'ok',
      matches: found.matches,
      cursor_start: start,
      cursor_end: end,
      metadata: { _jupyter_types_experimental: found.types.map((type) => ({ ...type, start, end })) },
    },
  }
}

const inspect: Handler = async ({ language }, { content }) => {
  const { code, cursor } = cursorContent(content)
  const detail = integer(content, 'detail_level', 0) === 1 ? 1 : 0
  const found = await language.inspect(code, toUtf16(code, cursor), detail)
  const data = found ? inspectionBundle(found) : {}
  return { content: { status: 'ok', found: found !== null, data, metadata: {} } }
}

const isComplete: Handler = async ({ language }, { content }) => ({
  content: { ...(await language.isComplete(string(content, 'code'))) },
})

const interrupt: Handler = ({ stop }) => {
  stop.request()
  return { content: { status: 'ok' } }
}

const shutdown: Handler = (kernel, request) => {
  const content = { status: 'ok', restart: boolean(request.content, 'restart', false) }
  return {
    content,
    after: () => {
      kernel.publish('shutdown_reply', request.header, content) // other front ends of this kernel learn it here
      kernel.shutdown()
    },
  }
}

/** comm_open, comm_msg and comm_close have no reply. */
const comm: Handler = async ({ comms }, message) => {
  await comms.receive(message)
  return {}
}

const history: Handler = ({ history }, { content }) => ({
  content: { status: 'ok', history: historyRows(history, content) },
})

function historyRows(history: History, content: Json): unknown[] {
  const output = boolean(content, 'output', false)
  const access = string(content, 'hist_access_type')
  const find = (): HistoryEntry[] => {
    if (access === 'tail') return history.tail(integer(content, 'n', 10) ?? 10)
    if (access === 'search')
      return history.search(
        typeof content['pattern'] === 'string' ? content['pattern'] : '*',
        integer(content, 'n', null),
        boolean(content, 'unique', false),
      )
    if (access === 'range')
      return history.range(
        integer(content, 'session', 0) ?? 0,
        integer(content, 'start', 1) ?? 1,
        integer(content, 'stop', null),
      )
    throw new RequestError(`hist_access_type is ${JSON.stringify(access)}, expected "tail", "range" or "search"`)
  }
  return find().map((entry) => [entry.session, entry.line, output ? [entry.input, entry.output] : entry.input])
}

const inputReply: Handler = ({ inputs }, message) => {
  inputs.answer(message)
  return {}
}

export const handlers: Record<RequestChannel, Record<string, Handler>> = {
  shell: {
    kernel_info_request: info,
    comm_info_request: ({ comms }, { content }) => ({ content: comms.info(content['target_name']) }),
    history_request: history,
    complete_request: complete,
    inspect_request: inspect,
    is_complete_request: isComplete,
    comm_open: comm,
    comm_msg: comm,
    comm_close: comm,
    shutdown_request: shutdown,
  },
  control: {
    kernel_info_request: info,
    interrupt_request: interrupt,
    shutdown_request: shutdown,
    create_subshell_request: ({ subshells }) => ({ content: { status: 'ok', subshell_id: subshells.create() } }),
    delete_subshell_request: ({ subshells }, { content }) => {
      subshells.delete(string(content, 'subshell_id'))
      return { content: { status: 'ok' } }
    },
    list_subshell_request: ({ subshells }) => ({ content: { status: 'ok', subshell_id: subshells.list() } }),
  },
  stdin: { input_reply: inputReply },
}
