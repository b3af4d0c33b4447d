/**
 * A program: runs one synchronous loop in which nobody disposes of anything and the event loop never turns, and prints
 * the memory in use after a third of it and at its end. A process of its own, because the heap of a process in which
 * thousands of other tests have run moves by more than what is looked for here.
 */
import { addon, dtypeCodes } from '../../lib/device/addon.js'
import { F, manualSeed, nn, optim, rand, randint, randn, type Tensor } from '../../lib/index.js'

/** Bytes. */
export interface Reading {
  /** Of the process. */
  resident: number
  /** Held by the pool of tensors. */
  reserved: number
}

function training(net: nn.Sequential, images: Tensor): () => void {
  const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3 })
  const labels = randint(0, 10, [images.shape[0]])
  return () => {
    optimizer.zeroGrad()
    F.crossEntropy(net.forward(images.mul(1)), labels).backward()
    optimizer.step()
  }
}

const loops = {
  mlp: () => training(new nn.Sequential(new nn.Linear(784, 500), new nn.ReLU(), new nn.Linear(500, 10)), rand(20, 784)),
  cnn: () =>
    training(
      new nn.Sequential(
        new nn.Conv2d(1, 4, 5, { padding: 2 }),
        new nn.BatchNorm2d(4),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Conv2d(4, 8, 5, { padding: 2 }),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Flatten(),
        new nn.Linear(8 * 7 * 7, 10),
      ),
      rand(4, 1, 28, 28),
    ),
  /** Each result takes the place of the one before. */
  dropped: () => {
    let last: Tensor | undefined
    return () => {
      last = randn(1000, 256).add(last ? 1 : 0)
    }
  },
  small: () => () => {
    addon().empty(dtypeCodes.float32, [4])
  },
  /** Storages of 4 MB, written to through a view. */
  forgotten: () => () => {
    const storage = addon().empty(dtypeCodes.float32, [1 << 20])
    addon().fill(addon().view(storage, [1], [1], 0), 1)
  },
}

export type LoopName = keyof typeof loops

function read(): Reading {
  return { resident: process.memoryUsage().rss, reserved: addon().memory().reserved }
}

function run(name: LoopName, steps: number): Reading[] {
  manualSeed(1)
  const step = loops[name]()
  const readings: Reading[] = []
  for (let done = 1; done <= steps; done++) {
    step()
    if (done === Math.floor(steps / 3) || done === steps) readings.push(read())
  }
  return readings
}

const [name, steps] = process.argv.slice(2)
console.log(JSON.stringify(run(name as LoopName, Number(steps))))
