/** Schedules that raise the learning rate and lower it again, and the momentum the other way round. */
import { readOptions } from '../../tensor/options.js'
import {
  LRScheduler,
  type PerGroup,
  type ScheduledGroup,
  type ScheduledOptimizer,
  type ScheduleOptions,
} from './scheduler.js'

/** How a scheduler sets the momentum, or β₁ of the optimizers that have betas. @throws for optimizers without either. */
function momentumSetter(
  scheduler: string,
  optimizer: ScheduledOptimizer,
): (group: ScheduledGroup, value: number) => void {
  if ('betas' in optimizer.defaults)
    return (group, value) => {
      group.betas = [value, (group.betas as readonly [number, number])[1]]
    }
  if ('momentum' in optimizer.defaults)
    return (group, value) => {
      group.momentum = value
    }
  throw new Error(
    `${scheduler}: ${optimizer.constructor.name} has neither momentum nor betas to cycle; pass { cycleMomentum: false }`,
  )
}

interface MomentumOptions extends ScheduleOptions {
  /** Lower the momentum while the rate rises, and the other way round. Default true. */
  cycleMomentum?: boolean
  /** The smallest momentum, at the largest rate. */
  baseMomentum?: PerGroup<number>
  /** The largest momentum, at the smallest rate. */
  maxMomentum?: PerGroup<number>
}

abstract class MomentumCycle extends LRScheduler {
  readonly cycleMomentum: boolean
  readonly #setMomentum: ((group: ScheduledGroup, value: number) => void) | null

  constructor(
    optimizer: ScheduledOptimizer,
    {
      cycleMomentum,
      baseMomentum,
      maxMomentum,
      lastEpoch = -1,
    }: Required<Omit<MomentumOptions, 'lastEpoch'>> & ScheduleOptions,
  ) {
    super(optimizer, { lastEpoch })
    this.cycleMomentum = cycleMomentum
    this.#setMomentum = cycleMomentum ? momentumSetter(this.constructor.name, optimizer) : null
    const [base, max] = [this.perGroup('baseMomentum', baseMomentum), this.perGroup('maxMomentum', maxMomentum)]
    if (!cycleMomentum || lastEpoch !== -1) return
    optimizer.paramGroups.forEach((group, i) => {
      group.baseMomentum = base[i]
      group.maxMomentum = max[i]
      this.#setMomentum?.(group, max[i])
    })
  }

  protected setMomentum(group: ScheduledGroup, value: number): void {
    this.#setMomentum?.(group, value)
  }
}

/** Settings of `OneCycleLR`. */
export interface OneCycleLROptions extends MomentumOptions {
  /** Steps of the whole cycle; or give epochs and stepsPerEpoch. */
  totalSteps?: number
  epochs?: number
  stepsPerEpoch?: number
  /** Part of the cycle in which the rate rises. Default 0.3. */
  pctStart?: number
  /** Default 'cos'. */
  annealStrategy?: 'cos' | 'linear'
  /** Default 0.85. */
  baseMomentum?: PerGroup<number>
  /** Default 0.95. */
  maxMomentum?: PerGroup<number>
  /** The first rate is maxLr / divFactor. Default 25. */
  divFactor?: number
  /** The last rate is the first / finalDivFactor. Default 1e4. */
  finalDivFactor?: number
  /** Fall to the first rate before falling to the last. Default false. */
  threePhase?: boolean
}

type RateName = 'initialLr' | 'maxLr' | 'minLr'
type MomentumName = 'baseMomentum' | 'maxMomentum'

interface Phase {
  end: number
  lr: [from: RateName, to: RateName]
  momentum: [from: MomentumName, to: MomentumName]
}

/** One rise to `maxLr` and one fall far below; call `step()` after every batch. Smith & Topin 2018; torch.optim.lr_scheduler.OneCycleLR. */
export class OneCycleLR extends MomentumCycle {
  readonly totalSteps: number
  readonly annealStrategy: 'cos' | 'linear'
  readonly #phases: readonly Phase[]

  constructor(optimizer: ScheduledOptimizer, maxLr: PerGroup<number>, options?: OneCycleLROptions) {
    const settings = readOptions('OneCycleLR', options, {
      pctStart: 0.3,
      annealStrategy: 'cos',
      divFactor: 25,
      finalDivFactor: 1e4,
      threePhase: false,
      totalSteps: undefined,
      epochs: undefined,
      stepsPerEpoch: undefined,
      cycleMomentum: true,
      baseMomentum: 0.85,
      maxMomentum: 0.95,
      lastEpoch: -1,
    })
    const { pctStart, annealStrategy, divFactor, finalDivFactor, threePhase } = settings
    const { cycleMomentum, baseMomentum, maxMomentum, lastEpoch } = settings
    const total = stepsOf(settings)
    if (!(pctStart >= 0 && pctStart <= 1))
      throw new RangeError(`OneCycleLR: pctStart must lie in [0, 1], got ${pctStart}`)
    if (annealStrategy !== 'cos' && annealStrategy !== 'linear')
      throw new RangeError(`OneCycleLR: annealStrategy must be 'cos' or 'linear', got '${String(annealStrategy)}'`)
    super(optimizer, { cycleMomentum, baseMomentum, maxMomentum, lastEpoch })
    this.totalSteps = total
    this.annealStrategy = annealStrategy
    const rates = this.perGroup('maxLr', maxLr)
    if (lastEpoch === -1)
      optimizer.paramGroups.forEach((group, i) => {
        const initialLr = rates[i] / divFactor
        Object.assign(group, { initialLr, maxLr: rates[i], minLr: initialLr / finalDivFactor })
        this.baseLrs[i] = initialLr
      })
    const rise: Phase = {
      end: pctStart * total - 1,
      lr: ['initialLr', 'maxLr'],
      momentum: ['maxMomentum', 'baseMomentum'],
    }
    this.#phases = threePhase
      ? [
          rise,
          { end: 2 * pctStart * total - 2, lr: ['maxLr', 'initialLr'], momentum: ['baseMomentum', 'maxMomentum'] },
          { end: total - 1, lr: ['initialLr', 'minLr'], momentum: ['maxMomentum', 'maxMomentum'] },
        ]
      : [rise, { end: total - 1, lr: ['maxLr', 'minLr'], momentum: ['baseMomentum', 'maxMomentum'] }]
    this.start()
  }

  protected getLr(): number[] {
    const step = this.lastEpoch
    if (step > this.totalSteps)
      throw new RangeError(`OneCycleLR: step ${step} is past the end, the cycle has ${this.totalSteps} steps`)
    const found = this.#phases.findIndex(({ end }) => step <= end)
    const at = found < 0 ? this.#phases.length - 1 : found
    const { end, lr, momentum } = this.#phases[at]
    const begin = at === 0 ? 0 : this.#phases[at - 1].end
    const part = (step - begin) / (end - begin)
    return this.optimizer.paramGroups.map((group) => {
      const between = (names: readonly [RateName | MomentumName, RateName | MomentumName]): number =>
        this.#anneal(group[names[0]] as number, group[names[1]] as number, part)
      if (this.cycleMomentum) this.setMomentum(group, between(momentum))
      return between(lr)
    })
  }

  #anneal(from: number, to: number, part: number): number {
    if (this.annealStrategy === 'linear') return (to - from) * part + from
    return to + ((from - to) / 2) * (Math.cos(Math.PI * part) + 1)
  }
}

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleLROptions): number {
  const given = totalSteps === undefined ? { epochs, stepsPerEpoch } : { totalSteps }
  let product = 1
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) throw new TypeError('OneCycleLR: pass totalSteps, or both epochs and stepsPerEpoch')
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`OneCycleLR: ${name} must be a whole number from 1, got ${value}`)
    product *= value
  }
  return product
}

/** Settings of `CyclicLR`. */
export interface CyclicLROptions extends MomentumOptions {
  /** Steps of the rise. Default 2000. */
  stepSizeUp?: number
  /** Steps of the fall. Default: as many. */
  stepSizeDown?: number
  /** 'triangular' repeats itself, 'triangular2' halves each cycle, 'expRange' shrinks by gamma each step. Default 'triangular'. */
  mode?: 'triangular' | 'triangular2' | 'expRange' | 'exp_range'
  /** For 'expRange'. Default 1. */
  gamma?: number
  /** Height of a cycle (counted from 1) or of a step (from 0), instead of mode. */
  scaleFn?: (x: number) => number
  /** What scaleFn is given. Default 'cycle'. */
  scaleMode?: 'cycle' | 'iterations'
  /** Default 0.8. */
  baseMomentum?: PerGroup<number>
  /** Default 0.9. */
  maxMomentum?: PerGroup<number>
}

/** Up from `baseLr` to `maxLr` and down again, over and over; call `step()` after every batch. Smith 2017; torch.optim.lr_scheduler.CyclicLR. */
export class CyclicLR extends MomentumCycle {
  readonly maxLrs: readonly number[]
  readonly totalSize: number
  /** Part of a cycle in which the rate rises. */
  readonly stepRatio: number
  readonly #scale: (cycle: number, step: number) => number

  constructor(
    optimizer: ScheduledOptimizer,
    baseLr: PerGroup<number>,
    maxLr: PerGroup<number>,
    options?: CyclicLROptions,
  ) {
    const settings = readOptions('CyclicLR', options, {
      stepSizeUp: 2000,
      stepSizeDown: undefined,
      mode: 'triangular',
      gamma: 1,
      scaleFn: undefined,
      scaleMode: 'cycle',
      cycleMomentum: true,
      baseMomentum: 0.8,
      maxMomentum: 0.9,
      lastEpoch: -1,
    })
    const { stepSizeUp, stepSizeDown = stepSizeUp, mode, gamma, scaleFn, scaleMode } = settings
    const { cycleMomentum, baseMomentum, maxMomentum, lastEpoch } = settings
    if (!scaleFn && !['triangular', 'triangular2', 'expRange', 'exp_range'].includes(mode))
      throw new RangeError(`CyclicLR: mode must be 'triangular', 'triangular2' or 'expRange', got '${mode}'`)
    super(optimizer, { cycleMomentum, baseMomentum, maxMomentum, lastEpoch })
    this.perGroup('baseLr', baseLr).forEach((lr, i) => {
      if (lastEpoch === -1) optimizer.paramGroups[i].lr = lr
      this.baseLrs[i] = lr
    })
    this.maxLrs = this.perGroup('maxLr', maxLr)
    this.totalSize = stepSizeUp + stepSizeDown
    this.stepRatio = stepSizeUp / this.totalSize
    if (scaleFn) this.#scale = (cycle, step) => scaleFn(scaleMode === 'cycle' ? cycle : step)
    else if (mode === 'expRange' || mode === 'exp_range') this.#scale = (_, step) => gamma ** step
    else this.#scale = mode === 'triangular' ? () => 1 : (cycle) => 1 / 2 ** (cycle - 1)
    this.start()
  }

  protected getLr(): number[] {
    const cycle = Math.floor(1 + this.lastEpoch / this.totalSize)
    const x = 1 + this.lastEpoch / this.totalSize - cycle
    const height = x <= this.stepRatio ? x / this.stepRatio : (x - 1) / (this.stepRatio - 1)
    const scale = this.#scale(cycle, this.lastEpoch)
    return this.optimizer.paramGroups.map((group, i) => {
      const { baseMomentum = 0, maxMomentum = 0 } = group
      if (this.cycleMomentum) this.setMomentum(group, maxMomentum - (maxMomentum - baseMomentum) * height * scale)
      return this.baseLrs[i] + (this.maxLrs[i] - this.baseLrs[i]) * height * scale
    })
  }
}
