/** Filling parameters with their first values (torch.nn.init). Every function works in place and returns the tensor. */
import { noGrad } from '../autograd/index.js'
import type { Generator } from '../device/random.js'
import { numel, ShapeError, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

/** Settings of every function that draws first values. */
export interface InitOptions {
  /** Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** Activations that `calculateGain` knows. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu'

/** How much a non-linearity shrinks the spread of its input: the factor by which weights make up for it. torch.nn.init.calculate_gain. */
export function calculateGain(nonlinearity: Nonlinearity, param?: number): number {
  switch (nonlinearity) {
    case 'linear':
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

/** Uniform numbers in [a, b). torch.nn.init.uniform_. */
export function uniform_<T extends Tensor>(x: T, a = 0, b = 1, options: InitOptions = {}): T {
  return noGrad(() => x.uniform_(a, b, options))
}

/** Normal numbers. torch.nn.init.normal_. */
export function normal_<T extends Tensor>(x: T, mean = 0, std = 1, options: InitOptions = {}): T {
  return noGrad(() => x.normal_(mean, std, options))
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
export function xavierUniform_<T extends Tensor>(
  x: T,
  { gain = 1, ...options }: InitOptions & { gain?: number } = {},
): T {
  const { fanIn, fanOut } = calculateFanInAndFanOut(x)
  const bound = Math.sqrt(3) * gain * Math.sqrt(2 / (fanIn + fanOut))
  return uniform_(x, -bound, bound, options)
}

/** N(0, std²) with std = gain·√(2 / (fanIn + fanOut)). Glorot & Bengio 2010; 《深度学习基础》 4.3; torch.nn.init.xavier_normal_. */
export function xavierNormal_<T extends Tensor>(
  x: T,
  { gain = 1, ...options }: InitOptions & { gain?: number } = {},
): T {
  const { fanIn, fanOut } = calculateFanInAndFanOut(x)
  return normal_(x, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), options)
}

/** Settings of `kaimingUniform_` and `kaimingNormal_`. */
export interface KaimingOptions extends InitOptions {
  /** Negative slope of the leaky ReLU that follows. Default 0. */
  a?: number
  /** Keep the spread in the forward ('fanIn') or the backward pass ('fanOut'). Default 'fanIn'. */
  mode?: 'fanIn' | 'fanOut'
  /** Default 'leakyRelu'. */
  nonlinearity?: Nonlinearity
}

function kaimingStd(x: Tensor, { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' }: KaimingOptions): number {
  return calculateGain(nonlinearity, a) / Math.sqrt(calculateFanInAndFanOut(x)[mode])
}

/** U(−b, b) with b = gain·√(3 / fan). He et al. 2015; 《深度学习基础》 4.3; torch.nn.init.kaiming_uniform_. */
export function kaimingUniform_<T extends Tensor>(x: T, options: KaimingOptions = {}): T {
  const bound = Math.sqrt(3) * kaimingStd(x, options)
  return uniform_(x, -bound, bound, options)
}

/** N(0, gain² / fan). He et al. 2015; 《深度学习基础》 4.3; torch.nn.init.kaiming_normal_. */
export function kaimingNormal_<T extends Tensor>(x: T, options: KaimingOptions = {}): T {
  return normal_(x, 0, kaimingStd(x, options), options)
}
