/** Draws of a class through which gradients flow. */
import { isFloating } from '../tensor/dtype.js'
import { emptyLikeTensor, filledTensor, type Tensor } from '../tensor/tensor.js'
import { softmax } from './softmax.js'
import { readOptions } from '../tensor/options.js'

/** Settings of `gumbelSoftmax`. */
export interface GumbelSoftmaxOptions {
  /** Temperature: the lower, the closer to a single class. Default 1. */
  tau?: number
  /** Give exactly one 1, with the gradient of the soft result. Default false. */
  hard?: boolean
  /** The dimension of the classes. Default the last. */
  dim?: number
}

/**
 * softmax((logits + Gumbel noise) / tau): a draw from the classes that can be differentiated (Jang et al. 2017).
 * torch.nn.functional.gumbel_softmax. @throws RangeError unless tau > 0.
 */
export function gumbelSoftmax(logits: Tensor, options?: GumbelSoftmaxOptions): Tensor {
  const { tau, hard, dim } = readOptions('gumbelSoftmax', options, { tau: 1, hard: false, dim: -1 })
  if (!(tau > 0)) throw new RangeError(`gumbelSoftmax: tau must be above 0, got ${tau}`)
  if (!isFloating(logits.dtype)) throw new TypeError(`gumbelSoftmax: needs floating logits, got ${logits.dtype}`)
  const noise = emptyLikeTensor(logits).exponential_().log().neg()
  const soft = softmax(logits.add(noise).div(tau), dim)
  if (!hard) return soft
  const chosen = soft.detach().max(dim, { keepdim: true }).indices
  const single = filledTensor(logits.dtype, logits.shape, 0).scatter_(dim, chosen, 1)
  return single.sub(soft.detach()).add(soft)
}
