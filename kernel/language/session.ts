/**
 * Everything that the language worker is asked goes through here, one request after another. What only syntax can tell is known at once;
 * for types there is the checker, which takes most of a start to make: a first cell need not wait for it.
 */
import type { LanguageRequest } from './client.js'
import { readCell, type Cell } from './cell.js'
import { Checker, type Checked } from './checker.js'
import { completenessOf } from './completeness.js'
import { decoratorOptions } from './decorators.js'
import { completeMagic, inspectMagic, magicCompleteness } from './magic-help.js'
import { mayHaveMagics } from './magics.js'
import { convertModule } from './module.js'
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
  TypeMode,
} from './protocol.js'
import { CellDeclarations } from './sources.js'
import { segmentAt, splitCell } from './split-cell.js'
import { importsNames } from './symbols.js'
import { transpileCell, type DecoratorOptions } from './transpile.js'

/** A cell that was made ready to run before there was a checker. */
interface Unchecked {
  cell: Cell
  fileName: string
  mode: TypeMode
}

export class LanguageSession {
  private made: Checker | undefined
  /** Names that have a value; true for those that cannot be assigned to. */
  private readonly scoped = new Map<string, boolean>()
  private readonly globals: Set<string>
  private readonly decorators: DecoratorOptions
  private preludeNames: readonly string[] = []
  private unchecked: Unchecked[] = []
  /** What was found in cells after they had been made ready, by their file names. */
  private readonly late = new Map<string, Diagnostic[]>()
  private readonly sources = new CellDeclarations()
  private folder: string
  private processFolder: string | undefined

  constructor(
    private readonly data: LanguageWorkerData,
    private readonly packageRoot: string,
  ) {
    this.decorators = decoratorOptions(data.cwd)
    this.globals = new Set(data.globalNames)
    this.folder = data.cwd
    this.processFolder = workingFolder()
  }

  /** Makes the checker. `pause` is called again and again meanwhile, and may ask what `answersAtOnce` allows. */
  prepare(pause: () => void = () => {}): void {
    if (this.made) return
    const { data, packageRoot, decorators } = this
    const ownModules = {
      gradbook: `${packageRoot}dist/lib/index.d.ts`,
      tslab: `${packageRoot}dist/kernel/display/tslab.d.ts`,
    }
    this.made = new Checker({ cwd: data.cwd, ownModules, packageRoot, decorators, pause }, data)
    for (const { cell, fileName, mode } of this.unchecked) {
      const { diagnostics, declarations } = this.made.check(cell, mode)
      this.made.accept(declarations)
      this.late.set(fileName, diagnostics)
    }
    this.unchecked = []
  }

  /** Whether a request needs no checker, or there is one. */
  answersAtOnce({ method, args }: LanguageRequest): boolean {
    if (this.made) return true
    if (method === 'split' || method === 'isComplete') return true
    if (method !== 'convert') return false
    const [code, , options] = args as Parameters<LanguageSession['convert']>
    return this.needsNoTypes(readCell(code), options?.types)
  }

  private get checker(): Checker {
    this.prepare()
    return this.made!
  }

  /** Back to the names of the prelude. */
  reset(): void {
    this.scoped.clear()
    this.sources.clear()
    this.preload(this.preludeNames)
    this.checker.reset()
  }

  /** Tells which of the preloaded names are values. */
  preload(names: readonly string[]): void {
    this.preludeNames = names
    for (const name of names) this.scoped.set(name, true)
  }

  convert(code: string, fileName: string, { types: mode = 'warn' }: ConvertOptions = {}): ConvertedCell {
    this.follow()
    const cell = readCell(code)
    if (cell.syntaxErrors.length > 0) return unrunnable(cell.syntaxErrors)
    const checked = this.needsNoTypes(cell, mode) ? undefined : this.checker.check(cell, mode)
    const converted = this.transpile(cell, fileName, mode, checked)
    const isAccepted = converted.js !== ''
    if (checked) this.checker.accept(isAccepted ? checked.declarations : undefined)
    else if (isAccepted) this.unchecked.push({ cell, fileName, mode })
    return converted
  }

  /** While there is no checker: of what a cell imports, only types tell whether it has a value. */
  private needsNoTypes({ file }: Cell, mode?: TypeMode): boolean {
    return !this.made && mode !== 'strict' && !importsNames(file)
  }

  private transpile(cell: Cell, fileName: string, mode: TypeMode, checked: Checked | undefined): ConvertedCell {
    const diagnostics = checked?.diagnostics ?? []
    if (mode === 'strict' && diagnostics.some(({ severity }) => severity === 'error')) return unrunnable(diagnostics)
    const typeNames = checked ? this.checker.typeNames(cell) : new Set<string>()
    const outer = { scoped: this.scoped, globals: this.globals }
    const { js, map, declared, awaits, syntaxErrors } = transpileCell(cell, fileName, typeNames, outer, this.decorators)
    if (syntaxErrors.length > 0) return unrunnable(syntaxErrors)
    for (const [name, constant] of declared) this.scoped.set(name, constant)
    this.sources.add(cell, fileName)
    return { js, map, diagnostics, declared: [...declared.keys()], awaits, unchecked: checked === undefined }
  }

  /** Type errors of a cell that was made ready before there was a checker. */
  lateDiagnostics(fileName: string): Diagnostic[] {
    this.prepare()
    const found = this.late.get(fileName) ?? []
    this.late.delete(fileName)
    return found
  }

  /** Gets ready for what may come next. */
  rest(): void {
    this.checker.rest()
  }

  /** Cells import from the working folder that the process has now. */
  private follow(): void {
    const now = workingFolder()
    if (now === undefined || now === this.processFolder) return
    this.processFolder = now
    this.folder = now
    this.made?.enter(now)
  }

  split(code: string): Segment[] {
    return splitCell(code, (name) => this.scoped.has(name) || this.globals.has(name))
  }

  complete(code: string, cursor: number): Completion {
    this.follow()
    const segment = this.segmentAt(code, cursor)
    if (segment && segment.kind !== 'code') return completeMagic(segment, code, cursor, this.folder)
    return this.checker.complete(segment?.code ?? code, cursor)
  }

  /** `detail` 1 adds the source. */
  inspect(code: string, cursor: number, detail: 0 | 1 = 0): Inspection {
    const segment = this.segmentAt(code, cursor)
    if (segment && segment.kind !== 'code') return inspectMagic(segment, code, cursor)
    const found = this.checker.inspect(segment?.code ?? code, cursor)
    if (!found) return null
    const { signature, documentation, declaration } = found
    const source = detail === 1 && declaration ? this.sources.of(declaration) : undefined
    return { signature, documentation, ...(source && { source }) }
  }

  private segmentAt(code: string, cursor: number): Segment | undefined {
    return mayHaveMagics(code) ? segmentAt(this.split(code), cursor) : undefined
  }

  isComplete(code: string): CompletenessStatus {
    return mayHaveMagics(code) ? magicCompleteness(this.split(code), code, completenessOf) : completenessOf(code)
  }

  module(path: string): ConvertedModule {
    const converted = convertModule(path, this.decorators)
    if (converted.js === '' || !/\.[cm]?ts$/.test(path)) return converted
    return { ...converted, diagnostics: this.checker.moduleDiagnostics(path, converted.text) }
  }
}

function unrunnable(diagnostics: Diagnostic[]): ConvertedCell {
  return { js: '', map: '', diagnostics, declared: [], awaits: false, unchecked: false }
}

/** undefined when it has been deleted: then all stays as it was. */
function workingFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}
