/**
 * Lines for whoever reads the server's log. Written straight to a file descriptor: a worker's console goes through the
 * main thread, where it would turn into output of a cell and wait while a cell blocks.
 */
import { writeSync } from 'node:fs'

let descriptor = 2

/** Where lines go once descriptor 2 is captured. Each thread has its own copy of this module. */
export function logTo(original: number): void {
  descriptor = original
}

export function log(line: string): void {
  logBytes(`[gradbook] ${line}\n`)
}

export function logBytes(text: string | Uint8Array): void {
  try {
    writeSync(descriptor, typeof text === 'string' ? Buffer.from(text) : text)
  } catch {
    // The terminal is gone or its pipe is full; a log line is not worth more than this attempt.
  }
}
