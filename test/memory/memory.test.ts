/** Memory stays bounded in a synchronous loop: nobody disposes, and the event loop never turns. */
import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { addon } from '../../lib/device/addon.js'
import { autograd, rand, zeros, type Tensor } from '../../lib/index.js'
import type { LoopName, Reading } from './loops.js'

const program = fileURLToPath(new URL('loops.js', import.meta.url))

/** What a loop of so many steps holds after a third of them and at the end. */
async function readings(name: LoopName, steps: number): Promise<[Reading, Reading]> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, name, String(steps)])
  return JSON.parse(stdout) as [Reading, Reading]
}

describe('memory', function () {
  this.timeout(240_000)

  const loops: [name: LoopName, steps: number, what: string][] = [
    ['mlp', 10_000, 'over 10,000 training steps'],
    ['cnn', 10_000, 'over 10,000 steps of a convolutional network'],
    ['dropped', 3_000, 'when large tensors are dropped one after the other'],
    ['small', 2_000_000, 'when small tensors are made by the million'],
    ['forgotten', 5_000, 'when handles of the native engine are forgotten'],
  ]
  for (const [name, steps, what] of loops)
    it(`stays flat ${what}`, async () => {
      const [before, after] = await readings(name, steps)
      for (const kind of ['resident', 'reserved'] as const) {
        const grown = (after[kind] - before[kind]) / 1e6
        assert.ok(grown < 80, `${kind}: grew by ${grown} MB from ${before[kind] / 1e6} MB`)
      }
      assert.ok(after.resident < 450e6, `resident: ${after.resident / 1e6} MB`)
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
