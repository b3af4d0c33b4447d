/** Comparing gradients with central differences: the test of every op, and of users' own functions. */
import { addon } from '../device/addon.js'
import { emptyTensor, Tensor } from '../tensor/tensor.js'
import { isFloating } from '../tensor/dtype.js'
import { gradients } from './engine.js'
import { withGrad } from './mode.js'
import { readOptions } from '../tensor/options.js'

/** Step and tolerances of `gradcheck`. */
export interface GradcheckOptions {
  /** Step of the finite differences. Default 1e-6. */
  eps?: number
  /** Absolute tolerance. Default 1e-5. */
  atol?: number
  /** Relative tolerance. Default 1e-3. */
  rtol?: number
  /** Throw where they differ, instead of returning false. Default true. */
  raiseException?: boolean
}

type Results = Tensor | readonly Tensor[]
const list = (results: Results): readonly Tensor[] => (results instanceof Tensor ? [results] : results)

/** Weights that no symmetry of a function can hide a mistake behind. */
function weightsFor(output: Tensor): Tensor {
  const weights = emptyTensor('float64', output.shape)
  if (output.numel() > 0)
    addon().write(
      weights.handle,
      Float64Array.from({ length: output.numel() }, (_, i) => Math.cos(1 + i)),
    )
  return weights.to(output.dtype)
}

/** A separate float64 leaf with the values of a floating input; other inputs as they are. */
function leafOf(input: Tensor): Tensor {
  if (!isFloating(input.dtype)) return input
  return input.detach().to('float64').clone().requiresGrad_(input.requiresGrad)
}

/** The first place where gradients and differences disagree, or null. */
function disagreement(
  f: (...inputs: Tensor[]) => Results,
  inputs: readonly Tensor[],
  { eps, atol, rtol }: Required<GradcheckOptions>,
): string | null {
  const leaves = inputs.map(leafOf)
  const wanted = leaves.filter((leaf) => leaf.requiresGrad)
  if (wanted.length === 0)
    throw new Error('gradcheck: no input requires gradients; make at least one with { requiresGrad: true }')
  const results = list(f(...leaves))
  const checked = results.flatMap((output, i) => (output.requiresGrad ? [i] : []))
  if (checked.length === 0)
    throw new Error('gradcheck: no result depends on the inputs that require gradients, so there is nothing to compare')
  const outputs = checked.map((i) => results[i])
  const weights = outputs.map(weightsFor)
  const found = gradients(outputs, wanted, weights)
  const value = (): number =>
    withGrad(false, () => {
      const now = list(f(...leaves))
      return checked.reduce((sum, i, k) => sum + now[i].mul(weights[k]).sum().item(), 0)
    })
  for (const [n, leaf] of leaves.entries()) {
    if (!leaf.requiresGrad) continue
    const gradient = found[wanted.indexOf(leaf)]
    const analytic = gradient ? Array.from(gradient.toTypedArray(), Number) : new Array<number>(leaf.numel()).fill(0)
    const memory = leaf.asTypedArray() as Float64Array
    for (let i = 0; i < memory.length; i++) {
      const before = memory[i]
      memory[i] = before + eps
      const up = value()
      memory[i] = before - eps
      const down = value()
      memory[i] = before
      const numeric = (up - down) / (2 * eps)
      if (!(Math.abs(numeric - analytic[i]) <= atol + rtol * Math.abs(numeric)))
        return `input ${n}, element ${i}: gradient ${analytic[i]}, finite difference ${numeric}`
    }
  }
  return null
}

/**
 * Compares the gradients of f with finite differences, in float64 copies of the inputs; those that require gradients are
 * checked. f must compute the same from the same inputs. torch.autograd.gradcheck.
 * @throws where they differ, naming input and element (or returns false with `raiseException: false`).
 * @example autograd.gradcheck((x) => x.pow(3), [tensor([1, 2], { requiresGrad: true })])
 */
export function gradcheck(
  f: (...inputs: Tensor[]) => Results,
  inputs: readonly Tensor[],
  options?: GradcheckOptions,
): boolean {
  const settings = readOptions('gradcheck', options, { eps: 1e-6, atol: 1e-5, rtol: 1e-3, raiseException: true })
  const found = disagreement(f, inputs, settings)
  if (found !== null && settings.raiseException) throw new Error(`gradcheck: ${found}`)
  return found === null
}

/** The same for second derivatives: compares the gradients of f's gradients with finite differences. torch.autograd.gradgradcheck. */
export function gradgradcheck(
  f: (...inputs: Tensor[]) => Results,
  inputs: readonly Tensor[],
  options?: GradcheckOptions,
): boolean {
  const copies = inputs.map(leafOf)
  // The incoming gradients count as inputs too, as they do in the graph of the first derivatives.
  const incoming = list(f(...copies))
    .filter((output) => output.requiresGrad)
    .map((output) => weightsFor(output).requiresGrad_())
  const slopes = (...given: Tensor[]): Tensor[] =>
    withGrad(true, () => {
      const own = given.slice(0, inputs.length)
      const wanted = own.filter((input) => input.requiresGrad)
      const outputs = list(f(...own)).filter((output) => output.requiresGrad)
      const found = gradients(outputs, wanted, given.slice(inputs.length), { createGraph: true })
      return found.map((slope, i) => slope ?? wanted[i].mul(0))
    })
  return gradcheck(slopes, [...copies, ...incoming], options)
}
