/** Runs rewritten cells without a kernel: one scope object, a runtime that counts stop checks, modules from a table. */
import { readCell } from '../../../kernel/language/cell.js'
import type { CellRuntime, Diagnostic } from '../../../kernel/language/protocol.js'
import { transpileCell } from '../../../kernel/language/transpile.js'

type CellFunction = (scope: object, runtime: CellRuntime) => Promise<unknown>

export class FakeKernel {
  readonly scope: Record<string, unknown>
  readonly names = new Map<string, boolean>()
  readonly imported: string[] = []
  js = ''
  map = ''
  /** How many stop checks may pass before a stop is asked for. */
  checksLeft = Infinity
  turnsBetweenLooks = 0
  private readonly globals = new Set(Object.getOwnPropertyNames(globalThis))

  constructor(
    prelude: Record<string, unknown> = {},
    private readonly modules: Record<string, Record<string, unknown>> = {},
    private readonly typeNames = new Set<string>(),
  ) {
    this.scope = Object.create(prelude) as Record<string, unknown>
    for (const name of Object.keys(prelude)) this.names.set(name, true)
  }

  /** The result of the cell, or rejects with what it threw. */
  async run(code: string, fileName = 'cell.ts'): Promise<unknown> {
    const { js, map, declared, syntaxErrors } = this.transpile(code, fileName)
    if (syntaxErrors[0]) throw new SyntaxError(syntaxErrors[0].message)
    this.js = js
    this.map = map
    for (const [name, constant] of declared) this.names.set(name, constant)
    const run = (0, eval)(`(${js}\n)`) as CellFunction
    return run(this.scope, this.runtime)
  }

  syntaxErrors(code: string): Diagnostic[] {
    return this.transpile(code, 'cell.ts').syntaxErrors
  }

  private transpile(code: string, fileName: string) {
    return transpileCell(readCell(code), fileName, this.typeNames, { scoped: this.names, globals: this.globals })
  }

  private readonly runtime: CellRuntime = {
    look: () => {
      if (this.checksLeft-- <= 0) throw new Error('stopped')
      return this.turnsBetweenLooks
    },
    ref: (name) => {
      if (name in this.scope) return this.scope[name]
      if (name in globalThis) return (globalThis as Record<string, unknown>)[name]
      throw new ReferenceError(`${name} is not defined`)
    },
    typeOf: (name) => (name in this.scope ? typeof this.scope[name] : 'undefined'),
    constAssign: (name) => {
      throw new TypeError(`Assignment to constant variable '${name}'.`)
    },
    import: (specifier) => {
      this.imported.push(specifier)
      const module = this.modules[specifier]
      return module ? Promise.resolve(module) : Promise.reject(new Error(`no module ${specifier}`))
    },
    meta: { url: 'file:///cell', dirname: '/', filename: '/cell', resolve: (specifier) => specifier },
  }
}
