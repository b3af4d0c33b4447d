/** Keeps the kernel alive through what would end a plain Node process: exit calls and errors that nobody catches. */
const exit = process.exit.bind(process)

/** Really ends the process; cells cannot reach this. */
export function exitKernel(code: number): never {
  return exit(code)
}

/**
 * `isStop` tells whether an error is the stop button's and is dealt with; `report` shows one that no cell is there to receive.
 */
export function installProcessGuards(
  isStop: (error: unknown) => boolean,
  report: (error: unknown, heading: string) => void,
): void {
  process.exit = () => {
    throw new Error('process.exit() would end the kernel and lose all variables; use "Restart Kernel" for that')
  }
  const handle = (heading: string) => (error: unknown) => {
    if (!isStop(error)) report(error, heading)
  }
  process.on('uncaughtException', handle('Uncaught error outside of a running cell:'))
  process.on('unhandledRejection', handle('Unhandled promise rejection:'))
}
