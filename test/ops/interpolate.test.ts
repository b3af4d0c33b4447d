/** Other sizes: what interpolate refuses, and integers. Values are the registry's matter. */
import { strict as assert } from 'node:assert'
import { F, nn, rand, tensor, zeros } from '../../lib/index.js'
import type { InterpolateOptions } from '../../lib/ops/interpolate.js'
import { gradgradcheck } from '../support/gradcheck.js'

const image = [1, 2, 3, 4]

const refused: [shape: number[], options: InterpolateOptions, name: string, message: RegExp][] = [
  [image, {}, 'TypeError', /^interpolate: give either size or scaleFactor, as in \{ scaleFactor: 2 \}$/],
  [image, { size: 2, scaleFactor: 2 }, 'TypeError', /^interpolate: give either size or scaleFactor, not both, /],
  [
    image,
    { size: 2, recomputeScaleFactor: true },
    'TypeError',
    /recomputeScaleFactor goes with scaleFactor, not with size$/,
  ],
  [
    image,
    { size: [2] },
    'ShapeError',
    /^interpolate: size \[2\] is for 1 dimensions, \[1, 2, 3, 4\] has 2 spatial ones$/,
  ],
  [image, { scaleFactor: [2, 2, 2] }, 'ShapeError', /^interpolate: scaleFactor \[2, 2, 2\] is for 3 dimensions/],
  [
    image,
    { scaleFactor: 0.1 },
    'ShapeError',
    /^interpolate: sizes must be positive integers, got \[3, 4\] to \[0, 0\] /,
  ],
  [image, { size: 2.5 }, 'ShapeError', /^interpolate: sizes must be positive integers, got \[3, 4\] to \[2.5, 2.5\] /],
  [[1, 2, 0], { size: 2 }, 'ShapeError', /^interpolate: sizes must be positive integers, got \[0\] to \[2\] /],
  [[3, 4], { size: 2 }, 'ShapeError', /^interpolate: needs \[N, C, W\], .* got \[3, 4\]$/],
  [image, { size: 2, mode: 'cubic' as never }, 'RangeError', /^interpolate: mode is 'nearest', .*, got "cubic"$/],
  [
    image,
    { size: 2, mode: 'linear' },
    'ShapeError',
    /^interpolate: mode 'linear' is for 1 spatial dimensions, a tensor of shape \[1, 2, 3, 4\] has 2$/,
  ],
  [image, { size: 2, alignCorners: true }, 'TypeError', /^interpolate: alignCorners is for .*, not 'nearest'$/],
  [image, { size: 2, mode: 'area', antialias: true }, 'TypeError', /^interpolate: antialias is for .*, not 'area'$/],
]

describe('interpolate', () => {
  for (const [shape, options, name, message] of refused)
    it(`refuses ${JSON.stringify(options)} for [${shape.join(', ')}]`, () => {
      assert.throws(() => F.interpolate(zeros(shape), options), { name, message })
    })

  it('takes integers in the nearest modes only', () => {
    const x = tensor([[[1, 2]]], { dtype: 'int64' })
    assert.deepEqual(F.interpolate(x, { size: 4 }).toArray(), [[[1, 1, 2, 2]]])
    assert.throws(() => F.interpolate(x, { size: 4, mode: 'linear' }), {
      name: 'TypeError',
      message: "interpolate: mode 'linear' needs a floating tensor, got int64; convert it with .float()",
    })
  })

  it('gives a tensor of its own where the size stays', () => {
    const x = rand(1, 1, 2, 2)
    const y = F.interpolate(x, { size: 2, mode: 'bilinear' })
    y.fill_(0)
    assert.ok(x.sum().item() > 0)
  })

  it('has second derivatives', () => {
    gradgradcheck((x) => F.interpolate(x, { size: [5, 3], mode: 'bicubic' }), [rand(1, 1, 3, 4)])
  })

  it('prints and checks as a module', () => {
    assert.equal(
      String(new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' })),
      "Upsample(scaleFactor=2, mode='bilinear')",
    )
    assert.equal(
      String(new nn.UpsamplingNearest2d({ size: [2, 3] })),
      "UpsamplingNearest2d(size=[2,3], mode='nearest')",
    )
    assert.throws(() => new nn.Upsample({}), {
      name: 'TypeError',
      message: 'Upsample: give either size or scaleFactor, as in { scaleFactor: 2 }',
    })
  })
})
