/** Schedules' errors and notes, clipping, penalties and early stopping. */
import { strict as assert } from 'node:assert'
import { nn, noGrad, ones, optim, tensor, type Tensor } from '../../lib/index.js'

const { lrScheduler } = optim

function sgd(lr = 0.1): optim.SGD {
  return new optim.SGD([ones(1).requiresGrad_()], { lr, momentum: 0.9 })
}

describe('schedules', () => {
  it('say what is wrong', () => {
    const o = sgd()
    const cases: [() => unknown, RegExp][] = [
      [() => new lrScheduler.StepLR({} as optim.SGD, 1), /StepLR: the first argument must be an optimizer, got object/],
      [() => new lrScheduler.StepLR(o, 0), /stepSize must be above 0, got 0/],
      [
        () => new lrScheduler.StepLR(sgd(), 2, { lastEpoch: 3 }),
        /lastEpoch 3 continues a run, but group 0 has no initialLr/,
      ],
      [() => new lrScheduler.ConstantLR(o, { factor: 2 }), /factor must lie in \[0, 1\], got 2/],
      [() => new lrScheduler.LinearLR(o, { startFactor: 0 }), /startFactor must lie in \(0, 1\], got 0/],
      [() => new lrScheduler.LinearLR(o, { endFactor: -1 }), /endFactor must lie in \[0, 1\], got -1/],
      [() => new lrScheduler.LambdaLR(o, [() => 1, () => 1]), /lrLambda has 2 values, the optimizer 1 groups/],
      [() => new lrScheduler.CosineAnnealingLR(o, 0), /tMax must be above 0, got 0/],
      [() => new lrScheduler.CosineAnnealingWarmRestarts(o, 2.5), /t0 must be a whole number from 1, got 2.5/],
      [
        () => new lrScheduler.CosineAnnealingWarmRestarts(o, 2, { tMult: 0 }),
        /tMult must be a whole number from 1, got 0/,
      ],
      [() => new lrScheduler.CosineAnnealingWarmRestarts(o, 2).step(-1), /the epoch must not be negative, got -1/],
      [() => new lrScheduler.OneCycleLR(o, 1), /pass totalSteps, or both epochs and stepsPerEpoch/],
      [() => new lrScheduler.OneCycleLR(o, 1, { totalSteps: 0 }), /totalSteps must be a whole number from 1, got 0/],
      [() => new lrScheduler.OneCycleLR(o, 1, { epochs: 2 }), /pass totalSteps, or both/],
      [() => new lrScheduler.OneCycleLR(o, 1, { totalSteps: 5, pctStart: 2 }), /pctStart must lie in \[0, 1\], got 2/],
      [() => new lrScheduler.OneCycleLR(o, [1, 2], { totalSteps: 5 }), /maxLr has 2 values, the optimizer 1 groups/],
      [
        () => new lrScheduler.OneCycleLR(new optim.Adagrad([ones(1)]), 1, { totalSteps: 5 }),
        /OneCycleLR: Adagrad has neither momentum nor betas to cycle; pass \{ cycleMomentum: false \}/,
      ],
      [() => new lrScheduler.CyclicLR(o, 0.1, 1, { mode: 'saw' as never }), /mode must be .*, got 'saw'/],
      [() => new lrScheduler.ReduceLROnPlateau(o, { factor: 1 }), /factor must be below 1, got 1/],
      [() => new lrScheduler.ReduceLROnPlateau(o, { mode: 'low' as never }), /mode must be 'min' or 'max', got 'low'/],
      [() => new lrScheduler.SequentialLR(o, [], []), /SequentialLR: needs at least one scheduler, got none/],
      [
        () => new lrScheduler.SequentialLR(o, [new lrScheduler.ExponentialLR(o, 0.9)], [3]),
        /1 schedulers need 0 milestones, got 1/,
      ],
      [
        () => new lrScheduler.ChainedScheduler([new lrScheduler.ExponentialLR(sgd(), 0.9)], { optimizer: o }),
        /ChainedScheduler: scheduler 0 \(ExponentialLR\) belongs to another optimizer/,
      ],
      [
        () => new lrScheduler.SequentialLR(o, [new lrScheduler.ReduceLROnPlateau(o) as never], []),
        /scheduler 0 is ReduceLROnPlateau, whose step needs a metric/,
      ],
    ]
    for (const [make, message] of cases) assert.throws(make, message)
  })

  it('end where a single cycle ends', () => {
    const optimizer = sgd()
    const scheduler = new lrScheduler.OneCycleLR(optimizer, 1, { totalSteps: 3 })
    for (let i = 0; i < 3; i++) {
      optimizer.step()
      scheduler.step()
    }
    assert.throws(() => scheduler.step(), /step 4 is past the end, the cycle has 3 steps/)
  })

  it('take a position between two epochs where restarts are warm', () => {
    const optimizer = sgd(1)
    const scheduler = new lrScheduler.CosineAnnealingWarmRestarts(optimizer, 2, { tMult: 2 })
    for (const [epoch, part] of [
      [0.5, 0.25],
      [2, 0],
      [5, 0.75],
      [6, 0],
      [10, 0.5],
    ]) {
      scheduler.step(epoch)
      assert.ok(Math.abs(optimizer.paramGroups[0].lr - (1 + Math.cos(Math.PI * part)) / 2) < 1e-12, `epoch ${epoch}`)
    }
  })

  it('warn once when the schedule moves before the optimizer does', () => {
    const said: unknown[] = []
    const warn = console.warn
    console.warn = (...args: unknown[]) => said.push(...args)
    try {
      const scheduler = new lrScheduler.StepLR(sgd(), 2)
      scheduler.step()
      scheduler.step()
      const optimizer = sgd()
      const proper = new lrScheduler.StepLR(optimizer, 2)
      optimizer.step()
      proper.step()
    } finally {
      console.warn = warn
    }
    assert.equal(said.length, 1)
    assert.match(String(said[0]), /StepLR: step\(\) was called before the optimizer's first step\(\)/)
  })

  it("refuse another schedule's state", () => {
    const state = new lrScheduler.CosineAnnealingLR(sgd(), 3).stateDict()
    assert.throws(() => new lrScheduler.StepLR(sgd(), 3).loadStateDict(state), /StepLR has no 'tMax'/)
  })

  it('may be written by users', () => {
    class Halving extends lrScheduler.LRScheduler {
      constructor(optimizer: optim.SGD) {
        super(optimizer)
        this.start()
      }
      protected getLr(): number[] {
        return this.baseLrs.map((lr) => lr / 2 ** this.lastEpoch)
      }
    }
    const optimizer = sgd(1)
    const scheduler = new Halving(optimizer)
    optimizer.step()
    scheduler.step()
    scheduler.step()
    assert.deepEqual(scheduler.getLastLr(), [0.25])
  })
})

describe('clipping', () => {
  function withGrad(values: number[]): Tensor {
    const x = noGrad(() => tensor(values, { dtype: 'float64' }).mul(0)).requiresGrad_()
    x.grad = tensor(values, { dtype: 'float64' })
    return x
  }

  it('cuts values, and leaves parameters without gradients out', () => {
    const x = withGrad([-3, 0.5, 2])
    optim.clipGradValue_([x, ones(1).requiresGrad_()], 1)
    assert.deepEqual(x.grad?.toArray(), [-1, 0.5, 1])
  })

  it('takes a single tensor, and returns 0 when there is no gradient', () => {
    const x = withGrad([3, 4])
    assert.equal(optim.clipGradNorm_(x, 1).item(), 5)
    assert.ok(Math.abs((x.grad as Tensor).norm().item() - 1) < 1e-6)
    assert.equal(optim.clipGradNorm_([ones(1)], 1).item(), 0)
  })

  it('refuses a norm that is not finite when asked to', () => {
    const x = withGrad([Infinity, 1])
    assert.throws(() => optim.clipGradNorm_([x], 1, { errorIfNonfinite: true }), /norm of order 2 is Infinity/)
    assert.equal(optim.clipGradNorm_([x], 1).item(), Infinity)
    assert.throws(() => optim.clipGradNorm_([x], 1, { normType: 0 }), /normType must be above 0, got 0/)
  })
})

describe('penalties', () => {
  const weights = (): Tensor[] => [
    tensor([[1.5, -2]], { dtype: 'float64' }).requiresGrad_(),
    tensor([0.5], { dtype: 'float64' }).requiresGrad_(),
  ]

  it('L1 is λ Σ|w| with gradient λ·sign(w)', () => {
    const [a, b] = weights()
    const penalty = optim.l1Penalty([a, b], 0.5)
    penalty.backward()
    assert.equal(penalty.item(), 2)
    assert.deepEqual([a.grad?.toArray(), b.grad?.toArray()], [[[0.5, -0.5]], [0.5]])
  })

  it('L2 is λ/2 Σw²: the same step as weightDecay λ', () => {
    const [seen, decayed] = [weights(), weights()]
    const [plain, decay] = [new optim.SGD(seen, { lr: 0.1 }), new optim.SGD(decayed, { lr: 0.1, weightDecay: 0.3 })]
    const penalty = optim.l2Penalty(seen, 0.3)
    assert.ok(Math.abs(penalty.item() - 0.15 * 6.5) < 1e-12)
    penalty.backward()
    for (const param of decayed) param.grad = noGrad(() => param.mul(0))
    plain.step()
    decay.step()
    seen.forEach((param, i) => assert.ok(param.allclose(decayed[i], { rtol: 1e-12 })))
  })

  it('of nothing are 0', () => {
    assert.deepEqual([optim.l1Penalty([], 1).item(), optim.l2Penalty([], 1).item()], [0, 0])
  })
})

describe('EarlyStopping', () => {
  const feed = (stopping: optim.EarlyStopping, metrics: number[]): number =>
    metrics.findIndex((metric) => stopping.step(metric))

  it('ends after `patience` epochs without progress', () => {
    const stopping = new optim.EarlyStopping({ patience: 2 })
    assert.equal(feed(stopping, [3, 2, 2, 1.5, 1.6, 1.5, 1]), 5)
    assert.deepEqual([stopping.best, stopping.bestEpoch, stopping.badEpochs, stopping.stopped], [1.5, 3, 2, true])
  })

  it('wants progress of more than minDelta, upwards in mode max, and none of NaN', () => {
    assert.equal(feed(new optim.EarlyStopping({ patience: 2, minDelta: 0.1 }), [1, 0.95, 0.91, 0.5]), 2)
    assert.equal(feed(new optim.EarlyStopping({ patience: 2, mode: 'max' }), [0.1, 0.5, 0.4, 0.6, 0.6, 0.5]), 5)
    assert.equal(feed(new optim.EarlyStopping({ patience: 1 }), [1, NaN]), 1)
    assert.equal(new optim.EarlyStopping({ patience: 1 }).step(tensor(2)), false)
  })

  it('puts the best state back', () => {
    const net = new nn.Linear(1, 1)
    const stopping = new optim.EarlyStopping({ patience: 2, restoreBest: net })
    const set = (value: number): unknown => noGrad(() => net.weight.fill_(value))
    for (const [epoch, loss] of [3, 1, 2, 4].entries()) {
      set(epoch)
      stopping.step(loss)
    }
    assert.equal(net.weight.item(), 1)
    set(9)
    stopping.restore()
    assert.equal(net.weight.item(), 1)
  })

  it('says what is wrong', () => {
    assert.throws(() => new optim.EarlyStopping({ patience: 0 }), /patience must be a whole number from 1, got 0/)
    assert.throws(() => new optim.EarlyStopping({ minDelta: -1 }), /minDelta must not be negative, got -1/)
    assert.throws(() => new optim.EarlyStopping({ mode: 'up' as 'max' }), /mode must be 'min' or 'max', got 'up'/)
  })
})
