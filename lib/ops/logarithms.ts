/** Powers and logarithms to other bases, and logarithms of sums and of odds, safe at the ends of their range. */
import { isFloating } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { named, type OrNamed } from '../tensor/options.js'
import { composite } from './define.js'
import { binary, unary, type Binary } from './elementwise.js'
import { div, mul, pow } from './pointwise.js'

const none = { inputs: [{ shape: [0, 3] }] }
const around = { inputs: [{ shape: [3, 4], low: -2, high: 2 }] }
const positive = { inputs: [{ shape: [3, 4], low: 0.1, high: 4 }] }
const pairs = [
  {
    inputs: [
      { shape: [2, 3], low: -2, high: 2 },
      { shape: [3], low: -2, high: 2 },
    ],
  },
  { inputs: [{ shape: [2, 3], low: 0.5, high: 2 }, 1.5] },
  { inputs: [{ shape: [0, 3] }, { shape: [3] }] },
]
const positivePairs = [
  {
    inputs: [
      { shape: [2, 3], low: 0.5, high: 2 },
      { shape: [3], low: 0.5, high: 2 },
    ],
  },
  { inputs: [{ shape: [0, 3] }, { shape: [3] }] },
]

/** 2ˣ. torch.exp2. */
export const exp2 = unary('exp2', {
  torch: 'torch.exp2',
  expression: 'exp2(x)',
  saves: ['y'],
  grad: (dy, { y }) => dy.mul(y).mul(Math.LN2),
  samples: [around, none],
})

/** Logarithm to base 2; −∞ at 0, NaN below. torch.log2. */
export const log2 = unary('log2', {
  torch: 'torch.log2',
  expression: 'log2(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.div(x.mul(Math.LN2)),
  samples: [positive, { inputs: [[0, 8, -1]], skipGradcheck: 'infinite at 0' }],
})

/** Logarithm to base 10; −∞ at 0, NaN below. torch.log10. */
export const log10 = unary('log10', {
  torch: 'torch.log10',
  expression: 'log10(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.div(x.mul(Math.LN10)),
  samples: [positive, { inputs: [[0, 1000, -1]], skipGradcheck: 'infinite at 0' }],
})

/** b − a of two operands, one of which may be a number. */
const difference = (b: Tensor | number, a: Tensor | number): Tensor =>
  typeof b === 'number' ? (a as Tensor).neg().add(b) : b.sub(a as Tensor)

/** ln(eᵃ + eᵇ) without overflow. torch.logaddexp. */
export const logaddexp: Binary = binary('logaddexp', {
  torch: 'torch.logaddexp',
  expression: 'maximum(a, b) + log1p(exp(-fabs(a == b ? 0 : a - b)))',
  types: 'float',
  saves: ['a', 'b'],
  grad: {
    a: (dy, { a, b }) => dy.div(difference(b, a).exp().add(1)),
    b: (dy, { a, b }) => dy.div(difference(a, b).exp().add(1)),
  },
  samples: [
    ...pairs,
    {
      inputs: [
        [1000, -1000, Infinity, -Infinity],
        [1000, 0, Infinity, 3],
      ],
      skipGradcheck: 'infinite arguments',
    },
  ],
})

/** log₂(2ᵃ + 2ᵇ) without overflow. torch.logaddexp2. */
export const logaddexp2: Binary = binary('logaddexp2', {
  torch: 'torch.logaddexp2',
  expression: 'maximum(a, b) + log1p(exp2(-fabs(a == b ? 0 : a - b))) * 1.44269504088896341',
  types: 'float',
  saves: ['a', 'b'],
  grad: {
    a: (dy, { a, b }) => dy.div(exp2(difference(b, a)).add(1)),
    b: (dy, { a, b }) => dy.div(exp2(difference(a, b)).add(1)),
  },
  samples: [
    ...pairs,
    {
      inputs: [
        [1000, -1000],
        [1000, 0],
      ],
      skipGradcheck: 'the differences drown in 1000',
    },
  ],
})

const logitOp = unary('logit', {
  torch: 'torch.logit',
  expression: 'log(x / (1 - x))',
  saves: ['x'],
  grad(dy, { x }) {
    const outside = x.lt(0).logicalOr(x.gt(1))
    return outside.where(NaN, dy.div(x.mul(x.neg().add(1))))
  },
  samples: [
    { inputs: [{ shape: [3, 4], low: 0.1, high: 0.9 }] },
    { inputs: [[0.01, 0.5, 0.9999]], args: [0.1] },
    { inputs: [[0.01, 0.5, 0.9999]], options: { eps: 0.2 } },
    { inputs: [[0, 1, 2]], skipGradcheck: 'infinite at the ends' },
  ],
  call: (x: Tensor, eps?: OrNamed<'eps', number | null>) => logit(x, eps),
})

/** ln(x / (1 − x)), the inverse of sigmoid; with `eps`, x is first kept within [eps, 1 − eps]. torch.logit. */
export function logit(x: Tensor, margin?: OrNamed<'eps', number | null>): Tensor {
  const eps = named('logit', 'eps', margin)
  return logitOp(eps == null ? x : (isFloating(x.dtype) ? x : x.float()).clamp(eps, 1 - eps))
}

/** a · ln b, 0 where a is 0 (NaN where b is NaN). torch.xlogy. */
export const xlogy: Binary = binary('xlogy', {
  torch: 'torch.xlogy',
  expression: 'b != b ? b : (a == 0 ? 0 : a * log(b))',
  types: 'float',
  saves: ['a', 'b'],
  grad: {
    a(dy, { a, b }) {
      if (typeof b === 'number') return b > 0 ? dy.mul(Math.log(b)) : dy.mul((a as Tensor).eq(0).where(0, Math.log(b)))
      const outside = typeof a === 'number' ? null : a.eq(0).logicalAnd(b.le(0))
      return dy.mul(outside ? outside.where(0, b.log()) : b.log())
    },
    b: (dy, { a, b }) => div(mul(dy, a), b),
  },
  samples: [
    ...positivePairs,
    {
      inputs: [
        [0, 0, 2],
        [0, 3, 4],
      ],
      skipGradcheck: 'not differentiable where both are 0',
    },
  ],
})

/** a · ln(1 + b), 0 where a is 0 (NaN where b is NaN). torch.special.xlog1py. */
export const xlog1py: Binary = binary('xlog1py', {
  torch: 'torch.special.xlog1py',
  expression: 'b != b ? b : (a == 0 ? 0 : a * log1p(b))',
  types: 'float',
  saves: ['a', 'b'],
  grad: {
    a(dy, { a, b }) {
      if (typeof b === 'number')
        return b > -1 ? dy.mul(Math.log1p(b)) : dy.mul((a as Tensor).eq(0).where(0, Math.log1p(b)))
      const outside = typeof a === 'number' ? null : a.eq(0).logicalAnd(b.le(-1))
      return dy.mul(outside ? outside.where(0, b.log1p()) : b.log1p())
    },
    b: (dy, { a, b }) => div(mul(dy, a), typeof b === 'number' ? b + 1 : b.add(1)),
  },
  samples: [
    ...positivePairs,
    {
      inputs: [
        [0, 0, 2],
        [-1, 3, 4],
      ],
      skipGradcheck: 'not differentiable where a is 0 and b is −1',
    },
  ],
})

/** aᵇ computed in float64. torch.float_power. */
export const floatPower = composite(
  'floatPower',
  { torch: 'torch.float_power', samples: [...positivePairs, { inputs: [positive.inputs[0]], args: [2] }] },
  (a: Tensor | number, b: Tensor | number): Tensor => {
    const wide = (v: Tensor | number): Tensor | number => (typeof v === 'number' ? v : v.to('float64'))
    return pow(wide(a), wide(b))
  },
)

/** x · 2^other. torch.ldexp. */
export const ldexp = composite(
  'ldexp',
  {
    torch: 'torch.ldexp',
    samples: [{ inputs: [{ shape: [2, 3] }, [1, 2, -3]] }, { inputs: [{ shape: [0, 3] }, { shape: [3] }] }],
  },
  (x: Tensor, other: Tensor | number): Tensor => mul(x, typeof other === 'number' ? 2 ** other : exp2(other)),
)

const mantissaOp = unary('frexpMantissa', {
  torch: 'lambda x: torch.frexp(x).mantissa',
  expression: 'frexp_mantissa(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(exp2(exponentOp(x).neg())),
  samples: [{ inputs: [[0.1, 3, -100]] }, { inputs: [[0]], skipGradcheck: 'jumps at 0' }, none],
})

const exponentOp = unary('frexpExponent', {
  torch: 'lambda x: torch.frexp(x).exponent',
  expression: 'frexp_exponent(x)',
  grad: 'the result is a whole number',
  samples: [{ inputs: [[0.1, 3, -100, 0]] }, none],
})

/** x = mantissa · 2^exponent with ½ ≤ |mantissa| < 1; exponent is int32. torch.frexp. */
export function frexp(x: Tensor): { mantissa: Tensor; exponent: Tensor } {
  if (!isFloating(x.dtype))
    throw new TypeError(`frexp: needs a floating tensor, got ${x.dtype}; convert it with .float() first`)
  return { mantissa: mantissaOp(x), exponent: exponentOp(x).to('int32') }
}
