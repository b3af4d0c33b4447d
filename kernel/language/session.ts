/**
 * One growing program: what the cells so far declared, for types (tslab's chain of declarations) and for running (the names on the
 * scope object). Everything that the worker is asked goes through here, one request after another.
 */
import { readCell, toDiagnostic, type Cell } from './cell.js'
import { loadConverter, type TslabConverter } from './converter.js'
import { CELL_PREFIX } from './files.js'
import type { ConverterState } from './adapter.js'
import { completenessOf } from './completeness.js'
import { completionsAt } from './completion.js'
import { boundNames, Declarations } from './declarations.js'
import { inspectAt } from './inspection.js'
import type { LiveProgram } from './live-program.js'
import { moduleExports, typeOnlyImports } from './symbols.js'
import type {
  CompletenessStatus,
  Completion,
  ConvertedCell,
  Diagnostic,
  Inspection,
  LanguageWorkerData,
} from './protocol.js'
import { transpileCell } from './transpile.js'

/** "Left side of comma operator is unused": what stands in place of `export default`. */
const UNUSED_LEFT_OF_COMMA = 2695

export class LanguageSession {
  private readonly converter: TslabConverter
  private readonly state: ConverterState
  private readonly live: LiveProgram
  private readonly declarations: Declarations
  private readonly scoped = new Map<string, boolean>()
  private readonly globals: Set<string>
  private readonly sampleCell: string
  private isWarm = false

  constructor(data: LanguageWorkerData, packageRoot: string) {
    const ownModules = { gradbook: `${packageRoot}dist/lib/index.d.ts` }
    const loaded = loadConverter({ cwd: data.cwd, ownModules, packageRoot })
    this.converter = loaded.converter
    this.state = loaded.state
    this.live = loaded.state.live!
    this.globals = new Set(data.globalNames)
    this.sampleCell = data.sampleCell
    this.declarations = new Declarations(this.live, this.live.declare(this.preludeImports(data)))
  }

  /** The preloaded names are an import that stands before the first cell. */
  private preludeImports({ preludePath }: LanguageWorkerData): string {
    const specifier = JSON.stringify(preludePath.replace(/(\.d)?\.ts$/, '.js'))
    this.converter.inspect(`import * as prelude from ${specifier};\n`, '', 0)
    const names = moduleExports(this.state.program, preludePath).filter((name) => name !== 'default')
    return `import { ${names.join(', ')} } from ${specifier};\n`
  }

  /** Tells which of the preloaded names are values. */
  preload(names: readonly string[]): void {
    for (const name of names) this.scoped.set(name, true)
  }

  convert(code: string, fileName: string): ConvertedCell {
    const cell = readCell(code)
    if (cell.syntaxErrors.length > 0) return unrunnable(cell.syntaxErrors)
    const { diagnostics, declarations } = this.check(cell, code)
    const typeNames = typeOnlyImports(this.state, cell.file)
    const { js, map, declared, syntaxErrors } = transpileCell(cell, fileName, typeNames, {
      scoped: this.scoped,
      globals: this.globals,
    })
    if (syntaxErrors.length > 0) {
      this.declarations.after(undefined)
      return unrunnable(syntaxErrors)
    }
    this.declarations.after(declarations)
    for (const [name, constant] of declared) this.scoped.set(name, constant)
    return { js, map, diagnostics, declared: [...declared.keys()] }
  }

  /** Type errors of a cell, and what it declares. A failure of the compiler must not keep a cell from running. */
  private check(cell: Cell, code: string): { diagnostics: Diagnostic[]; declarations?: string | undefined } {
    try {
      const before = this.declarations.before(boundNames(cell.file))
      const { declOutput } = this.converter.convert(before, cell.text)
      return { diagnostics: this.diagnostics(code), declarations: declOutput }
    } catch (error) {
      this.live.discard()
      const message = `The types of this cell could not be checked: ${error instanceof Error ? error.message : String(error)}`
      return { diagnostics: [{ severity: 'warning', code: 0, message, line: 0, column: 0, length: 0 }] }
    }
  }

  private diagnostics(code: string): Diagnostic[] {
    return this.state.diagnostics
      .filter(({ start = 0 }) => start >= CELL_PREFIX.length && start - CELL_PREFIX.length <= code.length)
      .filter((d) => d.code !== UNUSED_LEFT_OF_COMMA || code.startsWith('void 0,', (d.start ?? 0) - CELL_PREFIX.length))
      .map((diagnostic) => toDiagnostic(diagnostic, code, CELL_PREFIX.length, 'error'))
  }

  /** Gets ready for what may come next. */
  rest(): void {
    const isRenewed = this.ask(() => this.live.renew())
    if (this.isWarm && !isRenewed) return
    this.isWarm = true
    this.declarations.before([])
    this.ask(() => this.converter.convert('', this.sampleCell))
    this.declarations.after(undefined)
  }

  complete(code: string, cursor: number): Completion {
    return this.ask(() => {
      this.converter.complete('', code, cursor)
      return completionsAt(this.state, code, cursor)
    })
  }

  inspect(code: string, cursor: number): Inspection {
    return this.ask(() => {
      this.converter.inspect('', code, cursor)
      return inspectAt(this.state, code, cursor)
    })
  }

  private ask<T>(question: () => T): T {
    try {
      return question()
    } catch (error) {
      this.live.discard()
      throw error
    }
  }

  isComplete(code: string): CompletenessStatus {
    return completenessOf(code)
  }
}

function unrunnable(diagnostics: Diagnostic[]): ConvertedCell {
  return { js: '', map: '', diagnostics, declared: [] }
}
