/** Adaptive pooling: the number of windows is given, their sizes follow. */
import { addon } from '../../device/addon.js'
import { isFloating } from '../../tensor/dtype.js'
import type { Shape } from '../../tensor/shape.js'
import { emptyTensor, type Tensor } from '../../tensor/tensor.js'
import { defineOp, numeric, type RunOp } from '../define.js'
import type { Sample } from '../registry.js'
import { assertPlanes, perDim, type Spatial } from './geometry.js'
import type { PoolWithIndices } from './max.js'
import { planeAdd } from './plane.js'
import { assertList, readOptions } from '../../tensor/options.js'

/** One size for all spatial dimensions or one for each; null keeps the input's. */
export type AdaptiveSizes = number | null | readonly (number | null)[]

/** Settings of adaptive maximum pooling. */
export interface AdaptiveMaxPoolOptions {
  /** Whether to return `{ output, indices }`. Default false. */
  returnIndices?: boolean
}

/** An adaptive maximum, whose result depends on `returnIndices`. */
export interface AdaptiveMaxPool {
  (x: Tensor, outputSize: AdaptiveSizes, options: { returnIndices: true }): PoolWithIndices
  (x: Tensor, outputSize: AdaptiveSizes, options?: { returnIndices?: false }): Tensor
  (x: Tensor, outputSize: AdaptiveSizes, options?: AdaptiveMaxPoolOptions): Tensor | PoolWithIndices
}

interface AdaptiveParams {
  readonly spatial: Spatial
  readonly shape: Shape
}

function adaptiveShape(name: string, x: Tensor, n: Spatial, outputSize: AdaptiveSizes): Shape {
  assertPlanes(name, x, n)
  const sizes: Shape = x.shape.slice(-n)
  if (outputSize !== null && typeof outputSize !== 'number') assertList(name, 'outputSize', outputSize)
  const asked = outputSize === null || typeof outputSize === 'number' ? [outputSize] : outputSize
  const out = perDim(
    name,
    'outputSize',
    asked.length === 1 ? sizes.map((size) => asked[0] ?? size) : asked.map((size, d) => size ?? sizes[d]),
    n,
    0,
  )
  return [...x.shape.slice(0, -n), ...out]
}

const samples = (n: Spatial): Sample[] => {
  const sizes = [7, 5, 4].slice(0, n)
  return [
    { inputs: [{ shape: [2, 2, ...sizes] }], args: [3] },
    { inputs: [{ shape: [2, ...sizes] }], args: [1] },
    ...(n > 1 ? [{ inputs: [{ shape: [1, 2, ...sizes] }], args: [[null, 3, 6].slice(0, n)] }] : []),
    { inputs: [{ shape: [1, 2, ...sizes] }], args: [9] },
    { inputs: [{ shape: [0, 2, ...sizes] }], args: [2] },
  ]
}

const averageBackward: RunOp<{ dy: Tensor }, AdaptiveParams> = defineOp<{ dy: Tensor }, never, AdaptiveParams>(
  'adaptiveAvgPoolBackward',
  {
    torch: 'lambda dy: torch.ops.aten._adaptive_avg_pool2d_backward(dy, torch.zeros(1, 2, 5, 4, dtype=dy.dtype))',
    forward({ dy }, { spatial, shape }) {
      const dx = emptyTensor(dy.dtype, shape)
      addon().adaptiveAvgPoolBackward(dx.handle, dy.contiguous().handle, spatial)
      return dx
    },
    grad: {
      dy: (ddx, _, { params, shapes }) =>
        averages[params.spatial]({ x: ddx.contiguous() }, { ...params, shape: shapes.dy }),
    },
    samples: [{ inputs: [{ shape: [1, 2, 3, 3] }] }],
    call: (dy: Tensor) => averageBackward({ dy }, { spatial: 2, shape: [1, 2, 5, 4] }),
  },
)

function averageOp(n: Spatial): RunOp<{ x: Tensor }, AdaptiveParams> {
  return defineOp<{ x: Tensor }, never, AdaptiveParams>(`adaptiveAvgPool${n}d`, {
    torch: `F.adaptive_avg_pool${n}d`,
    forward({ x }, { spatial, shape }) {
      const y = emptyTensor(x.dtype, shape)
      addon().adaptiveAvgPool(y.handle, x.handle, spatial)
      return y
    },
    grad: { x: (dy, _, { params, shapes }) => averageBackward({ dy }, { ...params, shape: shapes.x }) },
    samples: samples(n),
    call: (x: Tensor, outputSize: AdaptiveSizes) => adaptiveAverage(n, x, outputSize),
  })
}

const averages: Readonly<Record<Spatial, RunOp<{ x: Tensor }, AdaptiveParams>>> = {
  1: averageOp(1),
  2: averageOp(2),
  3: averageOp(3),
}

function adaptiveAverage(n: Spatial, x: Tensor, outputSize: AdaptiveSizes): Tensor {
  const name = `adaptiveAvgPool${n}d`
  const shape = adaptiveShape(name, x, n, outputSize)
  if (!isFloating(x.dtype))
    throw new TypeError(`${name}: needs a floating tensor, got ${x.dtype}; convert it with .float() first`)
  // One window over everything is a plain mean, which has a faster kernel.
  const spatial = Array.from({ length: n }, (_, d) => d - n)
  if (shape.slice(-n).every((size) => size === 1)) return x.mean(spatial, { keepdim: true })
  return averages[n]({ x: x.contiguous() }, { spatial: n, shape })
}

/**
 * Means of `outputSize` windows over [N, C, L] or [C, L]: window i reaches from ⌊i·L/out⌋ to ⌈(i+1)·L/out⌉.
 * torch.nn.functional.adaptive_avg_pool1d.
 * @throws ShapeError when x has other dimensions.
 */
export function adaptiveAvgPool1d(x: Tensor, outputSize: AdaptiveSizes): Tensor {
  return adaptiveAverage(1, x, outputSize)
}

/** As adaptiveAvgPool1d for images [N, C, H, W] or [C, H, W]. torch.nn.functional.adaptive_avg_pool2d. @example F.adaptiveAvgPool2d(x, [null, 7]) */
export function adaptiveAvgPool2d(x: Tensor, outputSize: AdaptiveSizes): Tensor {
  return adaptiveAverage(2, x, outputSize)
}

/** As adaptiveAvgPool1d for volumes [N, C, D, H, W] or [C, D, H, W]. torch.nn.functional.adaptive_avg_pool3d. */
export function adaptiveAvgPool3d(x: Tensor, outputSize: AdaptiveSizes): Tensor {
  return adaptiveAverage(3, x, outputSize)
}

function declareMax(n: Spatial): AdaptiveMaxPool {
  const name = `adaptiveMaxPool${n}d`
  const run = defineOp<{ x: Tensor; indices: Tensor }, 'indices', AdaptiveParams>(name, {
    torch: `F.adaptive_max_pool${n}d`,
    dtypes: numeric,
    forward({ x, indices }, { spatial, shape }) {
      const y = emptyTensor(x.dtype, shape)
      addon().adaptiveMaxPool(y.handle, indices.handle, x.handle, spatial)
      return y
    },
    saves: ['indices'],
    grad: { x: (dy, { indices }, { params, shapes }) => planeAdd({ x: dy, indices }, { ...params, shape: shapes.x }) },
    samples: samples(n),
    call: (x: Tensor, outputSize: AdaptiveSizes) => pool(x, outputSize),
  })
  const pool = (x: Tensor, outputSize: AdaptiveSizes, options?: AdaptiveMaxPoolOptions): Tensor | PoolWithIndices => {
    const { returnIndices } = readOptions(name, options, { returnIndices: false })
    const shape = adaptiveShape(name, x, n, outputSize)
    if (x.dtype === 'bool') throw new TypeError(`${name}: bool has no maximum; convert the input with .to('uint8')`)
    const indices = emptyTensor('int64', shape, x.device)
    const output = run({ x: x.contiguous(), indices }, { spatial: n, shape })
    return returnIndices ? { output, indices } : output
  }
  return pool as AdaptiveMaxPool
}

/**
 * Largest elements of `outputSize` windows over [N, C, L] or [C, L], which reach as those of adaptiveAvgPool1d. With
 * `returnIndices` an object `{ output, indices }`. torch.nn.functional.adaptive_max_pool1d.
 * @throws ShapeError when x has other dimensions.
 */
export const adaptiveMaxPool1d = declareMax(1)

/** As adaptiveMaxPool1d for images [N, C, H, W] or [C, H, W]. torch.nn.functional.adaptive_max_pool2d. */
export const adaptiveMaxPool2d = declareMax(2)

/** As adaptiveMaxPool1d for volumes [N, C, D, H, W] or [C, D, H, W]. torch.nn.functional.adaptive_max_pool3d. */
export const adaptiveMaxPool3d = declareMax(3)
