/**
 * A DataLoader beside the network that it feeds: augmented MNIST in batches of 100, two workers, and the network of section
 * 3.6. Each is timed alone, then both together; what the loop then waits for the loader is told as well.
 */
import { data, datasets, F, manualSeed, nn, optim, transforms } from '../lib/index.js'
import type { Tensor } from '../lib/index.js'
import type { TorchPeer } from './peer.js'

/** Batches that are timed, after the first ones. */
const batches = 300
const warmup = 20

/** One side's milliseconds for a batch. */
export interface LoaderTimes {
  readonly loader: number
  readonly step: number
  readonly together: number
  /** Of `together`: waited for the loader. */
  readonly waiting: number
}

/** Milliseconds of one pass for each batch, and of these, how many pass before the body begins. */
function pass(loader: Iterable<[Tensor, Tensor]>, body: (images: Tensor, labels: Tensor) => void): [number, number] {
  let [seen, waited, begin, before] = [0, 0, 0, performance.now()]
  for (const [images, labels] of loader) {
    const now = performance.now()
    if (seen === warmup) begin = now
    if (seen > warmup) waited += now - before
    body(images, labels)
    before = performance.now()
    if (seen++ === warmup + batches) break
  }
  return [(before - begin) / batches, waited / batches]
}

export function timeLoader(workers: number): LoaderTimes {
  manualSeed(1)
  const digits = new datasets.MNIST({
    transform: new transforms.Compose([
      new transforms.RandomCrop(28, { padding: 2 }),
      new transforms.RandomRotation(10),
      new transforms.Normalize(0.1307, 0.3081),
    ]),
  })
  const loader = new data.DataLoader(digits, {
    batchSize: 100,
    shuffle: true,
    numWorkers: workers,
    persistentWorkers: workers > 0,
  })
  const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 500), new nn.ReLU(), new nn.Linear(500, 10))
  const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3 })
  const step = (images: Tensor, labels: Tensor): void => {
    optimizer.zeroGrad()
    F.crossEntropy(net.forward(images), labels).backward()
    optimizer.step()
  }
  const one = digits.getBatch(Array.from({ length: 100 }, (_, i) => i)) as [Tensor, Tensor]
  const same = Array.from({ length: warmup + batches + 1 }, () => one)
  const times = {
    loader: pass(loader as Iterable<[Tensor, Tensor]>, () => {})[0],
    step: pass(same, step)[0],
  }
  const [together, waiting] = pass(loader as Iterable<[Tensor, Tensor]>, step)
  loader.close()
  return { ...times, together, waiting }
}

const turns = 3
const workers = 2

/** Times both sides in turns and reports the best turn of each. */
export async function timeLoaders(
  torch: TorchPeer | null,
  report: (name: string, ours: number, peer: number | null) => void,
): Promise<void> {
  const ours: LoaderTimes[] = []
  const peer: LoaderTimes[] = []
  for (let turn = 0; turn < turns; turn++) {
    ours.push(timeLoader(workers))
    const answer = await torch?.answer('augmented MNIST, 2 workers')
    if (answer) peer.push(JSON.parse(answer) as LoaderTimes)
  }
  if (peer.length === 0) console.log('torchvision is not installed and left out')
  const best = (sides: LoaderTimes[], what: keyof LoaderTimes): number => Math.min(...sides.map((side) => side[what]))
  const names = {
    loader: 'augmented MNIST: a batch of the loader alone',
    step: 'augmented MNIST: a step of the MLP alone',
    together: 'augmented MNIST: both together',
    waiting: 'augmented MNIST: of it waiting',
  } as const
  for (const [what, name] of Object.entries(names) as [keyof LoaderTimes, string][])
    report(name, best(ours, what), peer.length > 0 ? best(peer, what) : null)
}
