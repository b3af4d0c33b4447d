/** Scattering beyond golden values: in-place forms and their gradients, dtypes, large tensors on threads, errors. */
import { strict as assert } from 'node:assert'
import {
  arange,
  F,
  full,
  indexReduce,
  manualSeed,
  nonzero,
  ones,
  put,
  rand,
  randint,
  randn,
  scatter,
  scatterReduce,
  tensor,
  zeros,
  type Tensor,
} from '../../lib/index.js'

const long = (data: number[] | number[][]): Tensor => tensor(data, { dtype: 'int64' })

describe('an index in the memory that is changed', () => {
  const refusal =
    /the index of shape \[.*\] lies in the memory of the tensor of shape \[.*\].*call \.clone\(\) on the index/
  const shared: Record<string, (i: Tensor) => unknown> = {
    scatter_: (i) => i.scatter_(0, i, 1e12),
    'scatter_ of a part': (i) => i.scatter_(0, i.narrow(0, 0, 3), 1e12),
    scatterAdd_: (i) => i.scatterAdd_(0, i, i),
    indexAdd_: (i) => i.indexAdd_(0, i, i),
    indexCopy_: (i) => i.indexCopy_(0, i, i),
    indexFill_: (i) => i.indexFill_(0, i, 1e12),
    put_: (i) => i.put_(i, i),
  }
  for (const [name, call] of Object.entries(shared))
    it(`is refused by ${name}`, () => {
      const i = arange(1000, { dtype: 'int64' }).flip(0).contiguous()
      assert.throws(() => call(i), refusal)
      assert.equal(i.index(0).item(), 999)
    })

  it('is read as it was where the two are only interwoven', () => {
    const pairs = long([
      [0, 1],
      [0, 0],
    ])
    pairs.select(1, 0).scatter_(0, pairs.select(1, 1), 7)
    assert.deepEqual(pairs.tolist(), [
      [7, 1],
      [7, 0],
    ])
  })

  it('serves when it lies beside', () => {
    const all = long([0, 0, 1, 0])
    all.narrow(0, 0, 2).scatter_(0, all.narrow(0, 2, 2), 5)
    assert.deepEqual(all.tolist(), [5, 5, 1, 0])
  })

  it('takes numbers that do not fit as the nearest that do', () => {
    for (const dtype of ['int32', 'int64'] as const)
      for (const value of [NaN, Infinity, -1e30, 2.9])
        assert.deepEqual(
          zeros(1, { dtype })
            .scatter_(0, long([0]), value)
            .tolist(),
          full([1], value, { dtype }).tolist(),
          `${value} in ${dtype}`,
        )
    assert.equal(full([1], 3e9, { dtype: 'int32' }).item(), 2 ** 31 - 1)
    assert.equal(full([1], -Infinity, { dtype: 'int32' }).item(), -(2 ** 31))
    assert.equal(full([1], NaN, { dtype: 'int32' }).item(), 0)
  })
})

describe('scattering in place', () => {
  const at = long([2, 0])
  const rows = long([
    [2, 1],
    [0, 1],
  ])
  /** Each form in place, and the same without the underscore. */
  const forms: Record<string, [(x: Tensor, s: Tensor) => Tensor, (x: Tensor, s: Tensor) => Tensor]> = {
    scatter: [(x, s) => x.scatter_(0, rows, s), (x, s) => x.scatter(0, rows, s)],
    'scatter of a number': [(x) => x.scatter_(0, rows, 7), (x) => x.scatter(0, rows, 7)],
    'scatter, added': [
      (x, s) => x.scatter_(1, rows.clamp(0, 1), s, { reduce: 'add' }),
      (x, s) => x.scatter(1, rows.clamp(0, 1), s, { reduce: 'add' }),
    ],
    'scatter, multiplied': [
      (x, s) => x.scatter_(0, rows, s, { reduce: 'multiply' }),
      (x, s) => x.scatter(0, rows, s, { reduce: 'multiply' }),
    ],
    scatterAdd: [(x, s) => x.scatterAdd_(0, rows, s), (x, s) => x.scatterAdd(0, rows, s)],
    scatterReduce: [(x, s) => x.scatterReduce_(0, rows, s, 'mean'), (x, s) => x.scatterReduce(0, rows, s, 'mean')],
    indexAdd: [(x, s) => x.indexAdd_(0, at, s, { alpha: 3 }), (x, s) => x.indexAdd(0, at, s, { alpha: 3 })],
    indexCopy: [(x, s) => x.indexCopy_(0, at, s), (x, s) => x.indexCopy(0, at, s)],
    indexFill: [(x) => x.indexFill_(0, at, 5), (x) => x.indexFill(0, at, 5)],
    'indexFill with a tensor': [
      (x, s) => x.indexFill_(1, long([-1]), s.sum()),
      (x, s) => x.indexFill(1, long([-1]), s.sum()),
    ],
    indexReduce: [(x, s) => x.indexReduce_(0, at, s, 'amax'), (x, s) => x.indexReduce(0, at, s, 'amax')],
    put: [(x, s) => x.put_(rows.add(1), s), (x, s) => x.put(rows.add(1), s)],
    'put, added': [(x, s) => x.put_(rows, s, { accumulate: true }), (x, s) => x.put(rows, s, { accumulate: true })],
    maskedFill: [(x) => x.maskedFill_(tensor([true, false]), 9), (x) => x.maskedFill(tensor([true, false]), 9)],
    'maskedFill with a tensor': [
      (x, s) => x.maskedFill_(tensor([true, false]), s.sum()),
      (x, s) => x.maskedFill(tensor([true, false]), s.sum()),
    ],
    maskedScatter: [
      (x, s) => x.maskedScatter_(tensor([true, false]), s),
      (x, s) => x.maskedScatter(tensor([true, false]), s),
    ],
    indexPut: [(x, s) => x.indexPut_([at], s), (x, s) => x.indexPut([at], s)],
    'indexPut, added': [
      (x, s) => x.indexPut_([[2, 2]], s, { accumulate: true }),
      (x, s) => x.indexPut([[2, 2]], s, { accumulate: true }),
    ],
  }
  for (const [name, [inPlace, copied]] of Object.entries(forms))
    it(`${name}: values and gradients of the copying form, on whole tensors and on views`, () => {
      const base = randn(3, 4)
      const weight = randn(3, 4)
      const source = randn(2, 2)
      for (const part of [(x: Tensor) => x.narrow(1, 1, 2), (x: Tensor) => x.narrow(1, 0, 2).contiguous()]) {
        const run = (change: (x: Tensor, s: Tensor) => Tensor, keep: boolean): Tensor[] => {
          const [leaf, values] = [base.clone().requiresGrad_(), source.clone().requiresGrad_()]
          const whole = leaf.mul(2)
          const x = part(whole)
          const y = change(x, values)
          if (keep) assert.equal(y, x)
          y.mul(part(weight)).sum().add(values.sum()).backward()
          return [y.detach(), leaf.grad as Tensor, values.grad as Tensor]
        }
        const expected = run(copied, false)
        run(inPlace, true).forEach((tensor, i) => assert.ok(tensor.allclose(expected[i]), `${name}: result ${i}`))
      }
    })

  it('does not write when a position is wrong', () => {
    const x = zeros(3)
    assert.throws(() => x.scatter_(0, long([0, 3]), 1), /scatter: index\[1\] is 3, but the dim has 3 elements/)
    assert.deepEqual(x.toArray(), [0, 0, 0])
  })

  it('takes a source that is part of the tensor itself', () => {
    const x = arange(4, { dtype: 'float32' })
    x.indexCopy_(0, long([1, 2, 3]), x.narrow(0, 0, 3))
    assert.deepEqual(x.toArray(), [0, 0, 1, 2])
  })
})

describe('scattering', () => {
  it('gives the same on threads as one by one', () => {
    manualSeed(1)
    const [rows, width] = [500, 96]
    const index = randint(0, rows, [3000])
    const source = rand(3000, width)
    const expected = F.oneHot(index, rows).float().t().matmul(source)
    assert.ok(zeros(rows, width).indexAdd(0, index, source).allclose(expected, { rtol: 1e-4 }))
    const spread = index.unsqueeze(1).expand(3000, width)
    assert.ok(zeros(rows, width).scatterAdd(0, spread, source).allclose(expected, { rtol: 1e-4 }))
    assert.ok(zeros(rows, width).scatterAdd(0, spread.contiguous(), source).allclose(expected, { rtol: 1e-4 }))
    assert.ok(zeros(width, rows).scatterAdd(1, spread.t(), source.t()).allclose(expected.t(), { rtol: 1e-4 }))
    const columns = randint(0, width, [3000, 200])
    assert.ok(source.gather(1, columns).sum().item() > 0)
    assert.ok(
      source
        .gather(1, columns)
        .narrow(0, 7, 1)
        .equal(source.narrow(0, 7, 1).gather(1, columns.narrow(0, 7, 1))),
    )
  })

  it('reduces integers and bools in their own dtype', () => {
    const index = long([0, 0, 1])
    const reduced = (x: Tensor, source: Tensor, how: 'sum' | 'prod' | 'mean' | 'amax' | 'amin'): unknown =>
      scatterReduce(x, 0, index, source, how, { includeSelf: false }).toArray()
    const [x, source] = [long([9, 9, 9]), long([-3, -4, 5])]
    assert.deepEqual(reduced(x, source, 'sum'), [-7, 5, 9])
    assert.deepEqual(reduced(x, source, 'prod'), [12, 5, 9])
    assert.deepEqual(reduced(x, source, 'mean'), [-4, 5, 9])
    assert.deepEqual(reduced(x, source, 'amax'), [-3, 5, 9])
    assert.deepEqual(reduced(x, source, 'amin'), [-4, 5, 9])
    const flags = tensor([false, true, false])
    assert.deepEqual(flags.scatterReduce(0, index, tensor([true, true, false]), 'sum').toArray(), [true, true, false])
    assert.deepEqual(flags.scatterReduce(0, index, tensor([true, true, false]), 'prod').toArray(), [
      false,
      false,
      false,
    ])
    assert.deepEqual(
      tensor([1, 2])
        .scatterReduce(0, long([0]), tensor([NaN]), 'amax')
        .toArray(),
      [NaN, 2],
    )
  })

  it('works on single numbers and on nothing', () => {
    assert.equal(
      tensor(1)
        .scatter(0, tensor(0, { dtype: 'int64' }), 5)
        .item(),
      5,
    )
    assert.equal(
      tensor(1)
        .indexAdd(0, tensor(0, { dtype: 'int64' }), tensor(2))
        .item(),
      3,
    )
    assert.equal(
      tensor(1)
        .indexFill(0, long([0]), 4)
        .item(),
      4,
    )
    assert.deepEqual(
      ones(2, 3)
        .scatter(1, zeros(0, 0, { dtype: 'int64' }), 1)
        .toArray(),
      ones(2, 3).toArray(),
    )
    assert.deepEqual(ones(2).scatterAdd(0, long([]), zeros(0)).toArray(), [1, 1])
  })

  it('lists positions by dimension', () => {
    const x = tensor([
      [0, 1],
      [2, 0],
    ])
    assert.deepEqual(
      nonzero(x, { asTuple: true }).map((positions) => positions.toArray()),
      [
        [0, 1],
        [1, 0],
      ],
    )
    assert.deepEqual(x.index(...x.nonzero({ asTuple: true })).toArray(), [1, 2])
    assert.deepEqual(tensor(3).nonzero({ asTuple: true })[0].toArray(), [0])
    assert.deepEqual(tensor(3).argwhere().shape, [1, 0])
  })

  const refused: [string, () => unknown, RegExp][] = [
    [
      'an index of floats',
      () => ones(2).scatter(0, ones(1), 1),
      /scatter: the index must be int64 or int32, got float32/,
    ],
    [
      'too large an index',
      () => ones(2, 2).scatter(0, zeros(1, 3, { dtype: 'int64' }), 1),
      /scatter: an index of shape \[1, 3\] does not fit \[2, 2\] along dimension 0/,
    ],
    [
      'too small a source',
      () => ones(2, 2).scatterAdd(0, zeros(2, 2, { dtype: 'int64' }), ones(1, 2)),
      /scatterAdd: an index of shape \[2, 2\] does not fit \[2, 2\] and source \[1, 2\]/,
    ],
    ['another dtype', () => ones(2).scatter(0, long([0]), long([1])), /scatter: source is int64, the tensor float32/],
    [
      'an unknown reduction',
      () => scatter(ones(2), 0, long([0]), 1, { reduce: 'max' as never }),
      /scatter: reduce must be 'add' or 'multiply', got 'max'/,
    ],
    [
      'an unknown reduction to reduce by',
      () => scatterReduce(ones(2), 0, long([0]), ones(1), 'max' as never),
      /scatterReduce: reduce must be sum, prod, mean, amax or amin, got 'max'/,
    ],
    [
      'sums in indexReduce',
      () => indexReduce(ones(2), 0, long([0]), ones(1), 'sum' as never),
      /indexReduce: reduce must be prod, mean, amax or amin, got 'sum'/,
    ],
    [
      'slices that do not fit',
      () => ones(2, 3).indexCopy(0, long([0]), ones(3)),
      /indexCopy: with 1 positions in dimension 0 of \[2, 3\], source must have shape \[1, 3\], got \[3\]/,
    ],
    ['a filling row', () => ones(2).indexFill(0, long([0]), ones(2)), /indexFill: the value must be a number or a 0-d/],
    [
      'a filling index in two dimensions',
      () => ones(2).indexFill(0, long([[0]]), 1),
      /indexFill: the index must be 1-D/,
    ],
    ['too few elements', () => put(ones(3), long([0, 1]), ones(1)), /put: 2 positions for the 1 elements of source/],
    ['too few elements in place', () => ones(3).put_(long([0, 1]), ones(1)), /put_: 2 positions for the 1 elements/],
    ['a mask of numbers', () => ones(2).maskedFill(ones(2), 1), /maskedFill: the mask must be bool, got float32/],
    ['a value of many', () => ones(2).maskedFill_(ones(2).gt(0), ones(2)), /maskedFill_: the value must be a number/],
    [
      'a mask that is larger',
      () => ones(2).maskedFill_(ones(3, 2).gt(0), 1),
      /maskedFill_: a mask of shape \[3, 2\] does not broadcast to \[2\]/,
    ],
    [
      'a source of another dtype',
      () => ones(2).maskedScatter(ones(2).gt(0), long([1, 2])),
      /maskedScatter: source is int64, the tensor float32/,
    ],
    ['a label outside', () => F.oneHot(long([0, 5]), 3), /oneHot: label 5 at position 1 is outside of 0 … 2/],
    [
      'expanded tensors',
      () =>
        full([1], 0)
          .expand(3)
          .scatter_(0, long([0]), 1),
      /several elements of this expanded tensor/,
    ],
  ]
  for (const [what, call, message] of refused) it(`refuses ${what}`, () => assert.throws(call, message))
})
