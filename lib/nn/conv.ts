/** Convolution layers; the mathematics is in F.conv1d … F.convTranspose3d. */
import { convTranspose1d, convTranspose2d, convTranspose3d, conv1d, conv2d, conv3d } from '../ops/convolution.js'
import { paddingOf, perDimension, type PerDimension } from '../ops/convolution-arguments.js'
import { pad, type PadOptions } from '../ops/pad.js'
import { ShapeError, show, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import type { Parameter } from './parameter.js'
import { assertIntegers, readOptions, type Defaults } from '../tensor/options.js'

/** What stands in the border: zeros, the mirrored image, its outermost elements, or the opposite side. */
export type ConvPaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular'

/** What all convolution layers are asked for. */
interface Common {
  /** Distance between neighbouring positions of the kernel: one number, or one for each dimension. Default 1. */
  stride?: PerDimension
  /** Distance between the elements of the kernel. Default 1. */
  dilation?: PerDimension
  /** Groups of channels that are convolved apart from one another. Default 1. */
  groups?: number
  /** Whether to add a learned number to each output channel. Default true. */
  bias?: boolean
}

/** Options of nn.Conv1d, nn.Conv2d and nn.Conv3d. */
export interface ConvModuleOptions extends Common {
  /** Width of the border on both sides; 'same' keeps the size (stride 1 only), 'valid' is 0. Default 0. */
  padding?: PerDimension | 'same' | 'valid'
  /** What stands in the border. Default 'zeros'. */
  paddingMode?: ConvPaddingMode
}

/** Options of nn.ConvTranspose1d, nn.ConvTranspose2d and nn.ConvTranspose3d. */
export interface ConvTransposeModuleOptions extends Common {
  /** What is cut off on both sides: the padding of the convolution that this one reverses. Default 0. */
  padding?: PerDimension
  /** Further positions at the end, smaller than stride or dilation. Default 0. */
  outputPadding?: PerDimension
  /** Only 'zeros' has a meaning here. */
  paddingMode?: 'zeros'
}

const tuple = (sizes: Shape): string => (sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(', ')})`)

const commonDefaults = { stride: 1, dilation: 1, groups: 1, bias: true } as const satisfies Defaults<Common>

/** What all convolution layers share: parameters with PyTorch's first values, and settings for each dimension. */
abstract class ConvBase extends Module {
  /** Size of the kernel in each dimension. */
  readonly kernelSize: Shape
  readonly stride: Shape
  readonly dilation: Shape
  readonly groups: number
  /** [outChannels, inChannels / groups, …kernelSize]; [inChannels, outChannels / groups, …kernelSize] if transposed. */
  readonly weight: Parameter
  /** [outChannels], or null. */
  readonly bias: Parameter | null

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: PerDimension,
    { stride, dilation, groups, bias }: Required<Common>,
    dims: number,
    transposed: boolean,
  ) {
    super()
    const name = this.constructor.name
    assertIntegers(name, { groups, inChannels, outChannels }, 1)
    for (const [what, channels] of Object.entries({ inChannels, outChannels })) {
      if (channels % groups !== 0)
        throw new RangeError(`${name}: ${what} must be divisible by groups, got ${channels} and ${groups}`)
    }
    this.kernelSize = perDimension(name, 'kernelSize', kernelSize, dims, 1)
    this.stride = perDimension(name, 'stride', stride, dims, 1)
    this.dilation = perDimension(name, 'dilation', dilation, dims, 1)
    this.groups = groups
    const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups]
    this.weight = this.parameter([...channels, ...this.kernelSize])
    this.bias = bias ? this.parameter([outChannels]) : null
    this.resetParameters()
  }

  /** Draws new values, as the constructor does: U(−1/√fanIn, 1/√fanIn), fanIn = weight.shape[1] · kernel elements. */
  resetParameters(): void {
    init.kaimingUniform_(this.weight, { a: Math.sqrt(5) })
    const bound = 1 / Math.sqrt(init.calculateFanInAndFanOut(this.weight).fanIn)
    if (this.bias) init.uniform_(this.bias, -bound, bound)
  }

  /** The settings that differ from their defaults, after channels, kernel and stride. */
  protected abstract extraSettings(): string[]

  override extraRepr(): string {
    const ones = (sizes: Shape): boolean => sizes.every((size) => size === 1)
    return [
      `${this.inChannels}, ${this.outChannels}, kernelSize=${tuple(this.kernelSize)}, stride=${tuple(this.stride)}`,
      ...this.extraSettings(),
      ...(ones(this.dilation) ? [] : [`dilation=${tuple(this.dilation)}`]),
      ...(this.groups === 1 ? [] : [`groups=${this.groups}`]),
      ...(this.bias ? [] : ['bias=false']),
    ].join(', ')
  }
}

/** Convolutions that are not transposed. */
abstract class Conv extends ConvBase {
  readonly padding: Shape | 'same' | 'valid'
  readonly paddingMode: ConvPaddingMode
  /** The border as F.pad takes it, unless the convolution itself adds zeros. */
  private readonly border: number[]

  constructor(
    inChannels: number,
    outChannels: number,
    kernel: PerDimension,
    options: ConvModuleOptions | undefined,
    dims: number,
  ) {
    const { padding, paddingMode, ...common } = readOptions(new.target.name, options, {
      ...commonDefaults,
      padding: 0,
      paddingMode: 'zeros',
    })
    super(inChannels, outChannels, kernel, common, dims, false)
    const name = this.constructor.name
    const modes = ['zeros', 'reflect', 'replicate', 'circular']
    if (!modes.includes(paddingMode))
      throw new RangeError(`${name}: paddingMode must be one of ${modes.join(', ')}, got '${String(paddingMode)}'`)
    const { before, after } = paddingOf(name, padding, this.kernelSize, this.stride, this.dilation)
    this.padding = typeof padding === 'string' ? padding : before
    this.paddingMode = paddingMode
    this.border = before.flatMap((size, d) => [size, after[d]])
  }

  /** The operation, with zeros for a border. */
  protected abstract convolve(x: Tensor, padding: PerDimension | 'same' | 'valid'): Tensor

  forward(x: Tensor): Tensor {
    if (this.paddingMode === 'zeros') return this.convolve(x, this.padding)
    // F.pad lists pairs from the last dimension to the first.
    const pairs = this.kernelSize.map((_, d) => this.border.slice(2 * d, 2 * d + 2)).reverse()
    const mode = this.paddingMode as PadOptions['mode']
    return this.convolve(pad(x, pairs.flat(), { mode }), 0)
  }

  protected override extraSettings(): string[] {
    const zeros = typeof this.padding !== 'string' && this.padding.every((size) => size === 0)
    return [
      ...(zeros ? [] : [`padding=${typeof this.padding === 'string' ? `'${this.padding}'` : tuple(this.padding)}`]),
    ]
  }

  override extraRepr(): string {
    return super.extraRepr() + (this.paddingMode === 'zeros' ? '' : `, paddingMode='${this.paddingMode}'`)
  }
}

/**
 * Convolution of sequences [N, inChannels, L] or [inChannels, L]; result [N, outChannels, L'] with
 * L' = ⌊(L + 2·padding − dilation·(k − 1) − 1) / stride⌋ + 1. torch.nn.Conv1d.
 * @throws RangeError for settings out of range, ShapeError when an input does not fit.
 */
export class Conv1d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDimension, options?: ConvModuleOptions) {
    super(inChannels, outChannels, kernelSize, options, 1)
  }

  protected override convolve(x: Tensor, padding: PerDimension | 'same' | 'valid'): Tensor {
    return conv1d(x, this.weight, this.bias, { ...settings(this), padding })
  }
}

/**
 * Convolution of images [N, inChannels, H, W] or [inChannels, H, W]; result [N, outChannels, H', W'] with
 * H' = ⌊(H + 2·padding − dilation·(kh − 1) − 1) / stride⌋ + 1. 《深度学习基础》 5; torch.nn.Conv2d.
 * @throws RangeError for settings out of range, ShapeError when an input does not fit.
 */
export class Conv2d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDimension, options?: ConvModuleOptions) {
    super(inChannels, outChannels, kernelSize, options, 2)
  }

  protected override convolve(x: Tensor, padding: PerDimension | 'same' | 'valid'): Tensor {
    return conv2d(x, this.weight, this.bias, { ...settings(this), padding })
  }
}

/**
 * Convolution of volumes [N, inChannels, D, H, W] or [inChannels, D, H, W]; sizes as in Conv2d. torch.nn.Conv3d.
 * @throws RangeError for settings out of range, ShapeError when an input does not fit.
 */
export class Conv3d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDimension, options?: ConvModuleOptions) {
    super(inChannels, outChannels, kernelSize, options, 3)
  }

  protected override convolve(x: Tensor, padding: PerDimension | 'same' | 'valid'): Tensor {
    return conv3d(x, this.weight, this.bias, { ...settings(this), padding })
  }
}

const settings = ({ stride, dilation, groups }: ConvBase) => ({ stride, dilation, groups })

/** What a transposed convolution is asked for besides its input. */
export interface OutputSizeOptions {
  /** Spatial sizes of the result (or its whole shape), where the stride leaves several possible. Default: the smallest. */
  outputSize?: Shape
}

/** Transposed convolutions. */
abstract class ConvTranspose extends ConvBase {
  readonly padding: Shape
  readonly outputPadding: Shape

  constructor(
    inChannels: number,
    outChannels: number,
    kernel: PerDimension,
    options: ConvTransposeModuleOptions | undefined,
    dims: number,
  ) {
    const { padding, outputPadding, paddingMode, ...common } = readOptions(new.target.name, options, {
      ...commonDefaults,
      padding: 0,
      outputPadding: 0,
      paddingMode: 'zeros',
    })
    super(inChannels, outChannels, kernel, common, dims, true)
    const name = this.constructor.name
    if (paddingMode !== 'zeros')
      throw new RangeError(`${name}: paddingMode must be 'zeros' for a transposed layer, got '${String(paddingMode)}'`)
    this.padding = perDimension(name, 'padding', padding, dims, 0)
    this.outputPadding = perDimension(name, 'outputPadding', outputPadding, dims, 0)
  }

  /** The operation, with this outputPadding. */
  protected abstract convolve(x: Tensor, outputPadding: Shape): Tensor

  /** @throws RangeError when `outputSize` is not one of the sizes that the stride leaves possible. */
  forward(x: Tensor, options?: OutputSizeOptions): Tensor {
    const { outputSize } = readOptions(`${this.constructor.name}.forward`, options, { outputSize: undefined })
    return this.convolve(x, outputSize === undefined ? this.outputPadding : this.paddingFor(x, outputSize))
  }

  private paddingFor(x: Tensor, outputSize: Shape): number[] {
    const dims = this.kernelSize.length
    const name = this.constructor.name
    const wanted = outputSize.length === x.ndim ? outputSize.slice(-dims) : outputSize
    if (wanted.length !== dims || x.ndim < dims)
      throw new ShapeError(
        `${name}: outputSize must have ${dims} spatial sizes or the ${x.ndim} of the whole result, got ${show(outputSize)}`,
      )
    const smallest = x.shape
      .slice(-dims)
      .map(
        (size: number, d: number) =>
          (size - 1) * this.stride[d] - 2 * this.padding[d] + this.dilation[d] * (this.kernelSize[d] - 1) + 1,
      ) as number[]
    const largest = smallest.map((size, d) => size + this.stride[d] - 1)
    if (wanted.some((size, d) => !Number.isInteger(size) || size < smallest[d] || size > largest[d]))
      throw new RangeError(
        `${name}: outputSize ${show(wanted)} is not possible: it may lie between ${show(smallest)} and ${show(largest)} for an input of shape ${show(x.shape)}`,
      )
    return wanted.map((size, d) => size - smallest[d])
  }

  protected override extraSettings(): string[] {
    const some = (sizes: Shape): boolean => sizes.some((size) => size !== 0)
    return [
      ...(some(this.padding) ? [`padding=${tuple(this.padding)}`] : []),
      ...(some(this.outputPadding) ? [`outputPadding=${tuple(this.outputPadding)}`] : []),
    ]
  }
}

/**
 * Transposed convolution of sequences [N, inChannels, L] or [inChannels, L]; result [N, outChannels, L'] with
 * L' = (L − 1)·stride − 2·padding + dilation·(k − 1) + outputPadding + 1. torch.nn.ConvTranspose1d.
 * @throws RangeError for settings out of range, ShapeError when an input does not fit.
 */
export class ConvTranspose1d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDimension, options?: ConvTransposeModuleOptions) {
    super(inChannels, outChannels, kernelSize, options, 1)
  }

  protected override convolve(x: Tensor, outputPadding: Shape): Tensor {
    return convTranspose1d(x, this.weight, this.bias, { ...settings(this), padding: this.padding, outputPadding })
  }
}

/**
 * Transposed convolution of images [N, inChannels, H, W] or [inChannels, H, W]; result [N, outChannels, H', W'] with
 * H' = (H − 1)·stride − 2·padding + dilation·(kh − 1) + outputPadding + 1. torch.nn.ConvTranspose2d.
 * @throws RangeError for settings out of range, ShapeError when an input does not fit.
 */
export class ConvTranspose2d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDimension, options?: ConvTransposeModuleOptions) {
    super(inChannels, outChannels, kernelSize, options, 2)
  }

  protected override convolve(x: Tensor, outputPadding: Shape): Tensor {
    return convTranspose2d(x, this.weight, this.bias, { ...settings(this), padding: this.padding, outputPadding })
  }
}

/**
 * Transposed convolution of volumes [N, inChannels, D, H, W] or [inChannels, D, H, W]; sizes as in ConvTranspose2d.
 * torch.nn.ConvTranspose3d.
 * @throws RangeError for settings out of range, ShapeError when an input does not fit.
 */
export class ConvTranspose3d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDimension, options?: ConvTransposeModuleOptions) {
    super(inChannels, outChannels, kernelSize, options, 3)
  }

  protected override convolve(x: Tensor, outputPadding: Shape): Tensor {
    return convTranspose3d(x, this.weight, this.bias, { ...settings(this), padding: this.padding, outputPadding })
  }
}
