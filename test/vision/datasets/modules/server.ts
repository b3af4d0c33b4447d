/** A web server in a thread of its own, for downloads during which the main thread waits. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

/** What the server gives, by path. */
export interface Served {
  readonly bytes: Uint8Array
  /** Break off after so many bytes of each answer. */
  readonly cut?: number
  /** Take no notice of the range that is asked for. */
  readonly whole?: boolean
}

const files = workerData as Record<string, Served>
const asked: string[] = []

const server = createServer((request, response) => {
  const file = files[request.url ?? '']
  asked.push(`${request.url} ${request.headers.range ?? ''}`.trim())
  if (!file) return void response.writeHead(404).end()
  const match = file.whole ? null : /bytes=(\d+)-/.exec(request.headers.range ?? '')
  const start = match ? Number(match[1]) : 0
  if (start > 0 && start >= file.bytes.length) return void response.writeHead(416).end()
  const rest = Buffer.from(file.bytes.subarray(start))
  response.writeHead(match ? 206 : 200, { 'content-length': rest.length })
  if (file.cut === undefined || file.cut >= rest.length) return void response.end(rest)
  response.write(rest.subarray(0, file.cut), () => setTimeout(() => response.destroy(), 20))
})

server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port))
parentPort?.on('message', () => parentPort?.postMessage(asked))
