/** How many threads one operation may use. */
import { addon } from './addon.js'

/** Threads that one operation may use: at first as many as the computer has cores, or GRADBOOK_THREADS. torch.get_num_threads. */
export function getNumThreads(): number {
  return addon().threads()
}

/**
 * Lets one operation use so many threads, a whole number from 1 to 256, from now on. More than there are cores make nothing
 * faster. Sums may differ in their last digits. torch.set_num_threads.
 * @throws RangeError for other numbers
 * @example setNumThreads(1)
 */
export function setNumThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1 || threads > 256)
    throw new RangeError(`setNumThreads: expects a whole number from 1 to 256, got ${String(threads)}`)
  addon().setThreads(threads)
}
