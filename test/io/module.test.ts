/** Whole models: class and state. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { installClassLookup } from '../../lib/io/module/lookup.js'
import { F, getRngState, io, load, manualSeed, nn, noGrad, ones, randn, save, tensor, Tensor } from '../../lib/index.js'
import { temporaryFolders } from '../support/folders.js'
import { itRefuses } from '../support/refusals.js'
import { assertSameState, shareMemory, Small } from './support.js'

class Tied extends nn.Module {
  embed: nn.Linear = new nn.Linear(3, 3)
  decode: nn.Linear
  scale = [1, 2]
  activation = F.relu
  note = { name: 'ä', nothing: null }
  constructor(readonly depth: number) {
    super()
    if (depth === undefined) throw new Error('the constructor must not run again')
    this.decode = this.embed
    this.registerBuffer('mask', ones(2))
    this.registerBuffer('scratch', ones(1), { persistent: false })
  }
  forward(x: Tensor): Tensor {
    return this.activation(this.decode.forward(this.embed.forward(x)))
  }
}

class Deep extends nn.Sequential {
  extra: nn.Linear = new nn.Linear(2, 2)
  override forward(x: Tensor): Tensor {
    return this.extra.forward(super.forward(x))
  }
}

class Hidden extends nn.Module {
  #count = 1
  forward(): number {
    return this.#count
  }
}

class Known extends nn.Linear {}

class Counting extends nn.Module {
  private readonly seenBy = new Map<unknown, number>([
    ['a_b', 1],
    [2, 3],
  ])
  // Tensors alone: their names must not be taken for those of a state dict.
  some_weight = new nn.Parameter(ones(2))
  forward(): [unknown, number][] {
    return [...this.seenBy]
  }
}

/** Every class of layers, with an input if its output is to be compared. */
const layers: Record<string, [nn.Module, ...Tensor[]]> = {
  Sequential: [new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU()), randn(2, 3)],
  named: [new nn.Sequential({ first: new nn.Linear(3, 4), act: new nn.Tanh() }), randn(2, 3)],
  ModuleList: [new nn.ModuleList([new nn.Linear(1, 2), new nn.Linear(2, 1)])],
  ModuleDict: [new nn.ModuleDict({ aB: new nn.Linear(1, 2), a_b: new nn.ReLU() })],
  ParameterList: [new nn.ParameterList([ones(2), ones(1)])],
  ParameterDict: [new nn.ParameterDict({ aB: ones(2), c_d: ones(1) })],
  Linear: [new nn.Linear(3, 2, { bias: false }), randn(2, 3)],
  Bilinear: [new nn.Bilinear(2, 3, 2), randn(4, 2), randn(4, 3)],
  Conv1d: [new nn.Conv1d(2, 4, 3, { padding: 'same', groups: 2 }), randn(1, 2, 6)],
  Conv2d: [new nn.Conv2d(1, 2, 3, { padding: 2, stride: 2, paddingMode: 'circular', bias: false }), randn(1, 1, 6, 6)],
  Conv3d: [new nn.Conv3d(1, 2, [1, 2, 3]), randn(1, 1, 4, 4, 4)],
  ConvTranspose2d: [new nn.ConvTranspose2d(2, 3, 3, { stride: 2, outputPadding: 1 }), randn(1, 2, 4, 4)],
  BatchNorm2d: [new nn.BatchNorm2d(2, { momentum: 0.3 }), randn(2, 2, 3, 3)],
  InstanceNorm1d: [new nn.InstanceNorm1d(2, { affine: true }), randn(2, 2, 5)],
  LayerNorm: [new nn.LayerNorm([2, 3], { eps: 0.1 }), randn(2, 2, 3)],
  GroupNorm: [new nn.GroupNorm(2, 4), randn(2, 4, 3)],
  RMSNorm: [new nn.RMSNorm(3), randn(2, 3)],
  LocalResponseNorm: [new nn.LocalResponseNorm(2), randn(1, 3, 4, 4)],
  Embedding: [new nn.Embedding(5, 3, { paddingIdx: 1 }), tensor([1, 2], { dtype: 'int64' })],
  EmbeddingBag: [new nn.EmbeddingBag(5, 3, { mode: 'sum' }), tensor([[1, 2]], { dtype: 'int64' })],
  RNN: [new nn.RNN(2, 3, { nonlinearity: 'relu', bias: false }), randn(4, 1, 2)],
  LSTM: [new nn.LSTM(2, 3, { numLayers: 2, bidirectional: true, batchFirst: true, projSize: 2 }), randn(1, 4, 2)],
  GRU: [new nn.GRU(2, 3), randn(4, 1, 2)],
  RNNCell: [new nn.RNNCell(2, 3, { nonlinearity: 'relu' }), randn(1, 2)],
  LSTMCell: [new nn.LSTMCell(2, 3, { bias: false }), randn(1, 2)],
  GRUCell: [new nn.GRUCell(2, 3), randn(1, 2)],
  MultiheadAttention: [
    new nn.MultiheadAttention(4, 2, { kdim: 3, addBiasKv: true }),
    randn(3, 1, 4),
    randn(2, 1, 3),
    randn(2, 1, 4),
  ],
  TransformerEncoderLayer: [
    new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6, activation: 'gelu', batchFirst: true, normFirst: true }),
    randn(2, 3, 4),
  ],
  TransformerDecoderLayer: [
    new nn.TransformerDecoderLayer(4, 2, { dimFeedforward: 6 }),
    randn(3, 1, 4),
    randn(2, 1, 4),
  ],
  TransformerEncoder: [
    new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6 }), 2),
    randn(2, 1, 4),
  ],
  Dropout: [new nn.Dropout(0.3), randn(2, 3)],
  AlphaDropout: [new nn.AlphaDropout(0.2), randn(2, 3)],
  DropConnect: [new nn.DropConnect(new nn.Linear(3, 2), { p: 0.1 }), randn(2, 3)],
  PReLU: [new nn.PReLU(3), randn(2, 3)],
  RReLU: [new nn.RReLU({ lower: 0.1, upper: 0.2 }), randn(2, 3)],
  LeakyReLU: [new nn.LeakyReLU(0.3), randn(2, 3)],
  Hardtanh: [new nn.Hardtanh({ minVal: -0.1 }), randn(2, 3)],
  Softplus: [new nn.Softplus({ beta: 2 }), randn(2, 3)],
  GELU: [new nn.GELU({ approximate: 'tanh' }), randn(2, 3)],
  Softmax: [new nn.Softmax(1), randn(2, 3)],
  Maxout: [new nn.Maxout(2), randn(2, 4)],
  MaxPool2d: [new nn.MaxPool2d(2, { stride: 1 }), randn(1, 1, 4, 4)],
  AvgPool1d: [new nn.AvgPool1d(2), randn(1, 1, 4)],
  LPPool2d: [new nn.LPPool2d(2, 2), randn(1, 1, 4, 4)],
  AdaptiveAvgPool2d: [new nn.AdaptiveAvgPool2d([1, null]), randn(1, 1, 4, 4)],
  Flatten: [new nn.Flatten(0), randn(2, 3)],
  Unflatten: [new nn.Unflatten(1, [2, 2]), randn(2, 4)],
  Upsample: [new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }), randn(1, 1, 2, 2)],
  PixelShuffle: [new nn.PixelShuffle(2), randn(1, 4, 2, 2)],
  Fold: [new nn.Fold([2, 2], 1), randn(1, 1, 4)],
  ZeroPad2d: [new nn.ZeroPad2d([1, 0, 0, 2]), randn(1, 1, 2, 2)],
  ConstantPad1d: [new nn.ConstantPad1d(1, 7), randn(1, 1, 2)],
  ReflectionPad2d: [new nn.ReflectionPad2d(1), randn(1, 1, 3, 3)],
  CircularPad1d: [new nn.CircularPad1d(1), randn(1, 1, 3)],
  CrossEntropyLoss: [
    new nn.CrossEntropyLoss({ labelSmoothing: 0.1, weight: ones(3) }),
    randn(2, 3),
    tensor([0, 1], { dtype: 'int64' }),
  ],
  HuberLoss: [new nn.HuberLoss({ delta: 2, reduction: 'sum' }), randn(2), randn(2)],
  CosineSimilarity: [new nn.CosineSimilarity({ dim: 0 }), randn(3), randn(3)],
}

/** All tensors in what a forward returns, which may be nested. */
function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value]
  return Array.isArray(value) ? value.flatMap(tensorsIn) : []
}

/** Names of the fields that hold something. */
const filled = (module: nn.Module): string[] =>
  Object.entries(module).flatMap(([name, value]) => (value === undefined ? [] : [name]))

describe('whole models', () => {
  const path = join(temporaryFolders()(), 'model.pt')
  const again = <T>(value: T): T => {
    save(value, path)
    return load<T>(path)
  }

  for (const [name, [layer, ...inputs]] of Object.entries(layers))
    it(`bring nn.${name} back`, () => {
      layer.eval()
      const state = getRngState()
      const back = again(layer)
      assert.deepEqual(getRngState(), state, 'no random numbers are used up')
      assert.equal(back.constructor, layer.constructor)
      assert.equal(String(back), String(layer))
      assertSameState(back.stateDict(), layer.stateDict())
      assert.deepEqual(filled(back).sort(), filled(layer).sort())
      if (inputs.length === 0) return
      const run = (module: nn.Module): unknown[] =>
        noGrad(() => tensorsIn((module as unknown as { forward(...x: Tensor[]): unknown }).forward(...inputs))).map(
          (y) => y.toArray(),
        )
      assert.deepEqual(run(back), run(layer))
    })

  it('bring classes of cells back without running their constructors', () => {
    installClassLookup((name) =>
      name === 'Tied' ? Tied : name === 'Small' ? Small : name === 'Deep' ? Deep : undefined,
    )
    try {
      const net = new Tied(3)
      const back = again(net)
      assert.ok(back instanceof Tied)
      assert.equal(back.depth, 3)
      assert.equal(back.embed, back.decode)
      assert.ok(shareMemory(back.embed.weight, back.decode.weight))
      assert.equal(back.activation, F.relu)
      assert.deepEqual([back.scale, back.note], [net.scale, net.note])
      assert.deepEqual([...back.stateDict().keys()], [...net.stateDict().keys()])
      assert.deepEqual(back.buffers().length, 2)
      const x = randn(2, 3)
      assert.deepEqual(again(net).forward(x).toArray(), net.forward(x).toArray())
      back.forward(x).sum().backward()
      assert.ok(back.embed.weight.grad)

      const small = new Small().eval()
      assert.equal(again({ best: small }).best.training, false)
      const deep = again(new Deep(new nn.Linear(2, 2), new nn.ReLU()))
      assert.equal(deep.length, 2)
      assert.deepEqual([...deep.forward(randn(1, 2)).shape], [1, 2])
    } finally {
      installClassLookup(() => undefined)
    }
  })

  it('bring registered classes back', () => {
    save(new Known(2, 2), path)
    assert.throws(
      () => load(path),
      /model\.pt: holds a module of class Known, which is not known here; run the cell that defines it/,
    )
    io.registerModule(Known, Counting)
    assert.ok(load(path) instanceof Known)
    const counting = again(new Counting())
    assert.deepEqual(counting.forward(), [
      ['a_b', 1],
      [2, 3],
    ])
    assert.deepEqual([...counting.stateDict().keys()], ['some_weight'])
  })

  it('keep their parameters readable for PyTorch', () => {
    save(new nn.BatchNorm1d(2), path)
    const raw = readFileSync(path).toString('latin1')
    assert.ok(raw.includes('state_dict') && raw.includes('num_batches_tracked'))
  })

  it('that a file makes up allocate nothing by its sizes', () => {
    manualSeed(1)
    const layer = new nn.Conv2d(1, 1, 1)
    Object.assign(layer, { inChannels: 1e9, outChannels: 1e9, kernelSize: [1e6, 1e6] })
    assert.equal(again(layer).weight.numel(), 1)
  })

  itRefuses([
    [() => save(new Hidden(), path), /save: the value is of class Hidden, whose private field #count cannot be read/],
    [
      () => save(Object.assign(new nn.ReLU(), { f: () => 1 }), path),
      /the value\.f is a function, which no file can hold/,
    ],
    [
      () => save(new nn.Sequential(nn.utils.weightNorm(new nn.Linear(2, 2))), path),
      /save: the value\.fields\[0\] has a parameter that is computed from others, which no file can hold; save net\.stateDict\(\)/,
    ],
    [
      () => save(nn.utils.parametrizations.weightNorm(new nn.Linear(2, 2)), path),
      /save: the value has a parameter that is computed from others/,
    ],
    [() => save(Object.assign(new nn.ReLU(), { when: new Date() }), path), /\.when is of class Date/],
    [() => save(new (class extends nn.ReLU {})(), path), /the value is of a class without a name/],
    [
      () => {
        const net = new nn.ReLU()
        save(Object.assign(net, { self: net }), path)
      },
      /the value lies inside itself/,
    ],
    [() => io.registerModule(Date as never), /expects classes that extend nn\.Module/],
  ])
})
