/** The gap that an exercise leaves for its reader: a value that says what to do as soon as it is used. */
import { inspect } from 'node:util'

/** Thrown where a gap is used as if it were filled. */
export class GapError extends Error {
  constructor() {
    super('there is still a gap here: fill in the place marked ___ with your own code, then run the cell again')
    this.name = 'GapError'
  }
}

/** What may be asked of any value without meaning to use it: printing, awaiting, converting to JSON. */
const harmless: ReadonlySet<PropertyKey> = new Set<PropertyKey>([
  inspect.custom,
  Symbol.toStringTag,
  'constructor',
  'then',
  'toJSON',
])

const printed = '___ (a gap to fill in)'
const body = Object.defineProperty(() => undefined, inspect.custom, { value: () => printed })

const refuse = (): never => {
  throw new GapError()
}

/** Fits everywhere, as a hole in a sentence does: the type checker lets the cell run, and the run says what is missing. */
export type Gap = ReturnType<typeof JSON.parse>

/**
 * A gap in an exercise: `const rate = ___`. Every use throws an error that says to fill it in; `check.…` only reminds of it, so
 * that a notebook with open exercises runs to its end.
 * @example const area = (r: number) => ___
 */
export const ___: Gap = new Proxy(body, {
  get: (target, key) => (harmless.has(key) ? (Reflect.get(target, key) as unknown) : refuse()),
  apply: refuse,
  construct: refuse,
  set: refuse,
  has: refuse,
}) as Gap

/** Whether an error comes of a gap: its own, or that of a function that was given one and printed it. */
export function isGapError(error: unknown): boolean {
  return error instanceof GapError || (error instanceof Error && error.message.includes(printed))
}
