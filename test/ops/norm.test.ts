/** Normalisation beyond the registry: second derivatives, running statistics, precision, threads, and what is refused. */
import { strict as assert } from 'node:assert'
import { arange, autograd, F, manualSeed, nn, ones, rand, randn, tensor, zeros, type Tensor } from '../../lib/index.js'
import { addon } from '../../lib/device/addon.js'
import { gradcheck, gradgradcheck } from '../support/gradcheck.js'

const numbers = (x: Tensor): number[] => Array.from(x.toTypedArray(), Number)

/** Normal float64 numbers. */
const normal = (...shape: number[]): Tensor => randn(shape, { dtype: 'float64' })

describe('normalisation', () => {
  // The registry's samples list the running statistics among the inputs, which finite differences cannot tell apart.
  it('of batches has the first and second derivatives of finite differences', () => {
    manualSeed(3)
    const [mean, variance] = [normal(2), normal(2).square().add(0.5)]
    const own = (x: Tensor, weight?: Tensor, bias?: Tensor): Tensor =>
      F.batchNorm(x, null, null, { weight, bias, training: true, eps: 0.1 })
    const running = (x: Tensor, weight?: Tensor, bias?: Tensor): Tensor =>
      F.batchNorm(x, mean, variance, { weight, bias })
    for (const f of [own, running])
      for (const shape of [
        [3, 2],
        [2, 2, 3],
      ]) {
        gradcheck(f, [normal(...shape), normal(2), normal(2)])
        gradgradcheck(f, [normal(...shape), normal(2), normal(2)])
        gradgradcheck(f, [normal(...shape)])
      }
  })

  it('takes only the gradients that are wanted', () => {
    manualSeed(1)
    const x = randn(4, 3, 5)
    const weight = ones(3).requiresGrad_()
    F.batchNorm(x, null, null, { weight, training: true }).square().sum().backward()
    F.groupNorm(x, 3, { weight }).square().sum().backward()
    F.layerNorm(x.transpose(1, 2), 3, { weight }).square().sum().backward()
    assert.equal(weight.grad?.numel(), 3)
    assert.equal(x.grad, null)
  })

  it('loses no digits far from 0', () => {
    manualSeed(2)
    const x = randn([8, 2, 100], { dtype: 'float64' })
    const far = x.add(1000).float()
    const y = F.batchNorm(far, null, null, { training: true })
    const exact = F.batchNorm(far.double(), null, null, { training: true })
    // The inputs of float32 are that coarse themselves: what is computed from them must not be coarser.
    assert.ok(y.double().sub(exact).abs().amax().item() < 1e-4)
  })

  it('is the same with any number of threads', () => {
    manualSeed(2)
    const x = randn(6, 8, 40, 41).requiresGrad_()
    const weight = rand(8).requiresGrad_()
    const threads = addon().threads()
    const runs = [1, 2].map((n) => {
      addon().setThreads(n)
      const y = F.groupNorm(F.batchNorm(x, null, null, { weight, training: true }), 2, { weight })
      const z = F.layerNorm(y, 41)
      return [y.detach(), ...autograd.grad(z.square().sum().add(z.pow(3).sum()), [x, weight])].map((t) => numbers(t))
    })
    addon().setThreads(threads)
    assert.deepEqual(runs[0], runs[1])
  })

  it('learns running statistics of any strides', () => {
    const wide = zeros(3, 2)
    const mean = wide.select(1, 0)
    const version = mean.version.count
    const x = tensor([
      [1, 2, 3],
      [3, 6, 9],
    ])
    F.batchNorm(x, mean, null, { training: true, momentum: 0.5 })
    assert.deepEqual(numbers(mean), [1, 2, 3])
    assert.ok(mean.version.count > version)
    const variance = ones(3)
    F.batchNorm(x, null, variance, { training: true, momentum: 1 })
    assert.deepEqual(numbers(variance), [2, 8, 18])
  })

  it('notices parameters that were changed before backward', () => {
    const weight = ones(3).requiresGrad_()
    const y = F.layerNorm(randn(2, 3), 3, { weight })
    weight.detach().mul_(2)
    assert.throws(
      () => y.sum().backward(),
      /LayerNormBackward0 needs a float32 tensor of shape \[3\].*changed in place/,
    )
  })

  it('handles empty batches', () => {
    const x = zeros(0, 3, 4).requiresGrad_()
    const weight = ones(3).requiresGrad_()
    for (const y of [
      F.batchNorm(x, zeros(3), ones(3), { weight, training: true }),
      F.groupNorm(x, 3, { weight }),
      F.layerNorm(x, 4),
      F.localResponseNorm(x, 3),
    ]) {
      assert.deepEqual(y.shape, [0, 3, 4])
      y.sum().backward()
    }
    assert.deepEqual(numbers(weight.grad as Tensor), [0, 0, 0])
  })

  it('keeps statistics in modules', () => {
    const bn = new nn.BatchNorm1d(2, { momentum: null })
    bn.forward(
      tensor([
        [0, 0],
        [2, 4],
      ]),
    )
    bn.forward(
      tensor([
        [2, 2],
        [4, 6],
      ]),
    )
    assert.deepEqual(numbers(bn.runningMean as Tensor), [2, 3])
    assert.equal(bn.numBatchesTracked?.item(), 2)
    assert.deepEqual([...bn.stateDict().keys()], ['weight', 'bias', 'runningMean', 'runningVar', 'numBatchesTracked'])
    bn.resetRunningStats()
    assert.deepEqual(numbers(bn.runningVar as Tensor), [1, 1])
    assert.equal(bn.numBatchesTracked?.item(), 0)
  })

  it('prints as PyTorch does', () => {
    const printed: [nn.Module, string][] = [
      [new nn.BatchNorm2d(3), 'BatchNorm2d(3, eps=0.00001, momentum=0.1, affine=true, trackRunningStats=true)'],
      [new nn.LayerNorm([2, 3]), 'LayerNorm([2, 3], eps=0.00001, elementwiseAffine=true, bias=true)'],
      [new nn.RMSNorm(3), 'RMSNorm([3], eps=null, elementwiseAffine=true)'],
      [new nn.GroupNorm(2, 4), 'GroupNorm(2, 4, eps=0.00001, affine=true)'],
      [new nn.LocalResponseNorm(2), 'LocalResponseNorm(2, alpha=0.0001, beta=0.75, k=1)'],
      [new nn.MaxPool2d(3, { stride: [2, 1] }), 'MaxPool2d(kernelSize=3, stride=[2, 1])'],
      [new nn.LPPool1d(2, 3), 'LPPool1d(normType=2, kernelSize=3)'],
      [new nn.AdaptiveAvgPool2d([null, 1]), 'AdaptiveAvgPool2d(outputSize=[null, 1])'],
      [new nn.MaxUnpool2d(2), 'MaxUnpool2d(kernelSize=2, stride=2, padding=0)'],
      [new nn.FractionalMaxPool2d(2, { outputRatio: 0.5 }), 'FractionalMaxPool2d(kernelSize=2, outputRatio=0.5)'],
      [new nn.StochasticPool2d(2), 'StochasticPool2d(kernelSize=2, stride=2)'],
    ]
    for (const [module, text] of printed) assert.equal(String(module), text)
  })
})

describe('normalisation refuses', () => {
  const x = randn(2, 3, 4)
  const refused: [() => unknown, RegExp][] = [
    [
      () => F.batchNorm(randn(1, 3), null, null, { training: true }),
      /batchNorm: expected more than 1 value per channel when training, got input \[1, 3\]/,
    ],
    [() => F.batchNorm(x, null, null), /batchNorm: without training it needs runningMean and runningVar/],
    [
      () => F.batchNorm(x, zeros(4), ones(4)),
      /batchNorm: runningMean must have shape \[3\], got \[4\] \(input \[2, 3, 4\]\)/,
    ],
    [
      () => F.batchNorm(x, zeros(3), ones(3), { weight: ones(2) }),
      /batchNorm: weight must have shape \[3\], got \[2\]/,
    ],
    [() => F.batchNorm(x.double(), zeros(3), ones(3)), /the input is float64, runningMean float32/],
    [() => F.batchNorm(x.int(), zeros(3), ones(3)), /batchNorm: needs a floating tensor, got int32/],
    [() => F.batchNorm(randn(3), zeros(3), ones(3)), /batchNorm: the input must be \[N, C\] or \[N, C, …\], got \[3\]/],
    [() => F.groupNorm(x, 2), /groupNorm: 3 channels cannot be divided into 2 groups of one size/],
    [() => F.groupNorm(randn(3), 1), /groupNorm: the input must be \[N, C\] or \[N, C, …\], got \[3\]/],
    [() => F.groupNorm(randn(1, 3), 3), /groupNorm: expected more than 1 value per channel/],
    [() => F.instanceNorm(randn(2, 3)), /instanceNorm: the input must be \[N, C, L, …\], got \[2, 3\]/],
    [
      () => F.instanceNorm(randn(2, 3, 1)),
      /instanceNorm: expected more than 1 spatial element when training, got input \[2, 3, 1\]/,
    ],
    [() => F.layerNorm(x, 5), /layerNorm: the input must end in \[5\], got shape \[2, 3, 4\]/],
    [() => F.layerNorm(x, []), /layerNorm: normalizedShape must have at least one size/],
    [() => F.layerNorm(x, 4, { bias: zeros(3) }), /layerNorm: bias must have shape \[4\], got \[3\]/],
    [() => F.rmsNorm(x, [4, 3]), /rmsNorm: the input must end in \[4, 3\], got shape \[2, 3, 4\]/],
    [() => F.localResponseNorm(randn(2, 3), 2), /localResponseNorm: the input must be \[N, C, L, …\], got \[2, 3\]/],
    [() => F.localResponseNorm(x, 0), /localResponseNorm: size must be a positive integer, got 0/],
    [() => F.normalize(x.int()), /normalize: needs a floating tensor, got int32/],
    [() => new nn.BatchNorm2d(-1), /BatchNorm2d: numFeatures must be a non-negative integer, got -1/],
    [() => new nn.BatchNorm2d(3).forward(x), /BatchNorm2d: expected 4D input, got 3D of shape \[2, 3, 4\]/],
    [() => new nn.BatchNorm1d(5).forward(x), /BatchNorm1d: input has 3 channels, the layer 5 \(input \[2, 3, 4\]\)/],
    [() => new nn.InstanceNorm1d(5, { affine: true }).forward(x), /InstanceNorm1d: input has 3 channels, the layer 5/],
    [() => new nn.InstanceNorm2d(3).forward(randn(2, 3)), /InstanceNorm2d: expected 3D or 4D input, got 2D/],
    [() => new nn.GroupNorm(2, 3), /GroupNorm: 3 channels cannot be divided into 2 groups/],
  ]
  for (const [call, message] of refused) it(String(message), () => assert.throws(call, message))
})

describe('CrossMapLRN2d', () => {
  const x = arange(1, 13).view(1, 6, 1, 2).div(4)
  // Values of PyTorch 2.13.
  const expected: readonly (readonly [size: number, options: object, values: readonly number[]])[] = [
    [
      3,
      { alpha: 0.5, k: 2 },
      [
        0.1430968, 0.2760079, 0.3933194, 0.4907549, 0.5661501, 0.619696, 0.666127, 0.6909745, 0.7134256, 0.7208096,
        0.9518933, 0.9577125,
      ],
    ],
    [
      4,
      { alpha: 0.5 },
      [
        0.2362861, 0.4484161, 0.6256451, 0.7617178, 0.8561811, 0.9133978, 0.9626241, 0.978552, 0.9948378, 0.9902799,
        1.3485566, 1.3370199,
      ],
    ],
  ]
  for (const [size, options, values] of expected)
    it(`equals PyTorch for size ${size}`, () =>
      Array.from(new nn.CrossMapLRN2d(size, options).forward(x).toTypedArray(), Number).forEach((value, i) =>
        assert.ok(Math.abs(value - values[i]) < 1e-6, `${value} at ${i}, expected ${values[i]}`),
      ))
})
