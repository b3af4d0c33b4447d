/** Keeps the kernel alive through what would end a plain Node process: exit calls and errors that nobody catches. */
import type { Execution } from './context.js'
import { KernelInterrupt } from './interrupt.js'

const exit = process.exit.bind(process)

/** Really ends the process; cells cannot reach this. */
export function exitKernel(code: number): never {
  return exit(code)
}

/**
 * `current` tells whose code runs; `report` shows an error that no cell is there to receive.
 */
export function installProcessGuards(
  current: () => Execution | undefined,
  report: (error: unknown, heading: string) => void,
): void {
  process.exit = () => {
    throw new Error('process.exit() would end the kernel and lose all variables; use "Restart Kernel" for that')
  }
  const handle = (heading: string) => (error: unknown) => {
    // What a stopped cell leaves behind has been reported as its interrupt.
    if (error instanceof KernelInterrupt && current()?.cancelled) return
    report(error, heading)
  }
  process.on('uncaughtException', handle('Uncaught error outside of a running cell:'))
  process.on('unhandledRejection', handle('Unhandled promise rejection:'))
}
