/** Runs one cell on the main thread: convert, warn, compile, run, show the result, and say how it ended. */
import vm from 'node:vm'
import { toBundle, type MimeBundleResult } from '../display/bundle.js'
import type { CellRuntime, Diagnostic, Language } from '../language/protocol.js'
import { mayHaveMagics } from '../language/magics.js'
import { askedName, inspectionBundle } from '../language/question.js'
import type { CellError, ExecuteOrder, ExpressionResult, Outcome } from '../wire/link.js'
import type { CellSources } from './cell-sources.js'
import { Execution, type ExecutionContext } from './context.js'
import { Rejected, syntaxError, typeError, warningBundle } from './diagnostics.js'
import { HeapLimitError, type Interrupts } from './interrupt.js'
import { MagicRunner, type Prepared, type Settings } from './magics.js'
import type { Outputs } from './outputs.js'
import { setLastResult, type Scope } from './runtime.js'
import type { StackFrames } from './stack-frames.js'
import { cellError } from './traceback.js'

type CellFunction = (scope: Scope, runtime: CellRuntime) => Promise<unknown>

export interface RunnerParts {
  language: Language
  scope: Scope
  runtime: CellRuntime
  context: ExecutionContext
  interrupts: Interrupts
  outputs: Outputs
  sources: CellSources
  frames: StackFrames
  settings: Settings
}

/** TypeScript to run. */
interface Source {
  code: string
  /** What the user wrote, in which `code` has the same positions. Default: `code`. */
  shown?: string
  /** How warnings call it; without it they are not shown. */
  name?: string
  /** Of a cell that is run in parts, the number of the part. */
  part?: number
}

export class CellRunner {
  private readonly magics: MagicRunner
  /** The cells that have ended, by number. */
  private readonly inputs = new Map<number, string>()

  constructor(private readonly parts: RunnerParts) {
    const forgetResult = () => setLastResult(parts.scope, undefined)
    this.magics = new MagicRunner({ ...parts, inputs: this.inputs, forgetResult })
  }

  /** Never rejects: whatever a cell does is an outcome. */
  async run(order: ExecuteOrder, execution: Execution): Promise<Outcome> {
    const { outputs } = this.parts
    try {
      const asked = askedName(order.code)
      if (asked !== undefined) return await this.explain(asked)
      const value = await this.evaluate(order.code, execution, `cell ${order.executionCount}`)
      let result: string | undefined
      if (value !== undefined && !order.silent) {
        const { data, metadata } = await this.bundle(value, execution)
        if (Object.keys(data).length > 0) outputs.result(execution, data, metadata)
        setLastResult(this.parts.scope, value)
        result = textOf(data['text/plain'])
      }
      await Promise.race([Promise.all(execution.pending), execution.givenUp])
      const userExpressions: Record<string, ExpressionResult> = {}
      for (const [name, code] of Object.entries(order.userExpressions))
        userExpressions[name] = await this.expression(code, execution)
      return { status: 'ok', userExpressions, payload: [], ...(result === undefined ? {} : { result }) }
    } catch (error) {
      // Warnings that are still to come may explain it.
      await Promise.race([Promise.allSettled(execution.pending), execution.givenUp]).catch(() => {})
      if (error instanceof HeapLimitError) setLastResult(this.parts.scope, undefined)
      return { status: 'error', error: this.shown(error) }
    } finally {
      if (order.counted) this.inputs.set(order.executionCount, order.code)
    }
  }

  /** What a name is, for the front end's pager. */
  private async explain({ name, detail }: NonNullable<ReturnType<typeof askedName>>): Promise<Outcome> {
    const found = await this.parts.language.inspect(name, name.length, detail)
    if (!found) throw new ReferenceError(`nothing is known about ${name}`)
    const page = { source: 'page', data: inspectionBundle(found), start: 0 }
    return { status: 'ok', userExpressions: {}, payload: [page] }
  }

  /** An error as the front end shows it. Getters of a user's error may loop: that can be stopped too. */
  shown(error: unknown): CellError {
    if (error instanceof Rejected) return error.shown
    try {
      return this.parts.interrupts.section(() => cellError(error, this.parts.frames))
    } catch {
      return { ename: 'Error', evalue: 'an error that cannot be shown', traceback: ['an error that cannot be shown'] }
    }
  }

  /** Runs a cell and returns the value of its last expression. */
  private async evaluate(code: string, execution: Execution, name: string): Promise<unknown> {
    if (!mayHaveMagics(code)) return (await this.prepare({ code, name }, execution)).run()
    const segments = await Promise.race([this.parts.language.split(code), execution.givenUp])
    let part = 0
    const prepare = (text: string) => this.prepare({ code: text, shown: code, name, part: part++ }, execution)
    return await this.magics.run(segments, execution, prepare)
  }

  /** Converts code, shows what the compiler has to say, and compiles it. */
  private async prepare({ code, shown = code, name, part = 0 }: Source, execution: Execution): Promise<Prepared> {
    const { language, sources, settings, outputs } = this.parts
    const { label } = execution
    const file = part === 0 ? label : `${label} part ${part + 1}`
    sources.add(file, { label, text: shown })
    // A question of the front end is not the user's to type correctly.
    const types = name === undefined ? 'off' : settings.types
    const converted = await Promise.race([language.convert(code, file, { types }), execution.givenUp])
    const { js, map, diagnostics, awaits, unchecked } = converted
    const syntax = diagnostics.filter(({ severity }) => severity === 'syntax')
    if (syntax.length > 0) throw new Rejected(syntaxError(label, shown, syntax))
    if (js === '') throw new Rejected(typeError(label, shown, diagnostics))
    const warn = (found: readonly Diagnostic[]) => {
      const warnings = name === undefined ? undefined : warningBundle(name, shown, found)
      if (warnings) outputs.display(warnings, {}, undefined, false, execution)
    }
    warn(diagnostics)
    if (unchecked) execution.pending.push(language.lateDiagnostics(file).then(warn))
    sources.add(file, { label, text: shown, map })
    const cell = compile(js, file)
    const { scope, runtime } = this.parts
    return {
      run: () => this.call(() => cell(scope, runtime), execution),
      makeRepeat: () => {
        if (awaits) return (count) => this.call(() => this.repeatAwaiting(cell, count), execution)
        // The same without async, which takes longer than many a short piece of code.
        const plain = compile(js.replace(/^async /, ''), file)
        return (count) => this.repeat(plain, count)
      },
    }
  }

  private async call(code: () => Promise<unknown>, execution: Execution): Promise<unknown> {
    const { context, interrupts } = this.parts
    // While the cell was converted, timers of other cells may have run.
    context.resume()
    const promise = interrupts.section(code)
    interrupts.watch(execution, promise)
    // With await: a promise that is only returned is hooked up by a microtask, and termination drops waiting microtasks.
    return await Promise.race([promise, execution.givenUp])
  }

  /** In one loop, with nothing of the kernel in it but the look at the stop button. */
  private repeat(cell: CellFunction, count: number): void {
    const { interrupts, scope, runtime } = this.parts
    interrupts.section(() => {
      let turns = 0
      for (let i = 0; i < count; i++) {
        if (--turns < 0) turns = runtime.look()
        void cell(scope, runtime)
      }
    })
  }

  private async repeatAwaiting(cell: CellFunction, count: number): Promise<void> {
    const { scope, runtime } = this.parts
    for (let i = 0; i < count; i++) {
      runtime.look()
      await cell(scope, runtime)
    }
  }

  private async bundle(value: unknown, execution: Execution): Promise<MimeBundleResult> {
    const bundle = this.parts.interrupts.section(() => toBundle(value))
    return await Promise.race([bundle, execution.givenUp])
  }

  private async expression(code: string, execution: Execution): Promise<ExpressionResult> {
    try {
      const value = await (await this.prepare({ code: `(${code})` }, execution)).run()
      return { status: 'ok', ...(await this.bundle(value, execution)) }
    } catch (error) {
      return { status: 'error', ...this.shown(error) }
    }
  }
}

const textOf = (data: unknown): string | undefined => (typeof data === 'string' ? data : undefined)

/** For `import()` in what a cell passes to `eval`; the cell's own is rewritten. */
const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER

function compile(js: string, label: string): CellFunction {
  // The directive stands on a line of its own, so that positions in the cell stay what the source map says.
  const script = new vm.Script(`'use strict';\n${js}`, { filename: label, lineOffset: -1, importModuleDynamically })
  return script.runInThisContext() as CellFunction
}
