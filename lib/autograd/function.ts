/** Operations with a gradient of the user's own making (torch.autograd.Function). */
import { Tensor, viewTensor } from '../tensor/tensor.js'
import { sameShape, show } from '../tensor/shape.js'
import { isFloating } from '../tensor/dtype.js'
import { isGradEnabled, withGrad } from './mode.js'
import { edgeOf, Node } from './node.js'

/** What `forward` and `backward` of one call share; any further property may be set on it. */
export class FunctionContext {
  /** For each argument of forward, whether its gradient is wanted. */
  readonly needsInputGrad: readonly boolean[]
  /** @internal */
  saved: readonly (Tensor | null)[] = []
  /** @internal */
  readonly dirty = new Set<Tensor>()
  /** @internal */
  readonly constant = new Set<Tensor>();
  /** Whatever forward wants to hand to backward besides tensors. */
  [extra: string]: unknown

  constructor(needsInputGrad: readonly boolean[]) {
    this.needsInputGrad = needsInputGrad
  }

  /** Keeps inputs or results for backward, which fails if one is changed in place meanwhile. */
  saveForBackward(...tensors: (Tensor | null)[]): void {
    this.saved = tensors
  }

  /** What saveForBackward kept. */
  get savedTensors(): readonly Tensor[] {
    return this.saved as readonly Tensor[]
  }

  /** Says which inputs forward changed in place; it must return them. */
  markDirty(...tensors: Tensor[]): void {
    for (const tensor of tensors) this.dirty.add(tensor)
  }

  /** Says which results have no gradient. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    for (const tensor of tensors) this.constant.add(tensor)
  }
}

type Result = Tensor | readonly Tensor[]

/** The two methods that a subclass of Function defines. */
interface FunctionClass<Args extends readonly unknown[], R extends Result> {
  readonly name: string
  readonly onceDifferentiable: boolean
  forward(ctx: FunctionContext, ...args: Args): R
  backward(ctx: FunctionContext, ...grads: Tensor[]): Tensor | null | readonly (Tensor | null)[]
}

/**
 * An operation with a gradient of its own: a subclass has `static forward(ctx, …)`, which runs without recording, and
 * `static backward(ctx, …)`, which takes the gradients of the results and returns one for each argument of forward (null
 * where there is none). Call it by `apply`. Written with differentiable operations, backward can be differentiated again;
 * with `static override onceDifferentiable = true` that is refused.
 *
 * @example
 * class Cube extends autograd.Function {
 *   static forward(ctx: autograd.FunctionContext, x: Tensor) {
 *     ctx.saveForBackward(x)
 *     return x.pow(3)
 *   }
 *   static backward(ctx: autograd.FunctionContext, dy: Tensor) {
 *     const [x] = ctx.savedTensors
 *     return dy.mul(x.square().mul(3))
 *   }
 * }
 * const y = Cube.apply(tensor([2], { requiresGrad: true }))
 */
export abstract class Function {
  /** Whether backward itself cannot be differentiated. Default false. */
  static readonly onceDifferentiable: boolean = false

  /** Runs forward and records backward. */
  static apply<Args extends readonly unknown[], R extends Result>(this: FunctionClass<Args, R>, ...args: Args): R {
    const inputs = args.map((arg: unknown) => (arg instanceof Tensor ? arg : null))
    const recording = isGradEnabled() && inputs.some((input) => input?.requiresGrad)
    const context = new FunctionContext(inputs.map((input) => recording && input !== null && input.requiresGrad))
    const edges = inputs.map((input) => input && edgeOf(input))
    const result = withGrad(false, () => this.forward(context, ...args))
    const outputs = (result instanceof Tensor ? [result] : [...result]).map((output) =>
      ownOutput(this.name, output, inputs, context),
    )
    for (const changed of context.dirty) {
      if (recording && changed.isLeaf && changed.requiresGrad)
        throw new Error(
          `${this.name}: a leaf that requires gradients was marked dirty; leaves cannot be changed in place`,
        )
      changed.version.count++
    }
    if (recording) {
      const node = new Node(`${this.name}Backward`, edges, outputs.length, (grads) =>
        runBackward(this, context, inputs, outputs, grads),
      )
      for (const tensor of context.saved) if (tensor) node.keep(tensor)
      outputs.forEach((output, i) => {
        if (!isFloating(output.dtype) || context.constant.has(output)) return
        if (context.dirty.has(output)) output.version.recorded++
        output.gradFn = node
        output.outputIndex = i
      })
    }
    return (result instanceof Tensor ? outputs[0] : outputs) as R
  }
}

/** An input that is returned unchanged becomes a tensor of its own, and no result counts as a view. */
function ownOutput(name: string, output: Tensor, inputs: readonly (Tensor | null)[], context: FunctionContext): Tensor {
  if (!(output instanceof Tensor)) throw new TypeError(`${name}.forward must return a tensor or an array of tensors`)
  if (context.dirty.has(output)) {
    if (output.viewOf !== null)
      throw new Error(
        `${name}: a view was marked dirty; return a new tensor instead, or change a tensor that is no view`,
      )
    return output
  }
  const own = inputs.includes(output) ? viewTensor(output, output.shape, output.strides, output.offset) : output
  own.viewOf = null
  return own
}

function runBackward(
  cls: FunctionClass<readonly unknown[], Result>,
  context: FunctionContext,
  inputs: readonly (Tensor | null)[],
  outputs: readonly Tensor[],
  grads: readonly (Tensor | null)[],
): (Tensor | null)[] {
  const full = grads.map((grad, i) => grad ?? outputs[i].detach().mul(0))
  const run = (): (Tensor | null)[] => {
    const returned = cls.backward(context, ...full)
    return returned === null || returned instanceof Tensor ? [returned] : [...returned]
  }
  const again = isGradEnabled()
  const found = cls.onceDifferentiable ? withGrad(false, run) : run()
  if (found.length < inputs.length || found.slice(inputs.length).some((grad) => grad !== null))
    throw new Error(
      `${cls.name}.backward returned ${found.length} gradients for the ${inputs.length} arguments of forward; return one for each, null where there is none`,
    )
  return inputs.map((input, i) => {
    const grad = found[i]
    if (!input || !grad) return null
    if (!sameShape(grad.shape, input.shape))
      throw new Error(
        `${cls.name}.backward returned a gradient of shape ${show(grad.shape)} for argument ${i}, which has shape ${show(input.shape)}`,
      )
    if (cls.onceDifferentiable && again) refuseSecond(cls.name, grad, inputs)
    return grad
  })
}

/** Makes the attempt to differentiate `grad` an error rather than a silent zero. */
function refuseSecond(name: string, grad: Tensor, inputs: readonly (Tensor | null)[]): void {
  const source = inputs.find((input) => input?.requiresGrad) ?? null
  grad.gradFn = new Node(`${name}BackwardBackward`, [source && edgeOf(source)], 1, () => {
    throw new Error(`${name}: backward is declared onceDifferentiable and cannot be differentiated again`)
  })
}
