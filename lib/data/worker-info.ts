/** Who a data set works for, asked from inside a worker thread. */

/** A worker of a DataLoader (torch.utils.data.get_worker_info). */
export interface WorkerInfo {
  /** From 0. */
  readonly id: number
  readonly numWorkers: number
  /** Where the worker's random numbers start. */
  readonly seed: bigint
  /** The worker's own copy. */
  readonly dataset: unknown
}

let info: WorkerInfo | null = null

/** @internal */
export function setWorkerInfo(value: WorkerInfo): void {
  info = value
}

/** The worker that this code runs in; null on the main thread. torch.utils.data.get_worker_info. */
export function getWorkerInfo(): WorkerInfo | null {
  return info
}
