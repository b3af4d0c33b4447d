/** All parameters as one vector, and back (torch.nn.utils.convert_parameters). */
import { noGrad } from '../../autograd/index.js'
import { cat } from '../../ops/join.js'
import { narrow, reshape } from '../../ops/shape.js'
import { ShapeError } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'

/** The parameters one after the other, 1-D; gradients flow through. torch.nn.utils.parameters_to_vector. */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat([...parameters].map((parameter) => reshape(parameter, [parameter.numel()])))
}

/**
 * Overwrites the parameters with the parts of a vector. torch.nn.utils.vector_to_parameters.
 * @throws ShapeError unless the vector has as many elements as all parameters.
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  const list = [...parameters]
  const total = list.reduce((sum, parameter) => sum + parameter.numel(), 0)
  if (vector.ndim !== 1 || vector.numel() !== total)
    throw new ShapeError(
      `vectorToParameters: the vector has shape [${vector.shape.join(', ')}], the parameters ${total} elements`,
    )
  noGrad(() => {
    let at = 0
    for (const parameter of list) {
      parameter.copy_(reshape(narrow(vector, 0, at, parameter.numel()), parameter.shape))
      at += parameter.numel()
    }
  })
}
