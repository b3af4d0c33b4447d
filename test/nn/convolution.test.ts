/** What convolutions refuse and how they say so, how they print, and that threads do not change their results. */
import { strict as assert } from 'node:assert'
import { addon } from '../../lib/device/addon.js'
import { autograd, F, nn, randn, tensor, zeros, type Tensor } from '../../lib/index.js'

const x = zeros(2, 3, 8, 8)
const w = zeros(4, 3, 3, 3)
const b = zeros(4)
const t = zeros(3, 4, 3, 3) // of a transposed convolution
const text = (value: string): 'same' => value as 'same'
const none = null

const refused: [() => unknown, RegExp][] = [
  [() => F.conv2d([1] as unknown as Tensor, w), /conv2d: the input must be a tensor, got \[ 1 \]/],
  [() => F.conv2d(x, 3 as unknown as Tensor), /conv2d: the weight must be a tensor, got 3/],
  [() => F.conv2d(x, w, [2] as unknown as Tensor), /conv2d: the bias must be a tensor, got \[ 2 \]/],
  [() => F.conv2d(x, zeros(4, 3, 3)), /conv2d: the weight must have 4 dimensions .*got 3: \[4, 3, 3\]/],
  [
    () => F.conv2d(zeros(8, 8), w),
    /conv2d: the input must have 4 dimensions .*or 3 without the batch, got 2: \[8, 8\]/,
  ],
  [() => F.conv1d(x, zeros(4, 3, 3)), /conv1d: the input must have 3 dimensions .*got 4: \[2, 3, 8, 8\]/],
  [() => F.conv2d(x.double(), w), /conv2d: the input is float64, the weight float32; convert the input with/],
  [() => F.conv2d(x, w, b.double()), /the input is float32, the weight float32, the bias float64/],
  [() => F.conv2d(x.long(), w.long()), /conv2d: needs float32 or float64, got int64/],
  [() => F.conv2d(x, zeros(4, 3, 0, 3)), /conv2d: the weight \[4, 3, 0, 3\] has a dimension of size 0/],
  [
    () => F.conv2d(x, zeros(4, 2, 3, 3)),
    /conv2d: the input has 3 channels, the weight expects 2 \(input \[2, 3, 8, 8\]/,
  ],
  [
    () => F.conv2d(x, w, none, { groups: 2 }),
    /the input has 3 channels, the weight expects 6 \(3 in each of 2 groups\)/,
  ],
  [() => F.conv2d(x, w, none, { groups: 3 }), /conv2d: the weight's 4 output channels do not divide into 3 groups/],
  [() => F.conv2d(x, w, none, { groups: 0 }), /conv2d: groups must be a positive integer, got 0/],
  [() => F.conv2d(x, w, zeros(3)), /conv2d: the bias must have shape \[4\], .*got \[3\]/],
  [() => F.conv2d(x, w, none, { stride: 0 }), /conv2d: stride must be a positive integer, got 0/],
  [() => F.conv2d(x, w, none, { stride: [1, 2, 3] }), /conv2d: stride must be a number or a list of 2, got \[1,2,3\]/],
  [() => F.conv2d(x, w, none, { dilation: [1, -1] }), /conv2d: dilation must be a positive integer, got \[1,-1\]/],
  [() => F.conv2d(x, w, none, { padding: -1 }), /conv2d: padding must be an integer that is not negative, got -1/],
  [() => F.conv2d(x, w, none, { padding: 0.5 }), /conv2d: padding must be an integer that is not negative, got 0.5/],
  [() => F.conv2d(x, w, none, { padding: text('full') }), /padding must be numbers, 'same' or 'valid', got 'full'/],
  [() => F.conv2d(x, w, none, { padding: 'same', stride: 2 }), /conv2d: padding 'same' needs stride 1, got \[2, 2\]/],
  [
    () => F.conv2d(zeros(1, 3, 2, 8), w),
    /conv2d: a kernel of size \[3, 3\] is larger than the padded input \[2, 8\] \(input \[1, 3, 2, 8\]/,
  ],
  [
    () => F.conv2d(x, w, none, { dilation: 4, padding: [0, 1] }),
    /a kernel of size \[9, 9\] \(with dilation\) is larger than the padded input \[8, 10\]/,
  ],
  [() => F.convTranspose2d(x, w), /convTranspose2d: the input has 3 channels, the weight expects 4/],
  [() => F.convTranspose2d(x, t, none, { groups: 2 }), /the weight's 3 input channels do not divide into 2 groups/],
  [
    () => F.convTranspose2d(x, t, none, { stride: 2, outputPadding: [1, 2] }),
    /outputPadding \[1, 2\] must be smaller than stride \[2, 2\] or dilation \[1, 1\]/,
  ],
  [() => F.convTranspose2d(zeros(1, 3, 1, 4), t, none, { padding: 2 }), /the result would have sizes \[-1, 2\]/],
  [() => F.convTranspose2d(x, t, zeros(3)), /convTranspose2d: the bias must have shape \[4\], .*got \[3\]/],
  [() => new nn.Conv2d(3, 4, 3, { groups: 2 }), /Conv2d: inChannels must be divisible by groups, got 3 and 2/],
  [() => new nn.Conv2d(4, 3, 3, { groups: 2 }), /Conv2d: outChannels must be divisible by groups, got 3 and 2/],
  [() => new nn.Conv2d(4, 3, 3, { groups: -1 }), /Conv2d: groups must be a positive integer, got -1/],
  [() => new nn.Conv2d(0, 3, 3), /Conv2d: inChannels must be a positive integer, got 0/],
  [() => new nn.Conv1d(1, 3, [3, 3]), /Conv1d: kernelSize must be a number or a list of one, got \[3,3\]/],
  [() => new nn.Conv2d(1, 3, 0), /Conv2d: kernelSize must be a positive integer, got 0/],
  [() => new nn.Conv3d(1, 3, 3, { padding: 'same', stride: 2 }), /Conv3d: padding 'same' needs stride 1/],
  [
    () => new nn.Conv2d(1, 3, 3, { paddingMode: 'mirror' as 'reflect' }),
    /Conv2d: paddingMode must be one of zeros, reflect, replicate, circular, got 'mirror'/,
  ],
  [
    () => new nn.ConvTranspose2d(1, 3, 3, { paddingMode: 'reflect' as 'zeros' }),
    /ConvTranspose2d: paddingMode must be 'zeros' for a transposed layer, got 'reflect'/,
  ],
  [
    () => new nn.ConvTranspose2d(3, 1, 3, { stride: 2 }).forward(x, { outputSize: [17, 19] }),
    /outputSize \[17, 19\] is not possible: it may lie between \[17, 17\] and \[18, 18\] for an input of shape \[2, 3, 8, 8\]/,
  ],
  [
    () => new nn.ConvTranspose2d(3, 1, 3).forward(x, { outputSize: [10] }),
    /outputSize must have 2 spatial sizes or the 4 of the whole result, got \[10\]/,
  ],
]

describe('convolution', () => {
  for (const [call, message] of refused) it(`refuses: ${message.source}`, () => assert.throws(call, message))

  it('prints its settings', () => {
    assert.equal(
      String(new nn.Conv2d(1, 16, 5, { padding: 2 })),
      'Conv2d(1, 16, kernelSize=(5, 5), stride=(1, 1), padding=(2, 2))',
    )
    assert.equal(
      String(new nn.Conv1d(2, 4, 3, { padding: 'same', groups: 2, bias: false, dilation: 2, paddingMode: 'reflect' })),
      "Conv1d(2, 4, kernelSize=(3,), stride=(1,), padding='same', dilation=(2,), groups=2, bias=false, paddingMode='reflect')",
    )
    assert.equal(
      String(new nn.ConvTranspose2d(2, 4, 3, { stride: 2, outputPadding: 1 })),
      'ConvTranspose2d(2, 4, kernelSize=(3, 3), stride=(2, 2), outputPadding=(1, 1))',
    )
  })

  it('gives the same numbers with any number of threads', () => {
    const threads = addon().threads()
    const cases: [number[], number[], F.ConvOptions][] = [
      [[7, 3, 20, 23], [20, 3, 5, 5], { padding: 2 }],
      [[1, 16, 40, 40], [32, 16, 3, 3], { stride: 2, padding: 1 }],
      [[3, 160, 6, 6], [170, 160, 3, 3], { padding: 1 }],
      [[2, 24, 20, 20], [24, 1, 3, 3], { padding: 1, groups: 24 }],
    ]
    try {
      for (const [images, kernel, options] of cases) {
        const input = randn(images, { requiresGrad: true }) as Tensor
        const weight = randn(kernel, { requiresGrad: true }) as Tensor
        const results = [1, 2, 5].map((count) => {
          addon().setThreads(count)
          const y = F.conv2d(input, weight, null, options)
          return [y, ...autograd.grad(y.square().sum(), [input, weight])].map((r) => r.toTypedArray())
        })
        assert.deepEqual(results[1], results[0])
        assert.deepEqual(results[2], results[0])
      }
    } finally {
      addon().setThreads(threads)
    }
  })

  it('reads nothing but the image: neighbours in memory may be anything', () => {
    const wide = tensor(Array.from({ length: 3 * 40 }, (_, i) => (i < 40 || i >= 80 ? NaN : i)))
    const image = wide.view(3, 1, 40).narrow(0, 1, 1)
    for (const size of [1, 2, 5]) {
      const kernel = zeros(2, 1, size).add(1)
      const y = F.conv1d(image, kernel)
      assert.equal(y.isnan().any().item(), 0)
      assert.equal(F.convTranspose1d(image, kernel.transpose(0, 1)).isnan().any().item(), 0)
    }
  })
})
