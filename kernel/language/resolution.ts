/** Which file an import means. */
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type TS from 'typescript'
import { CELL_FILE, DECLARATIONS_FILE } from './files.js'
import { ts } from './typescript.js'

/** What TypeScript takes for: there is no file, unless declarations name such a module. */
const NO_FILE: TS.ResolvedModuleWithFailedLookupLocations = { resolvedModule: undefined }

export interface ResolverOptions {
  cwd: string
  host: TS.ModuleResolutionHost
  compiler: TS.CompilerOptions
  /** Modules that resolve to one file from everywhere: name → absolute path of its declarations. */
  ownModules: Readonly<Record<string, string>>
  /** Whether a file stays as it is while the session runs. */
  isFixed: (fileName: string) => boolean
}

/** A fifth of the declarations of Node, which nothing else in them needs: left out until something imports one of them. */
const RARE_MODULES: Readonly<Record<string, readonly string[]>> = {
  'http2.d.ts': ['http2', 'node:http2'],
  'inspector.generated.d.ts': ['inspector', 'node:inspector', 'inspector/promises', 'node:inspector/promises'],
  'test.d.ts': ['node:test', 'node:test/reporters'],
}
const rareNames = new Set(Object.values(RARE_MODULES).flat())

export class ModuleResolver {
  readonly cache: TS.ModuleResolutionCache
  /** Whether something imports a module that was to be left out. */
  needsRare = false
  /** Working folders of the session, the present one first. */
  private folders: readonly string[]

  constructor(private readonly options: ResolverOptions) {
    this.folders = [options.cwd]
    this.cache = ts.createModuleResolutionCache(options.cwd, (name) => name, options.compiler)
  }

  /** Only for files that never change are answers kept: what a cell imports may have been installed since it last did. */
  resolve(literal: TS.StringLiteralLike, file: TS.SourceFile): TS.ResolvedModuleWithFailedLookupLocations {
    const { host, compiler, ownModules, isFixed } = this.options
    // Of all imports in the declarations of Node these are nine in ten, and looking for their files is slow.
    if (isBuiltin(literal.text)) {
      this.needsRare ||= rareNames.has(literal.text) && !isOfNode(file.fileName)
      return NO_FILE
    }
    const own = ownModules[literal.text]
    if (own)
      return { resolvedModule: { resolvedFileName: own, extension: ts.Extension.Dts, isExternalLibraryImport: true } }
    const mode = ts.getModeForUsageLocation(file, literal, compiler)
    const name = literal.text.startsWith('file:') ? pathOf(literal.text) : literal.text
    const cache = isFixed(file.fileName) ? this.cache : undefined
    const resolve = (from: string) => ts.resolveModuleName(name, from, compiler, host, cache, undefined, mode)
    const base = path.basename(file.fileName)
    const isCell = base.startsWith(stem(CELL_FILE))
    if (!isCell && !base.startsWith(stem(DECLARATIONS_FILE))) return resolve(file.fileName)
    // Cells import from the present folder; those of which only declarations are left may have been in another.
    const found = this.folders.slice(0, isCell ? 1 : undefined).map((folder) => resolve(path.join(folder, base)))
    return found.find(({ resolvedModule }) => resolvedModule) ?? found[0]
  }

  /** Cells import from this folder from now on. */
  enter(folder: string): void {
    if (folder !== this.folders[0]) this.folders = [folder, ...this.folders.filter((known) => known !== folder)]
  }

  /** What stands in place of a file that is left out: its names, for completion. Otherwise undefined. */
  standIn(fileName: string): string | undefined {
    if (this.needsRare || !isOfNode(fileName)) return undefined
    return RARE_MODULES[path.posix.basename(fileName)]?.map((name) => `declare module '${name}' {}\n`).join('')
  }
}

const isOfNode = (fileName: string) => fileName.includes('/@types/node/')

const stem = (file: string): string => file.slice(0, file.indexOf('.'))

function pathOf(url: string): string {
  try {
    return fileURLToPath(url)
  } catch {
    return url // being typed
  }
}
