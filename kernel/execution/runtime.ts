/** What rewritten cells call by the name `$rt`, and the scope object `$` that all cells of a session share. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CellRuntime } from '../language/protocol.js'
import { importModule } from './imports.js'

export type Scope = Record<string, unknown>

/** Own properties: the user's top-level bindings. Prototype: the preloaded names, which a cell may therefore redeclare. */
export function makeScope(preloaded: Readonly<Record<string, unknown>>): Scope {
  return Object.create({ __proto__: null, ...preloaded }) as Scope
}

export function makeRuntime(scope: Scope, shared: Int32Array, interrupt: () => void): CellRuntime {
  const global = globalThis as unknown as Scope
  const filename = join(process.cwd(), 'notebook.ipynb')
  return {
    flag: shared,
    interrupt,
    ref(name) {
      if (name in scope) return scope[name]
      if (name in global) return global[name]
      throw new ReferenceError(`${name} is not defined`)
    },
    typeOf: (name) => typeof (name in scope ? scope[name] : global[name]),
    constAssign(name) {
      throw new TypeError(`Assignment to constant variable '${name}'.`)
    },
    import: importModule,
    meta: { url: pathToFileURL(filename).href, dirname: process.cwd(), filename },
  }
}
