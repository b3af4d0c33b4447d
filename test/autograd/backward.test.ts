/** The rules of the graph: accumulation, leaves, freeing, hooks, higher derivatives, in-place changes. */
import { strict as assert } from 'node:assert'
import { resetAfterStop } from '../../lib/device/interrupt.js'
import {
  arange,
  autograd,
  cat,
  enableGrad,
  inferenceMode,
  noGrad,
  ones,
  setGradEnabled,
  stack,
  tensor,
  zeros,
  type Tensor,
} from '../../lib/index.js'

const leaf = (values: number[] | number): Tensor => tensor(values, { requiresGrad: true })

const matrix = (): Tensor =>
  tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { requiresGrad: true },
  )

describe('backward', () => {
  it('adds to the gradient that is there', () => {
    const x = leaf([1, 2])
    x.mul(3).sum().backward()
    x.mul(4).sum().backward()
    assert.deepEqual(x.grad?.toArray(), [7, 7])
  })

  it('runs again where no formula needs a value of the forward pass, as in PyTorch', () => {
    const again: ((x: Tensor) => Tensor)[] = [
      (x) => x.sum(),
      (x) => x.mean(),
      (x) => x.add(1).neg().sum(),
      (x) => tensor(1).sub(x).view(2, 1).t().expand(3, 2).sum(),
      (x) =>
        cat([x, x.flip(0)])
          .cumsum(0)
          .sum(),
      (x) => stack([x, x]).double().sum(),
    ]
    for (const f of again) {
      const x = leaf([1, 2])
      const y = f(x)
      y.backward()
      const once = x.grad?.clone()
      y.backward()
      assert.deepEqual(x.grad?.toArray(), once?.mul(2).toArray())
    }
    const once: ((x: Tensor) => Tensor)[] = [
      (x) => x.mul(2).sum(),
      (x) => x.div(2).sum(),
      (x) => x.exp().sum(),
      (x) => x.max(),
      (x) => x.clamp(0, 1).sum(),
      (x) => x.index(tensor([0, 1], { dtype: 'int64' })).sum(),
      (x) => x.gather(0, tensor([0], { dtype: 'int64' })).sum(),
    ]
    for (const f of once) {
      const y = f(leaf([1, 2]))
      y.backward()
      assert.throws(() => y.backward(), /was already used and freed/, f.toString())
    }
  })

  it('sums over all paths to a tensor', () => {
    const x = leaf(3)
    const y = x.mul(x).add(x)
    y.add(y.mul(y)).backward()
    // y = x² + x = 12, d(y + y²)/dx = (1 + 2y)(2x + 1)
    assert.equal(x.grad?.item(), 25 * 7)
  })

  it('gives separate memory to leaves that receive the same gradient', () => {
    const a = leaf([1, 1])
    const b = leaf([2, 2])
    a.add(b).sum().backward()
    a.mul(2).sum().backward()
    assert.deepEqual(a.grad?.toArray(), [3, 3])
    assert.deepEqual(b.grad?.toArray(), [1, 1])
  })

  it('leaves a gradient that the user passed in alone', () => {
    const x = leaf([1, 2])
    const gradient = tensor([5, 6])
    x.view(2).backward({ gradient })
    x.mul(1).sum().backward()
    assert.deepEqual(gradient.toArray(), [5, 6])
    assert.deepEqual(x.grad?.toArray(), [6, 7])
  })

  it('does not run twice unless told to keep the graph', () => {
    const x = leaf(2)
    const y = x.mul(x)
    y.backward({ retainGraph: true })
    y.backward()
    assert.equal(x.grad?.item(), 8)
    assert.throws(() => y.backward(), /already used and freed; pass \{ retainGraph: true \}/)
  })

  it('refuses what has no gradient, and says what to do', () => {
    assert.throws(() => ones(2).sum().backward(), /does not require gradients/)
    assert.throws(() => leaf([1, 2]).mul(2).backward(), /only for a single number, this tensor has shape \[2\]/)
    assert.throws(
      () =>
        leaf([1, 2])
          .mul(2)
          .backward({ gradient: ones(3) }),
      /gradient has shape \[3\], the tensor \[2\]/,
    )
    assert.throws(
      () => tensor([1], { dtype: 'int64', requiresGrad: true }),
      /only floating tensors have gradients, this one is int64/,
    )
  })

  it('records nothing inside noGrad, and again inside enableGrad', () => {
    const x = leaf([1])
    assert.equal(noGrad(() => x.mul(2)).requiresGrad, false)
    assert.equal(noGrad(() => enableGrad(() => x.mul(2))).requiresGrad, true)
    assert.throws(
      () =>
        noGrad(() => {
          throw new Error('inside')
        }),
      /inside/,
    )
    assert.equal(x.mul(2).requiresGrad, true)
  })

  it('keeps recording off in an async noGrad until it settles', async () => {
    const x = leaf([1])
    const inside = await noGrad(async () => {
      await Promise.resolve()
      return x.mul(2).requiresGrad
    })
    assert.equal(inside, false)
    assert.equal(x.mul(2).requiresGrad, true)
  })

  it('keeps recording right when async scopes overlap, and after a stop', async () => {
    const wait = (ms: number) => noGrad(() => new Promise((resolve) => setTimeout(resolve, ms)))
    await Promise.all([wait(5), wait(15)])
    assert.equal(autograd.isGradEnabled(), true)
    void noGrad(() => new Promise(() => {}))
    assert.equal(autograd.isGradEnabled(), false)
    resetAfterStop()
    assert.equal(autograd.isGradEnabled(), true)
  })

  it('stops at detach', () => {
    const x = leaf([2])
    x.mul(x.detach()).sum().backward()
    assert.deepEqual(x.grad?.toArray(), [2])
  })

  it('calls hooks, which may replace the gradient, and keeps gradients of inner tensors on demand', () => {
    const x = leaf([1, 2])
    const inner = x.mul(3).retainGrad()
    const remove = x.registerHook((grad) => grad.mul(10))
    inner.sum().backward()
    assert.deepEqual(inner.grad?.toArray(), [1, 1])
    assert.deepEqual(x.grad?.toArray(), [30, 30])
    remove()
    x.sum().backward()
    assert.deepEqual(x.grad?.toArray(), [31, 31])
  })

  it('removes hooks by their handle, and calls others after a leaf has accumulated', () => {
    const x = leaf([1, 2])
    x.registerHook((grad) => grad.mul(10)).remove()
    const seen: unknown[] = []
    const after = x.registerPostAccumulateGradHook((p) => seen.push(p.grad?.toArray()))
    x.mul(2).sum().backward()
    x.mul(2).sum().backward({ inputs: x })
    after.remove()
    x.mul(2).sum().backward()
    assert.deepEqual(seen, [
      [2, 2],
      [4, 4],
    ])
    assert.throws(() => x.mul(2).registerPostAccumulateGradHook(() => {}), /needs a leaf that requires gradients/)
  })

  it('accumulates in the given inputs only, and takes the gradient first', () => {
    const [x, z] = [leaf([1, 2]), leaf([3, 4])]
    autograd.backward([x.mul(z).sum(), x.sum()], { inputs: [x] })
    assert.deepEqual(x.grad?.toArray(), [4, 5])
    assert.equal(String(z.grad), 'null')
    z.mul(2).backward(ones(2), { inputs: z })
    assert.deepEqual(z.grad?.toArray(), [2, 2])
    autograd.backward(z.mul(2), { gradTensors: ones(2) })
    assert.deepEqual(z.grad?.toArray(), [4, 4])
    assert.throws(() => autograd.backward(z.sum(), { inputs: [] }), /inputs is empty/)
  })

  it('returns zeros for unused inputs on demand', () => {
    const [x, z] = [leaf([1, 2]), leaf([3, 4, 5])]
    const [dx, dz] = autograd.grad(x.mul(2), [x, z], { gradOutputs: ones(2), materializeGrads: true })
    assert.deepEqual(dx.toArray(), [2, 2])
    assert.deepEqual(dz.toArray(), [0, 0, 0])
  })

  it('says what keeps its gradient, and cuts a tensor out of the graph', () => {
    const x = leaf([1, 2])
    const y = x.mul(2)
    assert.equal(y.retainsGrad, false)
    assert.equal(y.retainGrad().retainsGrad, true)
    assert.equal(x.retainsGrad, false)
    assert.equal(y.detach_().requiresGrad, false)
    assert.ok(y.isLeaf)
    assert.throws(() => x.mul(2).view(2).detach_(), /detach_: a view cannot be cut/)
  })

  it('records as told by setGradEnabled and not in inferenceMode', () => {
    const x = leaf([1])
    assert.equal(setGradEnabled(false, () => x.mul(2)).requiresGrad, false)
    assert.equal(noGrad(() => setGradEnabled(true, () => x.mul(2))).requiresGrad, true)
    assert.equal(inferenceMode(() => x.mul(2)).requiresGrad, false)
  })

  it('differentiates again with createGraph', () => {
    const x = leaf([0.5, 2])
    const [first] = autograd.grad(x.pow(3).sum(), [x], { createGraph: true })
    const [second] = autograd.grad(first.sum(), [x])
    assert.deepEqual(second.toArray(), [3, 12])
  })

  it('differentiates softmax and cross entropy twice', () => {
    const x = tensor([[0.3, -0.2, 0.9]], { dtype: 'float64', requiresGrad: true })
    for (const f of [(t: Tensor) => t.softmax(1).square().sum(), (t: Tensor) => t.logSoftmax(1).square().sum()]) {
      const slope = (t: Tensor): Tensor => autograd.grad(f(t), [t], { createGraph: true })[0]
      const [second] = autograd.grad(slope(x).sum(), [x])
      const step = 1e-6
      x.toTypedArray().forEach((_, i) => {
        const moved = (d: number): Tensor => {
          const values = Float64Array.from(x.toTypedArray(), Number)
          values[i] += d
          return tensor(values).view(1, 3).requiresGrad_()
        }
        const numeric = (slope(moved(step)).sum().item() - slope(moved(-step)).sum().item()) / (2 * step)
        assert.ok(Math.abs(numeric - Number(second.toTypedArray()[i])) < 1e-6)
      })
    }
  })

  it('autograd.grad leaves .grad alone and reports unused inputs', () => {
    const x = leaf([1])
    const other = leaf([1])
    const [g] = autograd.grad(x.mul(5).sum(), [x])
    assert.deepEqual(g.toArray(), [5])
    assert.equal(x.grad, null)
    assert.throws(() => autograd.grad(x.mul(5).sum(), [other]), /does not depend on input 0/)
    assert.deepEqual(autograd.grad(x.mul(5).sum(), [other], { allowUnused: true }), [null])
  })
})

describe('in-place changes', () => {
  it('are refused for leaves while the graph is recorded, and allowed in noGrad', () => {
    const x = leaf([1, 2])
    assert.throws(() => x.add_(1), /add_: a leaf that requires gradients cannot be changed in place.*noGrad/)
    noGrad(() => x.add_(1))
    assert.deepEqual(x.toArray(), [2, 3])
  })

  it('take part in the graph', () => {
    const x = leaf([1, 2])
    const y = x.mul(2)
    y.mul_(tensor([3, 4])).add_(1)
    y.sum().backward()
    assert.deepEqual(x.grad?.toArray(), [6, 8])
  })

  it('are noticed when a gradient needs the old value', () => {
    const x = leaf([1, 2])
    const y = x.exp()
    y.add_(1)
    assert.throws(
      () => y.sum().backward(),
      /ExpBackward0 needs a float32 tensor of shape \[2\] that was changed in place/,
    )
  })

  it('are seen through views', () => {
    const x = zeros(2, 3)
    x.select(0, 1).fill_(7)
    assert.deepEqual(x.toArray(), [
      [0, 0, 0],
      [7, 7, 7],
    ])
  })

  it('read another view of the same memory as it was before', () => {
    const n = 300
    const square = arange(n * n)
      .float()
      .view(n, n)
    const expected = square.add(square.t())
    assert.ok(square.add_(square.t()).equal(expected))
    const line = arange(200_000).float()
    line.narrow(0, 1, 199_999).add_(line.narrow(0, 0, 199_999))
    assert.equal(line.at(-1).item(), 199_999 + 199_998)
  })

  it('do not change the dtype or the shape', () => {
    assert.throws(
      () => tensor([1], { dtype: 'int64' }).add_(0.5),
      /add_: the result is float32 and cannot be stored in a int64 tensor/,
    )
    assert.throws(() => ones(2).add_(ones(3, 2)), /\[3, 2\] does not broadcast to \[2\]/)
  })
})

describe('in-place changes of views', () => {
  it('are recorded for the tensor that is viewed', () => {
    const x = leaf([1, 2, 3, 4])
    const y = x.mul(1).view(2, 2)
    y.select(0, 1).mul_(2)
    y.sum().backward()
    assert.deepEqual(x.grad?.toArray(), [1, 1, 2, 2])
    assert.equal(y.gradFn?.name, 'AsStridedBackward0')
  })

  it('are seen by other views and by the tensor, whichever was changed', () => {
    const x = matrix()
    const y = x.clone()
    const row = y.select(0, 0)
    y.mul_(2)
    y.select(1, 0).mul_(5)
    row.sum().backward()
    assert.deepEqual(x.grad?.toArray(), [
      [10, 2],
      [0, 0],
    ])
  })

  it('make a tensor without gradients part of the graph', () => {
    const w = leaf([5, 6])
    const y = zeros(2, 2)
    y.select(1, 0).copy_(w)
    assert.equal(y.requiresGrad, true)
    y.square().sum().backward()
    assert.deepEqual(w.grad?.toArray(), [10, 12])
  })

  it('stop gradients to what fill_ overwrote', () => {
    const x = leaf([1, 2, 3])
    const y = x.clone()
    y.slice(0, 1).fill_(7)
    y.sum().backward()
    assert.deepEqual(x.grad?.toArray(), [1, 0, 0])
  })

  it('can be differentiated twice', () => {
    const x = leaf([0.5, 2, 3])
    const y = x.clone()
    y.slice(0, 0, 2).mul_(x.slice(0, 1, 3))
    const [first] = autograd.grad(y.sum(), x, { createGraph: true })
    assert.deepEqual(first.toArray(), [2, 3.5, 3])
    assert.deepEqual(autograd.grad(first.square().sum(), x)[0].toArray(), [7, 10, 7])
  })

  it('do not reach through detach, nor into results that only look like views', () => {
    const x = matrix()
    const y = x.clone()
    y.detach().select(0, 0).mul_(2)
    y.sum().backward()
    assert.deepEqual(x.grad?.toArray(), [
      [1, 1],
      [1, 1],
    ])
    x.grad = null
    x.sum(0).mul_(3).sum().backward()
    assert.deepEqual((x.grad as Tensor | null)?.toArray(), [
      [3, 3],
      [3, 3],
    ])
  })

  it('are refused for leaves, for views made in noGrad, and where elements share memory', () => {
    const x = leaf([1, 2])
    assert.throws(
      () => x.slice(0, 1).mul_(2),
      /mul_: a view of a leaf that requires gradients cannot be changed in place/,
    )
    const y = x.clone()
    const hidden = noGrad(() => y.slice(0, 1))
    assert.throws(() => hidden.mul_(x.slice(0, 1)), /mul_: this view was made inside noGrad/)
    assert.throws(() => ones(1).expand(3).add_(1), /add_: several elements of this expanded tensor of shape \[3\]/)
  })

  it('notice that the result of a change in place was changed again', () => {
    const x = leaf([1, 2])
    const y = x.clone().relu_().add_(1)
    assert.throws(() => y.sum().backward(), /changed in place since/)
  })
})
