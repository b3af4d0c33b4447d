/** What is timed, by name. The peers in bench/peers/ time the same under the same names. */
import { F, manualSeed, nn, noGrad, optim, rand, randint, randn, zeros } from '../lib/index.js'
import type { Tensor } from '../lib/index.js'

/** Each case prepares its data and returns what is repeated. */
export type Case = () => () => void

/** The network of section 3.6, one training step on a batch of 100. */
function mlpStep(): () => void {
  manualSeed(1)
  const net = new nn.Sequential(new nn.Linear(784, 500), new nn.ReLU(), new nn.Linear(500, 10))
  const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3 })
  const images = rand(100, 784)
  const labels = randint(0, 10, [100])
  return () => {
    optimizer.zeroGrad()
    F.crossEntropy(net.forward(images), labels).backward()
    optimizer.step()
  }
}

/** The network of section 6, one training step on a batch of 50. */
function cnnStep(): () => void {
  manualSeed(1)
  const net = new nn.Sequential(
    new nn.Conv2d(1, 16, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(32 * 7 * 7, 10),
  )
  const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3 })
  const images = rand(50, 1, 28, 28)
  const labels = randint(0, 10, [50])
  return () => {
    optimizer.zeroGrad()
    F.crossEntropy(net.forward(images), labels).backward()
    optimizer.step()
  }
}

function adamTenMillion(): () => void {
  const x = zeros(10_000_000, { requiresGrad: true })
  x.grad = rand(10_000_000)
  const optimizer = new optim.Adam([x])
  return () => optimizer.step()
}

const unaryOn =
  (sizes: number[], f: (x: Tensor) => unknown): Case =>
  () => {
    const x = randn(sizes)
    return () => void noGrad(() => f(x))
  }

const matmulOf =
  (m: number, k: number, n: number): Case =>
  () => {
    const a = randn(m, k) as Tensor
    const b = randn(k, n) as Tensor
    return () => void noGrad(() => a.matmul(b))
  }

/** A layer's forward and backward pass, for a gradient as large as its result. */
const layerOn =
  (sizes: number[], make: () => (x: Tensor) => Tensor): Case =>
  () => {
    const x = randn(sizes).requiresGrad_()
    const layer = make()
    const gradient = randn(layer(x).shape)
    return () => {
      x.grad = null
      layer(x).backward({ gradient })
    }
  }

const maxPoolOn = (sizes: number[]): Case => layerOn(sizes, () => (x) => F.maxPool2d(x, 2))

const convOf =
  (images: number[], kernel: number[], options: F.ConvOptions): Case =>
  () => {
    const x = randn(images) as Tensor
    const weight = randn(kernel) as Tensor
    return () => void noGrad(() => F.conv2d(x, weight, null, options))
  }

const convWithGradients =
  (images: number[], kernel: number[], options: F.ConvOptions): Case =>
  () => {
    const x = randn(images, { requiresGrad: true }) as Tensor
    const weight = randn(kernel, { requiresGrad: true }) as Tensor
    const gradient = noGrad(() => F.conv2d(x, weight, null, options))
    return () => {
      x.grad = weight.grad = null
      F.conv2d(x, weight, null, options).backward({ gradient })
    }
  }

export const suites: Record<string, Record<string, Case>> = {
  training: {
    'mlp 784-500-10 batch 100 adam step': mlpStep,
    'cnn of section 6 batch 50 adam step': cnnStep,
    'adam 10M': adamTenMillion,
  },
  ops: {
    'add 4x4': unaryOn([4, 4], (x) => x.add(x)),
    'view 4x4': unaryOn([4, 4], (x) => x.view(16)),
    'add 10M': unaryOn([10_000_000], (x) => x.add(x)),
    'exp 10M': unaryOn([10_000_000], (x) => x.exp()),
    'sum 10M': unaryOn([10_000_000], (x) => x.sum()),
    'softmax 4096x1000': unaryOn([4096, 1000], (x) => x.softmax(1)),
    'transpose copy 10000x1000': unaryOn([10_000, 1000], (x) => x.t().contiguous()),
    'channels last 16x64x56x56': unaryOn([16, 64, 56, 56], (x) => x.permute(0, 2, 3, 1).contiguous()),
    'heads 64x64x8x16': unaryOn([64, 64, 8, 16], (x) => x.transpose(1, 2).contiguous()),
    'pixelShuffle 8x64x56x56': unaryOn([8, 64, 56, 56], (x) => F.pixelShuffle(x, 2)),
    'flip 1000x1000': unaryOn([1000, 1000], (x) => x.flip(1)),
    'add rows of 3': unaryOn([300_000, 3], (x) => x.add(x.select(0, 0))),
    'sum rows of 5': unaryOn([100_000, 5], (x) => x.sum(1)),
    'cumsum 1000x1000': unaryOn([1000, 1000], (x) => x.cumsum(1)),
    'softmax of channels 16x21x64x64': unaryOn([16, 21, 64, 64], (x) => x.softmax(1)),
    'nonzero 1000x1000': unaryOn([1000, 1000], (x) => F.relu(x).nonzero()),
    'square by pow 1000x1000': unaryOn([1000, 1000], (x) => x.pow(2)),
    'matmul 100x784x500': matmulOf(100, 784, 500),
    'matmul 100x500x10': matmulOf(100, 500, 10),
    'matmul 512': matmulOf(512, 512, 512),
    'matmul 1024': matmulOf(1024, 1024, 1024),
  },
  layers: {
    'maxpool2d 32x64x56x56': maxPoolOn([32, 64, 56, 56]),
    'maxpool2d 50x16x28x28': maxPoolOn([50, 16, 28, 28]),
    'maxpool2d 50x32x14x14': maxPoolOn([50, 32, 14, 14]),
    'batchnorm2d 32x64x56x56': layerOn([32, 64, 56, 56], () => {
      const layer = new nn.BatchNorm2d(64)
      return (x) => layer.forward(x)
    }),
    'lstm 128 to 128, 50 steps, batch 32': layerOn([50, 32, 128], () => {
      const layer = new nn.LSTM(128, 128)
      return (x) => layer.forward(x)[0]
    }),
    'gru 128 to 128, 50 steps, batch 32': layerOn([50, 32, 128], () => {
      const layer = new nn.GRU(128, 128)
      return (x) => layer.forward(x)[0]
    }),
    'transformer layer 64x16x128': layerOn([64, 16, 128], () => {
      const layer = new nn.TransformerEncoderLayer(128, 4, { dimFeedforward: 512, dropout: 0 })
      return (x) => layer.forward(x)
    }),
    'attention 4x8x256x64': layerOn([4, 8, 256, 64], () => (x) => F.scaledDotProductAttention(x, x, x)),
    'causal attention 4x8x256x64': layerOn(
      [4, 8, 256, 64],
      () => (x) => F.scaledDotProductAttention(x, x, x, { isCausal: true }),
    ),
    'layernorm 4096x768': layerOn([4096, 768], () => {
      const layer = new nn.LayerNorm(768)
      return (x) => layer.forward(x)
    }),
  },
  convolution: {
    'conv 50x1x28² 16 5x5': convOf([50, 1, 28, 28], [16, 1, 5, 5], { padding: 2 }),
    'conv 32x64x56² 64 3x3': convOf([32, 64, 56, 56], [64, 64, 3, 3], { padding: 1 }),
    'conv+grad 32x64x56² 64 3x3': convWithGradients([32, 64, 56, 56], [64, 64, 3, 3], { padding: 1 }),
    'conv+grad 50x16x14² 32 5x5': convWithGradients([50, 16, 14, 14], [32, 16, 5, 5], { padding: 2 }),
    'conv+grad 8x3x64² 64 7x7 stride 2': convWithGradients([8, 3, 64, 64], [64, 3, 7, 7], { padding: 3, stride: 2 }),
    'conv+grad 8x64x16² 128 1x1 stride 2': convWithGradients([8, 64, 16, 16], [128, 64, 1, 1], { stride: 2 }),
    'conv+grad 8x256x4² 256 3x3': convWithGradients([8, 256, 4, 4], [256, 256, 3, 3], { padding: 1 }),
    'conv+grad 8x512x2² 512 3x3': convWithGradients([8, 512, 2, 2], [512, 512, 3, 3], { padding: 1 }),
    'conv+grad 8x64x56² depthwise 3x3': convWithGradients([8, 64, 56, 56], [64, 1, 3, 3], { padding: 1, groups: 64 }),
  },
}
