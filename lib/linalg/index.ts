/** The `linalg` namespace (torch.linalg). */
import './methods.js'

export { cholesky, choleskyInverse, choleskySolve, type CholeskyOptions } from './cholesky.js'
export { det, logdet, slogdet } from './determinant.js'
export { LinAlgError } from './error.js'
export { matrixDiagonal as diagonal, matrixExp, matrixPower, tensorinv, tensorsolve, vander } from './functions.js'
export { lu, luFactor, luSolve } from './lu.js'
export { linalgNorm as norm, matrixNorm, type MatrixOrder, type NormOptions } from './norms.js'
export { cond, lstsq, matrixRank, pinv, type LeastSquares, type RankOptions } from './pseudo.js'
export { householderProduct, qr, type QrMode, type QrOptions } from './qr.js'
export {
  inv,
  invEx,
  solve,
  solveEx,
  solveTriangular,
  type CheckOptions,
  type SolveOptions,
  type TriangularOptions,
} from './solve.js'
export { eigh, eigvals, eigvalsh, svd, svdvals, type EighOptions, type SvdOptions } from './spectral.js'
export { matmul } from '../ops/matmul.js'
export { vectorNorm } from '../ops/norms.js'
export { linalgCross as cross, multiDot, vecdot } from '../ops/products.js'
