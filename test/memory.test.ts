/** Memory stays bounded in a synchronous loop: nobody disposes, and the event loop never turns. */
import { strict as assert } from 'node:assert'
import { addon } from '../lib/device/addon.js'
import { autograd, F, manualSeed, nn, optim, rand, randint, randn, zeros, type Tensor } from '../lib/index.js'

const megabytes = (): number => process.memoryUsage().rss / 1e6

describe('memory', function () {
  this.timeout(240_000)

  /** Trains `steps` times and asserts that neither the process nor the pool has grown since a tenth of them. */
  function assertFlat(net: nn.Sequential, images: Tensor, steps: number): void {
    const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3 })
    const labels = randint(0, 10, [images.shape[0]])
    const train = (count: number): void => {
      for (let step = 0; step < count; step++) {
        optimizer.zeroGrad()
        F.crossEntropy(net.forward(images.mul(1)), labels).backward()
        optimizer.step()
      }
    }
    train(steps / 10)
    const [before, held] = [megabytes(), addon().memory().reserved]
    train((steps / 10) * 9)
    assert.ok(megabytes() - before < 80, `resident size grew from ${before} to ${megabytes()} MB`)
    assert.ok(
      addon().memory().reserved - held < 80e6,
      `the pool grew from ${held} to ${addon().memory().reserved} bytes`,
    )
  }

  it('stays flat over 10,000 training steps', () => {
    manualSeed(1)
    assertFlat(new nn.Sequential(new nn.Linear(784, 500), new nn.ReLU(), new nn.Linear(500, 10)), rand(20, 784), 10_000)
  })

  it('stays flat over 10,000 steps of a convolutional network', () => {
    manualSeed(1)
    const net = new nn.Sequential(
      new nn.Conv2d(1, 4, 5, { padding: 2 }),
      new nn.BatchNorm2d(4),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(4, 8, 5, { padding: 2 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(8 * 7 * 7, 10),
    )
    assertFlat(net, rand(4, 1, 28, 28), 10_000)
  })

  it('stays flat when large tensors are dropped one after the other', () => {
    let last: Tensor = zeros(1)
    const run = (times: number): void => {
      for (let i = 0; i < times; i++) last = randn(1000, 256).add(i)
    }
    run(200)
    const before = megabytes()
    run(2000)
    assert.equal(last.numel(), 256_000)
    assert.ok(megabytes() - before < 150, `resident size grew from ${before} to ${megabytes()} MB`)
  })

  it("frees a backward pass's own tensors at once", () => {
    const x = rand(256, 256).requiresGrad_()
    const depth = 30
    const forward = (): Tensor =>
      Array.from({ length: depth })
        .reduce((y: Tensor) => y.mul(0.9).add(0.1), x)
        .sum()
    const y = forward()
    const before = addon().memory().allocated
    autograd.grad(y, [x])
    const grown = addon().memory().allocated - before
    assert.ok(grown <= 4 * 256 * 256 * 4, `${grown} bytes are left of the backward pass`)
  })

  it('lets go of what dispose and using name', () => {
    const before = addon().memory().allocated
    {
      using big = zeros(1000, 1000)
      assert.equal(big.numel(), 1_000_000)
      assert.ok(addon().memory().allocated - before >= 4_000_000)
    }
    assert.ok(addon().memory().allocated - before < 4_000_000)
    const gone = zeros(3)
    gone.dispose()
    gone.dispose()
    assert.throws(() => gone.add(1), /disposed of/)
  })
})
