/**
 * The stop button, seen from the main thread. The I/O worker asks (see stop-ladder.ts there); here stand what rewritten
 * loops and the library call when they find the flag set, the sections that SIGINT breaks, and the giving up of a cell
 * that awaits something that never comes.
 */
import vm from 'node:vm'
import { resetAfterStop } from '../../lib/device/interrupt.js'
import { Slot } from '../wire/link.js'
import type { Execution, ExecutionContext } from './context.js'
import { original } from './timers.js'

/** Thrown into a cell by the stop button. */
export class KernelInterrupt extends Error {
  override readonly name = 'KernelInterrupt'
}

/** Time for an awaiting cell to wake up and stop by itself, so that its `finally` blocks run. */
const graceMs = 100

const sectionKey = Symbol.for('gradbook.section')
const section = new vm.Script(`globalThis[Symbol.for('gradbook.section')]()`, { filename: 'gradbook:section' })
let inside: () => unknown
Object.defineProperty(globalThis, sectionKey, { value: () => inside(), enumerable: false })

export class Interrupts {
  /** Cancelled cells that have not ended yet: while there are any, the flag stays up so that their loops find it. */
  private readonly lingering = new Set<Execution>()
  /** A promise that nobody can settle any more is collected, and its cell with it. */
  private readonly collected = new FinalizationRegistry<Execution>((execution) => this.ended(execution))

  constructor(
    private readonly shared: Int32Array,
    private readonly context: ExecutionContext,
  ) {
    // A SIGINT that comes just after its section has ended must not kill the process.
    process.on('SIGINT', () => {})
  }

  /** Called by rewritten loops and by the library when the flag is up: throws if the caller is to stop. */
  readonly check = (): void => {
    if (this.asked()) {
      if (!this.context.isMeant) return // a timer of another cell: not the one to stop
      this.acknowledge()
      throw new KernelInterrupt('stopped')
    }
    if (this.context.current?.cancelled) throw new KernelInterrupt('stopped')
  }

  /** Runs synchronous user code so that SIGINT breaks it; a broken section throws KernelInterrupt. */
  section<T>(run: () => T): T {
    if (Atomics.load(this.shared, Slot.section) === 1) return run()
    inside = () => {
      Atomics.store(this.shared, Slot.section, 1)
      return run()
    }
    try {
      return section.runInThisContext({ breakOnSigint: true }) as T
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code !== 'ERR_SCRIPT_EXECUTION_INTERRUPTED') throw error
      // Breaking a timer of another cell leaves the stop for the cell that it was meant for.
      if (this.context.isMeant) this.acknowledge()
      // The break ran no `finally`, so not the library's either.
      resetAfterStop()
      throw new KernelInterrupt('stopped in code that does not look at the stop button')
    } finally {
      Atomics.store(this.shared, Slot.section, 0)
    }
  }

  /** The stop message: it is read when no code runs, so the cells, if there are any, await something. */
  receive(hard: boolean): void {
    if (!this.asked()) return
    this.acknowledge()
    for (const execution of this.context.running) {
      execution.cancel()
      this.lingering.add(execution)
      const giveUp = () => execution.giveUp(new KernelInterrupt('stopped while the cell was waiting'))
      if (hard) giveUp()
      else original.setTimeout(giveUp, graceMs)
    }
    this.raiseFlag()
  }

  /** Tells when the code of a cell has really ended, which may be long after it was given up. */
  watch(execution: Execution, promise: Promise<unknown>): void {
    const ended = () => this.ended(execution)
    promise.then(ended, ended)
    this.collected.register(promise, execution)
  }

  private ended(execution: Execution): void {
    if (this.lingering.delete(execution)) this.raiseFlag()
  }

  private asked(): boolean {
    return Atomics.load(this.shared, Slot.acknowledged) < Atomics.load(this.shared, Slot.requested)
  }

  private acknowledge(): void {
    Atomics.store(this.shared, Slot.acknowledged, Atomics.load(this.shared, Slot.requested))
    this.raiseFlag()
  }

  private raiseFlag(): void {
    Atomics.store(this.shared, Slot.flag, this.lingering.size > 0 ? 1 : 0)
  }
}
