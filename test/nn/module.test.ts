/** Modules: finding and naming parameters, state dicts, printing, errors. */
import { strict as assert } from 'node:assert'
import { F, manualSeed, nn, noGrad, ones, tensor, zeros, type Tensor } from '../../lib/index.js'

class Net extends nn.Module {
  fc1 = new nn.Linear(4, 3)
  act = new nn.ReLU()
  fc2 = new nn.Linear(3, 2)
  forward(x: Tensor) {
    return this.fc2.forward(this.act.forward(this.fc1.forward(x)))
  }
}

describe('nn.Module', () => {
  it('names its parameters like PyTorch', () => {
    assert.deepEqual(
      new Net().namedParameters().map(([name]) => name),
      ['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias'],
    )
    const stack = new nn.Sequential(new nn.Linear(2, 2, { bias: false }), new nn.Tanh(), new nn.Linear(2, 1))
    assert.deepEqual([...stack.stateDict().keys()], ['0.weight', '2.weight', '2.bias'])
  })

  it('lists a shared parameter once', () => {
    class Tied extends nn.Module {
      a = new nn.Linear(2, 2)
      b = this.a
      forward(x: Tensor) {
        return this.b.forward(this.a.forward(x))
      }
    }
    assert.equal(new Tied().parameters().length, 2)
  })

  it('saves a shared parameter under both of its names, and survives a module inside itself', () => {
    class Loop extends nn.Module {
      a = new nn.Linear(1, 1)
      b = this.a
      self = this
      forward(x: Tensor) {
        return this.b.forward(x)
      }
    }
    const loop = new Loop()
    assert.deepEqual([...loop.stateDict().keys()], ['a.weight', 'a.bias', 'b.weight', 'b.bias'])
    assert.match(loop.toString(), /\(self\): Loop\(…\)/)
    let visited = 0
    loop.apply(() => visited++)
    assert.equal(visited, 2)
  })

  it('keeps its memory when the tensor that a parameter was made of is disposed of', () => {
    const data = ones(2)
    const parameter = new nn.Parameter(data)
    data.dispose()
    assert.deepEqual(parameter.toArray(), [1, 1])
  })

  it('prints its layers', () => {
    assert.equal(
      new Net().toString(),
      'Net(\n  (fc1): Linear(inFeatures=4, outFeatures=3, bias=true)\n  (act): ReLU()\n  (fc2): Linear(inFeatures=3, outFeatures=2, bias=true)\n)',
    )
  })

  it('loads what another of its kind saved', () => {
    const a = new Net()
    const b = new Net()
    b.loadStateDict(a.stateDict())
    const x = ones(1, 4)
    assert.deepEqual(noGrad(() => b.forward(x)).toArray(), noGrad(() => a.forward(x)).toArray())
  })

  it('changes nothing when a state dict does not fit, and lists every problem', () => {
    const net = new Net()
    const before = net.fc1.weight.toArray()
    const state = net.stateDict()
    state.delete('fc2.bias')
    state.set('fc3.bias', ones(1))
    state.set('fc2.weight', zeros(5, 5))
    assert.throws(
      () => net.loadStateDict(state),
      /Net does not fit:\n {2}missing keys: fc2.bias\n {2}unexpected keys: fc3.bias\n {2}fc2.weight: the file has shape \[5, 5\], the module \[2, 3\]/,
    )
    assert.deepEqual(net.fc1.weight.toArray(), before)
    const gone = new Net().stateDict()
    gone.get('fc2.bias')?.dispose()
    assert.throws(() => net.loadStateDict(gone), /fc2.bias: this tensor was disposed of/)
    assert.deepEqual(net.fc1.weight.toArray(), before)
  })

  it('switches between training and evaluation, and freezes', () => {
    const net = new Net().eval()
    assert.ok(net.modules().every((module) => !module.training))
    net.train().requiresGrad_(false)
    assert.equal(net.forward(ones(1, 4)).requiresGrad, false)
  })

  it('says which sizes do not fit', () => {
    manualSeed(1)
    const net = new nn.Linear<number, number>(784, 500)
    assert.throws(() => net.forward(ones(100, 700)), {
      name: 'ShapeError',
      message: 'linear: input has 700 features, weight expects 784 (input [100, 700], weight [500, 784])',
    })
    assert.throws(() => new nn.Linear(-1, 2), /Linear: inFeatures must be a non-negative integer, got -1/)
  })
})

describe('cross entropy', () => {
  it('explains a wrong target', () => {
    const logits = zeros(2, 3)
    assert.throws(
      () => F.crossEntropy(logits, tensor([0, 1])),
      /float32 target means probabilities.*use an integer dtype/s,
    )
    assert.throws(
      () => F.crossEntropy(logits, tensor([0, 1, 2], { dtype: 'int64' })),
      /needs a target of shape \[2\].*got \[3\]/,
    )
    assert.throws(() => F.crossEntropy(logits, tensor([0, 3], { dtype: 'int64' })), /3/)
  })

  it('accepts probabilities and does not overflow', () => {
    assert.ok(
      Math.abs(
        F.crossEntropy(
          zeros(2, 4),
          tensor([
            [1, 0, 0, 0],
            [0.25, 0.25, 0.25, 0.25],
          ]),
        ).item() - Math.log(4),
      ) < 1e-6,
    )
    assert.equal(F.crossEntropy(tensor([[1e4, 0]]), tensor([0], { dtype: 'int64' })).item(), 0)
  })
})
