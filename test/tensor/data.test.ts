/** The values of a tensor outside the graph, and sizes that change in place. */
import { strict as assert } from 'node:assert'
import { nn, noGrad, ones, tensor, zeros, type Tensor } from '../../lib/index.js'
import { itRefuses } from '../support/refusals.js'

describe('data', () => {
  it('shares memory, is not in the graph, and backward() does not notice its changes', () => {
    const x = tensor([1, 2, 3], { requiresGrad: true })
    const y = x.square()
    const { data } = x
    assert.deepEqual([data.requiresGrad, data.gradFn, data.isLeaf], [false, null, true])
    data.mul_(2)
    assert.deepEqual(x.toArray(), [2, 4, 6])
    y.sum().backward()
    // As in PyTorch: the formula reads the changed values.
    assert.deepEqual(x.grad?.toArray(), [4, 8, 12])
    assert.deepEqual(
      tensor([
        [1, 2],
        [3, 4],
      ])
        .t()
        .data.toArray(),
      [
        [1, 3],
        [2, 4],
      ],
    )
  })

  it('gives a tensor the memory and the sizes of another', () => {
    const layer = new nn.Linear(2, 2)
    const { weight } = layer
    weight.data = tensor([
      [1, 2],
      [3, 4],
    ])
    assert.equal(layer.weight, weight)
    assert.ok(weight.requiresGrad && weight.isLeaf)
    assert.deepEqual(
      layer
        .forward(tensor([1, 0]))
        .sub(layer.bias as Tensor)
        .toArray(),
      [1, 3],
    )
    weight.data = weight.data.sub(ones(2, 2))
    assert.deepEqual(weight.toArray(), [
      [0, 1],
      [2, 3],
    ])
    const other = zeros(3)
    const x: Tensor = ones(2)
    x.data = other
    other.add_(1)
    assert.deepEqual(x.toArray(), [1, 1, 1])
  })

  itRefuses([
    [
      () => {
        ones(2).data = 3 as never
      },
      /data: needs a tensor, got 3/,
    ],
    [
      () => {
        ones(2).data = zeros(2, { dtype: 'float64' })
      },
      /data: a float32 tensor cannot take the values of a float64 one/,
    ],
  ])
})

describe('in-place changes of sizes', () => {
  it('give what the forms without underscore give', () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
    for (const [made, shape] of [
      [x.clone().t_(), [3, 2]],
      [x.clone().transpose_(0, 1), [3, 2]],
      [x.clone().swapaxes_(0, -1), [3, 2]],
      [x.clone().unsqueeze_(1), [2, 1, 3]],
      [ones(1, 2, 1).squeeze_(), [2]],
      [ones(1, 2, 1).squeeze_(0), [2, 1]],
    ] as [Tensor, number[]][])
      assert.deepEqual([...made.shape], shape)
    const y = x.clone()
    assert.equal(y.t_(), y)
    assert.deepEqual(y.toArray(), x.t().toArray())
    y.unsqueeze_(0).squeeze_(0).t_()
    assert.deepEqual(y.toArray(), x.toArray())
    y.add_(1)
    assert.deepEqual(y.toArray(), [
      [2, 3, 4],
      [5, 6, 7],
    ])
  })

  it('are seen by the graph', () => {
    const x = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { requiresGrad: true },
    )
    const y = x.mul(2)
    y.t_()
    y.mul_(tensor([[1], [10], [100]]))
    y.unsqueeze_(-1)
    y.sum().backward()
    assert.deepEqual(x.grad?.toArray(), [
      [2, 20, 200],
      [2, 20, 200],
    ])
  })

  itRefuses([
    [() => tensor([[1]], { requiresGrad: true }).t_(), /t_: a leaf that requires gradients cannot be changed in place/],
    [() => ones(2, 2, 2).t_(), /t: only for up to two dimensions/],
  ])

  it('leave a leaf a leaf in noGrad', () => {
    const x = tensor([[1, 2]], { requiresGrad: true })
    noGrad(() => x.squeeze_(0))
    assert.deepEqual([x.isLeaf, x.requiresGrad, [...x.shape]], [true, true, [2]])
  })
})
