/** What a classifier says everywhere in the plane, and the points that it learned from. */
import { noGrad } from '../autograd/mode.js'
import { evaluating } from '../nn/evaluating.js'
import type { Module } from '../nn/module.js'
import { tensor } from '../ops/creation.js'
import { isFloating } from '../tensor/dtype.js'
import { Tensor } from '../tensor/tensor.js'
import { lighten, seriesColor } from './colors.js'
import { type Figure, chart } from './figure.js'
import { checkSpan, spaced } from './grid-values.js'
import type { ChartOptions, ContourTrace, HeatmapTrace, ScatterTrace, Trace } from './model.js'
import { type NestedNumbers, type Numbers, type Scalar, toMatrix, toNumbers, toScalar, toShaped } from './numbers.js'
import { extentOf } from './scale.js'

/** A fitted model of `classic`, or anything like it. */
export interface Estimator {
  /** Labels [N] for points [N, 2]. */
  predict(x: Tensor): Tensor
  /** One score for each point, above 0 for the second class. */
  decisionFunction?(x: Tensor): Tensor
  readonly supportVectors?: Tensor
  /** The labels in ascending order. */
  readonly classes?: readonly number[]
}

/** Settings of `decisionBoundary`. */
export interface DecisionOptions extends ChartOptions {
  /** Names of the classes, in ascending order of their labels. */
  labels?: readonly (string | number)[]
  /** Region drawn; default: the points with some room. */
  x?: readonly [number, number]
  y?: readonly [number, number]
  /** Points of the grid along each axis. Default 100. */
  resolution?: number
  /**
   * For models with one output: above it a point is of the second class. Default: ½ when all outputs lie in 0 … 1, else 0.
   */
  threshold?: number
  /** Rows of X to mark with a ring; default: the model's support vectors, if it has any. */
  support?: Numbers
  /** For machines with a decision function: dashed lines where it is −1 and +1. Default: drawn when there are support vectors. */
  margins?: boolean
}

/** What is drawn as regions: an estimator, a module, or a function of tensors [N, 2] or of two numbers. */
export type Classifier = Estimator | Module | ((x: Tensor) => Tensor) | ((x: number, y: number) => Scalar)

/** What the model says at many points. */
interface Answers {
  /** One label for each point. */
  readonly labels: Float64Array
  /** For two classes: a number that passes `threshold` where one becomes the other. */
  readonly scores?: Float64Array
  readonly threshold: number
}

/**
 * The regions in which a classifier predicts each class, with the points X [N, 2] coloured by their labels y [N]. The model is
 * a fitted estimator (`predict`, and `decisionFunction` where it has one), a module or a function that gives labels [N], scores
 * [N, classes] or one score [N] or [N, 1] for each of the points [N, 2], or a function of two numbers.
 * Throws RangeError unless the points have two coordinates.
 * @example plot.decisionBoundary(new classic.SVM().fit(x, y), x, y, { title: 'Two moons' })
 */
export function decisionBoundary(
  model: Estimator | Module | ((x: Tensor) => Tensor),
  X: NestedNumbers,
  y: Numbers,
  options?: DecisionOptions,
): Figure
export function decisionBoundary(
  model: (x: number, y: number) => Scalar,
  X: NestedNumbers,
  y: Numbers,
  options?: DecisionOptions,
): Figure
export function decisionBoundary(
  model: Classifier,
  X: NestedNumbers,
  y: Numbers,
  options: DecisionOptions = {},
): Figure {
  const who = 'plot.decisionBoundary'
  const { data, rows, columns, shape } = toMatrix(X, `${who}: X`)
  if (columns !== 2) throw new RangeError(`${who}: X has shape [${shape.join(', ')}]; points [N, 2] are expected`)
  const targets = toNumbers(y, `${who}: y`)
  if (targets.length !== rows) throw new RangeError(`${who}: ${targets.length} labels for ${rows} points`)
  const { resolution = 100 } = options
  if (!Number.isInteger(resolution) || resolution < 2 || resolution > 1000)
    throw new RangeError(`${who}: resolution is ${resolution}; a whole number from 2 to 1000 is expected`)
  const across = data.filter((_, i) => i % 2 === 0)
  const up = data.filter((_, i) => i % 2 === 1)
  const gridX = spaced(spanOf(`${who}: x`, options.x, across), resolution)
  const gridY = spaced(spanOf(`${who}: y`, options.y, up), resolution)
  const answers = ask(who, model, gridX, gridY, options.threshold)
  const classes = [...new Set([...targets, ...answers.labels])].filter(Number.isFinite).sort((a, b) => a - b)
  const names = classes.map((label, i) => String(options.labels?.[i] ?? `class ${label}`))
  const support = supportRows(who, model, options.support, across, up)
  const traces: Trace[] = [
    regions(answers.labels, classes, gridX, gridY),
    ...boundaries(answers, gridX, gridY, options.margins ?? (support.x.length > 0 && hasDecision(model))),
    ...classes.map((label, i): ScatterTrace => {
      const of = (values: Float64Array): Float64Array => values.filter((_, k) => targets[k] === label)
      return {
        kind: 'scatter',
        name: names[i],
        x: of(across),
        y: of(up),
        size: 7,
        color: seriesColor(i),
        opacity: 0.95,
      }
    }),
  ]
  if (support.x.length > 0)
    traces.push({
      kind: 'scatter',
      name: 'support vectors',
      ...support,
      size: 13,
      symbol: 'ring',
      color: '#111827',
      opacity: 1,
    })
  return chart(
    traces,
    { xlabel: 'x₁', ylabel: 'x₂', legend: true, ...options },
    {
      x: { limits: [gridX[0], gridX[resolution - 1]] },
      y: { limits: [gridY[0], gridY[resolution - 1]] },
    },
  )
}

function spanOf(what: string, given: readonly [number, number] | undefined, values: Float64Array): [number, number] {
  checkSpan(what, given)
  if (given) return [given[0], given[1]]
  const [low, high] = extentOf([values])
  if (!(high > low)) return Number.isNaN(low) ? [-1, 1] : [low - 1, low + 1]
  const room = (high - low) * 0.12
  return [low - room, high + room]
}

/** The classes as light colours, each cell around its point. */
function regions(labels: Float64Array, classes: readonly number[], x: Float64Array, y: Float64Array): HeatmapTrace {
  const position = new Map(classes.map((label, i) => [label, i]))
  const colors = classes.map((_, i) => lighten(seriesColor(i), 0.68))
  const edges = (places: Float64Array): [number, number] => {
    const half = (places[1] - places[0]) / 2
    return [places[0] - half, places[places.length - 1] + half]
  }
  return {
    kind: 'heatmap',
    rows: y.length,
    columns: x.length,
    values: labels.map((label) => position.get(label) ?? NaN),
    xEdges: edges(x),
    yEdges: edges(y),
    colormap: colors.length > 1 ? colors : ['#eef2f7', '#eef2f7'],
    range: [0, Math.max(1, classes.length - 1)],
    colorbar: false,
  }
}

/** The line between two classes where a score passes its threshold, and the margins beside it. */
function boundaries(
  { scores, threshold }: Answers,
  x: Float64Array,
  y: Float64Array,
  margins: boolean,
): ContourTrace[] {
  if (!scores) return []
  const line = (levels: number[], dash: 'solid' | 'dash', lineWidth: number): ContourTrace => ({
    kind: 'contour',
    rows: y.length,
    columns: x.length,
    values: scores,
    x,
    y,
    levels,
    filled: false,
    colormap: 'gray',
    colorbar: false,
    color: '#374151',
    dash,
    lineWidth,
  })
  const middle = line([threshold], 'solid', 1.8)
  return margins ? [middle, line([threshold - 1, threshold + 1], 'dash', 1.2)] : [middle]
}

function ask(who: string, model: Classifier, x: Float64Array, y: Float64Array, threshold?: number): Answers {
  const n = x.length * y.length
  if (typeof model === 'function' && model.length >= 2) {
    const f = model as (x: number, y: number) => Scalar
    const outputs = Float64Array.from({ length: n }, (_, i) =>
      toScalar(f(x[i % x.length], y[Math.floor(i / x.length)]), `${who}: the function's result`),
    )
    return fromOne(outputs, outputs.every(Number.isInteger), threshold)
  }
  const points = tensor(
    Float32Array.from({ length: 2 * n }, (_, i) =>
      i % 2 === 0 ? x[(i >> 1) % x.length] : y[Math.floor((i >> 1) / x.length)],
    ),
  ).view(n, 2)
  if (isEstimator(model)) {
    // Two classes are told apart by the sign of the score: one pass instead of two.
    const [first, second] = model.classes ?? []
    if (hasDecision(model) && model.classes?.length === 2) {
      const scores = toNumbers(model.decisionFunction?.(points), `${who}: decisionFunction's result`)
      if (scores.length === n) return { labels: scores.map((s) => (s > 0 ? second : first)), scores, threshold: 0 }
    }
    return { labels: toNumbers(model.predict(points), `${who}: predict's result`), threshold: 0 }
  }
  const output: unknown =
    typeof model === 'function'
      ? noGrad(() => (model as (x: Tensor) => Tensor)(points))
      : evaluating(model, () => (model.forward as (x: Tensor) => unknown)(points))
  if (!(output instanceof Tensor)) throw new TypeError(`${who}: the model gives no tensor`)
  const { shape, data } = toShaped(output, `${who}: the model's output`)
  const columns = data.length / n
  if (shape[0] !== n || !Number.isInteger(columns) || columns === 0)
    throw new RangeError(
      `${who}: the model gives shape [${shape.join(', ')}] for points [${n}, 2]; labels [N] or scores [N, classes] are expected`,
    )
  if (columns === 1) return fromOne(data, !isFloating(output.dtype), threshold)
  const row = (i: number): Float64Array => data.subarray(i * columns, (i + 1) * columns)
  const labels = Float64Array.from({ length: n }, (_, i) => row(i).indexOf(Math.max(...row(i))))
  const difference = columns === 2 ? Float64Array.from({ length: n }, (_, i) => row(i)[1] - row(i)[0]) : undefined
  return { labels, scores: difference, threshold: 0 }
}

/** A single output is a label when it is whole, else a score. */
function fromOne(outputs: Float64Array, whole: boolean, given: number | undefined): Answers {
  if (whole && given === undefined) return { labels: outputs, threshold: 0 }
  const threshold = given ?? (outputs.every((v) => !(v < 0 || v > 1)) ? 0.5 : 0)
  return { labels: outputs.map((v) => (Number.isNaN(v) ? NaN : v > threshold ? 1 : 0)), scores: outputs, threshold }
}

function isEstimator(model: Classifier): model is Estimator {
  return typeof (model as Partial<Estimator>).predict === 'function'
}

function hasDecision(model: Classifier): boolean {
  return isEstimator(model) && typeof model.decisionFunction === 'function'
}

function supportRows(
  who: string,
  model: Classifier,
  given: Numbers | undefined,
  x: Float64Array,
  y: Float64Array,
): { x: Float64Array; y: Float64Array } {
  if (given) {
    const rows = toNumbers(given, `${who}: support`)
    return { x: rows.map((row) => x[row]), y: rows.map((row) => y[row]) }
  }
  const vectors = isEstimator(model) ? model.supportVectors : undefined
  if (!vectors) return { x: new Float64Array(), y: new Float64Array() }
  const { data } = toMatrix(vectors, `${who}: supportVectors`)
  return { x: data.filter((_, i) => i % 2 === 0), y: data.filter((_, i) => i % 2 === 1) }
}
