/**
 * `import` in a cell, found from the working folder as a module that lies there would find it: packages and built-ins
 * through Node's own loader, files of the user by local-modules.ts. Two names are the same everywhere: 'gradbook' is
 * the library of this kernel, so that its classes are the same, and 'tslab' what tslab's notebooks import.
 */
import { builtinModules, createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import vm from 'node:vm'
import { isPath, resolvePath } from './local-files.js'
import {
  LocalModules,
  metaOf,
  type ImportMeta,
  type LocalModulesParts,
  type ModuleResolver,
  type Namespace,
} from './local-modules.js'

const own: Record<string, string> = {
  gradbook: new URL('../../lib/index.js', import.meta.url).href,
  tslab: new URL('../display/tslab.js', import.meta.url).href,
}

const ownFolder = fileURLToPath(new URL('../../', import.meta.url))

/** The file that a cell would be. */
const cellFile = (): string => join(process.cwd(), 'notebook.ipynb')

export class Imports implements ModuleResolver {
  private readonly local: LocalModules

  constructor(parts: LocalModulesParts) {
    this.local = new LocalModules(parts, this)
  }

  /**
   * Resolves and loads a module for a cell, or for the local module `importer`. Rejects, naming the folder, when it
   * cannot be found, and when it does not export one of `names`.
   */
  async load(specifier: string, names: readonly string[] = [], importer = cellFile()): Promise<Namespace> {
    const namespace = await this.import(specifier, importer)
    const missing = names.find((name) => !(name in namespace))
    if (missing === undefined) return namespace
    const hint = missing === 'default' ? `; it has: ${Object.keys(namespace).slice(0, 10).join(', ')}` : ''
    throw new SyntaxError(`The module '${specifier}' has no export named '${missing}'${hint}`)
  }

  async import(specifier: string, importer: string): Promise<Namespace> {
    if (Object.hasOwn(own, specifier)) return nodeImport(own[specifier], importer)
    const file = this.localFile(specifier, importer)
    return file === undefined ? loadPackage(specifier, importer) : this.local.import(file)
  }

  localFile(specifier: string, importer: string): string | undefined {
    if (!isPath(specifier)) return undefined
    const file = resolvePath(specifier, dirname(importer))
    if (file === undefined) throw new Error(`Cannot find module '${specifier}' from ${dirname(importer)}`)
    // What does not change while a kernel runs is Node's to load: packages, and this one's own files.
    return /[\\/]node_modules[\\/]/.test(file) || file.startsWith(ownFolder) ? undefined : file
  }

  meta(file: string): ImportMeta {
    return metaOf(file, (specifier) => this.resolve(specifier, file))
  }

  /** `import.meta` of cells, in the folder that is the working folder now. */
  get cellMeta(): ImportMeta {
    return this.meta(cellFile())
  }

  private resolve(specifier: string, importer: string): string {
    if (Object.hasOwn(own, specifier)) return own[specifier]
    if (isPath(specifier)) {
      const base = pathToFileURL(importer)
      const file = resolvePath(specifier, dirname(importer))
      return file === undefined ? new URL(specifier, base).href : pathToFileURL(file).href
    }
    const resolved = createRequire(importer).resolve(specifier)
    if (!builtinModules.includes(resolved.replace(/^node:/, ''))) return pathToFileURL(resolved).href
    return resolved.startsWith('node:') ? resolved : `node:${resolved}`
  }
}

/** `require` for cells, resolving from the folder that is the working folder now. */
export function cellRequire(): NodeJS.Require {
  const current = () => createRequire(cellFile())
  const load = (specifier: string): unknown => {
    try {
      return current()(specifier)
    } catch (error) {
      const file = isPath(specifier) ? resolvePath(specifier, process.cwd()) : undefined
      if (file && /\.[cm]?ts$/.test(file))
        throw new Error(`require cannot load TypeScript; write: import … from '${specifier}'`, { cause: error })
      if (isMissing(error) && error.message.startsWith(`Cannot find module '${specifier}'`))
        throw notFound(specifier, cellFile())
      throw error
    }
  }
  const resolve = Object.assign((...args: Parameters<NodeJS.RequireResolve>) => current().resolve(...args), {
    paths: (request: string) => current().resolve.paths(request),
  })
  const { cache, extensions, main } = current()
  return Object.assign(load, { resolve, cache, extensions, main }) as NodeJS.Require
}

async function loadPackage(specifier: string, importer: string): Promise<Namespace> {
  const require = createRequire(importer)
  try {
    return withNames(await nodeImport(specifier, importer), require)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Cells need not say that JSON is JSON.
    if (specifier.endsWith('.json') && /^ERR_IMPORT_A/.test(String(code)))
      return { default: require(specifier) as unknown, ...(require(specifier) as Namespace) }
    if (!isMissing(error)) throw error
    // CommonJS rules find what ESM rules do not: files of a package without their extension, and folders.
    const file = resolveOrUndefined(specifier, require)
    if (file) return withNames(await nodeImport(pathToFileURL(file).href, importer), require)
    const from = /imported from (.*)$/.exec(error.message)?.[1] ?? ''
    if (/[\\/]node_modules[\\/]/.test(from)) throw error // a module inside the imported one is missing
    throw notFound(specifier, importer)
  }
}

function isMissing(error: unknown): error is Error {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_UNSUPPORTED_DIR_IMPORT' || code === 'MODULE_NOT_FOUND'
}

function notFound(specifier: string, importer: string): Error {
  const hint = /^[#.]|^node:/.test(specifier)
    ? ''
    : `. To install it, run in a cell: !npm install ${packageName(specifier)}`
  const error = new Error(`Cannot find module '${specifier}' from ${dirname(importer)}${hint}`)
  // Programs look for this code; it is not worth showing.
  return Object.defineProperty(error, 'code', { value: 'MODULE_NOT_FOUND' })
}

function resolveOrUndefined(specifier: string, require: NodeJS.Require): string | undefined {
  try {
    return require.resolve(specifier)
  } catch {
    return undefined
  }
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/**
 * Node finds the names of a CommonJS module by reading its text, and misses some; their types say that they exist.
 * A module whose default export is in the CommonJS cache gets all properties of its exports.
 */
function withNames(namespace: Namespace, require: NodeJS.Require): Namespace {
  const exported = namespace['default']
  if ((typeof exported !== 'object' && typeof exported !== 'function') || exported === null) return namespace
  const missing = Object.keys(exported).filter((name) => !(name in namespace))
  if (missing.length === 0) return namespace
  if (!Object.values(require.cache).some((module) => module?.exports === exported)) return namespace
  return { ...exported, ...namespace }
}

const importersByFolder = new Map<string, (specifier: string) => Promise<Namespace>>()

/** `import()` as if written in the file `importer`. */
function nodeImport(specifier: string, importer: string): Promise<Namespace> {
  const folder = dirname(importer)
  const known = importersByFolder.get(folder) ?? dynamicImport(join(folder, 'notebook.ipynb'))
  importersByFolder.set(folder, known)
  return known(specifier)
}

function dynamicImport(filename: string): (specifier: string) => Promise<Namespace> {
  const script = new vm.Script('(specifier) => import(specifier)', {
    filename,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  return script.runInThisContext() as (specifier: string) => Promise<Namespace>
}

// The option that makes this possible is still marked experimental, and says so at its first use: not to our users.
const emitWarning = process.emitWarning.bind(process)
process.emitWarning = () => {}
void nodeImport('node:process', cellFile()).finally(() => (process.emitWarning = emitWarning))
