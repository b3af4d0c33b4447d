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

describe('rearranging modules', () => {
  it('print their settings', () => {
    assert.equal(String(new nn.PixelShuffle(2)), 'PixelShuffle(upscaleFactor=2)')
    assert.equal(String(new nn.PixelUnshuffle(3)), 'PixelUnshuffle(downscaleFactor=3)')
    assert.equal(String(new nn.Unflatten(1, [2, -1])), 'Unflatten(dim=1, unflattenedSize=[2, -1])')
    assert.equal(String(new nn.ChannelShuffle(2)), 'ChannelShuffle(groups=2)')
    assert.equal(
      String(new nn.Unfold([2, 3], { stride: 2 })),
      'Unfold(kernelSize=[2,3], dilation=1, padding=0, stride=2)',
    )
    assert.equal(String(new nn.Fold(4, 2)), 'Fold(outputSize=4, kernelSize=2, dilation=1, padding=0, stride=1)')
  })
})
