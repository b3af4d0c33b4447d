/** Progress bars around loops that end, break, throw and nest. */
import assert from 'node:assert/strict'
import { activeDisplays, dashboard, progress } from '../../lib/plot/index.js'
import { assertSafeSvg, Clock, hostile, recorded, svgOf } from './support.js'

/** Runs through a loop, with something to do for each item. */
function drain(items: Iterable<unknown>, each: () => void = () => {}): void {
  for (const item of items) {
    assert.notEqual(item, undefined)
    each()
  }
}

const green = /fill="#16a34a"/
const red = /fill="#dc2626"/

describe('progress', () => {
  it('gives the same items and turns green', async () => {
    const clock = new Clock()
    const seen: number[] = []
    const shown = await recorded(() => {
      for (const item of progress([5, 6, 7], { description: 'Batches', now: clock.now })) {
        seen.push(item)
        clock.time += 1000
      }
    })
    assert.deepEqual(seen, [5, 6, 7])
    assert.equal(shown[0]?.kind, 'display')
    assert.equal(new Set(shown.map((s) => s.id)).size, 1)
    assert.match(svgOf(shown.at(-1)), green)
    assert.match(String(shown.at(-1)?.bundle['text/plain']), /^Batches ━{24} 3\/3 · 1\.0 it\/s · 3\.0 s$/)
    assert.equal(activeDisplays.size, 0)
  })

  it('is drawn at most five times a second', async () => {
    const clock = new Clock()
    const shown = await recorded(() => {
      drain(progress(1000, { now: clock.now }), () => (clock.time += 10))
    })
    assert.ok(shown.length <= 52 && shown.length >= 45, `${shown.length} pictures`)
  })

  it('turns red when the loop is left or throws', async () => {
    const leave = await recorded(() => {
      for (const i of progress(10)) if (i === 3) break
    })
    assert.match(svgOf(leave.at(-1)), red)
    assert.match(String(leave.at(-1)?.bundle['text/plain']), / 3\/10 .*stopped$/)
    const fail = await recorded(() => {
      assert.throws(() => {
        for (const i of progress(10)) if (i === 3) throw new Error('bad batch')
      }, /bad batch/)
    })
    assert.match(svgOf(fail.at(-1)), red)
  })

  it('turns red when the source fails, and passes its error on', async () => {
    function* source() {
      yield 1
      throw new Error('file is damaged')
    }
    const shown = await recorded(() => {
      assert.throws(() => [...progress(source())], /file is damaged/)
    })
    assert.match(svgOf(shown.at(-1)), red)
    assert.match(String(shown.at(-1)?.bundle['text/plain']), /stopped by an error/)
  })

  it('closes the source when the loop is left', async () => {
    let closed = false
    function* source() {
      try {
        yield* [1, 2, 3]
      } finally {
        closed = true
      }
    }
    await recorded(() => {
      const [first] = progress(source())
      assert.equal(first, 1)
    })
    assert.ok(closed)
  })

  it('wraps asynchronous sources', async () => {
    async function* source() {
      yield* [1, 2]
    }
    const seen: number[] = []
    const shown = await recorded(async () => {
      for await (const item of progress(source(), { total: 2 })) seen.push(item)
    })
    assert.deepEqual(seen, [1, 2])
    assert.match(svgOf(shown.at(-1)), green)
    const left = await recorded(async () => {
      for await (const item of progress(source())) if (item === 1) break
    })
    assert.match(svgOf(left.at(-1)), red)
  })

  it('can be looped over again', async () => {
    const shown = await recorded(() => {
      const bar = progress(3)
      assert.deepEqual(
        [[...bar], [...bar]],
        [
          [0, 1, 2],
          [0, 1, 2],
        ],
      )
    })
    assert.equal(shown.filter((s) => s.kind === 'display').length, 2)
  })

  it('shares one display between nested loops', async () => {
    const clock = new Clock()
    const shown = await recorded(() => {
      drain(progress(3, { description: 'epochs', now: clock.now }), () => {
        drain(progress(4, { description: 'batches', now: clock.now }), () => (clock.time += 100))
      })
    })
    assert.equal(shown.filter((s) => s.kind === 'display').length, 1)
    assert.ok(shown.some((s) => /batches/.test(svgOf(s))))
    assert.ok(
      shown.every((s) => (svgOf(s).match(/batches/g) ?? []).length <= 2),
      'one inner bar at a time',
    )
    const last = String(shown.at(-1)?.bundle['text/plain'])
    assert.match(last, /^epochs .* 3\/3/)
    assert.doesNotMatch(last, /batches/)
  })

  it('is marked when the cell is interrupted', async () => {
    const shown = await recorded(() => {
      const iterator = progress([1, 2, 3])[Symbol.iterator]()
      iterator.next()
      activeDisplays.finishAll('interrupted')
    })
    assert.match(svgOf(shown.at(-1)), red)
  })

  it('leaves the bar to a dashboard', async () => {
    const shown = await recorded(() => {
      const board = dashboard({ epochs: 1 })
      drain(progress([1, 2, 3], { board }), () => board.step())
      board.end()
      assert.equal(board.stepsPerEpoch, 3)
    })
    assert.equal(shown.filter((s) => s.kind === 'display').length, 1)
  })

  it('prints one line at the end where only text is shown', async () => {
    const clock = new Clock()
    const shown = await recorded(() => {
      drain(progress(3, { now: clock.now }), () => (clock.time += 1000))
    }, true)
    assert.deepEqual(
      shown.map((s) => s.bundle['text/plain']),
      ['━'.repeat(24) + ' 3/3 · 1.0 it/s · 3.0 s'],
    )
  })

  it('escapes its description', async () => {
    for (const description of hostile) {
      const shown = await recorded(() => void [...progress(2, { description })])
      for (const s of shown) assertSafeSvg(svgOf(s))
    }
  })

  it('refuses what is no loop', () => {
    assert.throws(() => progress({} as never), /progress: got an object; something that for…of/)
    assert.throws(() => progress(-1), /whole number from 0/)
  })
})
