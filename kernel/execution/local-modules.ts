/**
 * Modules of the user's own folder: TypeScript, JavaScript and JSON. A cell that imports one gets it as it is on disk now:
 * a module is loaded anew when it, or any local module that it imports, has changed since the last import; the others
 * keep their state. The language worker turns each into `System.register(dependencies, body)`; this is its loader.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import vm from 'node:vm'
import type { Diagnostic, Language } from '../language/protocol.js'
import type { CellSources } from './cell-sources.js'
import { Rejected, syntaxError } from './diagnostics.js'
import type { Interrupts } from './interrupt.js'
import { stampOf } from './local-files.js'

export type Namespace = Record<string, unknown>
export type ImportMeta = { url: string; dirname: string; filename: string; resolve(specifier: string): string }

/** How a module reaches others: the same as a cell does, but from its own file. */
export interface ModuleResolver {
  /** The local file that an import means; undefined for packages and built-ins. Throws if there is no such file. */
  localFile(specifier: string, importer: string): string | undefined
  /** Loads anything, local or not. */
  import(specifier: string, importer: string): Promise<Namespace>
  meta(file: string): ImportMeta
}

interface Declared {
  setters: ((dependency: Namespace) => void)[]
  execute(): void | Promise<void>
}

interface LocalModule {
  readonly file: string
  /** Of the file, from before it was read. */
  readonly stamp: string | undefined
  readonly namespace: Namespace
  /** Tell importers that names have got values. */
  readonly setters: Set<() => void>
  readonly dependencies: Set<LocalModule>
  execute: () => void | Promise<void>
  evaluation?: Promise<void>
  failed: boolean
}

function newModule(file: string): LocalModule {
  return {
    file,
    stamp: stampOf(file),
    namespace: Object.create(null, { [Symbol.toStringTag]: { value: 'Module' } }) as Namespace,
    setters: new Set(),
    dependencies: new Set(),
    execute: () => {},
    failed: false,
  }
}

/** What Node has loaded as CommonJS, by file. */
const nodeCache = createRequire(import.meta.url).cache

export interface LocalModulesParts {
  language: Pick<Language, 'module'>
  sources: CellSources
  interrupts: Interrupts
  /** What loops call: see CellRuntime. */
  look: () => number
  /** Shows what is wrong with the types of a file; throws where that keeps it from running. */
  typeErrors(label: string, text: string, diagnostics: readonly Diagnostic[]): void
}

export class LocalModules {
  private readonly modules = new Map<string, LocalModule>()

  constructor(
    private readonly parts: LocalModulesParts,
    private readonly resolver: ModuleResolver,
  ) {}

  /** Loads a file and what it imports, as far as that is new or has changed. */
  async import(file: string): Promise<Namespace> {
    const known = this.modules.get(file)
    if (known) this.forgetStale(known)
    const module = await this.link(file)
    await this.evaluate(module, new Set())
    return module.namespace
  }

  /** Forgets what has changed on disk below `root`, and whatever imports it. */
  private forgetStale(root: LocalModule): void {
    const reached = new Set([root])
    for (const module of reached) for (const dependency of module.dependencies) reached.add(dependency)
    const stale = new Set([...reached].filter(({ failed, stamp, file }) => failed || stamp !== stampOf(file)))
    const dependsOnStale = (module: LocalModule) => [...module.dependencies].some((dependency) => stale.has(dependency))
    for (let size = -1; size < stale.size;) {
      size = stale.size
      for (const module of reached) if (dependsOnStale(module)) stale.add(module)
    }
    for (const { file } of stale) {
      this.modules.delete(file)
      delete nodeCache[file]
    }
  }

  private async link(file: string): Promise<LocalModule> {
    const known = this.modules.get(file)
    if (known) return known
    const module = newModule(file)
    this.modules.set(file, module)
    try {
      if (/\.json$/.test(file)) this.linkData(module, JSON.parse(readFileSync(file, 'utf8')))
      else if (/\.(cjs|node)$/.test(file)) this.linkCommonJs(module)
      else await this.linkModule(module)
    } catch (error) {
      this.modules.delete(file)
      throw error
    }
    return module
  }

  /** A value as a module: the default export, and its properties by name. */
  private linkData(module: LocalModule, value: unknown): void {
    if (typeof value === 'object' || typeof value === 'function') Object.assign(module.namespace, value)
    module.namespace['default'] = value
  }

  /** Runs when its turn comes; loaded by Node, anew if its file has changed. */
  private linkCommonJs(module: LocalModule): void {
    module.execute = () => {
      const exported: unknown = createRequire(module.file)(module.file)
      for (const child of nodeCache[module.file]?.children ?? []) this.follow(child, module)
      this.linkData(module, exported)
      const isCompiled = (exported as { __esModule?: unknown } | null)?.__esModule === true
      if (isCompiled) module.namespace['default'] = (exported as Namespace)['default']
      for (const tell of module.setters) tell()
    }
  }

  /** Files that a CommonJS module requires are known to be its dependencies once it has run. */
  private follow(child: NodeModule, importer: LocalModule): void {
    const file = child.filename
    if (file.includes('/node_modules/') || [...importer.dependencies].some((known) => known.file === file)) return
    const module = newModule(file)
    importer.dependencies.add(module)
    for (const next of child.children) this.follow(next, module)
  }

  private async linkModule(module: LocalModule): Promise<void> {
    const { language, sources } = this.parts
    const label = relative(process.cwd(), module.file)
    const shownAs = label.startsWith('..') ? module.file : label
    const { js, map, text, commonJs, diagnostics } = await language.module(module.file)
    if (commonJs) return this.linkCommonJs(module)
    if (js === '') throw new Rejected(syntaxError(shownAs, text, diagnostics))
    this.parts.typeErrors(shownAs, text, diagnostics)
    sources.add(module.file, { label: shownAs, text, map })
    const { dependencies, declare } = this.compile(module, js)
    const { setters, execute } = declare((names, value) => this.export(module, names, value), {
      id: module.file,
      meta: this.resolver.meta(module.file),
      import: this.importFrom(module.file),
    })
    module.execute = execute
    for (const [index, specifier] of dependencies.entries()) await this.connect(module, specifier, setters[index])
  }

  private async connect(module: LocalModule, specifier: string, set: Declared['setters'][number]): Promise<void> {
    const file = this.resolver.localFile(specifier, module.file)
    if (file === undefined) return set(await this.resolver.import(specifier, module.file))
    const dependency = await this.link(file)
    module.dependencies.add(dependency)
    const tell = () => set(dependency.namespace)
    dependency.setters.add(tell)
    tell()
  }

  private export(module: LocalModule, names: string | Namespace, value: unknown): unknown {
    if (typeof names === 'string') module.namespace[names] = value
    else Object.assign(module.namespace, names)
    for (const tell of module.setters) tell()
    return typeof names === 'string' ? value : names
  }

  private readonly importFrom = (file: string) => (specifier: string) => this.resolver.import(specifier, file)

  private compile(module: LocalModule, js: string): { dependencies: string[]; declare: Declare } {
    const names = ['System', 'require', '__filename', '__dirname', '$look']
    const script = new vm.Script(`((${names.join(', ')}) => {\n${js}\n})`, { filename: module.file, lineOffset: -1 })
    const run = script.runInThisContext() as (...args: unknown[]) => void
    let registered: { dependencies: string[]; declare: Declare } | undefined
    const System = {
      register: (dependencies: string[], declare: Declare) => (registered = { dependencies, declare }),
    }
    run(System, createRequire(module.file), module.file, dirname(module.file), this.parts.look)
    return registered!
  }

  /** Runs dependencies before those that import them; in a circle, in the order in which they were met. */
  private async evaluate(module: LocalModule, above: Set<LocalModule>): Promise<void> {
    if (above.has(module)) return
    module.evaluation ??= this.run(module, new Set([...above, module]))
    await module.evaluation
  }

  private async run(module: LocalModule, above: Set<LocalModule>): Promise<void> {
    try {
      for (const dependency of module.dependencies) await this.evaluate(dependency, above)
      await this.parts.interrupts.section(() => module.execute())
    } catch (error) {
      module.failed = true
      throw error
    }
  }
}

type Declare = (
  exports: (names: string | Namespace, value?: unknown) => unknown,
  context: { id: string; meta: ImportMeta; import(specifier: string): Promise<Namespace> },
) => Declared

/** `import.meta` of a file. */
export function metaOf(file: string, resolve: (specifier: string) => string): ImportMeta {
  return { url: pathToFileURL(file).href, dirname: dirname(file), filename: file, resolve }
}
