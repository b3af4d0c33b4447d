/** The thread that downloads one file: address after address, going on with what is there, checked before it gets its name. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { Shared } from './download-slots.js'
import type { SourceFile } from './sources.js'
import { unpackArchive } from './unpack.js'

/** What the thread is told. */
export interface DownloadOrder extends Omit<SourceFile, 'name'> {
  readonly path: string
  readonly shared: SharedArrayBuffer
}

/** How it went. */
export interface DownloadReport {
  /** One line for each address that failed; empty when the file is there. */
  readonly problems: readonly string[]
}

/** Milliseconds without a byte after which an address is given up. */
const patience = 30_000

const order = workerData as DownloadOrder
const counts = new Float64Array(order.shared)
const signal = new Int32Array(order.shared)

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Appends what is missing to the part. */
async function fetchInto(url: string, part: string): Promise<void> {
  const have = sizeOf(part)
  const stop = new AbortController()
  let timer = setTimeout(() => stop.abort(), patience)
  try {
    const headers = have > 0 ? { range: `bytes=${have}-` } : undefined
    const response = await fetch(url, { headers, signal: stop.signal })
    if (response.status === 416) return // there is nothing after what we have
    if (!response.ok || !response.body) throw new Error(`the server answers ${response.status} ${response.statusText}`)
    const goesOn = response.status === 206
    const start = goesOn ? have : 0
    const length = Number(response.headers.get('content-length') ?? 0)
    if (order.size !== undefined && length > 0 && start + length !== order.size)
      throw new Error(`it has ${start + length} bytes there, ${order.size} were published`)
    counts[Shared.received] = start
    counts[Shared.total] = Math.max(start + length, 1)
    const file = await open(part, goesOn ? 'a' : 'w')
    try {
      for await (const chunk of response.body) {
        clearTimeout(timer)
        timer = setTimeout(() => stop.abort(), patience)
        await file.writeFile(chunk as Uint8Array)
        counts[Shared.received] += (chunk as Uint8Array).length
      }
    } finally {
      await file.close()
    }
    if (length > 0 && sizeOf(part) < start + length)
      throw new Error(`it ended after ${sizeOf(part)} of ${start + length} bytes`)
  } catch (error) {
    if (stop.signal.aborted) throw new Error(`no answer for ${patience / 1000} s`, { cause: error })
    throw error
  } finally {
    clearTimeout(timer)
    stop.abort() // an answer of which nothing more is wanted
  }
}

/** fetch hides the reason one or two levels down. */
function reasonOf(error: unknown): string {
  const causes: string[] = []
  for (let at = error; at instanceof Error && causes.length < 4; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException
    causes.push(at.message || code || at.name)
  }
  return causes.join(': ')
}

/** Whether the complete file lies under `path` with the right checksum; a wrong one is removed. */
async function isRight(path: string): Promise<string | null> {
  const found = await md5Of(path)
  if (found === order.md5) return null
  const size = sizeOf(path)
  rmSync(path)
  return `its ${size} bytes have MD5 ${found}, expected ${order.md5}`
}

async function download(): Promise<string[]> {
  const { path, urls } = order
  const part = `${path}.part`
  if (existsSync(path)) {
    const found = await md5Of(path)
    return found === order.md5 ? [] : [`${path}: its MD5 is ${found}, expected ${order.md5}; remove it`]
  }
  const problems: string[] = []
  for (const url of urls) {
    // An address that breaks off may go on when asked again.
    for (let attempt = 0, before = -1; attempt < 5 && sizeOf(part) > before; attempt++) {
      before = sizeOf(part)
      try {
        await fetchInto(url, part)
        const wrong = await isRight(part)
        if (wrong === null) {
          renameSync(part, path)
          return []
        }
        problems.push(`${url}: ${wrong}`)
        break
      } catch (error) {
        problems.push(`${url}: ${reasonOf(error)}`)
      }
    }
  }
  return problems
}

async function run(): Promise<string[]> {
  const problems = await download()
  if (problems.length > 0 || order.unpack === undefined) return problems
  await unpackArchive(order.path, join(dirname(order.path), order.unpack))
  return []
}

parentPort?.once('message', (port: MessagePort) => {
  run()
    .catch((error: unknown) => [reasonOf(error)])
    .then((problems) => {
      port.postMessage({ problems } satisfies DownloadReport)
      Atomics.store(signal, Shared.ended, 1)
      Atomics.notify(signal, Shared.ended)
    })
    .catch(() => {})
})
