/** What a convolution is asked to do, checked: settings for every spatial dimension, and errors that name the values. */
import { ShapeError, show, type Shape } from '../tensor/shape.js'
import { assertTensor, type Tensor } from '../tensor/tensor.js'
import { isFloating } from '../tensor/dtype.js'
import { readOptions } from '../tensor/options.js'

/** One number for all spatial dimensions, or one for each. */
export type PerDimension = number | Shape

/** Options of F.conv1d, F.conv2d and F.conv3d. */
export interface ConvOptions {
  /** Distance between neighbouring positions of the kernel. Default 1. */
  stride?: PerDimension
  /** Zeros on both sides; 'same' keeps the size (stride 1 only), 'valid' is 0. Default 0. */
  padding?: PerDimension | 'same' | 'valid'
  /** Distance between the elements of the kernel. Default 1. */
  dilation?: PerDimension
  /** Groups of channels that are convolved apart from one another. Default 1. */
  groups?: number
}

/** Options of F.convTranspose1d, F.convTranspose2d and F.convTranspose3d. */
export interface ConvTransposeOptions {
  /** Stride of the convolution that this one reverses. Default 1. */
  stride?: PerDimension
  /** Padding of the convolution that this one reverses: it cuts off that much on both sides. Default 0. */
  padding?: PerDimension
  /** Further positions at the end of each dimension, smaller than stride or dilation. Default 0. */
  outputPadding?: PerDimension
  /** Groups of channels that are convolved apart from one another. Default 1. */
  groups?: number
  /** Distance between the elements of the kernel. Default 1. */
  dilation?: PerDimension
}

/** An integer of at least `least` for each of `dims` dimensions. */
export function perDimension(name: string, option: string, value: PerDimension, dims: number, least: number): number[] {
  const list = typeof value === 'number' ? [value] : Array.isArray(value) ? [...(value as Shape)] : []
  if (list.length !== 1 && list.length !== dims)
    throw new TypeError(
      `${name}: ${option} must be a number or ${dims === 1 ? 'a list of one' : `a list of ${dims}`}, got ${JSON.stringify(value)}`,
    )
  for (const entry of list)
    if (!Number.isInteger(entry) || entry < least || entry > 2 ** 24)
      throw new RangeError(
        `${name}: ${option} must be ${least > 0 ? 'a positive integer' : 'an integer that is not negative'}, got ${JSON.stringify(value)}`,
      )
  return list.length === dims ? list : new Array<number>(dims).fill(list[0])
}

export interface Checked {
  readonly stride: readonly number[]
  /** Zeros before the first position. */
  readonly before: readonly number[]
  readonly dilation: readonly number[]
  readonly groups: number
  /** Spatial sizes of the result. */
  readonly sizes: readonly number[]
}

/** Tensors of one floating dtype, with dims + 2 dimensions (the images may come without a batch). */
function checkTensors(
  name: string,
  dims: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  layout: string,
): void {
  assertTensor(name, 'the input', x)
  assertTensor(name, 'the weight', weight)
  if (bias !== null) assertTensor(name, 'the bias', bias)
  if (weight.ndim !== dims + 2)
    throw new ShapeError(
      `${name}: the weight must have ${dims + 2} dimensions ${layout}, got ${weight.ndim}: ${show(weight.shape)}`,
    )
  if (x.ndim !== dims + 1 && x.ndim !== dims + 2)
    throw new ShapeError(
      `${name}: the input must have ${dims + 2} dimensions (batch, channels, then ${dims} spatial), or ${dims + 1} without the batch, got ${x.ndim}: ${show(x.shape)}`,
    )
  if (x.dtype !== weight.dtype || (bias !== null && bias.dtype !== weight.dtype))
    throw new TypeError(
      `${name}: the input is ${x.dtype}, the weight ${weight.dtype}${bias ? `, the bias ${bias.dtype}` : ''}; convert the input with .to('${weight.dtype}')`,
    )
  if (!isFloating(x.dtype))
    throw new TypeError(`${name}: needs float32 or float64, got ${x.dtype}; convert with .to('float32')`)
  if (weight.shape.some((size: number, d: number) => size === 0 && d !== 1))
    throw new ShapeError(`${name}: the weight ${show(weight.shape)} has a dimension of size 0`)
}

function checkGroups(name: string, groups: number, channels: number, what: string, weight: Tensor): void {
  if (!Number.isInteger(groups) || groups < 1)
    throw new RangeError(`${name}: groups must be a positive integer, got ${String(groups)}`)
  if (channels % groups !== 0)
    throw new ShapeError(
      `${name}: the weight's ${channels} ${what} channels do not divide into ${groups} groups (weight ${show(weight.shape)})`,
    )
}

function checkBias(name: string, bias: Tensor | null, channels: number, weight: Tensor): void {
  if (bias !== null && (bias.ndim !== 1 || bias.shape[0] !== channels))
    throw new ShapeError(
      `${name}: the bias must have shape [${channels}], one entry for each output channel, got ${show(bias.shape)} (weight ${show(weight.shape)})`,
    )
}

/** Zeros on both sides of each dimension, from the `padding` option. */
export function paddingOf(
  name: string,
  padding: PerDimension | 'same' | 'valid',
  kernel: Shape,
  stride: Shape,
  dilation: Shape,
): { before: number[]; after: number[] } {
  if (typeof padding !== 'string') {
    const both = perDimension(name, 'padding', padding, kernel.length, 0)
    return { before: both, after: both }
  }
  if (padding === 'valid') return { before: kernel.map(() => 0), after: kernel.map(() => 0) }
  if (padding !== 'same')
    throw new RangeError(`${name}: padding must be numbers, 'same' or 'valid', got '${String(padding)}'`)
  if (stride.some((step) => step !== 1))
    throw new RangeError(`${name}: padding 'same' needs stride 1, got ${show(stride)}`)
  const total = kernel.map((size, d) => dilation[d] * (size - 1))
  const before = total.map((size) => Math.floor(size / 2))
  return { before, after: total.map((size, d) => size - before[d]) }
}

/** Checks the arguments of a convolution. */
export function checkConv(
  name: string,
  dims: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options?: ConvOptions,
): Checked {
  const {
    stride: steps,
    padding,
    dilation: gaps,
    groups,
  } = readOptions(name, options, { stride: 1, padding: 0, dilation: 1, groups: 1 })
  checkTensors(name, dims, x, weight, bias, '[out, in / groups, …kernel]')
  const stride = perDimension(name, 'stride', steps, dims, 1)
  const dilation = perDimension(name, 'dilation', gaps, dims, 1)
  const kernel: number[] = weight.shape.slice(2)
  const { before, after } = paddingOf(name, padding, kernel, stride, dilation)
  checkGroups(name, groups, weight.shape[0], 'output', weight)
  const channels: number = x.shape[x.ndim - dims - 1]
  if (channels !== weight.shape[1] * groups)
    throw new ShapeError(
      `${name}: the input has ${channels} channels, the weight expects ${weight.shape[1] * groups}${groups > 1 ? ` (${weight.shape[1]} in each of ${groups} groups)` : ''} (input ${show(x.shape)}, weight ${show(weight.shape)})`,
    )
  checkBias(name, bias, weight.shape[0], weight)
  const input: number[] = x.shape.slice(-dims)
  const padded = input.map((size, d) => size + before[d] + after[d])
  const reach = kernel.map((size, d) => dilation[d] * (size - 1) + 1)
  if (padded.some((size, d) => size < reach[d]))
    throw new ShapeError(
      `${name}: a kernel of size ${show(reach)}${dilation.some((gap) => gap > 1) ? ' (with dilation)' : ''} is larger than the padded input ${show(padded)} (input ${show(x.shape)}, weight ${show(weight.shape)})`,
    )
  return {
    stride,
    before,
    dilation,
    groups,
    sizes: padded.map((size, d) => Math.floor((size - reach[d]) / stride[d]) + 1),
  }
}

/** Checks the arguments of a transposed convolution. */
export function checkConvTranspose(
  name: string,
  dims: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options?: ConvTransposeOptions,
): Checked {
  const {
    stride: steps,
    padding,
    outputPadding,
    groups,
    dilation: gaps,
  } = readOptions(name, options, { stride: 1, padding: 0, outputPadding: 0, groups: 1, dilation: 1 })
  checkTensors(name, dims, x, weight, bias, '[in, out / groups, …kernel]')
  const stride = perDimension(name, 'stride', steps, dims, 1)
  const dilation = perDimension(name, 'dilation', gaps, dims, 1)
  const before = perDimension(name, 'padding', padding, dims, 0)
  const further = perDimension(name, 'outputPadding', outputPadding, dims, 0)
  if (further.some((size, d) => size >= stride[d] && size >= dilation[d]))
    throw new RangeError(
      `${name}: outputPadding ${show(further)} must be smaller than stride ${show(stride)} or dilation ${show(dilation)}`,
    )
  checkGroups(name, groups, weight.shape[0], 'input', weight)
  const channels: number = x.shape[x.ndim - dims - 1]
  if (channels !== weight.shape[0])
    throw new ShapeError(
      `${name}: the input has ${channels} channels, the weight expects ${weight.shape[0]} (input ${show(x.shape)}, weight ${show(weight.shape)})`,
    )
  checkBias(name, bias, weight.shape[1] * groups, weight)
  const input: number[] = x.shape.slice(-dims)
  const sizes = input.map(
    (size, d) => (size - 1) * stride[d] - 2 * before[d] + dilation[d] * (weight.shape[d + 2] - 1) + further[d] + 1,
  )
  if (sizes.some((size) => size < 1))
    throw new ShapeError(
      `${name}: the result would have sizes ${show(sizes)} (input ${show(x.shape)}, weight ${show(weight.shape)}, padding ${show(before)})`,
    )
  return { stride, before, dilation, groups, sizes }
}
