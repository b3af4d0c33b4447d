/** Factorisations have several results: one node of the graph with a formula that sees the gradients of all of them. */
import { isGradEnabled } from '../autograd/mode.js'
import { gradName, Node } from '../autograd/node.js'
import { inputEdges } from '../ops/define.js'
import { eye } from '../ops/creation.js'
import type { Tensor } from '../tensor/tensor.js'

/** Records outputs[i] = f(x)[i]; `formula` gets a gradient, or null, for each. It may read the outputs. */
export function recordOutputs(
  name: string,
  x: Tensor,
  outputs: readonly Tensor[],
  formula: (grads: readonly (Tensor | null)[]) => Tensor,
): void {
  if (!isGradEnabled()) return
  const edges = inputEdges([x])
  if (!edges) return
  const node = new Node(
    gradName(name),
    edges,
    outputs.length,
    (grads) => [grads.every((g) => g === null) ? null : formula(grads)],
    outputs,
  )
  outputs.forEach((y, i) => {
    y.gradFn = node
    y.outputIndex = i
  })
}

/** The identity of x's dtype, n × n. */
export const identity = (n: number, like: Tensor): Tensor => eye(n, n, { dtype: like.dtype })

/** A matrix with this vector on its diagonal, for a batch of vectors. */
export const diagonalMatrix = (v: Tensor): Tensor => v.unsqueeze(-1).mul(identity(v.shape[v.ndim - 1], v))

/** a + b where either may be missing. */
export const plus = (a: Tensor | null, b: Tensor | null): Tensor | null => (a && b ? a.add(b) : (a ?? b))
