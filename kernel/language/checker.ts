/**
 * Types of one growing program: what the cells so far declared (tslab's chain of declarations), their errors, completion and inspection.
 * Making one reads the declarations of the library, of Node and of the language, which is most of what a start takes.
 */
import type { AdapterOptions, ConverterState } from './adapter.js'
import { toDiagnostic, type Cell } from './cell.js'
import { completionsAt } from './completion.js'
import { loadConverter, type TslabConverter } from './converter.js'
import { boundNames, Declarations } from './declarations.js'
import { CELL_PREFIX } from './files.js'
import { inspectAt, type FoundName } from './inspection.js'
import type { LiveProgram } from './live-program.js'
import type { Completion, Diagnostic, LanguageWorkerData, TypeMode } from './protocol.js'
import { moduleExports, typeOnlyImports } from './symbols.js'

/** "Left side of comma operator is unused": what stands in place of `export default`. */
const UNUSED_LEFT_OF_COMMA = 2695

/** "… implicitly has an 'any' type" in its many forms: plain JavaScript is full of it, and it runs. Said only to those who want it strict. */
const IMPLICIT_ANY = new Set([
  2683, 7005, 7006, 7008, 7010, 7011, 7016, 7018, 7019, 7020, 7022, 7023, 7024, 7025, 7031, 7034,
])

/** What came of looking at the types of a cell. */
export interface Checked {
  diagnostics: Diagnostic[]
  /** What the cell declares; undefined after a failure of the compiler. */
  declarations?: string | undefined
}

export class Checker {
  private readonly converter: TslabConverter
  private readonly state: ConverterState
  private readonly live: LiveProgram
  /** The import of the preloaded names. */
  private readonly prelude: string
  private declarations: Declarations
  private mode: TypeMode = 'warn'
  private isWarm = false

  constructor(
    options: AdapterOptions,
    private readonly data: LanguageWorkerData,
  ) {
    const { converter, state } = loadConverter(options)
    this.converter = converter
    this.state = state
    this.live = state.live!
    this.prelude = this.preludeImports(data)
    this.declarations = new Declarations(this.live, this.live.declare(this.prelude))
  }

  /** Back to the names of the prelude. */
  reset(): void {
    this.declarations = new Declarations(this.live, this.live.declare(this.prelude))
  }

  /** The preloaded names are an import that stands before the first cell. */
  private preludeImports({ preludePath }: LanguageWorkerData): string {
    const specifier = JSON.stringify(preludePath.replace(/(\.d)?\.ts$/, '.js'))
    this.converter.inspect(`import * as prelude from ${specifier};\n`, '', 0)
    const names = moduleExports(this.state.program, preludePath).filter((name) => name !== 'default')
    return `import { ${names.join(', ')} } from ${specifier};\n`
  }

  /** Cells import from this folder from now on. */
  enter(folder: string): void {
    this.live.resolver.enter(folder)
  }

  /** Must be followed by `accept`. A failure of the compiler must not keep a cell from running. */
  check(cell: Cell, mode: TypeMode): Checked {
    this.mode = mode
    this.state.checking = mode !== 'off'
    try {
      const before = this.declarations.before(boundNames(cell.file))
      const { declOutput } = this.converter.convert(before, cell.text)
      return { diagnostics: this.diagnostics(cell.code), declarations: declOutput }
    } catch (error) {
      this.live.discard()
      const message = `The types of this cell could not be checked: ${error instanceof Error ? error.message : String(error)}`
      return { diagnostics: [{ severity: 'warning', code: 0, message, line: 0, column: 0, length: 0 }] }
    }
  }

  /** What the cell that was checked last declares is known from now on; undefined if it is not to run. */
  accept(declarations: string | undefined): void {
    this.declarations.after(declarations)
  }

  /** Names that the cell that was checked last imports and that are types only. */
  typeNames(cell: Cell): Set<string> {
    return typeOnlyImports(this.state, cell.file)
  }

  private diagnostics(code: string): Diagnostic[] {
    const found = this.state.diagnostics
      .filter(({ start = 0 }) => start >= CELL_PREFIX.length && start - CELL_PREFIX.length <= code.length)
      .filter((d) => d.code !== UNUSED_LEFT_OF_COMMA || code.startsWith('void 0,', (d.start ?? 0) - CELL_PREFIX.length))
      .map((diagnostic) => toDiagnostic(diagnostic, code, CELL_PREFIX.length, 'error'))
    return this.withoutNoise(found)
  }

  /** Gets ready for what may come next. */
  rest(): void {
    try {
      if (!this.live.renew() && this.isWarm) return
      this.isWarm = true
      this.state.checking = true
      this.declarations.before([])
      this.converter.convert('', this.data.sampleCell)
    } catch {
      this.live.discard() // nobody asked: the next question starts anew
    } finally {
      this.accept(undefined)
    }
  }

  complete(text: string, cursor: number): Completion {
    return this.ask(() => {
      this.converter.complete('', text, cursor)
      return completionsAt(this.state, text, cursor)
    })
  }

  inspect(text: string, cursor: number): FoundName | null {
    return this.ask(() => {
      this.converter.inspect('', text, cursor)
      return inspectAt(this.state, text, cursor)
    })
  }

  /** Type errors of a file that the last cell imports. */
  moduleDiagnostics(path: string, text: string): Diagnostic[] {
    if (!this.state.checking) return []
    return this.ask(() => {
      const { program } = this.state
      const file = program?.getSourceFile(path.replace(/\\/g, '/'))
      if (!program || file?.text !== text) return []
      return this.withoutNoise(program.getSemanticDiagnostics(file).map((d) => toDiagnostic(d, text, 0, 'error')))
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

  private withoutNoise(found: Diagnostic[]): Diagnostic[] {
    return this.mode === 'strict' ? found : found.filter(({ code }) => !IMPLICIT_ANY.has(code))
  }
}
