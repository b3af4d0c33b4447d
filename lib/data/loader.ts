/** Batches from a data set, in PyTorch's order for the same seed. */
import { addon } from '../device/addon.js'
import { defaultGenerator, Generator } from '../device/random.js'
import { randperm } from '../ops/random.js'
import { stack } from '../ops/join.js'
import { tensor } from '../ops/creation.js'
import { Tensor } from '../tensor/tensor.js'
import type { Collated, Dataset } from './dataset.js'

/** Settings of a `DataLoader`. */
export interface DataLoaderOptions<Sample, Batch> {
  /** Samples in a batch. Default 1. */
  batchSize?: number
  /** A new random order in every pass. Default false. */
  shuffle?: boolean
  /** Leave out a last batch that is smaller than the others. Default false. */
  dropLast?: boolean
  /** Makes a batch of samples. Default: `defaultCollate`. */
  collate?: (samples: Sample[]) => Batch
  /** Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** Stacks tensors, makes tensors of numbers (whole ones int64), and does so inside arrays and objects. torch.utils.data.default_collate. */
export function defaultCollate(samples: unknown[]): unknown {
  const first = samples[0]
  if (first instanceof Tensor) return stack(samples as Tensor[])
  if (typeof first === 'boolean') return tensor(samples as boolean[])
  if (typeof first === 'number')
    return tensor(samples as number[], { dtype: (samples as number[]).every(Number.isInteger) ? 'int64' : 'float32' })
  if (Array.isArray(first))
    return first.map((_, i) => defaultCollate(samples.map((sample) => (sample as unknown[])[i])))
  if (typeof first === 'object' && first !== null)
    return Object.fromEntries(
      Object.keys(first).map((key) => [
        key,
        defaultCollate(samples.map((sample) => Reflect.get(sample as object, key))),
      ]),
    )
  return samples
}

/**
 * Iterates over batches of a data set (torch.utils.data.DataLoader). Each `for` loop is one pass.
 *
 * @example for (const [images, labels] of new data.DataLoader(train, { batchSize: 100, shuffle: true })) …
 */
export class DataLoader<Sample, Batch = Collated<Sample>> implements Iterable<Batch> {
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  readonly #collate: ((samples: Sample[]) => Batch) | undefined
  readonly #generator: Generator | undefined

  constructor(
    readonly dataset: Dataset<Sample>,
    { batchSize = 1, shuffle = false, dropLast = false, collate, generator }: DataLoaderOptions<Sample, Batch> = {},
  ) {
    if (!Number.isInteger(batchSize) || batchSize < 1)
      throw new RangeError(`DataLoader: batchSize must be a positive integer, got ${batchSize}`)
    this.batchSize = batchSize
    this.shuffle = shuffle
    this.dropLast = dropLast
    this.#collate = collate
    this.#generator = generator
  }

  /** Number of batches in a pass. */
  get length(): number {
    return (this.dropLast ? Math.floor : Math.ceil)(this.dataset.length / this.batchSize)
  }

  *[Symbol.iterator](): Iterator<Batch> {
    const order = this.#order()
    for (let b = 0; b < this.length; b++) {
      const from = b * this.batchSize
      const positions = Array.from({ length: Math.min(this.batchSize, this.dataset.length - from) }, (_, i) =>
        order ? Number(order[from + i]) : from + i,
      )
      yield this.#batch(positions)
    }
    // PyTorch's sampler draws once more before it finds that nothing is left, which shows when the generator is the user's.
    if (this.shuffle && this.#generator) randperm(this.dataset.length, { generator: this.#generator })
  }

  #batch(positions: number[]): Batch {
    if (!this.#collate && this.dataset.getBatch) return this.dataset.getBatch(positions) as unknown as Batch
    const samples = positions.map((i) => this.dataset.get(i))
    return this.#collate ? this.#collate(samples) : (defaultCollate(samples) as Batch)
  }

  /**
   * The order of a pass. PyTorch's loader draws a 64-bit number for its workers, and its random sampler another one as
   * the seed of a permutation; drawing the same keeps every later random number the same too.
   */
  #order(): BigInt64Array | null {
    const generator = this.#generator ?? defaultGenerator()
    addon().random64(generator.handle)
    if (!this.shuffle) return null
    const sampler =
      this.#generator ?? new Generator().manualSeed(addon().random64(generator.handle) & ((1n << 63n) - 1n))
    return randperm(this.dataset.length, { generator: sampler }).toTypedArray() as BigInt64Array
  }
}
