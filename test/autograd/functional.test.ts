/** Jacobian and Hessian matrices and their products, on functions whose derivatives are known. */
import { strict as assert } from 'node:assert'
import { autograd, tensor, type Tensor } from '../../lib/index.js'

const { hessian, hvp, jacobian, jvp, vjp } = autograd.functional
const x = tensor([1, 2])
const z = tensor([3, 4])
const cubes = (a: Tensor): Tensor => a.pow(3).sum()

describe('autograd.functional', () => {
  it('jacobian has the sizes of the result, then of the input', () => {
    assert.deepEqual(jacobian((a) => a.square().mul(a.sum()), x).toArray(), [
      [7, 1],
      [4, 16],
    ])
    const [byX, byZ] = jacobian((a, b) => a.mul(b).sum(), [x, z])
    assert.deepEqual(byX.toArray(), [3, 4])
    assert.deepEqual(byZ.toArray(), [1, 2])
    assert.deepEqual(jacobian((a) => a.at(0).view(1), tensor([[1, 2]]).t()).shape, [1, 2, 1])
  })

  it('hessian is the matrix of second derivatives', () => {
    assert.deepEqual(hessian(cubes, x).toArray(), [
      [6, 0],
      [0, 12],
    ])
    const [[xx, xz], [zx]] = hessian((a, b) => a.mul(b).sum(), [x, z])
    assert.deepEqual(xx.toArray(), [
      [0, 0],
      [0, 0],
    ])
    assert.deepEqual(xz.toArray(), [
      [1, 0],
      [0, 1],
    ])
    assert.deepEqual(zx.toArray(), xz.toArray())
  })

  it('products with vectors agree with the matrices', () => {
    const [y, pulled] = vjp((a) => a.square(), x, z)
    assert.deepEqual(y.toArray(), [1, 4])
    assert.deepEqual(pulled.toArray(), [6, 16])
    assert.deepEqual(vjp(cubes, x)[1].toArray(), [3, 12])
    assert.deepEqual(jvp((a) => a.square().mul(a.sum()), x, z)[1].toArray(), [25, 76])
    assert.deepEqual(hvp(cubes, x, z)[1].toArray(), [18, 48])
  })

  it('gives zeros where nothing depends on the input', () => {
    assert.deepEqual(jacobian(() => z, x).toArray(), [
      [0, 0],
      [0, 0],
    ])
    assert.deepEqual(hessian((a) => a.sum(), x).toArray(), [
      [0, 0],
      [0, 0],
    ])
  })

  it('leaves the inputs as they are', () => {
    const leaf = tensor([1, 2], { requiresGrad: true })
    hvp(cubes, leaf, z)
    assert.equal(leaf.grad, null)
  })

  const refused: [string, () => unknown, RegExp][] = [
    ['no tensor', () => jacobian(() => 3 as never, x), /jacobian: the function must return a tensor/],
    [
      'several numbers',
      () => hessian((a) => a, x),
      /hessian: the function must return a single number, it returned \[2\]/,
    ],
    ['a missing v', () => vjp((a) => a, x), /vjp: the function must return a single number, it returned \[2\]/],
    ['a v of other sizes', () => jvp((a) => a, x, tensor([1])), /jvp: v must have the shapes \[2\], got \[1\]/],
  ]
  for (const [what, call, message] of refused) it(`refuses ${what}`, () => assert.throws(call, message))
})
