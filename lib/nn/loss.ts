/** Losses as modules; the mathematics is in lib/ops/losses. */
import {
  crossEntropy,
  l1Loss,
  mseLoss,
  nllLoss,
  type CrossEntropyOptions,
  type NllOptions,
  type ReductionOptions,
} from '../ops/losses/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

/**
 * Softmax and negative log likelihood in one: logits [N, C, …] with class numbers [N, …] (integers, not one-hot) or with
 * probabilities of the input's shape. Result: a single number, or [N, …] for reduction 'none'. Seed 3.4; torch.nn.CrossEntropyLoss.
 */
export class CrossEntropyLoss extends Module {
  constructor(readonly options: CrossEntropyOptions = {}) {
    super()
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return crossEntropy(input, target, this.options)
  }
}

/** Negative log likelihood of log-probabilities [N, C, …] at class numbers [N, …]. Seed 3.4; torch.nn.NLLLoss. */
export class NLLLoss extends Module {
  constructor(readonly options: NllOptions = {}) {
    super()
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return nllLoss(input, target, this.options)
  }
}

/** Mean squared error. Seed 3.4; torch.nn.MSELoss. */
export class MSELoss extends Module {
  constructor(readonly options: ReductionOptions = {}) {
    super()
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this.options)
  }
}

/** Mean absolute error. Seed 3.4; torch.nn.L1Loss. */
export class L1Loss extends Module {
  constructor(readonly options: ReductionOptions = {}) {
    super()
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, this.options)
  }
}
