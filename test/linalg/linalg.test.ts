/** Linear algebra beyond the op registry: what factors multiply to, conventions, batches, and what is refused. */
import { strict as assert } from 'node:assert'
import {
  allclose,
  autograd,
  cholesky,
  eye,
  inverse,
  linalg,
  manualSeed,
  norm,
  rand,
  tensor,
  Tensor,
  zeros,
} from '../../lib/index.js'

const random = (...shape: number[]): Tensor => rand(shape, { dtype: 'float64' }).mul(4).sub(2)
const assertEqual = (a: Tensor, b: Tensor, what: string): void =>
  assert.ok(allclose(a, b, { rtol: 1e-10, atol: 1e-10 }), `${what}: ${String(a)} is not ${String(b)}`)

describe('linalg', () => {
  beforeEach(() => manualSeed(3))

  for (const shape of [
    [4, 4],
    [5, 3],
    [3, 5],
    [2, 4, 3],
    [2, 2, 6, 6],
    [1, 1],
    [0, 3],
    [3, 0],
  ])
    it(`factors ${shape.join(' × ')} so that the factors multiply to it`, () => {
      const x = random(...shape)
      const [m, n] = shape.slice(-2)
      const { Q, R } = linalg.qr(x)
      assertEqual(Q.matmul(R), x, 'Q R')
      assertEqual(
        Q.mT.matmul(Q),
        eye(Math.min(m, n), { dtype: 'float64' }).expand([...shape.slice(0, -2), Math.min(m, n), Math.min(m, n)]),
        'Qᵀ Q',
      )
      const complete = linalg.qr(x, { mode: 'complete' })
      assertEqual(complete.Q.matmul(complete.R), x, 'complete Q R')
      assertEqual(
        complete.Q.mT.matmul(complete.Q),
        eye(m, { dtype: 'float64' }).expand([...shape.slice(0, -2), m, m]),
        'complete Qᵀ Q',
      )
      assertEqual(linalg.qr(x, { mode: 'r' }).R, R, 'r')
      const { U, S, Vh } = linalg.svd(x, { fullMatrices: false })
      assertEqual(U.mul(S.unsqueeze(-2)).matmul(Vh), x, 'U S Vh')
      const full = linalg.svd(x)
      assertEqual(
        full.U.mT.matmul(full.U),
        eye(m, { dtype: 'float64' }).expand([...shape.slice(0, -2), m, m]),
        'full Uᵀ U',
      )
      assertEqual(
        full.Vh.matmul(full.Vh.mT),
        eye(n, { dtype: 'float64' }).expand([...shape.slice(0, -2), n, n]),
        'full Vh Vhᵀ',
      )
      const { P, L, U: upper } = linalg.lu(x)
      assertEqual(P.matmul(L).matmul(upper), x, 'P L U')
    })

  it('has the signs and the order of LAPACK', () => {
    assertEqual(linalg.qr(eye(2, { dtype: 'float64' })).Q, eye(2, { dtype: 'float64' }), 'Q of 1')
    const { R } = linalg.qr(
      tensor([
        [3, 1],
        [4, 2],
      ]),
    )
    assert.ok(R.at(0, 0).item() < 0)
    assert.deepEqual(
      linalg
        .eigvalsh(
          tensor([
            [2, 0],
            [0, -1],
          ]),
        )
        .toArray(),
      [-1, 2],
    )
    assert.deepEqual(
      linalg
        .luFactor(
          tensor([
            [1, 2],
            [3, 4],
          ]),
        )
        .pivots.toArray(),
      [2, 2],
    )
  })

  it('solves batches against single sides, in the dtype of the input', () => {
    const a = rand([5, 3, 3]).add(eye(3))
    const b = rand([3, 2])
    const x = linalg.solve(a, b)
    assert.equal(x.dtype, 'float32')
    assert.ok(allclose(a.matmul(x), b.expand([5, 3, 2]), { atol: 1e-5 }))
    const { solution, residuals, rank } = linalg.lstsq(random(5, 2), random(5))
    assert.deepEqual([solution.shape, residuals.numel(), rank.item()], [[2], 1, 2])
  })

  it('notes singular matrices in info where no error is wanted', () => {
    const batch = tensor([
      [
        [2, 1],
        [1, 3],
      ],
      [
        [1, 2],
        [2, 4],
      ],
    ])
    const { inverse: found, info } = linalg.invEx(batch)
    assert.deepEqual([info.dtype, info.toArray()], ['int32', [0, 2]])
    assert.ok(found.select(0, 0).allclose(linalg.inv(batch.select(0, 0))))
    const { result, info: ofSolve } = linalg.solveEx(batch.select(0, 0), tensor([3, 5]))
    assert.ok(result.allclose(tensor([0.8, 1.4])))
    assert.equal(ofSolve.item(), 0)
    assert.throws(
      () => linalg.invEx(batch, { checkErrors: true }),
      /linalg\.invEx, matrix 1 of the batch: the matrix is singular, the diagonal element 1/,
    )
  })

  it('has determinants, ranks, conditions and norms of singular matrices', () => {
    const x = tensor(
      [
        [1, 2],
        [2, 4],
      ],
      { dtype: 'float64', requiresGrad: true },
    )
    assert.equal(x.det().item(), 0)
    assert.ok(autograd.gradcheck((y) => y.det(), [x]))
    assert.deepEqual([x.slogdet().sign.item(), x.slogdet().logabsdet.item()], [0, -Infinity])
    assert.equal(x.detach().logdet().item(), -Infinity)
    assert.ok(
      Number.isNaN(
        tensor([[-1]])
          .logdet()
          .item(),
      ),
    )
    assert.equal(linalg.matrixRank(x).item(), 1)
    assert.deepEqual(
      linalg
        .cond(
          tensor([
            [
              [1, 2],
              [2, 4],
            ],
            [
              [1, 0],
              [0, 2],
            ],
          ]),
          1,
        )
        .toArray(),
      [Infinity, 2],
    )
    assert.ok(
      Math.abs(
        norm(
          tensor([
            [1, 0],
            [0, 2],
          ]),
          'nuc',
        ).item() - 3,
      ) < 1e-6,
    )
    assert.ok(allclose(tensor([[1, 2]]).pinverse(), tensor([[0.2], [0.4]])))
  })

  it('factors positive-definite matrices by either triangle', () => {
    const x = tensor([
      [4, 2],
      [2, 5],
    ])
    assert.deepEqual(cholesky(x).toArray(), [
      [2, 0],
      [1, 2],
    ])
    assert.deepEqual(x.cholesky({ upper: true }).toArray(), [
      [2, 1],
      [0, 2],
    ])
    assert.ok(allclose(x.cholesky().choleskyInverse(), inverse(x)))
  })

  it('has powers and exponentials', () => {
    const x = tensor([
      [1, 1],
      [0, 1],
    ])
    assert.deepEqual(x.matrixPower(5).toArray(), [
      [1, 5],
      [0, 1],
    ])
    assert.deepEqual(x.matrixPower(0).toArray(), [
      [1, 0],
      [0, 1],
    ])
    assert.deepEqual(x.matrixPower(-1).toArray(), [
      [1, -1],
      [0, 1],
    ])
    assert.ok(allclose(zeros([2, 2]).matrixExp(), eye(2)))
  })

  it('gives real eigenvalues of any matrix', () =>
    assert.deepEqual(
      linalg
        .eigvals(
          tensor([
            [2, 1],
            [0, 3],
          ]),
        )
        .sort()
        .values.toArray(),
      [2, 3],
    ))

  const wide = zeros([2, 3])
  const singular = tensor([
    [1, 2],
    [2, 4],
  ])
  const whole = tensor([[1]], { dtype: 'int64' })
  const cases: [string, () => unknown, RegExp][] = [
    [
      'vectors',
      () => linalg.inv(tensor([1])),
      /^ShapeError: linalg\.inv: the input must be a matrix or a batch of matrices, got shape \[1\]/,
    ],
    [
      'integers',
      () => linalg.inv(whole),
      /^TypeError: linalg\.inv: the input must be floating, got int64; convert it with \.float\(\) first/,
    ],
    [
      'matrices that are not square',
      () => linalg.det(wide),
      /linalg\.det: the input must be a square matrix or a batch of them, got shape \[2, 3\]/,
    ],
    [
      'singular matrices',
      () => inverse(singular),
      /^LinAlgError: linalg\.inv: the matrix is singular, the diagonal element 1 of its factor U is 0; pinv\(\) and lstsq\(\)/,
    ],
    [
      'singular matrices in a batch',
      () => linalg.solve(tensor([[[1]], [[0]]]), tensor([[[1]], [[1]]])),
      /linalg\.solve, matrix 1 of the batch: the matrix is singular, the diagonal element 0/,
    ],
    [
      'right sides of other sizes',
      () => linalg.solve(singular, zeros([3, 1])),
      /linalg\.solve: the right side must have 2 rows for a matrix of shape \[2, 2\], got \[3, 1\]/,
    ],
    [
      'two dtypes',
      () => linalg.solve(singular, zeros([2, 1], { dtype: 'float64' })),
      /linalg\.solve: both tensors must have the same dtype, got float32 and float64/,
    ],
    [
      'a triangle that is not named',
      () => linalg.solveTriangular(singular, singular, {} as never),
      /linalg\.solveTriangular: say which triangle A is: \{ upper: true \} or \{ upper: false \}/,
    ],
    [
      'a triangular side of another size',
      () => linalg.solveTriangular(singular, wide.mT, { upper: true }),
      /linalg\.solveTriangular: the right side must have 2 rows/,
    ],
    [
      'matrices that are not positive-definite',
      () =>
        cholesky(
          tensor([
            [1, 2],
            [2, 1],
          ]),
        ),
      /linalg\.cholesky: the matrix is not positive-definite, its leading minor of order 2 is not positive/,
    ],
    [
      'unknown modes of qr',
      () => linalg.qr(wide, { mode: 'raw' as never }),
      /linalg\.qr: mode must be 'reduced', 'complete' or 'r', got 'raw'/,
    ],
    [
      'gradients of R alone',
      () =>
        linalg
          .qr(rand([2, 2], { requiresGrad: true }), { mode: 'r' })
          .R.sum()
          .backward(),
      /linalg\.qr: mode 'r' has no gradient/,
    ],
    [
      'gradients of a completed Q',
      () =>
        linalg
          .qr(rand([3, 2], { requiresGrad: true }), { mode: 'complete' })
          .Q.sum()
          .backward(),
      /linalg\.qr: mode 'complete' has no gradient for more rows than columns \(3 × 2\)/,
    ],
    [
      'reflections of other sizes',
      () => linalg.householderProduct(wide, zeros([2])),
      /linalg\.householderProduct: needs \[\.\.\., m, n\] with m ≥ n/,
    ],
    [
      'unknown triangles',
      () => linalg.eigh(singular, { UPLO: 'X' as never }),
      /linalg\.eigh: UPLO must be 'L' or 'U', got 'X'/,
    ],
    [
      'eigenvalues of what is not finite',
      () => linalg.eigh(tensor([[NaN]])),
      /linalg\.eigh: the matrix has elements that are not finite/,
    ],
    [
      'singular values of what is not finite',
      () => linalg.svd(tensor([[NaN]])),
      /linalg\.svd: the matrix has elements that are not finite/,
    ],
    [
      'complex eigenvalues',
      () =>
        linalg.eigvals(
          tensor([
            [0, -1],
            [1, 0],
          ]),
        ),
      /linalg\.eigvals: the eigenvalue 0 ± 1i is complex, for which there is no dtype/,
    ],
    [
      'fractional powers',
      () => singular.matrixPower(0.5),
      /linalg\.matrixPower: the exponent must be an integer, got 0\.5/,
    ],
    [
      'unknown orders',
      () => linalg.matrixNorm(wide, 3),
      /linalg\.matrixNorm: ord must be 'fro', 'nuc', ±Infinity, ±1 or ±2, got 3/,
    ],
    [
      'one dimension for matrices',
      () => linalg.matrixNorm(wide, 1, { dim: [0, 0] }),
      /linalg\.matrixNorm: dim must be two different dimensions of \[2, 3\], got \[0,0\]/,
    ],
    [
      'an order without dim',
      () => linalg.norm(zeros([1, 1, 1]), 1),
      /linalg\.norm: with an order, \[1, 1, 1\] needs dim/,
    ],
    [
      'a norm of matrices for vectors',
      () => linalg.norm(tensor([1]), 'nuc'),
      /linalg\.norm: 'nuc' is a norm of matrices; give two dimensions/,
    ],
    [
      'a least-squares side of another size',
      () => linalg.lstsq(wide, zeros([3, 1])),
      /linalg\.lstsq: the right side must have 2 rows for a matrix of shape \[2, 3\], got \[3, 1\]/,
    ],
    [
      'tensors without an inverse',
      () => linalg.tensorinv(zeros([2, 3])),
      /linalg\.tensorinv: the first 2 dimensions of \[2, 3\] have 6 elements, the others 1/,
    ],
    [
      'no leading dimension',
      () => linalg.tensorinv(singular, { ind: 0 }),
      /linalg\.tensorinv: ind must be a positive integer, got 0/,
    ],
    [
      'equations that do not fit',
      () => linalg.tensorsolve(wide, zeros([2])),
      /linalg\.tensorsolve: \[2, 3\] and \[2\] do not make as many equations as unknowns/,
    ],
    ['no columns', () => linalg.vander(tensor([1]), { N: 0 }), /linalg\.vander: N must be a positive integer, got 0/],
    ['powers of a number', () => linalg.vander(tensor(1)), /linalg\.vander: needs at least one dimension, got \[\]/],
    [
      'pivots of another matrix',
      () => linalg.luSolve(singular, tensor([1], { dtype: 'int32' }), singular),
      /linalg\.luSolve: pivots of shape \[1\] do not belong to \[2, 2\]/,
    ],
  ]
  for (const [what, run, message] of cases) it(`refuses ${what}`, () => assert.throws(run, message))
})
