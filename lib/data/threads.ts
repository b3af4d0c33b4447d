/** How the library's own threads are started. */
import { Worker } from 'node:worker_threads'

/** Flags of this process that threads take over; code given on the command line is no business of theirs. */
const execArgv = process.execArgv.filter((flag) => !flag.startsWith('--input-type'))

/** A thread that runs a module of the library and never keeps the process alive. */
export function startThread(module: URL, name: string, workerData: unknown): Worker {
  const worker = new Worker(module, { workerData, execArgv, name: `gradbook ${name}` })
  worker.unref()
  return worker
}
