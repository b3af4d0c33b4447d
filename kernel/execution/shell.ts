/**
 * Commands that cells give to the shell: what they print appears at once, their input is empty, and the stop button
 * ends them with all that they have started.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { StringDecoder } from 'node:string_decoder'
import type { StreamName } from '../wire/link.js'
import { KernelInterrupt } from './interrupt.js'
import { original } from './timers.js'

export interface ShellOptions {
  /** Default: sh; on Windows cmd. */
  shell?: 'bash'
  /** Ends the command when it aborts. */
  stopped: AbortSignal
  write(name: StreamName, text: string): void
}

/** What a stopped command hears, and after how many milliseconds if it still runs. */
const stopSignals = [
  ['SIGINT', 0],
  ['SIGTERM', 1000],
  ['SIGKILL', 3000],
] as const

const running = new Set<ChildProcess>()
process.on('exit', () => running.forEach((child) => signal(child, 'SIGKILL')))

/** Resolves with how the command ended: an exit status, or the signal that ended it. Rejects when it cannot be run or is stopped. */
export function runShell(command: string, { shell, stopped, write }: ShellOptions): Promise<number | string> {
  const [program, ...args] = process.platform === 'win32' && !shell ? ['cmd', '/d', '/s', '/c'] : [shell ?? 'sh', '-c']
  return new Promise((resolve, reject) => {
    // A group of its own, so that a stop reaches what the command has started.
    const child = spawn(program, [...args, command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    })
    running.add(child)
    const timers: NodeJS.Timeout[] = []
    const stop = () => {
      for (const [name, ms] of stopSignals) timers.push(original.setTimeout(() => signal(child, name), ms))
    }
    stopped.addEventListener('abort', stop, { once: true })
    const flushes = (['stdout', 'stderr'] as const).map((name) => {
      const decoder = new StringDecoder('utf8')
      child[name].on('data', (chunk: Buffer) => write(name, decoder.write(chunk)))
      return () => write(name, decoder.end())
    })
    child.on('error', reject)
    child.on('close', (code, signalName) => {
      running.delete(child)
      timers.forEach(clearTimeout)
      stopped.removeEventListener('abort', stop)
      flushes.forEach((flush) => flush())
      if (stopped.aborted) reject(new KernelInterrupt('stopped while a command ran'))
      else resolve(code ?? signalName ?? 0)
    })
  })
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(process.platform === 'win32' ? pid : -pid, name)
  } catch {
    // It has just ended.
  }
}
