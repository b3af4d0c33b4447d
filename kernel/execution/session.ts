/** The main thread's side of the kernel: takes orders from the I/O worker and puts the parts of execution together. */
import type { MessagePort } from 'node:worker_threads'
import { installInterrupt, resetAfterStop } from '../../lib/device/interrupt.js'
import { installClassLookup } from '../../lib/io/module/lookup.js'
import { activeDisplays, type FinishReason } from '../../lib/plot/active.js'
import { setDisplaySink } from '../../lib/plot/mime.js'
import { toBundle } from '../display/bundle.js'
import { installDisplay } from '../display/channel.js'
import { installComms, receiveComm } from '../display/comms.js'
import { installAsker } from '../display/input.js'
import type { Language, TypeMode } from '../language/protocol.js'
import { Slot, type CommMessage, type ExecuteOrder, type Outcome, type ToMain } from '../wire/link.js'
import { log } from '../wire/log.js'
import { CellRunner } from './cell-runner.js'
import { CellSources } from './cell-sources.js'
import { installChildProcesses } from './child-processes.js'
import { Execution, ExecutionContext } from './context.js'
import { Rejected, typeError, warningBundle } from './diagnostics.js'
import { guardHeap } from './heap-guard.js'
import { Imports } from './imports.js'
import { Inputs } from './inputs.js'
import { Interrupts } from './interrupt.js'
import type { Outputs } from './outputs.js'
import type { LocalModulesParts } from './local-modules.js'
import { exitKernel, installProcessGuards } from './process-guards.js'
import { isTypeMode, type Settings } from './magics.js'
import { makeLook, makeRuntime, makeScope } from './runtime.js'
import { StackFrames } from './stack-frames.js'
import { installEmptyInput, installStreams } from './streams.js'
import { installTimers, original } from './timers.js'

export interface SessionParts {
  language: Language
  preloaded: Readonly<Record<string, unknown>>
  shared: Int32Array
  context: ExecutionContext
  outputs: Outputs
  /** Where answers to questions of cells arrive. */
  answers: MessagePort
}

function finishReason(outcome: Outcome): FinishReason {
  if (outcome.status === 'ok') return 'done'
  return ['KernelInterrupt', 'HeapLimitError'].includes(outcome.error.ename) ? 'interrupted' : 'error'
}

function initialTypeMode(): TypeMode {
  const wanted = process.env['GRADBOOK_TYPES'] ?? 'warn'
  if (isTypeMode(wanted)) return wanted
  log(`GRADBOOK_TYPES is '${wanted}', expected warn, strict or off; type errors are warnings`)
  return 'warn'
}

/** After a cell was given up, its end is reported in any case after this time. */
const lastResortMs = 500

export class Session {
  private readonly context: ExecutionContext
  private readonly interrupts: Interrupts
  private readonly runner: CellRunner

  /** Changes this process for good: streams, timers, exit, stack traces. There is one session in a process. */
  constructor(private readonly parts: SessionParts) {
    const { language, preloaded, shared, context, outputs } = parts
    const interrupts = new Interrupts(shared, context)
    const sources = new CellSources()
    const frames = new StackFrames(sources)
    const scope = makeScope(preloaded)
    const settings: Settings = { types: initialTypeMode() }
    const typeErrors: LocalModulesParts['typeErrors'] = (label, text, diagnostics) => {
      if (diagnostics.length > 0 && settings.types === 'strict') throw new Rejected(typeError(label, text, diagnostics))
      const warnings = warningBundle(label, text, diagnostics)
      if (warnings) outputs.display(warnings, {}, undefined, false)
    }
    const look = makeLook(shared, interrupts.check)
    const imports = new Imports({ language, sources, interrupts, look, typeErrors })
    const runtime = makeRuntime(scope, look, imports)
    this.context = context
    this.interrupts = interrupts
    this.runner = new CellRunner({ language, scope, runtime, context, interrupts, outputs, sources, frames, settings })

    installInterrupt(shared, interrupts.check)
    installClassLookup((name) => (Object.hasOwn(scope, name) ? scope[name] : undefined))
    installStreams((name, text) => outputs.stream(name, text))
    installEmptyInput((name, text) => outputs.stream(name, text))
    installProcessGuards(
      (error) => interrupts.isStray(error),
      (error, heading) => this.report(error, heading),
    )
    installChildProcesses({
      shared,
      check: interrupts.check,
      current: () => context.current,
      send: (message) => outputs.send(message),
    })
    this.installTimers()
    this.installDisplays()
    this.installComms()
    installAsker(new Inputs(parts.answers, shared, context, interrupts, outputs))
    Atomics.store(shared, Slot.ready, 1)
  }

  /** The native engine is there: it watches the heap, and helps to stop what looks at no flag. */
  useEngine(): void {
    guardHeap(this.parts.shared)
    this.interrupts.rememberBreak()
  }

  receive(message: ToMain): void {
    if (message.type === 'execute') void this.execute(message)
    else if (message.type === 'interrupt') this.interrupts.receive(message.hard)
    else if (message.type === 'comm') this.handleComm(message)
    else exitKernel(message.code)
  }

  private async execute(order: ExecuteOrder): Promise<void> {
    const { context, parts } = this
    const label = order.counted ? `Cell [${order.executionCount}]` : `Cell [*${order.id}]`
    const execution = new Execution(order.id, label, order.allowStdin)
    let done = false
    const finish = (outcome: Outcome) => {
      if (done) return
      done = true
      const reason = finishReason(outcome)
      if (reason === 'interrupted') {
        resetAfterStop()
        for (const child of execution.children) child.kill('SIGINT')
      }
      // While the cell is still the one that is shown: no picture may claim to be running after it.
      if (context.running.length === 1) activeDisplays.finishAll(reason)
      context.finish(execution)
      Atomics.store(parts.shared, Slot.running, context.running[0]?.id ?? 0)
      parts.outputs.send({ type: 'done', id: order.id, outcome })
    }
    // If termination cut the runner itself short, its outcome would never come.
    execution.givenUp.catch((error: unknown) =>
      original.setTimeout(() => finish({ status: 'error', error: this.runner.shown(error) }), lastResortMs),
    )
    const outcome = context.start(execution, () => this.runner.run(order, execution))
    Atomics.store(parts.shared, Slot.running, context.running[0].id)
    finish(await outcome)
  }

  private installTimers(): void {
    const { context, interrupts } = this
    installTimers((callback) => {
      const execution = context.current
      const report = (error: unknown) => this.report(error, 'Uncaught error in a timer:')
      return function (...args) {
        if (execution?.abandoned) return
        context.runCallback(execution, () => {
          try {
            interrupts.section(() => callback.apply(this, args))
          } catch (error) {
            if (!interrupts.isStray(error)) report(error)
          }
        })
      }
    })
  }

  private installDisplays(): void {
    const { context, parts, interrupts } = this
    installDisplay(
      (value, { displayId, update, raw, metadata: given }) => {
        const metadata = JSON.parse(JSON.stringify(given)) as typeof given // what is not JSON fails here, in the cell
        const show = (shown: { data: Record<string, unknown>; metadata: Record<string, unknown> }) =>
          parts.outputs.display(shown.data, { ...shown.metadata, ...metadata }, displayId, update)
        const bundle = interrupts.section(() => toBundle(value, { raw }))
        if (!(bundle instanceof Promise)) return show(bundle)
        // Made later, but still output of this cell: its reply waits.
        context.current?.pending.push(bundle.then(show))
      },
      (wait) => parts.outputs.clear(wait),
    )
    setDisplaySink({
      display: (bundle, displayId) => showBundle(bundle, displayId, false),
      update: (bundle, displayId) => showBundle(bundle, displayId, true),
    })
    const showBundle = (bundle: Record<string, unknown>, displayId: string | undefined, update: boolean) => {
      const shown = interrupts.section(() => toBundle(bundle, { raw: true }))
      if (!(shown instanceof Promise)) parts.outputs.display(shown.data, shown.metadata, displayId, update)
    }
  }

  private installComms(): void {
    const { context, parts } = this
    installComms({
      send: (kind, comm, data, { metadata = {}, buffers = [] }) => {
        const opening = kind === 'comm_open' ? { targetName: comm.targetName } : {}
        const message = { commId: comm.id, ...opening, data, metadata, buffers: [...buffers] }
        parts.outputs.send({ type: 'comm', kind, id: context.current?.id ?? 0, ...message })
      },
      target: (name, registered) => parts.outputs.send({ type: 'target', name, registered }),
    })
  }

  /** Runs the handler of a comm message; what it prints and shows belongs to that message. */
  private handleComm({ kind, id, commId, targetName, data, metadata, buffers }: CommMessage): void {
    const { context, interrupts, parts } = this
    context.runCallback(new Execution(id, 'comm handler'), () => {
      try {
        interrupts.section(() => receiveComm(kind, commId, targetName, { data, metadata, buffers }))
      } catch (error) {
        this.report(error, `Uncaught error in a handler of ${kind}:`)
      }
    })
    parts.outputs.send({ type: 'handled', id })
  }

  /** Shows an error that no cell is waiting for on stderr, under the cell whose code threw it. */
  private report(error: unknown, heading: string): void {
    const { traceback } = this.runner.shown(error)
    this.parts.outputs.stream('stderr', [heading, ...traceback].join('\n') + '\n')
  }
}
