/** Whole training runs from seed 1: weights, batch order, losses and final weights are PyTorch's. */
import { strict as assert } from 'node:assert'
import { data, F, manualSeed, nn, optim, randint, randn, type Tensor } from '../../lib/index.js'
import { expectClose, readGolden, type GoldenTensor } from '../support/golden.js'

interface Run {
  initial: Record<string, GoldenTensor>
  losses: number[]
  final: Record<string, GoldenTensor>
}

const optimizers: Record<string, (params: Tensor[]) => { zeroGrad(): void; step(): void }> = {
  sgd: (p) => new optim.SGD(p, { lr: 0.1 }),
  sgdMomentum: (p) => new optim.SGD(p, { lr: 0.05, momentum: 0.9, dampening: 0.1, weightDecay: 0.01 }),
  sgdNesterov: (p) => new optim.SGD(p, { lr: 0.05, momentum: 0.9, nesterov: true }),
  adam: (p) => new optim.Adam(p, { lr: 0.01 }),
  adamAmsgrad: (p) => new optim.Adam(p, { lr: 0.01, weightDecay: 0.1, amsgrad: true }),
  adamw: (p) => new optim.AdamW(p, { lr: 0.01 }),
}

describe('training from seed 1', () => {
  for (const [name, run] of Object.entries(readGolden<Record<string, Run>>('training'))) {
    it(`${name} follows PyTorch's run`, () => {
      manualSeed(1)
      const x = randn(30, 6)
      const y = randint(0, 3, [30])
      const net = new nn.Sequential(new nn.Linear(6, 8), new nn.ReLU(), new nn.Linear(8, 3))
      for (const [key, value] of net.stateDict())
        expectClose(value, run.initial[key], { relative: 1e-6 }, `initial ${key}`)
      const loader = new data.DataLoader(new data.TensorDataset(x, y), { batchSize: 4, shuffle: true })
      const optimizer = optimizers[name](net.parameters())
      const losses: number[] = []
      for (let epoch = 0; epoch < 3; epoch++)
        for (const [images, labels] of loader) {
          optimizer.zeroGrad()
          const loss = F.crossEntropy(net.forward(images), labels)
          loss.backward()
          optimizer.step()
          losses.push(loss.item())
        }
      losses.forEach((loss, i) =>
        assert.ok(
          Math.abs(loss - run.losses[i]) <= 1e-4 * Math.abs(run.losses[i]),
          `step ${i}: loss ${loss}, PyTorch ${run.losses[i]}`,
        ),
      )
      for (const [key, value] of net.stateDict()) expectClose(value, run.final[key], { relative: 1e-4 }, `final ${key}`)
    })
  }
})
