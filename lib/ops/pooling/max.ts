/**
 * Maximum pooling. What the gradient needs is kept as positions inside the windows, a byte for each output; PyTorch's
 * indices are computed from them when somebody asks.
 */
import { isGradEnabled } from '../../autograd/mode.js'
import { addon } from '../../device/addon.js'
import { numel, type Shape } from '../../tensor/shape.js'
import { emptyTensor, type Tensor } from '../../tensor/tensor.js'
import { defineOp, numeric, type RunOp } from '../define.js'
import type { Sample } from '../registry.js'
import { windowOf, type Sizes, type Spatial, type Window, type WindowOptions } from './geometry.js'
import { readOptions, type Defaults } from '../../tensor/options.js'

/** Settings of `maxPool1d`, `maxPool2d` and `maxPool3d`. */
export interface MaxPoolOptions extends WindowOptions {
  /** Steps between the elements of a window. Default 1. */
  dilation?: Sizes
  /** Whether to return `{ output, indices }`. Default false. */
  returnIndices?: boolean
}

/** Their defaults. */
export const maxPoolDefaults = {
  stride: null,
  padding: 0,
  dilation: 1,
  ceilMode: false,
  returnIndices: false,
} as const satisfies Defaults<MaxPoolOptions>

/** What pooling with `returnIndices: true` returns. */
export interface PoolWithIndices {
  output: Tensor
  /** int64: where each maximum lies in its plane, flattened; the first among equals. */
  indices: Tensor
}

/** A pooling function whose result depends on `returnIndices`. */
export interface MaxPool {
  (x: Tensor, kernelSize: Sizes, options: MaxPoolOptions & { returnIndices: true }): PoolWithIndices
  (x: Tensor, kernelSize: Sizes, options?: MaxPoolOptions & { returnIndices?: false }): Tensor
  (x: Tensor, kernelSize: Sizes, options?: MaxPoolOptions): Tensor | PoolWithIndices
}

interface WindowParams {
  readonly numbers: readonly number[]
  /** Sizes of what the op returns. */
  readonly shape: Shape
}

/** Positions in windows: bytes, unless a window is huge. */
export function emptyCodes({ numbers, shape }: Window, { device }: Tensor): Tensor {
  return emptyTensor(numel(numbers.slice(0, numbers.length / 4)) <= 256 ? 'uint8' : 'int32', shape, device)
}

function codesOf(x: Tensor, window: Window): Tensor {
  const codes = emptyCodes(window, x)
  addon().maxPool(
    emptyTensor(x.dtype, window.shape, x.device).handle,
    codes.handle,
    x.contiguous().handle,
    window.numbers,
  )
  return codes
}

const image = { shape: [2, 2, 4, 6] }
const second = (name: string): string =>
  `lambda dy, x: (lambda i: ${name})(F.max_pool2d(x, 2, return_indices=True)[1].flatten(-2))`

/** dx: each gradient at the element that its window chose. */
export const maxPoolBackward: RunOp<{ dy: Tensor; codes: Tensor }, WindowParams> = defineOp<
  { dy: Tensor; codes: Tensor },
  'codes',
  WindowParams
>('maxPoolBackward', {
  torch: second('torch.zeros(x.shape, dtype=dy.dtype).flatten(-2).scatter_add(-1, i, dy.flatten(-2)).view(x.shape)'),
  forward({ dy, codes }, { numbers, shape }) {
    const dx = emptyTensor(dy.dtype, shape)
    addon().maxPoolBackward(dx.handle, dy.contiguous().handle, codes.handle, numbers)
    return dx
  },
  saves: ['codes'],
  grad: {
    dy: (ddx, { codes }, { params, shapes }) =>
      maxPoolTake({ x: ddx.contiguous(), codes }, { numbers: params.numbers, shape: shapes.dy }),
  },
  samples: [{ inputs: [{ shape: [2, 2, 2, 3] }, image] }],
  call(dy: Tensor, x: Tensor) {
    const window = windowOf('maxPool2d', x, 2, 2, {})
    return maxPoolBackward({ dy, codes: codesOf(x, window) }, { ...window, shape: x.shape })
  },
})

/** The elements that the windows chose: the transpose of maxPoolBackward. */
const maxPoolTake: RunOp<{ x: Tensor; codes: Tensor }, WindowParams> = defineOp<
  { x: Tensor; codes: Tensor },
  'codes',
  WindowParams
>('maxPoolTake', {
  torch: second('dy.flatten(-2).gather(-1, i).view(2, 2, 2, 3)'),
  forward({ x, codes }, { numbers, shape }) {
    const y = emptyTensor(x.dtype, shape)
    addon().maxPoolTake(y.handle, x.contiguous().handle, codes.handle, numbers)
    return y
  },
  saves: ['codes'],
  grad: {
    x: (dy, { codes }, { params, shapes }) =>
      maxPoolBackward({ dy, codes }, { numbers: params.numbers, shape: shapes.x }),
  },
  samples: [{ inputs: [image, image] }],
  call(x: Tensor, chooser: Tensor) {
    const window = windowOf('maxPool2d', chooser, 2, 2, {})
    return maxPoolTake({ x, codes: codesOf(chooser, window) }, window)
  },
})

const ties = [
  [
    [1, 1, 0, -1],
    [1, 1, -2, -2],
  ],
]

const samples: Readonly<Record<Spatial, readonly Sample[]>> = {
  1: [
    { inputs: [{ shape: [2, 3, 7] }], args: [2] },
    { inputs: [{ shape: [3, 7] }], args: [3], options: { stride: 2, padding: 1, ceilMode: true } },
    { inputs: [{ shape: [1, 2, 20] }], args: [3], options: { stride: 1, padding: 1, dilation: 2 } },
    { inputs: [{ shape: [0, 2, 6] }], args: [2] },
  ],
  2: [
    { inputs: [image], args: [2] },
    { inputs: [{ shape: [2, 5, 9] }], args: [2] },
    { inputs: [{ shape: [1, 2, 6, 40] }], args: [2] },
    { inputs: [{ shape: [1, 2, 7, 37] }], args: [3], options: { stride: 2, padding: 1 } },
    { inputs: [{ shape: [1, 1, 6, 21] }], args: [3], options: { stride: 1, padding: 1 } },
    { inputs: [{ shape: [1, 2, 5, 7] }], args: [[2, 3]], options: { stride: [2, 3], padding: [1, 0], ceilMode: true } },
    { inputs: [{ shape: [1, 1, 9, 9] }], args: [3], options: { stride: [1, 2], padding: 1, dilation: [2, 3] } },
    { inputs: [{ shape: [1, 18, 18] }], args: [17], options: { stride: 1 } },
    { inputs: [{ shape: [0, 2, 4, 4] }], args: [2] },
    { inputs: [ties as never], args: [2], skipGradcheck: 'ties' },
  ],
  3: [
    { inputs: [{ shape: [1, 2, 4, 4, 6] }], args: [2] },
    {
      inputs: [{ shape: [2, 5, 4, 9] }],
      args: [[2, 3, 2]],
      options: { stride: [1, 2, 2], padding: [1, 1, 0], ceilMode: true },
    },
  ],
}

function declare(n: Spatial): MaxPool {
  const name = `maxPool${n}d`
  const run = defineOp<{ x: Tensor; codes: Tensor | null }, 'codes', WindowParams>(name, {
    torch: `F.max_pool${n}d`,
    dtypes: numeric,
    forward({ x, codes }, { numbers, shape }) {
      const y = emptyTensor(x.dtype, shape)
      addon().maxPool(y.handle, codes?.handle ?? null, x.handle, numbers)
      return y
    },
    saves: ['codes'],
    grad: {
      x: (dy, { codes }, { params, shapes }) =>
        maxPoolBackward({ dy, codes }, { numbers: params.numbers, shape: shapes.x }),
    },
    samples: samples[n],
    call: (x: Tensor, kernelSize: Sizes, options?: MaxPoolOptions) => pool(x, kernelSize, options),
  })
  const pool = (x: Tensor, kernelSize: Sizes, given?: MaxPoolOptions): Tensor | PoolWithIndices => {
    const options = readOptions(name, given, maxPoolDefaults)
    const window = windowOf(name, x, n, kernelSize, options)
    if (x.dtype === 'bool') throw new TypeError(`${name}: bool has no maximum; convert the input with .to('uint8')`)
    const codes = options.returnIndices || (isGradEnabled() && x.requiresGrad) ? emptyCodes(window, x) : null
    const input = x.contiguous()
    const output = run({ x: input, codes }, window)
    if (!options.returnIndices || !codes) return output
    const indices = emptyTensor('int64', window.shape, x.device)
    addon().maxPoolIndices(indices.handle, codes.handle, input.handle, window.numbers)
    return { output, indices }
  }
  return pool as MaxPool
}

/**
 * Largest element of each window of [N, C, L] or [C, L]. NaN counts as largest; among equals the first. Any numeric dtype.
 * With `returnIndices` an object `{ output, indices }`. torch.nn.functional.max_pool1d.
 * @throws ShapeError when x has other dimensions or no window fits, RangeError for padding over half a window.
 */
export const maxPool1d = declare(1)

/** As maxPool1d for images [N, C, H, W] or [C, H, W]. torch.nn.functional.max_pool2d. @example F.maxPool2d(x, 2) */
export const maxPool2d = declare(2)

/** As maxPool1d for volumes [N, C, D, H, W] or [C, D, H, W]. torch.nn.functional.max_pool3d. */
export const maxPool3d = declare(3)
