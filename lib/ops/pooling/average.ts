/** Average pooling, and the p-norm pooling that is made of it. */
import { addon } from '../../device/addon.js'
import { isFloating } from '../../tensor/dtype.js'
import { numel, ShapeError, show, type Shape } from '../../tensor/shape.js'
import { emptyTensor, type Tensor } from '../../tensor/tensor.js'
import { composite, defineOp, type RunOp } from '../define.js'
import type { Sample } from '../registry.js'
import { perDim, windowOf, type Sizes, type Spatial, type WindowOptions } from './geometry.js'
import { readOptions, type Defaults } from '../../tensor/options.js'

/** Settings of `avgPool1d`. */
export interface AvgPoolOptions extends WindowOptions {
  /** Whether the border's zeros count in the divisor. Default true. */
  countIncludePad?: boolean
}

/** Settings of `avgPool2d` and `avgPool3d`. */
export interface AvgPool2dOptions extends AvgPoolOptions {
  /** Divides by this instead of the number of elements. Default null. */
  divisorOverride?: number | null
}

/** Their defaults. */
export const avgPoolDefaults = {
  stride: null,
  padding: 0,
  ceilMode: false,
  countIncludePad: true,
} as const satisfies Defaults<AvgPoolOptions>
/** Their defaults. */
export const avgPool2dDefaults = {
  ...avgPoolDefaults,
  divisorOverride: null,
} as const satisfies Defaults<AvgPool2dOptions>

interface AverageParams {
  readonly numbers: readonly number[]
  readonly shape: Shape
  readonly countIncludePad: boolean
  /** 0: the number of elements. */
  readonly divisor: number
}

const avgPoolForward: RunOp<{ x: Tensor }, AverageParams> = (inputs, params) =>
  forwards[(params.numbers.length / 4) as Spatial](inputs, params)

const avgPoolBackward: RunOp<{ dy: Tensor }, AverageParams> = defineOp<{ dy: Tensor }, never, AverageParams>(
  'avgPoolBackward',
  {
    torch:
      'lambda dy: torch.ops.aten.avg_pool2d_backward(dy, torch.zeros(1, 2, 5, 6, dtype=dy.dtype), 3, 2, 1, False, False, None)',
    forward({ dy }, { numbers, shape, countIncludePad, divisor }) {
      const dx = emptyTensor(dy.dtype, shape)
      addon().avgPoolBackward(dx.handle, dy.contiguous().handle, numbers, countIncludePad, divisor)
      return dx
    },
    // Both directions are linear, so each is the other's gradient.
    grad: {
      dy: (ddx, _, { params, shapes }) => avgPoolForward({ x: ddx.contiguous() }, { ...params, shape: shapes.dy }),
    },
    samples: [{ inputs: [{ shape: [1, 2, 3, 3] }] }],
    call: (dy: Tensor) =>
      avgPoolBackward(
        { dy },
        { numbers: [3, 3, 2, 2, 1, 1, 1, 1], shape: [1, 2, 5, 6], countIncludePad: false, divisor: 0 },
      ),
  },
)

const samples: Readonly<Record<Spatial, readonly Sample[]>> = {
  1: [
    { inputs: [{ shape: [2, 3, 7] }], args: [2] },
    { inputs: [{ shape: [3, 7] }], args: [3], options: { stride: 2, padding: 1, ceilMode: true } },
    { inputs: [{ shape: [1, 2, 24] }], args: [4], options: { stride: 1, padding: 2, countIncludePad: false } },
    { inputs: [{ shape: [0, 2, 6] }], args: [2] },
  ],
  2: [
    { inputs: [{ shape: [2, 2, 4, 6] }], args: [2] },
    { inputs: [{ shape: [2, 5, 9] }], args: [[2, 3]], options: { ceilMode: true } },
    { inputs: [{ shape: [1, 2, 7, 37] }], args: [3], options: { stride: 2, padding: 1 } },
    { inputs: [{ shape: [1, 1, 6, 21] }], args: [3], options: { stride: 1, padding: 1, countIncludePad: false } },
    { inputs: [{ shape: [1, 2, 5, 5] }], args: [3], options: { stride: 2, padding: 1, ceilMode: true } },
    { inputs: [{ shape: [1, 2, 5, 6] }], args: [2], options: { divisorOverride: 3 } },
  ],
  3: [
    { inputs: [{ shape: [1, 2, 4, 4, 6] }], args: [2] },
    {
      inputs: [{ shape: [2, 5, 4, 9] }],
      args: [[2, 3, 2]],
      options: { stride: [1, 2, 2], padding: [1, 1, 0], ceilMode: true, countIncludePad: false },
    },
    { inputs: [{ shape: [1, 3, 3, 4] }], args: [2], options: { stride: 1, divisorOverride: 5 } },
  ],
}

function forwardOp(n: Spatial): RunOp<{ x: Tensor }, AverageParams> {
  return defineOp<{ x: Tensor }, never, AverageParams>(`avgPool${n}d`, {
    torch: `F.avg_pool${n}d`,
    dtypes: ['float32', 'float64', 'int64'],
    forward({ x }, { numbers, shape, countIncludePad, divisor }) {
      const y = emptyTensor(x.dtype, shape)
      addon().avgPool(y.handle, x.handle, numbers, countIncludePad, divisor)
      return y
    },
    grad: { x: (dy, _, { params, shapes }) => avgPoolBackward({ dy }, { ...params, shape: shapes.x }) },
    samples: samples[n],
    call: (x: Tensor, kernelSize: Sizes, options?: AvgPool2dOptions) => average(n, x, kernelSize, options),
  })
}

const forwards: Readonly<Record<Spatial, RunOp<{ x: Tensor }, AverageParams>>> = {
  1: forwardOp(1),
  2: forwardOp(2),
  3: forwardOp(3),
}

function average(n: Spatial, x: Tensor, kernelSize: Sizes, given?: AvgPool2dOptions): Tensor {
  const name = `avgPool${n}d`
  const {
    countIncludePad,
    divisorOverride = null,
    ...windows
  } = readOptions<AvgPool2dOptions, typeof avgPool2dDefaults>(
    name,
    given,
    (n === 1 ? avgPoolDefaults : avgPool2dDefaults) as typeof avgPool2dDefaults,
  )
  const window = windowOf(name, x, n, kernelSize, windows)
  const kernel = window.numbers.slice(0, n)
  // As in PyTorch, where only volumes are held to it: padding does not make up for a volume that is too small.
  if (n === 3 && kernel.some((size, d) => size > x.shape[x.ndim - n + d]))
    throw new ShapeError(
      `${name}: the input ${show(x.shape)} is smaller than the window of ${kernel.join(' × ')}; pad it with F.pad() first`,
    )
  if (!isFloating(x.dtype) && x.dtype !== 'int64')
    throw new TypeError(`${name}: averages float32, float64 and int64, got ${x.dtype}; convert it with .float()`)
  if (divisorOverride !== null && (!Number.isInteger(divisorOverride) || divisorOverride === 0))
    throw new RangeError(`${name}: divisorOverride must be an integer other than 0, got ${divisorOverride}`)
  return avgPoolForward({ x: x.contiguous() }, { ...window, countIncludePad, divisor: divisorOverride ?? 0 })
}

/**
 * Mean of each window of [N, C, L] or [C, L]. int64 divides without remainder. torch.nn.functional.avg_pool1d.
 * @throws ShapeError when x has other dimensions or no window fits, RangeError for padding over half a window.
 */
export function avgPool1d(x: Tensor, kernelSize: Sizes, options?: AvgPoolOptions): Tensor {
  return average(1, x, kernelSize, options)
}

/** As avgPool1d for images [N, C, H, W] or [C, H, W], with `divisorOverride`. torch.nn.functional.avg_pool2d. */
export function avgPool2d(x: Tensor, kernelSize: Sizes, options?: AvgPool2dOptions): Tensor {
  return average(2, x, kernelSize, options)
}

/** As avgPool2d for volumes [N, C, D, H, W] or [C, D, H, W]. torch.nn.functional.avg_pool3d. */
export function avgPool3d(x: Tensor, kernelSize: Sizes, options?: AvgPool2dOptions): Tensor {
  return average(3, x, kernelSize, options)
}

/** Options of p-norm pooling. */
export type LpPoolOptions = Pick<WindowOptions, 'stride' | 'ceilMode'>

/** Their defaults. */
export const lpPoolDefaults = { stride: null, ceilMode: false } as const satisfies Defaults<LpPoolOptions>

type LpPool = (x: Tensor, normType: number, kernelSize: Sizes, options?: LpPoolOptions) => Tensor

const positive = (shape: number[]) => ({ shape, low: 0.1, high: 2 })

function declareLp(n: Spatial, shape: number[]): LpPool {
  const name = `lpPool${n}d`
  return composite(
    name,
    {
      torch: `F.lp_pool${n}d`,
      samples: [
        { inputs: [positive(shape)], args: [2, 2] },
        { inputs: [positive(shape.slice(1))], args: [3, 2], options: { stride: 1, ceilMode: true } },
        { inputs: [positive(shape)], args: [1.5, 3], options: { stride: 2, ceilMode: true } },
      ],
    },
    (x: Tensor, normType: number, kernelSize: Sizes, options?: LpPoolOptions): Tensor => {
      if (!(normType > 0)) throw new RangeError(`${name}: normType must be a positive number, got ${normType}`)
      const kernel = perDim(name, 'kernelSize', kernelSize, n, 1)
      const { stride, ceilMode } = readOptions(name, options, lpPoolDefaults)
      const mean = average(n, x.pow(normType), kernel, { stride, ceilMode })
      // An odd power of negative elements may leave a negative mean, of which there is no root: NaN, as in PyTorch.
      return mean
        .sign()
        .mul(mean.abs().relu())
        .mul(numel(kernel))
        .pow(1 / normType)
    },
  )
}

/** (Σ xᵖ)^(1/p) over each window of [N, C, L] or [C, L]; p = 1 sums. torch.nn.functional.lp_pool1d. */
export const lpPool1d = declareLp(1, [2, 3, 7])

/** As lpPool1d for images [N, C, H, W] or [C, H, W]. torch.nn.functional.lp_pool2d. */
export const lpPool2d = declareLp(2, [1, 2, 5, 7])

/** As lpPool1d for volumes [N, C, D, H, W] or [C, D, H, W]. torch.nn.functional.lp_pool3d. */
export const lpPool3d = declareLp(3, [1, 2, 4, 3, 5])
