/** The main thread's side of a DataLoader's workers: starts them, hands out batches in turn and waits for the answers. */
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import { checkInterrupt } from '../device/interrupt.js'
import { unpackData } from './portable.js'
import { WorkerState, type Answer, type BeginPass, type Order, type WorkerSettings } from './worker-messages.js'

/** How long the main thread sleeps at most before it looks at the stop button again, in milliseconds. */
const nap = 20

/** How long a thread may take to begin, in milliseconds: why it did not is told by an event, which a sleeping thread misses. */
const startLimit = 60_000

/** Flags of this process that threads take over; code given on the command line is no business of theirs. */
const execArgv = process.execArgv.filter((flag) => !flag.startsWith('--input-type'))

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
  ) {
    const signal = new SharedArrayBuffer(4 * (1 + size))
    this.#signal = new Int32Array(signal)
    this.#workers = Array.from({ length: size }, (_, id) => {
      const workerData: WorkerSettings = { ...settings, id, numWorkers: size, seed: baseSeed + BigInt(id), signal }
      const worker = new Worker(new URL('./worker.js', import.meta.url), {
        workerData,
        execArgv,
        name: `gradbook data ${id}`,
      })
      worker.unref()
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
  open(): MessagePort[] {
    return this.#workers.map((worker) => {
      const { port1, port2 } = new MessageChannel()
      worker.postMessage({ port: port2 } satisfies BeginPass, [port2])
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
  }
}

/** One pass over the data with a pool: batches come in the order in which they were asked for. */
export class Pass {
  readonly #ports: MessagePort[]
  /** Which worker has each batch that is under way. */
  readonly #under: number[] = []
  readonly #ended = new Set<number>()
  #next = 0
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
    this.#ports = pool.open()
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
    if ('error' in answer) throw workerError(id, answer.error)
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
      const seen = this.pool.answers
      const ended = this.pool.hasEnded(id)
      const received = receiveMessageOnPort(this.#ports[id])
      if (received) return received.message
      if (ended) throw workerError(id, this.pool.failures.get(id) ?? new Error('it ended by itself'))
      if (this.pool.isOverdue(id))
        throw workerError(
          id,
          new Error(`it did not start within ${startLimit / 1000} s; with for await the reason is shown`),
        )
      checkInterrupt()
      if (this.timeout > 0 && Date.now() - start > this.timeout * 1000) throw this.#late(id)
      this.pool.sleep(seen)
    }
  }

  async #receiveLater(id: number): Promise<Answer> {
    const arrived = (this.#arrived ??= this.#listen())
    const start = Date.now()
    // While somebody waits for it, an answer is worth keeping the process alive.
    this.#ports[id].ref()
    try {
      for (;;) {
        const answer = arrived[id].shift()
        if (answer) return answer
        if (this.pool.hasEnded(id)) throw workerError(id, this.pool.failures.get(id) ?? new Error('it ended by itself'))
        checkInterrupt()
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

  /** Closes the channels; what the workers still make of this pass is dropped. */
  close(): void {
    for (const port of this.#ports) port.close()
    this.wake()
  }
}

function workerError(id: number, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error)
  return Object.assign(new Error(`DataLoader: worker ${id} failed: ${message}`, { cause: error }), {
    name: error instanceof Error ? error.name : 'Error',
  })
}
