/** Elementwise kernels: every way of walking memory gives what a plain loop gives, and the functions are accurate. */
import assert from 'node:assert/strict'
import { addon, dtypeCodes, type Handle } from '../../lib/device/addon.js'
import { count, distance, empty, make, noise, op, strides, values, type DTypeName } from './support.js'

/** a (shape) + b (any sizes that broadcast to it), by hand. */
function broadcastSum(shape: number[], a: number[], bShape: number[], b: number[]): number[] {
  const steps = strides(bShape).map((step, dim) => (bShape[dim] === 1 ? 0 : step))
  return a.map((x, linear) => {
    let at = 0
    let rest = linear
    for (let dim = shape.length - 1; dim >= 0; dim--) {
      const size = shape[dim] ?? 1
      const own = dim - (shape.length - bShape.length)
      if (own >= 0) at += (rest % size) * (steps[own] ?? 0)
      rest = Math.floor(rest / size)
    }
    return Math.fround(x + (b[at] ?? 0))
  })
}

describe('native elementwise', () => {
  const cases: [number[], number[]][] = [
    [[7], [7]],
    [[40, 100], [100]],
    [
      [40, 100],
      [40, 1],
    ],
    [[1000, 7], [7]],
    [
      [1000, 7],
      [1000, 1],
    ],
    [
      [3, 50, 70],
      [50, 1],
    ],
    [[300, 300], [1]],
    [
      [2, 3, 4, 5, 6],
      [3, 1, 5, 1],
    ],
    [
      [200, 513],
      [200, 513],
    ],
    [[0, 3], [3]],
    [[], []],
  ]
  for (const [shape, bShape] of cases) {
    it(`adds ${JSON.stringify(bShape)} to ${JSON.stringify(shape)}`, () => {
      const n = count(shape)
      const a = noise(n)
      const b = noise(count(bShape), 2)
      const out = empty(shape)
      addon().elementwise(op('add'), out, make(shape, a), make(bShape, b), undefined, 1)
      assert.deepEqual(values(out, n), broadcastSum(shape, a, bShape, b))
    })
  }

  it('reads and writes strided views', () => {
    const a = noise(60 * 50)
    const base = make([60, 50], a)
    const turned = addon().view(base, [50, 60], [1, 50], 0)
    const expected = Array.from({ length: 3000 }, (_, i) =>
      Math.fround((a[(i % 60) * 50 + Math.floor(i / 60)] ?? 0) * 2),
    )
    const out = empty([50, 60])
    addon().elementwise(op('mul'), out, turned, 2)
    assert.deepEqual(values(out, 3000), expected)
    const every = addon().view(base, [60, 25], [50, 2], 1)
    addon().elementwise(op('mul'), every, every, 3)
    assert.deepEqual(
      values(base, 3000),
      a.map((x, i) => ((i % 50) % 2 === 1 ? Math.fround(x * 3) : x)),
    )
    const short = make([500, 4], noise(2000))
    const before = values(short, 2000)
    const columns = addon().view(short, [500, 2], [4, 2], 0)
    addon().elementwise(op('add'), columns, columns, 1, undefined, 1)
    assert.deepEqual(
      values(short, 2000),
      before.map((x, i) => (i % 2 === 0 ? Math.fround(x + 1) : x)),
    )
  })

  it('takes numbers as operands and refuses overlapping outputs', () => {
    const a = make([3], [1, 2, 3], 'int32')
    addon().elementwise(op('mul'), a, a, 5)
    assert.deepEqual(values(a, 3, 'int32'), [5, 10, 15])
    const wide = addon().view(make([3], [1, 2, 3]), [2, 3], [0, 1], 0)
    assert.throws(() => addon().elementwise(op('mul'), wide, wide, 2), /overlap/)
    assert.throws(() => addon().elementwise(op('exp'), a, a), /not defined for dtype int32/)
    assert.throws(() => addon().elementwise(op('add'), a, a), TypeError)
    assert.throws(() => addon().elementwise(op('add'), empty([3]), a, a), /dtype/)
    assert.throws(() => addon().elementwise(op('add'), a, a, make([3], [1, 2, 3])), /dtype/)
    assert.throws(() => addon().elementwise(op('add'), a, a, empty([2], 'int32')), /broadcast/)
    assert.throws(() => addon().elementwise(-1, a, a), RangeError)
  })

  it('is the same with any number of threads', () => {
    const a = make([200000], noise(200000))
    const out = empty([200000])
    const threads = addon().threads()
    addon().elementwise(op('exp'), out, a)
    const first = values(out, 200000)
    addon().setThreads(1)
    addon().elementwise(op('exp'), out, a)
    addon().setThreads(threads)
    assert.deepEqual(values(out, 200000), first)
  })

  const functions: [string, (x: number) => number, number, number][] = [
    ['exp', Math.exp, -110, 95],
    ['expm1', Math.expm1, -30, 95],
    ['log', Math.log, 0, 10],
    ['log1p', Math.log1p, -1, 10],
    ['tanh', Math.tanh, -12, 12],
    ['sigmoid', (x) => 1 / (1 + Math.exp(-x)), -80, 80],
    ['sin', Math.sin, -100, 100],
    ['cos', Math.cos, -100, 100],
    ['sqrt', Math.sqrt, 0, 100],
  ]
  for (const [name, reference, low, high] of functions) {
    it(`computes ${name} in float32 to a few units in the last place`, () => {
      const n = 4000
      const special = [0, -0, 1, -1, 1e-30, -1e-30, 1e-42, Infinity, -Infinity, NaN, 3e38]
      const x = [
        ...special,
        ...Array.from({ length: n - special.length }, (_, i) => Math.fround(low + ((high - low) * i) / n)),
      ]
      const out = empty([n])
      const input = x.map(Math.fround)
      addon().elementwise(op(name), out, make([n], input))
      const found = values(out, n)
      found.forEach((y, i) => {
        const exact = Math.fround(reference(input[i] ?? 0))
        if (Math.abs(input[i] ?? 0) > 1e9 && Number.isFinite(input[i]) && (name === 'sin' || name === 'cos')) {
          assert.ok(Math.abs(y) <= 1)
        } else if (Number.isFinite(exact) && Number.isFinite(y)) {
          const ulp = Math.max(2 ** -149, 2 ** (Math.floor(Math.log2(Math.abs(exact) || 1e-45)) - 23))
          const slack = name === 'sin' || name === 'cos' ? 1e-7 : 0
          assert.ok(Math.abs(y - exact) <= 4 * ulp + slack, `${name}(${input[i]}) = ${y}, expected ${exact}`)
        } else {
          assert.ok(Object.is(y, exact), `${name}(${input[i]}) = ${y}, expected ${exact}`)
        }
      })
    })
  }

  it('computes pow with its special cases', () => {
    const x = [2, -2, -2, 0, 0, 0, 1, NaN, -8, Infinity, -Infinity, 0.5, 2, 9, 1e-40]
    const y = [10, 3, 0.5, 0, 2, -1, NaN, 0, 1 / 3, -1, 3, Infinity, -149, 0.5, 0.5]
    const out = empty([x.length])
    addon().elementwise(op('pow'), out, make([x.length], x), make([x.length], y))
    const expected = x.map((a, i) => {
      if (a === 1) return 1
      return Math.fround(Math.pow(Math.fround(a), Math.fround(y[i] ?? 0)))
    })
    assert.ok(distance(values(out, x.length), expected) < 1e-6)
  })
})

describe('native copy, fill, where', () => {
  const dtypes = Object.keys(dtypeCodes) as DTypeName[]

  it('converts between all dtypes', () => {
    const source = [0, 1, 2, 3, 100]
    for (const from of dtypes) {
      for (const to of dtypes) {
        const input = from === 'bool' ? source.map((x) => (x ? 1 : 0)) : source
        const out = empty([5], to)
        addon().copy(out, make([5], input, from))
        assert.deepEqual(values(out, 5, to), to === 'bool' ? input.map((x) => (x ? 1 : 0)) : input, `${from} to ${to}`)
      }
    }
    const floats = make([4], [-1.7, 1.7, 300.5, NaN])
    const integers = empty([4], 'int32')
    addon().copy(integers, floats)
    assert.deepEqual(values(integers, 3 + 1, 'int32').slice(0, 3), [-1, 1, 300])
    const flags = empty([4], 'bool')
    addon().copy(flags, floats)
    assert.deepEqual(values(flags, 4, 'bool'), [1, 1, 1, 1])
  })

  it('copies transposed, broadcast and batched views', () => {
    for (const dtype of ['float32', 'float64', 'uint8'] as const) {
      const shape = [3, 70, 90]
      const a = Array.from({ length: count(shape) }, (_, i) => i % 251)
      const turned = addon().view(make(shape, a, dtype), [3, 90, 70], [6300, 1, 90], 0)
      const out = empty([3, 90, 70], dtype)
      addon().copy(out, turned)
      const expected = Array.from({ length: 18900 }, (_, i) => {
        const [batch, row, column] = [Math.floor(i / 6300), Math.floor((i % 6300) / 70), i % 70]
        return a[batch * 6300 + column * 90 + row]
      })
      assert.deepEqual(values(out, 18900, dtype), expected)
    }
    const out = empty([2, 3])
    addon().copy(out, make([2, 1], [5, 6]))
    assert.deepEqual(values(out, 6), [5, 5, 5, 6, 6, 6])
  })

  it('fills any view with any dtype', () => {
    for (const dtype of dtypes) {
      const a = make([3, 4], new Array<number>(12).fill(0), dtype)
      addon().fill(addon().view(a, [3, 2], [4, 2], 1), 1)
      assert.deepEqual(values(a, 12, dtype), [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1])
    }
    const a = empty([2])
    addon().fill(a, -Infinity)
    assert.deepEqual(values(a, 2), [-Infinity, -Infinity])
  })

  it('chooses by a condition', () => {
    const condition = make([2, 2], [1, 0, 0, 1], 'bool')
    const out = empty([2, 2])
    addon().where(out, condition, make([2], [1, 2]), -1)
    assert.deepEqual(values(out, 4), [1, -1, -1, 2])
    assert.throws(() => addon().where(out, out, 1, 2), /bool/)
  })

  it('makes sequences as PyTorch does', () => {
    const a = empty([10])
    addon().arange(a, 0, 0.1)
    const tenths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => Math.fround(i * 0.1))
    assert.deepEqual(values(a, 10), tenths)
    const b = empty([7])
    addon().linspace(b, -1, 2)
    assert.deepEqual(values(b, 7), [-1, -0.5, 0, 0.5, 1, 1.5, 2])
    const c = empty([600], 'int64')
    addon().arange(c, 5, -2)
    assert.deepEqual(
      values(c, 600, 'int64'),
      Array.from({ length: 600 }, (_, i) => 5 - 2 * i),
    )
    const one: Handle = empty([1], 'float64')
    addon().linspace(one, 3, 9)
    assert.deepEqual(values(one, 1, 'float64'), [3])
  })
})
