/** Keeps the kernel alive through what would end a plain Node process: exit calls and errors that nobody catches. */
import type { Execution } from './context.js'
import { KernelInterrupt } from './interrupt.js'

const exit = process.exit.bind(process)

/** Really ends the process; cells cannot reach this. */
export function exitKernel(code: number): never {
  return exit(code)
}

/** Signals that end nothing by themselves; SIGINT is the kernel's own. */
const harmless = new Set<string | number>([0, 'SIGINT', 'SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH', 'SIGUSR1'])

function isFatal(signal: string | number): boolean {
  if (signal === 'SIGKILL' || signal === 'SIGSTOP') return true
  return !harmless.has(signal) && process.listenerCount(String(signal)) === 0
}

/**
 * `current` tells whose code runs; `report` shows an error that no cell is there to receive.
 */
export function installProcessGuards(
  current: () => Execution | undefined,
  report: (error: unknown, heading: string) => void,
): void {
  const refuse = (call: string) => (): never => {
    throw new Error(`${call} would end the kernel and lose all variables; use "Restart Kernel" for that`)
  }
  process.exit = refuse('process.exit()')
  process.abort = refuse('process.abort()')
  const kill = process.kill.bind(process)
  process.kill = (pid, signal = 'SIGTERM') => {
    if (pid === process.pid && isFatal(signal)) refuse(`process.kill(process.pid, '${signal}')`)()
    return kill(pid, signal)
  }
  const handle = (heading: string) => (error: unknown) => {
    // What a stopped cell leaves behind has been reported as its interrupt.
    if (error instanceof KernelInterrupt && current()?.cancelled) return
    report(error, heading)
  }
  process.on('uncaughtException', handle('Uncaught error outside of a running cell:'))
  process.on('unhandledRejection', handle('Unhandled promise rejection:'))
}
