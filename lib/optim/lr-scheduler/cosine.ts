/** Schedules along a cosine. */
import { LRScheduler, type ScheduledOptimizer, type ScheduleOptions } from './scheduler.js'
import { hint, readOptions, shown } from '../../tensor/options.js'

/** Settings of `CosineAnnealingLR`. */
export interface CosineOptions extends ScheduleOptions {
  /** The smallest rate. Default 0. */
  etaMin?: number
}

/** From the initial rate along half a cosine to etaMin in `tMax` epochs, and back. Loshchilov & Hutter 2017; torch.optim.lr_scheduler.CosineAnnealingLR. */
export class CosineAnnealingLR extends LRScheduler {
  readonly etaMin: number

  constructor(
    optimizer: ScheduledOptimizer,
    readonly tMax: number,
    options?: CosineOptions,
  ) {
    const { etaMin, lastEpoch } = readOptions(new.target.name, options, { etaMin: 0, lastEpoch: -1 })
    super(optimizer, { lastEpoch })
    if (!(tMax > 0)) throw new RangeError(`CosineAnnealingLR: tMax must be above 0, got ${shown(tMax)}${hint(tMax)}`)
    this.etaMin = etaMin
    this.start()
  }

  protected getLr(): number[] {
    const { etaMin, tMax, lastEpoch, baseLrs } = this
    if (this.isInitial) return this.mapRates()
    if (this.stepCount === 1 && lastEpoch > 0) return this.closedForm()
    // At the turn the quotient below is 0/0.
    if ((lastEpoch - 1 - tMax) % (2 * tMax) === 0)
      return this.mapRates((lr, i) => lr + ((baseLrs[i] - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2)
    const height = (epoch: number): number => 1 + Math.cos((Math.PI * epoch) / tMax)
    return this.mapRates((lr) => (height(lastEpoch) / height(lastEpoch - 1)) * (lr - etaMin) + etaMin)
  }

  protected override closedForm(): number[] {
    const { etaMin, tMax, lastEpoch } = this
    return this.baseLrs.map((lr) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * lastEpoch) / tMax))) / 2)
  }
}

/** Settings of `CosineAnnealingWarmRestarts`. */
export interface WarmRestartOptions extends CosineOptions {
  /** Factor on the length of each further period. Default 1. */
  tMult?: number
}

/**
 * Half a cosine from the initial rate to etaMin in `t0` epochs, then anew, each time `tMult` times longer.
 * Loshchilov & Hutter 2017; torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly tMult: number
  readonly etaMin: number
  /** Length of the present period. */
  tI: number
  /** Epochs since the last restart. */
  tCur: number

  constructor(
    optimizer: ScheduledOptimizer,
    readonly t0: number,
    options?: WarmRestartOptions,
  ) {
    const { tMult, etaMin, lastEpoch } = readOptions(new.target.name, options, { tMult: 1, etaMin: 0, lastEpoch: -1 })
    super(optimizer, { lastEpoch })
    const name = 'CosineAnnealingWarmRestarts'
    if (!Number.isInteger(t0) || t0 < 1) throw new RangeError(`${name}: t0 must be a whole number from 1, got ${t0}`)
    if (!Number.isInteger(tMult) || tMult < 1)
      throw new RangeError(`${name}: tMult must be a whole number from 1, got ${tMult}`)
    this.tMult = tMult
    this.etaMin = etaMin
    this.tI = t0
    this.tCur = this.lastEpoch
    this.start()
  }

  protected getLr(): number[] {
    const { etaMin, tCur, tI } = this
    return this.baseLrs.map((lr) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * tCur) / tI))) / 2)
  }

  /** The next epoch; or any, also between two: `scheduler.step(epoch + i / batches)` after each batch. */
  override step(epoch?: number): void {
    const at = epoch ?? (this.lastEpoch < 0 ? 0 : undefined)
    if (at === undefined) {
      this.lastEpoch++
      this.tCur++
      if (this.tCur >= this.tI) {
        this.tCur %= this.tI
        this.tI *= this.tMult
      }
    } else {
      if (!(at >= 0)) throw new RangeError(`CosineAnnealingWarmRestarts: the epoch must not be negative, got ${at}`)
      this.#place(at)
      this.lastEpoch = Math.floor(at)
    }
    this.stepCount++
    this.setRates(this.getLr())
  }

  /** Period and position of an epoch. */
  #place(epoch: number): void {
    const { t0, tMult } = this
    if (epoch < t0 || tMult === 1) {
      this.tI = t0
      this.tCur = epoch % t0
      return
    }
    const restarts = Math.floor(Math.log((epoch / t0) * (tMult - 1) + 1) / Math.log(tMult))
    this.tCur = epoch - (t0 * (tMult ** restarts - 1)) / (tMult - 1)
    this.tI = t0 * tMult ** restarts
  }
}
