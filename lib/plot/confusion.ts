/** How a classifier mistakes one class for another. */
import type { Colormap } from './colors.js'
import type { Figure } from './figure.js'
import { heatmap } from './heatmap.js'
import type { ChartOptions } from './model.js'
import { type NestedNumbers, toShaped } from './numbers.js'

/** Settings of `confusionMatrix`. */
export interface ConfusionOptions extends ChartOptions {
  /** Names of the classes 0, 1, 2, …, or the labels themselves in the order wanted. Default: the labels, sorted. */
  labels?: readonly (string | number)[]
  /** Shares in place of counts: of each row ('true'), each column ('pred'), or of everything ('all'). Default: counts. */
  normalize?: 'true' | 'pred' | 'all' | boolean
  /** Default 'blues'. */
  colormap?: Colormap
}

/** Labels: a tensor or numbers [N], scores [N, classes] of which the largest counts, or names. */
export type LabelValues = NestedNumbers | readonly string[]

/**
 * The confusion matrix: rows are the true classes, columns the predicted ones, as sklearn.metrics.confusion_matrix. The title
 * names the accuracy unless another is given. Throws RangeError for lists of different lengths.
 * @example plot.confusionMatrix(labels, net.forward(images), { normalize: 'true' })
 */
export function confusionMatrix(yTrue: LabelValues, yPred: LabelValues, options: ConfusionOptions = {}): Figure {
  const { labels, normalize = false, colormap = 'blues', ...look } = options
  const wanted = labelsOf('yTrue', yTrue)
  const got = labelsOf('yPred', yPred)
  if (wanted.length !== got.length)
    throw new RangeError(`plot.confusionMatrix: yTrue has ${wanted.length} labels, yPred has ${got.length}`)
  const { classes, names } = classesOf(wanted, got, labels)
  const n = classes.length
  const counts = new Float64Array(n * n)
  const position = new Map(classes.map((label, i) => [label, i]))
  let right = 0
  wanted.forEach((label, k) => {
    const [row, column] = [position.get(label), position.get(got[k])]
    if (row === undefined || column === undefined)
      throw new RangeError(`plot.confusionMatrix: label ${row === undefined ? label : got[k]} is not among the classes`)
    counts[row * n + column]++
    if (row === column) right++
  })
  const shares = normalized(counts, n, normalize)
  const rows = Array.from({ length: n }, (_, r) => shares.subarray(r * n, (r + 1) * n))
  const percent = wanted.length === 0 ? '' : ` · accuracy ${((100 * right) / wanted.length).toFixed(1)} %`
  const size = Math.max(360, Math.min(680, 150 + n * 44))
  return heatmap(n === 0 ? [[NaN]] : rows, {
    title: `Confusion matrix${percent}`,
    xlabel: 'predicted',
    ylabel: 'true',
    width: size + 40,
    height: size,
    ...look,
    colormap,
    range: normalize ? [0, 1] : undefined,
    // An empty cell says "never" better than a page of zeros.
    annotate: n <= 40 && ((value) => (!(value > 0) ? '' : normalize ? value.toFixed(2) : String(value))),
    columns: n === 0 ? [''] : names,
    rows: n === 0 ? [''] : names,
  })
}

function labelsOf(what: string, values: LabelValues): string[] {
  if (Array.isArray(values) && values.some((value) => typeof value === 'string')) return values.map(String)
  const { shape, data } = toShaped(values, `plot.confusionMatrix: ${what}`)
  const [rows = 1, columns = 1] = shape
  if (shape.length === 2 && columns > 1)
    return Array.from({ length: rows }, (_, r) => {
      const scores = data.subarray(r * columns, (r + 1) * columns)
      return String(scores.indexOf(scores.reduce((most, score) => Math.max(most, score), -Infinity)))
    })
  if (shape.filter((size) => size !== 1).length > 1)
    throw new RangeError(
      `plot.confusionMatrix: ${what} has shape [${shape.join(', ')}]; labels [N] or scores [N, classes]`,
    )
  return Array.from(data, String)
}

/** The classes in order, and what they are called. */
function classesOf(
  wanted: readonly string[],
  got: readonly string[],
  labels: ConfusionOptions['labels'],
): { classes: string[]; names: string[] } {
  const found = [...new Set([...wanted, ...got])].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  if (!labels) return { classes: found, names: found }
  const names = labels.map(String)
  // Names stand for 0, 1, 2 … unless they are the labels themselves.
  if (found.every((label) => names.includes(label))) return { classes: names, names }
  return { classes: names.map((_, i) => String(i)), names }
}

function normalized(counts: Float64Array, n: number, by: ConfusionOptions['normalize']): Float64Array {
  if (by === false || by === undefined) return counts
  const sum = (pick: (i: number) => boolean): number => counts.reduce((s, c, i) => (pick(i) ? s + c : s), 0)
  const all = sum(() => true)
  const totals = Array.from({ length: n }, (_, k) =>
    by === 'all' ? all : by === 'pred' ? sum((i) => i % n === k) : sum((i) => Math.floor(i / n) === k),
  )
  return counts.map((c, i) => c / (totals[by === 'pred' ? i % n : Math.floor(i / n)] || 1))
}
