/** Conjugate gradients and LBFGS on problems whose minimum is known. */
import { strict as assert } from 'node:assert'
import { cat, noGrad, optim, tensor, zeros, type Tensor } from '../../lib/index.js'

const float64 = { dtype: 'float64' } as const

/** Counts how often the loss is computed. */
function minimizer(loss: () => Tensor): { closure: (optimizer: optim.Optimizer) => () => number; calls: () => number } {
  let calls = 0
  const closure = (optimizer: optim.Optimizer) => (): number => {
    calls++
    optimizer.zeroGrad()
    const value = loss()
    value.backward()
    return value.item()
  }
  return { closure, calls: () => calls }
}

/** Rosenbrock's valley (1 − x)² + 100(y − x²)², lowest at (1, 1). */
function rosenbrock(): { point: Tensor; loss: () => Tensor } {
  const point = tensor([-1.2, 1], float64).requiresGrad_()
  const loss = (): Tensor => {
    const [x, y] = [point.select(0, 0), point.select(0, 1)]
    return x.neg().add(1).square().add(y.sub(x.square()).square().mul(100))
  }
  return { point, loss }
}

/** ½xᵀAx − bᵀx with eigenvalues from 1 to n², over two parameters; lowest where Ax = b. */
function quadratic(n: number): { params: Tensor[]; loss: () => Tensor; error: () => number } {
  const values = Array.from({ length: n }, (_, i) => (i + 1) ** 2)
  // A reflection mixes the axes, so that no coordinate can be solved alone.
  const unit = Array.from({ length: n }, (_, i) => Math.sqrt((2 * (i + 1)) / (n * (n + 1))))
  const q = unit.map((u, i) => unit.map((v, j) => (i === j ? 1 : 0) - 2 * u * v))
  const a = q.map((row) => q.map((col) => row.reduce((sum, v, k) => sum + v * values[k] * col[k], 0)))
  const matrix = tensor(a, float64)
  const solution = Array.from({ length: n }, (_, i) => Math.sin(i + 1))
  const b = matrix.matmul(tensor(solution, float64))
  const params = [zeros([n >> 1], float64), zeros([n - (n >> 1)], float64)]
  params.forEach((param) => param.requiresGrad_())
  return {
    params,
    loss: () =>
      cat(params)
        .dot(matrix.matmul(cat(params)))
        .mul(0.5)
        .sub(b.dot(cat(params))),
    error: () => noGrad(() => cat(params).sub(tensor(solution, float64)).norm().item()),
  }
}

describe('ConjugateGradient', () => {
  for (const n of [2, 5, 10])
    it(`solves a quadratic of ${n} variables in ${n} iterations when the line search is exact`, () => {
      const { params, loss, error } = quadratic(n)
      const optimizer = new optim.ConjugateGradient(params, {
        maxIter: n,
        maxEval: 20 * n,
        curvature: 1e-10,
        toleranceChange: 0,
      })
      const start = error()
      optimizer.step(minimizer(loss).closure(optimizer))
      assert.ok(error() < 1e-7 * start, `the distance went from ${start} to ${error()}`)
    })

  it('needs more than one iteration less, so that the count above says something', () => {
    const { params, loss, error } = quadratic(10)
    const optimizer = new optim.ConjugateGradient(params, {
      maxIter: 8,
      maxEval: 200,
      curvature: 1e-10,
      toleranceChange: 0,
    })
    optimizer.step(minimizer(loss).closure(optimizer))
    assert.ok(error() > 1e-5, `the distance is already ${error()}`)
  })

  it('follows the valley of Rosenbrock to its lowest point, over several steps', () => {
    const { point, loss } = rosenbrock()
    const optimizer = new optim.ConjugateGradient([point], { toleranceChange: 1e-14 })
    const { closure, calls } = minimizer(loss)
    const losses: number[] = []
    for (let step = 0; step < 12; step++) losses.push(optimizer.step(closure(optimizer)))
    assert.ok(
      losses.every((value, i) => i === 0 || value <= losses[i - 1]),
      `losses rose: ${losses.join(', ')}`,
    )
    const [x, y] = point.toArray() as number[]
    assert.ok(Math.hypot(x - 1, y - 1) < 1e-5, `ended at (${x}, ${y}) after ${calls()} evaluations`)
    assert.ok(calls() <= 300, `${calls()} evaluations`)
  })

  it('beats gradient descent with the same number of evaluations', () => {
    const [conjugate, plain] = [rosenbrock(), rosenbrock()]
    const cg = new optim.ConjugateGradient([conjugate.point], { maxIter: 100, maxEval: 100 })
    const counted = minimizer(conjugate.loss)
    cg.step(counted.closure(cg))
    const sgd = new optim.SGD([plain.point], { lr: 1e-3 })
    const { closure } = minimizer(plain.loss)
    for (let i = 0; i < counted.calls(); i++) sgd.step(closure(sgd))
    assert.ok(conjugate.loss().item() < 0.1 * plain.loss().item())
  })

  it('keeps to its limit of evaluations', () => {
    const { point, loss } = rosenbrock()
    const optimizer = new optim.ConjugateGradient([point], { maxIter: 50, maxEval: 7 })
    const { closure, calls } = minimizer(loss)
    optimizer.step(closure(optimizer))
    assert.ok(calls() <= 8, `${calls()} evaluations`)
  })

  it('survives a loss that is not a number beyond some point', () => {
    const x = tensor([3], float64).requiresGrad_()
    // ln x − x has its maximum at 1 and no value below 0: a long first step leaves the domain.
    const loss = (): Tensor => x.sub(x.log()).sum()
    const optimizer = new optim.ConjugateGradient([x], { lr: 30 })
    optimizer.step(minimizer(loss).closure(optimizer))
    assert.ok(Math.abs(x.item() - 1) < 1e-4, `ended at ${x.item()}`)
  })

  it('refuses settings that make no sense', () => {
    const x = tensor([1], float64).requiresGrad_()
    assert.throws(
      () => new optim.ConjugateGradient([x], { curvature: 0.7 }),
      /curvature must lie between 0 and 0.5, got 0.7/,
    )
    assert.throws(
      () => new optim.ConjugateGradient([x], { maxIter: 0 }),
      /maxIter must be a whole number from 1, got 0/,
    )
  })
})

describe('LBFGS', () => {
  it('follows the valley of Rosenbrock to its lowest point', () => {
    const { point, loss } = rosenbrock()
    const optimizer = new optim.LBFGS([point], { maxIter: 100, lineSearchFn: 'strongWolfe', toleranceChange: 1e-14 })
    const { closure, calls } = minimizer(loss)
    assert.equal(optimizer.step(closure(optimizer)), 24.199999999999996)
    const [x, y] = point.toArray() as number[]
    assert.ok(Math.hypot(x - 1, y - 1) < 1e-6, `ended at (${x}, ${y}) after ${calls()} evaluations`)
  })

  it('returns what the closure returned first, a tensor if it was one', () => {
    const x = tensor([2], float64).requiresGrad_()
    const optimizer = new optim.LBFGS([x])
    const loss = optimizer.step(() => {
      optimizer.zeroGrad()
      const value = x.square().sum()
      value.backward()
      return value
    })
    assert.equal(loss.item(), 4)
  })

  it('stays where it is when the gradient is already 0', () => {
    const x = tensor([0], float64).requiresGrad_()
    const optimizer = new optim.LBFGS([x])
    const { closure, calls } = minimizer(() => x.square().sum())
    optimizer.step(closure(optimizer))
    assert.deepEqual([x.item(), calls()], [0, 1])
  })

  it('says what it needs', () => {
    const [x, y] = [tensor([1], float64).requiresGrad_(), tensor([1], float64).requiresGrad_()]
    const optimizer = new optim.LBFGS([x])
    assert.throws(() => optimizer.step(), /LBFGS: step needs a closure/)
    assert.throws(() => optimizer.step(() => 'low'), /the closure must return the loss, got string/)
    assert.throws(() => new optim.LBFGS([{ params: [x] }, { params: [y] }]), /there can be only one group, got 2/)
    assert.throws(
      () => new optim.LBFGS([x], { lineSearchFn: 'armijo' as 'strongWolfe' }),
      /lineSearchFn must be 'strongWolfe' or null, got 'armijo'/,
    )
    assert.throws(() => new optim.LBFGS([x], { historySize: 0 }), /historySize must be a whole number from 1, got 0/)
  })
})
