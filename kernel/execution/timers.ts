/**
 * Timers of cells: each callback runs in a section that the stop button can break, belongs to the cell that set it, and
 * cannot bring the kernel down when it throws.
 */
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import { promisify } from 'node:util'

type Callback = (this: unknown, ...args: unknown[]) => void
type Wrap = (callback: Callback) => Callback

/** Node's own timers, for the kernel itself. */
export const original = {
  setTimeout: timers.setTimeout,
  setInterval: timers.setInterval,
  setImmediate: timers.setImmediate,
}

/**
 * Replaces setTimeout, setInterval and setImmediate, both the globals and those of node:timers.
 * `wrap` makes of a cell's callback what is really called.
 */
export function installTimers(wrap: Wrap): void {
  for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) {
    const plain = original[name] as (callback: unknown, ...args: unknown[]) => unknown
    const replacement = function (callback: unknown, ...args: unknown[]) {
      return plain(typeof callback === 'function' ? wrap(callback as Callback) : callback, ...args)
    }
    Object.defineProperty(replacement, 'name', { value: name })
    // util.promisify(setTimeout) must keep its special meaning.
    const custom: unknown = Object.getOwnPropertyDescriptor(original[name], promisify.custom)?.get?.call(original[name])
    if (custom) Object.defineProperty(replacement, promisify.custom, { value: custom })
    Object.assign(timers, { [name]: replacement })
    Object.defineProperty(globalThis, name, {
      value: replacement,
      writable: true,
      configurable: true,
      enumerable: true,
    })
  }
  syncBuiltinESMExports()
}
