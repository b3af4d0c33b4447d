/** Matrix multiplication against three plain loops: edge sizes, every memory order, blocks of k, batches, epilogues. */
import assert from 'node:assert/strict'
import { addon, type Handle } from '../../lib/device/addon.js'
import { count, distance, empty, make, noise, values, type DTypeName } from './support.js'

/** A matrix as a view: row-major, column-major, or with gaps in both directions. */
function matrix(
  rows: number,
  columns: number,
  data: number[],
  order: 'rows' | 'columns' | 'gaps',
  dtype: DTypeName,
): Handle {
  const at = (row: number, column: number): number => data[row * columns + column] ?? 0
  if (order === 'rows') return make([rows, columns], data, dtype)
  if (order === 'columns') {
    const turned = Array.from({ length: rows * columns }, (_, i) => at(i % rows, Math.floor(i / rows)))
    return addon().view(make([columns, rows], turned, dtype), [rows, columns], [1, rows], 0)
  }
  const wide = Array.from({ length: rows * columns * 6 }, (_, i) => {
    const [row, column] = [Math.floor(i / (columns * 2)), i % (columns * 2)]
    return row % 3 === 0 && column % 2 === 0 ? at(row / 3, column / 2) : 99
  })
  return addon().view(make([rows * 3, columns * 2], wide, dtype), [rows, columns], [columns * 6, 2], 0)
}

function product(m: number, k: number, n: number, a: number[], b: number[]): number[] {
  const c = new Array<number>(m * n).fill(0)
  for (let i = 0; i < m; i++)
    for (let l = 0; l < k; l++) for (let j = 0; j < n; j++) c[i * n + j] += (a[i * k + l] ?? 0) * (b[l * n + j] ?? 0)
  return c
}

describe('native gemm', () => {
  const sizes: [number, number, number][] = [
    [1, 1, 1],
    [1, 7, 1],
    [1, 300, 45],
    [33, 300, 1],
    [4, 4, 4],
    [14, 5, 32],
    [15, 9, 33],
    [29, 31, 47],
    [100, 90, 10],
    [3, 2000, 5],
    [64, 64, 64],
    [65, 130, 129],
    [210, 33, 50],
  ]
  const orders = ['rows', 'columns', 'gaps'] as const
  for (const dtype of ['float32', 'float64'] as const) {
    const tolerance = dtype === 'float32' ? 2e-5 : 1e-13
    it(`multiplies edge sizes in every memory order, ${dtype}`, function () {
      this.timeout(10000)
      for (const [m, k, n] of sizes) {
        const a = noise(m * k)
        const b = noise(k * n, 2)
        const expected = product(m, k, n, a, b)
        for (const orderA of orders)
          for (const orderB of orders)
            for (const orderC of ['rows', 'columns', 'gaps'] as const) {
              const out = matrix(m, n, new Array<number>(m * n).fill(7), orderC, dtype)
              addon().gemm(out, matrix(m, k, a, orderA, dtype), matrix(k, n, b, orderB, dtype), null, false, false)
              const found = distance(values(out, m * n, dtype), expected)
              assert.ok(found < tolerance, `${m}x${k}x${n} ${orderA} ${orderB} ${orderC}: ${found}`)
            }
      }
    })
  }

  it('multiplies sizes beyond the blocks, packed and in place', function () {
    this.timeout(10000)
    for (const [m, k, n] of [
      [300, 500, 300],
      [230, 1100, 70],
      [40, 1100, 600],
      [70, 512, 512],
    ] as const) {
      const a = noise(m * k)
      const b = noise(k * n, 2)
      const expected = product(m, k, n, a, b)
      for (const order of orders) {
        const out = empty([m, n])
        addon().gemm(out, matrix(m, k, a, order, 'float32'), matrix(k, n, b, order, 'float32'), null, false, false)
        assert.ok(distance(values(out, m * n), expected) < 1e-4, `${m}x${k}x${n} ${order}`)
      }
    }
  })

  it('leaves what lies beside the output alone', () => {
    const [m, k, n] = [17, 20, 37]
    const frame = make([m + 4, n + 6], new Array<number>((m + 4) * (n + 6)).fill(5))
    const out = addon().view(frame, [m, n], [n + 6, 1], 2 * (n + 6) + 3)
    addon().gemm(out, make([m, k], noise(m * k)), make([k, n], noise(k * n)), null, false, false)
    values(frame, (m + 4) * (n + 6)).forEach((x, i) => {
      const [row, column] = [Math.floor(i / (n + 6)) - 2, (i % (n + 6)) - 3]
      if (row < 0 || row >= m || column < 0 || column >= n) assert.equal(x, 5)
    })
  })

  it('adds a bias, what was there, and cuts at zero', () => {
    for (const [m, k, n] of [
      [10, 6, 40],
      [100, 700, 37],
      [5, 1300, 3],
    ] as const) {
      const [a, b, bias, start] = [noise(m * k), noise(k * n, 2), noise(n, 3), noise(m * n, 4)]
      const plain = product(m, k, n, a, b)
      for (const accumulate of [false, true])
        for (const relu of [false, true])
          for (const withBias of [false, true])
            for (const order of orders) {
              const out = matrix(m, n, start, order, 'float32')
              const right = order === 'rows' ? make([k, n], b) : matrix(k, n, b, 'columns', 'float32')
              const biases = withBias
                ? addon().view(
                    make(
                      [2 * n],
                      bias.flatMap((x) => [x, 9]),
                    ),
                    [n],
                    [2],
                    0,
                  )
                : null
              addon().gemm(out, make([m, k], a), right, biases, accumulate, relu)
              const expected = plain.map((x, i) => {
                const y = x + (accumulate ? (start[i] ?? 0) : 0) + (withBias ? (bias[i % n] ?? 0) : 0)
                return relu ? Math.max(0, y) : y
              })
              assert.ok(
                distance(values(out, m * n), expected) < 5e-5,
                `${m}x${k}x${n} ${accumulate} ${relu} ${withBias}`,
              )
            }
    }
  })

  it('broadcasts batches', () => {
    const [m, k, n] = [5, 6, 7]
    const a = noise(2 * 3 * m * k)
    const b = noise(3 * k * n, 2)
    const out = empty([2, 3, m, n])
    addon().gemm(out, make([2, 3, m, k], a), make([3, k, n], b), null, false, false)
    const expected: number[] = []
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++) {
        const left = a.slice((i * 3 + j) * m * k, (i * 3 + j + 1) * m * k)
        expected.push(...product(m, k, n, left, b.slice(j * k * n, (j + 1) * k * n)))
      }
    assert.ok(distance(values(out, expected.length), expected) < 1e-5)

    const shared = empty([4, m, n])
    const rows = noise(4 * m * k, 5)
    addon().gemm(shared, make([4, m, k], rows), make([k, n], b.slice(0, k * n)), null, false, false)
    assert.ok(distance(values(shared, 4 * m * n), product(4 * m, k, n, rows, b)) < 1e-5)
  })

  it('multiplies integers, wrapping around', () => {
    for (const dtype of ['int32', 'int64', 'uint8'] as const) {
      const a = [1, 2, 3, 4, 5, 6]
      const out = make([2, 2], [1, 1, 1, 1], dtype)
      addon().gemm(
        out,
        make([2, 3], a, dtype),
        addon().view(make([2, 3], a, dtype), [3, 2], [1, 3], 0),
        null,
        true,
        false,
      )
      assert.deepEqual(values(out, 4, dtype), [15, 33, 33, 78])
    }
    const out = empty([1, 1], 'uint8')
    addon().gemm(out, make([1, 2], [100, 100], 'uint8'), make([2, 1], [2, 1], 'uint8'), null, false, false)
    assert.deepEqual(values(out, 1, 'uint8'), [300 % 256])
  })

  it('allows empty matrices and keeps NaN', () => {
    addon().gemm(empty([0, 3]), empty([0, 2]), empty([2, 3]), null, false, false)
    const out = empty([2, 3])
    addon().gemm(out, empty([2, 0]), empty([0, 3]), make([3], [1, -2, 3]), false, true)
    assert.deepEqual(values(out, 6), [1, 0, 3, 1, 0, 3])
    addon().gemm(empty([0, 2, 2]), empty([0, 2, 2]), empty([2, 2]), null, false, false)
    const bad = empty([1, 1])
    addon().gemm(bad, make([1, 2], [NaN, 1]), make([2, 1], [0, 1]), null, false, true)
    assert.deepEqual(values(bad, 1), [NaN])
  })

  it('refuses what does not fit', () => {
    const run = (out: number[], a: number[], b: number[]) => () =>
      addon().gemm(empty(out), empty(a), empty(b), null, false, false)
    assert.throws(run([2, 2], [2, 3], [2, 2]), /cannot multiply \[2, 3\] by \[2, 2\]/)
    assert.throws(run([3, 2], [2, 3], [3, 2]), /cannot multiply/)
    assert.throws(run([2], [2, 3], [3, 2]), /cannot multiply/)
    assert.throws(run([5, 2, 2], [4, 2, 3], [3, 2]), /cannot multiply/)
    assert.throws(() => addon().gemm(empty([2, 2]), empty([2, 2]), empty([2, 2]), empty([3]), false, false), /bias/)
    assert.throws(
      () => addon().gemm(empty([2, 2]), empty([2, 2], 'float64'), empty([2, 2]), null, false, false),
      /dtype/,
    )
    assert.equal(count([2, 0]), 0)
  })
})
