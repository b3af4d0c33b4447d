/** ONNX operators on elements, sizes and positions, as computations of ours. */
import * as F from '../../nn/functional.js'
import * as ops from '../../ops/index.js'
import type { Shape } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { dtypeOf } from '../elements.js'
import { numbersOf, type Attributes } from './attributes.js'
import { tensorOf } from './constants.js'
import { typeOfCode } from './model.js'

/** Inputs in order, undefined where left out. */
export type Operator = (
  inputs: readonly Tensor[],
  attributes: Attributes,
  outputs: number,
) => Tensor | readonly Tensor[]

const unary =
  (compute: (x: Tensor) => Tensor): Operator =>
  ([x]) =>
    compute(x)

const binary =
  (compute: (a: Tensor, b: Tensor) => Tensor): Operator =>
  ([a, b]) =>
    compute(a, b)

/** Any number of inputs, two at a time. */
const fold =
  (compute: (a: Tensor, b: Tensor) => Tensor): Operator =>
  (inputs) =>
    inputs.reduce(compute)

type Reduction = (x: Tensor, dims: number[]) => Tensor

/** Axes come as an input or an attribute; without them everything is reduced. */
const reduction =
  (compute: Reduction): Operator =>
  ([x, given], attributes) => {
    const axes = attributes.list('axes', given)
    if ((axes === undefined || axes.length === 0) && attributes.int('noop_with_empty_axes', 0)) return x
    const dims = axes?.length
      ? axes.map((axis) => (axis < 0 ? axis + x.ndim : axis))
      : x.shape.map((_: number, d: number) => d)
    const y = compute(x, dims as number[])
    return attributes.int('keepdims', 1) ? y : y.reshape(x.shape.filter((_: number, d: number) => !dims.includes(d)))
  }

const extreme =
  (name: 'argmax' | 'argmin'): Operator =>
  ([x], attributes) =>
    ops[name](x, attributes.int('axis', 0), { keepdim: attributes.int('keepdims', 1) === 1 })

const normalized =
  (compute: (x: Tensor, dim: number) => Tensor): Operator =>
  ([x], attributes) => {
    const axis = attributes.int('axis', attributes.opset >= 13 ? -1 : 1)
    if (attributes.opset >= 13 || axis === x.ndim - 1 || axis === -1) return compute(x, axis)
    // Before version 13 all dimensions from the axis on were one.
    const from = axis < 0 ? axis + x.ndim : axis
    return compute(x.flatten(from), from).reshape(x.shape)
  }

/** Sizes with 0 for those of x and -1 for what is left. */
function reshape([x, sizes]: readonly Tensor[], attributes: Attributes): Tensor {
  const keeps = attributes.int('allowzero', 0) === 0
  return x.reshape(numbersOf(sizes).map((size, d) => (size === 0 && keeps ? x.shape[d] : size)))
}

function squeeze([x, given]: readonly Tensor[], attributes: Attributes): Tensor {
  const axes = attributes.list('axes', given)?.map((axis) => (axis < 0 ? axis + x.ndim : axis))
  return x.reshape(x.shape.filter((size: number, d: number) => (axes ? !axes.includes(d) : size !== 1)))
}

function unsqueeze([x, given]: readonly Tensor[], attributes: Attributes): Tensor {
  const axes = attributes.list('axes', given) ?? []
  const dims = x.ndim + axes.length
  const added = axes.map((axis) => (axis < 0 ? axis + dims : axis))
  const rest: number[] = [...x.shape]
  return x.reshape(Array.from({ length: dims }, (_, d) => (added.includes(d) ? 1 : (rest.shift() as number))))
}

/** Starts, ends, axes and steps; positions beyond the ends are cut to them. */
function slice([x, ...given]: readonly Tensor[], attributes: Attributes): Tensor {
  const starts = attributes.list('starts', given[0]) ?? []
  const ends = attributes.list('ends', given[1]) ?? []
  const axes = attributes.list('axes', given[2]) ?? starts.map((_, i) => i)
  const steps = given[3] ? numbersOf(given[3]) : starts.map(() => 1)
  return axes.reduce((y: Tensor, axis, i) => {
    const dim = axis < 0 ? axis + y.ndim : axis
    const size: number = y.shape[dim]
    const step = steps[i]
    const clip = (at: number, least: number, most: number): number =>
      Math.min(Math.max(at < 0 ? at + size : at, least), most)
    if (step > 0) {
      const [from, to] = [clip(starts[i], 0, size), clip(ends[i], 0, size)]
      return step === 1
        ? y.narrow(dim, from, Math.max(0, to - from))
        : ops.slice(y, dim, from, Math.max(from, to), step)
    }
    const [from, to] = [clip(starts[i], 0, size - 1), ends[i] < -size ? -1 : clip(ends[i], -1, size - 1)]
    const positions: number[] = []
    for (let at = from; at > to; at += step) positions.push(at)
    return ops.indexSelect(y, dim, ops.tensor(positions, { dtype: 'int64' }))
  }, x)
}

/** Elements of x along an axis at positions of any shape; negative ones count from the end. */
function gather([x, index]: readonly Tensor[], attributes: Attributes): Tensor {
  const axis = attributes.int('axis', 0)
  const dim = axis < 0 ? axis + x.ndim : axis
  const wrapped = wrapIndex(index, x.shape[dim])
  const picked = ops.indexSelect(x, dim, wrapped.reshape([-1]))
  return picked.reshape([...x.shape.slice(0, dim), ...index.shape, ...x.shape.slice(dim + 1)])
}

const wrapIndex = (index: Tensor, size: number): Tensor => ops.where(index.lt(0), index.add(size), index).long()

function split([x, given]: readonly Tensor[], attributes: Attributes, outputs: number): readonly Tensor[] {
  const axis = attributes.int('axis', 0)
  const size: number = x.size(axis)
  const even = Math.ceil(size / outputs)
  const sizes =
    attributes.list('split', given) ?? Array.from({ length: outputs }, (_, i) => Math.min(even, size - i * even))
  return x.split(sizes, axis)
}

/** Sizes broadcast both ways. */
function expand([x, sizes]: readonly Tensor[]): Tensor {
  const wanted = numbersOf(sizes)
  const dims = Math.max(wanted.length, x.ndim)
  const own = [...Array.from({ length: dims - x.ndim }, () => 1), ...(x.shape as Shape)]
  const asked = [...Array.from({ length: dims - wanted.length }, () => 1), ...wanted]
  return x.expand(own.map((size, d) => (asked[d] === 1 ? size : asked[d])))
}

function pad([x, given, value, axes]: readonly Tensor[], attributes: Attributes): Tensor {
  const pads = attributes.list('pads', given) ?? []
  const dims = axes
    ? numbersOf(axes).map((axis) => (axis < 0 ? axis + x.ndim : axis))
    : x.shape.map((_: number, d: number) => d)
  const pairs = x.shape.map((_: number, d: number) => {
    const i = dims.indexOf(d)
    return i < 0 ? [0, 0] : [pads[i], pads[i + dims.length]]
  }) as number[][]
  const modes = { constant: 'constant', reflect: 'reflect', edge: 'replicate', wrap: 'circular' } as const
  const mode = modes[attributes.text('mode', 'constant') as keyof typeof modes]
  const from = pairs.findIndex(([before, after]) => before !== 0 || after !== 0)
  if (from < 0) return x
  return F.pad(x, pairs.slice(from).reverse().flat(), {
    mode,
    ...(mode === 'constant' ? { value: value ? value.item() : attributes.float('value', 0) } : {}),
  })
}

function clip([x, least, most]: readonly Tensor[], attributes: Attributes): Tensor {
  const min = least?.item() ?? (attributes.has('min') ? attributes.float('min', 0) : undefined)
  const max = most?.item() ?? (attributes.has('max') ? attributes.float('max', 0) : undefined)
  return min === undefined && max === undefined ? x : x.clamp({ min, max })
}

function gemm([a, b, c]: readonly Tensor[], attributes: Attributes): Tensor {
  const left = attributes.int('transA', 0) ? a.t() : a
  const [alpha, beta] = [attributes.float('alpha', 1), attributes.float('beta', 1)]
  // What a linear layer is.
  if (attributes.int('transB', 0) && alpha === 1 && (!c || (beta === 1 && c.ndim === 1)))
    return F.linear(left, b, c ?? null)
  const product = left.matmul(attributes.int('transB', 0) ? b.t() : b)
  const scaled = alpha === 1 ? product : product.mul(alpha)
  return c ? scaled.add(beta === 1 ? c : c.mul(beta)) : scaled
}

const divide = (a: Tensor, b: Tensor): Tensor => {
  const isWhole = a.dtype !== 'float32' && a.dtype !== 'float64'
  return isWhole ? ops.div(a, b, { roundingMode: 'trunc' }) : a.div(b)
}

const clampTo = (x: Tensor, min: number, max: number): Tensor => x.clamp({ min, max })

export const basicOperators: Readonly<Record<string, Operator>> = {
  Abs: unary(ops.abs),
  Acos: unary((x) => x.acos()),
  Acosh: unary((x) => x.acosh()),
  Add: binary((a, b) => a.add(b)),
  And: binary((a, b) => a.logicalAnd(b)),
  ArgMax: extreme('argmax'),
  ArgMin: extreme('argmin'),
  Asin: unary((x) => x.asin()),
  Asinh: unary((x) => x.asinh()),
  Atan: unary((x) => x.atan()),
  Atanh: unary((x) => x.atanh()),
  Cast: ([x], attributes) => x.to(dtypeOf(typeOfCode(attributes.int('to', 1), 'ONNX'))),
  Ceil: unary(ops.ceil),
  Celu: ([x], attributes) => F.celu(x, attributes.float('alpha', 1)),
  Clip: clip,
  Concat: (inputs, attributes) => ops.cat([...inputs], attributes.int('axis', 0)),
  Constant: (_, attributes) => constant(attributes),
  ConstantOfShape([sizes], attributes) {
    const value = attributes.tensor('value')
    return value ? tensorOf(value).reshape([1]).expand(numbersOf(sizes)).contiguous() : ops.zeros(numbersOf(sizes))
  },
  Cos: unary(ops.cos),
  Cosh: unary((x) => x.cosh()),
  CumSum: ([x, axis]) => x.cumsum(axis.item()),
  Div: binary(divide),
  Dropout: ([x]) => x,
  Elu: ([x], attributes) => F.elu(x, attributes.float('alpha', 1)),
  Equal: binary((a, b) => a.eq(b)),
  Erf: unary(ops.erf),
  Exp: unary(ops.exp),
  Expand: expand,
  Flatten([x], attributes) {
    const axis = attributes.int('axis', 1)
    const at = axis < 0 ? axis + x.ndim : axis
    return x.reshape([x.shape.slice(0, at).reduce((a: number, b: number) => a * b, 1), -1])
  },
  Floor: unary(ops.floor),
  Gather: gather,
  GatherElements: ([x, index], attributes) => {
    const axis = attributes.int('axis', 0)
    return ops.gather(x, axis, wrapIndex(index, x.size(axis)))
  },
  Gelu: ([x], attributes) => F.gelu(x, { approximate: attributes.text('approximate', 'none') as 'none' | 'tanh' }),
  Gemm: gemm,
  Greater: binary((a, b) => a.gt(b)),
  GreaterOrEqual: binary((a, b) => a.ge(b)),
  HardSigmoid: ([x], attributes) =>
    clampTo(x.mul(attributes.float('alpha', 0.2)).add(attributes.float('beta', 0.5)), 0, 1),
  HardSwish: unary((x) => F.hardswish(x)),
  Identity: unary((x) => x),
  IsInf: unary((x) => x.isinf()),
  IsNaN: unary((x) => x.isnan()),
  LeakyRelu: ([x], attributes) => F.leakyRelu(x, attributes.float('alpha', 0.01)),
  Less: binary((a, b) => a.lt(b)),
  LessOrEqual: binary((a, b) => a.le(b)),
  Log: unary(ops.log),
  LogSoftmax: normalized((x, dim) => F.logSoftmax(x, dim)),
  MatMul: binary((a, b) => a.matmul(b)),
  Max: fold(ops.maximum),
  Min: fold(ops.minimum),
  Mish: unary((x) => F.mish(x)),
  Mul: binary((a, b) => a.mul(b)),
  Neg: unary(ops.neg),
  Not: unary((x) => x.logicalNot()),
  Or: binary((a, b) => a.logicalOr(b)),
  Pad: pad,
  Pow: binary((a, b) => a.pow(b.to(a.dtype))),
  PRelu: binary((x, slope) => ops.where(x.gt(0), x, x.mul(slope))),
  Reciprocal: unary(ops.reciprocal),
  ReduceL1: reduction((x, dims) => x.abs().sum(dims, { keepdim: true })),
  ReduceL2: reduction((x, dims) => x.square().sum(dims, { keepdim: true }).sqrt()),
  ReduceLogSumExp: reduction((x, dims) => ops.logsumexp(x, dims, { keepdim: true })),
  ReduceMax: reduction((x, dims) => ops.amax(x, dims, { keepdim: true })),
  ReduceMean: reduction((x, dims) => x.mean(dims, { keepdim: true })),
  ReduceMin: reduction((x, dims) => ops.amin(x, dims, { keepdim: true })),
  ReduceProd: reduction((x, dims) => dims.reduce((y: Tensor, dim) => y.prod(dim, { keepdim: true }), x)),
  ReduceSum: reduction((x, dims) => x.sum(dims, { keepdim: true })),
  ReduceSumSquare: reduction((x, dims) => x.square().sum(dims, { keepdim: true })),
  Relu: unary(ops.relu),
  Reshape: reshape,
  Round: unary((x) => x.round()),
  Selu: unary((x) => F.selu(x)),
  Shape([x], attributes) {
    const sizes = (x.shape as Shape).slice(
      attributes.int('start', 0),
      attributes.has('end') ? attributes.int('end', 0) : undefined,
    )
    return ops.tensor([...sizes], { dtype: 'int64' })
  },
  Shrink([x], attributes) {
    const [lambd, bias] = [attributes.float('lambd', 0.5), attributes.float('bias', 0)]
    const above = ops.where(x.gt(lambd), x.sub(bias), x.mul(0))
    return ops.where(x.lt(-lambd), x.add(bias), above)
  },
  Sigmoid: unary(ops.sigmoid),
  Sign: unary(ops.sign),
  Sin: unary(ops.sin),
  Sinh: unary((x) => x.sinh()),
  Slice: slice,
  Softmax: normalized((x, dim) => F.softmax(x, dim)),
  Softplus: unary((x) => F.softplus(x)),
  Softsign: unary((x) => F.softsign(x)),
  Split: split,
  Sqrt: unary(ops.sqrt),
  Squeeze: squeeze,
  Sub: binary((a, b) => a.sub(b)),
  Sum: fold((a, b) => a.add(b)),
  Tan: unary((x) => x.tan()),
  Tanh: unary(ops.tanh),
  ThresholdedRelu: ([x], attributes) => F.threshold(x, attributes.float('alpha', 1), 0),
  Tile: ([x, repeats]) => x.repeat(numbersOf(repeats)),
  TopK([x, k], attributes) {
    const options = { dim: attributes.int('axis', -1), largest: attributes.int('largest', 1) === 1 }
    const { values, indices } = ops.topk(x, k.item(), options)
    return [values, indices]
  },
  Transpose: ([x], attributes) =>
    x.permute([...(attributes.ints('perm') ?? x.shape.map((_: number, d: number) => x.ndim - 1 - d))]),
  Unsqueeze: unsqueeze,
  Where: ([condition, a, b]) => ops.where(condition, a, b),
  Xor: binary((a, b) => a.logicalXor(b)),
}

/** A constant is a tensor, or numbers that make one. */
function constant(attributes: Attributes): Tensor {
  const value = attributes.tensor('value')
  if (value) return tensorOf(value)
  if (attributes.has('value_int')) return ops.tensor(attributes.int('value_int', 0), { dtype: 'int64' })
  if (attributes.has('value_float')) return ops.tensor(attributes.float('value_float', 0))
  return ops.tensor([...(attributes.ints('value_ints') ?? [])], { dtype: 'int64' })
}
