/** Borders: what pad refuses. Values are the registry's matter. */
import { strict as assert } from 'node:assert'
import { autograd, F, ones, rand, zeros, type Tensor } from '../../lib/index.js'
import type { PadOptions } from '../../lib/ops/pad.js'

const refused: [shape: number[], sizes: number[], options: PadOptions, name: string, message: RegExp][] = [
  [[2, 3], [1], {}, 'RangeError', /^pad: needs a pair \(before, after\) for each dimension, got 1 numbers$/],
  [[3], [1, 1, 1, 1], {}, 'ShapeError', /^pad: \[1, 1, 1, 1\] names 2 dimensions, a tensor of shape \[3\] has 1$/],
  [[3], [1, 0.5], {}, 'TypeError', /^pad: sizes must be integers, got 0.5 in \[1, 0.5\]$/],
  [[3], [1, 1], { mode: 'mirror' as never }, 'RangeError', /^pad: mode is 'constant', 'reflect', .*, got "mirror"$/],
  [[2, 3], [-4, 2], {}, 'RangeError', /^pad: \[-4, 2\] cuts more off dimension 1 of \[2, 3\] than its 3 positions$/],
  [[2, 3], [1, 1], { mode: 'reflect', value: 2 }, 'RangeError', /^pad: mode 'reflect' takes no value, got 2$/],
  [
    [3],
    [1, 1],
    { mode: 'circular' },
    'ShapeError',
    /^pad: mode 'circular' pads the last one, two or three dimensions .* got \[1, 1\] for a tensor of shape \[3\]$/,
  ],
  [
    [2, 3],
    [3, 0],
    { mode: 'reflect' },
    'RangeError',
    /^pad: mode 'reflect' needs a padding smaller than the dimension: dimension 1 of \[2, 3\] has 3 positions, the padding is \[3, 0\]$/,
  ],
  [
    [2, 3],
    [0, 4],
    { mode: 'circular' },
    'RangeError',
    /^pad: mode 'circular' goes around at most once: dimension 1 of /,
  ],
  [[2, 0], [1, 1], { mode: 'replicate' }, 'RangeError', /^pad: mode 'replicate' has nothing to take elements from: /],
  [[2, 3], [-2, -1], { mode: 'replicate' }, 'RangeError', /^pad: mode 'replicate' would leave no element: /],
]

describe('pad', () => {
  for (const [shape, sizes, options, name, message] of refused)
    it(`refuses [${sizes.join(', ')}] ${JSON.stringify(options)} for [${shape.join(', ')}]`, () => {
      assert.throws(() => F.pad(zeros(shape), sizes, options), { name, message })
    })

  it('keeps integers and booleans', () => {
    const x = zeros(1, 3, { dtype: 'int64' })
    assert.deepEqual(F.pad(x, [1, 0], { value: 5 }).toArray(), [[5, 0, 0, 0]])
    assert.equal(F.pad(x, [1, 0], { value: 5 }).dtype, 'int64')
    assert.deepEqual(F.pad(ones(2, { dtype: 'bool' }), [0, 1]).toArray(), [true, true, false])
  })

  for (const mode of ['constant', 'reflect', 'replicate', 'circular'] as const)
    it(`has second derivatives in mode '${mode}'`, () => {
      const x = rand(1, 3, 4, { dtype: 'float64', requiresGrad: true })
      const f = (input: Tensor): Tensor => F.pad(input, [2, 1], { mode }).square().sum()
      const [dx] = autograd.grad(f(x), [x], { createGraph: true })
      const [ddx] = autograd.grad(dx.sum(), [x])
      // d/dx Σ x² twice is 2 for each time that an element occurs.
      const counts = autograd.grad(F.pad(x, [2, 1], { mode }).sum(), [x])[0].mul(2)
      assert.deepEqual(ddx.toArray(), counts.toArray())
    })
})
