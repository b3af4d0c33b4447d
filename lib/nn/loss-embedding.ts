/** Losses on distances and order, and the distances themselves, as modules; the mathematics is in lib/ops. */
import {
  cosineSimilarity,
  cosineSimilarityDefaults,
  pairwiseDistance,
  pairwiseDistanceDefaults,
} from '../ops/distance.js'
import type { CosineSimilarityOptions, PairwiseDistanceOptions } from '../ops/distance.js'
import * as losses from '../ops/losses/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { Loss } from './loss.js'
import { Module } from './module.js'
import { type Defaults, checkOptions } from '../tensor/options.js'

/** Pulls pairs with target 1 together by their cosine, pushes those with −1 apart. torch.nn.CosineEmbeddingLoss. */
export class CosineEmbeddingLoss extends Loss<losses.MarginOptions> {
  static override readonly defaults: Defaults<losses.MarginOptions> = { reduction: 'mean', margin: 0 }

  forward(x1: Tensor, x2: Tensor, target: Tensor): Tensor {
    return losses.cosineEmbeddingLoss(x1, x2, target, this.options)
  }
}

/** Distances: small for target 1, at least the margin for −1. torch.nn.HingeEmbeddingLoss. */
export class HingeEmbeddingLoss extends Loss<losses.MarginOptions> {
  static override readonly defaults: Defaults<losses.MarginOptions> = { reduction: 'mean', margin: 1 }

  forward(input: Tensor, target: Tensor): Tensor {
    return losses.hingeEmbeddingLoss(input, target, this.options)
  }
}

/** Which of two scores is higher: the first for target 1, the second for −1. torch.nn.MarginRankingLoss. */
export class MarginRankingLoss extends Loss<losses.MarginOptions> {
  static override readonly defaults: Defaults<losses.MarginOptions> = { reduction: 'mean', margin: 0 }

  forward(x1: Tensor, x2: Tensor, target: Tensor): Tensor {
    return losses.marginRankingLoss(x1, x2, target, this.options)
  }
}

/** The positive nearer to the anchor than the negative, by a margin. torch.nn.TripletMarginLoss. */
export class TripletMarginLoss extends Loss<losses.TripletMarginOptions> {
  static override readonly defaults: Defaults<losses.TripletMarginOptions> = {
    reduction: 'mean',
    margin: 1,
    p: 2,
    eps: 1e-6,
    swap: false,
  }

  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return losses.tripletMarginLoss(anchor, positive, negative, this.options)
  }
}

/** The same with a distance of one's own. torch.nn.TripletMarginWithDistanceLoss. */
export class TripletMarginWithDistanceLoss extends Loss<losses.TripletMarginWithDistanceOptions> {
  static override readonly defaults: Defaults<losses.TripletMarginWithDistanceOptions> = {
    reduction: 'mean',
    margin: 1,
    swap: false,
    distanceFunction: pairwiseDistance,
  }

  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return losses.tripletMarginWithDistanceLoss(anchor, positive, negative, this.options)
  }

  override extraRepr(): string {
    const { margin = 1, swap = false, reduction = 'mean' } = this.options
    return `margin=${margin}, swap=${swap}, reduction=${reduction}`
  }
}

/** Cosine of the angle between vectors along `dim` (default 1). torch.nn.CosineSimilarity. */
export class CosineSimilarity extends Module {
  constructor(readonly options: CosineSimilarityOptions = {}) {
    super()
    checkOptions('CosineSimilarity', options, cosineSimilarityDefaults)
  }

  forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.options)
  }

  override extraRepr(): string {
    return `dim=${this.options.dim ?? 1}, eps=${this.options.eps ?? 1e-8}`
  }
}

/** p-norm (default 2) of differences along the last dimension. torch.nn.PairwiseDistance. */
export class PairwiseDistance extends Module {
  constructor(readonly options: PairwiseDistanceOptions = {}) {
    super()
    checkOptions('PairwiseDistance', options, pairwiseDistanceDefaults)
  }

  forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.options)
  }

  override extraRepr(): string {
    const { p = 2, eps = 1e-6, keepdim = false } = this.options
    return `p=${p}, eps=${eps}, keepdim=${keepdim}`
  }
}
