/**
 * Whole derivatives of functions (torch.autograd.functional): Jacobian and Hessian matrices, and products of them with
 * vectors, which cost no more than a few passes.
 */
import { addon } from '../device/addon.js'
import { filledTensor, Tensor, viewTensor } from '../tensor/tensor.js'
import { sameShape, show, type Shape } from '../tensor/shape.js'
import { gradients } from './engine.js'
import { withGrad } from './mode.js'

type Inputs = Tensor | readonly Tensor[]

/** One tensor for one input, an array for an array of inputs. */
type Like<I extends Inputs> = I extends Tensor ? Tensor : Tensor[]

const list = (tensors: Inputs): readonly Tensor[] => (tensors instanceof Tensor ? [tensors] : tensors)
const zeros = (like: Tensor): Tensor => filledTensor(like.dtype, like.shape, 0)
const shaped = <I extends Inputs>(inputs: I, values: Tensor[]): Like<I> =>
  (inputs instanceof Tensor ? values[0] : values) as Like<I>

/** Leaves with the values of the inputs, and what the function makes of them. */
function evaluate(name: string, f: (...inputs: Tensor[]) => Tensor, inputs: Inputs): { leaves: Tensor[]; y: Tensor } {
  const leaves = list(inputs).map((input) => input.detach().requiresGrad_())
  const y = withGrad(true, () => f(...leaves))
  if (!(y instanceof Tensor)) throw new TypeError(`${name}: the function must return a tensor`)
  return { leaves, y }
}

function assertNumber(name: string, y: Tensor): void {
  if (y.numel() !== 1)
    throw new Error(`${name}: the function must return a single number, it returned ${show(y.shape)}`)
}

/** Gradients by the leaves; zeros where there is no way. */
function pull(y: Tensor, leaves: readonly Tensor[], v: Tensor, createGraph = false): Tensor[] {
  if (!y.requiresGrad) return leaves.map(zeros)
  const found = withGrad(true, () => gradients([y], leaves, [v], { createGraph, retainGraph: true }))
  return found.map((grad, i) => grad ?? zeros(leaves[i]))
}

function one(like: Tensor): Tensor {
  return filledTensor(like.dtype, like.shape, 1)
}

/** All derivatives of y's elements by the leaves: for each leaf a tensor of y's sizes followed by the leaf's. */
function rows(y: Tensor, leaves: readonly Tensor[]): Tensor[] {
  const count = y.numel()
  const matrices = leaves.map((leaf) => filledTensor(leaf.dtype, [...y.shape, ...leaf.shape] as Shape, 0))
  for (let i = 0; i < count; i++) {
    const v = filledTensor(y.dtype, y.shape, 0)
    addon().fill(viewTensor(v, [], [], i).handle, 1)
    pull(y, leaves, v).forEach((grad, k) => {
      const { shape, strides } = leaves[k].contiguous()
      addon().copy(viewTensor(matrices[k], shape, strides, i * leaves[k].numel()).handle, grad.handle)
    })
  }
  return matrices
}

function assertVectors(name: string, vectors: readonly Tensor[], like: readonly Tensor[]): void {
  if (vectors.length !== like.length || vectors.some((v, i) => !sameShape(v.shape, like[i].shape)))
    throw new Error(
      `${name}: v must have the shapes ${like.map((t) => show(t.shape)).join(', ')}, got ${vectors.map((t) => show(t.shape)).join(', ')}`,
    )
}

/**
 * All derivatives of all elements of f's result by all elements of the inputs: sizes of the result, then of the input; an
 * array of them for an array of inputs. torch.autograd.functional.jacobian.
 * @example autograd.functional.jacobian((x) => x.exp(), tensor([1, 2]))
 */
export function jacobian<I extends Inputs>(f: (...inputs: Tensor[]) => Tensor, inputs: I): Like<I> {
  const { leaves, y } = evaluate('jacobian', f, inputs)
  return shaped(inputs, rows(y, leaves))
}

/**
 * Second derivatives of a function with a single number as its result: sizes of the input twice; for an array of inputs an
 * array of rows, each with one tensor for each input. torch.autograd.functional.hessian.
 * @throws when the result is no single number.
 */
export function hessian(f: (...inputs: Tensor[]) => Tensor, inputs: Tensor): Tensor
export function hessian(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): Tensor[][]
export function hessian(f: (...inputs: Tensor[]) => Tensor, inputs: Inputs): Tensor | Tensor[][] {
  const { leaves, y } = evaluate('hessian', f, inputs)
  assertNumber('hessian', y)
  const blocks = pull(y, leaves, one(y), true).map((grad) => rows(grad, leaves))
  return inputs instanceof Tensor ? blocks[0][0] : blocks
}

/** f's result, and vᵀJ: the gradient by the inputs weighted with v, which may be left out for a single number. torch.autograd.functional.vjp. */
export function vjp<I extends Inputs>(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: I,
  v?: Tensor,
): [output: Tensor, product: Like<I>] {
  const { leaves, y } = evaluate('vjp', f, inputs)
  if (v === undefined) assertNumber('vjp', y)
  else assertVectors('vjp', [v], [y])
  return [y.detach(), shaped(inputs, pull(y, leaves, v ?? one(y)))]
}

/** f's result, and Jv: its change when the inputs change in the direction v. torch.autograd.functional.jvp. */
export function jvp(f: (...inputs: Tensor[]) => Tensor, inputs: Inputs, v: Inputs): [output: Tensor, product: Tensor] {
  const { leaves, y } = evaluate('jvp', f, inputs)
  const vectors = list(v)
  assertVectors('jvp', vectors, leaves)
  // vᵀJ is linear in its v, so its derivative by that v, in the direction of ours, is Jv.
  const probe = zeros(y).requiresGrad_()
  const pulled = pull(y, leaves, probe, true)
  return [y.detach(), weighted(pulled, vectors, [probe])[0]]
}

/** f's result, and the Hessian times v. torch.autograd.functional.hvp. @throws when the result is no single number. */
export function hvp<I extends Inputs>(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: I,
  v: I,
): [output: Tensor, product: Like<I>] {
  const { leaves, y } = evaluate('hvp', f, inputs)
  assertNumber('hvp', y)
  const vectors = list(v)
  assertVectors('hvp', vectors, leaves)
  return [y.detach(), shaped(inputs, weighted(pull(y, leaves, one(y), true), vectors, leaves))]
}

/** f's result, and v times the Hessian, which is symmetric: the same as hvp. torch.autograd.functional.vhp. */
export const vhp: typeof hvp = hvp

/** Gradients of Σ vectors·values by `wanted`. */
function weighted(values: readonly Tensor[], vectors: readonly Tensor[], wanted: readonly Tensor[]): Tensor[] {
  const used = values.map((value, i) => ({ value, v: vectors[i] })).filter(({ value }) => value.requiresGrad)
  const found =
    used.length === 0
      ? []
      : withGrad(true, () =>
          gradients(
            used.map(({ value }) => value),
            wanted,
            used.map(({ v }) => v),
          ),
        )
  return wanted.map((leaf, i) => found[i] ?? zeros(leaf))
}
