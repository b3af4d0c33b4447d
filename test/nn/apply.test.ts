/** In which order modules are visited: the one on which initialisation with a seed depends. */
import { strict as assert } from 'node:assert'
import { nn } from '../../lib/index.js'

describe('Module.apply', () => {
  it('visits children in their order, then the module itself', () => {
    const net = new nn.Sequential(
      new nn.Linear(1, 2),
      new nn.Sequential(new nn.ReLU(), new nn.Tanh()),
      new nn.Linear(2, 3),
    )
    const seen: nn.Module[] = []
    assert.equal(
      net.apply((module) => void seen.push(module)),
      net,
    )
    const inner = net[1] as unknown as nn.Sequential
    assert.deepEqual(
      seen.map((module) => module.constructor.name),
      ['Linear', 'ReLU', 'Tanh', 'Sequential', 'Linear', 'Sequential'],
    )
    assert.equal(seen[0], net[0])
    assert.equal(seen[3], inner)
  })

  it('visits a shared child wherever it stands', () => {
    const shared = new nn.ReLU()
    let visits = 0
    new nn.Sequential(new nn.Sequential(shared), new nn.Sequential(shared)).apply((module) => {
      if (module === shared) visits++
    })
    assert.equal(visits, 2)
  })
})
