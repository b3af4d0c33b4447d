/**
 * Entry of the language worker. TypeScript lives in a thread of its own so that completion answers while a cell computes and its heap
 * never slows the garbage collection of the user's. Other threads are connected by posting a LanguageConnection.
 */
import { fileURLToPath } from 'node:url'
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads'
import type { LanguageReply, LanguageRequest } from './client.js'
import type { LanguageConnection, LanguageWorkerData } from './protocol.js'
import { LanguageSession } from './session.js'
import { keepCompiled } from './typescript.js'

const restAfterMs = 500

// From dist/kernel/language to the folder of our package.json.
const packageRoot = fileURLToPath(new URL('../../../', import.meta.url))
const session = new LanguageSession(workerData as LanguageWorkerData, packageRoot)

function answer({ id, method, args }: LanguageRequest): LanguageReply {
  try {
    const call = session[method].bind(session) as (...args: unknown[]) => unknown
    return { id, result: call(...args) }
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) }
  }
}

let resting: NodeJS.Timeout | undefined

/** Does what can wait, once nobody has asked for a while. */
function rest(): void {
  resting ??= setTimeout(() => {
    session.rest()
    keepCompiled()
  }, restAfterMs).unref()
  resting.refresh()
}

const ports: MessagePort[] = []

function connect({ port, preloaded }: LanguageConnection): void {
  if (preloaded) session.preload(preloaded)
  ports.push(port)
  port.on('message', (request: LanguageRequest) => receive(port, request))
}

function receive(port: MessagePort, request: LanguageRequest): void {
  port.postMessage(answer(request))
  rest()
}

/** Requests that have to wait for the checker, and the ports that they came from: what comes later there waits too. */
const waiting = new Map<MessagePort, LanguageRequest>()

/** The checker takes most of a start to make. In the middle of that, what does not need it is answered. */
function answerMeanwhile(): void {
  for (let got = take(parentPort!); got; got = take(parentPort!)) connect(got as LanguageConnection)
  for (const port of ports.filter((port) => !waiting.has(port)))
    for (let got = take(port) as LanguageRequest | undefined; got; got = take(port) as LanguageRequest | undefined) {
      if (session.answersAtOnce(got)) port.postMessage(answer(got))
      else {
        waiting.set(port, got)
        break
      }
    }
}

const take = (port: MessagePort): unknown => receiveMessageOnPort(port)?.message

parentPort?.on('message', connect)
// What has been sent until now comes first.
setImmediate(() => {
  session.prepare(answerMeanwhile)
  for (const [port, request] of waiting) receive(port, request)
  rest()
})
