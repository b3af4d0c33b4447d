/** Comparing gradients with central differences, in float64, for every input of an op. */
import { autograd, cat, enableGrad, tensor, type Tensor } from '../../lib/index.js'

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

/** Asserts that the gradients of Σ f³ with respect to every input have gradients that equal their finite differences. */
export function gradgradcheck(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): void {
  const gradients = (...given: Tensor[]): Tensor => {
    // Finite differences are taken outside of the graph, with inputs that require nothing.
    const wanted = given.map((x) => (x.requiresGrad ? x : x.detach().requiresGrad_()))
    const dx = enableGrad(() =>
      autograd.grad(
        f(...wanted)
          .pow(3)
          .sum(),
        wanted,
        { createGraph: true },
      ),
    )
    return cat(dx.map((d) => d.reshape(-1)))
  }
  gradcheck(gradients, inputs)
}
