/**
 * GELU, x · Φ(x) with the normal distribution function Φ, exact or by tanh. The difficulty is the left tail, where
 * ½(1 + erf(x/√2)) subtracts nearly equal numbers: below −3 the exact form takes Φ from the continued fraction of
 * Mills' ratio instead, and the other is written with a sigmoid, which has no such difference.
 */
import { readOptions } from '../../tensor/options.js'
import type { Shape } from '../../tensor/shape.js'
import type { AnyShape } from '../../tensor/shape-types.js'
import type { Tensor } from '../../tensor/tensor.js'
import { sigmoid } from '../pointwise.js'
import { activation, around, empty } from './declare.js'

/** Coefficients, highest power first, of two neighbours in the recurrence A(k+1) = t·A(k) + k·A(k−1). */
function convergent(before: readonly number[], first: readonly number[], depth: number): readonly number[] {
  let [a, b] = [before, first]
  for (let k = 1; k < depth; k++) {
    const next = [...b, 0]
    a.forEach((c, i) => (next[next.length - a.length + i] += k * c))
    ;[a, b] = [b, next]
  }
  return b
}

/** A polynomial of t by Horner's rule, as a C expression. */
const polynomial = (coefficients: readonly number[], t: string): string =>
  coefficients.slice(1).reduce((sum, c) => `(${sum} * ${t} + ${c})`, String(coefficients[0]))

// Φ(−t) = φ(t) · B(t)/A(t), the 20th convergent of 1/(t + 1/(t + 2/(t + …))): 9 digits at t = 3, 14 at 5.
const depth = 20
const denominator = convergent([1], [1, 0], depth)
const numerator = convergent([], [1], depth)

const phi = (x: string): string => `0.3989422804014327 * exp(-0.5 * ${x} * ${x})`
// At 40 the density is 0 in every dtype; the bound keeps infinity out of the products.
const bounded = (x: string): string => `fmax(fmin(${x}, 40), -40)`
const mills = (t: string): string => `${polynomial(numerator, t)} / ${polynomial(denominator, t)}`
const distribution = (x: string): string =>
  `(${x} < -3 ? ${phi(x)} * ${mills(`fmin(-${x}, 40)`)} : 0.5 * (1 + erf(${x} * 0.7071067811865476)))`

const far = { inputs: [[-12, -5, -3.01, -2.99, 3, 12]] } as const

const exact = activation('gelu', {
  torch: 'F.gelu',
  expression: `fmax(x, -40) * ${distribution('x')}`,
  backward: `a * (${distribution('b')} + ${bounded('b')} * ${phi(bounded('b'))})`,
  second: (x) =>
    x
      .square()
      .mul(-0.5)
      .exp()
      .mul(1 / Math.sqrt(2 * Math.PI))
      .mul(x.square().neg().add(2)),
  samples: [around, far, empty],
})

// ½(1 + tanh u) = σ(2u), with 2u = w·x·(1 + 0.044715 x²).
const w = 2 * Math.sqrt(2 / Math.PI)
const power = (x: string): string => `exp(${-w} * ${x} * (1 + 0.044715 * ${x} * ${x}))`
// Outside of ±10 the slope is 0 or 1 in float32 and within 1e-35 of it in float64.
const clipped = 'fmax(fmin(b, 10), -10)'

const byTanh = activation('geluTanh', {
  torch: "lambda x: F.gelu(x, approximate='tanh')",
  expression: `x / (1 + ${power('x')})`,
  backward:
    `a / (1 + ${power(clipped)}) * (1 + ${w} * ${clipped} * (1 + 0.134145 * ${clipped} * ${clipped}) * ` +
    `(${power(clipped)} / (1 + ${power(clipped)})))`,
  second(x) {
    const square = x.square()
    const inside = square.mul(0.044715).add(1).mul(x).mul(w)
    const s = sigmoid(inside)
    const rest = sigmoid(inside.neg())
    const inner = square.mul(0.134145).add(1).mul(w)
    const slope = s.mul(rest).mul(inner)
    const bend = slope
      .mul(rest.sub(s))
      .mul(inner)
      .add(
        s
          .mul(rest)
          .mul(x)
          .mul(w * 0.26829),
      )
    return slope.mul(2).add(x.mul(bend))
  },
  samples: [around, far, empty],
})

/** Settings of `gelu`. */
export interface GeluOptions {
  /** 'none' for the exact function, 'tanh' for the older approximation. Default 'none'. */
  approximate?: 'none' | 'tanh'
}

/**
 * x · Φ(x), Φ the standard normal distribution function. torch.nn.functional.gelu.
 * @throws RangeError for another `approximate` than 'none' and 'tanh'.
 */
export function gelu<S extends Shape = AnyShape>(x: Tensor<S>, options?: GeluOptions): Tensor<S> {
  const { approximate } = readOptions('gelu', options, { approximate: 'none' })
  if (approximate === 'none') return exact(x)
  if (approximate === 'tanh') return byTanh(x)
  throw new RangeError(`gelu: approximate must be 'none' or 'tanh', got '${String(approximate)}'`)
}
