/**
 * Convolutions of sequences, images and volumes, and transposed ones. Three ops stand behind all of them: the convolution
 * itself, its gradient by the input (which is the transposed convolution) and its gradient by the weight. The gradients of
 * each are the other two, so derivatives of every order exist.
 */
import { addon } from '../device/addon.js'
import type { Shape } from '../tensor/shape.js'
import { emptyTensor, type Tensor } from '../tensor/tensor.js'
import {
  checkConv,
  checkConvTranspose,
  type Checked,
  type ConvOptions,
  type ConvTransposeOptions,
} from './convolution-arguments.js'
import { isOptions } from '../tensor/options.js'
import { composite, defineOp, type RunOp } from './define.js'
import { squeeze, unsqueeze } from './shape.js'

interface Params {
  /** As the native engine takes them: strides, paddings, dilations, groups. */
  readonly settings: readonly number[]
  /** Shape of the result. */
  readonly sizes: Shape
}

/** Sum over the batch and all positions. */
const overImages = (dy: Tensor): Tensor => dy.sum([0, ...Array.from({ length: dy.ndim - 2 }, (_, d) => d + 2)])

const convolutionOp: RunOp<{ x: Tensor; weight: Tensor; bias: Tensor | null }, Params> = defineOp<
  { x: Tensor; weight: Tensor; bias: Tensor | null },
  'x' | 'weight',
  Params
>('convolution', {
  torch: 'torch.nn.functional.conv2d',
  forward({ x, weight, bias }, { settings, sizes }) {
    const y = emptyTensor(x.dtype, sizes)
    addon().convForward(y.handle, x.handle, weight.handle, bias?.handle ?? null, settings)
    return y
  },
  saves: ['x', 'weight'],
  grad: {
    x: (dy, { weight }, { params: { settings }, shapes }) =>
      convolutionInputOp({ dy, weight, bias: null }, { settings, sizes: shapes.x }),
    weight: (dy, { x }, { params: { settings }, shapes }) =>
      convolutionWeightOp({ x, dy }, { settings, sizes: shapes.weight }),
    bias: overImages,
  },
  samples: [
    { inputs: [{ shape: [2, 3, 5, 6] }, { shape: [4, 3, 3, 2] }, { shape: [4] }] },
    {
      inputs: [{ shape: [1, 2, 7, 5] }, { shape: [3, 2, 3, 3] }],
      args: [null],
      options: { stride: [2, 3], padding: [1, 2], dilation: [2, 1] },
    },
  ],
  call: (x: Tensor, weight: Tensor, bias?: Tensor | null, options?: ConvOptions) => conv2d(x, weight, bias, options),
})

const convolutionInputOp: RunOp<{ dy: Tensor; weight: Tensor; bias: Tensor | null }, Params> = defineOp<
  { dy: Tensor; weight: Tensor; bias: Tensor | null },
  'dy' | 'weight',
  Params
>('convolutionTranspose', {
  torch: 'torch.nn.functional.conv_transpose2d',
  forward({ dy, weight, bias }, { settings, sizes }) {
    const dx = emptyTensor(dy.dtype, sizes)
    addon().convBackwardInput(dx.handle, dy.handle, weight.handle, bias?.handle ?? null, settings)
    return dx
  },
  saves: ['dy', 'weight'],
  grad: {
    dy: (ddx, { weight }, { params: { settings }, shapes }) =>
      convolutionOp({ x: ddx, weight, bias: null }, { settings, sizes: shapes.dy }),
    weight: (ddx, { dy }, { params: { settings }, shapes }) =>
      convolutionWeightOp({ x: ddx, dy }, { settings, sizes: shapes.weight }),
    bias: overImages,
  },
  samples: [
    { inputs: [{ shape: [2, 3, 4, 3] }, { shape: [3, 2, 3, 2] }, { shape: [2] }] },
    {
      inputs: [{ shape: [1, 4, 3, 4] }, { shape: [4, 3, 3, 2] }],
      args: [null],
      options: { stride: [2, 3], padding: [1, 0], outputPadding: [1, 2], groups: 2, dilation: [2, 1] },
    },
  ],
  call: (x: Tensor, weight: Tensor, bias?: Tensor | null, options?: ConvTransposeOptions) =>
    convTranspose2d(x, weight, bias, options),
})

const convolutionWeightOp: RunOp<{ x: Tensor; dy: Tensor }, Params> = defineOp<
  { x: Tensor; dy: Tensor },
  'x' | 'dy',
  Params
>('convolutionWeight', {
  torch: 'lambda x, dy, sizes, stride, padding: torch.nn.grad.conv2d_weight(x, sizes, dy, stride, padding)',
  forward({ x, dy }, { settings, sizes }) {
    const dw = emptyTensor(x.dtype, sizes)
    addon().convBackwardWeight(dw.handle, x.handle, dy.handle, settings)
    return dw
  },
  saves: ['x', 'dy'],
  grad: {
    x: (ddw, { dy }, { params: { settings }, shapes }) =>
      convolutionInputOp({ dy, weight: ddw, bias: null }, { settings, sizes: shapes.x }),
    dy: (ddw, { x }, { params: { settings }, shapes }) =>
      convolutionOp({ x, weight: ddw, bias: null }, { settings, sizes: shapes.dy }),
  },
  samples: [
    { inputs: [{ shape: [2, 3, 5, 4] }, { shape: [2, 2, 3, 2] }], args: [[2, 3, 3, 3], 1, 0] },
    { inputs: [{ shape: [2, 2, 5, 7] }, { shape: [2, 6, 3, 4] }], args: [[6, 2, 3, 3], 2, 1] },
    { inputs: [{ shape: [0, 2, 3, 3] }, { shape: [0, 6, 3, 3] }], args: [[6, 2, 3, 3], 1, 1] },
  ],
  call: (x: Tensor, dy: Tensor, sizes: Shape, stride: number, padding: number) =>
    convolutionWeightOp({ x, dy }, { settings: [stride, stride, padding, padding, 1, 1, 1], sizes }),
})

/** Runs `op` on a batch: images that come without one get a batch of one meanwhile. */
function batched(
  dims: number,
  x: Tensor,
  checked: Checked,
  channels: number,
  op: (x: Tensor, params: Params) => Tensor,
) {
  const { stride, before, dilation, groups, sizes } = checked
  const settings = [...stride, ...before, ...dilation, groups]
  if (x.ndim === dims + 2) return op(x, { settings, sizes: [x.shape[0], channels, ...sizes] })
  return squeeze(op(unsqueeze(x, 0), { settings, sizes: [1, channels, ...sizes] }), 0)
}

/** What stands third: a bias, or the options of a call without one. */
type BiasOr<Options> = Tensor | Options | null

/**
 * How convolutions are called. Two forms rather than one with a bias or options: a tensor has `strides` too, and the compiler
 * would not see that it is no option.
 */
interface Convolution<Options> {
  (x: Tensor, weight: Tensor, bias?: Tensor | null, options?: Options): Tensor
  (x: Tensor, weight: Tensor, options: Options): Tensor
}

function conv(
  name: string,
  dims: number,
  x: Tensor,
  weight: Tensor,
  given: BiasOr<ConvOptions> = null,
  last?: ConvOptions,
): Tensor {
  const [bias, options] = isOptions(given) ? [null, given] : [given, last]
  const checked = checkConv(name, dims, x, weight, bias, options)
  return batched(dims, x, checked, weight.shape[0], (images, params) =>
    convolutionOp({ x: images, weight, bias }, params),
  )
}

function convTranspose(
  name: string,
  dims: number,
  x: Tensor,
  weight: Tensor,
  given: BiasOr<ConvTransposeOptions> = null,
  last?: ConvTransposeOptions,
): Tensor {
  const [bias, options] = isOptions(given) ? [null, given] : [given, last]
  const checked = checkConvTranspose(name, dims, x, weight, bias, options)
  return batched(dims, x, checked, weight.shape[1] * checked.groups, (images, params) =>
    convolutionInputOp({ dy: images, weight, bias }, params),
  )
}

/**
 * Convolution of sequences: x [N, C, L] or [C, L], weight [O, C/groups, k], bias [O] or null; result [N, O, L'] with
 * L' = ⌊(L + 2·padding − dilation·(k − 1) − 1) / stride⌋ + 1. As in PyTorch the kernel is not flipped. float32, float64.
 * torch.nn.functional.conv1d.
 * @throws ShapeError when channels, groups or sizes do not fit, RangeError for settings out of range, TypeError for dtypes.
 */
export const conv1d: Convolution<ConvOptions> = composite(
  'conv1d',
  {
    torch: 'F.conv1d',
    samples: [
      { inputs: [{ shape: [2, 3, 7] }, { shape: [4, 3, 3] }, { shape: [4] }], options: { stride: 2, padding: 1 } },
      { inputs: [{ shape: [4, 9] }, { shape: [4, 2, 4] }], args: [null], options: { padding: 'same', groups: 2 } },
      { inputs: [{ shape: [0, 3, 7] }, { shape: [4, 3, 3] }, { shape: [4] }] },
      { inputs: [{ shape: [1, 2, 40] }, { shape: [2, 2, 2] }], args: [null], options: { dilation: 3 } },
    ],
  },
  (x: Tensor, weight: Tensor, bias?: BiasOr<ConvOptions>, options?: ConvOptions): Tensor =>
    conv('conv1d', 1, x, weight, bias, options),
)

/**
 * Convolution of images: x [N, C, H, W] or [C, H, W], weight [O, C/groups, kh, kw], bias [O] or null; result [N, O, H', W'] with
 * H' = ⌊(H + 2·padding − dilation·(kh − 1) − 1) / stride⌋ + 1. As in PyTorch the kernel is not flipped. float32, float64.
 * 《深度学习基础》 5; torch.nn.functional.conv2d.
 * @throws ShapeError when channels, groups or sizes do not fit, RangeError for settings out of range, TypeError for dtypes.
 */
export const conv2d: Convolution<ConvOptions> = composite(
  'conv2d',
  {
    torch: 'F.conv2d',
    samples: [
      { inputs: [{ shape: [2, 1, 6, 18] }, { shape: [3, 1, 5, 5] }, { shape: [3] }], options: { padding: 2 } },
      { inputs: [{ shape: [2, 3, 4, 4] }, { shape: [5, 3, 1, 1] }], options: { stride: 2 } },
      {
        inputs: [{ shape: [2, 6, 5, 5] }, { shape: [6, 1, 3, 3] }, { shape: [6] }],
        options: { groups: 6, padding: 1 },
      },
      { inputs: [{ shape: [3, 4, 5] }, { shape: [2, 3, 2, 4] }, { shape: [2] }], options: { padding: 'same' } },
      { inputs: [{ shape: [1, 2, 5, 5] }, { shape: [17, 2, 2, 2] }], args: [null], options: { padding: 'valid' } },
    ],
  },
  (x: Tensor, weight: Tensor, bias?: BiasOr<ConvOptions>, options?: ConvOptions): Tensor =>
    conv('conv2d', 2, x, weight, bias, options),
)

/**
 * Convolution of volumes: x [N, C, D, H, W] or [C, D, H, W], weight [O, C/groups, kd, kh, kw], bias [O] or null; result
 * [N, O, D', H', W'], sizes as in conv2d. float32, float64. torch.nn.functional.conv3d.
 * @throws ShapeError when channels, groups or sizes do not fit, RangeError for settings out of range, TypeError for dtypes.
 */
export const conv3d: Convolution<ConvOptions> = composite(
  'conv3d',
  {
    torch: 'F.conv3d',
    samples: [
      {
        inputs: [{ shape: [2, 2, 3, 4, 3] }, { shape: [3, 2, 2, 3, 2] }, { shape: [3] }],
        options: { stride: [1, 2, 1], padding: [1, 0, 1] },
      },
      { inputs: [{ shape: [2, 3, 3, 4] }, { shape: [2, 1, 2, 1, 2] }], args: [null], options: { groups: 2 } },
    ],
  },
  (x: Tensor, weight: Tensor, bias?: BiasOr<ConvOptions>, options?: ConvOptions): Tensor =>
    conv('conv3d', 3, x, weight, bias, options),
)

/**
 * Transposed convolution of sequences, the gradient of conv1d by its input: x [N, C, L] or [C, L], weight [C, O/groups, k],
 * bias [O] or null; result [N, O, L'] with L' = (L − 1)·stride − 2·padding + dilation·(k − 1) + outputPadding + 1.
 * float32, float64. torch.nn.functional.conv_transpose1d.
 * @throws ShapeError when channels, groups or sizes do not fit, RangeError for settings out of range, TypeError for dtypes.
 */
export const convTranspose1d: Convolution<ConvTransposeOptions> = composite(
  'convTranspose1d',
  {
    torch: 'F.conv_transpose1d',
    samples: [
      {
        inputs: [{ shape: [2, 3, 4] }, { shape: [3, 2, 3] }, { shape: [2] }],
        options: { stride: 2, padding: 1, outputPadding: 1 },
      },
      { inputs: [{ shape: [4, 3] }, { shape: [4, 1, 2] }], args: [null], options: { stride: 3, groups: 4 } },
    ],
  },
  (x: Tensor, weight: Tensor, bias?: BiasOr<ConvTransposeOptions>, options?: ConvTransposeOptions): Tensor =>
    convTranspose('convTranspose1d', 1, x, weight, bias, options),
)

/**
 * Transposed convolution of images, the gradient of conv2d by its input: x [N, C, H, W] or [C, H, W], weight
 * [C, O/groups, kh, kw], bias [O] or null; result [N, O, H', W'] with
 * H' = (H − 1)·stride − 2·padding + dilation·(kh − 1) + outputPadding + 1. float32, float64.
 * torch.nn.functional.conv_transpose2d.
 * @throws ShapeError when channels, groups or sizes do not fit, RangeError for settings out of range, TypeError for dtypes.
 */
export const convTranspose2d: Convolution<ConvTransposeOptions> = composite(
  'convTranspose2d',
  {
    torch: 'F.conv_transpose2d',
    samples: [
      { inputs: [{ shape: [1, 2, 3, 3] }, { shape: [2, 3, 2, 2] }, { shape: [3] }], options: { stride: 2 } },
      { inputs: [{ shape: [2, 3, 2] }, { shape: [2, 2, 3, 3] }], options: { padding: 1 } },
      { inputs: [{ shape: [0, 2, 3, 3] }, { shape: [2, 3, 2, 2] }, { shape: [3] }] },
    ],
  },
  (x: Tensor, weight: Tensor, bias?: BiasOr<ConvTransposeOptions>, options?: ConvTransposeOptions): Tensor =>
    convTranspose('convTranspose2d', 2, x, weight, bias, options),
)

/**
 * Transposed convolution of volumes, the gradient of conv3d by its input: x [N, C, D, H, W] or [C, D, H, W], weight
 * [C, O/groups, kd, kh, kw], bias [O] or null; sizes as in convTranspose2d. float32, float64.
 * torch.nn.functional.conv_transpose3d.
 * @throws ShapeError when channels, groups or sizes do not fit, RangeError for settings out of range, TypeError for dtypes.
 */
export const convTranspose3d: Convolution<ConvTransposeOptions> = composite(
  'convTranspose3d',
  {
    torch: 'F.conv_transpose3d',
    samples: [
      {
        inputs: [{ shape: [1, 2, 2, 3, 2] }, { shape: [2, 2, 2, 2, 3] }, { shape: [2] }],
        options: { stride: [1, 2, 3], padding: [0, 1, 0], outputPadding: [0, 1, 2] },
      },
    ],
  },
  (x: Tensor, weight: Tensor, bias?: BiasOr<ConvTransposeOptions>, options?: ConvTransposeOptions): Tensor =>
    convTranspose('convTranspose3d', 3, x, weight, bias, options),
)
