/** Losses on classes, labels and yes or no, as modules; the mathematics is in lib/ops/losses. */
import * as losses from '../ops/losses/index.js'
import type { ReductionOptions } from '../ops/losses/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { Loss } from './loss.js'
import { type Defaults } from '../tensor/options.js'

/** A loss with weights, which are saved with the module as PyTorch saves them. */
abstract class WeightedLoss<Options extends { weight?: Tensor | null }> extends Loss<Options> {
  /** Weight of each class (of each element for BCELoss), or null. */
  readonly weight: Tensor | null

  constructor(options: Options = {} as Options) {
    super(options)
    this.weight = options.weight ?? null
    this.registerBuffer('weight')
  }
}

/**
 * Softmax and negative log likelihood in one: logits [N, C, …] with class numbers [N, …] (integers, not one-hot) or with
 * probabilities of the input's shape. Result: a single number, or [N, …] for reduction 'none'. 《深度学习基础》 3.4; torch.nn.CrossEntropyLoss.
 */
export class CrossEntropyLoss extends WeightedLoss<losses.CrossEntropyOptions> {
  static override readonly defaults: Defaults<losses.CrossEntropyOptions> = {
    reduction: 'mean',
    weight: null,
    ignoreIndex: -100,
    labelSmoothing: 0,
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return losses.crossEntropy(input, target, this.options)
  }
}

/** Negative log likelihood of log-probabilities [N, C, …] at class numbers [N, …]. 《深度学习基础》 3.4; torch.nn.NLLLoss. */
export class NLLLoss extends WeightedLoss<losses.NllOptions> {
  static override readonly defaults: Defaults<losses.NllOptions> = {
    reduction: 'mean',
    weight: null,
    ignoreIndex: -100,
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return losses.nllLoss(input, target, this.options)
  }
}

/** Cross entropy of probabilities with targets in [0, 1]. 《深度学习基础》 3.4; torch.nn.BCELoss. */
export class BCELoss extends WeightedLoss<losses.BinaryCrossEntropyOptions> {
  static override readonly defaults: Defaults<losses.BinaryCrossEntropyOptions> = { reduction: 'mean', weight: null }

  forward(input: Tensor, target: Tensor): Tensor {
    return losses.binaryCrossEntropy(input, target, this.options)
  }
}

/** Sigmoid and binary cross entropy in one, for raw scores. 《深度学习基础》 3.4; torch.nn.BCEWithLogitsLoss. */
export class BCEWithLogitsLoss extends WeightedLoss<losses.BinaryCrossEntropyWithLogitsOptions> {
  static override readonly defaults: Defaults<losses.BinaryCrossEntropyWithLogitsOptions> = {
    reduction: 'mean',
    weight: null,
    posWeight: null,
  }

  /** Factor of the positive part of each class, or null. */
  readonly posWeight: Tensor | null

  constructor(options: losses.BinaryCrossEntropyWithLogitsOptions = {}) {
    super(options)
    this.posWeight = options.posWeight ?? null
    this.registerBuffer('posWeight')
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return losses.binaryCrossEntropyWithLogits(input, target, this.options)
  }
}

/**
 * Connectionist temporal classification: logProbs [T, N, C] or [T, C], targets [N, S] or one after the other, and the length
 * of each input and target. torch.nn.CTCLoss.
 */
export class CTCLoss extends Loss<losses.CtcOptions> {
  static override readonly defaults: Defaults<losses.CtcOptions> = { reduction: 'mean', blank: 0, zeroInfinity: false }

  forward(logProbs: Tensor, targets: Tensor, inputLengths: losses.Lengths, targetLengths: losses.Lengths): Tensor {
    return losses.ctcLoss(logProbs, targets, inputLengths, targetLengths, this.options)
  }
}

/** Kullback–Leibler divergence of log-probabilities from a target distribution. 《深度学习基础》 7; torch.nn.KLDivLoss. */
export class KLDivLoss extends Loss<losses.KlDivOptions> {
  static override readonly defaults: Defaults<losses.KlDivOptions> = { reduction: 'mean', logTarget: false }

  forward(input: Tensor, target: Tensor): Tensor {
    return losses.klDiv(input, target, this.options)
  }
}

/** ln(1 + e^(−y·x)) of scores with targets −1 and 1: the negative log likelihood of logistic regression. 《深度学习基础》 3.4. */
export class LogisticLoss extends Loss<ReductionOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return losses.logisticLoss(input, target, this.options)
  }
}

/** ln(1 + e^(−y·x)) of scores with targets −1 and 1. torch.nn.SoftMarginLoss. */
export class SoftMarginLoss extends Loss<ReductionOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return losses.softMarginLoss(input, target, this.options)
  }
}

/** max(0, 1 − y·x) of scores with targets −1 and 1. 《深度学习基础》 7. */
export class HingeLoss extends Loss<ReductionOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return losses.hingeLoss(input, target, this.options)
  }
}

/** e^(−y·x) of scores with targets −1 and 1, as in AdaBoost. 《深度学习基础》 7. */
export class ExponentialLoss extends Loss<ReductionOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return losses.exponentialLoss(input, target, this.options)
  }
}

/** A margin between the score of the right class and all others, [N, C] with class numbers [N]. torch.nn.MultiMarginLoss. */
export class MultiMarginLoss extends WeightedLoss<losses.MultiMarginOptions> {
  static override readonly defaults: Defaults<losses.MultiMarginOptions> = {
    reduction: 'mean',
    p: 1,
    margin: 1,
    weight: null,
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return losses.multiMarginLoss(input, target, this.options)
  }
}

/** A margin between every label's score and every other class's; targets list labels until −1. torch.nn.MultiLabelMarginLoss. */
export class MultiLabelMarginLoss extends Loss<ReductionOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return losses.multilabelMarginLoss(input, target, this.options)
  }
}

/** Binary cross entropy of each class's raw score, averaged over the classes. torch.nn.MultiLabelSoftMarginLoss. */
export class MultiLabelSoftMarginLoss extends WeightedLoss<losses.MultilabelSoftMarginOptions> {
  static override readonly defaults: Defaults<losses.MultilabelSoftMarginOptions> = { reduction: 'mean', weight: null }

  forward(input: Tensor, target: Tensor): Tensor {
    return losses.multilabelSoftMarginLoss(input, target, this.options)
  }
}
