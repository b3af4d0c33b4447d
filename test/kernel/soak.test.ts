/** Thousands of cells in one session: memory stays where it was. */
import assert from 'node:assert/strict'
import { patience, useKernel, valueOf } from '../support/kernel.js'

const cells = 5000
/** Cells between two readings. The memory sways by a hundred MB as collections come and go, so several are compared. */
const step = 250
/** Cells in flight at the same time, so that the time is the kernel's and not that of round trips. */
const together = 50

describe('five thousand cells', function () {
  this.timeout(8 * patience)
  const kernel = useKernel()

  const run = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += together)
      await Promise.all(
        Array.from({ length: together }, (_, i) => kernel().execute(code(done + i), { storeHistory: true })),
      )
  }
  const code = (i: number): string =>
    [
      `var counted = ${i}; counted + 1`,
      `console.log('cell', ${i}, [1, 2, 3])`,
      `const { mean } = { mean: randn(10).mean().item() }; mean < 100`,
      `display.html('<b>${i}</b>')`,
      `await Promise.resolve(${i})`,
    ][i % 5]

  /** Megabytes after a collection. */
  const memory = async (): Promise<number> => {
    const collect = `require('v8').setFlagsFromString('--expose-gc'); require('vm').runInNewContext('gc')()`
    return Number(await valueOf(kernel(), `${collect}; process.memoryUsage().rss / 2 ** 20`))
  }

  it('leave the memory as it was after the first thousand', async () => {
    const readings: number[] = []
    for (let done = 0; done < cells; done += step) {
      await run(step)
      readings.push(await memory())
    }
    const early = Math.max(...readings.slice(1000 / step - 1, 2000 / step))
    const late = Math.min(...readings.slice(-1000 / step))
    console.log(`      MB after every ${step} cells: ${readings.map((mb) => mb.toFixed(0)).join(' ')}`)
    assert.ok(late < 1.25 * early + 20, `${early} MB at most became ${late} MB at least`)
    assert.ok(Math.max(...readings) < 800, `it reached ${Math.max(...readings)} MB`)
    assert.equal(await valueOf(kernel(), 'counted'), String(step - 5))
  })
})
