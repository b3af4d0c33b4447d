/** Activations that mix elements: gates, the softmax of −x, and the largest of several pieces. */
import { ShapeError, show, wrapDim, type Shape } from '../../tensor/shape.js'
import type { AnyShape } from '../../tensor/shape-types.js'
import type { Tensor } from '../../tensor/tensor.js'
import { named, type OrNamed } from '../../tensor/options.js'
import { composite } from '../define.js'
import { neg, sigmoid } from '../pointwise.js'
import { extremeWithIndex } from '../reduce.js'
import { narrow, reshape } from '../shape.js'
import { softmax, type SoftmaxOptions } from '../softmax.js'

/**
 * a · σ(b) for the halves a and b of x along `dim` (default the last). torch.nn.functional.glu.
 * @throws ShapeError when that dimension has an odd size.
 */
export const glu = composite(
  'glu',
  {
    torch: 'F.glu',
    samples: [{ inputs: [{ shape: [3, 4] }] }, { inputs: [{ shape: [2, 4, 3] }], options: { dim: 1 } }],
  },
  (x: Tensor, along?: OrNamed<'dim', number>): Tensor => {
    const dim = named('glu', 'dim', along) ?? -1
    if (x.ndim === 0) throw new ShapeError('glu: a 0-d tensor has no halves')
    const d = wrapDim('glu', dim, x.ndim)
    const half = x.shape[d] / 2
    if (!Number.isInteger(half))
      throw new ShapeError(
        `glu: the halved dimension must be even, dimension ${d} of ${show(x.shape)} has ${x.shape[d]}`,
      )
    return narrow(x, d, 0, half).mul(sigmoid(narrow(x, d, half, half)))
  },
)

/** softmax(−x) along `dim`. torch.nn.functional.softmin. */
export const softmin: <S extends Shape = AnyShape>(
  x: Tensor<S>,
  dim: number | SoftmaxOptions,
  options?: SoftmaxOptions,
) => Tensor<S> = composite(
  'softmin',
  { torch: 'F.softmin', samples: [{ inputs: [{ shape: [3, 5], low: -3, high: 3 }], args: [1] }] },
  <S extends Shape>(x: Tensor<S>, dim: number | SoftmaxOptions, options?: SoftmaxOptions): Tensor<S> =>
    softmax(neg(x), dim, options) as Tensor<S>,
)

/**
 * The largest of every `pieces` neighbours along `dim` (default 1, the channels), which shrinks by that factor; the
 * gradient goes to the largest. Goodfellow et al. 2013; 《深度学习基础》 3.2.
 * @throws RangeError for a bad number of pieces, ShapeError when it does not divide the dimension.
 */
export const maxout = composite(
  'maxout',
  {
    torch: 'lambda x, pieces, dim=1: x.unflatten(dim, (-1, pieces)).max(dim if dim < 0 else dim + 1).values',
    samples: [
      { inputs: [{ shape: [3, 6] }], args: [2] },
      { inputs: [{ shape: [2, 6, 4] }], args: [3] },
      { inputs: [{ shape: [2, 6] }], args: [3, -1] },
    ],
  },
  (x: Tensor, pieces: number, dim = 1): Tensor => {
    if (!Number.isInteger(pieces) || pieces < 1)
      throw new RangeError(`maxout: pieces must be a positive integer, got ${pieces}`)
    const d = wrapDim('maxout', dim, x.ndim)
    if (x.ndim === 0 || x.shape[d] % pieces !== 0)
      throw new ShapeError(`maxout: dimension ${dim} of ${show(x.shape)} does not divide into pieces of ${pieces}`)
    const split = [...x.shape.slice(0, d), x.shape[d] / pieces, pieces, ...x.shape.slice(d + 1)]
    return extremeWithIndex('max', reshape(x, split), d + 1).values
  },
)
