/** Dropout: how often, how scaled, which channels, gradients through the mask, evaluation, errors. */
import { strict as assert } from 'node:assert'
import { F, Generator, manualSeed, nn, ones, randn, type Tensor } from '../../lib/index.js'

const values = (x: Tensor): number[] => Array.from(x.toTypedArray(), Number)

/** Asserts that every sample and channel of [N, C, …] is whole or dropped as a whole; returns the share dropped. */
function droppedChannels(y: Tensor): number {
  const rows = y.view(y.shape[0] * y.shape[1], -1)
  const [low, high] = [values(rows.amin(1)), values(rows.amax(1))]
  assert.deepEqual(low, high)
  return low.filter((v) => v === 0).length / low.length
}

describe('dropout', () => {
  beforeEach(() => void manualSeed(7))

  it('drops at probability p and scales the rest', () => {
    for (const p of [0.1, 0.5, 0.9]) {
      const y = values(F.dropout(ones(200, 100), p))
      const dropped = y.filter((v) => v === 0).length / y.length
      // Five standard deviations of a share of 20,000.
      assert.ok(Math.abs(dropped - p) < (5 * Math.sqrt(p * (1 - p))) / Math.sqrt(20_000), `${dropped} dropped of ${p}`)
      assert.deepEqual([...new Set(y)].sort(), [0, Math.fround(1 / (1 - p))].sort())
    }
  })

  it('passes gradients where it passed values', () => {
    const x = randn(50, 20).requiresGrad_()
    const y = F.dropout(x, { p: 0.25 })
    y.sum().backward()
    // Adding 0 turns −0, which 0 times a negative number gives, into 0.
    assert.deepEqual(values((x.grad as Tensor).mul(x.detach()).add(0)), values(y.detach()))
  })

  it('is the identity in evaluation and at p 0, and nothing at p 1', () => {
    const x = randn(4, 5)
    assert.equal(F.dropout(x, 0.5, { training: false }), x)
    assert.equal(F.dropout(x, 0), x)
    assert.equal(new nn.Dropout(0.5).eval().forward(x), x)
    assert.equal(F.alphaDropout(x, 0.5), x)
    assert.equal(
      values(F.dropout(x, 1).abs()).reduce((a, b) => a + b),
      0,
    )
  })

  it('repeats itself with a seed, and draws from a generator of its own', () => {
    const x = ones(8, 8)
    const draw = (): number[] => values(new nn.Dropout({ generator: new Generator().manualSeed(3) }).forward(x))
    assert.deepEqual(draw(), draw())
    manualSeed(1)
    const first = values(F.dropout(x))
    manualSeed(1)
    assert.deepEqual(values(F.dropout(x)), first)
    assert.notDeepEqual(values(F.dropout(x)), first)
  })

  it('drops whole channels', () => {
    const cases: [Tensor, (x: Tensor) => Tensor][] = [
      [ones(40, 50, 3), (x) => new nn.Dropout1d(0.3).forward(x)],
      [ones(40, 50, 3, 2), (x) => new nn.Dropout2d(0.3).forward(x)],
      [ones(40, 50, 3, 2, 2), (x) => new nn.Dropout3d(0.3).forward(x)],
      [ones(2000, 4), (x) => new nn.Dropout1d(0.3).forward(x).unsqueeze(0)],
      [ones(2000, 4, 2, 1), (x) => new nn.Dropout3d(0.3).forward(x).unsqueeze(0)],
    ]
    for (const [x, drop] of cases) assert.ok(Math.abs(droppedChannels(drop(x)) - 0.3) < 0.06)
  })

  it('keeps mean and variance in its alpha form', () => {
    const x = randn(400, 100)
    for (const y of [F.alphaDropout(x, 0.2, { training: true }), new nn.AlphaDropout(0.4).forward(x)]) {
      assert.ok(Math.abs(y.mean().item()) < 0.05)
      assert.ok(Math.abs(y.std().item() - 1) < 0.05)
    }
    const y = new nn.FeatureAlphaDropout(0.5).forward(ones(40, 50, 3))
    const rows = y.view(2000, 3)
    assert.deepEqual(values(rows.amin(1)), values(rows.amax(1)))
    assert.equal(new Set(values(y)).size, 2)
  })

  it('says what is no probability, and which shapes it takes', () => {
    const x = ones(2, 2)
    assert.throws(() => F.dropout(x, 1.5), /dropout: p must be a probability between 0 and 1, got 1.5/)
    assert.throws(() => F.alphaDropout(x, -0.1), /alphaDropout: p must be a probability between 0 and 1, got -0.1/)
    assert.throws(() => new nn.Dropout2d({ p: NaN }), /Dropout2d: p must be a probability between 0 and 1, got NaN/)
    assert.throws(() => F.dropout1d(ones(1, 1, 1, 1)), /dropout1d: needs \[N, C, L\] or \[C, L\], got \[1, 1, 1, 1\]/)
    assert.throws(() => F.dropout2d(ones(3)), /dropout2d: needs at least two dimensions.*got \[3\]/)
    assert.equal(new nn.Dropout(0.2).toString(), 'Dropout(p=0.2)')
  })
})

describe('DropConnect', () => {
  it('drops weights, not units, and only in training', () => {
    manualSeed(1)
    const linear = new nn.Linear(30, 20)
    const net = new nn.DropConnect(linear, 0.5)
    const x = ones(2, 30)
    const y = net.forward(x)
    assert.notDeepEqual(values(y), values(linear.forward(x)))
    // One mask for the batch: equal rows stay equal.
    assert.deepEqual(y.at(0).toArray(), y.at(1).toArray())
    y.sum().backward()
    const gradient = values(linear.weight.grad as Tensor)
    assert.deepEqual([...new Set(gradient)].sort(), [0, 4])
    assert.deepEqual(values(linear.bias?.grad as Tensor), new Array(20).fill(2))
    assert.deepEqual(values(net.eval().forward(x)), values(linear.forward(x)))
    assert.deepEqual([...net.stateDict().keys()], ['layer.weight', 'layer.bias'])
    assert.equal(
      net.toString(),
      'DropConnect(\n  p=0.5\n  (layer): Linear(inFeatures=30, outFeatures=20, bias=true)\n)',
    )
  })
})
