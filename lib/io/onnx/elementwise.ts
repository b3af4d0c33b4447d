/** The elementwise kernels as ONNX operators: one operator each where there is one, else a few. */
import { addon } from '../../device/addon.js'
import type { Handle, Operand } from '../../device/addon.js'
import type { DType } from '../../tensor/dtype.js'
import { typeCode } from './model.js'
import { unsupported, type Recorder } from './recorder.js'

interface Call {
  /** Appends a node. */
  node: (op: string, ...inputs: string[]) => string
  /** Appends a node with attributes that are float32. */
  floats: (op: string, attributes: Record<string, number>, ...inputs: string[]) => string
  /** A constant of the inputs' dtype. */
  number: (value: number) => string
  /** A value in another dtype. */
  cast: (value: string, dtype: DType) => string
  p0: number
  p1: number
}

/** Kernels that are one operator. */
const operators: Readonly<Record<string, string>> = {
  neg: 'Neg',
  abs: 'Abs',
  sign: 'Sign',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  reciprocal: 'Reciprocal',
  sin: 'Sin',
  cos: 'Cos',
  tan: 'Tan',
  asin: 'Asin',
  acos: 'Acos',
  atan: 'Atan',
  sinh: 'Sinh',
  cosh: 'Cosh',
  tanh: 'Tanh',
  asinh: 'Asinh',
  acosh: 'Acosh',
  atanh: 'Atanh',
  sigmoid: 'Sigmoid',
  relu: 'Relu',
  erf: 'Erf',
  floor: 'Floor',
  ceil: 'Ceil',
  round: 'Round',
  selu: 'Selu',
  softsign: 'Softsign',
  mish: 'Mish',
  hardswish: 'HardSwish',
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  pow: 'Pow',
  maximum: 'Max',
  minimum: 'Min',
  prelu: 'PRelu',
  eq: 'Equal',
  lt: 'Less',
  le: 'LessOrEqual',
  gt: 'Greater',
  ge: 'GreaterOrEqual',
  isnan: 'IsNaN',
  isinf: 'IsInf',
}

/** Those that are several, or one with settings. */
const formulas: Readonly<Record<string, (call: Call, a: string, b: string) => string>> = {
  square: ({ node }, x) => node('Mul', x, x),
  rsqrt: ({ node }, x) => node('Reciprocal', node('Sqrt', x)),
  log1p: ({ node, number }, x) => node('Log', node('Add', x, number(1))),
  expm1: ({ node, number }, x) => node('Sub', node('Exp', x), number(1)),
  exp2: ({ node, number }, x) => node('Pow', number(2), x),
  log2: ({ node, number }, x) => node('Div', node('Log', x), number(Math.LN2)),
  log10: ({ node, number }, x) => node('Div', node('Log', x), number(Math.LN10)),
  trunc: ({ node }, x) => node('Mul', node('Sign', x), node('Floor', node('Abs', x))),
  erfc: ({ node, number }, x) => node('Sub', number(1), node('Erf', x)),
  addScaled: ({ node, number, p0 }, a, b) => node('Add', a, node('Mul', b, number(p0))),
  clamp: ({ node, number, p0, p1 }, x) => node('Clip', x, number(p0), number(p1)),
  hardtanh: ({ node, number, p0, p1 }, x) => node('Clip', x, number(p0), number(p1)),
  hardsigmoid: ({ floats }, x) => floats('HardSigmoid', { alpha: 1 / 6, beta: 0.5 }, x),
  leakyRelu: ({ floats, p0 }, x) => floats('LeakyRelu', { alpha: p0 }, x),
  elu: ({ floats, p0 }, x) => floats('Elu', { alpha: p0 }, x),
  celu: ({ floats, p0 }, x) => floats('Celu', { alpha: p0 }, x),
  softshrink: ({ floats, p0 }, x) => floats('Shrink', { lambd: p0, bias: p0 }, x),
  hardshrink: ({ floats, p0 }, x) => floats('Shrink', { lambd: p0, bias: 0 }, x),
  tanhshrink: ({ node }, x) => node('Sub', x, node('Tanh', x)),
  silu: ({ node }, x) => node('Mul', x, node('Sigmoid', x)),
  // x·Φ(x), with the distribution function of the normal distribution.
  gelu: ({ node, number }, x) =>
    node('Mul', node('Mul', x, number(0.5)), node('Add', node('Erf', node('Mul', x, number(Math.SQRT1_2))), number(1))),
  geluTanh: ({ node, number }, x) => {
    const cubic = node('Mul', node('Mul', x, x), x)
    const inner = node('Mul', node('Add', x, node('Mul', cubic, number(0.044715))), number(Math.sqrt(2 / Math.PI)))
    return node('Mul', node('Mul', x, number(0.5)), node('Add', node('Tanh', inner), number(1)))
  },
  // Above the threshold p1 it is the identity, to which the exact function is equal there in float32.
  softplus: ({ node, number, p0 }, x) => node('Div', node('Softplus', node('Mul', x, number(p0))), number(p0)),
  logsigmoid: ({ node }, x) => node('Neg', node('Softplus', node('Neg', x))),
  threshold: ({ node, number, p0, p1 }, x) => node('Where', node('Greater', x, number(p0)), x, number(p1)),
  ne: ({ node }, a, b) => node('Not', node('Equal', a, b)),
  logicalAnd: ({ node, cast }, a, b) => node('And', cast(a, 'bool'), cast(b, 'bool')),
  logicalOr: ({ node, cast }, a, b) => node('Or', cast(a, 'bool'), cast(b, 'bool')),
  logicalXor: ({ node, cast }, a, b) => node('Xor', cast(a, 'bool'), cast(b, 'bool')),
  logicalNot: ({ node, cast }, x) => node('Not', cast(x, 'bool')),
  isfinite: ({ node }, x) => node('Not', node('Or', node('IsNaN', x), node('IsInf', x))),
  remainder: ({ node }, a, b) => node('Sub', a, node('Mul', b, node('Floor', node('Div', a, b)))),
  floorDivide: ({ node }, a, b) => node('Floor', node('Div', a, b)),
  xlogx: ({ node, number }, x) => node('Where', node('Equal', x, number(0)), number(0), node('Mul', x, node('Log', x))),
  huber: ({ node, number, p0 }, x) => {
    const size = node('Abs', x)
    const linear = node('Mul', number(p0), node('Sub', size, number(0.5 * p0)))
    return node('Where', node('LessOrEqual', size, number(p0)), node('Mul', number(0.5), node('Mul', x, x)), linear)
  },
}

/** out = kernel(a, b), by the kernel's number. */
export function elementwise(
  recorder: Recorder,
  id: number,
  out: Handle,
  a: Handle,
  b?: Operand,
  _c?: Operand,
  p0 = 0,
  p1 = 0,
): void {
  const kernel = addon().elementwiseOps()[id]
  const { graph } = recorder
  const dtype = recorder.dtype(a)
  const inputs = [a, b].filter((operand) => operand !== undefined).map((operand) => recorder.operand(operand, dtype))
  const call: Call = {
    node: (op, ...names) => graph.node(op, names),
    floats: (op, settings, ...names) =>
      graph.node(op, names, Object.fromEntries(Object.entries(settings).map(([key, float]) => [key, { float }]))),
    number: (value) => graph.number(value, dtype),
    cast: (value, to) => (dtype === to ? value : graph.node('Cast', [value], { to: typeCode(to) })),
    p0,
    p1,
  }
  const formula = formulas[kernel]
  const operator = operators[kernel]
  if (!formula && !operator) unsupported(`the function '${kernel}' has no counterpart in ONNX that is written here`)
  recorder.write(out, formula ? formula(call, inputs[0], inputs[1]) : graph.node(operator, inputs))
}
