/** Batch normalisation in evaluation is linear: it can be folded into the layer before it (torch.nn.utils.fusion). */
import { noGrad } from '../../autograd/index.js'
import { zerosLike } from '../../ops/creation.js'
import { readOptions } from '../../tensor/options.js'
import { ShapeError } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { deepcopy } from '../deepcopy.js'
import type { Module } from '../module.js'
import { Parameter } from '../parameter.js'

/** What of a batch normalisation enters. */
export interface RunningStatistics extends Module {
  readonly runningMean: Tensor | null
  readonly runningVar: Tensor | null
  readonly eps: number
  readonly weight: Tensor | null
  readonly bias: Tensor | null
}

/** A layer whose weights can take it up. */
export interface WeightedLayer extends Module {
  weight: Parameter
  bias: Parameter | null
}

/** Settings of `fuseConvBnEval` and `fuseConvBnWeights`. */
export interface FuseConvOptions {
  /** Whether the convolution is transposed, its output channels the second dimension of the weight. Default false. */
  transpose?: boolean
}

/** Weight and bias of the layer with the normalisation in it; channels are dimension `dim` of the weight. */
function fused(
  dim: number,
  weight: Tensor,
  bias: Tensor | null,
  mean: Tensor,
  variance: Tensor,
  eps: number,
  scale: Tensor | null,
  shift: Tensor | null,
): [weight: Parameter, bias: Parameter] {
  return noGrad(() => {
    const deviation = variance.add(eps).sqrt()
    const factor = scale ? scale.div(deviation) : deviation.reciprocal()
    const sizes = weight.shape.map((_: number, d: number) => (d === dim ? -1 : 1)) as number[]
    const moved = (bias ?? zerosLike(mean)).sub(mean).mul(factor)
    return [new Parameter(weight.mul(factor.view(sizes))), new Parameter(shift ? moved.add(shift) : moved)]
  })
}

function fuse<L extends WeightedLayer>(caller: string, layer: L, bn: RunningStatistics, dim: number): L {
  if (layer.training || bn.training)
    throw new Error(`${caller}: both modules must be in evaluation, which eval() switches to`)
  const { runningMean, runningVar } = bn
  if (!runningMean || !runningVar) throw new Error(`${caller}: the normalisation keeps no running statistics`)
  if (runningMean.shape[0] !== layer.weight.shape[dim])
    throw new ShapeError(
      `${caller}: the layer has ${layer.weight.shape[dim]} outputs, the normalisation ${runningMean.shape[0]} features`,
    )
  const copy = deepcopy(layer)
  const [weight, bias] = fused(dim, copy.weight, copy.bias, runningMean, runningVar, bn.eps, bn.weight, bn.bias)
  return Object.assign(copy, { weight, bias })
}

/**
 * A copy of a convolution that does what it and the batch normalisation after it do in evaluation.
 * torch.nn.utils.fuse_conv_bn_eval. @throws Error unless both are in evaluation.
 */
export function fuseConvBnEval<L extends WeightedLayer>(conv: L, bn: RunningStatistics, options?: FuseConvOptions): L {
  const { transpose } = readOptions('fuseConvBnEval', options, { transpose: false })
  return fuse('fuseConvBnEval', conv, bn, transpose ? 1 : 0)
}

/** A copy of a linear layer that does what it and the batch normalisation after it do. torch.nn.utils.fuse_linear_bn_eval. */
export function fuseLinearBnEval<L extends WeightedLayer>(linear: L, bn: RunningStatistics): L {
  return fuse('fuseLinearBnEval', linear, bn, 0)
}

/** The weights of `fuseConvBnEval` from tensors: weight, bias, mean, variance, eps, scale, shift. torch.nn.utils.fuse_conv_bn_weights. */
export function fuseConvBnWeights(
  convW: Tensor,
  convB: Tensor | null,
  bnRm: Tensor,
  bnRv: Tensor,
  bnEps: number,
  bnW: Tensor | null,
  bnB: Tensor | null,
  options?: FuseConvOptions,
): [weight: Parameter, bias: Parameter] {
  const { transpose } = readOptions('fuseConvBnWeights', options, { transpose: false })
  return fused(transpose ? 1 : 0, convW, convB, bnRm, bnRv, bnEps, bnW, bnB)
}

/** The weights of `fuseLinearBnEval` from tensors. torch.nn.utils.fuse_linear_bn_weights. */
export function fuseLinearBnWeights(
  linearW: Tensor,
  linearB: Tensor | null,
  bnRm: Tensor,
  bnRv: Tensor,
  bnEps: number,
  bnW: Tensor | null,
  bnB: Tensor | null,
): [weight: Parameter, bias: Parameter] {
  return fused(0, linearW, linearB, bnRm, bnRv, bnEps, bnW, bnB)
}
