/** Reductions, softmax, losses, indexing and optimizers against plain loops. */
import assert from 'node:assert/strict'
import { addon, type Handle, type ReduceOp } from '../../lib/device/addon.js'
import { count, distance, empty, make, noise, strides, values, type DTypeName } from './support.js'

/** Calls visit(position in the kept dims, linear index) for every element. */
function forReduced(shape: number[], dims: number[], visit: (kept: number, linear: number) => void): void {
  const kept = shape.map((size, dim) => (dims.includes(dim) ? 1 : size))
  const steps = strides(kept).map((step, dim) => (dims.includes(dim) ? 0 : step))
  for (let linear = 0; linear < count(shape); linear++) {
    let rest = linear
    let at = 0
    for (let dim = shape.length - 1; dim >= 0; dim--) {
      const size = shape[dim] ?? 1
      at += (rest % size) * (steps[dim] ?? 0)
      rest = Math.floor(rest / size)
    }
    visit(at, linear)
  }
}

const combine: Record<string, (a: number, b: number) => number> = {
  sum: (a, b) => a + b,
  mean: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: Math.max,
  min: Math.min,
  any: (a, b) => (a || b ? 1 : 0),
  all: (a, b) => (a && b ? 1 : 0),
  norm: Math.hypot,
}

function reduced(op: ReduceOp, shape: number[], data: number[], dims: number[]): number[] {
  const size = count(shape.map((n, dim) => (dims.includes(dim) ? 1 : n)))
  const start = { sum: 0, mean: 0, prod: 1, max: -Infinity, min: Infinity, any: 0, all: 1, norm: 0 }[op]
  const result = new Array<number>(size).fill(start)
  forReduced(shape, dims, (at, linear) => {
    result[at] = combine[op](result[at] ?? 0, data[linear] ?? 0)
  })
  return op === 'mean' ? result.map((x) => (x * size) / count(shape)) : result
}

describe('native reduce', () => {
  const cases: [number[], number[]][] = [
    [[5], [0]],
    [[100000], [0]],
    [[100, 500], [0]],
    [[100, 500], [1]],
    [
      [100, 500],
      [0, 1],
    ],
    [[3000, 10], [0]],
    [[3000, 10], [1]],
    [[4, 30, 50], [1]],
    [
      [4, 30, 50],
      [0, 2],
    ],
    [
      [6, 5, 4, 3],
      [1, 3],
    ],
    [
      [6, 5, 4, 3],
      [0, 2],
    ],
    [[6, 5, 4, 3], []],
    [[2, 40000], [1]],
    [[0, 3], [0]],
    [[3, 0], [0]],
    [[], []],
  ]
  for (const op of ['sum', 'mean', 'prod', 'max', 'min', 'any', 'all', 'norm'] as const) {
    it(`computes ${op} over any dims in any memory order`, () => {
      for (const [shape, dims] of cases) {
        const kept = shape.map((n, dim) => (dims.includes(dim) ? 1 : n))
        if ((op === 'max' || op === 'min') && count(shape) === 0 && count(kept) > 0) {
          assert.throws(() => addon().reduce(op, empty(kept), empty(shape), dims), /empty/)
          continue
        }
        const flags = op === 'any' || op === 'all'
        const base = noise(count(shape))
        const data = flags
          ? base.map((x) => (x > (op === 'any' ? 0.99 : -0.99) ? 1 : 0))
          : op === 'prod'
            ? base.map((x) => 1 + x / 1000)
            : base
        const expected = reduced(op, shape, data, dims)
        const tolerance = op === 'prod' ? 1e-3 : 2e-6
        const out = empty(kept, flags ? 'bool' : 'float32')
        addon().reduce(op, out, make(shape, data), dims)
        const found = values(out, count(kept), flags ? 'bool' : 'float32')
        assert.ok(distance(found, expected) < tolerance, `${op} ${JSON.stringify(shape)} over ${JSON.stringify(dims)}`)
        if (shape.length !== 2) continue
        const [rows = 0, columns = 0] = shape
        const turned = Array.from(
          { length: rows * columns },
          (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? 0,
        )
        addon().reduce(op, out, addon().view(make([columns, rows], turned), shape, [1, rows], 0), dims)
        assert.ok(distance(values(out, count(kept), flags ? 'bool' : 'float32'), expected) < tolerance, `${op} turned`)
      }
    })
  }

  it('sums integers and bools into int64, products too', () => {
    for (const dtype of ['int32', 'int64', 'uint8', 'bool'] as const) {
      const data = Array.from({ length: 3000 }, (_, i) => (dtype === 'bool' ? i % 2 : i % 200))
      const out = empty([1, 3], 'int64')
      addon().reduce('sum', out, make([1000, 3], data, dtype), [0])
      assert.deepEqual(values(out, 3, 'int64'), reduced('sum', [1000, 3], data, [0]))
    }
    const product = empty([1], 'int64')
    addon().reduce('prod', product, make([4], [3, 5, 7, 100], 'int32'), [0])
    assert.deepEqual(values(product, 1, 'int64'), [10500])
    const largest = empty([1], 'uint8')
    addon().reduce(
      'max',
      largest,
      make(
        [300],
        Array.from({ length: 300 }, (_, i) => i % 256),
        'uint8',
      ),
      [0],
    )
    assert.deepEqual(values(largest, 1, 'uint8'), [255])
    const lowest = empty([1], 'int64')
    addon().reduce('min', lowest, make([3], [5, -7, 2], 'int64'), [-1])
    assert.deepEqual(values(lowest, 1, 'int64'), [-7])
  })

  it('sums a million floats accurately, the same with any number of threads', () => {
    const a = make([1000000], new Array<number>(1000000).fill(0.1))
    const out = empty([1])
    addon().reduce('sum', out, a, [0])
    const first = values(out, 1)
    assert.ok(Math.abs((first[0] ?? 0) - 100000.00149) < 0.01)
    const threads = addon().threads()
    for (const n of [1, 2, 3]) {
      addon().setThreads(n)
      addon().reduce('sum', out, a, [0])
      assert.deepEqual(values(out, 1), first)
    }
    addon().setThreads(threads)
  })

  it('lets NaN win', () => {
    for (const n of [3, 100]) {
      const data = noise(n)
      data[n - 2] = NaN
      for (const op of ['max', 'min'] as const) {
        const out = empty([1])
        addon().reduce(op, out, make([n], data), [0])
        assert.deepEqual(values(out, 1), [NaN])
        const index = empty([1], 'int64')
        addon().reduceWithIndex(op, out, index, make([n], data), 0)
        assert.deepEqual([values(out, 1), values(index, 1, 'int64')], [[NaN], [n - 2]])
      }
    }
  })

  it('finds the first extreme value along a dim', () => {
    const check = (shape: number[], dim: number, dtype: DTypeName): void => {
      const data = noise(count(shape)).map((x) => Math.floor(Math.abs(x) * 20))
      const kept = shape.map((n, d) => (d === dim ? 1 : n))
      for (const op of ['max', 'min'] as const) {
        const expected = new Array<number>(count(kept)).fill(-1)
        const at = new Array<number>(count(kept)).fill(-1)
        forReduced(shape, [dim], (place, linear) => {
          const x = data[linear] ?? 0
          const position = Math.floor(linear / (strides(shape)[dim] ?? 1)) % (shape[dim] ?? 1)
          if (position === 0 || (op === 'max' ? x > (expected[place] ?? 0) : x < (expected[place] ?? 0))) {
            expected[place] = x
            at[place] = position
          }
        })
        const out = empty(kept, dtype)
        const indices = empty(kept, 'int64')
        addon().reduceWithIndex(op, out, indices, make(shape, data, dtype), dim)
        assert.deepEqual(values(out, count(kept), dtype), expected)
        assert.deepEqual(values(indices, count(kept), 'int64'), at)
        addon().reduceWithIndex(op, null, indices, make(shape, data, dtype), dim - shape.length)
        assert.deepEqual(values(indices, count(kept), 'int64'), at)
      }
    }
    check([100, 10], 1, 'float32')
    check([100, 10], 0, 'float32')
    check([7, 100], 1, 'float64')
    check([5, 200, 3], 1, 'int32')
    check([5, 40, 70], 1, 'float32')
    check([9], 0, 'uint8')
    assert.throws(() => addon().reduceWithIndex('max', null, empty([1], 'int64'), empty([0]), 0), /empty/)
    assert.throws(() => addon().reduceWithIndex('max', null, empty([1]), empty([3]), 0), /int64/)
  })

  it('refuses what does not fit', () => {
    assert.throws(() => addon().reduce('sum', empty([2]), empty([2, 3]), [1]), /kept as 1/)
    assert.throws(() => addon().reduce('sum', empty([1, 3]), empty([2, 3]), [2]), RangeError)
    assert.throws(() => addon().reduce('sum', empty([1, 1]), empty([2, 3]), [0, 0]), /twice/)
    assert.throws(() => addon().reduce('sum', empty([1], 'int32'), empty([2], 'int32'), [0]), /int64/)
    assert.throws(() => addon().reduce('mean', empty([1], 'int32'), empty([2], 'int32'), [0]), /float/)
    assert.throws(() => addon().reduce('median' as never, empty([1]), empty([2]), [0]), TypeError)
  })
})

function softmaxOf(row: number[], log: boolean): number[] {
  const highest = Math.max(...row)
  const sum = row.reduce((total, x) => total + Math.exp(x - highest), 0)
  return row.map((x) => (log ? x - highest - Math.log(sum) : Math.exp(x - highest) / sum))
}

describe('native softmax', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    for (const log of [false, true]) {
      it(`computes ${log ? 'log-softmax' : 'softmax'} and its gradient, ${dtype}`, () => {
        const tolerance = dtype === 'float32' ? 2e-6 : 1e-14
        for (const [shape, dim] of [
          [[100, 10], 1],
          [[3, 1000], 1],
          [[10, 7], 0],
          [[2, 17, 5], 1],
          [[4], 0],
        ] as [number[], number][]) {
          const n = count(shape)
          const data = noise(n).map((x) => x * 20)
          const dy = noise(n, 2)
          const step = strides(shape)[dim] ?? 1
          const length = shape[dim] ?? 1
          const y = new Array<number>(n).fill(0)
          const dx = new Array<number>(n).fill(0)
          for (let first = 0; first < n; first++) {
            if (Math.floor(first / step) % length !== 0) continue
            const at = Array.from({ length }, (_, i) => first + i * step)
            const row = softmaxOf(
              at.map((i) => data[i] ?? 0),
              log,
            )
            const sum = at.reduce((total, place, i) => total + (dy[place] ?? 0) * (log ? 1 : (row[i] ?? 0)), 0)
            at.forEach((place, i) => {
              y[place] = row[i] ?? 0
              const g = dy[place] ?? 0
              dx[place] = log ? g - Math.exp(row[i] ?? 0) * sum : (row[i] ?? 0) * (g - sum)
            })
          }
          const out = empty(shape, dtype)
          addon().softmax(out, make(shape, data, dtype), dim, log)
          assert.ok(distance(values(out, n, dtype), y) < tolerance, JSON.stringify(shape))
          const gradient = empty(shape, dtype)
          addon().softmaxBackward(gradient, make(shape, dy, dtype), out, dim, log)
          assert.ok(distance(values(gradient, n, dtype), dx) < tolerance * 10, `gradient ${JSON.stringify(shape)}`)
        }
      })
    }
  }
})

describe('native nllLoss', () => {
  const logs = [-1, -2, -0.5, -3, -0.1, -4]

  it('weighs, ignores and reduces', () => {
    const total = empty([])
    const mean = empty([])
    const weight = make([3], [1, 2, 4])
    addon().nllLoss(mean, total, make([2, 3], logs), make([2], [2, 1], 'int64'), weight, -100, 'mean')
    assert.ok(distance(values(mean, 1), [(0.5 * 4 + 0.1 * 2) / 6]) < 1e-6)
    assert.deepEqual(values(total, 1), [6])
    const gradient = empty([2, 3])
    addon().nllLossBackward(gradient, make([], [3]), total, make([2], [2, 1], 'int64'), weight, -100, 'mean')
    assert.ok(distance(values(gradient, 6), [0, 0, -2, 0, -1, 0]) < 1e-6)
    const each = empty([2])
    addon().nllLoss(each, total, make([2, 3], logs), make([2], [-100, 1], 'int32'), null, -100, 'none')
    assert.ok(distance(values(each, 2), [0, 0.1]) < 1e-6)
    addon().nllLossBackward(gradient, make([2], [5, 7]), total, make([2], [-100, 1], 'int32'), null, -100, 'none')
    assert.ok(distance(values(gradient, 6), [0, 0, 0, 0, -7, 0]) < 1e-6)
    addon().nllLoss(mean, total, make([2, 3], logs), make([2], [0, 0], 'uint8'), null, -100, 'sum')
    assert.ok(distance(values(mean, 1), [4]) < 1e-6)
  })

  it('takes further dims and a single row', () => {
    const total = empty([])
    const out = empty([])
    addon().nllLoss(out, total, make([1, 3, 2], logs), make([1, 2], [0, 2], 'int64'), null, -100, 'sum')
    assert.ok(distance(values(out, 1), [1 + 4]) < 1e-6)
    addon().nllLoss(out, total, make([3], [-1, -2, -3]), make([], [1], 'int64'), null, -100, 'mean')
    assert.ok(distance(values(out, 1), [2]) < 1e-6)
  })

  it('names a wrong class', () => {
    const run = (label: number) => () =>
      addon().nllLoss(empty([]), empty([]), make([2, 3], logs), make([2], [0, label], 'int64'), null, -100, 'mean')
    assert.throws(run(3), { name: 'RangeError', message: /target\[1\] is 3, but there are 3 classes/ })
    assert.throws(run(-1), RangeError)
    assert.throws(
      () => addon().nllLoss(empty([]), empty([]), make([2, 3], logs), make([2], [0, 1]), null, 0, 'mean'),
      /int64/,
    )
    assert.throws(
      () => addon().nllLoss(empty([]), empty([]), make([2, 3], logs), make([3], [0, 1, 1], 'int64'), null, 0, 'mean'),
      /fit/,
    )
  })
})

describe('native indexing', () => {
  it('selects and adds rows along any dim', () => {
    const a = make([3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    const index = make([2], [2, 0], 'int64')
    const rows = empty([2, 4])
    addon().indexSelect(rows, a, 0, index)
    assert.deepEqual(values(rows, 8), [8, 9, 10, 11, 0, 1, 2, 3])
    const columns = empty([3, 2])
    addon().indexSelect(columns, a, 1, make([2], [3, 3], 'int32'))
    assert.deepEqual(values(columns, 6), [3, 3, 7, 7, 11, 11])
    const turned = empty([4, 2])
    addon().indexSelect(turned, addon().view(a, [4, 3], [1, 4], 0), 1, index)
    assert.deepEqual(values(turned, 8), [8, 0, 9, 1, 10, 2, 11, 3])
    addon().indexWrite('add', a, 0, make([2], [1, 1], 'int64'), make([2, 4], [1, 1, 1, 1, 2, 2, 2, 2]))
    assert.deepEqual(values(a, 12), [0, 1, 2, 3, 7, 8, 9, 10, 8, 9, 10, 11])
    addon().indexWrite('add', a, 1, make([1], [0], 'int64'), make([3, 1], [5, 5, 5]))
    assert.deepEqual(values(a, 12), [5, 1, 2, 3, 12, 8, 9, 10, 13, 9, 10, 11])
    assert.throws(() => addon().indexSelect(rows, a, 0, make([2], [0, 3], 'int64')), {
      name: 'RangeError',
      message: /index\[1\] is 3, but the dim has 3 elements/,
    })
    assert.throws(() => addon().indexSelect(rows, a, 0, make([2], [0, -1], 'int64')), RangeError)
    assert.throws(() => addon().indexSelect(rows, a, 0, make([3], [0, 1, 1], 'int64')), /fit/)
    assert.throws(() => addon().indexSelect(rows, a, 0, make([2], [0, 1])), /int64/)
  })

  it('gathers and scatters', () => {
    const a = make([2, 3], [1, 2, 3, 4, 5, 6], 'float64')
    const index = make([2, 2], [2, 0, 1, 1], 'int64')
    const out = empty([2, 2], 'float64')
    addon().gather(out, a, 1, index)
    assert.deepEqual(values(out, 4, 'float64'), [3, 1, 5, 5])
    const sums = make([2, 3], [0, 0, 0, 0, 0, 0], 'float64')
    addon().scatter('add', sums, 1, index, out)
    assert.deepEqual(values(sums, 6, 'float64'), [1, 0, 3, 0, 10, 0])
    const down = empty([1, 3], 'float64')
    addon().gather(down, a, 0, make([1, 3], [1, 0, 1], 'int32'))
    assert.deepEqual(values(down, 3, 'float64'), [4, 2, 6])
    assert.throws(() => addon().gather(out, a, 1, make([2, 2], [0, 3, 0, 0], 'int64')), RangeError)
    assert.throws(() => addon().gather(out, a, 1, make([3, 2], [0, 0, 0, 0, 0, 0], 'int64')), /sizes/)
    const own = make([3], [2, 1, 0], 'int64')
    const shared = /the index of sizes \[3\] shares memory with the output of sizes \[3\]/
    assert.throws(() => addon().scatter('set', own, 0, own, 1e12), shared)
    assert.throws(() => addon().indexWrite('set', own, 0, own, 1e12), shared)
  })

  it('lists what is not zero', () => {
    const read = (handle: Handle, n: number) => values(handle, n, 'int64')
    assert.deepEqual(read(addon().nonzero(make([2, 3], [0, 1, 0, NaN, 0, -2]))[0], 6), [0, 1, 1, 0, 1, 2])
    assert.deepEqual(read(addon().nonzero(make([3], [0, 0, 0], 'int32'))[0], 0), [])
    assert.deepEqual(read(addon().nonzero(make([], [1], 'bool'))[0], 0), [])
  })
})

describe('native optimizers', () => {
  const start = noise(50000)
  const slopes = [noise(50000, 2), noise(50000, 3), noise(50000, 4)]

  for (const nesterov of [false, true]) {
    it(`steps SGD with momentum${nesterov ? ', Nesterov' : ''}`, () => {
      const [lr, momentum, dampening, decay] = [0.1, 0.9, nesterov ? 0 : 0.2, 0.01]
      const param = make([50000], start)
      const turned = addon().view(make([2, 3], [1, 2, 3, 4, 5, 6]), [3, 2], [1, 3], 0)
      const buffers = [empty([50000]), empty([3, 2])]
      const expected = start.slice()
      const kept = new Array<number>(50000).fill(0)
      slopes.forEach((slope, step) => {
        addon().sgd([param, turned], [make([50000], slope), make([3, 2], [1, 0, 0, 0, 0, 0])], buffers, {
          lr,
          momentum,
          dampening,
          weightDecay: decay,
          nesterov,
          maximize: false,
          first: step === 0,
        })
        expected.forEach((x, i) => {
          const d = (slope[i] ?? 0) + decay * x
          const b = step === 0 ? d : momentum * (kept[i] ?? 0) + (1 - dampening) * d
          kept[i] = b
          expected[i] = x - lr * (nesterov ? d + momentum * b : b)
        })
      })
      assert.ok(distance(values(param, 50000), expected) < 1e-6)
      assert.ok((values(turned, 6)[0] ?? 1) < 0.9)
    })
  }

  it('steps plain SGD up and down', () => {
    const param = make([2], [1, 2])
    const options = { lr: 0.5, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: true, first: true }
    addon().sgd([param], [make([2], [1, -1])], [], options)
    assert.deepEqual(values(param, 2), [1.5, 1.5])
  })

  for (const decoupled of [false, true]) {
    for (const amsgrad of [false, true]) {
      it(`steps Adam${decoupled ? 'W' : ''}${amsgrad ? ' with amsgrad' : ''}`, () => {
        const [lr, beta1, beta2, eps, decay] = [0.01, 0.9, 0.999, 1e-8, 0.1]
        const zeros = new Array<number>(50000).fill(0)
        const param = make([50000], start)
        const [average, square, largest] = [make([50000], zeros), make([50000], zeros), make([50000], zeros)]
        const expected = start.slice()
        const [m, v, top] = [zeros.slice(), zeros.slice(), zeros.slice()]
        slopes.forEach((slope, i) => {
          const step = i + 1
          addon().adam([param], [make([50000], slope)], [average], [square], amsgrad ? [largest] : [], {
            step,
            lr,
            beta1,
            beta2,
            eps,
            weightDecay: decay,
            decoupled,
            maximize: false,
          })
          expected.forEach((x, at) => {
            const w = decoupled ? x * (1 - lr * decay) : x
            const g = (slope[at] ?? 0) + (decoupled ? 0 : decay * x)
            m[at] = beta1 * (m[at] ?? 0) + (1 - beta1) * g
            v[at] = beta2 * (v[at] ?? 0) + (1 - beta2) * g * g
            top[at] = Math.max(top[at] ?? 0, v[at] ?? 0)
            const root = Math.sqrt((amsgrad ? top[at] : v[at]) ?? 0) / Math.sqrt(1 - beta2 ** step)
            expected[at] = w - ((lr / (1 - beta1 ** step)) * (m[at] ?? 0)) / (root + eps)
          })
        })
        assert.ok(distance(values(param, 50000), expected) < 2e-6)
        assert.ok(distance(values(average, 50000), m) < 1e-6)
      })
    }
  }

  it('refuses what does not fit', () => {
    const options = {
      lr: 1,
      momentum: 0.9,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
      maximize: false,
      first: true,
    }
    assert.throws(() => addon().sgd([empty([2])], [empty([3])], [empty([2])], options), /sizes/)
    assert.throws(() => addon().sgd([empty([2])], [empty([2])], [], options), /as many/)
    assert.throws(() => addon().sgd([empty([2])], [empty([2], 'float64')], [empty([2])], options), /dtype/)
    assert.throws(() => addon().sgd([empty([2])], [empty([2])], [empty([2])], {} as never), TypeError)
    assert.throws(() => addon().sgd(empty([2]) as never, [], [], options), TypeError)
  })
})
