/** Functions of each element, reductions and products: in-place forms, dtypes, and what they refuse. */
import { strict as assert } from 'node:assert'
import {
  addbmm,
  allclose,
  autograd,
  chainMatmul,
  clamp,
  cov,
  cross,
  div,
  floorDivide,
  frexp,
  gcd,
  isclose,
  linalg,
  max,
  min,
  nanToNum,
  pow,
  special,
  stdMean,
  tensor,
  Tensor,
  trace,
  varMean,
} from '../../lib/index.js'

const values = (x: Tensor): unknown => x.toArray()

describe('functions of each element', () => {
  it('keep whole numbers whole where PyTorch does', () => {
    const whole = tensor([7, -7], { dtype: 'int64' })
    assert.equal(floorDivide(whole, 2).dtype, 'int64')
    assert.deepEqual(values(floorDivide(whole, 2)), [3, -4])
    assert.deepEqual(values(whole.remainder(4)), [3, 1])
    assert.deepEqual(values(whole.fmod(4)), [3, -3])
    assert.equal(whole.div(2).dtype, 'float32')
    assert.deepEqual(values(div(whole, 2, { roundingMode: 'trunc' })), [3, -3])
    assert.equal(whole.pow(2).dtype, 'int64')
    assert.equal(pow(2, whole).dtype, 'int64')
    assert.equal(whole.pow(0.5).dtype, 'float32')
    assert.equal(whole.floor().dtype, 'int64')
    assert.equal(whole.atan2(whole).dtype, 'float32')
    assert.equal(whole.clamp(0).dtype, 'int64')
    assert.equal(whole.clamp(0.5).dtype, 'float32')
    assert.deepEqual(values(tensor([2 ** 40], { dtype: 'int64' }).clamp(0)), [2 ** 40])
    assert.deepEqual(values(tensor([3, 200], { dtype: 'uint8' }).clamp(-5, 100)), [3, 100])
    assert.deepEqual(values(gcd(tensor([12], { dtype: 'uint8' }), tensor([18], { dtype: 'uint8' }))), [6])
    const bools = tensor([true, false])
    assert.deepEqual(values(bools.bitwiseNot()), [false, true])
    assert.deepEqual(values(bools.bitwiseXor(tensor([true, true]))), [false, true])
    assert.equal(whole.floatPower(2).dtype, 'float64')
    assert.equal(frexp(tensor([8.0])).exponent.dtype, 'int32')
  })

  it('give whole logarithms of powers', () => {
    assert.deepEqual(values(tensor([1, 2, 8, 1024, 2 ** -20]).log2()), [0, 1, 3, 10, -20])
    assert.deepEqual(values(tensor([1, 10, 1000, 1e6]).log10()), [0, 1, 3, 6])
  })

  it('stay accurate at the ends', () => {
    assert.equal(tensor(NaN).sign().item(), 0)
    assert.ok(Math.abs(special.erfcx(tensor(1000)).item() - 5.641893014533876e-4) < 1e-10)
    assert.equal(tensor(-2).digamma().isnan().item(), 1)
    assert.deepEqual(values(nanToNum(tensor([NaN, Infinity]))), [0, 3.4028234663852886e38])
  })

  it('choose by bounds that are tensors', () => {
    const x = tensor([0, 5, 9], { requiresGrad: true })
    const low = tensor([1, 1, 1], { requiresGrad: true })
    clamp(x, low, 7).sum().backward()
    assert.deepEqual(values(x.grad as Tensor), [0, 1, 0])
    assert.deepEqual(values(low.grad as Tensor), [1, 0, 0])
  })

  it('compare within tolerances', () => {
    const a = tensor([1, NaN])
    assert.deepEqual(values(isclose(a, a)), [true, false])
    assert.ok(allclose(a, a, { equalNan: true }))
  })
})

describe('in-place forms', () => {
  it('change the tensor and return it', () => {
    const x = tensor([0.25, 1])
    assert.equal(x.sqrt_(), x)
    assert.deepEqual(values(x), [0.5, 1])
    assert.deepEqual(values(x.clamp_(0.75)), [0.75, 1])
    assert.deepEqual(values(x.pow_(2)), [0.5625, 1])
    assert.deepEqual(values(x.floorDivide_(0.5)), [1, 2])
    assert.deepEqual(values(x.ge_(2)), [0, 1])
    assert.deepEqual(values(x.lerp_(tensor([2, 2]), 0.5)), [1, 1.5])
    assert.deepEqual(values(x.div_(0.4, { roundingMode: 'floor' })), [2, 3])
    assert.deepEqual(values(x.double().add_(tensor([1, 1]))), [3, 4])
    assert.deepEqual(values(x.add_(tensor([1, 1], { dtype: 'float64' }))), [3, 4])
    assert.equal(x.dtype, 'float32')
  })

  it('differentiate', () => {
    const fixed = tensor([3, 1, -2], { dtype: 'float64' })
    for (const change of [
      (x: Tensor) => x.exp_(),
      (x: Tensor) => x.tan_(),
      (x: Tensor) => x.clamp_(0.2, 0.6),
      (x: Tensor) => x.pow_(3),
      (x: Tensor) => x.addcmul_(fixed, fixed, { value: 2 }),
      (x: Tensor) => x.logit_(),
      (x: Tensor) => x.lerp_(fixed, 0.25),
    ])
      assert.ok(autograd.gradcheck((x) => change(x.mul(1)), [tensor([0.3, 0.5, 0.7], { requiresGrad: true })]))
  })
})

describe('what gradients keep', () => {
  it('leaves operands free to change that no gradient needs', () => {
    const x = tensor([1, 2], { requiresGrad: true })
    const y = x.mul(1)
    const z = y.mul(3).add(y.div(2))
    y.add_(1)
    z.sum().backward()
    assert.deepEqual(values(x.grad as Tensor), [3.5, 3.5])
  })

  it('still guards those that one needs', () => {
    const x = tensor([1, 2], { requiresGrad: true })
    const y = x.mul(1)
    const z = y.mul(y)
    y.add_(1)
    assert.throws(
      () => z.sum().backward(),
      /MulBackward0 needs a float32 tensor of shape \[2\] that was changed in place/,
    )
  })
})

describe('reductions and products', () => {
  it('have the forms of max and min', () => {
    const x = tensor([
      [1, 5],
      [7, 0],
    ])
    assert.equal(max(x).item(), 7)
    assert.deepEqual(values(min(x, tensor([3, 3]))), [
      [1, 3],
      [3, 0],
    ])
    assert.deepEqual(values(max(x, 1).indices), [1, 0])
    assert.deepEqual(values(x.max(tensor(4))), [
      [4, 5],
      [7, 4],
    ])
    assert.deepEqual(x.aminmax({ dim: 0 }).max.toArray(), [7, 5])
  })

  it('give moments in pairs, and flat gradients where there is no spread', () => {
    const x = tensor([2, 2, 2], { requiresGrad: true })
    assert.deepEqual(varMean(x).map(values), [0, 2])
    const [deviation] = stdMean(x, 0, { unbiased: false })
    deviation.backward()
    assert.deepEqual(values(x.grad as Tensor), [0, 0, 0])
    assert.deepEqual(
      values(
        tensor([[NaN, 1]])
          .nanmean(0)
          .isnan(),
      ),
      [true, false],
    )
  })

  it('weigh observations', () => {
    const x = tensor([
      [1, 2, 4],
      [3, 1, 0],
    ])
    const twice = cov(
      tensor([
        [1, 2, 2, 4],
        [3, 1, 1, 0],
      ]),
    )
    assert.ok(allclose(cov(x, { fweights: tensor([1, 2, 1], { dtype: 'int64' }) }), twice))
    assert.ok(allclose(cov(x, { aweights: tensor([0.5, 0.5, 0.5]) }), cov(x), { atol: 1e-6 }))
  })

  it('multiply chains', () => {
    const [a, b, c] = [tensor([[1, 2]]), tensor([[1], [1]]), tensor([[2, 3]])]
    assert.deepEqual(values(chainMatmul(a, b, c)), [[6, 9]])
    assert.equal(chainMatmul(a), a)
  })
})

describe('what they refuse', () => {
  const x = tensor([1, 2])
  const whole = tensor([1, 0], { dtype: 'int64' })
  const cases: [string, () => unknown, RegExp][] = [
    [
      'dividing integers by zero',
      () => whole.remainder(whole),
      /remainder: integers cannot be divided by 0; convert with \.float\(\)/,
    ],
    [
      'dividing integers by the number zero',
      () => whole.floorDivide_(0),
      /floorDivide_: integers cannot be divided by 0/,
    ],
    [
      'an unknown rounding',
      () => div(x, 2, { roundingMode: 'up' as never }),
      /div: roundingMode must be 'floor', 'trunc' or null, got 'up'/,
    ],
    [
      'integers to negative powers',
      () => whole.pow(-1),
      /pow: integers cannot be raised to the negative power -1; convert the base/,
    ],
    [
      'bits of floats',
      () => x.bitwiseAnd(x),
      /bitwiseAnd: needs integers or bools, got float32; convert with \.long\(\) first/,
    ],
    [
      'a result that does not fit the dtype',
      () => whole.exp_(),
      /exp_: the result is float32 and cannot be stored in a int64 tensor; use exp\(\)/,
    ],
    [
      'a computed result that does not fit the dtype',
      () => whole.deg2rad_(),
      /deg2rad_: the result is float32 and cannot be stored in a int64 tensor; use deg2rad\(\)/,
    ],
    [
      'a result of another shape',
      () =>
        x.lerp_(
          tensor([
            [1, 2],
            [3, 4],
          ]),
          0.5,
        ),
      /lerp_: the result has shape \[2, 2\] and cannot be stored in a tensor of shape \[2\]/,
    ],
    [
      'the difference of bools',
      () => x.gt(0).sub(x.gt(1)),
      /sub: not defined for bools; use logicalNot\(\), logicalXor\(\) … or convert with \.int\(\) first/,
    ],
    ['no bound', () => x.clamp(), /clamp: needs min, max or both/],
    [
      'the sign of a bool',
      () => tensor([true]).positive(),
      /positive: bools have no sign; convert with \.int\(\) first/,
    ],
    [
      'a fractional number of decimals',
      () => x.round({ decimals: 0.5 }),
      /round: decimals must be an integer, got 0\.5/,
    ],
    [
      'a negative order of polygamma',
      () => x.polygamma(-1),
      /polygamma: the order must be a whole number of at least 0, got -1/,
    ],
    ['a dimension of mvlgamma below 1', () => x.mvlgamma(0), /mvlgamma: p must be a whole number of at least 1, got 0/],
    [
      'the mantissa of integers',
      () => whole.frexp(),
      /frexp: needs a floating tensor, got int64; convert it with \.float\(\) first/,
    ],
    [
      'dividing integers in addcdiv',
      () => x.addcdiv(whole, whole),
      /addcdiv: integers \(int64 and int64\) are not divided here; convert one with \.float\(\)/,
    ],
    [
      'negative tolerances',
      () => x.isclose(x, { rtol: -1 }),
      /isclose: tolerances must be at least 0, got rtol -1 and atol 1e-8/,
    ],
    [
      'norms of integers',
      () => linalg.vectorNorm(whole),
      /norm: needs a floating tensor, got int64; convert it with \.float\(\) first/,
    ],
    [
      'an order that is no number',
      () => linalg.vectorNorm(x, 'two' as never),
      /norm: the order p must be a number, got two/,
    ],
    ['renorm of a vector', () => x.renorm(2, 0, 1), /renorm: needs at least two dimensions, got \[2\]/],
    ['renorm with p 0', () => tensor([[1]]).renorm(0, 0, 1), /renorm: p must be positive, got 0/],
    ['renorm below 0', () => tensor([[1]]).renorm(1, 0, -1), /renorm: maxnorm must be at least 0, got -1/],
    [
      'nanmean of integers',
      () => whole.nanmean(),
      /nanmean: needs a floating tensor, got int64; convert it with \.float\(\) first/,
    ],
    ['cov of a cube', () => cov(tensor([[[1]]])), /cov: needs at most two dimensions, got \[1, 1, 1\]/],
    [
      'weights of another length',
      () => cov(x, { aweights: tensor([1, 2, 3]) }),
      /cov: aweights must have shape \[2\], got \[3\]/,
    ],
    ['frequencies that are no integers', () => cov(x, { fweights: x }), /cov: fweights must be integers, got float32/],
    ['importances that are integers', () => cov(x, { aweights: whole }), /cov: aweights must be floating, got int64/],
    [
      'inner of other sizes',
      () => x.inner(tensor([1, 2, 3])),
      /inner: the last dimensions of \[2\] and \[3\] must have the same size/,
    ],
    ['mv of two vectors', () => x.mv(x), /mv: needs a matrix and a vector, got \[2\] and \[2\]/],
    [
      'a base that is too large',
      () => addbmm(tensor([[[1]]]), tensor([[[1]]]), tensor([[[1]]])),
      /addbmm: \[1, 1, 1\] does not broadcast to \[1, 1\]/,
    ],
    ['the trace of a vector', () => trace(x), /trace: needs a matrix, got \[2\]/],
    ['a cross product in two dimensions', () => cross(x, x), /cross: no dimension of \[2\] and \[2\] has size 3/],
    ['a cross product along size 2', () => cross(x, x, 0), /cross: dimension 0 must have size 3, got \[2\] and \[2\]/],
    [
      'a cross product of other dimensions',
      () => cross(tensor([[1, 2, 3]]), tensor([1, 2, 3]), -1),
      /cross: both must have as many dimensions/,
    ],
    ['multiDot of one', () => linalg.multiDot([x]), /multiDot: needs at least two tensors, got 1/],
    [
      'multiDot with a vector inside',
      () => linalg.multiDot([x, x, x]),
      /multiDot: tensor 1 has shape \[2\]; all must be matrices/,
    ],
    [
      'multiDot of other sizes',
      () => linalg.multiDot([x, tensor([[1]])]),
      /multiDot: tensors 0 and 1 do not fit: \[2\] by \[1, 1\]/,
    ],
  ]
  for (const [what, run, message] of cases) it(what, () => assert.throws(run, message))
})
