/**
 * process.stdout and process.stderr of cells. Node's console writes to them, so console.log, console.table and the rest
 * come this way too, formatted by Node.
 */
import { StringDecoder } from 'node:string_decoder'
import type { StreamName } from '../wire/link.js'

type WriteCallback = (error?: Error | null) => void

/** Sends what is written to both streams to `write`. */
export function installStreams(write: (name: StreamName, text: string) => void): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const decoder = new StringDecoder('utf8') // a character may be split between two chunks of bytes
    const replacement = (
      chunk: string | Uint8Array,
      encodingOrDone?: BufferEncoding | WriteCallback,
      done?: WriteCallback,
    ): boolean => {
      const text = typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk))
      if (text !== '') write(name, text)
      const callback = typeof encodingOrDone === 'function' ? encodingOrDone : done
      if (callback) process.nextTick(callback)
      return true
    }
    process[name].write = replacement
  }
}
