/**
 * Starts a kernel: three threads, as early and as parallel as possible. This thread then only runs cells; the I/O worker
 * answers Jupyter while the library still loads and the compiler still warms up.
 */
import { fileURLToPath } from 'node:url'
import { MessageChannel, Worker, type MessagePort, type ResourceLimits } from 'node:worker_threads'
import type { LanguageConnection, LanguageWorkerData } from './language/protocol.js'
import { readConnectionFile } from './wire/connection.js'
import { slotCount, type ToMain, type ToWire, type WireWorkerData } from './wire/link.js'
import { log, logBytes } from './wire/log.js'

const sampleCell = `
class Net extends nn.Module {
  layers = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2))
  forward(x: Tensor): Tensor { return this.layers.forward(x) }
}
const net = new Net(), optimizer = new optim.SGD(net.parameters(), { lr: 0.1 })
const loss = F.crossEntropy(net.forward(randn(3, 4)), tensor([0, 1, 0]))
loss.backward(); optimizer.step()
console.log([loss.item()].map((value) => value.toFixed(2)).join())
`

/** The compiler needs about 100 MB. Each cell leaves garbage, and V8 lets it pile up in proportion to what the heap may become. */
const compilerLimits: ResourceLimits = { maxOldGenerationSizeMb: 1024 }

/** Before anything of the session replaces it. */
const exit = process.exit.bind(process)

/** Runs until a front end asks for shutdown. Rejects if the connection file is unusable. */
export async function startKernel(connectionFile: string): Promise<void> {
  const connection = readConnectionFile(connectionFile)
  const shared = new Int32Array(new SharedArrayBuffer(4 * slotCount))
  const toWire = new MessageChannel()
  const wireToLanguage = new MessageChannel()
  const mainToLanguage = new MessageChannel()
  const answers = new MessageChannel()

  // The compiler takes longest to get ready, so it starts first; what cells run in is loaded after it.
  const languageData: LanguageWorkerData = {
    cwd: process.cwd(),
    preludePath: fileURLToPath(new URL('./prelude.d.ts', import.meta.url)),
    sampleCell,
    globalNames: Object.getOwnPropertyNames(globalThis),
  }
  const languageFailed = () => toWire.port1.postMessage({ type: 'fatal' } satisfies ToWire)
  const language = startWorker('./language/worker.js', languageData, [], languageFailed, compilerLimits)
  const connect = (connection: LanguageConnection) => language.postMessage(connection, [connection.port])
  connect({ port: wireToLanguage.port2 })

  const wirePorts = { language: wireToLanguage.port1, main: toWire.port2, input: answers.port1 }
  const wireData: WireWorkerData = { connection, shared, ...wirePorts }
  startWorker('./wire/worker.js', wireData, Object.values(wirePorts), () => exit(1))

  try {
    const { startSession } = await import('./execution/start.js')
    await startSession({
      shared,
      wire: toWire.port1,
      language: mainToLanguage.port2,
      answers: answers.port2,
      preloaded: (names) => connect({ port: mainToLanguage.port1, preloaded: names }),
    })
  } catch (error) {
    log(`the kernel cannot start: ${(error as Error).stack}\nTo see what is missing, run: npx gradbook doctor`)
    // The I/O worker closes its sockets, and says when it has.
    toWire.port1.on('message', ({ type }: ToMain) => type === 'exit' && exit(1))
    toWire.port1.postMessage({ type: 'fatal' } satisfies ToWire)
  }
}

function startWorker(
  file: string,
  workerData: WireWorkerData | LanguageWorkerData,
  transferList: MessagePort[],
  failed: () => void,
  resourceLimits: ResourceLimits = {},
): Worker {
  // Their own streams: what a worker prints is for the log, not output of a cell.
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData,
    transferList,
    stdout: true,
    stderr: true,
    resourceLimits,
  })
  for (const stream of [worker.stdout, worker.stderr]) stream.on('data', (chunk: Buffer) => logBytes(chunk))
  worker.on('error', (error) => {
    log(`${file} failed: ${error.stack ?? error.message}`)
    failed()
  })
  return worker
}
