/** Weights that stay orthogonal while they learn (torch.nn.utils.parametrizations.orthogonal). */
import { noGrad } from '../../autograd/index.js'
import { matrixExp } from '../../linalg/functions.js'
import { householderProduct, qr } from '../../linalg/qr.js'
import { solve } from '../../linalg/solve.js'
import { eye, zeros } from '../../ops/creation.js'
import { cat } from '../../ops/join.js'
import { matmul } from '../../ops/matmul.js'
import { randn } from '../../ops/random.js'
import { readOptions } from '../../tensor/options.js'
import { ShapeError, show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { Module } from '../module.js'
import type { Parameter } from '../parameter.js'
import { registerParametrization } from './parametrize.js'

/** How a free matrix becomes an orthogonal one. */
export type OrthogonalMap = 'matrix_exp' | 'cayley' | 'householder'

/** Settings of `orthogonal`. */
export interface OrthogonalOptions {
  /**
   * 'matrix_exp': exp(A) of a skew-symmetric A; 'cayley': (1 − A/2)⁻¹ (1 + A/2); 'householder': a product of reflections.
   * Default 'matrix_exp' for square matrices, 'householder' for others.
   */
  orthogonalMap?: OrthogonalMap
}

/** Q of the decomposition A = Q R whose R has a positive diagonal. */
function orthonormal(a: Tensor): Tensor {
  const { Q, R } = qr(a)
  return Q.mul(R.diagonal({ dim1: -2, dim2: -1 }).sgn().unsqueeze(-2))
}

/** base · map(X): the base is the weight that training starts from, where X is −1. */
class Orthogonal extends Module {
  base: Tensor | null = null

  constructor(readonly map: OrthogonalMap) {
    super()
    this.registerBuffer('base', null)
  }

  forward(given: Tensor): Tensor {
    const wide = given.shape[given.ndim - 2] < given.shape[given.ndim - 1]
    const x = wide ? given.mT : given
    const mapped = this.map === 'householder' ? this.reflected(x) : this.rotated(x)
    const q = this.base === null ? mapped : matmul(this.base, mapped)
    return wide ? q.mT : q
  }

  rightInverse(weight: Tensor): Tensor {
    const wide = weight.shape[weight.ndim - 2] < weight.shape[weight.ndim - 1]
    const tall = wide ? weight.mT : weight
    const [n, k] = tall.shape.slice(-2) as [number, number]
    const more = (): Tensor => randn([...tall.shape.slice(0, -2), n, n - k], { dtype: weight.dtype })
    this.base = orthonormal(n === k ? tall : cat([tall, more()], -1))
    const start = zeros(weight.shape, { dtype: weight.dtype })
    start.diagonal({ dim1: -2, dim2: -1 }).fill_(-1)
    return start
  }

  private reflected(x: Tensor): Tensor {
    const vectors = x.tril(-1)
    const tau = vectors.square().sum(-2).add(1).reciprocal().mul(2)
    const signs = x.detach().diagonal({ dim1: -2, dim2: -1 }).trunc().unsqueeze(-2)
    return householderProduct(vectors, tau).mul(signs)
  }

  private rotated(x: Tensor): Tensor {
    const [n, k] = x.shape.slice(-2) as [number, number]
    const filled = cat([x.tril(), zeros([...x.shape.slice(0, -1), n - k], { dtype: x.dtype })], -1)
    const skew = filled.sub(filled.mT)
    const one = eye(n, { dtype: x.dtype })
    const q = this.map === 'cayley' ? solve(one.sub(skew.mul(0.5)), one.add(skew.mul(0.5))) : matrixExp(skew)
    return q.narrow(-1, 0, k)
  }
}

/**
 * Keeps a weight [..., n, k] orthogonal: its columns (its rows, where n < k) are orthonormal, now and after each step of an
 * optimizer. Training starts from the weight made orthonormal. Returns the module. Lezcano-Casado 2019 (with a base point, as
 * PyTorch's use_trivialization=True); torch.nn.utils.parametrizations.orthogonal.
 * @throws ShapeError for a weight with fewer than two dimensions, RangeError for another map.
 */
export function orthogonal<M extends Module>(module: M, name = 'weight', options?: OrthogonalOptions): M {
  const { orthogonalMap } = readOptions('orthogonal', options, { orthogonalMap: undefined })
  const weight = Reflect.get(module, name) as Parameter | null | undefined
  if (!weight) throw new RangeError(`orthogonal: ${module.constructor.name} has no parameter '${name}'`)
  if (weight.ndim < 2)
    throw new ShapeError(`orthogonal: needs a matrix or a batch of them, '${name}' has shape ${show(weight.shape)}`)
  const square = weight.shape[weight.ndim - 2] === weight.shape[weight.ndim - 1]
  const map = orthogonalMap ?? (square ? 'matrix_exp' : 'householder')
  if (!['matrix_exp', 'cayley', 'householder'].includes(map))
    throw new RangeError(
      `orthogonal: orthogonalMap must be 'matrix_exp', 'cayley' or 'householder', got '${String(map)}'`,
    )
  return noGrad(() => registerParametrization(module, name, new Orthogonal(map), { unsafe: true }))
}
