/** Ops whose arithmetic the CPU alone does: they refuse tensors on a device, because the library moves data for nobody in silence. */
import type { DeviceName } from '../device/gpu.js'

const factorised = 'a factorisation is a chain of small steps, which the CPU computes in float64'
const byNumber = 'its series ends at a different term for every number'

/** The reason for each of them; an op that needs another of them only for some arguments says which. */
export const cpuOnly: ReadonlyMap<string, string> = new Map(
  [
    'cholesky',
    'choleskyInverse',
    'choleskySolve',
    'cond',
    'det',
    'eigh',
    'eigvals',
    'eigvalsh',
    'inv',
    'logdet',
    'lstsq',
    'lu',
    'luFactor',
    'luSolve',
    'matrixRank',
    'pinv',
    'qr',
    'slogdet',
    'solve',
    'solveTriangular',
    'svd',
    'svdvals',
    'tensorinv',
    'tensorsolve',
  ].map((name): [string, string] => [name, factorised]),
)
  .set('matrixNorm', `for ord 2, −2 and 'nuc': ${factorised}`)
  .set('norm', `for ord 2, −2 and 'nuc' of matrices: ${factorised}`)
  .set('matrixPower', `for negative powers: ${factorised}`)
  .set('gammainc', byNumber)
  .set('gammaincc', byNumber)
  .set('zeta', byNumber)
  .set('besselJ0', byNumber)
  .set('besselJ1', byNumber)

/** @throws Error for a tensor on a device, with what to do. */
export function assertOnCpu(name: string, x: { readonly device: DeviceName }): void {
  if (x.device === 'cpu') return
  throw new Error(
    `${name}: exists for the CPU alone (${cpuOnly.get(name) ?? factorised}), but the tensor is on ${x.device}; move it with .cpu()`,
  )
}
