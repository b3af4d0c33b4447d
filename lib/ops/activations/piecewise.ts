/** Activations made of straight lines: the family of ReLU, and what shrinks or clips. */
import { defaultGenerator, type Generator } from '../../device/random.js'
import { ShapeError, show, type Shape } from '../../tensor/shape.js'
import type { AnyShape } from '../../tensor/shape-types.js'
import { emptyTensor, type Tensor } from '../../tensor/tensor.js'
import { namedAll, readOptions } from '../../tensor/options.js'
import { composite } from '../define.js'
import { binary, unary } from '../elementwise.js'
import { indexAdd, nonzero, where } from '../index-ops.js'
import { relu, thresholdBackward } from '../pointwise.js'
import { uniform_ } from '../random.js'
import { reshape } from '../shape.js'
import { activation, around, empty, scalar, type Scalar } from './declare.js'

const leaky = activation('leakyRelu', {
  torch: 'F.leaky_relu',
  expression: 'x > 0 ? x : x * p0',
  backward: 'b > 0 ? a : a * p0',
  samples: [
    { ...around, args: [0.01] },
    { ...around, args: [0.3] },
    { inputs: [[-1, 0, 2]], args: [0.2], skipGradcheck: 'bends at 0' },
    { ...empty, args: [0.01] },
  ],
})

/** x above 0, negativeSlope · x (default 0.01) below. Source: 《深度学习基础》 3.2; torch.nn.functional.leaky_relu. */
export function leakyRelu<S extends Shape = AnyShape>(
  x: Tensor<S>,
  negativeSlope?: Scalar<'negativeSlope'>,
): Tensor<S> {
  return leaky.run(x, scalar('leakyRelu', negativeSlope, 'negativeSlope', 0.01)) as Tensor<S>
}

/** `leakyRelu` in place. torch.nn.functional.leaky_relu_. */
export function leakyRelu_<T extends Tensor>(x: T, negativeSlope?: Scalar<'negativeSlope'>): T {
  return leaky.inPlace(x, scalar('leakyRelu_', negativeSlope, 'negativeSlope', 0.01))
}

/** `relu` in place. torch.nn.functional.relu_. */
export function relu_<T extends Tensor>(x: T): T {
  return relu.inPlace(x)
}

const preluOp = binary('prelu', {
  torch: 'lambda x, w: torch._prelu_kernel(x, w.expand_as(x))',
  expression: 'a > 0 ? a : a * b',
  types: 'float',
  saves: ['a', 'b'],
  grad: {
    a: (dy, { a, b }) => where((a as Tensor).gt(0), dy, dy.mul(b as Tensor)),
    b: (dy, { a }) => where((a as Tensor).gt(0), 0, dy.mul(a as Tensor)),
  },
  samples: [{ inputs: [{ shape: [2, 3, 2] }, { shape: [3, 1] }] }, { inputs: [{ shape: [2, 3] }, { shape: [1] }] }],
})

/**
 * x above 0, weight · x below, with one learned weight for all ([1]) or for each channel ([C], dimension 1 of x).
 * Source: 《深度学习基础》 3.2; torch.nn.functional.prelu.
 * @throws ShapeError when the number of weights is neither 1 nor that of the channels.
 */
export function prelu<S extends Shape = AnyShape>(x: Tensor<S>, weight: Tensor): Tensor<S> {
  const channels: number = x.ndim > 1 ? x.shape[1] : 1
  if (weight.ndim > 1 || (weight.numel() !== 1 && (x.ndim === 0 || weight.numel() !== channels)))
    throw new ShapeError(
      `prelu: weight must have one entry, or one for each of the ${channels} channels of ${show(x.shape)}, got shape ${show(weight.shape)}`,
    )
  const aligned = x.ndim > 2 && weight.numel() > 1 ? reshape(weight, [-1, ...x.shape.slice(2).map(() => 1)]) : weight
  return preluOp(x, x.ndim === 0 ? reshape(aligned, []) : aligned) as Tensor<S>
}

/** Settings of `rrelu`. */
export interface RreluOptions {
  /** Smallest slope. Default 1/8. */
  lower?: number
  /** Largest slope. Default 1/3. */
  upper?: number
  /** Draw a slope for each negative element; otherwise all have the mean slope. Default false. */
  training?: boolean
  /** Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * Leaky ReLU whose slopes are drawn from U(lower, upper) in training, PyTorch's draws for the same seed.
 * torch.nn.functional.rrelu.
 * @throws RangeError unless lower ≤ upper.
 */
export const rrelu: <S extends Shape = AnyShape>(x: Tensor<S>, options?: RreluOptions) => Tensor<S> = composite(
  'rrelu',
  { torch: 'F.rrelu', samples: [around, { ...around, options: { lower: 0.1, upper: 0.5 } }] },
  <S extends Shape>(x: Tensor<S>, options?: RreluOptions): Tensor<S> => {
    const {
      lower,
      upper,
      training,
      generator = defaultGenerator(),
    } = readOptions('rrelu', options, { lower: 1 / 8, upper: 1 / 3, training: false, generator: undefined })
    if (!(lower <= upper)) throw new RangeError(`rrelu: lower must not exceed upper, got ${lower} and ${upper}`)
    if (!training) return leaky.run(x, (lower + upper) / 2) as Tensor<S>
    const detached = reshape(x.detach(), [-1])
    const positions = reshape(nonzero(detached.le(0)), [-1])
    // One double for each element that is not positive, in order: PyTorch's stream.
    const drawn = uniform_(emptyTensor('float64', positions.shape), lower, upper, { generator }).to(x.dtype)
    const slopes = indexAdd(detached.gt(0).to(x.dtype), 0, positions, drawn)
    return x.mul(reshape(slopes, x.shape)) as Tensor<S>
  },
)

const hardtanhOp = activation('hardtanh', {
  torch: 'F.hardtanh',
  expression: 'x < p0 ? p0 : (x > p1 ? p1 : x)',
  backward: '(b > p0) && (b < p1) ? a : 0',
  samples: [
    { ...around, args: [-1, 1] },
    { ...around, args: [-0.5, 2] },
    { inputs: [[-1, 0, 1]], args: [-1, 1], skipGradcheck: 'bends at both ends' },
  ],
})

/** Bounds of `hardtanh`. */
export interface HardtanhOptions {
  /** Default −1. */
  minVal?: number
  /** Default 1. */
  maxVal?: number
}

function bounds(first?: number | HardtanhOptions, second?: number): [number, number] {
  const given = namedAll<[number, number]>('hardtanh', ['minVal', 'maxVal'], [first, second])
  const [minVal = -1, maxVal = 1] = given
  if (!(minVal <= maxVal)) throw new RangeError(`hardtanh: minVal must not exceed maxVal, got ${minVal} and ${maxVal}`)
  return [minVal, maxVal]
}

/** x clipped to [minVal, maxVal]; the gradient at and beyond the ends is 0. torch.nn.functional.hardtanh. */
export function hardtanh<S extends Shape = AnyShape>(
  x: Tensor<S>,
  minVal?: number | HardtanhOptions,
  maxVal?: number,
): Tensor<S> {
  return hardtanhOp.run(x, ...bounds(minVal, maxVal)) as Tensor<S>
}

/** `hardtanh` in place. torch.nn.functional.hardtanh_. */
export function hardtanh_<T extends Tensor>(x: T, minVal?: number | HardtanhOptions, maxVal?: number): T {
  return hardtanhOp.inPlace(x, ...bounds(minVal, maxVal))
}

/** min(max(0, x), 6). torch.nn.functional.relu6. */
export const relu6: <S extends Shape = AnyShape>(x: Tensor<S>) => Tensor<S> = composite(
  'relu6',
  { torch: 'F.relu6', samples: [{ inputs: [{ shape: [3, 4], low: -4, high: 9 }] }, empty] },
  <S extends Shape>(x: Tensor<S>): Tensor<S> => hardtanhOp.run(x, 0, 6) as Tensor<S>,
)

/** min(max(0, x + 3), 6) / 6: a sigmoid of straight lines. torch.nn.functional.hardsigmoid. */
export const hardsigmoid = activation('hardsigmoid', {
  // PyTorch's own takes 1/6 from float32 in its gradient, and cannot differentiate that.
  torch: 'lambda x: F.relu6(x + 3) / 6',
  expression: 'minimum(maximum(x + 3, 0), 6) / 6',
  backward: '(b > -3) && (b < 3) ? a / 6 : 0',
  samples: [around, empty],
})

/** x · min(max(0, x + 3), 6) / 6: SiLU with a sigmoid of straight lines. torch.nn.functional.hardswish. */
export const hardswish = activation('hardswish', {
  torch: 'F.hardswish',
  expression: 'x * minimum(maximum(x + 3, 0), 6) / 6',
  backward: 'b <= -3 ? 0 : (b < 3 ? a * (b / 3 + 0.5) : a)',
  second: (x) => x.gt(-3).logicalAnd(x.lt(3)).to(x.dtype).div(3),
  samples: [around, { inputs: [{ shape: [2, 3], low: 3.5, high: 9 }] }, empty],
})

const thresholdOp = unary('threshold', {
  torch: 'F.threshold',
  expression: 'x <= p0 ? p1 : x',
  saves: ['x'],
  grad: (dy, { x }, [p0]) => thresholdBackward.run(dy, x, p0),
  samples: [
    { ...around, args: [0.1, 20] },
    { inputs: [[-1, 0, 1]], args: [0, -5], skipGradcheck: 'jumps at the threshold' },
  ],
})

/** x above `threshold`, else `value`. torch.nn.functional.threshold. */
export function threshold<S extends Shape = AnyShape>(x: Tensor<S>, threshold: number, value: number): Tensor<S> {
  return thresholdOp.run(x, threshold, value) as Tensor<S>
}

/** `threshold` in place. torch.nn.functional.threshold_. */
export function threshold_<T extends Tensor>(x: T, threshold: number, value: number): T {
  return thresholdOp.inPlace(x, threshold, value)
}

const shrinkBackward = '(b >= -p0) && (b <= p0) ? 0 : a'

const softshrinkOp = activation('softshrink', {
  torch: 'F.softshrink',
  expression: 'x > p0 ? x - p0 : (x < -p0 ? x + p0 : x * 0)',
  backward: shrinkBackward,
  samples: [
    { ...around, args: [0.5] },
    { ...around, args: [2] },
  ],
})

/**
 * x moved towards 0 by `lambd` (default 0.5), and 0 within. torch.nn.functional.softshrink.
 * @throws RangeError for a negative lambd.
 */
export function softshrink<S extends Shape = AnyShape>(x: Tensor<S>, lambd?: Scalar<'lambd'>): Tensor<S> {
  const value = scalar('softshrink', lambd, 'lambd', 0.5)
  if (!(value >= 0)) throw new RangeError(`softshrink: lambd must not be negative, got ${value}`)
  return softshrinkOp.run(x, value) as Tensor<S>
}

const hardshrinkOp = activation('hardshrink', {
  torch: 'F.hardshrink',
  expression: '(x >= -p0) && (x <= p0) ? 0 : x',
  backward: shrinkBackward,
  samples: [
    { ...around, args: [0.5] },
    { ...around, args: [2] },
  ],
})

/** x outside of [−lambd, lambd] (default 0.5), 0 within. torch.nn.functional.hardshrink. */
export function hardshrink<S extends Shape = AnyShape>(x: Tensor<S>, lambd?: Scalar<'lambd'>): Tensor<S> {
  return hardshrinkOp.run(x, scalar('hardshrink', lambd, 'lambd', 0.5)) as Tensor<S>
}
