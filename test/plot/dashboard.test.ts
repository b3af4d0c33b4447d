/** The training dashboard with a clock and a sink of the test: how often it draws, and how it ends. */
import assert from 'node:assert/strict'
import { activeDisplays, dashboard, line, live, type Dashboard } from '../../lib/plot/index.js'
import { Metric, parseName } from '../../lib/plot/history.js'
import { assertSafeSvg, Clock, hostile, mute, recorded, svgOf } from './support.js'

const plotly = 'application/vnd.plotly.v1+json'

/** Ten milliseconds a step. */
function train(board: Dashboard, clock: Clock, steps: number): void {
  for (let i = 0; i < steps; i++) {
    clock.time += 10
    board.step({ loss: 2 / (1 + i) })
  }
}

describe('training dashboard', () => {
  beforeEach(mute)
  afterEach(() => recorded(() => activeDisplays.finishAll('done')))

  it('has one display, drawn at most five times a second and at the ends of epochs', async () => {
    const clock = new Clock()
    const shown = await recorded(() => {
      const board = dashboard({ epochs: 2, stepsPerEpoch: 500, now: clock.now })
      for (let e = 0; e < 2; e++) {
        train(board, clock, 500)
        board.epoch({ accuracy: 0.9 + e / 100, valLoss: 0.1 })
      }
      board.end()
    })
    // 10 s of steps: the first picture, up to 50 while running, 2 at epochs, 1 at the end.
    assert.ok(shown.length >= 45 && shown.length <= 54, `${shown.length} pictures`)
    assert.equal(shown[0]?.kind, 'display')
    assert.ok(shown.slice(1).every((s) => s.kind === 'update'))
    assert.equal(new Set(shown.map((s) => s.id)).size, 1)
    for (const { bundle } of shown.slice(0, -1)) assert.deepEqual(Object.keys(bundle), ['image/svg+xml', 'text/plain'])
    assert.deepEqual(Object.keys(shown.at(-1)?.bundle ?? {}), [plotly, 'image/svg+xml', 'text/plain'])
    for (const s of shown) assertSafeSvg(svgOf(s))
    assert.equal(activeDisplays.size, 0)
  })

  it('averages over steps, however rarely a metric is reported', () => {
    const metric = new Metric('testAccuracy')
    metric.perStep = true
    for (const [step, value] of [
      [1, 0.1],
      [51, 0.8],
      [101, 0.9],
    ])
      metric.add(step, value, 0.9)
    assert.ok(Math.abs(metric.current - 0.9) < 0.01)
    const often = new Metric('loss')
    often.perStep = true
    for (const step of [1, 2, 3]) often.add(step, step, 0.5)
    assert.ok(Math.abs(often.current - (0.125 + 0.5 + 1.5) / 0.875) < 1e-12)
  })

  it('slows down when drawing is slow', async () => {
    const clock = new Clock()
    // Every look at the clock costs 5 ms, so a drawing seems to take as long.
    const slow = () => (clock.time += 5)
    const shown = await recorded(() => {
      const board = dashboard({ interval: 1, now: slow })
      for (let i = 0; i < 1000; i++) board.step({ loss: 1 })
    })
    assert.ok(shown.length < 60, `${shown.length} pictures`)
  })

  it('stays small however long the run', async () => {
    const clock = new Clock()
    const shown = await recorded(() => {
      const board = dashboard({ epochs: 20, stepsPerEpoch: 2000, now: clock.now })
      for (let e = 0; e < 10; e++) {
        for (let i = 0; i < 2000; i++) board.step({ loss: Math.random() })
        clock.time += 1000
        board.epoch({ accuracy: Math.random(), valLoss: Math.random(), valAccuracy: Math.random() })
      }
    })
    for (const s of shown) assert.ok(svgOf(s).length < 15_000, `${svgOf(s).length} characters`)
  })

  it('groups validation with training', () => {
    const names = [
      'loss',
      'valLoss',
      'val_loss',
      'test/accuracy',
      'trainF1',
      'value',
      'valence',
      'testimony',
      'val',
      'validationMAE',
    ]
    assert.deepEqual(
      names.map((n) => Object.values(parseName(n)).join(':')),
      [
        'loss:train',
        'loss:val',
        'loss:val',
        'accuracy:test',
        'F1:train',
        'value:train',
        'valence:train',
        'testimony:train',
        'val:train',
        'MAE:val',
      ],
    )
    const board = dashboard({ epochs: 2 })
    board.step({ loss: 1 })
    board.epoch({ accuracy: 0.5, valLoss: 2, valAccuracy: 0.4 })
    assert.deepEqual(
      board.figure().spec.panels.map((p) => p.title),
      ['loss', 'accuracy'],
    )
  })

  it('tabulates epochs with the mean of their steps', () => {
    const clock = new Clock()
    const board = dashboard({ epochs: 3, now: clock.now })
    board.step({ loss: 1 })
    board.step({ loss: { item: () => 3 } })
    clock.time = 1500
    board.epoch({ accuracy: 0.5 })
    board.step({ loss: 1 })
    board.step({ loss: 1 })
    clock.time = 2500
    board.epoch({ accuracy: 0.75, loss: 9 })
    assert.deepEqual(board.rows, [
      { epoch: 1, values: { loss: 2, accuracy: 0.5 }, seconds: 1.5 },
      { epoch: 2, values: { loss: 9, accuracy: 0.75 }, seconds: 1 },
    ])
    assert.equal(board.stepsPerEpoch, 2)
    assert.deepEqual(board.history, {
      loss: { step: [1, 2, 3, 4], value: [1, 3, 1, 1] },
      accuracy: { step: [2, 4], value: [0.5, 0.75] },
    })
  })

  it('tells speed, place and remaining time', () => {
    const clock = new Clock()
    const board = dashboard({ epochs: 2, stepsPerEpoch: 100, now: clock.now })
    train(board, clock, 100)
    board.epoch()
    train(board, clock, 50)
    assert.equal(board.status, 'epoch 2/2 · step 50/100')
    assert.equal(board.timing, '100 it/s · ETA 0:01')
    assert.equal(board.fraction, 0.75)
    assert.match(String(board), /^━{18}─{6} epoch 2\/2 · step 50\/100 · 100 it\/s · ETA 0:01 · loss /)
  })

  for (const reason of ['interrupted', 'error'] as const) {
    it(`keeps its picture, marked red, when the cell ends as ${reason}`, async () => {
      const clock = new Clock()
      const shown = await recorded(() => {
        const board = dashboard({ epochs: 5, stepsPerEpoch: 600, now: clock.now })
        train(board, clock, 600)
        board.epoch({ accuracy: 0.9 })
        train(board, clock, 310)
        activeDisplays.finishAll(reason)
        activeDisplays.finishAll('done')
      })
      const last = shown.at(-1)
      assert.deepEqual(Object.keys(last?.bundle ?? {}), ['image/svg+xml', 'text/plain'])
      assert.match(svgOf(last), /fill="#dc2626"/)
      assert.match(svgOf(last), /stopped( by an error)? at epoch 2, step 310/)
      assert.match(svgOf(last), /accuracy/)
    })
  }

  it('goes on in the next cell without counting the pause', async () => {
    const clock = new Clock()
    const shown = await recorded(() => {
      const board = dashboard({ epochs: 1, stepsPerEpoch: 200, now: clock.now })
      train(board, clock, 100)
      activeDisplays.finishAll('done')
      assert.equal(board.status, 'paused at epoch 1, step 100')
      clock.time += 60_000
      train(board, clock, 100)
      assert.equal(activeDisplays.size, 1)
      assert.match(board.timing, /^10[01] it\/s · ETA 0:00$/)
      activeDisplays.finishAll('done')
      assert.equal(board.state, 'done')
    })
    assert.equal(new Set(shown.map((s) => s.id)).size, 1)
    assert.match(svgOf(shown.at(-1)), /fill="#16a34a"/)
  })

  it('prints one line for each epoch where only text is shown', async () => {
    const clock = new Clock()
    const shown = await recorded(() => {
      const board = dashboard({ epochs: 2, stepsPerEpoch: 100, title: 'MLP', now: clock.now })
      for (let e = 0; e < 2; e++) {
        train(board, clock, 100)
        board.epoch({ accuracy: 0.5 })
      }
      board.end()
    }, true)
    const lines = shown.map((s) => String(s.bundle['text/plain']))
    assert.equal(lines.length, 3)
    assert.match(lines[0] ?? '', /^MLP: epoch 1\/2 · loss 0\.\d+ · accuracy 0\.5000 · 1\.0 s$/)
    assert.match(lines[2] ?? '', /2 epochs · 200 steps · 100 it\/s · 2\.0 s/)
    assert.ok(shown.every((s) => s.kind === 'display' && s.id === undefined))
  })

  it('shows a loss that is no number', () => {
    const board = dashboard({ epochs: 1, stepsPerEpoch: 3 })
    for (const loss of [1, NaN, Infinity]) board.step({ loss })
    assertSafeSvg(String(board.toBundle()['image/svg+xml']))
    assert.match(String(board), /loss nan/)
    assert.doesNotThrow(() => JSON.stringify(board.toBundle()))
  })

  it('escapes titles and names', () => {
    for (const text of hostile) {
      const board = dashboard({ epochs: 2, title: text })
      board.step({ [text]: 1 })
      board.epoch({ [`val_${text}`]: 2 })
      board.step({ [text]: 1 })
      const bundle = board.toBundle()
      assertSafeSvg(String(bundle['image/svg+xml']))
      assert.doesNotMatch(JSON.stringify(bundle[plotly]), /[<>]/)
      activeDisplays.delete(board)
    }
  })

  it('says what was wrong', () => {
    assert.throws(() => dashboard({ epochs: 0 }), /epochs is 0; a whole number from 1/)
    const board = dashboard()
    assert.throws(() => board.step({ loss: 'x' as never }), /board\.step: loss is the string "x"/)
  })
})

describe('live figures', () => {
  it('skip figures when they come too fast, never the last', async () => {
    const clock = new Clock()
    const shown = await recorded(() => {
      const view = live({ now: clock.now })
      for (let i = 0; i < 100; i++) {
        clock.time += 10
        view.update(line([i, i], { title: `figure ${i}` }))
      }
      view.end()
    })
    assert.ok(shown.length <= 7)
    assert.match(svgOf(shown.at(-1)), /figure 99/)
    assert.ok(plotly in (shown.at(-1)?.bundle ?? {}))
    assert.equal(activeDisplays.size, 0)
  })

  it('draw only what is shown when they are given functions', async () => {
    const clock = new Clock()
    let drawn = 0
    const shown = await recorded(() => {
      const view = live({ now: clock.now })
      for (let i = 0; i < 100; i++) {
        clock.time += 10
        view.update(() => line([++drawn, i], { title: `figure ${i}` }))
      }
      view.end()
    })
    assert.ok(drawn <= 7 && drawn === shown.length)
    assert.match(svgOf(shown.at(-1)), /figure 99/)
  })
})

describe('active displays', () => {
  it('all end, even when one fails', async () => {
    const warned = new Promise((resolve) => process.once('warning', resolve))
    const ended: string[] = []
    activeDisplays.add({ finish: () => assert.fail('broken display') })
    activeDisplays.add({ finish: (reason) => ended.push(reason) })
    activeDisplays.finishAll('interrupted')
    assert.deepEqual(ended, ['interrupted'])
    assert.equal(activeDisplays.size, 0)
    assert.match(String(await warned), /broken display/)
  })
})
