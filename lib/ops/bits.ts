/** Functions of whole numbers: bits, shifts, common divisors and multiples. */
import type { Tensor } from '../tensor/tensor.js'
import { binary, unary, type Binary } from './elementwise.js'

const reason = 'the operands are integers'
const pairs = [
  {
    inputs: [
      [12, -7, 0, 255, 5],
      [10, 3, 9, -1, 0],
    ],
  },
  {
    inputs: [
      [
        [12, 7, 0],
        [1, 2, 3],
      ],
      [6, 4, 5],
    ],
  },
  { inputs: [{ shape: [0, 3] }, { shape: [3] }] },
]
const shifts = [
  {
    inputs: [
      [12, -7, 1, 255, 5, -5],
      [1, 3, 40, 2, 64, 70],
    ],
  },
]

function integral(name: string, torch: string, expression: string, samples = pairs): Binary {
  const op: Binary = binary(name, {
    torch: `lambda a, b: torch.${torch}(a.long(), b.long())`,
    expression,
    types: 'integer',
    grad: reason,
    samples,
    call: (a: Tensor, b: Tensor) => op(a.long(), b.long()),
  })
  return op
}

/** Bits set in both; logical for bools. torch.bitwise_and. */
export const bitwiseAnd = integral('bitwiseAnd', 'bitwise_and', 'a & b')
/** Bits set in at least one; logical for bools. torch.bitwise_or. */
export const bitwiseOr = integral('bitwiseOr', 'bitwise_or', 'a | b')
/** Bits set in exactly one; logical for bools. torch.bitwise_xor. */
export const bitwiseXor = integral('bitwiseXor', 'bitwise_xor', 'a ^ b')
/** a · 2ᵇ by moving bits; 0 beyond the width. torch.bitwise_left_shift. */
export const bitwiseLeftShift = integral('bitwiseLeftShift', 'bitwise_left_shift', 'shiftleft(a, b)', shifts)
/** a / 2ᵇ rounded down, by moving bits. torch.bitwise_right_shift. */
export const bitwiseRightShift = integral('bitwiseRightShift', 'bitwise_right_shift', 'shiftright(a, b)', shifts)
/** Greatest common divisor, at least 0. torch.gcd. */
export const gcd = integral('gcd', 'gcd', 'gcd(a, b)')
/** Least common multiple, at least 0. torch.lcm. */
export const lcm = integral('lcm', 'lcm', 'lcm(a, b)')

const complement = unary('bitwiseNot', {
  torch: 'lambda x: torch.bitwise_not(x.long())',
  expression: '-1 - x',
  types: 'integer',
  grad: reason,
  samples: [{ inputs: [[12, -7, 0, 255]] }],
  call: (x: Tensor) => bitwiseNot(x.long()),
})

/** All bits the other way round (−x − 1); logical for bools. torch.bitwise_not. */
export function bitwiseNot(x: Tensor): Tensor {
  return x.dtype === 'bool' ? x.logicalNot() : complement(x)
}
