/**
 * Images as columns of their windows, and back. A window's positions along a dimension are rows of a sparse matrix, one
 * dimension after the other; putting windows together again is the transposed matrix.
 */
import { numel, ShapeError, show, type Shape } from '../tensor/shape.js'
import { assertFloating, type Tensor } from '../tensor/tensor.js'
import { composite } from './define.js'
import { fromPositions, resample, transposed, type SparseMatrix } from './resample.js'
import { permute, reshape, squeeze, unsqueeze } from './shape.js'
import { readOptions, type Defaults } from '../tensor/options.js'

/** One number for both dimensions, or [height, width]. */
export type Pair = number | Shape

/** Where the windows lie. */
export interface UnfoldOptions {
  /** Distance between neighbours inside a window. Default 1. */
  dilation?: Pair
  /** Zeros around the image. Default 0. */
  padding?: Pair
  /** Distance between windows. Default 1. */
  stride?: Pair
}

/** Their defaults. */
export const unfoldDefaults = { dilation: 1, padding: 0, stride: 1 } as const satisfies Defaults<UnfoldOptions>

interface Windows {
  /** One for each spatial dimension. */
  readonly matrices: readonly SparseMatrix[]
  readonly kernel: Shape
  /** How many windows along each dimension. */
  readonly counts: Shape
}

function pair(name: string, option: string, value: Pair, least: number): Shape {
  const both = typeof value === 'number' ? [value, value] : value
  if (both.length !== 2 || both.some((one) => !Number.isInteger(one) || one < least))
    throw new RangeError(
      `${name}: ${option} is an integer of at least ${least}, or two of them, got ${typeof value === 'number' ? value : show(value)}`,
    )
  return both
}

function windowsOf(name: string, sizes: Shape, kernelSize: Pair, options: UnfoldOptions | undefined): Windows {
  const steps = readOptions(name, options, unfoldDefaults)
  const kernel = pair(name, 'kernelSize', kernelSize, 1)
  const dilation = pair(name, 'dilation', steps.dilation, 1)
  const padding = pair(name, 'padding', steps.padding, 0)
  const stride = pair(name, 'stride', steps.stride, 1)
  const counts = sizes.map(
    (size, d) => Math.floor((size + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d]) + 1,
  )
  if (counts.some((count) => count < 1))
    throw new ShapeError(
      `${name}: windows of ${show(kernel)} (dilation ${show(dilation)}) do not fit into ${show(sizes)} with padding ${show(padding)}`,
    )
  const matrices = sizes.map((size, d) =>
    fromPositions(
      size,
      Array.from({ length: kernel[d] * counts[d] }, (_, i) => {
        const at = Math.floor(i / counts[d]) * dilation[d] + (i % counts[d]) * stride[d] - padding[d]
        return at < size ? at : -1
      }),
    ),
  )
  return { matrices, kernel, counts }
}

const image = { shape: [2, 3, 4, 5] }

/**
 * The windows of images [N, C, H, W] as columns, [N, C·kH·kW, L] with L windows in row-major order; [C, H, W] gives [C·kH·kW, L].
 * torch.nn.functional.unfold.
 */
export const unfoldWindows: (x: Tensor, kernelSize: Pair, options?: UnfoldOptions) => Tensor = composite(
  'unfoldWindows',
  {
    torch: 'F.unfold',
    samples: [
      { inputs: [image], args: [2] },
      { inputs: [image], args: [[2, 3]], options: { padding: [1, 2], stride: 2 } },
      { inputs: [image], args: [[3, 2]], options: { dilation: [1, 3], padding: 1, stride: [1, 2] } },
      { inputs: [{ shape: [2, 3, 3] }], args: [[3, 1]] },
      { inputs: [{ shape: [0, 2, 3, 3] }], args: [2] },
    ],
  },
  (x: Tensor, kernelSize: Pair, options?: UnfoldOptions): Tensor => {
    if (x.ndim === 3) return squeeze(unfoldWindows(unsqueeze(x, 0), kernelSize, options), 0)
    assertFloating('unfold', x)
    if (x.ndim !== 4 || x.shape.slice(1).includes(0))
      throw new ShapeError(`unfold: needs images [N, C, H, W] or [C, H, W], got ${show(x.shape)}`)
    const [batch, channels, ...sizes]: Shape = x.shape
    const { matrices, kernel, counts } = windowsOf('unfold', sizes, kernelSize, options)
    const apart = matrices.reduce((part, matrix, d) => resample(part, d + 2, matrix), x)
    const grid = reshape(apart, [batch, channels, kernel[0], counts[0], kernel[1], counts[1]])
    return reshape(permute(grid, [0, 1, 2, 4, 3, 5]), [batch, channels * numel(kernel), numel(counts)])
  },
)

/**
 * Windows as columns [N, C·kH·kW, L] put back into images [N, C, outputSize…]; where windows overlap they are summed.
 * torch.nn.functional.fold.
 */
export const fold: (x: Tensor, outputSize: Pair, kernelSize: Pair, options?: UnfoldOptions) => Tensor = composite(
  'fold',
  {
    torch: 'F.fold',
    samples: [
      { inputs: [{ shape: [2, 12, 12] }], args: [[4, 5], 2] },
      {
        inputs: [{ shape: [1, 6, 12] }],
        args: [
          [4, 5],
          [2, 3],
        ],
        options: { padding: [1, 2], stride: 2 },
      },
      {
        inputs: [{ shape: [12, 8] }],
        args: [
          [4, 4],
          [3, 2],
        ],
        options: { dilation: [1, 3], padding: 1, stride: [1, 2] },
      },
    ],
  },
  (x: Tensor, outputSize: Pair, kernelSize: Pair, options?: UnfoldOptions): Tensor => {
    if (x.ndim === 2) return squeeze(fold(unsqueeze(x, 0), outputSize, kernelSize, options), 0)
    assertFloating('fold', x)
    const sizes = pair('fold', 'outputSize', outputSize, 1)
    const { matrices, kernel, counts } = windowsOf('fold', sizes, kernelSize, options)
    const [batch, rows, columns]: Shape = x.shape
    if (x.ndim !== 3 || rows === 0 || rows % numel(kernel) !== 0 || columns !== numel(counts))
      throw new ShapeError(
        `fold: windows of ${show(kernel)} in ${show(sizes)} need [N, C·${numel(kernel)}, ${numel(counts)}], got ${show(x.shape)}`,
      )
    const channels = rows / numel(kernel)
    const grid = permute(reshape(x, [batch, channels, ...kernel, ...counts]), [0, 1, 2, 4, 3, 5])
    const apart = reshape(grid, [batch, channels, kernel[0] * counts[0], kernel[1] * counts[1]])
    return [1, 0].reduce((part, d) => resample(part, d + 2, transposed(matrices[d])), apart)
  },
)
