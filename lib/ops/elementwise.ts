/**
 * Declaring elementwise ops: one C expression, rendered for every device at build time, and the gradient beside it.
 * This is the path that short operations take thousands of times a second, so it makes no object it does not need.
 */
import { inspect } from 'node:util'
import { edgeOf, gradName, Node } from '../autograd/node.js'
import { isGradEnabled } from '../autograd/mode.js'
import { addon, type Operand } from '../device/addon.js'
import type { DeviceName } from '../device/gpu.js'
import { checkInterrupt } from '../device/interrupt.js'
import { dtypeInfo, isFloating, resultType, resultTypeWithNumber, type DType } from '../tensor/dtype.js'
import { broadcastShapes, sameShape, ShapeError, show, type Shape } from '../tensor/shape.js'
import type { AnyShape } from '../tensor/shape-types.js'
import { assertTensor, emptyLikeTensor, emptyTensor, filledTensor, Tensor } from '../tensor/tensor.js'
import { everyDType, floating, numeric, placed, whole } from './define.js'
import { changeInPlace, separateOperand } from './in-place.js'
import { registerKernel, registerOp, type ElementwiseKernel, type Sample } from './registry.js'

let ids: Map<string, number> | undefined

/** The number under which the native engine knows a kernel. */
function kernelId(name: string): number {
  ids ??= new Map(
    addon()
      .elementwiseOps()
      .map((op, i) => [op, i]),
  )
  const id = ids.get(name)
  if (id === undefined)
    throw new Error(`gradbook: the native engine has no kernel '${name}'; rebuild it with: npm run build`)
  return id
}

/** Calls a kernel without the numbers that it does not have: to read an argument costs more than to add two numbers. */
function runKernel(id: number, out: Tensor, a: Tensor, b?: Operand, p0?: number, p1?: number): void {
  if (p0 !== undefined) addon().elementwise(id, out.handle, a.handle, b, undefined, p0, p1)
  else if (b !== undefined) addon().elementwise(id, out.handle, a.handle, b)
  else addon().elementwise(id, out.handle, a.handle)
}

const dtypesOf = { float: floating, number: numeric, all: everyDType, integer: whole } as const

interface Common {
  /** PyTorch's qualified name. */
  torch: string
  /** C expression over x, or over a and b; p0 and p1 are numbers. */
  expression: string
  /** Default 'float': integers are converted to float32 first. */
  types?: ElementwiseKernel['types']
  /** Default 'same'; 'bool' for predicates. */
  result?: ElementwiseKernel['result']
  /** Bools are an error, as in PyTorch, instead of being computed as 0 and 1. */
  refusesBool?: boolean | 'either'
  samples: readonly Sample[]
  call?: (...args: never[]) => unknown
}

type Numbers = readonly [p0?: number, p1?: number]

interface UnaryDefinition<Saved extends 'x' | 'y'> extends Common {
  saves?: readonly Saved[]
  /** Gradient formula, or why there is none. */
  grad: ((dy: Tensor, saved: Record<Saved, Tensor>, numbers: Numbers) => Tensor) | string
}

/** An elementwise function of one tensor; `run` also takes the numbers p0 and p1 of its expression. */
export interface Unary {
  <S extends Shape = AnyShape>(x: Tensor<S>): Tensor<S>
  run(x: Tensor, p0?: number, p1?: number): Tensor
  inPlace<T extends Tensor>(x: T, p0?: number, p1?: number): T
}

/** The dtype in which a kernel runs for an input of `dtype`. */
function computeType(
  name: string,
  { types = 'float', refusesBool }: Pick<Common, 'types' | 'refusesBool'>,
  dtype: DType,
): DType {
  if (dtype === 'bool' && refusesBool) throw boolsRefused(name)
  if (types === 'float' && !isFloating(dtype)) return 'float32'
  if (types === 'integer' && isFloating(dtype))
    throw new TypeError(`${name}: needs integers or bools, got ${dtype}; convert with .long() first`)
  if (types !== 'all' && dtype === 'bool') return 'uint8'
  return dtype
}

/** Whether a bool input, computed as uint8, gives a bool result. */
function staysBool(types: ElementwiseKernel['types'], dtype: DType): boolean {
  return dtype === 'bool' && (types === 'number' || types === 'integer')
}

/** Declares y = f(x). */
export function unary<Saved extends 'x' | 'y' = never>(name: string, definition: UnaryDefinition<Saved>): Unary {
  const { expression, types = 'float', result = 'same', grad, saves = [] } = definition
  registerKernel({ name, inputs: 1, expression, types, result })
  const label = gradName(name)
  let id = -1

  const formula = typeof grad === 'string' ? null : grad
  const savesX = (saves as readonly string[]).includes('x')
  const savesY = (saves as readonly string[]).includes('y')

  const run = (input: Tensor, p0?: number, p1?: number): Tensor => {
    checkInterrupt()
    if (id < 0) id = kernelId(name)
    assertTensor(name, 'the input', input)
    const x = input.to(computeType(name, definition, input.dtype))
    const y = emptyLikeTensor(x, result === 'bool' ? 'bool' : x.dtype)
    runKernel(id, y, x, undefined, p0, p1)
    if (formula !== null && x.requiresGrad && isGradEnabled()) {
      const saved = {} as Record<Saved, Tensor>
      if (savesX) saved['x' as Saved] = x
      const kept = savesX ? (savesY ? [x, y] : [x]) : savesY ? [y] : []
      const node = new Node(label, [edgeOf(x)], 1, ([dy]) => [dy && formula(dy, saved, [p0, p1])], kept)
      node.reusable = saves.length === 0
      y.gradFn = node
      if (savesY) saved['y' as Saved] = y
    }
    return result === 'same' && staysBool(types, input.dtype) ? y.to('bool') : y
  }

  const inPlace = <T extends Tensor>(x: T, p0?: number, p1?: number): T => {
    if (id < 0) id = kernelId(name)
    if (computeType(name, definition, x.dtype) !== x.dtype)
      throw new TypeError(
        `${name}_: the result is ${computeType(name, definition, x.dtype)} and cannot be stored in a ${x.dtype} tensor; use ${name}()`,
      )
    const compute = (): void => addon().elementwise(id, x.handle, x.handle, undefined, undefined, p0, p1)
    if (formula === null || !isGradEnabled() || !x.requiresGrad) return changeInPlace(`${name}_`, x, {}, compute, {})
    const old = savesX ? x.clone() : x
    return changeInPlace(
      `${name}_`,
      x,
      {},
      compute,
      { self: (dy) => formula(dy, { x: old, y: x } as Record<Saved, Tensor>, [p0, p1]) },
      [],
      savesY,
    )
  }

  registerOp({
    name,
    torch: definition.torch,
    dtypes: dtypesOf[types],
    gradient: formula ? true : (grad as string),
    samples: definition.samples,
    call: placed(definition.call ?? run),
  })
  return Object.assign((x: Tensor) => run(x), { run, inPlace })
}

interface BinaryDefinition<Saved extends 'a' | 'b' | 'y'> extends Common {
  saves?: readonly Saved[]
  /** What each formula reads, where that is less than all of `saves`: the rest is free to change, or to go. */
  reads?: { readonly a: readonly Saved[]; readonly b: readonly Saved[] }
  /** Gradients of a and b at the broadcast shape (they are summed back to the inputs' sizes), or why there is none. */
  grad:
    | {
        a: (dy: Tensor, saved: Record<Saved, Tensor | number>, numbers: Numbers) => Tensor
        b: (dy: Tensor, saved: Record<Saved, Tensor | number>, numbers: Numbers) => Tensor
      }
    | string
}

/** An elementwise function of two operands that broadcast; either may be a number. */
export interface Binary {
  (a: Tensor | number, b: Tensor | number): Tensor
  run(a: Tensor | number, b: Tensor | number, p0?: number, p1?: number): Tensor
  inPlace<T extends Tensor>(x: T, other: Tensor | number, p0?: number, p1?: number): T
}

/** Declares y = f(a, b), broadcasting; either side may be a number. */
export function binary<Saved extends 'a' | 'b' | 'y' = never>(
  name: string,
  definition: BinaryDefinition<Saved>,
): Binary {
  const { expression, types = 'number', result = 'same', grad, saves = [], reads, refusesBool } = definition
  const rules = { types, refusesBool }
  registerKernel({ name, inputs: 2, expression, types, result })
  const label = gradName(name)
  const formulas = typeof grad === 'string' ? null : grad
  const savedNames = saves as readonly string[]
  let id = -1

  /** The dtype of the result before a predicate turns it into bool. */
  const commonType = (a: Tensor | number, b: Tensor | number): DType => {
    if (typeof a === 'number') return resultTypeWithNumber((b as Tensor).dtype, a)
    if (typeof b === 'number') return resultTypeWithNumber(a.dtype, b)
    return resultType(a.dtype, a.ndim, b.dtype, b.ndim)
  }

  const record = (y: Tensor, a: Tensor | number, b: Tensor | number, numbers: Numbers): void => {
    if (formulas === null) return
    const ea = typeof a === 'number' ? null : edgeOf(a)
    const eb = typeof b === 'number' ? null : edgeOf(b)
    if (ea === null && eb === null) return
    const saved = {} as Record<Saved, Tensor | number>
    const kept: Tensor[] = []
    const keep = (key: string, value: Tensor | number): void => {
      saved[key as Saved] = value
      if (typeof value !== 'number') kept.push(value)
    }
    const read = (key: 'a' | 'b'): boolean =>
      savedNames.includes(key) &&
      (!reads || (ea !== null && reads.a.some((k) => k === key)) || (eb !== null && reads.b.some((k) => k === key)))
    if (read('a')) keep('a', a)
    if (read('b')) keep('b', b)
    // Not the operands themselves: what a formula sees stays as long as the graph.
    const [sizesA, sizesB] = [a, b].map((operand) => (typeof operand === 'number' ? [] : operand.shape))
    const node = new Node(
      label,
      [ea, eb],
      1,
      ([dy]) =>
        dy === null
          ? [null, null]
          : [ea && formulas.a(dy, saved, numbers).sumTo(sizesA), eb && formulas.b(dy, saved, numbers).sumTo(sizesB)],
      savedNames.includes('y') ? [...kept, y] : kept,
    )
    node.reusable = savedNames.length === 0
    y.gradFn = node
    if (savedNames.includes('y')) saved['y' as Saved] = y
  }

  const run = (left: Tensor | number, right: Tensor | number, p0?: number, p1?: number): Tensor => {
    checkInterrupt()
    if (id < 0) id = kernelId(name)
    assertOperand(name, left, refusesBool)
    assertOperand(name, right, refusesBool)
    if (typeof left === 'number' && typeof right === 'number')
      throw new TypeError(`${name}: one of the two operands must be a tensor`)
    const common = commonType(left, right)
    const dtype = computeType(name, rules, common)
    const device = typeof left === 'number' ? (right as Tensor).device : left.device
    const a = typeof left === 'number' ? filledTensor(dtype, [], left, device) : left.to(dtype)
    const b = typeof right === 'number' ? right : beside(right.to(dtype), device)
    const out = result === 'bool' ? 'bool' : dtype
    const y =
      typeof b === 'number' || sameShape(a.shape, b.shape)
        ? emptyLikeTensor(a, out)
        : emptyTensor(out, broadcastShapes(name, a.shape, b.shape), device)
    runKernel(id, y, a, typeof b === 'number' ? b : b.handle, p0, p1)
    if (isGradEnabled() && isFloating(out)) record(y, typeof left === 'number' ? left : a, b, [p0, p1])
    return result === 'same' && staysBool(types, common) ? y.to('bool') : y
  }

  const inPlace = <T extends Tensor>(x: T, other: Tensor | number, p0?: number, p1?: number): T => {
    if (id < 0) id = kernelId(name)
    assertOperand(name, other, refusesBool)
    const dtype = computeType(name, rules, commonType(x, other))
    // Two dtypes of one kind: computed in the wider one, stored in this one.
    // So are bools, which are computed as uint8.
    const bools = x.dtype === 'bool' && staysBool(types, commonType(x, other))
    if (bools || (dtype !== x.dtype && result !== 'bool' && dtypeInfo[dtype].category === dtypeInfo[x.dtype].category))
      return x.copy_(run(x, other, p0, p1))
    if (dtype !== x.dtype || result === 'bool')
      throw new TypeError(
        `${name}_: the result is ${result === 'bool' ? 'bool' : dtype} and cannot be stored in a ${x.dtype} tensor; use ${name}()`,
      )
    const b = typeof other === 'number' ? other : separateOperand(x, beside(other.to(dtype), x.device))
    if (typeof b !== 'number' && !sameShape(broadcastShapes(`${name}_`, x.shape, b.shape), x.shape))
      throw new ShapeError(
        `${name}_: ${show(b.shape)} does not broadcast to ${show(x.shape)}, the shape of the tensor to change`,
      )
    const compute = (): void =>
      addon().elementwise(id, x.handle, x.handle, typeof b === 'number' ? b : b.handle, undefined, p0, p1)
    const others: Record<string, Tensor> = typeof b === 'number' ? {} : { other: b }
    if (formulas === null || !isGradEnabled() || !(x.requiresGrad || (typeof b !== 'number' && b.requiresGrad)))
      return changeInPlace(`${name}_`, x, others, compute, {})
    const old = savedNames.includes('a') ? x.clone() : x
    const saved = { a: old, b, y: x } as Record<Saved, Tensor | number>
    return changeInPlace(
      `${name}_`,
      x,
      others,
      compute,
      {
        self: (dy) => formulas.a(dy, saved, [p0, p1]),
        ...(typeof b === 'number' ? {} : { other: (dy: Tensor) => formulas.b(dy, saved, [p0, p1]).sumTo(b.shape) }),
      },
      typeof b !== 'number' && savedNames.includes('b') ? [b] : [],
      savedNames.includes('y'),
    )
  }

  registerOp({
    name,
    torch: definition.torch,
    dtypes: dtypesOf[types],
    gradient: formulas ? true : (grad as string),
    samples: definition.samples,
    call: placed(definition.call ?? run),
  })
  return Object.assign((a: Tensor | number, b: Tensor | number) => run(a, b), { run, inPlace })
}

/** A single number from main memory may meet a tensor on any device, as in PyTorch. */
function beside(b: Tensor, device: DeviceName): Tensor {
  return b.device !== device && b.ndim === 0 && b.device === 'cpu' ? b.to(device) : b
}

function assertOperand(name: string, operand: unknown, refusesBool?: boolean | 'either'): void {
  if (typeof operand !== 'number' && !(operand instanceof Tensor))
    throw new TypeError(`${name}: an operand must be a tensor or a number, got ${inspect(operand, { depth: 0 })}`)
  if (refusesBool === 'either' && operand instanceof Tensor && operand.dtype === 'bool') throw boolsRefused(name)
}

function boolsRefused(name: string): TypeError {
  return new TypeError(`${name}: not defined for bools; use logicalNot(), logicalXor() … or convert with .int() first`)
}
