/** Data sets and loaders. */
import { strict as assert } from 'node:assert'
import { arange, data, manualSeed, tensor } from '../../lib/index.js'

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
})
