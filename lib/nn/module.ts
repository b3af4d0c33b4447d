/** The base class of everything that has parameters: finds them, names them, saves and loads them. */
import { inspect } from 'node:util'
import { addon } from '../device/addon.js'
import { noGrad } from '../autograd/index.js'
import { sameShape, show, type Shape } from '../tensor/shape.js'
import { empty } from '../ops/creation.js'
import type { DType } from '../tensor/dtype.js'
import { Tensor } from '../tensor/tensor.js'
import { Parameter } from './parameter.js'

/** Parameters and buffers by their dotted names, as PyTorch names them. */
export type StateDict = Map<string, Tensor>

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
  readonly #buffers = new Set<string>()

  /** Computes the module's output. */
  abstract forward(...inputs: never[]): unknown

  /** Settings shown in parentheses when the module is printed. */
  extraRepr(): string {
    return ''
  }

  /** A new parameter of these sizes, contents undefined: the constructor initialises it. */
  protected parameter<D extends number, S extends D[]>(shape: [...S], dtype: DType = 'float32'): Parameter<S> {
    return new Parameter(empty(shape as Shape, { dtype }) as Tensor<S>)
  }

  /** Declares the field `name` as state that is saved but not learned (torch.nn.Module.register_buffer). */
  registerBuffer(name: string): void {
    this.#buffers.add(name)
  }

  /** Direct children by field name. */
  namedChildren(): [string, Module][] {
    return Object.entries(this).filter((entry): entry is [string, Module] => entry[1] instanceof Module)
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

  /** All parameters with dotted names; a shared one is listed once, under its first name. */
  namedParameters(): [string, Parameter][] {
    const seen = new Set<Parameter>()
    return this.#members(
      (value): value is Parameter => value instanceof Parameter && !seen.has(value) && Boolean(seen.add(value)),
    )
  }

  /** All parameters: what an optimizer is given. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter)
  }

  /** Saved state that is not learned, with dotted names. */
  namedBuffers(): [string, Tensor][] {
    return this.namedModules().flatMap(([prefix, module]) =>
      [...module.#buffers].flatMap((name): [string, Tensor][] => {
        const value: unknown = Reflect.get(module, name)
        return value instanceof Tensor ? [[prefix ? `${prefix}.${name}` : name, value]] : []
      }),
    )
  }

  #members<T>(accept: (value: unknown) => value is T): [string, T][] {
    return this.namedModules().flatMap(([prefix, module]) =>
      Object.entries(module).flatMap(([name, value]): [string, T][] =>
        accept(value) ? [[prefix ? `${prefix}.${name}` : name, value]] : [],
      ),
    )
  }

  /** Parameters and buffers under every name that they have; a module inside itself is not followed. */
  #state(prefix: string, above: readonly Module[]): [string, Tensor][] {
    const named = (name: string): string => (prefix ? `${prefix}.${name}` : name)
    const entries = Object.entries(this)
    const parameters = entries.filter(([, value]) => value instanceof Parameter)
    const buffers = entries.filter(([name, value]) => this.#buffers.has(name) && value instanceof Tensor)
    const own = [...parameters, ...buffers].map(([name, value]): [string, Tensor] => [named(name), value as Tensor])
    const inside = [...above, this]
    const children = this.namedChildren().filter(([, child]) => !inside.includes(child))
    return [...own, ...children.flatMap(([name, child]) => child.#state(named(name), inside))]
  }

  /** Parameters and buffers by name, sharing memory with the module (torch.nn.Module.state_dict). */
  stateDict(): StateDict {
    return new Map(this.#state('', []).map(([name, value]) => [name, value.detach()]))
  }

  /**
   * Copies values into parameters and buffers of the same names (torch.nn.Module.load_state_dict). Nothing changes if
   * anything does not fit.
   * @throws naming missing and unexpected keys (unless `strict: false`) and sizes that differ.
   */
  loadStateDict(state: StateDict | Record<string, Tensor>, { strict = true }: { strict?: boolean } = {}): void {
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

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null
  }

  /** The module where it is: tensors live in main memory. Returns the module. */
  to(device: 'cpu'): this {
    if (device !== 'cpu') throw new Error(`device '${String(device)}' is not available; known is 'cpu'`)
    return this
  }

  /** Calls `visit` on this module and all below, children first. Returns the module. */
  apply(visit: (module: Module) => void): this {
    for (const module of this.modules().reverse()) visit(module)
    return this
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
