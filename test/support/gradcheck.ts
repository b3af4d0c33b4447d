/** Comparing gradients with central differences, in float64. */
import { strict as assert } from 'node:assert'
import { autograd, noGrad, tensor, type Tensor } from '../../lib/index.js'

const step = 1e-6
const tolerance = 1e-5

/** Asserts that the gradients of Σ f(inputs)·weights with respect to every input equal its finite differences. */
export function gradcheck(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): void {
  const leaves = inputs.map((input) => tensor(input, { dtype: 'float64', requiresGrad: true }))
  const output = f(...leaves)
  const weights = tensor(
    Float64Array.from({ length: output.numel() }, (_, i) => Math.cos(1 + i)),
    { dtype: 'float64' },
  ).view(output.shape)
  const gradients = autograd.grad(output, leaves, { gradOutputs: [weights], allowUnused: true })
  const value = (): number =>
    noGrad(() =>
      Number(
        f(...leaves)
          .mul(weights)
          .sum()
          .item(),
      ),
    )
  leaves.forEach((leaf, n) => {
    const analytic = gradients[n]
      ? Array.from(gradients[n].toTypedArray(), Number)
      : new Array<number>(leaf.numel()).fill(0)
    const memory = leaf.data() as Float64Array
    for (let i = 0; i < memory.length; i++) {
      const before = memory[i]
      memory[i] = before + step
      const up = value()
      memory[i] = before - step
      const down = value()
      memory[i] = before
      const numeric = (up - down) / (2 * step)
      assert.ok(
        Math.abs(numeric - analytic[i]) <= tolerance * Math.max(1, Math.abs(numeric)),
        `input ${n}, element ${i}: gradient ${analytic[i]}, finite difference ${numeric}`,
      )
    }
  })
}
