/** Division with rounding, remainders and fractions, with PyTorch's rules for signs. */
import { isFloating, type DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { composite } from './define.js'
import { binary, type Binary } from './elementwise.js'
import { div as divideExactly, mul, round as roundToWhole, trunc } from './pointwise.js'
import { readOptions } from '../tensor/options.js'

const signs = [
  {
    inputs: [
      [7, -7, 7, -7, 0, 6],
      [3, 3, -3, -3, 2, 2],
    ],
  },
  {
    inputs: [
      { shape: [2, 3], low: -5, high: 5 },
      { shape: [3], low: 1, high: 2 },
    ],
  },
  { inputs: [{ shape: [2, 3], low: -5, high: 5 }, 1.5] },
  { inputs: [{ shape: [0, 3] }, { shape: [3] }] },
]
const samples = [
  ...signs.map((sample, i) => (i === 0 ? { ...sample, skipGradcheck: 'jumps at whole quotients' } : sample)),
  {
    inputs: [
      [7, -7, 7, -7],
      [3, 3, -3, -3],
    ],
    args: ['int64'],
    skipGradcheck: 'integers',
  },
  {
    inputs: [
      [7, -7, 7, -7],
      [3, 3, -3, -3],
    ],
    args: ['int32'],
    skipGradcheck: 'integers',
  },
  { inputs: [[7, 8, 0], [3]], args: ['uint8'], skipGradcheck: 'integers' },
]

type Operand = Tensor | number

/** PyTorch refuses whole numbers divided by zero, which have no infinity. */
function assertDivisor(name: string, a: Operand, b: Operand): void {
  const whole = (v: Operand): boolean => (typeof v === 'number' ? Number.isInteger(v) : !isFloating(v.dtype))
  if (!whole(a) || !whole(b)) return
  const zero = typeof b === 'number' ? b === 0 : b.eq(0).any().item() !== 0
  if (zero) throw new RangeError(`${name}: integers cannot be divided by 0; convert with .float() to get infinities`)
}

/** The op with the check before it, also in place. */
function guarded(name: string, op: Binary): Binary {
  const run: Binary['run'] = (a, b, p0, p1) => {
    assertDivisor(name, a, b)
    return op.run(a, b, p0, p1)
  }
  const inPlace: Binary['inPlace'] = (x, other) => {
    assertDivisor(`${name}_`, x, other)
    return op.inPlace(x, other)
  }
  return Object.assign((a: Operand, b: Operand) => run(a, b), { run, inPlace })
}

/** a − b·trunc(a/b): the remainder with the sign of a. Throws RangeError for integers over 0. torch.fmod. */
export const fmod: Binary = guarded(
  'fmod',
  binary('fmod', {
    torch: 'lambda a, b, t=None: torch.fmod(a.to(t or a.dtype), b.to(t or b.dtype))',
    expression: 'fmod(a, b)',
    saves: ['a', 'b'],
    grad: { a: (dy) => dy, b: (dy, { a, b }) => mul(dy, trunc(divideExactly(a, b))).neg() },
    samples,
    call: (a: Tensor, b: Tensor, dtype?: DType) => fmod(a.to(dtype ?? a.dtype), b.to(dtype ?? b.dtype)),
  }),
)

/** a − b·floor(a/b): the remainder with the sign of b, Python's %. Throws RangeError for integers over 0. torch.remainder. */
export const remainder: Binary = guarded(
  'remainder',
  binary('remainder', {
    torch: 'lambda a, b, t=None: torch.remainder(a.to(t or a.dtype), b.to(t or b.dtype))',
    expression: 'modulo(a, b)',
    saves: ['a', 'b'],
    grad: { a: (dy) => dy, b: (dy, { a, b }) => mul(dy, floorDivide(a, b)).neg() },
    samples,
    call: (a: Tensor, b: Tensor, dtype?: DType) => remainder(a.to(dtype ?? a.dtype), b.to(dtype ?? b.dtype)),
  }),
)

/** a/b rounded down, in the operands' dtype. Throws RangeError for integers over 0. torch.floor_divide. */
export const floorDivide: Binary = guarded(
  'floorDivide',
  binary('floorDivide', {
    torch: 'lambda a, b, t=None: torch.div(a.to(t or a.dtype), b.to(t or b.dtype), rounding_mode="floor")',
    expression: 'floordiv(a, b)',
    grad: { a: (dy) => dy.mul(0), b: (dy) => dy.mul(0) },
    samples,
    call: (a: Tensor, b: Tensor, dtype?: DType) => floorDivide(a.to(dtype ?? a.dtype), b.to(dtype ?? b.dtype)),
  }),
)

/** a/b rounded towards 0, in the operands' dtype. */
const truncDivide: Binary = guarded(
  'div',
  binary('truncDivide', {
    torch: 'lambda a, b, t=None: torch.div(a.to(t or a.dtype), b.to(t or b.dtype), rounding_mode="trunc")',
    expression: 'truncdiv(a, b)',
    grad: { a: (dy) => dy.mul(0), b: (dy) => dy.mul(0) },
    samples,
    call: (a: Tensor, b: Tensor, dtype?: DType) => truncDivide(a.to(dtype ?? a.dtype), b.to(dtype ?? b.dtype)),
  }),
)

/** How div rounds: down, towards 0, or not at all. */
export type RoundingMode = 'floor' | 'trunc' | null

function operation(options: { roundingMode?: RoundingMode } | undefined): Binary {
  const mode = options && readOptions('div', options, { roundingMode: null }).roundingMode
  if (mode == null) return divideExactly
  if (mode === 'floor') return floorDivide
  if (mode === 'trunc') return truncDivide
  throw new RangeError(`div: roundingMode must be 'floor', 'trunc' or null, got '${String(mode)}'`)
}

/** a / b; with `roundingMode` 'floor' or 'trunc' rounded, in the operands' dtype. torch.div. */
export function div(a: Operand, b: Operand, options?: { roundingMode?: RoundingMode }): Tensor {
  return operation(options)(a, b)
}

/** In place: x /= other, rounded as `roundingMode` says. torch.Tensor.div_. */
export function div_<T extends Tensor>(x: T, other: Operand, options?: { roundingMode?: RoundingMode }): T {
  return operation(options).inPlace(x, other)
}

/** a / b; another name of div. torch.true_divide. */
export const trueDivide: Binary = divideExactly

const around = { inputs: [{ shape: [3, 4], low: -2, high: 2 }] }

/** x − trunc(x). torch.frac. */
export const frac = composite(
  'frac',
  { torch: 'torch.frac', samples: [around, { inputs: [{ shape: [0, 3] }] }] },
  (x: Tensor): Tensor => x.sub(trunc(x)),
)

composite(
  'roundDecimals',
  {
    torch: 'lambda x, decimals: torch.round(x, decimals=decimals)',
    samples: [
      { inputs: [[1.2345, -2.675, 1234.5678]], args: [2], skipGradcheck: 'piecewise constant' },
      { inputs: [[1234.5678, 25, 35]], args: [-1], skipGradcheck: 'piecewise constant' },
    ],
    call: (x: Tensor, decimals: number) => round(x, { decimals }),
  },
  round,
)

/** Nearest whole number, halves to the even one; or so many decimals (negative: tens, hundreds …). torch.round. */
export function round(x: Tensor, options?: { decimals?: number }): Tensor {
  const { decimals } = readOptions('round', options, { decimals: 0 })
  if (!Number.isInteger(decimals)) throw new TypeError(`round: decimals must be an integer, got ${decimals}`)
  if (decimals === 0 || !isFloating(x.dtype)) return roundToWhole(x)
  const power = 10 ** Math.abs(decimals)
  return decimals > 0 ? roundToWhole(x.mul(power)).div(power) : roundToWhole(x.div(power)).mul(power)
}
