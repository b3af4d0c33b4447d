/** A worker thread of a DataLoader: makes its own copy of the data set, then one batch after the other as it is asked. */
import { parentPort, workerData } from 'node:worker_threads'
import { noGrad } from '../autograd/index.js'
import { addon } from '../device/addon.js'
import { manualSeed } from '../device/random.js'
import '../ops/index.js'
import { fetcherOf, placeOf, type Collate, type Fetcher } from './fetch.js'
import { pack, unpack } from './portable.js'
import { setWorkerInfo } from './worker-info.js'
import { WorkerState, type Answer, type BeginPass, type Order, type WorkerSettings } from './worker-messages.js'

const settings = workerData as WorkerSettings
const { id, numWorkers, seed, dropLast } = settings
const signal = new Int32Array(settings.signal)

// The workers are many already: each computes on its own thread, as PyTorch's do.
addon().computeAlone()
Atomics.store(signal, 1 + id, WorkerState.running)
process.on('exit', () => {
  Atomics.store(signal, 1 + id, WorkerState.ended)
  Atomics.notify(signal, 0)
})

/** What was thrown, in a form that a message can hold. */
function sendable(error: unknown): unknown {
  try {
    return structuredClone(error)
  } catch {
    return error instanceof Error ? Object.assign(new Error(error.message), { stack: error.stack }) : String(error)
  }
}

/** The fetcher of a new pass; what fails in the making is told by the first answer. */
async function prepare(): Promise<() => Fetcher> {
  manualSeed(seed)
  const dataset = (await unpack(settings.dataset)) as object
  setWorkerInfo({ id, numWorkers, seed, dataset })
  if (settings.workerInit) await ((await unpack(settings.workerInit)) as (id: number) => unknown)(id)
  const { collate: packed } = settings
  const collate: Collate | undefined =
    packed === 'none' ? (samples) => samples : packed === null ? undefined : ((await unpack(packed)) as Collate)
  return () => fetcherOf(dataset, collate, dropLast)
}

async function answer(fetcher: Promise<Fetcher>, positions: Order, exchange: number): Promise<Answer> {
  try {
    const ready = await fetcher
    const fetched = await noGrad(() => ready.later(positions))
    return fetched === null ? { end: true } : { batch: pack(fetched.batch, 'the batch', exchange) }
  } catch (error) {
    const place = placeOf(error)
    return { error: sendable(error), ...(place === undefined ? {} : { place }) }
  }
}

function serve({ port, exchange }: BeginPass, fetcher: Promise<Fetcher>): void {
  let last: Promise<unknown> = fetcher.catch(() => {})
  port.on('message', (positions: Order) => {
    // One after the other: the order of random numbers and of a stream depends on it.
    last = last.then(async () => {
      const reply = await answer(fetcher, positions, exchange)
      try {
        port.postMessage(reply)
      } catch (error) {
        port.postMessage({ error: sendable(error) } satisfies Answer)
      }
      Atomics.add(signal, 0, 1)
      Atomics.notify(signal, 0)
    })
  })
}

const ready = prepare()
ready.catch(() => {})
parentPort?.on('message', (pass: BeginPass) => {
  const fetcher = ready.then((make) => make())
  fetcher.catch(() => {})
  serve(pass, fetcher)
})
