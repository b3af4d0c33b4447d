/** Reductions whose dimension is among the options, or left out before them. */
import { strict as assert } from 'node:assert'
import { countNonzero, median, stdMean, tensor } from '../../lib/index.js'

describe('options in the place of the dimension', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 6, 8],
  ])

  it('reduce everything without a dim', () => {
    assert.equal(x.var({ correction: 0 }).item(), x.var(undefined, { correction: 0 }).item())
    assert.equal(x.std({ correction: 0 }).item(), x.std([0, 1], { correction: 0 }).item())
    assert.deepEqual(x.sum({ keepdim: true }).toArray(), [[24]])
    assert.deepEqual(x.nansum({ keepdim: true }).toArray(), [[24]])
    assert.deepEqual(x.nanmean({ keepdim: true }).toArray(), [[4]])
  })

  it('reduce along their dim', () => {
    assert.deepEqual(x.max({ dim: 1 }).values.toArray(), [3, 8])
    assert.deepEqual(x.min({ dim: 1, keepdim: true }).values.toArray(), [[1], [4]])
    assert.deepEqual(median(x, { dim: 1 }).values.toArray(), [2, 6])
    assert.deepEqual(countNonzero(x, { dim: 1 }).toArray(), [3, 3])
    assert.deepEqual(
      stdMean(x, { dim: 1 }).map((t) => t.toArray()),
      [
        [1, 2],
        [2, 6],
      ],
    )
  })
})
