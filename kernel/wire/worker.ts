/**
 * Entry of the I/O worker. The sockets live in this thread so that the heartbeat, the stop button, completion and
 * output keep working while the main thread is deep in a cell.
 */
import { workerData } from 'node:worker_threads'
import { connectLanguage } from '../language/client.js'
import type { ToWire, WireWorkerData } from './link.js'
import { log } from './log.js'
import { WireKernel } from './wire-kernel.js'

const { connection, shared, language, main, input } = workerData as WireWorkerData

const kernel = new WireKernel(connection, shared, connectLanguage(language), main, input)
main.on('message', (event: ToWire) => kernel.fromMain(event))
// Without this thread the kernel is deaf: an error here costs one message, not the session.
process.on('uncaughtException', (error) => log(`error in the I/O worker: ${error.stack}`))

try {
  await kernel.open()
} catch (error) {
  log((error as Error).message)
  kernel.shutdown(1)
}

// Started by a Jupyter server that has died since: nobody can reach this kernel any more.
if (process.env['JPY_PARENT_PID']) {
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && kernel.shutdown(), 1000)
}
