/** Layers with the batch normalisation after them folded in. */
import { strict as assert } from 'node:assert'
import { manualSeed, nn, noGrad, rand, randn, type Tensor } from '../../lib/index.js'
import { itRefuses } from '../support/refusals.js'

/** Statistics and a scale that change something. */
function trained<B extends nn.BatchNorm1d | nn.BatchNorm2d>(bn: B): B {
  noGrad(() => {
    bn.runningMean?.copy_(randn(bn.numFeatures))
    bn.runningVar?.copy_(rand(bn.numFeatures).add(0.5))
    for (const parameter of bn.parameters()) parameter.copy_(randn(bn.numFeatures))
  })
  bn.eval()
  return bn
}

const close = (a: Tensor, b: Tensor): void =>
  assert.ok(a.allclose(b, { atol: 1e-5 }), `${String(a)} instead of ${String(b)}`)

describe('fusion', () => {
  before(() => void manualSeed(3))

  it('folds a batch normalisation into convolutions and linear layers', () => {
    const bn = trained(new nn.BatchNorm2d(4))
    const x = randn(2, 2, 5, 5)
    const conv = new nn.Conv2d(2, 4, 3, { bias: false }).eval()
    const fused = nn.utils.fuseConvBnEval(conv, bn)
    assert.equal(conv.bias, null)
    close(fused.forward(x), bn.forward(conv.forward(x)))
    const turned = new nn.ConvTranspose2d(2, 4, 3).eval()
    close(nn.utils.fusion.fuseConvBnEval(turned, bn, { transpose: true }).forward(x), bn.forward(turned.forward(x)))
    const plain = new nn.BatchNorm1d(3, { affine: false }).eval()
    const linear = new nn.Linear(5, 3).eval()
    close(
      nn.utils.fuseLinearBnEval(linear, plain).forward(randn(4, 5).mul(0)),
      plain.forward(linear.forward(randn(4, 5).mul(0))),
    )
    assert.deepEqual([...fused.stateDict().keys()], ['weight', 'bias'])
  })

  itRefuses([
    [
      () => nn.utils.fuseConvBnEval(new nn.Conv2d(1, 2, 1), new nn.BatchNorm2d(2).eval()),
      /fuseConvBnEval: both modules must be in evaluation/,
    ],
    [
      () => nn.utils.fuseLinearBnEval(new nn.Linear(1, 2).eval(), new nn.BatchNorm1d(3).eval()),
      /fuseLinearBnEval: the layer has 2 outputs, the normalisation 3 features/,
    ],
  ])
})
