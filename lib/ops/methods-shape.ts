/** Tensor's methods for shapes, parts, new tensors of the same dtype, and questions about memory. */
import { dtypeInfo, isFloating, type DType } from '../tensor/dtype.js'
import { ShapeError, show, type Shape } from '../tensor/shape.js'
import type { AnyShape } from '../tensor/shape-types.js'
import { Tensor } from '../tensor/tensor.js'
import type { OrNamed } from '../tensor/options.js'
import * as arrange from './arrange.js'
import { empty, full, tensor, type TensorData, type TensorOptions } from './creation.js'
import { addMethods } from './define.js'
import * as diagonals from './diagonals.js'
import { diagonal } from './diagonals.js'
import { permute, reshape, transpose, view } from './shape.js'
import * as stacking from './stacking.js'
import * as turning from './turning.js'
import { isNonzero } from './type-info.js'

declare module '../tensor/tensor.js' {
  interface Tensor<S extends Shape = AnyShape> {
    // ---- other shapes ---------------------------------------------------------------------------------------------
    /** Another name of movedim. torch.moveaxis. */
    moveaxis(source: number | readonly number[], destination: number | readonly number[]): Tensor
    /** Another name of transpose. torch.swapdims. */
    swapdims(dim0: number, dim1: number): Tensor
    /** Seen with the sizes of `other`. torch.Tensor.view_as. */
    viewAs<B extends Shape>(other: Tensor<B>): Tensor<B>
    /** With the sizes of `other`: a view where possible, else a copy. torch.Tensor.reshape_as. */
    reshapeAs<B extends Shape>(other: Tensor<B>): Tensor<B>
    /** The elements in row-major order as a vector. torch.ravel. */
    ravel(): Tensor
    /** All dimensions in reverse order: the transposed matrix. torch.Tensor.T. */
    readonly T: Tensor
    /** The transposed matrix of a tensor with two dimensions. torch.Tensor.H. */
    readonly H: Tensor
    /** The last two dimensions exchanged; numbers here are real, so it is mT. torch.Tensor.mH. */
    readonly mH: Tensor
    /** The last two dimensions exchanged. torch.adjoint. */
    adjoint(): Tensor
    /** Equal parts side by side. torch.hsplit. */
    hsplit(sections: number | readonly number[]): Tensor[]
    /** Equal parts one below the other. torch.vsplit. */
    vsplit(sections: number | readonly number[]): Tensor[]
    /** Equal parts one behind the other. torch.dsplit. */
    dsplit(sections: number | readonly number[]): Tensor[]
    /** Turned by k · 90° in the plane of two dimensions. torch.rot90. */
    rot90(k?: number | turning.Rot90Options, dims?: readonly number[] | turning.Rot90Options): Tensor
    /** Columns in reverse order. torch.fliplr. */
    fliplr(): Tensor<S>
    /** Rows in reverse order. torch.flipud. */
    flipud(): Tensor<S>
    /** Any sizes and strides on the same memory. torch.as_strided. */
    asStrided(size: Shape, stride: Shape, storageOffset?: number): Tensor

    // ---- diagonals, parts written into copies or in place -----------------------------------------------------------
    /** Vectors along the last dimension as diagonals of matrices. torch.diag_embed. */
    diagEmbed(offset?: number | diagonals.DiagonalOptions, dim1?: number, dim2?: number): Tensor
    /** A matrix with all elements on its diagonal. torch.diagflat. */
    diagflat(offset?: OrNamed<'offset', number>): Tensor
    /** A copy with `source` on a diagonal. torch.diagonal_scatter. */
    diagonalScatter(
      source: Tensor,
      offset?: number | diagonals.DiagonalOptions,
      dim1?: number,
      dim2?: number,
    ): Tensor<S>
    /** A copy with `source` at one position of a dimension. torch.select_scatter. */
    selectScatter(source: Tensor, dim: number, index: number): Tensor<S>
    /** A copy with `source` in a range of a dimension. torch.slice_scatter. */
    sliceScatter(
      source: Tensor,
      dim?: number | turning.SliceScatterOptions,
      start?: number,
      end?: number,
      step?: number,
    ): Tensor<S>
    /** In place: `value` on the main diagonal of a matrix. torch.Tensor.fill_diagonal_. */
    fillDiagonal_(value: number): this
    /** In place: 0 above the diagonal. */
    tril_(diagonal?: number): this
    /** In place: 0 below the diagonal. */
    triu_(diagonal?: number): this

    // ---- new tensors of this tensor's dtype ---------------------------------------------------------------------------
    /** Zeros of these sizes, of this tensor's dtype unless told otherwise. torch.Tensor.new_zeros. */
    newZeros(...sizes: number[]): Tensor
    newZeros(sizes: Shape, options?: TensorOptions): Tensor
    /** Ones of these sizes, of this tensor's dtype unless told otherwise. torch.Tensor.new_ones. */
    newOnes(...sizes: number[]): Tensor
    newOnes(sizes: Shape, options?: TensorOptions): Tensor
    /** Memory as it is found, of this tensor's dtype unless told otherwise. torch.Tensor.new_empty. */
    newEmpty(...sizes: number[]): Tensor
    newEmpty(sizes: Shape, options?: TensorOptions): Tensor
    /** One number everywhere, of this tensor's dtype unless told otherwise. torch.Tensor.new_full. */
    newFull(sizes: Shape, value: number, options?: TensorOptions): Tensor
    /** A tensor from numbers, of this tensor's dtype unless told otherwise. torch.Tensor.new_tensor. */
    newTensor(data: TensorData, options?: TensorOptions): Tensor
    /** In the dtype of `other`. torch.Tensor.type_as. */
    typeAs(other: Tensor): Tensor<S>

    // ---- questions ------------------------------------------------------------------------------------------------------
    /** Number of elements. torch.Tensor.nelement. */
    nelement(): number
    /** Number of dimensions. torch.Tensor.ndimension. */
    ndimension(): number
    /** Bytes of an element. torch.Tensor.element_size. */
    elementSize(): number
    /** Bytes of an element. torch.Tensor.itemsize. */
    readonly itemsize: number
    /** Bytes of all elements. torch.Tensor.nbytes. */
    readonly nbytes: number
    /** Elements to skip in memory for a step along each dimension, or along one. torch.Tensor.stride. */
    stride(): Shape
    stride(dim: number): number
    /** The first element, counted from the start of the memory. torch.Tensor.storage_offset. */
    storageOffset(): number
    /** Whether the dtype is floating. torch.Tensor.is_floating_point. */
    isFloatingPoint(): boolean
    /** In-place form of squeeze: this tensor loses dimensions of size 1. torch.Tensor.squeeze_. */
    squeeze_(dim?: OrNamed<'dim', number | readonly number[]>): Tensor
    /** In-place form of unsqueeze: this tensor gets a dimension of size 1. torch.Tensor.unsqueeze_. */
    unsqueeze_(dim: number): Tensor
    /** In-place form of transpose: two dimensions of this tensor change places. torch.Tensor.transpose_. */
    transpose_(dim0: number, dim1: number): Tensor
    /** Another name of transpose_. torch.Tensor.swapaxes_. */
    swapaxes_(dim0: number, dim1: number): Tensor
    /** Another name of transpose_. torch.Tensor.swapdims_. */
    swapdims_(dim0: number, dim1: number): Tensor
    /** In-place form of t: this matrix is transposed. torch.Tensor.t_. */
    t_(): Tensor
    /** Whether numbers of this dtype can be negative. torch.Tensor.is_signed. */
    isSigned(): boolean
    /** Never: there are no complex tensors. torch.Tensor.is_complex. */
    isComplex(): boolean
    /** Whether the only element is not 0. torch.is_nonzero. @throws Error unless there is exactly one. */
    isNonzero(): boolean
    /** Whether both have the same sizes. torch.Tensor.is_same_size. */
    isSameSize(other: Tensor): boolean
    /** Another name of toArray. torch.Tensor.tolist. */
    tolist(): NestedArray
  }
}

/** Sizes one by one, or a list and options. */
function sized(args: readonly (number | Shape | TensorOptions)[]): { sizes: number[]; options: TensorOptions } {
  const numbers = args.filter((arg): arg is number => typeof arg === 'number')
  if (numbers.length === args.length) return { sizes: numbers, options: {} }
  return { sizes: [...(args[0] as Shape)], options: (args[1] ?? {}) as TensorOptions }
}

const sameType = (x: Tensor, options: TensorOptions = {}): TensorOptions & { dtype: DType } => ({
  ...options,
  dtype: options.dtype ?? x.dtype,
})

type Sized = (number | Shape | TensorOptions)[]

const direct = {
  ...{ moveaxis: arrange.movedim, swapdims: transpose, ravel: stacking.ravel, adjoint: stacking.adjoint },
  ...{ hsplit: stacking.hsplit, vsplit: stacking.vsplit, dsplit: stacking.dsplit },
  ...{ rot90: turning.rot90, fliplr: turning.fliplr, flipud: turning.flipud, asStrided: turning.asStrided },
  ...{ diagEmbed: turning.diagEmbed, diagflat: turning.diagflat, diagonalScatter: turning.diagonalScatter },
  ...{ selectScatter: turning.selectScatter, sliceScatter: turning.sliceScatter },
}

for (const [name, run] of Object.entries(direct)) {
  const call = run as (self: Tensor, ...args: unknown[]) => unknown
  addMethods(Tensor.prototype, {
    [name](this: Tensor, ...args: unknown[]) {
      return call(this, ...args)
    },
  })
}

/** In-place forms that overwrite the tensor with what the form without underscore gives. */
const replacing = {
  tril_: diagonals.tril,
  triu_: diagonals.triu,
}

for (const [name, run] of Object.entries(replacing)) {
  const call = run as (self: Tensor, ...args: unknown[]) => Tensor
  addMethods(Tensor.prototype, {
    [name](this: Tensor, ...args: unknown[]) {
      return this.copy_(call(this, ...args))
    },
  })
}

addMethods(Tensor.prototype, {
  viewAs(this: Tensor, other: Tensor) {
    return view(this, other.shape)
  },
  reshapeAs(this: Tensor, other: Tensor) {
    return reshape(this, other.shape)
  },
  get T(): Tensor {
    const x = this as unknown as Tensor
    return permute(x, [...x.shape.keys()].reverse())
  },
  get H(): Tensor {
    const x = this as unknown as Tensor
    if (x.ndim !== 2) throw new ShapeError(`H: only for matrices, got ${show(x.shape)}; use .mH`)
    return transpose(x, 0, 1)
  },
  get mH(): Tensor {
    return stacking.adjoint(this as unknown as Tensor)
  },
  fillDiagonal_(this: Tensor, value: number) {
    if (this.ndim !== 2) throw new ShapeError(`fillDiagonal_: needs a matrix, got ${show(this.shape)}`)
    diagonal(this).fill_(value)
    return this
  },
  newZeros(this: Tensor, ...args: Sized) {
    const { sizes, options } = sized(args)
    return full(sizes, 0, sameType(this, options))
  },
  newOnes(this: Tensor, ...args: Sized) {
    const { sizes, options } = sized(args)
    return full(sizes, 1, sameType(this, options))
  },
  newEmpty(this: Tensor, ...args: Sized) {
    const { sizes, options } = sized(args)
    return empty(sizes, sameType(this, options))
  },
  newFull(this: Tensor, sizes: Shape, value: number, options?: TensorOptions) {
    return full(sizes, value, sameType(this, options))
  },
  newTensor(this: Tensor, data: TensorData, options?: TensorOptions) {
    return tensor(data, sameType(this, options))
  },
  typeAs(this: Tensor, other: Tensor) {
    return this.to(other.dtype)
  },
  nelement(this: Tensor) {
    return this.numel()
  },
  ndimension(this: Tensor) {
    return this.ndim
  },
  elementSize(this: Tensor) {
    return dtypeInfo[this.dtype].bytes
  },
  get itemsize(): number {
    return dtypeInfo[(this as unknown as Tensor).dtype].bytes
  },
  get nbytes(): number {
    const x = this as unknown as Tensor
    return x.numel() * dtypeInfo[x.dtype].bytes
  },
  stride(this: Tensor, dim?: number) {
    if (dim === undefined) return this.strides
    const stride = this.strides.at(dim)
    if (stride === undefined)
      throw new RangeError(`stride: dimension ${dim} is out of range for shape ${show(this.shape)}`)
    return stride
  },
  storageOffset(this: Tensor) {
    return this.offset
  },
  isFloatingPoint(this: Tensor) {
    return isFloating(this.dtype)
  },
  isSigned(this: Tensor) {
    return this.dtype !== 'uint8' && this.dtype !== 'bool'
  },
  isComplex() {
    return false
  },
  isNonzero(this: Tensor) {
    return isNonzero(this)
  },
  isSameSize(this: Tensor, other: Tensor) {
    return show(this.shape) === show(other.shape)
  },
  tolist(this: Tensor) {
    return this.toArray()
  },
})
