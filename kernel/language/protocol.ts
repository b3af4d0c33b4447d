/**
 * What the language worker is asked and what it answers. Plain data: it crosses threads.
 * Positions are UTF-16 offsets into the cell's text unless a name says otherwise; lines and columns count from 0.
 */
import type { MessagePort } from 'node:worker_threads'

/** A cell made ready to run. */
export interface ConvertedCell {
  /**
   * JavaScript text of one function expression: `async ($, $rt) => { … }`. `$` is the shared scope object of the session
   * (own properties: the user's top-level bindings; its prototype: the preloaded names), `$rt` is a CellRuntime.
   * It returns the value of the cell's last expression statement, or undefined.
   */
  js: string
  /** Source map (version 3, JSON) from `js` to the cell's text; its single source is the cell's file name. */
  map: string
  diagnostics: Diagnostic[]
  /** Top-level names that this cell binds. */
  declared: string[]
  /** Whether its top level awaits, imports included. */
  awaits: boolean
  /** The checker was not there yet: what is wrong with the types, `lateDiagnostics` will tell. */
  unchecked: boolean
}

export interface Diagnostic {
  /** 'syntax' errors keep the cell from running; 'error' is a type error, shown as a warning. */
  severity: 'syntax' | 'error' | 'warning'
  code: number
  message: string
  line: number
  column: number
  length: number
}

/** What rewritten code calls; implemented in kernel/execution. */
export interface CellRuntime {
  /** Looks at the stop button, and throws if the code that calls it is to stop. Returns for how many turns of loops that will do. */
  look(): number
  /** A free name that was unknown when the cell was converted: scope, then globalThis, else ReferenceError. */
  ref(name: string): unknown
  /** `typeof name` for such a name: never throws. */
  typeOf(name: string): string
  /** Assignment to a name declared with const: throws TypeError as JavaScript does. */
  constAssign(name: string): never
  /**
   * Replaces `import`: ESM, CommonJS, node: built-ins, relative to the working folder.
   * An import declaration passes the names that it binds; the promise rejects if the module has no such export.
   */
  import(specifier: string, names?: readonly string[]): Promise<Record<string, unknown>>
  /** `import.meta` of a cell. */
  readonly meta: { url: string; dirname: string; filename: string; resolve(specifier: string): string }
}

/** A local module, made ready to be linked: see module.ts. */
export interface ConvertedModule {
  /** A call of `System.register` with the module's dependencies and body. Empty for CommonJS, and after syntax errors. */
  js: string
  /** Source map (version 3, JSON) from `js` to `text`. */
  map: string
  text: string
  /** JavaScript without any `import` or `export`, which Node loads by itself. */
  commonJs: boolean
  diagnostics: Diagnostic[]
}

/** What type errors do: warn, keep the cell from running, or nothing (then they are not looked for). */
export type TypeMode = 'warn' | 'strict' | 'off'

export interface ConvertOptions {
  /** Default: warn. */
  types?: TypeMode
}

/**
 * A piece of a cell: TypeScript, a magic, or a command for the shell. `start` and `end` are its place in the cell;
 * `code` has the length of the whole cell, with spaces in place of all else, so that its positions are the cell's.
 */
export type Segment =
  | { kind: 'code'; code: string; start: number; end: number }
  | {
      kind: 'magic'
      form: 'line' | 'cell'
      name: string
      argument: string
      /** Of a cell magic: the lines below it. */
      body: string
      /** The TypeScript that it is about. */
      segments?: Segment[]
      start: number
      end: number
    }
  | {
      kind: 'shell'
      command: string
      /** What stands before the command, when its lines are assigned: `const files = `. */
      target?: string
      start: number
      end: number
    }

export interface Completion {
  matches: string[]
  start: number
  end: number
  /** For `_jupyter_types_experimental`: kind and signature of each match, in the same order. */
  types: { text: string; type: string; signature?: string }[]
}

/** null when nothing is known at that position. */
export type Inspection = {
  signature: string
  documentation: string
  /** Where it is declared, and that text. */
  source?: { place: string; text: string }
} | null

export type CompletenessStatus =
  { status: 'complete' | 'invalid' | 'unknown' } | { status: 'incomplete'; indent: string }

/** The same methods on every side of the thread border; see client.ts. */
export interface Language {
  convert(code: string, fileName: string, options?: ConvertOptions): Promise<ConvertedCell>
  /** Type errors of a cell that was `unchecked`. */
  lateDiagnostics(fileName: string): Promise<Diagnostic[]>
  /** The pieces of a cell in which lines may not be TypeScript. */
  split(code: string): Promise<Segment[]>
  /** Forgets what all cells declared. */
  reset(): Promise<void>
  complete(code: string, cursor: number): Promise<Completion>
  /** `detail` 1 adds the source where it is known. Default: 0. */
  inspect(code: string, cursor: number, detail?: 0 | 1): Promise<Inspection>
  isComplete(code: string): Promise<CompletenessStatus>
  /** Reads and converts a file that a cell imports. Rejects if it cannot be read. */
  module(path: string): Promise<ConvertedModule>
}

/** workerData of the language worker. */
export interface LanguageWorkerData {
  /** Working folder of the session: module resolution starts there. */
  cwd: string
  /** Absolute path of the declaration file (dist/kernel/prelude.d.ts) whose exports every cell sees. */
  preludePath: string
  /** A cell of the kind that will come, checked while nobody waits: later ones then find the library's types known. */
  sampleCell: string
  /** Names on globalThis of the main thread when the session started. */
  globalNames: string[]
}

/** Connects the language worker to another thread, which asks through the port. */
export interface LanguageConnection {
  port: MessagePort
  /** Names that the preloaded modules export, which have to be known before the first cell is converted. */
  preloaded?: readonly string[]
}
