/** Muon, which takes matrices alone: its state, and what it refuses. 20 steps against PyTorch's stand in golden.test.ts. */
import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { addon } from '../../lib/device/addon.js'
import { io, noGrad, ones, optim, randn, tensor, type Tensor } from '../../lib/index.js'
import { temporaryFolders } from '../support/folders.js'
import { itRefuses } from '../support/refusals.js'

const start = (): Tensor =>
  tensor([
    [0.5, -1, 2],
    [1, 0.25, -0.5],
  ]).requiresGrad_()

function advance(optimizer: optim.Optimizer, w: Tensor, steps: number): void {
  for (let i = 0; i < steps; i++) {
    optimizer.zeroGrad()
    w.square().sum().backward()
    optimizer.step()
  }
}

describe('Muon', () => {
  const folder = temporaryFolders()

  it('continues a saved run bit for bit, through a file too', () => {
    const whole = start()
    advance(new optim.Muon([whole], { lr: 0.1, adjustLrFn: 'matchRmsAdamw' }), whole, 6)
    const w = start()
    const first = new optim.Muon([w], { lr: 0.1, adjustLrFn: 'matchRmsAdamw' })
    advance(first, w, 3)
    assert.deepEqual(Object.keys(first.stateDict().state[0]), ['momentumBuffer'])
    const path = join(folder(), 'muon.pt')
    io.save(first.stateDict(), path)
    const second = new optim.Muon([w])
    second.loadStateDict(io.load(path))
    assert.equal(second.paramGroups[0].adjustLrFn, 'matchRmsAdamw')
    advance(second, w, 3)
    assert.deepEqual(w.toArray(), whole.toArray())
  })

  it('works on views, frees its temporaries and leaves gradients alone', () => {
    const tall = noGrad(() => start().t().contiguous()).requiresGrad_()
    const turned = noGrad(() => start().detach().t()).requiresGrad_()
    advance(new optim.Muon([tall]), tall, 3)
    advance(new optim.Muon([turned]), turned, 3)
    assert.deepEqual(turned.toArray(), tall.toArray())

    const w = randn(20, 30).requiresGrad_()
    w.grad = ones(20, 30)
    const optimizer = new optim.Muon([w])
    optimizer.step()
    const { tensors, allocated } = addon().memory()
    optimizer.step()
    assert.deepEqual([addon().memory().tensors, addon().memory().allocated], [tensors, allocated])
    assert.ok(w.grad.equal(ones(20, 30)))
  })

  const bias = ones(3).requiresGrad_()
  itRefuses([
    [
      () => new optim.Muon([start(), bias]),
      /Muon: parameter 1 has shape \[3\], but only matrices can be made orthogonal/,
    ],
    [() => new optim.Muon([start()]).addParamGroup({ params: [bias] }), /Muon: parameter 0 has shape \[3\]/],
    [() => new optim.Muon([start()], { lr: -1 }), /Muon: lr must not be negative, got -1/],
    [() => new optim.Muon([start()], { nsSteps: 100 }), /Muon: nsSteps must be an integer from 0 to 99, got 100/],
    [
      () => new optim.Muon([start()], { nsCoefficients: [1, 2] as never }),
      /Muon: nsCoefficients must be three numbers, got 1,2/,
    ],
    [
      () => new optim.Muon([start()], { adjustLrFn: 'other' as never }),
      /Muon: adjustLrFn must be null, original or matchRmsAdamw, got 'other'/,
    ],
  ])
})
