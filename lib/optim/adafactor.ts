/** Adafactor: Adam's second moments of a matrix from one number for each row and column, without a first moment. */
import { zerosLike } from '../ops/creation.js'
import { matmul } from '../ops/matmul.js'
import { vectorNorm } from '../ops/norms.js'
import { finfo } from '../ops/type-info.js'
import type { Tensor } from '../tensor/tensor.js'
import { average, Rule } from './first-order.js'
import { assertNonNegative, type Params } from './optimizer.js'

/** Settings of `Adafactor`. */
export interface AdafactorOptions {
  /** Learning rate; the step also scales with the size of the parameters. Default 1e-2. */
  lr: number
  /** Exponent of the decay of the running means, step^beta2Decay; not above 0. Default −0.8. */
  beta2Decay: number
  /** The smallest root of a second moment (null: the dtype's rounding error), and the smallest size of a parameter. Default [null, 1e-3]. */
  eps: readonly [number | null, number]
  /** Updates whose root mean square exceeds this are scaled down to it; at least 1. Default 1. */
  d: number
  /** The parameter shrinks by lr·weightDecay in every step. Default 0. */
  weightDecay: number
  /** Climb instead of descend. Default false. */
  maximize: boolean
}

const defaults: AdafactorOptions = {
  lr: 1e-2,
  beta2Decay: -0.8,
  eps: [null, 1e-3],
  d: 1,
  weightDecay: 0,
  maximize: false,
}

const rootMeanSquare = (x: Tensor): number => vectorNorm(x).item() / Math.sqrt(x.numel())

/** p ← p − α·u / max(1, rms(u)/d), u = g / √v, α = max(ε₂, rms(p))·min(lr, 1/√t). Shazeer & Stern 2018; torch.optim.Adafactor. */
export class Adafactor extends Rule<AdafactorOptions> {
  constructor(params: Params<AdafactorOptions>, options: Partial<AdafactorOptions> = {}) {
    super(params, defaults, options)
  }

  protected validate({ lr, beta2Decay, eps, d, weightDecay }: AdafactorOptions): void {
    assertNonNegative('Adafactor', { lr, 'eps[0]': eps[0] ?? 0, 'eps[1]': eps[1], weightDecay })
    if (!(beta2Decay <= 0)) throw new RangeError(`Adafactor: beta2Decay must not be above 0, got ${beta2Decay}`)
    if (!(d >= 1)) throw new RangeError(`Adafactor: d must be at least 1, got ${d}`)
  }

  /** The size of the parameter counts before its decay, which is therefore left to `apply`. */
  protected override prepared(_: Tensor, grad: Tensor, { maximize }: AdafactorOptions): Tensor {
    return maximize ? grad.neg() : grad
  }

  /** Means of rows and columns are smaller than their parameter. */
  protected override checkState(param: Tensor, saved: Tensor, what: string): void {
    if (!/^(row|col)Var /.test(what)) super.checkState(param, saved, what)
  }

  protected apply(
    param: Tensor,
    grad: Tensor,
    { lr, beta2Decay, eps, d, weightDecay }: AdafactorOptions,
    step: number,
  ): void {
    const least = eps[0] ?? finfo(param.dtype).eps
    const keep = 1 - step ** beta2Decay
    const size = Math.max(eps[1], rootMeanSquare(param)) * Math.min(lr, 1 / Math.sqrt(step))
    if (weightDecay !== 0) param.mul_(1 - lr * weightDecay)
    const update = this.#secondMoment(param, grad, keep, least)
      .clamp(least * least)
      .rsqrt()
      .mul(grad)
    param.add_(update, { alpha: -size / Math.max(1, rootMeanSquare(update) / d) })
  }

  /** Running mean of g²: of every element, or of a matrix the product of its rows' and its columns' means. */
  #secondMoment(param: Tensor, grad: Tensor, keep: number, least: number): Tensor {
    const squares = grad.square()
    if (param.ndim < 2) return average(this.slot(param, 'variance'), squares, keep)
    const means = [-1, -2].map((dim) => squares.mean(dim, { keepdim: true }))
    const [rows, columns] = ['rowVar', 'colVar'].map((name, i) => this.#averageLike(param, name, means[i], keep))
    return matmul(rows, columns).div(rows.mean(-2, { keepdim: true }).clamp(least))
  }

  #averageLike(param: Tensor, name: string, value: Tensor, keep: number): Tensor {
    const state = this.stateOf(param)
    return average((state[name] ??= zerosLike(value)) as Tensor, value, keep)
  }
}
