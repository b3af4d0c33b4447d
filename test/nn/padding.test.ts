/** Padding modules: sizes, printing, errors. Values are those of F.pad. */
import { strict as assert } from 'node:assert'
import { F, nn, rand, type Tensor } from '../../lib/index.js'

const sequence = rand(1, 2, 5)
const image = rand(1, 2, 4, 5)
const volume = rand(1, 2, 3, 4, 5)

const modules: [nn.Module & { forward(x: Tensor): Tensor }, Tensor, Tensor, string][] = [
  [new nn.ConstantPad1d(2, 1.5), sequence, F.pad(sequence, [2, 2], { value: 1.5 }), '1d(padding=(2, 2), value=1.5)'],
  [
    new nn.ConstantPad2d([1, 0, 2, 3], 1),
    image,
    F.pad(image, [1, 0, 2, 3], { value: 1 }),
    '2d(padding=(1, 0, 2, 3), value=1)',
  ],
  [
    new nn.ConstantPad3d(1, -1),
    volume,
    F.pad(volume, [1, 1, 1, 1, 1, 1], { value: -1 }),
    '3d(padding=(1, 1, 1, 1, 1, 1), value=-1)',
  ],
  [new nn.ZeroPad1d([0, 2]), sequence, F.pad(sequence, [0, 2]), '1d((0, 2))'],
  [new nn.ZeroPad2d(1), image, F.pad(image, [1, 1, 1, 1]), '2d((1, 1, 1, 1))'],
  [new nn.ZeroPad3d(1), volume, F.pad(volume, [1, 1, 1, 1, 1, 1]), '3d((1, 1, 1, 1, 1, 1))'],
  [new nn.ReflectionPad1d(2), sequence, F.pad(sequence, [2, 2], { mode: 'reflect' }), '1d((2, 2))'],
  [new nn.ReflectionPad2d([1, 2, 3, 0]), image, F.pad(image, [1, 2, 3, 0], { mode: 'reflect' }), '2d((1, 2, 3, 0))'],
  [new nn.ReflectionPad3d(1), volume, F.pad(volume, [1, 1, 1, 1, 1, 1], { mode: 'reflect' }), '3d((1, 1, 1, 1, 1, 1))'],
  [new nn.ReplicationPad1d(7), sequence, F.pad(sequence, [7, 7], { mode: 'replicate' }), '1d((7, 7))'],
  [new nn.ReplicationPad2d(1), image, F.pad(image, [1, 1, 1, 1], { mode: 'replicate' }), '2d((1, 1, 1, 1))'],
  [
    new nn.ReplicationPad3d(1),
    volume,
    F.pad(volume, [1, 1, 1, 1, 1, 1], { mode: 'replicate' }),
    '3d((1, 1, 1, 1, 1, 1))',
  ],
  [new nn.CircularPad1d(5), sequence, F.pad(sequence, [5, 5], { mode: 'circular' }), '1d((5, 5))'],
  [new nn.CircularPad2d(1), image, F.pad(image, [1, 1, 1, 1], { mode: 'circular' }), '2d((1, 1, 1, 1))'],
  [new nn.CircularPad3d(1), volume, F.pad(volume, [1, 1, 1, 1, 1, 1], { mode: 'circular' }), '3d((1, 1, 1, 1, 1, 1))'],
]

describe('padding modules', () => {
  for (const [module, input, expected, text] of modules)
    it(`${module.constructor.name} is F.pad`, () => {
      assert.ok(module.toString().endsWith(text), module.toString())
      assert.deepEqual(module.forward(input).toArray(), expected.toArray())
    })

  it('refuses the wrong number of sizes', () => {
    assert.throws(() => new nn.ReflectionPad2d([1, 2]), {
      name: 'ShapeError',
      message:
        'ReflectionPad2d: padding is one number or 4 numbers (before and after, from the last dimension), got [1, 2]',
    })
  })
})
