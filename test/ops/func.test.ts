/** Functions of functions: derivatives, batches, and parts of a network that are computed twice instead of kept. */
import { strict as assert } from 'node:assert'
import { autograd, func, manualSeed, nn, rand, tensor, utils, type Tensor } from '../../lib/index.js'

const close = (a: Tensor, b: Tensor, atol = 1e-6): void =>
  assert.ok(a.dtype === b.dtype && a.sub(b).abs().max().item() <= atol, `${String(a)} and ${String(b)}`)
const cube = (x: Tensor): Tensor => x.pow(3).sum()

describe('func', () => {
  const x = tensor([1, -2, 0.5], { dtype: 'float64' })

  it('differentiates, also its own derivatives', () => {
    close(func.grad(cube)(x), x.square().mul(3))
    close(func.grad((y) => func.grad(cube)(y).sum())(x), x.mul(6))
    const [gradient, value] = func.gradAndValue(cube)(x)
    close(gradient as Tensor, x.square().mul(3))
    assert.equal(value.item(), cube(x).item())
    assert.equal(value.requiresGrad, false)
  })

  it('differentiates by the arguments that are asked for', () => {
    const product = (a: Tensor, b: Tensor): Tensor => a.mul(b.square()).sum()
    const y = tensor([3, 4, 5], { dtype: 'float64' })
    close(func.grad(product, 1)(x, y), x.mul(y).mul(2))
    close(func.grad(product, { argnums: 1 })(x, y), x.mul(y).mul(2))
    const [da, db] = func.grad(product, [0, 1])(x, y)
    close(da, y.square())
    close(db, x.mul(y).mul(2))
    assert.throws(() => func.grad(product, 2)(x, y), /argnums 2 is out of range, the function was given 2 arguments/)
  })

  it('lets gradients flow on to what the caller differentiates', () => {
    const w = x.clone().requiresGrad_()
    func.grad(cube)(w.mul(2)).sum().backward()
    close(w.grad as Tensor, x.mul(2).mul(6).mul(2))
  })

  it('makes whole matrices of derivatives', () => {
    close(func.jacrev((y) => y.square())(x) as Tensor, x.mul(2).diag())
    close(func.jacfwd((y) => y.square())(x) as Tensor, x.mul(2).diag())
    close(func.hessian(cube)(x), x.mul(6).diag())
    const [y, pull] = func.vjp((z) => z.exp(), x)
    close(y, x.exp())
    close(pull(x)[0], x.exp().mul(x))
    close(func.jvp((z) => z.exp(), [x], [x])[1], x.exp().mul(x))
    close(autograd.functional.vhp(cube, x, x)[1], x.square().mul(6))
  })

  it('maps over batches', () => {
    const [a, b] = [rand(4, 3), rand(4, 3)]
    close(func.vmap((u, v) => u.dot(v))(a, b), a.mul(b).sum(1))
    close(func.vmap((u, v) => u.dot(v), { inDims: [1, null] })(a.t(), b.select(0, 0)), a.matmul(b.select(0, 0)))
    assert.deepEqual(func.vmap((u) => u.unsqueeze(0), { outDims: 2 })(a).shape, [1, 3, 4])
    const { top, both } = func.vmap((u) => ({ top: u.amax(), both: [u, u.neg()] }))(a)
    close(top, a.amax(1))
    close(both[1], a.neg())
    // The gradient of every sample by itself.
    close(func.vmap(func.grad(cube))(a), a.square().mul(3))
    assert.throws(() => func.vmap((u, v) => u.add(v))(a, b.t()), /batch dimensions must be equally long, got 4, 3/)
    assert.throws(() => func.vmap((u) => u, { inDims: [null] })(a), /at least one argument must have a batch dimension/)
  })

  it('refuses results that are no single number', () =>
    assert.throws(
      () => func.grad((y) => y)(x),
      /func\.grad: the function must return a single number .+ it returned \[3\]/,
    ))
})

describe('utils.checkpoint', () => {
  const { checkpoint, checkpointSequential } = utils.checkpoint
  const build = (): nn.Sequential => {
    manualSeed(3)
    return new nn.Sequential(
      new nn.Linear(4, 8),
      new nn.Tanh(),
      new nn.Dropout(0.5),
      new nn.Linear(8, 2),
      new nn.ReLU(),
    )
  }
  const gradients = (run: (net: nn.Sequential, x: Tensor) => Tensor): Tensor[] => {
    const net = build()
    const x = rand(3, 4, { requiresGrad: true })
    run(net, x).square().sum().backward()
    return [x, ...net.parameters()].map((t) => t.grad as Tensor)
  }

  it('gives the same gradients, dropout included', () => {
    const plain = gradients((net, x) => net.forward(x))
    const again = gradients((net, x) => checkpoint((y: Tensor) => net.forward(y), x))
    const parts = gradients((net, x) => checkpointSequential([...net] as nn.Layer[], 2, x))
    plain.forEach((grad, i) => {
      close(again[i], grad, 0)
      close(parts[i], grad, 1e-7)
    })
  })

  it('reaches parameters when no input has a gradient', () => {
    const layer = new nn.Linear(2, 2)
    checkpoint((y: Tensor) => layer.forward(y), rand(3, 2))
      .sum()
      .backward()
    assert.ok(layer.weight.grad)
  })

  it('takes several results and refuses second derivatives', () => {
    const x = tensor([1, 2], { requiresGrad: true })
    const [a, b] = checkpoint((y: Tensor) => [y.square(), y.exp()], x)
    a.add(b).sum().backward()
    close(x.grad as Tensor, x.detach().mul(2).add(x.detach().exp()))
    const y = checkpoint((z: Tensor) => z.square(), x).sum()
    assert.throws(() => autograd.grad(y, x, { createGraph: true }), /checkpoint: its gradient cannot be differentiated/)
    assert.throws(() => checkpointSequential([], 2, x), /segments must be a whole number from 1 to 0/)
  })
})
