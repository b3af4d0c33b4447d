/** What the kernel's tests share: one real kernel process a suite, and ways to read what it published. */
import { KernelClient, type ClientOptions, type Executed } from '../../kernel/client.js'
import type { Message } from '../../kernel/wire/messages.js'

/** Starting a kernel loads the compiler; a busy machine needs a while. */
export const patience = 60_000

/** A kernel for all tests of the enclosing `describe`; it is shut down after them. */
export function useKernel(options: ClientOptions = {}): () => KernelClient {
  let kernel: KernelClient | undefined
  before(async function () {
    this.timeout(patience)
    kernel = await KernelClient.start(options)
  })
  after(async function () {
    this.timeout(patience)
    await kernel?.shutdown()
  })
  return () => {
    if (!kernel) throw new Error('the kernel is started before the first test of its suite')
    return kernel
  }
}

export const types = (executed: Executed): string[] => executed.iopub.map((message) => message.header.msg_type)

export const ofType = (executed: Executed, type: string): Message[] =>
  executed.iopub.filter((message) => message.header.msg_type === type)

/** All text of one stream, joined. */
export function streamText(executed: Executed, name: 'stdout' | 'stderr' = 'stdout'): string {
  return ofType(executed, 'stream')
    .filter((message) => message.content['name'] === name)
    .map((message) => message.content['text'])
    .join('')
}

/** text/plain of the cell's result; undefined without one. */
export function resultText(executed: Executed): unknown {
  const [result] = ofType(executed, 'execute_result')
  return (result?.content['data'] as Record<string, unknown> | undefined)?.['text/plain']
}

/** Runs an expression and returns its text. */
export async function valueOf(kernel: KernelClient, code: string): Promise<unknown> {
  return resultText(await kernel.execute(code))
}

/** The traceback of a failed cell without its colours. */
export function tracebackText(executed: Executed): string {
  const lines = executed.reply.content['traceback']
  return Array.isArray(lines) ? plainText(lines.join('\n')) : ''
}

export function plainText(text: string): string {
  // eslint's no-control-regex dislikes escape characters in literals.
  return text.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '')
}

/** Resolves with the first iopub message that `wanted` accepts, from now on. */
export function nextIopub(kernel: KernelClient, wanted: (message: Message) => boolean): Promise<Message> {
  return new Promise((resolve) => {
    const stop = kernel.onIopub((message) => {
      if (!wanted(message)) return
      stop()
      resolve(message)
    })
  })
}

/** Runs a cell and resolves once it has printed `text`, with a promise of its end. */
export async function executeUntil(kernel: KernelClient, code: string, text: string): Promise<Promise<Executed>[]> {
  let seen = ''
  return new Promise((resolve, reject) => {
    const executed = kernel.execute(code, {
      onOutput: ({ header, content }) => {
        if (header.msg_type !== 'stream') return
        seen += String(content['text'])
        if (seen.includes(text)) resolve([executed])
      },
    })
    executed.then(
      ({ reply }) => reject(new Error(`the cell ended before it printed ${text}: ${JSON.stringify(reply.content)}`)),
      reject,
    )
  })
}
