/** What the main thread does once the workers have started: it loads the names that cells see, and then only runs cells. */
import type { MessagePort } from 'node:worker_threads'
import { addon } from '../../lib/device/addon.js'
import { comms } from '../display/comms.js'
import { display } from '../display/api.js'
import { input } from '../display/input.js'
import { connectLanguage } from '../language/client.js'
import type { ToMain } from '../wire/link.js'
import { log } from '../wire/log.js'
import { CapturedOutput } from './captured-output.js'
import { ExecutionContext } from './context.js'
import { Outputs } from './outputs.js'
import { Session } from './session.js'

export interface MainThreadParts {
  shared: Int32Array
  /** To the I/O worker. */
  wire: MessagePort
  /** To the language worker. */
  language: MessagePort
  /** Where answers to questions of cells arrive. */
  answers: MessagePort
  /** Called with the names of the preloaded values as soon as they are known. */
  preloaded: (names: string[]) => void
}

export async function startSession({ shared, wire, language, answers, preloaded }: MainThreadParts): Promise<void> {
  const { values, failure } = await loadLibrary()
  preloaded(Object.keys(values))
  const context = new ExecutionContext()
  const outputs = new Outputs(wire, shared, context)
  const session = new Session({
    language: connectLanguage(language),
    preloaded: values,
    shared,
    context,
    outputs,
    answers,
  })
  if (failure) log(failure)
  else {
    const captured = CapturedOutput.start()
    if (captured) outputs.capture(captured)
    session.useEngine()
  }
  listen(wire, session, (first) => first && failure && outputs.stream('stderr', failure + '\n'))
}

/** Hands orders to the session; `executed` hears of each cell, so that the first can show what went wrong at the start. */
function listen(port: MessagePort, session: Session, executed: (first: boolean) => void): void {
  let first = true
  port.on('message', (message: ToMain) => {
    session.receive(message)
    if (message.type !== 'execute') return
    executed(first)
    first = false
  })
}

/** The preloaded names. Where the library or its engine does not work, a kernel still runs plain TypeScript, and says what to do. */
async function loadLibrary(): Promise<{ values: Record<string, unknown>; failure?: string }> {
  let values: Record<string, unknown> = { comms, display, input }
  try {
    values = { ...(await import('../prelude.js')) }
    addon()
    return { values }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { values, failure: `Tensors and networks do not work in this session: ${reason}` }
  }
}
