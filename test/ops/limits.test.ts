/** Where values overflow, vanish or do not exist: PyTorch's results. */
import { strict as assert } from 'node:assert'
import { all, any, F, linalg, special, tensor, where, zeros } from '../../lib/index.js'

describe('limits', () => {
  it('mish of a huge number is the number', () => {
    const y = F.mish(tensor([1e25, -1e25]))
    assert.deepEqual(y.eq(tensor([1e25, 0])).toArray(), [true, true])
  })

  it('trigamma just below 0 is as large as just above', () => {
    const y = special.polygamma(1, tensor([-1e-17, 1e-17], { dtype: 'float64' }))
    assert.ok(y.div(1e34).sub(1).abs().max().item() < 1e-9, String(y))
  })

  it('sines of large angles are those of the angle, not of a rounded one', () => {
    const angles = [1e6, 1048575.9, 1048576, -1e7, 8.5e9, 1e13, 3e15, -2.5e22, 1e30, 3.4e38].map(Math.fround)
    const x = tensor([...angles, ...new Array<number>(4000).fill(0.5)], { dtype: 'float32' })
    for (const name of ['sin', 'cos', 'tan'] as const) {
      const expected = [...angles, 0.5].map((angle) => Math.fround(Math[name](angle)))
      const found = x[name]()
      const values = found.toArray() as number[]
      values.forEach((y, i) => {
        const want = expected[Math.min(i, angles.length)]
        assert.ok(
          Math.abs(y - want) <= 3e-7 * Math.max(1, Math.abs(want)),
          `${name} of ${angles[i]} is ${y}, not ${want}`,
        )
      })
      const strided = x.expand(2, -1).t()[name]().select(1, 1)
      assert.deepEqual(strided.toArray(), found.toArray())
      assert.ok(tensor([Infinity, -Infinity, NaN])[name]().isnan().all().item())
      const place = x.clone()
      assert.deepEqual(place[`${name}_`]().toArray(), found.toArray())
    }
  })

  it('an Lp pool without a real root is NaN', () => {
    const y = F.lpPool1d(tensor([[[-1, -2, 1, 2]]]), 3, 2)
    assert.deepEqual(y.isnan().toArray(), [[[true, false]]])
  })

  it('where of two numbers has the default dtype, whole numbers or not', () => {
    const condition = tensor([true, false])
    assert.deepEqual([where(condition, 1, 0).dtype, where(condition, 1.5, 0).dtype], ['float32', 'float32'])
  })

  it('all and any of uint8 are uint8', () => {
    const x = tensor([1, 0], { dtype: 'uint8' })
    assert.deepEqual([all(x).dtype, any(x, 0).dtype, all(x.bool()).dtype], ['uint8', 'uint8', 'bool'])
  })

  it('the gradient of the determinant of a large singular matrix is found quickly', () => {
    const n = 40
    const x = tensor(
      Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j && i > 0 ? 1 : 0))),
      { dtype: 'float64', requiresGrad: true },
    )
    linalg.det(x).backward()
    const expected = zeros([n, n], { dtype: 'float64' })
    expected.indexPut_([0, 0], 1)
    assert.ok(x.grad!.sub(expected).abs().max().item() < 1e-10)
  })
})
