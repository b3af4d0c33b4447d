/**
 * Jupyter messages and their frames on the wire:
 * identities…, delimiter, signature, header, parent header, metadata, content, buffers….
 */
import { randomUUID } from 'node:crypto'
import type { SeenSignatures, Signer } from './signing.js'

/** The version of the messaging specification that this kernel speaks. */
export const protocolVersion = '5.5'

export type Json = Record<string, unknown>

export interface Header {
  msg_id: string
  msg_type: string
  session: string
  username: string
  date: string
  version: string
  /** The subshell that a request on the shell channel is meant for; absent for the main shell. */
  subshell_id?: string | null
}

export interface Message {
  identities: Buffer[]
  header: Header
  /** Empty for a message that nobody asked for. */
  parentHeader: Header | Record<string, never>
  metadata: Json
  content: Json
  buffers: Buffer[]
}

/** A message that cannot be trusted or understood; it is dropped and counted. */
export class MessageError extends Error {
  override readonly name = 'MessageError'
}

const delimiter = Buffer.from('<IDS|MSG>')

/** A fresh header of this session. */
export function makeHeader(type: string, session: string): Header {
  return {
    msg_id: randomUUID(),
    msg_type: type,
    session,
    username: 'kernel',
    date: new Date().toISOString(),
    version: protocolVersion,
  }
}

/** Frames of a message, signed. */
export function encode(message: Message, signer: Signer): Buffer[] {
  const parts = [message.header, message.parentHeader, message.metadata, message.content].map(toJson)
  return [...message.identities, delimiter, Buffer.from(signer.sign(parts)), ...parts, ...message.buffers]
}

/**
 * The message in these frames. Throws MessageError if they are malformed, not signed with our key, or signed but
 * `seen` before: whoever has no key could still send a recorded message again.
 */
export function decode(frames: readonly Buffer[], signer: Signer, seen?: SeenSignatures): Message {
  const at = frames.findIndex((frame) => frame.equals(delimiter))
  if (at < 0) throw new MessageError(`no <IDS|MSG> delimiter in ${frames.length} frame(s)`)
  const [signature, ...rest] = frames.slice(at + 1)
  if (!signature || rest.length < 4)
    throw new MessageError(`${frames.length - at - 1} frame(s) after the delimiter, expected at least 5`)
  const parts = rest.slice(0, 4)
  if (!signer.verify(signature, parts)) throw new MessageError('wrong signature')
  if (seen?.has(signature)) throw new MessageError('replayed: its signature has been used before')
  const [header, parentHeader, metadata, content] = parts.map(parseObject)
  for (const field of ['msg_id', 'msg_type', 'session'])
    if (typeof header[field] !== 'string')
      throw new MessageError(`header.${field} is ${JSON.stringify(header[field])}, expected a string`)
  return {
    identities: frames.slice(0, at),
    header: header as unknown as Header,
    parentHeader: parentHeader as unknown as Header,
    metadata,
    content,
    buffers: rest.slice(4),
  }
}

function parseObject(part: Buffer, index: number): Json {
  const name = ['header', 'parent_header', 'metadata', 'content'][index]
  let value: unknown
  try {
    value = JSON.parse(part.toString())
  } catch (error) {
    throw new MessageError(`${name} is not JSON: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MessageError(`${name} is not a JSON object`)
  return value as Json
}

/** JSON without lone surrogates: half a character is legal in JavaScript but cannot be encoded by a Python server. */
function toJson(value: object): Buffer {
  const json = JSON.stringify(value)
  if (!json.includes('\\ud')) return Buffer.from(json)
  return Buffer.from(JSON.stringify(value, (_, v: unknown) => (typeof v === 'string' ? wellFormed(v) : v)))
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}
