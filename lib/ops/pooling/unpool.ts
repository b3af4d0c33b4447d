/** The way back from maximum pooling: its results at the places where they came from, zeros elsewhere. */
import { numel, sameShape, ShapeError, show } from '../../tensor/shape.js'
import { assertTensor, int64Tensor, type Tensor } from '../../tensor/tensor.js'
import { composite } from '../define.js'
import { assertPlanes, perDim, type Sizes, type Spatial } from './geometry.js'
import { planePut } from './plane.js'
import { readOptions } from '../../tensor/options.js'

/** Settings of `maxUnpool1d`, `maxUnpool2d` and `maxUnpool3d`. */
export interface MaxUnpoolOptions {
  /** Steps between windows. Default: the window's size. */
  stride?: Sizes | null
  /** Border that the pooling had added. Default 0. */
  padding?: Sizes
  /** Sizes of the result where several fit: of the spatial dimensions, or of all. Default: the smallest. */
  outputSize?: readonly number[] | null
}

type MaxUnpool = (x: Tensor, indices: Tensor, kernelSize: Sizes, options?: MaxUnpoolOptions) => Tensor

function outputSizes(
  name: string,
  x: Tensor,
  n: Spatial,
  kernelSize: Sizes,
  options: Required<MaxUnpoolOptions>,
): number[] {
  const kernel = perDim(name, 'kernelSize', kernelSize, n, 1)
  const stride = perDim(name, 'stride', options.stride ?? kernel, n, 1)
  const padding = perDim(name, 'padding', options.padding, n, 0)
  const sizes: number[] = x.shape.slice(-n)
  const smallest = sizes.map((size, d) => (size - 1) * stride[d] + kernel[d] - 2 * padding[d])
  const asked = options.outputSize
  if (asked === null) return smallest
  if (asked.length !== n && asked.length !== n + 2)
    throw new ShapeError(`${name}: outputSize must have ${n} or ${n + 2} sizes, got ${show(asked)}`)
  const out = asked.slice(-n)
  out.forEach((size, d) => {
    if (!(smallest[d] - stride[d] < size && size < smallest[d] + stride[d]))
      throw new ShapeError(
        `${name}: outputSize ${show(asked)} does not fit: size ${d} must lie between ${smallest[d] - stride[d] + 1} and ${smallest[d] + stride[d] - 1}`,
      )
  })
  return out
}

function declare(n: Spatial, shape: number[], indices: number[]): MaxUnpool {
  const name = `maxUnpool${n}d`
  return composite(
    name,
    {
      torch: `lambda x, i, k, **o: F.max_unpool${n}d(x, torch.tensor(i).view(x.shape), k, **o)`,
      samples: [
        { inputs: [{ shape }], args: [indices, 2] },
        {
          inputs: [{ shape: shape.slice(1) }],
          args: [indices, 3],
          options: { stride: 2, padding: 1, output_size: shape.slice(2).map((size) => size * 2) },
        },
      ],
      call: (x: Tensor, at: number[], kernelSize: Sizes, options?: MaxUnpoolOptions & { output_size?: number[] }) => {
        const { output_size: outputSize, ...rest } = options ?? {}
        return unpool(n, x, int64Tensor(at).view(x.shape), kernelSize, { outputSize, ...rest })
      },
    },
    (x: Tensor, positions: Tensor, kernelSize: Sizes, options?: MaxUnpoolOptions): Tensor =>
      unpool(n, x, positions, kernelSize, options),
  )
}

function unpool(n: Spatial, x: Tensor, indices: Tensor, kernelSize: Sizes, given?: MaxUnpoolOptions): Tensor {
  const name = `maxUnpool${n}d`
  const options = readOptions(name, given, { stride: null, padding: 0, outputSize: null })
  assertPlanes(name, x, n)
  assertTensor(name, 'the indices', indices)
  if (indices.dtype !== 'int64')
    throw new TypeError(
      `${name}: the indices must be int64, as pooling with returnIndices makes them, got ${indices.dtype}`,
    )
  if (!sameShape(x.shape, indices.shape))
    throw new ShapeError(`${name}: input ${show(x.shape)} and indices ${show(indices.shape)} must have the same shape`)
  if (x.dtype === 'bool') throw new TypeError(`${name}: bool cannot be unpooled; convert the input with .to('uint8')`)
  const out = outputSizes(name, x, n, kernelSize, options)
  if (numel(out) < 1 || out.some((size) => size < 1))
    throw new ShapeError(`${name}: the result would have sizes ${show(out)} (input ${show(x.shape)})`)
  return planePut({ x, indices: indices.contiguous() }, { spatial: n, shape: [...x.shape.slice(0, -n), ...out] })
}

/**
 * Puts the elements of [N, C, L] or [C, L] where `indices` say, as maxPool1d with `returnIndices` returned them, and zeros
 * elsewhere. torch.nn.functional.max_unpool1d.
 * @throws RangeError for an index outside of the result, ShapeError for an outputSize that no such pooling has.
 */
export const maxUnpool1d = declare(1, [1, 2, 3], [0, 3, 4, 1, 2, 5])

/** As maxUnpool1d for images [N, C, H, W] or [C, H, W]. torch.nn.functional.max_unpool2d. */
export const maxUnpool2d = declare(2, [1, 2, 2, 2], [0, 3, 9, 10, 1, 6, 8, 15])

/** As maxUnpool1d for volumes [N, C, D, H, W] or [C, D, H, W]. torch.nn.functional.max_unpool3d. */
export const maxUnpool3d = declare(3, [1, 1, 2, 2, 2], [0, 3, 9, 10, 33, 38, 40, 47])
