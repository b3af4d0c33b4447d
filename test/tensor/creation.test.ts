/** Making tensors from what users hand in, and refusing what is no tensor. */
import { strict as assert } from 'node:assert'
import { arange, cat, F, full, optim, tensor, zeros, type Tensor } from '../../lib/index.js'

describe('tensor()', () => {
  it('chooses the dtype from all values', () => {
    assert.equal(tensor([true, false]).dtype, 'bool')
    assert.equal(tensor([1n, 2n]).dtype, 'int64')
    assert.deepEqual(tensor([true, 2, 3.5]).toArray(), [1, 2, 3.5])
    assert.equal(tensor([]).dtype, 'float32')
    assert.equal(tensor(new Float64Array(2)).dtype, 'float64')
    assert.equal(tensor(new Uint16Array([65535])).item(), 65535)
  })

  it('refuses ragged and foreign content with its position', () => {
    assert.throws(() => tensor([[1, 2], [3]]), /tensor: position \[1\] has 1 entries, 2 were expected/)
    assert.throws(() => tensor([[1], 2]), /tensor: position \[1\] holds 2, a list of 1 was expected/)
    assert.throws(() => tensor([1, 'a'] as never), /tensor: position \[1\] holds 'a', which is no number/)
    assert.throws(() => tensor([0.5, NaN], { dtype: 'int32' }), /NaN at position 1 has no int32 value/)
  })

  it('refuses impossible sizes', () => {
    assert.throws(() => zeros(-1), /zeros: sizes must be non-negative integers, got -1/)
    assert.throws(() => full([1.5], 0), /full: sizes must be non-negative integers, got 1.5/)
    assert.throws(() => zeros(2, { dtype: 'float16' as never }), /unknown dtype 'float16'; known are float32/)
    assert.throws(() => arange(3, 0), /arange: from 3 to 0 by 1 never arrives/)
  })
})

describe('wrong operands', () => {
  const x: Tensor = arange(12).float().view(3, 4)

  it('are named', () => {
    assert.throws(() => x.add('a' as never), /add: an operand must be a tensor or a number, got 'a'/)
    assert.throws(() => x.mul_(undefined as never), /mul: an operand must be a tensor or a number, got undefined/)
  })

  it('are refused by functions that want tensors', () => {
    assert.throws(() => cat([x, 1 as never]), /cat: entry 1 must be a tensor, got 1/)
    assert.throws(() => x.matmul([1] as never), /matmul: the right side must be a tensor, got \[ 1 \]/)
    assert.throws(
      () => F.crossEntropy(x, [0, 1, 2] as never),
      /crossEntropy: the target must be a tensor, got \[ 0, 1, 2 \]/,
    )
    assert.throws(() => F.linear(x, undefined as never), /linear: the weight must be a tensor, got undefined/)
    assert.throws(
      () => new optim.Adam(undefined as never),
      /Adam: expected a list of parameters or groups, got undefined/,
    )
  })

  it('positions must be whole and inside', () => {
    assert.throws(() => x.slice(0, 0.5), /slice: positions must be integers, got 0.5/)
    assert.throws(() => x.narrow(0, 0.5, 1), /narrow: 0.5 … 1.5 is no range of positions in dimension 0 of \[3, 4\]/)
    assert.throws(
      () => x.select(0, 3),
      /select: index 3 is out of range for dimension 0 of \[3, 4\], which has 3 positions/,
    )
    assert.throws(() => x.view(5, -1), /view: \[5, -1\] does not hold the 12 elements of \[3, 4\]/)
    assert.throws(() => x.t().view(12), /cannot be seen as \[12\] without a copy; use \.reshape\(\)/)
  })
})
