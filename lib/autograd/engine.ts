/**
 * The backward pass: walks the graph from the newest operation to the oldest, adds up what arrives at each, and frees the
 * pass's own temporaries as soon as they are used, so that its memory does not wait for the garbage collector.
 */
import { checkInterrupt, Stop } from '../device/interrupt.js'
import { collectCreated, keepCreated, Tensor } from '../tensor/tensor.js'
import { sameShape, show } from '../tensor/shape.js'
import { anomaly, describeTrace } from './anomaly.js'
import { withGrad } from './mode.js'
import { edgeOf, leafHooksOf, runPostHooks, type Edge, type Hook, type Node } from './node.js'
import { type Defaults } from '../tensor/options.js'

/** What the engine needs of the ops above it. */
interface Arithmetic {
  add(a: Tensor, b: Tensor): Tensor
  addInPlace(a: Tensor, b: Tensor): void
  clone(a: Tensor): Tensor
  onesLike(a: Tensor): Tensor
  hasNaN(a: Tensor): boolean
}

let arithmetic: Arithmetic

/** lib/ops hands over addition and copying; autograd itself knows no op. */
export function installArithmetic(ops: Arithmetic): void {
  arithmetic = ops
}

/** Settings of a backward pass. */
export interface BackwardOptions {
  /** Keep the graph for a further backward pass. Default: the value of createGraph. */
  retainGraph?: boolean
  /** Record the backward pass itself, for derivatives of higher order. Default false. */
  createGraph?: boolean
  /** Accumulate gradients in these tensors only. Default: in all leaves. */
  inputs?: Tensor | readonly Tensor[]
}

/** Their defaults. */
export const backwardDefaults = {
  retainGraph: undefined,
  createGraph: false,
  inputs: undefined,
} as const satisfies Defaults<BackwardOptions>

/** Tensors of one backward pass, with the number of places that still wait for each; freed at zero. */
class Temporaries {
  readonly #uses = new Map<Tensor, number>()

  own(tensors: readonly Tensor[]): void {
    for (const tensor of tensors) if (!this.#uses.has(tensor)) this.#uses.set(tensor, 0)
  }

  retain(tensor: Tensor): void {
    const uses = this.#uses.get(tensor)
    if (uses !== undefined) this.#uses.set(tensor, uses + 1)
  }

  /** One place less; frees the tensor if that was the last. */
  release(tensor: Tensor): void {
    const uses = this.#uses.get(tensor)
    if (uses === undefined) return
    if (uses > 1) this.#uses.set(tensor, uses - 1)
    else {
      this.#uses.delete(tensor)
      tensor.dispose()
    }
  }

  /** Frees those of `tensors` that nothing waits for. */
  sweep(tensors: readonly Tensor[]): void {
    for (const tensor of tensors) if (this.#uses.get(tensor) === 0) this.release(tensor)
  }

  /** Somebody outside may hold the tensor from now on. */
  forget(tensor: Tensor): void {
    this.#uses.delete(tensor)
  }

  /** Hands the tensor over to somebody outside if only one place waits for it. */
  giveAway(tensor: Tensor): boolean {
    if (this.#uses.get(tensor) !== 1) return false
    this.#uses.delete(tensor)
    keepCreated(tensor)
    return true
  }
}

/** Gradients for tensors that are asked for explicitly instead of being accumulated in leaves. */
type Captures = Map<Tensor, Tensor | null>

class Pass {
  readonly #buffers = new Map<Node, (Tensor | null)[]>()
  readonly #temporaries = new Temporaries()
  readonly #captureAt = new Map<Node, Map<number, Tensor>>()
  /** The nodes on a way to a capture; null when leaves accumulate, because then all are. */
  #needed: Set<Node> | null = null

  constructor(
    readonly keepGraph: boolean,
    readonly createGraph: boolean,
    readonly captures: Captures | null,
  ) {
    for (const tensor of captures?.keys() ?? []) {
      const edge = edgeOf(tensor)
      if (edge && 'node' in edge) {
        const at = this.#captureAt.get(edge.node) ?? new Map<number, Tensor>()
        this.#captureAt.set(edge.node, at.set(edge.index, tensor))
      }
    }
  }

  run(roots: readonly Tensor[], grads: readonly Tensor[]): void {
    const nodes = reachable(roots)
    if (this.captures) this.#needed = this.#leadingToCaptures(nodes, this.captures)
    roots.forEach((root, i) => this.#send(edgeOf(root), grads[i]))
    for (const node of nodes) {
      checkInterrupt()
      const incoming = this.#buffers.get(node)
      if (!incoming) continue
      this.#buffers.delete(node)
      this.#visit(node, incoming)
    }
  }

  /** A pass that only wants certain gradients goes nowhere else: no other formula and no other hook runs. */
  #leadingToCaptures(nodes: readonly Node[], captures: Captures): Set<Node> {
    const needed = new Set<Node>()
    for (const node of nodes.toReversed())
      if (
        node.edges.some(
          (edge) =>
            edge !== null && ('leaf' in edge ? captures.has(edge.leaf) : needed.has(edge.node) || this.#captured(edge)),
        )
      )
        needed.add(node)
    return needed
  }

  #captured({ node, index }: { node: Node; index: number }): boolean {
    return this.#captureAt.get(node)?.has(index) ?? false
  }

  #visit(node: Node, incoming: (Tensor | null)[]): void {
    for (const [index, hooks] of node.hooks) incoming[index] = this.#runHooks(hooks, incoming[index])
    for (const [index, ref] of node.retained) {
      const tensor = ref.deref()
      const grad = incoming[index]
      if (tensor && grad) this.#accumulate(tensor, grad)
    }
    for (const [index, tensor] of this.#captureAt.get(node) ?? []) this.#capture(tensor, incoming[index])
    if (this.#needed && !this.#needed.has(node)) {
      for (const grad of incoming) if (grad) this.#temporaries.release(grad)
      return
    }

    const { result: outgoing, tensors } = collectCreated(() =>
      withGrad(this.createGraph, () => applyNode(node, incoming)),
    )
    if (!this.createGraph) this.#temporaries.own(tensors)
    // Count all recipients before the first is served: a gradient that goes to two places belongs to neither.
    for (const [i, grad] of outgoing.entries()) if (grad && node.edges[i]) this.#temporaries.retain(grad)
    for (const [i, grad] of outgoing.entries()) if (grad) this.#send(node.edges[i], grad)
    for (const grad of incoming) if (grad) this.#temporaries.release(grad)
    this.#temporaries.sweep(tensors)
    if (!this.keepGraph) node.free()
  }

  /** Delivers a gradient, already counted for this recipient, along an edge, adding to what is already there. */
  #send(edge: Edge, grad: Tensor): void {
    if (edge === null) return
    if ('leaf' in edge) {
      const final = this.#runHooks(leafHooksOf(edge.leaf), grad)
      if (final) {
        if (this.captures) {
          if (this.captures.has(edge.leaf)) this.#capture(edge.leaf, final)
        } else this.#accumulate(edge.leaf, final)
        this.#temporaries.release(final)
        if (!this.captures) withGrad(this.createGraph, () => runPostHooks(edge.leaf))
      }
      return
    }
    if (this.#needed && !this.#needed.has(edge.node) && !this.#captured(edge)) {
      this.#temporaries.release(grad)
      return
    }
    const buffer = this.#buffers.get(edge.node) ?? new Array<Tensor | null>(edge.node.outputs).fill(null)
    this.#buffers.set(edge.node, buffer)
    const before = buffer[edge.index]
    buffer[edge.index] = before ? this.#sum(before, grad) : grad
  }

  #sum(a: Tensor, b: Tensor): Tensor {
    const { result, tensors } = collectCreated(() => withGrad(this.createGraph, () => arithmetic.add(a, b)))
    if (!this.createGraph) {
      this.#temporaries.own(tensors)
      this.#temporaries.retain(result)
    }
    this.#temporaries.release(a)
    this.#temporaries.release(b)
    return result
  }

  /** Hooks belong to the user, who may keep what they see: such gradients are no longer ours to free. */
  #runHooks(hooks: readonly Hook[], grad: Tensor | null): Tensor | null {
    let current = grad
    for (const hook of [...hooks]) {
      if (!current) break
      this.#temporaries.forget(current)
      const replaced = withGrad(this.createGraph, () => hook(current as Tensor))
      if (replaced) current = replaced
    }
    return current
  }

  #accumulate(tensor: Tensor, grad: Tensor): void {
    if (!sameShape(tensor.shape, grad.shape))
      throw new Error(
        `backward: a gradient of shape ${show(grad.shape)} arrived at a tensor of shape ${show(tensor.shape)}`,
      )
    if (this.createGraph) {
      tensor.grad = tensor.grad ? withGrad(true, () => arithmetic.add(tensor.grad as Tensor, grad)) : grad
    } else if (tensor.grad) {
      arithmetic.addInPlace(tensor.grad, grad)
    } else {
      tensor.grad = this.#keep(grad)
    }
  }

  #capture(tensor: Tensor, grad: Tensor | null): void {
    if (!grad) return
    const before = this.captures?.get(tensor)
    this.captures?.set(
      tensor,
      before ? withGrad(this.createGraph, () => arithmetic.add(before, grad)) : this.#keep(grad),
    )
  }

  /** A gradient that outlives the pass: handed over when it is ours alone and owns its memory, else copied. */
  #keep(grad: Tensor): Tensor {
    if (this.createGraph) return grad
    if (grad.base === null && grad.isContiguous() && this.#temporaries.giveAway(grad)) return grad
    return withGrad(false, () => arithmetic.clone(grad))
  }
}

/** Runs a formula; in anomaly mode with what went wrong traced back to the forward call. */
function applyNode(node: Node, incoming: readonly (Tensor | null)[]): readonly (Tensor | null)[] {
  if (!anomaly.current.enabled) return node.apply(incoming)
  let outgoing: readonly (Tensor | null)[]
  try {
    outgoing = node.apply(incoming)
  } catch (error) {
    if (error instanceof Stop) throw error
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${describeTrace(node.trace)}`, {
      cause: error,
    })
  }
  if (anomaly.current.checkNaN)
    for (const [i, grad] of outgoing.entries())
      if (grad && withGrad(false, () => arithmetic.hasNaN(grad)))
        throw new Error(
          `backward: ${node.name} returned NaN in the gradient of input ${i}\n${describeTrace(node.trace)}`,
        )
  return outgoing
}

/** All nodes below the roots, newest first. */
function reachable(roots: readonly Tensor[]): Node[] {
  const seen = new Set<Node>()
  const open: Node[] = []
  const visit = (node: Node): void => {
    if (!seen.has(node)) {
      seen.add(node)
      open.push(node)
    }
  }
  for (const root of roots) if (root.gradFn) visit(root.gradFn as Node)
  for (let node = open.pop(); node; node = open.pop())
    for (const edge of node.edges) if (edge && 'node' in edge) visit(edge.node)
  return [...seen].sort((a, b) => b.id - a.id)
}

function rootGradients(roots: readonly Tensor[], grads: readonly (Tensor | null)[] | undefined): Tensor[] {
  return roots.map((root, i) => {
    if (!root.requiresGrad)
      throw new Error(
        'backward: this tensor does not require gradients and was not computed from one that does; ' +
          'set requiresGrad on a leaf, and check for noGrad() or detach() on the way',
      )
    const grad = grads?.[i]
    if (grad) {
      if (!sameShape(grad.shape, root.shape))
        throw new Error(
          `backward: the gradient has shape ${show(grad.shape)}, the tensor ${show(root.shape)}; they must be the same`,
        )
      return grad
    }
    if (root.numel() !== 1)
      throw new Error(
        `backward: a gradient can be created only for a single number, this tensor has shape ${show(root.shape)}; ` +
          'reduce it (for instance with .sum()) or pass { gradient }',
      )
    return withGrad(false, () => arithmetic.onesLike(root))
  })
}

/** Computes gradients of `roots` and adds them to the `.grad` of the leaves (torch.autograd.backward). */
export function backward(
  roots: readonly Tensor[],
  grads?: readonly (Tensor | null)[],
  options: BackwardOptions = {},
): void {
  const { createGraph = false, retainGraph = createGraph, inputs } = options
  if (inputs === undefined) {
    new Pass(retainGraph, createGraph, null).run(roots, rootGradients(roots, grads))
    return
  }
  const wanted = inputs instanceof Tensor ? [inputs] : inputs
  if (wanted.length === 0) throw new Error('backward: inputs is empty; leave it out to reach all leaves')
  gradients(roots, wanted, grads, { createGraph, retainGraph }).forEach((grad, i) => {
    if (grad === null) return
    const { grad: before } = wanted[i]
    wanted[i].grad = before ? withGrad(createGraph, () => arithmetic.add(before, grad)) : grad
    runPostHooks(wanted[i])
  })
}

/** Computes gradients of `roots` with respect to `inputs`, leaving every `.grad` alone. null: no path to that input. */
export function gradients(
  roots: readonly Tensor[],
  inputs: readonly Tensor[],
  grads?: readonly (Tensor | null)[],
  options: BackwardOptions = {},
): (Tensor | null)[] {
  const { createGraph = false, retainGraph = createGraph } = options
  const captures: Captures = new Map(inputs.map((input) => [input, null]))
  new Pass(retainGraph, createGraph, captures).run(roots, rootGradients(roots, grads))
  return inputs.map((input) => captures.get(input) ?? null)
}
