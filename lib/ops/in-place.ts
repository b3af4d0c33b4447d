/**
 * Changing a tensor in place while the graph stays right: the version goes up, so that formulas which saved the old values
 * notice, and the tensor continues as the result of the change. Changing a view changes the tensor that it is a view of.
 */
import { edgeOf, gradName, Node } from '../autograd/node.js'
import { isGradEnabled } from '../autograd/mode.js'
import { checkInterrupt, completely } from '../device/interrupt.js'
import { sameShape, show } from '../tensor/shape.js'
import { dtypeInfo } from '../tensor/dtype.js'
import { filledTensor, type Tensor } from '../tensor/tensor.js'
import { asStrided, asStridedScatter, geometryIn } from './strided.js'

/** Gradient formulas of an in-place change: for the tensor itself (`self`) and for its other inputs. */
export type InPlaceGradients = Readonly<Record<string, (dy: Tensor) => Tensor>>

/**
 * Runs `change`, which overwrites the memory of `x`, and records it.
 * Without a formula for `self` the old value does not matter to the result.
 * `saved` is what the formulas read besides dy; `savesResult` says that they read the changed x too.
 */
export function changeInPlace<T extends Tensor>(
  name: string,
  x: T,
  others: Readonly<Record<string, Tensor>>,
  change: () => void,
  gradients: InPlaceGradients,
  saved: readonly Tensor[] = [],
  savesResult = false,
): T {
  checkInterrupt()
  if (x.viewOf !== null && name !== 'fill_') assertSeparate(name, x)
  const recording = isGradEnabled() && (x.requiresGrad || Object.values(others).some((other) => other.requiresGrad))
  if (recording) assertChangeable(name, x)
  if (!recording) {
    completely(change)
    x.version.count++
    return x
  }
  const root = x.viewOf
  const node = root
    ? changeOfView(root, x, others, gradients, saved)
    : changeOfTensor(gradName(name.replace(/_$/, '')), x, others, gradients, saved)
  completely(change)
  x.version.count++
  x.version.recorded++
  if (savesResult) node.keep(x)
  const changed = root ?? x
  changed.gradFn = node
  changed.outputIndex = 0
  return x
}

/** The other operand of a change of `x`, copied when it is a different view of the memory that is about to change. */
export function separateOperand(x: Tensor, other: Tensor): Tensor {
  if (other.version !== x.version) return other
  const same = other.offset === x.offset && sameShape(other.shape, x.shape) && sameShape(other.strides, x.strides)
  return same ? other : other.clone()
}

/**
 * The index of a change of `x`. One that lies in the memory about to change would be overwritten while it is read: it is
 * refused where both are whole ranges of memory, and copied where they are only interwoven.
 */
export function separateIndex(name: string, x: Tensor, index: Tensor): Tensor {
  if (index.version !== x.version) return index
  const [a, b] = [memoryOf(x), memoryOf(index)]
  if (a.end <= b.start || b.end <= a.start) return index
  if (!a.dense || !b.dense) return index.clone()
  throw new Error(
    `${name}: the index of shape ${show(index.shape)} lies in the memory of the tensor of shape ${show(x.shape)} that is ` +
      'changed, and would change while it is read; call .clone() on the index',
  )
}

/** The bytes of a storage that a view reaches, and whether each of them is its own. */
function memoryOf(x: Tensor): { start: number; end: number; dense: boolean } {
  const { bytes } = dtypeInfo[x.dtype]
  const start = x.offset * bytes
  if (x.numel() === 0) return { start, end: start, dense: true }
  const shape: readonly number[] = x.shape
  const length = shape.reduce((sum, size, d) => sum + (size - 1) * x.strides[d], 1)
  const own = shape.reduce((count, size, d) => (x.strides[d] === 0 ? count : count * size), 1)
  return { start, end: start + length * bytes, dense: length === own }
}

function changeOfTensor(
  label: string,
  x: Tensor,
  others: Readonly<Record<string, Tensor>>,
  gradients: InPlaceGradients,
  saved: readonly Tensor[],
): Node {
  const inputs: Record<string, Tensor> = { self: x, ...others }
  const names = Object.keys(gradients)
  const edges = names.map((input) => edgeOf(inputs[input]))
  return new Node(
    label,
    edges,
    1,
    ([dy]) => names.map((input, i) => (dy && edges[i] ? gradients[input](dy) : null)),
    saved,
  )
}

/** The gradient of the whole is the same as after the change, except in the part that was changed. */
function changeOfView(
  root: Tensor,
  x: Tensor,
  others: Readonly<Record<string, Tensor>>,
  gradients: InPlaceGradients,
  saved: readonly Tensor[],
): Node {
  const geometry = geometryIn(root, x)
  const names = Object.keys(gradients).filter((input) => input !== 'self')
  const edges = [edgeOf(root), ...names.map((input) => edgeOf(others[input]))]
  const formula = ([dy]: readonly (Tensor | null)[]): (Tensor | null)[] => {
    if (!dy) return edges.map(() => null)
    const part = asStrided(dy, geometry)
    const before = (): Tensor => (gradients.self ? gradients.self(part) : filledTensor(part.dtype, part.shape, 0))
    return [
      edges[0] && asStridedScatter(dy, before(), geometry),
      ...names.map((input, i) => (edges[i + 1] ? gradients[input](part) : null)),
    ]
  }
  return new Node('CopySlices', edges, 1, formula, saved)
}

/** @throws when the graph is recorded and `x` is a leaf that takes part in it, or a view of one. */
export function assertRecordable(name: string, x: Tensor): void {
  if (isGradEnabled() && x.requiresGrad) assertChangeable(name, x)
}

function assertSeparate(name: string, x: Tensor): void {
  if (x.strides.some((stride, d) => stride === 0 && x.shape[d] > 1))
    throw new Error(
      `${name}: several elements of this expanded tensor of shape ${show(x.shape)} are the same memory; ` +
        'call .clone() before changing it in place',
    )
}

function assertChangeable(name: string, x: Tensor): void {
  const whole = x.viewOf ?? x
  // A view of a tensor without gradients may be made a leaf of its own.
  const root = x.isLeaf && x.requiresGrad ? x : whole
  if (root.isLeaf && root.requiresGrad)
    throw new Error(
      `${name}: ${root === x ? 'a leaf' : 'a view of a leaf'} that requires gradients cannot be changed in place while the graph is recorded; ` +
        'wrap the update in noGrad(() => …), or use the form without the underscore',
    )
  if (root.requiresGrad && !x.requiresGrad)
    throw new Error(
      `${name}: this view was made inside noGrad and cannot be changed in place while the graph is recorded; ` +
        'make the view outside of noGrad, or change it inside',
    )
}
