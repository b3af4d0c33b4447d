/** The language worker seen from another thread: the same methods, each a message and its answer. */
import type { MessagePort } from 'node:worker_threads'
import type { Language } from './protocol.js'

export type LanguageMethod = keyof Language

export interface LanguageRequest {
  id: number
  method: LanguageMethod
  args: unknown[]
}

export type LanguageReply = { id: number; result: unknown } | { id: number; error: string }

/** `port` is one end of a channel whose other end was posted to the worker as `{ port }`. Requests are answered in order. */
export function connectLanguage(port: MessagePort): Language {
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  let lastId = 0
  port.on('message', (reply: LanguageReply) => {
    const request = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('error' in reply) request?.reject(new Error(reply.error))
    else request?.resolve(reply.result)
  })
  port.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('The language worker has stopped.'))
    waiting.clear()
  })
  const call = <M extends LanguageMethod>(method: M, ...args: Parameters<Language[M]>): ReturnType<Language[M]> => {
    const answer = new Promise((resolve, reject) => waiting.set(++lastId, { resolve, reject }))
    port.postMessage({ id: lastId, method, args } satisfies LanguageRequest)
    return answer as ReturnType<Language[M]>
  }
  return {
    convert: (code, fileName, options) => call('convert', code, fileName, options),
    lateDiagnostics: (fileName) => call('lateDiagnostics', fileName),
    split: (code) => call('split', code),
    reset: () => call('reset'),
    complete: (code, cursor) => call('complete', code, cursor),
    inspect: (code, cursor, detail) => call('inspect', code, cursor, detail),
    isComplete: (code) => call('isComplete', code),
    module: (path) => call('module', path),
  }
}
