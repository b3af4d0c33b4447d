/**
 * Which cell the code that runs right now belongs to: its outputs go there, and a stop is meant for it or not.
 *
 * From Node 24 on, AsyncLocalStorage knows. Before, it works by promise hooks, and with these a termination after an
 * await (the last rung of the stop button) aborts the process: there timers carry their cell, and everything else
 * belongs to the cell that runs, or to the last one.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ChildProcess } from 'node:child_process'
import { original } from './timers.js'

const storageIsSafe = Number(process.versions.node.split('.')[0]) >= 24

export class Execution {
  /** Displays whose bundles are still being made; the cell's reply waits for them. */
  readonly pending: Promise<unknown>[] = []
  /** Warnings that are still being found; they may explain an error, so that waits for them, too. */
  readonly warnings: Promise<unknown>[] = []
  /** Child processes that its code has started and that have not ended. */
  readonly children = new Set<ChildProcess>()
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
  /** Oldest first; more than one where subshells run cells at the same time. */
  private readonly runningCells: Execution[] = []
  private last: Execution | undefined
  private callbackCell: Execution | undefined
  private resetPlanned = false
  private readonly storage = storageIsSafe ? new AsyncLocalStorage<Execution>() : undefined

  /** The cells that front ends wait for. */
  get running(): readonly Execution[] {
    return this.runningCells
  }

  get current(): Execution | undefined {
    return this.storage?.getStore() ?? this.callbackCell ?? this.runningCells.at(-1) ?? this.last
  }

  /** Makes `execution` a running cell and runs `code` as its code. */
  start<T>(execution: Execution, code: () => T): T {
    this.callbackCell = undefined
    this.runningCells.push(execution)
    this.last = execution
    return this.storage ? this.storage.run(execution, code) : code()
  }

  /** Code of a running cell is about to go on by itself, not in the wake of a callback. */
  resume(): void {
    this.callbackCell = undefined
  }

  finish(execution: Execution): void {
    const at = this.runningCells.indexOf(execution)
    if (at >= 0) this.runningCells.splice(at, 1)
  }

  /** Whether a stop is meant for the code that runs right now: it is, unless another cell is the one that is waited for. */
  get isMeant(): boolean {
    const { current } = this
    return this.runningCells.length === 0 || (current !== undefined && this.runningCells.includes(current))
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
