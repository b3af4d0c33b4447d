/** Elementwise arithmetic and functions of one tensor. Each entry is the whole op: kernel expression, gradient, samples. */
import { addon } from '../device/addon.js'
import { isFloating, type DType } from '../tensor/dtype.js'
import { hint, shown } from '../tensor/options.js'
import { Tensor } from '../tensor/tensor.js'
import { binary, unary, type Binary } from './elementwise.js'
import { changeInPlace } from './in-place.js'

const around: { inputs: [{ shape: number[]; low: number; high: number }] } = {
  inputs: [{ shape: [3, 4], low: -2, high: 2 }],
}
const positive: { inputs: [{ shape: number[]; low: number; high: number }] } = {
  inputs: [{ shape: [3, 4], low: 0.1, high: 4 }],
}
const none = { inputs: [{ shape: [0, 3] }] }

/** −x. torch.neg. */
export const neg = unary('neg', {
  refusesBool: true,
  torch: 'torch.neg',
  expression: '-x',
  types: 'number',
  grad: (dy) => dy.neg(),
  samples: [around, none],
})

/** |x|; the derivative at 0 is 0. torch.abs. */
export const abs = unary('abs', {
  refusesBool: true,
  torch: 'torch.abs',
  expression: 'x < 0 ? -x : x',
  types: 'number',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x.sign()),
  samples: [around],
})

/** −1, 0 or 1; 0 for NaN. torch.sign. */
export const sign = unary('sign', {
  torch: 'torch.sign',
  expression: 'x > 0 ? 1 : (x < 0 ? -1 : 0)',
  types: 'number',
  grad: (dy) => dy.mul(0),
  samples: [around],
})

/** eˣ. torch.exp. */
export const exp = unary('exp', {
  torch: 'torch.exp',
  expression: 'exp(x)',
  saves: ['y'],
  grad: (dy, { y }) => dy.mul(y),
  samples: [around, { inputs: [[88, -100, 0]], skipGradcheck: 'e^88 hides the other differences' }],
})

/** eˣ − 1, exact near 0. torch.expm1. */
export const expm1 = unary('expm1', {
  torch: 'torch.expm1',
  expression: 'expm1(x)',
  saves: ['y'],
  grad: (dy, { y }) => dy.mul(y.add(1)),
  samples: [around, { inputs: [[1e-6, -1e-6, 0]] }],
})

/** Natural logarithm; −∞ at 0, NaN below. torch.log. */
export const log = unary('log', {
  torch: 'torch.log',
  expression: 'log(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.div(x),
  samples: [positive, { inputs: [[1e-30, 1, 1e30]], skipGradcheck: 'the step is larger than the value' }],
})

/** ln(1 + x), exact near 0. torch.log1p. */
export const log1p = unary('log1p', {
  torch: 'torch.log1p',
  expression: 'log1p(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.div(x.add(1)),
  samples: [positive, { inputs: [[1e-6, -1e-6, 0]] }],
})

/** √x; NaN below 0. torch.sqrt. */
export const sqrt = unary('sqrt', {
  torch: 'torch.sqrt',
  expression: 'sqrt(x)',
  saves: ['y'],
  grad: (dy, { y }) => dy.div(y.mul(2)),
  samples: [positive],
})

/** 1/√x. torch.rsqrt. */
export const rsqrt = unary('rsqrt', {
  torch: 'torch.rsqrt',
  expression: '1 / sqrt(x)',
  saves: ['y'],
  grad: (dy, { y }) => dy.mul(y.pow(3)).mul(-0.5),
  samples: [positive],
})

/** x². torch.square. */
export const square = unary('square', {
  torch: 'torch.square',
  expression: 'x * x',
  types: 'number',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x).mul(2),
  samples: [around],
})

/** 1/x. torch.reciprocal. */
export const reciprocal = unary('reciprocal', {
  torch: 'torch.reciprocal',
  expression: '1 / x',
  saves: ['y'],
  grad: (dy, { y }) => dy.mul(y.square()).neg(),
  samples: [positive],
})

/** Sine of x in radians. torch.sin. */
export const sin = unary('sin', {
  torch: 'torch.sin',
  expression: 'sin(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x.cos()),
  samples: [
    around,
    { inputs: [[100, -1000]], skipGradcheck: 'float32 arguments of this size are coarser than the step' },
  ],
})

/** Cosine of x in radians. torch.cos. */
export const cos = unary('cos', {
  torch: 'torch.cos',
  expression: 'cos(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x.sin()).neg(),
  samples: [around],
})

/** Hyperbolic tangent (eˣ−e⁻ˣ)/(eˣ+e⁻ˣ), in (−1, 1). Source: 《深度学习基础》 3.2; torch.tanh. */
export const tanh = unary('tanh', {
  torch: 'torch.tanh',
  expression: 'tanh(x)',
  saves: ['y'],
  grad: (dy, { y }) => dy.mul(y.square().neg().add(1)),
  samples: [around, { inputs: [[-100, 0, 100]] }],
})

/** Logistic function σ(x) = 1/(1+e^−x), in (0, 1); σ' = σ(1−σ) ≤ ¼. Source: 《深度学习基础》 3.2; torch.sigmoid. */
export const sigmoid = unary('sigmoid', {
  torch: 'torch.sigmoid',
  expression: '1 / (1 + exp(-x))',
  saves: ['y'],
  grad: (dy, { y }) => dy.mul(y).mul(y.neg().add(1)),
  samples: [around, { inputs: [[-88, 0, 88]] }],
})

/** Passes dy where the saved value exceeds the threshold p0: the common part of the gradients of ReLU and clamp. */
export const thresholdBackward: Binary = binary('thresholdBackward', {
  torch: 'torch.ops.aten.threshold_backward',
  expression: 'b > p0 ? a : 0',
  saves: ['b'],
  grad: { a: (dy, { b }, [p0]) => thresholdBackward.run(dy, b, p0), b: (dy) => dy.mul(0) },
  samples: [
    {
      inputs: [
        { shape: [2, 3] },
        [
          [1, -1, 2],
          [0, 3, -4],
        ],
      ],
      args: [0],
      skipGradcheck: 'jumps where the second input meets the threshold',
    },
  ],
})

/** max(0, x); the derivative at 0 is 0. Source: 《深度学习基础》 3.2; torch.relu. */
export const relu = unary('relu', {
  refusesBool: true,
  torch: 'torch.relu',
  expression: 'x > 0 ? x : (x != x ? x : 0)',
  types: 'number',
  saves: ['y'],
  grad: (dy, { y }) => thresholdBackward.run(dy, y, 0),
  samples: [around, none],
})

/** Gauss error function 2/√π ∫₀ˣ e^(−t²) dt. torch.erf. */
export const erf = unary('erf', {
  torch: 'torch.erf',
  expression: 'erf(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x.square().neg().exp()).mul(2 / Math.sqrt(Math.PI)),
  samples: [around],
})

const step = 'piecewise constant'

/** Largest integer ≤ x, in the same dtype. torch.floor. */
export const floor = unary('floor', {
  refusesBool: true,
  torch: 'torch.floor',
  expression: 'floor(x)',
  types: 'number',
  grad: (dy) => dy.mul(0),
  samples: [around],
})

/** Smallest integer ≥ x, in the same dtype. torch.ceil. */
export const ceil = unary('ceil', {
  refusesBool: true,
  torch: 'torch.ceil',
  expression: 'ceil(x)',
  types: 'number',
  grad: (dy) => dy.mul(0),
  samples: [around],
})

/** Nearest integer, halves to the even one. torch.round. */
export const round = unary('round', {
  refusesBool: true,
  torch: 'torch.round',
  expression: 'rint(x)',
  types: 'number',
  grad: (dy) => dy.mul(0),
  samples: [around, { inputs: [[0.5, 1.5, 2.5, -0.5]], skipGradcheck: step }],
})

/** x without its fraction. torch.trunc. */
export const trunc = unary('trunc', {
  refusesBool: true,
  torch: 'torch.trunc',
  expression: 'trunc(x)',
  types: 'number',
  grad: (dy) => dy.mul(0),
  samples: [around],
})

const clampOp = unary('clamp', {
  torch: 'torch.clamp',
  expression: '(x < p0 ? p0 : x) > p1 ? p1 : (x < p0 ? p0 : x)',
  types: 'number',
  saves: ['x'],
  grad: (dy, { x }, [low = -Infinity, high = Infinity]) => dy.mul(x.ge(low).logicalAnd(x.le(high)).to(dy.dtype)),
  samples: [
    { ...around, args: [-1, 1.5] },
    { inputs: [[1, 2, 3]], args: [3, 1] },
  ],
})

/** Bounds that an integer dtype always keeps: all its numbers are within, and both are exact as float64. */
const range: Partial<Record<DType, readonly [number, number]>> = {
  int64: [-(2 ** 63), 2 ** 63 - 1024],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
}

/** Keeps x within the numbers [min, max]; null for no bound. The gradient is 0 outside. */
export function clamp(x: Tensor, min?: number | null, max?: number | null): Tensor {
  if (min == null && max == null) throw new Error('clamp: needs min, max or both')
  const [low, high] = range[x.dtype] ?? [-Infinity, Infinity]
  const limited = (bound: number): number => Math.min(Math.max(bound, low), high)
  return clampOp.run(x, limited(min ?? low), limited(max ?? high))
}

/** Every element becomes `value`, in place. torch.Tensor.fill_. */
export function fill_<T extends Tensor>(x: T, value: number | Tensor): T {
  if (value instanceof Tensor && value.ndim === 0) return x.copy_(value)
  if (typeof value !== 'number')
    throw new TypeError(`fill_: the value must be a number or a 0-d tensor, got ${shown(value)}${hint(value)}`)
  return changeInPlace('fill_', x, {}, () => addon().fill(x.handle, value), {})
}

const pair = {
  inputs: [
    { shape: [2, 3], low: 0.5, high: 2 },
    { shape: [2, 3], low: 0.5, high: 2 },
  ],
}
const row = {
  inputs: [
    { shape: [2, 3], low: 0.5, high: 2 },
    { shape: [3], low: 0.5, high: 2 },
  ],
}
const outer = {
  inputs: [
    { shape: [4, 1], low: 0.5, high: 2 },
    { shape: [1, 3], low: 0.5, high: 2 },
  ],
}
const zeroD = { inputs: [{ shape: [2, 3], low: 0.5, high: 2 }, 1.5] }
const pairs = [pair, row, outer, zeroD, { inputs: [{ shape: [0, 3] }, { shape: [3] }] }]

/** a + b. torch.add. */
export const add = binary('add', {
  torch: 'torch.add',
  expression: 'a + b',
  grad: { a: (dy) => dy, b: (dy) => dy },
  samples: pairs,
})

/** a − b. torch.sub. */
export const sub = binary('sub', {
  refusesBool: true,
  torch: 'torch.sub',
  expression: 'a - b',
  grad: { a: (dy) => dy, b: (dy) => dy.neg() },
  samples: pairs,
})

/** a + p0·b in one pass: `add` with alpha. */
export const addScaled = binary('addScaled', {
  torch: 'lambda a, b, alpha: torch.add(a, b, alpha=alpha)',
  expression: 'a + p0 * b',
  grad: { a: (dy) => dy, b: (dy, _, [alpha = 1]) => dy.mul(alpha) },
  samples: [{ ...row, args: [2.5] }],
})

/** a · b. torch.mul. */
export const mul: Binary = binary('mul', {
  torch: 'torch.mul',
  expression: 'a * b',
  saves: ['a', 'b'],
  reads: { a: ['b'], b: ['a'] },
  grad: { a: (dy, { b }) => mul(dy, b), b: (dy, { a }) => mul(dy, a) },
  samples: pairs,
})

/** a / b; integers are converted to float32 first. torch.div. */
export const div: Binary = binary('div', {
  torch: 'torch.div',
  expression: 'a / b',
  types: 'float',
  saves: ['a', 'b'],
  reads: { a: ['b'], b: ['a', 'b'] },
  grad: { a: (dy, { b }) => div(dy, b), b: (dy, { a, b }) => div(mul(dy, a), mul(b, b)).neg() },
  samples: pairs,
})

const power: Binary = binary('pow', {
  refusesBool: true,
  torch: 'torch.pow',
  expression: 'pow(a, b)',
  saves: ['a', 'b', 'y'],
  grad: {
    a: (dy, { a, b }) =>
      typeof b === 'number'
        ? b === 0
          ? dy.mul(0)
          : mul(dy, b).mul(power(a, b - 1))
        : b.eq(0).where(0, mul(dy, b).mul(power(a, b.sub(1)))),
    b(dy, { a, b, y }) {
      if (typeof a === 'number') return a === 0 ? dy.mul(0) : mul(mul(dy, y), Math.log(a))
      // At base 0 the power stays 0 whatever a positive exponent does.
      const flat = typeof b === 'number' ? a.eq(0) : a.eq(0).logicalAnd(b.ge(0))
      return flat.where(0, mul(mul(dy, y), a.log()))
    },
  },
  samples: [
    ...pairs,
    {
      inputs: [
        [0, 0, 2],
        [0, 2, 0],
      ],
      skipGradcheck: 'not differentiable at 0 to the power of 0',
    },
  ],
})

const wholeNumbers = (v: Tensor | number): boolean =>
  typeof v === 'number' ? Number.isInteger(v) : !isFloating(v.dtype)

function assertExponent(a: Tensor | number, b: Tensor | number): void {
  if (typeof b === 'number' && b < 0 && wholeNumbers(a) && wholeNumbers(b))
    throw new RangeError(`pow: integers cannot be raised to the negative power ${b}; convert the base with .float()`)
}

/** aᵇ; either may be a number. Integers stay integers, and cannot be raised to a negative number. torch.pow. */
export const pow: Binary = Object.assign(
  (a: Tensor | number, b: Tensor | number): Tensor => {
    assertExponent(a, b)
    return power(a, b)
  },
  {
    run: power.run,
    inPlace<T extends Tensor>(x: T, exponent: Tensor | number): T {
      assertExponent(x, exponent)
      return power.inPlace(x, exponent)
    },
  },
)

/** The larger of a and b; NaN if either is. A tie shares the gradient. torch.maximum. */
export const maximum = binary('maximum', {
  torch: 'torch.maximum',
  expression: 'a != a ? a : (b != b ? b : (a > b ? a : b))',
  saves: ['a', 'b'],
  grad: {
    a: (dy, { a, b }) => dy.mul(halfStep(a, b)),
    b: (dy, { a, b }) => dy.mul(halfStep(b, a)),
  },
  samples: pairs,
})

/** The smaller of a and b; NaN if either is. A tie shares the gradient. torch.minimum. */
export const minimum = binary('minimum', {
  torch: 'torch.minimum',
  expression: 'a != a ? a : (b != b ? b : (a < b ? a : b))',
  saves: ['a', 'b'],
  grad: {
    a: (dy, { a, b }) => dy.mul(halfStep(b, a)),
    b: (dy, { a, b }) => dy.mul(halfStep(a, b)),
  },
  samples: pairs,
})

/** 1 where a > b, ½ where equal, 0 elsewhere: how maximum and minimum share a gradient. */
const halfStep: Binary = binary('halfStep', {
  torch: 'lambda a, b: torch.heaviside(a - b, torch.tensor(0.5, dtype=a.dtype))',
  expression: 'a > b ? 1 : (a == b ? 0.5 : 0)',
  types: 'float',
  grad: step,
  samples: [
    {
      inputs: [
        [1, 2, 3],
        [3, 2, 1],
      ],
    },
  ],
})
