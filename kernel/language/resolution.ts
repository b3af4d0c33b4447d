/** Which file an import means. Nothing is remembered about what a cell imports: it may have been installed since. */
import type TS from 'typescript'
import { ts } from './typescript.js'

export class ModuleResolver {
  /** Of files whose imports do not come and go. */
  readonly cache: TS.ModuleResolutionCache

  /** `ownModules` resolve to one file from everywhere: name → absolute path of its declarations. */
  constructor(
    cwd: string,
    private readonly host: TS.ModuleResolutionHost,
    private readonly options: TS.CompilerOptions,
    private readonly ownModules: Readonly<Record<string, string>>,
  ) {
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
    return ts.resolveModuleName(literal.text, file.fileName, this.options, this.host, cache, undefined, mode)
  }
}
