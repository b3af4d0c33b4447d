/** Scales: ticks that people would choose. */
import assert from 'node:assert/strict'
import { fixed, formatDuration, formatRate, formatValue, scientific } from '../../lib/plot/format.js'
import { extentOf, linearTicks, logTicks, makeScale } from '../../lib/plot/scale.js'

const labels = (ticks: readonly { label: string }[]) => ticks.map((t) => t.label)

describe('plot scales', () => {
  it('put ticks at round numbers', () => {
    assert.deepEqual(labels(linearTicks(0, 1, 5)), ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0'])
    assert.deepEqual(labels(linearTicks(-8, 8, 4)), ['−5', '0', '5'])
    assert.deepEqual(labels(linearTicks(0, 3000, 6)), ['0', '500', '1,000', '1,500', '2,000', '2,500', '3,000'])
    assert.deepEqual(labels(linearTicks(0, 3, 12, true)), ['0', '1', '2', '3'])
    assert.deepEqual(labels(linearTicks(0, 4e6, 4)), ['0', '1×10⁶', '2×10⁶', '3×10⁶', '4×10⁶'])
  })

  it('keep ticks inside the axis and few, whatever the numbers', () => {
    for (const [low, high] of [
      [0, 1e-12],
      [-1e300, 1e300],
      [1e15, 1e15 + 1],
      [-3, 7e8],
      [5, 5 + 1e-9],
    ] as const) {
      const ticks = linearTicks(low, high, 6)
      assert.ok(ticks.length >= 1 && ticks.length <= 14, `${low}..${high} has ${ticks.length}`)
      for (const { value } of ticks)
        assert.ok(value >= low - (high - low) * 1e-6 && value <= high + (high - low) * 1e-6)
    }
  })

  it('mark decades on a log axis', () => {
    assert.deepEqual(labels(logTicks(1e-6, 1, 8)), ['10⁻⁶', '10⁻⁵', '10⁻⁴', '0.001', '0.01', '0.1', '1'])
    assert.deepEqual(labels(logTicks(1, 20, 6)), ['1', '2', '5', '10', '20'])
    assert.ok(logTicks(1e-300, 1e300, 6).length <= 8)
  })

  it('place values, and refuse those that an axis cannot show', () => {
    const log = makeScale([1, 100], { kind: 'log' })
    assert.equal(log.position(10), 0.5)
    assert.ok(Number.isNaN(log.position(0)) && Number.isNaN(log.position(-1)) && Number.isNaN(log.position(Infinity)))
    const linear = makeScale([-Number.MAX_VALUE, Number.MAX_VALUE])
    assert.equal(linear.position(0), 0.5)
    assert.ok(Number.isNaN(linear.position(NaN)))
  })

  it('give room to a single value and a domain to none', () => {
    assert.deepEqual(makeScale([3, 3]).domain, [2.7, 3.3])
    assert.deepEqual(makeScale(extentOf([])).domain, [0, 1])
    assert.deepEqual(makeScale(extentOf([[-1, 0]], 'log'), { kind: 'log' }).domain, [1, 10])
  })

  it('ignore gaps in the extent', () => {
    assert.deepEqual(
      extentOf([
        [NaN, 2, Infinity],
        [-1, -Infinity],
      ]),
      [-1, 2],
    )
    assert.deepEqual(extentOf([[-5, 0, 3, 4]], 'log'), [3, 4])
  })
})

describe('plot number formats', () => {
  it('write values short', () => {
    const cases: [number, string][] = [
      [0.0071, '0.00710'],
      [2.302585, '2.303'],
      [0.98123, '0.9812'],
      [98.123, '98.12'],
      [12345.6, '12,346'],
      [5, '5'],
      [-3, '−3'],
      [3.2e-7, '3.2×10⁻⁷'],
      [0, '0'],
      [NaN, 'nan'],
      [-Infinity, '−∞'],
    ]
    for (const [value, expected] of cases) assert.equal(formatValue(value), expected)
  })

  it('write decimals, powers, durations and rates', () => {
    assert.equal(fixed(-1234.5, 1), '−1,234.5')
    assert.equal(fixed(-0.001, 1), '0.0')
    assert.equal(scientific(1.5e6, 3), '1.5×10⁶')
    assert.deepEqual(
      [7.26, 0.04].map((s) => formatDuration(s, true)),
      ['7.3 s', '40 ms'],
    )
    assert.deepEqual(
      [7, 725, 3723].map((s) => formatDuration(s)),
      ['0:07', '12:05', '1:02:03'],
    )
    assert.deepEqual([143.2, 2.13, 0.25, 0, Infinity].map(formatRate), ['143 it/s', '2.1 it/s', '4.0 s/it', '', ''])
  })
})
