/**
 * The last argument of most calls is an object of options. JavaScript would ignore a plain value in its place, and a name
 * that is misspelt (`{ keepDim: true }`), without a word; so every call declares its options once, with their defaults, and
 * reads them here. The compiler sees to it that the declaration lists them all. Without options nothing is looked up.
 *
 * Some optional arguments may stand by position or by name: split(x, 2, 1) and split(x, 2, { dim: 1 }) mean the same, as
 * they do with PyTorch's keywords. Functions say so in their types with OrNamed and read their arguments with `named`.
 */
import { inspect } from 'node:util'
import { Tensor } from './tensor.js'

/** A value for every option that O has; undefined where there is no default. */
export type Defaults<O extends object> = { readonly [K in keyof Required<O>]: O[K & keyof O] | undefined }

/** Options of which those with a default are always there. */
export type Filled<O extends object, D> = {
  [K in keyof Required<O>]: K extends keyof D
    ? undefined extends D[K]
      ? O[K & keyof O]
      : Exclude<O[K & keyof O], undefined>
    : O[K & keyof O]
}

/** Whether an argument is an object of options rather than a value. */
export function isOptions<T>(value: T): value is Exclude<T & object, Tensor | readonly unknown[]> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Tensor)
}

/**
 * The options of a call, with defaults for those that are left out or undefined.
 * @throws TypeError when something else than an object of options stands in their place, or one has another name.
 */
export function readOptions<O extends object, const D extends Defaults<O>>(
  caller: string,
  given: O | undefined,
  defaults: D,
): Filled<O, D> {
  if (given === undefined) return defaults as unknown as Filled<O, D>
  checkOptions(caller, given, defaults)
  const filled: Record<string, unknown> = { ...defaults }
  for (const key in given) if (given[key] !== undefined) filled[key] = given[key]
  return filled as Filled<O, D>
}

/**
 * The options of a call whose first ones, `names`, may also stand by position: x.sum(1, { keepdim: true }) and
 * x.sum({ dim: 1, keepdim: true }). `given` are the arguments in order, the options themselves among them.
 * @throws as readOptions does.
 */
export function readCall<O extends object, const D extends Defaults<O>>(
  caller: string,
  names: readonly (keyof O & string)[],
  given: readonly unknown[],
  defaults: D,
): Filled<O, D> {
  // Loops rather than callbacks: small ops spend a good part of their time here.
  let at = 0
  while (at < given.length && !isOptions(given[at])) at++
  const filled: Record<string, unknown> = { ...readOptions<O, D>(caller, given[at] as O | undefined, defaults) }
  for (let i = 0; i < given.length; i++) {
    if (given[i] === undefined || i === at) continue
    if (i >= names.length || i > at) checkOptions(caller, given[i] as object, defaults)
    else filled[names[i]] = given[i]
  }
  return filled as Filled<O, D>
}

/**
 * Checks options that are used as they are given; `known` holds their names as keys.
 * @throws as readOptions does.
 */
export function checkOptions(caller: string, given: object, known: object): void {
  if (!isOptions<unknown>(given))
    throw new TypeError(
      `${caller}: options must be an object such as { ${example(known)} }, got ${shown(given)}; ` +
        'what PyTorch takes by position after the required arguments has a name here',
    )
  for (const key in given) if (!(key in known)) throw unknownOption(caller, key, Object.keys(known))
}

/** The first option with its default: a call needs no more to be understood. */
function example(known: object): string {
  const [[key, value]] = Object.entries(known)
  return `${key}: ${value === undefined || value === null ? '…' : inspect(value, { depth: 0 })}`
}

/** The error for an option that a call does not know. */
export function unknownOption(caller: string, key: string, known: readonly string[]): TypeError {
  const nearest = nearestName(key, known)
  return new TypeError(
    `${caller}: unknown option '${key}'${nearest ? `, did you mean '${nearest}'?` : ';'} known here: ${known.join(', ')}`,
  )
}

/** @internal The name that is meant, when one differs in little: PyTorch's underscores, capitals, a letter or two. */
export function nearestName(key: string, known: readonly string[]): string | undefined {
  const plain = (name: string): string => name.replaceAll('_', '').toLowerCase()
  const scored = known.map((name) => ({ name, distance: editDistance(plain(key), plain(name)) }))
  const [best] = scored.sort((a, b) => a.distance - b.distance)
  return scored.length > 0 && best.distance <= Math.min(2, key.length / 3) ? best.name : undefined
}

/** Letters to insert, delete or replace (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]
}

/** A value as messages show it. */
export const shown = (value: unknown): string =>
  value instanceof Tensor ? `a tensor of shape [${value.shape.join(', ')}]` : inspect(value, { depth: 0 })

/** A list, such as of tensors or sizes. @throws TypeError for anything else; names are for optional arguments alone. */
export function assertList(caller: string, what: string, value: unknown): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${caller}: ${what} must be a list, got ${shown(value)}${hint(value)}`)
}

/** Sizes and counts by their names. @throws RangeError unless they are integers of at least `least`. */
export function assertIntegers(caller: string, values: Readonly<Record<string, unknown>>, least: 0 | 1): void {
  for (const [what, value] of Object.entries(values))
    if (!Number.isInteger(value) || (value as number) < least)
      throw new RangeError(
        `${caller}: ${what} must be a ${least === 0 ? 'non-negative' : 'positive'} integer, got ${shown(value)}${hint(value)}`,
      )
}

/** What to say of an object in the place of a required argument. */
export const hint = (value: unknown): string =>
  isOptions(value) ? '; required arguments stand by position, only optional ones have names' : ''

/** A value, or an object that holds it under its name. */
export type OrNamed<Name extends string, Value> = Value | { readonly [N in Name]?: Value }

/**
 * The values of optional arguments, in the order of `names`. An object in the place of one stands for it and all after it.
 * @throws TypeError for a name that is not among them.
 */
export function namedAll<Values extends readonly unknown[]>(
  caller: string,
  names: { readonly [I in keyof Values]: string },
  given: { readonly [I in keyof Values]: unknown },
): { [I in keyof Values]: Values[I] | undefined } {
  type Found = { [I in keyof Values]: Values[I] | undefined }
  const at = given.findIndex(isOptions)
  if (at < 0) return given
  const options = given[at] as Readonly<Record<string, unknown>>
  for (const key of Object.keys(options))
    if (!names.includes(key, at)) throw unknownOption(caller, key, names.slice(at))
  return names.map((name, i) => (i < at ? given[i] : options[name])) as Found
}

/** The value of one optional argument that may be given by name. */
export function named<Value>(
  caller: string,
  name: string,
  given: OrNamed<string, Value> | undefined,
): Value | undefined {
  return namedAll<[Value]>(caller, [name], [given])[0]
}
