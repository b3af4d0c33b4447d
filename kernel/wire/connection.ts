/**
 * The connection file: where Jupyter wants the five sockets and with which key messages are signed.
 * It comes from another program, so every field is checked before anything is bound.
 */
import { readFileSync } from 'node:fs'

export type Channel = 'shell' | 'iopub' | 'stdin' | 'control' | 'hb'

export interface ConnectionInfo {
  transport: 'tcp' | 'ipc'
  ip: string
  shell_port: number
  iopub_port: number
  stdin_port: number
  control_port: number
  hb_port: number
  key: string
  signature_scheme: string
}

const ports = ['shell_port', 'iopub_port', 'stdin_port', 'control_port', 'hb_port'] as const

/** Reads and checks a connection file; the error names the file, the field and what was found. */
export function readConnectionFile(path: string): ConnectionInfo {
  let parsed: unknown
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`cannot read the connection file ${path}: ${(error as Error).message}`)
  }
  return checkConnection(parsed, path)
}

/** Checks parsed connection data; `origin` is named in errors. */
export function checkConnection(parsed: unknown, origin: string): ConnectionInfo {
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`${origin} does not hold a JSON object`)
  const info = { transport: 'tcp', key: '', signature_scheme: 'hmac-sha256', ...parsed } as Record<string, unknown>
  const wrong = (field: string, wanted: string) =>
    new Error(`${origin}: ${field} is ${JSON.stringify(info[field])}, expected ${wanted}`)
  for (const port of ports)
    if (!Number.isInteger(info[port]) || (info[port] as number) < 1 || (info[port] as number) > 65535)
      throw wrong(port, 'a port number from 1 to 65535')
  if (typeof info['ip'] !== 'string' || info['ip'] === '') throw wrong('ip', 'an address')
  if (info['transport'] !== 'tcp' && info['transport'] !== 'ipc') throw wrong('transport', '"tcp" or "ipc"')
  if (typeof info['key'] !== 'string') throw wrong('key', 'a string')
  const scheme = info['signature_scheme']
  if (typeof scheme !== 'string' || !scheme.startsWith('hmac-')) throw wrong('signature_scheme', '"hmac-sha256"')
  return info as unknown as ConnectionInfo
}

/** The ZeroMQ address of one channel. With ipc, the "ip" is a path prefix and the port a suffix. */
export function address(info: ConnectionInfo, channel: Channel): string {
  const port = info[`${channel}_port`]
  return info.transport === 'ipc' ? `ipc://${info.ip}-${port}` : `tcp://${info.ip}:${port}`
}
