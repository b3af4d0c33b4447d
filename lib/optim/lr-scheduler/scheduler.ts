/** What schedulers of the learning rate share: the optimizer, the last rates, saving and loading. */
import { Optimizer, type ScheduleNotes } from '../optimizer.js'
import { readOptions } from '../../tensor/options.js'

/** A group of parameters as schedulers see it. */
export interface ScheduledGroup extends ScheduleNotes {
  lr: number
  momentum?: number
  betas?: readonly [number, number]
}

/** Any optimizer, as schedulers see it. */
export interface ScheduledOptimizer {
  readonly paramGroups: readonly ScheduledGroup[]
  readonly defaults: object
  /** @internal */
  readonly stepsTaken: number
}

/** Numbers, settings and lists of numbers; functions are left out. */
export type SchedulerState = Record<string, unknown>

/** One value for all groups, or one for each. */
export type PerGroup<T> = T | readonly T[]

/** Everything that sets learning rates (torch.optim.lr_scheduler). */
export abstract class Scheduler {
  /** How often `step` was called, not counting the one of the constructor. */
  lastEpoch = -1
  protected lastLr: number[] = []

  constructor(readonly optimizer: ScheduledOptimizer) {
    if (!(optimizer instanceof Optimizer))
      throw new TypeError(`${this.constructor.name}: the first argument must be an optimizer, got ${typeof optimizer}`)
    this.noteRates()
  }

  /** The learning rates of all groups, as last set. */
  getLastLr(): number[] {
    return [...this.lastLr]
  }

  protected noteRates(): void {
    this.lastLr = this.optimizer.paramGroups.map((group) => group.lr)
  }

  /** One value for each group. @throws when a list has another length. */
  protected perGroup<T>(name: string, value: PerGroup<T>): T[] {
    const groups = this.optimizer.paramGroups
    if (!Array.isArray(value)) return groups.map(() => value as T)
    if (value.length !== groups.length)
      throw new RangeError(
        `${this.constructor.name}: ${name} has ${value.length} values, the optimizer ${groups.length} groups`,
      )
    return [...(value as T[])]
  }

  /** Where the schedule stands, as plain data; functions must be given again to the constructor. */
  stateDict(): SchedulerState {
    const plain = (value: unknown): boolean =>
      Array.isArray(value) ? value.every(plain) : typeof value !== 'function' && typeof value !== 'object'
    const entries = Object.entries(this).filter(
      ([name, value]) => name !== 'optimizer' && (value === null || plain(value)),
    )
    return structuredClone(Object.fromEntries(entries))
  }

  /** Continues where `stateDict` was taken. Load the optimizer's state as well: the rates themselves are its own. */
  loadStateDict(state: SchedulerState): void {
    for (const name of Object.keys(state))
      if (!(name in this)) throw new Error(`loadStateDict: ${this.constructor.name} has no '${name}'`)
    Object.assign(this, structuredClone(state))
  }
}

/** Settings of every schedule. */
export interface ScheduleOptions {
  /** Last epoch of a run that is continued; its optimizer's state must be loaded. Default −1: a new run. */
  lastEpoch?: number
}

/** A schedule that depends on the number of steps alone. Constructors of subclasses end with `this.start()`. */
export abstract class LRScheduler extends Scheduler {
  /** The learning rates that the schedule started from. */
  readonly baseLrs: number[]
  /** @internal */
  stepCount = 0
  protected isInitial = false

  /** @throws when a run is to be continued but the optimizer knows no initial rates. */
  constructor(optimizer: ScheduledOptimizer, options?: ScheduleOptions) {
    super(optimizer)
    const { lastEpoch } = readOptions(this.constructor.name, options, { lastEpoch: -1 })
    this.lastEpoch = lastEpoch
    this.baseLrs = optimizer.paramGroups.map((group, i) => {
      if (lastEpoch === -1) group.initialLr ??= group.lr
      else if (group.initialLr === undefined)
        throw new Error(
          `${this.constructor.name}: lastEpoch ${lastEpoch} continues a run, but group ${i} has no initialLr; ` +
            'load the state of the optimizer first',
        )
      return group.initialLr
    })
  }

  /** The learning rates for `lastEpoch`, from the present ones. */
  protected abstract getLr(): number[]

  /** The learning rates for `lastEpoch` from the initial ones, where there is a formula. */
  protected closedForm?(): number[]

  /** @internal Sets the rates of the first epoch. */
  start(): void {
    this.stepCount = 0
    this.isInitial = true
    try {
      this.step()
    } finally {
      this.isInitial = false
    }
  }

  /** Sets the learning rates of the next epoch. Call it after `optimizer.step()`. */
  step(): void {
    if (this.stepCount === 1 && this.optimizer.stepsTaken === 0)
      console.warn(
        `${this.constructor.name}: step() was called before the optimizer's first step(), so the first learning rate is ` +
          'never used; call optimizer.step() first',
      )
    this.stepCount++
    this.lastEpoch++
    this.setRates(this.getLr())
  }

  /** @internal Sets the rates of a given epoch, as when one schedule follows another. */
  jumpTo(epoch: number): void {
    this.lastEpoch = epoch
    this.setRates(this.closedForm?.() ?? this.getLr())
  }

  protected setRates(rates: readonly number[]): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      group.lr = rates[i]
    })
    this.noteRates()
  }

  /** The present rates, changed. */
  protected mapRates(change: (lr: number, group: number) => number = (lr) => lr): number[] {
    return this.optimizer.paramGroups.map((group, i) => change(group.lr, i))
  }
}
