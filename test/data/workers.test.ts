/** Workers of a DataLoader: the same batches as PyTorch's, errors in the loop, and a clean end. */
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { installInterrupt, resetAfterStop } from '../../lib/device/interrupt.js'
import { arange, data, datasets, manualSeed, rand, transforms, type Tensor } from '../../lib/index.js'
import { readGolden } from '../support/golden.js'

const file = new URL('./modules/draws.js', import.meta.url)
const library = new URL('../../lib/index.js', import.meta.url)

async function fromFile<T>(name: string, ...args: unknown[]): Promise<data.Dataset<T>> {
  return (await data.fromModule(file, name, ...args)) as data.Dataset<T>
}

/** What is printed as a warning meanwhile. */
async function warnings(body: () => unknown): Promise<string[]> {
  const before = console.warn
  const seen: string[] = []
  console.warn = (text: string) => void seen.push(text)
  try {
    await body()
  } finally {
    console.warn = before
  }
  return seen
}

const flat = (batches: Iterable<Tensor>): number[] => [...batches].flatMap((x) => x.toArray() as number[])

describe('DataLoader with workers', function () {
  this.timeout(60_000)

  it("draws PyTorch's numbers in its workers, pass after pass, and afterwards", async () => {
    const golden = readGolden<{ workers: number[][][]; after: number }>('data')
    const draws = await fromFile<Tensor>('Draws')
    manualSeed(7)
    const loader = new data.DataLoader(draws, { batchSize: 2, numWorkers: 2 })
    for (const pass of golden.workers)
      assert.deepEqual(
        [...loader].map((x) => Array.from(x.toTypedArray(), Number)),
        pass.map((batch) => batch.map(Math.fround)),
      )
    assert.equal(rand(1).item(), Math.fround(golden.after))
  })

  it('gives the batches of the main thread in their order, by for…of and for await', async () => {
    const dataset = new data.Subset(new data.TensorDataset(arange(40).view(20, 2)), [3, 1, 4, 15, 9, 2, 6, 5, 8, 7, 0])
    const options = { batchSize: 3, shuffle: true }
    manualSeed(2)
    const here = [...new data.DataLoader(dataset, options)].map(([x]) => x.toArray())
    manualSeed(2)
    const loader = new data.DataLoader(dataset, { ...options, numWorkers: 2, persistentWorkers: true })
    assert.deepEqual(
      [...loader].map(([x]) => x.toArray()),
      here,
    )
    manualSeed(2)
    const later: unknown[] = []
    for await (const [x] of loader) later.push(x.toArray())
    assert.deepEqual(later, here)
    loader.close()
  })

  it('reads the same digits as the main thread', () => {
    const digits = new datasets.MNIST({ train: false })
    const [images, labels] = [...new data.DataLoader(digits, { batchSize: 10_000, numWorkers: 1 })][0]
    assert.ok(images.equal(digits.data.unsqueeze(1).float().div(255)))
    assert.ok(labels.equal(digits.targets))
  })

  it('shares a stream among workers, each with its part', async () => {
    const counting = await fromFile<number>('Counting', 10)
    const loader = new data.DataLoader(counting, { batchSize: 2, numWorkers: 2 })
    assert.ok(Number.isNaN(loader.length))
    assert.deepEqual(
      [...loader].map((x) => x.toArray()),
      [[0, 2], [1, 3], [4, 6], [5, 7], [8], [9]],
    )
    assert.deepEqual(flat(new data.DataLoader(counting, { batchSize: 4 })), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('carries what a worker throws to the loop, and the error itself as its cause', async () => {
    const loader = new data.DataLoader(await fromFile<number>('Fragile', 5), { batchSize: 2, numWorkers: 2 })
    const seen: number[] = []
    assert.throws(
      () => {
        for (const x of loader) seen.push(x.size(0))
      },
      (error: Error) =>
        error.name === 'RangeError' &&
        /DataLoader: worker 0 failed at Fragile\.get\(5\): sample 5 is broken/.test(error.message) &&
        (error.cause as Error).stack?.includes('draws') === true,
    )
    assert.deepEqual(seen, [2, 2])
    await assert.rejects(async () => {
      for await (const x of loader) seen.push(x.size(0))
    }, /sample 5 is broken/)
  })

  it('says what a worker was reading: a whole batch, a collate, a stream', async () => {
    const digits = new datasets.MNIST({ train: false, transform: new transforms.CenterCrop(5) })
    const wrong = new data.Subset(digits, [5, 6])
    const all = new data.DataLoader(wrong, { batchSampler: [[0], [1, 7]], numWorkers: 1 })
    assert.throws(() => [...all], /worker 0 failed at Subset\.getBatch\(\[1, 7\]\): MNIST: no sample/)
    const uneven = (await data.fromModule(file, 'uneven')) as data.Dataset<Tensor>
    assert.throws(
      () => [...new data.DataLoader(uneven, { batchSize: 10, numWorkers: 1 })],
      /worker 0 failed at the collate of Uneven's samples 0, 1, 2, 3, 4, 5, 6, 7, … \(10\): collate: sample 0 has shape/,
    )
    const broken = new data.DataLoader(await fromFile<number>('Breaking'), { batchSize: 2, numWorkers: 1 })
    assert.throws(
      () => [...broken],
      (error: Error) =>
        error.name === 'SyntaxError' &&
        /worker 0 failed at sample 3 of Breaking: the line is broken/.test(error.message),
    )
  })

  describe('ends its threads, and begins anew,', () => {
    type Loop = (loader: data.DataLoader<Tensor>, body: (seen: number) => void) => Promise<void>
    const loops: Record<string, Loop> = {
      'for…of': async (loader, body) => {
        let seen = 0
        for (const batch of loader) body((seen += batch.size(0)))
        await Promise.resolve()
      },
      'for await': async (loader, body) => {
        let seen = 0
        for await (const batch of loader) body((seen += batch.size(0)))
      },
    }
    /** What the stop button does, without the kernel. */
    const stop = (seen: number, flag: Int32Array): void => {
      if (seen === 20) flag[0] = 1
    }
    const fail = (): never => {
      throw new RangeError('mine')
    }

    /** Resolves when the threads have ended: their hearts stand still. */
    async function stillness(beats: Int32Array): Promise<void> {
      for (let before = -1; before !== beats[0];) {
        before = beats[0]
        await new Promise((resolve) => setTimeout(resolve, 40))
      }
    }

    for (const [name, loop] of Object.entries(loops)) {
      const make = async (): Promise<{ beats: Int32Array; loader: data.DataLoader<Tensor> }> => {
        const beats = new Int32Array(new SharedArrayBuffer(4))
        const dataset = await fromFile<Tensor>('Beating', beats)
        return { beats, loader: new data.DataLoader(dataset, { batchSize: 10, numWorkers: 2 }) }
      }
      /** The next loop over the same loader goes to the end, and leaves no thread either. */
      const again = async (beats: Int32Array, loader: data.DataLoader<Tensor>): Promise<void> => {
        assert.ok(beats[0] > 0)
        await stillness(beats)
        let most = 0
        await loop(loader, (seen) => (most = seen))
        assert.equal(most, 1000)
        await stillness(beats)
      }

      it(`after an error in the body of ${name}`, async () => {
        const { beats, loader } = await make()
        await assert.rejects(loop(loader, fail), /^RangeError: mine$/)
        await again(beats, loader)
      })

      it(`after a stop in ${name}`, async () => {
        const { beats, loader } = await make()
        const flag = new Int32Array(1)
        class KernelInterrupt extends Error {}
        installInterrupt(flag, () => {
          flag[0] = 0
          throw new KernelInterrupt('stopped')
        })
        let most = 0
        await assert.rejects(
          loop(loader, (seen) => {
            most = seen
            stop(seen, flag)
          }),
          KernelInterrupt,
        )
        assert.equal(most, 20)
        await again(beats, loader)
      })

      it(`after a stop that skips the finally of ${name}`, async () => {
        const { beats, loader } = await make()
        const iterator = name === 'for…of' ? loader[Symbol.iterator]() : loader[Symbol.asyncIterator]()
        await iterator.next()
        resetAfterStop()
        await again(beats, loader)
        await assert.rejects(async () => void (await iterator.next()), /this pass was ended by a stop; begin a new one/)
      })
    }

    it('after break', async () => {
      const beats = new Int32Array(new SharedArrayBuffer(4))
      const dataset = await fromFile<Tensor>('Beating', beats)
      const loader = new data.DataLoader(dataset, { batchSize: 10, numWorkers: 2 })
      for (const batch of loader) if (batch.size(0)) break
      await stillness(beats)
      for await (const batch of loader) if (batch.size(0)) break
      await stillness(beats)
      assert.equal([...loader].length, 100)
      await stillness(beats)
    })

    it('but keeps those that are to persist, for the next pass', async () => {
      const beats = new Int32Array(new SharedArrayBuffer(4))
      const dataset = await fromFile<Tensor>('Beating', beats)
      const loader = new data.DataLoader(dataset, { batchSize: 10, numWorkers: 1, persistentWorkers: true })
      const iterator = loader[Symbol.iterator]()
      iterator.next()
      resetAfterStop()
      const before = beats[0]
      await new Promise((resolve) => setTimeout(resolve, 60))
      assert.ok(beats[0] > before)
      assert.equal([...loader].length, 100)
      loader.close()
      await stillness(beats)
    })
  })

  it('notices a worker that ends, and one that is stuck', async () => {
    const deadly = new data.DataLoader(await fromFile<number>('Deadly'), { numWorkers: 1 })
    assert.throws(() => [...deadly], /worker 0 failed: it ended/)
    await assert.rejects(async () => {
      for await (const x of deadly) void x
    }, /worker 0 failed: it ended/)
    const stuck = new data.DataLoader(await fromFile<number>('Stuck'), { numWorkers: 1, timeout: 0.7 })
    assert.throws(() => [...stuck], /worker 0 gave no batch within 0.7 s/)
    await assert.rejects(async () => {
      for await (const x of stuck) void x
    }, /worker 0 gave no batch within 0.7 s/)
  })

  it('says why a data set of this thread stays here, and still reads it', async () => {
    const digits = new datasets.MNIST({ train: false, transform: (x) => x.mul(2) })
    const loader = new data.DataLoader(digits, { batchSize: 5000, numWorkers: 2 })
    const texts = await warnings(() => {
      assert.equal([...loader].length, 2)
      assert.equal([...loader].length, 2)
    })
    assert.equal(texts.length, 1)
    assert.match(
      texts[0],
      /numWorkers: 2 has no effect.*MNIST\[0\]\.transform is a function of this thread.*fromModule/,
    )
    class Here extends data.TensorDataset<[Tensor]> {}
    const derived = new data.DataLoader(new Here(arange(4)), { numWorkers: 1 })
    assert.match((await warnings(() => [...derived]))[0], /an object of the class Here/)
  })

  it('collates here when the collate cannot go there, and there when it can', async () => {
    const fragile = await fromFile<number>('Fragile', -1)
    const here = new data.DataLoader(fragile, { batchSize: 4, numWorkers: 1, collate: (x) => x.join('+') })
    assert.deepEqual([...here], ['0+1+2+3', '4+5+6+7', '8+9'])
    const collate = (await data.fromModule(file, 'plusOne')) as (x: number[]) => number[]
    assert.deepEqual([...new data.DataLoader(fragile, { batchSize: 5, numWorkers: 1, collate })][1], [6, 7, 8, 9, 10])
  })

  it('tells what a module lacks', async () => {
    await assert.rejects(data.fromModule(file, 'Nothing'), /exports no class or function 'Nothing'; it exports .*Draws/)
    await assert.rejects(
      data.fromModule(file, 'notAnObject'),
      /notAnObject .* gave 5, expected an object or a function/,
    )
    await assert.rejects(data.fromModule('./nowhere.js', 'X'), /nowhere/)
  })

  it('lets the process end in the middle of a pass, in any way of leaving it', () => {
    const code = `
      import { arange, data } from '${library.href}'
      const loader = new data.DataLoader(new data.TensorDataset(arange(1000)), { numWorkers: 2, persistentWorkers: true })
      for (const batch of loader) break
      for await (const batch of loader) break
      const open = loader[Symbol.iterator]()
      open.next()
      const later = loader[Symbol.asyncIterator]()
      await later.next()
      console.log('left')`
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', timeout: 30_000 })
    assert.equal(run.status, 0, run.stderr)
    assert.equal(run.stdout.trim(), 'left')
  })
})
