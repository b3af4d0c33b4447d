/** Activation modules: settings, in-place forms, learned slopes, random slopes, tails, errors. Values are the registry's matter. */
import { strict as assert } from 'node:assert'
import { autograd, F, manualSeed, nn, noGrad, rand, randn, tensor, zeros, type Tensor } from '../../lib/index.js'

const close = (actual: Tensor, expected: readonly number[], relative: number): void => {
  const values = Array.from(actual.toTypedArray(), Number)
  assert.equal(values.length, expected.length)
  values.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]) <= relative * Math.abs(expected[i]), `${value} is not ${expected[i]}`),
  )
}

const modules: [nn.Module & { forward(x: Tensor): Tensor }, (x: Tensor) => Tensor, string][] = [
  [new nn.ReLU(), F.relu, 'ReLU()'],
  [new nn.ReLU6(), F.relu6, 'ReLU6()'],
  [new nn.LeakyReLU(0.2), (x) => F.leakyRelu(x, { negativeSlope: 0.2 }), 'LeakyReLU(negativeSlope=0.2)'],
  [new nn.Hardtanh({ minVal: -2 }), (x) => F.hardtanh(x, { minVal: -2 }), 'Hardtanh(minVal=-2, maxVal=1)'],
  [new nn.Hardsigmoid(), F.hardsigmoid, 'Hardsigmoid()'],
  [new nn.Hardswish(), F.hardswish, 'Hardswish()'],
  [new nn.Threshold(0.1, 20), (x) => F.threshold(x, 0.1, 20), 'Threshold(threshold=0.1, value=20)'],
  [new nn.Softshrink(1), (x) => F.softshrink(x, { lambd: 1 }), 'Softshrink(lambd=1)'],
  [new nn.Hardshrink({ lambd: 1 }), (x) => F.hardshrink(x, 1), 'Hardshrink(lambd=1)'],
  [new nn.Sigmoid(), F.sigmoid, 'Sigmoid()'],
  [new nn.Tanh(), F.tanh, 'Tanh()'],
  [new nn.ELU(0.5), (x) => F.elu(x, 0.5), 'ELU(alpha=0.5)'],
  [new nn.SELU(), F.selu, 'SELU()'],
  [new nn.CELU({ alpha: 2 }), (x) => F.celu(x, 2), 'CELU(alpha=2)'],
  [new nn.GELU({ approximate: 'tanh' }), (x) => F.gelu(x, { approximate: 'tanh' }), "GELU(approximate='tanh')"],
  [new nn.SiLU(), F.silu, 'SiLU()'],
  [new nn.Mish(), F.mish, 'Mish()'],
  [new nn.Softplus({ beta: 2 }), (x) => F.softplus(x, { beta: 2 }), 'Softplus(beta=2, threshold=20)'],
  [new nn.Softsign(), F.softsign, 'Softsign()'],
  [new nn.LogSigmoid(), F.logsigmoid, 'LogSigmoid()'],
  [new nn.Tanhshrink(), F.tanhshrink, 'Tanhshrink()'],
  [new nn.Softmax(1), (x) => F.softmax(x, 1), 'Softmax(dim=1)'],
  [new nn.LogSoftmax(1), (x) => F.logSoftmax(x, 1), 'LogSoftmax(dim=1)'],
  [new nn.Softmin(1), (x) => F.softmin(x, 1), 'Softmin(dim=1)'],
  [new nn.GLU(), (x) => F.glu(x), 'GLU(dim=-1)'],
  [new nn.Maxout(2), (x) => F.maxout(x, 2), 'Maxout(pieces=2, dim=1)'],
]

describe('activation modules', () => {
  for (const [module, functional, text] of modules)
    it(`${text} is its functional`, () => {
      const x = rand(3, 6).mul(10).sub(5)
      assert.equal(module.toString(), text)
      assert.deepEqual(module.forward(x).toArray(), functional(x).toArray())
    })

  const inplace: ((options: { inplace: boolean }) => nn.Module & { forward(x: Tensor): Tensor })[] = [
    (o) => new nn.ReLU(o),
    (o) => new nn.ReLU6(o),
    (o) => new nn.LeakyReLU(0.2, o),
    (o) => new nn.Hardtanh(o),
    (o) => new nn.Hardsigmoid(o),
    (o) => new nn.Hardswish(o),
    (o) => new nn.Threshold(0.5, -1, o),
    (o) => new nn.ELU({ alpha: 0.5, ...o }),
    (o) => new nn.SELU(o),
    (o) => new nn.CELU(2, o),
    (o) => new nn.SiLU(o),
    (o) => new nn.Mish(o),
  ]
  for (const make of inplace)
    it(`${make({ inplace: true }).toString()} overwrites its input, with the same gradient`, () => {
      const x = rand(3, 4).mul(8).sub(4).requiresGrad_()
      const expected = make({ inplace: false }).forward(x)
      const [want] = [autograd.grad(expected.sum(), x)[0]]
      const copy = x.mul(1)
      const result = make({ inplace: true }).forward(copy)
      assert.equal(result, copy)
      assert.deepEqual(copy.toArray(), expected.toArray())
      assert.deepEqual(autograd.grad(result.sum(), x)[0].toArray(), want.toArray())
    })

  it('learns the slopes of PReLU', () => {
    const act = new nn.PReLU(3)
    assert.deepEqual([...act.stateDict().keys()], ['weight'])
    assert.deepEqual(act.weight.toArray(), [0.25, 0.25, 0.25])
    act
      .forward(zeros(2, 3, 2).sub(2))
      .sum()
      .backward()
    assert.deepEqual(act.weight.grad?.toArray(), [-8, -8, -8])
    assert.equal(new nn.PReLU().toString(), 'PReLU(numParameters=1)')
    assert.throws(
      () => act.forward(zeros(2, 4)),
      /prelu: weight must have one entry.*4 channels of \[2, 4\], got shape \[3\]/,
    )
    assert.throws(() => new nn.PReLU(0), /PReLU: numParameters must be a positive integer, got 0/)
  })

  it("draws RReLU's slopes from PyTorch's stream", () => {
    manualSeed(1)
    const y = F.rrelu(
      tensor([
        [-1, 2, -3],
        [0.5, -0.25, -8],
      ]),
      { training: true },
    )
    close(
      y.reshape(-1),
      [-0.13771943747997284, 2, -0.5153465867042542, 0.5, -0.04345065355300903, -1.2951654195785522],
      1e-6,
    )
    manualSeed(1)
    const x = tensor([-1, 2, -3], { requiresGrad: true })
    const act = new nn.RReLU({ lower: 0.1, upper: 0.9 })
    act.forward(x).sum().backward()
    close(x.grad as Tensor, [0.14884261786937714, 1, 0.27964359521865845], 1e-6)
    close(act.eval().forward(x), [-0.5, 2, -1.5], 1e-6)
    assert.throws(() => F.rrelu(x, { lower: 0.5, upper: 0.1 }), /rrelu: lower must not exceed upper, got 0.5 and 0.1/)
  })

  it('keeps the digits of the tails', () => {
    const x = tensor([-3.5, -6, -10, -12])
    const expected = [-0.0008142017766243376, -5.919525870226207e-9, -7.619853024160593e-23, -2.1317785344932424e-32]
    close(F.gelu(x), expected, 2e-5)
    close(F.gelu(x.double()), expected, 1e-9)
    close(F.logsigmoid(tensor([50, -1000])), [-1.9287498479639178e-22, -1000], 1e-5)
    close(F.softplus(tensor([-50, 1000]), { threshold: 1e4 }), [1.9287498479639178e-22, 1000], 1e-5)
    const edge = tensor([-Infinity, Infinity], { requiresGrad: true })
    for (const f of [F.gelu, F.selu, F.elu, F.logsigmoid, F.softplus, F.hardtanh]) {
      autograd
        .grad(f(edge).sum(), edge)[0]
        .toArray()
        .toString()
        .split(',')
        .forEach((g) => assert.ok(Number.isFinite(Number(g)), f.name))
    }
  })

  it('differentiates three times', () => {
    const x = tensor([0.3, -0.7], { dtype: 'float64', requiresGrad: true })
    for (const f of [F.gelu, F.silu, F.mish, F.softplus, F.elu, F.softsign, F.tanhshrink, F.logsigmoid]) {
      const second = (at: Tensor): Tensor => {
        const first = autograd.grad(f(at).sum(), at, { createGraph: true })[0]
        return autograd.grad(first.sum(), at, { createGraph: true })[0]
      }
      const third = autograd.grad(second(x).sum(), x)[0]
      const shifted = (d: number): Tensor => second(x.detach().add(d).requiresGrad_()).detach()
      const numeric = shifted(1e-5).sub(shifted(-1e-5)).div(2e-5)
      assert.ok(
        third.allclose(numeric, { rtol: 1e-5, atol: 1e-7 }),
        `${third.toString()} against ${numeric.toString()}`,
      )
    }
  })
})

describe('maxout', () => {
  it('takes the largest of each unit', () => {
    const layer = new nn.MaxoutLinear(3, 2, 4)
    const x = randn(5, 3)
    const all = layer.linear.forward(x).view(5, 2, 4)
    assert.deepEqual(layer.forward(x).toArray(), all.amax(2).toArray())
    assert.equal(
      layer.toString(),
      'MaxoutLinear(\n  pieces=4\n  (linear): Linear(inFeatures=3, outFeatures=8, bias=true)\n)',
    )
  })

  it('says what does not divide', () => {
    assert.throws(() => F.maxout(zeros(2, 5), 2), /maxout: dimension 1 of \[2, 5\] does not divide into pieces of 2/)
    assert.throws(() => F.maxout(zeros(2, 4), 0), /maxout: pieces must be a positive integer, got 0/)
    assert.throws(() => new nn.MaxoutLinear(2, 2, 1.5), /MaxoutLinear: pieces must be a positive integer, got 1.5/)
  })
})

describe('activation errors', () => {
  it('name the value', () => {
    const x = zeros(2, 3)
    assert.throws(() => F.glu(x), /glu: the halved dimension must be even, dimension 1 of \[2, 3\] has 3/)
    assert.throws(() => F.glu(tensor(1)), /glu: a 0-d tensor has no halves/)
    assert.throws(() => F.softshrink(x, -1), /softshrink: lambd must not be negative, got -1/)
    assert.throws(() => F.celu(x, 0), /celu: alpha must not be 0/)
    assert.throws(() => F.hardtanh(x, { minVal: 2 }), /hardtanh: minVal must not exceed maxVal, got 2 and 1/)
    assert.throws(() => new nn.Hardtanh({ minVal: 1 }), /Hardtanh: maxVal must be larger than minVal, got 1 and 1/)
    assert.throws(
      () => F.gelu(x, { approximate: 'erf' as 'none' }),
      /gelu: approximate must be 'none' or 'tanh', got 'erf'/,
    )
    assert.throws(() => new nn.Softmax2d().forward(x), /Softmax2d: needs \[N, C, H, W\] or \[C, H, W\], got \[2, 3\]/)
  })

  it('does not concern a softmax over channels', () => {
    const x = randn(2, 3, 2, 2)
    assert.ok(noGrad(() => new nn.Softmax2d().forward(x).sum(1).sub(1).abs().amax().item()) < 1e-6)
  })
})
