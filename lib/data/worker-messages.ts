/** What a DataLoader and its workers say to one another. */
import type { MessagePort } from 'node:worker_threads'
import type { Packed } from './portable.js'

/** What is known of a worker in shared memory, which a thread that sleeps can still read. */
export const WorkerState = { starting: 0, running: 1, ended: 2 } as const

/** What a worker is started with. */
export interface WorkerSettings {
  readonly id: number
  readonly numWorkers: number
  /** Its random numbers: the loader's number plus `id`, as in PyTorch. */
  readonly seed: bigint
  readonly dataset: Packed
  /** null: the default one. 'none': the loader itself makes batches of the samples. */
  readonly collate: Packed | 'none' | null
  readonly dropLast: boolean
  readonly workerInit: Packed | null
  /** Int32Array: the first element counts answers of all workers, the others are each worker's state. */
  readonly signal: SharedArrayBuffer
}

/** A pass begins: batches are asked for and given over a channel of its own, so that nothing old gets into a new pass. */
export interface BeginPass {
  readonly port: MessagePort
  /** Where the tensors of batches are put; closed with the pass. */
  readonly exchange: number
}

/** The positions of one batch, in the order of the answers. */
export type Order = readonly number[]

/** One batch. */
export type Answer = { batch: Packed } | { end: true } | { error: unknown; place?: string }
