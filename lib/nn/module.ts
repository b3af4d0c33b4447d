/** The base class of everything that has parameters: finds them, names them, saves and loads them. */
import { inspect } from 'node:util'
import { addon } from '../device/addon.js'
import { deviceName, isDevice, type DeviceLike } from '../device/gpu.js'
import { noGrad } from '../autograd/index.js'
import { assertTarget, getDefaultDtype, isFloating, type DType } from '../tensor/dtype.js'
import { sameShape, show, type Shape } from '../tensor/shape.js'
import { empty } from '../ops/creation.js'
import { adoptMemory, Tensor } from '../tensor/tensor.js'
import {
  Hooks,
  type ForwardHook,
  type ForwardPreHook,
  type FullBackwardHook,
  type FullBackwardPreHook,
  type HookHandle,
  type HookOptions,
} from './hooks.js'
import { Parameter } from './parameter.js'
import { readOptions } from '../tensor/options.js'

/** Parameters and buffers by their dotted names: PyTorch's in camelCase, so `weight_ih_l0` is `weightIhL0`. */
export type StateDict = Map<string, Tensor>

/** Which names are listed, and how. */
export interface ListOptions {
  /** Stands before every name, followed by a dot. Default ''. */
  prefix?: string
  /** Whether modules below are listed too. Default true. */
  recurse?: boolean
}

/**
 * Base class of all layers and networks (torch.nn.Module). A subclass assigns parameters and other modules to its own
 * fields, in any order, and defines `forward`; everything else follows.
 *
 * @example
 * class Net extends nn.Module {
 *   fc1 = new nn.Linear(784, 500)
 *   fc2 = new nn.Linear(500, 10)
 *   forward(x: Tensor) {
 *     return this.fc2.forward(F.relu(this.fc1.forward(x)))
 *   }
 * }
 */
export abstract class Module {
  /** Whether layers that behave differently in training (dropout, batch norm) do so. See `train` and `eval`. */
  training = true
  /** Names of buffers, and whether each is saved. */
  readonly #buffers = new Map<string, boolean>()
  #hooks: Hooks | null = null

  /** Computes the module's output. */
  abstract forward(...inputs: never[]): unknown

  /** Settings shown in parentheses when the module is printed. */
  extraRepr(): string {
    return ''
  }

  /** A new parameter of these sizes, contents undefined: the constructor initialises it. */
  protected parameter<D extends number, S extends D[]>(shape: [...S], dtype: DType = getDefaultDtype()): Parameter<S> {
    return new Parameter(empty(shape as Shape, { dtype }) as Tensor<S>)
  }

  /**
   * Declares the field `name` as state that is not learned, and sets it if a tensor (or null) is given. It is saved with the
   * parameters unless `persistent: false`. torch.nn.Module.register_buffer.
   */
  registerBuffer(name: string, tensor?: Tensor | null, options?: { persistent?: boolean }): void {
    const { persistent } = readOptions('registerBuffer', options, { persistent: true })
    if (tensor !== undefined)
      this.#setField('registerBuffer', name, tensor, (old) => old instanceof Tensor && !(old instanceof Parameter))
    this.#buffers.set(name, persistent)
  }

  /** Sets the field `name` to a parameter, or to null (torch.nn.Module.register_parameter). */
  registerParameter(name: string, parameter: Parameter | null): void {
    if (parameter !== null && !(parameter instanceof Parameter))
      throw new TypeError(
        `registerParameter: '${name}' must be a Parameter or null; make one with new nn.Parameter(tensor)`,
      )
    this.#setField('registerParameter', name, parameter, (old) => old instanceof Parameter)
  }

  /** Sets the field `name` to a module (torch.nn.Module.add_module). */
  addModule(name: string, module: Module | null): void {
    if (module !== null && !(module instanceof Module))
      throw new TypeError(`addModule: '${name}' must be a module or null, got ${typeof module}`)
    this.#setField('addModule', name, module, (old) => old instanceof Module)
  }

  /** Another name of addModule (torch.nn.Module.register_module). */
  registerModule(name: string, module: Module | null): void {
    this.addModule(name, module)
  }

  /** A field that holds something of another kind is not overwritten. */
  #setField(caller: string, name: string, value: Tensor | Module | null, sameKind: (old: unknown) => boolean): void {
    if (name === '' || name.includes('.'))
      throw new RangeError(`${caller}: a name must not be empty and must have no '.', got '${name}'`)
    const before: unknown = Reflect.get(this, name)
    if (before !== undefined && before !== null && !sameKind(before))
      throw new RangeError(`${caller}: ${this.constructor.name} already has '${name}'; take another name`)
    Reflect.set(this, name, value)
  }

  /** Direct children by field name. */
  namedChildren(): [string, Module][] {
    return Object.entries(this).filter((entry): entry is [string, Module] => entry[1] instanceof Module)
  }

  /** @internal This module's own parameters by field name. */
  protected ownParameters(): [string, Parameter][] {
    return Object.entries(this).filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter)
  }

  /** Direct children. */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child)
  }

  /** This module and all below it, each once, with dotted names ('' for this one). */
  namedModules(prefix = '', seen = new Set<Module>()): [string, Module][] {
    if (seen.has(this)) return []
    seen.add(this)
    const below = this.namedChildren().flatMap(([name, child]) =>
      child.namedModules(prefix ? `${prefix}.${name}` : name, seen),
    )
    return [[prefix, this], ...below]
  }

  /** This module and all below it. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module)
  }

  /**
   * All parameters with dotted names; a shared one is listed once, under its first name. `recurse: false` leaves out the
   * modules below; `prefix` stands before every name.
   */
  namedParameters(options?: ListOptions): [string, Parameter][] {
    const { prefix, recurse } = readOptions('namedParameters', options, { prefix: '', recurse: true })
    const seen = new Set<Parameter>()
    return this.#listed(prefix, recurse, (module) => module.ownParameters()).filter(
      ([, parameter]) => !seen.has(parameter) && Boolean(seen.add(parameter)),
    )
  }

  /** All parameters: what an optimizer is given. */
  parameters(options: Pick<ListOptions, 'recurse'> = {}): Parameter[] {
    return this.namedParameters(options).map(([, parameter]) => parameter)
  }

  /** State that is not learned, with dotted names, as namedParameters lists parameters. */
  namedBuffers(options?: ListOptions): [string, Tensor][] {
    const { prefix, recurse } = readOptions('namedBuffers', options, { prefix: '', recurse: true })
    return this.#listed(prefix, recurse, (module) => module.#ownBuffers())
  }

  /** State that is not learned. */
  buffers(options: Pick<ListOptions, 'recurse'> = {}): Tensor[] {
    return this.namedBuffers(options).map(([, buffer]) => buffer)
  }

  #ownBuffers(onlySaved = false): [string, Tensor][] {
    return [...this.#buffers].flatMap(([name, persistent]): [string, Tensor][] => {
      const value: unknown = Reflect.get(this, name)
      return value instanceof Tensor && (persistent || !onlySaved) ? [[name, value]] : []
    })
  }

  #listed<T>(prefix: string, recurse: boolean, own: (module: Module) => [string, T][]): [string, T][] {
    const modules: [string, Module][] = recurse ? this.namedModules(prefix) : [[prefix, this]]
    return modules.flatMap(([path, module]) =>
      own(module).map(([name, value]): [string, T] => [path ? `${path}.${name}` : name, value]),
    )
  }

  /** The module at a dotted path, '' for this one (torch.nn.Module.get_submodule). @throws naming the step that fails. */
  getSubmodule(target: string): Module {
    const path = target === '' ? [] : target.split('.')
    return path.reduce((module: Module, name) => {
      const next = module.namedChildren().find(([key]) => key === name)?.[1]
      if (!next)
        throw new RangeError(`getSubmodule: ${module.constructor.name} has no module '${name}' (in '${target}')`)
      return next
    }, this)
  }

  /** The parameter at a dotted path (torch.nn.Module.get_parameter). */
  getParameter(target: string): Parameter {
    return this.#member('getParameter', 'parameter', target, (module) => module.ownParameters())
  }

  /** The buffer at a dotted path (torch.nn.Module.get_buffer). */
  getBuffer(target: string): Tensor {
    return this.#member('getBuffer', 'buffer', target, (module) => module.#ownBuffers())
  }

  #member<T>(caller: string, what: string, target: string, own: (module: Module) => [string, T][]): T {
    const at = target.lastIndexOf('.')
    const module = this.getSubmodule(target.slice(0, Math.max(at, 0)))
    const name = target.slice(at + 1)
    const found = own(module).find(([key]) => key === name)
    if (!found) throw new RangeError(`${caller}: ${module.constructor.name} has no ${what} '${name}' (in '${target}')`)
    return found[1]
  }

  /** Parameters and buffers under every name that they have; a module inside itself is not followed. */
  #state(prefix: string, above: readonly Module[]): [string, Tensor][] {
    const named = (name: string): string => (prefix ? `${prefix}.${name}` : name)
    const own = [...this.ownParameters(), ...this.#ownBuffers(true)].map(([name, value]): [string, Tensor] => [
      named(name),
      value,
    ])
    const inside = [...above, this]
    const children = this.namedChildren().filter(([, child]) => !inside.includes(child))
    return [...own, ...children.flatMap(([name, child]) => child.#state(named(name), inside))]
  }

  /** Parameters and saved buffers by name, sharing memory with the module (torch.nn.Module.state_dict). */
  stateDict(options?: { prefix?: string }): StateDict {
    const { prefix } = readOptions('stateDict', options, { prefix: '' })
    return new Map(this.#state(prefix.replace(/\.$/, ''), []).map(([name, value]) => [name, value.detach()]))
  }

  /**
   * Copies values into parameters and buffers of the same names (torch.nn.Module.load_state_dict). Nothing changes if
   * anything does not fit.
   * @returns the names that are missing and those that are unexpected, which with `strict: false` are passed over.
   * @throws naming missing and unexpected keys (unless `strict: false`) and sizes that differ.
   */
  loadStateDict(
    state: StateDict | Record<string, Tensor>,
    options?: { strict?: boolean },
  ): { missingKeys: string[]; unexpectedKeys: string[] } {
    const { strict } = readOptions('loadStateDict', options, { strict: true })
    const given = state instanceof Map ? state : new Map(Object.entries(state))
    const own = new Map(this.#state('', []))
    const problems: string[] = []
    const missing = [...own.keys()].filter((name) => !given.has(name))
    const unexpected = [...given.keys()].filter((name) => !own.has(name))
    if (strict && missing.length) problems.push(`missing keys: ${missing.join(', ')}`)
    if (strict && unexpected.length) problems.push(`unexpected keys: ${unexpected.join(', ')}`)
    for (const [name, target] of own) {
      const source = given.get(name)
      if (source !== undefined && !(source instanceof Tensor)) problems.push(`${name}: no tensor but ${typeof source}`)
      else if (source && addon().isReleased(source.handle)) problems.push(`${name}: this tensor was disposed of`)
      else if (source && !sameShape(source.shape, target.shape))
        problems.push(`${name}: the file has shape ${show(source.shape)}, the module ${show(target.shape)}`)
    }
    if (problems.length)
      throw new Error(`loadStateDict: ${this.constructor.name} does not fit:\n  ${problems.join('\n  ')}`)
    noGrad(() => {
      for (const [name, target] of own) {
        const source = given.get(name)
        if (source) target.copy_(source)
      }
    })
    return { missingKeys: missing, unexpectedKeys: unexpected }
  }

  /** Switches this module and all below to training behaviour, or with `false` to evaluation. Returns the module. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode
    return this
  }

  /** Switches to evaluation behaviour. Returns the module. */
  eval(): this {
    return this.train(false)
  }

  /** Freezes or unfreezes all parameters. Returns the module. */
  requiresGrad_(value = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(value)
    return this
  }

  /** Forgets all gradients, or with `setToNone: false` fills them with zeros. */
  zeroGrad(options?: { setToNone?: boolean }): void {
    const { setToNone } = readOptions('zeroGrad', options, { setToNone: true })
    for (const parameter of this.parameters())
      if (setToNone || !parameter.grad) parameter.grad = null
      else {
        const grad = parameter.grad.detach()
        parameter.grad = grad
        grad.zero_()
      }
  }

  /**
   * Moves all parameters and buffers to a device ('cpu', 'gpu', 'gpu:1'), or converts the floating ones to 'float32' or
   * 'float64', where they are: whoever holds them sees it. Returns the module. torch.nn.Module.to.
   * @throws Error where there is no such device; TypeError for a dtype that is not floating.
   */
  to(target: DType | DeviceLike): this {
    if (!isDevice(target)) {
      assertTarget(target)
      if (!isFloating(target)) throw new TypeError(`to: parameters need a floating dtype, got ${target}`)
    }
    const stays = (tensor: Tensor): boolean =>
      isDevice(target) ? tensor.device === deviceName(target) : !isFloating(tensor.dtype) || tensor.dtype === target
    noGrad(() => {
      for (const tensor of new Set<Tensor>([...this.parameters(), ...this.buffers()])) {
        if (stays(tensor)) continue
        adoptMemory(tensor, tensor.to(target))
        if (tensor.grad) tensor.grad = tensor.grad.to(target)
      }
    })
    return this
  }

  /** Same as `.to('float32')`. */
  float(): this {
    return this.to('float32')
  }

  /** Same as `.to('float64')`. */
  double(): this {
    return this.to('float64')
  }

  /** Same as `.to('cpu')`. */
  cpu(): this {
    return this.to('cpu')
  }

  /** Same as `.to('gpu')` (torch.nn.Module.cuda). */
  gpu(): this {
    return this.to('gpu')
  }

  /**
   * Calls `hook` with the module and the arguments before each forward; what it returns replaces them
   * (torch.nn.Module.register_forward_pre_hook).
   */
  registerForwardPreHook(hook: ForwardPreHook<this>, options?: HookOptions): HookHandle {
    return this.#hooked.add('forwardPre', hook as ForwardPreHook, options)
  }

  /**
   * Calls `hook` with the module, the arguments and the result after each forward; what it returns replaces the result
   * (torch.nn.Module.register_forward_hook).
   * @example const handle = net.conv1.registerForwardHook((_, inputs, output) => void seen.push(output))
   */
  registerForwardHook(hook: ForwardHook<this>, options?: HookOptions): HookHandle {
    return this.#hooked.add('forward', hook as ForwardHook, options)
  }

  /**
   * Calls `hook` with the module and the gradients of its inputs and results in each backward pass; what it returns replaces
   * those of the inputs (torch.nn.Module.register_full_backward_hook).
   */
  registerFullBackwardHook(hook: FullBackwardHook<this>, options?: HookOptions): HookHandle {
    return this.#hooked.add('backward', hook as FullBackwardHook, options)
  }

  /**
   * Calls `hook` with the module and the gradients of its results before they enter it; what it returns replaces them
   * (torch.nn.Module.register_full_backward_pre_hook).
   */
  registerFullBackwardPreHook(hook: FullBackwardPreHook<this>, options?: HookOptions): HookHandle {
    return this.#hooked.add('backwardPre', hook as FullBackwardPreHook, options)
  }

  get #hooked(): Hooks {
    return (this.#hooks ??= new Hooks(this))
  }

  /** @internal The hooks, if there are any. */
  get hooks(): Hooks | null {
    return this.#hooks
  }

  /** Calls `visit` on the children in their order, each after its own children, then on this module, which is returned. */
  apply(visit: (module: Module) => void): this {
    this.#visit(visit, [])
    return this
  }

  #visit(visit: (module: Module) => void, above: readonly Module[]): void {
    // A module that contains itself is visited once.
    if (above.includes(this)) return
    for (const child of new Set(this.children())) child.#visit(visit, [...above, this])
    visit(this)
  }

  /**
   * @internal Gives `copy`, made by the constructor of Module alone, what this module has: fields as `value` copies them,
   * buffers by name, and the same hooks.
   */
  copyInto(copy: Module, value: (field: unknown) => unknown): void {
    for (const [name, field] of Object.entries(Object.getOwnPropertyDescriptors(this))) {
      if (name === 'forward' && this.#hooks?.installed) continue
      Object.defineProperty(copy, name, 'value' in field ? { ...field, value: value(field.value) } : field)
    }
    for (const [name, persistent] of this.#buffers) copy.#buffers.set(name, persistent)
    this.#hooks?.copyTo(copy.#hooked)
  }

  /** PyTorch's indented listing of the layers. */
  toString(): string {
    return this.#listing([])
  }

  #listing(above: readonly Module[]): string {
    if (above.includes(this)) return `${this.constructor.name}(…)`
    const inside = [...above, this]
    const children = this.namedChildren().map(([name, child]) =>
      `(${name}): ${child.#listing(inside)}`.replaceAll('\n', '\n  '),
    )
    const extra = this.extraRepr()
    if (!children.length) return `${this.constructor.name}(${extra})`
    return `${this.constructor.name}(\n  ${[...(extra ? [extra] : []), ...children].join('\n  ')}\n)`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}
