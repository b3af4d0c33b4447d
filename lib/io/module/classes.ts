/** Which classes of modules can come back from a file: those of `nn`, those that cells define, and those that were named. */
import * as nn from '../../nn/index.js'
import { Module } from '../../nn/module.js'
import type { Bytes } from '../files.js'
import { lookUp } from './lookup.js'

/** A class of modules. */
export type ModuleClass = new (...args: never[]) => Module

const registered = new Map<string, ModuleClass>()

/**
 * Lets `load` build modules of these classes, under their names. In cells it is not needed: classes that cells define are
 * known. @throws TypeError for what is no class of modules.
 */
export function registerModule(...classes: ModuleClass[]): void {
  for (const entry of classes) {
    if (!isModuleClass(entry)) throw new TypeError('registerModule: expects classes that extend nn.Module')
    registered.set(entry.name, entry)
  }
}

function isModuleClass(value: unknown): value is ModuleClass {
  return typeof value === 'function' && value.prototype instanceof Module
}

/** The name under which a module's class is found again. @throws when there is none. */
export function nameOfClass(module: Module, path: string): string {
  const constructor = module.constructor as ModuleClass
  const { name } = constructor
  if (!name) throw new TypeError(`save: ${path} is of a class without a name; only classes with names can come back`)
  return Reflect.get(nn, name) === constructor ? `nn.${name}` : name
}

/** The class of this name. @throws naming it when it is not known. */
export function classOf(file: Bytes, name: string): ModuleClass {
  const found: unknown = name.startsWith('nn.')
    ? Reflect.get(nn, name.slice(3))
    : (registered.get(name) ?? lookUp(name))
  if (isModuleClass(found)) return found
  throw new Error(
    `${file.name}: holds a module of class ${name}, which is not known here; run the cell that defines it ` +
      `(outside of cells: io.registerModule(${name})) and load again`,
  )
}
