/** Comparing gradients with central differences, in float64, for every input of an op. */
import { autograd, tensor, type Tensor } from '../../lib/index.js'

const tolerance = 1e-5

type Differentiated = (...inputs: Tensor[]) => Tensor

/** Copies in float64; `differentiable` says which inputs have gradients, by default all. The others, such as masks, stay as they are. */
const leaves = (inputs: readonly Tensor[], differentiable: readonly boolean[] = []): Tensor[] =>
  inputs.map((input, i) => tensor(input, { dtype: 'float64', requiresGrad: differentiable[i] ?? true }))

/** Asserts that the gradients of f with respect to its inputs equal its finite differences. */
export function gradcheck(f: Differentiated, inputs: readonly Tensor[], differentiable?: readonly boolean[]): void {
  autograd.gradcheck(f, leaves(inputs, differentiable), { atol: tolerance, rtol: tolerance })
}

/** Asserts that the gradients of f's gradients equal the finite differences of these. */
export function gradgradcheck(f: Differentiated, inputs: readonly Tensor[], differentiable?: readonly boolean[]): void {
  autograd.gradgradcheck(f, leaves(inputs, differentiable), { atol: 10 * tolerance, rtol: 10 * tolerance })
}
