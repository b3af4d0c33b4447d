/** Schedules that multiply the learning rate at certain steps. */
import { LRScheduler, type PerGroup, type ScheduledOptimizer, type ScheduleOptions } from './scheduler.js'
import { assertList, hint, readOptions, shown } from '../../tensor/options.js'

/** The factor of a decaying schedule. */
export interface GammaOptions extends ScheduleOptions {
  /** The factor. Default 0.1. */
  gamma?: number
}

/** lr · gamma after every `stepSize` epochs. torch.optim.lr_scheduler.StepLR. */
export class StepLR extends LRScheduler {
  readonly gamma: number

  constructor(
    optimizer: ScheduledOptimizer,
    readonly stepSize: number,
    options?: GammaOptions,
  ) {
    const { gamma, lastEpoch } = readOptions(new.target.name, options, { gamma: 0.1, lastEpoch: -1 })
    super(optimizer, { lastEpoch })
    if (!(stepSize > 0))
      throw new RangeError(`StepLR: stepSize must be above 0, got ${shown(stepSize)}${hint(stepSize)}`)
    this.gamma = gamma
    this.start()
  }

  protected getLr(): number[] {
    const due = this.lastEpoch !== 0 && this.lastEpoch % this.stepSize === 0
    return this.mapRates((lr) => (due ? lr * this.gamma : lr))
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** Math.floor(this.lastEpoch / this.stepSize))
  }
}

/** lr · gamma at each of the given epochs (twice where one is listed twice). torch.optim.lr_scheduler.MultiStepLR. */
export class MultiStepLR extends LRScheduler {
  readonly gamma: number
  readonly milestones: readonly number[]

  constructor(optimizer: ScheduledOptimizer, milestones: readonly number[], options?: GammaOptions) {
    const { gamma, lastEpoch } = readOptions(new.target.name, options, { gamma: 0.1, lastEpoch: -1 })
    super(optimizer, { lastEpoch })
    assertList('MultiStepLR', 'milestones', milestones)
    this.milestones = [...milestones]
    this.gamma = gamma
    this.start()
  }

  protected getLr(): number[] {
    const times = this.milestones.filter((epoch) => epoch === this.lastEpoch).length
    return this.mapRates((lr) => (times > 0 ? lr * this.gamma ** times : lr))
  }

  protected override closedForm(): number[] {
    const times = this.milestones.filter((epoch) => epoch <= this.lastEpoch).length
    return this.baseLrs.map((lr) => lr * this.gamma ** times)
  }
}

/** lr · gamma every epoch. torch.optim.lr_scheduler.ExponentialLR. */
export class ExponentialLR extends LRScheduler {
  constructor(
    optimizer: ScheduledOptimizer,
    readonly gamma: number,
    options?: ScheduleOptions,
  ) {
    super(optimizer, options)
    this.start()
  }

  protected getLr(): number[] {
    return this.mapRates((lr) => (this.isInitial ? lr : lr * this.gamma))
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** this.lastEpoch)
  }
}

/** Settings of `ConstantLR`. */
export interface ConstantLROptions extends ScheduleOptions {
  /** In [0, 1]. Default ⅓. */
  factor?: number
  /** Epochs with the factor. Default 5. */
  totalIters?: number
}

/** lr · factor during the first `totalIters` epochs, lr from then on. torch.optim.lr_scheduler.ConstantLR. */
export class ConstantLR extends LRScheduler {
  readonly factor: number
  readonly totalIters: number

  constructor(optimizer: ScheduledOptimizer, options?: ConstantLROptions) {
    const { factor, totalIters, lastEpoch } = readOptions(new.target.name, options, {
      factor: 1 / 3,
      totalIters: 5,
      lastEpoch: -1,
    })
    super(optimizer, { lastEpoch })
    if (!(factor >= 0 && factor <= 1)) throw new RangeError(`ConstantLR: factor must lie in [0, 1], got ${factor}`)
    this.factor = factor
    this.totalIters = totalIters
    this.start()
  }

  protected getLr(): number[] {
    if (this.lastEpoch === 0) return this.mapRates((lr) => lr * this.factor)
    return this.mapRates((lr) => (this.lastEpoch === this.totalIters ? lr * (1 / this.factor) : lr))
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => (this.lastEpoch >= this.totalIters ? lr : lr * this.factor))
  }
}

/** Settings of `LinearLR`. */
export interface LinearLROptions extends ScheduleOptions {
  /** In (0, 1]. Default ⅓. */
  startFactor?: number
  /** In [0, 1]. Default 1. */
  endFactor?: number
  /** Epochs from the first factor to the last. Default 5. */
  totalIters?: number
}

/** lr times a factor that goes in a line from startFactor to endFactor: a warm-up. torch.optim.lr_scheduler.LinearLR. */
export class LinearLR extends LRScheduler {
  readonly startFactor: number
  readonly endFactor: number
  readonly totalIters: number

  constructor(optimizer: ScheduledOptimizer, options?: LinearLROptions) {
    const { startFactor, endFactor, totalIters, lastEpoch } = readOptions(new.target.name, options, {
      startFactor: 1 / 3,
      endFactor: 1,
      totalIters: 5,
      lastEpoch: -1,
    })
    super(optimizer, { lastEpoch })
    if (!(startFactor > 0 && startFactor <= 1))
      throw new RangeError(`LinearLR: startFactor must lie in (0, 1], got ${startFactor}`)
    if (!(endFactor >= 0 && endFactor <= 1))
      throw new RangeError(`LinearLR: endFactor must lie in [0, 1], got ${endFactor}`)
    this.startFactor = startFactor
    this.endFactor = endFactor
    this.totalIters = totalIters
    this.start()
  }

  protected getLr(): number[] {
    const { startFactor, totalIters, lastEpoch } = this
    if (lastEpoch === 0) return this.mapRates((lr) => lr * startFactor)
    if (this.isInitial || lastEpoch > totalIters) return this.mapRates()
    const rise = this.endFactor - startFactor
    return this.mapRates((lr) => lr * (1 + rise / (totalIters * startFactor + (lastEpoch - 1) * rise)))
  }

  protected override closedForm(): number[] {
    const part = Math.min(this.totalIters, this.lastEpoch) / this.totalIters
    return this.baseLrs.map((lr) => lr * (this.startFactor + (this.endFactor - this.startFactor) * part))
  }
}

/** Settings of `PolynomialLR`. */
export interface PolynomialLROptions extends ScheduleOptions {
  /** Epochs until the rate is 0. Default 5. */
  totalIters?: number
  /** Default 1. */
  power?: number
}

/** lr · (1 − epoch/totalIters)^power. torch.optim.lr_scheduler.PolynomialLR. */
export class PolynomialLR extends LRScheduler {
  readonly totalIters: number
  readonly power: number

  constructor(optimizer: ScheduledOptimizer, options?: PolynomialLROptions) {
    const { totalIters, power, lastEpoch } = readOptions(new.target.name, options, {
      totalIters: 5,
      power: 1,
      lastEpoch: -1,
    })
    super(optimizer, { lastEpoch })
    this.totalIters = totalIters
    this.power = power
    this.start()
  }

  protected getLr(): number[] {
    const { totalIters, lastEpoch } = this
    if (this.isInitial || lastEpoch > totalIters) return this.mapRates()
    const factor = ((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** this.power
    return this.mapRates((lr) => lr * factor)
  }

  protected override closedForm(): number[] {
    const part = Math.min(this.totalIters, this.lastEpoch) / this.totalIters
    return this.baseLrs.map((lr) => lr * (1 - part) ** this.power)
  }
}

/** A factor for each epoch. */
export type RateFunction = (epoch: number) => number

/** The initial rate times a function of the epoch; one function for all groups, or one for each. torch.optim.lr_scheduler.LambdaLR. */
export class LambdaLR extends LRScheduler {
  readonly lrLambdas: readonly RateFunction[]

  constructor(optimizer: ScheduledOptimizer, lrLambda: PerGroup<RateFunction>, options?: ScheduleOptions) {
    super(optimizer, options)
    this.lrLambdas = this.perGroup('lrLambda', lrLambda)
    assertFunctions(new.target.name, this.lrLambdas)
    this.start()
  }

  protected getLr(): number[] {
    return this.baseLrs.map((lr, i) => lr * this.lrLambdas[i](this.lastEpoch))
  }
}

/** The present rate times a function of the epoch. torch.optim.lr_scheduler.MultiplicativeLR. */
export class MultiplicativeLR extends LRScheduler {
  readonly lrLambdas: readonly RateFunction[]

  constructor(optimizer: ScheduledOptimizer, lrLambda: PerGroup<RateFunction>, options?: ScheduleOptions) {
    super(optimizer, options)
    this.lrLambdas = this.perGroup('lrLambda', lrLambda)
    assertFunctions(new.target.name, this.lrLambdas)
    this.start()
  }

  protected getLr(): number[] {
    return this.mapRates((lr, i) => (this.isInitial ? lr : lr * this.lrLambdas[i](this.lastEpoch)))
  }
}

function assertFunctions(name: string, lrLambdas: readonly unknown[]): void {
  for (const lrLambda of lrLambdas)
    if (typeof lrLambda !== 'function')
      throw new TypeError(`${name}: lrLambda must be a function of the epoch, got ${shown(lrLambda)}${hint(lrLambda)}`)
}
