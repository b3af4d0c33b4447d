/** Tensor's methods that write at positions or where a mask holds. */
import type { Shape } from '../tensor/shape.js'
import type { AnyShape } from '../tensor/shape-types.js'
import { Tensor } from '../tensor/tensor.js'
import { addMethods } from './define.js'
import * as index from './index-ops.js'
import * as inPlace from './scatter-in-place.js'
import * as scatter from './scatter.js'

declare module '../tensor/tensor.js' {
  interface Tensor<S extends Shape = AnyShape> {
    /** With `source` (or one number) written element by element. torch.scatter. */
    scatter(dim: number, index: Tensor, source: Tensor | number, options?: scatter.ScatterOptions): Tensor<S>
    /** With `source` added element by element. torch.scatter_add. */
    scatterAdd(dim: number, index: Tensor, source: Tensor): Tensor<S>
    /** With values for one position reduced to one. torch.scatter_reduce. */
    scatterReduce(
      dim: number,
      index: Tensor,
      source: Tensor,
      reduce: scatter.ReductionArgument,
      options?: scatter.ScatterReduceOptions,
    ): Tensor<S>
    /** With the slices of `source`, times alpha, added at positions. torch.index_add. */
    indexAdd(dim: number, index: Tensor, source: Tensor, options?: index.IndexAddOptions): Tensor<S>
    /** With slices at positions replaced. torch.index_copy. */
    indexCopy(dim: number, index: Tensor, source: Tensor): Tensor<S>
    /** With slices at positions filled with a number. torch.index_fill. */
    indexFill(dim: number, index: Tensor, value: number | Tensor): Tensor<S>
    /** With the slices of `source` reduced in at positions. torch.index_reduce. */
    indexReduce(
      dim: number,
      index: Tensor,
      source: Tensor,
      reduce: scatter.ReductionArgument<Exclude<scatter.ScatterReduction, 'sum'>>,
      options?: scatter.ScatterReduceOptions,
    ): Tensor<S>
    /** With elements of `source` at positions of the flattened tensor. torch.Tensor.put. */
    put(index: Tensor, source: Tensor, options?: scatter.PutOptions): Tensor<S>
    /** With elements of `source` where the mask holds, in order. torch.masked_scatter. */
    maskedScatter(mask: Tensor, source: Tensor): Tensor<S>
    /** With `value` where the mask holds. torch.masked_fill. */
    maskedFill(mask: Tensor, value: number | Tensor): Tensor<S>

    /** In place: `source` (or one number) written element by element. torch.Tensor.scatter_. */
    scatter_(dim: number, index: Tensor, source: Tensor | number, options?: scatter.ScatterOptions): this
    /** In place: `source` added element by element. torch.Tensor.scatter_add_. */
    scatterAdd_(dim: number, index: Tensor, source: Tensor): this
    /** In place: values for one position reduced to one. torch.Tensor.scatter_reduce_. */
    scatterReduce_(
      dim: number,
      index: Tensor,
      source: Tensor,
      reduce: scatter.ReductionArgument,
      options?: scatter.ScatterReduceOptions,
    ): this
    /** In place: slices of `source`, times alpha, added at positions. torch.Tensor.index_add_. */
    indexAdd_(dim: number, index: Tensor, source: Tensor, options?: index.IndexAddOptions): this
    /** In place: slices at positions replaced. torch.Tensor.index_copy_. */
    indexCopy_(dim: number, index: Tensor, source: Tensor): this
    /** In place: slices at positions filled with a number. torch.Tensor.index_fill_. */
    indexFill_(dim: number, index: Tensor, value: number | Tensor): this
    /** In place: slices of `source` reduced in at positions. torch.Tensor.index_reduce_. */
    indexReduce_(
      dim: number,
      index: Tensor,
      source: Tensor,
      reduce: scatter.ReductionArgument<Exclude<scatter.ScatterReduction, 'sum'>>,
      options?: scatter.ScatterReduceOptions,
    ): this
    /** In place: elements of `source` at positions of the flattened tensor. torch.Tensor.put_. */
    put_(index: Tensor, source: Tensor, options?: scatter.PutOptions): this
    /** In place: elements of `source` where the mask holds, in order. torch.Tensor.masked_scatter_. */
    maskedScatter_(mask: Tensor, source: Tensor): this
    /** In place: `value` where the mask holds. torch.Tensor.masked_fill_. */
    maskedFill_(mask: Tensor, value: number | Tensor): this

    /** Positions of the non-zero elements, [n, ndim], or a 1-D tensor for each dimension. torch.nonzero. */
    nonzero(options?: { asTuple?: false }): Tensor
    nonzero(options: { asTuple: true }): Tensor[]
    /** Positions of the non-zero elements, [n, ndim]. torch.argwhere. */
    argwhere(): Tensor
  }
}

const { scatterReduce, indexCopy, indexFill, indexReduce, put, maskedScatter } = scatter
const { scatterAdd, indexAdd, maskedFill, nonzero, argwhere } = index

const direct = {
  ...{ scatter: scatter.scatter, scatterAdd, scatterReduce, indexAdd, indexCopy, indexFill, indexReduce, put },
  ...{ maskedScatter, maskedFill, nonzero, argwhere },
  ...inPlace,
}

for (const [name, run] of Object.entries(direct)) {
  const call = run as (self: Tensor, ...args: unknown[]) => unknown
  addMethods(Tensor.prototype, {
    [name](this: Tensor, ...args: unknown[]) {
      return call(this, ...args)
    },
  })
}
