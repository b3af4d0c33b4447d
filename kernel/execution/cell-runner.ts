/** Runs one cell on the main thread: convert, warn, compile, run, show the result, and say how it ended. */
import vm from 'node:vm'
import { toBundle, type MimeBundleResult } from '../display/bundle.js'
import type { CellRuntime, Language } from '../language/protocol.js'
import { askedName, inspectionBundle } from '../language/question.js'
import type { CellError, ExecuteOrder, ExpressionResult, Outcome } from '../wire/link.js'
import type { CellSources } from './cell-sources.js'
import { Execution, type ExecutionContext } from './context.js'
import { syntaxError, warningText } from './diagnostics.js'
import type { Interrupts } from './interrupt.js'
import type { Outputs } from './outputs.js'
import type { Scope } from './runtime.js'
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
}

/** A cell that the compiler rejects; it carries what the front end shows. */
class Rejected extends Error {
  constructor(readonly shown: CellError) {
    super(shown.evalue)
  }
}

export class CellRunner {
  constructor(private readonly parts: RunnerParts) {}

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
        result = textOf(data['text/plain'])
      }
      await Promise.race([Promise.all(execution.pending), execution.givenUp])
      const userExpressions: Record<string, ExpressionResult> = {}
      for (const [name, code] of Object.entries(order.userExpressions))
        userExpressions[name] = await this.expression(code, execution)
      return { status: 'ok', userExpressions, payload: [], ...(result === undefined ? {} : { result }) }
    } catch (error) {
      return { status: 'error', error: this.shown(error) }
    }
  }

  /** What a name is, for the front end's pager. */
  private async explain(name: string): Promise<Outcome> {
    const found = await this.parts.language.inspect(name, name.length)
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

  /** Runs code and returns the value of its last expression. `name` is how warnings call it. */
  private async evaluate(code: string, execution: Execution, name: string): Promise<unknown> {
    const { language, sources, outputs, interrupts, scope, runtime } = this.parts
    const { label } = execution
    sources.add(label, code)
    const converted = await Promise.race([language.convert(code, label), execution.givenUp])
    const syntax = converted.diagnostics.filter(({ severity }) => severity === 'syntax')
    if (syntax.length > 0) throw new Rejected(syntaxError(label, code, syntax))
    const warnings = warningText(name, code, converted.diagnostics)
    if (warnings) outputs.stream('stderr', warnings, execution)
    sources.add(label, code, converted.map)
    const run = compile(converted.js, label)
    this.parts.context.resume()
    const promise = interrupts.section(() => run(scope, runtime))
    interrupts.watch(execution, promise)
    // With await: a promise that is only returned is hooked up by a microtask, and termination drops waiting microtasks.
    return await Promise.race([promise, execution.givenUp])
  }

  private async bundle(value: unknown, execution: Execution): Promise<MimeBundleResult> {
    const bundle = this.parts.interrupts.section(() => toBundle(value))
    return await Promise.race([bundle, execution.givenUp])
  }

  private async expression(code: string, execution: Execution): Promise<ExpressionResult> {
    try {
      const value = await this.evaluate(`(${code})`, execution, 'expression')
      return { status: 'ok', ...(await this.bundle(value, execution)) }
    } catch (error) {
      return { status: 'error', ...this.shown(error) }
    }
  }
}

const textOf = (data: unknown): string | undefined => (typeof data === 'string' ? data : undefined)

function compile(js: string, label: string): CellFunction {
  // The directive stands on a line of its own, so that positions in the cell stay what the source map says.
  const script = new vm.Script(`'use strict';\n${js}`, {
    filename: label,
    lineOffset: -1,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  return script.runInThisContext() as CellFunction
}
