/** Parameters that are computed from others: what is listed, saved, set and taken back. */
import { strict as assert } from 'node:assert'
import { linalg, manualSeed, nn, rand, type Tensor } from '../../lib/index.js'

const { parametrizations, parametrize } = nn.utils

class Symmetric extends nn.Module {
  forward(x: Tensor): Tensor {
    return x.triu().add(x.triu(1).mT)
  }
}

class Positive extends nn.Module {
  forward(x: Tensor): Tensor {
    return x.exp()
  }

  rightInverse(x: Tensor): Tensor {
    return x.log()
  }
}

const close = (a: Tensor, b: Tensor): void => assert.ok(a.sub(b).abs().max().item() < 1e-5)

describe('parametrize', () => {
  it('computes a parameter whenever it is read', () => {
    const layer = parametrize.registerParametrization(new nn.Linear(3, 3), 'weight', new Symmetric())
    assert.ok(parametrize.isParametrized(layer) && parametrize.isParametrized(layer, 'weight'))
    assert.ok(!parametrize.isParametrized(layer, 'bias') && !parametrize.isParametrized(new nn.ReLU()))
    close(layer.weight, layer.weight.mT)
    assert.deepEqual([...layer.stateDict().keys()].sort(), ['bias', 'parametrizations.weight.original'])
    layer.forward(rand(2, 3)).sum().backward()
    const { grad } = layer.namedParameters().find(([name]) => name.endsWith('original'))?.[1] ?? {}
    assert.equal(grad?.tril(-1).abs().sum().item(), 0)
    assert.throws(
      () => Reflect.set(layer, 'weight', rand(3, 3)),
      /weight is computed by Symmetric, which cannot be set/,
    )
  })

  it('starts from an inverse, can be set through it, and is taken back', () => {
    const layer = new nn.Linear(2, 2)
    const before = layer.weight.detach().abs().add(0.1)
    layer.loadStateDict({ weight: before, bias: rand(2) })
    parametrize.registerParametrization(layer, 'weight', new Positive())
    close(layer.weight, before)
    Reflect.set(layer, 'weight', before.mul(2))
    close(layer.weight, before.mul(2))
    parametrize.removeParametrizations(layer, 'weight')
    assert.ok(layer.weight instanceof nn.Parameter)
    close(layer.weight, before.mul(2))
    assert.deepEqual([...layer.stateDict().keys()].sort(), ['bias', 'weight'])
  })

  it('refuses what does not fit', () => {
    class Narrow extends nn.Module {
      forward(x: Tensor): Tensor {
        return x.narrow(0, 0, 1)
      }
    }
    const { registerParametrization } = parametrize
    assert.throws(() => registerParametrization(new nn.Linear(2, 2), 'weight', new Narrow()), /would become \[1, 2\]/)
    const twice = registerParametrization(new nn.Linear(2, 2), 'weight', new Symmetric())
    assert.throws(() => registerParametrization(twice, 'weight', new Narrow()), /would become \[1, 2\]/)
    assert.deepEqual(twice.weight.shape, [2, 2])
    assert.throws(() => registerParametrization(new nn.ReLU(), 'weight', new Symmetric()), /has no parameter 'weight'/)
    assert.throws(() => parametrize.removeParametrizations(new nn.Linear(2, 2), 'weight'), /is not computed/)
  })

  it('has weight and spectral normalisation', () => {
    manualSeed(0)
    const plain = new nn.Linear(3, 2)
    manualSeed(0)
    const normed = parametrizations.weightNorm(new nn.Linear(3, 2))
    close(normed.weight, plain.weight)
    assert.deepEqual(
      [...normed.stateDict().keys()],
      ['bias', 'parametrizations.weight.original0', 'parametrizations.weight.original1'],
    )
    const spectral = parametrizations.spectralNorm(new nn.Linear(5, 4), { nPowerIterations: 30 })
    assert.ok(Math.abs(linalg.svdvals(spectral.weight).at(0).item() - 1) < 1e-3)
    spectral.eval()
    close(spectral.weight, spectral.weight)
    assert.ok(spectral.stateDict().has('parametrizations.weight.0._u'))
  })
})
