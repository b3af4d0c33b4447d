/**
 * Whole modules as data: the name of the class, the arguments with which it is built, and its fields. Coming back, a module
 * is built from its class, which must be known here, and given its fields. No code comes from the file.
 */
import { functional } from '../../nn/index.js'
import { Module } from '../../nn/module.js'
import type { Bytes } from '../files.js'
import { isPlain } from '../names.js'
import { classOf, nameOfClass } from './classes.js'
import { construct, settingsOf, type Fields } from './recipes.js'

/** The key by which a module's record is told from other objects. */
const marker = 'gradbook.module'

interface ModuleRecord {
  [marker]: 1
  class: string
  /** Parameters and buffers by name, for readers that do not know the class. */
  state_dict: unknown
  /** What the nearest class of the library needs besides. */
  settings: unknown
  fields: Fields
  buffers: Record<string, boolean>
  training: boolean
}

/** A function of `F` by name. */
const functionMarker = 'gradbook.function'

export function isModuleRecord(value: Record<string, unknown>): boolean {
  return value[marker] === 1
}

/** A module as plain data. @throws naming the field that cannot be saved. */
export function recordModule(module: Module, path: string): ModuleRecord {
  const name = nameOfClass(module, path)
  if (isInsideItself(module, [])) throw new Error(`save: ${path} lies inside itself, which no file can hold`)
  const saved = new Set(module.stateDict().keys())
  const buffers = Object.fromEntries(module.namedBuffers({ recurse: false }).map(([key]) => [key, saved.has(key)]))
  const fields: Fields = {}
  for (const [key, value] of Object.entries(module))
    if (key !== 'training' && value !== undefined) fields[key] = recordField(value, `${path}.${key}`)
  return {
    [marker]: 1,
    class: name,
    state_dict: module.stateDict(),
    settings: recordField(settingsOf(module, path), `the settings of ${path}`),
    fields,
    buffers,
    training: module.training,
  }
}

function isInsideItself(module: Module, above: readonly Module[]): boolean {
  return above.includes(module) || module.children().some((child) => isInsideItself(child, [...above, module]))
}

/** Functions become names; lists and objects are searched for them. */
function recordField(value: unknown, path: string): unknown {
  if (typeof value === 'function') {
    const found = Object.entries(functional).find(([, known]) => known === value)
    if (!found)
      throw new TypeError(`save: ${path} is a function, which no file can hold; use a method, or a function of F`)
    return { [functionMarker]: found[0] }
  }
  if (Array.isArray(value)) return value.map((item, i) => recordField(item, `${path}[${i}]`))
  if (isPlain(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, recordField(item, `${path}.${key}`)]))
  return value
}

function restoreField(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restoreField)
  if (!isPlain(value)) return value
  const name = value[functionMarker]
  if (typeof name === 'string' && Object.hasOwn(functional, name)) return Reflect.get(functional, name)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, restoreField(item)]))
}

/** The module of a record. @throws FileFormatError when the record is damaged, Error when its class is not known. */
export function restoreModule(file: Bytes, record: Record<string, unknown>): Module {
  const { class: name, settings, fields, buffers, training } = record as Partial<ModuleRecord>
  if (typeof name !== 'string' || !Array.isArray(settings) || !isPlain(fields) || !isPlain(buffers))
    return file.fail('the record of a module is damaged')
  const constructor = classOf(file, name)
  const restored = restoreField(fields) as Fields
  const module = construct(constructor, restored, restoreField(settings) as unknown[])
  for (const [key, value] of Object.entries(restored)) {
    if (typeof Reflect.get(constructor.prototype, key) === 'function')
      file.fail(`field '${key}' of ${name} would hide a method`)
    Object.defineProperty(module, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    })
  }
  for (const [key, persistent] of Object.entries(buffers)) module.registerBuffer(key, undefined, { persistent })
  module.training = training !== false
  return module
}
