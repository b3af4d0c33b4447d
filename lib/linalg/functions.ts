/** Functions of matrices made of products and solutions: powers, the exponential, inverses of higher dimensions. */
import { arange } from '../ops/creation.js'
import { composite, everyDType } from '../ops/define.js'
import { diagonal, type DiagonalOptions } from '../ops/diagonals.js'
import { matmul } from '../ops/matmul.js'
import { numel, ShapeError, show, wrapDim, type Shape } from '../tensor/shape.js'
import { assertTensor, type Tensor } from '../tensor/tensor.js'
import { assertSquare } from './batch.js'
import { identity } from './record.js'
import { inv, solve } from './solve.js'
import { readOptions } from '../tensor/options.js'

const square = { shape: [3, 3], low: -1, high: 1 }

/** Aⁿ for a whole n, by repeated squaring; negative n are powers of the inverse. torch.linalg.matrix_power. */
export const matrixPower = composite(
  'matrixPower',
  {
    torch: 'torch.linalg.matrix_power',
    samples: [
      { inputs: [square], args: [3] },
      { inputs: [{ shape: [2, 3, 3], low: -2, high: 2 }], args: [-2] },
      { inputs: [{ shape: [2, 2] }], args: [10] },
      { inputs: [square], args: [1] },
    ],
  },
  (x: Tensor, n: number): Tensor => {
    const name = 'linalg.matrixPower'
    assertSquare(name, x)
    if (!Number.isInteger(n)) throw new TypeError(`${name}: the exponent must be an integer, got ${n}`)
    if (n === 0)
      return identity(x.shape[x.ndim - 1], x)
        .expand(x.shape)
        .clone()
    let power = n < 0 ? inv(x) : x
    let y: Tensor | null = null
    for (let left = Math.abs(n); left > 0; left = Math.floor(left / 2)) {
      if (left % 2 === 1) y = y ? matmul(y, power) : power
      if (left > 1) power = matmul(power, power)
    }
    return y === x ? x.clone() : (y as Tensor)
  },
)

/** 1/k!. */
const inverseFactorial = (k: number): number => (k < 2 ? 1 : inverseFactorial(k - 1) / k)

/**
 * e^A = Σ Aᵏ/k! of square matrices: Taylor's polynomial of A/2ˢ, squared s times; computed in float64.
 * torch.linalg.matrix_exp.
 */
export const matrixExp = composite(
  'matrixExp',
  {
    torch: 'torch.linalg.matrix_exp',
    samples: [
      { inputs: [square] },
      { inputs: [{ shape: [2, 2, 2], low: -4, high: 4 }] },
      {
        inputs: [
          [
            [0, 1],
            [0, 0],
          ],
        ],
      },
      { inputs: [{ shape: [0, 0] }] },
    ],
  },
  (x: Tensor): Tensor => {
    assertSquare('linalg.matrixExp', x)
    if (x.numel() === 0) return x.clone()
    const wide = x.to('float64')
    const size = wide.detach().abs().sum(-2).amax().item()
    if (!Number.isFinite(size)) return x.mul(NaN)
    const squarings = Math.max(0, Math.ceil(Math.log2(size)))
    const a = wide.mul(2 ** -squarings)
    const one = identity(x.shape[x.ndim - 1], a)
    const a2 = matmul(a, a)
    const a3 = matmul(a2, a)
    // Degree 20 in three interleaved sums, so that eight products suffice.
    const terms = (k: number): Tensor =>
      one
        .mul(inverseFactorial(k))
        .add(a.mul(inverseFactorial(k + 1)))
        .add(a2.mul(inverseFactorial(k + 2)))
    let y = terms(18)
    for (let k = 15; k >= 0; k -= 3) y = matmul(y, a3).add(terms(k))
    for (let i = 0; i < squarings; i++) y = matmul(y, y)
    return y.to(x.dtype)
  },
)

/** The inverse of x as a map from its last dimensions to its first `ind` ones. torch.linalg.tensorinv. */
export const tensorinv = composite(
  'tensorinv',
  {
    torch: 'torch.linalg.tensorinv',
    samples: [
      { inputs: [{ shape: [2, 3, 6], low: -2, high: 2 }] },
      { inputs: [{ shape: [4, 2, 2] }], options: { ind: 1 } },
    ],
  },
  (x: Tensor, options?: { ind?: number }): Tensor => {
    const { ind } = readOptions('tensorinv', options, { ind: 2 })
    const name = 'linalg.tensorinv'
    assertTensor(name, 'the input', x)
    if (!Number.isInteger(ind) || ind < 1) throw new RangeError(`${name}: ind must be a positive integer, got ${ind}`)
    const [first, last]: [Shape, Shape] = [x.shape.slice(0, ind), x.shape.slice(ind)]
    if (numel(first) !== numel(last))
      throw new ShapeError(
        `${name}: the first ${ind} dimensions of ${show(x.shape)} have ${numel(first)} elements, the others ${numel(last)}; they must be as many`,
      )
    return inv(x.reshape([numel(first), numel(last)])).reshape([...last, ...first])
  },
)

/**
 * X with Σ A · X = B over all dimensions of X; `dims` of A are first moved to the end. torch.linalg.tensorsolve.
 */
export const tensorsolve = composite(
  'tensorsolve',
  {
    torch: 'torch.linalg.tensorsolve',
    samples: [
      { inputs: [{ shape: [2, 3, 6], low: -2, high: 2 }, { shape: [2, 3] }] },
      { inputs: [{ shape: [4, 2, 2], low: -2, high: 2 }, { shape: [2, 2] }], options: { dims: [0] } },
    ],
  },
  (a: Tensor, b: Tensor, options?: { dims?: readonly number[] }): Tensor => {
    const { dims } = readOptions('tensorsolve', options, { dims: [] })
    const name = 'linalg.tensorsolve'
    const moved = dims.map((d) => wrapDim(name, d, a.ndim))
    const others = Array.from({ length: a.ndim }, (_, d) => d).filter((d) => !moved.includes(d))
    const x = moved.length ? a.permute([...others, ...moved]) : a
    const [first, last]: [Shape, Shape] = [x.shape.slice(0, b.ndim), x.shape.slice(b.ndim)]
    if (numel(first) !== numel(last) || numel(first) !== b.numel())
      throw new ShapeError(`${name}: ${show(a.shape)} and ${show(b.shape)} do not make as many equations as unknowns`)
    return solve(x.reshape([numel(first), numel(last)]), b.reshape([b.numel()])).reshape(last)
  },
)

/** 1, x, x², … as a last dimension of N columns (default as many as x has elements in its last one). torch.linalg.vander. */
export const vander = composite(
  'linalgVander',
  {
    torch: 'lambda x, n=None: torch.linalg.vander(x, N=n)',
    samples: [{ inputs: [{ shape: [3] }] }, { inputs: [{ shape: [2, 3] }], options: { n: 4 } }],
    call: (x: Tensor, { n: N, ...rest }: { n?: number } = {}) => vander(x, { N, ...rest }),
  },
  (x: Tensor, options?: { N?: number }): Tensor => {
    const { N } = readOptions('linalg.vander', options, { N: undefined })
    if (x.ndim === 0) throw new ShapeError('linalg.vander: needs at least one dimension, got []')
    const columns = N ?? (x.shape[x.ndim - 1] as number)
    if (!Number.isInteger(columns) || columns < 1)
      throw new RangeError(`linalg.vander: N must be a positive integer, got ${columns}`)
    return x.unsqueeze(-1).pow(arange(columns).to(x.dtype))
  },
)

/** Options of vander. */
export interface VanderOptions {
  /** How many columns. Default: as many as x has elements. */
  N?: number
  /** Powers from left to right ascending. Default false. */
  increasing?: boolean
}

/**
 * Powers of the elements of a vector x, [n, N]: the last column is 1, the one before it x, … torch.vander.
 * @throws ShapeError unless x has one dimension, RangeError unless N is a whole number from 0.
 */
export const powersOf = composite(
  'vander',
  {
    // PyTorch's own fails when its gradient is asked for.
    torch:
      'lambda x, n=None, increasing=False: (lambda p: x[:, None] ** (p if increasing else p.flip(0)))(torch.arange(len(x) if n is None else n))',
    dtypes: ['float32', 'float64', 'int32', 'int64', 'uint8'],
    samples: [
      { inputs: [{ shape: [3] }] },
      { inputs: [{ shape: [4] }], options: { n: 3, increasing: true } },
      { inputs: [{ shape: [2] }], options: { n: 0 } },
    ],
    call: (x: Tensor, { n: N, ...rest }: { n?: number } & VanderOptions = {}) => powersOf(x, { N, ...rest }),
  },
  (x: Tensor, options?: VanderOptions): Tensor => {
    const { N, increasing } = readOptions('vander', options, { N: undefined, increasing: false })
    if (x.ndim !== 1) throw new ShapeError(`vander: needs a vector, got ${show(x.shape)}`)
    const columns = N ?? x.shape[0]
    if (!Number.isInteger(columns) || columns < 0)
      throw new RangeError(`vander: N must be a whole number from 0, got ${columns}`)
    const powers = arange(columns)
    return x.unsqueeze(-1).pow((increasing ? powers : powers.flip(0)).to(x.dtype))
  },
)

/** The diagonals of matrices: `diagonal` of the last two dimensions unless told otherwise. torch.linalg.diagonal. */
export const matrixDiagonal = composite(
  'matrixDiagonal',
  {
    torch: 'torch.linalg.diagonal',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [2, 3, 4] }] },
      { inputs: [{ shape: [2, 3, 4] }], options: { offset: 1 } },
      { inputs: [{ shape: [3, 4] }], options: { dim1: 1, dim2: 0 } },
    ],
  },
  (x: Tensor, options?: DiagonalOptions): Tensor => {
    const { offset, dim1, dim2 } = readOptions('matrixDiagonal', options, { offset: 0, dim1: -2, dim2: -1 })
    return diagonal(x, offset, dim1, dim2)
  },
)
