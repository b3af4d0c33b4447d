/**
 * How objects reach another thread. A thread cannot see another's classes and closures, but it can import the same module
 * and call it with the same arguments. So the library's data sets and transforms remember what they were made from, and
 * `fromModule` does the same for a user's own; everything else has no way across, which is found before a thread starts.
 */
import { resolve } from 'node:path'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { addon } from '../device/addon.js'
import type { DType } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'

/** A value in a form that a message between threads can hold. */
export type Packed =
  | { kind: 'value'; value: unknown }
  | { kind: 'tensor'; dtype: DType; shape: Shape; exchange: number; ticket: number }
  | { kind: 'array'; items: Packed[] }
  | { kind: 'object'; entries: [string, Packed][] }
  | { kind: 'made'; module: string; name: string; args: Packed[] }

/** Where something is exported and with what it was called. */
interface Recipe {
  readonly module: string
  readonly name: string
  readonly args: readonly unknown[]
}

/** What an object of the library was made from; its class says by which module. */
interface Memory {
  readonly maker: object & { readonly name: string }
  readonly args: readonly unknown[]
}

const modules = new WeakMap<object, string>()
const memories = new WeakMap<object, Memory>()
const recipes = new WeakMap<object, Recipe>()

/** Declares that `constructor` is exported under its own name by the module at this address. */
export function portable(constructor: abstract new (...args: never[]) => object, module: string): void {
  modules.set(constructor, module)
}

/** Keeps the arguments from which an object was made, so that it can be made again if its class is `portable`. */
export function remember(object: object, args: readonly unknown[]): void {
  memories.set(object, { maker: object.constructor, args })
}

/** How the object can be made again; undefined for what was made in this thread by other means. */
function recipeOf(object: object): Recipe | undefined {
  const memory = memories.get(object)
  // A class derived from one of the library's is not in its module.
  const module = memory && modules.get(memory.maker)
  return module === undefined || !memory ? recipes.get(object) : { module, name: memory.maker.name, args: memory.args }
}

/** An object, or a part of one, that exists in this thread only. */
export class NotPortable extends Error {}

/**
 * What the export `name` of a module makes of these arguments, a class by `new`, a function by a call. The result can go to
 * the workers of a DataLoader, which import the same module: so put a data set of your own, or a function that returns a
 * transform, into a file.
 *
 * @param specifier a path relative to the working folder, a `file:` URL or the name of a package
 * @param args plain data, tensors, or objects of the library
 * @example const digits = await data.fromModule('./digits.js', 'Digits', 'folder')
 * @throws when the module cannot be loaded or has no such export.
 */
export async function fromModule(specifier: string | URL, name: string, ...args: unknown[]): Promise<unknown> {
  const module = addressOf(String(specifier))
  const made = await make({ module, name, args })
  if ((typeof made !== 'object' && typeof made !== 'function') || made === null)
    throw new TypeError(
      `fromModule: ${name} of ${String(specifier)} gave ${String(made)}, expected an object or a function`,
    )
  recipes.set(made, { module, name, args })
  return made
}

function addressOf(specifier: string): string {
  if (/^(file|data|node):/.test(specifier)) return specifier
  if (/^[./]/.test(specifier)) return pathToFileURL(resolve(specifier)).href
  return pathToFileURL(createRequire(resolve('cell.js')).resolve(specifier)).href
}

async function make({ module, name, args }: Recipe): Promise<unknown> {
  const exported = (await import(module)) as Record<string, unknown>
  const maker = exported[name]
  if (typeof maker !== 'function')
    throw new TypeError(
      `fromModule: ${module} exports no class or function '${name}'; it exports ${Object.keys(exported).join(', ') || 'nothing'}`,
    )
  const isClass = /^class\b/.test(Function.prototype.toString.call(maker))
  return isClass
    ? (Reflect.construct(maker, args) as unknown)
    : await (maker as (...args: readonly unknown[]) => unknown)(...args)
}

/**
 * Packs a value; everything below must be plain data, a tensor or made from a module. Tensors are put into an exchange of the
 * engine: threads share its memory, so the one that takes them copies nothing.
 *
 * @param path how the value is called in an error
 * @throws NotPortable naming the part that cannot go.
 */
export function pack(value: unknown, path: string, exchange: number): Packed {
  const within = (part: unknown, key: string): Packed => pack(part, `${path}${key}`, exchange)
  if (value instanceof Tensor) {
    if (value.requiresGrad) throw new NotPortable(`${path} is a tensor that requires a gradient; call .detach() first`)
    const { dtype, shape, handle } = value
    return { kind: 'tensor', dtype, shape, exchange, ticket: addon().give(exchange, handle) }
  }
  if (typeof value === 'function' || (typeof value === 'object' && value !== null)) {
    const recipe = recipeOf(value)
    if (recipe) {
      const { module, name, args } = recipe
      return { kind: 'made', module, name, args: args.map((arg, i) => within(arg, `.${name}[${i}]`)) }
    }
  }
  if (typeof value === 'function')
    throw new NotPortable(`${path} is a function of this thread${value.name ? ` ('${value.name}')` : ''}`)
  if (typeof value === 'symbol') throw new NotPortable(`${path} is a symbol`)
  if (Array.isArray(value)) {
    const plain = value.every(
      (item) => typeof item !== 'object' && typeof item !== 'function' && typeof item !== 'symbol',
    )
    return plain ? { kind: 'value', value } : { kind: 'array', items: value.map((item, i) => within(item, `[${i}]`)) }
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof Date)
    return { kind: 'value', value }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    throw new NotPortable(`${path} is an object of the class ${value.constructor.name}, made in this thread`)
  return { kind: 'object', entries: Object.entries(value).map(([key, part]) => [key, within(part, `.${key}`)]) }
}

/** The value that was packed, its parts made anew in this thread; other threads may unpack it, too. */
export async function unpack(packed: Packed): Promise<unknown> {
  switch (packed.kind) {
    case 'made':
      return make({ ...packed, args: await Promise.all(packed.args.map(unpack)) })
    case 'array':
      return Promise.all(packed.items.map(unpack))
    case 'object':
      return Object.fromEntries(await Promise.all(packed.entries.map(async ([key, part]) => [key, await unpack(part)])))
    default:
      return unpackData(packed, true)
  }
}

/** The same for what holds data only, at once. Tensors can be taken by one thread only, unless they are kept. */
export function unpackData(packed: Packed, keep = false): unknown {
  switch (packed.kind) {
    case 'value':
      return packed.value
    case 'tensor':
      return new Tensor(addon().take(packed.exchange, packed.ticket, keep), packed.dtype, packed.shape)
    case 'array':
      return packed.items.map((item) => unpackData(item, keep))
    case 'object':
      return Object.fromEntries(packed.entries.map(([key, part]) => [key, unpackData(part, keep)]))
    case 'made':
      throw new Error(`unpackData: ${packed.name} has to be made by its module`)
  }
}
