/** Collections of samples. */
import { indexSelect } from '../ops/index-ops.js'
import { tensor } from '../ops/creation.js'
import { Tensor } from '../tensor/tensor.js'

/** A sample with a batch dimension in front of every tensor, and tensors instead of numbers. */
export type Collated<Sample> = Sample extends Tensor
  ? Tensor
  : Sample extends number | boolean
    ? Tensor
    : Sample extends readonly unknown[]
      ? { [K in keyof Sample]: Collated<Sample[K]> }
      : Sample extends object
        ? { [K in keyof Sample]: Collated<Sample[K]> }
        : Sample[]

/** Samples by position (torch.utils.data.Dataset). Implement `length` and `get`. */
export abstract class Dataset<Sample> {
  /** Number of samples. */
  abstract readonly length: number

  /** The sample at a position, 0 … length − 1. */
  abstract get(index: number): Sample

  /**
   * Several samples already collated, when that is cheaper than one by one; DataLoader prefers it. `positions` is a
   * plain list of indices.
   */
  getBatch?(positions: readonly number[]): Collated<Sample>

  *[Symbol.iterator](): Iterator<Sample> {
    for (let i = 0; i < this.length; i++) yield this.get(i)
  }
}

/** Checks a position before it is used. */
export function assertPosition(dataset: string, index: number, length: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= length)
    throw new RangeError(`${dataset}: no sample ${index}, positions run from 0 to ${length - 1}`)
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
  }

  get(index: number): T {
    assertPosition('TensorDataset', index, this.length)
    return this.tensors.map((t) => t.select(0, index)) as T
  }

  override getBatch(positions: readonly number[]): Collated<T> {
    const index = tensor(BigInt64Array.from(positions, BigInt))
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
  }

  get(index: number): Sample {
    assertPosition('Subset', index, this.length)
    return this.dataset.get(this.indices[index])
  }
}
