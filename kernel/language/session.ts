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
import { inspectAt } from './inspection.js'
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
  private readonly preludeDeclarations: string
  private declarations: string
  private readonly scoped = new Map<string, boolean>()
  private readonly globals: Set<string>
  private readonly decorators: DecoratorOptions
  private readonly preludeNames: readonly string[]

  constructor(data: LanguageWorkerData, packageRoot: string) {
    const ownModules = {
      gradbook: `${packageRoot}dist/lib/index.d.ts`,
      tslab: `${packageRoot}dist/kernel/display/tslab.d.ts`,
    }
    this.decorators = decoratorOptions(data.cwd)
    const loaded = loadConverter({ cwd: data.cwd, ownModules, packageRoot, decorators: this.decorators })
    this.converter = loaded.converter
    this.state = loaded.state
    this.globals = new Set(data.globalNames)
    this.preludeNames = data.preludeNames
    this.preludeDeclarations = this.preludeImports(data)
    this.declarations = this.preludeDeclarations
    for (const name of data.preludeNames) this.scoped.set(name, true)
  }

  /** Back to the names of the prelude. */
  reset(): void {
    this.scoped.clear()
    for (const name of this.preludeNames) this.scoped.set(name, true)
    this.declarations = this.preludeDeclarations
  }

  /** The preloaded names are an import that stands before the first cell; a redeclared one drops out of it. */
  private preludeImports({ preludePath, preludeNames }: LanguageWorkerData): string {
    const specifier = JSON.stringify(preludePath.replace(/(\.d)?\.ts$/, '.js'))
    this.converter.inspect(`import * as prelude from ${specifier};\n`, '', 0)
    const names = new Set([...moduleExports(this.state.program, preludePath), ...preludeNames])
    names.delete('default')
    return `import { ${[...names].join(', ')} } from ${specifier};\n`
  }

  convert(code: string, fileName: string, { types = 'warn', folder }: ConvertOptions = {}): ConvertedCell {
    if (folder !== undefined) this.changeFolder(folder)
    this.state.checking = types !== 'off'
    const cell = readCell(code)
    if (cell.syntaxErrors.length > 0) return unrunnable(cell.syntaxErrors)
    const before = this.declarations
    const found = this.check(cell, code)
    if (types === 'strict' && found.some(({ severity }) => severity === 'error')) {
      this.declarations = before
      return unrunnable(found)
    }
    const diagnostics = types === 'strict' ? found : found.filter(({ code }) => !IMPLICIT_ANY.has(code))
    const typeNames = typeOnlyImports(this.state.program, cell.file)
    const outer = { scoped: this.scoped, globals: this.globals }
    const { js, map, declared, awaits, syntaxErrors } = transpileCell(cell, fileName, typeNames, outer, this.decorators)
    if (syntaxErrors.length > 0) {
      this.declarations = before
      return unrunnable(syntaxErrors)
    }
    for (const [name, constant] of declared) this.scoped.set(name, constant)
    return { js, map, diagnostics, declared: [...declared.keys()], awaits }
  }

  /** Types of a cell; what it declares becomes known to the next. A failure of the compiler must not keep a cell from running. */
  private check(cell: Cell, code: string): Diagnostic[] {
    try {
      const { declOutput } = this.converter.convert(this.declarations, cell.text)
      this.declarations = declOutput ?? this.declarations
    } catch (error) {
      const message = `The types of this cell could not be checked: ${error instanceof Error ? error.message : String(error)}`
      return [{ severity: 'warning', code: 0, message, line: 0, column: 0, length: 0 }]
    }
    return this.state.diagnostics
      .filter(({ start = 0 }) => start >= CELL_PREFIX.length && start - CELL_PREFIX.length <= code.length)
      .filter((d) => d.code !== UNUSED_LEFT_OF_COMMA || code.startsWith('void 0,', (d.start ?? 0) - CELL_PREFIX.length))
      .map((diagnostic) => toDiagnostic(diagnostic, code, CELL_PREFIX.length, 'error'))
  }

  /** Earlier cells were written in other folders; what they import is looked for there too. */
  private changeFolder(folder: string): void {
    this.state.folders = [folder, ...this.state.folders.filter((known) => known !== folder)]
  }

  split(code: string): Segment[] {
    return splitCell(code, (name) => this.scoped.has(name) || this.globals.has(name))
  }

  complete(code: string, cursor: number): Completion {
    const segment = this.segmentAt(code, cursor)
    if (segment && segment.kind !== 'code') return completeMagic(segment, code, cursor, this.state.folders[0])
    const text = segment?.code ?? code
    this.converter.complete(this.declarations, text, cursor)
    return completionsAt(this.state, text, cursor)
  }

  inspect(code: string, cursor: number): Inspection {
    const segment = this.segmentAt(code, cursor)
    if (segment && segment.kind !== 'code') return inspectMagic(segment, code, cursor)
    const text = segment?.code ?? code
    this.converter.inspect(this.declarations, text, cursor)
    return inspectAt(this.state, text, cursor)
  }

  private segmentAt(code: string, cursor: number): Segment | undefined {
    return mayHaveMagics(code) ? segmentAt(this.split(code), cursor) : undefined
  }

  isComplete(code: string): CompletenessStatus {
    return mayHaveMagics(code) ? magicCompleteness(this.split(code), code, completenessOf) : completenessOf(code)
  }

  module(path: string): ConvertedModule {
    return convertModule(path, this.decorators)
  }
}

function unrunnable(diagnostics: Diagnostic[]): ConvertedCell {
  return { js: '', map: '', diagnostics, declared: [], awaits: false }
}
