/** Pooling beyond the registry: indices, ties, NaN, integers, chances, threads, and what is refused. */
import { strict as assert } from 'node:assert'
import { F, manualSeed, rand, randn, tensor, zeros, type Tensor } from '../../lib/index.js'
import { addon } from '../../lib/device/addon.js'

const numbers = (x: Tensor): number[] => Array.from(x.toTypedArray(), Number)

describe('pooling', () => {
  it('numbers maxima in their planes, the first among equals, the last NaN', () => {
    const x = tensor([
      [
        [0, 2, 2, 1],
        [2, 0, 1, 2],
      ],
      [
        [1, 1, NaN, 2],
        [1, 1, NaN, 3],
      ],
    ])
    const { output, indices } = F.maxPool2d(x, 2, { stride: 1, returnIndices: true })
    assert.deepEqual(numbers(output), [2, 2, 2, 1, NaN, NaN])
    assert.deepEqual(numbers(indices), [1, 1, 2, 0, 6, 6])
    assert.equal(indices.dtype, 'int64')
    assert.deepEqual(numbers(F.maxPool2d(x, 2)), [2, 2, 1, NaN])
    assert.deepEqual(numbers(F.maxPool2d(x, 2, { returnIndices: true }).indices), [1, 2, 0, 6])
    const lowest = F.maxPool1d(tensor([[-Infinity, -Infinity]]), 2, { returnIndices: true })
    assert.deepEqual([numbers(lowest.output), numbers(lowest.indices)], [[-Infinity], [0]])
  })

  it('pools integers', () => {
    const x = [
      [
        [3, 9, 4, 4],
        [5, 2, 1, 7],
      ],
    ]
    for (const dtype of ['int32', 'int64', 'uint8'] as const) {
      const y = F.maxPool2d(tensor(x, { dtype }), 2)
      assert.deepEqual([y.dtype, numbers(y)], [dtype, [9, 7]])
    }
    assert.deepEqual(numbers(F.maxPool1d(tensor([[-3, -5]], { dtype: 'int32' }), 2)), [-3])
    const mean = F.avgPool2d(tensor(x, { dtype: 'int64' }), 2)
    assert.deepEqual([mean.dtype, numbers(mean)], ['int64', [4, 4]])
  })

  it('remembers positions in huge windows too', () => {
    manualSeed(1)
    const x = randn(2, 3, 20, 18).requiresGrad_()
    const { output, indices } = F.maxPool2d(x, 17, { stride: 1, returnIndices: true })
    assert.deepEqual(numbers(output), numbers(x.view(2, 3, 360).gather(-1, indices.flatten(-2)).detach()))
    output.sum().backward()
    const expected = zeros(2, 3, 360).scatterAdd(-1, indices.flatten(-2), output.detach().flatten(-2).mul(0).add(1))
    assert.deepEqual(numbers(x.grad as Tensor), numbers(expected))
  })

  it('gives the same without recording', () => {
    manualSeed(1)
    const x = randn(1, 2, 9, 33)
    const options = { stride: 2, padding: 1 }
    assert.deepEqual(
      numbers(F.maxPool2d(x, 3, options)),
      numbers(F.maxPool2d(x, 3, { ...options, returnIndices: true }).output),
    )
  })

  it('is the same with any number of threads', () => {
    manualSeed(2)
    const x = randn(4, 8, 64, 63).requiresGrad_()
    const threads = addon().threads()
    const runs = [1, 2].map((n) => {
      addon().setThreads(n)
      x.grad = null
      const y = F.avgPool2d(F.maxPool2d(x, 3, { stride: 2, padding: 1 }), 2)
      y.square().sum().backward()
      return [numbers(y.detach()), numbers(x.grad as unknown as Tensor)]
    })
    addon().setThreads(threads)
    assert.deepEqual(runs[0], runs[1])
  })

  it('unpools what it pooled', () => {
    manualSeed(4)
    const x = rand(2, 3, 6, 8)
    const { output, indices } = F.maxPool2d(x, 2, { returnIndices: true })
    const back = F.maxUnpool2d(output, indices, 2)
    assert.deepEqual(back.shape, x.shape)
    assert.deepEqual(numbers(F.maxPool2d(back, 2)), numbers(output))
    assert.equal(back.ne(0).sum().item(), output.numel())
    const odd = F.maxPool1d(rand(1, 2, 7), 2, { returnIndices: true })
    assert.deepEqual(F.maxUnpool1d(odd.output, odd.indices, 2, { outputSize: [1, 2, 7] }).shape, [1, 2, 7])
  })

  it('draws fractional windows that a seed repeats', () => {
    const x = rand(2, 3, 10, 10)
    const draw = () => {
      manualSeed(5)
      return F.fractionalMaxPool2d(x, 2, { outputRatio: 0.5, returnIndices: true })
    }
    const [a, b] = [draw(), draw()]
    assert.deepEqual(a.output.shape, [2, 3, 5, 5])
    assert.deepEqual(numbers(a.indices), numbers(b.indices))
    assert.deepEqual(numbers(a.output), numbers(x.view(2, 3, 100).gather(-1, a.indices.flatten(-2))))
  })
})

describe('stochastic pooling', () => {
  it('picks activations with probabilities in proportion to them', () => {
    manualSeed(6)
    const n = 40_000
    const window = [1, 0, 3, 4]
    const x = tensor(window).view(1, 1, 2, 2).expand(n, 1, 2, 2)
    const y = numbers(F.stochasticPool2d(x, 2))
    for (const value of window) {
      const p = value / 8
      const share = y.filter((v) => v === value).length / n
      // Five standard deviations.
      assert.ok(Math.abs(share - p) <= 5 * Math.sqrt((p * (1 - p)) / n), `${value} was picked ${share} of the time`)
    }
  })

  it('sends the gradient to what it picked', () => {
    manualSeed(7)
    const x = rand(2, 3, 4, 4).requiresGrad_()
    const y = F.stochasticPool2d(x, 2)
    y.sum().backward()
    const grad = x.grad as Tensor
    assert.deepEqual(numbers(F.maxPool2d(grad, 2)), numbers(y.detach().mul(0).add(1)))
    assert.equal(grad.sum().item(), y.numel())
    assert.deepEqual(numbers(F.maxPool2d(grad.mul(x.detach()), 2)), numbers(y.detach()))
  })

  it('gives 0 where nothing is positive', () => {
    const x = tensor([
      [
        [-1, 0, -2, 0.5],
        [0, -3, 2, -1],
      ],
    ])
    assert.deepEqual(numbers(F.stochasticPool2d(x, 2, { training: false })), [0, Math.fround(4.25 / 2.5)])
    assert.equal(numbers(F.stochasticPool2d(x, 2))[0], 0)
  })
})

describe('pooling refuses', () => {
  const x = zeros(1, 3, 3)
  const long = tensor([[[0, 1]]], { dtype: 'int64' })
  const refused: [() => unknown, RegExp][] = [
    [() => F.maxPool2d(zeros(3), 2), /maxPool2d: the input must be \[N, C, H, W\] or \[C, H, W\], got shape \[3\]/],
    [() => F.maxPool2d(zeros(0, 3, 3), 2), /maxPool2d: only the batch may be empty, got shape \[0, 3, 3\]/],
    [
      () => F.maxPool2d(x, 4),
      /maxPool2d: a window of 4 × 4 does not fit into 3 × 3 \(input \[1, 3, 3\], padding 0 × 0\)/,
    ],
    [() => F.maxPool2d(x, 2, { dilation: 3 }), /a window of 2 × 2 with dilation 3 × 3 does not fit/],
    [() => F.maxPool2d(x, 2, { padding: 2 }), /padding 2 is more than half of the window's size, 2/],
    [() => F.maxPool2d(x, 2, { stride: 0 }), /maxPool2d: stride must be positive integers, got 0/],
    [() => F.maxPool2d(x, [1, 2, 3]), /maxPool2d: kernelSize must be one number or 2, got \[ 1, 2, 3 \]/],
    [() => F.maxPool2d(x, 2, 2 as never), /maxPool2d: options must be an object such as \{ stride: … \}, got 2;/],
    [() => F.maxPool2d(x.bool(), 2), /maxPool2d: bool has no maximum/],
    [() => F.maxPool2d([1] as never, 2), /maxPool2d: the input must be a tensor/],
    [() => F.avgPool2d(x.int(), 2), /avgPool2d: averages float32, float64 and int64, got int32/],
    [
      () => F.avgPool3d(zeros(1, 3, 1, 3), 2, { padding: 1 }),
      /avgPool3d: the input \[1, 3, 1, 3\] is smaller than the window of 2 × 2 × 2; pad it/,
    ],
    [() => F.avgPool2d(x, 2, { divisorOverride: 0 }), /divisorOverride must be an integer other than 0, got 0/],
    [() => F.adaptiveAvgPool2d(x.int(), 2), /adaptiveAvgPool2d: needs a floating tensor, got int32/],
    [() => F.adaptiveAvgPool2d(x, -1), /adaptiveAvgPool2d: outputSize must be non-negative integers, got \[ -1, -1 \]/],
    [() => F.adaptiveMaxPool2d(x.bool(), 2), /adaptiveMaxPool2d: bool has no maximum/],
    [() => F.lpPool2d(x, 0, 2), /lpPool2d: normType must be a positive number, got 0/],
    [() => F.maxUnpool1d(zeros(1, 2), long, 2), /input \[1, 2\] and indices \[1, 1, 2\] must have the same shape/],
    [() => F.maxUnpool1d(zeros(1, 1, 2), long.int(), 2), /the indices must be int64.*got int32/],
    [() => F.maxUnpool1d(zeros(1, 1, 2).bool(), long, 2), /maxUnpool1d: bool cannot be unpooled/],
    [
      () => F.maxUnpool1d(zeros(1, 1, 2), long.add(3), 2),
      /indices\[1\] is 4, but a plane has 4 elements: expected 0 to 3/,
    ],
    [() => F.maxUnpool1d(zeros(1, 1, 2), long, 2, { outputSize: [7] }), /size 0 must lie between 3 and 5/],
    [() => F.maxUnpool1d(zeros(1, 1, 2), long, 2, { outputSize: [1, 4] }), /must have 1 or 3 sizes, got \[1, 4\]/],
    [() => F.maxUnpool1d(zeros(1, 1, 2), long, 2, { padding: 3 }), /the result would have sizes \[-2\]/],
    [() => F.fractionalMaxPool2d(x, 2, {}), /fractionalMaxPool2d: needs one of outputSize and outputRatio/],
    [() => F.fractionalMaxPool2d(x, 2, { outputSize: 3 }), /3 windows of 2 do not fit into 3 elements.*at most 2/],
    [() => F.fractionalMaxPool2d(x, 2, { outputRatio: 1 }), /outputRatio must be one number or 2 between 0 and 1/],
    [() => F.fractionalMaxPool2d(x.int(), 2, { outputSize: 1 }), /fractionalMaxPool2d: needs a floating tensor/],
    [
      () => F.fractionalMaxPool2d(x, 2, { outputSize: 1, randomSamples: zeros(2) }),
      /randomSamples must be a tensor of shape \[1, 1, 2\] for input \[1, 3, 3\], got \[2\]/,
    ],
    [
      () => F.fractionalMaxPool2d(x, 2, { outputSize: 1, randomSamples: zeros([1, 1, 2], { dtype: 'float64' }) }),
      /the input is float32, randomSamples float64/,
    ],
    [
      () => F.fractionalMaxPool2d(x, 2, { outputSize: 1, randomSamples: zeros(1, 1, 2).add(2) }),
      /a sample is 2, expected 0 to 1/,
    ],
    [() => F.stochasticPool2d(x.int(), 2), /stochasticPool2d: needs a floating tensor, got int32/],
  ]
  for (const [call, message] of refused) it(String(message), () => assert.throws(call, message))
})
