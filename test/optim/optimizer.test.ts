/** What all optimizers share: groups, closures, state that can be saved and continued, errors, memory. */
import { strict as assert } from 'node:assert'
import { addon } from '../../lib/device/addon.js'
import { F, manualSeed, noGrad, ones, optim, rand, randn, tensor, zeros, type Tensor } from '../../lib/index.js'

type Make = (params: Tensor[]) => optim.Optimizer

const makers: Record<string, Make> = {
  SGD: (p) => new optim.SGD(p, { lr: 0.05, momentum: 0.9, dampening: 0.1 }),
  Adam: (p) => new optim.Adam(p, { amsgrad: true }),
  AdamW: (p) => new optim.AdamW(p),
  Adagrad: (p) => new optim.Adagrad(p, { lrDecay: 0.1 }),
  Adadelta: (p) => new optim.Adadelta(p),
  RMSprop: (p) => new optim.RMSprop(p, { centered: true, momentum: 0.9 }),
  Adamax: (p) => new optim.Adamax(p),
  Adafactor: (p) => new optim.Adafactor(p),
  NAdam: (p) => new optim.NAdam(p),
  RAdam: (p) => new optim.RAdam(p),
  Rprop: (p) => new optim.Rprop(p),
  ASGD: (p) => new optim.ASGD(p, { t0: 3 }),
  LBFGS: (p) => new optim.LBFGS(p, { maxIter: 2, historySize: 3, lineSearchFn: 'strongWolfe' }),
  ConjugateGradient: (p) => new optim.ConjugateGradient(p, { maxIter: 2 }),
}

const [inputs, targets] = [
  tensor([
    [0.5, -1, 2],
    [1, 0.25, -0.5],
  ]),
  tensor([[0.3], [-0.7]]),
]

function weights(): Tensor[] {
  return [tensor([[0.1], [-0.2], [0.3]]).requiresGrad_(), tensor([0.05]).requiresGrad_()]
}

function advance(optimizer: optim.Optimizer, [w, b]: Tensor[], steps: number): void {
  for (let i = 0; i < steps; i++)
    optimizer.step(() => {
      optimizer.zeroGrad()
      const loss = F.mseLoss(inputs.matmul(w).add(b).tanh(), targets)
      loss.backward()
      return loss.item()
    })
}

describe('every optimizer', () => {
  for (const [name, make] of Object.entries(makers)) {
    it(`${name} continues a saved run bit for bit`, () => {
      const whole = weights()
      advance(make(whole), whole, 12)

      const early = weights()
      const first = make(early)
      advance(first, early, 5)
      const late = early.map((param) => noGrad(() => param.detach().clone()).requiresGrad_())
      const second = make(late)
      second.loadStateDict(first.stateDict())
      // The saved tensors were copied: further steps of the first run must not reach the second.
      advance(first, early, 3)
      advance(second, late, 7)
      assert.deepEqual(
        late.map((param) => param.toArray()),
        whole.map((param) => param.toArray()),
      )
    })

    it(`${name} works on parameters that are columns of a matrix, and on no other column`, () => {
      const [plain, viewed] = [weights(), weights()]
      const stored = noGrad(() => viewed[0].detach().expand(3, 2).contiguous())
      const strided = noGrad(() => stored.narrow(1, 0, 1)).requiresGrad_()
      assert.equal(strided.isContiguous(), false)
      advance(make(plain), plain, 4)
      advance(make([strided, viewed[1]]), [strided, viewed[1]], 4)
      assert.ok(strided.allclose(plain[0], { rtol: 1e-6 }), `${String(strided)} instead of ${String(plain[0])}`)
      assert.deepEqual(stored.select(1, 1).toArray(), weights()[0].flatten().toArray())
    })
  }

  for (const [name, make] of Object.entries(makers).slice(0, -2))
    it(`${name} frees the temporaries of a step at once`, () => {
      const params: Tensor[] = [rand(100, 100).requiresGrad_(), rand(100).requiresGrad_()]
      for (const param of params) param.grad = rand(param.shape)
      const optimizer = make(params)
      optimizer.step()
      const { tensors, allocated } = addon().memory()
      optimizer.step()
      assert.deepEqual([addon().memory().tensors, addon().memory().allocated], [tensors, allocated])
    })

  for (const [name, make] of Object.entries(makers).slice(0, -2))
    it(`${name} leaves gradients and parameters without gradients alone`, () => {
      const [moved, still] = [ones(2).requiresGrad_(), ones(2).requiresGrad_()]
      moved.grad = tensor([1, -2])
      const optimizer = make([moved, still])
      optimizer.step()
      assert.deepEqual(moved.grad.toArray(), [1, -2])
      assert.deepEqual(still.toArray(), [1, 1])
      assert.deepEqual(
        Object.keys(optimizer.stateDict().state).filter((i) => i === '1'),
        [],
      )
    })
})

describe('Optimizer', () => {
  it('keeps settings by group, which may be changed', () => {
    const [a, b] = [zeros(1).requiresGrad_(), zeros(1).requiresGrad_()]
    const optimizer = new optim.SGD([{ params: [a] }, { params: [b], lr: 0.5, momentum: undefined }], { lr: 0.1 })
    for (const param of [a, b]) param.grad = ones(1)
    optimizer.step()
    assert.deepEqual([a.item(), b.item()], [Math.fround(-0.1), -0.5])
    optimizer.paramGroups[1].lr = 1
    optimizer.step()
    assert.equal(b.item(), -1.5)
    const late = zeros(1).requiresGrad_()
    optimizer.addParamGroup({ params: late, lr: 2 })
    late.grad = ones(1)
    optimizer.step()
    assert.equal(late.item(), -2)
  })

  it('runs a closure with gradients on, also inside noGrad, and returns its loss', () => {
    const x = tensor([2]).to('float32').requiresGrad_()
    const optimizer = new optim.SGD([x], { lr: 0.1 })
    const loss = noGrad(() =>
      optimizer.step(() => {
        optimizer.zeroGrad()
        const value = x.square().sum()
        value.backward()
        return value
      }),
    )
    assert.equal(loss.item(), 4)
    assert.ok(Math.abs(x.item() - 1.6) < 1e-6)
  })

  it('forgets gradients, or makes them 0', () => {
    const x = ones(2).requiresGrad_()
    const optimizer = new optim.SGD([x])
    x.grad = ones(2)
    optimizer.zeroGrad({ setToNone: false })
    assert.deepEqual(x.grad.toArray(), [0, 0])
    optimizer.zeroGrad()
    assert.equal(x.grad, null)
  })

  it('notices that a saved tensor was changed by a step', () => {
    const w = ones(2).requiresGrad_()
    for (const make of [makers.Adam, makers.RMSprop]) {
      const optimizer = make([w])
      const loss = w.square().sum()
      w.grad = ones(2)
      optimizer.step()
      assert.throws(() => loss.backward(), /in place|changed/)
    }
  })

  it('shows the settings of its groups', () => {
    const text = String(new optim.SGD([ones(1).requiresGrad_()], { lr: 0.5 }))
    assert.match(text, /^SGD \(\nParameter Group 0\n {4}dampening: 0\n {4}lr: 0.5\n {4}maximize: false\n/)
  })

  it('draws on the library alone: a network learns', () => {
    manualSeed(3)
    const [x, w] = [randn(40, 3), tensor([[1], [-2], [0.5]])]
    const y = x.matmul(w)
    for (const [name, make] of Object.entries(makers)) {
      const params: Tensor[] = [zeros(3, 1).requiresGrad_(), zeros(1).requiresGrad_()]
      const optimizer = make(params)
      const loss = (): Tensor => F.mseLoss(x.matmul(params[0]).add(params[1]), y)
      const before = loss().item()
      for (let i = 0; i < 50; i++)
        optimizer.step(() => {
          optimizer.zeroGrad()
          const value = loss()
          value.backward()
          return value.item()
        })
      assert.ok(loss().item() < before, `${name}: the loss went from ${before} to ${loss().item()}`)
    }
  })

  it('says what is wrong with parameters', () => {
    const x = ones(2).requiresGrad_()
    assert.throws(() => new optim.SGD([]), /SGD: the list of parameters is empty/)
    assert.throws(() => new optim.Adam(x), /Adam: expected a list of parameters or groups, got a tensor/)
    assert.throws(() => new optim.SGD([x, x]), /SGD: parameter 1 is listed twice/)
    assert.throws(() => new optim.SGD([x.mul(2)]), /parameter 0 was computed by MulBackward0; only leaves/)
    assert.throws(() => new optim.SGD([{ params: [x] }, { params: [x] }]), /parameter 0 is listed twice/)
    assert.throws(() => new optim.SGD([{ params: [3 as unknown as Tensor] }]), /parameter 0 is no tensor/)
    assert.throws(() => new optim.SGD([x, { params: [x] }] as Tensor[]), /not a mixture/)
  })

  it('says what is wrong with settings', () => {
    const p = [ones(2).requiresGrad_()]
    const cases: [() => unknown, RegExp][] = [
      [() => new optim.SGD(p, { lr: -1 }), /SGD: lr must not be negative, got -1/],
      [
        () => new optim.SGD(p, { nesterov: true }),
        /nesterov needs a momentum above 0 and no dampening, got momentum 0/,
      ],
      [() => new optim.Adam(p, { learningRate: 1 } as object), /Adam: unknown option 'learningRate'; known here: lr, /],
      [() => new optim.Adam(p, { betas: [0.9, 1] }), /Adam: betas\[1\] must lie in \[0, 1\), got 1/],
      [() => new optim.AdamW(p, { betas: 0.9 as never }), /AdamW: betas must be two numbers, got 0.9/],
      [() => new optim.Adagrad(p, { lrDecay: -0.1 }), /Adagrad: lrDecay must not be negative, got -0.1/],
      [() => new optim.Adadelta(p, { rho: 1.5 }), /Adadelta: rho must lie in \[0, 1\], got 1.5/],
      [() => new optim.RMSprop(p, { alpha: -1 }), /RMSprop: alpha must not be negative, got -1/],
      [() => new optim.Adamax(p, { eps: NaN }), /Adamax: eps must not be negative, got NaN/],
      [() => new optim.NAdam(p, { momentumDecay: -1 }), /NAdam: momentumDecay must not be negative, got -1/],
      [() => new optim.RAdam(p, { betas: [-0.1, 0.9] }), /RAdam: betas\[0\] must lie in \[0, 1\), got -0.1/],
      [() => new optim.Rprop(p, { etas: [1.2, 0.5] }), /Rprop: etas must satisfy .*, got \[1.2, 0.5\]/],
      [() => new optim.ASGD(p, { weightDecay: -2 }), /ASGD: weightDecay must not be negative, got -2/],
      [() => new optim.SGD([{ params: p, lr: -3 }]), /SGD: lr must not be negative, got -3/],
    ]
    for (const [make, message] of cases) assert.throws(make, message)
  })

  it('says what is wrong with a saved state', () => {
    const saved = (sizes: number[]): optim.OptimizerState<optim.AdamOptions> => {
      const params = sizes.map((size) => ones(size).requiresGrad_())
      for (const param of params) param.grad = ones(param.shape)
      const optimizer = new optim.Adam(params)
      optimizer.step()
      return optimizer.stateDict()
    }
    const optimizer = new optim.Adam([ones(2).requiresGrad_(), ones(3).requiresGrad_()])
    assert.throws(
      () => optimizer.loadStateDict(saved([2])),
      /saved optimizer has groups of 1 parameters, this one of 2/,
    )
    assert.throws(
      () => optimizer.loadStateDict(saved([2, 4])),
      /expAvg of parameter 1 has shape \[4\], the parameter \[3\]/,
    )
    const lost = saved([2, 3])
    lost.state[7] = lost.state[1]
    assert.throws(() => optimizer.loadStateDict(lost), /there is state for parameter 7, but no group holds it/)
    assert.deepEqual(optimizer.stateDict().state, {})
  })
})
