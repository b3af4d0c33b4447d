/**
 * The list of all ops. Declaring an op puts it here, and from here everything that must know all ops is made:
 * the native elementwise kernels (rendered at build time), the tests, `gradbook ops`.
 * Nothing in this file needs the native engine.
 */
import { cpuOnly } from './cpu-only.js'
import type { DType } from '../tensor/dtype.js'

/** One elementwise kernel: a C expression that is compiled for every device. */
export interface ElementwiseKernel {
  readonly name: string
  readonly inputs: 1 | 2 | 3
  /** Over x (one input), a and b (two), a, b and c (three) and the numbers p0, p1; all of the tensor's type. */
  readonly expression: string
  /** 'float' = float32, float64; 'number' = also int32, int64, uint8; 'all' = also bool; 'integer' = int32, int64, uint8. */
  readonly types: 'float' | 'number' | 'all' | 'integer'
  readonly result: 'same' | 'bool'
}

/** A tensor for tests: literal values, or sizes to fill with seeded values between low and high. */
export type SampleInput =
  | readonly number[]
  | readonly (readonly number[])[]
  | number
  | { shape: readonly number[]; low?: number; high?: number; dtype?: DType }

/** One call for tests: tensors first, then positional arguments, then the options object. */
export interface Sample {
  readonly inputs: readonly SampleInput[]
  readonly args?: readonly unknown[]
  readonly options?: Readonly<Record<string, unknown>>
  /** The gradient has a jump or a tie here, where finite differences mean nothing. */
  readonly skipGradcheck?: string
}

export interface OpEntry {
  readonly name: string
  /** PyTorch's qualified name: what the golden values are computed with. */
  readonly torch: string
  readonly dtypes: readonly DType[]
  /** true, or why there is no gradient. */
  readonly gradient: true | string
  readonly samples: readonly Sample[]
  /** The public function: call(...inputs, ...args, options). */
  readonly call: (...args: never[]) => unknown
}

const ops = new Map<string, OpEntry>()
const kernels = new Map<string, ElementwiseKernel>()

export function registerOp(entry: OpEntry): void {
  if (ops.has(entry.name)) throw new Error(`op '${entry.name}' is declared twice`)
  ops.set(entry.name, entry)
}

export function registerKernel(kernel: ElementwiseKernel): void {
  if (kernels.has(kernel.name)) throw new Error(`elementwise kernel '${kernel.name}' is declared twice`)
  kernels.set(kernel.name, kernel)
}

/** Every op, in order of declaration. */
export function registry(): readonly OpEntry[] {
  return [...ops.values()]
}

/** Every elementwise kernel, in order of declaration. */
export function elementwiseKernels(): readonly ElementwiseKernel[] {
  return [...kernels.values()]
}

/** The PyTorch function that a sample's expression calls: the first that does more than make a tensor. */
function torchName(expression: string): string {
  const names = expression.match(/\b(torch|F)(\.\w+)+/g) ?? []
  const name = names.find((called) => !/^torch\.(tensor|float\d+|int\d+|bool|uint8)$/.test(called))
  return name?.replace(/^F\./, 'torch.nn.functional.') ?? ''
}

/** Rows for `gradbook ops`; devices: 'cpu gpu', or why the CPU alone. Every gradient formula is made of differentiable ops, so derivatives exist in any order. */
export function describeOps(): { name: string; torch: string; devices: string; dtypes: string; gradient: string }[] {
  return registry().map((op) => ({
    name: op.name,
    torch: torchName(op.torch),
    devices: cpuOnly.has(op.name) ? `cpu (${cpuOnly.get(op.name)})` : 'cpu gpu',
    dtypes: op.dtypes.join(' '),
    gradient: op.gradient === true ? 'any order' : op.gradient,
  }))
}
