/** Figures as SVG, plotly JSON and text, hostile strings included. */
import assert from 'node:assert/strict'
import { bar, Figure, type FigureSpec, grid, heatmap, histogram, line, scatter } from '../../lib/plot/index.js'
import { displayHook } from '../../lib/plot/mime.js'
import { assertSafeSvg, hostile } from './support.js'

const plotly = 'application/vnd.plotly.v1+json'
const panel = ({ spec }: { spec: FigureSpec }) => {
  assert.equal(spec.panels.length, 1)
  return spec.panels[0]
}

describe('figures', () => {
  const x = Float64Array.from({ length: 50 }, (_, i) => i)

  it('show themselves as plotly, SVG and text', () => {
    const bundle = line({ σ: [x, x.map(Math.sqrt)] }, { title: 'Roots', xlabel: 'n' })[displayHook]()
    assert.deepEqual(Object.keys(bundle), [plotly, 'image/svg+xml', 'text/plain'])
    assertSafeSvg(String(bundle['image/svg+xml']))
    assert.match(String(bundle['image/svg+xml']), /^<svg xmlns="[^"]+" width="640" height="400" viewBox="0 0 640 400"/)
    assert.match(String(bundle['text/plain']), /Figure: Roots\n {2}line σ: 50 points, x 0 … 49, y 0 … 7/)
    const { data, layout, config } = bundle[plotly] as ReturnType<Figure['toPlotly']>
    assert.equal(data[0]?.['type'], 'scatter')
    assert.deepEqual((data[0]?.['x'] as number[]).slice(0, 3), [0, 1, 2])
    assert.equal((layout['title'] as { text: string }).text, 'Roots')
    assert.equal(config['displaylogo'], false)
    assert.deepEqual(JSON.parse(JSON.stringify(bundle)), JSON.parse(JSON.stringify(bundle)))
  })

  it('take y, x and y, and named series', () => {
    for (const figure of [
      line([4, 5]),
      line([0, 1], [4, 5]),
      line({ a: [4, 5] }),
      line({
        a: [
          [0, 1],
          [4, 5],
        ],
      }),
    ]) {
      const [trace] = panel(figure).traces
      assert.ok(trace?.kind === 'line')
      assert.deepEqual(
        [[...trace.x], [...trace.y]],
        [
          [0, 1],
          [4, 5],
        ],
      )
    }
  })

  it('leave gaps where a value cannot be drawn, and draw nothing for no data', () => {
    const svg = line([1, 2, NaN, 3, Infinity, 4], { yscale: 'log' }).toSvg()
    assertSafeSvg(svg)
    assert.equal(svg.match(/d="(M[^"]*)" fill="none" stroke="#0072b2"/)?.[1]?.match(/M/g)?.length, 3)
    const json = line([1, NaN, -Infinity]).toPlotly()
    assert.deepEqual(json.data[0]?.['y'], [1, null, null])
    for (const empty of [line([]), scatter([], []), bar([]), histogram([]), line([NaN]), grid([])]) {
      assertSafeSvg(empty.toSvg())
      assert.doesNotThrow(() => JSON.stringify(empty.toPlotly()))
    }
    assert.match(line([]).toSvg(), /no data/)
  })

  it('keep long curves small and their spikes visible', () => {
    const long = Float64Array.from({ length: 100_000 }, (_, i) => (i === 54_321 ? 99 : Math.random()))
    const figure = line(long)
    assert.ok(figure.toSvg().length < 8000)
    const { data } = figure.toPlotly()
    const y = data[0]?.['y'] as number[]
    assert.ok(y.length <= 5000 && y.includes(99))
  })

  it('survive the largest and smallest numbers', () => {
    for (const values of [
      [-Number.MAX_VALUE, Number.MAX_VALUE],
      [0, Number.MIN_VALUE],
      [1e15, 1e15 + 1],
      [5, 5],
    ]) {
      assertSafeSvg(line(values).toSvg())
      assertSafeSvg(scatter(values, values).toSvg())
      assertSafeSvg(bar(values).toSvg())
    }
  })

  it('group bars and name them', () => {
    const groups = bar({ sigmoid: [1, 2], relu: [3, 4] }, { labels: ['one', 'two'], yscale: 'log' })
    assert.deepEqual(groups.spec.panels[0]?.x.categories, ['one', 'two'])
    const { data, layout } = groups.toPlotly()
    assert.deepEqual(
      data.map((d) => [d['type'], d['name']]),
      [
        ['bar', 'sigmoid'],
        ['bar', 'relu'],
      ],
    )
    assert.equal(layout['barmode'], 'group')
    assert.deepEqual(bar({ sgd: 1, adam: { item: () => 2 } }).spec.panels[0]?.x.categories, ['sgd', 'adam'])
    assert.throws(() => bar([1, 2], { labels: ['a'] }), /1 labels for 2 bars/)
  })

  it('count values into bins', () => {
    const [trace] = panel(histogram([0, 0.1, 0.5, 1, NaN], { bins: 2 })).traces
    assert.ok(trace?.kind === 'histogram')
    assert.deepEqual(
      [[...trace.edges], [...trace.counts]],
      [
        [0, 0.5, 1],
        [2, 2],
      ],
    )
    const [dense] = panel(histogram([0, 1, 2, 3], { bins: 2, density: true })).traces
    assert.ok(dense?.kind === 'histogram')
    assert.ok(Math.abs(dense.counts.reduce((sum, c) => sum + c * 1.5, 0) - 1) < 1e-12)
  })

  it('colour points by class', () => {
    const figure = scatter(
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
      { labels: [10, 2, 10] },
    )
    assert.deepEqual(
      panel(figure).traces.map((t) => t.kind === 'scatter' && [t.name, [...t.x]]),
      [
        ['2', [2]],
        ['10', [0, 4]],
      ],
    )
    assert.throws(() => scatter([1, 2], [3, 4], { labels: [1] }), /1 labels for 2 points/)
  })

  it('draw matrices with rows from the top, or upwards with coordinates', () => {
    const confusion = heatmap(
      [
        [1, 2],
        [3, NaN],
      ],
      { annotate: true, rows: ['a', 'b'], columns: ['a', 'b'] },
    )
    assertSafeSvg(confusion.toSvg())
    assert.match(confusion.toSvg(), />nan<\/text>/)
    assert.equal(panel(confusion).y.reversed, true)
    const [trace] = confusion.toPlotly().data
    assert.deepEqual(
      [trace?.['type'], trace?.['z']],
      [
        'heatmap',
        [
          [1, 2],
          [3, null],
        ],
      ],
    )
    const surface = heatmap(
      [
        [1, 2, 3],
        [3, 4, 5],
      ],
      { x: [0, 2], y: [10, 20] },
    )
    assert.equal(panel(surface).y.reversed, false)
    const [map] = panel(surface).traces
    assert.ok(map?.kind === 'heatmap')
    assert.deepEqual(
      [map.xEdges, map.yEdges],
      [
        [-0.5, 2.5],
        [5, 25],
      ],
    )
  })

  it('combine', () => {
    const both = heatmap(
      [
        [1, 2],
        [3, 4],
      ],
      { x: [0, 1], y: [0, 1] },
    ).overlay(scatter({ points: [[0], [1]] }, { title: 'Points', xlabel: 'x₁' }))
    assert.deepEqual(
      panel(both).traces.map((t) => t.kind),
      ['heatmap', 'scatter'],
    )
    assert.deepEqual([both.spec.title, panel(both).x.label], ['Points', 'x₁'])
    const row = grid([line([1, 2], { title: 'left' }), both], { title: 'Two' })
    assert.deepEqual(
      row.spec.panels.map((p) => p.title),
      ['left', 'Points'],
    )
    assertSafeSvg(row.toSvg())
    const { layout } = row.toPlotly()
    const domain = (axis: string) => (layout[axis] as { domain: [number, number] }).domain
    assert.ok(domain('xaxis')[1] < domain('xaxis2')[0])
    assert.throws(() => row.overlay(both), /one panel/)
  })

  it('do not change when changed', () => {
    const first = line([1, 2], { title: 'a' })
    const second = first.with({ title: 'b', yscale: 'log', ylim: [1, 10] })
    assert.deepEqual(
      [first.spec.title, panel(first).y.scale, second.spec.title, panel(second).y.scale],
      ['a', undefined, 'b', 'log'],
    )
  })

  it('say what was wrong', () => {
    assert.throws(() => line([1, 2], [1, 2, 3]), /x has 2 values but y has 3/)
    assert.throws(() => line({ "σ'": [[1, 2], null] }), /plot\.line: σ': y is null .*backward/)
    assert.throws(() => line([1], { ylim: [0, 1], yscale: 'log' }), /log axis starts above 0/)
    assert.throws(() => line([1], { xlim: [2, 1] }), /xlim is \[2, 1\]/)
    assert.throws(() => line([1], { color: 'url(#x)' }).toSvg(), /is not a colour/)
    assert.throws(() => heatmap([[1]], { rows: ['a', 'b'] }), /2 row names for 1 rows/)
  })
})

describe('hostile strings in figures', () => {
  for (const text of hostile) {
    const options = { title: text, xlabel: text, ylabel: text, guides: [{ y: 1, label: text }] }
    const figures = [
      line({ [text]: [1, 2, 3], other: [3, 2, 1] }, options),
      scatter([1, 2], [1, 2], { ...options, labels: [text, 'b'] }),
      bar({ [text]: 1, b: 2 }, options),
      histogram({ [text]: [1, 2, 3], b: [1] }, options),
      heatmap([[1, 2]], { ...options, columns: [text, 'b'], rows: [text], annotate: () => text }),
      grid([line([1], { title: text }), line([2])], { title: text }),
    ]
    it(`stay text: ${JSON.stringify(text)}`, () => {
      for (const figure of figures) {
        assertSafeSvg(figure.toSvg())
        // Only our own strings may hold markup for plotly, and they hold none.
        assert.doesNotMatch(JSON.stringify(figure.toPlotly()), /[<>]/)
      }
    })
  }
})
