/** Comparisons and logic: results are bool and have no gradient. */
import { isFloating } from '../tensor/dtype.js'
import { sameShape } from '../tensor/shape.js'
import { filledTensor, type Tensor } from '../tensor/tensor.js'
import { composite, everyDType } from './define.js'
import { binary, unary } from './elementwise.js'
import { readOptions } from '../tensor/options.js'

const constant = 'the result is bool'
const pairs = [
  {
    inputs: [
      [1, 2, 3],
      [3, 2, 1],
    ],
  },
  {
    inputs: [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [4, 2, 6],
    ],
  },
  {
    inputs: [
      [NaN, 1, NaN],
      [NaN, NaN, 1],
    ],
  },
]

/** a = b, elementwise. torch.eq. */
export const eq = binary('eq', {
  torch: 'torch.eq',
  expression: 'a == b',
  types: 'all',
  result: 'bool',
  grad: constant,
  samples: pairs,
})
/** a ≠ b, elementwise. torch.ne. */
export const ne = binary('ne', {
  torch: 'torch.ne',
  expression: 'a != b',
  types: 'all',
  result: 'bool',
  grad: constant,
  samples: pairs,
})
/** a < b, elementwise. torch.lt. */
export const lt = binary('lt', {
  torch: 'torch.lt',
  expression: 'a < b',
  types: 'all',
  result: 'bool',
  grad: constant,
  samples: pairs,
})
/** a ≤ b, elementwise. torch.le. */
export const le = binary('le', {
  torch: 'torch.le',
  expression: 'a <= b',
  types: 'all',
  result: 'bool',
  grad: constant,
  samples: pairs,
})
/** a > b, elementwise. torch.gt. */
export const gt = binary('gt', {
  torch: 'torch.gt',
  expression: 'a > b',
  types: 'all',
  result: 'bool',
  grad: constant,
  samples: pairs,
})
/** a ≥ b, elementwise. torch.ge. */
export const ge = binary('ge', {
  torch: 'torch.ge',
  expression: 'a >= b',
  types: 'all',
  result: 'bool',
  grad: constant,
  samples: pairs,
})

const truths = [
  {
    inputs: [
      [0, 0, 2, -1],
      [0, 3, 0, 1],
    ],
  },
]

/** Both are non-zero. torch.logical_and. */
export const logicalAnd = binary('logicalAnd', {
  torch: 'torch.logical_and',
  expression: '(a != 0) && (b != 0)',
  types: 'all',
  result: 'bool',
  grad: constant,
  samples: truths,
})
/** At least one is non-zero. torch.logical_or. */
export const logicalOr = binary('logicalOr', {
  torch: 'torch.logical_or',
  expression: '(a != 0) || (b != 0)',
  types: 'all',
  result: 'bool',
  grad: constant,
  samples: truths,
})
/** Exactly one is non-zero. torch.logical_xor. */
export const logicalXor = binary('logicalXor', {
  torch: 'torch.logical_xor',
  expression: '(a != 0) != (b != 0)',
  types: 'all',
  result: 'bool',
  grad: constant,
  samples: truths,
})
/** Zero. torch.logical_not. */
export const logicalNot = unary('logicalNot', {
  torch: 'torch.logical_not',
  expression: 'x == 0',
  types: 'all',
  result: 'bool',
  grad: constant,
  samples: [{ inputs: [[0, 1, -2, 0.5]] }],
})
/** Not a number. torch.isnan. */
export const isnan = unary('isnan', {
  torch: 'torch.isnan',
  expression: 'x != x',
  types: 'all',
  result: 'bool',
  grad: constant,
  samples: [{ inputs: [[NaN, 1, Infinity]] }],
})
/** Neither NaN nor infinite. torch.isfinite. */
export const isfinite = unary('isfinite', {
  torch: 'torch.isfinite',
  expression: 'x - x == 0',
  types: 'all',
  result: 'bool',
  grad: constant,
  samples: [{ inputs: [[NaN, 1, Infinity, -Infinity]] }],
})

/** Infinite, of either sign. torch.isinf. */
export const isinf = unary('isinf', {
  torch: 'torch.isinf',
  expression: 'isinf(x)',
  types: 'number',
  result: 'bool',
  grad: constant,
  samples: [{ inputs: [[NaN, 1, Infinity, -Infinity]] }],
})

const ends = [{ inputs: [[NaN, 1, Infinity, -Infinity]] }, { inputs: [{ shape: [0, 3] }] }]

/** +∞. torch.isposinf. */
export const isposinf = composite(
  'isposinf',
  { torch: 'torch.isposinf', dtypes: everyDType, gradient: constant, samples: ends },
  (x: Tensor): Tensor => eq(x, Infinity),
)

/** −∞. torch.isneginf. */
export const isneginf = composite(
  'isneginf',
  { torch: 'torch.isneginf', dtypes: everyDType, gradient: constant, samples: ends },
  (x: Tensor): Tensor => eq(x, -Infinity),
)

/** True everywhere: no dtype here has an imaginary part. torch.isreal. */
export const isreal = composite(
  'isreal',
  { torch: 'torch.isreal', dtypes: everyDType, gradient: constant, samples: ends },
  (x: Tensor): Tensor => filledTensor('bool', x.shape, 1),
)

/** Tolerances of isclose and allclose. */
export interface CloseOptions {
  /** Relative tolerance. Default 1e-5. */
  rtol?: number
  /** Absolute tolerance. Default 1e-8. */
  atol?: number
  /** NaN agrees with NaN. Default false. */
  equalNan?: boolean
}

/** Where a and b agree within atol + rtol·|b|; broadcasts. torch.isclose. */
export const isclose = composite(
  'isclose',
  {
    torch: 'torch.isclose',
    dtypes: everyDType,
    gradient: constant,
    samples: [
      {
        inputs: [
          [1, 1, NaN, Infinity, Infinity],
          [1.000001, 1.1, NaN, Infinity, 5],
        ],
      },
      {
        inputs: [
          [1, 1, NaN, 0],
          [1.000001, 1.1, NaN, 1e-9],
        ],
        options: { rtol: 0.2, equalNan: true },
      },
    ],
  },
  (a: Tensor, b: Tensor, options?: CloseOptions): Tensor => {
    const { rtol, atol, equalNan } = readOptions('isclose', options, { rtol: 1e-5, atol: 1e-8, equalNan: false })
    if (rtol < 0 || atol < 0)
      throw new RangeError(`isclose: tolerances must be at least 0, got rtol ${rtol} and atol ${atol}`)
    if (a.dtype !== b.dtype)
      throw new TypeError(`isclose: the tensors are ${a.dtype} and ${b.dtype}; convert one with .to('${a.dtype}')`)
    const exact = equalNan ? logicalOr(eq(a, b), logicalAnd(isnan(a), isnan(b))) : eq(a, b)
    if (!isFloating(a.dtype) && !isFloating(b.dtype) && rtol === 0 && atol === 0) return exact
    const wide = (x: Tensor): Tensor => (isFloating(x.dtype) ? x.detach() : x.to('float64'))
    const close = le(wide(a).sub(wide(b)).abs(), wide(b).abs().mul(rtol).add(atol))
    return logicalOr(exact, logicalAnd(close, isfinite(b)))
  },
)

/** Whether shapes and all elements are the same. torch.equal. */
export function equal(a: Tensor, b: Tensor): boolean {
  return sameShape(a.shape, b.shape) && eq(a, b).all().item() === 1
}

/** Whether all elements agree within atol + rtol·|b|; broadcasts. torch.allclose. */
export function allclose(a: Tensor, b: Tensor, options: CloseOptions = {}): boolean {
  return isclose(a, b, options).all().item() === 1
}
