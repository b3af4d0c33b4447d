/**
 * Optional arguments by position or by name: split(x, 2, 1) and split(x, 2, { dim: 1 }) mean the same, as they do with
 * PyTorch's keywords. Functions say so in their types with OrNamed and read their arguments with `named`.
 */
import { Tensor } from '../tensor/tensor.js'

/** A value, or an object that holds it under its name. */
export type OrNamed<Name extends string, Value> = Value | { readonly [N in Name]?: Value }

/** Whether an argument is an object of options rather than a value. */
export function isOptions<T>(value: T): value is Exclude<T & object, Tensor | readonly unknown[]> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Tensor)
}

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
    if (!names.includes(key, at))
      throw new TypeError(`${caller}: unknown option '${key}'; known here: ${names.slice(at).join(', ')}`)
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
