/** Functions of shapes: what they refuse, other names, in-place forms, questions. Values are the registry's matter. */
import { strict as assert } from 'node:assert'
import * as g from '../../lib/index.js'
import { Tensor, arange, tensor, zeros } from '../../lib/index.js'

const matrix = arange(6).view(2, 3)
const cube = zeros(2, 3, 4)
const ints = (...values: number[]): Tensor => tensor(values, { dtype: 'int64' })

const refused: [call: () => unknown, name: string, message: string][] = [
  [
    () => g.hsplit(matrix, 2),
    'ShapeError',
    'hsplit: dimension 1 of [2, 3] has 3 positions, which 2 does not divide; use tensorSplit()',
  ],
  [() => g.vsplit(zeros(3), 3), 'ShapeError', 'vsplit: needs at least 2 dimensions, got [3]'],
  [() => g.hsplit(zeros([]), 1), 'ShapeError', 'hsplit: needs at least 1 dimension, got []'],
  [
    () => g.blockDiag(matrix, cube),
    'ShapeError',
    'blockDiag: needs matrices, vectors or numbers, tensor 1 has shape [2, 3, 4]',
  ],
  [() => g.combinations(matrix), 'ShapeError', 'combinations: needs a vector, got [2, 3]'],
  [() => g.combinations(zeros(3), { r: -1 }), 'RangeError', 'combinations: r must be a non-negative integer, got -1'],
  [() => g.adjoint(zeros(3)), 'ShapeError', 'adjoint: needs at least two dimensions, got [3]'],
  [() => g.fliplr(zeros(3)), 'ShapeError', 'fliplr: needs at least 2 dimensions, got [3]'],
  [() => g.rot90(matrix, 0.5), 'TypeError', 'rot90: k must be an integer, got 0.5'],
  [() => g.rot90(matrix, 1, [0, -2]), 'ShapeError', 'rot90: needs two different dimensions, got [0, -2] of [2, 3]'],
  [() => g.diagEmbed(matrix, 0, 1, 1), 'ShapeError', 'diagEmbed: dim1 and dim2 must differ, got 1 and 1'],
  [() => g.diagEmbed(matrix, 0.5), 'TypeError', 'diagEmbed: offset must be an integer, got 0.5'],
  [() => g.diagEmbed(zeros([])), 'ShapeError', 'diagEmbed: needs at least one dimension, got a 0-d tensor'],
  [
    () => g.selectScatter(matrix, zeros(2), 0, 1),
    'ShapeError',
    'selectScatter: source must have the shape [3] of that part, got [2]',
  ],
  [
    () => g.indexCopy(matrix, 1, ints(0), zeros(2, 2)),
    'ShapeError',
    'indexCopy: with 1 positions in dimension 1 of [2, 3], source must have shape [2, 1], got [2, 2]',
  ],
  [() => g.asStrided(matrix, [2], [1, 1]), 'ShapeError', 'asStrided: [2] and strides [1, 1] must be equally many'],
  [
    () => g.asStrided(zeros(2, 3).requiresGrad_().t(), [2], [1]),
    'Error',
    'asStrided: a tensor of shape [3, 2] with strides [1, 3] has no gradient here; call .contiguous() first',
  ],
  [
    () => g.emptyStrided([2, 3], [1]),
    'ShapeError',
    'emptyStrided: [1] are no strides for [2, 3]: one non-negative integer each',
  ],
  [() => g.hannWindow(-1), 'RangeError', 'hannWindow: the length must be a non-negative integer, got -1'],
  [() => g.kaiserWindow(3, { dtype: 'int64' }), 'TypeError', 'kaiserWindow: a window is float32 or float64, got int64'],
  [() => g.trilIndices(2, 2, { offset: 0.5 }), 'TypeError', 'trilIndices: offset must be an integer, got 0.5'],
  [
    () => g.trilIndices(2 ** 40, 4),
    'RangeError',
    'trilIndices: the triangle of [1099511627776, 4] has 8796093022196 positions, more than memory can hold',
  ],
  [
    () => g.ones(2).repeatInterleave([2 ** 40, 1]),
    'RangeError',
    'repeatInterleave: the result has 1099511627777 positions, more than memory can hold',
  ],
  [
    () => g.ones(1).repeatInterleave(2 ** 51),
    'Error',
    'cannot allocate 9007199254740992 bytes: more than any machine has',
  ],
  [
    () => g.F.conv3d(zeros(1, 1, 2, 2, 2), zeros(1, 1, 2, 2, 2), null, { padding: 2097151, dilation: 4194303 }),
    'Error',
    'convolution: images of sizes [2, 2, 2] under padding [2097151, 2097151, 2097151] and a kernel of [2, 2, 2] with ' +
      'dilation [4194303, 4194303, 4194303] are more than memory can hold',
  ],
  [() => g.cdist(matrix, matrix), 'TypeError', 'cdist: needs floating tensors, got int64; convert them with .float()'],
  [
    () => g.cdist(zeros(2, 3), zeros(2, 3), { p: -1 }),
    'RangeError',
    'cdist: p must be 0 or more (Infinity is allowed), got -1',
  ],
  [
    () => g.cdist(zeros(2, 3), zeros(2, 4)),
    'ShapeError',
    'cdist: needs [..., P, M] and [..., R, M] with the same M, got [2, 3] and [2, 4]',
  ],
  [() => g.pdist(zeros(3)), 'ShapeError', 'pdist: needs a matrix of row vectors, got [3]'],
  [() => g.finfo('int32'), 'TypeError', "finfo: int32 is no floating dtype; use iinfo('int32')"],
  [() => g.iinfo('float64'), 'TypeError', "iinfo: float64 is no integer dtype; use finfo('float64')"],
  [() => g.iinfo('bool'), 'TypeError', 'iinfo: bool is no integer dtype'],
  [() => cube.H, 'ShapeError', 'H: only for matrices, got [2, 3, 4]; use .mH'],
  [() => cube.clone().fillDiagonal_(1), 'ShapeError', 'fillDiagonal_: needs a matrix, got [2, 3, 4]'],
  [() => cube.stride(3), 'RangeError', 'stride: dimension 3 is out of range for shape [2, 3, 4]'],
]

describe('functions of shapes', () => {
  for (const [call, name, message] of refused)
    it(`refuse: ${message}`, () => {
      assert.throws(call, { name, message })
    })

  it('have the other names that PyTorch gives them', () => {
    assert.equal(g.concat, g.cat)
    assert.equal(g.concatenate, g.cat)
    assert.equal(g.moveaxis, g.movedim)
    assert.equal(g.swapdims, g.swapaxes)
    assert.equal(g.rowStack, g.vstack)
    assert.deepEqual(cube.moveaxis(0, 2).shape, [3, 4, 2])
    assert.deepEqual(cube.swapdims(0, 1).shape, [3, 2, 4])
    assert.deepEqual(matrix.tolist(), matrix.toArray())
  })

  it('list the positions of triangles', () => {
    for (const [rows, columns] of [
      [3, 5],
      [5, 3],
      [0, 2],
      [2, 0],
    ] as const)
      for (let offset = -7; offset <= 7; offset++) {
        const ones = g.ones(rows, columns)
        for (const [found, mask] of [
          [g.trilIndices(rows, columns, { offset }), ones.tril(offset)],
          [g.triuIndices(rows, columns, { offset }), ones.triu(offset)],
        ] as const)
          assert.deepEqual(found.tolist(), g.nonzero(mask).t().tolist(), `${rows} × ${columns} from ${offset}`)
      }
  })

  it('take several tensors at once', () => {
    assert.deepEqual(
      g.broadcastTensors(zeros(3, 1), zeros(4)).map((t) => t.shape),
      [
        [3, 4],
        [3, 4],
      ],
    )
    assert.deepEqual(g.broadcastShapes([3, 1], [4], [2, 1, 1]), [2, 3, 4])
    assert.deepEqual(
      (g.atleast2d(zeros([]), zeros(3)) as Tensor[]).map((t) => t.shape),
      [
        [1, 1],
        [1, 3],
      ],
    )
    assert.deepEqual(g.combinations(zeros(3), { r: 0 }).shape, [0])
  })

  it('see the same memory with other sizes', () => {
    const x = arange(6).view(2, 3)
    assert.deepEqual(x.T.toArray(), [
      [0, 3],
      [1, 4],
      [2, 5],
    ])
    assert.deepEqual(x.H.toArray(), x.mH.toArray())
    assert.deepEqual(cube.T.shape, [4, 3, 2])
    assert.deepEqual(x.viewAs(zeros(3, 2)).toArray(), [
      [0, 1],
      [2, 3],
      [4, 5],
    ])
    assert.deepEqual(x.t().reshapeAs(zeros(6)).toArray(), [0, 3, 1, 4, 2, 5])
    assert.deepEqual(x.asStrided([2, 2], [1, 2], 1).toArray(), [
      [1, 3],
      [2, 4],
    ])
    x.asStrided([2], [3]).fill_(9)
    assert.deepEqual(x.select(1, 0).toArray(), [9, 9])
    const strided = g.emptyStrided([2, 3], [1, 2], { dtype: 'int64' })
    assert.deepEqual([strided.shape, strided.stride(), strided.dtype], [[2, 3], [1, 2], 'int64'])
  })

  it('have gradients through as_strided', () => {
    const x = zeros(4).requiresGrad_()
    g.asStrided(x, [3, 2], [1, 1]).sum().backward()
    assert.deepEqual(x.grad?.toArray(), [1, 2, 2, 1])
  })

  it('change tensors in place', () => {
    const x = (): Tensor => arange(9, { dtype: 'float32' }).view(3, 3)
    assert.deepEqual(x().tril_().toArray(), g.tril(x()).toArray())
    assert.deepEqual(x().triu_(1).toArray(), g.triu(x(), 1).toArray())
    assert.deepEqual(x().fillDiagonal_(-1).diagonal().toArray(), [-1, -1, -1])
    assert.deepEqual(x().indexFill_(0, ints(2), 7).select(0, 2).toArray(), [7, 7, 7])
    assert.deepEqual(x().indexCopy_(1, ints(2), zeros(3, 1)).select(1, 2).toArray(), [0, 0, 0])
    assert.deepEqual(x().indexAdd_(0, ints(0, 0), g.ones(2, 3)).select(0, 0).toArray(), [2, 3, 4])
    assert.deepEqual(x().scatterAdd_(1, ints(1).view(1, 1), g.ones(1, 1)).select(0, 0).toArray(), [0, 2, 2])
    assert.deepEqual(x().maskedScatter_(x().gt(6), g.ones(3)).select(0, 2).toArray(), [6, 1, 1])
  })

  it('record changes in place', () => {
    const leaf = g.ones(3, 3).requiresGrad_()
    const x = leaf.mul(2)
    x.indexFill_(0, ints(1), 5).tril_()
    x.sum().backward()
    assert.deepEqual(leaf.grad?.toArray(), [
      [2, 0, 0],
      [0, 0, 0],
      [2, 2, 2],
    ])
  })

  it('make new tensors of the same dtype', () => {
    const x = ints(1, 2)
    assert.deepEqual([x.newZeros(2).toArray(), x.newZeros(2).dtype], [[0, 0], 'int64'])
    assert.deepEqual(x.newOnes([1, 2]).toArray(), [[1, 1]])
    assert.equal(x.newOnes([1], { dtype: 'float64' }).dtype, 'float64')
    assert.deepEqual([x.newEmpty(2, 3).shape, x.newEmpty(2, 3).dtype], [[2, 3], 'int64'])
    assert.deepEqual([x.newFull([2], 4).toArray(), x.newFull([2], 4).dtype], [[4, 4], 'int64'])
    assert.deepEqual([x.newTensor([[3]]).toArray(), x.newTensor([[3]]).dtype], [[[3]], 'int64'])
    assert.equal(x.typeAs(zeros(1)).dtype, 'float32')
  })

  it('answer questions', () => {
    const x = zeros(2, 3, { dtype: 'float64' })
    assert.deepEqual([x.nelement(), x.ndimension(), x.elementSize(), x.itemsize, x.nbytes], [6, 2, 8, 8, 48])
    assert.deepEqual([x.stride(), x.stride(0), x.stride(-1), x.select(0, 1).storageOffset()], [[3, 1], 3, 1, 3])
    assert.deepEqual([x.isFloatingPoint(), ints(1).isFloatingPoint()], [true, false])
    assert.deepEqual([x.isSameSize(matrix), x.isSameSize(cube)], [true, false])
    assert.deepEqual([g.isTensor(x), g.isTensor([1]), g.numel(x), g.isFloatingPoint(x)], [true, false, 6, true])
    assert.deepEqual([g.isNonzero(tensor(2)), g.isNonzero(tensor([0]))], [true, false])
    assert.throws(() => g.isNonzero(x), /^Error: item: needs a tensor with one element/)
  })

  it('know the limits of dtypes', () => {
    assert.deepEqual(g.finfo(), {
      dtype: 'float32',
      bits: 32,
      eps: 1.1920928955078125e-7,
      max: 3.4028234663852886e38,
      min: -3.4028234663852886e38,
      tiny: 1.1754943508222875e-38,
      smallestNormal: 1.1754943508222875e-38,
      resolution: 1e-6,
    })
    assert.equal(g.finfo('float64').eps, Number.EPSILON)
    assert.deepEqual(g.iinfo('int32'), { dtype: 'int32', bits: 32, min: -2147483648, max: 2147483647 })
    assert.deepEqual(g.iinfo('uint8'), { dtype: 'uint8', bits: 8, min: 0, max: 255 })
    assert.equal(g.iinfo('int64').max, 2 ** 63)
    assert.equal(g.promoteTypes('int32', 'float32'), 'float32')
    assert.equal(g.resultType(matrix, 1.5), 'float32')
    assert.equal(g.resultType(matrix, zeros([])), 'float32')
    assert.deepEqual(
      [g.canCast('float32', 'int64'), g.canCast('int64', 'float32'), g.canCast('uint8', 'int32')],
      [false, true, true],
    )
  })

  it('take tensors as they are where they can', () => {
    assert.equal(g.asTensor(matrix), matrix)
    assert.equal(g.asTensor(matrix, { dtype: 'float32' }).dtype, 'float32')
    assert.deepEqual(g.asTensor([[1, 2]]).toArray(), [[1, 2]])
  })
})

describe('cdist', () => {
  it('computes large sets by a product, and equal vectors have gradient 0', () => {
    const x = g.rand(40, 3, { dtype: 'float64' })
    const by = (computeMode: 'use_mm_for_euclid_dist' | 'donot_use_mm_for_euclid_dist'): Tensor =>
      g.cdist(x, x, { computeMode })
    const difference = by('use_mm_for_euclid_dist').sub(by('donot_use_mm_for_euclid_dist')).abs().max().item()
    assert.ok(difference < 1e-6, String(difference))
    for (const p of [1, 2, 3.5, 0.5, Infinity]) {
      const a = g.rand(2, 3).requiresGrad_()
      g.cdist(a, a.detach(), { p }).diagonal().sum().backward()
      assert.deepEqual(a.grad?.toArray(), zeros(2, 3).toArray())
    }
  })
})
