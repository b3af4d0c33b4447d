/** Optional arguments by name, and draws whose parameters are tensors: the results, and what is refused. */
import { strict as assert } from 'node:assert'
import {
  arange,
  bernoulli,
  cat,
  clamp,
  empty,
  F,
  full,
  getRngState,
  linalg,
  manualSeed,
  meshgrid,
  nn,
  norm,
  normal,
  ones,
  rand,
  randint,
  setRngState,
  sort,
  split,
  stack,
  sub,
  tensor,
  where,
  zeros,
  type Tensor,
} from '../../lib/index.js'

const same = (a: Tensor, b: Tensor): void => {
  assert.equal(a.dtype, b.dtype)
  assert.deepEqual(a.toArray(), b.toArray())
}

const close = (a: Tensor, values: readonly number[]): void => {
  const found = Array.from(a.toTypedArray(), Number)
  assert.equal(found.length, values.length)
  found.forEach((value, i) => assert.ok(Math.abs(value - values[i]) < 1e-6, `${value} at ${i}, expected ${values[i]}`))
}

describe('optional arguments', () => {
  const x = arange(24, { dtype: 'float32' }).view(2, 3, 4).sub(7)

  it('mean the same by name as by position', () => {
    same(cat([x, x], { dim: 1 }), cat([x, x], 1))
    same(stack([x, x], { dim: -1 }), stack([x, x], -1))
    same(split(x, 2, { dim: 1 })[0], split(x, 2, 1)[0])
    same(x.chunk(2, { dim: 2 })[1], x.chunk(2, 2)[1])
    same(x.unbind({ dim: 1 })[2], x.unbind(1)[2])
    same(x.softmax({ dim: 1 }), x.softmax(1))
    same(x.flatten({ startDim: 1 }), x.flatten(1))
    same(x.diagonal({ dim1: 1, dim2: 2 }), x.diagonal(0, 1, 2))
    same(x.tril({ diagonal: -1 }), x.tril(-1))
    same(x.sum({ dim: [0, 2], keepdim: true }), x.sum([0, 2], { keepdim: true }))
    same(x.mean({ dim: 1 }), x.mean(1))
    same(x.var({ dim: 1, correction: 0 }), x.var(1, { correction: 0 }))
    same(x.argmax({ dim: 1 }), x.argmax(1))
    same(x.norm({ dim: 1 }), x.norm(2, 1))
    same(norm(x, { dim: 1 }), x.norm(2, 1))
    same(x.max({ dim: 1 }).indices, x.max(1).indices)
    same(x.median({ dim: 1, keepdim: true }).values, x.median(1, { keepdim: true }).values)
    same(x.unsqueeze(0).squeeze({ dim: 0 }), x)
    same(x.rot90(1, { dims: [1, 2] }), x.rot90(1, [1, 2]))
    same(x.rot90({ k: 2 }), x.rot90(2))
    same(x.diagEmbed({ offset: 1 }), x.diagEmbed(1))
    same(linalg.norm(x, { dim: 1 }), linalg.norm(x, null, { dim: 1 }))
    same(linalg.matrixNorm(x, { ord: 1 }), linalg.matrixNorm(x, 1))
    same(x.where(x.gt(0), 0), x.relu())
    same(sort(x, { dim: 0, descending: true }).indices, sort(x, 0, { descending: true }).indices)
    same(x.kthvalue(2, { dim: 1 }).values, x.kthvalue(2, 1).values)
    same(clamp(x, { max: 3 }), x.clamp(null, 3))
    same(x.clamp({ min: -1, max: 2 }), x.clamp(-1, 2))
    same(F.hardtanh(x, -2, 3), F.hardtanh(x, { minVal: -2, maxVal: 3 }))
    same(
      F.oneHot(tensor([1, 0], { dtype: 'int64' }), { numClasses: 3 }),
      F.oneHot(tensor([1, 0], { dtype: 'int64' }), 3),
    )
    same(F.conv1d(x, ones(2, 3, 2), { stride: 2 }), F.conv1d(x, ones(2, 3, 2), null, { stride: 2 }))
    same(F.convTranspose1d(x, ones(3, 2, 2), { stride: 2 }), F.convTranspose1d(x, ones(3, 2, 2), null, { stride: 2 }))
    same(
      meshgrid(x.at(0, 0), x.at(1, 0), { indexing: 'xy' })[0],
      meshgrid([x.at(0, 0), x.at(1, 0)], { indexing: 'xy' })[0],
    )
    assert.equal(new nn.Softmax({ dim: 1 }).dim, 1)
    assert.equal(new nn.GLU({ dim: 0 }).dim, 0)
    assert.equal(new nn.Flatten({ startDim: 2 }).startDim, 2)
    assert.deepEqual(new nn.PReLU(2, { init: 0.5 }).weight.toArray(), [0.5, 0.5])
  })

  it('take a dtype where PyTorch does', () => {
    same(arange(4).sum({ dtype: 'float64' }), tensor(6, { dtype: 'float64' }))
    same(arange(4).mean(0, { dtype: 'float32' }), tensor(1.5))
    same(arange(1, 4).prod({ dtype: 'int32' }), tensor(6, { dtype: 'int32' }))
    assert.equal(arange(3).softmax(0, { dtype: 'float64' }).dtype, 'float64')
  })

  it('scale the second operand, fill with booleans, and give positions', () => {
    same(sub(tensor([3, 4]), tensor([1, 2]), { alpha: 2 }), tensor([1, 0]))
    same(full([2], true), tensor([true, true]))
    const [rows, columns] = where(x.at(0).gt(1))
    same(rows, tensor([2, 2, 2], { dtype: 'int64' }))
    same(columns, tensor([1, 2, 3], { dtype: 'int64' }))
  })

  const refused: [string, () => unknown, RegExp][] = [
    [
      'an unknown name',
      () => split(x, 2, { dims: 1 } as object),
      /split: unknown option 'dims', did you mean 'dim'\? known here: dim/,
    ],
    ['a missing dim', () => x.softmax({}), /softmax: which dimension\? Give dim, as in softmax\(x, 1\)/],
    [
      'a module without dim',
      () => new nn.Softmax({}),
      /Softmax: which dimension\? Give dim, as in new nn\.Softmax\(1\)/,
    ],
    ['two dims to sort by', () => sort(x, { dim: [0, 1] as never }), /sort: dim must be one dimension, got \[0, 1\]/],
    [
      'where with one value',
      () => where(x.gt(0), 1, undefined as never),
      /where: needs both a and b, or the condition alone/,
    ],
    ['nothing to clamp by', () => x.clamp({}), /clamp: needs min, max or both/],
    [
      'an unknown mode',
      () => nn.init.kaimingNormal_(empty(3, 3), { mode: 'mid' as 'fanIn' }),
      /kaimingNormal_: mode must be 'fanIn' or 'fanOut', got 'mid'/,
    ],
    ['meshgrid of a number', () => meshgrid(3 as never), /meshgrid: vector 0 must be a tensor, got 3/],
    ['a text to fill with', () => full([2], 'a' as never), /full: the value must be a number or a boolean, got 'a'/],
    ['no size to interpolate to', () => F.interpolate(ones(1, 1, 4)), /interpolate/],
  ]
  for (const [what, call, message] of refused) it(`refuse ${what}`, () => assert.throws(call, message))
})

describe('draws around tensors', () => {
  it('equal the stream of PyTorch', () => {
    manualSeed(7)
    const mean = tensor([[0], [1], [-2]])
    const std = tensor([1, 0.5, 2, 0])
    // prettier-ignore
    const expected = [
      [-0.1467951, 0.3930706, 1.8936433, 0.0, 2.6907902, 0.5525861, 0.2887499, 1.0, -1.8618274, -2.8410993, -1.3646433, -2.0],
      [0.6373241, 0.6202731, 3.2909017, 0.5],
      [4.8764162, 1.4055166, 2.9010825],
      [0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0],
      [0, 0, 0, 0, 1, 0],
      [0, 7, 3, 2, 0],
      [1.0, 1.0, 1.0, 1.0, 0.0, 0.0],
      [5.0512037, 0.9113067, 1.4373369],
    ]
    const draws = [
      normal(mean, std),
      normal(0.5, std),
      normal(mean, 2),
      zeros(2, 4).bernoulli_(tensor([0.2, 0.5, 0.9, 1])),
      zeros([6], { dtype: 'int64' }).bernoulli_(tensor(0.4, { dtype: 'float64' })),
      randint(10, [5]),
      bernoulli(zeros(6), { p: 0.5 }),
      empty(3).normal_({ mean: 1, std: 2 }),
    ]
    draws.forEach((draw, i) => close(draw, expected[i].flat()))
  })

  it('go on from a saved state', () => {
    const state = getRngState()
    const first = rand(3)
    setRngState(state)
    same(rand(3), first)
  })

  const refused: [string, () => unknown, RegExp][] = [
    ['negative deviations', () => normal(0, tensor([1, -1])), /normal: std must not be negative, got -1/],
    ['a negative deviation', () => normal(0, -1, [2]), /normal: std must not be negative, got -1/],
    ['whole numbers', () => normal(arange(3), 1), /normal: needs floating tensors, got int64/],
    ['a probability above 1', () => zeros(2).bernoulli_({ p: 2 }), /bernoulli_: p must lie in \[0, 1\], got 2/],
    ['probabilities that do not broadcast', () => zeros(2).bernoulli_(ones(3)), /expand/],
    ['an empty range', () => randint(0, [2]), /randint: needs integers low < high, got 0 and 0/],
  ]
  for (const [what, call, message] of refused) it(`refuse ${what}`, () => assert.throws(call, message))
})
