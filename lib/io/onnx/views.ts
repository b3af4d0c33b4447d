/**
 * Views as ONNX operators. A view is sizes, strides and an offset on memory that holds a value in row-major order; ONNX has
 * no strides, so it is said by Reshape, Slice, Transpose and Expand. Where these cannot say it (overlapping windows), Gather
 * picks the elements by their positions.
 */
import { contiguousStrides, isContiguous, numel, sameShape, type Shape } from '../../tensor/shape.js'
import type { Graph } from './graph.js'

export interface Value {
  readonly name: string
  /** Sizes of the value, row-major. */
  readonly shape: Shape
}

export interface View {
  readonly shape: Shape
  readonly strides: Shape
  readonly offset: number
}

/** Where a view's elements lie in a value: one axis for each of its dimensions that move. */
interface Placement {
  /** Dimensions of the view that have more than one element and move, in the view's order, with their axes. */
  readonly axes: readonly { dim: number; axis: number }[]
  /** First position on every axis of the value, and how many. */
  readonly starts: readonly number[]
  readonly counts: readonly number[]
}

/** The view as a value; expanded dimensions stay of size 1 when `broadcast`, for operators that expand by themselves. */
export function viewOf(graph: Graph, base: Value, view: View, broadcast: boolean): Value {
  if (numel(view.shape) === numel(base.shape) && view.offset === 0 && isContiguous(view.shape, view.strides))
    return reshaped(graph, base, view.shape)
  const placed = place(base.shape, view)
  const [from, placement] = placed ? [base, placed] : refactored(graph, base, view)
  if (!placement) return gathered(graph, base, view)

  let value = from
  const cut = placement.counts.flatMap((count, axis) => (count < from.shape[axis] ? [axis] : []))
  if (cut.length > 0) {
    const starts = cut.map((axis) => placement.starts[axis])
    const ends = cut.map((axis) => placement.starts[axis] + placement.counts[axis])
    const inputs = [value.name, graph.ints(starts, 'starts'), graph.ints(ends, 'ends'), graph.ints(cut, 'axes')]
    value = { name: graph.node('Slice', inputs), shape: placement.counts }
  }
  // The axes that are kept come in the view's order, those of size 1 after them.
  const kept = placement.axes.map(({ axis }) => axis)
  const order = [...kept, ...value.shape.map((_, axis) => axis).filter((axis) => !kept.includes(axis))]
  // Where axes of size 1 stand makes no difference to the elements' order.
  const moving = order.filter((axis) => value.shape[axis] > 1)
  if (moving.some((axis, i) => i > 0 && axis < moving[i - 1]))
    value = {
      name: graph.node('Transpose', [value.name], { perm: order }),
      shape: order.map((axis) => value.shape[axis]),
    }

  const narrow = view.shape.map((size, d) => (view.strides[d] === 0 ? 1 : size))
  value = reshaped(graph, value, narrow)
  if (broadcast || sameShape(narrow, view.shape)) return value
  return { name: graph.node('Expand', [value.name, graph.ints(view.shape)]), shape: view.shape }
}

/** The value with other sizes. */
export function reshaped(graph: Graph, value: Value, shape: Shape): Value {
  if (sameShape(value.shape, shape)) return value
  return { name: graph.node('Reshape', [value.name, graph.ints(shape)]), shape }
}

/** Finds an axis with the same stride for each dimension; undefined when there is none. */
function place(shape: Shape, { shape: sizes, strides, offset }: View): Placement | undefined {
  const steps = contiguousStrides(shape)
  const starts = steps.map((step, axis) => (shape[axis] > 1 ? Math.floor(offset / step) % shape[axis] : 0))
  if (starts.reduce((sum, start, axis) => sum + start * steps[axis], 0) !== offset) return undefined
  const counts = shape.map(() => 1)
  const axes: { dim: number; axis: number }[] = []
  for (const [dim, size] of sizes.entries()) {
    if (size === 1 || strides[dim] === 0) continue
    const axis = steps.findIndex((step, a) => step === strides[dim] && shape[a] > 1 && counts[a] === 1)
    if (axis < 0 || starts[axis] + size > shape[axis]) return undefined
    counts[axis] = size
    axes.push({ dim, axis })
  }
  return { axes, starts, counts }
}

/** The value reshaped so that there is an axis for each of the view's strides, if that is possible. */
function refactored(graph: Graph, base: Value, view: View): [Value, Placement | undefined] {
  const strides = view.strides.filter((stride, d) => stride > 0 && view.shape[d] > 1).sort((a, b) => b - a)
  const factors: number[] = []
  let rest = numel(base.shape)
  for (const stride of [...strides, 1]) {
    if (rest % stride !== 0) return [base, undefined]
    factors.push(rest / stride)
    rest = stride
  }
  const shape = factors.filter((size, i) => size > 1 || i === 0)
  const placement = place(shape, view)
  return placement ? [reshaped(graph, base, shape), placement] : [base, undefined]
}

/** The elements by their positions. */
function gathered(graph: Graph, base: Value, { shape, strides, offset }: View): Value {
  const positions = Array.from({ length: numel(shape) }, (_, i) => {
    let rest = i
    let position = offset
    for (let d = shape.length - 1; d >= 0; d--) {
      position += (rest % shape[d]) * strides[d]
      rest = Math.floor(rest / shape[d])
    }
    return position
  })
  const flat = reshaped(graph, base, [numel(base.shape)])
  const picked = graph.node('Gather', [flat.name, graph.ints(positions, 'positions')], { axis: 0 })
  return reshaped(graph, { name: picked, shape: [numel(shape)] }, shape)
}
