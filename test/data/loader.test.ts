/** Data sets and loaders. */
import { strict as assert } from 'node:assert'
import { arange, data, Generator, manualSeed, rand, tensor } from '../../lib/index.js'
import { readGolden } from '../support/golden.js'

class Squares extends data.Dataset<{ x: number; y: number }> {
  readonly length = 7
  get(i: number) {
    return { x: i, y: i * i + 0.5 }
  }
}

describe('DataLoader', () => {
  it('batches in order, with a smaller last batch unless told otherwise', () => {
    const dataset = new data.TensorDataset(arange(7))
    const sizes = (dropLast: boolean) =>
      [...new data.DataLoader(dataset, { batchSize: 3, dropLast })].map(([x]) => x.size(0))
    assert.deepEqual(sizes(false), [3, 3, 1])
    assert.deepEqual(sizes(true), [3, 3])
    assert.equal(new data.DataLoader(dataset, { batchSize: 3 }).length, 3)
  })

  it('visits every sample once in a new order in each pass', () => {
    manualSeed(3)
    const loader = new data.DataLoader(new data.TensorDataset(arange(50)), { batchSize: 8, shuffle: true })
    const pass = () => [...loader].flatMap(([x]) => x.toArray() as number[])
    const [a, b] = [pass(), pass()]
    assert.deepEqual(
      [...a].sort((x, y) => x - y),
      arange(50).toArray(),
    )
    assert.notDeepEqual(a, b)
  })

  it('collates objects: whole numbers to int64, others to float32', () => {
    const [batch] = new data.DataLoader(new Squares(), { batchSize: 7 })
    assert.equal(batch.x.dtype, 'int64')
    assert.deepEqual(batch.y.toArray(), [0.5, 1.5, 4.5, 9.5, 16.5, 25.5, 36.5])
  })

  it('takes a collate of the user', () => {
    const loader = new data.DataLoader(new Squares(), { batchSize: 4, collate: (samples) => samples.length })
    assert.deepEqual([...loader], [4, 3])
  })

  it('reads a subset through the whole', () => {
    const subset = new data.Subset(new data.TensorDataset(arange(10)), [9, 1, 5])
    const [[x]] = new data.DataLoader(subset, { batchSize: 2 })
    assert.deepEqual(x.toArray(), [9, 1])
    assert.throws(() => new data.Subset(new Squares(), [7]), /Subset: no sample 7, positions run from 0 to 6/)
  })

  it('refuses senseless settings', () => {
    assert.throws(
      () => new data.DataLoader(new Squares(), { batchSize: 0 }),
      /batchSize must be a positive integer, got 0/,
    )
    assert.throws(() => new data.TensorDataset(arange(3), tensor([1, 2])), /tensor 1 has 2 rows, tensor 0 has 3/)
  })

  it('asks for promises with for await, and says so in for…of', async () => {
    class Slow extends data.Dataset<Promise<number>> {
      readonly length = 5
      async get(i: number): Promise<number> {
        await new Promise((resolve) => setTimeout(resolve, 5 - i))
        return i
      }
    }
    const loader = new data.DataLoader(new Slow(), { batchSize: 2 })
    const seen: unknown[] = []
    for await (const x of loader) seen.push(x.toArray())
    assert.deepEqual(seen, [[0, 1], [2, 3], [4]])
    assert.throws(() => [...loader], /get of the data set gives promises; write for await/)
  })

  it('reads streams, and chains of them', async () => {
    class Letters extends data.IterableDataset<string> {
      override *[Symbol.iterator](): Iterator<string> {
        yield* 'abc'
      }
    }
    class Later extends data.IterableDataset<number> {
      override async *[Symbol.asyncIterator](): AsyncIterator<number> {
        yield* [1, 2, 3]
      }
    }
    const two = new data.ChainDataset([new Letters(), new Letters()])
    assert.deepEqual([...new data.DataLoader(two, { batchSize: 4 })], [[...'abca'], [...'bc']])
    assert.deepEqual([...new data.DataLoader(two, { batchSize: 4, dropLast: true })], [[...'abca']])
    const later = new data.DataLoader(new Later(), { batchSize: 2 })
    const seen: unknown[] = []
    for await (const x of later) seen.push(x.toArray())
    assert.deepEqual(seen, [[1, 2], [3]])
    assert.throws(() => [...later], /can only be waited for; write for await/)
    assert.throws(() => new data.DataLoader(two, { shuffle: true }), /a stream .* shuffle has no meaning/)
  })

  it('joins data sets', () => {
    const joined = new data.ConcatDataset([new Squares(), new data.Subset(new Squares(), [3])])
    assert.equal(joined.length, 8)
    assert.deepEqual([joined.get(6).x, joined.get(7).x], [6, 3])
    assert.throws(() => joined.get(8), /ConcatDataset: no sample 8, positions run from 0 to 7/)
  })

  it('names what cannot be collated', () => {
    assert.throws(() => data.defaultCollate([arange(3), arange(4)]), /sample 0 has shape \[3\], sample 1 \[4\]/)
    assert.throws(() => data.defaultCollate([1, 'a']), /sample 0 is a number, sample 1 is not/)
    assert.throws(() => data.defaultCollate([[1, 2], [1]]), /sample 0 is a list of 2, sample 1 is not/)
  })
})

describe("PyTorch's order", () => {
  interface Drawn {
    shared: number[][]
    own: number[][]
    after: [number, number]
  }
  interface Golden {
    samplers: Record<string, Drawn>
    splits: { counts: number[][]; fractions: number[][] }
    loaders: Record<string, { passes: number[][][]; after: number }>
  }
  const golden = readGolden<Golden>('data')
  const of = (length: number): { length: number } => ({ length })
  const samplers: Record<string, (generator?: Generator) => data.Sampler> = {
    random: (generator) => new data.RandomSampler(of(7), { generator }),
    more: (generator) => new data.RandomSampler(of(7), { numSamples: 17, generator }),
    replacement: (generator) => new data.RandomSampler(of(7), { replacement: true, numSamples: 70, generator }),
    subset: (generator) => new data.SubsetRandomSampler([9, 3, 5, 1, 8], { generator }),
    weighted: (generator) => new data.WeightedRandomSampler([0.1, 0.9, 0.4, 0.7, 3.0, 0.6], 12, { generator }),
    weightedOnce: (generator) =>
      new data.WeightedRandomSampler([0.9, 0.4, 0.05, 0.2, 0.3, 0.1], 5, { replacement: false, generator }),
  }
  for (const [name, make] of Object.entries(samplers))
    it(`comes from the sampler '${name}'`, () => {
      manualSeed(1)
      const { shared, own, after } = golden.samplers[name]
      const sampler = make()
      assert.deepEqual([[...sampler], [...sampler]], shared)
      assert.equal(sampler.length, shared[0].length)
      const generator = new Generator().manualSeed(5)
      const seeded = make(generator)
      assert.deepEqual([[...seeded], [...seeded]], own)
      assert.deepEqual([rand(1).item(), rand(1, { generator }).item()], after.map(Math.fround))
    })

  class Plain extends data.Dataset<number> {
    readonly length = 7
    get(i: number): number {
      return i
    }
  }
  const loaders: Record<string, () => data.DataLoader<number>> = {
    shuffle: () => new data.DataLoader(new Plain(), { batchSize: 3, shuffle: true }),
    dropLast: () => new data.DataLoader(new Plain(), { batchSize: 3, shuffle: true, dropLast: true }),
    sampler: () =>
      new data.DataLoader(new Plain(), {
        batchSize: 4,
        sampler: new data.WeightedRandomSampler([1, 2, 3, 4, 5, 6, 7], 9),
      }),
    batchSampler: () =>
      new data.DataLoader(new Plain(), { batchSampler: new data.BatchSampler(new data.RandomSampler(of(7)), 2, true) }),
    own: () =>
      new data.DataLoader(new Plain(), { batchSize: 3, shuffle: true, generator: new Generator().manualSeed(5) }),
  }
  for (const [name, make] of Object.entries(loaders))
    it(`comes from a loader with '${name}'`, () => {
      manualSeed(3)
      const loader = make()
      const pass = () => [...loader].map((x) => x.toArray())
      assert.deepEqual([pass(), pass()], golden.loaders[name].passes)
      assert.equal(rand(1).item(), Math.fround(golden.loaders[name].after))
    })

  it('splits at random', () => {
    const dataset = (n: number) => new data.TensorDataset(arange(n))
    manualSeed(1)
    const counts = data.randomSplit(dataset(10), [3, 7])
    assert.deepEqual(
      counts.map(({ indices }) => indices),
      golden.splits.counts,
    )
    const generator = new Generator().manualSeed(42)
    const fractions = data.randomSplit(dataset(11), [0.3, 0.3, 0.4], { generator })
    assert.deepEqual(
      fractions.map(({ indices }) => indices),
      golden.splits.fractions,
    )
    assert.throws(() => data.randomSplit(dataset(10), [3, 6]), /3 \+ 6 make 9, the data set has 10 samples/)
    assert.throws(() => data.randomSplit(dataset(10), [1.5, -0.5]), /fraction 0 is 1.5/)
  })

  it('refuses settings that contradict one another', () => {
    const sampler = new data.SequentialSampler(of(7))
    assert.throws(() => new data.DataLoader(new Plain(), { sampler, shuffle: true }), /shuffle and sampler both/)
    const batchSampler = new data.BatchSampler(sampler, 2, false)
    assert.throws(() => new data.DataLoader(new Plain(), { batchSampler, batchSize: 2 }), /so batchSize has no meaning/)
    assert.throws(
      () => new data.RandomSampler(of(7), { numSamples: 0 }),
      /numSamples must be a positive integer, got 0/,
    )
    assert.throws(
      () => new data.WeightedRandomSampler([1, 2], 3, { replacement: false }),
      /cannot draw 3 of 2 without replacement/,
    )
  })
})
