/** Attention, transformers, parametrised weights, vectors of parameters: what the cases do not see, and errors. */
import { strict as assert } from 'node:assert'
import { autograd, F, manualSeed, nn, noGrad, ones, randn, tensor, zeros } from '../../lib/index.js'

describe('attention', () => {
  it('gives 0 to a query that may look at nothing, and a finite gradient', () => {
    const q = randn(2, 3).requiresGrad_()
    const mask = tensor([
      [1, 0],
      [0, 0],
    ]).bool()
    for (const attnMask of [mask, zeros(2, 2).maskedFill(mask.logicalNot(), -Infinity)]) {
      const y = F.scaledDotProductAttention(q, q, q, { attnMask })
      assert.deepEqual(y.at(1).toArray(), [0, 0, 0])
      const [grad] = autograd.grad(y.sum(), [q])
      assert.equal(grad.isfinite().all().item(), 1)
    }
  })

  it('drops weights while training', () => {
    const layer = new nn.MultiheadAttention(4, 2, { dropout: 1 })
    const x = randn(3, 1, 4)
    assert.deepEqual(layer.forward(x, x, x)[1]?.sum().item(), 0)
    assert.ok(Math.abs((layer.eval().forward(x, x, x)[1]?.sum().item() ?? 0) - 3) < 1e-5)
  })

  it('copies layers of a transformer without using up random numbers', () => {
    manualSeed(1)
    const layer = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 4 })
    const next = randn(1).item()
    manualSeed(1)
    const encoder = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 4 }), 2)
    assert.equal(randn(1).item(), next)
    assert.ok(encoder.layers[1].linear1.weight.equal(layer.linear1.weight))
    assert.notEqual(encoder.layers[0].linear1.weight, encoder.layers[1].linear1.weight)
  })

  it('masks what follows', () => {
    assert.deepEqual(nn.Transformer.generateSquareSubsequentMask(2).toArray(), [
      [0, -Infinity],
      [0, 0],
    ])
  })
})

describe('nn.utils', () => {
  it('puts parameters into one vector and back', () => {
    const net = new nn.Linear(2, 2)
    const vector = nn.utils.parametersToVector(net.parameters())
    assert.deepEqual([...vector.shape], [6])
    nn.utils.vectorToParameters(ones(6), net.parameters())
    assert.deepEqual(net.bias?.toArray(), [1, 1])
    assert.throws(() => nn.utils.vectorToParameters(ones(5), net.parameters()), {
      message: 'vectorToParameters: the vector has shape [5], the parameters 6 elements',
    })
  })

  it('clips gradients', () => {
    const x = tensor([3, 4], { requiresGrad: true })
    x.grad = tensor([3, 4])
    assert.equal(nn.utils.clipGradNorm_([x], 1).item(), 5)
  })

  it('normalises weights and makes them ordinary again', () => {
    for (const [apply, remove] of [
      [nn.utils.weightNorm, nn.utils.removeWeightNorm],
      [nn.utils.spectralNorm, nn.utils.removeSpectralNorm],
    ] as const) {
      const layer = apply(new nn.Linear<number, number>(3, 2)).eval()
      const before = noGrad(() => layer.forward(ones(1, 3)))
      remove(layer)
      assert.deepEqual([...layer.stateDict().keys()].sort(), ['bias', 'weight'])
      assert.ok(layer.forward(ones(1, 3)).allclose(before))
      assert.ok(!Object.hasOwn(layer, 'forward'))
    }
  })

  for (const [what, run, message] of [
    ['weight', () => nn.utils.weightNorm(new nn.ReLU()), "weightNorm: ReLU has no parameter 'weight'"],
    [
      'not applied',
      () => nn.utils.removeWeightNorm(new nn.Linear(1, 1)),
      "removeWeightNorm: 'weight' of Linear was not normalised",
    ],
    [
      'iterations',
      () => nn.utils.spectralNorm(new nn.Linear(1, 1), { nPowerIterations: 0 }),
      'spectralNorm: nPowerIterations must be a positive integer, got 0',
    ],
  ] as [string, () => unknown, string][])
    it(`refuses: ${what}`, () => assert.throws(run, { message }))
})

describe('gumbelSoftmax', () => {
  it('draws one class with the gradient of the soft draw', () => {
    manualSeed(1)
    const logits = zeros(2, 3).requiresGrad_()
    const y = F.gumbelSoftmax(logits, { hard: true })
    assert.deepEqual(y.sum(1).toArray(), [1, 1])
    y.mul(tensor([1, 2, 3]))
      .sum()
      .backward()
    assert.notEqual(logits.grad?.abs().sum().item(), 0)
  })
})

describe('errors of attention', () => {
  const x = zeros(3, 1, 4)
  const layer = new nn.MultiheadAttention(4, 2)
  for (const [what, run, message] of [
    [
      'features',
      () => F.scaledDotProductAttention(zeros(2, 3), zeros(2, 4), zeros(2, 4)),
      'scaledDotProductAttention: query and key must have equally many features, got [2, 3] and [2, 4]',
    ],
    [
      'lengths',
      () => F.scaledDotProductAttention(zeros(2, 3), zeros(2, 3), zeros(4, 3)),
      'scaledDotProductAttention: key and value must be equally long, got [2, 3] and [4, 3]',
    ],
    [
      'dimensions',
      () => F.scaledDotProductAttention(zeros(3), zeros(2, 3), zeros(2, 3)),
      'scaledDotProductAttention: query must be [..., length, features], got [3]',
    ],
    [
      'two masks',
      () => F.scaledDotProductAttention(x, x, x, { isCausal: true, attnMask: zeros(1, 1) }),
      'scaledDotProductAttention: give attnMask or isCausal, not both',
    ],
    [
      'heads',
      () => F.scaledDotProductAttention(zeros(1, 3, 2, 4), zeros(1, 2, 2, 4), zeros(1, 2, 2, 4), { enableGqa: true }),
      'scaledDotProductAttention: 3 heads of queries cannot share 2 of keys and values evenly ([1, 3, 2, 4], [1, 2, 2, 4])',
    ],
    [
      'division',
      () => new nn.MultiheadAttention(5, 2),
      'MultiheadAttention: embedDim 5 must be a multiple of numHeads 2',
    ],
    ['size', () => new nn.MultiheadAttention(0, 2), 'MultiheadAttention: embedDim must be a positive integer, got 0'],
    [
      'input',
      () => layer.forward(x, zeros(3, 4), x),
      'MultiheadAttention: query, key and value must all have 3 dimensions, or all 2, got [3, 1, 4], [3, 4], [3, 1, 4]',
    ],
    [
      'hint',
      () => layer.forward(x, x, x, { isCausal: true }),
      'MultiheadAttention: isCausal is a hint about attnMask, which must be given too',
    ],
    [
      'mask',
      () => layer.forward(x, x, x, { attnMask: zeros(2, 2) }),
      'MultiheadAttention: attnMask has shape [2, 2], expected [3, 3]',
    ],
    [
      'padding',
      () => layer.forward(x, x, x, { keyPaddingMask: zeros(2, 3) }),
      'MultiheadAttention: keyPaddingMask has shape [2, 3], expected [1, 3]',
    ],
    [
      'activation',
      () => new nn.TransformerEncoderLayer(4, 2, { activation: 'tanh' as 'relu' }),
      "TransformerEncoderLayer: activation must be 'relu', 'gelu' or a function, got 'tanh'",
    ],
    [
      'layers',
      () => new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2), 0),
      'TransformerEncoder: numLayers must be a positive integer, got 0',
    ],
    [
      'batch',
      () =>
        new nn.Transformer({ dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1 }).forward(
          x,
          zeros(3, 2, 4),
        ),
      'Transformer: src and tgt must have equal batches, got [3, 1, 4] and [3, 2, 4]',
    ],
    [
      'model',
      () =>
        new nn.Transformer({ dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1 }).forward(
          zeros(3, 1, 2),
          x,
        ),
      'Transformer: src and tgt must have dModel 4 features, got [3, 1, 2] and [3, 1, 4]',
    ],
    [
      'bilinear',
      () => F.bilinear(zeros(2, 3), zeros(2, 3), zeros(1, 3, 4)),
      'bilinear: needs [..., in1], [..., in2] and a weight [out, in1, in2], got [2, 3], [2, 3] and [1, 3, 4]',
    ],
    ['Bilinear', () => new nn.Bilinear(0, 1, 1), 'Bilinear: in1Features must be a positive integer, got 0'],
    ['temperature', () => F.gumbelSoftmax(zeros(2), { tau: 0 }), 'gumbelSoftmax: tau must be above 0, got 0'],
    ['logits', () => F.gumbelSoftmax(zeros(2).long()), 'gumbelSoftmax: needs floating logits, got int64'],
  ] as [string, () => unknown, string][])
    it(what, () => assert.throws(run, { message }))
})
