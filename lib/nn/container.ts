/** Modules made of modules, and lists of parameters. */
import { inspect } from 'node:util'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'

/** A module that maps one tensor to one tensor. */
export interface Layer extends Module {
  forward(x: Tensor): Tensor
}

/** Modules in an order, numbered from 0: what Sequential and ModuleList share. Read and replace one by `list[2]`. */
abstract class OrderedModules<M extends Module> extends Module implements Iterable<M> {
  [index: number]: M
  /** Names in order; the modules are fields of these names. */
  private readonly names: string[] = []

  /** Number of modules. */
  get length(): number {
    return this.names.length
  }

  override namedChildren(): [string, Module][] {
    return this.names.map((name) => [name, Reflect.get(this, name) as Module])
  }

  /** The module at a position; negative ones count from the end. */
  at(index: number): M {
    return Reflect.get(this, this.names[this.positionOf(index, this.length - 1)]) as M
  }

  /** Adds a module at the end. Returns the container. */
  append(module: M): this {
    return this.insertNamed(this.length, String(this.length), module)
  }

  /** Adds modules at the end. Returns the container. */
  extend(modules: Iterable<M>): this {
    for (const module of modules) this.append(module)
    return this
  }

  /** Adds a module before the one at `index`; those after it move on by one. Returns the container. */
  insert(index: number, module: M): this {
    const at = this.positionOf(index, this.length)
    assertModule(this, at, module)
    const after = [...this].slice(at)
    this.append(module)
    for (const [i, moved] of [module, ...after].entries()) Reflect.set(this, this.names[at + i], moved)
    return this
  }

  /** Takes the module at `index` out; those after it move up by one. Returns it. */
  pop(index = -1): M {
    const at = this.positionOf(index, this.length - 1)
    const kept = [...this]
    const [taken] = kept.splice(at, 1)
    kept.slice(at).forEach((module, i) => Reflect.set(this, this.names[at + i], module))
    Reflect.deleteProperty(this, this.names.pop() as string)
    return taken
  }

  *[Symbol.iterator](): Iterator<M> {
    for (const [, module] of this.namedChildren()) yield module as M
  }

  /** @internal */
  protected insertNamed(index: number, name: string, module: M): this {
    assertModule(this, index, module)
    if (name in this) throw new RangeError(`${this.constructor.name}: '${name}' is taken; choose another name`)
    this.addModule(name, module)
    this.names.splice(index, 0, name)
    return this
  }

  /** @internal Named modules from `start` up to `end`, as Array.prototype.slice counts. */
  protected part(start?: number, end?: number): [string, M][] {
    return this.namedChildren().slice(start, end) as [string, M][]
  }

  private positionOf(index: number, last: number): number {
    const at = index < 0 ? index + this.length : index
    if (!Number.isInteger(at) || at < 0 || at > last)
      throw new RangeError(`${this.constructor.name}: no position ${index}, there are ${this.length} modules`)
    return at
  }
}

function assertModule(container: Module, at: number, module: unknown): void {
  if (!(module instanceof Module))
    throw new TypeError(
      `${container.constructor.name}: entry ${at} is no module but ${inspect(module, { depth: 0, compact: true })}`,
    )
}

/**
 * Layers one after the other, numbered, or named by an object or Map. torch.nn.Sequential.
 * @example new nn.Sequential(new nn.Linear(784, 500), new nn.ReLU())
 * @example new nn.Sequential({ hidden: new nn.Linear(784, 500), act: new nn.ReLU() })
 */
export class Sequential extends OrderedModules<Layer> {
  constructor(...layers: Layer[] | [named: Readonly<Record<string, Layer>> | ReadonlyMap<string, Layer>]) {
    super()
    const [first] = layers
    const named = layers.length === 1 && typeof first === 'object' && first !== null && !(first instanceof Module)
    if (!named) this.extend(layers as Layer[])
    else
      for (const [name, layer] of first instanceof Map ? (first as Map<string, Layer>) : Object.entries(first))
        this.insertNamed(this.length, name, layer as Layer)
  }

  /** Layers from `start` up to `end` (not included; negative ones count from the end) as a Sequential that shares them. */
  slice(start?: number, end?: number): Sequential {
    const part = this.part(start, end)
    const numbered = part.every(([name]) => /^\d+$/.test(name))
    return numbered ? new Sequential(...part.map(([, layer]) => layer)) : new Sequential(new Map(part))
  }

  forward(x: Tensor): Tensor {
    let value = x
    for (const layer of this) value = layer.forward(value)
    return value
  }
}

/**
 * A list of modules, for a forward of one's own. torch.nn.ModuleList.
 * @example this.layers = new nn.ModuleList([1, 2, 3].map(() => new nn.Linear(10, 10)))
 */
export class ModuleList<M extends Module = Module> extends OrderedModules<M> {
  constructor(modules: Iterable<M> = []) {
    super()
    this.extend(modules)
  }

  /** Modules from `start` up to `end` as a list that shares them. */
  slice(start?: number, end?: number): ModuleList<M> {
    return new ModuleList(this.part(start, end).map(([, module]) => module))
  }

  /** @throws always: a list does not say in which way its modules follow one another. */
  forward(): never {
    throw new Error('ModuleList: has no forward of its own; loop over its modules, or use Sequential')
  }
}

/**
 * Modules by name, in order of insertion. torch.nn.ModuleDict.
 * @example this.act = new nn.ModuleDict({ relu: new nn.ReLU(), tanh: new nn.Tanh() })
 */
export class ModuleDict<M extends Module = Module> extends Module implements Iterable<[string, M]> {
  private readonly byName = new Map<string, M>()

  constructor(modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]> = {}) {
    super()
    this.update(modules)
  }

  override namedChildren(): [string, Module][] {
    return [...this.byName]
  }

  /** Number of modules. */
  get size(): number {
    return this.byName.size
  }

  /** The module of this name. @throws RangeError when there is none. */
  get(name: string): M {
    const module = this.byName.get(name)
    if (!module)
      throw new RangeError(`ModuleDict: no module '${name}'; there are ${[...this.keys()].join(', ') || 'none'}`)
    return module
  }

  /** Whether there is one of this name. */
  has(name: string): boolean {
    return this.byName.has(name)
  }

  /** Adds or replaces a module. Returns the container. */
  set(name: string, module: M): this {
    if (name === '' || name.includes('.'))
      throw new RangeError(`ModuleDict: a name must not be empty and must have no '.', got '${name}'`)
    if (!(module instanceof Module)) throw new TypeError(`ModuleDict: '${name}' must be a module, got ${typeof module}`)
    this.byName.set(name, module)
    return this
  }

  /** Adds or replaces several. Returns the container. */
  update(modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]>): this {
    const entries = Symbol.iterator in modules ? modules : Object.entries(modules)
    for (const [name, module] of entries) this.set(name, module)
    return this
  }

  /** Takes a module out and returns it. */
  pop(name: string): M {
    const module = this.get(name)
    this.byName.delete(name)
    return module
  }

  /** Takes all modules out. */
  clear(): void {
    this.byName.clear()
  }

  /** The names, in order. */
  keys(): IterableIterator<string> {
    return this.byName.keys()
  }

  /** The modules, in order. */
  values(): IterableIterator<M> {
    return this.byName.values()
  }

  /** Names and modules, in order. */
  entries(): IterableIterator<[string, M]> {
    return this.byName.entries()
  }

  [Symbol.iterator](): Iterator<[string, M]> {
    return this.byName.entries()
  }

  /** @throws always: a dictionary does not say which of its modules to use. */
  forward(): never {
    throw new Error('ModuleDict: has no forward of its own; get a module by its name')
  }
}

const asParameter = (value: Tensor): Parameter => (value instanceof Parameter ? value : new Parameter(value))

/** A list of parameters; plain tensors become parameters. Read one by `list[2]`. torch.nn.ParameterList. */
export class ParameterList extends Module implements Iterable<Parameter> {
  [index: number]: Parameter

  constructor(parameters: Iterable<Tensor> = []) {
    super()
    this.extend(parameters)
  }

  /** Number of parameters. */
  get length(): number {
    return this.ownParameters().length
  }

  /** The parameter at a position; negative ones count from the end. */
  at(position: number): Parameter | undefined {
    return this.ownParameters().at(position)?.[1]
  }

  /** Adds a parameter at the end. Returns the list. */
  append(parameter: Tensor): this {
    this.registerParameter(String(this.length), asParameter(parameter))
    return this
  }

  /** Adds parameters at the end. Returns the list. */
  extend(parameters: Iterable<Tensor>): this {
    for (const parameter of parameters) this.append(parameter)
    return this
  }

  *[Symbol.iterator](): Iterator<Parameter> {
    for (const [, parameter] of this.ownParameters()) yield parameter
  }

  /** @throws always. */
  forward(): never {
    throw new Error('ParameterList: has no forward; use its parameters')
  }

  override extraRepr(): string {
    return shapes(this.ownParameters())
  }
}

/** Parameters by name, in order of insertion; plain tensors become parameters. torch.nn.ParameterDict. */
export class ParameterDict extends Module implements Iterable<[string, Parameter]> {
  private readonly byName = new Map<string, Parameter>()

  constructor(parameters: Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]> = {}) {
    super()
    this.update(parameters)
  }

  protected override ownParameters(): [string, Parameter][] {
    return [...this.byName]
  }

  /** Number of parameters. */
  get size(): number {
    return this.byName.size
  }

  /** The parameter of this name. @throws RangeError when there is none. */
  get(name: string): Parameter {
    const parameter = this.byName.get(name)
    if (!parameter)
      throw new RangeError(`ParameterDict: no parameter '${name}'; there are ${[...this.keys()].join(', ') || 'none'}`)
    return parameter
  }

  /** Whether there is one of this name. */
  has(name: string): boolean {
    return this.byName.has(name)
  }

  /** Adds or replaces a parameter. Returns the container. */
  set(name: string, parameter: Tensor): this {
    if (name === '' || name.includes('.'))
      throw new RangeError(`ParameterDict: a name must not be empty and must have no '.', got '${name}'`)
    this.byName.set(name, asParameter(parameter))
    return this
  }

  /** Adds or replaces several. Returns the container. */
  update(parameters: Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]>): this {
    const entries = Symbol.iterator in parameters ? parameters : Object.entries(parameters)
    for (const [name, parameter] of entries) this.set(name, parameter)
    return this
  }

  /** Takes a parameter out and returns it. */
  pop(name: string): Parameter {
    const parameter = this.get(name)
    this.byName.delete(name)
    return parameter
  }

  /** The names, in order. */
  keys(): IterableIterator<string> {
    return this.byName.keys()
  }

  /** The parameters, in order. */
  values(): IterableIterator<Parameter> {
    return this.byName.values()
  }

  [Symbol.iterator](): Iterator<[string, Parameter]> {
    return this.byName.entries()
  }

  /** @throws always. */
  forward(): never {
    throw new Error('ParameterDict: has no forward; use its parameters')
  }

  override extraRepr(): string {
    return shapes([...this])
  }
}

const shapes = (parameters: readonly (readonly [string, Parameter])[]): string =>
  parameters.map(([name, { dtype, shape }]) => `(${name}): ${dtype} [${shape.join(', ')}]`).join(', ')
