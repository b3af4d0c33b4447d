/** Contours, surfaces, bands, error bars and annotations: geometry, functions of numbers and of tensors, sizes, empty data. */
import assert from 'node:assert/strict'
import { bar, contour, type Figure, grid, line, scatter, surface } from '../../lib/plot/index.js'
import { contourLines } from '../../lib/plot/contour-lines.js'
import { interpolate } from '../../lib/plot/grid-values.js'
import { tensor, type Tensor } from '../../lib/index.js'
import { assertSafeSvg, hostile } from './support.js'

const traceOf = ({ spec }: Figure) => spec.panels[0].traces[0]
const plotlyText = (figure: Figure): string => JSON.stringify(figure.toPlotly())

describe('contour lines', () => {
  const cone = (n: number) => {
    const values = new Float64Array(n * n)
    for (let i = 0; i < n * n; i++) values[i] = Math.hypot((i % n) - (n - 1) / 2, Math.floor(i / n) - (n - 1) / 2)
    return { values, rows: n, columns: n }
  }

  it('close around a peak', () => {
    const [circle, ...others] = contourLines(cone(41), 12.3)
    assert.deepEqual(others, [])
    assert.deepEqual([circle.columns.at(-1), circle.rows.at(-1)], [circle.columns[0], circle.rows[0]])
    circle.columns.forEach((c, i) => assert.ok(Math.abs(Math.hypot(c - 20, circle.rows[i] - 20) - 12.3) < 0.02))
    const length = circle.columns
      .slice(1)
      .reduce((sum, c, i) => sum + Math.hypot(c - circle.columns[i], circle.rows[i + 1] - circle.rows[i]), 0)
    assert.ok(Math.abs(length / (2 * Math.PI * 12.3) - 1) < 0.01)
  })

  it('run from edge to edge, and around what is missing', () => {
    const plane = { values: Float64Array.from({ length: 35 }, (_, i) => i % 7), rows: 5, columns: 7 }
    const [only, ...others] = contourLines(plane, 2.5)
    assert.deepEqual(others, [])
    assert.deepEqual(only.columns, [2.5, 2.5, 2.5, 2.5, 2.5])
    assert.deepEqual([...only.rows].sort(), [0, 1, 2, 3, 4])
    plane.values[2 * 7 + 2] = NaN
    const broken = contourLines(plane, 2.5)
    assert.equal(broken.length, 2)
  })

  it('part at a saddle without crossing', () => {
    const saddle = { values: Float64Array.of(1, 0, 0, 1), rows: 2, columns: 2 }
    assert.equal(contourLines(saddle, 0.4).length, 2)
    assert.equal(contourLines(saddle, 2).length, 0)
  })

  it('interpolate between points, also on the border', () => {
    const square = { values: Float64Array.of(0, 1, 2, 3), rows: 2, columns: 2 }
    assert.equal(interpolate(square, 0.5, 0.5), 1.5)
    assert.equal(interpolate(square, 1, 1), 3)
    assert.ok(Number.isNaN(interpolate(square, 1.1, 0)))
  })
})

describe('plot.contour and plot.surface', () => {
  it('take functions of numbers, functions of tensors, and grids', () => {
    const span = { x: [0, 2], y: [0, 1], resolution: 3 } as const
    const expected = [0, 1, 2, 1, 2, 3, 2, 3, 4]
    for (const figure of [
      contour((x, y) => x + 2 * y, span),
      contour((x: Tensor, y: Tensor) => x.add(y.mul(2)), span),
      contour(tensor(expected).view(3, 3), span),
    ]) {
      const trace = traceOf(figure)
      assert.ok(trace.kind === 'contour')
      assert.deepEqual([...trace.values], expected)
      assert.deepEqual([...trace.x], [0, 1, 2])
      assert.deepEqual([...trace.y], [0, 0.5, 1])
    }
    const { scene } = surface((x: Tensor, y: Tensor) => x.add(y.mul(2)), span).spec.panels[0]
    assert.deepEqual([...(scene?.values ?? [])], expected)
  })

  it('draw what a slide needs within bounds', () => {
    const path = Array.from({ length: 5000 }, (_, i) => [Math.cos(i / 50), Math.sin(i / 70)])
    for (const figure of [
      contour((x, y) => x * x + y * y, { paths: { 'a & b': path, c: [tensor([0, 0]), tensor([1, 1])] }, title: '<b>' }),
      contour((x, y) => x * x + y * y, { log: true, filled: false }),
      surface((x, y) => x * x - y * y, { paths: path, title: '<b>', zlabel: 'loss' }),
      grid([contour((x) => x), surface((x) => x)]),
    ]) {
      const svg = figure.toSvg()
      assertSafeSvg(svg)
      assert.ok(svg.length < 100_000, `${svg.length}`)
      assert.ok(plotlyText(figure).length < 250_000)
      assert.doesNotMatch(plotlyText(figure), /<b>/)
    }
  })

  it('name levels at unequal distances by their values', () => {
    const { data } = contour((x, y) => x * x + y * y, { levels: [0.1, 1, 10] }).toPlotly()
    const [{ contours, colorbar }] = data as [{ contours: object; colorbar: { ticktext: string[] } }]
    assert.deepEqual(contours, { start: 0, end: 2, size: 1, coloring: 'fill' })
    assert.deepEqual(colorbar.ticktext, ['0.1000', '1', '10'])
  })

  it('stand missing and flat data', () => {
    for (const z of [
      [[1]],
      [
        [1, 1],
        [1, 1],
      ],
      [
        [NaN, NaN],
        [NaN, NaN],
      ],
      [
        [0, NaN, 2],
        [1, 2, 3],
      ],
      [],
    ])
      for (const figure of [...(z.length ? [contour(z), surface(z)] : []), contour(() => NaN), surface(() => 0)]) {
        assertSafeSvg(figure.toSvg())
        assert.doesNotMatch(plotlyText(figure), /NaN|Infinity/)
      }
    assertSafeSvg(contour((x) => x, { paths: { none: [] } }).toSvg())
  })

  it('say what is wrong', () => {
    assert.throws(() => contour((x) => x, { x: [1, 1] }), /plot\.contour: x is \[1, 1\]/)
    assert.throws(() => contour((x) => x, { levels: [2, 1] }), /level 1 is 1/)
    assert.throws(() => contour((x) => x, { resolution: 1 }), /resolution is 1/)
    assert.throws(() => contour((x) => x, { paths: [[1, 2, 3]] }), /the path has shape \[1, 3\]; points \[N, 2\]/)
    assert.throws(() => contour((x: Tensor) => x.sum()), /gives 1 values for 3721 points/)
    assert.throws(() => contour([[-1, -2]], { log: true }), /above 0/)
    assert.throws(() => contour([[1, 2]], { colormap: 'jet' as never }), /no colour map "jet"; there are viridis/)
    assert.throws(
      () =>
        contour(() => {
          throw new Error('own mistake')
        }),
      /own mistake/,
    )
  })
})

describe('bands, error bars and annotations', () => {
  it('stand in SVG and in plotly', () => {
    const figure = line(
      { a: [1, 2, 3] },
      {
        errors: { a: [0.1, 0.2, 0.3] },
        annotations: [
          { x: 1, y: 2, text: hostile[0], offset: [20, -20] },
          { from: [0, 1], x: 2, y: 3, color: 'red' },
        ],
      },
    )
    assertSafeSvg(figure.toSvg())
    const { data, layout } = figure.toPlotly()
    assert.equal(data[0]['fill'], 'toself')
    const notes = layout['annotations'] as { text: string; ax: number; axref?: string }[]
    assert.equal(notes[0].text, '&lt;script&gt;alert(1)&lt;/script&gt;')
    assert.deepEqual([notes[1].ax, notes[1].axref], [0, 'x'])
    const bars = bar({ a: 1, b: 2 }, { errors: { a: 0.1, b: 0.2 }, yscale: 'log' })
    assertSafeSvg(bars.toSvg())
    assert.deepEqual((bars.toPlotly().data[0]['error_y'] as { array: number[] }).array, [0.1, 0.2])
    assert.throws(() => line([1, 2], { errors: [1] }), /errors has 1 values for 2 points/)
    assert.throws(() => bar([1, 2], { errors: [1] }), /1 errors for 2 bars/)
    assert.throws(() => line([1], { annotations: [{ x: 0, y: 1, color: '"/>' }] }).toSvg(), /is not a colour/)
  })

  it('show texts of points where the pointer stands', () => {
    const figure = scatter([1, 2], [3, 4], { hover: hostile.slice(0, 2), symbol: 'diamond' })
    assertSafeSvg(figure.toSvg())
    assert.match(figure.toSvg(), /<title>&#60;script/)
    assert.doesNotMatch(plotlyText(figure), /<script/)
    for (const symbol of ['circle', 'ring', 'square', 'cross', 'star'] as const)
      assertSafeSvg(scatter([1, NaN], [3, 4], { symbol }).toSvg())
    assert.throws(() => scatter([1, 2], [3, 4], { hover: ['a'] }), /1 hover texts for 2 points/)
  })
})
