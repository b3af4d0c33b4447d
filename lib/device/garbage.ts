/** V8's own function that collects garbage, which Node shows only to those who ask with a flag. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collector: NodeJS.GCFunction | undefined

/** Collects garbage: all, or with `{ type: 'minor' }` the young objects. Undefined where V8 has no such function. */
export function garbageCollector(): NodeJS.GCFunction | undefined {
  if (collector) return collector
  if (globalThis.gc) return (collector = globalThis.gc)
  // The flag stays: it belongs to all threads, and another may be about to make a context that shows the function.
  setFlagsFromString('--expose-gc')
  collector = runInNewContext("typeof gc === 'function' ? gc : undefined") as NodeJS.GCFunction | undefined
  return collector
}
