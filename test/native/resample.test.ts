/** Sums of chosen elements: sizes around the borders of pieces and grains, and what the native side refuses by itself. */
import assert from 'node:assert/strict'
import { addon } from '../../lib/device/addon.js'
import { count, distance, empty, make, noise, values } from './support.js'

describe('native resample', () => {
  for (const [shape, dim, taps] of [
    [[3, 40], 1, 2],
    [[2, 33], 1, 4],
    [[2, 33], 1, 3],
    [[5, 7, 1500], 1, 3],
    [[70, 3, 1025], 0, 4],
    [[4, 6, 2], 1, 1],
  ] as const)
    it(`sums ${taps} elements along dim ${dim} of [${shape.join(', ')}]`, () => {
      const rows = shape[dim] + 3
      const columns = Array.from({ length: rows * taps }, (_, k) => (k * 7) % shape[dim])
      const weights = noise(rows * taps, 3)
      const data = noise(count(shape))
      const sizes = shape.map((size, d) => (d === dim ? rows : size))
      const inner = count(shape.slice(dim + 1))
      const expected = Array.from({ length: count(sizes) }, (_, at) => {
        const [outer, i, j] = [Math.floor(at / (rows * inner)), Math.floor(at / inner) % rows, at % inner]
        return Array.from({ length: taps }, (_, k) => {
          const entry = i * taps + k
          return (weights[entry] ?? 0) * (data[(outer * shape[dim] + (columns[entry] ?? 0)) * inner + j] ?? 0)
        }).reduce((a, b) => a + b, 0)
      })
      const starts = make(
        [rows + 1],
        Array.from({ length: rows + 1 }, (_, i) => i * taps),
        'int32',
      )
      const out = empty(sizes)
      addon().resample(
        out,
        make(shape, data),
        dim,
        starts,
        make([columns.length], columns, 'int32'),
        make([weights.length], weights),
      )
      assert.ok(distance(values(out, expected.length), expected) < 1e-6)
    })

  it('copies runs of neighbours', () => {
    const columns = [...Array.from({ length: 20 }, (_, i) => i + 5), ...Array.from({ length: 20 }, (_, i) => i)]
    const out = empty([40])
    const starts = make(
      [41],
      Array.from({ length: 41 }, (_, i) => i),
      'int32',
    )
    addon().resample(out, make([30], noise(30)), 0, starts, make([40], columns, 'int32'), null)
    assert.deepEqual(
      values(out, 40),
      columns.map((column) => noise(30)[column]),
    )
  })

  const a = make([2, 3], noise(6))
  const starts = (...entries: number[]) => make([entries.length], entries, 'int32')
  const refused: [run: () => void, message: string][] = [
    [
      () => addon().resample(empty([3, 1]), a, 1, starts(0, 1), starts(0), null),
      'resample: sizes [2, 3] and [3, 1] differ in more than dim 1',
    ],
    [
      () => addon().resample(empty([2, 1]), a, 1, starts(0, 1, 2), starts(0), null),
      'resample: starts: expected 2 elements of int32, found sizes [3] of int32',
    ],
    [
      () => addon().resample(empty([2, 1]), a, 1, starts(0, 2), starts(0), null),
      'resample: starts go from 0 to 2, expected 0 to 1',
    ],
    [
      () => addon().resample(empty([2, 2]), a, 1, starts(0, 2, 1), starts(0), null),
      'resample: starts[2] is below the one before',
    ],
    [
      () => addon().resample(empty([2, 1]), a, 1, starts(0, 1), starts(3), null),
      'resample: columns[0] is 3, but the dim has 3 elements',
    ],
    [
      () => addon().resample(addon().view(empty([1, 2]), [2, 1], [1, 2], 0), a, 1, starts(0, 1), starts(0), a),
      'resample: weights: expected 1 elements of float32, found sizes [2, 3] of float32',
    ],
  ]
  for (const [run, message] of refused)
    it(`refuses: ${message}`, () => {
      assert.throws(run, { message })
    })
})

describe('native taps', () => {
  const x = make([1, 1, 4], [1, 2, 3, 4])
  const y = empty([1, 1, 2])
  const weights = make([1, 1, 2], [1, 1])

  it('refuses positions and sizes that do not fit', () => {
    assert.throws(() => addon().taps('gather', x, y, make([1, 1, 2], [0, 4], 'int64'), weights), {
      name: 'RangeError',
      message: 'taps: position 1 is 4, but a plane has 4 elements',
    })
    assert.throws(() => addon().taps('gather', x, y, make([2, 1, 2], [0, 0, 0, 0], 'int64'), weights), {
      message:
        'taps: sizes [1, 1, 4], [1, 1, 2], [2, 1, 2] and [1, 1, 2] do not fit: expected [N, C, S], [N, C, O] and twice [K, N, O], positions int64',
    })
    assert.throws(() => addon().taps('all' as never, x, y, make([1, 1, 2], [0, 0], 'int64'), weights), {
      name: 'TypeError',
      message: 'taps: there is no form "all"; expected gather, scatter or dot',
    })
    const whole = make([1, 1, 2], [1, 1], 'int64')
    assert.throws(() => addon().taps('gather', whole, whole, whole, whole), {
      message: 'taps: expected float32 or float64, found int64',
    })
  })
})
