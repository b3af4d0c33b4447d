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

export const suites: Record<string, Record<string, Case>> = {
  training: { 'mlp 784-500-10 batch 100 adam step': mlpStep, 'adam 10M': adamTenMillion },
  ops: {
    'add 4x4': unaryOn([4, 4], (x) => x.add(x)),
    'view 4x4': unaryOn([4, 4], (x) => x.view(16)),
    'add 10M': unaryOn([10_000_000], (x) => x.add(x)),
    'exp 10M': unaryOn([10_000_000], (x) => x.exp()),
    'sum 10M': unaryOn([10_000_000], (x) => x.sum()),
    'softmax 4096x1000': unaryOn([4096, 1000], (x) => x.softmax(1)),
    'transpose copy 10000x1000': unaryOn([10_000, 1000], (x) => x.t().contiguous()),
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
    'layernorm 4096x768': layerOn([4096, 768], () => {
      const layer = new nn.LayerNorm(768)
      return (x) => layer.forward(x)
    }),
  },
}
