/** Deep copies: equal values, memory of their own, what is shared stays shared. */
import { strict as assert } from 'node:assert'
import { deepcopy, nn, rand, randn, getRngState, type Tensor } from '../../lib/index.js'

const output = (module: nn.Module, x: Tensor): Tensor => {
  const y = (module as nn.Module & { forward(x: Tensor): unknown }).forward(x)
  return (Array.isArray(y) ? y[0] : y) as Tensor
}

class Tied extends nn.Module {
  private readonly notes = { sizes: [3, 3] }
  first = new nn.Linear(3, 3)
  second = new nn.Linear(3, 3)

  constructor() {
    super()
    Reflect.set(this.second, 'weight', this.first.weight)
  }

  forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x)).mul(this.notes.sizes.length)
  }
}

describe('deepcopy', () => {
  const { parametrizations } = nn.utils
  const cases: [string, () => nn.Module, number[]][] = [
    ['a recurrent layer', () => new nn.LSTM(3, 4, { bidirectional: true }), [5, 2, 3]],
    [
      'a sequence of layers',
      () =>
        new nn.Sequential(
          new nn.Conv2d(2, 3, 3, { padding: 1, paddingMode: 'circular' }),
          new nn.BatchNorm2d(3),
          new nn.PReLU(),
          new nn.ReflectionPad2d(1),
        ),
      [2, 2, 4, 4],
    ],
    ['a transformer layer', () => new nn.TransformerEncoderLayer(4, 2, { dropout: 0 }), [3, 2, 4]],
    ['a computed weight', () => parametrizations.weightNorm(new nn.Linear(3, 2)), [2, 3]],
    ['a class of the user', () => new Tied(), [2, 3]],
  ]
  for (const [what, make, shape] of cases)
    it(`copies ${what}`, () => {
      const module = make()
      const before = [...getRngState()]
      const copy = deepcopy(module)
      assert.deepEqual([...getRngState()], before)
      assert.equal(copy.constructor, module.constructor)
      assert.deepEqual([...copy.stateDict().keys()], [...module.stateDict().keys()])
      const x = randn(shape)
      const expected = output(module, x)
      assert.equal(output(copy, x).sub(expected).abs().max().item(), 0)
      for (const parameter of module.parameters()) parameter.detach().zero_()
      assert.equal(output(copy.eval(), x).isnan().any().item(), 0)
      assert.ok(copy.parameters().some((parameter) => parameter.abs().sum().item() > 0))
    })

  it('keeps what is shared shared, gradients, buffers that are not saved and hooks', () => {
    const net = new Tied()
    net.registerBuffer('table', rand(2), { persistent: false })
    net.first.requiresGrad_(false)
    let calls = 0
    net.registerForwardHook(() => void calls++)
    net.second.bias!.grad = rand(3)
    const copy = deepcopy(net)
    assert.equal(copy.first.weight, copy.second.weight)
    assert.notEqual(copy.first.weight, net.first.weight)
    assert.equal(copy.first.weight.requiresGrad, false)
    assert.deepEqual(copy.second.bias!.grad!.toArray(), net.second.bias!.grad.toArray())
    assert.notEqual(copy.second.bias!.grad, net.second.bias!.grad)
    assert.deepEqual([copy.buffers().length, copy.stateDict().has('table')], [1, false])
    copy.forward(rand(1, 3))
    assert.equal(calls, 1)
  })

  it('copies tensors in what holds them, and refuses those that were computed', () => {
    const x = rand(2, { requiresGrad: true })
    const copy = deepcopy({ list: [x, x], map: new Map([['x', x]]), set: new Set([1]), at: Float32Array.of(2) })
    assert.equal(copy.list[0], copy.list[1])
    assert.equal(copy.map.get('x'), copy.list[0])
    assert.ok(copy.list[0] !== x && copy.list[0].requiresGrad && copy.set.has(1) && copy.at[0] === 2)
    assert.throws(() => deepcopy(x.mul(2)), /deepcopy: this tensor of shape \[2\] was computed by .*; only leaves/)
  })

  it('gives copies of normalised layers weights of their own', () => {
    for (const [normalised, undo, field] of [
      [nn.utils.spectralNorm(new nn.Linear(3, 3)), nn.utils.removeSpectralNorm, 'weightOrig'],
      [nn.utils.weightNorm(new nn.Linear(3, 3)), nn.utils.removeWeightNorm, 'weightV'],
    ] as const) {
      // Before a forward: its result would be no leaf.
      Reflect.set(normalised, 'weight', normalised.weight.detach())
      const copy = deepcopy(normalised)
      copy.forward(rand(2, 3)).sum().backward()
      const [own, others] = [copy, normalised].map((layer) => (Reflect.get(layer, field) as Tensor).grad)
      assert.ok(own !== null && others === null)
      assert.equal(normalised.weight.gradFn, null)
      undo(copy)
      assert.ok(copy.weight instanceof nn.Parameter && !(normalised.weight instanceof nn.Parameter))
    }
  })
})
