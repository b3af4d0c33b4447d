/** What all image models are asked for, and how ready weights get into them. */
import { extname } from 'node:path'
import { load } from '../../io/index.js'
import { loadSafetensors } from '../../io/safetensors.js'
import type { Module, StateDict } from '../../nn/module.js'
import type { Tensor } from '../../tensor/tensor.js'

/** Options of every model. */
export interface ModelOptions {
  /** Number of classes: the size of the output. Default 1000 (LeNet: 10). */
  numClasses?: number
  /** Parameters to load: a state dict, or the path of a file with one (.pth, .pt, .safetensors). Default: random ones, torchvision's from the same seed. */
  weights?: string | StateDict | Record<string, Tensor>
}

/** Throws unless there is at least one class. */
export function assertClasses(model: string, numClasses: number): void {
  if (!Number.isInteger(numClasses) || numClasses < 1)
    throw new RangeError(`${model}: numClasses must be a positive integer, got ${numClasses}`)
}

/** The model, with the weights if any are given. @throws naming what does not fit; the weights decide the number of classes. */
export function withWeights<M extends Module>(model: M, weights: ModelOptions['weights']): M {
  if (weights !== undefined) model.loadStateDict(typeof weights === 'string' ? fromFile(weights) : weights)
  return model
}

/** The state dict in a file of PyTorch or safetensors. */
function fromFile(path: string): StateDict | Record<string, Tensor> {
  return extname(path) === '.safetensors' ? loadSafetensors(path) : load(path)
}
