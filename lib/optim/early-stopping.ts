/** Ending the training when the validation metric no longer gets better. */
import { noGrad } from '../autograd/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { readOptions } from '../tensor/options.js'

/** Anything whose tensors can be taken out and put back: a module. */
export interface Restorable {
  /** What to keep. */
  stateDict(): Map<string, Tensor>
  /** Takes back what was kept. */
  loadStateDict(state: Map<string, Tensor>): unknown
}

/** Settings of `EarlyStopping`. */
export interface EarlyStoppingOptions {
  /** Epochs without progress until training ends. Default 5. */
  patience?: number
  /** Progress must be larger than this. Default 0. */
  minDelta?: number
  /** Whether the metric should fall or rise. Default 'min'. */
  mode?: 'min' | 'max'
  /** A module that gets its best state back when training ends. Default null: it keeps the last one. */
  restoreBest?: Restorable | null
}

/**
 * Watches a validation metric; `step` returns true when it has not got better for `patience` epochs. A metric that is not
 * a number counts as no progress. 《深度学习基础》 4.4.
 *
 * @example
 * const stopping = new optim.EarlyStopping({ patience: 3, restoreBest: net })
 * for (let epoch = 0; epoch < 100; epoch++) {
 *   train()
 *   if (stopping.step(validationLoss())) break
 * }
 */
export class EarlyStopping {
  readonly patience: number
  readonly minDelta: number
  readonly mode: 'min' | 'max'
  /** The best metric so far. */
  best: number
  /** The epoch of the best metric, counted from 0; −1 before the first progress. */
  bestEpoch = -1
  /** Epochs since then. */
  badEpochs = 0
  /** Whether training should end. */
  stopped = false
  #epoch = -1
  readonly #module: Restorable | null
  #bestState: Map<string, Tensor> | null = null

  constructor(options?: EarlyStoppingOptions) {
    const { patience, minDelta, mode, restoreBest } = readOptions('EarlyStopping', options, {
      patience: 5,
      minDelta: 0,
      mode: 'min',
      restoreBest: null,
    })
    if (!Number.isInteger(patience) || patience < 1)
      throw new RangeError(`EarlyStopping: patience must be a whole number from 1, got ${patience}`)
    if (!(minDelta >= 0)) throw new RangeError(`EarlyStopping: minDelta must not be negative, got ${minDelta}`)
    if (mode !== 'min' && mode !== 'max')
      throw new RangeError(`EarlyStopping: mode must be 'min' or 'max', got '${String(mode)}'`)
    this.patience = patience
    this.minDelta = minDelta
    this.mode = mode
    this.best = mode === 'min' ? Infinity : -Infinity
    this.#module = restoreBest
  }

  /** Counts an epoch with this metric. Returns whether training should end; then the best state is back in place. */
  step(metric: number | Tensor): boolean {
    const current = typeof metric === 'number' ? metric : metric.item()
    this.#epoch++
    const gain = this.mode === 'min' ? this.best - current : current - this.best
    if (gain > this.minDelta) {
      this.best = current
      this.bestEpoch = this.#epoch
      this.badEpochs = 0
      this.#remember()
    } else this.badEpochs++
    if (this.badEpochs >= this.patience && !this.stopped) {
      this.stopped = true
      this.restore()
    }
    return this.stopped
  }

  /** Puts the best state back into the module, also when training ended by itself. Without a module, nothing happens. */
  restore(): void {
    if (this.#bestState) this.#module?.loadStateDict(this.#bestState)
  }

  #remember(): void {
    if (!this.#module) return
    const old = this.#bestState
    this.#bestState = noGrad(
      () =>
        new Map([...(this.#module as Restorable).stateDict()].map(([name, value]) => [name, value.detach().clone()])),
    )
    for (const value of old?.values() ?? []) value.dispose()
  }
}
