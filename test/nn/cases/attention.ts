/** Attention and transformers, in evaluation where they drop. */
import { cat, nn, tensor, type Tensor } from '../../../lib/index.js'
import type { SampleInput } from '../../../lib/ops/registry.js'
import type { ModuleCase } from './case.js'

const x = { shape: [4, 2, 6] }
const bool = (...values: number[][]): Tensor => tensor(values).bool()

/** Output and weights as one vector. */
const attention = (
  torch: string,
  ours: () => nn.MultiheadAttention,
  call: nn.MultiheadAttentionCall = {},
  torchCall = '',
  inputs: SampleInput[] = [x],
): ModuleCase => ({
  torch: `torch.nn.MultiheadAttention(${torch})`,
  ours,
  inputs,
  torchCall:
    'lambda m, q, k=None, v=None: torch.cat([t.flatten() for t in ' +
    `m(q, q if k is None else k, q if k is None else k if v is None else v, ${torchCall}) if t is not None])`,
  call(module, q, k = q, v = k) {
    const [output, weights] = (module as nn.MultiheadAttention).forward(q, k, v, call)
    return cat([output, ...(weights ? [weights] : [])].map((t) => t.reshape(-1)))
  },
})

const closed = bool([0, 0, 1, 1], [0, 0, 0, 0])
const triangle = bool([0, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1], [0, 0, 0, 0])
const padding = 'key_padding_mask=torch.tensor([[0, 0, 1, 1], [0, 0, 0, 0]]).bool()'
const causal = 'attn_mask=torch.ones(4, 4).triu(1).bool()'

const options = { dimFeedforward: 8 }
const evaluated = (
  torch: string,
  ours: () => nn.Module,
  inputs: SampleInput[],
  torchCall?: string,
  call?: ModuleCase['call'],
): ModuleCase => ({ torch: `torch.nn.${torch}`, ours, inputs, training: false, torchCall, call })

const encoderLayer = (more: nn.TransformerLayerOptions = {}) =>
  new nn.TransformerEncoderLayer(6, 2, { ...options, ...more })
const decoderLayer = (more: nn.TransformerLayerOptions = {}) =>
  new nn.TransformerDecoderLayer(6, 2, { ...options, ...more })

export const attentions: ModuleCase[] = [
  attention('6, 2', () => new nn.MultiheadAttention(6, 2)),
  attention(
    '6, 2, bias=False, batch_first=True',
    () => new nn.MultiheadAttention(6, 2, { bias: false, batchFirst: true }),
    { averageAttnWeights: false },
    'average_attn_weights=False',
  ),
  attention(
    '6, 3, kdim=4, vdim=5',
    () => new nn.MultiheadAttention(6, 3, { kdim: 4, vdim: 5 }),
    { needWeights: false },
    'need_weights=False',
    [x, { shape: [3, 2, 4] }, { shape: [3, 2, 5] }],
  ),
  attention(
    '6, 2, add_bias_kv=True, add_zero_attn=True',
    () => new nn.MultiheadAttention(6, 2, { addBiasKv: true, addZeroAttn: true }),
    { keyPaddingMask: closed, attnMask: triangle },
    `${padding}, ${causal}`,
  ),
  attention(
    '6, 2',
    () => new nn.MultiheadAttention(6, 2),
    { keyPaddingMask: closed, attnMask: triangle, needWeights: false },
    `${padding}, ${causal}, need_weights=False`,
  ),
  attention('6, 2', () => new nn.MultiheadAttention(6, 2), {}, '', [{ shape: [4, 6] }, { shape: [3, 6] }]),
  evaluated('TransformerEncoderLayer(6, 2, 8)', () => encoderLayer(), [x]),
  evaluated(
    "TransformerEncoderLayer(6, 2, 8, activation='gelu', norm_first=True, batch_first=True, bias=False, layer_norm_eps=1e-3)",
    () => encoderLayer({ activation: 'gelu', normFirst: true, batchFirst: true, bias: false, layerNormEps: 1e-3 }),
    [x],
  ),
  evaluated(
    'TransformerEncoder(torch.nn.TransformerEncoderLayer(6, 2, 8), 2, torch.nn.LayerNorm(6))',
    () => new nn.TransformerEncoder(encoderLayer(), 2, { norm: new nn.LayerNorm(6) }),
    [x],
    'lambda m, x: m(x, torch.nn.Transformer.generate_square_subsequent_mask(4, dtype=x.dtype))',
    (module, src) =>
      (module as nn.TransformerEncoder).forward(src, { mask: nn.Transformer.generateSquareSubsequentMask(4) }),
  ),
  evaluated('TransformerDecoderLayer(6, 2, 8)', () => decoderLayer(), [x, { shape: [3, 2, 6] }]),
  evaluated(
    'TransformerDecoderLayer(6, 2, 8, norm_first=True, activation=torch.tanh)',
    () => decoderLayer({ normFirst: true, activation: (t) => t.tanh() }),
    [x, { shape: [3, 2, 6] }],
    `lambda m, x, y: m(x, y, tgt_mask=torch.ones(4, 4).triu(1).bool(), tgt_${padding})`,
    (module, tgt, memory) =>
      (module as nn.TransformerDecoderLayer).forward(tgt, memory, { tgtMask: triangle, tgtKeyPaddingMask: closed }),
  ),
  evaluated(
    'TransformerDecoder(torch.nn.TransformerDecoderLayer(6, 2, 8), 2)',
    () => new nn.TransformerDecoder(decoderLayer(), 2),
    [x, { shape: [3, 2, 6] }],
  ),
  evaluated(
    'Transformer(6, 2, 1, 1, 8)',
    () => new nn.Transformer({ dModel: 6, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 8 }),
    [{ shape: [3, 2, 6] }, x],
  ),
  {
    torch: 'torch.nn.Bilinear(2, 3, 4)',
    ours: () => new nn.Bilinear(2, 3, 4),
    inputs: [{ shape: [5, 2] }, { shape: [5, 3] }],
  },
  {
    torch: 'torch.nn.Bilinear(2, 3, 4, bias=False)',
    ours: () => new nn.Bilinear(2, 3, 4, { bias: false }),
    inputs: [{ shape: [2, 2, 2] }, { shape: [2, 2, 3] }],
  },
  {
    torch: 'torch.nn.utils.weight_norm(torch.nn.Linear(3, 4))',
    ours: () => nn.utils.weightNorm(new nn.Linear<number, number>(3, 4)),
    inputs: [{ shape: [2, 3] }],
  },
  {
    torch: 'torch.nn.utils.weight_norm(torch.nn.Linear(3, 4), dim=None)',
    ours: () => nn.utils.weightNorm(new nn.Linear<number, number>(3, 4), { dim: null }),
    inputs: [{ shape: [2, 3] }],
  },
  {
    torch: 'torch.nn.utils.spectral_norm(torch.nn.Linear(3, 4), n_power_iterations=2)',
    ours: () => nn.utils.spectralNorm(new nn.Linear<number, number>(3, 4), { nPowerIterations: 2 }),
    inputs: [{ shape: [2, 3] }],
  },
]
