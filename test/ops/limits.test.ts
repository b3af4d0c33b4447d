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
