/** Modules with inputs that are exported to ONNX: every kind of layer and function that the exporter knows. */
import { cat, F, manualSeed, nn, noGrad, randn, tensor, Tensor, topk, where } from '../../lib/index.js'
import type { OnnxExportOptions } from '../../lib/io/index.js'
import { Small } from './support.js'

export interface OnnxCase {
  module: nn.Module
  inputs: Tensor[]
  options: OnnxExportOptions
}

/** A module whose forward is a function of tensors and the modules given. */
class Composed extends nn.Module {
  readonly #compute: (...all: never[]) => unknown
  readonly parts: nn.ModuleList

  constructor(compute: (...all: never[]) => unknown, parts: readonly nn.Module[]) {
    super()
    this.#compute = compute
    this.parts = new nn.ModuleList(parts)
  }

  forward(...inputs: Tensor[]): unknown {
    return this.#compute(...([...inputs, ...this.parts] as never[]))
  }
}

const composed = (compute: (...all: never[]) => unknown, ...parts: nn.Module[]): nn.Module =>
  new Composed(compute, parts)

const activations = (x: Tensor): Tensor =>
  cat(
    [
      F.relu(x),
      F.leakyRelu(x, 0.2),
      F.elu(x),
      F.selu(x),
      F.celu(x),
      F.silu(x),
      F.gelu(x),
      F.gelu(x, { approximate: 'tanh' }),
      F.mish(x),
      F.softplus(x),
      F.hardtanh(x),
      F.hardswish(x),
      F.hardsigmoid(x),
      F.softsign(x),
      F.logsigmoid(x),
      F.tanhshrink(x),
      F.softshrink(x),
      F.hardshrink(x),
      F.threshold(x, 0.1, 7),
      F.sigmoid(x),
      F.logSoftmax(x, -1),
    ],
    1,
  )

const mathematics = (x: Tensor, y: Tensor): Tensor[] => [
  x.add(y, { alpha: 2 }),
  x.mul(y).sub(1).div(2),
  x.pow(2),
  x.abs().sqrt(),
  x.exp().log(),
  x.maximum(y),
  x.clamp({ min: -0.5, max: 0.5 }),
  x.sum(1),
  x.mean([0, 1]),
  x.max(1).values,
  x.max(1).indices,
  x.argmin(0),
  x.prod(1),
  x.lt(y),
  x.eq(y).logicalNot(),
  where(x.gt(0), x, y),
  x.matmul(y.t()),
  x.cumsum(1),
  x.std(1),
  x.norm(),
  topk(x, 2).values,
  x.gt(0).any(1),
]

const views = (x: Tensor): Tensor[] => [
  x.permute(2, 0, 1),
  x.transpose(0, 1).reshape(4, -1),
  x.narrow(1, 1, 2),
  x.select(2, 1),
  x.unsqueeze(1).expand(2, 3, 4, 5).sum(1),
  x.view(4, 2, 5).transpose(1, 2),
  x.flip(1),
  x.chunk(2, 1)[1],
  x.mT,
  x.movedim(0, 2),
  x.flatten(1),
  x.diagonal({ dim1: 1, dim2: 2 }),
]

const batch: OnnxExportOptions = { dynamicAxes: { input: { 0: 'batch' }, output: { 0: 'batch' } } }
const chain = (...layers: nn.Module[]): nn.Module => new nn.Sequential(...(layers as nn.ReLU[]))

/** All cases, the same in every run. */
export function onnxCases(): Record<string, OnnxCase> {
  manualSeed(3)
  const make = (module: nn.Module, inputs: Tensor[], options: OnnxExportOptions = {}): OnnxCase => ({
    module,
    inputs,
    options,
  })
  const indices = tensor(
    [
      [1, 2, 0],
      [3, 6, 5],
    ],
    { dtype: 'int64' },
  )
  return {
    small: make(new Small(), [randn(3, 1, 8, 8)], batch),
    perceptron: make(
      chain(new nn.Linear(6, 5), new nn.Tanh(), new nn.Linear(5, 4, { bias: false }), new nn.Softmax(1)),
      [randn(1, 6)],
      batch,
    ),
    sequences: make(new nn.Linear(4, 3), [randn(2, 5, 4)], batch),
    residual: make(
      chain(
        new nn.Conv2d(3, 4, 3, { stride: 2, padding: 1, bias: false }),
        new nn.BatchNorm2d(4),
        new nn.ReLU6(),
        new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
        new nn.AdaptiveAvgPool2d(1),
        new nn.Flatten(),
        new nn.Linear(4, 2),
      ),
      [randn(2, 3, 16, 16)],
      batch,
    ),
    pools: make(
      chain(
        new nn.AvgPool2d(2, { padding: 1 }),
        new nn.MaxPool2d(2, { stride: 1, dilation: 2 }),
        new nn.AvgPool2d(2, { ceilMode: true }),
        new nn.AdaptiveAvgPool2d(2),
      ),
      [randn(2, 3, 13, 13)],
      batch,
    ),
    sequenceConvolutions: make(
      chain(
        new nn.Conv1d(2, 4, 3, { padding: 'same', groups: 2, dilation: 2 }),
        new nn.ConvTranspose1d(4, 3, 3, { stride: 2, outputPadding: 1, padding: 1 }),
        new nn.GELU(),
      ),
      [randn(2, 2, 9)],
      batch,
    ),
    volume: make(new nn.Conv3d(1, 2, [1, 2, 3]), [randn(1, 1, 4, 5, 6)]),
    circular: make(new nn.Conv2d(1, 2, 3, { padding: 1, paddingMode: 'circular' }), [randn(1, 1, 5, 5)]),
    border: make(
      composed((x: Tensor) => F.pad(x, [1, 2, 0, 1], { value: 3 })),
      [randn(2, 3, 4)],
      batch,
    ),
    norms: make(
      chain(
        new nn.GroupNorm(2, 4),
        new nn.LayerNorm([4, 5]),
        new nn.InstanceNorm1d(4, { affine: true }),
        new nn.RMSNorm(5),
      ),
      [randn(3, 4, 5)],
      batch,
    ),
    activations: make(composed(activations), [randn(2, 3, 4).mul(2)], batch),
    mathematics: make(composed(mathematics), [randn(3, 4), randn(3, 4)]),
    views: make(composed(views), [randn(2, 4, 5)]),
    openViews: make(
      composed((x: Tensor) => [
        x.permute(2, 0, 1),
        x.narrow(1, 1, 2).contiguous(),
        x.select(2, 1),
        x.transpose(1, 2).flatten(1),
      ]),
      [randn(2, 4, 5)],
      { dynamicAxes: { input: { 0: 'rows' } } },
    ),
    embedding: make(chain(new nn.Embedding(7, 4, { paddingIdx: 0 }), new nn.Linear(4, 2)), [indices]),
    lstm: make(new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true }), [randn(5, 2, 3)], {
      dynamicAxes: { input: { 0: 'time', 1: 'batch' } },
    }),
    lstmState: make(
      composed(
        (x: Tensor, h: Tensor, c: Tensor, m: nn.LSTM) => m.forward(x, [h, c]),
        new nn.LSTM(3, 4, { numLayers: 2, batchFirst: true }),
      ),
      [randn(2, 5, 3), randn(2, 2, 4), randn(2, 2, 4)],
    ),
    gru: make(
      composed(
        (x: Tensor, m: nn.GRU, l: nn.Linear) => l.forward(m.forward(x)[0].select(1, -1)),
        new nn.GRU(3, 4, { batchFirst: true }),
        new nn.Linear(4, 2),
      ),
      [randn(2, 5, 3)],
      batch,
    ),
    rnn: make(new nn.RNN(3, 4, { nonlinearity: 'relu', bias: false }), [randn(5, 2, 3)]),
    gruCell: make(
      composed((x: Tensor, h: Tensor, m: nn.GRUCell) => m.forward(x, h), new nn.GRUCell(3, 4)),
      [randn(2, 3), randn(2, 4)],
    ),
    lstmCell: make(
      composed((x: Tensor, h: Tensor, m: nn.LSTMCell) => m.forward(x, [h, h]), new nn.LSTMCell(3, 4)),
      [randn(2, 3), randn(2, 4)],
    ),
    attention: make(
      composed(
        (x: Tensor, m: nn.MultiheadAttention) => m.forward(x, x, x)[0],
        new nn.MultiheadAttention(8, 2, { batchFirst: true }),
      ),
      [randn(2, 5, 8)],
    ),
    transformer: make(
      new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, batchFirst: true, activation: 'gelu' }),
      [randn(2, 5, 8)],
    ),
    dropout: make(chain(new nn.Dropout(0.5), new nn.Linear(3, 3), new nn.AlphaDropout(0.3)), [randn(2, 3)], batch),
    double: make(new nn.Linear(3, 2).double(), [randn(2, 3, { dtype: 'float64' })], batch),
    bilinear: make(new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }), [randn(1, 2, 3, 3)]),
    nearest: make(new nn.Upsample({ scaleFactor: 2 }), [randn(1, 2, 3, 3)], batch),
    shuffle: make(new nn.PixelShuffle(2), [randn(1, 4, 3, 3)], batch),
    learnedSlope: make(chain(new nn.PReLU(3), new nn.Maxout(3)), [randn(2, 3, 4)], batch),
    windows: make(new nn.Unfold(2), [randn(1, 2, 4, 4)], batch),
  }
}

/** Every tensor that a forward returns. */
export function outputsOf(module: nn.Module, inputs: readonly Tensor[]): Tensor[] {
  const flat = (value: unknown): Tensor[] =>
    value instanceof Tensor ? [value] : Array.isArray(value) ? value.flatMap(flat) : []
  const { forward } = module as unknown as { forward(...x: readonly Tensor[]): unknown }
  return flat(noGrad(() => forward.apply(module, inputs as Tensor[])))
}

/** The inputs, and where the batch may vary three times as many rows. */
export function runsOf({ inputs, options }: OnnxCase): Tensor[][] {
  const isOpen = options.dynamicAxes?.['input']?.[0] === 'batch'
  return isOpen ? [inputs, inputs.map((x) => cat([x, x, x]))] : [inputs]
}
