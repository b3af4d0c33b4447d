/** Softmax over very many classes in two steps: frequent classes at once, rare ones through their cluster. */
import { where } from '../ops/index-ops.js'
import { cat } from '../ops/join.js'
import { logSoftmax } from '../ops/softmax.js'
import { readOptions } from '../tensor/options.js'
import { isFloating } from '../tensor/dtype.js'
import { ShapeError, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { ModuleList, Sequential } from './container.js'
import { Linear } from './linear.js'
import { Module } from './module.js'

/** Settings of `AdaptiveLogSoftmaxWithLoss`. */
export interface AdaptiveSoftmaxOptions {
  /** By which each further cluster's vectors are shorter. Default 4. */
  divValue?: number
  /** Whether the first step has biases. Default false. */
  headBias?: boolean
}

/**
 * Log-probabilities of the targets among `nClasses` classes sorted by frequency, and their mean loss. Classes before
 * cutoffs[0] are chosen in the first step; for the others it chooses a cluster, between two cutoffs, and a second step with
 * vectors of inFeatures / divValueⁱ the class. Input [N, inFeatures] with targets [N], or without N. Grave et al. 2017;
 * torch.nn.AdaptiveLogSoftmaxWithLoss.
 * @example const { output, loss } = new nn.AdaptiveLogSoftmaxWithLoss(64, 10_000, [100, 1000]).forward(hidden, words)
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  /** Where clusters begin, and the number of classes. */
  readonly cutoffs: readonly number[]
  readonly divValue: number
  readonly headBias: boolean
  readonly head: Linear
  readonly tail: ModuleList<Sequential>

  /** @throws RangeError unless cutoffs are ascending whole numbers between 1 and nClasses − 1. */
  constructor(
    readonly inFeatures: number,
    readonly nClasses: number,
    cutoffs: readonly number[],
    options?: AdaptiveSoftmaxOptions,
  ) {
    super()
    const { divValue, headBias } = readOptions('AdaptiveLogSoftmaxWithLoss', options, { divValue: 4, headBias: false })
    const ascending = cutoffs.every((cut, i) => Number.isInteger(cut) && cut > (cutoffs[i - 1] ?? 0) && cut < nClasses)
    if (cutoffs.length === 0 || !ascending)
      throw new RangeError(
        `AdaptiveLogSoftmaxWithLoss: cutoffs must be ascending whole numbers from 1 to ${nClasses - 1}, got ${show(cutoffs)}`,
      )
    this.cutoffs = [...cutoffs, nClasses]
    this.divValue = divValue
    this.headBias = headBias
    this.head = new Linear(inFeatures, cutoffs[0] + cutoffs.length, { bias: headBias })
    const clusters = cutoffs.map((begin, i) => {
      const width = Math.floor(inFeatures / divValue ** (i + 1))
      const size = this.cutoffs[i + 1] - begin
      return new Sequential(new Linear(inFeatures, width, { bias: false }), new Linear(width, size, { bias: false }))
    })
    this.tail = new ModuleList(clusters)
  }

  /**
   * @returns the log-probability of each target, [N] or [], and the mean of its negative.
   * @throws ShapeError when input and target do not fit, RangeError for a target that is no class.
   */
  forward(input: Tensor, target: Tensor): { output: Tensor; loss: Tensor } {
    if (target.ndim > 1 || input.ndim !== target.ndim + 1 || (target.ndim === 1 && input.shape[0] !== target.shape[0]))
      throw new ShapeError(
        `AdaptiveLogSoftmaxWithLoss: needs input [N, ${this.inFeatures}] with target [N], or both without N, got ${show(input.shape)} and ${show(target.shape)}`,
      )
    if (isFloating(target.dtype) || target.dtype === 'bool')
      throw new TypeError(
        `AdaptiveLogSoftmaxWithLoss: targets are class numbers of an integer dtype, got ${target.dtype}`,
      )
    if (target.ndim === 0) {
      const { output, loss } = this.forward(input.unsqueeze(0), target.unsqueeze(0))
      return { output: output.squeeze(0), loss }
    }
    const classes = target.long()
    if (classes.numel() > 0 && (classes.amin().item() < 0 || classes.amax().item() >= this.nClasses))
      throw new RangeError(
        `AdaptiveLogSoftmaxWithLoss: targets must lie between 0 and ${this.nClasses - 1}, got ${classes.amin().item()} to ${classes.amax().item()}`,
      )
    const [shortlist] = this.cutoffs
    const first = this.tail.length === 0 ? classes : this.firstStep(classes, shortlist)
    let output = logSoftmax(this.head.forward(input), 1).gather(1, first.unsqueeze(1)).squeeze(1)
    for (const [i, cluster] of [...this.tail].entries()) {
      const [begin, end] = [this.cutoffs[i], this.cutoffs[i + 1]]
      const rows = classes.ge(begin).logicalAnd(classes.lt(end)).nonzero().squeeze(1)
      if (rows.numel() === 0) continue
      const within = classes.indexSelect(0, rows).sub(begin).unsqueeze(1)
      const local = logSoftmax(cluster.forward(input.indexSelect(0, rows)), 1)
        .gather(1, within)
        .squeeze(1)
      output = output.indexAdd(0, rows, local)
    }
    return { output, loss: output.neg().mean() }
  }

  /** What the first step chooses for each class: the class itself, or its cluster. */
  private firstStep(classes: Tensor, shortlist: number): Tensor {
    return this.cutoffs
      .slice(0, -1)
      .reduce((chosen, begin, i) => where(classes.ge(begin), shortlist + i, chosen), classes)
  }

  /** Log-probabilities of all classes: [N, inFeatures] to [N, nClasses]. */
  logProb(input: Tensor): Tensor {
    const first = logSoftmax(this.head.forward(input), 1)
    const [shortlist] = this.cutoffs
    const parts = [...this.tail].map((cluster, i) =>
      logSoftmax(cluster.forward(input), 1).add(first.narrow(1, shortlist + i, 1)),
    )
    return cat([first.narrow(1, 0, shortlist), ...parts], 1)
  }

  /** The most probable class of each row, int64 [N]. */
  predict(input: Tensor): Tensor {
    return this.logProb(input).argmax(1)
  }

  override extraRepr(): string {
    return `${this.inFeatures}, ${this.nClasses}, cutoffs=${show(this.cutoffs.slice(0, -1))}, divValue=${this.divValue}`
  }
}
