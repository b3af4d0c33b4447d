/** How near vectors are to each other: cosine of their angle, p-norm of their difference. */
import { broadcastShapes, wrapDim } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { composite } from './define.js'
import { vectorNorm as norm } from './norms.js'
import { expand } from './shape.js'
import { safeRoot } from './losses/reduction.js'
import { readOptions, type Defaults } from '../tensor/options.js'

/** x divided by its length along `dim`, or by `eps` if that is more; the length is then taken as constant plus itself, as PyTorch does. */
function unit(x: Tensor, dim: number, eps: number): Tensor {
  const length = safeRoot(x.square().sum(dim, { keepdim: true }))
  const missing = length.detach().neg().add(eps).clamp(0)
  return x.div(length.add(missing))
}

/** Settings of `cosineSimilarity`. */
export interface CosineSimilarityOptions {
  /** Dimension of the vectors. Default 1. */
  dim?: number
  /** Smallest length to divide by. Default 1e-8. */
  eps?: number
}

export const cosineSimilarityDefaults = { dim: 1, eps: 1e-8 } as const satisfies Defaults<CosineSimilarityOptions>

/** Cosine of the angle between vectors along `dim`; both sides broadcast. torch.nn.functional.cosine_similarity. */
export const cosineSimilarity = composite(
  'cosineSimilarity',
  {
    torch: 'F.cosine_similarity',
    samples: [
      { inputs: [{ shape: [3, 4] }, { shape: [3, 4] }] },
      { inputs: [{ shape: [3, 4, 2] }, { shape: [4, 2] }], options: { dim: -1 } },
      {
        inputs: [
          [3, 4],
          [4, -3],
        ],
        options: { dim: 0 },
      },
      {
        inputs: [
          [
            [0, 0],
            [1e-9, 0],
          ],
          [
            [1, 2],
            [3, 4],
          ],
        ],
        skipGradcheck: 'bends where lengths reach eps',
      },
    ],
  },
  (x1: Tensor, x2: Tensor, options?: CosineSimilarityOptions): Tensor => {
    const { dim, eps } = readOptions('cosineSimilarity', options, cosineSimilarityDefaults)
    const shape = broadcastShapes('cosineSimilarity', x1.shape, x2.shape)
    const d = wrapDim('cosineSimilarity', dim, shape.length)
    return unit(expand(x1, shape), d, eps)
      .mul(unit(expand(x2, shape), d, eps))
      .sum(d)
  },
)

/** Settings of `pairwiseDistance`. */
export interface PairwiseDistanceOptions {
  /** Which norm. Default 2. */
  p?: number
  /** Added to every difference, so that equal vectors have a gradient. Default 1e-6. */
  eps?: number
  /** Keep the last dimension with size 1. Default false. */
  keepdim?: boolean
}

export const pairwiseDistanceDefaults = {
  p: 2,
  eps: 1e-6,
  keepdim: false,
} as const satisfies Defaults<PairwiseDistanceOptions>

/** ‖x1 − x2 + eps‖ₚ along the last dimension; both sides broadcast. torch.nn.functional.pairwise_distance. */
export const pairwiseDistance = composite(
  'pairwiseDistance',
  {
    torch: 'F.pairwise_distance',
    samples: [
      { inputs: [{ shape: [3, 4] }, { shape: [3, 4] }] },
      { inputs: [{ shape: [3, 4] }, { shape: [4] }], options: { p: 1, keepdim: true } },
      { inputs: [{ shape: [2, 3, 4] }, { shape: [2, 3, 4] }], options: { p: 3 } },
      { inputs: [{ shape: [4] }, { shape: [4] }], options: { p: Infinity } },
    ],
  },
  (x1: Tensor, x2: Tensor, options?: PairwiseDistanceOptions): Tensor => {
    const { p, eps, keepdim } = readOptions('pairwiseDistance', options, pairwiseDistanceDefaults)
    const d = x1.sub(x2).add(eps)
    return p === 2 ? safeRoot(d.square().sum(-1, { keepdim })) : norm(d, p, -1, { keepdim })
  },
)
