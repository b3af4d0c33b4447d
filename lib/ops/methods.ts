/** Tensor's methods for all ops: the same functions, called on their first argument, typed with shapes where these are known. */
import type { Shape } from '../tensor/shape.js'
import type {
  AnyShape,
  Broadcast,
  CanBroadcast,
  CanMatmul,
  Matmul,
  Transposed,
  ViewSizes,
} from '../tensor/shape-types.js'
import { Tensor } from '../tensor/tensor.js'
import * as products from './add-products.js'
import * as advanced from './advanced-index.js'
import type { OrNamed } from '../tensor/options.js'
import * as alpha from './alpha.js'
import * as arrange from './arrange.js'
import * as compare from './compare.js'
import { addMethods } from './define.js'
import * as diagonals from './diagonals.js'
import * as einsum from './einsum.js'
import * as index from './index-ops.js'
import * as join from './join.js'
import * as linear from './matmul.js'
import * as point from './pointwise.js'
import * as random from './random.js'
import * as reduce from './reduce.js'
import type { Dims, ReduceOptions } from './reduce.js'
import * as scatter from './scatter.js'
import * as shape from './shape.js'
import { logSoftmax, softmax, type SoftmaxOptions } from './softmax.js'

declare module '../tensor/tensor.js' {
  interface Tensor<S extends Shape = AnyShape> extends Iterable<Tensor>, Disposable {
    // ---- arithmetic: broadcasting, type promotion; a plain number on the right ------------------------------------
    /** this + alpha · other. torch.add. */
    add(other: number, options?: { alpha?: number }): Tensor<S>
    add<B extends Shape>(other: Tensor<B> & CanBroadcast<S, B>, options?: { alpha?: number }): Tensor<Broadcast<S, B>>
    /** this − alpha · other. torch.sub. */
    sub(other: number, options?: { alpha?: number }): Tensor<S>
    sub<B extends Shape>(other: Tensor<B> & CanBroadcast<S, B>, options?: { alpha?: number }): Tensor<Broadcast<S, B>>
    /** this · other, elementwise. torch.mul. */
    mul(other: number): Tensor<S>
    mul<B extends Shape>(other: Tensor<B> & CanBroadcast<S, B>): Tensor<Broadcast<S, B>>
    /** this / other; integers become float32. torch.div. */
    div(other: number): Tensor<S>
    div<B extends Shape>(other: Tensor<B> & CanBroadcast<S, B>): Tensor<Broadcast<S, B>>
    /** this to the power of the exponent. torch.pow. */
    pow(exponent: number): Tensor<S>
    pow<B extends Shape>(exponent: Tensor<B> & CanBroadcast<S, B>): Tensor<Broadcast<S, B>>
    /** The larger of the two, elementwise. torch.maximum. */
    maximum<B extends Shape>(other: Tensor<B> & CanBroadcast<S, B>): Tensor<Broadcast<S, B>>
    /** The smaller of the two, elementwise. torch.minimum. */
    minimum<B extends Shape>(other: Tensor<B> & CanBroadcast<S, B>): Tensor<Broadcast<S, B>>
    /** In place: this += alpha · other. */
    add_(other: Tensor | number, options?: { alpha?: number }): this
    /** In place: this −= alpha · other. */
    sub_(other: Tensor | number, options?: { alpha?: number }): this
    /** In place: this *= other. */
    mul_(other: Tensor | number): this
    /** In place: every element becomes `value`. */
    fill_(value: number | Tensor): this
    /** In place: every element becomes 0. */
    zero_(): this

    // ---- functions of each element ----------------------------------------------------------------------------------
    /** −x. torch.neg. */
    neg(): Tensor<S>
    /** |x|. torch.abs. */
    abs(): Tensor<S>
    /** −1, 0 or 1. torch.sign. */
    sign(): Tensor<S>
    /** eˣ. torch.exp. */
    exp(): Tensor<S>
    /** eˣ − 1, exact near 0. torch.expm1. */
    expm1(): Tensor<S>
    /** Natural logarithm. torch.log. */
    log(): Tensor<S>
    /** ln(1 + x), exact near 0. torch.log1p. */
    log1p(): Tensor<S>
    /** √x. torch.sqrt. */
    sqrt(): Tensor<S>
    /** 1/√x. torch.rsqrt. */
    rsqrt(): Tensor<S>
    /** x². torch.square. */
    square(): Tensor<S>
    /** 1/x. torch.reciprocal. */
    reciprocal(): Tensor<S>
    /** Sine, radians. torch.sin. */
    sin(): Tensor<S>
    /** Cosine, radians. torch.cos. */
    cos(): Tensor<S>
    /** Hyperbolic tangent. torch.tanh. */
    tanh(): Tensor<S>
    /** Logistic function 1/(1+e^−x). torch.sigmoid. */
    sigmoid(): Tensor<S>
    /** max(0, x). torch.relu. */
    relu(): Tensor<S>
    /** Error function. torch.erf. */
    erf(): Tensor<S>
    /** Largest integer ≤ x. torch.floor. */
    floor(): Tensor<S>
    /** Smallest integer ≥ x. torch.ceil. */
    ceil(): Tensor<S>
    /** x without its fraction. torch.trunc. */
    trunc(): Tensor<S>
    /** In place: max(0, x). */
    relu_(): this
    /** Whether each element is not a number. */
    isnan(): Tensor<S>
    /** Whether each element is neither NaN nor infinite. */
    isfinite(): Tensor<S>

    // ---- comparisons: bool results ----------------------------------------------------------------------------------
    /** this = other. torch.eq. */
    eq(other: Tensor | number): Tensor
    /** this ≠ other. torch.ne. */
    ne(other: Tensor | number): Tensor
    /** this < other. torch.lt. */
    lt(other: Tensor | number): Tensor
    /** this ≤ other. torch.le. */
    le(other: Tensor | number): Tensor
    /** this > other. torch.gt. */
    gt(other: Tensor | number): Tensor
    /** this ≥ other. torch.ge. */
    ge(other: Tensor | number): Tensor
    /** Both non-zero. torch.logical_and. */
    logicalAnd(other: Tensor): Tensor
    /** At least one non-zero. torch.logical_or. */
    logicalOr(other: Tensor): Tensor
    /** Exactly one non-zero. torch.logical_xor. */
    logicalXor(other: Tensor): Tensor
    /** Zero. torch.logical_not. */
    logicalNot(): Tensor<S>
    /** Whether shapes and all elements are the same. torch.equal. */
    equal(other: Tensor): boolean
    /** Whether all elements agree within atol + rtol·|other|. torch.allclose. */
    allclose(other: Tensor, options?: compare.CloseOptions): boolean

    // ---- reductions -------------------------------------------------------------------------------------------------
    /** Sum over one dimension, several, or all. torch.sum. */
    sum(): Tensor<[]>
    sum(dim: Dims | reduce.SumOptions, options?: reduce.SumOptions): Tensor
    /** Mean over one dimension, several, or all. torch.mean. */
    mean(): Tensor<[]>
    mean(dim: Dims | reduce.SumOptions, options?: reduce.SumOptions): Tensor
    /** Product over all elements or one dimension. torch.prod. */
    prod(dim?: number | reduce.SumOptions, options?: reduce.SumOptions): Tensor
    /** Variance with Bessel's correction unless told otherwise. torch.var. */
    var(dim?: Dims | reduce.VarianceOptions, options?: reduce.VarianceOptions): Tensor
    /** Standard deviation with Bessel's correction unless told otherwise. torch.std. */
    std(dim?: Dims | reduce.VarianceOptions, options?: reduce.VarianceOptions): Tensor
    /** The largest element; or along `dim` the largest values and their positions. torch.max. */
    max(): Tensor<[]>
    max(dim: number | reduce.DimOptions, options?: ReduceOptions): reduce.ValuesIndices
    /** The smallest element; or along `dim` the smallest values and their positions. torch.min. */
    min(): Tensor<[]>
    min(dim: number | reduce.DimOptions, options?: ReduceOptions): reduce.ValuesIndices
    /** Largest elements over dimensions. torch.amax. */
    amax(dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor
    /** Smallest elements over dimensions. torch.amin. */
    amin(dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor
    /** Position of the largest element. torch.argmax. */
    argmax(dim?: number | ReduceOptions, options?: ReduceOptions): Tensor
    /** Position of the smallest element. torch.argmin. */
    argmin(dim?: number | ReduceOptions, options?: ReduceOptions): Tensor
    /** Whether any element is non-zero. torch.any. */
    any(dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor
    /** Whether all elements are non-zero. torch.all. */
    all(dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor
    /** ln Σ eˣ without overflow. torch.logsumexp. */
    logsumexp(dim: Dims | ReduceOptions, options?: ReduceOptions): Tensor
    /** @internal Sums away what broadcasting added. */
    sumTo(shape: Shape): Tensor

    // ---- views and shapes -------------------------------------------------------------------------------------------
    /** The same memory with other sizes; one may be −1. torch.Tensor.view. @example images.view(-1, 784) */
    view<D extends number, V extends D[]>(...sizes: V): Tensor<ViewSizes<V>>
    view(sizes: Shape): Tensor
    /** Other sizes: a view where possible, else a copy. torch.reshape. */
    reshape<D extends number, V extends D[]>(...sizes: V): Tensor<ViewSizes<V>>
    reshape(sizes: Shape): Tensor
    /** Dimensions startDim … endDim made one. torch.flatten. */
    flatten(startDim?: number | shape.FlattenOptions, endDim?: number | shape.FlattenOptions): Tensor
    /** Without dimensions of size 1: all, one, or several. torch.squeeze. */
    squeeze(dim?: OrNamed<'dim', number | readonly number[]>): Tensor
    /** With a dimension of size 1 before `dim`. torch.unsqueeze. */
    unsqueeze(dim: number): Tensor
    /** Two dimensions exchanged. torch.transpose. */
    transpose(dim0: number, dim1: number): Tensor
    /** Transposed matrix of a tensor with at most two dimensions. torch.t. */
    t(): Tensor<Transposed<S>>
    /** The last two dimensions exchanged. torch.Tensor.mT. */
    readonly mT: Tensor<Transposed<S>>
    /** Dimensions in another order. torch.permute. */
    permute(...dims: number[]): Tensor
    permute(dims: Shape): Tensor
    /** Dimensions of size 1 repeated without a copy. torch.Tensor.expand. */
    expand(...sizes: number[]): Tensor
    expand(sizes: Shape): Tensor
    /** Expanded to the other's shape. torch.Tensor.expand_as. */
    expandAs<B extends Shape>(other: Tensor<B>): Tensor<B>
    /** One position of one dimension, which disappears. torch.select. */
    select(dim: number, index: number): Tensor
    /** `length` positions from `start` of one dimension. torch.narrow. */
    narrow(dim: number, start: number, length: number): Tensor
    /** Positions start … end (not included) of one dimension; negative ones count from the end. Python's x[start:end:step] for dim 0. */
    slice(dim: number, start?: number, end?: number, step?: number): Tensor
    /** The element or sub-tensor at these leading positions: x.at(2), x.at(0, -1). Python's x[2], x[0, -1]. */
    at(...positions: number[]): Tensor
    /** Pieces of `size` positions, or of the listed sizes. torch.split. */
    split(size: number | readonly number[], dim?: OrNamed<'dim', number>): Tensor[]
    /** At most this many equal pieces. torch.chunk. */
    chunk(chunks: number, dim?: OrNamed<'dim', number>): Tensor[]
    /** All slices along a dimension. torch.unbind. */
    unbind(dim?: OrNamed<'dim', number>): Tensor[]
    /** So many parts, as equal as possible, or parts that begin at 0 and at the listed positions. torch.tensor_split. */
    tensorSplit(sections: number | readonly number[], dim?: OrNamed<'dim', number>): Tensor[]
    /** One dimension seen as several; one of the sizes may be −1. torch.unflatten. */
    unflatten(dim: number, sizes: Shape): Tensor
    /** Dimensions moved to other places. torch.movedim. */
    movedim(source: number | readonly number[], destination: number | readonly number[]): Tensor
    /** Another name of transpose. torch.swapaxes. */
    swapaxes(axis0: number, axis1: number): Tensor
    /** Seen with the sizes `shape`. torch.broadcast_to. */
    broadcastTo(shape: Shape): Tensor
    /** The diagonal of two dimensions as the last one of a view. torch.diagonal. */
    diagonal(offset?: number | diagonals.DiagonalOptions, dim1?: number, dim2?: number): Tensor
    /** All windows of `size` positions along `dim`, `step` apart, as a last dimension. A view. torch.Tensor.unfold. */
    unfold(dim: number, size: number, step: number): Tensor

    // ---- rearranged copies --------------------------------------------------------------------------------------------
    /** Positions in reverse order along dimensions. torch.flip. */
    flip(...dims: number[]): Tensor<S>
    flip(dims: readonly number[]): Tensor<S>
    /** Positions moved on, the last ones coming in at the front. torch.roll. */
    roll(shifts: number | readonly number[], dims?: OrNamed<'dims', number | readonly number[]>): Tensor<S>
    /** The whole tensor put side by side as often as told along each dimension. torch.Tensor.repeat. */
    repeat(...sizes: number[]): Tensor
    repeat(sizes: Shape): Tensor
    /** Like repeat, with counts of 1 added in front. torch.tile. */
    tile(...sizes: number[]): Tensor
    tile(sizes: Shape): Tensor
    /** Each position repeated next to itself. torch.repeat_interleave. */
    repeatInterleave(repeats: number | readonly number[] | Tensor, dim?: OrNamed<'dim', number>): Tensor
    /** 0 above the diagonal. torch.tril. */
    tril(diagonal?: OrNamed<'diagonal', number>): Tensor<S>
    /** 0 below the diagonal. torch.triu. */
    triu(diagonal?: OrNamed<'diagonal', number>): Tensor<S>
    /** The diagonal of a matrix, or the matrix with this vector on its diagonal. torch.diag. */
    diag(diagonal?: OrNamed<'diagonal', number>): Tensor

    // ---- picking and placing by position or mask ----------------------------------------------------------------------------------
    /** Positions `index` (1-D) of one dimension. torch.index_select. */
    indexSelect(dim: number, index: Tensor): Tensor
    /** Element by element along a dimension. torch.gather. */
    gather(dim: number, index: Tensor): Tensor
    /** The elements of the flattened tensor at these positions. torch.take. */
    take(index: Tensor): Tensor
    /** Like gather, broadcasting; without dim both are flattened. torch.take_along_dim. */
    takeAlongDim(index: Tensor, dim?: OrNamed<'dim', number>): Tensor
    /**
     * What Python writes x[…]: positions, null, '...', slices such as '1:8:2' or { start, end, step }, int tensors or arrays,
     * masks. A view unless there are tensors or arrays.
     * @example x.index(0) @example x.index(':', -1) @example x.index([0, 2], ':') @example x.index(x.gt(0))
     */
    index(...items: advanced.IndexItem[]): Tensor
    /** In place: what Python writes x[items] = value. torch.Tensor.index_put_. @example x.indexPut_([x.lt(0)], 0) */
    indexPut_(items: readonly advanced.IndexItem[], value: Tensor | number, options?: { accumulate?: boolean }): this
    /** A copy with `value` at the items. torch.index_put. */
    indexPut(
      items: readonly advanced.IndexItem[],
      value: Tensor | number,
      options?: { accumulate?: boolean },
    ): Tensor<S>
    /** The elements where the mask holds, 1-D. torch.masked_select. */
    maskedSelect(mask: Tensor): Tensor
    /** This (a bool condition) chooses between a and b; on a tensor that is not bool: itself where the bool a holds, else b. torch.where. */
    where(a: Tensor | number, b: Tensor | number): Tensor
    /** The positions where this holds, one tensor for each dimension. torch.where with the condition alone. */
    where(): Tensor[]

    // ---- products, softmax, random filling ---------------------------------------------------------------------------
    /** Matrix product; batches broadcast. torch.matmul. */
    matmul<B extends Shape>(other: Tensor<B> & CanMatmul<S, B>): Tensor<Matmul<S, B>>
    /** Product of two matrices. torch.mm. */
    mm<B extends Shape>(other: Tensor<B> & CanMatmul<S, B>): Tensor<Matmul<S, B>>
    /** Products of two batches of matrices. torch.bmm. */
    bmm(other: Tensor): Tensor
    /** β·this + α·(a · b) for matrices. torch.addmm. */
    addmm(a: Tensor, b: Tensor, options?: products.AddProductOptions): Tensor
    /** β·this + α·(a · v) for a matrix and a vector. torch.addmv. */
    addmv(a: Tensor, v: Tensor, options?: products.AddProductOptions): Tensor
    /** β·this + α·(a · b) for batches of matrices. torch.baddbmm. */
    baddbmm(a: Tensor, b: Tensor, options?: products.AddProductOptions): Tensor
    /** Kronecker's product. torch.kron. */
    kron(other: Tensor): Tensor
    /** Σ aᵢbᵢ of two vectors. torch.dot. */
    dot(other: Tensor): Tensor<[]>
    /** aᵢbⱼ of two vectors. torch.outer. */
    outer(other: Tensor): Tensor
    /** eˣ / Σ eˣ along a dimension. torch.softmax. */
    softmax(dim: number | SoftmaxOptions, options?: SoftmaxOptions): Tensor<S>
    /** ln softmax along a dimension. torch.log_softmax. */
    logSoftmax(dim: number | SoftmaxOptions, options?: SoftmaxOptions): Tensor<S>
    /** In place: uniform numbers in [from, to). */
    uniform_(from?: number | random.UniformOptions, to?: number, options?: random.UniformOptions): this
    /** In place: normal numbers. */
    normal_(mean?: number | random.MeanStdOptions, std?: number, options?: random.MeanStdOptions): this
    /** In place: 1 at probability p, else 0. */
    bernoulli_(p?: number | Tensor | random.BernoulliOptions, options?: random.BernoulliOptions): this
  }
}

/** Functions of the tensor alone, and functions whose first argument is the tensor: the method is the function. */
const direct = {
  ...{
    neg: point.neg,
    abs: point.abs,
    sign: point.sign,
    exp: point.exp,
    expm1: point.expm1,
    log: point.log,
    log1p: point.log1p,
  },
  ...{
    sqrt: point.sqrt,
    rsqrt: point.rsqrt,
    square: point.square,
    reciprocal: point.reciprocal,
    sin: point.sin,
    cos: point.cos,
  },
  ...{
    tanh: point.tanh,
    sigmoid: point.sigmoid,
    relu: point.relu,
    erf: point.erf,
    floor: point.floor,
    ceil: point.ceil,
  },
  ...{ trunc: point.trunc, isnan: compare.isnan, isfinite: compare.isfinite },
  ...{ mul: point.mul, pow: point.pow, maximum: point.maximum, minimum: point.minimum },
  ...{ eq: compare.eq, ne: compare.ne, lt: compare.lt, le: compare.le, gt: compare.gt, ge: compare.ge },
  ...{
    logicalAnd: compare.logicalAnd,
    logicalOr: compare.logicalOr,
    logicalXor: compare.logicalXor,
    logicalNot: compare.logicalNot,
  },
  ...{
    sum: reduce.sum,
    mean: reduce.mean,
    prod: reduce.prod,
    var: reduce.variance,
    std: reduce.std,
    amax: reduce.amax,
    amin: reduce.amin,
  },
  ...{
    argmax: reduce.argmax,
    argmin: reduce.argmin,
    any: reduce.any,
    all: reduce.all,
    logsumexp: reduce.logsumexp,
  },
  ...{
    sumTo: reduce.sumTo,
    flatten: shape.flatten,
    squeeze: shape.squeeze,
    unsqueeze: shape.unsqueeze,
    transpose: shape.transpose,
  },
  ...{
    select: shape.select,
    narrow: shape.narrow,
    slice: shape.slice,
    split: join.split,
    chunk: join.chunk,
    unbind: join.unbind,
  },
  ...{ indexSelect: index.indexSelect, gather: index.gather },
  ...{
    tensorSplit: arrange.tensorSplit,
    unflatten: arrange.unflatten,
    movedim: arrange.movedim,
    swapaxes: arrange.swapaxes,
    broadcastTo: arrange.broadcastTo,
    roll: arrange.roll,
    repeatInterleave: arrange.repeatInterleave,
  },
  ...{
    diagonal: diagonals.diagonal,
    unfold: diagonals.unfold,
    tril: diagonals.tril,
    triu: diagonals.triu,
    diag: diagonals.diag,
  },
  ...{
    take: scatter.take,
    takeAlongDim: scatter.takeAlongDim,
    index: advanced.index,
    indexPut: advanced.indexPut,
    indexPut_: advanced.indexPut_,
  },
  ...{ addmm: products.addmm, addmv: products.addmv, baddbmm: products.baddbmm, kron: einsum.kron },
  ...{ maskedSelect: index.maskedSelect, where: index.whereMethod },
  ...{
    matmul: linear.matmul,
    mm: linear.mm,
    bmm: linear.bmm,
    dot: linear.dot,
    outer: linear.outer,
    softmax,
    logSoftmax,
  },
  ...{ uniform_: random.uniform_, normal_: random.normal_, bernoulli_: random.bernoulli_ },
}

for (const [name, run] of Object.entries(direct)) {
  const call = run as (self: Tensor, ...args: unknown[]) => unknown
  addMethods(Tensor.prototype, {
    [name](this: Tensor, ...args: unknown[]) {
      return call(this, ...args)
    },
  })
}

addMethods(Tensor.prototype, {
  add(this: Tensor, other: Tensor | number, options?: alpha.AlphaOptions) {
    return alpha.add(this, other, options)
  },
  sub(this: Tensor, other: Tensor | number, options?: alpha.AlphaOptions) {
    return alpha.sub(this, other, options)
  },
  add_(this: Tensor, other: Tensor | number, options?: alpha.AlphaOptions) {
    return alpha.add_(this, other, options)
  },
  sub_(this: Tensor, other: Tensor | number, options?: alpha.AlphaOptions) {
    return alpha.sub_(this, other, options)
  },
  mul_(this: Tensor, other: Tensor | number) {
    return point.mul.inPlace(this, other)
  },
  relu_(this: Tensor) {
    return point.relu.inPlace(this)
  },
  fill_(this: Tensor, value: number | Tensor) {
    return point.fill_(this, value)
  },
  zero_(this: Tensor) {
    return point.fill_(this, 0)
  },
  equal(this: Tensor, other: Tensor) {
    return compare.equal(this, other)
  },
  allclose(this: Tensor, other: Tensor, options?: compare.CloseOptions) {
    return compare.allclose(this, other, options)
  },
  view(this: Tensor, ...sizes: (number | Shape)[]) {
    return shape.view(this, sizes.flat())
  },
  reshape(this: Tensor, ...sizes: (number | Shape)[]) {
    return shape.reshape(this, sizes.flat())
  },
  permute(this: Tensor, ...dims: (number | Shape)[]) {
    return shape.permute(this, dims.flat())
  },
  flip(this: Tensor, ...dims: (number | Shape)[]) {
    return arrange.flip(this, dims.flat())
  },
  repeat(this: Tensor, ...sizes: (number | Shape)[]) {
    return arrange.repeat(this, sizes.flat())
  },
  tile(this: Tensor, ...sizes: (number | Shape)[]) {
    return arrange.tile(this, sizes.flat())
  },
  expand(this: Tensor, ...sizes: (number | Shape)[]) {
    return shape.expand(this, sizes.flat())
  },
  expandAs(this: Tensor, other: Tensor) {
    return shape.expand(this, other.shape)
  },
  t(this: Tensor) {
    return shape.t(this)
  },
  get mT(): Tensor {
    return shape.transpose(this as Tensor, -2, -1)
  },
  at(this: Tensor, ...positions: number[]) {
    return positions.reduce((x: Tensor, position) => shape.select(x, 0, position), this)
  },
  *[Symbol.iterator](this: Tensor) {
    for (let i = 0; i < this.size(0); i++) yield shape.select(this, 0, i)
  },
})
