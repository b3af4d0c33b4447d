/** The same networks trained on the CPU and on a device: their losses stay together for 100 steps. */
import { strict as assert } from 'node:assert'
import { F, manualSeed, nn, optim, rand, randint, randn, type Tensor } from '../../lib/index.js'
import type { DeviceLike } from '../../lib/device/gpu.js'
import { needsGpu } from '../support/gpu.js'

interface Trial {
  readonly name: string
  readonly steps: number
  /** The network's output for a batch. */
  readonly network: () => nn.Module & { forward(x: Tensor): Tensor }
  readonly optimizer: (net: nn.Module) => optim.Optimizer
  readonly batch: () => { x: Tensor; target: Tensor }
  readonly loss: (y: Tensor, target: Tensor) => Tensor
}

/** Losses of all steps; seeds are the same for every device. */
function train(trial: Trial, device: DeviceLike): number[] {
  manualSeed(7)
  const net = trial.network()
  const { x, target } = trial.batch()
  net.to(device)
  const optimizer = trial.optimizer(net)
  const [input, wanted] = [x.to(device), target.to(device)]
  return Array.from({ length: trial.steps }, () => {
    optimizer.zeroGrad()
    const loss = trial.loss(net.forward(input), wanted)
    loss.backward()
    optimizer.step()
    return loss.item()
  })
}

class Sequence extends nn.Module {
  readonly rnn = new nn.LSTM(5, 12, { batchFirst: true })
  readonly last = new nn.Linear(12, 3)

  forward(x: Tensor): Tensor {
    return this.last.forward(this.rnn.forward(x)[0].select(1, -1))
  }
}

class Attentive extends nn.Module {
  readonly embedding = new nn.Embedding(20, 16)
  readonly layer = new nn.TransformerEncoderLayer(16, 2, { dimFeedforward: 32, dropout: 0.1, batchFirst: true })
  readonly last = new nn.Linear(16, 3)

  forward(x: Tensor): Tensor {
    return this.last.forward(this.layer.forward(this.embedding.forward(x)).mean(1))
  }
}

const trials: Trial[] = [
  {
    name: 'a multilayer perceptron',
    steps: 100,
    network: () => new nn.Sequential(new nn.Linear(64, 48), new nn.ReLU(), new nn.Dropout(0.2), new nn.Linear(48, 10)),
    optimizer: (net) => new optim.Adam(net.parameters(), { lr: 1e-3 }),
    batch: () => ({ x: rand(32, 64), target: randint(0, 10, [32]) }),
    loss: (y, target) => F.crossEntropy(y, target),
  },
  {
    name: 'a convolutional network',
    steps: 100,
    network: () =>
      new nn.Sequential(
        new nn.Conv2d(1, 4, 5, { padding: 2 }),
        new nn.BatchNorm2d(4),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Conv2d(4, 8, 5, { padding: 2 }),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Flatten(),
        new nn.Linear(8 * 3 * 3, 10),
      ),
    optimizer: (net) => new optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 }),
    batch: () => ({ x: randn(8, 1, 12, 12), target: randint(0, 10, [8]) }),
    loss: (y, target) => F.crossEntropy(y, target),
  },
  {
    name: 'a recurrent network',
    steps: 30,
    network: () => new Sequence(),
    optimizer: (net) => new optim.RMSprop(net.parameters(), { lr: 1e-3 }),
    batch: () => ({ x: randn(6, 7, 5), target: randn(6, 3) }),
    loss: (y, target) => F.mseLoss(y, target),
  },
  {
    name: 'a transformer layer',
    steps: 30,
    network: () => new Attentive(),
    optimizer: (net) => new optim.AdamW(net.parameters(), { lr: 1e-3 }),
    batch: () => ({ x: randint(0, 20, [4, 6]), target: randint(0, 3, [4]) }),
    loss: (y, target) => F.crossEntropy(y, target),
  },
]

describe('training on a device', () => {
  before(function () {
    needsGpu(this)
  })

  for (const trial of trials) {
    it(`gives ${trial.name} the CPU's losses`, function () {
      this.timeout(120_000)
      const [there, here] = [train(trial, 'gpu'), train(trial, 'cpu')]
      here.forEach((loss, step) => {
        assert.ok(Math.abs(there[step] - loss) < 1e-3, `step ${step}: ${there[step]}, on the CPU ${loss}`)
      })
      assert.ok(here[here.length - 1] < here[0])
    })
  }
})
