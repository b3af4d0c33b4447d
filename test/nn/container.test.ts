/** Containers: order, names, changes, sharing, errors. */
import { strict as assert } from 'node:assert'
import { nn, ones, tensor, zeros, type Tensor } from '../../lib/index.js'

const linear = () => new nn.Linear<number, number>(2, 2)
const names = (module: nn.Module) => module.namedParameters().map(([name]) => name)

describe('Sequential', () => {
  it('takes names', () => {
    const net = new nn.Sequential({ hidden: linear(), act: new nn.ReLU() }).append(linear())
    assert.deepEqual(names(net), ['hidden.weight', 'hidden.bias', '2.weight', '2.bias'])
    assert.equal(net.getSubmodule('act'), net.at(1))
    assert.deepEqual([...net.forward(ones(3, 2)).shape], [3, 2])
    const map = new nn.Sequential(new Map([['only', new nn.Tanh()]]))
    assert.equal(map.toString(), 'Sequential(\n  (only): Tanh()\n)')
  })

  it('grows, shrinks and gives parts that share its layers', () => {
    const [a, b, c, d] = [linear(), new nn.ReLU(), linear(), new nn.Tanh()]
    const net = new nn.Sequential(a, c)
    net.insert(1, b).extend([d])
    assert.deepEqual([...net], [a, b, c, d])
    assert.equal(net[2], c)
    assert.deepEqual([...net.slice(-2)], [c, d])
    assert.equal(net.slice(-2)[0], c)
    assert.equal(net.slice(-2).append(a).length, 3)
    assert.equal(net.pop(0), a)
    assert.deepEqual(names(net), ['1.weight', '1.bias'])
    assert.equal(net.length, 3)
    net[0] = a
    assert.deepEqual([...net], [a, c, d])
  })
})

describe('ModuleList', () => {
  it('is a list whose parameters are found', () => {
    class Net extends nn.Module {
      layers = new nn.ModuleList([linear(), linear()])
      forward(x: Tensor) {
        let y = x
        for (const layer of this.layers) y = layer.forward(y)
        return this.layers[0].forward(y)
      }
    }
    const net = new Net()
    assert.deepEqual(names(net), ['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias'])
    net.layers.insert(0, linear()).append(linear())
    assert.equal(net.layers.length, 4)
    assert.equal(net.layers.at(-1), net.layers[3])
    assert.equal(net.layers.slice(1, 3).length, 2)
    assert.deepEqual([...net.forward(ones(1, 2)).shape], [1, 2])
  })
})

describe('ModuleDict', () => {
  it('keeps modules by name, in order', () => {
    const dict = new nn.ModuleDict<nn.Module>({ '10': linear(), relu: new nn.ReLU() }).update([['2', new nn.Tanh()]])
    assert.deepEqual([...dict.keys()], ['10', 'relu', '2'])
    assert.deepEqual(names(dict), ['10.weight', '10.bias'])
    assert.ok(dict.has('relu') && dict.size === 3)
    assert.equal(dict.pop('relu').toString(), 'ReLU()')
    assert.deepEqual(
      [...dict].map(([name]) => name),
      ['10', '2'],
    )
    assert.deepEqual(
      [...dict.entries()].map(([, module]) => module),
      [...dict.values()],
    )
    dict.clear()
    assert.equal(dict.size, 0)
  })
})

describe('lists of parameters', () => {
  it('make parameters of tensors', () => {
    const list = new nn.ParameterList([ones(2), new nn.Parameter(zeros(3))]).append(zeros(1))
    assert.deepEqual(names(list), ['0', '1', '2'])
    assert.equal(list.length, 3)
    assert.deepEqual(list[0].toArray(), [1, 1])
    assert.equal([...list].length, 3)
    assert.equal(list.toString(), 'ParameterList((0): float32 [2], (1): float32 [3], (2): float32 [1])')
  })

  it('by name', () => {
    const dict = new nn.ParameterDict({ b: ones(2), '1': tensor([5]) }).set('a', zeros(1))
    assert.deepEqual([...dict.stateDict().keys()], ['1', 'b', 'a'])
    dict.loadStateDict(new Map([...dict.stateDict()].map(([name, value]) => [name, value.add(1)])))
    assert.deepEqual(dict.get('1').toArray(), [6])
    assert.equal(dict.pop('b').requiresGrad, true)
    assert.ok(!dict.has('b') && dict.size === 2)
    assert.deepEqual(
      [...dict.keys()],
      [...dict].map(([name]) => name),
    )
    assert.equal([...dict.values()].length, 2)
  })
})

describe('errors of containers', () => {
  const net = new nn.Sequential(linear())
  for (const [what, run, message] of [
    [
      'no module',
      () => new nn.Sequential(new nn.ReLU(), 5 as unknown as nn.Layer),
      'Sequential: entry 1 is no module but 5',
    ],
    ['position', () => net.at(1), 'Sequential: no position 1, there are 1 modules'],
    [
      'taken name',
      () => new nn.Sequential({ forward: linear() }),
      "Sequential: 'forward' is taken; choose another name",
    ],
    [
      'dotted name',
      () => new nn.Sequential({ 'a.b': linear() }),
      "addModule: a name must not be empty and must have no '.', got 'a.b'",
    ],
    [
      'list forward',
      () => new nn.ModuleList().forward(),
      'ModuleList: has no forward of its own; loop over its modules, or use Sequential',
    ],
    [
      'dict forward',
      () => new nn.ModuleDict().forward(),
      'ModuleDict: has no forward of its own; get a module by its name',
    ],
    ['missing', () => new nn.ModuleDict({ a: linear() }).get('b'), "ModuleDict: no module 'b'; there are a"],
    [
      'dict name',
      () => new nn.ModuleDict({ '': linear() }),
      "ModuleDict: a name must not be empty and must have no '.', got ''",
    ],
    [
      'dict value',
      () => new nn.ModuleDict({ a: 1 as unknown as nn.Module }),
      "ModuleDict: 'a' must be a module, got number",
    ],
    ['parameter', () => new nn.ParameterDict().get('b'), "ParameterDict: no parameter 'b'; there are none"],
    [
      'parameter name',
      () => new nn.ParameterDict({ 'a.b': ones(1) }),
      "ParameterDict: a name must not be empty and must have no '.', got 'a.b'",
    ],
    [
      'list of parameters forward',
      () => new nn.ParameterList().forward(),
      'ParameterList: has no forward; use its parameters',
    ],
    [
      'dict of parameters forward',
      () => new nn.ParameterDict().forward(),
      'ParameterDict: has no forward; use its parameters',
    ],
  ] as [string, () => unknown, string][])
    it(what, () => assert.throws(run, { message }))
})
