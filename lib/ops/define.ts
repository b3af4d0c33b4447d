/**
 * How an op is declared: what it computes, which tensors its gradient needs, one gradient formula for each input, and
 * samples from which tests are made. Declaring records it in the registry and returns the function that runs it.
 */
import { edgeOf, gradName, Node, type Edge } from '../autograd/node.js'
import { isGradEnabled } from '../autograd/mode.js'
import { devicesInUse, onDevice, type DeviceName } from '../device/gpu.js'
import { checkInterrupt } from '../device/interrupt.js'
import { dtypes as allDTypes, isFloating, type DType } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { registerOp, type Sample } from './registry.js'

export const floating: readonly DType[] = ['float32', 'float64']
export const numeric: readonly DType[] = ['float32', 'float64', 'int32', 'int64', 'uint8']
export const whole: readonly DType[] = ['int32', 'int64', 'uint8', 'bool']
export const everyDType = allDTypes

/** What a gradient formula may know besides the saved tensors. */
export interface GradContext<Params> {
  readonly params: Params
  /** Sizes of each input, by name. */
  readonly shapes: Readonly<Record<string, Shape>>
}

type Inputs = Readonly<Record<string, Tensor | null>>

/** Gradient formulas by input; an input without a formula gets no gradient. */
export type Gradients<In extends Inputs, Saved extends string, Params> = {
  readonly [K in keyof In]?: (
    dy: Tensor,
    saved: { readonly [S in Saved]: Tensor },
    context: GradContext<Params>,
  ) => Tensor
}

export interface OpDefinition<In extends Inputs, Saved extends string, Params> {
  /** PyTorch's qualified name. */
  readonly torch: string
  readonly dtypes?: readonly DType[]
  readonly forward: (inputs: In, params: Params) => Tensor
  /** Inputs by name, or 'y' for the result: kept until the backward pass, so name only what a formula reads. */
  readonly saves?: readonly Saved[]
  /** One formula for each differentiable input, or the reason why there is none. */
  readonly grad: Gradients<In, Saved, Params> | string
  readonly samples: readonly Sample[]
  /** The public function, when it takes its arguments otherwise than `run` does. */
  readonly call?: (...args: never[]) => unknown
}

export type RunOp<In extends Inputs, Params> = (inputs: In, params: Params) => Tensor

/** Declares an op with named inputs. */
export function defineOp<In extends Inputs, Saved extends string = never, Params = undefined>(
  name: string,
  definition: OpDefinition<In, Saved, Params>,
): RunOp<In, Params> {
  const { forward, grad, saves = [] } = definition
  const differentiable = typeof grad !== 'string'
  registerOp({
    name,
    torch: definition.torch,
    dtypes: definition.dtypes ?? floating,
    gradient: differentiable ? true : grad,
    samples: definition.samples,
    call: placed(definition.call ?? ((...args: never[]) => forward(args[0], args[1]))),
  })
  const run = (inputs: In, params: Params): Tensor => {
    checkInterrupt()
    if (!devicesInUse()) return forward(inputs, params)
    const device = deviceOf(inputs)
    return device === 'cpu' ? forward(inputs, params) : onDevice(device, () => forward(inputs, params))
  }
  if (!differentiable) return run

  const names = Object.keys(grad)
  if (names.includes('y')) throw new Error(`op '${name}': 'y' stands for the result, name the input otherwise`)
  const label = gradName(name)
  return (inputs, params) => {
    const y = run(inputs, params)
    if (!isGradEnabled() || !isFloating(y.dtype)) return y
    const edges = inputEdges(names.map((input) => inputs[input]))
    if (edges) attach(y, label, edges, names, inputs, grad, saves, params)
    return y
  }
}

/** Where the first input lies, and with it the result; the engine refuses inputs that lie apart. */
function deviceOf(inputs: Inputs): DeviceName {
  for (const name in inputs) {
    const input = inputs[name]
    if (input) return input.device
  }
  return 'cpu'
}

/** Edges to the inputs, or null when none of them wants a gradient. */
export function inputEdges(inputs: readonly (Tensor | null | undefined)[]): Edge[] | null {
  let wanted = false
  const edges = inputs.map((input) => {
    const edge = input ? edgeOf(input) : null
    wanted ||= edge !== null
    return edge
  })
  return wanted ? edges : null
}

function attach<In extends Inputs, Saved extends string, Params>(
  y: Tensor,
  label: string,
  edges: Edge[],
  names: readonly string[],
  inputs: In,
  grad: Gradients<In, Saved, Params>,
  saves: readonly Saved[],
  params: Params,
): void {
  const saved = {} as Record<Saved, Tensor>
  for (const key of saves) if (key !== 'y') saved[key] = inputs[key] as Tensor
  const shapes: Record<string, Shape> = {}
  for (const name of names) {
    const input = inputs[name]
    if (input) shapes[name] = input.shape
  }
  const context = { params, shapes }
  const kept = Object.values<Tensor>(saved).filter(Boolean)
  const keepsResult = (saves as readonly string[]).includes('y')
  const node = new Node(
    label,
    edges,
    1,
    ([dy]) => names.map((name, i) => (edges[i] && dy ? (grad[name]?.(dy, saved, context) ?? null) : null)),
    keepsResult ? [...kept, y] : kept,
  )
  node.reusable = saves.length === 0 && !holdsTensor(params)
  standAlone(y, Object.values<Tensor | null>(inputs))
  y.gradFn = node
  if (keepsResult) saved['y' as Saved] = y
}

/** Whether settings contain tensors, such as an index. */
function holdsTensor(params: unknown): boolean {
  if (params instanceof Tensor) return true
  return typeof params === 'object' && params !== null && Object.values(params).some(holdsTensor)
}

/** A result that is a view of something internal, not of an input, is a tensor of its own to the graph. */
export function standAlone(y: Tensor, inputs: readonly (Tensor | null | undefined)[]): void {
  const root = y.viewOf
  if (root !== null && !inputs.some((input) => input && (input === root || input.viewOf === root))) y.viewOf = null
}

/** Adds methods to a class whose type was extended by `declare module`: one place for the property flags. */
export function addMethods(prototype: object, methods: object): void {
  for (const key of Reflect.ownKeys(methods)) {
    const descriptor = Object.getOwnPropertyDescriptor(methods, key) as PropertyDescriptor
    Object.defineProperty(prototype, key, { ...descriptor, enumerable: false })
  }
}

/**
 * Declares a function made of other ops: its gradient comes from theirs, but it is tested and listed like any op.
 */
export function composite<F extends (...args: never[]) => unknown>(
  name: string,
  definition: {
    torch: string
    dtypes?: readonly DType[]
    gradient?: string
    samples: readonly Sample[]
    call?: (...args: never[]) => unknown
  },
  run: F,
): F {
  const whole = placed(run)
  registerOp({
    name,
    torch: definition.torch,
    dtypes: definition.dtypes ?? floating,
    gradient: definition.gradient ?? true,
    samples: definition.samples,
    call: definition.call ? placed(definition.call) : whole,
  })
  return whole
}

/** The function with what it makes on the device of the first tensor among its arguments. */
export function placed<F extends (...args: never[]) => unknown>(run: F): F {
  return ((...args: never[]) => {
    if (!devicesInUse()) return run(...args)
    const device = deviceAmong(args)
    return device === 'cpu' ? run(...args) : onDevice(device, () => run(...args))
  }) as F
}

/** The device of the first tensor among the arguments. */
function deviceAmong(args: readonly unknown[]): DeviceName {
  for (const arg of args) {
    const first: unknown = Array.isArray(arg) ? arg[0] : arg
    if (first instanceof Tensor) return first.device
  }
  return 'cpu'
}

/** Records an op with any number of inputs: `formula(dy, i)` is the gradient of input i. */
export function recordVariadic(
  name: string,
  y: Tensor,
  inputs: readonly Tensor[],
  formula: (dy: Tensor, i: number) => Tensor,
): Tensor {
  if (!isGradEnabled() || !isFloating(y.dtype)) return y
  const edges = inputEdges(inputs)
  if (edges) {
    standAlone(y, inputs)
    const node = new Node(gradName(name), edges, 1, ([dy]) =>
      edges.map((edge, i) => (edge && dy ? formula(dy, i) : null)),
    )
    node.reusable = true
    y.gradFn = node
  }
  return y
}
