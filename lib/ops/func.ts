/**
 * The `func` namespace (torch.func): functions made of functions. They return derivatives of what they are given, or apply
 * it to every element of a batch; made of the derivatives of lib/autograd, so they may be nested.
 */
import { functional, grad as gradOf } from '../autograd/index.js'
import { withGrad } from '../autograd/mode.js'
import { named, readOptions, type OrNamed } from '../tensor/options.js'
import { ShapeError, show, wrapDim } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { movedim } from './arrange.js'
import { stack } from './join.js'
import { select } from './shape.js'

type Values = Tensor | readonly Tensor[]
type Outcome = Tensor | Outcome[] | { [name: string]: Outcome }

/** Which arguments are differentiated by their position. */
export type ArgNums = OrNamed<'argnums', number | readonly number[]>

/** The positions that argnums names, and whether it was a single one. */
function positions(
  name: string,
  argnums: ArgNums | undefined,
  count: number,
): { at: readonly number[]; single: boolean } {
  const given = named<number | readonly number[]>(name, 'argnums', argnums) ?? 0
  const at: readonly number[] = typeof given === 'number' ? [given] : given
  for (const i of at)
    if (!Number.isInteger(i) || i < 0 || i >= count)
      throw new RangeError(`${name}: argnums ${i} is out of range, the function was given ${count} arguments`)
  return { at, single: typeof given === 'number' }
}

/**
 * The function that returns both the gradients of f, whose result must be a single number, and the result:
 * [gradient by argument `argnums` (default 0), value]. torch.func.grad_and_value.
 */
export function gradAndValue(
  f: (...args: Tensor[]) => Tensor,
  argnums?: ArgNums,
): (...args: Tensor[]) => [gradient: Values, value: Tensor] {
  return (...args) => {
    const { at, single } = positions('func.grad', argnums, args.length)
    return withGrad(true, () => {
      // A new tensor for each, through which the graph goes on to the caller's: so gradients can be differentiated again.
      const inputs = args.map((x, i) => (at.includes(i) ? (x.requiresGrad ? x.mul(1) : x.detach().requiresGrad_()) : x))
      const y = f(...inputs)
      if (!(y instanceof Tensor) || y.ndim !== 0)
        throw new ShapeError(
          `func.grad: the function must return a single number of shape [], it returned ${y instanceof Tensor ? show(y.shape) : typeof y}`,
        )
      const outer = args.some((x) => x.requiresGrad)
      const wanted = at.map((i) => inputs[i])
      const found = y.requiresGrad
        ? gradOf(y, wanted, { createGraph: outer, materializeGrads: true })
        : wanted.map((x) => x.detach().mul(0))
      return [single ? found[0] : found, outer ? y : y.detach()]
    })
  }
}

/**
 * The function that returns the gradient of f, whose result must be a single number, by its argument `argnums` (default the
 * first; a list for several). May be nested for derivatives of higher order. torch.func.grad.
 * @example func.grad((x) => x.pow(2).sum())(tensor([1, 2])) // [2, 4]
 */
export function grad(f: (...args: Tensor[]) => Tensor, argnums?: ArgNums): (...args: Tensor[]) => Tensor
export function grad(f: (...args: Tensor[]) => Tensor, argnums: readonly number[]): (...args: Tensor[]) => Tensor[]
export function grad(f: (...args: Tensor[]) => Tensor, argnums?: ArgNums): (...args: Tensor[]) => Values {
  const both = gradAndValue(f, argnums)
  return (...args) => both(...args)[0]
}

/** The function that returns all derivatives of f's result by its argument `argnums`: sizes of the result, then of the argument. torch.func.jacrev. */
export function jacrev(f: (...args: Tensor[]) => Tensor, argnums?: ArgNums): (...args: Tensor[]) => Values {
  return (...args) => {
    const { at, single } = positions('func.jacrev', argnums, args.length)
    const inner = (...chosen: Tensor[]): Tensor =>
      f(...args.map((x, i) => (at.includes(i) ? chosen[at.indexOf(i)] : x)))
    const found = functional.jacobian(
      inner,
      at.map((i) => args[i]),
    )
    return single ? found[0] : found
  }
}

/** The same as jacrev, computed the same way: PyTorch's goes forward, with equal results. torch.func.jacfwd. */
export const jacfwd: typeof jacrev = jacrev

/** The function that returns the second derivatives of f, whose result must be a single number, by its argument: its sizes twice. torch.func.hessian. */
export function hessian(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  return (x) => functional.hessian(f as (...inputs: Tensor[]) => Tensor, x)
}

/** f's result for the inputs, and the function from a weighting v of the result to the gradients by the inputs. torch.func.vjp. */
export function vjp(
  f: (...args: Tensor[]) => Tensor,
  ...inputs: Tensor[]
): [output: Tensor, pull: (v: Tensor) => Tensor[]] {
  const leaves = inputs.map((x) => x.detach().requiresGrad_())
  const y = withGrad(true, () => f(...leaves))
  const pull = (v: Tensor): Tensor[] => gradOf(y, leaves, { gradOutputs: v, retainGraph: true, materializeGrads: true })
  return [y.detach(), pull]
}

/** f's result for the inputs `primals`, and its change when they change in the direction `tangents`. torch.func.jvp. */
export function jvp(
  f: (...args: Tensor[]) => Tensor,
  primals: readonly Tensor[],
  tangents: readonly Tensor[],
): [output: Tensor, change: Tensor] {
  return functional.jvp(f, primals, tangents)
}

/** Settings of `vmap`. */
export interface VmapOptions {
  /** The batch dimension of every argument, or of each; null for one that all elements share. Default 0. */
  inDims?: number | readonly (number | null)[]
  /** Where the results' batch dimension stands. Default 0. */
  outDims?: number
}

/**
 * The function that applies f to every element of a batch: f is written for one element, the result takes tensors with one
 * dimension more. f is called once for each element, which is convenient rather than quick. torch.func.vmap.
 * @throws ShapeError when batches have different sizes.
 * @example func.vmap((a, b) => a.dot(b))(rand(8, 3), rand(8, 3)) // [8]
 */
export function vmap<R extends Outcome>(f: (...args: Tensor[]) => R, options?: VmapOptions): (...args: Tensor[]) => R {
  const { inDims, outDims } = readOptions('vmap', options, { inDims: 0, outDims: 0 })
  return (...args) => {
    const dims = args.map((x, i) => {
      const dim = typeof inDims === 'number' ? inDims : (inDims[i] ?? null)
      return dim === null ? null : wrapDim('vmap', dim, x.ndim)
    })
    const sizes = args.flatMap((x, i) => (dims[i] === null ? [] : [x.shape[dims[i]] as number]))
    if (sizes.length === 0) throw new ShapeError('vmap: at least one argument must have a batch dimension')
    if (sizes.some((size) => size !== sizes[0]))
      throw new ShapeError(`vmap: the batch dimensions must be equally long, got ${sizes.join(', ')}`)
    if (sizes[0] === 0) throw new ShapeError('vmap: the batch is empty, so f cannot be asked for its result')
    const results = Array.from({ length: sizes[0] }, (_, k) =>
      f(...args.map((x, i) => (dims[i] === null ? x : select(x, dims[i], k)))),
    )
    return collect(results, outDims) as R
  }
}

/** Results of the same form as one, with a batch dimension in every tensor. */
function collect(results: readonly Outcome[], dim: number): Outcome {
  const [first] = results
  if (first instanceof Tensor) {
    const batch = stack(results as readonly Tensor[])
    return dim === 0 ? batch : movedim(batch, 0, dim)
  }
  if (Array.isArray(first))
    return first.map((_, i) =>
      collect(
        results.map((r) => (r as Outcome[])[i]),
        dim,
      ),
    )
  if (typeof first !== 'object')
    throw new TypeError(`vmap: the function must return tensors, it returned ${typeof first}`)
  const keys = Object.keys(first)
  return Object.fromEntries(
    keys.map((key) => [
      key,
      collect(
        results.map((r) => (r as Record<string, Outcome>)[key]),
        dim,
      ),
    ]),
  )
}
