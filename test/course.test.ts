/** The networks of the course on the real digits: from the same seed, the losses are PyTorch's. */
import { strict as assert } from 'node:assert'
import { data, datasets, F, manualSeed, nn, optim, type Tensor } from '../lib/index.js'
import { readGolden } from './support/golden.js'

const mlp = (): nn.Sequential =>
  new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 500), new nn.ReLU(), new nn.Linear(500, 10))

const cnn = (): nn.Sequential =>
  new nn.Sequential(
    new nn.Conv2d(1, 16, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(32 * 7 * 7, 10),
  )

function losses(make: () => nn.Sequential, batchSize: number, count: number): number[] {
  manualSeed(1)
  const net = make()
  const loader = new data.DataLoader(new datasets.MNIST(), { batchSize, shuffle: true })
  const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3 })
  const found: number[] = []
  for (const [images, labels] of loader as Iterable<[Tensor, Tensor]>) {
    optimizer.zeroGrad()
    const loss = F.crossEntropy(net.forward(images), labels)
    loss.backward()
    optimizer.step()
    found.push(loss.item())
    if (found.length === count) break
  }
  return found
}

describe('course networks', function () {
  this.timeout(120_000)
  const golden = readGolden<Record<'mlp' | 'cnn', number[]>>('course')

  for (const [name, make, batchSize] of [
    ['mlp', mlp, 100],
    ['cnn', cnn, 50],
  ] as const)
    it(`the ${name} has PyTorch's first 100 losses`, () => {
      const expected = golden[name]
      losses(make, batchSize, expected.length).forEach((loss, i) => {
        const error = Math.abs(loss / expected[i] - 1)
        assert.ok(error < 1e-3, `step ${i}: loss ${loss}, PyTorch has ${expected[i]}`)
      })
    })
})
