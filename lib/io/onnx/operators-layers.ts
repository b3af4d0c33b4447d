/** ONNX operators that are layers: convolution, pooling, normalisation. */
import * as F from '../../nn/functional.js'
import * as ops from '../../ops/index.js'
import type { Shape } from '../../tensor/shape.js'
import { Tensor } from '../../tensor/tensor.js'
import { FileFormatError } from '../files.js'
import type { Attributes } from './attributes.js'
import type { Operator } from './operators-basic.js'

interface Window {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/** A window's settings; `auto_pad` says in a word which padding keeps the sizes. */
function windowOf(attributes: Attributes, sizes: Shape, weight?: Tensor): Window {
  const kernel = attributes.ints('kernel_shape') ?? ((weight as Tensor).shape as Shape).slice(2)
  const ones = kernel.map(() => 1)
  const strides = attributes.ints('strides') ?? ones
  const dilations = attributes.ints('dilations') ?? ones
  const auto = attributes.text('auto_pad', 'NOTSET')
  if (auto === 'NOTSET' || auto === 'VALID') {
    const pads = (auto === 'NOTSET' && attributes.ints('pads')) || [...ones, ...ones].map(() => 0)
    return { kernel, strides, dilations, before: pads.slice(0, kernel.length), after: pads.slice(kernel.length) }
  }
  const totals = kernel.map((size, d) => {
    const windows = Math.ceil(sizes[d] / strides[d])
    return Math.max(0, (windows - 1) * strides[d] + dilations[d] * (size - 1) + 1 - sizes[d])
  })
  const [less, more] = [totals.map((total) => Math.floor(total / 2)), totals.map((total) => Math.ceil(total / 2))]
  const upper = auto === 'SAME_UPPER'
  return { kernel, strides, dilations, before: upper ? less : more, after: upper ? more : less }
}

const same = (a: readonly number[], b: readonly number[]): boolean => a.every((value, i) => value === b[i])

/** Our functions pad both sides alike: other borders are put around the input before. */
function bordered(x: Tensor, { before, after }: Window, value: number): { x: Tensor; padding: readonly number[] } {
  if (same(before, after)) return { x, padding: before }
  const pads = before
    .flatMap((pad, d) => [[pad, after[d]]])
    .reverse()
    .flat()
  return { x: F.pad(x, pads, { value }), padding: before.map(() => 0) }
}

const conv: Operator = ([input, weight, bias], attributes) => {
  const window = windowOf(attributes, (input.shape as Shape).slice(2), weight)
  const { x, padding } = bordered(input, window, 0)
  const settings = {
    stride: [...window.strides],
    padding: [...padding],
    dilation: [...window.dilations],
    groups: attributes.int('group', 1),
  }
  const run = [F.conv1d, F.conv2d, F.conv3d][weight.ndim - 3]
  return run(x, weight, bias ?? null, settings)
}

const convTranspose: Operator = ([x, weight, bias], attributes) => {
  const { strides, dilations, before, after } = windowOf(attributes, (x.shape as Shape).slice(2), weight)
  const run = [F.convTranspose1d, F.convTranspose2d, F.convTranspose3d][weight.ndim - 3]
  const settings = {
    stride: [...strides],
    padding: [...before],
    outputPadding: [...(attributes.ints('output_padding') ?? before.map(() => 0))],
    dilation: [...dilations],
    groups: attributes.int('group', 1),
  }
  if (attributes.has('output_shape')) throw new FileFormatError('ONNX: ConvTranspose with output_shape is not read')
  const y = run(x, weight, bias ?? null, settings)
  // What is cut off beyond the padding of both sides.
  return after.reduce((cut: Tensor, pad, d) => cut.narrow(d + 2, 0, cut.shape[d + 2] - (pad - before[d])), y)
}

const maxPool: Operator = ([input], attributes) => {
  const window = windowOf(attributes, (input.shape as Shape).slice(2))
  const { x, padding } = bordered(input, window, -Infinity)
  const run = [F.maxPool1d, F.maxPool2d, F.maxPool3d][input.ndim - 3]
  const settings = {
    stride: [...window.strides],
    padding: [...padding],
    dilation: [...window.dilations],
    ceilMode: attributes.int('ceil_mode', 0) === 1,
  }
  return run(x, [...window.kernel], settings)
}

const averagePool: Operator = ([input], attributes) => {
  const window = windowOf(attributes, (input.shape as Shape).slice(2))
  const counts = attributes.int('count_include_pad', 0) === 1
  if (window.dilations.some((step) => step !== 1))
    throw new FileFormatError('ONNX: AveragePool with dilations is not read')
  const { x, padding } = bordered(input, window, 0)
  const run = [F.avgPool1d, F.avgPool2d, F.avgPool3d][input.ndim - 3]
  const settings = {
    stride: [...window.strides],
    padding: [...padding],
    ceilMode: attributes.int('ceil_mode', 0) === 1,
    countIncludePad: counts,
  }
  const y = run(x, [...window.kernel], settings)
  if (counts || x === input) return y
  // The border was put there before, so it was counted: divide by the share of each window that lies inside.
  const inside = run(bordered(input.mul(0).add(1), window, 0).x, [...window.kernel], settings)
  return y.div(inside)
}

const overSpatial =
  (compute: (x: Tensor, dims: number[]) => Tensor): Operator =>
  ([x]) =>
    compute(
      x,
      Array.from({ length: x.ndim - 2 }, (_, i) => i + 2),
    )

export const layerOperators: Readonly<Record<string, Operator>> = {
  AveragePool: averagePool,
  BatchNormalization: ([x, weight, bias, mean, variance], attributes) =>
    F.batchNorm(x, mean, variance, { weight, bias, training: false, eps: attributes.float('epsilon', 1e-5) }),
  Conv: conv,
  ConvTranspose: convTranspose,
  GlobalAveragePool: overSpatial((x, dims) => x.mean(dims, { keepdim: true })),
  GlobalMaxPool: overSpatial((x, dims) => ops.amax(x, dims, { keepdim: true })),
  InstanceNormalization: ([x, weight, bias], attributes) =>
    F.instanceNorm(x, { weight, bias, eps: attributes.float('epsilon', 1e-5) }),
  LayerNormalization([x, weight, bias], attributes) {
    const axis = attributes.int('axis', -1)
    const sizes = (x.shape as Shape).slice(axis < 0 ? axis + x.ndim : axis)
    return F.layerNorm(x, [...sizes], { weight, bias, eps: attributes.float('epsilon', 1e-5) })
  },
  LRN: ([x], attributes) =>
    F.localResponseNorm(x, attributes.int('size', 1), {
      alpha: attributes.float('alpha', 1e-4),
      beta: attributes.float('beta', 0.75),
      k: attributes.float('bias', 1),
    }),
  MaxPool: maxPool,
}
