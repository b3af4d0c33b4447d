/** Parts of a data set, for training and for testing. */
import { randperm } from '../ops/random.js'
import { Subset, type Dataset } from './dataset.js'
import type { DrawingOptions } from './samplers.js'

/**
 * Parts of a data set at random, without overlap (torch.utils.data.random_split): of the given lengths, or, when they add up
 * to 1, of these fractions of it, rounded down; what is left goes one each to the first parts.
 * @example const [train, valid] = data.randomSplit(digits, [0.9, 0.1])
 * @throws RangeError when the lengths do not add up to the data set's.
 */
export function randomSplit<Sample>(
  dataset: Dataset<Sample>,
  lengths: readonly number[],
  { generator }: DrawingOptions = {},
): Subset<Sample>[] {
  const sizes = asCounts(dataset.length, lengths)
  const total = sizes.reduce((a, b) => a + b, 0)
  if (total !== dataset.length || !sizes.every((size) => Number.isInteger(size) && size >= 0))
    throw new RangeError(
      `randomSplit: the lengths ${lengths.join(' + ')} make ${total}, the data set has ${dataset.length} samples; give lengths that add up to it, or fractions that add up to 1`,
    )
  const order = Array.from(randperm(total, { generator }).toTypedArray(), Number)
  let from = 0
  return sizes.map((size) => new Subset(dataset, order.slice(from, (from += size))))
}

function asCounts(length: number, lengths: readonly number[]): number[] {
  const sum = lengths.reduce((a, b) => a + b, 0)
  // Fractions such as 0.7, 0.2 and 0.1 add up to a little less than 1; above 1 they are refused.
  if (!(sum <= 1 && Math.abs(sum - 1) <= 1e-9)) return [...lengths]
  const bad = lengths.findIndex((fraction) => fraction < 0 || fraction > 1)
  if (bad >= 0) throw new RangeError(`randomSplit: fraction ${bad} is ${lengths[bad]}, it must lie between 0 and 1`)
  const counts = lengths.map((fraction) => Math.floor(length * fraction))
  const rest = length - counts.reduce((a, b) => a + b, 0)
  for (let i = 0; i < rest; i++) counts[i % counts.length]++
  return counts
}
