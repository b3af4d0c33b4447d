/** First values of parameters: PyTorch's for a seed, and errors. */
import { strict as assert } from 'node:assert'
import { empty, F, Generator, manualSeed, nn, type Tensor } from '../../lib/index.js'
import { expectClose, readGolden, type GoldenTensor } from '../support/golden.js'

const { init } = nn
const golden = readGolden<Record<string, GoldenTensor>>('init')

const calls: Record<string, (x: Tensor) => Tensor> = {
  orthogonalTall: (x) => init.orthogonal_(x),
  orthogonalWide: (x) => init.orthogonal_(x, { gain: 2 }),
  truncNormal: (x) => init.truncNormal_(x),
  truncNormalNarrow: (x) => init.truncNormal_(x, 1, 2, 0.5, 0.75),
  sparse: (x) => init.sparse_(x, 0.4),
  dirac: (x) => init.dirac_(x, { groups: 2 }),
  dirac2d: (x) => init.dirac_(x),
  eye: (x) => init.eye_(x),
  xavierUniform: (x) => init.xavierUniform_(x, { gain: 2 }),
  xavierNormal: (x) => init.xavierNormal_(x),
  kaimingUniform: (x) => init.kaimingUniform_(x, { mode: 'fanOut', nonlinearity: 'relu' }),
  kaimingNormal: (x) => init.kaimingNormal_(x, { a: 0.2 }),
  gumbelSoftmax: (x) => F.gumbelSoftmax(x.zero_(), { tau: 0.5 }),
}

describe('nn.init', () => {
  for (const [name, fill] of Object.entries(calls)) {
    it(`${name} equals PyTorch from seed 1`, () => {
      manualSeed(1)
      expectClose(fill(empty(golden[name].shape)), golden[name], { relative: 1e-5 })
    })
  }

  it('compares every golden value', () => assert.deepEqual(Object.keys(golden).sort(), Object.keys(calls).sort()))

  it('draws from a generator of its own when told', () => {
    const drawn = [1, 1].map((seed) => init.orthogonal_(empty(3, 3), { generator: new Generator().manualSeed(seed) }))
    assert.ok(drawn[0].equal(drawn[1]))
    const x = init.truncNormal_(empty(50), 0, 1, -1, 1, { generator: new Generator().manualSeed(2) })
    assert.ok(x.abs().amax().item() <= 1)
  })

  it('knows the gains', () => {
    assert.equal(init.calculateGain('convTranspose2d'), 1)
    assert.equal(init.calculateGain('tanh'), 5 / 3)
  })

  for (const [what, run, message] of [
    ['eye_', () => init.eye_(empty(3)), 'eye_: needs a matrix, got [3]'],
    [
      'dirac_',
      () => init.dirac_(empty(3, 3)),
      'dirac_: needs the weight of a convolution, of 3 to 5 dimensions, got [3, 3]',
    ],
    [
      'dirac_ groups',
      () => init.dirac_(empty(3, 3, 1), { groups: 2 }),
      'dirac_: 3 channels cannot be divided into 2 groups',
    ],
    ['orthogonal_', () => init.orthogonal_(empty(3)), 'orthogonal_: needs at least two dimensions, got [3]'],
    ['truncNormal_', () => init.truncNormal_(empty(3), 0, 1, 2, 2), 'truncNormal_: a must be less than b, got 2 and 2'],
    ['truncNormal_ std', () => init.truncNormal_(empty(3), 0, 0), 'truncNormal_: std must be above 0, got 0'],
    ['sparse_', () => init.sparse_(empty(3), 0.5), 'sparse_: needs a matrix, got [3]'],
    ['sparse_ share', () => init.sparse_(empty(3, 3), 2), 'sparse_: sparsity must lie in [0, 1], got 2'],
  ] as [string, () => unknown, string][])
    it(`refuses: ${what}`, () => assert.throws(run, { message }))
})
