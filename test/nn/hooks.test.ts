/** Hooks of modules, and the rest of Module: registering, finding, converting. */
import { strict as assert } from 'node:assert'
import { nn, noGrad, ones, optim, tensor, zeros, type Tensor } from '../../lib/index.js'

class Double extends nn.Module {
  forward(x: Tensor) {
    return x.mul(2)
  }
}

describe('module hooks', () => {
  it('are removed once, and no other registration of the same function with them', () => {
    const layer = new nn.ReLU()
    let calls = 0
    const count = (): void => void calls++
    const first = layer.registerForwardHook(count)
    layer.registerForwardHook(count)
    first.remove()
    first.remove()
    layer.forward(ones(1))
    assert.equal(calls, 1)
  })

  it('run before and after forward, may replace, and leave no trace when removed', () => {
    const module = new Double()
    const plain = module.forward
    const before = module.registerForwardPreHook((_, [x]) => (x as Tensor).add(1))
    const after = module.registerForwardHook((_, inputs, output) => [output, inputs[0]])
    assert.deepEqual(
      (module.forward(tensor([1])) as unknown as Tensor[]).map((t) => t.toArray()),
      [[4], [2]],
    )
    assert.equal(module.toString(), 'Double()')
    assert.deepEqual(Object.keys(module), Object.keys(new Double()))
    assert.equal(module.stateDict().size, 0)
    before.remove()
    after.remove()
    after.remove()
    assert.equal(module.forward, plain)
    assert.ok(!Object.hasOwn(module, 'forward'))
  })

  it('run inside of a network, in order', () => {
    const seen: string[] = []
    const net = new nn.Sequential(new Double(), new nn.ReLU())
    net[0].registerForwardHook(() => void seen.push('second'))
    net[0].registerForwardHook(() => void seen.push('first'), { prepend: true })
    net.registerForwardHook(() => void seen.push('net'))
    net.forward(ones(2))
    assert.deepEqual(seen, ['first', 'second', 'net'])
  })

  it("keep a forward that is the instance's own", () => {
    class Own extends nn.Module {
      forward = (x: Tensor) => x.add(this.training ? 1 : 2)
    }
    const module = new Own()
    const own = module.forward
    const handle = module.registerForwardHook((_, __, y) => (y as Tensor).mul(10))
    assert.deepEqual(module.forward(tensor([1])).toArray(), [20])
    handle.remove()
    assert.equal(module.forward, own)
  })

  it('see the gradients of inputs and results, and may keep and replace them', () => {
    const module = new Double()
    const kept: Tensor[] = []
    const handle = module.registerFullBackwardHook((_, [dx], [dy]) => {
      kept.push(dx as Tensor, dy as Tensor, (dy as Tensor).mul(5))
      return [(dx as Tensor).mul(100)]
    })
    module.registerFullBackwardPreHook((_, [dy]) => [(dy as Tensor).add(1)])
    const x = tensor([1, 2], { requiresGrad: true })
    module.forward(x.mul(1)).sum().backward()
    assert.deepEqual(
      kept.map((t) => t.toArray()),
      [
        [4, 4],
        [2, 2],
        [10, 10],
      ],
    )
    assert.deepEqual(x.grad?.toArray(), [400, 400])
    handle.remove()
    x.grad = null
    module.forward(x).sum().backward()
    assert.deepEqual(x.grad, x.grad)
    assert.deepEqual((x.grad as unknown as Tensor).toArray(), [4, 4])
    assert.deepEqual(noGrad(() => module.forward(x)).toArray(), [2, 4])
  })

  it('are called without an input that wants a gradient, with null in its place', () => {
    const layer = new nn.Linear(2, 1)
    const seen: unknown[] = []
    layer.registerFullBackwardHook((_, gradInput, [dy]) => void seen.push(gradInput, (dy as Tensor).toArray()))
    layer.forward(ones(1, 2)).sum().backward()
    assert.deepEqual(seen, [[null], [[1]]])
    assert.deepEqual(layer.weight.grad?.toArray(), [[1, 1]])
  })

  it('see the gradients of a module with several results', () => {
    const lstm = new nn.GRU(1, 1)
    let count = 0
    lstm.registerFullBackwardHook((_, __, gradOutput) => void (count = gradOutput.length))
    const [y, h] = lstm.forward(ones(2, 1, 1).requiresGrad_())
    y.sum().add(h.sum()).backward()
    assert.equal(count, 2)
  })

  it('refuse what is no function, and the wrong number of gradients', () => {
    const module = new Double()
    assert.throws(() => module.registerForwardHook(5 as never), { message: 'a hook must be a function, got number' })
    module.registerFullBackwardHook(() => [null, null])
    assert.throws(() => module.forward(ones(1).requiresGrad_()).sum().backward(), {
      message: 'a backward hook returned 2 tensors for the 1 gradients of inputs',
    })
  })
})

describe('members of a module', () => {
  class Net extends nn.Module {
    fc = new nn.Linear(2, 2)
    forward(x: Tensor) {
      return this.fc.forward(x)
    }
  }

  it('are registered and found by their paths', () => {
    const net = new Net()
    net.registerBuffer('mean', zeros(2))
    net.registerBuffer('cache', ones(1), { persistent: false })
    net.registerParameter('scale', new nn.Parameter(ones(1)))
    net.registerParameter('shift', null)
    net.addModule('act', new nn.ReLU())
    assert.deepEqual(
      [...net.stateDict({ prefix: 'net.' }).keys()],
      ['net.scale', 'net.mean', 'net.fc.weight', 'net.fc.bias'],
    )
    assert.deepEqual(
      net.namedBuffers().map(([name]) => name),
      ['mean', 'cache'],
    )
    assert.equal(net.buffers({ recurse: false }).length, 2)
    assert.deepEqual(
      net.namedParameters({ prefix: 'n', recurse: false }).map(([name]) => name),
      ['n.scale'],
    )
    assert.equal(net.getParameter('fc.weight'), net.fc.weight)
    assert.equal(net.getBuffer('mean').numel(), 2)
    assert.equal(net.getSubmodule(''), net)
    assert.deepEqual(
      net.namedChildren().map(([name]) => name),
      ['fc', 'act'],
    )
  })

  it('are converted where they are', () => {
    const net = new Net()
    const { weight } = net.fc
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.5 })
    assert.equal(net.double().fc.weight, weight)
    assert.equal(weight.dtype, 'float64')
    const before = weight.toArray() as number[][]
    net.forward(ones(1, 2).double()).sum().backward()
    optimizer.step()
    assert.ok(Math.abs((weight.toArray() as number[][])[0][0] - (before[0][0] - 0.5)) < 1e-12)
    net.zeroGrad({ setToNone: false })
    assert.deepEqual(weight.grad?.toArray(), [
      [0, 0],
      [0, 0],
    ])
    assert.equal(net.float().fc.bias?.dtype, 'float32')
    assert.equal(weight.grad?.dtype, 'float32')
    net.cpu().zeroGrad()
    assert.equal(weight.grad, null)
  })

  it('are loaded as far as they fit when that is asked for', () => {
    const report = new Net().loadStateDict({ 'fc.weight': ones(2, 2), other: ones(1) }, { strict: false })
    assert.deepEqual(report, { missingKeys: ['fc.bias'], unexpectedKeys: ['other'] })
  })

  const net = new Net()
  for (const [what, run, message] of [
    ['module', () => net.getSubmodule('fc.x'), "getSubmodule: Linear has no module 'x' (in 'fc.x')"],
    ['parameter', () => net.getParameter('fc.x'), "getParameter: Linear has no parameter 'x' (in 'fc.x')"],
    ['buffer', () => net.getBuffer('x'), "getBuffer: Net has no buffer 'x' (in 'x')"],
    [
      'name',
      () => net.registerBuffer('a.b', ones(1)),
      "registerBuffer: a name must not be empty and must have no '.', got 'a.b'",
    ],
    ['taken', () => net.addModule('forward', new nn.ReLU()), "addModule: Net already has 'forward'; take another name"],
    [
      'no parameter',
      () => net.registerParameter('p', ones(1) as nn.Parameter),
      "registerParameter: 'p' must be a Parameter or null; make one with new nn.Parameter(tensor)",
    ],
    [
      'no module',
      () => net.addModule('m', 5 as unknown as nn.Module),
      "addModule: 'm' must be a module or null, got number",
    ],
    ['dtype', () => net.to('int64'), 'to: parameters need a floating dtype, got int64'],
  ] as [string, () => unknown, string][])
    it(`refuse: ${what}`, () => assert.throws(run, { message }))
})
