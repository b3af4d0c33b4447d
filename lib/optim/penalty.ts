/** Penalties on the size of weights, to be added to a loss. */
import { zeros } from '../ops/creation.js'
import { Tensor } from '../tensor/tensor.js'

function total(parameters: Iterable<Tensor>, term: (parameter: Tensor) => Tensor): Tensor {
  const list = parameters instanceof Tensor ? [parameters] : [...parameters]
  const terms = list.map(term)
  return terms.length === 0 ? zeros([]) : terms.reduce((sum, next) => sum.add(next))
}

/**
 * λ Σ|w| over all parameters, a 0-d tensor with gradient λ·sign(w): weights that do not help become 0. 《深度学习基础》 4.4.
 *
 * @example loss.add(optim.l1Penalty(net.parameters(), 1e-4)).backward()
 */
export function l1Penalty(parameters: Iterable<Tensor>, lambda: number): Tensor {
  return total(parameters, (w) => w.abs().sum()).mul(lambda)
}

/**
 * λ/2 Σw² over all parameters, a 0-d tensor with gradient λ·w: what `weightDecay: λ` of SGD does, seen in the loss. 《深度学习基础》 4.4.
 *
 * @example loss.add(optim.l2Penalty(net.parameters(), 1e-4)).backward()
 */
export function l2Penalty(parameters: Iterable<Tensor>, lambda: number): Tensor {
  return total(parameters, (w) => w.square().sum()).mul(lambda / 2)
}
