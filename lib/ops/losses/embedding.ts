/** Losses that place things: near to each other or at least a margin apart. */
import { sameShape, ShapeError, show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { composite } from '../define.js'
import { pairwiseDistance } from '../distance.js'
import { where } from '../index-ops.js'
import { reduceLoss, type ReductionOptions } from './reduction.js'
import { classes } from './sample.js'
import { readOptions } from '../../tensor/options.js'

const rows = { shape: [4, 3] }
const signs = [1, -1, -1, 1]

/** Settings of losses with a margin. */
export interface MarginOptions extends ReductionOptions {
  margin?: number
}

/** Cosines as PyTorch's cosine embedding loss computes them: a small number joins the squared lengths. */
function cosine(x1: Tensor, x2: Tensor): Tensor {
  const square = (x: Tensor): Tensor => x.square().sum(-1).add(1e-12)
  return x1
    .mul(x2)
    .sum(-1)
    .div(square(x1).mul(square(x2)).sqrt())
}

/**
 * 1 − cos(x1, x2) where the target is 1, max(0, cos(x1, x2) − margin) where it is −1; margin 0 by default. Inputs [N, D]
 * with targets [N], or [D] with one target. torch.nn.functional.cosine_embedding_loss.
 * @throws ShapeError for other shapes.
 */
export const cosineEmbeddingLoss = composite(
  'cosineEmbeddingLoss',
  {
    torch: 'lambda a, b, y, **kw: F.cosine_embedding_loss(a, b, torch.tensor(y), **kw)',
    samples: [
      { inputs: [rows, rows], args: [signs] },
      { inputs: [rows, rows], args: [signs], options: { margin: 0.3, reduction: 'sum' } },
      { inputs: [rows, rows], args: [signs], options: { margin: -0.9, reduction: 'none' } },
      { inputs: [{ shape: [3] }, { shape: [3] }], args: [1] },
    ],
    call: (x1: Tensor, x2: Tensor, y: number | number[], options?: MarginOptions) =>
      cosineEmbeddingLoss(x1, x2, classes(y), options),
  },
  (x1: Tensor, x2: Tensor, target: Tensor, options?: MarginOptions): Tensor => {
    const { margin, reduction } = readOptions('cosineEmbeddingLoss', options, { margin: 0, reduction: 'mean' })
    if (
      !sameShape(x1.shape, x2.shape) ||
      x1.ndim !== target.ndim + 1 ||
      !sameShape(x1.shape.slice(0, -1), target.shape)
    )
      throw new ShapeError(
        `cosineEmbeddingLoss: needs inputs [N, D] and targets [N], or inputs [D] and one target, got ${show(x1.shape)}, ${show(x2.shape)} and ${show(target.shape)}`,
      )
    const cos = cosine(x1, x2)
    const apart = where(target.eq(-1), cos.sub(margin).clamp(0), 0)
    return reduceLoss('cosineEmbeddingLoss', where(target.eq(1), cos.neg().add(1), apart), reduction)
  },
)

/**
 * x where the target is 1, max(0, margin − x) where it is −1, for distances x; margin 1 by default.
 * torch.nn.functional.hinge_embedding_loss.
 */
export const hingeEmbeddingLoss = composite(
  'hingeEmbeddingLoss',
  {
    torch: 'lambda x, y, **kw: F.hinge_embedding_loss(x, torch.tensor(y), **kw)',
    samples: [
      { inputs: [{ shape: [4], low: 0, high: 2 }], args: [signs] },
      { inputs: [{ shape: [4], low: 0, high: 2 }], args: [signs], options: { margin: 0.5, reduction: 'none' } },
      { inputs: [{ shape: [4], low: 0, high: 2 }], args: [signs], options: { reduction: 'sum' } },
    ],
    call: (x: Tensor, y: number[], options?: MarginOptions) => hingeEmbeddingLoss(x, classes(y), options),
  },
  (input: Tensor, target: Tensor, options?: MarginOptions): Tensor => {
    const { margin, reduction } = readOptions('hingeEmbeddingLoss', options, { margin: 1, reduction: 'mean' })
    const near = where(target.ne(-1), input, 0)
    const far = where(target.ne(1), input.neg().add(margin).clamp(0), 0)
    return reduceLoss('hingeEmbeddingLoss', near.add(far), reduction)
  },
)

/**
 * max(0, margin − y·(x1 − x2)): 1 asks for x1 above x2, −1 for the reverse; margin 0 by default.
 * torch.nn.functional.margin_ranking_loss.
 * @throws ShapeError unless all three have as many dimensions.
 */
export const marginRankingLoss = composite(
  'marginRankingLoss',
  {
    torch: 'F.margin_ranking_loss',
    samples: [
      { inputs: [{ shape: [4] }, { shape: [4] }, signs] },
      { inputs: [{ shape: [4] }, { shape: [4] }, signs], options: { margin: 0.5, reduction: 'none' } },
      { inputs: [{ shape: [4] }, { shape: [4] }, signs], options: { margin: 1, reduction: 'sum' } },
    ],
  },
  (x1: Tensor, x2: Tensor, target: Tensor, options?: MarginOptions): Tensor => {
    const { margin, reduction } = readOptions('marginRankingLoss', options, { margin: 0, reduction: 'mean' })
    if (x1.ndim !== x2.ndim || x1.ndim !== target.ndim)
      throw new ShapeError(
        `marginRankingLoss: all three must have as many dimensions, got shapes ${show(x1.shape)}, ${show(x2.shape)} and ${show(target.shape)}`,
      )
    return reduceLoss('marginRankingLoss', target.neg().mul(x1.sub(x2)).add(margin).clamp(0), reduction)
  },
)

/** Settings of `tripletMarginLoss`. */
export interface TripletMarginOptions extends MarginOptions {
  /** Which norm. Default 2. */
  p?: number
  /** Added to differences of vectors. Default 1e-6. */
  eps?: number
  /** Use the distance from the positive to the negative where that is smaller (Balntas et al. 2016). Default false. */
  swap?: boolean
}

const triplet = { inputs: [rows, rows, rows] }

function assertMargin(name: string, margin: number): void {
  if (!(margin > 0)) throw new RangeError(`${name}: margin must be greater than 0, got ${margin}`)
}

/**
 * max(0, d(anchor, positive) − d(anchor, negative) + margin) with p-norm distances; margin 1 by default. Inputs [N, D] or
 * [D]. torch.nn.functional.triplet_margin_loss.
 * @throws RangeError unless margin is positive, ShapeError unless all three have as many dimensions.
 */
export const tripletMarginLoss = composite(
  'tripletMarginLoss',
  {
    torch: 'F.triplet_margin_loss',
    samples: [
      triplet,
      { ...triplet, options: { swap: true, reduction: 'none' } },
      { ...triplet, options: { p: 1, margin: 2.5, reduction: 'sum' } },
      { inputs: [{ shape: [3] }, { shape: [3] }, { shape: [3] }] },
    ],
  },
  (anchor: Tensor, positive: Tensor, negative: Tensor, options?: TripletMarginOptions): Tensor => {
    const { p, eps, ...rest } = readOptions('tripletMarginLoss', options, {
      p: 2,
      eps: 1e-6,
      margin: 1,
      swap: false,
      reduction: 'mean',
    })
    if (anchor.ndim !== positive.ndim || anchor.ndim !== negative.ndim)
      throw new ShapeError(
        `tripletMarginLoss: anchor, positive and negative must have as many dimensions, got shapes ${show(anchor.shape)}, ${show(positive.shape)} and ${show(negative.shape)}`,
      )
    return withDistance('tripletMarginLoss', anchor, positive, negative, {
      ...rest,
      distanceFunction: (a, b) => pairwiseDistance(a, b, { p, eps }),
    })
  },
)

/** Settings of `tripletMarginWithDistanceLoss`. */
export interface TripletMarginWithDistanceOptions extends MarginOptions {
  /** Distances of two batches of vectors. Default `pairwiseDistance`. */
  distanceFunction?: (a: Tensor, b: Tensor) => Tensor
  swap?: boolean
}

function withDistance(
  name: string,
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  { margin, swap, reduction, distanceFunction }: Required<TripletMarginWithDistanceOptions>,
): Tensor {
  assertMargin(name, margin)
  const near = distanceFunction(anchor, positive)
  const direct = distanceFunction(anchor, negative)
  const far = swap ? direct.minimum(distanceFunction(positive, negative)) : direct
  return reduceLoss(name, near.sub(far).add(margin).clamp(0), reduction)
}

/** Triplet margin loss with a distance of one's own. torch.nn.functional.triplet_margin_with_distance_loss. */
export const tripletMarginWithDistanceLoss = composite(
  'tripletMarginWithDistanceLoss',
  {
    torch: 'F.triplet_margin_with_distance_loss',
    samples: [triplet, { ...triplet, options: { margin: 0.5, swap: true, reduction: 'sum' } }],
  },
  (anchor: Tensor, positive: Tensor, negative: Tensor, options?: TripletMarginWithDistanceOptions): Tensor =>
    withDistance(
      'tripletMarginWithDistanceLoss',
      anchor,
      positive,
      negative,
      readOptions('tripletMarginWithDistanceLoss', options, {
        margin: 1,
        swap: false,
        reduction: 'mean',
        distanceFunction: pairwiseDistance,
      }),
    ),
)
