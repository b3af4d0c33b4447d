/** Makes one batch, on the main thread or in a worker: from positions, or from what a stream gives next. */
import { defaultCollate } from './collate.js'
import type { Dataset, IterableDataset } from './dataset.js'

/** Makes a batch of samples. */
export type Collate = (samples: unknown[]) => unknown

/** A batch; null when a stream has ended. */
export type Fetched = { batch: unknown } | null

/** How batches are made. */
export interface Fetcher {
  /** The batch of these positions; of a stream, as many samples. */
  now(positions: readonly number[]): Fetched
  /** The same where samples may have to be waited for. */
  later(positions: readonly number[]): Promise<Fetched>
}

/** Whether a data set is a stream without positions. */
export function isStream(dataset: object): dataset is IterableDataset<unknown> {
  return !('get' in dataset)
}

/** Throws unless a value is at hand: `for…of` cannot wait. */
function atHand<T>(value: T | Promise<T>, what: string): T {
  if (value instanceof Promise) {
    value.catch(() => {}) // the error below is the one to see
    throw new TypeError(`DataLoader: ${what} gives promises; write for await (const batch of loader)`)
  }
  return value
}

/** What was being read when an error was thrown. */
const places = new WeakMap<Error, string>()

/** Which call of which data set threw the error; undefined where that is not known. */
export function placeOf(error: unknown): string | undefined {
  return error instanceof Error ? places.get(error) : undefined
}

/** The value of `read`; an error is thrown on and its place remembered. */
async function reading<T>(place: () => string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown })
    if (!places.has(error)) places.set(error, place())
    throw error
  }
}

const listed = (positions: readonly number[]): string =>
  positions.length > 8 ? `${positions.slice(0, 8).join(', ')}, … (${positions.length})` : positions.join(', ')

/** Batches by position. */
export function positionFetcher(dataset: Dataset<unknown>, collate: Collate | undefined): Fetcher {
  const { name } = dataset.constructor
  const whole = collate === undefined && dataset.getBatch ? dataset.getBatch.bind(dataset) : undefined
  const batchOf = collate ?? defaultCollate
  return {
    now(positions) {
      if (whole) return { batch: atHand<unknown>(whole(positions), 'getBatch of the data set') }
      return { batch: batchOf(positions.map((i) => atHand(dataset.get(i), 'get of the data set'))) }
    },
    async later(positions) {
      if (whole)
        return {
          batch: await reading(
            () => `${name}.getBatch([${listed(positions)}])`,
            () => whole(positions),
          ),
        }
      const sample = (i: number): Promise<unknown> =>
        reading(
          () => `${name}.get(${i})`,
          () => dataset.get(i),
        )
      const samples = await Promise.all(positions.map(sample))
      return {
        batch: await reading(
          () => `the collate of ${name}'s samples ${listed(positions)}`,
          () => batchOf(samples),
        ),
      }
    },
  }
}

/** Batches of a stream, which is read from its beginning. */
export function streamFetcher(
  dataset: IterableDataset<unknown>,
  collate: Collate | undefined,
  dropLast: boolean,
): Fetcher {
  const batchOf = collate ?? defaultCollate
  const enough = (samples: unknown[], wanted: number): boolean =>
    samples.length === wanted || (samples.length > 0 && !dropLast)
  let iterator: Iterator<unknown> | undefined
  let waiting: AsyncIterator<unknown> | Iterator<unknown> | undefined
  let read = 0
  return {
    now(positions) {
      if (!dataset[Symbol.iterator])
        throw new TypeError('DataLoader: the data set can only be waited for; write for await (const batch of loader)')
      iterator ??= dataset[Symbol.iterator]?.() as Iterator<unknown>
      const samples: unknown[] = []
      while (samples.length < positions.length) {
        const { done, value } = iterator.next()
        if (done) break
        samples.push(value)
      }
      return enough(samples, positions.length) ? { batch: batchOf(samples) } : null
    },
    async later(positions) {
      const { name } = dataset.constructor
      waiting ??= dataset[Symbol.asyncIterator]?.() ?? dataset[Symbol.iterator]?.()
      if (!waiting) throw new TypeError('DataLoader: the data set has neither get nor an iterator')
      const stream = waiting
      const samples: unknown[] = []
      while (samples.length < positions.length) {
        const { done, value } = await reading(
          () => `sample ${read} of ${name}`,
          () => stream.next(),
        )
        if (done) break
        samples.push(await value)
        read++
      }
      return enough(samples, positions.length) ? { batch: await batchOf(samples) } : null
    },
  }
}

/** The fetcher that suits the data set. */
export function fetcherOf(dataset: object, collate: Collate | undefined, dropLast: boolean): Fetcher {
  return isStream(dataset)
    ? streamFetcher(dataset, collate, dropLast)
    : positionFetcher(dataset as Dataset<unknown>, collate)
}
