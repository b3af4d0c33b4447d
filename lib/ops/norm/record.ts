/**
 * Recording a normalisation. Its gradients are computed together by one native function, because they share their sums;
 * when the backward pass is itself recorded they are computed by ops instead, which can be differentiated again.
 */
import { gradName, Node } from '../../autograd/node.js'
import { isGradEnabled } from '../../autograd/mode.js'
import { emptyLikeTensor, type Tensor } from '../../tensor/tensor.js'
import type { Shape } from '../../tensor/shape.js'
import { inputEdges, standAlone } from '../define.js'

export interface NormInputs {
  readonly x: Tensor
  readonly weight: Tensor | null
  readonly bias: Tensor | null
}

/** Gradients to be written; null where none is wanted. */
export interface NormGradients {
  readonly dx: Tensor | null
  readonly dweight: Tensor | null
  readonly dbias: Tensor | null
}

/** What a normalisation is as mathematics. */
export interface NormFormula {
  /** x in a shape whose dimensions `over` are those that statistics are taken over. */
  readonly grouped: Shape
  readonly over: readonly number[]
  /** Sizes with which weight and bias broadcast to x. */
  readonly affine: Shape
  readonly eps: number
  /** 'given': statistics are constants; 'root': nothing is subtracted. Default 'own'. */
  readonly statistics?: 'own' | 'root' | { mean: Tensor; scale: Tensor }
}

/** Makes y's gradient. `fused` fills in the gradients that are not null. */
export function recordNorm(
  name: string,
  y: Tensor,
  inputs: NormInputs,
  kept: readonly Tensor[],
  fused: (dy: Tensor, grads: NormGradients) => void,
  formula: () => NormFormula,
): Tensor {
  if (!isGradEnabled()) return y
  const { x, weight, bias } = inputs
  const edges = inputEdges([x, weight, bias])
  if (!edges) return y
  standAlone(y, [x, weight, bias])
  y.gradFn = new Node(
    gradName(name),
    edges,
    1,
    ([dy]) => {
      if (!dy) return [null, null, null]
      if (isGradEnabled()) return byOps(dy, inputs, formula())
      const like = (i: number, t: Tensor | null): Tensor | null => (edges[i] && t ? emptyLikeTensor(t) : null)
      const grads = { dx: like(0, x), dweight: like(1, weight), dbias: like(2, bias) }
      fused(dy.contiguous(), grads)
      return [grads.dx, grads.dweight, grads.dbias]
    },
    [x, ...kept, ...(weight ? [weight] : [])],
  )
  return y
}

/** The gradients of (x − mean)·scale·weight + bias with respect to x, weight and bias. */
function byOps(dy: Tensor, { x, weight, bias }: NormInputs, formula: NormFormula): (Tensor | null)[] {
  const { grouped, over, affine, eps, statistics = 'own' } = formula
  const parts = x.reshape(grouped)
  const mean = (t: Tensor): Tensor => t.mean(over, { keepdim: true })
  const fixed = typeof statistics === 'object' ? statistics : null
  const centred = fixed ? parts.sub(fixed.mean) : statistics === 'root' ? parts : parts.sub(mean(parts))
  const scale = fixed ? fixed.scale : mean(centred.square()).add(eps).rsqrt()
  const normal = centred.mul(scale)
  const grad = (weight ? dy.mul(weight.reshape(affine)) : dy).reshape(grouped)
  const through = fixed ? grad : grad.sub(normal.mul(mean(grad.mul(normal))))
  const dx = (fixed || statistics === 'root' ? through : through.sub(mean(grad))).mul(scale).reshape(x.shape)
  const dweight = weight && dy.mul(normal.reshape(x.shape)).sumTo(affine).reshape(weight.shape)
  return [dx, dweight, bias && dy.sumTo(affine).reshape(bias.shape)]
}
