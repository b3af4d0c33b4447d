/** Lowering the learning rate when progress stops. */
import type { Tensor } from '../../tensor/tensor.js'
import { Scheduler, type PerGroup, type ScheduledOptimizer } from './scheduler.js'
import { readOptions } from '../../tensor/options.js'

/** Settings of `ReduceLROnPlateau`. */
export interface PlateauOptions {
  /** Whether the metric should fall or rise. Default 'min'. */
  mode?: 'min' | 'max'
  /** New rate = old rate · factor; below 1. Default 0.1. */
  factor?: number
  /** Epochs without progress that are tolerated. Default 10. */
  patience?: number
  /** Progress smaller than this is none. Default 1e-4. */
  threshold?: number
  /** Threshold relative to the best value, or absolute. Default 'rel'. */
  thresholdMode?: 'rel' | 'abs'
  /** Epochs after a reduction in which nothing is counted. Default 0. */
  cooldown?: number
  /** No rate goes below this. Default 0. */
  minLr?: PerGroup<number>
  /** Smaller reductions are left out. Default 1e-8. */
  eps?: number
}

/**
 * Multiplies the rates by `factor` when the metric has not got better for more than `patience` epochs:
 * `scheduler.step(validationLoss)`. torch.optim.lr_scheduler.ReduceLROnPlateau.
 */
export class ReduceLROnPlateau extends Scheduler {
  readonly mode: 'min' | 'max'
  readonly factor: number
  readonly patience: number
  readonly threshold: number
  readonly thresholdMode: 'rel' | 'abs'
  readonly cooldown: number
  readonly minLrs: readonly number[]
  readonly eps: number
  /** The best metric so far. */
  best: number
  numBadEpochs = 0
  cooldownCounter = 0

  constructor(optimizer: ScheduledOptimizer, options?: PlateauOptions) {
    super(optimizer)
    const settings = readOptions('ReduceLROnPlateau', options, {
      mode: 'min',
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: 'rel',
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
    })
    const { mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps } = settings
    if (!(factor < 1)) throw new RangeError(`ReduceLROnPlateau: factor must be below 1, got ${factor}`)
    if (mode !== 'min' && mode !== 'max')
      throw new RangeError(`ReduceLROnPlateau: mode must be 'min' or 'max', got '${String(mode)}'`)
    if (thresholdMode !== 'rel' && thresholdMode !== 'abs')
      throw new RangeError(`ReduceLROnPlateau: thresholdMode must be 'rel' or 'abs', got '${String(thresholdMode)}'`)
    this.mode = mode
    this.factor = factor
    this.patience = patience
    this.threshold = threshold
    this.thresholdMode = thresholdMode
    this.cooldown = cooldown
    this.minLrs = this.perGroup('minLr', minLr)
    this.eps = eps
    this.best = mode === 'min' ? Infinity : -Infinity
    this.lastEpoch = 0
  }

  /** Counts an epoch with this metric, and lowers the rates when patience is over. */
  step(metric: number | Tensor): void {
    const current = typeof metric === 'number' ? metric : metric.item()
    this.lastEpoch++
    if (this.#isBetter(current)) {
      this.best = current
      this.numBadEpochs = 0
    } else this.numBadEpochs++
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--
      this.numBadEpochs = 0
    }
    if (this.numBadEpochs > this.patience) {
      this.#reduce()
      this.cooldownCounter = this.cooldown
      this.numBadEpochs = 0
    }
    this.noteRates()
  }

  #isBetter(metric: number): boolean {
    const sign = this.mode === 'min' ? -1 : 1
    const bound =
      this.thresholdMode === 'rel' ? this.best * (1 + sign * this.threshold) : this.best + sign * this.threshold
    return this.mode === 'min' ? metric < bound : metric > bound
  }

  #reduce(): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      // A group that joined later has no bound of its own.
      const rate = Math.max(group.lr * this.factor, this.minLrs[i] ?? Math.min(...this.minLrs))
      if (group.lr - rate > this.eps) group.lr = rate
    })
  }
}
