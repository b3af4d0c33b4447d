/** What rewritten cells call by the name `$rt`, and the scope object `$` that all cells of a session share. */
import { builtinModules } from 'node:module'
import type { CellRuntime } from '../language/protocol.js'
import { Slot } from '../wire/link.js'
import { cellRequire, type Imports } from './imports.js'

export type Scope = Record<string, unknown>

/** Own properties: the user's top-level bindings. Prototype: the preloaded names, which a cell may therefore redeclare. */
export function makeScope(preloaded: Readonly<Record<string, unknown>>): Scope {
  return Object.create({ __proto__: null, ...preloaded, ...commonJsNames(), _: undefined }) as Scope
}

/** What `_` is, unless cells have declared one of their own. */
export function setLastResult(scope: Scope, value: unknown): void {
  Object.assign(Object.getPrototypeOf(scope) as Scope, { _: value })
}

/** What files of CommonJS have and tutorials use. In the scope, since libraries take a global `module` as a sign. */
function commonJsNames(): Scope {
  const require = cellRequire()
  const module = { exports: {}, id: '.', filename: '', loaded: false, children: [], paths: [], require }
  // So that a cell is what was started: if (require.main === module) main()
  Object.assign(require, { main: module })
  return { require, module, exports: module.exports }
}

/** Those among them that follow the working folder. */
const folderNames: Record<string, (runtime: CellRuntime) => string> = {
  __dirname: ({ meta }) => meta.dirname,
  __filename: ({ meta }) => meta.filename,
}

/** So many turns of loops between two looks at the stop button: few, since each may take milliseconds in code that looks at none. */
const turnsBetweenLooks = 32

/** What loops call: a plain read of the flag, since no ordering is needed, and `interrupt` when it is up. */
export function makeLook(shared: Int32Array, interrupt: () => void): () => number {
  return () => {
    if (shared[Slot.flag] !== 0) interrupt()
    return turnsBetweenLooks
  }
}

export function makeRuntime(scope: Scope, look: () => number, imports: Imports): CellRuntime {
  const global = globalThis as unknown as Scope
  const runtime: CellRuntime = {
    look,
    ref(name) {
      if (name in scope) return scope[name]
      if (name in global) return global[name]
      if (Object.hasOwn(folderNames, name)) return folderNames[name](runtime)
      const hint = builtinModules.includes(name) ? `; it is a module: import ${name} from 'node:${name}'` : ''
      throw new ReferenceError(`${name} is not defined${hint}`)
    },
    typeOf: (name) => (Object.hasOwn(folderNames, name) ? 'string' : typeof (name in scope ? scope : global)[name]),
    constAssign(name) {
      throw new TypeError(`Assignment to constant variable '${name}'.`)
    },
    import: (specifier, names) => imports.load(specifier, names),
    get meta() {
      return imports.cellMeta
    },
  }
  return runtime
}
