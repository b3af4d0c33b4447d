/** Which file an import means. */
import { isBuiltin } from 'node:module'
import path from 'node:path'
import type TS from 'typescript'
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

  constructor(private readonly options: ResolverOptions) {
    this.cache = ts.createModuleResolutionCache(options.cwd, (name) => name, options.compiler)
  }

  /** Only for files that never change are answers kept: what a cell imports may have been installed since it last did. */
  resolve(literal: TS.StringLiteralLike, file: TS.SourceFile): TS.ResolvedModuleWithFailedLookupLocations {
    const { host, compiler, ownModules, isFixed } = this.options
    const name = literal.text
    // Of all imports in the declarations of Node these are nine in ten, and looking for their files is slow.
    if (isBuiltin(name)) {
      this.needsRare ||= rareNames.has(name) && !isOfNode(file.fileName)
      return NO_FILE
    }
    const own = ownModules[name]
    if (own)
      return { resolvedModule: { resolvedFileName: own, extension: ts.Extension.Dts, isExternalLibraryImport: true } }
    const mode = ts.getModeForUsageLocation(file, literal, compiler)
    const cache = isFixed(file.fileName) ? this.cache : undefined
    return ts.resolveModuleName(name, file.fileName, compiler, host, cache, undefined, mode)
  }

  /** What stands in place of a file that is left out: its names, for completion. Otherwise undefined. */
  standIn(fileName: string): string | undefined {
    if (this.needsRare || !isOfNode(fileName)) return undefined
    return RARE_MODULES[path.posix.basename(fileName)]?.map((name) => `declare module '${name}' {}\n`).join('')
  }
}

const isOfNode = (fileName: string) => fileName.includes('/@types/node/')
