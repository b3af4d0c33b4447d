/**
 * A misspelt option is never ignored: every module, optimizer and schedule is built with one here, and functions outside
 * the registry are called with one (the registry's own test does the same for every op).
 */
import { strict as assert } from 'node:assert'
import * as gradbook from '../../lib/index.js'
import { autograd, F, linalg, nn, ones, optim, rand, tensor, Tensor, zeros } from '../../lib/index.js'
import { nearestName } from '../../lib/tensor/options.js'

const unheardOf = { unheardOf: 1 } as never
const message = /unknown option 'unheardOf'; known here: \w+/
const p = (): nn.Parameter[] => [new nn.Parameter(ones(2))]
const sgd = (): optim.SGD => new optim.SGD(p(), { lr: 0.1, momentum: 0.5 })
const { lrScheduler } = optim

type Constructor = new (...args: never[]) => object

/** What stands before the options of each class; classes that are not listed take options alone. */
const before: Readonly<Record<string, readonly unknown[]>> = {
  ...Object.fromEntries(
    [1, 2, 3].flatMap((n) => [
      ...[`MaxPool${n}d`, `AvgPool${n}d`, `AdaptiveMaxPool${n}d`, `MaxUnpool${n}d`].map((name) => [name, [2]] as const),
      ...[`Conv${n}d`, `ConvTranspose${n}d`].map((name) => [name, [1, 2, 3]] as const),
      ...[`BatchNorm${n}d`, `InstanceNorm${n}d`].map((name) => [name, [2]] as const),
      [`LPPool${n}d`, [2, 2]] as const,
    ]),
  ),
  ...{ FractionalMaxPool2d: [2], FractionalMaxPool3d: [2], StochasticPool2d: [2], Unfold: [2], Fold: [4, 2] },
  ...{ Linear: [1, 2], Bilinear: [1, 2, 3], Maxout: [2], MaxoutLinear: [1, 2, 3], Threshold: [0, 1], PReLU: [] },
  ...{ DropConnect: [new nn.Linear(1, 2)], Embedding: [2, 3], EmbeddingBag: [2, 3], Flatten: [] },
  ...{ GroupNorm: [2, 4], LayerNorm: [3], RMSNorm: [3], LocalResponseNorm: [2], CrossMapLRN2d: [2] },
  ...{ RNN: [1, 2], LSTM: [1, 2], GRU: [1, 2], RNNCell: [1, 2], LSTMCell: [1, 2], GRUCell: [1, 2] },
  ...{ MultiheadAttention: [4, 2], TransformerEncoderLayer: [4, 2], TransformerDecoderLayer: [4, 2] },
  TransformerEncoder: [new nn.TransformerEncoderLayer(4, 2), 1],
  TransformerDecoder: [new nn.TransformerDecoderLayer(4, 2), 1],
  AdaptiveLogSoftmaxWithLoss: [8, 10, [3]],
}

/** Classes without options: what they take is required, or nothing, or free. */
const without = new Set(
  (
    'AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d ChannelShuffle Identity LogSigmoid Loss Module ModuleDict ' +
    'ModuleList Parameter ParameterDict ParameterList PixelShuffle PixelUnshuffle Sequential Sigmoid Softmax2d ' +
    'Softsign Tanh Tanhshrink Unflatten'
  ).split(' '),
)
const padding = /^(Circular|Constant|Reflection|Replication|Zero)Pad\dd$/

const classes = (space: object): [string, Constructor][] =>
  Object.entries(space).filter((entry): entry is [string, Constructor] => /^[A-Z]/.test(entry[0]))

describe('an option that does not exist', () => {
  describe('is refused by every module', () => {
    for (const [name, build] of classes(nn)) {
      if (without.has(name) || padding.test(name)) continue
      it(name, () => {
        assert.throws(() => new build(...((before[name] ?? []) as never[]), unheardOf), { name: 'TypeError', message })
        assert.throws(
          () => new build(...((before[name] ?? []) as never[]), unheardOf),
          new RegExp(`^TypeError: ${name}:`),
        )
      })
    }
  })

  describe('is refused by every optimizer', () => {
    for (const [name, build] of classes(optim)) {
      if (name === 'Optimizer') continue
      const args = name === 'EarlyStopping' ? [unheardOf] : [p() as never, unheardOf]
      it(name, () => assert.throws(() => new build(...args), { name: 'TypeError', message }))
    }
    it('in a group of parameters', () =>
      assert.throws(
        () => new optim.SGD([{ params: p(), weight_decay: 1 } as never], { lr: 0.1 }),
        /SGD: parameter group: unknown option 'weight_decay', did you mean 'weightDecay'\?/,
      ))
  })

  describe('is refused by every schedule', () => {
    const first: Readonly<Record<string, readonly unknown[]>> = {
      ...{ StepLR: [2], MultiStepLR: [[2]], ExponentialLR: [0.5], CosineAnnealingLR: [3], CyclicLR: [0.1, 0.2] },
      ...{ CosineAnnealingWarmRestarts: [3], OneCycleLR: [0.1], LambdaLR: [() => 1], MultiplicativeLR: [() => 1] },
    }
    for (const [name, build] of classes(lrScheduler)) {
      if (['LRScheduler', 'Scheduler', 'SequentialLR', 'ChainedScheduler'].includes(name)) continue
      const args = [sgd(), ...(first[name] ?? []), unheardOf] as never[]
      it(name, () => assert.throws(() => new build(...args), { name: 'TypeError', message }))
    }
    it('ChainedScheduler', () =>
      assert.throws(() => new lrScheduler.ChainedScheduler([new lrScheduler.StepLR(sgd(), 2)], unheardOf), message))
  })

  describe('is refused by functions and methods', () => {
    const x = rand(2, 3)
    const square = rand(3, 3)
    const leaf = rand(2, { requiresGrad: true })
    const calls: Readonly<Record<string, () => unknown>> = {
      ...{ tensor: () => tensor([1], unheardOf), zeros: () => zeros(2, unheardOf), ones: () => ones([2], unheardOf) },
      ...Object.fromEntries(
        (['arange', 'randperm'] as const).map((name) => [name, () => gradbook[name](3, unheardOf)]),
      ),
      full: () => gradbook.full([2], 1, unheardOf),
      eye: () => gradbook.eye(2, unheardOf),
      linspace: () => gradbook.linspace(0, 1, 2, unheardOf),
      logspace: () => gradbook.logspace(0, 1, 2, unheardOf),
      zerosLike: () => gradbook.zerosLike(x, unheardOf),
      rand: () => rand(2, unheardOf),
      randint: () => gradbook.randint(3, [2], unheardOf),
      randnLike: () => gradbook.randnLike(x, unheardOf),
      normal: () => gradbook.normal(0, 1, [2], unheardOf),
      multinomial: () => gradbook.multinomial(ones(3), 1, unheardOf),
      'x.exponential_': () => zeros(2).exponential_(1, unheardOf),
      'x.uniform_': () => zeros(2).uniform_(0, 1, unheardOf),
      'x.random_': () => zeros(2).random_(2, unheardOf),
      'x.add': () => x.add(1, unheardOf),
      'x.sub_': () => zeros(2).sub_(1, unheardOf),
      'x.div': () => x.div(2, unheardOf),
      'x.sum': () => x.sum(1, unheardOf),
      'x.max': () => x.max(1, unheardOf),
      'x.sort': () => x.sort(unheardOf),
      'x.topk': () => x.topk(1, unheardOf),
      'x.norm': () => x.norm(2, 1, unheardOf),
      'x.cumsum': () => x.cumsum(1, unheardOf),
      'x.unique': () => x.unique(unheardOf),
      'x.backward': () => x.backward(unheardOf),
      'x.scatterReduce': () => x.scatterReduce(0, zeros([1, 3], { dtype: 'int64' }), x, 'sum', unheardOf),
      allclose: () => gradbook.allclose(x, x, unheardOf),
      meshgrid: () => gradbook.meshgrid(ones(2), ones(2), unheardOf),
      'F.conv2d': () => F.conv2d(ones(1, 1, 3, 3), ones(1, 1, 2, 2), null, unheardOf),
      'F.embeddingBag': () => F.embeddingBag(zeros([1, 2], { dtype: 'int64' }), x, unheardOf),
      'F.elu': () => F.elu(x, unheardOf),
      'F.dropout': () => F.dropout(x, 0.5, unheardOf),
      'linalg.svd': () => linalg.svd(square, unheardOf),
      'linalg.qr': () => linalg.qr(square, unheardOf),
      'linalg.eigh': () => linalg.eigh(square, unheardOf),
      'linalg.lstsq': () => linalg.lstsq(square, square, unheardOf),
      'linalg.pinv': () => linalg.pinv(square, unheardOf),
      'autograd.grad': () => autograd.grad(leaf.sum(), leaf, unheardOf),
      'autograd.backward': () => autograd.backward(leaf.sum(), unheardOf),
      'autograd.gradcheck': () => autograd.gradcheck((y: Tensor) => y, [leaf], unheardOf),
      'nn.init.xavierUniform_': () => nn.init.xavierUniform_(square, unheardOf),
      'nn.init.kaimingNormal_': () => nn.init.kaimingNormal_(square, unheardOf),
      'nn.init.sparse_': () => nn.init.sparse_(square, 0.5, unheardOf),
      'nn.utils.clipGradNorm_': () => optim.clipGradNorm_(p(), 1, unheardOf),
      'module.stateDict': () => new nn.Linear(1, 1).stateDict(unheardOf),
      'module.zeroGrad': () => new nn.Linear(1, 1).zeroGrad(unheardOf),
      'optimizer.zeroGrad': () => sgd().zeroGrad(unheardOf),
    }
    for (const [name, call] of Object.entries(calls)) it(name, () => assert.throws(call, message))
  })

  it('is answered with the name that was meant', () => {
    const known = ['stride', 'padding', 'keepdim', 'labelSmoothing', 'p']
    assert.equal(nearestName('strides', known), 'stride')
    assert.equal(nearestName('keepDim', known), 'keepdim')
    assert.equal(nearestName('label_smoothing', known), 'labelSmoothing')
    assert.equal(nearestName('pading', known), 'padding')
    assert.equal(nearestName('q', known), undefined)
    assert.equal(nearestName('bias', known), undefined)
  })
})
