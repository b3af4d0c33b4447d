/** Attention: weighted means of values, with weights from the agreement of queries and keys. */
import { ones } from './creation.js'
import { composite } from './define.js'
import { tril } from './diagonals.js'
import { assertProbability, dropout } from './dropout.js'
import { where } from './index-ops.js'
import { matmul } from './matmul.js'
import { repeatInterleave } from './arrange.js'
import { transpose } from './shape.js'
import { softmax } from './softmax.js'
import { ShapeError, show } from '../tensor/shape.js'
import { assertTensor, type Tensor } from '../tensor/tensor.js'
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
    const queries: number = query.shape[query.ndim - 2]
    const keys: number = key.shape[key.ndim - 2]
    const scale = settings.scale ?? 1 / Math.sqrt(query.shape[query.ndim - 1])
    const [k, v] = enableGqa ? [key, value].map((x) => shared(x, query)) : [key, value]
    const scores = matmul(query.mul(scale), transpose(k, -2, -1))
    const mask = isCausal ? tril(ones(queries, keys).to('bool')) : attnMask
    const weights = mask ? maskedWeights(scores, mask) : softmax(scores, -1)
    return matmul(dropoutP > 0 ? dropout(weights, { p: dropoutP }) : weights, v)
  },
)

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
