/** Filling parameters with their first values (torch.nn.init). Every function works in place and returns the tensor. */
import { noGrad } from '../autograd/index.js'
import type { Generator } from '../device/random.js'
import { namedAll, readOptions, named, type OrNamed, readCall, type Defaults } from '../tensor/options.js'
import { tensor } from '../ops/creation.js'
import { where } from '../ops/index-ops.js'
import { randn, randperm, type MeanStdOptions } from '../ops/random.js'
import { emptyLikeTensor, type Tensor } from '../tensor/tensor.js'
import { numel, ShapeError, show } from '../tensor/shape.js'
import { orthonormalColumns } from './orthonormal.js'

/** Settings of every function that draws first values. */
export interface InitOptions {
  /** Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** Activations that `calculateGain` knows. */
export type Nonlinearity =
  | 'linear'
  | `conv${1 | 2 | 3}d`
  | `convTranspose${1 | 2 | 3}d`
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'leakyRelu'
  | 'selu'
  | `conv_transpose${1 | 2 | 3}d`
  | 'leaky_relu'

/** PyTorch's spelling of a name in ours: fan_in is fanIn. */
const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** How much a non-linearity shrinks the spread of its input: the factor by which weights make up for it. torch.nn.init.calculate_gain. */
export function calculateGain(nonlinearity: Nonlinearity, given?: OrNamed<'param', number>): number {
  const param = named<number>('calculateGain', 'param', given)
  switch (camelCase(nonlinearity)) {
    case 'linear':
    case 'conv1d':
    case 'conv2d':
    case 'conv3d':
    case 'convTranspose1d':
    case 'convTranspose2d':
    case 'convTranspose3d':
    case 'sigmoid':
      return 1
    case 'tanh':
      return 5 / 3
    case 'relu':
      return Math.SQRT2
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + (param ?? 0.01) ** 2))
    case 'selu':
      return 3 / 4
    default:
      throw new RangeError(
        `calculateGain: unknown non-linearity '${String(nonlinearity)}'; known are linear, sigmoid, tanh, relu, leakyRelu, selu`,
      )
  }
}

/** Inputs and outputs of one unit, from the weight's shape [out, in, ...kernel]. */
export function calculateFanInAndFanOut(weight: Tensor): { fanIn: number; fanOut: number } {
  if (weight.ndim < 2)
    throw new ShapeError(`init: fan-in and fan-out need at least two dimensions, got ${show(weight.shape)}`)
  const field = numel(weight.shape.slice(2))
  return { fanIn: weight.shape[1] * field, fanOut: weight.shape[0] * field }
}

/** What uniform_ accepts by name. */
export interface UniformInitOptions extends InitOptions {
  /** Default 0. */
  a?: number
  /** Not included. Default 1. */
  b?: number
}

/** Uniform numbers in [a, b). torch.nn.init.uniform_. */
export function uniform_<T extends Tensor>(
  x: T,
  first?: number | UniformInitOptions,
  second?: number | UniformInitOptions,
  last?: UniformInitOptions,
): T {
  const given = namedAll<[number, number, Generator]>('uniform_', ['a', 'b', 'generator'], [first, second, last])
  const [a = 0, b = 1, generator] = given
  return noGrad(() => x.uniform_(a, b, { generator }))
}

/** Normal numbers. torch.nn.init.normal_. */
export function normal_<T extends Tensor>(
  x: T,
  first?: number | MeanStdOptions,
  second?: number | MeanStdOptions,
  last?: MeanStdOptions,
): T {
  const given = namedAll<[number, number, Generator]>('normal_', ['mean', 'std', 'generator'], [first, second, last])
  const [mean = 0, std = 1, generator] = given
  return noGrad(() => x.normal_(mean, std, { generator }))
}

/** One number everywhere. torch.nn.init.constant_. */
export function constant_<T extends Tensor>(x: T, value: number): T {
  return noGrad(() => x.fill_(value))
}

/** Zeros. torch.nn.init.zeros_. */
export function zeros_<T extends Tensor>(x: T): T {
  return constant_(x, 0)
}

/** Ones. torch.nn.init.ones_. */
export function ones_<T extends Tensor>(x: T): T {
  return constant_(x, 1)
}

/** U(−a, a) with a = gain·√(6 / (fanIn + fanOut)). Glorot & Bengio 2010; 《深度学习基础》 4.3; torch.nn.init.xavier_uniform_. */
export function xavierUniform_<T extends Tensor>(x: T, options?: InitOptions & { gain?: number }): T {
  const { gain, generator } = readOptions('xavierUniform_', options, { gain: 1, generator: undefined })
  const { fanIn, fanOut } = calculateFanInAndFanOut(x)
  const bound = Math.sqrt(3) * gain * Math.sqrt(2 / (fanIn + fanOut))
  return uniform_(x, -bound, bound, { generator })
}

/** N(0, std²) with std = gain·√(2 / (fanIn + fanOut)). Glorot & Bengio 2010; 《深度学习基础》 4.3; torch.nn.init.xavier_normal_. */
export function xavierNormal_<T extends Tensor>(x: T, options?: InitOptions & { gain?: number }): T {
  const { gain, generator } = readOptions('xavierNormal_', options, { gain: 1, generator: undefined })
  const { fanIn, fanOut } = calculateFanInAndFanOut(x)
  return normal_(x, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), { generator })
}

/** Settings of `kaimingUniform_` and `kaimingNormal_`. */
export interface KaimingOptions extends InitOptions {
  /** Negative slope of the leaky ReLU that follows. Default 0. */
  a?: number
  /** Keep the spread in the forward ('fanIn') or the backward pass ('fanOut'). Default 'fanIn'. */
  mode?: 'fanIn' | 'fanOut' | 'fan_in' | 'fan_out'
  /** Default 'leakyRelu'. */
  nonlinearity?: Nonlinearity
}

/** The standard deviation that keeps the spread, and where the numbers come from. */
function kaiming(name: string, x: Tensor, options: KaimingOptions | undefined): { std: number; generator?: Generator } {
  const { a, mode, nonlinearity, generator } = readOptions(name, options, {
    a: 0,
    mode: 'fanIn',
    nonlinearity: 'leakyRelu',
    generator: undefined,
  })
  const fan = camelCase(mode)
  if (fan !== 'fanIn' && fan !== 'fanOut')
    throw new RangeError(`${name}: mode must be 'fanIn' or 'fanOut', got '${String(mode)}'`)
  return { std: calculateGain(nonlinearity, a) / Math.sqrt(calculateFanInAndFanOut(x)[fan]), generator }
}

/** U(−b, b) with b = gain·√(3 / fan). He et al. 2015; 《深度学习基础》 4.3; torch.nn.init.kaiming_uniform_. */
export function kaimingUniform_<T extends Tensor>(x: T, options?: KaimingOptions): T {
  const { std, generator } = kaiming('kaimingUniform_', x, options)
  const bound = Math.sqrt(3) * std
  return uniform_(x, -bound, bound, { generator })
}

/** N(0, gain² / fan). He et al. 2015; 《深度学习基础》 4.3; torch.nn.init.kaiming_normal_. */
export function kaimingNormal_<T extends Tensor>(x: T, options?: KaimingOptions): T {
  const { std, generator } = kaiming('kaimingNormal_', x, options)
  return normal_(x, 0, std, { generator })
}

/** Ones on the diagonal of a matrix, zeros elsewhere. torch.nn.init.eye_. */
export function eye_<T extends Tensor>(x: T): T {
  if (x.ndim !== 2) throw new ShapeError(`eye_: needs a matrix, got ${show(x.shape)}`)
  return noGrad(() => {
    x.zero_()
    x.diagonal().fill_(1)
    return x
  })
}

/**
 * The weight [out, in, ...kernel] of a convolution that passes as many channels through as it can, in each of `groups`
 * (default 1). torch.nn.init.dirac_.
 */
export function dirac_<T extends Tensor>(x: T, options?: { groups?: number }): T {
  const { groups } = readOptions('dirac_', options, { groups: 1 })
  if (x.ndim < 3 || x.ndim > 5)
    throw new ShapeError(`dirac_: needs the weight of a convolution, of 3 to 5 dimensions, got ${show(x.shape)}`)
  if (!Number.isInteger(groups) || groups < 1 || x.shape[0] % groups !== 0)
    throw new RangeError(`dirac_: ${x.shape[0]} channels cannot be divided into ${groups} groups`)
  const out = (x.shape[0] as number) / groups
  const centre = x.shape.slice(2).map((size: number) => Math.floor(size / 2)) as number[]
  return noGrad(() => {
    x.zero_()
    for (let group = 0; group < groups; group++)
      for (let d = 0; d < Math.min(out, x.shape[1]); d++) x.at(group * out + d, d, ...centre).fill_(1)
    return x
  })
}

/** A matrix with orthonormal rows or columns, whichever are fewer, times gain. Saxe et al. 2014; torch.nn.init.orthogonal_. */
export function orthogonal_<T extends Tensor>(x: T, options?: InitOptions & { gain?: number }): T {
  const { gain, generator } = readOptions('orthogonal_', options, { gain: 1, generator: undefined })
  if (x.ndim < 2) throw new ShapeError(`orthogonal_: needs at least two dimensions, got ${show(x.shape)}`)
  if (x.numel() === 0) return x
  const rows: number = x.shape[0]
  return noGrad(() => {
    const drawn = randn([rows, x.numel() / rows], { dtype: x.dtype, generator })
    const wide = rows < drawn.shape[1]
    const columns = orthonormalColumns(wide ? drawn.t() : drawn)
    return x.copy_((wide ? columns.t() : columns).reshape(x.shape).mul(gain))
  })
}

/** Share of the normal distribution below x. */
const below = (x: number): number =>
  (1 +
    tensor(x / Math.SQRT2, { dtype: 'float64' })
      .erf()
      .item()) /
  2

/** What truncNormal_ accepts by name. */
export interface TruncNormalOptions extends MeanStdOptions {
  /** Smallest value kept. Default −2. */
  a?: number
  /** Largest value kept. Default 2. */
  b?: number
}

/**
 * Normal numbers drawn again until all lie in [a, b]. torch.nn.init.trunc_normal_.
 * @throws RangeError unless a < b and std > 0.
 */
export function truncNormal_<T extends Tensor>(
  x: T,
  first?: number | TruncNormalOptions,
  second?: number | TruncNormalOptions,
  third?: number | TruncNormalOptions,
  fourth?: number | TruncNormalOptions,
  last?: TruncNormalOptions,
): T {
  const [mean = 0, std = 1, a = -2, b = 2, generator] = namedAll<[number, number, number, number, Generator]>(
    'truncNormal_',
    ['mean', 'std', 'a', 'b', 'generator'],
    [first, second, third, fourth, last],
  )
  const options = { generator }
  if (!(a < b)) throw new RangeError(`truncNormal_: a must be less than b, got ${a} and ${b}`)
  if (!(std > 0)) throw new RangeError(`truncNormal_: std must be above 0, got ${std}`)
  const some = (mask: Tensor): boolean => mask.any().item() !== 0
  return noGrad(() => {
    if (below((b - mean) / std) - below((a - mean) / std) > 0.3) {
      const [low, high] = tensor([a, b], { dtype: x.dtype })
      let result: Tensor = x.normal_(mean, std, options)
      for (;;) {
        const outside = result.lt(low).logicalOr(result.gt(high))
        if (!some(outside)) break
        result = where(outside, emptyLikeTensor(x).normal_(mean, std, options), result)
      }
      return result === x ? x : x.copy_(result)
    }
    // Far from the middle most draws would be in vain: uniform numbers, kept with the density's probability.
    const peak = -0.5 * ((Math.max(a, Math.min(mean, b)) - mean) / std) ** 2
    const refused = (candidates: Tensor): Tensor => {
      const density = candidates.sub(mean).div(std).square().mul(-0.5).sub(peak)
      return emptyLikeTensor(x).uniform_(0, 1, options).log().gt(density)
    }
    let result: Tensor = x.uniform_(a, b, options)
    let pending = refused(result)
    while (some(pending)) {
      const candidates = emptyLikeTensor(x).uniform_(a, b, options)
      result = where(pending, candidates, result)
      pending = pending.logicalAnd(refused(candidates))
    }
    return result === x ? x : x.copy_(result)
  })
}

/** What sparse_ accepts last. */
export interface SparseOptions extends InitOptions {
  /** The share of every column that is 0. */
  sparsity: number
  /** Default 0.01. */
  std?: number
}

const sparseDefaults = {
  sparsity: undefined,
  std: 0.01,
  generator: undefined,
} as const satisfies Defaults<SparseOptions>

/**
 * Normal numbers of standard deviation `std` (default 0.01), with the share `sparsity` of every column 0. Martens 2010;
 * torch.nn.init.sparse_. @throws ShapeError unless x is a matrix, RangeError for a sparsity outside of [0, 1].
 */
export function sparse_<T extends Tensor>(
  x: T,
  share: number | SparseOptions,
  options?: Omit<SparseOptions, 'sparsity'>,
): T {
  const { sparsity, std, generator } = readCall<SparseOptions, typeof sparseDefaults>(
    'sparse_',
    ['sparsity'],
    [share, options],
    sparseDefaults,
  )
  if (x.ndim !== 2) throw new ShapeError(`sparse_: needs a matrix, got ${show(x.shape)}`)
  if (!(sparsity >= 0 && sparsity <= 1)) throw new RangeError(`sparse_: sparsity must lie in [0, 1], got ${sparsity}`)
  const [rows, columns] = x.shape as [number, number]
  const zeros = Math.ceil(sparsity * rows)
  return noGrad(() => {
    x.normal_(0, std, { generator })
    for (let column = 0; column < columns; column++) {
      const chosen = Array.from(randperm(rows).toTypedArray(), Number).slice(0, zeros)
      for (const row of chosen) x.at(row, column).fill_(0)
    }
    return x
  })
}
