/** Trigonometric and hyperbolic functions beyond sin, cos and tanh, their inverses, and angles. */
import type { Tensor } from '../tensor/tensor.js'
import { toFloating } from './convert.js'
import { composite } from './define.js'
import { binary, unary } from './elementwise.js'
import { mul } from './pointwise.js'

const none = { inputs: [{ shape: [0, 3] }] }
const around = { inputs: [{ shape: [3, 4], low: -2, high: 2 }] }
const inside = { inputs: [{ shape: [3, 4], low: -0.9, high: 0.9 }] }
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

/** Tangent of x in radians. torch.tan. */
export const tan = unary('tan', {
  torch: 'torch.tan',
  expression: 'tan(x)',
  saves: ['y'],
  grad: (dy, { y }) => dy.mul(y.square().add(1)),
  samples: [{ inputs: [{ shape: [3, 4], low: -1.2, high: 1.2 }] }, none],
})

/** The angle in [−π/2, π/2] whose sine is x; NaN outside of [−1, 1]. torch.asin. */
export const asin = unary('asin', {
  torch: 'torch.asin',
  expression: 'asin(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x.square().neg().add(1).rsqrt()),
  samples: [inside, { inputs: [[-1, 1, 2]], skipGradcheck: 'vertical tangents' }],
})

/** The angle in [0, π] whose cosine is x; NaN outside of [−1, 1]. torch.acos. */
export const acos = unary('acos', {
  torch: 'torch.acos',
  expression: 'acos(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x.square().neg().add(1).rsqrt()).neg(),
  samples: [inside, none],
})

/** The angle in (−π/2, π/2) whose tangent is x. torch.atan. */
export const atan = unary('atan', {
  torch: 'torch.atan',
  expression: 'atan(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.div(x.square().add(1)),
  samples: [around, { inputs: [[-Infinity, 0, Infinity]], skipGradcheck: 'infinite arguments have no differences' }],
})

/** The angle of the point (b, a) in (−π, π]: atan(a/b) in the right quadrant. torch.atan2. */
export const atan2 = binary('atan2', {
  torch: 'torch.atan2',
  expression: 'atan2(a, b)',
  types: 'float',
  saves: ['a', 'b'],
  grad: {
    a: (dy, { a, b }) => mul(dy, b).div(sumOfSquares(a, b)),
    b: (dy, { a, b }) => mul(dy, a).div(sumOfSquares(a, b)).neg(),
  },
  samples: [
    ...pairs,
    {
      inputs: [
        [1, 1, -1, -1],
        [1, -1, 1, -1],
      ],
    },
  ],
})

/** a² + b² of two operands, one of which may be a number. */
function sumOfSquares(a: Tensor | number, b: Tensor | number): Tensor {
  if (typeof a === 'number') return (b as Tensor).square().add(a * a)
  return typeof b === 'number' ? a.square().add(b * b) : a.square().add(b.square())
}

/** √(a² + b²) without overflow. torch.hypot. */
export const hypot = binary('hypot', {
  torch: 'torch.hypot',
  expression: 'hypot(a, b)',
  types: 'float',
  saves: ['a', 'b', 'y'],
  grad: {
    a: (dy, { a, y }) => mul(dy, a).div(y as Tensor),
    b: (dy, { b, y }) => mul(dy, b).div(y as Tensor),
  },
  samples: [
    ...pairs,
    {
      inputs: [
        [3e30, 3],
        [4e30, 4],
      ],
      skipGradcheck: 'the step is smaller than the rounding',
    },
  ],
})

/** Hyperbolic sine (eˣ − e⁻ˣ)/2. torch.sinh. */
export const sinh = unary('sinh', {
  torch: 'torch.sinh',
  expression: 'sinh(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x.cosh()),
  samples: [around, none],
})

/** Hyperbolic cosine (eˣ + e⁻ˣ)/2. torch.cosh. */
export const cosh = unary('cosh', {
  torch: 'torch.cosh',
  expression: 'cosh(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x.sinh()),
  samples: [around, none],
})

/** Inverse of sinh. torch.asinh. */
export const asinh = unary('asinh', {
  torch: 'torch.asinh',
  expression: 'asinh(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x.square().add(1).rsqrt()),
  samples: [around, none],
})

/** Inverse of cosh, at least 0; NaN below 1. torch.acosh. */
export const acosh = unary('acosh', {
  torch: 'torch.acosh',
  expression: 'acosh(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x.square().sub(1).rsqrt()),
  samples: [{ inputs: [{ shape: [3, 4], low: 1.1, high: 4 }] }, none],
})

/** Inverse of tanh; ±∞ at ±1, NaN outside. torch.atanh. */
export const atanh = unary('atanh', {
  torch: 'torch.atanh',
  expression: 'atanh(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.div(x.square().neg().add(1)),
  samples: [inside, { inputs: [[-1, 0, 1]], skipGradcheck: 'infinite at the ends' }],
})

/** sin(πx)/(πx), 1 at 0. torch.sinc. */
export const sinc = unary('sinc', {
  torch: 'torch.sinc',
  expression: 'x == 0 ? 1 : sin(3.14159265358979324 * x) / (3.14159265358979324 * x)',
  saves: ['x'],
  grad(dy, { x }) {
    // Near 0 its power series: the quotient below cancels there, and has no derivative of its own at 0.
    const small = x.abs().lt(0.02)
    const square = x.square().mul(Math.PI ** 2)
    const series = square
      .div(-840)
      .add(1 / 30)
      .mul(square)
      .sub(1 / 3)
      .mul(x)
      .mul(Math.PI ** 2)
    const safe = small.where(1, x)
    const angle = safe.mul(Math.PI)
    return dy.mul(small.where(series, angle.cos().mul(angle).sub(angle.sin()).div(angle.mul(safe))))
  },
  samples: [around, { inputs: [[0, 0.5, 1, -2]] }],
})

/** Degrees as radians. torch.deg2rad. */
export const deg2rad = composite(
  'deg2rad',
  { torch: 'torch.deg2rad', samples: [{ inputs: [[0, 90, -180, 45]] }, none] },
  (x: Tensor): Tensor => x.mul(Math.PI / 180),
)

/** Radians as degrees. torch.rad2deg. */
export const rad2deg = composite('rad2deg', { torch: 'torch.rad2deg', samples: [around, none] }, (x: Tensor): Tensor =>
  x.mul(180 / Math.PI),
)

/** The angle of a real number in the complex plane: π below 0, else 0; NaN stays NaN. torch.angle. */
export const angle = composite(
  'angle',
  {
    torch: 'torch.angle',
    gradient: 'piecewise constant',
    samples: [{ inputs: [[-2, 0, 3, NaN]] }, none],
  },
  (x: Tensor): Tensor => x.isnan().where(toFloating(x), x.lt(0).to(toFloating(x).dtype).mul(Math.PI)),
)
