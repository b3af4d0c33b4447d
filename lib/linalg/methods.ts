/** Tensor's methods of linear algebra. */
import { addMethods } from '../ops/define.js'
import type { Dims } from '../ops/reduce.js'
import type { Shape } from '../tensor/shape.js'
import type { AnyShape } from '../tensor/shape-types.js'
import { Tensor } from '../tensor/tensor.js'
import * as cholesky from './cholesky.js'
import * as determinant from './determinant.js'
import * as functions from './functions.js'
import { norm, type MatrixOrder, type NormCall } from './norms.js'
import { pinverse } from './pseudo.js'
import { inverse } from './solve.js'

declare module '../tensor/tensor.js' {
  interface Tensor<S extends Shape = AnyShape> {
    /** Determinant of a square matrix or of each in a batch. torch.det. */
    det(): Tensor
    /** ln of the determinant. torch.logdet. */
    logdet(): Tensor
    /** Sign of the determinant and ln of its magnitude. torch.slogdet. */
    slogdet(): { sign: Tensor; logabsdet: Tensor }
    /** Inverse of a square matrix or of each in a batch. torch.inverse. */
    inverse(): Tensor<S>
    /** Pseudo-inverse; singular values up to rcond times the largest count as 0. torch.pinverse. */
    pinverse(rcond?: number): Tensor
    /** Cholesky's factor of a positive-definite matrix. torch.linalg.cholesky. */
    cholesky(options?: cholesky.CholeskyOptions): Tensor<S>
    /** X with A X = this from Cholesky's factor of A. torch.cholesky_solve. */
    choleskySolve(factor: Tensor, options?: cholesky.CholeskyOptions): Tensor
    /** The inverse of A, of which this is Cholesky's factor. torch.cholesky_inverse. */
    choleskyInverse(options?: cholesky.CholeskyOptions): Tensor<S>
    /** Power of a matrix. torch.linalg.matrix_power. */
    matrixPower(n: number): Tensor<S>
    /** Exponential of a matrix. torch.linalg.matrix_exp. */
    matrixExp(): Tensor<S>
    /** p-norm (default 2), also 'fro' and, of matrices, 'nuc'. torch.norm. */
    norm(p?: MatrixOrder | NormCall, dim?: Dims | NormCall, options?: NormCall): Tensor
  }
}

const methods = {
  ...{ det: determinant.det, logdet: determinant.logdet, slogdet: determinant.slogdet, inverse, pinverse, norm },
  ...{ cholesky: cholesky.cholesky, choleskySolve: cholesky.choleskySolve, choleskyInverse: cholesky.choleskyInverse },
  ...{ matrixPower: functions.matrixPower, matrixExp: functions.matrixExp },
}

for (const [name, run] of Object.entries(methods)) {
  const call = run as (self: Tensor, ...args: unknown[]) => unknown
  addMethods(Tensor.prototype, {
    [name](this: Tensor, ...args: unknown[]) {
      return call(this, ...args)
    },
  })
}
