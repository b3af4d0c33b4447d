/** What our calls take by name but somebody gives by position: every call says so instead of ignoring it. */
import { F, nn, ones, optim, tensor } from '../../lib/index.js'
import { itRefuses, type Refusal } from '../support/refusals.js'

const x = ones(2, 3)
const images = ones(1, 2, 4, 4)
const p = (): nn.Parameter[] => [new nn.Parameter(ones(2))]
const sgd = (): optim.SGD => new optim.SGD(p(), { lr: 0.1 })
const { lrScheduler } = optim

/** The name in the message, and the call with a plain value for its options. */
const calls: readonly (readonly [name: string, call: (value: never) => unknown])[] = [
  ['Linear', (value) => new nn.Linear(1, 2, value)],
  ['Conv1d', (value) => new nn.Conv1d(1, 2, 3, value)],
  ['Conv2d', (value) => new nn.Conv2d(1, 2, 3, value)],
  ['ConvTranspose2d', (value) => new nn.ConvTranspose2d(1, 2, 3, value)],
  ['BatchNorm2d', (value) => new nn.BatchNorm2d(3, value)],
  ['InstanceNorm2d', (value) => new nn.InstanceNorm2d(3, value)],
  ['LayerNorm', (value) => new nn.LayerNorm(3, value)],
  ['RMSNorm', (value) => new nn.RMSNorm(3, value)],
  ['GroupNorm', (value) => new nn.GroupNorm(2, 4, value)],
  ['LocalResponseNorm', (value) => new nn.LocalResponseNorm(2, value)],
  ['Embedding', (value) => new nn.Embedding(3, 4, value)],
  ['RNN', (value) => new nn.RNN(3, 4, value)],
  ['LSTM', (value) => new nn.LSTM(3, 4, value)],
  ['GRU', (value) => new nn.GRU(3, 4, value)],
  ['LSTMCell', (value) => new nn.LSTMCell(3, 4, value)],
  ['RNNCell', (value) => new nn.RNNCell(3, 4, value)],
  ['MultiheadAttention', (value) => new nn.MultiheadAttention(4, 2, value)],
  ['TransformerEncoderLayer', (value) => new nn.TransformerEncoderLayer(4, 2, value)],
  ['Transformer', (value) => new nn.Transformer(value)],
  ['Dropout', (value) => new nn.Dropout(value === 2 ? (true as never) : value)],
  ['CrossEntropyLoss', (value) => new nn.CrossEntropyLoss(value)],
  ['MSELoss', (value) => new nn.MSELoss(value)],
  ['SGD', (value) => new optim.SGD(p(), value)],
  ['Adam', (value) => new optim.Adam(p(), value)],
  ['LBFGS', (value) => new optim.LBFGS(p(), value)],
  ['StepLR', (value) => new lrScheduler.StepLR(sgd(), 3, value)],
  ['CosineAnnealingLR', (value) => new lrScheduler.CosineAnnealingLR(sgd(), 3, value)],
  ['LinearLR', (value) => new lrScheduler.LinearLR(sgd(), value)],
  ['ReduceLROnPlateau', (value) => new lrScheduler.ReduceLROnPlateau(sgd(), value)],
  ['OneCycleLR', (value) => new lrScheduler.OneCycleLR(sgd(), 0.1, value)],
  ['CyclicLR', (value) => new lrScheduler.CyclicLR(sgd(), 0.1, 0.2, value)],
  ['sum', (value) => x.sum(1, value)],
  ['mean', (value) => x.mean(1, value)],
  ['var', (value) => x.var(1, value)],
  ['max', (value) => x.max(1, value)],
  ['amax', (value) => x.amax(1, value)],
  ['argmax', (value) => x.argmax(1, value)],
  ['median', (value) => x.median(1, value)],
  ['sort', (value) => x.sort(1, value)],
  ['norm', (value) => x.norm(2, 1, value)],
  ['conv2d', (value) => F.conv2d(images, ones(1, 2, 2, 2), null, value)],
  ['convTranspose2d', (value) => F.convTranspose2d(images, ones(2, 1, 2, 2), null, value)],
  ['pad', (value) => F.pad(x, [1, 1], value)],
  ['interpolate', (value) => F.interpolate(images, value)],
  ['gridSample', (value) => F.gridSample(images, ones(1, 2, 2, 2), value)],
  ['batchNorm', (value) => F.batchNorm(x, null, null, value)],
  ['layerNorm', (value) => F.layerNorm(x, [3], value)],
  ['groupNorm', (value) => F.groupNorm(images, 2, value)],
  ['instanceNorm', (value) => F.instanceNorm(images, value)],
  ['normalize', (value) => F.normalize(x, value)],
  ['dropout', (value) => F.dropout(x, 0.5, value)],
  ['crossEntropy', (value) => F.crossEntropy(x, tensor([0, 1]), value)],
  ['nllLoss', (value) => F.nllLoss(x, tensor([0, 1]), value)],
  ['mseLoss', (value) => F.mseLoss(x, x, value)],
  ['binaryCrossEntropy', (value) => F.binaryCrossEntropy(x, x, value)],
]

describe('a value in the place of options', () => {
  const table: Refusal[] = calls.map(([name, call]) => [
    () => call(2 as never),
    new RegExp(`^${name}: options must be an object such as \\{ .+ \\}, got (2|true); what PyTorch takes by position`),
  ])
  describe('is refused by every call', () => itRefuses(table))

  describe('may be of any kind', () =>
    itRefuses([
      [() => new nn.Linear(1, 2, false as never), /^Linear: options .+ such as \{ bias: true \}, got false;/],
      [() => F.pad(x, [1, 1], 'reflect' as never), /^pad: options .+ such as \{ mode: 'constant' \}, got 'reflect';/],
      [
        () => F.crossEntropy(x, tensor([0, 1]), ones(3) as never),
        /^crossEntropy: options .+, got a tensor of shape \[3\];/,
      ],
      [() => new nn.Conv2d(1, 2, 3, [2, 2] as never), /^Conv2d: options .+, got \[ 2, 2 \];/],
      [() => x.sum(1, null as never), /^sum: options .+, got null;/],
    ]))
})
