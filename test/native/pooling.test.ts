/** What the kernels of pooling and normalisation refuse, whatever they are handed: nothing may be written out of bounds. */
import assert from 'node:assert/strict'
import { addon } from '../../lib/device/addon.js'
import { empty, make, values } from './support.js'

const window = [2, 2, 2, 2, 0, 0, 1, 1]
const x = empty([1, 1, 4, 4])
const y = empty([1, 1, 2, 2])
const codes = (...numbers: number[]) => make([1, 1, 2, 2], numbers, 'uint8')
const vector = empty([3])

const refused: [() => unknown, RegExp][] = [
  [() => addon().maxPool(y, null, x, [2, 2, 2]), /maxPool: expected four numbers for each spatial dim, found 3/],
  [() => addon().maxPool(y, null, x, [0, 2, 2, 2, 0, 0, 1, 1]), /maxPool: 0 is out of range/],
  [() => addon().maxPool(y, null, x, [2, 2, 2, 2, 0, 3, 1, 1]), /maxPool: padding 3 is more than half of the window/],
  [() => addon().maxPool(empty([1, 1, 3, 2]), null, x, window), /maxPool: 3 outputs are too many for 4 elements/],
  [
    () => addon().maxPool(empty([1, 2, 2, 2]), null, x, window),
    /maxPool: sizes \[1, 1, 4, 4\] and \[1, 2, 2, 2\] do not/,
  ],
  [() => addon().maxPool(empty([1, 1, 2, 2], 'float64'), null, x, window), /maxPool/],
  [
    () => addon().maxPool(y, empty([1, 1, 2, 2], 'int32'), x, window),
    /expected uint8 of sizes \[1, 1, 2, 2\], found int32/,
  ],
  [
    () => addon().maxPool(addon().view(y, [1, 1, 2, 2], [4, 4, 1, 2], 0), null, x, window),
    /expected a contiguous tensor/,
  ],
  [() => addon().maxPoolBackward(x, y, codes(0, 1, 2, 4), window), /a position lies outside of the window of 4/],
  [() => addon().maxPoolTake(y, x, codes(9, 1, 2, 3), window), /a position lies outside of the window of 4/],
  [() => addon().avgPool(y, empty([1, 1, 4, 4], 'int32'), window, true, 0), /avgPool/],
  [() => addon().adaptiveAvgPool(y, x, 4), /adaptiveAvgPool: expected 1 to 3 spatial dims, found 4/],
  [
    () => addon().planePut(x, y, make([1, 1, 2, 2], [0, 1, 2, 16], 'int64'), 2, true),
    /indices\[3\] is 16, but a plane has 16/,
  ],
  [() => addon().planeTake(y, x, make([1, 1, 2, 2], [0, -1, 2, 3], 'int64'), 2), /indices\[1\] is -1/],
  [
    () => addon().batchNorm(x, vector, x, null, null, null, null, { training: true, momentum: 0.1, eps: 1e-5 }),
    /batchNorm: expected a contiguous float32 tensor of 2 elements, found float32 of sizes \[3\]/,
  ],
  [
    () => addon().batchNorm(x, empty([2]), x, vector, null, null, null, { training: true, momentum: 0.1, eps: 1e-5 }),
    /batchNorm: expected a contiguous float32 tensor of 1 elements, found float32 of sizes \[3\]/,
  ],
  [
    () => addon().batchNorm(x, empty([2]), x, null, null, null, null, { training: false, momentum: 0.1, eps: 1e-5 }),
    /batchNorm: running statistics are needed when not training/,
  ],
  [() => addon().groupNorm(x, empty([2]), x, null, null, 2, 1e-5), /groupNorm: 1 channels are no multiple of 2 groups/],
  [() => addon().layerNorm(x, empty([2]), x, null, null, 5, false, 1e-5), /layerNorm: wrong number of features/],
  [
    () => addon().layerNormBackward(vector, null, null, x, empty([8]), x, null, 4, false),
    /expected a contiguous float32/,
  ],
]

describe('native pooling and normalisation', () => {
  for (const [call, message] of refused) it(`refuse: ${message.source}`, () => assert.throws(call, message))

  it('leave out positions in the padding', () => {
    const padded = [3, 3, 2, 2, 1, 1, 1, 1]
    const dx = empty([1, 1, 4, 4])
    addon().maxPoolBackward(dx, make([1, 1, 2, 2], [1, 1, 1, 1]), codes(0, 4, 4, 4), padded)
    assert.equal(
      values(dx, 16).reduce((a, b) => a + b),
      3,
    )
    const taken = empty([1, 1, 2, 2])
    addon().maxPoolTake(taken, make([1, 1, 4, 4], new Array<number>(16).fill(1)), codes(0, 4, 4, 4), padded)
    assert.deepEqual(values(taken, 4), [0, 1, 1, 1])
  })
})
