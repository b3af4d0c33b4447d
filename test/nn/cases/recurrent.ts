/** Recurrent layers and cells, and embeddings: everything that comes out, as one vector. */
import { cat, nn, tensor, type Tensor } from '../../../lib/index.js'
import type { SampleInput } from '../../../lib/ops/registry.js'
import type { ModuleCase } from './case.js'

const flat = (values: readonly Tensor[]): Tensor => cat(values.map((value) => value.reshape(-1)))
const torchFlat = 'torch.cat([t.flatten() for t in'

type Lstm = (x: Tensor | nn.utils.rnn.PackedSequence, state?: [Tensor, Tensor]) => [Tensor, [Tensor, Tensor]]
type Plain = (x: Tensor, h?: Tensor) => [Tensor, Tensor]

const lstm = (torch: string, ours: () => nn.Module, ...inputs: SampleInput[]): ModuleCase => ({
  torch: `torch.nn.LSTM(${torch})`,
  ours,
  inputs,
  torchCall: `lambda m, x, *s: ${torchFlat} (lambda y, s: (y, *s))(*m(x, s or None))])`,
  call: (module, x, ...state) => {
    const [y, last] = (module.forward as Lstm)(x, state.length ? (state as [Tensor, Tensor]) : undefined)
    return flat([y, ...last])
  },
})

const plain = (torch: string, ours: () => nn.Module, ...inputs: SampleInput[]): ModuleCase => ({
  torch: `torch.nn.${torch}`,
  ours,
  inputs,
  torchCall: `lambda m, *x: ${torchFlat} m(*x)])`,
  call: (module, x, h) => flat((module.forward as Plain)(x, h)),
})

const packed = (torch: string, ours: () => nn.Module, call: (module: nn.Module, x: Tensor) => Tensor): ModuleCase => ({
  torch: `torch.nn.${torch}`,
  ours,
  inputs: [{ shape: [4, 3, 2] }],
  torchCall:
    `lambda m, x: (lambda r: ${torchFlat} (r[0].data, *(r[1] if isinstance(r[1], tuple) else [r[1]]), ` +
    'torch.nn.utils.rnn.pad_packed_sequence(r[0])[0])]))' +
    '(m(torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor([2, 4, 1]), enforce_sorted=False)))',
  call,
})

const pack = (x: Tensor) => nn.utils.rnn.packPaddedSequence(x, [2, 4, 1], { enforceSorted: false })

const cell = (torch: string, ours: () => nn.Module, ...inputs: SampleInput[]): ModuleCase => ({
  torch: `torch.nn.${torch}`,
  ours,
  inputs,
})

const lstmCell = (torch: string, ours: () => nn.Module, ...inputs: SampleInput[]): ModuleCase => ({
  torch: `torch.nn.LSTMCell(${torch})`,
  ours,
  inputs,
  torchCall: `lambda m, x, *s: ${torchFlat} m(x, s or None)])`,
  call: (module, x, ...state) =>
    flat((module as nn.LSTMCell).forward(x, state.length ? (state as [Tensor, Tensor]) : undefined)),
})

const words: SampleInput = { shape: [2, 3], low: 0, high: 5, dtype: 'int64' }

export const recurrent: ModuleCase[] = [
  lstm('3, 4', () => new nn.LSTM(3, 4), { shape: [5, 2, 3] }),
  lstm('3, 4, bias=False', () => new nn.LSTM(3, 4, { bias: false }), { shape: [5, 2, 3] }),
  lstm('3, 4, 2, bidirectional=True', () => new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true }), {
    shape: [5, 2, 3],
  }),
  lstm(
    '3, 4, 2, batch_first=True',
    () => new nn.LSTM(3, 4, { numLayers: 2, batchFirst: true }),
    { shape: [2, 5, 3] },
    { shape: [2, 2, 4] },
    { shape: [2, 2, 4] },
  ),
  lstm('3, 4', () => new nn.LSTM(3, 4), { shape: [5, 3] }, { shape: [1, 4] }, { shape: [1, 4] }),
  lstm(
    '3, 4, 2, proj_size=2, bidirectional=True',
    () => new nn.LSTM(3, 4, { numLayers: 2, projSize: 2, bidirectional: true }),
    { shape: [3, 2, 3] },
    { shape: [4, 2, 2] },
    { shape: [4, 2, 4] },
  ),
  lstm('2, 20', () => new nn.LSTM(2, 20), { shape: [3, 40, 2] }),
  plain('GRU(3, 4)', () => new nn.GRU(3, 4), { shape: [5, 2, 3] }),
  plain('GRU(3, 4, bias=False)', () => new nn.GRU(3, 4, { bias: false }), { shape: [5, 2, 3] }, { shape: [1, 2, 4] }),
  plain(
    'GRU(3, 4, 2, bidirectional=True, batch_first=True)',
    () => new nn.GRU(3, 4, { numLayers: 2, bidirectional: true, batchFirst: true }),
    { shape: [2, 5, 3] },
    { shape: [4, 2, 4] },
  ),
  plain('GRU(3, 4)', () => new nn.GRU(3, 4), { shape: [5, 3] }),
  plain('RNN(3, 4)', () => new nn.RNN(3, 4), { shape: [5, 2, 3] }, { shape: [1, 2, 4] }),
  plain(
    "RNN(3, 4, 2, nonlinearity='relu', bidirectional=True)",
    () => new nn.RNN(3, 4, { numLayers: 2, nonlinearity: 'relu', bidirectional: true }),
    { shape: [5, 2, 3] },
  ),
  plain('RNN(3, 4)', () => new nn.RNN(3, 4), { shape: [5, 3] }, { shape: [1, 4] }),
  packed(
    'LSTM(2, 3, 2, bidirectional=True)',
    () => new nn.LSTM(2, 3, { numLayers: 2, bidirectional: true }),
    (module, x) => {
      const [y, state] = (module as nn.LSTM).forward(pack(x))
      return flat([y.data, ...state, nn.utils.rnn.padPackedSequence(y)[0]])
    },
  ),
  packed(
    'GRU(2, 3, bidirectional=True)',
    () => new nn.GRU(2, 3, { bidirectional: true }),
    (module, x) => {
      const [y, h] = (module as nn.GRU).forward(pack(x))
      return flat([y.data, h, nn.utils.rnn.padPackedSequence(y)[0]])
    },
  ),
  packed(
    'RNN(2, 3, bidirectional=True)',
    () => new nn.RNN(2, 3, { bidirectional: true }),
    (module, x) => {
      const [y, h] = (module as nn.RNN).forward(pack(x))
      return flat([y.data, h, nn.utils.rnn.padPackedSequence(y)[0]])
    },
  ),
  lstmCell('3, 4', () => new nn.LSTMCell(3, 4), { shape: [2, 3] }, { shape: [2, 4] }, { shape: [2, 4] }),
  lstmCell('3, 4, bias=False', () => new nn.LSTMCell(3, 4, { bias: false }), { shape: [3] }),
  cell('GRUCell(3, 4)', () => new nn.GRUCell(3, 4), { shape: [2, 3] }, { shape: [2, 4] }),
  cell('GRUCell(3, 4)', () => new nn.GRUCell(3, 4), { shape: [3] }),
  cell('RNNCell(3, 4)', () => new nn.RNNCell(3, 4), { shape: [2, 3] }, { shape: [2, 4] }),
  cell(
    "RNNCell(3, 4, nonlinearity='relu', bias=False)",
    () => new nn.RNNCell(3, 4, { nonlinearity: 'relu', bias: false }),
    { shape: [2, 3] },
  ),
  cell('Embedding(5, 3)', () => new nn.Embedding(5, 3), words),
  cell('Embedding(5, 3, padding_idx=-2)', () => new nn.Embedding(5, 3, { paddingIdx: -2 }), words),
  cell(
    'Embedding(5, 3, max_norm=0.5, norm_type=1.0, scale_grad_by_freq=True)',
    () => new nn.Embedding(5, 3, { maxNorm: 0.5, normType: 1, scaleGradByFreq: true }),
    words,
  ),
  cell('EmbeddingBag(5, 3)', () => new nn.EmbeddingBag(5, 3), words),
  cell("EmbeddingBag(5, 3, mode='max')", () => new nn.EmbeddingBag(5, 3, { mode: 'max' }), words),
  {
    torch: "torch.nn.EmbeddingBag(5, 3, mode='sum', padding_idx=1)",
    ours: () => new nn.EmbeddingBag(5, 3, { mode: 'sum', paddingIdx: 1 }),
    inputs: [{ shape: [6], low: 0, high: 5, dtype: 'int64' }, { shape: [6] }],
    torchCall: 'lambda m, x, w: m(x, torch.tensor([0, 0, 4]), w)',
    call: (module, x, perSampleWeights) =>
      (module as nn.EmbeddingBag).forward(x, tensor([0, 0, 4], { dtype: 'int64' }), { perSampleWeights }),
  },
]
