/** What golden values do not show of indexing and rearranging: views, errors, in-place writes and their gradients. */
import { strict as assert } from 'node:assert'
import { arange, einsum, logspace, meshgrid, ones, tensor, zeros, type Tensor } from '../../lib/index.js'

const grid = (): Tensor => arange(12, { dtype: 'float32' }).view(3, 4)

describe('index', () => {
  it('gives views for positions and slices, copies for tensors and masks', () => {
    const x = grid()
    x.index('1:', { start: 0, step: 2 }).fill_(-1)
    assert.deepEqual(x.index(1).toArray(), [-1, 5, -1, 7])
    x.index([0]).fill_(100)
    assert.deepEqual(x.index(0).toArray(), [0, 1, 2, 3])
    assert.deepEqual(x.index(x.lt(0)).toArray(), [-1, -1, -1, -1])
    assert.deepEqual(x.index(null, '...', -1).shape, [1, 3])
    assert.deepEqual(x.index(tensor(2, { dtype: 'int64' }), 1).item(), 9)
  })

  it('refuses what does not fit, as PyTorch does', () => {
    const x = grid()
    assert.throws(() => x.index(3), /index: position 3 is outside of a dimension with 3 positions/)
    assert.throws(() => x.index([0, -4]), /index: position -4 is outside of dimension 0, which has 3 positions/)
    assert.throws(() => x.index('::-1'), /step of a slice must be greater than 0, got -1; use .flip\(\)/)
    assert.throws(() => x.index(0, 0, 0), /3 positions for the 2 dimensions of \[3, 4\]/)
    assert.throws(() => x.index('...', '...'), /may stand only once/)
    assert.throws(() => x.index([true, false]), /a mask of shape \[2\] does not fit \[3\]/)
    assert.throws(() => x.index(tensor([0.5])), /index tensors are int64, int32 or bool, got float32/)
    assert.throws(() => x.index('a:b'), /'a:b' is no slice/)
    assert.throws(() => x.index([0, 1], [0, 1, 2]), /index: sizes \[2\] and \[3\] do not broadcast/)
  })
})

describe('indexPut_', () => {
  it('writes at slices, positions and masks', () => {
    const x = grid()
    x.indexPut_([':', 0], 9)
    x.indexPut_([x.ge(8).logicalAnd(x.lt(9.5))], tensor(-1))
    x.indexPut_(
      [
        [0, 2],
        [3, 3],
      ],
      tensor([50, 60]),
    )
    assert.deepEqual(x.toArray(), [
      [-1, 1, 2, 50],
      [-1, 5, 6, 7],
      [-1, -1, 10, 60],
    ])
    const counts = zeros(3)
    counts.indexPut_([[1, 1, 2]], 1, { accumulate: true })
    assert.deepEqual(counts.toArray(), [0, 2, 1])
  })

  it('places values where index would find them, also behind a slice', () => {
    const x = zeros(2, 3, 4)
    const value = arange(12, { dtype: 'float32' }).view(2, 3, 2)
    x.indexPut_([':', ':', [3, 1]], value)
    assert.deepEqual(x.index(':', ':', [3, 1]).toArray(), value.toArray())
    x.indexPut_([[1], ':', [0]], tensor([[7, 8, 9]]))
    assert.deepEqual(x.index(1, ':', 0).toArray(), [7, 8, 9])
  })

  it('sends gradients to the value and to what stays', () => {
    const x = tensor([1, 2, 3], { requiresGrad: true })
    const value = tensor(5, { requiresGrad: true })
    const y = x.mul(2)
    y.indexPut_([[0, 2]], value)
    y.mul(tensor([1, 10, 100]))
      .sum()
      .backward()
    assert.deepEqual(x.grad?.toArray(), [0, 20, 0])
    assert.equal(value.grad?.item(), 101)
    assert.throws(() => zeros(3).indexPut_([[0, 2]], ones(3)), /indexPut_: sizes \[2\] and \[3\] do not broadcast/)
  })
})

describe('rearranging', () => {
  it('keeps dtypes, and shares memory where it says view', () => {
    const x = arange(6).view(2, 3)
    assert.equal(x.flip(0).dtype, 'int64')
    x.diagonal().fill_(0)
    x.unfold(1, 2, 1).select(2, 1).select(0, 1).fill_(9)
    assert.deepEqual(x.toArray(), [
      [0, 1, 2],
      [3, 9, 9],
    ])
    assert.deepEqual(meshgrid([arange(2), arange(3)], { indexing: 'xy' })[0].shape, [3, 2])
    assert.deepEqual(logspace(0, 2, 3).toArray(), [1, 10, 100])
    assert.deepEqual(logspace(0, 3, 4, { base: 2, dtype: 'int64' }).toArray(), [1, 2, 4, 8])
  })

  it('says what does not fit', () => {
    const x = grid()
    assert.throws(() => x.roll([1, 2], 0), /2 shifts \[1, 2\] for 1 dimensions/)
    assert.throws(() => x.repeat(2), /1 counts for the 2 dimensions of \[3, 4\]/)
    assert.throws(() => x.unfold(0, 4, 1), /size 4 does not fit into dimension 0 of \[3, 4\]/)
    assert.throws(() => ones(3).tril(), /needs at least two dimensions, got \[3\]/)
    assert.throws(() => x.unflatten(1, [3, -1]), /does not hold the 4 elements/)
    assert.throws(() => x.repeatInterleave([1, 2], 0), /2 counts for the 3 positions/)
    assert.throws(
      () => x.scatter(1, tensor([[4]], { dtype: 'int64' }), 0),
      /scatter: index\[0\] is 4, but the dim has 4 elements: expected 0 to 3/,
    )
    assert.throws(
      () => ones(2).addmm(ones(2, 2), ones(2)),
      /addmm: needs tensors of at most 2, of 2 and of 2 dimensions/,
    )
  })
})

describe('einsum', () => {
  it('names the subscripts that do not fit', () => {
    const [a, b] = [ones(2, 3), ones(4, 5)]
    assert.throws(() => einsum('ij,jk', a, b), /subscript 'j' has size 4 in operand 1 and 3 before it/)
    assert.throws(() => einsum('ijk', a), /subscripts 'ijk' name 3 dimensions, operand 0 has 2 \(shape \[2, 3\]\)/)
    assert.throws(() => einsum('ij,jk', a), /names 2 operands, got 1/)
    assert.throws(() => einsum('ij->ik', a), /subscript 'k' of the result does not occur/)
    assert.throws(() => einsum('ij->ii', a), /subscript 'i' occurs twice in the result/)
    assert.throws(() => einsum('i1', a), /subscripts 'i1' in 'i1' may hold only letters/)
    assert.throws(() => einsum('ii', a), /subscript 'i' stands for 2 and 3 in operand 0/)
  })
})
