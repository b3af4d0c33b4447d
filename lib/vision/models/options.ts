/** What all image models are asked for, and how ready weights get into them. */
import type { StateDict } from '../../nn/module.js'
import type { Module } from '../../nn/module.js'
import type { Tensor } from '../../tensor/tensor.js'

/** Options of every model. */
export interface ModelOptions {
  /** Number of classes: the size of the output. Default 1000 (LeNet: 10). */
  numClasses?: number
  /** Parameters to load: a state dict, or the path of a file with one. Default: random ones, torchvision's from the same seed. */
  weights?: string | StateDict | Record<string, Tensor>
}

/** Throws unless there is at least one class. */
export function assertClasses(model: string, numClasses: number): void {
  if (!Number.isInteger(numClasses) || numClasses < 1)
    throw new RangeError(`${model}: numClasses must be a positive integer, got ${numClasses}`)
}

/** The model, with the weights if any are given. @throws naming what does not fit; the weights decide the number of classes. */
export function withWeights<M extends Module>(model: M, weights: ModelOptions['weights']): M {
  if (weights !== undefined) model.loadStateDict(weights as StateDict)
  return model
}
