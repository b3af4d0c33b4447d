/** Comparing gradients with central differences, in float64, for every input of an op. */
import { autograd, tensor, type Tensor } from '../../lib/index.js'

const tolerance = 1e-5

const leaf = (input: Tensor): Tensor => tensor(input, { dtype: 'float64', requiresGrad: true })

/** Asserts that the gradients of f with respect to every input equal its finite differences. */
export function gradcheck(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): void {
  autograd.gradcheck(f, inputs.map(leaf), { atol: tolerance, rtol: tolerance })
}

/** Asserts that the gradients of f's gradients equal the finite differences of these. */
export function gradgradcheck(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): void {
  autograd.gradgradcheck(f, inputs.map(leaf), { atol: 10 * tolerance, rtol: 10 * tolerance })
}
