/** Printed tensors, character by character as PyTorch prints them. */
import { strict as assert } from 'node:assert'
import { arange, ones, tensor, type Tensor } from '../../lib/index.js'
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
