/** Draws from discrete and long-tailed distributions. Value for value PyTorch's CPU stream for the same seed. */
import { inspect } from 'node:util'
import { addon } from '../device/addon.js'
import { defaultGenerator, type Generator } from '../device/random.js'
import { broadcastShapes, sameShape, ShapeError, show, type Shape } from '../tensor/shape.js'
import type { AnyShape } from '../tensor/shape-types.js'
import { assertFloating, assertTensor, emptyLikeTensor, emptyTensor, type Tensor } from '../tensor/tensor.js'
import { changeInPlace } from './in-place.js'
import { withPacked } from './packed.js'
import { bernoulli_ } from './random.js'
import { expand } from './shape.js'
import { topk } from './sort.js'
import { readOptions, isOptions, namedAll, type OrNamed } from '../tensor/options.js'

/** What functions that draw accept last. */
export interface DrawOptions {
  /** Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** What multinomial accepts last. */
export interface MultinomialOptions extends DrawOptions {
  /** Whether a category may be drawn again. Default false. */
  replacement?: boolean
}

/**
 * Positions drawn with probabilities proportional to the weights: `numSamples` from a 1-D tensor, or from each row of a 2-D
 * one. int64. torch.multinomial.
 * @throws RangeError for negative, infinite or only zero weights, and when more are wanted than there are categories.
 */
export function multinomial(weights: Tensor, numSamples: number, options?: MultinomialOptions): Tensor {
  const { replacement, generator } = readOptions('multinomial', options, {
    replacement: false,
    generator: defaultGenerator(),
  })
  assertTensor('multinomial', 'weights', weights)
  assertFloating('multinomial', weights)
  if (weights.ndim !== 1 && weights.ndim !== 2)
    throw new ShapeError(`multinomial: weights must be 1-D or 2-D, got shape ${show(weights.shape)}`)
  const categories = weights.shape[weights.ndim - 1]
  if (!Number.isInteger(numSamples) || numSamples < 1)
    throw new RangeError(`multinomial: numSamples must be a positive integer, got ${inspect(numSamples)}`)
  if (categories > 2 ** 24)
    throw new RangeError(`multinomial: ${categories} categories are more than 2^24, the most that PyTorch allows`)
  if (!replacement && numSamples > categories)
    throw new RangeError(
      `multinomial: cannot draw ${numSamples} of ${categories} categories without replacement; pass { replacement: true }`,
    )
  const shape: Shape = [...weights.shape.slice(0, -1), numSamples]
  const rows = weights.ndim === 1 ? 1 : weights.shape[0]
  if (rows === 0) return emptyTensor('int64', shape)
  const detached = weights.detach()
  if (replacement && numSamples > 1) {
    const drawn = emptyTensor('int64', [rows, numSamples])
    withPacked(detached, (packed) =>
      addon().multinomial(drawn.handle, generator.handle, packed.view(rows, categories).handle),
    )
    return drawn.view(shape)
  }
  if (!(detached.amin().item() >= 0 && detached.amax().item() < Infinity))
    throw new RangeError(
      'multinomial: weights must be finite and not negative; there is a negative one, Infinity or NaN',
    )
  if (detached.sum(-1).eq(0).any().item() === 1)
    throw new RangeError('multinomial: the weights of a row sum to 0, so nothing can be drawn')
  // The category whose exponential variable of rate w ends first is drawn with probability w / Σw.
  const waiting = emptyTensor(weights.dtype, weights.shape)
  addon().exponential(waiting.handle, generator.handle, 1)
  return topk(detached.div(waiting), numSamples).indices
}

/** What bernoulli accepts last. */
export interface BernoulliCall extends DrawOptions {
  /** One probability for all: then the first argument gives only sizes and dtype. */
  p?: number
}

/** 1 at the probabilities p, else 0, in the sizes and dtype of p; with `{ p: 0.3 }` at that probability everywhere. torch.bernoulli. */
export function bernoulli<S extends Shape = AnyShape>(p: Tensor<S>, options?: BernoulliCall): Tensor<S> {
  const { p: everywhere, generator } = readOptions('bernoulli', options, {
    p: undefined,
    generator: defaultGenerator(),
  })
  assertTensor('bernoulli', 'p', p)
  assertFloating('bernoulli', p)
  const y = emptyLikeTensor(p)
  if (everywhere !== undefined) return bernoulli_(y, everywhere, { generator }) as Tensor<S>
  withPacked(p.detach(), (packed) => addon().bernoulliTensor(y.handle, generator.handle, packed.handle))
  return y
}

/** Poisson variables with the given rates, in their sizes and dtype. torch.poisson. */
export function poisson<S extends Shape = AnyShape>(rates: Tensor<S>, options?: DrawOptions): Tensor<S> {
  const { generator } = readOptions('poisson', options, { generator: defaultGenerator() })
  assertTensor('poisson', 'rates', rates)
  assertFloating('poisson', rates)
  const y = emptyLikeTensor(rates)
  withPacked(rates.detach(), (packed) => addon().poisson(y.handle, generator.handle, packed.handle))
  return y
}

/** How many of `count` trials succeed with probability p; both broadcast. torch.binomial. */
export function binomial(count: Tensor, p: Tensor, options?: DrawOptions): Tensor {
  const { generator } = readOptions('binomial', options, { generator: defaultGenerator() })
  assertTensor('binomial', 'count', count)
  assertTensor('binomial', 'p', p)
  assertFloating('binomial', count)
  if (count.dtype !== p.dtype)
    throw new TypeError(`binomial: count is ${count.dtype}, p ${p.dtype}; convert one with .to('${p.dtype}')`)
  const shape = broadcastShapes('binomial', count.shape, p.shape)
  const y = emptyTensor(count.dtype, shape)
  const full = (x: Tensor): Tensor => (sameShape(x.shape, shape) ? x.detach() : expand(x.detach(), shape))
  withPacked(full(count), (counts) =>
    withPacked(full(p), (chances) => addon().binomial(y.handle, generator.handle, counts.handle, chances.handle)),
  )
  return y
}

/** Fills x with exponential variables of rate lambda. torch.Tensor.exponential_. */
export function exponential_<T extends Tensor>(
  x: T,
  first?: number | (DrawOptions & { lambd?: number }),
  options?: DrawOptions,
): T {
  const given = namedAll<[number, Generator]>('exponential_', ['lambd', 'generator'], [first, options])
  const [lambda = 1, generator = defaultGenerator()] = given
  assertFloating('exponential_', x)
  if (!(lambda > 0)) throw new RangeError(`exponential_: lambda must be positive, got ${lambda}`)
  return changeInPlace('exponential_', x, {}, () => addon().exponential(x.handle, generator.handle, lambda), {})
}

/** Fills x with the number of trials until the first success, at probability p each. torch.Tensor.geometric_. */
export function geometric_<T extends Tensor>(x: T, first: OrNamed<'p', number>, options?: DrawOptions): T {
  const [p = NaN, generator = defaultGenerator()] = namedAll<[number, Generator]>(
    'geometric_',
    ['p', 'generator'],
    [first, options],
  )
  if (!(p > 0 && p < 1)) throw new RangeError(`geometric_: p must lie between 0 and 1, got ${p}`)
  return changeInPlace('geometric_', x, {}, () => addon().geometric(x.handle, generator.handle, p), {})
}

/** Fills x with Cauchy variables. torch.Tensor.cauchy_. */
export function cauchy_<T extends Tensor>(
  x: T,
  first?: number | (DrawOptions & { median?: number; sigma?: number }),
  second?: number | (DrawOptions & { sigma?: number }),
  options?: DrawOptions,
): T {
  const given = namedAll<[number, number, Generator]>(
    'cauchy_',
    ['median', 'sigma', 'generator'],
    [first, second, options],
  )
  const [median = 0, sigma = 1, generator = defaultGenerator()] = given
  assertFloating('cauchy_', x)
  if (!(sigma > 0)) throw new RangeError(`cauchy_: sigma must be positive, got ${sigma}`)
  return changeInPlace('cauchy_', x, {}, () => addon().cauchy(x.handle, generator.handle, median, sigma), {})
}

/** Fills x with numbers whose logarithms are normal with this mean and standard deviation. torch.Tensor.log_normal_. */
export function logNormal_<T extends Tensor>(
  x: T,
  first?: number | (DrawOptions & { mean?: number; std?: number }),
  second?: number | (DrawOptions & { std?: number }),
  options?: DrawOptions,
): T {
  const given = namedAll<[number, number, Generator]>(
    'logNormal_',
    ['mean', 'std', 'generator'],
    [first, second, options],
  )
  const [mean = 1, std = 2, generator = defaultGenerator()] = given
  assertFloating('logNormal_', x)
  if (!(std > 0)) throw new RangeError(`logNormal_: std must be positive, got ${std}`)
  return changeInPlace('logNormal_', x, {}, () => addon().logNormal(x.handle, generator.handle, mean, std), {})
}

/**
 * Fills x with whole numbers: in [from, to), in [0, to), or with no bounds all that the dtype holds exactly from 0 on.
 * torch.Tensor.random_. @example x.random_(10) @example x.random_(-5, 5)
 */
export function random_<T extends Tensor>(x: T, ...args: (number | DrawOptions | undefined)[]): T {
  const bounds = args.filter((arg) => typeof arg === 'number')
  const { generator } = readOptions('random_', args.find(isOptions), { generator: defaultGenerator() })
  if (bounds.length === 0)
    return changeInPlace('random_', x, {}, () => addon().anyInteger(x.handle, generator.handle), {})
  const [from, to] = bounds.length === 1 ? [0, bounds[0]] : bounds
  if (!(Number.isInteger(from) && Number.isInteger(to) && from < to))
    throw new RangeError(`random_: needs integers from < to, got ${from} and ${to}`)
  return changeInPlace('random_', x, {}, () => addon().randint(x.handle, generator.handle, from, to), {})
}
