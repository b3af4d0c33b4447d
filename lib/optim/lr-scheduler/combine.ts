/** Schedules made of schedules. */
import { ReduceLROnPlateau } from './plateau.js'
import { type LRScheduler, Scheduler, type ScheduledOptimizer, type SchedulerState } from './scheduler.js'
import { readOptions } from '../../tensor/options.js'

function checkParts(name: string, optimizer: ScheduledOptimizer, schedulers: readonly Scheduler[]): void {
  if (schedulers.length === 0) throw new RangeError(`${name}: needs at least one scheduler, got none`)
  schedulers.forEach((scheduler, i) => {
    if (scheduler instanceof ReduceLROnPlateau)
      throw new TypeError(
        `${name}: scheduler ${i} is ReduceLROnPlateau, whose step needs a metric; step it by itself after this one`,
      )
    if (scheduler.optimizer !== optimizer)
      throw new Error(`${name}: scheduler ${i} (${scheduler.constructor.name}) belongs to another optimizer`)
  })
}

/** What combined schedules share: saving their parts with them. */
abstract class Combined extends Scheduler {
  protected abstract readonly schedulers: readonly (LRScheduler | Combined)[]

  /** Sets the learning rates of the next epoch. */
  abstract step(): void

  override stateDict(): SchedulerState {
    return { ...super.stateDict(), schedulers: this.schedulers.map((scheduler) => scheduler.stateDict()) }
  }

  override loadStateDict({ schedulers, ...own }: SchedulerState): void {
    const parts = schedulers as SchedulerState[]
    if (parts?.length !== this.schedulers.length)
      throw new Error(
        `loadStateDict: the saved schedule has ${parts?.length ?? 0} parts, this one ${this.schedulers.length}`,
      )
    super.loadStateDict(own)
    this.schedulers.forEach((scheduler, i) => scheduler.loadStateDict(parts[i]))
  }
}

/** One schedule after the other: the next begins at each milestone. torch.optim.lr_scheduler.SequentialLR. */
export class SequentialLR extends Combined {
  protected readonly schedulers: readonly LRScheduler[]
  readonly milestones: readonly number[]

  constructor(optimizer: ScheduledOptimizer, schedulers: readonly LRScheduler[], milestones: readonly number[]) {
    super(optimizer)
    checkParts('SequentialLR', optimizer, schedulers)
    this.schedulers = [...schedulers]
    if (milestones.length !== schedulers.length - 1)
      throw new RangeError(
        `SequentialLR: ${schedulers.length} schedulers need ${schedulers.length - 1} milestones, got ${milestones.length}`,
      )
    this.milestones = [...milestones]
    this.lastEpoch = 0
    // Each part has already set the rates of its own beginning: start over with the first one alone.
    for (const group of optimizer.paramGroups) group.lr = group.initialLr as number
    for (const scheduler of this.schedulers) scheduler.lastEpoch--
    this.schedulers[this.#active()].start()
    this.noteRates()
  }

  #active(): number {
    return this.milestones.filter((milestone) => milestone <= this.lastEpoch).length
  }

  step(): void {
    this.lastEpoch++
    const active = this.#active()
    if (active > 0 && this.milestones[active - 1] === this.lastEpoch) this.schedulers[active].jumpTo(0)
    else this.schedulers[active].step()
    this.noteRates()
  }
}

/** Several schedules at once, each changing what the one before has set. torch.optim.lr_scheduler.ChainedScheduler. */
export class ChainedScheduler extends Combined {
  protected readonly schedulers: readonly (LRScheduler | SequentialLR)[]

  constructor(schedulers: readonly (LRScheduler | SequentialLR)[], options?: { optimizer?: ScheduledOptimizer }) {
    const { optimizer } = readOptions('ChainedScheduler', options, { optimizer: schedulers[0]?.optimizer })
    if (schedulers.length === 0) throw new RangeError('ChainedScheduler: needs at least one scheduler, got none')
    super(optimizer)
    checkParts('ChainedScheduler', optimizer, schedulers)
    this.schedulers = [...schedulers]
    this.lastEpoch = 0
    this.noteRates()
  }

  step(): void {
    this.lastEpoch++
    for (const scheduler of this.schedulers) scheduler.step()
    this.noteRates()
  }
}
