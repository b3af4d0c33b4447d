/** In which order a data set is read. Each pass over a sampler is a new order; from the same seed, PyTorch's. */
import { addon } from '../device/addon.js'
import { defaultGenerator, Generator } from '../device/random.js'
import { tensor } from '../ops/creation.js'
import { randint, randperm } from '../ops/random.js'
import { multinomial } from '../ops/samplers.js'
import type { Tensor } from '../tensor/tensor.js'

/** Positions in some order, and how many they are. `BatchSampler` gives lists of positions. */
export interface Sampler<T = number> extends Iterable<T> {
  /** How many are given in a pass. */
  readonly length: number
}

/** Settings of samplers that draw. */
export interface DrawingOptions {
  /** Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

const numbers = (t: Tensor): number[] => Array.from(t.toTypedArray(), Number)

function assertCount(sampler: string, name: string, count: number): void {
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`${sampler}: ${name} must be a positive integer, got ${count}`)
}

/** A 63-bit number from a generator, as PyTorch draws seeds. */
export function drawSeed(generator: Generator): bigint {
  return addon().random64(generator.handle) & ((1n << 63n) - 1n)
}

/** Positions 0, 1, 2, … (torch.utils.data.SequentialSampler). */
export class SequentialSampler implements Sampler {
  constructor(readonly dataSource: { readonly length: number }) {}

  /** How many are given in a pass. */
  get length(): number {
    return this.dataSource.length
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.length; i++) yield i
  }
}

/** Settings of `RandomSampler`. */
export interface RandomSamplerOptions extends DrawingOptions {
  /** Whether a position may come again before all have come. Default false. */
  replacement?: boolean
  /** How many to draw. Default: as many as the data set has. */
  numSamples?: number
}

/** Positions in random order (torch.utils.data.RandomSampler). */
export class RandomSampler implements Sampler {
  readonly replacement: boolean
  readonly #numSamples: number | undefined
  readonly #generator: Generator | undefined

  constructor(
    readonly dataSource: { readonly length: number },
    { replacement = false, numSamples, generator }: RandomSamplerOptions = {},
  ) {
    if (numSamples !== undefined) assertCount('RandomSampler', 'numSamples', numSamples)
    else if (dataSource.length === 0)
      throw new RangeError('RandomSampler: the data set is empty, there is nothing to draw')
    this.replacement = replacement
    this.#numSamples = numSamples
    this.#generator = generator
  }

  /** How many are given in a pass. */
  get length(): number {
    return this.#numSamples ?? this.dataSource.length
  }

  *[Symbol.iterator](): Iterator<number> {
    const n = this.dataSource.length
    const count = this.length
    // A generator of its own, seeded by the shared one: what else draws meanwhile does not change the order.
    const generator = this.#generator ?? new Generator().manualSeed(drawSeed(defaultGenerator()))
    if (this.replacement) {
      const draw = (size: number): number[] => numbers(randint(n, [size], { generator }))
      for (let i = 0; i < Math.floor(count / 32); i++) yield* draw(32)
      yield* draw(count % 32)
    } else {
      for (let i = 0; i < Math.floor(count / n); i++) yield* numbers(randperm(n, { generator }))
      // PyTorch draws once more even when nothing is left, which shows when the generator is the user's.
      yield* numbers(randperm(n, { generator })).slice(0, count % n)
    }
  }
}

/** Given positions in random order (torch.utils.data.SubsetRandomSampler). */
export class SubsetRandomSampler implements Sampler {
  readonly #generator: Generator | undefined

  constructor(
    readonly indices: readonly number[],
    { generator }: DrawingOptions = {},
  ) {
    this.#generator = generator
  }

  /** How many are given in a pass. */
  get length(): number {
    return this.indices.length
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const i of numbers(randperm(this.indices.length, { generator: this.#generator }))) yield this.indices[i]
  }
}

/** Settings of `WeightedRandomSampler`. */
export interface WeightedRandomSamplerOptions extends DrawingOptions {
  /** Whether a position may come again. Default true. */
  replacement?: boolean
}

/**
 * Positions drawn with probabilities proportional to weights, against classes of unequal size, say
 * (torch.utils.data.WeightedRandomSampler).
 * @throws RangeError unless numSamples is a positive integer, and not above the number of weights without replacement.
 */
export class WeightedRandomSampler implements Sampler {
  readonly weights: readonly number[]
  readonly length: number
  readonly replacement: boolean
  readonly #generator: Generator | undefined

  constructor(
    weights: Iterable<number>,
    numSamples: number,
    { replacement = true, generator }: WeightedRandomSamplerOptions = {},
  ) {
    assertCount('WeightedRandomSampler', 'numSamples', numSamples)
    this.weights = [...weights]
    if (!replacement && numSamples > this.weights.length)
      throw new RangeError(
        `WeightedRandomSampler: cannot draw ${numSamples} of ${this.weights.length} without replacement`,
      )
    this.length = numSamples
    this.replacement = replacement
    this.#generator = generator
  }

  *[Symbol.iterator](): Iterator<number> {
    const weights = tensor(Float64Array.from(this.weights))
    yield* numbers(multinomial(weights, this.length, { replacement: this.replacement, generator: this.#generator }))
  }
}

/** Lists of `batchSize` positions from another sampler (torch.utils.data.BatchSampler). */
export class BatchSampler implements Sampler<number[]> {
  constructor(
    readonly sampler: Sampler,
    readonly batchSize: number,
    readonly dropLast: boolean,
  ) {
    assertCount('BatchSampler', 'batchSize', batchSize)
  }

  /** How many batches are given in a pass. */
  get length(): number {
    return (this.dropLast ? Math.floor : Math.ceil)(this.sampler.length / this.batchSize)
  }

  *[Symbol.iterator](): Iterator<number[]> {
    let batch: number[] = []
    for (const position of this.sampler) {
      batch.push(position)
      if (batch.length < this.batchSize) continue
      yield batch
      batch = []
    }
    if (batch.length > 0 && !this.dropLast) yield batch
  }
}
