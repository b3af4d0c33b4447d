/** What losses refuse, and how they say so. */
import { strict as assert } from 'node:assert'
import { F, tensor, zeros, type Tensor } from '../../lib/index.js'

const long = (data: number[] | number[][]): Tensor => tensor(data, { dtype: 'int64' })
const x = zeros(2, 3)
const y = zeros(2, 4)
const unknown = { reduction: 'avg' as 'mean' }

const path = zeros(4, 2, 3).logSoftmax(2)
const refused: [() => unknown, RegExp][] = [
  [() => F.ctcLoss(x.at(0), long([1]), 2, 1), /ctcLoss: logProbs must be \[T, N, C\] or \[T, C\], got \[3\]/],
  [() => F.ctcLoss(path, zeros(2, 1), [4, 4], [1, 1]), /ctcLoss: targets must be integers, .*got float32 \[2, 1\]/],
  [() => F.ctcLoss(path, long([1, 1]), [4, 5], [1, 1]), /inputLengths must lie between 0 and 4, got 5 at position 1/],
  [() => F.ctcLoss(path, long([1, 1]), [4, 0], [1, 1]), /ctcLoss: inputLengths must be at least 1/],
  [
    () => F.ctcLoss(path, long([1, 1]), [4], [1, 1]),
    /inputLengths must have one number for each of the 2 sequences, got 1/,
  ],
  [() => F.ctcLoss(path, long([1, 1, 2]), [4, 4], [1, 1]), /targetLengths add up to 2, but there are 3 labels/],
  [() => F.ctcLoss(path, long([[1], [1], [2]]), [4, 4], [1, 1]), /targets \[3, 1\] must have a row for each of 2/],
  [() => F.ctcLoss(path, long([1, 3]), [4, 4], [1, 1]), /labels must lie between 0 and 2, got 3/],
  [() => F.ctcLoss(path, long([1, 1]), [4, 4], [1, 1], { blank: 3 }), /blank must be one of the 3 classes, got 3/],
  [() => F.ctcLoss(path, long([1, 1]), [4, 4], [1, 1], unknown), /ctcLoss: reduction must be 'mean', 'sum' or 'none'/],
  [() => F.mseLoss(x, x, unknown), /mseLoss: reduction must be 'none', 'mean' or 'sum', got 'avg'/],
  [() => F.klDiv(x, x, unknown), /klDiv: reduction must be/],
  [() => F.multiMarginLoss(x, long([0, 1]), unknown), /multiMarginLoss: reduction must be/],
  [() => F.huberLoss(x, x, { delta: 0 }), /huberLoss: delta must be positive, got 0/],
  [() => F.smoothL1Loss(x, x, { beta: -1 }), /smoothL1Loss: beta must not be negative, got -1/],
  [() => F.mseLoss(x, y), /sizes \[2, 3\] and \[2, 4\] do not broadcast/],
  [() => F.binaryCrossEntropy(x, y), /binaryCrossEntropy: the target's shape \[2, 4\] must be the input's, \[2, 3\]/],
  [() => F.binaryCrossEntropy(x.add(1.5), x), /must hold probabilities in \[0, 1\], got values from 1.5 to 1.5/],
  [() => F.binaryCrossEntropyWithLogits(x, y), /binaryCrossEntropyWithLogits: the target's shape/],
  [() => F.softMarginLoss(x, y), /softMarginLoss: input and target must have the same shape/],
  [() => F.nllLoss(x, long([0, 1, 2])), /nllLoss: input \[2, 3\] needs a target of shape \[2\].*got \[3\]/],
  [() => F.nllLoss(x, long([0, 1]), { weight: zeros(2) }), /nllLoss: weight must have one entry for each of the 3/],
  [() => F.crossEntropy(x, long([0, 1]), { labelSmoothing: 2 }), /labelSmoothing must lie in \[0, 1\], got 2/],
  [() => F.gaussianNllLoss(x, x, zeros(5)), /variance must have the input's shape \[2, 3\].*got \[5\]/],
  [() => F.gaussianNllLoss(x, x, x.sub(1)), /gaussianNllLoss: a variance is negative: -1/],
  [() => F.gaussianNllLoss(x, x, x, { eps: 0 }), /gaussianNllLoss: eps must be positive, got 0/],
  [
    () => F.cosineEmbeddingLoss(x, x, long([1])),
    /needs inputs \[N, D\] and targets \[N\].*\[2, 3\], \[2, 3\] and \[1\]/,
  ],
  [() => F.marginRankingLoss(x, x, zeros(2)), /all three must have as many dimensions.*\[2, 3\], \[2, 3\] and \[2\]/],
  [() => F.tripletMarginLoss(x, x, zeros(3)), /must have as many dimensions, got shapes \[2, 3\], \[2, 3\] and \[3\]/],
  [() => F.tripletMarginLoss(x, x, x, { margin: 0 }), /tripletMarginLoss: margin must be greater than 0, got 0/],
  [() => F.multiMarginLoss(x, long([0, 5])), /multiMarginLoss: the target at position 1 is 5, outside of 0 … 2/],
  [() => F.multiMarginLoss(x, long([0, 1]), { p: 3 }), /multiMarginLoss: p must be 1 or 2, got 3/],
  [() => F.multiMarginLoss(x, long([0])), /needs scores \[N, C\] and class numbers \[N\], got \[2, 3\] and \[1\]/],
  [() => F.multiMarginLoss(x, zeros(2)), /must hold class numbers of an integer dtype, got float32/],
  [() => F.multiMarginLoss(x, long([0, 1]), { weight: zeros(2) }), /weight must have shape \[3\], got \[2\]/],
  [
    () =>
      F.multilabelMarginLoss(
        x,
        long([
          [0, 1, 3],
          [0, 1, 2],
        ]),
      ),
    /target at position 2 is 3, outside of -1 … 2/,
  ],
  [() => F.multilabelMarginLoss(x, long([0, 1])), /multilabelMarginLoss: the target's shape \[2\] must be the input's/],
  [() => F.multilabelSoftMarginLoss(x, y), /multilabelSoftMarginLoss: the target's shape/],
]

describe('loss errors', () => {
  for (const [call, message] of refused) it(`matches ${message.source}`, () => assert.throws(call, message))

  it('warns once when a target is broadcast', () => {
    const heard: string[] = []
    const warn = console.warn
    console.warn = (text: string): void => void heard.push(text)
    try {
      for (let i = 0; i < 3; i++) F.mseLoss(zeros(7, 1), zeros(7))
    } finally {
      console.warn = warn
    }
    assert.deepEqual(heard, [
      "mseLoss: the target's shape [7] differs from the input's, [7, 1]; they are broadcast, which is probably not meant",
    ])
  })
})
