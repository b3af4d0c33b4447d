/** Tensor's methods that scan, sort, count and draw. */
import type { Shape } from '../tensor/shape.js'
import type { AnyShape } from '../tensor/shape-types.js'
import { Tensor } from '../tensor/tensor.js'
import * as count from './count.js'
import { addMethods } from './define.js'
import type { DimOptions, Dims, ReduceOptions, ValuesIndices } from './reduce.js'
import { nanquantile, quantile, type QuantileOptions } from './quantile.js'
import * as samplers from './samplers.js'
import * as scan from './scan.js'
import * as sort from './sort.js'
import { unique, uniqueConsecutive, type SortedUniqueOptions, type Unique, type UniqueOptions } from './unique.js'

declare module '../tensor/tensor.js' {
  interface Tensor<S extends Shape = AnyShape> {
    // ---- running results --------------------------------------------------------------------------------------------
    /** Sums up to each position. torch.cumsum. */
    cumsum(dim: number, options?: scan.CumulativeOptions): Tensor<S>
    /** In place: sums up to each position. */
    cumsum_(dim: number): this
    /** Products up to each position. torch.cumprod. */
    cumprod(dim: number, options?: scan.CumulativeOptions): Tensor<S>
    /** In place: products up to each position. */
    cumprod_(dim: number): this
    /** Largest element up to each position, and where it stands. torch.cummax. */
    cummax(dim: number): ValuesIndices
    /** Smallest element up to each position, and where it stands. torch.cummin. */
    cummin(dim: number): ValuesIndices
    /** ln Σ eˣ up to each position. torch.logcumsumexp. */
    logcumsumexp(dim: number): Tensor<S>
    /** Differences of neighbours. torch.diff. */
    diff(options?: scan.DiffOptions): Tensor

    // ---- order ------------------------------------------------------------------------------------------------------
    /** In ascending order along a dimension (default the last), with the positions. torch.sort. */
    sort(options?: sort.SortOptions): ValuesIndices
    sort(dim: number, options?: sort.SortOptions): ValuesIndices
    /** The positions that sort. torch.argsort. */
    argsort(options?: sort.SortOptions): Tensor<S>
    argsort(dim: number, options?: sort.SortOptions): Tensor<S>
    /** Sorted along the first dimension. torch.msort. */
    msort(): Tensor<S>
    /** The k largest along a dimension, with the positions. torch.topk. */
    topk(k: number, options?: sort.TopkOptions): ValuesIndices
    /** The k-th smallest along a dimension, with its position. torch.kthvalue. */
    kthvalue(k: number, options?: ReduceOptions): ValuesIndices
    kthvalue(k: number, dim: number, options?: ReduceOptions): ValuesIndices
    /** The lower median of all elements; or medians and positions along a dimension. torch.median. */
    median(): Tensor<[]>
    median(dim: number | DimOptions, options?: ReduceOptions): ValuesIndices
    /** The median of what is not NaN. torch.nanmedian. */
    nanmedian(): Tensor<[]>
    nanmedian(dim: number | DimOptions, options?: ReduceOptions): ValuesIndices
    /** The most frequent element along a dimension, with its position. torch.mode. */
    mode(options?: ReduceOptions): ValuesIndices
    mode(dim: number, options?: ReduceOptions): ValuesIndices

    /** The q-quantiles of all elements or along a dimension. torch.quantile. */
    quantile(q: number | Tensor, options?: QuantileOptions): Tensor
    /** The q-quantiles of what is not NaN. torch.nanquantile. */
    nanquantile(q: number | Tensor, options?: QuantileOptions): Tensor
    /** The different elements in ascending order. torch.unique. */
    unique(options: SortedUniqueOptions & ({ returnInverse: true } | { returnCounts: true })): Unique
    unique(options?: SortedUniqueOptions): Tensor
    /** The elements without repeats of the one before. torch.unique_consecutive. */
    uniqueConsecutive(options: UniqueOptions & ({ returnInverse: true } | { returnCounts: true })): Unique
    uniqueConsecutive(options?: UniqueOptions): Tensor

    // ---- counts -----------------------------------------------------------------------------------------------------
    /** How often each of 0, 1, 2, … occurs. torch.bincount. */
    bincount(options?: count.BincountOptions): Tensor
    /** Counts in bins of equal width. torch.histc. */
    histc(options?: count.HistcOptions): Tensor
    /** Counts between edges. torch.histogram. */
    histogram(bins: number | Tensor, options?: count.HistogramOptions): { hist: Tensor; binEdges: Tensor }
    /** In which interval between the boundaries each element lies. torch.bucketize. */
    bucketize(boundaries: Tensor, options?: Pick<count.SearchOptions, 'right' | 'outInt32'>): Tensor<S>
    /** Whether each element occurs among the others. torch.isin. */
    isin(testElements: Tensor | number, options?: count.IsinOptions): Tensor<S>
    /** How many elements are not 0. torch.count_nonzero. */
    countNonzero(dim?: Dims | { dim?: Dims }): Tensor

    // ---- draws ------------------------------------------------------------------------------------------------------
    /** Positions drawn with probabilities proportional to these weights. torch.multinomial. */
    multinomial(numSamples: number, options?: samplers.MultinomialOptions): Tensor
    /** 1 at these probabilities, else 0. torch.bernoulli. */
    bernoulli(options?: samplers.DrawOptions): Tensor<S>
    /** In place: exponential variables. */
    exponential_(lambda?: number, options?: samplers.DrawOptions): this
    /** In place: numbers of trials until a success. */
    geometric_(p: number, options?: samplers.DrawOptions): this
    /** In place: Cauchy variables. */
    cauchy_(median?: number, sigma?: number, options?: samplers.DrawOptions): this
    /** In place: log-normal variables. */
    logNormal_(mean?: number, std?: number, options?: samplers.DrawOptions): this
    /** In place: whole numbers in [from, to), in [0, to), or all that the dtype holds. */
    random_(options?: samplers.DrawOptions): this
    random_(to: number, options?: samplers.DrawOptions): this
    random_(from: number, to: number, options?: samplers.DrawOptions): this
  }
}

const { cumsum, cumsum_, cumprod, cumprod_, cummax, cummin, logcumsumexp, diff } = scan
const { argsort, msort, topk, kthvalue, median, nanmedian, mode } = sort
const { bincount, histc, histogram, bucketize, isin, countNonzero } = count
const { multinomial, bernoulli, exponential_, geometric_, cauchy_, logNormal_, random_ } = samplers

const direct = {
  ...{ cumsum, cumsum_, cumprod, cumprod_, cummax, cummin, logcumsumexp, diff },
  ...{ sort: sort.sort, argsort, msort, topk, kthvalue, median, nanmedian, mode },
  ...{ quantile, nanquantile, unique, uniqueConsecutive },
  ...{ bincount, histc, histogram, bucketize, isin, countNonzero },
  ...{ multinomial, bernoulli, exponential_, geometric_, cauchy_, logNormal_, random_ },
}

for (const [name, run] of Object.entries(direct)) {
  const call = run as (self: Tensor, ...args: unknown[]) => unknown
  addMethods(Tensor.prototype, {
    [name](this: Tensor, ...args: unknown[]) {
      return call(this, ...args)
    },
  })
}
