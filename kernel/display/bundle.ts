/**
 * Any value → MIME bundle. Values show themselves through Jupyter's hook, or through the older `_toHtml` family;
 * everything else is shown as Node inspects it.
 */
import { inspect, type InspectOptions } from 'node:util'
import { Stop } from '../../lib/device/interrupt.js'
import { displayHook, type MimeBundle } from '../../lib/plot/mime.js'

export interface MimeBundleResult {
  data: MimeBundle
  metadata: Record<string, unknown>
}

export interface BundleOptions {
  /** The value is a MIME bundle itself. */
  raw?: boolean
}

/** Older hooks and the MIME type of what they return. */
const olderHooks = {
  _toHtml: 'text/html',
  _toSvg: 'image/svg+xml',
  _toPng: 'image/png',
  _toJpeg: 'image/jpeg',
} as const

/** A promise only if one of the value's own hooks returns one. Errors of hooks are the caller's to show. */
export function toBundle(
  value: unknown,
  { raw = false }: BundleOptions = {},
): MimeBundleResult | Promise<MimeBundleResult> {
  const own = raw ? value : ownBundle(value)
  if (own === undefined) return { data: { 'text/plain': plain(value) }, metadata: {} }
  if (isPromise(own)) return own.then((bundle) => complete(bundle, raw ? bundle : value))
  return complete(own, value)
}

/** Text of a value. A lone number, string or boolean stays free of colours, so that it can be copied and compared. */
export function plain(value: unknown): string {
  const colors = (typeof value === 'object' && value !== null) || typeof value === 'function'
  const options = { colors, breakLength: 100, maxStringLength: 10_000 }
  try {
    return inspect(value, options)
  } catch (error) {
    // The stop button may have been pressed because it takes so long.
    if (error instanceof Stop) throw error
    return plainly(value, options, error)
  }
}

/** A value whose own code fails while it is shown: as it is without that code. */
function plainly(value: unknown, options: InspectOptions, error: unknown): string {
  const reason = `(showing it failed: ${error instanceof Error ? error.message : String(error)})`
  try {
    return `${inspect(value, { ...options, customInspect: false, showProxy: true })} ${reason}`
  } catch {
    return reason
  }
}

function ownBundle(value: unknown): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  const methods = value as Record<PropertyKey, unknown>
  const call = (name: PropertyKey): unknown => (methods[name] as () => unknown).call(value)
  const has = (name: PropertyKey): boolean => isMethod(methods, name)
  if (has(displayHook)) return call(displayHook)
  if (has('_toMime')) return call('_toMime')
  const found = Object.entries(olderHooks).filter(([name]) => has(name))
  if (found.length === 0) return undefined
  const parts = found.map(([name, mime]) => [mime, call(name)] as const)
  if (!parts.some(([, part]) => isPromise(part))) return Object.fromEntries(parts)
  return Promise.all(parts.map(async ([mime, part]) => [mime, await part] as const)).then(Object.fromEntries)
}

/** Proxies and getters may refuse to be asked: then they have no such method. */
function isMethod(value: Record<PropertyKey, unknown>, name: PropertyKey): boolean {
  try {
    return typeof value[name] === 'function'
  } catch {
    return false
  }
}

/** Checks a bundle and makes its data fit for JSON: bytes become base64. Front ends without a view need the text. */
function complete(bundle: unknown, value: unknown): MimeBundleResult {
  if (typeof bundle !== 'object' || bundle === null || Array.isArray(bundle))
    throw new TypeError(`a MIME bundle must be an object from MIME types to data, not ${inspect(bundle, { depth: 0 })}`)
  const data: MimeBundle = {}
  for (const [mime, part] of Object.entries(bundle)) {
    if (part === undefined) continue
    if (!mime.includes('/')) throw new TypeError(`'${mime}' in a MIME bundle is not a MIME type such as 'text/html'`)
    data[mime] = encode(part)
  }
  // An empty bundle is how a value says that there is nothing to show.
  if (Object.keys(data).length > 0 && !('text/plain' in data))
    data['text/plain'] = value === bundle ? '' : inspect(value, { depth: 0 })
  return { data, metadata: {} }
}

function encode(part: unknown): unknown {
  if (typeof part === 'string') return part
  if (part instanceof Uint8Array) return Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('base64')
  // Through JSON, because functions in it could not cross to the I/O worker. Typed arrays become plain ones.
  const json = JSON.stringify(part, (_, v: unknown) =>
    ArrayBuffer.isView(v) && !(v instanceof DataView) ? Array.from(v as unknown as ArrayLike<number>) : v,
  )
  return JSON.parse(json ?? 'null') as unknown
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null)?.then === 'function'
}
