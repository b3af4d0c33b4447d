/** The random stream from seed 1, call by call, against PyTorch's. */
import { strict as assert } from 'node:assert'
import {
  bernoulli,
  binomial,
  empty,
  full,
  Generator,
  manualSeed,
  multinomial,
  normal,
  poisson,
  rand,
  randint,
  randn,
  randperm,
  tensor,
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
  weights: number[]
  replacement: boolean
  rate: number
  rates: number[]
  chances: number[]
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
  multinomial: ({ weights, n, replacement, dtype }) => multinomial(tensor(weights, { dtype }), n, { replacement }),
  exponential: ({ shape, dtype, rate }) => empty(shape, { dtype }).exponential_(rate),
  geometric: ({ shape, dtype, p }) => empty(shape, { dtype }).geometric_(p),
  cauchy: ({ shape, dtype, mean, std }) => empty(shape, { dtype }).cauchy_(mean, std),
  logNormal: ({ shape, dtype, mean, std }) => empty(shape, { dtype }).logNormal_(mean, std),
  poisson: ({ rates, dtype }) => poisson(tensor(rates, { dtype })),
  binomial: ({ rates, chances, dtype }) => binomial(tensor(rates, { dtype }), tensor(chances, { dtype })),
  bernoulliOf: ({ p, dtype }) => bernoulli(full([9], p, { dtype })),
  random({ shape, dtype, low, high }) {
    const x = empty(shape, { dtype })
    if (low !== undefined) return x.random_(low, high)
    x.random_()
    // The golden values keep the upper bits, which numbers can hold.
    return dtype === 'int64' ? tensor(BigInt64Array.from(x.toTypedArray() as BigInt64Array, (v) => v >> 11n)) : x
  },
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
