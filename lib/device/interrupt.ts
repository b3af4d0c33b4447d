/**
 * How a stop button reaches a computation: a flag in shared memory that every op reads before it runs.
 * In plain Node nothing is installed and the flag stays 0; the kernel installs its own flag and what to throw.
 */

let flag = new Int32Array(1)
let raise: () => void = () => {
  throw new Error('interrupted')
}

/**
 * Installs the shared flag (non-zero = stop asked for) and the function that clears it and throws. It may return when
 * the stop is meant for other code than the caller.
 */
export function installInterrupt(shared: Int32Array, onInterrupt: () => void): void {
  flag = shared as Int32Array<ArrayBuffer>
  raise = onInterrupt
}

/** Throws if a stop was asked for. A plain read: Atomics.load is seven times slower and no ordering is needed. */
export function checkInterrupt(): void {
  if (flag[0] !== 0) raise()
}
