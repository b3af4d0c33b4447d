/** Sampling on grids, windows and shuffled channels: what they refuse, and second derivatives. Values are the registry's matter. */
import { strict as assert } from 'node:assert'
import { autograd, F, rand, tensor, zeros, type Tensor } from '../../lib/index.js'
import { gradgradcheck } from '../support/gradcheck.js'

const image = zeros(1, 4, 3, 4)
const grid = zeros(1, 2, 2, 2)

const refused: [call: () => Tensor, name: string, message: RegExp][] = [
  [
    () => F.gridSample(image, grid, { mode: 'linear' as never }),
    'RangeError',
    /^gridSample: mode is 'bilinear', 'nearest', 'bicubic', got "linear"$/,
  ],
  [
    () => F.gridSample(image, grid, { paddingMode: 'reflect' as never }),
    'RangeError',
    /^gridSample: paddingMode is 'zeros', 'border', 'reflection', got "reflect"$/,
  ],
  [
    () => F.gridSample(image, grid.double()),
    'TypeError',
    /^gridSample: input and grid must be of one floating dtype, got float32 and float64; convert one with \.to\('float32'\)$/,
  ],
  [
    () => F.gridSample(image, zeros(2, 2, 2, 2)),
    'ShapeError',
    /^gridSample: needs .* got \[1, 4, 3, 4\] and \[2, 2, 2, 2\]$/,
  ],
  [
    () => F.gridSample(image, zeros(1, 2, 2, 3)),
    'ShapeError',
    /^gridSample: needs .* got \[1, 4, 3, 4\] and \[1, 2, 2, 3\]$/,
  ],
  [
    () => F.gridSample(zeros(1, 4, 0, 4), grid),
    'ShapeError',
    /^gridSample: an image of shape \[1, 4, 0, 4\] has nothing to read$/,
  ],
  [
    () => F.gridSample(zeros(1, 1, 2, 2, 2), zeros(1, 1, 1, 1, 3), { mode: 'bicubic' }),
    'ShapeError',
    /^gridSample: mode 'bicubic' is for images, got a volume of shape \[1, 1, 2, 2, 2\]$/,
  ],
  [
    () => F.affineGrid(zeros(1, 2, 2), [1, 1, 2, 2]),
    'ShapeError',
    /^affineGrid: needs .* got \[1, 2, 2\] and \[1, 1, 2, 2\]$/,
  ],
  [() => F.affineGrid(zeros(1, 2, 3), [1, 1, 0, 2]), 'ShapeError', /^affineGrid: needs .* and \[1, 1, 0, 2\]$/],
  [
    () => F.affineGrid(zeros(1, 2, 3, { dtype: 'int64' }), [1, 1, 2, 2]),
    'TypeError',
    /^affineGrid: theta must be floating, got int64; convert it with \.float\(\)$/,
  ],
  [() => F.unfold(zeros(3, 4), 2), 'ShapeError', /^unfold: needs images \[N, C, H, W\] or \[C, H, W\], got \[3, 4\]$/],
  [() => F.unfold(image, 0), 'RangeError', /^unfold: kernelSize is an integer of at least 1, or two of them, got 0$/],
  [
    () => F.unfold(image, 2, { padding: [1] }),
    'RangeError',
    /^unfold: padding is an integer of at least 0, .* got \[1\]$/,
  ],
  [
    () => F.unfold(image, 2, { dilation: 3 }),
    'ShapeError',
    /^unfold: windows of \[2, 2\] \(dilation \[3, 3\]\) do not fit into \[3, 4\] with padding \[0, 0\]$/,
  ],
  [
    () => F.unfold(image.long(), 2),
    'TypeError',
    /^unfold: needs a floating tensor, got int64; convert it with \.float\(\) first$/,
  ],
  [
    () => F.fold(zeros(1, 4, 5), [3, 4], 2),
    'ShapeError',
    /^fold: windows of \[2, 2\] in \[3, 4\] need \[N, C·4, 6\], got \[1, 4, 5\]$/,
  ],
  [() => F.fold(zeros(1, 4, 5).long(), [3, 4], 2), 'TypeError', /^fold: needs a floating tensor, got int64/],
  [() => F.pixelShuffle(image, 0), 'RangeError', /^pixelShuffle: upscaleFactor must be a positive integer, got 0$/],
  [
    () => F.pixelShuffle(image, 3),
    'ShapeError',
    /^pixelShuffle: needs \[\.\.\., C, H, W\] with C a multiple of 3² = 9, got \[1, 4, 3, 4\]$/,
  ],
  [
    () => F.pixelUnshuffle(image, 2),
    'ShapeError',
    /^pixelUnshuffle: needs \[\.\.\., C, H, W\] with H and W multiples of 2, got \[1, 4, 3, 4\]$/,
  ],
  [
    () => F.channelShuffle(image, 3),
    'ShapeError',
    /^channelShuffle: needs \[N, C, \.\.\.\] with C a multiple of 3 groups, /,
  ],
]

describe('grids, windows and shuffles', () => {
  for (const [call, name, message] of refused)
    it(`refuse: ${message.source}`, () => {
      assert.throws(call, { name, message })
    })

  it('have empty batches', () => {
    assert.deepEqual(F.pixelShuffle(zeros(0, 4, 2, 3), 2).shape, [0, 1, 4, 6])
    assert.deepEqual(F.unfold(zeros(0, 4, 2, 3), 2).shape, [0, 16, 2])
  })

  it('read nothing at coordinates that are no numbers', () => {
    const places = tensor([[[[NaN, 0]], [[Infinity, 0]]]])
    assert.deepEqual(F.gridSample(rand(1, 1, 2, 2), places).toArray(), [[[[0], [0]]]])
    const image = tensor([[[[3, 5]]]])
    const nowhere = tensor([[[[NaN, NaN]]]])
    assert.equal(F.gridSample(image, nowhere, { paddingMode: 'border' }).item(), 3)
  })

  it('give the grid no gradient in the nearest mode', () => {
    const places = rand(1, 2, 2, 2).requiresGrad_()
    const [dg] = autograd.grad(F.gridSample(rand(1, 1, 2, 2), places, { mode: 'nearest' }).sum(), [places])
    assert.deepEqual(dg.toArray(), zeros(1, 2, 2, 2).toArray())
  })

  it('have second derivatives', () => {
    const places = tensor([[[[-0.3, 0.21]], [[0.77, -0.9]]]])
    for (const mode of ['bilinear', 'bicubic'] as const)
      gradgradcheck((x, g) => F.gridSample(x, g, { mode }), [rand(1, 2, 3, 4), places])
    gradgradcheck((x) => F.unfold(x, 2, { padding: 1 }), [rand(1, 1, 2, 3)])
    gradgradcheck((x) => F.fold(x, [2, 3], 2), [rand(1, 4, 2)])
  })
})
