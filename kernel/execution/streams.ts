/**
 * process.stdin, process.stdout and process.stderr of cells. Node's console writes to them, so console.log, console.table and the rest
 * come this way too, formatted by Node.
 */
import { Readable } from 'node:stream'
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

/** Nothing can be read there: the terminal, if there is one, belongs to the server. Who tries is told what to do instead. */
export function installEmptyInput(write: (name: StreamName, text: string) => void): void {
  const stdin = new Readable({
    read() {
      write('stderr', "process.stdin is empty in a notebook; to ask the user, write: await input('Your name? ')\n")
      stdin.push(null)
    },
  })
  Object.defineProperty(process, 'stdin', { value: Object.assign(stdin, { fd: 0, isTTY: false }), configurable: true })
}
