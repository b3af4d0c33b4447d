/**
 * The TypeScript object that tslab's converter is given in place of its own fork (TypeScript 5.0 plus six functions).
 * It is the current TypeScript with those functions supplied, and with the compiler set up as a notebook needs it:
 * strict, bundler resolution, our own `@types/node` from any working folder, and type errors that never hold back a declaration.
 */
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type TS from 'typescript'
import { CELL_FILE, DECLARATIONS_FILE } from './files.js'
import { internals } from './internals.js'
import type { DecoratorOptions } from './transpile.js'
import { ts } from './typescript.js'

/** What the converter leaves behind after each update: tslab itself returns only names and texts. */
export interface ConverterState {
  program: TS.Program | undefined
  /** Semantic diagnostics of the cell that was converted last. */
  diagnostics: readonly TS.Diagnostic[]
  /** What the last completion found, with symbols. */
  completions: TS.CompletionInfo | undefined
  /** Whether type errors are looked for. */
  checking: boolean
  /** Working folders of the session, the present one first: cells import from it, declarations of earlier cells from all. */
  folders: string[]
}

export interface AdapterOptions {
  cwd: string
  /** Modules that resolve to one file from everywhere: name → absolute path of its declarations. */
  ownModules: Record<string, string>
  /** Folder of our package: its files do not change while a session runs, so they are not watched. */
  packageRoot: string
  decorators: DecoratorOptions
}

const require = createRequire(import.meta.url)

/** Node 22 brought these to the language; on Node 20 they would be promised and missing. */
const NEWER_LIBRARIES = ['es2024', 'esnext.iterator', 'esnext.collection']

function libraries(): string[] {
  const major = Number(process.versions.node.split('.')[0])
  const names = [
    'es2023',
    'esnext.disposable',
    'esnext.decorators',
    'decorators',
    ...(major >= 22 ? NEWER_LIBRARIES : []),
  ]
  return names.map((name) => `lib.${name}.d.ts`)
}

function compilerOptions(fromTslab: TS.CompilerOptions, decorators: DecoratorOptions): TS.CompilerOptions {
  return {
    ...fromTslab,
    target: ts.ScriptTarget.ES2022,
    lib: libraries(),
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    // What is caught has a message nearly always, and cells are for trying.
    useUnknownInCatchVariables: false,
    types: ['node'],
    experimentalDecorators: false,
    ...decorators,
    allowImportingTsExtensions: true,
    checkJs: false,
  }
}

const ignore = () => undefined

function pathOf(url: string): string {
  try {
    return fileURLToPath(url)
  } catch {
    return url // being typed
  }
}

const UNWATCHED: TS.FileWatcher = { close: ignore }

export function createAdapter(options: AdapterOptions, state: ConverterState): object {
  const sys: TS.System = Object.assign(Object.create(ts.sys) as TS.System, { getCurrentDirectory: () => options.cwd })
  const cell = path.posix.join(options.cwd.replace(/\\/g, '/'), CELL_FILE)
  const declarations = path.posix.join(options.cwd.replace(/\\/g, '/'), DECLARATIONS_FILE)

  /**
   * A builder without the bookkeeping that incremental compilers need. Declarations are forced out whatever errors there are, and
   * only of the cell: its JavaScript is made elsewhere, and files that it imports are run from their own text.
   */
  const createProgram: TS.CreateProgram<TS.BuilderProgram> = (...args) => {
    const builder = ts.createAbstractBuilder(...args)
    const program = builder.getProgram()
    state.program = program
    // tslab reads which names a file binds before anything is checked.
    for (const file of [cell, declarations].map((name) => program.getSourceFile(name)))
      if (file) internals.bindSourceFile(file, program.getCompilerOptions())
    builder.getAllDependencies = () => [cell]
    builder.emit = (file, write, token, _onlyDeclarations, transformers) => {
      const emit = program.emit.bind(program) as (
        ...args: [...program: Parameters<TS.Program['emit']>, force: boolean]
      ) => TS.EmitResult
      return emit(file, write, token, true, { afterDeclarations: transformers?.afterDeclarations }, true)
    }
    return builder
  }

  /** Files that no user edits are not watched; nor are folders: imports of cells are resolved anew each time instead. */
  const isFixed = (file: string) => file.includes('/node_modules/') || file.startsWith(`${options.packageRoot}dist/`)

  function createWatchCompilerHost(
    rootFiles: string[],
    fromTslab: TS.CompilerOptions,
    tslabSys: TS.System,
  ): TS.WatchCompilerHostOfFilesAndCompilerOptions<TS.BuilderProgram> {
    const compiler = compilerOptions(fromTslab, options.decorators)
    // tslab's reporters print, and nobody reads what this thread prints.
    const host = ts.createWatchCompilerHost(rootFiles, compiler, tslabSys, createProgram, ignore, ignore)
    const watchFile = host.watchFile.bind(host)
    host.watchFile = (file, ...rest) => (isFixed(file) ? UNWATCHED : watchFile(file, ...rest))
    host.watchDirectory = () => UNWATCHED
    const cache = ts.createModuleResolutionCache(options.cwd, (name) => name, compiler)
    host.resolveModuleNameLiterals = (literals, containing, redirected, compilerNow, file) =>
      literals.map((literal) => {
        const own = options.ownModules[literal.text]
        if (own)
          return {
            resolvedModule: { resolvedFileName: own, extension: ts.Extension.Dts, isExternalLibraryImport: true },
          }
        const mode = ts.getModeForUsageLocation(file, literal, compilerNow)
        const name = literal.text.startsWith('file:') ? pathOf(literal.text) : literal.text
        const resolve = (from: string, cacheOfFile?: TS.ModuleResolutionCache) =>
          ts.resolveModuleName(name, from, compilerNow, host, cacheOfFile, redirected, mode)
        if (containing !== cell && containing !== declarations) return resolve(containing, cache)
        const folders = containing === cell ? state.folders.slice(0, 1) : state.folders
        const found = folders.map((folder) => resolve(path.join(folder, CELL_FILE)))
        return found.find(({ resolvedModule }) => resolvedModule) ?? found[0]
      })
    // A package installed after a failed import must be found when the cell runs again.
    host.hasInvalidatedResolutions = (file) => file === cell || file === declarations
    return host
  }

  const languageHost = {
    fileExists: sys.fileExists.bind(sys),
    readFile: sys.readFile.bind(sys),
    readDirectory: sys.readDirectory.bind(sys),
    directoryExists: sys.directoryExists.bind(sys),
    getDirectories: sys.getDirectories.bind(sys),
    getCurrentDirectory: () => options.cwd,
    useCaseSensitiveFileNames: () => true,
  }

  const overrides = {
    __esModule: true,
    sys,
    createWatchCompilerHost,
    getDefaultTypeRoots: () => [path.dirname(path.dirname(require.resolve('@types/node/package.json')))],
    getNullTransformationContext: () => internals.nullTransformationContext,
    getPreEmitDiagnosticsOfFiles: (program: TS.Program, [file]: TS.SourceFile[]) => {
      state.diagnostics = file && state.checking ? program.getSemanticDiagnostics(file) : []
      return []
    },
    /** tslab would turn the (empty) output into CommonJS. */
    transpileModule: () => ({ outputText: '' }),
    getQuickInfoAtPosition: () => undefined,
    Completions: {
      getCompletionsAtPositionForTslab(
        _host: unknown,
        program: TS.Program,
        log: () => void,
        file: TS.SourceFile,
        position: number,
        preferences: TS.UserPreferences,
        trigger: undefined,
        kind: TS.CompletionTriggerKind,
        token: TS.CancellationToken,
      ) {
        const { getCompletionsAtPosition } = internals.Completions
        const found = getCompletionsAtPosition(
          languageHost,
          program,
          log,
          file,
          position,
          preferences,
          trigger,
          kind,
          token,
          undefined,
          true,
        )
        return (state.completions = found)
      },
    },
  }
  return Object.create(ts, Object.getOwnPropertyDescriptors(overrides)) as object
}
