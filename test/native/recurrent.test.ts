/** The native steps of recurrent networks refuse what does not fit, instead of reading beyond it. */
import { strict as assert } from 'node:assert'
import { addon, type RecurrentCell } from '../../lib/device/addon.js'
import { zeros, type DType, type Tensor } from '../../lib/index.js'

const make = (...shape: number[]): Tensor => zeros(shape)

/** A valid GRU of 2 features over steps of 2 and 1 rows, with some arguments replaced. */
function forward(
  changed: {
    cell?: string
    gates?: Tensor
    weight?: Tensor
    bias?: Tensor
    state?: Tensor[]
    saved?: Tensor[]
    sizes?: number[]
  } = {},
): void {
  const { cell = 'gru', gates = make(3, 6), weight = make(6, 2), bias = make(6) } = changed
  const { state = [make(2, 2)], saved = [], sizes = [2, 1] } = changed
  addon().recurrentForward(
    cell as RecurrentCell,
    gates.handle,
    weight.handle,
    bias.handle,
    state.map((t) => t.handle),
    make(3, 2).handle,
    saved.map((t) => t.handle),
    sizes,
    false,
  )
}

describe('native recurrent steps', () => {
  it('accept what fits', () => assert.doesNotThrow(() => forward()))

  for (const [what, changed, message] of [
    ['cell', { cell: 'rnn' }, 'recurrent: there is no cell "rnn"; expected lstm, gru, tanh or relu'],
    ['rows', { gates: make(4, 6) }, 'recurrentForward: expected sizes [3, 6], found [4, 6]'],
    ['weight', { weight: make(5, 2) }, 'recurrentForward: expected sizes [6, 2], found [5, 2]'],
    ['weight of one dimension', { weight: make(6) }, 'recurrentForward: expected a weight matrix, found sizes [6]'],
    ['bias', { bias: make(5) }, 'recurrentForward: expected sizes [6], found [5]'],
    ['states', { state: [make(2, 2), make(2, 2)] }, 'recurrentForward: expected 1 states, found 2'],
    ['growing steps', { sizes: [1, 2] }, 'recurrentForward: a step of 2 rows cannot follow one of 1'],
    ['more rows than sequences', { sizes: [3] }, 'recurrentForward: a step of 3 rows cannot follow one of 2'],
    ['saved', { saved: [make(3, 2)] }, 'recurrentForward: expected 2 tensors, found 1'],
    ['strides', { gates: make(6, 3).t() }, 'recurrentForward: expected a contiguous tensor, found sizes [3, 6]'],
    [
      'dtype',
      { weight: zeros([6, 2], { dtype: 'int64' as DType }) },
      'recurrentForward: expected float32 or float64, found int64',
    ],
    [
      'mixed dtypes',
      { gates: zeros([3, 6], { dtype: 'float64' }) },
      'recurrentForward: expected dtype float32, found float64',
    ],
  ] as [string, Parameters<typeof forward>[0], string][])
    it(`refuse: ${what}`, () => assert.throws(() => forward(changed), { message }))

  it('refuse a gradient that does not fit', () => {
    const run = (saved: Tensor[]): void =>
      addon().recurrentBackward(
        'tanh',
        saved.map((t) => t.handle),
        make(2, 2).handle,
        null,
        [make(2, 2).handle],
        [make(3, 2).handle],
        [2, 1],
        false,
      )
    assert.doesNotThrow(() => run([make(3, 2), make(3, 2)]))
    assert.throws(() => run([make(3, 2)]), { message: 'recurrentBackward: expected 2 tensors, found 1' })
  })
})
