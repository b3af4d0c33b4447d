/** Activations with exponentials, written so that no intermediate overflows and small results keep their digits. */
import type { Shape } from '../../tensor/shape.js'
import type { AnyShape } from '../../tensor/shape-types.js'
import type { Tensor } from '../../tensor/tensor.js'
import { sigmoid, tanh } from '../pointwise.js'
import { activation, around, empty, log1pOf, scalar, type Scalar } from './declare.js'
import { readOptions } from '../../tensor/options.js'

/** Far out on both sides, where naive formulas overflow or cancel; the numbers are coarser than a difference step. */
const far = { inputs: [[-1000, -88, -20, 20, 88, 1000]], skipGradcheck: 'the step is lost in these values' } as const

/** eˣ where x ≤ 0, else 0, without overflow on the way. */
const expBelowZero = (x: Tensor): Tensor => x.clamp(null, 0).exp().mul(x.le(0).to(x.dtype))

const eluOp = activation('elu', {
  torch: 'F.elu',
  expression: 'x > 0 ? x : p0 * expm1(x)',
  backward: 'b > 0 ? a : a * p0 * exp(b)',
  second: (x, [alpha = 1]) => expBelowZero(x).mul(alpha),
  samples: [
    { ...around, args: [1] },
    { ...around, args: [0.5] },
    { ...far, args: [1] },
    { ...empty, args: [1] },
  ],
})

/** x above 0, alpha · (eˣ − 1) below; alpha is 1 by default. Source: 《深度学习基础》 3.2; torch.nn.functional.elu. */
export function elu<S extends Shape = AnyShape>(x: Tensor<S>, alpha?: Scalar<'alpha'>): Tensor<S> {
  return eluOp.run(x, scalar('elu', alpha, 'alpha', 1)) as Tensor<S>
}

/** `elu` in place. torch.nn.functional.elu_. */
export function elu_<T extends Tensor>(x: T, alpha?: Scalar<'alpha'>): T {
  return eluOp.inPlace(x, scalar('elu_', alpha, 'alpha', 1))
}

// The fixed point of Klambauer et al. 2017: outputs keep mean 0 and variance 1.
const seluScale = 1.0507009873554804934
const seluBelow = 1.0507009873554804934 * 1.6732632423543772848

/** Scaled ELU that keeps mean 0 and variance 1 from layer to layer. torch.nn.functional.selu. */
export const selu = activation('selu', {
  torch: 'F.selu',
  expression: `x > 0 ? ${seluScale} * x : ${seluBelow} * expm1(x)`,
  backward: `b > 0 ? ${seluScale} * a : ${seluBelow} * a * exp(b)`,
  second: (x) => expBelowZero(x).mul(seluBelow),
  samples: [around, far, empty],
})

/** `selu` in place. torch.nn.functional.selu_. */
export function selu_<T extends Tensor>(x: T): T {
  return selu.inPlace(x)
}

const celuOp = activation('celu', {
  torch: 'F.celu',
  expression: 'x > 0 ? x : p0 * expm1(x / p0)',
  backward: 'b > 0 ? a : a * exp(b / p0)',
  second: (x, [alpha = 1]) => expBelowZero(x.div(alpha)).div(alpha),
  samples: [
    { ...around, args: [1] },
    { ...around, args: [2.5] },
    { ...far, args: [1] },
  ],
})

function celuAlpha(alpha: Scalar<'alpha'> | undefined): number {
  const value = scalar('celu', alpha, 'alpha', 1)
  if (value === 0) throw new RangeError('celu: alpha must not be 0, it divides x')
  return value
}

/**
 * x above 0, alpha · (e^(x/alpha) − 1) below, which has slope 1 at 0 for every alpha (default 1).
 * torch.nn.functional.celu.
 * @throws RangeError for alpha 0.
 */
export function celu<S extends Shape = AnyShape>(x: Tensor<S>, alpha?: Scalar<'alpha'>): Tensor<S> {
  return celuOp.run(x, celuAlpha(alpha)) as Tensor<S>
}

/** `celu` in place. torch.nn.functional.celu_. */
export function celu_<T extends Tensor>(x: T, alpha?: Scalar<'alpha'>): T {
  return celuOp.inPlace(x, celuAlpha(alpha))
}

/** x · σ(x), also called swish. torch.nn.functional.silu. */
export const silu = activation('silu', {
  torch: 'F.silu',
  expression: 'x / (1 + exp(-x))',
  backward: 'a / (1 + exp(-b)) * (1 + b / (1 + exp(b)))',
  second(x) {
    const s = sigmoid(x)
    const rest = sigmoid(x.neg())
    return s.mul(rest).mul(x.mul(rest.sub(s)).add(2))
  },
  samples: [around, far, empty],
})

// With n = e(e + 2), e = eˣ: tanh(softplus(x)) = n / (n + 2), exact on both sides. Beyond 20 it is 1 in every dtype.
const mishN = (x: string): string => `(exp(fmin(${x}, 20)) * (exp(fmin(${x}, 20)) + 2))`

/** x · tanh(softplus(x)). torch.nn.functional.mish. */
export const mish = activation('mish', {
  torch: 'F.mish',
  expression: `x * (${mishN('x')} / (${mishN('x')} + 2))`,
  backward:
    `a * (${mishN('b')} / (${mishN('b')} + 2) + ` +
    `fmin(b, 20) * 4 * exp(fmin(b, 20)) * (exp(fmin(b, 20)) + 1) / ((${mishN('b')} + 2) * (${mishN('b')} + 2)))`,
  second(x) {
    const t = tanh(softplus(x))
    const s = sigmoid(x)
    const slope = t.square().neg().add(1).mul(s)
    const bend = slope.mul(sigmoid(x.neg()).sub(t.mul(s).mul(2)))
    return slope.mul(2).add(x.mul(bend))
  },
  samples: [around, far, empty],
})

const softplusOp = activation('softplus', {
  torch: 'F.softplus',
  expression: `x * p0 > p1 ? x : (maximum(x * p0, 0) + ${log1pOf('exp(-fabs(x * p0))')}) / p0`,
  backward: 'b * p0 > p1 ? a : a / (1 + exp(-b * p0))',
  second(x, [beta = 1, limit = 20]) {
    const z = x.mul(beta)
    return sigmoid(z).mul(sigmoid(z.neg())).mul(beta).mul(z.le(limit).to(x.dtype))
  },
  samples: [
    { ...around, args: [1, 20] },
    { ...around, args: [2, 3] },
    { ...far, args: [1, 20] },
    { ...empty, args: [1, 20] },
  ],
})

/** Settings of `softplus`. */
export interface SoftplusOptions {
  /** Sharpness of the bend. Default 1. */
  beta?: number
  /** Where beta · x exceeds this, the result is x itself. Default 20. */
  threshold?: number
}

/** ln(1 + e^(beta·x)) / beta: a smooth ReLU. torch.nn.functional.softplus. */
export function softplus<S extends Shape = AnyShape>(x: Tensor<S>, options?: SoftplusOptions): Tensor<S> {
  const { beta, threshold } = readOptions('softplus', options, { beta: 1, threshold: 20 })
  return softplusOp.run(x, beta, threshold) as Tensor<S>
}

/** ln σ(x) = −ln(1 + e^−x), without overflow or cancellation. torch.nn.functional.logsigmoid. */
export const logsigmoid = activation('logsigmoid', {
  torch: 'F.logsigmoid',
  expression: `minimum(x, 0) - ${log1pOf('exp(-fabs(x))')}`,
  backward: 'a / (1 + exp(b))',
  second: (x) => sigmoid(x).mul(sigmoid(x.neg())).neg(),
  samples: [around, far, empty],
})

/** x / (1 + |x|). torch.nn.functional.softsign. */
export const softsign = activation('softsign', {
  torch: 'F.softsign',
  expression: 'x / (1 + fabs(x))',
  backward: 'a / ((1 + fabs(b)) * (1 + fabs(b)))',
  second: (x) => x.sign().mul(x.abs().add(1).pow(-3)).mul(-2),
  samples: [around, far, empty],
})

/** x − tanh(x). torch.nn.functional.tanhshrink. */
export const tanhshrink = activation('tanhshrink', {
  torch: 'F.tanhshrink',
  expression: 'x - tanh(x)',
  backward: 'a * tanh(b) * tanh(b)',
  second(x) {
    const t = tanh(x)
    return t.mul(t.square().neg().add(1)).mul(2)
  },
  samples: [around, far, empty],
})
