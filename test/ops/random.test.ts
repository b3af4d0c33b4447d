/** The random stream from seed 1, call by call, against PyTorch's. */
import { strict as assert } from 'node:assert'
import {
  empty,
  Generator,
  manualSeed,
  normal,
  rand,
  randint,
  randn,
  randperm,
  type DType,
  type Tensor,
} from '../../lib/index.js'
import { expectClose, readGolden, type GoldenTensor } from '../support/golden.js'

interface Draw {
  call: string
  shape: number[]
  dtype?: DType
  low: number
  high: number
  n: number
  mean: number
  std: number
  p: number
  values: GoldenTensor
}

const calls: Record<string, (draw: Draw) => Tensor> = {
  rand: ({ shape, dtype = 'float32' }) => rand(shape, { dtype }),
  randn: ({ shape, dtype = 'float32' }) => randn(shape, { dtype }),
  randint: ({ low, high, shape }) => randint(low, high, shape),
  randperm: ({ n }) => randperm(n),
  normal: ({ mean, std, shape }) => normal(mean, std, shape),
  bernoulli: ({ p, shape }) => empty(shape).bernoulli_(p),
  uniform: ({ low, high, shape }) => empty(shape).uniform_(low, high),
}

describe('random numbers', () => {
  it("are PyTorch's for the same seed and order of calls", () => {
    manualSeed(1)
    readGolden<Draw[]>('random').forEach((draw, i) =>
      expectClose(
        calls[draw.call](draw),
        draw.values,
        { relative: 2e-6 },
        `draw ${i}, ${draw.call} ${JSON.stringify(draw.shape ?? draw.n)}`,
      ),
    )
  })

  it('continue from a saved state, also in the middle of a pair of normals', () => {
    const generator = new Generator().manualSeed(7)
    randn(3, { generator })
    const state = generator.getState()
    const first = randn(5, { generator }).toArray()
    generator.setState(state)
    assert.deepEqual(randn(5, { generator }).toArray(), first)
  })

  it('refuse senseless arguments', () => {
    assert.throws(() => randint(3, 3, [2]), /randint: needs integers low < high, got 3 and 3/)
    assert.throws(() => randperm(-1), /randperm: needs a non-negative integer, got -1/)
    assert.throws(() => rand(2, { dtype: 'int64' }), /rand: needs a floating dtype, got int64/)
    assert.throws(() => manualSeed(1.5), /manualSeed: needs an integer, got 1.5/)
  })
})
