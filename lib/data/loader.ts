/** Batches from a data set, in PyTorch's order for the same seed, made in worker threads if asked for. */
import { addon } from '../device/addon.js'
import { defaultGenerator, type Generator as RandomGenerator } from '../device/random.js'
import { checkOptions, type Defaults } from '../tensor/options.js'
import type { Collated, Dataset, IterableDataset } from './dataset.js'
import { fetcherOf, isStream, type Collate, type Fetcher } from './fetch.js'
import { NotPortable, pack, type Packed } from './portable.js'
import { BatchSampler, drawSeed, RandomSampler, SequentialSampler, type Sampler } from './samplers.js'
import { Pass, WorkerPool, type PoolSettings } from './worker-pool.js'

/** Settings of a `DataLoader`. */
export interface DataLoaderOptions<Sample, Batch> {
  /** Samples in a batch. Default 1. */
  batchSize?: number
  /** A new random order in every pass. Default false. */
  shuffle?: boolean
  /** Leave out a last batch that is smaller than the others. Default false. */
  dropLast?: boolean
  /** The order of single samples, instead of `shuffle`. */
  sampler?: Sampler
  /** The order of whole batches, instead of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  batchSampler?: Iterable<readonly number[]> & { readonly length?: number }
  /** Makes a batch of samples. Default: `defaultCollate`. */
  collate?: (samples: Awaited<Sample>[]) => Batch | Promise<Batch>
  /** Draws the order. Default: the generator that `manualSeed` seeds. */
  generator?: RandomGenerator
  /**
   * Threads that make batches ahead of the loop. They make the data set anew, so it must consist of the library's data sets
   * and transforms, or come from `data.fromModule`; other data sets are read on the main thread, and a warning says why.
   * Default 0.
   */
  numWorkers?: number
  /** Batches that each worker makes ahead. Default 2. */
  prefetchFactor?: number
  /** Keep the threads, with the copies of the data set in them, for the next pass. Default false. */
  persistentWorkers?: boolean
  /** Seconds to wait for a batch of a worker; 0: for ever. Default 0. */
  timeout?: number
  /** Called in each worker with its number before it begins; made by `data.fromModule`. */
  workerInitFn?: (id: number) => unknown
}

const defaults = {
  batchSize: 1,
  shuffle: false,
  dropLast: false,
  sampler: undefined,
  batchSampler: undefined,
  collate: undefined,
  generator: undefined,
  numWorkers: 0,
  prefetchFactor: 2,
  persistentWorkers: false,
  timeout: 0,
  workerInitFn: undefined,
} satisfies Defaults<DataLoaderOptions<never, never>>

const settingsOnce: (keyof DataLoaderOptions<never, never>)[] = ['batchSize', 'shuffle', 'sampler', 'dropLast']

function assertWhole(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    throw new RangeError(
      `DataLoader: ${name} must be ${least > 0 ? 'a positive' : 'a non-negative'} integer, got ${value}`,
    )
}

/**
 * Iterates over batches of a data set (torch.utils.data.DataLoader). Each `for` loop is one pass; `for await` also takes data
 * sets whose samples are promises.
 *
 * @example for (const [images, labels] of new data.DataLoader(train, { batchSize: 100, shuffle: true })) …
 * @throws RangeError and TypeError for settings that contradict one another. What a worker throws is thrown in the loop, its
 * own error as `cause`.
 */
export class DataLoader<Sample, Batch = Collated<Sample>> implements Iterable<Batch>, AsyncIterable<Batch> {
  /** Samples in a batch; with a batchSampler, as it gives. */
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  readonly numWorkers: number
  readonly prefetchFactor: number
  readonly persistentWorkers: boolean
  readonly timeout: number
  /** The order of single samples; for a stream and with a batchSampler, none. */
  readonly sampler: Sampler | null
  /** The order of batches; for a stream, none. */
  readonly batchSampler: (Iterable<readonly number[]> & { readonly length?: number }) | null
  readonly #collate: Collate | undefined
  readonly #generator: RandomGenerator | undefined
  readonly #workerInit: ((id: number) => unknown) | undefined
  #kept: WorkerPool | undefined
  #warned = false

  constructor(
    readonly dataset: Dataset<Sample> | IterableDataset<Sample>,
    given: DataLoaderOptions<Sample, Batch> = {},
  ) {
    checkOptions('DataLoader', given, defaults)
    this.batchSize = given.batchSize ?? defaults.batchSize
    this.shuffle = given.shuffle ?? defaults.shuffle
    this.dropLast = given.dropLast ?? defaults.dropLast
    this.numWorkers = given.numWorkers ?? defaults.numWorkers
    this.prefetchFactor = given.prefetchFactor ?? defaults.prefetchFactor
    this.persistentWorkers = given.persistentWorkers ?? defaults.persistentWorkers
    this.timeout = given.timeout ?? defaults.timeout
    assertWhole('batchSize', this.batchSize, 1)
    assertWhole('numWorkers', this.numWorkers, 0)
    assertWhole('prefetchFactor', this.prefetchFactor, 1)
    if (!(this.timeout >= 0)) throw new RangeError(`DataLoader: timeout must not be negative, got ${this.timeout}`)
    if (given.sampler && given.shuffle)
      throw new TypeError('DataLoader: shuffle and sampler both give an order; leave one out')
    const twice = settingsOnce.find((name) => given.batchSampler && given[name] !== undefined)
    if (twice)
      throw new TypeError(`DataLoader: batchSampler makes the batches, so ${twice} has no meaning; leave it out`)
    const order = given.shuffle
      ? 'shuffle'
      : given.sampler
        ? 'sampler'
        : given.batchSampler
          ? 'batchSampler'
          : undefined
    if (isStream(dataset) && order)
      throw new TypeError(
        `DataLoader: a stream (IterableDataset) has no positions, so ${order} has no meaning; leave it out`,
      )
    this.#collate = given.collate as Collate | undefined
    this.#generator = given.generator
    this.#workerInit = given.workerInitFn
    this.sampler = isStream(dataset) || given.batchSampler ? null : (given.sampler ?? this.#ownSampler(dataset))
    this.batchSampler =
      given.batchSampler ?? (this.sampler && new BatchSampler(this.sampler, this.batchSize, this.dropLast))
  }

  #ownSampler(dataset: Dataset<Sample>): Sampler {
    return this.shuffle && dataset.length > 0
      ? new RandomSampler(dataset, { generator: this.#generator })
      : new SequentialSampler(dataset)
  }

  /** Number of batches in a pass; NaN when it is not known before. */
  get length(): number {
    if (this.batchSampler) return this.batchSampler.length ?? NaN
    return (this.dropLast ? Math.floor : Math.ceil)((this.dataset.length ?? NaN) / this.batchSize)
  }

  /** One pass. */
  [Symbol.iterator](): IterableIterator<Batch> {
    const seed = this.#begin()
    const pool = this.#pool(seed)
    return (pool ? this.#fromWorkers(pool) : this.#here()) as IterableIterator<Batch>
  }

  /** One pass that waits for promises. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Batch> {
    const seed = this.#begin()
    const pool = this.#pool(seed)
    return (pool ? this.#fromWorkersLater(pool) : this.#hereLater()) as AsyncIterableIterator<Batch>
  }

  /** Ends threads that `persistentWorkers` keeps. They end with the process, too. */
  close(): void {
    this.#kept?.stop()
    this.#kept = undefined
  }

  /** The number that PyTorch's loader draws at the beginning of each pass for its workers, whether there are any or not. */
  #begin(): bigint {
    return drawSeed(this.#generator ?? defaultGenerator())
  }

  get #fetcher(): Fetcher {
    return fetcherOf(this.dataset, this.#collate, this.dropLast)
  }

  /** The positions of each batch; for a stream, as many as a batch has, without end. */
  *#orders(): Generator<number[]> {
    if (this.batchSampler) for (const positions of this.batchSampler) yield [...positions]
    else for (;;) yield Array.from({ length: this.batchSize }, () => 0)
  }

  *#here(): Generator<unknown> {
    const fetcher = this.#fetcher
    for (const positions of this.#orders()) {
      const fetched = fetcher.now(positions)
      if (fetched === null) return
      yield fetched.batch
    }
  }

  /** Makes batches ahead even without workers: samples that are promises are on their way meanwhile. */
  async *#hereLater(): AsyncGenerator<unknown> {
    const fetcher = this.#fetcher
    const orders = this.#orders()
    // A stream is read in order, so one batch after the other.
    const ahead = isStream(this.dataset) ? 1 : Math.max(1, this.numWorkers * this.prefetchFactor)
    const underWay: Promise<{ batch: unknown } | null>[] = []
    const more = (): void => {
      const { done, value } = orders.next()
      if (done) return
      const fetched = fetcher.later(value)
      fetched.catch(() => {}) // thrown when its turn comes
      underWay.push(fetched)
    }
    for (let i = 0; i < ahead; i++) more()
    for (let next = underWay.shift(); next; next = underWay.shift()) {
      const fetched = await next
      if (fetched === null) return
      yield fetched.batch
      more()
    }
  }

  *#fromWorkers(pool: WorkerPool): Generator<unknown> {
    const pass = this.#passOf(pool)
    try {
      for (let taken = pass.take(); taken; taken = pass.take()) yield this.#finished(taken.batch)
    } finally {
      this.#end(pass)
    }
  }

  async *#fromWorkersLater(pool: WorkerPool): AsyncGenerator<unknown> {
    const pass = this.#passOf(pool)
    try {
      for (let taken = await pass.takeLater(); taken; taken = await pass.takeLater())
        yield await this.#finished(taken.batch)
    } finally {
      this.#end(pass)
    }
  }

  #passOf(pool: WorkerPool): Pass {
    return new Pass(pool, this.#orders(), this.prefetchFactor, this.timeout)
  }

  #end(pass: Pass): void {
    pass.close()
    if (pass.pool === this.#kept && pass.pool.failures.size > 0) this.close()
  }

  /** A batch of a worker; where the collate could not go there, made here of its samples. */
  #finished(fetched: unknown): unknown {
    return this.#collatesHere ? this.#collate?.(fetched as unknown[]) : fetched
  }

  #collatesHere = false

  /** The threads; undefined when none are wanted, or the data set cannot go there. */
  #pool(seed: bigint): WorkerPool | undefined {
    if (this.numWorkers === 0) return undefined
    if (this.#kept) return this.#kept
    const exchange = addon().openExchange()
    const settings = this.#portableSettings(exchange)
    if (!settings) {
      addon().closeExchange(exchange)
      return undefined
    }
    const pool = new WorkerPool(this.numWorkers, seed, settings, exchange, this.persistentWorkers)
    if (this.persistentWorkers) this.#kept = pool
    return pool
  }

  #portableSettings(exchange: number): PoolSettings | undefined {
    try {
      const dataset = pack(this.dataset, 'the data set', exchange)
      const workerInit = this.#workerInit ? pack(this.#workerInit, 'workerInitFn', exchange) : null
      return { dataset, workerInit, collate: this.#packedCollate(exchange), dropLast: this.dropLast }
    } catch (error) {
      if (!(error instanceof NotPortable)) throw error
      if (!this.#warned)
        console.warn(
          `DataLoader: numWorkers: ${this.numWorkers} has no effect, batches are made on the main thread: ${error.message}. Worker threads see only what modules export: use the library's data sets and transforms, or put your own into a file and take it with data.fromModule('./file.js', 'Name').`,
        )
      this.#warned = true
      return undefined
    }
  }

  #packedCollate(exchange: number): Packed | 'none' | null {
    this.#collatesHere = false
    if (!this.#collate) return null
    try {
      return pack(this.#collate, 'collate', exchange)
    } catch (error) {
      if (!(error instanceof NotPortable)) throw error
      this.#collatesHere = true
      return 'none'
    }
  }
}
