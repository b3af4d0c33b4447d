/**
 * The last argument of most calls is an object of options. A plain value in its place would be ignored without a word, as
 * `new Conv2d(1, 2, 3, 2)` would have stride 1, so every call with options checks them here.
 */
import { inspect } from 'node:util'
import { Tensor } from './tensor.js'

/**
 * The options themselves, or an empty object where there are none.
 * @param example an option of this call, as it is written
 * @throws TypeError when something else than an object of options stands in their place.
 */
export function assertOptions<T extends object>(name: string, options: T | undefined, example = 'option: value'): T {
  const given: unknown = options === undefined ? {} : options
  if (typeof given !== 'object' || given === null || Array.isArray(given) || given instanceof Tensor)
    throw new TypeError(
      `${name}: options must be an object such as { ${example} }, got ${shown(given)}; ` +
        'what PyTorch takes by position after the required arguments has a name here',
    )
  return given as T
}

const shown = (value: unknown): string =>
  value instanceof Tensor ? `a tensor of shape [${value.shape.join(', ')}]` : inspect(value, { depth: 0 })
