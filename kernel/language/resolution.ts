/** Which file an import means. Nothing is remembered about what a cell imports: it may have been installed since. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type TS from 'typescript'
import { CELL_FILE, DECLARATIONS_FILE } from './files.js'
import { ts } from './typescript.js'

export class ModuleResolver {
  /** Of files whose imports do not come and go. */
  readonly cache: TS.ModuleResolutionCache
  /** Working folders of the session, the present one first. */
  private folders: readonly string[]

  /** `ownModules` resolve to one file from everywhere: name → absolute path of its declarations. */
  constructor(
    cwd: string,
    private readonly host: TS.ModuleResolutionHost,
    private readonly options: TS.CompilerOptions,
    private readonly ownModules: Readonly<Record<string, string>>,
  ) {
    this.folders = [cwd]
    this.cache = ts.createModuleResolutionCache(cwd, (name) => name, options)
  }

  resolve(
    literal: TS.StringLiteralLike,
    file: TS.SourceFile,
    cache?: TS.ModuleResolutionCache,
  ): TS.ResolvedModuleWithFailedLookupLocations {
    const own = this.ownModules[literal.text]
    if (own)
      return { resolvedModule: { resolvedFileName: own, extension: ts.Extension.Dts, isExternalLibraryImport: true } }
    const mode = ts.getModeForUsageLocation(file, literal, this.options)
    const name = literal.text.startsWith('file:') ? pathOf(literal.text) : literal.text
    const resolve = (from: string) => ts.resolveModuleName(name, from, this.options, this.host, cache, undefined, mode)
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
}

const stem = (file: string): string => file.slice(0, file.indexOf('.'))

function pathOf(url: string): string {
  try {
    return fileURLToPath(url)
  } catch {
    return url // being typed
  }
}
