/** The pictures of learning: curves with derivatives, animations, decision regions, confusion, layers, filters. */
import assert from 'node:assert/strict'
import { classic, F, manualSeed, nn, plot, randn, tensor, type Tensor } from '../../lib/index.js'
import { assertSafeSvg, hostile } from './support.js'

const plotlyText = (figure: { toPlotly(): unknown }): string => JSON.stringify(figure.toPlotly())

/** Well formed, small, and without values that are none. */
function assertDrawn(figure: { toSvg(): string; toPlotly?: () => unknown }, most = 100_000): void {
  const svg = figure.toSvg()
  assertSafeSvg(svg)
  assert.ok(svg.length < most, `the SVG has ${svg.length} characters`)
  if (!figure.toPlotly) return
  const json = JSON.stringify(figure.toPlotly())
  assert.ok(json.length < 400_000, `the JSON has ${json.length} characters`)
  assert.doesNotMatch(json, /<(script|img|svg|iframe)/)
}

describe('plot.curve', () => {
  it('draws functions of tensors, modules and functions of numbers', () => {
    for (const figure of [
      plot.curve(F.sigmoid, [-2, 2], { points: 3 }),
      plot.curve((x) => x.sigmoid(), [-2, 2], { points: 3 }),
      plot.curve(new nn.Sigmoid(), [-2, 2], { points: 3 }),
      plot.curve((x: number) => 1 / (1 + Math.exp(-x)), [-2, 2], { points: 3 }),
    ]) {
      const [trace] = figure.spec.panels[0].traces
      assert.ok(trace.kind === 'line')
      assert.deepEqual([...trace.x], [-2, 0, 2])
      trace.y.forEach((v, i) => assert.ok(Math.abs(v - [0.1192, 0.5, 0.8808][i]) < 1e-4))
    }
  })

  it('sets the derivative beside it, by autograd or by differences', () => {
    for (const figure of [
      plot.curve((x) => x.pow(3), [-1, 1], { points: 5, derivative: true }),
      plot.curve((x: number) => x ** 3, [-1, 1], { points: 5, derivative: true }),
    ]) {
      const [, right] = figure.spec.panels
      const [slope] = right.traces
      assert.ok(slope.kind === 'line')
      slope.y.forEach((v, i) => assert.ok(Math.abs(v - [3, 0.75, 0, 0.75, 3][i]) < 1e-4))
      assertDrawn(figure)
    }
    assert.equal(plot.curve(Math.sin, [0, 1], { derivative: 'overlay' }).spec.panels[0].traces.length, 2)
    assertDrawn(plot.curve({ relu: F.relu, [hostile[0]]: new nn.ELU() }, [-3, 3], { derivative: true }))
    // The slope of a step is 0 wherever it has one.
    const step = plot.curve((x) => x.gt(0).float(), [-1, 1], { derivative: true }).spec.panels[1].traces[0]
    assert.ok(step.kind === 'line' && step.y.every((v) => v === 0))
  })

  it('says what is wrong', () => {
    assert.throws(() => plot.curve(F.relu, [1, 1]), /the span is \[1, 1\]/)
    assert.throws(() => plot.curve((x) => x.sum(), [0, 1]), /gives 1 values for 401 points/)
    assert.throws(
      () =>
        plot.curve(
          (_: number) => {
            throw new RangeError('mine')
          },
          [0, 1],
        ),
      /mine/,
    )
  })
})

describe('plot.animate', () => {
  const frames = (n: number) =>
    Array.from({ length: n }, (_, i) => plot.line({ a: [0, i], b: [1, 2] }, { title: hostile[1] }))

  it('holds frames on the same axes, with slider and buttons', () => {
    const animation = plot.animate(frames(10), { prefix: 'epoch ', interval: 50 })
    const { data, frames: moments, layout } = animation.toPlotly()
    assert.equal(data.length, 2)
    assert.equal(moments?.length, 10)
    // The second curve stands still and is sent once.
    assert.deepEqual(moments?.[9]['traces'], [0])
    const [{ steps }] = layout['sliders'] as { steps: unknown[] }[]
    assert.equal(steps.length, 10)
    assert.deepEqual(animation.frame(0).spec.panels[0].y.limits, animation.frame(-1).spec.panels[0].y.limits)
    assertDrawn(animation)
    assert.match(String(animation), /^Animation of 10 frames\nFigure/)
    assert.deepEqual(Object.keys(animation.toBundle()), [
      'application/vnd.plotly.v1+json',
      'image/svg+xml',
      'text/plain',
    ])
  })

  it('keeps evenly many of very many frames and draws only those', () => {
    let drawn = 0
    const animation = plot.animate(1000, (i) => {
      drawn++
      return plot.scatter([i], [i])
    })
    assert.equal(drawn, 120)
    assert.deepEqual([animation.labels[0], animation.labels.at(-1)], ['0', '999'])
  })

  it('takes frames with fewer traces, several panels, surfaces', () => {
    assertDrawn(plot.animate([plot.line([1]), plot.line({ a: [1], b: [2] })]))
    assertDrawn(plot.animate([plot.grid([plot.line([1]), plot.line([2])])]))
    assertDrawn(plot.animate(8, (i) => plot.surface((x, y) => x * y * i)))
    assert.throws(() => plot.animate([]), /no frames/)
    assert.throws(() => plot.animate([plot.line([1])], { labels: [1, 2] }), /2 labels for 1 frames/)
    assert.throws(
      () => plot.animate([plot.line([1]), plot.grid([plot.line([1]), plot.line([1])])]),
      /frame 1 has 2 panels/,
    )
  })

  it('lets optimizers race', () => {
    const path = Array.from({ length: 200 }, (_, i) => [Math.cos(i / 30), Math.sin(i / 40)])
    const race = plot.race((x: Tensor, y: Tensor) => x.pow(2).add(y.pow(2).mul(10)), {
      sgd: path,
      adam: path.slice(0, 50),
    })
    assert.ok(race.frames.length <= 60)
    const { frames: moments, data } = race.toPlotly()
    assert.equal(data.length, 5)
    // The contours below are sent once.
    assert.ok(moments?.every((moment) => !(moment['traces'] as number[]).includes(0)))
    assertDrawn(race)
    assert.throws(() => plot.race((x) => x, {}), /no paths/)
  })
})

describe('plot.decisionBoundary', () => {
  manualSeed(3)
  const { x, y } = classic.makeMoons(60, { noise: 0.1 })

  it('asks estimators, modules and functions of every kind', () => {
    const svm = new classic.SVM({ C: 10 }).fit(x, y)
    const scores = (columns: number) => new nn.Linear(2, columns)
    for (const model of [
      svm,
      new classic.LogisticRegression().fit(x, y),
      new classic.KMeans(3).fit(x),
      scores(1),
      scores(2),
      scores(4),
      (points: Tensor) => points.select(1, 0).gt(0.5),
      new nn.Sequential(scores(1), new nn.Sigmoid()),
    ]) {
      const figure = plot.decisionBoundary(model, x, y, { resolution: 40 })
      assertDrawn(figure)
      const [map] = figure.spec.panels[0].traces
      assert.ok(map.kind === 'heatmap' && map.values.every(Number.isFinite))
    }
    const figure = plot.decisionBoundary((a: number, b: number) => (a > b ? 1 : -1), x, y, { labels: hostile })
    assertDrawn(figure)
    const rings = plot
      .decisionBoundary(svm, x, y)
      .spec.panels[0].traces.find((t) => t.kind === 'scatter' && t.symbol === 'ring')
    assert.ok(rings?.kind === 'scatter' && rings.x.length === svm.supportVectors.shape[0])
  })

  it('leaves a module in the mode that it was in', () => {
    const net = new nn.Sequential(new nn.Linear(2, 2), new nn.Dropout(0.5))
    net[0].eval()
    plot.decisionBoundary(net, x, y, { resolution: 10 })
    assert.deepEqual(
      net.modules().map(({ training }) => training),
      [true, false, true],
    )
  })

  it('stands empty and single points, and says what is wrong', () => {
    assertDrawn(plot.decisionBoundary((a: number, b: number) => a + b, [[1, 2]], [0], { resolution: 10 }))
    assert.throws(() => plot.decisionBoundary(new nn.Linear(3, 1), [[1, 2, 3]], [0]), /X has shape \[1, 3\]/)
    assert.throws(() => plot.decisionBoundary(new nn.Linear(2, 1), [[1, 2]], [0, 1]), /2 labels for 1 points/)
    assert.throws(() => plot.decisionBoundary((points: Tensor) => points.sum(), x, y), /gives shape \[\]/)
  })
})

describe('plot.confusionMatrix', () => {
  it('counts as scikit-learn does', () => {
    const figure = plot.confusionMatrix([0, 1, 2, 2, 2], [0, 0, 2, 2, 1])
    const [trace] = figure.spec.panels[0].traces
    assert.ok(trace.kind === 'heatmap')
    assert.deepEqual([...trace.values], [1, 0, 0, 1, 0, 0, 0, 1, 2])
    assert.equal(figure.spec.title, 'Confusion matrix · accuracy 60.0 %')
    const values = (normalize: 'true' | 'pred' | 'all') => {
      const [t] = plot.confusionMatrix([0, 1, 1], [0, 0, 1], { normalize }).spec.panels[0].traces
      return t.kind === 'heatmap' ? [...t.values].map((v) => Math.round(v * 100)) : []
    }
    assert.deepEqual(values('true'), [100, 0, 50, 50])
    assert.deepEqual(values('pred'), [50, 0, 50, 100])
    assert.deepEqual(values('all'), [33, 0, 33, 33])
  })

  it('takes scores, names, nothing and hostile names', () => {
    const scores = tensor([
      [0.1, 0.9],
      [0.8, 0.2],
    ])
    assert.match(String(plot.confusionMatrix(tensor([1, 0]), scores)), /accuracy 100/)
    assertDrawn(plot.confusionMatrix(['cat', 'dog'], ['dog', 'dog'], { normalize: true }))
    assertDrawn(plot.confusionMatrix([0, 1], [1, 1], { labels: hostile.slice(0, 2) }))
    assertDrawn(plot.confusionMatrix([], []))
    assertDrawn(plot.confusionMatrix([3], [3]))
    assert.throws(() => plot.confusionMatrix([0], [0, 1]), /yTrue has 1 labels, yPred has 2/)
    assert.throws(() => plot.confusionMatrix([0, 5], [0, 1], { labels: ['a', 'b'] }), /label 5 is not among/)
  })
})

describe('plot.activations, gradients, weights, ridge', () => {
  const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(8, 2))

  it('gather what each layer gives and leave no trace in the model', () => {
    const figure = plot.activations(net, randn(50, 4))
    assert.deepEqual(figure.spec.panels[0].y.categories, ['0 Linear', '1 ReLU', '2 Dropout', '3 Linear'])
    assertDrawn(figure)
    assert.ok(net.training && !Object.hasOwn(net.children()[0], 'forward'))
    assert.match(plotlyText(plot.activations(net, randn(50, 4), { filter: /ReLU/ })), /1 ReLU/)
    assert.throws(
      () => plot.activations(net, randn(50, 4), { filter: /Conv/ }),
      /nothing passes the filter; there are 0 Linear/,
    )
    assert.throws(() => plot.activations(net, randn(50, 3)))
    assert.ok(net.training && !Object.hasOwn(net.children()[0], 'forward'))
  })

  it('draw gradients by magnitude', () => {
    assert.throws(() => plot.gradients(net), /call loss\.backward\(\) first/)
    net.forward(randn(50, 4)).square().sum().backward()
    const figure = plot.gradients(net)
    assert.equal(figure.spec.panels[0].x.scale, 'log')
    assertDrawn(figure)
    assertDrawn(plot.weights(net))
  })

  it('stand missing, empty, flat and hostile data', () => {
    assertDrawn(plot.ridge({}))
    assertDrawn(plot.ridge({ empty: [], nan: [NaN, Infinity], one: [3], flat: [2, 2, 2], [hostile[0]]: [1, 2, 3] }))
    assertDrawn(plot.ridge({ zero: [0, 0], mixed: [0, 1e-9, -1e3] }, { log: true }))
    assertDrawn(plot.ridge(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`layer ${i}`, randn(1000)])), {}))
  })
})

describe('plot.images and plot.filters', () => {
  it('colour predictions right and wrong', () => {
    const batch = randn(3, 1, 4, 4)
    const grid = plot.images(batch, { labels: [7, 4, 1], predictions: tensor([7, 9, 1]) })
    assert.deepEqual(
      [grid.look.titles, grid.look.correct],
      [
        ['7', '9 (is 4)', '1'],
        [true, false, true],
      ],
    )
    const scored = plot.images(batch, {
      labels: [0, 1, 1],
      predictions: [
        [1, 0],
        [1, 0],
        [0, 1],
      ],
      classes: ['cat', hostile[0]],
    })
    assert.deepEqual(scored.look.correct, [true, false, true])
    assertDrawn(scored)
    assert.throws(() => plot.images(batch, { labels: [1] }), /1 labels for 3 images/)
  })

  it('show weights as images', () => {
    assert.equal(plot.filters(new nn.Conv2d(1, 16, 5)).pixels.length, 16)
    assert.equal(plot.filters(new nn.Conv2d(3, 4, 5)).pixels.length, 4)
    assert.equal(plot.filters(new nn.Conv2d(6, 4, 3)).pixels.length, 24)
    const linear = plot.filters(new nn.Linear(784, 100))
    assert.deepEqual([linear.pixels.length, linear.height, linear.width], [64, 28, 28])
    assertDrawn(plot.filters(randn(5, 6), { height: 2, title: hostile[0] }))
    assert.throws(() => plot.filters(randn(5, 7)), /7 inputs are no image/)
    assert.throws(() => plot.filters(randn(5)), /shape \[5\]/)
  })
})
