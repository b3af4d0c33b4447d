/** What is thrown when a matrix has no solution, inverse or factorisation. */

/** A computation that this matrix does not allow: it is singular, or not positive-definite. torch.linalg.LinAlgError. */
export class LinAlgError extends Error {
  override name = 'LinAlgError'
}

/** `linalg.inv`, or with several matrices `linalg.inv, matrix 2 of the batch`: how messages begin. */
export function where(name: string, batch: number, count: number): string {
  return count > 1 ? `${name}, matrix ${batch} of the batch` : name
}
