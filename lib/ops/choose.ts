/** Choosing between values and bounds: the larger ignoring NaN, limits, signs, replacements, mixtures of two tensors. */
import { isFloating, promoteTypes, resultTypeWithNumber, type DType } from '../tensor/dtype.js'
import { Tensor } from '../tensor/tensor.js'
import { namedAll, readOptions } from '../tensor/options.js'
import { composite, numeric } from './define.js'
import { binary, unary, type Binary } from './elementwise.js'
import { where } from './index-ops.js'
import { add, addScaled, clamp as clampNumbers, mul, neg, sign, sub } from './pointwise.js'

const none = { inputs: [{ shape: [0, 3] }] }
const around = { inputs: [{ shape: [3, 4], low: -2, high: 2 }] }
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
const withNaN = {
  inputs: [
    [NaN, 1, NaN, 2],
    [1, NaN, NaN, 2],
  ],
  skipGradcheck: 'NaN has no differences',
}

type Operand = Tensor | number

const isNaNOf = (v: Operand): Tensor | null => (typeof v === 'number' ? null : v.isnan())

/** Where the first operand is the chosen one: it fulfils the comparison, or the second is NaN. */
function first(holds: Tensor, b: Operand): Tensor {
  const missing = isNaNOf(b)
  return missing ? holds.logicalOr(missing) : holds
}

const compared = (a: Operand, b: Operand, sense: 'ge' | 'le'): Tensor =>
  typeof a !== 'number' ? a[sense](b) : (b as Tensor)[sense === 'ge' ? 'le' : 'ge'](a)

function ignoringNaN(name: 'fmax' | 'fmin', sense: 'ge' | 'le'): Binary {
  return binary(name, {
    torch: `torch.${name}`,
    expression: `${name}(a, b)`,
    saves: ['a', 'b'],
    grad: {
      a: (dy, { a, b }) => where(first(compared(a, b, sense), b), dy, 0),
      b: (dy, { a, b }) => where(first(compared(a, b, sense), b), 0, dy),
    },
    samples: [...pairs, withNaN],
  })
}

/** The larger of a and b; the other one where one is NaN. torch.fmax. */
export const fmax = ignoringNaN('fmax', 'ge')
/** The smaller of a and b; the other one where one is NaN. torch.fmin. */
export const fmin = ignoringNaN('fmin', 'le')

/** 0 where a is negative, b where a is 0, 1 where a is positive. torch.heaviside. */
export const heaviside = binary('heaviside', {
  torch: 'torch.heaviside',
  expression: 'a == 0 ? b : (a > 0 ? 1 : 0)',
  grad: 'piecewise constant',
  samples: [{ inputs: [[-1, 0, 2, NaN], [0.5]] }, ...pairs],
})

/** The magnitude of a with the sign of b, also that of −0. torch.copysign. */
export const copysign: Binary = binary('copysign', {
  torch: 'torch.copysign',
  expression: 'copysign(a, b)',
  types: 'float',
  saves: ['a', 'y'],
  grad: {
    a: (dy, { a, y }) => mul(dy, sign(mul(a, y))),
    b: (dy) => dy.mul(0),
  },
  samples: [
    ...pairs,
    {
      inputs: [
        [1, -2, 0],
        [-0, 0, -3],
      ],
      skipGradcheck: 'jumps at 0',
    },
  ],
})

/** Whether the sign bit is set: negative, or −0. torch.signbit. */
export const signbit = unary('signbit', {
  torch: 'torch.signbit',
  expression: 'signbit(x)',
  types: 'number',
  result: 'bool',
  grad: 'the result is bool',
  samples: [{ inputs: [[-1, -0, 0, 2]] }, none],
})

/** The next representable number after a in the direction of b. torch.nextafter. */
export const nextafter = binary('nextafter', {
  torch: 'torch.nextafter',
  expression: 'nextafter(a, b)',
  types: 'float',
  grad: 'PyTorch has none either',
  samples: [
    {
      inputs: [
        [1, 1, 0, NaN],
        [2, 0, 1, 1],
      ],
    },
  ],
})

/** −1, 0 or 1; for real numbers the same as sign. torch.sgn. */
export const sgn = sign
/** x itself. Throws TypeError for bools, as PyTorch does. torch.positive. */
export function positive(x: Tensor): Tensor {
  if (x.dtype === 'bool') throw new TypeError('positive: bools have no sign; convert with .int() first')
  return x
}

const boundType = (dtype: DType, bound: Operand | null | undefined): DType =>
  bound == null
    ? dtype
    : typeof bound === 'number'
      ? resultTypeWithNumber(dtype, bound)
      : promoteTypes(dtype, bound.dtype)

/** What clamp accepts by name. */
export interface ClampOptions {
  /** Default: no lower bound. */
  min?: Operand | null
  /** Default: no upper bound. */
  max?: Operand | null
}

/**
 * x kept within [min, max], which are numbers or tensors that broadcast; null for no bound. The gradient is 0 outside, and
 * goes to a bound that is a tensor. Where min > max the result is max. torch.clamp.
 */
export function clamp(x: Tensor, lower?: Operand | ClampOptions | null, upper?: Operand | null): Tensor {
  const [min, max] = namedAll<[Operand | null, Operand | null]>('clamp', ['min', 'max'], [lower, upper])
  if (min == null && max == null) throw new Error('clamp: needs min, max or both')
  const dtype = boundType(boundType(x.dtype, min), max)
  if (!(min instanceof Tensor) && !(max instanceof Tensor)) return clampNumbers(x.to(dtype), min, max)
  const bound = (v: Operand): Operand => (typeof v === 'number' ? v : v.to(dtype))
  const outside = (y: Tensor, limit: Operand, sense: 'lt' | 'gt'): Tensor => {
    const missing = isNaNOf(limit)
    return where(missing ? y[sense](limit).logicalOr(missing) : y[sense](limit), bound(limit), y)
  }
  const low = min == null ? x.to(dtype) : outside(x.to(dtype), min, 'lt')
  return max == null ? low : outside(low, max, 'gt')
}

composite(
  'clampTensors',
  {
    torch: 'torch.clamp',
    samples: [
      {
        inputs: [
          { shape: [2, 3], low: -2, high: 2 },
          { shape: [3], low: -1, high: 0 },
          { shape: [2, 1], low: 0, high: 1 },
        ],
      },
      {
        inputs: [
          { shape: [2, 3], low: -2, high: 2 },
          { shape: [3], low: -1, high: 1 },
        ],
      },
      {
        inputs: [
          [0, 1, 2],
          [2, 2, 2],
          [1, 1, 1],
        ],
      },
    ],
  },
  clamp,
)

/** x, but at least min. torch.clamp_min. */
export function clampMin(x: Tensor, min: Operand): Tensor {
  return clamp(x, min)
}

/** x, but at most max. torch.clamp_max. */
export function clampMax(x: Tensor, max: Operand): Tensor {
  return clamp(x, null, max)
}

/** Another name of clamp. torch.clip. */
export const clip = clamp

const largest: Partial<Record<DType, number>> = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE }

/**
 * x with NaN replaced by `nan` (default 0), infinities by `posinf` and `neginf` (default the largest finite numbers of the
 * dtype). torch.nan_to_num.
 */
export const nanToNum = composite(
  'nanToNum',
  {
    torch: 'lambda x, nan=0.0, posinf=9.0, neginf=-9.0: torch.nan_to_num(x, nan, posinf, neginf)',
    dtypes: numeric,
    samples: [
      {
        inputs: [[1, NaN, Infinity, -Infinity]],
        options: { nan: 2, posinf: 8, neginf: -7 },
        skipGradcheck: 'infinite',
      },
      around,
    ],
  },
  (x: Tensor, options?: { nan?: number; posinf?: number; neginf?: number }): Tensor => {
    const { nan, posinf, neginf } = readOptions('nanToNum', options, { nan: 0, posinf: undefined, neginf: undefined })
    if (!isFloating(x.dtype)) return x.clone()
    const limit = largest[x.dtype] as number
    const finite = where(x.isnan(), nan, where(x.eq(Infinity), posinf ?? limit, x))
    return where(x.eq(-Infinity), neginf ?? -limit, finite)
  },
)

/** start + weight · (end − start); weight is a number or a tensor that broadcasts. torch.lerp. */
export const lerp = composite(
  'lerp',
  {
    torch: 'torch.lerp',
    samples: [
      { inputs: [{ shape: [2, 3] }, { shape: [2, 3] }], args: [0.25] },
      { inputs: [{ shape: [2, 3] }, { shape: [3] }], args: [0.75] },
      { inputs: [{ shape: [2, 3] }, { shape: [2, 3] }, { shape: [3], low: 0, high: 1 }] },
    ],
  },
  (start: Tensor, end: Tensor, weight: Operand): Tensor => {
    const way = sub(end, start)
    // From the nearer end, so that weights 0 and 1 give the ends exactly.
    if (typeof weight === 'number')
      return weight < 0.5 ? addScaled.run(start, way, weight) : addScaled.run(end, way, weight - 1)
    return where(weight.abs().lt(0.5), add(start, mul(weight, way)), add(end, mul(weight.sub(1), way)))
  },
)

interface ValueOption {
  /** Factor of what is added. Default 1. */
  value?: number
}

const three = [
  { inputs: [{ shape: [2, 3] }, { shape: [2, 3], low: 0.5, high: 2 }, { shape: [3], low: 0.5, high: 2 }] },
  {
    inputs: [{ shape: [3] }, { shape: [2, 1], low: 0.5, high: 2 }, { shape: [2, 3], low: 0.5, high: 2 }],
    options: { value: -2.5 },
  },
]

/** x + value · a · b. torch.addcmul. */
export const addcmul = composite(
  'addcmul',
  { torch: 'torch.addcmul', samples: three },
  (x: Tensor, a: Tensor, b: Tensor, options?: ValueOption): Tensor => {
    const { value } = readOptions('addcmul', options, { value: 1 })
    return addScaled.run(x, mul(a, b), value)
  },
)

/** x + value · a / b. torch.addcdiv. */
export const addcdiv = composite(
  'addcdiv',
  { torch: 'torch.addcdiv', samples: three },
  (x: Tensor, a: Tensor, b: Tensor, options?: ValueOption): Tensor => {
    const { value } = readOptions('addcdiv', options, { value: 1 })
    if (!isFloating(a.dtype) && !isFloating(b.dtype))
      throw new TypeError(
        `addcdiv: integers (${a.dtype} and ${b.dtype}) are not divided here; convert one with .float()`,
      )
    return addScaled.run(x, a.div(b), value)
  },
)

/** other − alpha · x. torch.rsub. */
export const rsub = composite(
  'rsub',
  {
    torch: 'torch.rsub',
    dtypes: numeric,
    samples: [
      { inputs: [{ shape: [2, 3] }, { shape: [3] }] },
      { inputs: [{ shape: [2, 3] }], args: [2], options: { alpha: 3 } },
    ],
  },
  (x: Tensor, other: Operand, options?: { alpha?: number }): Tensor => {
    const { alpha } = readOptions('rsub', options, { alpha: 1 })
    return add(alpha === 1 ? neg(x) : x.mul(-alpha), other)
  },
)
