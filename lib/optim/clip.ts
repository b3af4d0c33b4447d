/** Keeping gradients within bounds (torch.nn.utils.clip_grad). */
import { noGrad } from '../autograd/index.js'
import { tensor } from '../ops/creation.js'
import { stack } from '../ops/join.js'
import { vectorNorm } from '../ops/norms.js'
import { Tensor } from '../tensor/tensor.js'
import { tidy } from './tidy.js'
import { readOptions, type Defaults } from '../tensor/options.js'

/** Settings of `getTotalNorm` and `clipGradNorm_`. */
export interface TotalNormOptions {
  /** The p of the p-norm; Infinity for the largest magnitude. Default 2. */
  normType?: number
  /** Throw when the norm is infinite or not a number. Default false. */
  errorIfNonfinite?: boolean
}

const totalNormDefaults = { normType: 2, errorIfNonfinite: false } as const satisfies Defaults<TotalNormOptions>

function listed(tensors: Iterable<Tensor>): Tensor[] {
  return tensors instanceof Tensor ? [tensors] : [...tensors]
}

function gradientsOf(parameters: Iterable<Tensor>): Tensor[] {
  return listed(parameters).flatMap((parameter) => (parameter.grad ? [parameter.grad] : []))
}

/**
 * The norm of all tensors taken as one vector, as a 0-d tensor; 0 when there are none (torch.nn.utils.get_total_norm).
 * @throws for a normType that is not above 0, and if asked to when the norm is not finite.
 */
export function getTotalNorm(tensors: Iterable<Tensor>, options?: TotalNormOptions): Tensor {
  const { normType, errorIfNonfinite } = readOptions('getTotalNorm', options, totalNormDefaults)
  if (!(normType > 0)) throw new RangeError(`getTotalNorm: normType must be above 0, got ${normType}`)
  const list = listed(tensors)
  if (list.length === 0) return tensor(0)
  const total = noGrad(() => tidy(() => vectorNorm(stack(list.map((x) => vectorNorm(x, normType))), normType)))
  if (errorIfNonfinite && !Number.isFinite(total.item()))
    throw new Error(
      `getTotalNorm: the norm of order ${normType} is ${total.item()}, so it cannot be clipped; ` +
        'leave errorIfNonfinite out to scale by it all the same',
    )
  return total
}

/**
 * Scales the gradients of the parameters in place so that their norm, taken together, is at most `maxNorm`
 * (torch.nn.utils.clip_grad_norm_). Call it between `backward()` and `step()`. Returns the norm before.
 */
export function clipGradNorm_(parameters: Iterable<Tensor>, maxNorm: number, options?: TotalNormOptions): Tensor {
  const settings = readOptions('clipGradNorm_', options, totalNormDefaults)
  const list = listed(parameters)
  const total = getTotalNorm(gradientsOf(list), settings)
  clipGradsWithNorm_(list, maxNorm, total)
  return total
}

/**
 * Scales the gradients of the parameters in place by maxNorm / totalNorm where that is below 1, for a norm that was computed
 * before (torch.nn.utils.clip_grads_with_norm_).
 */
export function clipGradsWithNorm_(parameters: Iterable<Tensor>, maxNorm: number, totalNorm: Tensor | number): void {
  const factor = Math.min(maxNorm / (Number(totalNorm instanceof Tensor ? totalNorm.item() : totalNorm) + 1e-6), 1)
  if (factor !== 1) noGrad(() => gradientsOf(parameters).forEach((grad) => grad.mul_(factor)))
}

/** Cuts every element of the gradients to [−clipValue, clipValue] in place (torch.nn.utils.clip_grad_value_). */
export function clipGradValue_(parameters: Iterable<Tensor>, clipValue: number): void {
  noGrad(() => {
    for (const grad of gradientsOf(parameters)) tidy(() => void grad.copy_(grad.clamp(-clipValue, clipValue)))
  })
}
