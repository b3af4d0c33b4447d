/**
 * The dropout family. Masks come from the generator that `manualSeed` seeds, so a seed gives the same run again; they are
 * not promised to be the masks that PyTorch draws for that seed, which depend on how it was built.
 */
import { defaultGenerator, type Generator } from '../device/random.js'
import { ShapeError, show, type Shape } from '../tensor/shape.js'
import type { AnyShape } from '../tensor/shape-types.js'
import { emptyTensor, type Tensor } from '../tensor/tensor.js'
import { composite } from './define.js'
import { binary, type Binary } from './elementwise.js'
import { uniform_ } from './random.js'
import { readOptions } from '../tensor/options.js'

/**
 * p1·a where the noise b lies below p0, else 0: mask and scale in one pass. Uniform noise is drawn five times as fast as a
 * Bernoulli mask, and the backward pass needs as many bytes of it.
 */
const keepBelow: Binary = binary('keepBelow', {
  torch: 'lambda a, b, level, scale: torch.where(b < level, a * scale, torch.zeros_like(a))',
  expression: 'b < p0 ? a * p1 : 0',
  types: 'float',
  saves: ['b'],
  grad: {
    a: (dy, { b }, [level, scale]) => keepBelow.run(dy, b, level, scale),
    b: (dy) => dy.mul(0),
  },
  samples: [
    { inputs: [{ shape: [2, 3] }, { shape: [2, 3], low: 0, high: 1 }], args: [0.5, 2] },
    { inputs: [{ shape: [2, 3, 4] }, { shape: [2, 3, 1], low: 0, high: 1 }], args: [0.7, 3] },
  ],
})

/** Settings of the dropout functions. */
export interface DropoutOptions {
  /** Probability of dropping. Default 0.5. */
  p?: number
  /** Whether to drop at all. Default true for `dropout` and `dropout1d` … `3d`, false for the alpha forms. */
  training?: boolean
  /** Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** The probability alone, or options. */
export type DropoutArgument = number | DropoutOptions

/** @throws RangeError for a probability outside of [0, 1]. */
export function assertProbability(name: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${name}: p must be a probability between 0 and 1, got ${p}`)
}

interface Settings {
  p: number
  training: boolean
  generator: Generator
}

function settings(
  name: string,
  first: DropoutArgument | undefined,
  last: DropoutOptions | undefined,
  trains: boolean,
): Settings {
  const alone = typeof first === 'number'
  const options = readOptions(name, alone ? last : first, { p: 0.5, training: trains, generator: undefined })
  const { training, generator = defaultGenerator() } = options
  const p = alone ? first : options.p
  assertProbability(name, p)
  return { p, training, generator }
}

/** Uniform in [0, 1): what lies below 1 − p is kept. */
function noise(x: Tensor, shape: Shape, { generator }: Settings): Tensor {
  return uniform_(emptyTensor(x.dtype, shape), 0, 1, { generator })
}

function drop(x: Tensor, shape: Shape, s: Settings): Tensor {
  if (!s.training || s.p === 0 || x.numel() === 0) return x
  return s.p === 1 ? x.mul(0) : keepBelow.run(x, noise(x, shape, s), 1 - s.p, 1 / (1 - s.p))
}

/** Saturation of SELU at −∞, where alpha dropout puts what it drops. */
const floor = -1.7580993408473766

/** Dropped elements become SELU's lowest value, and all are scaled and shifted so that mean and variance stay. */
function dropAlpha(x: Tensor, shape: Shape, s: Settings): Tensor {
  if (!s.training || s.p === 0 || x.numel() === 0) return x
  if (s.p === 1) return x.mul(0)
  const a = 1 / Math.sqrt((floor * floor * s.p + 1) * (1 - s.p))
  const drawn = noise(x, shape, s)
  const dropped = drawn.ge(1 - s.p).to(x.dtype)
  return keepBelow.run(x, drawn, 1 - s.p, a).add(dropped.sub(s.p).mul(floor * a))
}

/** One element of the mask for each sample and channel: [N, C, 1, …]. */
function channels(name: string, x: Tensor): Shape {
  if (x.ndim < 2)
    throw new ShapeError(`${name}: needs at least two dimensions, samples and channels, got ${show(x.shape)}`)
  return x.shape.map((size: number, d: number) => (d < 2 ? size : 1))
}

/** The same for a sample without a batch: [C, 1, …]. */
function ownChannels(x: Tensor): Shape {
  return x.shape.map((size: number, d: number) => (d < 1 ? size : 1))
}

/** What can be compared with PyTorch: nothing dropped, everything dropped. */
const certain = (shape: readonly number[]) => [
  { inputs: [{ shape }], options: { p: 0.3, training: false } },
  { inputs: [{ shape }], options: { p: 0, training: true } },
  { inputs: [{ shape }], options: { p: 1, training: true } },
]

/** `F.dropout(x, { p: 0.2, training })`, or `F.dropout(x, 0.2, { training })`. */
type Dropout = <S extends Shape = AnyShape>(x: Tensor<S>, p?: DropoutArgument, options?: DropoutOptions) => Tensor<S>

function declare(
  name: string,
  torch: string,
  shape: readonly number[],
  body: (x: Tensor, s: Settings) => Tensor,
): Dropout {
  const trains = !name.endsWith('phaDropout')
  return composite(
    name,
    { torch, samples: certain(shape) },
    <S extends Shape>(x: Tensor<S>, p?: DropoutArgument, options?: DropoutOptions): Tensor<S> =>
      body(x, settings(name, p, options, trains)) as Tensor<S>,
  )
}

/**
 * Zeroes each element at probability p and divides the others by 1 − p, so that expectations stay (Srivastava et al. 2014).
 * The mask does not equal PyTorch's for the same seed. torch.nn.functional.dropout; 《深度学习基础》 4.4.
 * @throws RangeError for p outside of [0, 1].
 */
export const dropout = declare('dropout', 'F.dropout', [3, 4], (x, s) => drop(x, x.shape, s))

/**
 * Drops whole channels of [N, C, L] or [C, L]. Masks do not equal PyTorch's for the same seed. torch.nn.functional.dropout1d.
 * @throws RangeError for p outside of [0, 1], ShapeError unless there are two or three dimensions.
 */
export const dropout1d = declare('dropout1d', 'F.dropout1d', [2, 3, 4], (x, s) => {
  if (x.ndim !== 2 && x.ndim !== 3)
    throw new ShapeError(`dropout1d: needs [N, C, L] or [C, L], got ${show(x.shape)}; for images use dropout2d`)
  return drop(x, x.ndim === 2 ? ownChannels(x) : channels('dropout1d', x), s)
})

/**
 * Drops whole channels of [N, C, H, W]; three dimensions count as [N, C, L], as in PyTorch. Masks do not equal PyTorch's
 * for the same seed. torch.nn.functional.dropout2d.
 * @throws RangeError for p outside of [0, 1], ShapeError for less than two dimensions.
 */
export const dropout2d = declare('dropout2d', 'F.dropout2d', [2, 3, 2, 2], (x, s) =>
  drop(x, channels('dropout2d', x), s),
)

/**
 * Drops whole channels of [N, C, D, H, W] or [C, D, H, W]. Masks do not equal PyTorch's for the same seed.
 * torch.nn.functional.dropout3d.
 * @throws RangeError for p outside of [0, 1], ShapeError for less than two dimensions.
 */
export const dropout3d = declare('dropout3d', 'F.dropout3d', [2, 3, 1, 2, 2], (x, s) =>
  drop(x, x.ndim === 4 ? ownChannels(x) : channels('dropout3d', x), s),
)

/**
 * Dropout for networks of SELU: keeps mean 0 and variance 1 (Klambauer et al. 2017). Not training by default. The mask
 * does not equal PyTorch's for the same seed. torch.nn.functional.alpha_dropout.
 * @throws RangeError for p outside of [0, 1].
 */
export const alphaDropout = declare('alphaDropout', 'F.alpha_dropout', [3, 4], (x, s) => dropAlpha(x, x.shape, s))

/**
 * Alpha dropout of whole channels [N, C, …]. Not training by default. Masks do not equal PyTorch's for the same seed.
 * torch.nn.functional.feature_alpha_dropout.
 * @throws RangeError for p outside of [0, 1], ShapeError for less than two dimensions.
 */
export const featureAlphaDropout = declare('featureAlphaDropout', 'F.feature_alpha_dropout', [2, 3, 4], (x, s) =>
  dropAlpha(x, channels('featureAlphaDropout', x), s),
)
