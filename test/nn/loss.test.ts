/** Losses: modules against functionals, extremes, saved weights, printing. Values are the registry's matter. */
import { strict as assert } from 'node:assert'
import { autograd, F, nn, rand, randn, tensor, zeros, type Tensor } from '../../lib/index.js'

const long = (data: number[] | number[][]): Tensor => tensor(data, { dtype: 'int64' })
const scores = randn(3, 4)
const other = randn(3, 4)
const third = randn(3, 4)
const chances = rand(3, 4)
const signs = tensor([1, -1, 1])
const weight = tensor([0.5, 1, 2, 3])

const pairs: [string, Tensor, Tensor][] = [
  ['MSELoss', new nn.MSELoss().forward(scores, other), F.mseLoss(scores, other)],
  ['L1Loss', new nn.L1Loss({ reduction: 'sum' }).forward(scores, other), F.l1Loss(scores, other, { reduction: 'sum' })],
  ['RMSELoss', new nn.RMSELoss().forward(scores, other), F.mseLoss(scores, other).sqrt()],
  ['MSLELoss', new nn.MSLELoss().forward(chances, chances.mul(2)), F.msleLoss(chances, chances.mul(2))],
  ['HuberLoss', new nn.HuberLoss({ delta: 0.5 }).forward(scores, other), F.huberLoss(scores, other, { delta: 0.5 })],
  [
    'SmoothL1Loss',
    new nn.SmoothL1Loss({ beta: 0.5 }).forward(scores, other),
    F.smoothL1Loss(scores, other, { beta: 0.5 }),
  ],
  ['LogCoshLoss', new nn.LogCoshLoss().forward(scores, other), F.logCoshLoss(scores, other)],
  [
    'PoissonNLLLoss',
    new nn.PoissonNLLLoss({ full: true }).forward(scores, chances),
    F.poissonNllLoss(scores, chances, { full: true }),
  ],
  [
    'GaussianNLLLoss',
    new nn.GaussianNLLLoss().forward(scores, other, chances.add(1)),
    F.gaussianNllLoss(scores, other, chances.add(1)),
  ],
  [
    'CrossEntropyLoss',
    new nn.CrossEntropyLoss({ weight }).forward(scores, long([0, 3, 1])),
    F.crossEntropy(scores, long([0, 3, 1]), { weight }),
  ],
  [
    'NLLLoss',
    new nn.NLLLoss({ ignoreIndex: 3 }).forward(scores, long([0, 3, 1])),
    F.nllLoss(scores, long([0, 3, 1]), { ignoreIndex: 3 }),
  ],
  ['BCELoss', new nn.BCELoss({ weight }).forward(chances, chances), F.binaryCrossEntropy(chances, chances, { weight })],
  [
    'BCEWithLogitsLoss',
    new nn.BCEWithLogitsLoss({ posWeight: weight }).forward(scores, chances),
    F.binaryCrossEntropyWithLogits(scores, chances, { posWeight: weight }),
  ],
  [
    'KLDivLoss',
    new nn.KLDivLoss({ reduction: 'batchmean' }).forward(scores, chances),
    F.klDiv(scores, chances, { reduction: 'sum' }).div(3),
  ],
  ['LogisticLoss', new nn.LogisticLoss().forward(scores, other.sign()), F.softMarginLoss(scores, other.sign())],
  ['SoftMarginLoss', new nn.SoftMarginLoss().forward(scores, other.sign()), F.logisticLoss(scores, other.sign())],
  ['HingeLoss', new nn.HingeLoss().forward(scores, other.sign()), F.hingeLoss(scores, other.sign())],
  ['ExponentialLoss', new nn.ExponentialLoss().forward(scores, other.sign()), F.exponentialLoss(scores, other.sign())],
  [
    'MultiMarginLoss',
    new nn.MultiMarginLoss({ p: 2 }).forward(scores, long([0, 3, 1])),
    F.multiMarginLoss(scores, long([0, 3, 1]), { p: 2 }),
  ],
  [
    'MultiLabelMarginLoss',
    new nn.MultiLabelMarginLoss().forward(scores.at(0), long([2, 0, -1, 1])),
    F.multilabelMarginLoss(scores.at(0), long([2, 0, -1, 3])),
  ],
  [
    'MultiLabelSoftMarginLoss',
    new nn.MultiLabelSoftMarginLoss({ weight }).forward(scores, chances),
    F.multilabelSoftMarginLoss(scores, chances, { weight }),
  ],
  [
    'CosineEmbeddingLoss',
    new nn.CosineEmbeddingLoss({ margin: 0.2 }).forward(scores, other, signs),
    F.cosineEmbeddingLoss(scores, other, signs, { margin: 0.2 }),
  ],
  [
    'HingeEmbeddingLoss',
    new nn.HingeEmbeddingLoss().forward(signs.mul(2), signs),
    F.hingeEmbeddingLoss(signs.mul(2), signs),
  ],
  [
    'MarginRankingLoss',
    new nn.MarginRankingLoss({ margin: 1 }).forward(scores, other, other.sign()),
    F.marginRankingLoss(scores, other, other.sign(), { margin: 1 }),
  ],
  [
    'TripletMarginLoss',
    new nn.TripletMarginLoss({ swap: true }).forward(scores, other, third),
    F.tripletMarginLoss(scores, other, third, { swap: true }),
  ],
  [
    'TripletMarginWithDistanceLoss',
    new nn.TripletMarginWithDistanceLoss().forward(scores, other, third),
    F.tripletMarginLoss(scores, other, third),
  ],
  [
    'CosineSimilarity',
    new nn.CosineSimilarity({ dim: 0 }).forward(scores, other),
    F.cosineSimilarity(scores, other, { dim: 0 }),
  ],
  [
    'PairwiseDistance',
    new nn.PairwiseDistance({ p: 1 }).forward(scores, other),
    F.pairwiseDistance(scores, other, { p: 1 }),
  ],
]

describe('loss modules', () => {
  for (const [name, module, functional] of pairs)
    it(`nn.${name} is its functional`, () => {
      assert.deepEqual(module.shape, functional.shape)
      assert.ok(
        module.allclose(functional, { rtol: 1e-6, atol: 1e-7 }),
        `${module.toString()} against ${functional.toString()}`,
      )
      assert.ok(module.isfinite().all().item())
    })

  it('print their settings', () => {
    assert.equal(new nn.HuberLoss({ delta: 2, reduction: 'sum' }).toString(), 'HuberLoss(delta=2, reduction=sum)')
    assert.equal(new nn.CrossEntropyLoss({ weight }).toString(), 'CrossEntropyLoss(weight=[4])')
    assert.equal(new nn.PairwiseDistance().toString(), 'PairwiseDistance(p=2, eps=0.000001, keepdim=false)')
  })

  it('save their weights', () => {
    const loss = new nn.BCEWithLogitsLoss({ weight, posWeight: weight.mul(2) })
    assert.deepEqual([...loss.stateDict().keys()], ['weight', 'posWeight'])
    assert.deepEqual([...new nn.BCELoss().stateDict().keys()], [])
    const loaded = new nn.MultiMarginLoss({ weight: zeros(4) })
    loaded.loadStateDict({ weight })
    assert.equal(
      loaded.forward(scores, long([0, 1, 2])).item(),
      F.multiMarginLoss(scores, long([0, 1, 2]), { weight }).item(),
    )
  })
})

describe('losses at extremes', () => {
  const gradient = (f: (x: Tensor) => Tensor, ...at: number[]): unknown => {
    const x = tensor(at, { requiresGrad: true })
    return autograd.grad(f(x), x)[0].toArray()
  }

  it('do not overflow', () => {
    const x = tensor([-1e4, 1e4])
    assert.equal(F.binaryCrossEntropyWithLogits(x, tensor([0, 1])).item(), 0)
    assert.equal(F.binaryCrossEntropyWithLogits(x, tensor([1, 0])).item(), 1e4)
    assert.equal(F.softMarginLoss(x, tensor([1, -1])).item(), 1e4)
    assert.ok(Math.abs(F.logCoshLoss(x, tensor([0, 0])).item() - 1e4) < 1)
    assert.equal(F.binaryCrossEntropy(tensor([0, 1]), tensor([1, 0])).item(), 100)
  })

  it('have no infinite slope at a perfect fit', () => {
    assert.deepEqual(
      gradient((x) => F.rmseLoss(x, tensor([1, 2])), 1, 2),
      [0, 0],
    )
    assert.deepEqual(
      gradient((x) => F.cosineSimilarity(x, tensor([1, 2]), { dim: 0 }), 0, 0),
      [1 / Math.sqrt(5), 2 / Math.sqrt(5)].map((v) => Math.fround(v * 1e8)),
    )
    assert.deepEqual(
      gradient((x) => F.huberLoss(x, tensor([1, 2])), 1, 2),
      [0, 0],
    )
  })

  it('give small log-cosh errors all their digits', () => {
    const loss = F.logCoshLoss(tensor([1e-4]), tensor([0])).item()
    assert.ok(Math.abs(loss - 5e-9) < 1e-14, String(loss))
  })

  it('bound a variance without stopping its gradient', () => {
    const variance = tensor([1e-9], { requiresGrad: true })
    F.gaussianNllLoss(tensor([1]), tensor([1]), variance).backward()
    assert.ok(Math.abs((variance.grad as Tensor).item() - 5e5) < 1)
    assert.ok(Math.abs(variance.item() - 1e-9) < 1e-15)
  })
})
