/** The bilinear form of two vectors, for many pairs at once. */
import { numel, ShapeError, show } from '../tensor/shape.js'
import { assertTensor, type Tensor } from '../tensor/tensor.js'
import { composite } from './define.js'
import { matmul } from './matmul.js'
import { permute, reshape, unsqueeze } from './shape.js'

/**
 * yₖ = x₁ᵀ Aₖ x₂ + bₖ for x1 [..., in1], x2 [..., in2], weight [out, in1, in2] and bias [out] or null; result [..., out].
 * torch.nn.functional.bilinear.
 * @throws ShapeError when features or leading sizes do not agree.
 */
export const bilinear: (x1: Tensor, x2: Tensor, weight: Tensor, bias?: Tensor | null) => Tensor = composite(
  'bilinear',
  {
    torch: 'F.bilinear',
    samples: [
      { inputs: [{ shape: [5, 2] }, { shape: [5, 3] }, { shape: [4, 2, 3] }, { shape: [4] }] },
      { inputs: [{ shape: [2, 3, 2] }, { shape: [2, 3, 1] }, { shape: [2, 2, 1] }] },
    ],
  },
  (x1: Tensor, x2: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor => {
    for (const [name, x] of Object.entries({ x1, x2, weight })) assertTensor('bilinear', name, x)
    const leading = x1.shape.slice(0, -1)
    const fits =
      weight.ndim === 3 &&
      x1.ndim > 0 &&
      show(leading) === show(x2.shape.slice(0, -1)) &&
      x1.shape.at(-1) === weight.shape[1] &&
      x2.shape.at(-1) === weight.shape[2]
    if (!fits)
      throw new ShapeError(
        `bilinear: needs [..., in1], [..., in2] and a weight [out, in1, in2], got ${show(x1.shape)}, ${show(x2.shape)} and ${show(weight.shape)}`,
      )
    const [out, in1, in2] = weight.shape as [number, number, number]
    const rows = numel(leading)
    const left = matmul(reshape(x1, [rows, in1]), reshape(permute(weight, [1, 0, 2]), [in1, out * in2]))
    const pairs = reshape(left, [rows, out, in2]).mul(unsqueeze(reshape(x2, [rows, in2]), 1))
    const y = reshape(pairs.sum(2), [...leading, out])
    return bias ? y.add(bias) : y
  },
)
