/** Line search for the strong Wolfe conditions: how far to go along a direction. */
import type { Tensor } from '../tensor/tensor.js'

/** The objective at one place of the line. */
export interface LinePoint {
  /** Position along the direction. */
  readonly t: number
  readonly loss: number
  /** Derivative of the loss along the direction. */
  readonly slope: number
  readonly grad: Tensor
}

/** Settings of the line search. */
export interface LineSearchOptions {
  /** The loss must fall by this part of what the slope at the start promises. */
  c1: number
  /** The slope must shrink to this part of the slope at the start. */
  c2: number
  /** Stop when the bracket, times the largest element of the direction, is shorter than this. */
  toleranceChange: number
  /** Largest element of the direction. */
  directionSize: number
  /** Evaluations after the first. */
  maxEvaluations: number
}

/**
 * Finds a point with loss ≤ start.loss + c1·t·slope₀ and |slope| ≤ c2·|slope₀|: steps outward until such a point or a
 * bracket around one is found, then narrows the bracket by cubic interpolation. When evaluations run out, the best
 * point so far. Nocedal & Wright 2006, algorithms 3.5 and 3.6, with the safeguards that torch.optim.LBFGS has.
 */
export function strongWolfe(
  evaluate: (t: number) => LinePoint,
  start: LinePoint,
  firstStep: number,
  options: LineSearchOptions,
): { point: LinePoint; evaluations: number } {
  const { c1, c2, maxEvaluations } = options
  const flat = (point: LinePoint): boolean => Math.abs(point.slope) <= -c2 * start.slope
  // A loss that is not a number is too high as well.
  const tooHigh = (point: LinePoint): boolean => !(point.loss <= start.loss + c1 * point.t * start.slope)

  let previous = start
  let current = evaluate(firstStep)
  let rounds = 0
  let bracket: [LinePoint, LinePoint] | undefined
  for (; rounds < maxEvaluations; rounds++) {
    if (tooHigh(current) || (rounds > 1 && current.loss >= previous.loss)) bracket = [previous, current]
    else if (flat(current)) return { point: current, evaluations: rounds + 1 }
    else if (current.slope >= 0) bracket = [previous, current]
    if (bracket) break
    const nearest = current.t + 0.01 * (current.t - previous.t)
    const next = cubicMinimum(previous, current, nearest, 10 * current.t)
    previous = current
    current = evaluate(next)
  }
  if (!bracket) return { point: [start, current][lowerOf([start, current])], evaluations: rounds + 1 }
  return narrow(evaluate, bracket, { flat, tooHigh }, rounds, options)
}

function narrow(
  evaluate: (t: number) => LinePoint,
  [first, second]: [LinePoint, LinePoint],
  accept: { flat(point: LinePoint): boolean; tooHigh(point: LinePoint): boolean },
  roundsBefore: number,
  { toleranceChange, directionSize, maxEvaluations }: LineSearchOptions,
): { point: LinePoint; evaluations: number } {
  const ends: [LinePoint, LinePoint] = [first, second]
  let low: 0 | 1 = lowerOf(ends)
  let rounds = roundsBefore
  let stuck = false
  while (rounds < maxEvaluations && Math.abs(ends[1].t - ends[0].t) * directionSize >= toleranceChange) {
    const high = low === 0 ? 1 : 0
    const [left, right] = [Math.min(ends[0].t, ends[1].t), Math.max(ends[0].t, ends[1].t)]
    let t = cubicMinimum(ends[0], ends[1], left, right)
    // A trial near the border twice in a row, or on it, gains little: move it a tenth of the way inward.
    const margin = 0.1 * (right - left)
    if (Math.min(right - t, t - left) < margin) {
      if (stuck || t >= right || t <= left) {
        t = Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin
        stuck = false
      } else stuck = true
    } else stuck = false

    const trial = evaluate(t)
    rounds++
    if (accept.tooHigh(trial) || trial.loss >= ends[low].loss) {
      ends[high] = trial
      low = lowerOf(ends)
    } else {
      if (accept.flat(trial)) return { point: trial, evaluations: rounds + 1 }
      if (trial.slope * (ends[high].t - ends[low].t) >= 0) ends[high] = ends[low]
      ends[low] = trial
    }
  }
  return { point: ends[low], evaluations: rounds + 1 }
}

/** Which end has the lower loss; the first on a tie, and never one that is not a number. */
function lowerOf([a, b]: readonly [LinePoint, LinePoint]): 0 | 1 {
  return a.loss <= b.loss || Number.isNaN(b.loss) ? 0 : 1
}

/** Where the cubic through two points with these losses and slopes is lowest, kept within bounds; the middle if nowhere. */
function cubicMinimum(a: LinePoint, b: LinePoint, low: number, high: number): number {
  const [left, right] = a.t <= b.t ? [a, b] : [b, a]
  const d1 = left.slope + right.slope - (3 * (left.loss - right.loss)) / (left.t - right.t)
  const d2 = Math.sqrt(d1 * d1 - left.slope * right.slope)
  const t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2))
  return Number.isFinite(t) ? Math.min(Math.max(t, low), high) : (low + high) / 2
}
