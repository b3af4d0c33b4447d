/** Labels and predictions as titles of images, right and wrong told apart. */
import type { ImagesOptions } from './images.js'
import { type NestedNumbers, toNumbers, toShaped } from './numbers.js'

/** Titles and verdicts from labels and predictions. */
export function judge(
  { labels, predictions, classes }: ImagesOptions,
  count: number,
): { titles: string[]; correct: boolean[] } {
  const named = (k: number): string => classes?.[k] ?? String(k)
  const right = labels === undefined ? undefined : toNumbers(labels, 'plot.images: labels')
  const guessed = predictions === undefined ? undefined : largest(predictions)
  for (const [what, values] of [
    ['labels', right],
    ['predictions', guessed],
  ] as const)
    if (values && values.length !== count)
      throw new RangeError(`plot.images: ${values.length} ${what} for ${count} images`)
  if (!guessed) return { titles: right ? Array.from(right, named) : [], correct: [] }
  if (!right) return { titles: Array.from(guessed, named), correct: [] }
  const correct = Array.from(guessed, (k, i) => k === right[i])
  return {
    titles: Array.from(guessed, (k, i) => (correct[i] ? named(k) : `${named(k)} (is ${named(right[i])})`)),
    correct,
  }
}

/** Classes as they are, or the positions of the largest scores. */
function largest(predictions: NestedNumbers): Float64Array {
  const { shape, data } = toShaped(predictions, 'plot.images: predictions')
  const [rows = 1, columns = 1] = shape
  if (shape.length !== 2 || columns === 1) return toNumbers(predictions, 'plot.images: predictions')
  return Float64Array.from({ length: rows }, (_, r) => {
    const scores = data.subarray(r * columns, (r + 1) * columns)
    return scores.reduce((best, score, k) => (score > scores[best] ? k : best), 0)
  })
}
