/**
 * The TypeScript object that tslab's converter is given in place of its own fork (TypeScript 5.0 plus six functions).
 * It is the current TypeScript with those functions supplied, and with the compiler set up as a notebook needs it:
 * strict, bundler resolution, our own `@types/node` from any working folder, and type errors that never hold back a declaration.
 */
import { createRequire } from 'node:module'
import path from 'node:path'
import type TS from 'typescript'
import { CELL_FILE, DECLARATIONS_FILE, DECLARATIONS_OUTPUT } from './files.js'
import { internals, type InternalProgram } from './internals.js'
import { LiveProgram } from './live-program.js'
import type { DecoratorOptions } from './transpile.js'
import { ts } from './typescript.js'

/** What the converter leaves behind after each update: tslab itself returns only names and texts. */
export interface ConverterState {
  program: TS.Program | undefined
  cell: TS.SourceFile | undefined
  /** Semantic diagnostics of the cell that was converted last. */
  diagnostics: readonly TS.Diagnostic[]
  /** What the last completion found, with symbols. */
  completions: TS.CompletionInfo | undefined
  live: LiveProgram | undefined
  /** Whether type errors are looked for. */
  checking: boolean
}

export interface AdapterOptions {
  cwd: string
  /** Modules that resolve to one file from everywhere: name → absolute path of its declarations. */
  ownModules: Record<string, string>
  /** Folder of our package: its files do not change while a session runs. */
  packageRoot: string
  decorators: DecoratorOptions
  /** Called again and again while many files are read. */
  pause: () => void
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

/** What tslab passes from createWatchCompilerHost to createWatchProgram. */
interface WatchHost {
  system: TS.System
  compiler: TS.CompilerOptions
  afterProgramCreate?: (builder: object) => void
}

const ignore = () => undefined

export function createAdapter(options: AdapterOptions, state: ConverterState): object {
  const sys: TS.System = Object.assign(Object.create(ts.sys) as TS.System, { getCurrentDirectory: () => options.cwd })
  const cwd = options.cwd.replace(/\\/g, '/')
  const [cell, declarations] = [CELL_FILE, DECLARATIONS_FILE].map((name) => path.posix.join(cwd, name))

  function createWatchProgram(host: WatchHost) {
    const { system, compiler } = host
    const isFixed = (file: string) => file.includes('/node_modules/') || file.startsWith(`${options.packageRoot}dist/`)
    const { ownModules, pause } = options
    const live = new LiveProgram({ cwd, compiler, ownModules, isFixed, pause })
    const read = (file: string) => system.readFile(file) ?? ''
    const rebuild = () => {
      const { program, cell: cellFile } = live.update({ cell: read(cell), declarations: read(declarations) })
      Object.assign(state, { program, cell: cellFile })
      host.afterProgramCreate?.(builderOf(live, program))
    }
    // tslab says that a text changed as a watcher of files would; then it calls what was to wait for a timer.
    let waiting: unknown
    const changed = () => {
      if (waiting) system.clearTimeout?.(waiting)
      waiting = system.setTimeout?.(() => {
        rebuild()
        waiting = undefined
      }, 0)
    }
    for (const file of [cell, declarations]) system.watchFile?.(file, changed)
    state.live = live
    // tslab wants a program at once, but looks at none before its next update: so the first is made for what is asked first.
    host.afterProgramCreate?.({})
    return { close: ignore, updateRootFileNames: ignore }
  }

  /** Declarations are emitted whatever errors there are, and of the cell alone: its JavaScript is made elsewhere. */
  function builderOf(live: LiveProgram, program: InternalProgram) {
    return {
      getProgram: () => program,
      getSourceFile: (file: string) => program.getSourceFile(file),
      getAllDependencies: () => [cell],
      emit: (
        file: TS.SourceFile,
        write: TS.WriteFileCallback,
        token?: TS.CancellationToken,
        _only?: boolean,
        transformers?: TS.CustomTransformers,
      ) => {
        live.spendDeclarations()
        // The file has a name of its own.
        const named: TS.WriteFileCallback = (_name, ...rest) => write(DECLARATIONS_OUTPUT, ...rest)
        return program.emit(file, named, token, true, { afterDeclarations: transformers?.afterDeclarations }, true)
      },
    }
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
    createWatchCompilerHost: (_rootFiles: string[], fromTslab: TS.CompilerOptions, system: TS.System): WatchHost => ({
      system,
      compiler: compilerOptions(fromTslab, options.decorators),
    }),
    createWatchProgram,
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
