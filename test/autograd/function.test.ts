/** Users' own operations, the public gradient checks and anomaly mode. */
import { strict as assert } from 'node:assert'
import { autograd, noGrad, tensor, type Tensor } from '../../lib/index.js'

class Cube extends autograd.Function {
  static forward(ctx: autograd.FunctionContext, x: Tensor): Tensor {
    ctx.saveForBackward(x)
    return x.pow(3)
  }
  static backward(ctx: autograd.FunctionContext, dy: Tensor): Tensor {
    const [x] = ctx.savedTensors
    return dy.mul(x.square().mul(3))
  }
}

class OnceCube extends Cube {
  static override readonly onceDifferentiable = true
}

class ScaledPair extends autograd.Function {
  static forward(ctx: autograd.FunctionContext, a: Tensor, factor: number, b: Tensor): Tensor[] {
    ctx.factor = factor
    ctx.wanted = ctx.needsInputGrad
    return [a.mul(factor), a.add(b)]
  }
  static backward(ctx: autograd.FunctionContext, first: Tensor, second: Tensor): (Tensor | null)[] {
    return [first.mul(ctx.factor as number).add(second), null, ctx.needsInputGrad[2] ? second : null]
  }
}

const leaf = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true })

describe('autograd.Function', () => {
  it('uses its own gradient, also a second time', () => {
    const x = leaf([1, 2])
    const y = Cube.apply(x)
    assert.equal(y.gradFn?.name, 'CubeBackward')
    y.sum().backward()
    assert.deepEqual(x.grad?.toArray(), [3, 12])
    assert.ok(autograd.gradcheck((t) => Cube.apply(t), [x]))
    assert.ok(autograd.gradgradcheck((t) => Cube.apply(t), [x]))
  })

  it('records nothing in noGrad or without inputs that require gradients', () => {
    assert.equal(noGrad(() => Cube.apply(leaf([1]))).requiresGrad, false)
    assert.equal(Cube.apply(tensor([1])).requiresGrad, false)
  })

  it('takes several tensors and other arguments, and gives several results', () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])]
    const [scaled, sum] = ScaledPair.apply(a, 5, b)
    scaled.add(sum.mul(2)).sum().backward()
    assert.deepEqual(a.grad?.toArray(), [7, 7])
    assert.deepEqual(b.grad?.toArray(), [2, 2])
    const [only] = ScaledPair.apply(a, 5, b.detach())
    assert.deepEqual(autograd.grad(only.sum(), a)[0].toArray(), [5, 5])
  })

  it('refuses a second derivative of what is differentiable once', () => {
    const x = leaf([2])
    const [first] = autograd.grad(OnceCube.apply(x).sum(), x, { createGraph: true })
    assert.deepEqual(first.toArray(), [12])
    assert.throws(() => autograd.grad(first.sum(), x), /OnceCube: backward is declared onceDifferentiable/)
  })

  it('notices saved tensors that were changed, and gradients that do not fit', () => {
    const x = leaf([1, 2])
    const inner = x.mul(1)
    const y = Cube.apply(inner)
    inner.add_(1)
    assert.throws(() => y.sum().backward(), /CubeBackward needs a float64 tensor of shape \[2\] that was changed/)
    class Wrong extends Cube {
      static override backward(_: autograd.FunctionContext, dy: Tensor): Tensor {
        return dy.sum()
      }
    }
    assert.throws(
      () => Wrong.apply(x).sum().backward(),
      /Wrong.backward returned a gradient of shape \[\] for argument 0, which has shape \[2\]/,
    )
    class Short extends ScaledPair {
      static override backward(_: autograd.FunctionContext, first: Tensor): Tensor[] {
        return [first]
      }
    }
    assert.throws(
      () => Short.apply(x, 1, x)[0].sum().backward(),
      /Short.backward returned 1 gradients for the 3 arguments of forward/,
    )
  })
})

describe('gradcheck', () => {
  class Lies extends Cube {
    static override backward(ctx: autograd.FunctionContext, dy: Tensor): Tensor {
      return super.backward(ctx, dy).mul(2)
    }
  }

  it('finds a wrong gradient and names the place', () => {
    const inputs = [leaf([1, 2])]
    assert.throws(
      () => autograd.gradcheck((x) => Lies.apply(x), inputs),
      /input 0, element 0: gradient .*, finite difference/,
    )
    assert.equal(
      autograd.gradcheck((x) => Lies.apply(x), inputs, { raiseException: false }),
      false,
    )
  })

  it('needs an input that requires gradients and a result that depends on it', () => {
    assert.throws(() => autograd.gradcheck((x) => x.mul(2), [tensor([1])]), /no input requires gradients/)
    assert.throws(() => autograd.gradcheck((x) => x.detach(), [leaf([1])]), /no result depends on the inputs/)
  })

  it('checks second derivatives, of linear functions too', () => {
    assert.ok(autograd.gradgradcheck((a, b) => a.mul(b).exp(), [leaf([0.5, 1]), leaf([1, -1])]))
    assert.ok(autograd.gradgradcheck((a) => a.mul(3), [leaf([0.5, 1])]))
  })
})

describe('anomaly mode', () => {
  it('names the forward line that led to NaN', () => {
    const x = leaf([-1, 0])
    assert.throws(
      () => autograd.detectAnomaly(() => x.mul(0).div(x.mul(0)).sum().backward()),
      /returned NaN in the gradient of input \d\nthe forward call was made here:\n\s+at .*function\.test\.[jt]s:\d+/,
    )
    assert.equal(autograd.isAnomalyEnabled(), false)
    x.mul(0).div(x.mul(0)).sum().backward()
  })

  it('adds the forward line to errors of the backward pass, and says when it is not known', () => {
    const x = leaf([1, 2])
    const y = x.exp()
    y.add_(1)
    assert.throws(
      () => autograd.detectAnomaly(() => y.sum().backward()),
      /changed in place.*\n.*forward call is not known/,
    )
    const run = (): void => {
      const z = x.exp()
      z.add_(1)
      z.sum().backward()
    }
    assert.throws(() => autograd.detectAnomaly(run), /changed in place[^]*made here:[^]*function\.test/)
  })

  it('does not look for NaN with checkNaN off', async () => {
    const x = leaf([0])
    autograd.detectAnomaly(() => x.div(x).sum().backward(), { checkNaN: false })
    assert.equal(await autograd.detectAnomaly(async () => autograd.isAnomalyEnabled()), true)
    assert.equal(autograd.isAnomalyEnabled(), false)
  })
})
