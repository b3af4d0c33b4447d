/**
 * Files of data sets from the network. The caller waits, as in PyTorch, so a thread of its own does the work; the stop button and
 * the progress bar work meanwhile.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { startThread } from '../../data/threads.js'
import { checkInterrupt } from '../../device/interrupt.js'
import { progress } from '../../plot/progress.js'
import { Shared } from './download-slots.js'
import type { DownloadOrder, DownloadReport } from './download-thread.js'
import type { SourceFile } from './sources.js'

/** Settings of data sets that can be downloaded. */
export interface DownloadOptions {
  /** Fetch the files that are missing. Default false. */
  download?: boolean
  /**
   * Addresses to try before the one where the files were published; a file is looked for under address/DataSet/file. Default:
   * the environment variable GRADBOOK_MIRRORS, addresses with commas between them.
   */
  mirrors?: readonly string[]
}

/** Bytes for each step of the progress bar. */
const step = 1e6

function mirrorsOf({ mirrors }: DownloadOptions): readonly string[] {
  return (
    mirrors ??
    (process.env.GRADBOOK_MIRRORS ?? '')
      .split(',')
      .map((address) => address.trim())
      .filter(Boolean)
  )
}

/**
 * Fetches the files that are not in the folder. Each is written under another name (ending in .part) until it is complete and its
 * checksum is right; a download that was broken off goes on where it stopped.
 * @param unpacked the folder that the archives hold; when it is there already, nothing is fetched.
 * @throws Error saying why each address failed, and which file to put where instead.
 */
export function ensureFiles(
  dataset: string,
  folder: string,
  files: readonly SourceFile[],
  options: DownloadOptions,
  unpacked?: string,
): void {
  if (unpacked !== undefined && existsSync(join(folder, unpacked))) return
  mkdirSync(folder, { recursive: true })
  for (const file of files) {
    const path = join(folder, file.name)
    if (file.unpack === undefined && (existsSync(path) || existsSync(path.replace(/\.gz$/, '')))) continue
    const mirrored = mirrorsOf(options).map((address) => `${address.replace(/\/$/, '')}/${dataset}/${file.name}`)
    const problems = fetchFile({ ...file, path, urls: [...mirrored, ...file.urls] })
    if (problems.length > 0)
      throw new Error(
        `${dataset}: ${file.name} could not be downloaded:\n  ${problems.join('\n  ')}\nPut ${file.name} (MD5 ${file.md5}) into ${resolve(folder)} yourself, or name other addresses by { mirrors: ['http://…'] } or GRADBOOK_MIRRORS.`,
      )
  }
}

/** Runs the thread and waits for it. @returns what went wrong at each address; nothing when the file is there. */
function fetchFile(order: Omit<DownloadOrder, 'shared'>): readonly string[] {
  const shared = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT * Shared.length)
  const { port1, port2 } = new MessageChannel()
  const worker = startThread(new URL('./download-thread.js', import.meta.url), 'download', { ...order, shared })
  worker.postMessage(port2, [port2])
  const counts = new Float64Array(shared)
  const signal = new Int32Array(shared)
  const wait = (): boolean => {
    checkInterrupt()
    Atomics.wait(signal, Shared.ended, 0, 100)
    return Atomics.load(signal, Shared.ended) !== 0
  }
  try {
    let ended = false
    while (counts[Shared.total] === 0 && !ended) ended = wait()
    if (!ended) {
      const total = Math.ceil(counts[Shared.total] / step)
      const megabytes = function* (): Generator<number> {
        let shown = 0
        while (!wait()) while (shown < Math.floor(counts[Shared.received] / step)) yield shown++
        while (shown < total) yield shown++
      }
      for (const megabyte of progress(megabytes(), { total, description: `${order.path.split(/[\\/]/).pop()} [MB]` }))
        void megabyte
    }
    const report: { message: DownloadReport } | undefined = receiveMessageOnPort(port1)
    return report?.message.problems ?? ['the thread of the download ended by itself']
  } finally {
    port1.close()
    void worker.terminate()
  }
}
