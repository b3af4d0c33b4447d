/** Embeddings: pretrained tables, scaling in place, errors. */
import { strict as assert } from 'node:assert'
import { F, nn, noGrad, ones, tensor, zeros } from '../../lib/index.js'

const at = (...numbers: number[]) => tensor(numbers, { dtype: 'int64' })

describe('embeddings', () => {
  it('come from a given table, frozen unless told otherwise', () => {
    const table = tensor([
      [1, 2],
      [3, 4],
    ])
    const frozen = nn.Embedding.fromPretrained(table)
    assert.deepEqual(frozen.forward(at(1, 0)).toArray(), [
      [3, 4],
      [1, 2],
    ])
    assert.equal(frozen.weight.requiresGrad, false)
    const bag = nn.EmbeddingBag.fromPretrained(table, { freeze: false, mode: 'sum' })
    assert.equal(bag.weight.requiresGrad, true)
    assert.deepEqual(bag.forward(at(0, 1, 1), [0, 0, 1]).toArray(), [
      [0, 0],
      [1, 2],
      [6, 8],
    ])
  })

  it('scale long rows in place when they are looked up', () => {
    const layer = new nn.Embedding(2, 2, { maxNorm: 1 })
    noGrad(() => layer.weight.fill_(3))
    layer.forward(at(0)).sum().backward()
    const [first, second] = layer.weight.toArray() as number[][]
    assert.ok(Math.abs(Math.hypot(...first) - 1) < 1e-6)
    assert.deepEqual(second, [3, 3])
  })

  it('print their settings', () => {
    assert.equal(new nn.Embedding(5, 3, { paddingIdx: -1 }).toString(), 'Embedding(5, 3, paddingIdx=4)')
    assert.equal(new nn.EmbeddingBag(5, 3, { mode: 'max' }).toString(), 'EmbeddingBag(5, 3, mode=max)')
  })

  const weight = zeros(4, 2)
  for (const [what, run, message] of [
    ['range', () => F.embedding(at(0, 4), weight), /index\[1\] is 4, but the dim has 4 elements/],
    [
      'dtype',
      () => F.embedding(zeros(2), weight),
      'embedding: the input must be int64 or int32, got float32; convert it with .long()',
    ],
    [
      'table',
      () => F.embedding(at(0), zeros(4)),
      'embedding: the weight must be [numEmbeddings, embeddingDim], got [4]',
    ],
    ['padding', () => new nn.Embedding(4, 2, { paddingIdx: 4 }), 'Embedding: paddingIdx 4 is outside of the 4 rows'],
    [
      'sparse',
      () => new nn.Embedding(4, 2, { sparse: true as unknown as false }),
      'Embedding: sparse gradients are not available, all tensors are dense; leave sparse out',
    ],
    ['size', () => new nn.Embedding(4, 1.5), 'Embedding: embeddingDim must be a non-negative integer, got 1.5'],
    [
      'pretrained',
      () => nn.Embedding.fromPretrained(zeros(4)),
      'Embedding.fromPretrained: needs [numEmbeddings, embeddingDim], got [4]',
    ],
    [
      'mode',
      () => F.embeddingBag(at(0), weight, [0], { mode: 'min' as 'max' }),
      "embeddingBag: mode must be 'sum', 'mean' or 'max', got 'min'",
    ],
    [
      'no offsets',
      () => F.embeddingBag(at(0), weight),
      'embeddingBag: 1-D input needs offsets, the positions where bags begin',
    ],
    [
      'offsets',
      () => F.embeddingBag(at(0, 1).view(1, 2), weight, [0]),
      'embeddingBag: offsets are for 1-D input; the rows of 2-D input are the bags',
    ],
    [
      'bags',
      () => F.embeddingBag(at(0, 1).view(1, 2, 1), weight),
      'embeddingBag: the input must have one or two dimensions, got [1, 2, 1]',
    ],
    [
      'first offset',
      () => F.embeddingBag(at(0, 1), weight, [1]),
      'embeddingBag: offsets must begin with 0 and go up to at most 2, got 1 at position 0',
    ],
    [
      'weights',
      () => F.embeddingBag(at(0), weight, [0], { perSampleWeights: ones(1) }),
      "embeddingBag: perSampleWeights go with mode 'sum' only, the mode is 'mean'",
    ],
    [
      'weight sizes',
      () => F.embeddingBag(at(0), weight, [0], { mode: 'sum', perSampleWeights: ones(2) }),
      "embeddingBag: perSampleWeights [2] must have the input's shape [1]",
    ],
  ] as [string, () => unknown, string | RegExp][])
    it(`refuse: ${what}`, () => assert.throws(run, { message }))
})
