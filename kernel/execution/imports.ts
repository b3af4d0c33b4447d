/**
 * `import` in a cell: ESM and CommonJS packages, node: built-ins and files, found from the working folder as a module
 * that lies there would find them. 'gradbook' is always the library of this kernel, so that its classes are the same.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import vm from 'node:vm'

type Namespace = Record<string, unknown>

const library = new URL('../../lib/index.js', import.meta.url).href
const load = dynamicImport()

/** Resolves and loads a module for a cell. Rejects, naming the folder, when it cannot be found. */
export async function importModule(specifier: string): Promise<Namespace> {
  if (specifier === 'gradbook') return load(library)
  const require = createRequire(join(process.cwd(), 'cell.js'))
  return withNames(await loadOrResolve(specifier, require), require)
}

/** `require` for cells, resolving from the folder that is the working folder now. */
export function cellRequire(): NodeJS.Require {
  return createRequire(join(process.cwd(), 'cell.js'))
}

async function loadOrResolve(specifier: string, require: NodeJS.Require): Promise<Namespace> {
  try {
    return await load(specifier)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'ERR_UNSUPPORTED_DIR_IMPORT') throw error
    // CommonJS rules find what ESM rules do not: './helper' without its extension, and folders.
    const file = resolveOrUndefined(specifier, require)
    if (file) return load(pathToFileURL(file).href)
    const importer = /imported from (.*)$/.exec((error as Error).message)?.[1] ?? ''
    if (importer.endsWith('.js') || importer.endsWith('.mjs')) throw error // a module inside the imported one is missing
    const isPath = /^[./]|^file:/.test(specifier)
    const hint = isPath ? '' : `; install it there with: npm install ${packageName(specifier)}`
    throw new Error(`Cannot find module '${specifier}' from ${process.cwd()}${hint}`, { cause: error })
  }
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
  if (typeof exported !== 'object' || exported === null) return namespace
  const missing = Object.keys(exported).filter((name) => !(name in namespace))
  if (missing.length === 0) return namespace
  if (!Object.values(require.cache).some((module) => module?.exports === exported)) return namespace
  return { ...exported, ...namespace }
}

/** `import()` as if written in the working folder. The option that gives it is still marked experimental: no warning. */
function dynamicImport(): (specifier: string) => Promise<Namespace> {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => {}
  try {
    const script = new vm.Script('(specifier) => import(specifier)', {
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    })
    return script.runInThisContext() as (specifier: string) => Promise<Namespace>
  } finally {
    process.emitWarning = emitWarning
  }
}
