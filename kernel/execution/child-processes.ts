/**
 * Child processes of cells. While a cell waits for one without await, the I/O worker must know, because only signals to
 * the child help then; those that run beside the cells are known by number, so that no stop hits them by mistake.
 */
import childProcess, { type ChildProcess } from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'
import { Slot, type ToWire } from '../wire/link.js'
import type { Execution } from './context.js'

export interface ChildProcessParts {
  shared: Int32Array
  /** Throws when a stop was asked for. */
  check: () => void
  current: () => Execution | undefined
  send: (message: ToWire) => void
}

/** What ChildProcess has, but its types leave out: it starts the program. */
interface Spawner {
  spawn(this: ChildProcess, options: { detached?: boolean }): unknown
}

export function installChildProcesses({ shared, check, current, send }: ChildProcessParts): void {
  for (const name of ['execSync', 'execFileSync', 'spawnSync'] as const) {
    const plain = childProcess[name] as (...args: unknown[]) => unknown
    const waiting = function (...args: unknown[]): unknown {
      Atomics.add(shared, Slot.children, 1)
      try {
        return plain(...args)
      } finally {
        Atomics.sub(shared, Slot.children, 1)
        check()
      }
    }
    Object.defineProperty(waiting, 'name', { value: name })
    Object.assign(childProcess, { [name]: waiting })
  }

  const spawner = childProcess.ChildProcess.prototype as unknown as Spawner
  const plain = spawner.spawn
  spawner.spawn = function (options) {
    const result = plain.call(this, options)
    const { pid } = this
    if (pid === undefined) return result
    const owner = options.detached ? undefined : current()
    owner?.children.add(this)
    send({ type: 'child', pid, running: true })
    this.once('exit', () => {
      owner?.children.delete(this)
      send({ type: 'child', pid, running: false })
    })
    return result
  }
  syncBuiltinESMExports()
}
