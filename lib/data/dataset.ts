/** Collections of samples. */
import { indexSelect } from '../ops/index-ops.js'
import { int64Tensor, Tensor } from '../tensor/tensor.js'
import { portable, remember } from './portable.js'

/** A sample with a batch dimension in front of every tensor, and tensors instead of numbers. */
export type Collated<Sample> = Sample extends Tensor
  ? Tensor
  : Sample extends Promise<infer Settled>
    ? Collated<Settled>
    : Sample extends number | boolean
      ? Tensor
      : Sample extends string
        ? string[]
        : Sample extends readonly unknown[]
          ? { [K in keyof Sample]: Collated<Sample[K]> }
          : Sample extends object
            ? { [K in keyof Sample]: Collated<Sample[K]> }
            : Sample[]

/**
 * Samples by position (torch.utils.data.Dataset). Implement `length` and `get`, which may return a promise: `for await` over a
 * DataLoader waits for it.
 */
export abstract class Dataset<Sample> {
  /** Number of samples. */
  abstract readonly length: number

  /** The sample at a position, 0 … length − 1. */
  abstract get(index: number): Sample

  /**
   * Several samples already collated, when that is cheaper than one by one; DataLoader prefers it. `positions` is a
   * plain list of indices.
   */
  getBatch?(positions: readonly number[]): Collated<Sample> | Promise<Collated<Sample>>

  /** The samples one after the other. */
  *[Symbol.iterator](): Iterator<Sample> {
    for (let i = 0; i < this.length; i++) yield this.get(i)
  }
}

/**
 * Samples in a stream, when there are no positions: lines of a file, say (torch.utils.data.IterableDataset). Implement
 * `[Symbol.iterator]` or `[Symbol.asyncIterator]`. With `numWorkers` each worker has a copy of its own: let it give only its
 * share, by `data.getWorkerInfo()`.
 */
export abstract class IterableDataset<Sample> {
  /** Number of samples, if it is known: it only serves for the loader's own length. */
  readonly length?: number;

  /** A new pass over the stream. */
  [Symbol.iterator]?(): Iterator<Sample>

  /** A new pass over a stream that has to be waited for. */
  [Symbol.asyncIterator]?(): AsyncIterator<Sample>
}

/** Checks a position before it is used. */
export function assertPosition(dataset: string, index: number, length: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= length)
    throw new RangeError(
      `${dataset}: no sample ${index}, ${length > 0 ? `positions run from 0 to ${length - 1}` : 'it is empty'}`,
    )
}

/** Samples from the rows of tensors of equal length (torch.utils.data.TensorDataset). */
export class TensorDataset<T extends Tensor[]> extends Dataset<T> {
  readonly tensors: T
  readonly length: number

  /** @throws when the tensors' first sizes differ. */
  constructor(...tensors: T) {
    super()
    if (tensors.length === 0) throw new Error('TensorDataset: needs at least one tensor')
    this.length = tensors[0].size(0)
    tensors.forEach((t, i) => {
      if (t.size(0) !== this.length)
        throw new RangeError(
          `TensorDataset: tensor ${i} has ${t.size(0)} rows, tensor 0 has ${this.length}; all must have the same number`,
        )
    })
    this.tensors = tensors
    remember(this, tensors)
  }

  get(index: number): T {
    assertPosition('TensorDataset', index, this.length)
    return this.tensors.map((t) => t.select(0, index)) as T
  }

  override getBatch(positions: readonly number[]): Collated<T> {
    const index = int64Tensor(positions)
    return this.tensors.map((t) => indexSelect(t, 0, index)) as Collated<T>
  }
}

/** Some samples of another data set, by their positions there (torch.utils.data.Subset). */
export class Subset<Sample> extends Dataset<Sample> {
  readonly length: number

  constructor(
    readonly dataset: Dataset<Sample>,
    readonly indices: readonly number[],
  ) {
    super()
    indices.forEach((index) => assertPosition('Subset', index, dataset.length))
    this.length = indices.length
    const whole = dataset.getBatch?.bind(dataset)
    if (whole) this.getBatch = (positions) => whole(positions.map((i) => indices[i]))
    remember(this, [dataset, indices])
  }

  get(index: number): Sample {
    assertPosition('Subset', index, this.length)
    return this.dataset.get(this.indices[index])
  }
}

/** Data sets one after the other (torch.utils.data.ConcatDataset). */
export class ConcatDataset<Sample> extends Dataset<Sample> {
  readonly length: number
  /** How many samples the data sets have together up to and with each of them. */
  readonly cumulativeSizes: readonly number[]

  /** @throws when the list is empty or holds a stream, which has no positions. */
  constructor(readonly datasets: readonly Dataset<Sample>[]) {
    super()
    if (datasets.length === 0) throw new Error('ConcatDataset: needs at least one data set')
    datasets.forEach((dataset, i) => {
      if (dataset instanceof IterableDataset)
        throw new TypeError(
          `ConcatDataset: data set ${i} is an IterableDataset, which has no positions; use ChainDataset`,
        )
    })
    let total = 0
    this.cumulativeSizes = datasets.map(({ length }) => (total += length))
    this.length = total
    remember(this, [datasets])
  }

  get(index: number): Sample {
    assertPosition('ConcatDataset', index, this.length)
    const which = this.cumulativeSizes.findIndex((end) => index < end)
    return this.datasets[which].get(index - (this.cumulativeSizes[which - 1] ?? 0))
  }
}

/** Streams one after the other (torch.utils.data.ChainDataset). */
export class ChainDataset<Sample> extends IterableDataset<Sample> {
  constructor(readonly datasets: readonly (Iterable<Sample> | IterableDataset<Sample>)[]) {
    super()
    remember(this, [datasets])
  }

  override *[Symbol.iterator](): Iterator<Sample> {
    for (const [i, dataset] of this.datasets.entries()) {
      if (!dataset[Symbol.iterator]) throw new TypeError(`ChainDataset: data set ${i} can only be read with for await`)
      yield* dataset as Iterable<Sample>
    }
  }
}

for (const dataset of [TensorDataset, Subset, ConcatDataset, ChainDataset]) portable(dataset, import.meta.url)
