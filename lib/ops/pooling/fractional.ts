/** Fractional pooling: windows of one size at places that random numbers decide. */
import { defaultGenerator, type Generator } from '../../device/random.js'
import { addon } from '../../device/addon.js'
import { isFloating } from '../../tensor/dtype.js'
import { sameShape, ShapeError, show } from '../../tensor/shape.js'
import { emptyTensor, Tensor } from '../../tensor/tensor.js'
import { defineOp } from '../define.js'
import type { Sample } from '../registry.js'
import { assertPlanes, perDim, type Sizes, type Spatial } from './geometry.js'
import type { PoolWithIndices } from './max.js'
import { planeAdd, type PlaneParams } from './plane.js'
import { checkOptions, type Defaults } from '../../tensor/options.js'

/** Settings of `fractionalMaxPool2d` and `fractionalMaxPool3d`. */
export interface FractionalMaxPoolOptions {
  /** Sizes of the result; this or outputRatio is needed. */
  outputSize?: Sizes | null
  /** Sizes of the result as shares of the input's, between 0 and 1. */
  outputRatio?: Sizes | null
  /** Whether to return `{ output, indices }`. Default false. */
  returnIndices?: boolean
  /** Numbers of [0, 1) that place the windows, [N, C, dims]. Default: drawn. */
  randomSamples?: Tensor | null
  /** Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** Their defaults. */
export const fractionalMaxPoolDefaults: Defaults<FractionalMaxPoolOptions> = {
  outputSize: null,
  outputRatio: null,
  returnIndices: false,
  randomSamples: null,
  generator: undefined,
}

/** Fractional pooling, whose result depends on `returnIndices`. */
export interface FractionalMaxPool {
  (x: Tensor, kernelSize: Sizes, options: FractionalMaxPoolOptions & { returnIndices: true }): PoolWithIndices
  (x: Tensor, kernelSize: Sizes, options: FractionalMaxPoolOptions & { returnIndices?: false }): Tensor
  (x: Tensor, kernelSize: Sizes, options: FractionalMaxPoolOptions): Tensor | PoolWithIndices
}

function outputSizes(name: string, x: Tensor, n: 2 | 3, kernel: number[], options: FractionalMaxPoolOptions): number[] {
  const { outputSize = null, outputRatio = null } = options
  const sizes: number[] = x.shape.slice(-n)
  if ((outputSize === null) === (outputRatio === null))
    throw new TypeError(`${name}: needs one of outputSize and outputRatio`)
  let out: number[]
  if (outputSize !== null) out = perDim(name, 'outputSize', outputSize, n, 1)
  else {
    const ratios = typeof outputRatio === 'number' ? sizes.map(() => outputRatio) : (outputRatio as readonly number[])
    if (ratios.length !== n || ratios.some((ratio) => !(ratio > 0 && ratio < 1)))
      throw new RangeError(`${name}: outputRatio must be one number or ${n} between 0 and 1, got ${show(ratios)}`)
    out = sizes.map((size, d) => Math.floor(size * ratios[d]))
  }
  out.forEach((size, d) => {
    // PyTorch wants one element to spare in volumes.
    const most = sizes[d] - kernel[d] + (n === 3 ? 0 : 1)
    if (size < 1 || size > most)
      throw new ShapeError(
        `${name}: ${size} windows of ${kernel[d]} do not fit into ${sizes[d]} elements (input ${show(x.shape)}); at most ${most}`,
      )
  })
  return out
}

function samplesOf(name: string, x: Tensor, n: Spatial, options: FractionalMaxPoolOptions): Tensor {
  const batch = x.ndim === n + 2 ? x.shape.slice(0, 2) : [1, x.shape[0]]
  const given = options.randomSamples ?? null
  if (given === null) {
    const drawn = emptyTensor(x.dtype, [...batch, n], x.device)
    addon().uniform(drawn.handle, (options.generator ?? defaultGenerator()).handle, 0, 1)
    return drawn
  }
  if (!(given instanceof Tensor) || !sameShape(given.shape, [...batch, n]))
    throw new ShapeError(
      `${name}: randomSamples must be a tensor of shape ${show([...batch, n])} for input ${show(x.shape)}${given instanceof Tensor ? `, got ${show(given.shape)}` : ''}`,
    )
  if (given.dtype !== x.dtype)
    throw new TypeError(`${name}: the input is ${x.dtype}, randomSamples ${given.dtype}; they must be the same`)
  return given.contiguous()
}

function declare(n: 2 | 3, samples: readonly Sample[]): FractionalMaxPool {
  const name = `fractionalMaxPool${n}d`
  const run = defineOp<
    { x: Tensor; places: Tensor; indices: Tensor },
    'indices',
    PlaneParams & { kernel: readonly number[] }
  >(name, {
    torch: `lambda x, r, k, s: F.fractional_max_pool${n}d(x, k, output_size=s, _random_samples=r.detach())`,
    forward({ x, places, indices }, { shape, kernel }) {
      const y = emptyTensor(x.dtype, shape)
      addon().fractionalMaxPool(y.handle, indices.handle, x.handle, places.handle, kernel)
      return y
    },
    saves: ['indices'],
    grad: { x: (dy, { indices }, { params, shapes }) => planeAdd({ x: dy, indices }, { ...params, shape: shapes.x }) },
    samples,
    call: (x: Tensor, randomSamples: Tensor, kernelSize: Sizes, outputSize: Sizes) =>
      pool(x, kernelSize, { outputSize, randomSamples: randomSamples.contiguous() }),
  })
  const pool = (x: Tensor, kernelSize: Sizes, options: FractionalMaxPoolOptions): Tensor | PoolWithIndices => {
    checkOptions(name, options, fractionalMaxPoolDefaults)
    assertPlanes(name, x, n)
    if (!isFloating(x.dtype))
      throw new TypeError(`${name}: needs a floating tensor, got ${x.dtype}; convert it with .float() first`)
    const kernel = perDim(name, 'kernelSize', kernelSize, n, 1)
    const shape = [...x.shape.slice(0, -n), ...outputSizes(name, x, n, kernel, options)]
    const indices = emptyTensor('int64', shape, x.device)
    const places = samplesOf(name, x, n, options)
    const output = run({ x: x.contiguous(), places, indices }, { spatial: n, shape, kernel })
    return options.returnIndices ? { output, indices } : output
  }
  return pool as FractionalMaxPool
}

const places = (shape: number[]) => ({ shape, low: 0.05, high: 0.95 })
/**
 * Largest elements of `outputSize` (or `outputRatio`) windows of one size over [N, C, H, W] or [C, H, W], whose places are
 * random but cover the image from end to end. Equals PyTorch's for the same `randomSamples`. Graham 2014;
 * torch.nn.functional.fractional_max_pool2d.
 * @throws ShapeError when so many windows do not fit.
 */
export const fractionalMaxPool2d = declare(2, [
  { inputs: [{ shape: [2, 2, 8, 7] }, places([2, 2, 2])], args: [2, [4, 5]] },
  { inputs: [{ shape: [2, 9, 9] }, places([1, 2, 2])], args: [[3, 2], 1] },
])

/** As fractionalMaxPool2d for volumes [N, C, D, H, W] or [C, D, H, W]. torch.nn.functional.fractional_max_pool3d. */
export const fractionalMaxPool3d = declare(3, [
  { inputs: [{ shape: [1, 2, 6, 8, 7] }, places([1, 2, 3])], args: [2, [3, 4, 5]] },
  { inputs: [{ shape: [2, 5, 5, 6] }, places([1, 2, 3])], args: [[3, 2, 1], 2] },
])
