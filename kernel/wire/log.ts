/**
 * Lines for whoever reads the server's log. Written straight to file descriptor 2: a worker's console goes through the
 * main thread, where it would turn into output of a cell and wait while a cell blocks.
 */
import { writeSync } from 'node:fs'

export function log(line: string): void {
  try {
    writeSync(2, `[gradbook] ${line}\n`)
  } catch {
    // The terminal is gone or its pipe is full; a log line is not worth more than this attempt.
  }
}
