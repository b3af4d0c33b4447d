/**
 * Contents of the requests that we answer, checked. The sender is another program: a missing or mistyped field gets an
 * error reply that names it, never an exception deep inside a handler.
 */
import type { Json } from './messages.js'

/** A field of a request is missing or has the wrong type. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
}

export interface ExecuteContent {
  code: string
  silent: boolean
  storeHistory: boolean
  userExpressions: Record<string, string>
  stopOnError: boolean
  allowStdin: boolean
}

export function executeContent(content: Json): ExecuteContent {
  const silent = boolean(content, 'silent', false)
  return {
    code: string(content, 'code'),
    silent,
    // The specification: silent forces store_history to be false.
    storeHistory: !silent && boolean(content, 'store_history', true),
    userExpressions: expressions(content),
    stopOnError: boolean(content, 'stop_on_error', true),
    allowStdin: boolean(content, 'allow_stdin', false),
  }
}

export function cursorContent(content: Json): { code: string; cursor: number } {
  const code = string(content, 'code')
  const cursor = content['cursor_pos'] ?? Infinity
  if (typeof cursor !== 'number' || cursor < 0) throw wrong(content, 'cursor_pos', 'a position in the code')
  return { code, cursor }
}

export function string(content: Json, field: string): string {
  const value = content[field]
  if (typeof value !== 'string') throw wrong(content, field, 'a string')
  return value
}

export function boolean(content: Json, field: string, fallback: boolean): boolean {
  const value = content[field] ?? fallback
  if (typeof value !== 'boolean') throw wrong(content, field, 'true or false')
  return value
}

export function integer(content: Json, field: string, fallback: number | null): number | null {
  const value = content[field] ?? fallback
  if (value !== null && !Number.isInteger(value)) throw wrong(content, field, 'a whole number')
  return value as number | null
}

export function object(content: Json, field: string): Json {
  const value = content[field] ?? {}
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong(content, field, 'an object')
  return value as Json
}

function expressions(content: Json): Record<string, string> {
  const value = content['user_expressions'] ?? {}
  if (typeof value !== 'object' || Object.values(value).some((text) => typeof text !== 'string'))
    throw wrong(content, 'user_expressions', 'an object of strings')
  return value as Record<string, string>
}

function wrong(content: Json, field: string, wanted: string): RequestError {
  return new RequestError(`${field} is ${JSON.stringify(content[field])}, expected ${wanted}`)
}
