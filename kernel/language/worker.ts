/**
 * Entry of the language worker. TypeScript lives in a thread of its own so that completion answers while a cell computes and its heap
 * never slows the garbage collection of the user's. Other threads are connected by posting a LanguageConnection.
 */
import { fileURLToPath } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
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

parentPort?.on('message', ({ port, preloaded }: LanguageConnection) => {
  if (preloaded) session.preload(preloaded)
  port.on('message', (request: LanguageRequest) => {
    port.postMessage(answer(request))
    rest()
  })
})

rest()
