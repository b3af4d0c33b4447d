/** Keeps the kernel alive through what would end a plain Node process: exit calls and errors that nobody catches. */
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
 * `isStop` tells whether an error is the stop button's and is dealt with; `report` shows one that no cell is there to receive.
 */
export function installProcessGuards(
  isStop: (error: unknown) => boolean,
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
    if (!isStop(error)) report(error, heading)
  }
  process.on('uncaughtException', handle('Uncaught error outside of a running cell:'))
  process.on('unhandledRejection', handle('Unhandled promise rejection:'))
}
