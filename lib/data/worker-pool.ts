/** The main thread's side of a DataLoader's workers: starts them, hands out batches in turn and waits for the answers. */
import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from 'node:worker_threads'
import { addon } from '../device/addon.js'
import { checkInterrupt, onStop } from '../device/interrupt.js'
import { unpackData } from './portable.js'
import { startThread } from './threads.js'
import { WorkerState, type Answer, type BeginPass, type Order, type WorkerSettings } from './worker-messages.js'

/** How long the main thread sleeps at most before it looks at the stop button again, in milliseconds. */
const nap = 20

/** How long a thread may take to begin, in milliseconds: why it did not is told by an event, which a sleeping thread misses. */
const startLimit = 60_000

/** What all workers are started with. */
export type PoolSettings = Omit<WorkerSettings, 'id' | 'seed' | 'signal' | 'numWorkers'>

/** Threads that never keep the process alive. */
export class WorkerPool {
  readonly #workers: Worker[]
  readonly #signal: Int32Array
  readonly #started = Date.now()
  /** What ended a worker, where it is known. */
  readonly failures = new Map<number, unknown>()
  /** Called when a worker has ended by itself. */
  onFailure: () => void = () => {}

  constructor(
    readonly size: number,
    baseSeed: bigint,
    settings: PoolSettings,
    /** Where the tensors of the settings were put. */
    readonly exchange: number,
    /** Whether the threads outlive a pass. */
    readonly persistent: boolean,
  ) {
    const signal = new SharedArrayBuffer(4 * (1 + size))
    this.#signal = new Int32Array(signal)
    this.#workers = Array.from({ length: size }, (_, id) => {
      const workerData: WorkerSettings = { ...settings, id, numWorkers: size, seed: baseSeed + BigInt(id), signal }
      const worker = startThread(new URL('./worker.js', import.meta.url), `data ${id}`, workerData)
      worker.on('error', (error) => this.#failed(id, error))
      worker.on('exit', (code) => this.#failed(id, new Error(`it ended with code ${code}`)))
      return worker
    })
  }

  #failed(id: number, error: unknown): void {
    if (this.failures.has(id)) return
    this.failures.set(id, error)
    this.onFailure()
  }

  /** Opens the channels of a pass. */
  open(exchange: number): MessagePort[] {
    return this.#workers.map((worker) => {
      const { port1, port2 } = new MessageChannel()
      worker.postMessage({ port: port2, exchange } satisfies BeginPass, [port2])
      port1.unref()
      return port1
    })
  }

  /** Whether a worker has ended by itself. */
  hasEnded(id: number): boolean {
    return this.failures.has(id) || Atomics.load(this.#signal, 1 + id) === WorkerState.ended
  }

  /** Whether a worker has not come up in good time. */
  isOverdue(id: number): boolean {
    return Atomics.load(this.#signal, 1 + id) === WorkerState.starting && Date.now() - this.#started > startLimit
  }

  /** How many answers have been given so far. */
  get answers(): number {
    return Atomics.load(this.#signal, 0)
  }

  /** Sleeps until there are more answers than `seen`, or for a short time. */
  sleep(seen: number, milliseconds = nap): void {
    Atomics.wait(this.#signal, 0, seen, milliseconds)
  }

  /** Ends the threads, whatever they do. */
  stop(): void {
    this.onFailure = () => {}
    for (const worker of this.#workers) {
      worker.removeAllListeners()
      void worker.terminate()
    }
    addon().closeExchange(this.exchange)
  }
}

/** What a pass holds beyond itself. */
interface Holdings {
  readonly pool: WorkerPool
  readonly exchange: number
  readonly pass: WeakRef<Pass>
}

function release(held: Holdings): void {
  open.delete(held)
  addon().closeExchange(held.exchange)
  if (!held.pool.persistent) held.pool.stop()
}

const open = new Set<Holdings>()

/** Passes that were dropped without being ended: what they hold ends when they are collected. */
const abandoned = new FinalizationRegistry<Holdings>(release)

// A stop may skip the `finally` of a loop, which is over all the same.
onStop(() => {
  for (const { pass } of open) pass.deref()?.close()
})

const waitedFor = new Set<Pass>()

/** One pass over the data with a pool: batches come in the order in which they were asked for. */
export class Pass {
  /** Where the tensors of batches are put. */
  readonly exchange = addon().openExchange()
  readonly #ports: MessagePort[]
  /** Which worker has each batch that is under way. */
  readonly #under: number[] = []
  readonly #ended = new Set<number>()
  #next = 0
  readonly #held: Holdings
  #closed = false
  /** Answers that came by events, by worker; null while the pass is read by `for…of`. */
  #arrived: Answer[][] | null = null
  /** Goes on with what waits for an answer. */
  private wake: () => void = () => {}

  constructor(
    readonly pool: WorkerPool,
    readonly orders: Iterator<number[]>,
    prefetchFactor: number,
    /** Seconds until a worker counts as stuck; 0 for ever. */
    readonly timeout: number,
  ) {
    this.#held = { pool, exchange: this.exchange, pass: new WeakRef(this) }
    open.add(this.#held)
    abandoned.register(this, this.#held, this)
    this.#ports = pool.open(this.exchange)
    for (let i = 0; i < prefetchFactor * pool.size; i++) this.#ask()
  }

  /** Gives the next batch to the next worker that is still there. */
  #ask(): void {
    if (this.#ended.size === this.pool.size) return
    const { done, value } = this.orders.next()
    if (done) return
    while (this.#ended.has(this.#next)) this.#next = (this.#next + 1) % this.pool.size
    this.#ports[this.#next].postMessage(value satisfies Order)
    this.#under.push(this.#next)
    this.#next = (this.#next + 1) % this.pool.size
  }

  /** The next batch, for which the thread sleeps; undefined at the end. */
  take(): { batch: unknown } | undefined {
    for (let id = this.#under.shift(); id !== undefined; id = this.#under.shift()) {
      const result = this.#settle(id, this.#receive(id))
      if (result) return result
    }
    return undefined
  }

  /** The next batch as a promise. */
  async takeLater(): Promise<{ batch: unknown } | undefined> {
    for (let id = this.#under.shift(); id !== undefined; id = this.#under.shift()) {
      const result = this.#settle(id, await this.#receiveLater(id))
      if (result) return result
    }
    return undefined
  }

  #settle(id: number, answer: Answer): { batch: unknown } | null {
    if ('error' in answer) throw workerError(id, answer.error, answer.place)
    if ('end' in answer) {
      this.#ended.add(id)
      this.#ask()
      return null
    }
    this.#ask()
    return { batch: unpackData(answer.batch) }
  }

  #receive(id: number): Answer {
    const start = Date.now()
    for (;;) {
      this.#assertOpen()
      const seen = this.pool.answers
      const ended = this.pool.hasEnded(id)
      checkInterrupt()
      const received = receiveMessageOnPort(this.#ports[id])
      if (received) return received.message
      if (ended) throw workerError(id, this.pool.failures.get(id) ?? new Error('it ended by itself'))
      if (this.pool.isOverdue(id))
        throw workerError(
          id,
          new Error(`it did not start within ${startLimit / 1000} s; with for await the reason is shown`),
        )
      if (this.timeout > 0 && Date.now() - start > this.timeout * 1000) throw this.#late(id)
      this.pool.sleep(seen)
    }
  }

  async #receiveLater(id: number): Promise<Answer> {
    const arrived = (this.#arrived ??= this.#listen())
    const start = Date.now()
    // While somebody waits for it, an answer is worth keeping the process alive, and the pass: all that knows of it, and of
    // the function that waits, is a promise that nothing but the pass can resolve.
    this.#ports[id].ref()
    waitedFor.add(this)
    try {
      for (;;) {
        checkInterrupt()
        // Before an answer is taken: the tensors of one that had arrived went with the pass.
        this.#assertOpen()
        const answer = arrived[id].shift()
        if (answer) return answer
        if (this.pool.hasEnded(id)) throw workerError(id, this.pool.failures.get(id) ?? new Error('it ended by itself'))
        const left = this.timeout > 0 ? this.timeout * 1000 - (Date.now() - start) : Infinity
        if (left <= 0) throw this.#late(id)
        await new Promise<void>((resolve) => {
          const timer = left < Infinity ? setTimeout(resolve, left) : undefined
          this.wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
    } finally {
      this.#ports[id].unref()
      waitedFor.delete(this)
    }
  }

  #listen(): Answer[][] {
    const arrived: Answer[][] = this.#ports.map(() => [])
    // Weakly, so that a pass that nobody reads any more can be collected.
    const self = new WeakRef(this)
    const wake = (): void => self.deref()?.wake()
    this.pool.onFailure = wake
    this.#ports.forEach((port, id) => {
      port.on('message', (answer: Answer) => {
        arrived[id].push(answer)
        wake()
      })
      port.unref()
    })
    return arrived
  }

  #late(id: number): Error {
    return new Error(
      `DataLoader: worker ${id} gave no batch within ${this.timeout} s; raise timeout, or look for what keeps it`,
    )
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('DataLoader: this pass was ended by a stop; begin a new one')
  }

  /** Ends the pass, and its threads unless they are kept; what the workers still make of it is dropped. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const port of this.#ports) port.close()
    abandoned.unregister(this)
    release(this.#held)
    this.wake()
  }
}

/** @param place what the worker was reading, where it is known */
function workerError(id: number, error: unknown, place?: string): Error {
  const message = error instanceof Error ? error.message : String(error)
  const at = place === undefined ? '' : ` at ${place}`
  return Object.assign(new Error(`DataLoader: worker ${id} failed${at}: ${message}`, { cause: error }), {
    name: error instanceof Error ? error.name : 'Error',
  })
}
