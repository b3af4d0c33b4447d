/** Muon: momentum whose matrices are made nearly orthogonal before each step, for the hidden layers of a network. */
import { addmm } from '../ops/add-products.js'
import { matmul } from '../ops/matmul.js'
import { vectorNorm } from '../ops/norms.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { FirstOrder } from './first-order.js'
import { assertNonNegative, type Params } from './optimizer.js'
import { tidy } from './tidy.js'

/** Settings of `Muon`. */
export interface MuonOptions {
  /** Learning rate. Default 1e-3. */
  lr: number
  /** The parameter shrinks by lr·weightDecay in every step. Default 0.1. */
  weightDecay: number
  /** Decay of the running mean of gradients. Default 0.95. */
  momentum: number
  /** Step by a mean of the gradient and the running mean, not by the running mean. Default true. */
  nesterov: boolean
  /** (a, b, c) of an iteration X ← aX + (bA + cA²)X, A = XXᵀ. Default [3.4445, −4.775, 2.0315]. */
  nsCoefficients: readonly [number, number, number]
  /** The smallest norm to divide by. Default 1e-7. */
  eps: number
  /** Number of iterations, below 100. Default 5. */
  nsSteps: number
  /**
   * How lr grows with the sizes R × C of a matrix: 'original' (which null means too) by √max(1, R/C), 'matchRmsAdamw' by
   * 0.2·√max(R, C), so that settings found for AdamW can be kept. Default null.
   */
  adjustLrFn: 'original' | 'matchRmsAdamw' | null
}

const defaults: MuonOptions = {
  lr: 1e-3,
  weightDecay: 0.1,
  momentum: 0.95,
  nesterov: true,
  nsCoefficients: [3.4445, -4.775, 2.0315],
  eps: 1e-7,
  nsSteps: 5,
  adjustLrFn: null,
}

const rates: Readonly<Record<NonNullable<MuonOptions['adjustLrFn']>, (rows: number, columns: number) => number>> = {
  original: (rows, columns) => Math.sqrt(Math.max(1, rows / columns)),
  matchRmsAdamw: (rows, columns) => 0.2 * Math.sqrt(Math.max(rows, columns)),
}

/**
 * m ← μm + (1 − μ)g, p ← (1 − lr·λ)p − lr·s·orthogonal(m), for parameters of two dimensions; biases and embeddings are better
 * given to another optimizer. The iteration runs with the eight significant bits of bfloat16, as in PyTorch. Jordan 2024,
 * Liu et al. 2025; torch.optim.Muon.
 * @example new optim.Muon(net.parameters().filter((p) => p.ndim === 2), { lr: 0.02 })
 */
export class Muon extends FirstOrder<MuonOptions> {
  /** @throws RangeError for a parameter that is no matrix. */
  constructor(params: Params<MuonOptions>, options: Partial<MuonOptions> = {}) {
    super(params, defaults, options)
  }

  protected validate(options: MuonOptions, params: readonly Tensor[]): void {
    const { lr, momentum, weightDecay, eps, nsSteps, nsCoefficients, adjustLrFn } = options
    assertNonNegative('Muon', { lr, momentum, weightDecay, eps })
    if (!Number.isInteger(nsSteps) || nsSteps < 0 || nsSteps >= 100)
      throw new RangeError(`Muon: nsSteps must be an integer from 0 to 99, got ${nsSteps}`)
    if (!Array.isArray(nsCoefficients) || nsCoefficients.length !== 3)
      throw new RangeError(`Muon: nsCoefficients must be three numbers, got ${String(nsCoefficients)}`)
    if (adjustLrFn !== null && !Object.hasOwn(rates, adjustLrFn))
      throw new RangeError(
        `Muon: adjustLrFn must be null, ${Object.keys(rates).join(' or ')}, got '${String(adjustLrFn)}'`,
      )
    params.forEach(({ shape }, i) => {
      if (shape.length !== 2)
        throw new RangeError(
          `Muon: parameter ${i} has shape ${show(shape)}, but only matrices can be made orthogonal; give others to another optimizer`,
        )
    })
  }

  protected update(params: readonly Tensor[], grads: readonly Tensor[], group: MuonOptions): void {
    const { lr, weightDecay, momentum, nesterov, adjustLrFn } = group
    params.forEach((param, i) => {
      const mean = this.slot(param, 'momentumBuffer')
      const [rows, columns] = param.shape
      tidy(() => {
        mean.lerp_(grads[i], 1 - momentum)
        const direction = orthogonal(nesterov ? grads[i].lerp(mean, momentum) : mean, group)
        param.mul_(1 - lr * weightDecay)
        param.add_(direction, { alpha: -lr * rates[adjustLrFn ?? 'original'](rows, columns) })
      })
    })
  }
}

/** A nearly orthogonal matrix with the singular vectors of x, by a Newton–Schulz iteration in bfloat16. Returns float32. */
function orthogonal(x: Tensor, { nsCoefficients: [a, b, c], eps, nsSteps }: MuonOptions): Tensor {
  const [rows, columns] = x.shape
  const turned = rows > columns
  const start = bfloat16(x.to('float32'))
  const norm = bfloat16(vectorNorm(start)).clamp(eps)
  let y = bfloat16((turned ? start.t() : start).div(norm))
  for (let i = 0; i < nsSteps; i++) {
    const gram = bfloat16(matmul(y, y.t()))
    const polynomial = bfloat16(addmm(gram, gram, gram, { beta: b, alpha: c }))
    y = bfloat16(addmm(y, polynomial, y, { beta: a }))
  }
  return turned ? y.t() : y
}

/** float32 values rounded to the eight significant bits of bfloat16: Veltkamp's splitting at 24 − 8 bits. */
function bfloat16(x: Tensor): Tensor {
  const scaled = x.mul(2 ** 16 + 1)
  return scaled.sub(scaled.sub(x))
}
