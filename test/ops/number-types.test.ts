/** Plain numbers beside integer tensors: a fraction is not cut off. */
import { strict as assert } from 'node:assert'
import { bucketize, maskedFill, searchsorted, tensor, tril, where } from '../../lib/index.js'

describe('numbers beside integer tensors', () => {
  const no = tensor([false])
  const one = tensor([1], { dtype: 'int64' })

  it('make where floating if they are fractions', () => {
    for (const y of [where(no, one, 2.5), where(no.logicalNot(), 2.5, one)]) {
      assert.equal(y.dtype, 'float32')
      assert.deepEqual(y.toArray(), [2.5])
    }
    assert.equal(where(no, one, 2).dtype, 'int64')
    assert.equal(where(no, tensor([true]), 2).dtype, 'int64')
    assert.equal(where(no, tensor([1], { dtype: 'float64' }), 2.5).dtype, 'float64')
  })

  it('leave functions alone that keep their dtype', () => {
    assert.equal(maskedFill(one, no, 2.5).dtype, 'int64')
    assert.equal(tril(tensor([[true]])).dtype, 'bool')
  })

  it('are found between integers', () => {
    const sequence = tensor([1, 2, 3], { dtype: 'int64' })
    assert.equal(searchsorted(sequence, 2.5).item(), 2)
    assert.equal(searchsorted(sequence, 2).item(), 1)
    assert.equal(bucketize(2.5, sequence).item(), 2)
  })
})
