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
  /** Non-zero when a stop was asked for: every loop body begins with `if ($rt.flag[0]) $rt.interrupt()`. */
  readonly flag: Int32Array
  /** Throws if the code that calls it is the one to stop; returns if another cell is. */
  interrupt(): void
  /** A free name that was unknown when the cell was converted: scope, then globalThis, else ReferenceError. */
  ref(name: string): unknown
  /** `typeof name` for such a name: never throws. */
  typeOf(name: string): string
  /** Assignment to a name declared with const: throws TypeError as JavaScript does. */
  constAssign(name: string): never
  /** Replaces `import`: ESM, CommonJS, node: built-ins, relative to the working folder. */
  import(specifier: string): Promise<Record<string, unknown>>
  /** `import.meta` of a cell. */
  readonly meta: { url: string; dirname: string; filename: string }
}

export interface Completion {
  matches: string[]
  start: number
  end: number
  /** For `_jupyter_types_experimental`: kind and signature of each match, in the same order. */
  types: { text: string; type: string; signature?: string }[]
}

/** null when nothing is known at that position. */
export type Inspection = { signature: string; documentation: string } | null

export type CompletenessStatus =
  { status: 'complete' | 'invalid' | 'unknown' } | { status: 'incomplete'; indent: string }

/** The same methods on every side of the thread border; see client.ts. */
export interface Language {
  convert(code: string, fileName: string): Promise<ConvertedCell>
  complete(code: string, cursor: number): Promise<Completion>
  inspect(code: string, cursor: number): Promise<Inspection>
  isComplete(code: string): Promise<CompletenessStatus>
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
