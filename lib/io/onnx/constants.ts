/** Constants of a model as tensors. */
import type { Tensor } from '../../tensor/tensor.js'
import { numel } from '../../tensor/shape.js'
import { readElements } from '../elements.js'
import { MemoryBytes } from '../files.js'
import type { OnnxTensor } from './model.js'

/** A new tensor with the elements of a constant. */
export function tensorOf({ type, shape, data }: OnnxTensor): Tensor {
  return readElements(new MemoryBytes('ONNX', data), 0, numel(shape), type).view(shape)
}
