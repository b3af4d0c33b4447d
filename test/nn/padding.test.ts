/** Padding modules: printing and errors. Values are compared with PyTorch's. */
import { strict as assert } from 'node:assert'
import { nn } from '../../lib/index.js'

describe('padding modules', () => {
  it('print their sizes', () => {
    assert.equal(String(new nn.ReflectionPad2d([1, 2, 3, 0])), 'ReflectionPad2d((1, 2, 3, 0))')
    assert.equal(String(new nn.ZeroPad1d(1)), 'ZeroPad1d((1, 1))')
    assert.equal(String(new nn.ConstantPad1d(2, 1.5)), 'ConstantPad1d(padding=(2, 2), value=1.5)')
  })

  it('refuse the wrong number of sizes', () => {
    assert.throws(() => new nn.ReflectionPad2d([1, 2]), {
      name: 'ShapeError',
      message:
        'ReflectionPad2d: padding is one number or 4 numbers (before and after, from the last dimension), got [1, 2]',
    })
  })
})
