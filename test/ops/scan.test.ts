/** What golden values do not show of scans, sorts, counts and draws: positions, dtypes, in-place forms, errors. */
import { strict as assert } from 'node:assert'
import {
  arange,
  autograd,
  binomial,
  bernoulli,
  bucketize,
  cumsum,
  cumulativeTrapezoid,
  diff,
  enableGrad,
  histogram,
  isin,
  logcumsumexp,
  manualSeed,
  ones,
  poisson,
  rand,
  randintLike,
  randn,
  searchsorted,
  tensor,
  trapezoid,
  zeros,
  type Tensor,
} from '../../lib/index.js'

const int64 = { dtype: 'int64' } as const

describe('running results', () => {
  it('accumulate integers in int64, or in the dtype that is asked for', () => {
    const bytes = tensor([200, 100], { dtype: 'uint8' })
    assert.deepEqual(bytes.cumsum(0).toArray(), [200, 300])
    assert.equal(bytes.cumsum(0).dtype, 'int64')
    assert.deepEqual(bytes.gt(0).cumsum(0).toArray(), [1, 2])
    assert.equal(cumsum(bytes, 0, { dtype: 'float64' }).dtype, 'float64')
    assert.deepEqual(tensor([2, 3], int64).cumprod(0).toArray(), [2, 6])
  })

  it('name the latest position of equal extremes, and keep NaN', () => {
    const { values, indices } = tensor([1, 3, 3, 2, NaN, 9]).cummax(0)
    assert.deepEqual(values.toArray(), [1, 3, 3, 3, NaN, NaN])
    assert.deepEqual(indices.toArray(), [0, 1, 2, 2, 4, 4])
    assert.deepEqual(tensor([2, 2, 1]).cummin(0).indices.toArray(), [0, 1, 2])
  })

  it('do not lose small terms, nor overflow', () => {
    assert.equal(ones(20_000_000).cumsum(0).at(-1).item(), 20_000_000)
    assert.deepEqual(tensor([1000, 1000]).logcumsumexp(0).toArray(), [1000, Math.fround(1000 + Math.log(2))])
  })

  it('change tensors in place, also through views, and keep the graph', () => {
    const x = arange(6, { dtype: 'float32' }).view(2, 3)
    x.index(':', 1).cumsum_(0)
    x.cumprod_(1)
    assert.deepEqual(x.toArray(), [
      [0, 0, 0],
      [3, 15, 75],
    ])
    const leaf = tensor([1, 2, 3], { requiresGrad: true })
    const y = leaf.mul(1)
    y.cumsum_(0).cumprod_(0)
    assert.deepEqual(y.toArray(), [1, 3, 18])
    y.sum().backward()
    // d of a + a(a+b) + a(a+b)(a+b+c)
    assert.deepEqual(leaf.grad?.toArray(), [32, 10, 3])
  })

  it('have second derivatives, zeros or not', () => {
    const gradientOf =
      (f: (x: Tensor) => Tensor) =>
      (input: Tensor): Tensor =>
        enableGrad(() => {
          const x = input.requiresGrad ? input : input.requiresGrad_()
          return autograd.grad(f(x), [x], { createGraph: true })[0]
        })
    const x = tensor([2, 0, 3, 0.5], { dtype: 'float64', requiresGrad: true })
    assert.ok(
      autograd.gradcheck(
        gradientOf((x) => x.cumprod(0).square().sum().add(x.prod().square())),
        [x],
      ),
    )
    assert.ok(
      autograd.gradcheck(
        gradientOf((x) => x.logcumsumexp(0).square().sum()),
        [x],
      ),
    )
    assert.ok(
      autograd.gradcheck(
        gradientOf((x) => x.sort().values.cumsum(0).square().sum()),
        [x],
      ),
    )
  })

  it('refuse what they cannot run over', () => {
    assert.throws(() => ones(2, 3).cumsum(2), /cumsum: dimension 2 is out of range, a 2-d tensor has -2 to 1/)
    assert.throws(() => logcumsumexp(arange(3), 0), /logcumsumexp: needs a floating tensor, got int64/)
    assert.throws(() => diff(tensor(1)), /diff: needs at least one dimension, got a 0-d tensor/)
    assert.throws(() => ones(3).diff({ n: -1 }), /diff: n must be a non-negative integer, got -1/)
    assert.throws(() => trapezoid(tensor(1)), /trapezoid: needs at least one dimension, got a 0-d tensor/)
    assert.throws(
      () => trapezoid(ones(2, 3), ones(4)),
      /trapezoid: 4 positions for the 3 samples along dimension -1 of \[2, 3\]/,
    )
    assert.throws(() => cumulativeTrapezoid(tensor(1)), /cumulativeTrapezoid: needs at least one dimension/)
  })

  it('take differences with what is put around', () => {
    const x = tensor([1, 4, 9], int64)
    assert.deepEqual(x.diff({ prepend: tensor([0], int64), append: tensor([16], int64) }).toArray(), [1, 3, 5, 7])
    assert.deepEqual(x.gt(3).diff().toArray(), [true, false])
  })
})

describe('orders', () => {
  it('are stable and put NaN last, or first when descending', () => {
    const x = tensor([2, NaN, 1, 2, -0, 0])
    assert.deepEqual(x.sort().indices.toArray(), [4, 5, 2, 0, 3, 1])
    assert.deepEqual(x.sort({ descending: true }).indices.toArray(), [1, 0, 3, 2, 4, 5])
    assert.ok(Object.is(x.sort().values.toTypedArray()[0], -0))
    const many = rand(5000).mul(50).floor()
    const { values, indices } = many.sort(0)
    assert.ok(many.take(indices).equal(values))
    const runs = values.diff().eq(0)
    assert.ok(indices.diff().gt(0).logicalOr(runs.logicalNot()).all().item())
  })

  it('sort every dtype', () => {
    for (const dtype of ['float64', 'int32', 'int64', 'uint8'] as const) {
      const x = tensor([3, 1, 200, 0, 7], { dtype })
      assert.deepEqual(x.sort().values.toArray(), [0, 1, 3, 7, 200])
    }
    assert.deepEqual(
      tensor([5, -1, -(2 ** 40)], int64)
        .sort()
        .values.toArray(),
      [-(2 ** 40), -1, 5],
    )
    assert.deepEqual(tensor([true, false]).sort().values.toArray(), [false, true])
    const wide = randn(3000).double()
    assert.ok(wide.sort().values.diff().ge(0).all().item())
  })

  it('choose with positions', () => {
    const x = tensor([
      [5, 1, 4, 1],
      [2, NaN, 0, 9],
    ])
    assert.deepEqual(x.topk(2).indices.toArray(), [
      [0, 2],
      [1, 3],
    ])
    assert.deepEqual(x.topk(1, { dim: 0, largest: false }).indices.toArray(), [[1, 0, 1, 0]])
    assert.deepEqual(x.kthvalue(3).values.toArray(), [4, 9])
    assert.deepEqual(x.kthvalue(3, { keepdim: true }).indices.toArray(), [[2], [3]])
    assert.deepEqual(x.median(1).indices.toArray(), [3, 1])
    assert.deepEqual(x.nanmedian(1).values.toArray(), [1, 2])
    assert.deepEqual(x.mode().indices.toArray(), [3, 2])
    assert.equal(x.nanmedian().item(), 2)
    assert.equal(x.median().item(), NaN)
    assert.equal(zeros(0).median().item(), NaN)
    assert.equal(tensor(5).sort().values.item(), 5)
    assert.equal(tensor(5).median(0).indices.item(), 0)
  })

  it('refuse what cannot be chosen', () => {
    assert.throws(
      () => ones(2, 3).topk(4),
      /topk: k must be an integer from 0 to 3, the size of dimension -1 of \[2, 3\]; got 4/,
    )
    assert.throws(() => tensor([true]).topk(1), /topk: bools have no order; convert them with .to\('uint8'\)/)
    assert.throws(
      () => ones(3).kthvalue(0),
      /kthvalue: k must be an integer from 1 to 3, the size of dimension -1 of \[3\]; got 0/,
    )
    assert.throws(
      () => ones(2, 0).median(1),
      /median: dimension 1 of \[2, 0\] is empty, so there is nothing to choose from/,
    )
    assert.throws(() => ones(2).sort(1), /sort: dimension 1 is out of range/)
    assert.throws(() => ones(2).argsort(1), /argsort: dimension 1 is out of range/)
  })
})

describe('quantiles and different elements', () => {
  it('put several quantiles into a first dimension', () => {
    const x = arange(6, { dtype: 'float32' }).view(2, 3)
    assert.deepEqual(x.quantile(tensor([0, 0.5, 1]), { dim: 0, keepdim: true }).shape, [3, 1, 3])
    assert.equal(x.quantile(0.5).item(), 2.5)
    assert.deepEqual(tensor([1, NaN, 3]).nanquantile(0.5).item(), 2)
  })

  it('count and point back', () => {
    const { output, inverseIndices, counts } = tensor([3, 1, 3, 3]).unique({ returnInverse: true, returnCounts: true })
    assert.deepEqual(output.toArray(), [1, 3])
    assert.deepEqual(inverseIndices?.toArray(), [1, 0, 1, 1])
    assert.deepEqual(counts?.toArray(), [1, 3])
    assert.deepEqual(tensor([3, 1, 3, 3]).uniqueConsecutive().toArray(), [3, 1, 3])
    assert.equal(tensor([1]).unique({ returnCounts: true }).inverseIndices, undefined)
    assert.deepEqual(tensor([true, false, true]).unique().toArray(), [false, true])
    assert.deepEqual(
      tensor(
        [
          [2, 1],
          [0, 3],
          [2, 1],
        ],
        int64,
      )
        .unique({ dim: 0 })
        .toArray(),
      [
        [0, 3],
        [2, 1],
      ],
    )
  })

  const refused: [() => unknown, RegExp][] = [
    [() => arange(3).quantile(0.5), /quantile: needs a floating tensor, got int64/],
    [() => zeros(0, 2).quantile(0.5), /quantile: a tensor of shape \[0, 2\] has no elements to order/],
    [() => ones(2).nanquantile(1.5), /nanquantile: q must lie between 0 and 1, got 1.5/],
    [() => ones(2).quantile(ones(1).double()), /quantile: q is float64, the tensor float32/],
    [() => ones(2).quantile(ones(1, 1)), /quantile: q must be a number, 0-d or 1-D, got shape \[1, 1\]/],
    [
      () => ones(2).quantile(0.5, { interpolation: 'cubic' as never }),
      /quantile: interpolation must be one of linear, lower, higher, nearest, midpoint, got 'cubic'/,
    ],
    [() => ones(2).unique({ dim: 1 }), /unique: dimension 1 is out of range/],
  ]
  it('refuse what has no order', () => {
    for (const [call, message] of refused) assert.throws(call, message)
  })
})

describe('counts', () => {
  it('name the edges of their bins', () => {
    const { hist, binEdges } = histogram(tensor([1, 2, 1]), 4, { range: [0, 3], weight: tensor([1, 2, 4]) })
    assert.deepEqual(hist.toArray(), [0, 5, 2, 0])
    assert.deepEqual(binEdges.toArray(), [0, 0.75, 1.5, 2.25, 3])
    assert.deepEqual(histogram(tensor([2, 2]), 2).binEdges.toArray(), [1.5, 2, 2.5])
    assert.deepEqual(zeros(0).histc({ bins: 2 }).toArray(), [0, 0])
  })

  it('add up weights in their own type', () => {
    const x = tensor([0, 2, 2], int64)
    assert.equal(x.bincount({ weights: ones(3) }).dtype, 'float32')
    const sums = x.bincount({ weights: tensor([1, 2, 3], int64), minlength: 4 })
    assert.equal(sums.dtype, 'float64')
    assert.deepEqual(sums.toArray(), [1, 0, 5, 0])
  })

  it('find positions with numbers, sides and sorters', () => {
    const sequence = tensor([5, 1, 3])
    assert.equal(searchsorted(sequence, 3, { sorter: sequence.argsort() }).item(), 1)
    assert.equal(searchsorted(tensor([1, 3]), 3, { side: 'right', outInt32: true }).dtype, 'int32')
    assert.equal(bucketize(2, tensor([1, 2, 3])).item(), 1)
    assert.equal(isin(2, tensor([1, 2])).item(), 1)
    assert.deepEqual(tensor([1, 2], int64).isin(2).toArray(), [false, true])
  })

  it('refuse what they cannot count', () => {
    const x = arange(3)
    assert.throws(() => tensor([1, -1], int64).bincount(), /bincount: element 1 is -1: expected 0 to 1/)
    assert.throws(() => ones(3).bincount(), /bincount: needs a 1-D tensor of integers, got float32 of shape \[3\]/)
    assert.throws(() => x.bincount({ minlength: -1 }), /bincount: minlength must be a non-negative integer, got -1/)
    assert.throws(() => x.bincount({ weights: ones(2) }), /bincount: weights have shape \[2\], the elements \[3\]/)
    assert.throws(() => x.histc(), /histc: needs a floating tensor, got int64/)
    assert.throws(() => ones(2).histc({ bins: 0 }), /histc: bins must be a positive integer, got 0/)
    assert.throws(
      () => ones(2).histc({ min: 2, max: 1 }),
      /histc: the range from 2 to 1 must be finite and not reversed/,
    )
    assert.throws(() => tensor([1, Infinity]).histc(), /histc: elements range from 1 to Infinity, which is not finite/)
    assert.throws(
      () => ones(2).histogram(3, { weight: ones(3) }),
      /histogram: weight has shape \[3\], the elements \[2\]/,
    )
    assert.throws(() => ones(2).histogram(ones(1)), /histogram: edges must be 1-D and at least two, got shape \[1\]/)
    assert.throws(
      () => searchsorted(ones(2, 3), ones(3, 2)),
      /searchsorted: a sequence of shape \[2, 3\] does not fit values of shape \[3, 2\]/,
    )
    assert.throws(
      () => searchsorted(ones(3), 1, { sorter: ones(3) }),
      /searchsorted: the sorter must be int64 of shape \[3\], got float32 of shape \[3\]/,
    )
    assert.throws(
      () => searchsorted(ones(1), 1, { sorter: tensor([7], int64) }),
      /searchsorted: the sorter has 7 at position 0: expected 0 to 0/,
    )
    assert.throws(() => searchsorted(ones(1), 1, { side: 'left', right: true }), /contradict each other/)
    assert.throws(() => bucketize(1, ones(2, 2)), /bucketize: the boundaries must be 1-D, got shape \[2, 2\]/)
  })
})

describe('draws', () => {
  it('take sizes and dtype from another tensor', () => {
    const like = randintLike(zeros(50, { dtype: 'uint8' }), 3, 5)
    assert.equal(like.dtype, 'uint8')
    assert.deepEqual(like.unique().toArray(), [3, 4])
    assert.ok(randintLike(zeros(9), 2).amax().item() < 2)
  })

  it('come as often as their weights say', () => {
    manualSeed(3)
    const drawn = tensor([1, 0, 3]).multinomial(8000, { replacement: true }).bincount({ minlength: 3 })
    assert.equal(drawn.at(1).item(), 0)
    assert.ok(Math.abs(drawn.at(2).item() / 8000 - 0.75) < 0.02)
    assert.deepEqual(ones(5).multinomial(5).sort().values.toArray(), [0, 1, 2, 3, 4])
    assert.deepEqual(ones(0, 3).multinomial(2).shape, [0, 2])
    assert.deepEqual(binomial(ones(2, 1), rand(3)).shape, [2, 3])
  })

  const refused: [string, () => unknown, RegExp][] = [
    ['weights below 0', () => tensor([1, -1]).multinomial(1), /multinomial: weights must be finite and not negative/],
    ['weights of 0', () => zeros(2).multinomial(1), /multinomial: the weights of a row sum to 0/],
    ['too many', () => ones(2).multinomial(3), /cannot draw 3 of 2 categories without replacement/],
    ['none', () => ones(2).multinomial(0), /multinomial: numSamples must be a positive integer, got 0/],
    ['integers', () => arange(2).multinomial(1), /multinomial: needs a floating tensor, got int64/],
    ['three dimensions', () => ones(1, 1, 1).multinomial(1), /multinomial: weights must be 1-D or 2-D/],
    [
      'with replacement too',
      () => tensor([[1], [NaN]]).multinomial(2, { replacement: true }),
      /multinomial: weight nan at position 0 of row 1 is negative, infinite or NaN/,
    ],
    ['zeros', () => zeros(1, 2).multinomial(2, { replacement: true }), /multinomial: the weights of row 0 sum to 0/],
    ['rates below 0', () => poisson(tensor([1, -2])), /poisson: rate -2 at position 1 is negative, infinite or NaN/],
    ['no probability', () => bernoulli(tensor([2])), /bernoulli: 2 at position 0 is no probability: expected 0 to 1/],
    ['mixed types', () => binomial(ones(1), ones(1).double()), /binomial: count is float32, p float64/],
    ['infinite counts', () => binomial(tensor(Infinity), tensor(0.5)), /binomial: count inf at position 0/],
    ['a rate of 0', () => ones(1).exponential_(0), /exponential_: lambda must be positive, got 0/],
    ['certainty', () => ones(1).geometric_(1), /geometric_: p must lie between 0 and 1, got 1/],
    ['no width', () => ones(1).cauchy_(0, 0), /cauchy_: sigma must be positive, got 0/],
    ['no deviation', () => ones(1).logNormal_(0, 0), /logNormal_: std must be positive, got 0/],
    ['no range', () => ones(1).random_(0), /random_: needs integers from < to, got 0 and 0/],
  ]
  for (const [what, call, message] of refused) it(`refuse ${what}`, () => assert.throws(call, message))
})
