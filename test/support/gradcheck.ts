/** Comparing gradients with central differences, in float64, for every input of an op. */
import { autograd, tensor, type Tensor } from '../../lib/index.js'

const tolerance = 1e-5

/** Asserts that the gradients of f with respect to every input equal its finite differences. */
export function gradcheck(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): void {
  const leaves = inputs.map((input) => tensor(input, { dtype: 'float64', requiresGrad: true }))
  autograd.gradcheck(f, leaves, { atol: tolerance, rtol: tolerance })
}
