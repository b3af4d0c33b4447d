/** Views of models and tensors: summary, drawings, trees, statistics, timeline. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { F, manualSeed, nn, plot, randn, summary, tensor, zeros, type Tensor } from '../../lib/index.js'
import { displayHook, type MimeBundle } from '../../lib/plot/mime.js'
import { describeStatistics, miniHistogram, statistics } from '../../lib/plot/statistics.js'
import { assertSafeSvg, hostile } from './support.js'

const shown = (value: unknown): MimeBundle => (value as { [displayHook](): MimeBundle })[displayHook]()

/** Well-formed HTML of our own elements, in which every ampersand and bracket of a user is escaped. */
function assertSafeHtml(html: string): void {
  const open: string[] = []
  for (const [, closing, name, attributes] of html.matchAll(/<(\/?)([a-z]+)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*>/g)) {
    assert.match(name, /^(div|pre|span|b|details|summary|img|table|thead|tbody|tr|th|td)$/)
    assert.doesNotMatch(attributes, /\son\w+=|javascript:/i)
    if (name === 'img') continue
    if (closing) assert.equal(open.pop(), name)
    else open.push(name)
  }
  assert.deepEqual(open, [])
  assert.doesNotMatch(html.replace(/<\/?[a-z]+(?:\s+[\w-]+(?:="[^"]*")?)*\s*>/g, ''), /[<>]/)
}

class Named extends nn.Module {
  readonly inner = new nn.Linear(3, 2)
  override extraRepr(): string {
    return hostile.join(' ')
  }
  forward(x: Tensor): Tensor {
    return this.inner.forward(x)
  }
}

const cnn = () =>
  new nn.Sequential(
    new nn.Conv2d(1, 16, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 5, { padding: 2 }),
    new nn.BatchNorm2d(32),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(1568, 10),
  )

describe('summary', () => {
  it("has torchinfo's numbers", () => {
    const net = cnn()
    ;(net[0] as nn.Conv2d).weight.requiresGrad_(false)
    const table = summary(net, [50, 1, 28, 28])
    assert.deepEqual(
      [table.totalParams, table.trainableParams, table.multAdds],
      [29_002, 28_602, 16_307_200 + 125_753_600 + 3_200 + 784_500],
    )
    assert.deepEqual(
      table.rows.map(({ multAdds }) => multAdds).filter(Boolean),
      [16_307_200, 125_753_600, 3200, 784_500],
    )
    assert.deepEqual(table.rows[4].outputShape, [50, 32, 14, 14])
    const text = String(table)
    for (const line of [
      'Input size (MB): 0.16',
      'Forward/backward pass size (MB): 10.04',
      'Params size (MB): 0.12',
      'Estimated total size (MB): 10.31',
    ])
      assert.ok(text.includes(line), line)
    assert.match(text, /├─3: Conv2d {2,}\[50, 32, 14, 14\] {2,}12,832 {2,}125,753,600\n/)
    assertSafeHtml(String(table.toBundle()['text/html']))
    assert.equal(summary(new nn.LSTM(10, 20, { numLayers: 2 }), [5, 3, 10]).multAdds, 88_800)
  })

  it('counts shared layers once, and shows what is not called', () => {
    class Net extends nn.Module {
      readonly a = new nn.Linear(8, 8)
      readonly spare = new nn.Linear(8, 3)
      readonly head = new nn.Sequential(new nn.Linear(8, 4, { bias: false }), new nn.Sigmoid())
      forward(x: Tensor): Tensor {
        return this.head.forward(this.a.forward(this.a.forward(x)))
      }
    }
    const table = summary(new Net(), [2, 8])
    assert.deepEqual(
      table.rows.map(({ name, params, multAdds, again, outputShape }) => [name, params, multAdds, again, outputShape]),
      [
        ['', 0, 0, false, [2, 4]],
        ['a', 72, 144, false, [2, 8]],
        ['a', 0, 144, true, [2, 8]],
        ['head', 0, 0, false, [2, 4]],
        ['head.0', 32, 64, false, [2, 4]],
        ['head.1', 0, 0, false, [2, 4]],
        ['spare', 27, 0, false, null],
      ],
    )
    assert.equal(summary(new Net(), [2, 8], { depth: 0 }).rows.length, 1)
  })

  it('takes tensors and token numbers, leaves the model as it was, and says where it fails', () => {
    const net = new nn.Sequential(new nn.Embedding(100, 16), new nn.Linear(16, 2))
    assert.deepEqual(summary(net, [4, 7], { dtype: 'int64' }).rows[0].outputShape, [4, 7, 2])
    assert.deepEqual(summary(net, tensor([[1, 2]]).long()).rows[0].outputShape, [1, 2, 2])
    assert.ok(net.training && !Object.hasOwn(net, 'forward'))
    assert.throws(() => summary(cnn(), [1, 1, 20, 20]), /\(in 8: Linear, given \[1, 800\]\)/)
    assert.throws(() => summary(cnn(), ['28'] as never), /sizes with the batch in front/)
    assertSafeHtml(summary(new Named(), [1, 3]).toHtml())
  })

  it('is saved as text and as a page', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradbook-summary-'))
    const table = summary(new nn.Linear(2, 1), [1, 2])
    assert.match(readFileSync(table.save(join(folder, 'a.txt')), 'utf8'), /Total params: 3/)
    assert.match(readFileSync(table.save(join(folder, 'a.html')), 'utf8'), /<table/)
    rmSync(folder, { recursive: true })
  })
})

describe('plot.network and plot.neuron', () => {
  it('draw layers as circles, abbreviated when large', () => {
    const mlp = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 500), new nn.ReLU(), new nn.Linear(500, 10))
    for (const drawing of [
      plot.network([2, 3, 1], { inputs: hostile, outputs: hostile, title: hostile[0] }),
      plot.network([1]),
      plot.network(mlp),
      plot.network(mlp, { weights: false, maxUnits: 3 }),
    ]) {
      assertSafeSvg(drawing.toSvg())
      assert.ok(drawing.toSvg().length < 20_000)
    }
    assert.equal(String(plot.network(mlp)), 'Network 784 → 500 → 10')
    assert.match(plot.network(mlp).toSvg(), /⋮/)
    const broken = new nn.Linear(2, 2)
    broken.weight.detach().fill_(NaN)
    assertSafeSvg(plot.network(broken).toSvg())
  })

  it('draw other nets as boxes with shapes', () => {
    const drawing = plot.network(cnn(), { inputShape: [1, 1, 28, 28], title: hostile[0] })
    assertSafeSvg(drawing.toSvg())
    assert.equal(String(drawing), 'Sequential: 1@28×28 → 16@28×28 → 16@14×14 → 32@14×14 → 32@7×7 → 1568 → 10')
    assertSafeSvg(plot.network(new nn.LSTM(10, 20), { inputShape: [5, 3, 10] }).toSvg())
    assert.throws(() => plot.network(cnn()), /Conv2d is no linear layer; give inputShape/)
    assert.throws(() => plot.network([2, 0]), /sizes are \[2, 0\]/)
    assert.throws(() => plot.network(new nn.ReLU()), /no linear layers/)
  })

  it('draw a neuron, and compute it when there are numbers', () => {
    assert.match(
      String(plot.neuron({ inputs: [1, 0], weights: [0.5, -0.8], bias: 0.1, activation: F.sigmoid })),
      /z = 0\.6, output 0\.6457/,
    )
    for (const drawing of [
      plot.neuron(),
      plot.neuron({ inputs: hostile, title: hostile[0], activationName: hostile[1] }),
      plot.neuron({ inputs: [1, NaN], weights: tensor([1, 2]), activation: Math.tanh }),
    ])
      assertSafeSvg(drawing.toSvg().replace(/NaN/g, 'nan'))
    assert.throws(() => plot.neuron({ inputs: 2, weights: [1] }), /1 weights for 2 inputs/)
    assert.throws(() => plot.neuron({ inputs: 0 }), /inputs is 0/)
  })
})

describe('tensors and modules at the end of a cell', () => {
  it("keep PyTorch's print as their text", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ])
    const bundle = shown(x)
    assert.deepEqual(Object.keys(bundle), ['text/html', 'text/plain'])
    assert.equal(bundle['text/plain'], 'tensor([[1., 2.],\n        [3., 4.]])')
    const html = String(bundle['text/html'])
    assertSafeHtml(html)
    assert.match(html, /\[2, 2\] float32 · n 4 · x ∈ \[1 \S+ .*4\] · μ 2\.500 · σ 1\.291/)
    assert.match(
      html,
      /<details [^>]*><summary[^>]*>heat map<\/summary><img alt="heat map" src="data:image\/png;base64,/,
    )
  })

  it('stay plain text for a single number and for nothing', () => {
    for (const x of [tensor(3), tensor([3]), zeros(0, 3)]) assert.deepEqual(Object.keys(shown(x)), ['text/plain'])
  })

  it('stay small, whatever their shape and kind', () => {
    manualSeed(1)
    for (const x of [
      randn(100_000),
      randn(8, 3, 28, 28),
      randn(2000, 3),
      randn(3, 2000),
      randn(2, 3, 4, 5, 6),
      tensor([true, false]),
      tensor([NaN, NaN]),
      tensor([0, Infinity]),
      tensor([2, 2, 2]),
    ]) {
      const { 'text/html': html } = shown(x)
      assertSafeHtml(String(html))
      assert.ok(String(html).length < 120_000, `${x.shape.join('×')}: ${String(html).length}`)
      assert.doesNotMatch(String(html), /undefined|\[object/)
    }
    assert.match(
      String(shown(tensor([1, NaN, Infinity]))['text/html']),
      /<b style="color:#dc2626">1 nan<\/b> · <b style="color:#dc2626">1 inf/,
    )
  })

  it('fold a module into a tree', () => {
    const net = new nn.Sequential(new Named(), new nn.ReLU())
    ;(net[0] as Named).requiresGrad_(false)
    const bundle = shown(net)
    assert.equal(bundle['text/plain'], net.toString())
    const html = String(bundle['text/html'])
    assertSafeHtml(html)
    assert.match(html, /<details open><summary[^>]*><b[^>]*>Sequential<\/b>/)
    assert.match(html, /8 params, frozen/)
    const self = new nn.Sequential(new nn.ReLU())
    self.append(self as never)
    assertSafeHtml(String(shown(self)['text/html']))
  })

  it('know their statistics', () => {
    const s = statistics([1, 2, 3, 4, NaN, Infinity, 0, 0])
    assert.deepEqual([s.low, s.high, s.nan, s.infinite, s.zeros], [0, 4, 1, 1, 2])
    assert.ok(Math.abs(s.mean - 10 / 6) < 1e-12)
    assert.ok(Math.abs(s.std - Math.sqrt(8 / 3)) < 1e-12)
    assert.deepEqual(describeStatistics(statistics([5, 5])).parts, ['all 5'])
    assert.deepEqual(describeStatistics(statistics([])).parts, [])
    assert.equal(miniHistogram([0, 1, 8]), ' ▂█')
  })
})

describe('plot.timeline', () => {
  it('sets events along the years without overlap, text where the pointer stands', () => {
    const events = Array.from({ length: 30 }, (_, i) => ({
      year: 1943 + 2 * i,
      label: hostile[i % 7],
      text: hostile[0],
      group: i % 2 ? 'a' : hostile[1],
    }))
    const figure = plot.timeline(events, { title: 'History' })
    assertSafeSvg(figure.toSvg())
    assert.match(figure.toSvg(), /<title>1943 · /)
    assert.match(figure.toSvg(), />1960</)
    assert.doesNotMatch(JSON.stringify(figure.toPlotly()), /<(script|img|svg|iframe)/)
    for (const few of [[], [{ year: 2000, label: 'x' }]]) assertSafeSvg(plot.timeline(few).toSvg())
    assert.throws(() => plot.timeline([{ year: NaN, label: 'x' }]), /the year of "x" is NaN/)
  })
})
