/** ONNX operators that are layers: convolution, pooling, normalisation, recurrent networks. */
import { RNN, GRU, LSTM } from '../../nn/recurrent.js'
import * as F from '../../nn/functional.js'
import * as ops from '../../ops/index.js'
import { noGrad } from '../../autograd/index.js'
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
  return run(x, [...window.kernel], settings) as Tensor
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

/** Blocks of rows in another order: the inverse of what export does. */
const blocks = (weight: Tensor, order: readonly number[]): Tensor => {
  const rows = weight.shape[0] / order.length
  return ops.cat(order.map((gate) => weight.narrow(0, gate * rows, rows)))
}

interface Kind {
  make: (
    input: number,
    hidden: number,
    options: { bias: boolean; bidirectional: boolean },
    attributes: Attributes,
  ) => RNN | GRU | LSTM
  /** Where each of PyTorch's gates stands in ONNX's order. */
  gates: readonly number[]
}

const kinds: Readonly<Record<string, Kind>> = {
  LSTM: { make: (input, hidden, options) => new LSTM(input, hidden, options), gates: [0, 2, 3, 1] },
  GRU: { make: (input, hidden, options) => new GRU(input, hidden, options), gates: [1, 0, 2] },
  RNN: {
    make(input, hidden, options, attributes) {
      const [activation = 'Tanh'] = attributes.strings('activations')
      return new RNN(input, hidden, { ...options, nonlinearity: activation === 'Relu' ? 'relu' : 'tanh' })
    },
    gates: [0],
  },
}

/** A whole layer; its weights are copied into one of ours, so they are constants here. */
const recurrent =
  (op: string): Operator =>
  ([x, w, r, b, lengths, h0, c0], attributes) => {
    const { make, gates } = kinds[op]
    const direction = attributes.text('direction', 'forward')
    const refuse = (what: string): never => {
      throw new FileFormatError(`ONNX: ${op} with ${what} is not read`)
    }
    if (lengths) refuse('sequence_lens')
    if (direction === 'reverse') refuse('direction reverse')
    if (attributes.int('layout', 0) !== 0) refuse('layout 1')
    if (op === 'GRU' && attributes.int('linear_before_reset', 0) === 0) refuse('linear_before_reset 0')
    if (attributes.has('clip')) refuse('clip')
    const bidirectional = direction === 'bidirectional'
    const hidden: number = r.shape[2]
    return noGrad(() => {
      const layer = make(w.shape[2], hidden, { bias: b !== undefined, bidirectional }, attributes)
      ;['L0', 'L0Reverse'].slice(0, bidirectional ? 2 : 1).forEach((suffix, d) => {
        const set = (name: string, value: Tensor): void =>
          void (Reflect.get(layer, name + suffix) as Tensor).copy_(blocks(value, gates))
        set('weightIh', w.select(0, d))
        set('weightHh', r.select(0, d))
        if (!b) return
        const [ih, hh] = b.select(0, d).chunk(2)
        set('biasIh', ih)
        set('biasHh', hh)
      })
      const [steps, batch] = x.shape as number[]
      const [y, last] =
        layer instanceof LSTM ? layer.forward(x, h0 && c0 ? [h0, c0] : null) : layer.forward(x, h0 ?? null)
      const apart = y.view(steps, batch, bidirectional ? 2 : 1, hidden).transpose(1, 2)
      return [apart, ...(Array.isArray(last) ? last : [last])]
    })
  }

export const layerOperators: Readonly<Record<string, Operator>> = {
  AveragePool: averagePool,
  BatchNormalization: ([x, weight, bias, mean, variance], attributes) =>
    F.batchNorm(x, mean, variance, { weight, bias, training: false, eps: attributes.float('epsilon', 1e-5) }),
  Conv: conv,
  ConvTranspose: convTranspose,
  GlobalAveragePool: overSpatial((x, dims) => x.mean(dims, { keepdim: true })),
  GlobalMaxPool: overSpatial((x, dims) => ops.amax(x, dims, { keepdim: true })),
  GRU: recurrent('GRU'),
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
  LSTM: recurrent('LSTM'),
  MaxPool: maxPool,
  RNN: recurrent('RNN'),
}
