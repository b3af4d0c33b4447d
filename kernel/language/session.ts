/**
 * One growing program: what the cells so far declared, for types (tslab's chain of declarations) and for running (the names on the
 * scope object). Everything that the worker is asked goes through here, one request after another.
 */
import { readCell, toDiagnostic, type Cell } from './cell.js'
import { loadConverter, type TslabConverter } from './converter.js'
import { CELL_PREFIX } from './files.js'
import type { ConverterState } from './adapter.js'
import { completenessOf } from './completeness.js'
import { decoratorOptions } from './decorators.js'
import { completionsAt } from './completion.js'
import { boundNames, Declarations } from './declarations.js'
import { inspectAt } from './inspection.js'
import type { LiveProgram } from './live-program.js'
import { completeMagic, inspectMagic, magicCompleteness } from './magic-help.js'
import { mayHaveMagics } from './magics.js'
import { convertModule } from './module.js'
import { moduleExports, typeOnlyImports } from './symbols.js'
import type {
  CompletenessStatus,
  Completion,
  ConvertOptions,
  ConvertedCell,
  ConvertedModule,
  Diagnostic,
  Inspection,
  LanguageWorkerData,
  Segment,
} from './protocol.js'
import { segmentAt, splitCell } from './split-cell.js'
import { transpileCell, type DecoratorOptions } from './transpile.js'

/** "Left side of comma operator is unused": what stands in place of `export default`. */
const UNUSED_LEFT_OF_COMMA = 2695

/** "… implicitly has an 'any' type" in its many forms: plain JavaScript is full of it, and it runs. Said only to those who want it strict. */
const IMPLICIT_ANY = new Set([
  2683, 7005, 7006, 7008, 7010, 7011, 7016, 7018, 7019, 7020, 7022, 7023, 7024, 7025, 7031, 7034,
])

export class LanguageSession {
  private readonly converter: TslabConverter
  private readonly state: ConverterState
  private readonly live: LiveProgram
  /** The import of the preloaded names. */
  private readonly prelude: string
  private declarations: Declarations
  private folder: string
  /** Type errors keep a cell from running. */
  private strict = false
  private readonly scoped = new Map<string, boolean>()
  private readonly globals: Set<string>
  private readonly sampleCell: string
  private isWarm = false
  private readonly decorators: DecoratorOptions
  private preludeNames: readonly string[] = []

  constructor(data: LanguageWorkerData, packageRoot: string) {
    const ownModules = {
      gradbook: `${packageRoot}dist/lib/index.d.ts`,
      tslab: `${packageRoot}dist/kernel/display/tslab.d.ts`,
    }
    this.decorators = decoratorOptions(data.cwd)
    const loaded = loadConverter({ cwd: data.cwd, ownModules, packageRoot, decorators: this.decorators })
    this.converter = loaded.converter
    this.state = loaded.state
    this.live = loaded.state.live!
    this.globals = new Set(data.globalNames)
    this.folder = data.cwd
    this.sampleCell = data.sampleCell
    this.prelude = this.preludeImports(data)
    this.declarations = new Declarations(this.live, this.live.declare(this.prelude))
  }

  /** Back to the names of the prelude. */
  reset(): void {
    this.scoped.clear()
    this.preload(this.preludeNames)
    this.declarations = new Declarations(this.live, this.live.declare(this.prelude))
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
    this.preludeNames = names
    for (const name of names) this.scoped.set(name, true)
  }

  convert(code: string, fileName: string, { types = 'warn', folder }: ConvertOptions = {}): ConvertedCell {
    if (folder !== undefined) this.enter(folder)
    this.state.checking = types !== 'off'
    this.strict = types === 'strict'
    const cell = readCell(code)
    if (cell.syntaxErrors.length > 0) return unrunnable(cell.syntaxErrors)
    const { diagnostics, declarations } = this.check(cell, code)
    if (this.strict && diagnostics.some(({ severity }) => severity === 'error')) {
      this.declarations.after(undefined)
      return unrunnable(diagnostics)
    }
    const typeNames = typeOnlyImports(this.state, cell.file)
    const outer = { scoped: this.scoped, globals: this.globals }
    const { js, map, declared, awaits, syntaxErrors } = transpileCell(cell, fileName, typeNames, outer, this.decorators)
    if (syntaxErrors.length > 0) {
      this.declarations.after(undefined)
      return unrunnable(syntaxErrors)
    }
    this.declarations.after(declarations)
    for (const [name, constant] of declared) this.scoped.set(name, constant)
    return { js, map, diagnostics, declared: [...declared.keys()], awaits }
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
      this.converter.convert('', this.sampleCell)
    } catch {
      this.live.discard() // nobody asked: the next question starts anew
    } finally {
      this.declarations.after(undefined)
    }
  }

  private enter(folder: string): void {
    this.folder = folder
    this.live.resolver.enter(folder)
  }

  split(code: string): Segment[] {
    return splitCell(code, (name) => this.scoped.has(name) || this.globals.has(name))
  }

  complete(code: string, cursor: number): Completion {
    const segment = this.segmentAt(code, cursor)
    if (segment && segment.kind !== 'code') return completeMagic(segment, code, cursor, this.folder)
    const text = segment?.code ?? code
    return this.ask(() => {
      this.converter.complete('', text, cursor)
      return completionsAt(this.state, text, cursor)
    })
  }

  inspect(code: string, cursor: number): Inspection {
    const segment = this.segmentAt(code, cursor)
    if (segment && segment.kind !== 'code') return inspectMagic(segment, code, cursor)
    const text = segment?.code ?? code
    return this.ask(() => {
      this.converter.inspect('', text, cursor)
      return inspectAt(this.state, text, cursor)
    })
  }

  private segmentAt(code: string, cursor: number): Segment | undefined {
    return mayHaveMagics(code) ? segmentAt(this.split(code), cursor) : undefined
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
    return mayHaveMagics(code) ? magicCompleteness(this.split(code), code, completenessOf) : completenessOf(code)
  }

  module(path: string): ConvertedModule {
    const converted = convertModule(path, this.decorators)
    if (converted.js === '' || !this.state.checking || !/\.[cm]?ts$/.test(path)) return converted
    return { ...converted, diagnostics: this.ask(() => this.moduleDiagnostics(path, converted.text)) }
  }

  /** Type errors of a file that the last cell imports. */
  private moduleDiagnostics(path: string, text: string): Diagnostic[] {
    const { program } = this.state
    const file = program?.getSourceFile(path.replace(/\\/g, '/'))
    if (!program || file?.text !== text) return []
    return this.withoutNoise(program.getSemanticDiagnostics(file).map((d) => toDiagnostic(d, text, 0, 'error')))
  }

  private withoutNoise(found: Diagnostic[]): Diagnostic[] {
    return this.strict ? found : found.filter(({ code }) => !IMPLICIT_ANY.has(code))
  }
}

function unrunnable(diagnostics: Diagnostic[]): ConvertedCell {
  return { js: '', map: '', diagnostics, declared: [], awaits: false }
}
