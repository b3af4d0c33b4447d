/** Random tensors. Value for value PyTorch's CPU stream for the same seed and order of calls. */
import { noGrad } from '../autograd/mode.js'
import { addon } from '../device/addon.js'
import { defaultGenerator, type Generator } from '../device/random.js'
import { isFloating, getDefaultDtype } from '../tensor/dtype.js'
import { broadcastShapes, type Shape } from '../tensor/shape.js'
import type { AnyShape } from '../tensor/shape-types.js'
import { emptyTensor, Tensor } from '../tensor/tensor.js'
import { namedAll, readOptions, checkOptions, type Defaults } from '../tensor/options.js'
import { parseSizes, placeOf, tensorDefaults, type SizedCreation, type TensorOptions } from './creation.js'
import { changeInPlace } from './in-place.js'
import { withPacked } from './packed.js'

/** Settings of functions that draw numbers. */
export interface RandomOptions extends TensorOptions {
  /** Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** Their defaults. */
export const randomDefaults: Defaults<RandomOptions> = { ...tensorDefaults, generator: undefined }

/** Sizes as separate arguments or one array, then options. */
export type SizedRandom = SizedCreation & {
  <D extends number, S extends D[]>(...args: [...shape: S, options: RandomOptions]): Tensor<S>
  (shape: Shape, options?: RandomOptions): Tensor
}

function random(name: string, args: readonly unknown[], fill: (y: Tensor, generator: Generator) => void): Tensor {
  const { shape, options } = parseSizes<RandomOptions>(name, args, randomDefaults)
  const dtype = options.dtype ?? getDefaultDtype()
  if (!isFloating(dtype))
    throw new TypeError(`${name}: needs a floating dtype, got ${dtype}; use randint() for integers`)
  const y = emptyTensor(dtype, shape, placeOf(options))
  fill(y, options.generator ?? defaultGenerator())
  return options.requiresGrad ? y.requiresGrad_() : y
}

/** Uniform numbers in [0, 1). torch.rand. */
export const rand = ((...args: unknown[]) =>
  random('rand', args, (y, g) => addon().uniform(y.handle, g.handle, 0, 1))) as SizedRandom

/** Normal numbers with mean 0 and standard deviation 1. torch.randn. */
export const randn = ((...args: unknown[]) =>
  random('randn', args, (y, g) => addon().normal(y.handle, g.handle, 0, 1))) as SizedRandom

/** Integers in [low, high), or in [0, high), int64 unless a dtype is given. torch.randint. */
export function randint(high: number, shape: Shape, options?: RandomOptions): Tensor
export function randint(low: number, high: number, shape: Shape, options?: RandomOptions): Tensor
export function randint(
  first: number,
  second: number | Shape,
  third?: Shape | RandomOptions,
  last?: RandomOptions,
): Tensor {
  if (typeof second !== 'number') return randint(0, first, second, third as RandomOptions | undefined)
  const [low, high, shape, options] = [first, second, third as Shape, last ?? {}]
  if (!(Number.isInteger(low) && Number.isInteger(high) && low < high))
    throw new RangeError(`randint: needs integers low < high, got ${low} and ${high}`)
  checkOptions('randint', options, randomDefaults)
  const sizes = parseSizes('randint', [shape], randomDefaults).shape
  const y = emptyTensor(options.dtype ?? 'int64', sizes, placeOf(options))
  addon().randint(y.handle, (options.generator ?? defaultGenerator()).handle, low, high)
  return options.requiresGrad ? y.requiresGrad_() : y
}

/** The integers 0 … n − 1 in random order, int64. torch.randperm. */
export function randperm(n: number, options?: RandomOptions): Tensor {
  const {
    dtype,
    generator = defaultGenerator(),
    device,
  } = readOptions('randperm', options, {
    ...randomDefaults,
    dtype: 'int64',
  })
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`randperm: needs a non-negative integer, got ${n}`)
  const y = emptyTensor(dtype, [n], placeOf({ device }))
  addon().randperm(y.handle, generator.handle)
  return y
}

/**
 * Normal numbers of the given mean and standard deviation: numbers with a shape, or tensors with one value for each result
 * (one of the two may be a number; tensors broadcast). torch.normal.
 * @throws RangeError for a negative standard deviation.
 */
export function normal(mean: Tensor, std?: Tensor | number, options?: NormalOptions): Tensor
export function normal(mean: number, std: Tensor, options?: NormalOptions): Tensor
export function normal(mean: number, std: number, shape: Shape, options?: RandomOptions): Tensor
export function normal(
  mean: Tensor | number,
  std: Tensor | number = 1,
  third?: Shape | NormalOptions,
  options: RandomOptions = {},
): Tensor {
  if (mean instanceof Tensor || std instanceof Tensor) return normalAround(mean, std, third as NormalOptions)
  const shape = third as Shape
  if (!(std >= 0)) throw new RangeError(`normal: std must not be negative, got ${std}`)
  return random('normal', [shape, options], (y, g) => addon().normal(y.handle, g.handle, mean, std))
}

/** Settings of `normal` with tensors. */
export interface NormalOptions {
  /** Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

function normalAround(mean: Tensor | number, std: Tensor | number, options?: NormalOptions): Tensor {
  const { generator } = readOptions('normal', options, { generator: defaultGenerator() })
  const tensors = [mean, std].filter((value) => value instanceof Tensor)
  for (const { dtype } of tensors)
    if (!isFloating(dtype)) throw new TypeError(`normal: needs floating tensors, got ${dtype}; convert with .float()`)
  const least = std instanceof Tensor ? (std.numel() > 0 ? std.detach().amin().item() : 0) : std
  if (!(least >= 0)) throw new RangeError(`normal: std must not be negative, got ${least}`)
  const shape = tensors.map((t): Shape => t.shape).reduce((a, b) => broadcastShapes('normal', a, b))
  const y = emptyTensor(tensors[0].dtype, shape, tensors[0].device)
  addon().normal(y.handle, generator.handle, 0, 1)
  return noGrad(() => y.mul_(std).add_(mean))
}

/** What uniform_ accepts by name. */
export interface UniformOptions extends NormalOptions {
  /** Default 0. */
  from?: number
  /** Not included. Default 1. */
  to?: number
}

/** What normal_ accepts by name. */
export interface MeanStdOptions extends NormalOptions {
  /** Default 0. */
  mean?: number
  /** Default 1. */
  std?: number
}

/** Fills x with uniform numbers in [from, to). torch.Tensor.uniform_. */
export function uniform_<T extends Tensor>(
  x: T,
  first?: number | UniformOptions,
  second?: number | UniformOptions,
  last?: UniformOptions,
): T {
  const given = namedAll<[number, number, Generator]>('uniform_', ['from', 'to', 'generator'], [first, second, last])
  const [from = 0, to = 1, generator = defaultGenerator()] = given
  if (!(from <= to)) throw new RangeError(`uniform_: from ${from} is larger than to ${to}`)
  return changeInPlace('uniform_', x, {}, () => addon().uniform(x.handle, generator.handle, from, to), {})
}

/** Fills x with normal numbers. torch.Tensor.normal_. */
export function normal_<T extends Tensor>(
  x: T,
  first?: number | MeanStdOptions,
  second?: number | MeanStdOptions,
  last?: MeanStdOptions,
): T {
  const given = namedAll<[number, number, Generator]>('normal_', ['mean', 'std', 'generator'], [first, second, last])
  const [mean = 0, std = 1, generator = defaultGenerator()] = given
  if (!(std >= 0)) throw new RangeError(`normal_: std must not be negative, got ${std}`)
  return changeInPlace('normal_', x, {}, () => addon().normal(x.handle, generator.handle, mean, std), {})
}

/** What bernoulli_ accepts by name. */
export interface BernoulliOptions extends NormalOptions {
  /** Default 0.5. */
  p?: number | Tensor
}

/** Fills x with 1 at probability p, else 0; p may be a tensor that broadcasts to the sizes of x. torch.Tensor.bernoulli_. */
export function bernoulli_<T extends Tensor>(
  x: T,
  first?: number | Tensor | BernoulliOptions,
  last?: BernoulliOptions,
): T {
  const given = namedAll<[number | Tensor, Generator]>('bernoulli_', ['p', 'generator'], [first, last])
  const [p = 0.5, generator = defaultGenerator()] = given
  if (p instanceof Tensor) {
    const chances = isFloating(p.dtype) ? p.detach() : p.float()
    const drawn = emptyTensor(chances.dtype, x.shape)
    withPacked(chances.expand(x.shape), (packed) =>
      addon().bernoulliTensor(drawn.handle, generator.handle, packed.handle),
    )
    return changeInPlace('bernoulli_', x, {}, () => addon().copy(x.handle, drawn.handle), {})
  }
  if (!(p >= 0 && p <= 1)) throw new RangeError(`bernoulli_: p must lie in [0, 1], got ${p}`)
  return changeInPlace('bernoulli_', x, {}, () => addon().bernoulli(x.handle, generator.handle, p), {})
}

/** Uniform numbers with the sizes and dtype of x. torch.rand_like. */
export function randLike<S extends Shape = AnyShape>(x: Tensor<S>, options: RandomOptions = {}): Tensor<S> {
  return random('randLike', [x.shape, { dtype: x.dtype, device: x.device, ...options }], (y, g) =>
    addon().uniform(y.handle, g.handle, 0, 1),
  )
}

/** Standard normal numbers with the sizes and dtype of x. torch.randn_like. */
export function randnLike<S extends Shape = AnyShape>(x: Tensor<S>, options: RandomOptions = {}): Tensor<S> {
  return random('randnLike', [x.shape, { dtype: x.dtype, device: x.device, ...options }], (y, g) =>
    addon().normal(y.handle, g.handle, 0, 1),
  )
}

/** Integers in [low, high), or in [0, low), with the sizes and dtype of x. torch.randint_like. */
export function randintLike<S extends Shape = AnyShape>(
  x: Tensor<S>,
  low: number,
  high?: number | RandomOptions,
  options: RandomOptions = {},
): Tensor<S> {
  const [from, to] = typeof high === 'number' ? [low, high] : [0, low]
  return randint(from, to, x.shape, {
    dtype: x.dtype,
    device: x.device,
    ...(typeof high === 'object' ? high : options),
  })
}
