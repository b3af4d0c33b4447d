/** The engine in several JavaScript threads at once: each has its own handles, all share the pools, ending one harms none. */
import assert from 'node:assert/strict'
import { Worker } from 'node:worker_threads'
import { join } from 'node:path'
import { addon, dtypeCodes, packageRoot } from '../../lib/device/addon.js'
import { distance, make, noise, values } from './support.js'

const path = join(packageRoot(), 'build', 'Release', 'gradbook.node')

/** Multiplies in a loop and posts one element of the last product. */
const program = `
  const { parentPort, workerData } = require('node:worker_threads')
  const engine = require(workerData.path)
  engine.sizes.set([200, 200])
  const a = engine.emptySized(0, 2)
  engine.fill(a, 0.5)
  let last = 0
  for (let i = 0; i < 50; i++) {
    const out = engine.emptySized(0, 2)
    engine.gemm(out, a, a, null, false, false)
    const corner = engine.viewSized(out, 0, 0)
    last = engine.item(corner)
  }
  parentPort.postMessage(last)
`

describe('native engine in several threads', () => {
  it('computes at once in workers and in the main thread', async function () {
    this.timeout(20000)
    const results = [0, 1, 2].map(
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(program, { eval: true, workerData: { path } })
          let answer = NaN
          worker.on('message', (value: number) => (answer = value))
          worker.on('error', reject)
          worker.on('exit', () => resolve(answer))
        }),
    )
    const a = make([300, 300], noise(90000))
    const out = addon().empty(dtypeCodes.float32, [300, 300])
    addon().gemm(out, a, a, null, false, false)
    const first = values(out, 90000)
    for (let i = 0; i < 20; i++) {
      addon().gemm(out, a, a, null, false, false)
      assert.ok(distance(values(out, 90000), first) === 0)
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.deepEqual(await Promise.all(results), [50, 50, 50])
    addon().gemm(out, a, a, null, false, false)
    assert.ok(distance(values(out, 90000), first) === 0)
  })

  it('survives the end of a worker that is still computing', async function () {
    this.timeout(20000)
    const worker = new Worker(program.replace('i < 50', 'i < 1e9'), { eval: true, workerData: { path } })
    await new Promise((resolve) => worker.once('online', resolve))
    await new Promise((resolve) => setTimeout(resolve, 200))
    assert.equal(await worker.terminate(), 1)
    const a = make([4], [1, 2, 3, 4])
    assert.deepEqual(values(a, 4), [1, 2, 3, 4])
  })
})
