/** Weights that stay orthogonal: PyTorch's values and gradients, and what training starts from. */
import { strict as assert } from 'node:assert'
import { eye, linalg, manualSeed, nn, optim, rand, tensor, type Tensor } from '../../lib/index.js'
import { readGolden } from '../support/golden.js'

interface Case {
  map: 'matrix_exp' | 'cayley' | 'householder'
  original: number[][]
  dy: number[][]
  weight: number[][]
  grad: number[][]
}

const { orthogonal } = nn.utils.parametrizations
const float64 = { dtype: 'float64' } as const
const close = (a: Tensor, b: Tensor, within: number): void => assert.ok(a.sub(b).abs().max().item() < within)

describe('orthogonal', () => {
  for (const { map, original, dy, weight, grad } of readGolden<Case[]>('orthogonal'))
    it(`has PyTorch's values and gradients for ${map} of ${original.length} × ${original[0].length}`, () => {
      const plain = new nn.Linear(original[0].length, original.length, { bias: false }).double()
      const layer = orthogonal(plain, 'weight', { orthogonalMap: map })
      layer.loadStateDict({
        'parametrizations.weight.original': tensor(original, float64),
        'parametrizations.weight.0.base': eye(3, float64).roll(1, { dims: 0 }),
      })
      const computed = layer.weight as Tensor
      close(computed, tensor(weight, float64), 1e-10)
      computed.mul(tensor(dy, float64)).sum().backward()
      close(layer.parameters()[0].grad as Tensor, tensor(grad, float64), 1e-10)
    })

  it('starts from the weight made orthonormal and stays so in training', () => {
    manualSeed(1)
    const given = new nn.Linear(3, 3, { bias: false })
    const { Q, R } = linalg.qr(given.weight.detach())
    const layer = orthogonal(given)
    close(layer.weight, Q.mul(R.diagonal().sgn()), 1e-6)
    const optimizer = new optim.SGD(layer.parameters(), { lr: 0.5 })
    for (let i = 0; i < 3; i++) {
      optimizer.zeroGrad()
      layer.forward(rand(4, 3)).sum().backward()
      optimizer.step()
    }
    close(layer.weight.matmul(layer.weight.mT), eye(3), 1e-5)
  })

  it('refuses vectors, unknown names and unknown maps', () => {
    assert.throws(() => orthogonal(new nn.Linear(2, 2), 'bias'), /orthogonal: needs a matrix .* 'bias' has shape \[2\]/)
    assert.throws(() => orthogonal(new nn.Linear(2, 2), 'x'), /Linear has no parameter 'x'/)
    assert.throws(
      () => orthogonal(new nn.Linear(2, 2), 'weight', { orthogonalMap: 'qr' as 'cayley' }),
      /orthogonalMap must be 'matrix_exp', 'cayley' or 'householder', got 'qr'/,
    )
  })
})
