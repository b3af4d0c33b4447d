/** Attention with several heads (Vaswani et al. 2017). */
import { scaledDotProductAttention } from '../ops/attention.js'
import { zeros } from '../ops/creation.js'
import { assertProbability, dropout } from '../ops/dropout.js'
import { maskedFill } from '../ops/index-ops.js'
import { cat } from '../ops/join.js'
import { linear, matmul } from '../ops/matmul.js'
import { expand, narrow, reshape, squeeze, transpose, unsqueeze } from '../ops/shape.js'
import { softmax } from '../ops/softmax.js'
import { ShapeError, show } from '../tensor/shape.js'
import { assertTensor, type Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Linear } from './linear.js'
import { Module } from './module.js'
import type { Parameter } from './parameter.js'
import { assertIntegers, readOptions } from '../tensor/options.js'

/** What a MultiheadAttention can be built with. */
export interface MultiheadAttentionOptions {
  /** Probability of dropping weights while training. Default 0. */
  dropout?: number
  /** Whether the projections have learned biases. Default true. */
  bias?: boolean
  /** Whether to add a learned key and value to every sequence. Default false. */
  addBiasKv?: boolean
  /** Whether to add a key and value of zeros to every sequence. Default false. */
  addZeroAttn?: boolean
  /** Features of the keys. Default embedDim. */
  kdim?: number | null
  /** Features of the values. Default embedDim. */
  vdim?: number | null
  /** Whether sequences are [N, L, E] instead of [L, N, E]. Default false. */
  batchFirst?: boolean
}

/** What one call of MultiheadAttention.forward can be told. */
export interface MultiheadAttentionCall {
  /** [N, S] or [S]. bool: true at keys to pass over; else added to the scores. Default none. */
  keyPaddingMask?: Tensor | null
  /** Whether to return the weights. Default true; false is faster. */
  needWeights?: boolean
  /** [L, S] or [N·heads, L, S]. bool: true where a query may not look at a key; else added to the scores. Default none. */
  attnMask?: Tensor | null
  /** Whether the weights are averaged over the heads. Default true. */
  averageAttnWeights?: boolean
  /** A promise that attnMask is the causal one; it must be given all the same. Default false. */
  isCausal?: boolean
}

/** A bool mask as what is added to the scores: −∞ where it is true. */
export function additiveMask(mask: Tensor, like: Tensor): Tensor {
  return mask.dtype === 'bool'
    ? maskedFill(zeros(mask.shape, { dtype: like.dtype, device: mask.device }), mask, -Infinity)
    : mask
}

/**
 * Attention in `numHeads` parts of the features, each with projections of its own, put together by one more. Query
 * [L, N, embedDim], key [S, N, kdim], value [S, N, vdim], or without N; with batchFirst N comes first. torch.nn.MultiheadAttention.
 * @example const [output, weights] = new nn.MultiheadAttention(64, 8).forward(x, x, x)
 */
export class MultiheadAttention extends Module {
  /** [3·embedDim, embedDim], or null when kdim or vdim differ. */
  readonly inProjWeight: Parameter | null
  /** [embedDim, embedDim], [embedDim, kdim], [embedDim, vdim] when kdim or vdim differ, else null. */
  readonly qProjWeight: Parameter | null
  readonly kProjWeight: Parameter | null
  readonly vProjWeight: Parameter | null
  /** [3·embedDim], or null. */
  readonly inProjBias: Parameter | null
  /** [1, 1, embedDim], or null. */
  readonly biasK: Parameter | null
  readonly biasV: Parameter | null
  readonly outProj: Linear<number, number>
  readonly dropout: number
  readonly batchFirst: boolean
  readonly addZeroAttn: boolean
  readonly kdim: number
  readonly vdim: number
  readonly headDim: number

  /** @throws RangeError unless embedDim is a multiple of numHeads. */
  constructor(
    readonly embedDim: number,
    readonly numHeads: number,
    options: MultiheadAttentionOptions = {},
  ) {
    super()
    const {
      dropout: p,
      bias,
      addBiasKv,
      addZeroAttn,
      batchFirst,
    } = readOptions('MultiheadAttention', options, {
      dropout: 0,
      bias: true,
      addBiasKv: false,
      addZeroAttn: false,
      batchFirst: false,
      kdim: undefined,
      vdim: undefined,
    })
    assertIntegers('MultiheadAttention', { embedDim, numHeads }, 1)
    if (embedDim % numHeads !== 0)
      throw new RangeError(`MultiheadAttention: embedDim ${embedDim} must be a multiple of numHeads ${numHeads}`)
    assertProbability('MultiheadAttention', p)
    this.dropout = p
    this.batchFirst = batchFirst
    this.addZeroAttn = addZeroAttn
    this.kdim = options.kdim ?? embedDim
    this.vdim = options.vdim ?? embedDim
    this.headDim = embedDim / numHeads
    const together = this.kdim === embedDim && this.vdim === embedDim
    this.qProjWeight = together ? null : this.parameter([embedDim, embedDim])
    this.kProjWeight = together ? null : this.parameter([embedDim, this.kdim])
    this.vProjWeight = together ? null : this.parameter([embedDim, this.vdim])
    this.inProjWeight = together ? this.parameter([3 * embedDim, embedDim]) : null
    this.inProjBias = bias ? this.parameter([3 * embedDim]) : null
    this.outProj = new Linear<number, number>(embedDim, embedDim, { bias })
    this.biasK = addBiasKv ? this.parameter([1, 1, embedDim]) : null
    this.biasV = addBiasKv ? this.parameter([1, 1, embedDim]) : null
    this.resetParameters()
  }

  /** Draws new weights for the inner projections, as the constructor does; the biases become 0. */
  resetParameters(): void {
    for (const weight of [this.inProjWeight, this.qProjWeight, this.kProjWeight, this.vProjWeight])
      if (weight) init.xavierUniform_(weight)
    if (this.inProjBias) init.zeros_(this.inProjBias)
    if (this.outProj.bias) init.zeros_(this.outProj.bias)
    if (this.biasK) init.xavierNormal_(this.biasK)
    if (this.biasV) init.xavierNormal_(this.biasV)
  }

  /** @returns the output, like the query, and the weights: [N, L, S], [N, heads, L, S] when not averaged, or null. */
  forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options?: MultiheadAttentionCall,
  ): [output: Tensor, weights: Tensor | null] {
    const settings = readOptions('MultiheadAttention.forward', options, {
      attnMask: null,
      keyPaddingMask: null,
      needWeights: true,
      averageAttnWeights: true,
      isCausal: false,
    })
    const { keyPaddingMask, needWeights, averageAttnWeights, isCausal } = settings
    for (const [what, x] of Object.entries({ query, key, value })) {
      assertTensor('MultiheadAttention', `the ${what}`, x)
      if ((x.ndim !== 2 && x.ndim !== 3) || x.ndim !== query.ndim)
        throw new ShapeError(
          `MultiheadAttention: query, key and value must all have 3 dimensions, or all 2, got ${[query, key, value].map((t) => show(t.shape)).join(', ')}`,
        )
    }
    if (isCausal && !settings.attnMask)
      throw new TypeError('MultiheadAttention: isCausal is a hint about attnMask, which must be given too')
    const alone = query.ndim === 2
    // Inside: [N, length, features].
    const inner = (x: Tensor): Tensor => (alone ? unsqueeze(x, 0) : this.batchFirst ? x : transpose(x, 0, 1))
    const [q, k, v] = this.project(query, key, value, inner)
    const [batch, queries] = q.shape as [number, number, number]
    const keys: number = k.shape[1]
    const added = keys - (inner(key).shape[1] as number)
    const mask = this.maskOf(
      q,
      keys,
      added,
      settings.attnMask ?? null,
      keyPaddingMask && (alone && keyPaddingMask.ndim === 1 ? unsqueeze(keyPaddingMask, 0) : keyPaddingMask),
    )
    const heads = (x: Tensor): Tensor => transpose(reshape(x, [batch, x.shape[1], this.numHeads, this.headDim]), 1, 2)
    const p = this.training ? this.dropout : 0
    let weights: Tensor | null = null
    let mixed: Tensor
    if (needWeights) {
      const scores = matmul(heads(q).mul(1 / Math.sqrt(this.headDim)), transpose(heads(k), -2, -1))
      const whole = softmax(mask ? scores.add(mask) : scores, -1)
      weights = p > 0 ? dropout(whole, { p }) : whole
      mixed = matmul(weights, heads(v))
      if (averageAttnWeights) weights = weights.mean(1)
      if (alone) weights = squeeze(weights, 0)
    } else mixed = scaledDotProductAttention(heads(q), heads(k), heads(v), { attnMask: mask, dropoutP: p })
    const output = this.outProj.forward(reshape(transpose(mixed, 1, 2), [batch, queries, this.embedDim]))
    return [alone ? squeeze(output, 0) : this.batchFirst ? output : transpose(output, 0, 1), weights]
  }

  private project(query: Tensor, key: Tensor, value: Tensor, inner: (x: Tensor) => Tensor): Tensor[] {
    const e = this.embedDim
    const bias = (i: number): Tensor | null => this.inProjBias && narrow(this.inProjBias, 0, i * e, e)
    const weight = (i: number): Tensor =>
      this.inProjWeight
        ? narrow(this.inProjWeight, 0, i * e, e)
        : ([this.qProjWeight, this.kProjWeight, this.vProjWeight][i] as Parameter)
    // Self-attention needs one product only.
    const projected =
      this.inProjWeight && query === key && key === value
        ? linear(inner(query), this.inProjWeight, this.inProjBias).chunk(3, -1)
        : [query, key, value].map((x, i) => linear(inner(x), weight(i), bias(i)))
    const [q, ...others] = projected
    const batch: number = q.shape[0]
    const extended = others.map((x, i) => {
      const learned = [this.biasK, this.biasV][i]
      const more = [
        ...(learned ? [expand(learned, [batch, 1, e])] : []),
        ...(this.addZeroAttn ? [zeros([batch, 1, e], { dtype: x.dtype, device: x.device })] : []),
      ]
      return more.length > 0 ? cat([x, ...more], 1) : x
    })
    return [q, ...extended]
  }

  /** Both masks as one that is added to the scores [N, heads, L, S]; keys that were added are open. */
  private maskOf(
    q: Tensor,
    keys: number,
    added: number,
    attnMask: Tensor | null,
    padding: Tensor | null,
  ): Tensor | null {
    const [batch, queries] = q.shape as [number, number]
    const given = keys - added
    const grown = (mask: Tensor): Tensor =>
      added > 0
        ? cat([mask, zeros([...mask.shape.slice(0, -1), added], { dtype: mask.dtype, device: mask.device })], -1)
        : mask
    let mask: Tensor | null = null
    if (attnMask) {
      const whole = attnMask.ndim === 3
      const wanted = whole ? [batch * this.numHeads, queries, given] : [queries, given]
      if (show(attnMask.shape) !== show(wanted))
        throw new ShapeError(`MultiheadAttention: attnMask has shape ${show(attnMask.shape)}, expected ${show(wanted)}`)
      const added = grown(additiveMask(attnMask, q))
      mask = whole ? reshape(added, [batch, this.numHeads, queries, keys]) : added
    }
    if (padding) {
      if (show(padding.shape) !== show([batch, given]))
        throw new ShapeError(
          `MultiheadAttention: keyPaddingMask has shape ${show(padding.shape)}, expected ${show([batch, given])}`,
        )
      const closed = reshape(grown(additiveMask(padding, q)), [batch, 1, 1, keys])
      mask = mask ? mask.add(closed) : closed
    }
    return mask && expand(mask, [batch, this.numHeads, queries, keys])
  }
}
