/** What each call of the native engine is in ONNX (operator set 18). Calls that are not here have no counterpart. */
import type { Handle, Operand, ReduceOp } from '../../device/addon.js'
import { numel, sameShape } from '../../tensor/shape.js'
import { recurrentStep } from './cells.js'
import { elementwise } from './elementwise.js'
import { alongDim, resample, windowMeans } from './linear-maps.js'
import { typeCode, type Attribute } from './model.js'
import { unsupported, type Recorder, type Translator } from './recorder.js'

type Attributes = Readonly<Record<string, Attribute>>

/** Numbers in groups of n: kernel, stride, padding … of each spatial dimension. */
const groupsOf = (numbers: readonly number[], n: number): number[][] =>
  Array.from({ length: Math.floor(numbers.length / n) }, (_, i) => numbers.slice(i * n, (i + 1) * n))

/** How a value is seen as [N, C, …spatial], and the result back in its own sizes. */
function planes(r: Recorder, out: Handle, a: Handle, spatial: number, compute: (x: string) => string): void {
  const shape = r.shape(a)
  const x = r.read(a)
  if (shape.length === spatial + 2) return r.write(out, compute(x))
  const y = compute(r.graph.node('Reshape', [x, r.graph.ints([1, ...shape])]))
  r.write(out, r.graph.node('Reshape', [y, r.graph.ints(r.shape(out))]))
}

function pool(r: Recorder, op: string, out: Handle, a: Handle, window: readonly number[], more: Attributes): void {
  const n = window.length / 4
  const [kernel, strides, pads, dilations = kernel.map(() => 1)] = groupsOf(window, n)
  const sizes = r.shape(a).slice(-n)
  const floor = sizes.map(
    (size, d) => Math.floor((size + 2 * pads[d] - dilations[d] * (kernel[d] - 1) - 1) / strides[d]) + 1,
  )
  const attributes: Attributes = {
    kernel_shape: kernel,
    strides,
    pads: [...pads, ...pads],
    ...(op === 'MaxPool' ? { dilations } : {}),
    ...(sameShape(floor, r.shape(out).slice(-n)) ? {} : { ceil_mode: 1 }),
    ...more,
  }
  planes(r, out, a, n, (x) => r.graph.node(op, [x], attributes))
}

/** Pooling to given sizes, where all windows are equal. */
function adaptive(r: Recorder, op: 'Average' | 'Max', out: Handle, a: Handle, spatial: number): void {
  const [from, to] = [r.shape(a).slice(-spatial), r.shape(out).slice(-spatial)]
  if (to.every((size) => size === 1)) return planes(r, out, a, spatial, (x) => r.graph.node(`Global${op}Pool`, [x]))
  if (from.some((size, d) => size % to[d] !== 0)) {
    if (op === 'Max')
      unsupported(
        `adaptive pooling of ${from.join(' × ')} to ${to.join(' × ')} has windows of different sizes, which ONNX cannot say`,
      )
    const dims = r.shape(a).length
    const y = from.reduce(
      (x, size, d) => alongDim(r, x, dims, dims - spatial + d, windowMeans(size, to[d]), r.dtype(a)),
      r.read(a),
    )
    return r.write(out, y)
  }
  const kernel = from.map((size, d) => size / to[d])
  planes(r, out, a, spatial, (x) => r.graph.node(`${op}Pool`, [x], { kernel_shape: kernel, strides: kernel }))
}

/** A · B, by Gemm where B is a matrix that lies turned in memory, as weights do. */
function gemm(
  r: Recorder,
  out: Handle,
  a: Handle,
  b: Handle,
  bias: Handle | null,
  accumulate: boolean,
  relu: boolean,
): void {
  const { graph } = r
  const view = r.view(b)
  const whole = r.whole(b)
  const isTurned =
    r.shape(a).length === 2 &&
    view.offset === 0 &&
    view.shape.length === 2 &&
    sameShape(view.strides, [1, view.shape[0]]) &&
    sameShape(whole.shape, [view.shape[1], view.shape[0]])
  let y: string
  if (isTurned) {
    y = graph.node('Gemm', [r.read(a), whole.name, ...(bias ? [r.read(bias)] : [])], { transB: 1 })
  } else {
    y = graph.node('MatMul', [r.read(a), r.read(b)])
    if (bias) y = graph.node('Add', [y, r.read(bias)])
  }
  if (accumulate) y = graph.node('Add', [r.read(out), y])
  r.write(out, relu ? graph.node('Relu', [y]) : y)
}

function convolution(
  r: Recorder,
  y: Handle,
  x: Handle,
  w: Handle,
  bias: Handle | null,
  settings: readonly number[],
): void {
  const n = r.shape(w).length - 2
  const [strides, before, dilations] = groupsOf(settings, n)
  const kernel = r.shape(w).slice(2)
  const [from, to] = [r.shape(x).slice(2), r.shape(y).slice(2)]
  // The result's sizes say how many zeros follow; fewer than none are elements that no window reaches.
  const after = to.map((size, d) =>
    Math.max(0, (size - 1) * strides[d] + dilations[d] * (kernel[d] - 1) + 1 - from[d] - before[d]),
  )
  const inputs = [r.read(x), r.read(w), ...(bias ? [r.read(bias)] : [])]
  const attributes = { kernel_shape: kernel, strides, pads: [...before, ...after], dilations, group: settings[3 * n] }
  r.write(y, r.graph.node('Conv', inputs, attributes))
}

function transposedConvolution(
  r: Recorder,
  dx: Handle,
  dy: Handle,
  w: Handle,
  bias: Handle | null,
  settings: readonly number[],
): void {
  const n = r.shape(w).length - 2
  const [strides, before, dilations] = groupsOf(settings, n)
  const kernel = r.shape(w).slice(2)
  const [from, to] = [r.shape(dy).slice(2), r.shape(dx).slice(2)]
  const missing = to.map(
    (size, d) => size - ((from[d] - 1) * strides[d] + dilations[d] * (kernel[d] - 1) + 1 - 2 * before[d]),
  )
  const inputs = [r.read(dy), r.read(w), ...(bias ? [r.read(bias)] : [])]
  const attributes = {
    kernel_shape: kernel,
    strides,
    pads: [...before, ...before.map((pad, d) => pad + Math.max(0, -missing[d]))],
    output_padding: missing.map((rows) => Math.max(0, rows)),
    dilations,
    group: settings[3 * n],
  }
  r.write(dx, r.graph.node('ConvTranspose', inputs, attributes))
}

const reductions: Readonly<Partial<Record<ReduceOp, string>>> = {
  sum: 'ReduceSum',
  mean: 'ReduceMean',
  prod: 'ReduceProd',
  max: 'ReduceMax',
  min: 'ReduceMin',
  norm: 'ReduceL2',
}

function reduce(r: Recorder, op: ReduceOp, out: Handle, a: Handle, dims: readonly number[]): void {
  const { graph } = r
  const wanted = r.dtype(out)
  const cast = (x: string, to: typeof wanted): string => graph.node('Cast', [x], { to: typeCode(to) })
  let x = r.read(a)
  // Whether any or all are true is the maximum or minimum of 0s and 1s; sums of integers are int64.
  const logical = op === 'any' || op === 'all'
  if (logical) x = cast(r.dtype(a) === 'bool' ? x : cast(x, 'bool'), 'int32')
  else if (r.dtype(a) !== wanted) x = cast(x, wanted)
  const operator = op === 'any' ? 'ReduceMax' : op === 'all' ? 'ReduceMin' : (reductions[op] as string)
  const y =
    dims.length === 0 && op !== 'norm' ? x : graph.node(operator, [x, graph.ints(dims, 'axes')], { keepdims: 1 })
  r.write(out, logical ? cast(y, 'bool') : y)
}

function batchNorm(
  r: Recorder,
  out: Handle,
  _statistics: Handle,
  a: Handle,
  weight: Handle | null,
  bias: Handle | null,
  mean: Handle | null,
  variance: Handle | null,
  { training, eps }: { training: boolean; eps: number },
): void {
  if (training || !mean || !variance) {
    // By statistics of the batch, without running ones: what InstanceNorm does, seen as one long batch.
    return unsupported('batch normalisation by the statistics of the batch (trackRunningStats: false) is not written')
  }
  const { graph } = r
  const channels = r.shape(mean)
  const constant = (value: number): string =>
    graph.node('Expand', [graph.number(value, r.dtype(a), [1]), graph.ints(channels)])
  const inputs = [
    r.read(a),
    weight ? r.read(weight) : constant(1),
    bias ? r.read(bias) : constant(0),
    r.read(mean),
    r.read(variance),
  ]
  r.write(out, graph.node('BatchNormalization', inputs, { epsilon: { float: eps } }))
}

function groupNorm(
  r: Recorder,
  out: Handle,
  _statistics: Handle,
  a: Handle,
  weight: Handle | null,
  bias: Handle | null,
  groups: number,
  eps: number,
): void {
  const { graph } = r
  const shape = r.shape(a)
  const ofGroups = (value: number): string =>
    graph.node('Expand', [graph.number(value, r.dtype(a), [1]), graph.ints([groups])])
  // 0 keeps the batch's size, whatever it is.
  const apart = graph.node('Reshape', [r.read(a), graph.ints([0, groups, -1])])
  const even = graph.node('InstanceNormalization', [apart, ofGroups(1), ofGroups(0)], { epsilon: { float: eps } })
  let y = graph.node('Reshape', [even, graph.ints(shape)])
  const perChannel = (x: Handle): string =>
    graph.node('Reshape', [r.read(x), graph.ints([-1, ...shape.slice(2).map(() => 1)])])
  if (weight) y = graph.node('Mul', [y, perChannel(weight)])
  if (bias) y = graph.node('Add', [y, perChannel(bias)])
  r.write(out, y)
}

function layerNorm(
  r: Recorder,
  out: Handle,
  _statistics: Handle,
  a: Handle,
  weight: Handle | null,
  bias: Handle | null,
  features: number,
  root: boolean,
  eps: number,
): void {
  const { graph } = r
  const shape = r.shape(a)
  let axis = shape.length
  while (axis > 0 && numel(shape.slice(axis)) < features) axis--
  const normalized = shape.slice(axis)
  const scale = (): string =>
    weight ? r.read(weight) : graph.node('Expand', [graph.number(1, r.dtype(a), [1]), graph.ints(normalized)])
  if (!root) {
    const inputs = [r.read(a), scale(), ...(bias ? [r.read(bias)] : [])]
    return r.write(out, graph.node('LayerNormalization', inputs, { axis, epsilon: { float: eps } }))
  }
  const x = r.read(a)
  const axes = graph.ints(
    normalized.map((_, i) => axis + i),
    'axes',
  )
  const mean = graph.node('ReduceMean', [graph.node('Mul', [x, x]), axes], { keepdims: 1 })
  const size = graph.node('Sqrt', [graph.node('Add', [mean, graph.number(eps, r.dtype(a))])])
  const y = graph.node('Div', [x, size])
  r.write(out, weight ? graph.node('Mul', [y, scale()]) : y)
}

/** A copy, converted and repeated where the target is larger. */
function copy(r: Recorder, out: Handle, a: Handle): void {
  const [from, to] = [r.dtype(a), r.dtype(out)]
  const expands = !sameShape(r.shape(a), r.shape(out))
  let y = r.read(a)
  if (from !== to) y = r.graph.node('Cast', [y], { to: typeCode(to) })
  r.write(out, expands ? r.graph.node('Expand', [y, r.graph.ints(r.shape(out))]) : y)
}

/** Extremes along a dimension, which stays with size 1, and their positions. */
function reduceWithIndex(
  r: Recorder,
  op: 'max' | 'min',
  values: Handle | null,
  indices: Handle | null,
  a: Handle,
  dim: number,
): void {
  const { graph } = r
  const x = r.read(a)
  const name = op === 'max' ? 'Max' : 'Min'
  if (values) r.write(values, graph.node(`Reduce${name}`, [x, graph.ints([dim], 'axes')], { keepdims: 1 }))
  if (indices) r.write(indices, graph.node(`Arg${name}`, [x], { axis: dim, keepdims: 1 }))
}

function topk(
  r: Recorder,
  values: Handle | null,
  indices: Handle | null,
  a: Handle,
  dim: number,
  k: number,
  largest: boolean,
): void {
  const [v, i] = r.graph.several(
    'TopK',
    [r.read(a), r.graph.ints([k], 'k')],
    { axis: dim, largest: Number(largest) },
    2,
  )
  if (values) r.write(values, v)
  if (indices) r.write(indices, i)
}

export const translators: Readonly<Record<string, Translator>> = {
  elementwise,
  copy,
  gemm,
  convForward: convolution,
  convBackwardInput: transposedConvolution,
  reduce,
  reduceWithIndex,
  recurrentForward: recurrentStep,
  resample,
  batchNorm,
  groupNorm,
  layerNorm,
  topk,
  where(r: Recorder, out: Handle, condition: Handle, a: Operand, b: Operand) {
    const dtype = r.dtype(out)
    r.write(
      out,
      r.graph.node('Where', [r.read(condition, { broadcast: true }), r.operand(a, dtype), r.operand(b, dtype)]),
    )
  },
  softmax(r: Recorder, out: Handle, a: Handle, dim: number, log: boolean) {
    r.write(out, r.graph.node(log ? 'LogSoftmax' : 'Softmax', [r.read(a)], { axis: dim }))
  },
  indexSelect(r: Recorder, out: Handle, a: Handle, dim: number, index: Handle) {
    r.write(out, r.graph.node('Gather', [r.read(a), r.read(index)], { axis: dim }))
  },
  gather(r: Recorder, out: Handle, a: Handle, dim: number, index: Handle) {
    r.write(out, r.graph.node('GatherElements', [r.read(a), r.read(index)], { axis: dim }))
  },
  scan(r: Recorder, op: 'sum' | 'prod' | 'logsumexp', out: Handle, a: Handle, dim: number) {
    if (op !== 'sum') unsupported(`a running ${op} has no counterpart in ONNX`)
    r.write(out, r.graph.node('CumSum', [r.read(a), r.graph.number(dim, 'int64')]))
  },
  maxPool: (r: Recorder, out: Handle, _codes: Handle | null, a: Handle, window: readonly number[]) =>
    pool(r, 'MaxPool', out, a, window, {}),
  avgPool(r: Recorder, out: Handle, a: Handle, window: readonly number[], countIncludePad: boolean, divisor: number) {
    if (divisor !== 0) unsupported('average pooling with divisorOverride has no counterpart in ONNX')
    pool(r, 'AveragePool', out, a, window, { count_include_pad: Number(countIncludePad) })
  },
  adaptiveAvgPool: (r: Recorder, out: Handle, a: Handle, spatial: number) => adaptive(r, 'Average', out, a, spatial),
  adaptiveMaxPool: (r: Recorder, out: Handle, _indices: Handle, a: Handle, spatial: number) =>
    adaptive(r, 'Max', out, a, spatial),
}
