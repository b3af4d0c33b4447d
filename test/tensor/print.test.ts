/** Printed tensors, character by character as PyTorch prints them. */
import { strict as assert } from 'node:assert'
import { arange, ones, setPrintoptions, tensor, type Tensor } from '../../lib/index.js'
import { readGolden } from '../support/golden.js'

type Nested = number | string | Nested[]

const revive = (value: Nested): never => (Array.isArray(value) ? value.map(revive) : Number(value)) as never

describe('printing', () => {
  for (const { data, text } of readGolden<{ data: Nested; text: string }[]>('print'))
    it(text.replaceAll('\n', ' '), () => assert.equal(tensor(revive(data)).toString(), text))

  it('names dtypes that the values do not show, and the graph', () => {
    assert.equal(arange(3).toString(), 'tensor([0, 1, 2])')
    assert.equal(tensor([1, 2], { dtype: 'int32' }).toString(), 'tensor([1, 2], dtype=int32)')
    assert.equal(tensor([true, false]).toString(), 'tensor([ true, false])')
    const x = tensor([1, 2], { requiresGrad: true })
    assert.equal(x.toString(), 'tensor([1., 2.], requiresGrad=true)')
    assert.equal(x.mul(2).toString(), 'tensor([2., 4.], gradFn=<MulBackward0>)')
  })

  it('follows setPrintoptions', () => {
    const x = tensor([1.23456, 1000.5])
    const shown = (options: Parameters<typeof setPrintoptions>[0], y: Tensor = x): string => {
      setPrintoptions(options)
      try {
        return y.toString()
      } finally {
        setPrintoptions({ profile: 'default' })
      }
    }
    assert.equal(shown({ precision: 2 }), 'tensor([   1.23, 1000.50])')
    assert.equal(shown({ sciMode: true, precision: 1 }), 'tensor([1.2e+00, 1.0e+03])')
    assert.equal(shown({ sciMode: false }, tensor([1e-5, 1])), 'tensor([0.0000, 1.0000])')
    assert.equal(shown({ threshold: 3, edgeitems: 1 }, arange(9)), 'tensor([0,  ..., 8])')
    assert.equal(shown({ linewidth: 20 }, arange(9)), 'tensor([0, 1, 2, 3,\n        4, 5, 6, 7,\n        8])')
    assert.equal(shown({ profile: 'short' }), 'tensor([   1.23, 1000.50])')
    assert.equal(x.toString(), 'tensor([   1.2346, 1000.5000])')
    assert.throws(
      () => setPrintoptions({ precision: -1 }),
      /setPrintoptions: precision must be a number that is not negative, got -1/,
    )
    assert.throws(() => setPrintoptions({ sci: true } as never), /setPrintoptions: unknown option 'sci'/)
  })

  it('leaves the middle out above a thousand elements', () => {
    const text = (ones(40, 40) as Tensor).toString()
    assert.equal(text.split('\n').length, 7)
    assert.match(text, /\[1\., 1\., 1\., {2}\.\.\., 1\., 1\., 1\.\]/)
  })

  it('reads only what it shows', () => {
    const rows = arange(2000).float().view(40, 50)
    assert.equal(rows.t().toString(), rows.t().contiguous().toString())
    // Ten thousand million elements: a copy would not fit into memory.
    assert.equal(rows.narrow(0, 0, 1).t().narrow(0, 3, 1).expand(100_000, 100_000).toString().split('\n').length, 7)
  })
})
