/** Thinning of long curves keeps spikes and gaps. */
import assert from 'node:assert/strict'
import { thin, thinScatter } from '../../lib/plot/thin.js'

describe('thinning a curve', () => {
  const n = 10_000
  const x = Float64Array.from({ length: n }, (_, i) => i)
  const y = x.map((v) => Math.sin(v / 500))

  it('keeps ends and every spike', () => {
    const spiky = y.slice()
    for (const i of [1, 777, 5003, 9998]) spiky[i] = i % 2 === 0 ? 50 : -50
    const { x: tx, y: ty } = thin(x, spiky, 300)
    assert.ok(tx.length <= 300 && tx.length > 200)
    assert.equal(tx[0], 0)
    assert.equal(tx[tx.length - 1], n - 1)
    for (const i of [1, 777, 5003, 9998]) assert.equal(ty[tx.indexOf(i)], spiky[i])
  })

  it('keeps the order and the values', () => {
    const { x: tx, y: ty } = thin(x, y, 120)
    tx.forEach((v, i) => {
      assert.ok(i === 0 || v > (tx[i - 1] ?? 0))
      assert.equal(ty[i], y[v])
    })
  })

  it('keeps gaps', () => {
    const gap = y.slice().fill(NaN, 3000, 4000)
    gap[7000] = Infinity
    const { x: tx, y: ty } = thin(x, gap, 300)
    assert.ok(tx.some((v, i) => v >= 3000 && v < 4000 && Number.isNaN(ty[i])))
    assert.equal(ty[tx.indexOf(7000)], Infinity)
  })

  it('keeps the extremes of both coordinates of a path', () => {
    const px = x.map((v) => Math.cos(v / 700) * (v === 4321 ? 9 : 1))
    const { x: tx } = thin(px, y, 300)
    assert.ok(tx.includes(px[4321] ?? NaN))
    assert.ok(tx.length <= 300)
  })

  it('leaves short curves alone', () => {
    assert.deepEqual([...thin([1, 2], [3, 4], 300).y], [3, 4])
    assert.equal(thin([], [], 300).x.length, 0)
  })

  it('drops points that cover each other', () => {
    assert.deepEqual(thinScatter([1, 1.2, 5], [1, 1.1, 5], 1), [0, 2])
  })
})
