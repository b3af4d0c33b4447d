/** The recorded graph: one node for each operation that took part in a computation with gradients. */
import { devicesInUse, onDevice } from '../device/gpu.js'
import type { GradFn, Tensor } from '../tensor/tensor.js'
import { anomaly, captureTrace } from './anomaly.js'
import { show } from '../tensor/shape.js'

/** Gradients of a node's inputs from the gradients of its outputs; null where none is wanted or none flowed. */
export type Backward = (grads: readonly (Tensor | null)[]) => readonly (Tensor | null)[]

/** Where the gradient of an input goes: on to the node that made it, or into a leaf's `.grad`. */
export type Edge = { readonly node: Node; readonly index: number } | { readonly leaf: Tensor } | null

/** Sees a gradient, and may return another in its place. */
export type Hook = (grad: Tensor) => Tensor | null | void

/** `logSoftmax` → `LogSoftmaxBackward0`, as PyTorch counts: what a printed tensor shows as its gradFn. */
export function gradName(op: string): string {
  return `${op[0].toUpperCase()}${op.slice(1)}Backward0`
}

let sequence = 0

export class Node implements GradFn {
  /** Later operations have higher numbers, so descending order is a topological order. */
  readonly id = ++sequence
  readonly hooks = new Map<number, Hook[]>()
  /** Outputs whose gradient is to be kept in `.grad` although they are no leaves. */
  readonly retained = new Map<number, WeakRef<Tensor>>()
  /** Where the forward call was made; only in anomaly mode. */
  readonly trace: string | null = anomaly.current.enabled ? captureTrace() : null
  /** Whether the formula needs nothing of the forward pass but sizes: then it can run again, as in PyTorch. */
  reusable = false
  #backward: Backward | null
  #saved: { tensor: Tensor; version: number }[] | null

  constructor(
    /** PyTorch-like name that printed tensors show, such as `AddBackward`. */
    readonly name: string,
    readonly edges: readonly Edge[],
    readonly outputs: number,
    backward: Backward,
    saved: readonly Tensor[] = [],
    /** Tensors that only the formula knows: their memory is given back with the graph, without waiting for anything. */
    private readonly own: readonly Tensor[] = [],
  ) {
    this.#backward = backward
    this.#saved = saved.map((tensor) => ({ tensor, version: tensor.version.count }))
  }

  /** Also keeps `tensor` as it is now: for the result of a change in place, which exists only after the change. */
  keep(tensor: Tensor): void {
    this.#saved?.push({ tensor, version: tensor.version.count })
  }

  /** Runs the gradient formula. Throws if the graph was freed or something it needs was changed in place. */
  apply(grads: readonly (Tensor | null)[]): readonly (Tensor | null)[] {
    if (this.#backward === null || this.#saved === null)
      throw new Error(
        `backward: the graph at ${this.name} was already used and freed; pass { retainGraph: true } to the first backward() to run it twice`,
      )
    for (const { tensor, version } of this.#saved)
      if (tensor.version.count !== version)
        throw new Error(
          `backward: ${this.name} needs a ${tensor.dtype} tensor of shape ${show(tensor.shape)} that was changed in place since ` +
            `(version ${tensor.version.count}, recorded at ${version}); use the form without '_', or change a .clone()`,
        )
    const backward = this.#backward
    if (!devicesInUse()) return backward(grads)
    const device = grads.find((grad) => grad !== null)?.device ?? 'cpu'
    return device === 'cpu' ? backward(grads) : onDevice(device, () => backward(grads))
  }

  /** Lets go of everything that the formula kept alive. */
  free(): void {
    if (this.reusable) return
    this.#backward = null
    this.#saved = null
    for (const tensor of this.own) tensor.dispose()
  }
}

/** The edge along which a gradient for `tensor` travels. */
export function edgeOf(tensor: Tensor): Edge {
  if (tensor.gradFn !== null) return { node: tensor.gradFn as Node, index: tensor.outputIndex }
  return tensor.requiresGrad ? { leaf: tensor } : null
}

const leafHooks = new WeakMap<Tensor, Hook[]>()

/** The hooks that see the gradient of `tensor`, created on demand. */
export function hooksOf(tensor: Tensor): Hook[] {
  const node = tensor.gradFn as Node | null
  const found = node ? node.hooks.get(tensor.outputIndex) : leafHooks.get(tensor)
  if (found) return found
  const hooks: Hook[] = []
  if (node) node.hooks.set(tensor.outputIndex, hooks)
  else leafHooks.set(tensor, hooks)
  return hooks
}

const postHooks = new WeakMap<Tensor, ((leaf: Tensor) => void)[]>()

/** The hooks that run after the gradient of a leaf was accumulated, created on demand. */
export function postHooksOf(leaf: Tensor): ((leaf: Tensor) => void)[] {
  const hooks = postHooks.get(leaf) ?? []
  postHooks.set(leaf, hooks)
  return hooks
}

/** Calls the hooks of a leaf whose gradient was accumulated. */
export function runPostHooks(leaf: Tensor): void {
  for (const hook of [...(postHooks.get(leaf) ?? [])]) hook(leaf)
}

/** Same without creating. */
export function leafHooksOf(tensor: Tensor): readonly Hook[] {
  return leafHooks.get(tensor) ?? []
}
