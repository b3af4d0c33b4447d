/**
 * Functions that a user hangs on a module: before and after `forward`, and when its gradients arrive. A module without
 * hooks pays nothing: the first one puts a wrapper in front of this instance's `forward`, the last one removed takes it away.
 */
import { readOptions } from '../tensor/options.js'
import { edgeOf, Node } from '../autograd/node.js'
import { isGradEnabled } from '../autograd/mode.js'
import { isFloating } from '../tensor/dtype.js'
import { Tensor, uncollected, viewTensor } from '../tensor/tensor.js'
import type { Module } from './module.js'

/** Takes a hook away again (torch.utils.hooks.RemovableHandle). */
export interface HookHandle {
  /** From now on the hook is not called. A second time does nothing. */
  remove(): void
}

/** Where a hook stands among the others. */
export interface HookOptions {
  /** Run before the hooks that are there already. Default false: after them. */
  prepend?: boolean
}

type Grads = readonly (Tensor | null)[]

/** Called with the arguments of forward; an array that it returns replaces them, any other value becomes the only one. */
export type ForwardPreHook<M = Module> = (module: M, inputs: readonly unknown[]) => unknown
/** Called with the arguments and the result of forward; what it returns replaces the result. */
export type ForwardHook<M = Module> = (module: M, inputs: readonly unknown[], output: unknown) => unknown
/** Called with the gradients of the results; what it returns replaces them. */
export type FullBackwardPreHook<M = Module> = (module: M, gradOutput: Grads) => Grads | Tensor | void
/** Called with the gradients of the inputs and of the results; what it returns replaces those of the inputs. */
export type FullBackwardHook<M = Module> = (module: M, gradInput: Grads, gradOutput: Grads) => Grads | Tensor | void

interface Lists {
  forwardPre: ForwardPreHook[]
  forward: ForwardHook[]
  backwardPre: FullBackwardPreHook[]
  backward: FullBackwardHook[]
}

type Forward = (...inputs: unknown[]) => unknown

/** The hooks of one module. */
export class Hooks {
  readonly #lists: Lists = { forwardPre: [], forward: [], backwardPre: [], backward: [] }
  /** A `forward` that was the instance's own, not its class's. */
  #own: PropertyDescriptor | undefined
  #installed = false

  constructor(readonly module: Module) {}

  add<K extends keyof Lists>(kind: K, hook: Lists[K][number], options?: HookOptions): HookHandle {
    const { prepend } = readOptions('add', options, { prepend: false })
    if (typeof hook !== 'function') throw new TypeError(`a hook must be a function, got ${typeof hook}`)
    const list = this.#lists[kind] as (typeof hook)[]
    if (prepend) list.unshift(hook)
    else list.push(hook)
    if (!this.#installed) this.#install()
    let registered = true
    return {
      remove: () => {
        // The same function may be registered again: a second remove() must not take that away.
        if (!registered) return
        registered = false
        this.remove(kind, hook)
      },
    }
  }

  /** @internal The hooks of a kind, in their order. */
  of<K extends keyof Lists>(kind: K): readonly Lists[K][number][] {
    return this.#lists[kind]
  }

  /** @internal Takes one registration of a hook away. */
  remove<K extends keyof Lists>(kind: K, hook: Lists[K][number]): void {
    const list = this.#lists[kind] as (typeof hook)[]
    const at = list.indexOf(hook)
    if (at >= 0) list.splice(at, 1)
    if (this.#installed && Object.values(this.#lists).every((some: unknown[]) => some.length === 0)) this.#uninstall()
  }

  /** @internal Whether `forward` of the module is the wrapper that calls them. */
  get installed(): boolean {
    return this.#installed
  }

  /** @internal Registers the same functions with the hooks of a copy of the module. */
  copyTo(other: Hooks): void {
    if (!this.#installed) return
    if (this.#own) Object.defineProperty(other.module, 'forward', this.#own)
    for (const kind of Object.keys(this.#lists) as (keyof Lists)[])
      for (const hook of this.#lists[kind]) other.add(kind, hook)
  }

  #install(): void {
    this.#own = Object.getOwnPropertyDescriptor(this.module, 'forward')
    this.#installed = true
    Object.defineProperty(this.module, 'forward', {
      value: (...inputs: unknown[]) => this.#run(inputs),
      configurable: true,
      writable: true,
      enumerable: false,
    })
  }

  #uninstall(): void {
    this.#installed = false
    Reflect.deleteProperty(this.module, 'forward')
    if (this.#own) Object.defineProperty(this.module, 'forward', this.#own)
  }

  #run(given: readonly unknown[]): unknown {
    const { module } = this
    const forward = (this.#own?.value ?? (Object.getPrototypeOf(module) as { forward: unknown }).forward) as Forward
    let inputs = given
    for (const hook of [...this.#lists.forwardPre]) {
      const replaced = hook(module, inputs)
      if (replaced !== undefined) inputs = Array.isArray(replaced) ? replaced : [replaced]
    }
    const watched = this.#lists.backward.length + this.#lists.backwardPre.length > 0 && isGradEnabled()
    const call = watched ? new BackwardCall(module, this.#lists) : null
    if (call) inputs = call.enter(inputs)
    let output = forward.apply(module, [...inputs])
    for (const hook of [...this.#lists.forward]) {
      const replaced = hook(module, inputs, output)
      if (replaced !== undefined) output = replaced
    }
    return call ? call.leave(output) : output
  }
}

/** One call of forward whose gradients are watched: nodes that change nothing stand at its inputs and at its results. */
class BackwardCall {
  #gradOutput: Grads = []
  #inputs = 0
  #watchesInputs = false

  constructor(
    readonly module: Module,
    readonly lists: Lists,
  ) {}

  enter(inputs: readonly unknown[]): readonly unknown[] {
    this.#inputs = inputs.filter((input) => input instanceof Tensor).length
    return passThrough(
      inputs,
      (grads) => this.#arrived(grads),
      () => (this.#watchesInputs = true),
    )
  }

  leave(output: unknown): unknown {
    const results = Array.isArray(output) ? (output as unknown[]) : [output]
    const passed = passThrough(results, (grads) => {
      this.#gradOutput = this.lists.backwardPre.reduce(
        (current, hook) => replacement(current, () => hook(this.module, current), 'gradients of results'),
        visible(grads),
      )
      // Without an input that wants a gradient nothing else will call the hooks.
      if (!this.#watchesInputs) this.#arrived(new Array<null>(this.#inputs).fill(null))
      return this.#gradOutput
    })
    return Array.isArray(output) ? passed : passed[0]
  }

  #arrived(grads: Grads): Grads {
    return this.lists.backward.reduce(
      (current, hook) =>
        replacement(current, () => hook(this.module, current, this.#gradOutput), 'gradients of inputs'),
      visible(grads),
    )
  }
}

/** What a hook sees it may keep, so it gets views of its own that the pass does not free. */
function visible(grads: Grads): Grads {
  return isGradEnabled() ? grads : uncollected(() => grads.map((grad) => grad && grad.detach()))
}

function replacement(current: Grads, hook: () => Grads | Tensor | void, what: string): Grads {
  const returned = uncollected(hook)
  if (!returned) return current
  const replaced = returned instanceof Tensor ? [returned] : returned
  if (replaced.length !== current.length)
    throw new Error(`a backward hook returned ${replaced.length} tensors for the ${current.length} ${what}`)
  return replaced
}

/** The values with every tensor that takes part in the graph passed through one node. */
function passThrough(values: readonly unknown[], backward: (grads: Grads) => Grads, begun?: () => void): unknown[] {
  const tensors = values.filter((value) => value instanceof Tensor)
  const edges = tensors.map(edgeOf)
  if (!edges.some(Boolean)) return [...values]
  begun?.()
  const node = new Node('BackwardHook', edges, tensors.length, backward)
  let index = 0
  return values.map((value) => {
    if (!(value instanceof Tensor)) return value
    const at = index++
    if (!isFloating(value.dtype) || edges[at] === null) return value
    const passed = viewTensor(value, value.shape, value.strides, value.offset)
    passed.viewOf = null
    passed.gradFn = node
    passed.outputIndex = at
    return passed
  })
}
