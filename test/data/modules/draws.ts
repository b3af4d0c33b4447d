/** Data sets and functions that the tests of workers import by their file, as a user would. */
import { isMainThread } from 'node:worker_threads'
import { data, rand, type Tensor } from '../../../lib/index.js'

/** Samples that are random numbers, to see how workers are seeded. */
export class Draws extends data.Dataset<Tensor> {
  readonly length = 12
  get(): Tensor {
    return rand(2)
  }
}

/** Fails at one position. */
export class Fragile extends data.Dataset<number> {
  readonly length = 10
  constructor(readonly bad: number) {
    super()
  }
  get(index: number): number {
    if (index === this.bad) throw new RangeError(`sample ${index} is broken`)
    return index
  }
}

/** Ends the thread that reads it. */
export class Deadly extends data.Dataset<number> {
  readonly length = 4
  get(index: number): number {
    if (index === 2) process.exit(3)
    return index
  }
}

/** Never gives anything. */
export class Stuck extends data.Dataset<number> {
  readonly length = 4
  get(): number {
    for (;;);
  }
}

/** Each worker gives its share of 0 … n − 1. */
export class Counting extends data.IterableDataset<number> {
  constructor(readonly n: number) {
    super()
  }
  override *[Symbol.iterator](): Iterator<number> {
    const { id, numWorkers } = data.getWorkerInfo() ?? { id: 0, numWorkers: 1 }
    for (let i = id; i < this.n; i += numWorkers) yield i
  }
}

export const plusOne = () => (samples: number[]) => samples.map((x) => x + 1)

export const notAnObject = () => 5

/** Counts in shared memory for as long as its thread lives. */
export class Beating extends data.Dataset<Tensor> {
  readonly length = 1000
  constructor(readonly beats: Int32Array) {
    super()
    if (isMainThread) return
    Atomics.add(beats, 0, 1)
    setInterval(() => Atomics.add(beats, 0, 1), 2)
  }
  get(index: number): Tensor {
    return rand(3).fill_(index)
  }
}

/** Throws in the middle of a stream. */
export class Breaking extends data.IterableDataset<number> {
  override *[Symbol.iterator](): Iterator<number> {
    yield* [0, 1, 2]
    throw new SyntaxError('the line is broken')
  }
}

class Uneven extends data.Dataset<Tensor> {
  readonly length = 10
  get(index: number): Tensor {
    return rand(index + 1)
  }
}

export const uneven = () => new Uneven()
