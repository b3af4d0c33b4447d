/**
 * Attention: weighted means of values, with weights from the agreement of queries and keys. One native function computes
 * it block by block and another all gradients; where a case needs more (weights that are dropped, a mask with a gradient,
 * batches that broadcast, second derivatives) it is made of ops.
 */
import { isGradEnabled, noGrad } from '../autograd/mode.js'
import { gradName, Node } from '../autograd/node.js'
import { addon, isWatched } from '../device/addon.js'
import { isFloating } from '../tensor/dtype.js'
import { ones } from './creation.js'
import { composite, inputEdges, standAlone } from './define.js'
import { tril } from './diagonals.js'
import { assertProbability, dropout } from './dropout.js'
import { where } from './index-ops.js'
import { matmul } from './matmul.js'
import { repeatInterleave } from './arrange.js'
import { expand, transpose } from './shape.js'
import { softmax } from './softmax.js'
import { sameShape, ShapeError, show, type Shape } from '../tensor/shape.js'
import { assertTensor, emptyTensor, type Tensor } from '../tensor/tensor.js'
import { readOptions } from '../tensor/options.js'

/** Settings of `scaledDotProductAttention`. */
export interface AttentionOptions {
  /** Broadcasts to [..., L, S]. bool: true where a query may look at a key; else added to the scores. Default none. */
  attnMask?: Tensor | null
  /** Probability of dropping weights; the mask does not equal PyTorch's. Default 0. */
  dropoutP?: number
  /** Whether query i sees only the keys up to i. Default false. */
  isCausal?: boolean
  /** Factor of the scores. Default 1/√E. */
  scale?: number | null
  /** Whether several heads of the queries share one of keys and values. Default false. */
  enableGqa?: boolean
}

/**
 * softmax(scale · Q Kᵀ + mask) V for Q [..., L, E], K [..., S, E] and V [..., S, Ev]; result [..., L, Ev]. A query that may
 * look at nothing gives 0. Vaswani et al. 2017; torch.nn.functional.scaled_dot_product_attention.
 * @throws ShapeError when sizes do not agree, TypeError for a mask together with isCausal.
 */
export const scaledDotProductAttention: (
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options?: AttentionOptions,
) => Tensor = composite(
  'scaledDotProductAttention',
  {
    torch: 'lambda q, k, v, m=None, **o: F.scaled_dot_product_attention(q, k, v, m, **o)',
    samples: [
      { inputs: [{ shape: [2, 3, 4] }, { shape: [2, 5, 4] }, { shape: [2, 5, 3] }] },
      {
        inputs: [{ shape: [1, 2, 3, 4] }, { shape: [1, 2, 3, 4] }, { shape: [1, 2, 3, 4] }],
        options: { isCausal: true },
      },
      { inputs: [{ shape: [2, 3] }, { shape: [4, 3] }, { shape: [4, 2] }, { shape: [2, 4] }], options: { scale: 0.5 } },
      {
        inputs: [{ shape: [1, 4, 2, 3] }, { shape: [1, 2, 3, 3] }, { shape: [1, 2, 3, 3] }],
        options: { enableGqa: true },
      },
    ],
    call: (q: Tensor, k: Tensor, v: Tensor, ...rest: (Tensor | AttentionOptions)[]) => {
      const attnMask = rest.length > 0 && 'dtype' in rest[0] ? rest[0] : null
      return scaledDotProductAttention(q, k, v, { ...(rest[attnMask ? 1 : 0] as AttentionOptions), attnMask })
    },
  },
  (query: Tensor, key: Tensor, value: Tensor, options?: AttentionOptions): Tensor => {
    const settings = readOptions('scaledDotProductAttention', options, {
      attnMask: null,
      dropoutP: 0,
      isCausal: false,
      scale: undefined,
      enableGqa: false,
    })
    const { attnMask, dropoutP, isCausal, enableGqa } = settings
    assertProbability('scaledDotProductAttention', dropoutP)
    assertSizes(query, key, value)
    if (attnMask && isCausal) throw new TypeError('scaledDotProductAttention: give attnMask or isCausal, not both')
    const scale = settings.scale ?? 1 / Math.sqrt(query.shape[query.ndim - 1])
    const [k, v] = enableGqa ? [key, value].map((x) => shared(x, query)) : [key, value]
    const inputs: Inputs = { q: query, k, v, mask: attnMask, isCausal, scale }
    if (dropoutP === 0 && !isWatched() && isFused(inputs)) return fused(inputs)
    const weights = weightsOf(inputs)
    return matmul(dropoutP > 0 ? dropout(weights, { p: dropoutP }) : weights, v)
  },
)

interface Inputs {
  readonly q: Tensor
  readonly k: Tensor
  readonly v: Tensor
  readonly mask: Tensor | null
  readonly isCausal: boolean
  readonly scale: number
}

function isFused({ q, k, v, mask }: Inputs): boolean {
  const batch: Shape = q.shape.slice(0, -2)
  const alike = (x: Tensor): boolean => x.dtype === q.dtype && sameShape(x.shape.slice(0, -2), batch)
  return (
    q.device === 'cpu' &&
    isFloating(q.dtype) &&
    alike(k) &&
    alike(v) &&
    (mask === null || (mask.ndim <= q.ndim && !mask.requiresGrad && (mask.dtype === 'bool' || mask.dtype === q.dtype)))
  )
}

/** A tensor to be written, with positions outside of heads in memory where `like` has them so: as projections make them. */
function emptyHeads(like: Tensor, features: number): Tensor {
  const shape: Shape = like.shape.with(-1, features)
  if (shape.length !== 4 || like.strides[1] >= like.strides[2]) return emptyTensor(like.dtype, shape)
  const outside = emptyTensor(like.dtype, [shape[0], shape[2], shape[1], shape[3]])
  const heads = noGrad(() => transpose(outside, 1, 2))
  standAlone(heads, [])
  return heads
}

function fused(inputs: Inputs): Tensor {
  const { q, k, v, isCausal, scale } = inputs
  const mask = inputs.mask && added(inputs.mask, q, k)
  const given = [q.handle, k.handle, v.handle]
  const y = emptyHeads(q, v.shape[v.ndim - 1])
  addon().attention(y.handle, given, mask?.handle ?? null, isCausal, scale)
  const edges = isGradEnabled() ? inputEdges([q, k, v]) : null
  if (!edges) return y
  y.gradFn = new Node(
    gradName('scaledDotProductAttention'),
    edges,
    1,
    ([dy]) => {
      if (!dy) return [null, null, null]
      if (isGradEnabled()) return gradientsByOps(dy, inputs)
      const grads = [q, k, v].map((x) => emptyHeads(x, x.shape[x.ndim - 1]))
      addon().attentionBackward(
        grads.map((grad) => grad.handle),
        dy.handle,
        given,
        mask?.handle ?? null,
        isCausal,
        scale,
      )
      return grads
    },
    [q, k, v, ...(inputs.mask ? [inputs.mask] : [])],
  )
  return y
}

/** The mask as numbers to be added to the scores, of their sizes. */
function added(mask: Tensor, q: Tensor, k: Tensor): Tensor {
  const numbers = mask.dtype === 'bool' ? where(mask, 0, -Infinity).to(q.dtype) : mask
  return expand(numbers, [...q.shape.slice(0, -1), k.shape[k.ndim - 2]])
}

function weightsOf({ q, k, mask, isCausal, scale }: Inputs): Tensor {
  const scores = matmul(q.mul(scale), transpose(k, -2, -1))
  const closed = isCausal ? tril(ones(q.shape[q.ndim - 2], k.shape[k.ndim - 2]).to('bool')) : mask
  return closed ? maskedWeights(scores, closed) : softmax(scores, -1)
}

/** The gradients with respect to queries, keys and values, which can be differentiated again. */
function gradientsByOps(dy: Tensor, inputs: Inputs): Tensor[] {
  const { q, k, v, scale } = inputs
  const weights = weightsOf(inputs)
  const dWeights = matmul(dy, transpose(v, -2, -1))
  const dScores = weights.mul(dWeights.sub(dWeights.mul(weights).sum(-1, { keepdim: true }))).mul(scale)
  return [matmul(dScores, k), matmul(transpose(dScores, -2, -1), q), matmul(transpose(weights, -2, -1), dy)]
}

function assertSizes(query: Tensor, key: Tensor, value: Tensor): void {
  for (const [name, x] of Object.entries({ query, key, value })) {
    assertTensor('scaledDotProductAttention', name, x)
    if (x.ndim < 2)
      throw new ShapeError(`scaledDotProductAttention: ${name} must be [..., length, features], got ${show(x.shape)}`)
  }
  if (query.shape[query.ndim - 1] !== key.shape[key.ndim - 1])
    throw new ShapeError(
      `scaledDotProductAttention: query and key must have equally many features, got ${show(query.shape)} and ${show(key.shape)}`,
    )
  if (key.shape[key.ndim - 2] !== value.shape[value.ndim - 2])
    throw new ShapeError(
      `scaledDotProductAttention: key and value must be equally long, got ${show(key.shape)} and ${show(value.shape)}`,
    )
}

/** Heads of keys or values repeated for the heads of the queries that share them. */
function shared(x: Tensor, query: Tensor): Tensor {
  const [heads, wanted] = [x, query].map((t) => (t.ndim > 2 ? (t.shape[t.ndim - 3] as number) : 1))
  if (heads === 0 || wanted % heads !== 0)
    throw new ShapeError(
      `scaledDotProductAttention: ${wanted} heads of queries cannot share ${heads} of keys and values evenly (${show(query.shape)}, ${show(x.shape)})`,
    )
  return wanted === heads ? x : repeatInterleave(x, wanted / heads, -3)
}

/** Softmax of masked scores; where a row is masked altogether the weights are 0 and not 0/0. */
function maskedWeights(scores: Tensor, mask: Tensor): Tensor {
  const bool = mask.dtype === 'bool'
  const closed = (bool ? mask.logicalNot() : mask.eq(-Infinity)).all(-1, { keepdim: true })
  const none = closed.any().item() !== 0
  if (bool) {
    const weights = softmax(where(none ? mask.logicalOr(closed) : mask, scores, -Infinity), -1)
    return none ? where(closed, 0, weights) : weights
  }
  const weights = softmax(scores.add(none ? where(closed, 0, mask) : mask), -1)
  return none ? where(closed, 0, weights) : weights
}
