/**
 * The contract between TypeScript and the native engine: one entry for each function that `native/addon.cc` exports.
 * This file is the only description of that border; the addon is loaded on first use so that build tools can read the
 * op registry before a compiler has run.
 */
import { createRequire } from 'node:module'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { garbageCollector } from './garbage.js'
import { onInstall, restoring } from './interrupt.js'

declare const handleBrand: unique symbol
declare const generatorBrand: unique symbol

/** A native tensor descriptor: reference to a storage, offset, sizes, strides and dtype. Opaque to JavaScript. */
export interface Handle {
  readonly [handleBrand]: true
}

/** A native mt19937 generator. Opaque to JavaScript. */
export interface GeneratorHandle {
  readonly [generatorBrand]: true
}

export type TypedArray = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array

/** A second operand may be a plain number: it is converted to the first operand's dtype and broadcast. */
export type Operand = Handle | number

export type ReduceOp = 'sum' | 'mean' | 'prod' | 'max' | 'min' | 'any' | 'all' | 'norm'

export type RecurrentCell = 'lstm' | 'gru' | 'tanh' | 'relu'

/** How a scattered element meets the one that is there. */
export type ScatterKind = 'set' | 'add' | 'mul' | 'max' | 'min'

/**
 * dtype codes shared with native/core/tensor.h.
 * Tensors with zero elements are legal everywhere. Outputs are always allocated by the caller and must not overlap the inputs
 * unless a function says so; elementwise functions accept `out` being the very same view as an input (in-place).
 */
export const dtypeCodes = { float32: 0, float64: 1, int32: 2, int64: 3, uint8: 4, bool: 5 } as const

/** What a device says of itself; memory in bytes. */
export interface GpuProperties {
  name: string
  vendor: string
  /** Version of the driver. */
  driver: string
  /** The interface and its version: 'OpenCL 3.0 …'. */
  interface: string
  totalMemory: number
  /** What a work-group shares. */
  sharedMemory: number
  multiProcessorCount: number
  maxThreadsPerBlock: number
  /** Whether it computes with float64. */
  float64: boolean
  /** False for a processor behind the same interface. */
  isGpu: boolean
}

export interface Addon {
  // ---- descriptors and memory -------------------------------------------------------------------------------------
  /** New contiguous tensor, contents undefined, on the device of that number or (missing, −1) in the processor's memory. */
  empty(dtype: number, shape: readonly number[], device?: number): Handle
  /** New contiguous tensor with the sizes of `like` where that lies, contents undefined: no array crosses the border. */
  emptyLike(like: Handle, dtype: number): Handle
  /** New descriptor on the storage of `of`; strides and offset count elements; bounds are checked. */
  view(of: Handle, shape: readonly number[], strides: readonly number[], offset: number): Handle
  /** A second, independent descriptor of the same view: keeps the storage alive until released or collected. */
  retain(of: Handle): Handle
  /** Drops this descriptor now; using it afterwards throws. Releasing twice is harmless. */
  release(handle: Handle): void
  isReleased(handle: Handle): boolean
  /** Copies `source` (row-major, as many elements as the tensor) into the tensor; the array type must match the dtype. */
  write(into: Handle, source: TypedArray): void
  /** Copies the tensor in row-major order into `target`. */
  read(from: Handle, target: TypedArray): void
  /** The single element as a number (int64 beyond 2^53 rounds; bool gives 0 or 1). */
  item(from: Handle): number
  /** An ArrayBuffer over the storage of a contiguous tensor, no copy; keeps the storage alive. */
  buffer(from: Handle): ArrayBuffer
  /** Finds the tensors that were collected, then tells bytes: live in tensors, kept by the pool, and the highest live value so far; `tensors` = live descriptors. */
  memory(): { allocated: number; reserved: number; peak: number; tensors: number }
  /** Returns unused cached memory to the system. */
  emptyCache(): void
  setThreads(n: number): void
  threads(): number
  /** From now on this thread computes without the pool's threads. */
  computeAlone(): void
  /** A place for tensors on their way from one thread to another. */
  openExchange(): number
  /** Frees what nobody took; closing twice is harmless. */
  closeExchange(exchange: number): void
  /** Puts a contiguous copy there and returns its ticket, with which any thread can take it; 0 where the exchange is closed. */
  give(exchange: number, from: Handle): number
  /** What lies there, without another copy. `keep`: others may take the same memory, too. */
  take(exchange: number, ticket: number, keep: boolean): Handle
  /**
   * The stop button: long computations into new memory look at stop[0], in shared memory, and once it is not 0 call
   * `raise`. What that throws ends them; when it throws nothing they go on.
   */
  installStop(stop: Int32Array, raise: () => void): void
  /** `collect` has the JavaScript engine collect its young objects: the memory of those that are tensors is used again. */
  installCollector(collect: () => void): void
  /**
   * Makes pipes of the file descriptors 1 and 2 of this process. Returns their reading ends, which never block, and what
   * descriptor 2 was.
   */
  captureOutput(): { stdout: number; stderr: number; log: number }
  /** What waits at such a reading end, at most 64 KiB; undefined when there is nothing. */
  readOutput(end: number): Buffer | undefined
  /**
   * Keeps a full heap from ending the process: whenever this thread's JavaScript heap reaches its limit, `shared[full]` and
   * `shared[stop]` become 1 and the limit is raised, to three times the first at most. Called again, it takes back what of that is not in use.
   * False where this Node cannot do that.
   */
  guardHeap(shared: Int32Array, full: number, stop: number): boolean
  /** To be called once in a script that runs with `breakOnSigint`: remembers how such a script is broken. */
  rememberBreak(): void
  /** From any thread: breaks such a script as SIGINT would, but without the signal, which ends the process if the script has just ended. False where nothing is remembered. */
  breakScript(): boolean
  /** Name of the instruction set chosen at run time: 'avx512', 'avx2', 'baseline', 'neon'. */
  isa(): string

  // ---- devices: functions refuse tensors that lie on different ones, or on one for which there is no kernel ----------
  gpuCount(): number
  /** Why there is none; empty when there is one. */
  gpuWhyNot(): string
  gpuProperties(device: number): GpuProperties
  /** Bytes: in tensors, held from the driver, and the highest of the former. */
  gpuMemory(device: number): { allocated: number; reserved: number; peak: number }
  gpuEmptyCache(device: number): void
  gpuResetPeak(device: number): void
  /** Waits until everything asked of the device is done. */
  gpuSynchronize(device: number): void
  /** A point in the device's queue. */
  gpuMark(device: number): number
  /** Seconds between two such points; waits for them. */
  gpuSeconds(device: number, from: number, to: number): number
  /** The folder in which compiled kernels are kept between runs. */
  gpuCacheFolder(path: string): void
  /** How much of the device's memory may be held: 0 to 1. */
  gpuMemoryFraction(device: number, fraction: number): void
  /** For tests: from now on the device answers as one that was lost. */
  gpuLose(device: number): void

  // ---- elementwise, rendered from the registry ---------------------------------------------------------------------
  /** Names in the order of their ids, as rendered at build time. */
  elementwiseOps(): string[]
  /** out = op(a, b?, c?; p0, p1): inputs broadcast to out's sizes (any strides) and share one dtype; out has that dtype or, for predicates, bool. */
  elementwise(id: number, out: Handle, a: Handle, b?: Operand, c?: Operand, p0?: number, p1?: number): void
  /** out = a, broadcasting and converting dtype (C rules; float → integer truncates; → bool is `!= 0`). In-place on strided views too. */
  copy(out: Handle, a: Handle): void
  fill(out: Handle, value: number): void
  /** out = condition ? a : b; condition is bool, a and b have out's dtype; all broadcast. */
  where(out: Handle, condition: Handle, a: Operand, b: Operand): void

  // ---- structural kernels ------------------------------------------------------------------------------------------
  /** Reduces the listed dims of `a`; out's sizes are a's with those dims as 1 (keepdim). Sums of float32 accumulate pairwise or wider. sum/prod of integers into int64. 'norm' is √Σa², of floats. */
  reduce(op: ReduceOp, out: Handle, a: Handle, dims: readonly number[]): void
  /** Maximum or minimum along one dim with its index (first on ties; NaN wins as in PyTorch). values has a's dtype, indices int64, both keepdim. Either may be null. */
  reduceWithIndex(op: 'max' | 'min', values: Handle | null, indices: Handle | null, a: Handle, dim: number): void
  /** out[..., m, n] (+)= a[..., m, k] · b[..., k, n] (+ bias[n]) with an optional ReLU; batch dims broadcast; any strides; float32, float64, and integers (plain loop). */
  gemm(out: Handle, a: Handle, b: Handle, bias: Handle | null, accumulate: boolean, relu: boolean): void
  /**
   * y = convolution of x with weight, plus bias: x [N, C, …], weight [O, C/groups, …], y [N, O, …], one to three spatial dims,
   * float dtypes. `settings`: strides, paddings before the first position, dilations (each for every spatial dim), then
   * groups. y's sizes decide how many zeros follow the last position. Results must be contiguous; the same for the next two.
   */
  convForward(y: Handle, x: Handle, weight: Handle, bias: Handle | null, settings: readonly number[]): void
  /** dx = gradient of the above by x, plus bias (of dx's channels): the transposed convolution of dy. */
  convBackwardInput(dx: Handle, dy: Handle, weight: Handle, bias: Handle | null, settings: readonly number[]): void
  /** dw = gradient of the above by weight. */
  convBackwardWeight(dw: Handle, x: Handle, dy: Handle, settings: readonly number[]): void
  /** log-softmax (log = true) or softmax along `dim`; float dtypes. */
  softmax(out: Handle, a: Handle, dim: number, log: boolean): void
  /** Gradient of the above from the output y: softmax: y·(dy − Σ dy·y); log-softmax: dy − e^y·Σ dy. */
  softmaxBackward(out: Handle, dy: Handle, y: Handle, dim: number, log: boolean): void
  /**
   * out [..., L, Ev] = softmax(scale · Q Kᵀ + mask) V for [Q [..., L, E], K [..., S, E], V [..., S, Ev]] of any strides and
   * one floating dtype; mask [..., L, S] of that dtype or null. `causal`: query i sees the keys up to i. A query that sees
   * nothing gives 0.
   */
  attention(out: Handle, inputs: readonly Handle[], mask: Handle | null, causal: boolean, scale: number): void
  /** Gradients of the three inputs, all of which are written. */
  attentionBackward(
    out: readonly Handle[],
    dy: Handle,
    inputs: readonly Handle[],
    mask: Handle | null,
    causal: boolean,
    scale: number,
  ): void
  /** Negative log likelihood, input [N, C, ...] log-probabilities, target int64 [N, ...] (int32/uint8 accepted), weight [C] or null. out is [N, ...] for 'none', else []. totalWeight [] receives Σ weight[target]. Throws RangeError naming the position, value and C for a target outside [0, C) that is not ignoreIndex. */
  nllLoss(
    out: Handle,
    totalWeight: Handle,
    input: Handle,
    target: Handle,
    weight: Handle | null,
    ignoreIndex: number,
    reduction: 'none' | 'mean' | 'sum',
  ): void
  nllLossBackward(
    out: Handle,
    dy: Handle,
    totalWeight: Handle,
    target: Handle,
    weight: Handle | null,
    ignoreIndex: number,
    reduction: 'none' | 'mean' | 'sum',
  ): void
  /** out = rows of `a` along `dim` chosen by the 1-D int64/int32 `index`; negative or too large throws RangeError with position, value and size. */
  indexSelect(out: Handle, a: Handle, dim: number, index: Handle): void
  /** out[..., j, ...] = a[..., index[..., j, ...], ...] along dim: torch.gather. */
  gather(out: Handle, a: Handle, dim: number, index: Handle): void
  /**
   * Combines the elements of `source` (or a number) with those of out at the positions that index names along dim, in the
   * index's order. The index (int64, int32) may have any strides and smaller sizes; it is checked before anything is written.
   */
  scatter(op: ScatterKind, out: Handle, dim: number, index: Handle, source: Operand): void
  /** The same for whole slices: a 1-D index, as long as source along dim. */
  indexWrite(op: ScatterKind, out: Handle, dim: number, index: Handle, source: Operand): void
  /** Indices (row-major, int64 [n, ndim]) of the non-zero elements, and n; allocates its own output. */
  nonzero(a: Handle): [indices: Handle, n: number]
  /** out = start + i·step in out's dtype (1-D), computed in double as PyTorch's CPU kernel does. */
  arange(out: Handle, start: number, step: number): void
  /** torch.linspace: symmetric halves as PyTorch computes them. */
  linspace(out: Handle, start: number, end: number): void

  // ---- sums of chosen elements -------------------------------------------------------------------------------------
  /**
   * out[…, i, …] = Σ weights[k] · a[…, columns[k], …] over starts[i] ≤ k < starts[i+1], along `dim`: a sparse matrix
   * (rows: out's size; columns: a's) applied to one dimension. out and a are contiguous and of one dtype; starts is
   * int32 [rows + 1], columns int32, weights has a's dtype or is null (all 1). Columns out of range throw RangeError.
   */
  resample(out: Handle, a: Handle, dim: number, starts: Handle, columns: Handle, weights: Handle | null): void
  /**
   * With x [N, C, S], y [N, C, O], positions (int64) and weights [K, N, O], all contiguous and floating, writes
   * 'gather': y = Σₖ weights · x[positions]; 'scatter': x = zeros with weights · y added at the positions;
   * 'dot': weights = Σ over channels of x[positions] · y. Positions below 0 contribute nothing (the dot is 0 there).
   */
  taps(form: 'gather' | 'scatter' | 'dot', x: Handle, y: Handle, positions: Handle, weights: Handle): void
  /**
   * Images `a` [N, C, H, W] read through maps into `out` [N, C, H', W'], both contiguous and of one dtype. maps, float64
   * [N or 1, 6 or 8], go from new positions to old ones: (a, b, c, d, e, f) from (x, y) to (a·x + b·y + c, d·x + e·y + f), with
   * origins in the middle of out and of a; with two more, from the upper left corners, both divided by (g·x + h·y + 1).
   * Nearest pixel (halves to even), any dtype: what lies outside is `fill` [C] of the images' dtype. Bilinear: float32,
   * float64 and uint8, which is rounded; fill, of float32 for uint8, is mixed in by the share that lies outside; null: 0 outside.
   */
  warp(out: Handle, a: Handle, maps: Handle, bilinear: boolean, fill: Handle | null): void

  // ---- recurrent networks --------------------------------------------------------------------------------------------
  /**
   * All steps of one layer and direction. Step t has `sizes[t]` rows, never more than the step before, for the first
   * sequences of the batch; N is their sum. Everything is contiguous and of one floating dtype.
   * gates [N, G·H] holds the input's part (x Wᵀ + b) and is overwritten with the activated gates (LSTM: i f g o; GRU: r z n;
   * else the result). weight [G·H, H]; bias [G·H] or null, only for 'gru'. state is [h] or, for 'lstm', [h, c], each [B, H]:
   * the initial state, overwritten with the final one. output [N, H].
   * saved, for the backward pass, is [] or [N, H] each: the state before every step (h, for 'lstm' also c), then for 'lstm'
   * tanh(c) and for 'gru' what comes from the state for n. `reverse` runs from the last step to the first.
   */
  recurrentForward(
    cell: RecurrentCell,
    gates: Handle,
    weight: Handle,
    bias: Handle | null,
    state: readonly Handle[],
    output: Handle,
    saved: readonly Handle[],
    sizes: readonly number[],
    reverse: boolean,
  ): void
  /**
   * Its gradient. saved begins with the activated gates, then what forward saved. dOutput [N, H] or null. dState: the
   * gradients of the final state, overwritten with those of the initial one. dGates receives [N, G·H], the gradient of the
   * input's part, and for 'gru' in a second tensor that of the state's part. The weights' gradient is dGatesᵀ · h before
   * every step.
   */
  recurrentBackward(
    cell: RecurrentCell,
    saved: readonly Handle[],
    weight: Handle,
    dOutput: Handle | null,
    dState: readonly Handle[],
    dGates: readonly Handle[],
    sizes: readonly number[],
    reverse: boolean,
  ): void

  // ---- pooling -----------------------------------------------------------------------------------------------------
  // Tensors are contiguous; `window` holds kernel, stride, padding and dilation of each of the 1 to 3 spatial dims at
  // the end, one group after the other. codes: where in its window an output's element lies (row-major number), uint8
  // for windows of up to 256 elements, else int32.
  /** Largest of each window, the first on ties, NaN wins; numeric dtypes. codes may be null. */
  maxPool(out: Handle, codes: Handle | null, a: Handle, window: readonly number[]): void
  /** out = 0, and dy added at each window's chosen element. */
  maxPoolBackward(out: Handle, dy: Handle, codes: Handle, window: readonly number[]): void
  /** out = each window's chosen element of a. */
  maxPoolTake(out: Handle, a: Handle, codes: Handle, window: readonly number[]): void
  /** indices (int64) = index in its flattened plane of each window's chosen element; only a's sizes are read. */
  maxPoolIndices(indices: Handle, codes: Handle, a: Handle, window: readonly number[]): void
  /** An element of each window with a probability in proportion to its value, by noise in [0, 1) of out's sizes. */
  stochasticPool(out: Handle, codes: Handle, a: Handle, noise: Handle, window: readonly number[]): void
  /** Mean of each window (dilation 1); divisor 0 stands for the number of elements. Floats and int64. */
  avgPool(out: Handle, a: Handle, window: readonly number[], countIncludePad: boolean, divisor: number): void
  avgPoolBackward(out: Handle, dy: Handle, window: readonly number[], countIncludePad: boolean, divisor: number): void
  /** Windows from the sizes of `out`; indices (int64) in flattened planes. */
  adaptiveMaxPool(out: Handle, indices: Handle, a: Handle, spatial: number): void
  adaptiveAvgPool(out: Handle, a: Handle, spatial: number): void
  adaptiveAvgPoolBackward(out: Handle, dy: Handle, spatial: number): void
  /** Windows at the places that `samples` (one number of [0, 1) for each plane and dim) give, as PyTorch's. */
  fractionalMaxPool(out: Handle, indices: Handle, a: Handle, samples: Handle, kernel: readonly number[]): void
  /** out = the elements of a's planes at the int64 indices. Throws RangeError for an index outside of the plane. */
  planeTake(out: Handle, a: Handle, indices: Handle, spatial: number): void
  /** out = 0, and the elements of a put or added at the indices of out's planes. */
  planePut(out: Handle, a: Handle, indices: Handle, spatial: number, add: boolean): void

  // ---- normalisation -----------------------------------------------------------------------------------------------
  // All tensors are contiguous and of one floating dtype; statistics [2, n] receives the n means and 1 / √(variance + eps),
  // and is an input of the gradient. weight and bias may be null.
  /** Statistics of each channel of [N, C, …]; in training running statistics are updated, else they are used. */
  batchNorm(
    out: Handle,
    statistics: Handle,
    a: Handle,
    weight: Handle | null,
    bias: Handle | null,
    runningMean: Handle | null,
    runningVar: Handle | null,
    options: { training: boolean; momentum: number; eps: number },
  ): void
  /** Gradients of a, weight and bias in one pass; null where none is wanted. */
  batchNormBackward(
    da: Handle | null,
    dweight: Handle | null,
    dbias: Handle | null,
    dy: Handle,
    statistics: Handle,
    a: Handle,
    weight: Handle | null,
    training: boolean,
  ): void
  /** Statistics of each sample's groups of channels. */
  groupNorm(
    out: Handle,
    statistics: Handle,
    a: Handle,
    weight: Handle | null,
    bias: Handle | null,
    groups: number,
    eps: number,
  ): void
  groupNormBackward(
    da: Handle | null,
    dweight: Handle | null,
    dbias: Handle | null,
    dy: Handle,
    statistics: Handle,
    a: Handle,
    weight: Handle | null,
    groups: number,
  ): void
  /** Statistics of each row of `features` elements. root: by the root of the mean square, nothing subtracted. */
  layerNorm(
    out: Handle,
    statistics: Handle,
    a: Handle,
    weight: Handle | null,
    bias: Handle | null,
    features: number,
    root: boolean,
    eps: number,
  ): void
  layerNormBackward(
    da: Handle | null,
    dweight: Handle | null,
    dbias: Handle | null,
    dy: Handle,
    statistics: Handle,
    a: Handle,
    weight: Handle | null,
    features: number,
    root: boolean,
  ): void

  // ---- random numbers: PyTorch's CPU generator, value for value ------------------------------------------------------
  generator(seed: bigint): GeneratorHandle
  generatorSeed(g: GeneratorHandle, seed: bigint): void
  /** Engine state for save and restore: 625 words of mt19937 and the cached normal. */
  generatorState(g: GeneratorHandle): Uint8Array
  generatorSetState(g: GeneratorHandle, state: Uint8Array): void
  random32(g: GeneratorHandle): number
  random64(g: GeneratorHandle): bigint
  uniform(out: Handle, g: GeneratorHandle, from: number, to: number): void
  normal(out: Handle, g: GeneratorHandle, mean: number, std: number): void
  /** Integers in [from, to), as Tensor.random_(from, to). */
  randint(out: Handle, g: GeneratorHandle, from: number, to: number): void
  /** torch.randperm into an int64 (or other integer) 1-D tensor. */
  randperm(out: Handle, g: GeneratorHandle): void
  bernoulli(out: Handle, g: GeneratorHandle, p: number): void

  exponential(out: Handle, g: GeneratorHandle, lambda: number): void
  geometric(out: Handle, g: GeneratorHandle, p: number): void
  cauchy(out: Handle, g: GeneratorHandle, median: number, sigma: number): void
  logNormal(out: Handle, g: GeneratorHandle, mean: number, std: number): void
  /** Whole numbers from 0 to the largest that the dtype holds exactly: Tensor.random_ without bounds. */
  anyInteger(out: Handle, g: GeneratorHandle): void
  /** One draw for each parameter; tensors are contiguous and have one floating dtype and the same sizes. */
  poisson(out: Handle, g: GeneratorHandle, rates: Handle): void
  binomial(out: Handle, g: GeneratorHandle, counts: Handle, probabilities: Handle): void
  bernoulliTensor(out: Handle, g: GeneratorHandle, probabilities: Handle): void
  /** Category numbers into int64 [rows, n], drawn with replacement from weights [rows, categories]; both contiguous. */
  multinomial(out: Handle, g: GeneratorHandle, weights: Handle): void

  // ---- factorisations of one matrix, row-major float64, in place, in LAPACK's conventions -----------------------------
  /** P A = L U: L below the diagonal, U above; `exchanges` gets min(rows, columns) row numbers, counted from 1. */
  factorLu(a: Float64Array, rows: number, columns: number, exchanges: Int32Array): void
  /** The upper U with A = Uᵀ U from A's upper triangle. Returns the order of the first minor that is not positive, or 0. */
  factorCholesky(a: Float64Array, n: number): number
  /** A = Q R: R replaces A, q is rows × width. */
  factorQr(a: Float64Array, rows: number, columns: number, q: Float64Array, width: number): void
  /** b [n, columns] becomes the X with T X = b for a triangle of t, whose diagonal counts as 1 if `unit`. */
  solveTriangle(t: Float64Array, n: number, b: Float64Array, columns: number, upper: boolean, unit: boolean): void

  // ---- scans, sorts, counts: tensors are contiguous; NaN is greater than every number ---------------------------------
  /** out = running sum, product or ln Σ eˣ of `a` along dim; one dtype; floats run in double. */
  scan(op: 'sum' | 'prod' | 'logsumexp', out: Handle, a: Handle, dim: number): void
  /** Running extreme and the latest int64 position where it stands. */
  scanExtreme(op: 'max' | 'min', values: Handle, indices: Handle, a: Handle, dim: number): void
  /** hᵢ = aᵢ·hᵢ₋₁ + bᵢ along dim from h = 0, or in reverse hᵢ = aᵢ₊₁·hᵢ₊₁ + bᵢ. */
  recurrence(out: Handle, a: Handle, b: Handle, dim: number, reverse: boolean): void
  /** Stable sort along dim; values has a's dtype, indices int64, both a's sizes; either may be null. */
  sort(values: Handle | null, indices: Handle | null, a: Handle, dim: number, descending: boolean): void
  /** The k largest or smallest along dim, in order; outputs have k elements there. */
  topk(values: Handle | null, indices: Handle | null, a: Handle, dim: number, k: number, largest: boolean): void
  /** One element of each line along dim: the k-th smallest (from 1), the lower median, or the most frequent. Outputs keep dim with size 1. */
  selectAlong(
    selection: 'kth' | 'median' | 'nanmedian' | 'mode',
    values: Handle | null,
    indices: Handle | null,
    a: Handle,
    dim: number,
    k: number,
  ): void
  /** int64 order of the rows of a matrix, compared element after element; stable. */
  sortRows(indices: Handle, a: Handle): void
  /** Insertion positions (int64 or int32) of values in the ascending last dim of `sorted`: before equal elements, or after them. */
  searchSorted(out: Handle, sorted: Handle, values: Handle, right: boolean, sorter: Handle | null): void
  /** How often each of 0 … n−1 occurs (out int64 [n]), or the sum of their weights (out of the weights' dtype). */
  bincount(out: Handle, a: Handle, weights: Handle | null): void
  /** Elements between n+1 edges counted in n bins; the last holds its right edge. `search` says how an element finds its bin. */
  histogram(
    out: Handle,
    a: Handle,
    edges: Handle,
    weights: Handle | null,
    search: 'edges' | 'width' | 'widthThenEdges',
  ): void

  // ---- fused optimizers: one pass over all parameters, in place ------------------------------------------------------
  /** torch.optim.SGD; momentum buffers may be empty handles when momentum is 0; `first` marks buffers not yet initialised (they take the gradient). */
  sgd(
    params: readonly Handle[],
    grads: readonly Handle[],
    momentumBuffers: readonly Handle[],
    options: {
      lr: number
      momentum: number
      dampening: number
      weightDecay: number
      nesterov: boolean
      maximize: boolean
      first: boolean
    },
  ): void
  /** torch.optim.Adam / AdamW (decoupled = true); `step` counts from 1; maxExpAvgSqs is empty unless amsgrad. */
  adam(
    params: readonly Handle[],
    grads: readonly Handle[],
    expAvgs: readonly Handle[],
    expAvgSqs: readonly Handle[],
    maxExpAvgSqs: readonly Handle[],
    options: {
      step: number
      lr: number
      beta1: number
      beta2: number
      eps: number
      weightDecay: number
      decoupled: boolean
      maximize: boolean
    },
  ): void
}

let loaded: Addon | undefined
/** Stands between the library and the engine while something watches. */
let watching: Addon | undefined

/** Runs `body` while calls go to what `watch` makes of the engine, such as a recorder that passes them on. */
export function watchAddon<T>(watch: (engine: Addon) => Addon, body: () => T): T {
  const before = watching
  watching = watch(addon())
  return restoring(() => (watching = before), body)
}

/** Whether something watches: an op that is one call for several others then makes those, which more watchers understand. */
export const isWatched = (): boolean => watching !== undefined

/** The project's root: the nearest folder above this file that holds package.json. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

/** Where a clone builds the engine. */
export const builtEngine = (): string => join(packageRoot(), 'build', 'Release', 'gradbook.node')

/** Where a package carries it, one for each platform that was packed: npm runs no build when a package is installed. */
export const packedEngine = (): string =>
  join(packageRoot(), 'prebuilds', `${process.platform}-${process.arch}`, 'gradbook.node')

/** What the engine exports instead of `empty` and `view`: sizes and strides are read from memory that both sides see. */
interface SizedEngine {
  /** Room for the sizes and, in the second half, the strides of a tensor. */
  readonly sizes: Float64Array
  emptySized(dtype: number, dims: number, device: number | undefined): Handle
  viewSized(of: Handle, dims: number, offset: number): Handle
}

/** An array handed over would cost a call of Node-API for each element. */
function throughSizes(engine: SizedEngine): Pick<Addon, 'empty' | 'view'> {
  const { sizes } = engine
  const strides = sizes.subarray(sizes.length / 2)
  const put = (into: Float64Array, values: readonly number[]): void => {
    for (let i = 0; i < values.length; i++) into[i] = values[i]
  }
  return {
    empty(dtype, shape, device) {
      put(sizes, shape)
      return engine.emptySized(dtype, shape.length, device)
    },
    view(of, shape, steps, offset) {
      if (shape.length !== steps.length) throw new RangeError(`view: ${shape.length} sizes but ${steps.length} strides`)
      put(sizes, shape)
      put(strides, steps)
      return engine.viewSized(of, shape.length, offset)
    },
  }
}

/** Lets the engine have young objects collected. */
function installCollector(engine: Addon): void {
  const collect = garbageCollector()
  const young = { type: 'minor' } as const
  if (collect) engine.installCollector(() => void collect(young))
}

/** What to do about an engine that cannot be used. */
const remedy = 'in a clone run: npm run build; elsewhere install the package again; then restart the kernel'

/** The functions that an engine must have, as this file's declarations list them; none where these were left out. */
function declaredFunctions(): string[] {
  const file = fileURLToPath(import.meta.url).replace(/\.js$/, '.d.ts')
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const body = /^export interface Addon \{\n(.*?)^\}/ms.exec(text)?.[1] ?? ''
  return [...body.matchAll(/^ {4}(\w+)\(/gm)].map(([, name]) => name)
}

function load(path: string): Addon {
  let built: Omit<Addon, 'empty' | 'view'> & SizedEngine
  try {
    built = createRequire(import.meta.url)(path) as typeof built
  } catch (error) {
    const [reason] = (error as Error).message.split('\n')
    throw new Error(`gradbook: the native engine cannot be loaded: ${reason}; ${remedy}`, { cause: error })
  }
  const wanted = [
    ...declaredFunctions().filter((name) => name !== 'empty' && name !== 'view'),
    'emptySized',
    'viewSized',
  ]
  const missing = wanted.filter((name) => typeof built[name as keyof typeof built] !== 'function')
  if (missing.length > 0)
    throw new Error(
      `gradbook: the native engine ${path} is older than the TypeScript that calls it: it has no ${missing[0]}; ${remedy}`,
    )
  return Object.assign(built, throughSizes(built))
}

/**
 * The native engine, loaded on first use; GRADBOOK_ADDON names another build of it. Throws with the command to run when it has not been
 * built, is damaged, or does not fit.
 */
export function addon(): Addon {
  if (watching) return watching
  if (loaded) return loaded
  const path = process.env.GRADBOOK_ADDON ?? [builtEngine(), packedEngine()].find((file) => existsSync(file))
  if (path === undefined)
    throw new Error(
      `gradbook: the native engine is not built (neither ${builtEngine()} nor ${packedEngine()} exists); ${remedy}`,
    )
  const engine = load(path)
  onInstall((stop, raise) => engine.installStop(stop, raise))
  installCollector(engine)
  return (loaded = engine)
}
