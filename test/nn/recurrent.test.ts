/** Recurrent layers: second derivatives, packed sequences, memory-free evaluation, errors. */
import { strict as assert } from 'node:assert'
import { autograd, manualSeed, nn, noGrad, randn, tensor, zeros, type Tensor } from '../../lib/index.js'

const { packPaddedSequence, packSequence, padPackedSequence, padSequence, unpackSequence, unpadSequence } = nn.utils.rnn

const lengths = [2, 4, 1]

const values = (x: Tensor): unknown => x.toArray()

describe('recurrent layers', () => {
  it('have the same gradients by the native way and by steps of ordinary ops, in both directions', () => {
    for (const make of [
      () => new nn.LSTM(2, 3, { bidirectional: true }),
      () => new nn.GRU(2, 3, { bidirectional: true }),
      () => new nn.RNN(2, 3, { bidirectional: true, nonlinearity: 'relu' }),
    ]) {
      manualSeed(3)
      const module = make()
      const x = randn(4, 3, 2).requiresGrad_()
      const packed = packPaddedSequence(x, lengths, { enforceSorted: false })
      const [y] = module.forward(packed)
      const inputs = [x, ...module.parameters()]
      const scalar = y.data.square().sum()
      const native = autograd.grad(scalar, inputs, { retainGraph: true })
      const stepwise = autograd.grad(scalar, inputs, { createGraph: true })
      native.forEach((grad, i) => assert.ok(grad.allclose(stepwise[i], { rtol: 1e-4, atol: 1e-6 }), `input ${i}`))
    }
  })

  it('can be differentiated twice', () => {
    manualSeed(1)
    const module = new nn.LSTM(2, 2).double()
    const inputs = [randn(3, 1, 2, { dtype: 'float64' }).requiresGrad_(), ...module.parameters()]
    assert.ok(autograd.gradgradcheck((x) => module.forward(x)[0], [inputs[0]]))
  })

  it('keep the state of one call for the next', () => {
    const lstm = new nn.LSTM(3, 4, { numLayers: 2 })
    const x = randn(6, 2, 3)
    noGrad(() => {
      const [whole, last] = lstm.forward(x)
      const [first, state] = lstm.forward(x.narrow(0, 0, 2))
      const [second, end] = lstm.forward(x.narrow(0, 2, 4), state)
      assert.ok(first.allclose(whole.narrow(0, 0, 2)) && second.allclose(whole.narrow(0, 2, 4)))
      assert.ok(end[0].allclose(last[0]) && end[1].allclose(last[1]))
    })
  })

  it('drop between layers only while training', () => {
    const gru = new nn.GRU(3, 8, { numLayers: 2, dropout: 0.5 })
    const x = randn(3, 2, 3)
    const outputs = (): boolean => gru.forward(x)[0].equal(gru.forward(x)[0])
    assert.equal(outputs(), false)
    gru.eval()
    assert.equal(outputs(), true)
  })

  it('name their parameters, and print what differs from the defaults', () => {
    const lstm = new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true, projSize: 2 })
    assert.deepEqual([...lstm.weightIhL1Reverse.shape], [16, 4])
    assert.deepEqual([...lstm.weightHrL0.shape], [2, 4])
    assert.deepEqual(
      lstm.allWeights.map((weights) => weights.length),
      [5, 5, 5, 5],
    )
    assert.equal(lstm.toString(), 'LSTM(3, 4, projSize=2, numLayers=2, bidirectional=true)')
    const gru = new nn.GRU(3, 4, { bias: false, batchFirst: true, dropout: 0.1 })
    assert.equal(gru.toString(), 'GRU(3, 4, bias=false, batchFirst=true, dropout=0.1)')
    assert.equal(
      new nn.RNNCell(2, 3, { nonlinearity: 'relu', bias: false }).toString(),
      'RNNCell(2, 3, bias=false, nonlinearity=relu)',
    )
  })
})

describe('packed sequences', () => {
  const batch = () => randn(4, 3, 2)

  it('come back as they were, padded', () => {
    const x = batch()
    const [padded, found] = padPackedSequence(
      packPaddedSequence(x, tensor(lengths, { dtype: 'int64' }), { enforceSorted: false }),
      {
        paddingValue: 9,
        totalLength: 5,
        batchFirst: true,
      },
    )
    assert.deepEqual(found.toTypedArray(), BigInt64Array.from([2n, 4n, 1n]))
    assert.deepEqual([...padded.shape], [3, 5, 2])
    unpadSequence(padded, found, { batchFirst: true }).forEach((sequence, b) =>
      assert.deepEqual(values(sequence), values(x.select(1, b).narrow(0, 0, lengths[b]))),
    )
    assert.deepEqual(values(padded.at(2, 4)), [9, 9])
  })

  it('lie step after step, the longest first', () => {
    const packed = packSequence([tensor([1, 2, 3]), tensor([4, 5])])
    assert.deepEqual(values(packed.data), [1, 4, 2, 5, 3])
    assert.deepEqual(values(packed.batchSizes), [2, 2, 1])
    assert.equal(packed.sortedIndices, null)
    assert.deepEqual(unpackSequence(packed).map(values), [
      [1, 2, 3],
      [4, 5],
    ])
    const sorted = packSequence([tensor([4, 5]), tensor([1, 2, 3])], { enforceSorted: false })
    assert.deepEqual(values(sorted.sortedIndices as Tensor), [1, 0])
  })

  it('are padded on either side', () => {
    const sequences = [tensor([1, 2]), tensor([3])]
    assert.deepEqual(values(padSequence(sequences, { batchFirst: true, paddingSide: 'left', paddingValue: -1 })), [
      [1, 2],
      [-1, 3],
    ])
    assert.deepEqual(values(padSequence(sequences)), [
      [1, 3],
      [2, 0],
    ])
  })
})

describe('errors of recurrent layers', () => {
  const lstm = new nn.LSTM(3, 4)
  const gru = new nn.GRU(3, 4, { batchFirst: true })
  const h = zeros(1, 2, 4)
  for (const [what, run, message] of [
    ['size', () => new nn.LSTM(0, 4), 'LSTM: inputSize must be a positive integer, got 0'],
    ['layers', () => new nn.GRU(3, 4, { numLayers: 0 }), 'GRU: numLayers must be a positive integer, got 0'],
    [
      'projection',
      () => new nn.LSTM(3, 4, { projSize: 4 }),
      'LSTM: projSize must be an integer from 0 (no projection) to below hiddenSize 4, got 4',
    ],
    ['dropout', () => new nn.GRU(3, 4, { dropout: 2 }), 'GRU: p must be a probability between 0 and 1, got 2'],
    [
      'nonlinearity',
      () => new nn.RNN(3, 4, { nonlinearity: 'elu' as 'relu' }),
      "RNN: nonlinearity must be 'tanh' or 'relu', got 'elu'",
    ],
    ['cell size', () => new nn.GRUCell(3, -1), 'GRUCell: hiddenSize must be a positive integer, got -1'],
    [
      'cell nonlinearity',
      () => new nn.RNNCell(3, 4, { nonlinearity: 'elu' as 'relu' }),
      "RNNCell: nonlinearity must be 'tanh' or 'relu', got 'elu'",
    ],
    ['dimensions', () => lstm.forward(zeros(3)), 'LSTM: needs [T, B, inputSize] or [T, inputSize], got [3]'],
    [
      'batch first',
      () => gru.forward(zeros(1, 1, 1, 3)),
      'GRU: needs [B, T, inputSize] or [T, inputSize], got [1, 1, 1, 3]',
    ],
    [
      'features',
      () => lstm.forward(zeros(5, 2, 4)),
      'LSTM: the input has 4 features, expected inputSize 3 (input [5, 2, 4])',
    ],
    ['empty', () => lstm.forward(zeros(0, 2, 3)), 'LSTM: the sequence is empty, got [0, 2, 3]'],
    [
      'dtype',
      () => lstm.forward(zeros(5, 2, 3).double()),
      "LSTM: the input is float64, the weights are float32; convert the input with .to('float32')",
    ],
    [
      'state',
      () => lstm.forward(zeros(5, 2, 3), [h, zeros(2, 2, 4)]),
      'LSTM: the state c has shape [2, 2, 4], expected [1, 2, 4]: [layers × directions, batch, features]',
    ],
    [
      'state alone',
      () => gru.forward(zeros(5, 3), h),
      'GRU: the state h has shape [1, 2, 4], expected [1, 4]: [layers × directions, features]',
    ],
    [
      'states',
      () => lstm.forward(zeros(5, 2, 3), [h] as unknown as [Tensor, Tensor]),
      'LSTM: the state must be an array [h, c], got 1 tensors',
    ],
    [
      'cell input',
      () => new nn.GRUCell(3, 4).forward(zeros(1, 2, 3)),
      'GRUCell: needs [B, inputSize] or [inputSize], got [1, 2, 3]',
    ],
    [
      'cell features',
      () => new nn.GRUCell(3, 4).forward(zeros(2)),
      'GRUCell: the input has 2 features, expected inputSize 3 (input [2])',
    ],
    [
      'cell state',
      () => new nn.GRUCell(3, 4).forward(zeros(2, 3), zeros(1, 4)),
      'GRUCell: the state h has shape [1, 4], expected [2, 4] (input [2, 3])',
    ],
    [
      'cell states',
      () => new nn.LSTMCell(3, 4).forward(zeros(3), [zeros(4)] as unknown as [Tensor, Tensor]),
      'LSTMCell: the state must be an array [h, c], got 1 tensors',
    ],
    [
      'cell dtype',
      () => new nn.LSTMCell(3, 4).forward(zeros(3).double()),
      "LSTMCell: the input is float64, the weights are float32; convert the input with .to('float32')",
    ],
    [
      'order',
      () => packPaddedSequence(zeros(4, 3, 2), lengths),
      'packPaddedSequence: lengths must be in descending order, but 4 follows 2; sort the batch, or pass { enforceSorted: false }',
    ],
    [
      'length',
      () => packPaddedSequence(zeros(4, 2), [5, 1]),
      'packPaddedSequence: lengths must be whole numbers from 1 to 4, got 5 at position 0',
    ],
    ['count', () => packPaddedSequence(zeros(4, 2), [4]), 'packPaddedSequence: 1 lengths for a batch of 2 sequences'],
    ['padded', () => packPaddedSequence(zeros(4), [4]), 'packPaddedSequence: needs [T, B, …], got [4]'],
    [
      'total',
      () => padPackedSequence(packSequence([zeros(3)]), { totalLength: 2 }),
      'padPackedSequence: totalLength 2 is less than 3, the length of the longest sequence',
    ],
    ['none', () => padSequence([]), 'padSequence: needs at least one sequence, got none'],
    [
      'sizes',
      () => padSequence([zeros(2, 3), zeros(2, 4)]),
      'padSequence: sequence 1 has shape [2, 4], the first [2, 3]; only the first size may differ',
    ],
    [
      'sum',
      () => new nn.utils.rnn.PackedSequence(zeros(3), tensor([2, 2], { dtype: 'int64' })),
      'PackedSequence: batchSizes add up to 4, data has shape [3]',
    ],
  ] as [string, () => unknown, string][])
    it(what, () => assert.throws(run, { message }))
})
