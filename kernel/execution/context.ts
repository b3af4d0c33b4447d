/**
 * Which cell the code that runs right now belongs to: its outputs go there, and a stop is meant for it or not.
 *
 * From Node 24 on, AsyncLocalStorage knows. Before, it works by promise hooks, and with these a termination after an
 * await (the last rung of the stop button) aborts the process: there timers carry their cell, and everything else
 * belongs to the cell that runs, or to the last one.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { original } from './timers.js'

const storageIsSafe = Number(process.versions.node.split('.')[0]) >= 24

export class Execution {
  /** Displays whose bundles are still being made; the cell's reply waits for them. */
  readonly pending: Promise<unknown>[] = []
  private readonly stopping = new AbortController()
  /** The kernel no longer waits for this cell: its timers must not run either. */
  abandoned = false
  /** Rejects when the kernel gives up waiting for this cell. */
  readonly givenUp: Promise<never>
  private reject!: (error: Error) => void

  constructor(
    readonly id: number,
    /** How errors and diagnostics call this cell. */
    readonly label: string,
    /** Whether the front end answers questions. */
    readonly allowStdin = false,
  ) {
    this.givenUp = new Promise<never>((_, reject) => (this.reject = reject))
    this.givenUp.catch(() => {}) // raced, or nobody waits any more
  }

  /** A stop found this cell awaiting: its code must not go on, wherever it wakes up. */
  get cancelled(): boolean {
    return this.stopping.signal.aborted
  }

  /** Tells what the cell awaits that it must not. */
  get stopped(): AbortSignal {
    return this.stopping.signal
  }

  cancel(): void {
    this.stopping.abort()
  }

  giveUp(error: Error): void {
    this.abandoned = true
    this.reject(error)
  }
}

export class ExecutionContext {
  private runningCell: Execution | undefined
  private last: Execution | undefined
  private callbackCell: Execution | undefined
  private resetPlanned = false
  private readonly storage = storageIsSafe ? new AsyncLocalStorage<Execution>() : undefined

  /** The cell that the front end waits for. */
  get running(): Execution | undefined {
    return this.runningCell
  }

  get current(): Execution | undefined {
    return this.storage?.getStore() ?? this.callbackCell ?? this.runningCell ?? this.last
  }

  /** Makes `execution` the running cell and runs `code` as its code. */
  start<T>(execution: Execution, code: () => T): T {
    this.callbackCell = undefined
    this.runningCell = this.last = execution
    return this.storage ? this.storage.run(execution, code) : code()
  }

  finish(): void {
    this.runningCell = undefined
  }

  /** Runs a callback of `execution`, such as a timer's; what it wakes up by promises, right after it, belongs there too. */
  runCallback(execution: Execution | undefined, callback: () => void): void {
    if (this.storage) return execution ? this.storage.run(execution, callback) : callback()
    this.callbackCell = execution
    if (!this.resetPlanned) {
      this.resetPlanned = true
      original.setImmediate(() => {
        this.resetPlanned = false
        this.callbackCell = undefined
      })
    }
    callback()
  }
}
