/**
 * Whole modules as data: the name of the class, and the fields. Coming back, a module gets its class, which must be known
 * here, and its fields; constructors do not run, as Python's unpickling does not run them, so no size in a file makes it
 * allocate. No code comes from the file.
 */
import * as nn from '../../nn/index.js'
import { Module } from '../../nn/module.js'
import { isParametrized } from '../../nn/utils/parametrize.js'
import { isReparametrized } from '../../nn/utils/reparametrize.js'
import type { Bytes } from '../files.js'
import { isPlain } from '../names.js'
import { classOf, nameOfClass, type ModuleClass } from './classes.js'

/** The key by which a module's record is told from other objects; its value is the form of the record. */
const marker = 'gradbook.module'
const form = 2

type Fields = Record<string, unknown>

interface ModuleRecord {
  [marker]: typeof form
  class: string
  /** Parameters and buffers by name, for readers that do not know the class. */
  state_dict: unknown
  /** With `training`: names in an object of tensors alone would be translated as those of a state dict. */
  fields: Fields
  buffers: Record<string, boolean>
}

/** A function of `F` by name. */
const functionMarker = 'gradbook.function'
/** The entries of a Map, which is neither a state dict nor has names to translate. */
const mapMarker = 'gradbook.map'

export function isModuleRecord(value: Record<string, unknown>): boolean {
  return Object.hasOwn(value, marker)
}

/** A module as plain data. @throws naming the field that cannot be saved. */
export function recordModule(module: Module, path: string): ModuleRecord {
  const name = nameOfClass(module, path)
  if (isInsideItself(module, [])) throw new Error(`save: ${path} lies inside itself, which no file can hold`)
  assertReadable(module, path)
  const saved = new Set(module.stateDict().keys())
  const buffers = Object.fromEntries(module.namedBuffers({ recurse: false }).map(([key]) => [key, saved.has(key)]))
  const fields: Fields = {}
  for (const [key, value] of Object.entries(module))
    if (value !== undefined) fields[key] = recordField(value, `${path}.${key}`)
  return {
    [marker]: form,
    class: name,
    state_dict: module.stateDict(),
    fields,
    buffers,
  }
}

function isInsideItself(module: Module, above: readonly Module[]): boolean {
  return above.includes(module) || module.children().some((child) => isInsideItself(child, [...above, module]))
}

/** @throws when the module has something besides its fields that it would come back without. */
function assertReadable(module: Module, path: string): void {
  if (isParametrized(module) || isReparametrized(module))
    throw new TypeError(
      `save: ${path} has a parameter that is computed from others, which no file can hold; save net.stateDict(), or remove the normalisation first`,
    )
  for (
    let own: unknown = module.constructor;
    typeof own === 'function' && own !== Module;
    own = Object.getPrototypeOf(own)
  ) {
    if (Object.values<unknown>(nn).includes(own)) return
    const [hidden] = /\.#[\w$]+/.exec(Function.prototype.toString.call(own)) ?? []
    if (hidden)
      throw new TypeError(
        `save: ${path} is of class ${(own as ModuleClass).name}, whose private field ${hidden.slice(1)} cannot be read; ` +
          'give it a name without #, or save net.stateDict()',
      )
  }
}

/** Functions become names and maps lists of entries; lists and objects are searched for them. */
function recordField(value: unknown, path: string): unknown {
  if (typeof value === 'function') {
    const found = Object.entries(nn.functional).find(([, known]) => known === value)
    if (!found)
      throw new TypeError(`save: ${path} is a function, which no file can hold; use a method, or a function of F`)
    return { [functionMarker]: found[0] }
  }
  if (value instanceof Map)
    return { [mapMarker]: [...value].map(([key, item]) => [key, recordField(item, `${path}.get(${String(key)})`)]) }
  if (Array.isArray(value)) return value.map((item, i) => recordField(item, `${path}[${i}]`))
  if (isPlain(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, recordField(item, `${path}.${key}`)]))
  return value
}

const isEntry = (value: unknown): value is [unknown, unknown] => Array.isArray(value) && value.length === 2

function restoreField(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restoreField)
  if (!isPlain(value)) return value
  const name = value[functionMarker]
  if (typeof name === 'string' && Object.hasOwn(nn.functional, name)) return Reflect.get(nn.functional, name)
  const entries = value[mapMarker]
  if (Array.isArray(entries) && entries.every(isEntry))
    return new Map(entries.map(([key, item]) => [key, restoreField(item)]))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, restoreField(item)]))
}

/** The module of a record. @throws FileFormatError when the record is damaged, Error when its class is not known. */
export function restoreModule(file: Bytes, record: Record<string, unknown>): Module {
  const { class: name, fields, buffers } = record as Partial<ModuleRecord>
  if (record[marker] !== form)
    return file.fail(`holds a module in form ${String(record[marker])}; this version reads form ${form}`)
  if (typeof name !== 'string' || !isPlain(fields) || !isPlain(buffers))
    return file.fail('the record of a module is damaged')
  const constructor = classOf(file, name)
  const module = Reflect.construct(Module, [], constructor) as Module
  for (const [key, value] of Object.entries(fields)) {
    if (typeof Reflect.get(constructor.prototype, key) === 'function')
      file.fail(`field '${key}' of ${name} would hide a method`)
    Object.defineProperty(module, key, {
      value: restoreField(value),
      enumerable: true,
      writable: true,
      configurable: true,
    })
  }
  for (const [key, persistent] of Object.entries(buffers)) module.registerBuffer(key, undefined, { persistent })
  return module
}
