/**
 * The program that cells are checked in, with a type checker that lives on from cell to cell.
 *
 * TypeScript makes a new checker whenever a file changes, and that works out the types of the whole library again: 50 to 300 ms a cell.
 * But nothing imports a cell or the declarations before it. So each version of these two is parsed as a file of its own and shown to the
 * checker, which keeps all that it knows of the rest. A new program is needed only for what reaches further: an import of something
 * new, a user's module that was edited, a global declaration.
 */
import type TS from 'typescript'
import { CELL_FILE, CELL_PREFIX, DECLARATIONS_FILE } from './files.js'
import { internals, type InternalProgram, type InternalSourceFile } from './internals.js'
import { ModuleResolver } from './resolution.js'
import { ts } from './typescript.js'

export interface LiveProgramOptions {
  /** Folder of the cells, with forward slashes. */
  cwd: string
  compiler: TS.CompilerOptions
  /** Modules that resolve to one file from everywhere: name → absolute path of its declarations. */
  ownModules: Readonly<Record<string, string>>
  /** Whether a file stays as it is while the session runs. */
  isFixed: (fileName: string) => boolean
  /** Called before each file that is read. */
  pause: () => void
}

/** What a checker was shown stays in its memory, so it is replaced when it has grown by about 80 MB: by so many types, or by such a length of text. */
const MAX_NEW_TYPES = 25_000
const MAX_TEXT = 500_000
/** The part of that at which it is replaced while nobody waits. */
const GROWN_MUCH = 0.5

/** The texts of the two files that tslab knows. */
interface Texts {
  cell: string
  declarations: string
}

type Imports = ReadonlyMap<string, TS.ResolvedModuleWithFailedLookupLocations>

interface CachedFile {
  file: TS.SourceFile | undefined
  /** Of files that users edit: when they did so last. */
  modified: number | undefined
  isStandIn: boolean
}

export class LiveProgram {
  /** Where names are looked up that neither file has: declarations of earlier cells, the latest first, each file inside the one before. */
  scope: InternalSourceFile | undefined
  private program: InternalProgram | undefined
  private typesAtStart = 0
  private textShown = 0
  /** What the program was made for; not all of it becomes part of a program, JavaScript for example. */
  private asked = new Set<string>()
  private cell: InternalSourceFile | undefined
  private declarations: InternalSourceFile | undefined
  private versions = 0
  /** What each version imports. */
  private readonly imports = new WeakMap<TS.SourceFile, Imports>()
  /** Files that all programs share. */
  private readonly files = new Map<string, CachedFile>()
  private readonly host: TS.CompilerHost
  readonly resolver: ModuleResolver

  constructor(private readonly options: LiveProgramOptions) {
    const host = { ...ts.createCompilerHost(options.compiler), getCurrentDirectory: () => options.cwd }
    this.resolver = new ModuleResolver({ ...options, host })
    this.host = { ...host, getModuleResolutionCache: () => this.resolver.cache }
  }

  /** The program with these two texts in it, under the names CELL_FILE and DECLARATIONS_FILE. */
  update(texts: Texts): { program: InternalProgram; cell: TS.SourceFile } {
    const { scope } = this
    const cell = this.parse(CELL_FILE, texts.cell)
    const isKept = this.declarations?.text === texts.declarations && this.declarations.parent === scope
    const declarations = isKept ? this.declarations! : this.parse(DECLARATIONS_FILE, texts.declarations)
    Object.assign(this, { cell, declarations: Object.assign(declarations, { parent: scope }) })
    if (!this.program || !this.isCurrent(this.program)) this.program = this.create(texts)
    return { program: this.program, cell }
  }

  /** A file of declarations, for use as scope. */
  declare(text: string): InternalSourceFile {
    return this.parse(DECLARATIONS_FILE, CELL_PREFIX + text)
  }

  /** tslab prints declarations by changing their syntax tree: after that it is not what the text says. */
  spendDeclarations(): void {
    this.declarations = undefined
  }

  /** For after an error inside the compiler: it may have left the checker in any state. */
  discard(): void {
    this.program = undefined
    this.declarations = undefined
  }

  /** Replaces a checker that has grown much, before a cell has to wait for that. Returns whether it did. */
  renew(): boolean {
    if (!this.program || this.grown(this.program) < GROWN_MUCH) return false
    this.program = this.create({ cell: '', declarations: '' })
    return true
  }

  /** A version of one of the two files, under a name of its own since the checker keeps errors by file name. */
  private parse(name: string, text: string): InternalSourceFile {
    const fileName = this.path(name.replace('.', `.${++this.versions}.`))
    const host: TS.CompilerHost = {
      ...this.host,
      getSourceFile: (_name, options) => ts.createSourceFile(fileName, text, options),
      resolveModuleNameLiterals: (literals) => literals.map(() => ({ resolvedModule: undefined })),
    }
    // A program of its own finds out which imports a file has, and whatever else the checker wants to know about it.
    const options = { ...this.options.compiler, noLib: true, noResolve: true, types: [] }
    const program = ts.createProgram([fileName], options, host)
    const file = program.getSourceFile(fileName) as InternalSourceFile
    this.imports.set(file, this.resolve(file))
    // tslab reads which names a file binds before anything is checked.
    internals.bindSourceFile(file, this.options.compiler)
    this.textShown += text.length
    return file
  }

  /** Whether the checker of this program says what a new one would say. */
  private isCurrent(program: InternalProgram): boolean {
    if (this.grown(program) > 1 || this.lacksRare) return false
    if ([...this.files].some(([name, { modified }]) => modified !== undefined && modified !== this.modified(name)))
      return false
    const isNew = (name: string) => !this.asked.has(name) && !program.getSourceFile(name)
    return ![this.cell!, this.declarations!].some(
      (file) => file.moduleAugmentations.length > 0 || this.importedFiles(file).some(isNew),
    )
  }

  /** How much of what the checker's memory may grow by is used up. */
  private grown(program: InternalProgram): number {
    return Math.max(this.textShown / MAX_TEXT, (program.getTypeCount() - this.typesAtStart) / MAX_NEW_TYPES)
  }

  private resolve(file: InternalSourceFile): Imports {
    return new Map(file.imports.map((literal) => [literal.text, this.resolver.resolve(literal, file)]))
  }

  private importedFiles(file: InternalSourceFile): string[] {
    return [...this.imports.get(file)!.values()].flatMap(({ resolvedModule: found }) => found?.resolvedFileName ?? [])
  }

  private create(texts: Texts): InternalProgram {
    const [cell, declarations] = [CELL_FILE, DECLARATIONS_FILE].map((name) => this.path(name))
    const host: TS.CompilerHost = {
      ...this.host,
      getSourceFile: (name, options) => {
        if (name === cell) return ts.createSourceFile(name, texts.cell, options)
        if (name === declarations) return ts.createSourceFile(name, this.allDeclarations(), options)
        return this.sourceFile(name, typeof options === 'object' ? options : { languageVersion: options })
      },
      resolveModuleNameLiterals: (literals, _name, _redirect, _options, file) =>
        literals.map((literal) => this.resolver.resolve(literal, file)),
      // A package installed after a failed import must be found when the cell runs again.
      hasInvalidatedResolutions: (name) => !this.options.isFixed(name),
    }
    const make = () =>
      ts.createProgram([cell, declarations], this.options.compiler, host, this.program) as InternalProgram
    let program = make()
    if (this.lacksRare) program = make()
    const { getSourceFile, getResolvedModule } = program
    program.getSourceFile = (name) => {
      if (name === cell) return this.cell
      return name === declarations ? this.declarations : getSourceFile(name)
    }
    program.getResolvedModule = (file, name, mode) =>
      this.imports.get(file)?.get(name) ?? getResolvedModule(file, name, mode)
    this.typesAtStart = program.getTypeCount()
    this.textShown = 0
    this.asked = new Set(this.cell ? this.importedFiles(this.cell) : [])
    return program
  }

  private allDeclarations(): string {
    const texts: string[] = []
    for (let file = this.declarations ?? this.scope; file; file = file.parent) texts.push(file.text)
    return texts.join('\n')
  }

  private sourceFile(name: string, options: TS.CreateSourceFileOptions): TS.SourceFile | undefined {
    const known = this.files.get(name)
    const isFixed = this.options.isFixed(name)
    const modified = isFixed ? undefined : this.modified(name)
    const standIn = this.resolver.standIn(name)
    if (known && known.modified === modified && known.isStandIn === (standIn !== undefined)) return known.file
    this.options.pause()
    // Comments that are not read here are read in comments.ts.
    const jsDocParsingMode = isFixed ? ts.JSDocParsingMode.ParseNone : ts.JSDocParsingMode.ParseAll
    const file =
      standIn === undefined
        ? this.host.getSourceFile(name, { ...options, jsDocParsingMode })
        : ts.createSourceFile(name, standIn, options)
    this.files.set(name, { file, modified, isStandIn: standIn !== undefined })
    return file
  }

  /** Whether a cell or a package imports what was left out. */
  private get lacksRare(): boolean {
    return this.resolver.needsRare && [...this.files.values()].some(({ isStandIn }) => isStandIn)
  }

  private modified(name: string): number {
    return ts.sys.getModifiedTime?.(name)?.getTime() ?? 0
  }

  private path(name: string): string {
    return `${this.options.cwd}/${name}`
  }
}
