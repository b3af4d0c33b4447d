/**
 * The stop button, seen from the main thread. The I/O worker asks (see stop-ladder.ts there); here stand what rewritten
 * loops and the library call when they find the flag set, the sections that SIGINT breaks, and the giving up of a cell
 * that awaits something that never comes.
 */
import vm from 'node:vm'
import { addon } from '../../lib/device/addon.js'
import { resetAfterStop, Stop } from '../../lib/device/interrupt.js'
import { Slot } from '../wire/link.js'
import type { Execution, ExecutionContext } from './context.js'
import { guardHeap, heapIsFull } from './heap-guard.js'
import { original } from './timers.js'

/** Thrown into a cell by the stop button. */
export class KernelInterrupt extends Stop {
  override readonly name: string = 'KernelInterrupt'
}

/** Thrown into a cell that fills the heap. */
export class HeapLimitError extends KernelInterrupt {
  override readonly name = 'HeapLimitError'
}

/** Time for signals of an earlier stop to arrive. */
const settleMs = 150
/** Time for an awaiting cell to wake up and stop by itself, so that its `finally` blocks run. */
const graceMs = 100

const sectionKey = Symbol.for('gradbook.section')
const section = new vm.Script(`globalThis[Symbol.for('gradbook.section')]()`, { filename: 'gradbook:section' })
let inside: () => unknown
Object.defineProperty(globalThis, sectionKey, { value: () => inside(), enumerable: false })

const isBreak = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED'

export class Interrupts {
  /** SIGINTs that have been noticed. */
  private signals = 0
  /** Cancelled cells that have not ended yet: while there are any, the flag stays up so that their loops find it. */
  private readonly lingering = new Set<Execution>()
  /** A promise that nobody can settle any more is collected, and its cell with it. */
  private readonly collected = new FinalizationRegistry<Execution>((execution) => this.ended(execution))

  constructor(
    private readonly shared: Int32Array,
    private readonly context: ExecutionContext,
  ) {
    // A SIGINT that comes just after its section has ended must not kill the process.
    process.on('SIGINT', () => this.signals++)
  }

  /** Has the engine learn how a section is broken, so that the I/O worker needs no signals. */
  rememberBreak(): void {
    this.section(() => addon().rememberBreak())
  }

  /** Called by rewritten loops and by the library when the flag is up: throws if the caller is to stop. */
  readonly check = (): void => {
    if (this.asked()) {
      if (!this.context.isMeant) return // a timer of another cell: not the one to stop
      throw this.acknowledge('stopped')
    }
    if (this.context.current?.cancelled) throw new KernelInterrupt('stopped')
  }

  /** Runs synchronous user code so that SIGINT breaks it; a broken section throws KernelInterrupt. */
  section<T>(run: () => T): T {
    if (Atomics.load(this.shared, Slot.section) === 1) return run()
    if (this.signals !== Atomics.load(this.shared, Slot.signals)) this.settle()
    inside = () => {
      Atomics.store(this.shared, Slot.section, 1)
      return run()
    }
    try {
      return section.runInThisContext({ breakOnSigint: true }) as T
    } catch (error) {
      if (!isBreak(error)) throw error
      this.signals++
      const reason = 'stopped in code that does not look at the stop button'
      // The break ran no `finally`, so not the library's either.
      resetAfterStop()
      // Breaking a timer of another cell leaves the stop for the cell that it was meant for.
      throw this.context.isMeant ? this.acknowledge(reason) : new KernelInterrupt(reason)
    } finally {
      Atomics.store(this.shared, Slot.section, 0)
    }
  }

  /**
   * Takes what is left of earlier stops. A SIGINT that came while its section was ending is still on its way through
   * Node's watchdog thread and would break the next section, which nobody wants to stop.
   */
  private settle(): void {
    const end = performance.now() + settleMs
    inside = () => {
      while (performance.now() < end);
    }
    for (; this.signals < Atomics.load(this.shared, Slot.signals) && performance.now() < end; this.signals++)
      try {
        section.runInThisContext({ breakOnSigint: true })
      } catch (error) {
        if (!isBreak(error)) throw error
      }
    this.signals = Atomics.load(this.shared, Slot.signals)
  }

  /** The stop message: it is read when no code runs, so the cells, if there are any, await something. */
  receive(hard: boolean): void {
    if (!this.asked()) return
    this.cancelRunning(hard, this.acknowledge('stopped while the cell was waiting'))
  }

  /**
   * Whether what nobody caught is a stop that hit a callback. A callback has no reply in which the stop could be shown,
   * so the cells that run, which wait for something, are the ones that end by it.
   */
  isStray(error: unknown): boolean {
    if (!(error instanceof KernelInterrupt)) return false
    const expected = this.context.running.length > 0 || (this.context.current?.cancelled ?? false)
    this.cancelRunning(false, error)
    return expected
  }

  private cancelRunning(hard: boolean, reason: KernelInterrupt): void {
    for (const execution of this.context.running) {
      execution.cancel()
      this.lingering.add(execution)
      const giveUp = () => execution.giveUp(reason)
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
    if (Atomics.load(this.shared, Slot.heapFull) === 1) return true
    return Atomics.load(this.shared, Slot.acknowledged) < Atomics.load(this.shared, Slot.requested)
  }

  /** Takes note of the stop. Returns what the cell is to end with; `how` says in which way it was stopped. */
  private acknowledge(how: string): KernelInterrupt {
    Atomics.store(this.shared, Slot.acknowledged, Atomics.load(this.shared, Slot.requested))
    this.raiseFlag()
    if (Atomics.exchange(this.shared, Slot.heapFull, 0) === 0) return new KernelInterrupt(how)
    guardHeap(this.shared)
    return new HeapLimitError(heapIsFull)
  }

  private raiseFlag(): void {
    Atomics.store(this.shared, Slot.flag, this.lingering.size > 0 ? 1 : 0)
  }
}
