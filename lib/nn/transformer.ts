/** Transformers (Vaswani et al. 2017): layers of attention and of two linear maps, with residual connections. */
import { defaultGenerator } from '../device/random.js'
import { gelu } from '../ops/activations/index.js'
import { full } from '../ops/creation.js'
import { triu } from '../ops/diagonals.js'
import { relu } from '../ops/pointwise.js'
import { ShapeError, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { MultiheadAttention } from './attention.js'
import { ModuleList } from './container.js'
import { Dropout } from './dropout.js'
import * as init from './init.js'
import { Linear } from './linear.js'
import { Module } from './module.js'
import { LayerNorm } from './norm.js'
import { assertIntegers, readOptions, checkOptions, type Defaults } from '../tensor/options.js'

/** What the layers of a transformer can be built with. */
export interface TransformerLayerOptions {
  /** Features between the two linear maps. Default 2048. */
  dimFeedforward?: number
  /** Probability of dropping while training. Default 0.1. */
  dropout?: number
  /** Between the two linear maps. Default 'relu'. */
  activation?: 'relu' | 'gelu' | ((x: Tensor) => Tensor)
  /** Added to the variance in layer normalisation. Default 1e-5. */
  layerNormEps?: number
  /** Whether sequences are [N, T, E] instead of [T, N, E]. Default false. */
  batchFirst?: boolean
  /** Whether to normalise before attention and linear maps instead of after. Default false. */
  normFirst?: boolean
  /** Whether linear maps and normalisations have learned biases. Default true. */
  bias?: boolean
}

const activations = { relu, gelu }

const layerDefaults = {
  dimFeedforward: 2048,
  dropout: 0.1,
  activation: 'relu',
  layerNormEps: 1e-5,
  batchFirst: false,
  normFirst: false,
  bias: true,
} as const satisfies Defaults<TransformerLayerOptions>

type LayerSettings = Required<TransformerLayerOptions>

/** What encoder and decoder layers share. */
abstract class TransformerLayer extends Module {
  readonly selfAttn: MultiheadAttention
  readonly normFirst: boolean
  /** Between the two linear maps. A field, as in PyTorch, so that files hold it by the name that it has in `F`. */
  readonly activation: (x: Tensor) => Tensor
  abstract readonly linear1: Linear<number, number>
  abstract readonly dropout: Dropout
  abstract readonly norm1: LayerNorm

  constructor(
    readonly dModel: number,
    readonly nhead: number,
    { activation, dropout, bias, batchFirst, normFirst }: LayerSettings,
  ) {
    super()
    this.activation = typeof activation === 'function' ? activation : activations[activation]
    if (!this.activation)
      throw new RangeError(
        `${new.target.name}: activation must be 'relu', 'gelu' or a function, got '${String(activation)}'`,
      )
    this.normFirst = normFirst
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst })
  }

  /** With what the layer was built, read from its parts. */
  private get settings(): LayerSettings {
    return {
      dimFeedforward: this.linear1.outFeatures,
      dropout: this.dropout.p,
      activation: this.activation,
      layerNormEps: this.norm1.eps,
      batchFirst: this.selfAttn.batchFirst,
      normFirst: this.normFirst,
      bias: this.linear1.bias !== null,
    }
  }

  /** Another layer with the same settings and equal parameters; no random numbers are used up. */
  clone(): this {
    const generator = defaultGenerator()
    const state = generator.getState()
    const copy = new (this.constructor as new (d: number, n: number, o: TransformerLayerOptions) => this)(
      this.dModel,
      this.nhead,
      this.settings,
    )
    generator.setState(state)
    copy.to(this.selfAttn.outProj.weight.dtype).loadStateDict(this.stateDict())
    const parameters = copy.parameters()
    this.parameters().forEach(({ requiresGrad }, i) => parameters[i].requiresGrad_(requiresGrad))
    return copy.train(this.training)
  }
}

/** Masks of an encoder. */
export interface EncoderMasks {
  /** [T, T] or [N·heads, T, T], as attnMask of MultiheadAttention. Default none. */
  mask?: Tensor | null
  /** [N, T], as keyPaddingMask of MultiheadAttention. Default none. */
  srcKeyPaddingMask?: Tensor | null
}

/** Masks of an encoder layer. */
export interface EncoderLayerMasks {
  /** [T, T] or [N·heads, T, T], as attnMask of MultiheadAttention. Default none. */
  srcMask?: Tensor | null
  /** [N, T], as keyPaddingMask of MultiheadAttention. Default none. */
  srcKeyPaddingMask?: Tensor | null
}

/**
 * Self-attention, then two linear maps, each with a residual connection and layer normalisation. Input and output
 * [T, N, dModel] ([N, T, dModel] with batchFirst) or [T, dModel]. torch.nn.TransformerEncoderLayer.
 * @example new nn.TransformerEncoderLayer(64, 8, { dimFeedforward: 256, batchFirst: true })
 */
export class TransformerEncoderLayer extends TransformerLayer {
  readonly linear1: Linear<number, number>
  readonly dropout: Dropout
  readonly linear2: Linear<number, number>
  readonly norm1: LayerNorm
  readonly norm2: LayerNorm
  readonly dropout1: Dropout
  readonly dropout2: Dropout

  constructor(dModel: number, nhead: number, options?: TransformerLayerOptions) {
    const settings = readOptions(new.target.name, options, layerDefaults)
    super(dModel, nhead, settings)
    const { dimFeedforward, dropout, layerNormEps: eps, bias } = settings
    this.linear1 = new Linear<number, number>(dModel, dimFeedforward, { bias })
    this.dropout = new Dropout(dropout)
    this.linear2 = new Linear<number, number>(dimFeedforward, dModel, { bias })
    this.norm1 = new LayerNorm(dModel, { eps, bias })
    this.norm2 = new LayerNorm(dModel, { eps, bias })
    this.dropout1 = new Dropout(dropout)
    this.dropout2 = new Dropout(dropout)
  }

  forward(src: Tensor, options?: EncoderLayerMasks): Tensor {
    const { srcMask, srcKeyPaddingMask } = readOptions('TransformerEncoderLayer.forward', options, {
      srcMask: null,
      srcKeyPaddingMask: null,
    })
    const attend = (x: Tensor): Tensor => {
      const [y] = this.selfAttn.forward(x, x, x, {
        attnMask: srcMask,
        keyPaddingMask: srcKeyPaddingMask,
        needWeights: false,
      })
      return this.dropout1.forward(y)
    }
    const feed = (x: Tensor): Tensor =>
      this.dropout2.forward(this.linear2.forward(this.dropout.forward(this.activation(this.linear1.forward(x)))))
    if (this.normFirst) {
      const x = src.add(attend(this.norm1.forward(src)))
      return x.add(feed(this.norm2.forward(x)))
    }
    const x = this.norm1.forward(src.add(attend(src)))
    return this.norm2.forward(x.add(feed(x)))
  }
}

/** Masks of a decoder and of its layers: for the target and for the encoder's output, the memory. */
export interface DecoderMasks {
  /** [T, T] or [N·heads, T, T]. Default none. */
  tgtMask?: Tensor | null
  /** [T, S] or [N·heads, T, S]. Default none. */
  memoryMask?: Tensor | null
  /** [N, T]. Default none. */
  tgtKeyPaddingMask?: Tensor | null
  /** [N, S]. Default none. */
  memoryKeyPaddingMask?: Tensor | null
}

const decoderMasks = {
  tgtMask: null,
  memoryMask: null,
  tgtKeyPaddingMask: null,
  memoryKeyPaddingMask: null,
} as const satisfies Defaults<DecoderMasks>

/**
 * Self-attention, attention to the encoder's output, then two linear maps, each with a residual connection and layer
 * normalisation. torch.nn.TransformerDecoderLayer.
 */
export class TransformerDecoderLayer extends TransformerLayer {
  readonly multiheadAttn: MultiheadAttention
  readonly linear1: Linear<number, number>
  readonly dropout: Dropout
  readonly linear2: Linear<number, number>
  readonly norm1: LayerNorm
  readonly norm2: LayerNorm
  readonly norm3: LayerNorm
  readonly dropout1: Dropout
  readonly dropout2: Dropout
  readonly dropout3: Dropout

  constructor(dModel: number, nhead: number, options?: TransformerLayerOptions) {
    const settings = readOptions(new.target.name, options, layerDefaults)
    super(dModel, nhead, settings)
    const { dimFeedforward, dropout, layerNormEps: eps, bias, batchFirst } = settings
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst })
    this.linear1 = new Linear<number, number>(dModel, dimFeedforward, { bias })
    this.dropout = new Dropout(dropout)
    this.linear2 = new Linear<number, number>(dimFeedforward, dModel, { bias })
    this.norm1 = new LayerNorm(dModel, { eps, bias })
    this.norm2 = new LayerNorm(dModel, { eps, bias })
    this.norm3 = new LayerNorm(dModel, { eps, bias })
    this.dropout1 = new Dropout(dropout)
    this.dropout2 = new Dropout(dropout)
    this.dropout3 = new Dropout(dropout)
  }

  forward(tgt: Tensor, memory: Tensor, masks?: DecoderMasks): Tensor {
    const settings = readOptions('TransformerDecoderLayer.forward', masks, decoderMasks)
    const { tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask } = settings
    const attend = (x: Tensor): Tensor => {
      const options = { attnMask: tgtMask, keyPaddingMask: tgtKeyPaddingMask, needWeights: false }
      return this.dropout1.forward(this.selfAttn.forward(x, x, x, options)[0])
    }
    const recall = (x: Tensor): Tensor => {
      const options = { attnMask: memoryMask, keyPaddingMask: memoryKeyPaddingMask, needWeights: false }
      return this.dropout2.forward(this.multiheadAttn.forward(x, memory, memory, options)[0])
    }
    const feed = (x: Tensor): Tensor =>
      this.dropout3.forward(this.linear2.forward(this.dropout.forward(this.activation(this.linear1.forward(x)))))
    if (this.normFirst) {
      let x = tgt.add(attend(this.norm1.forward(tgt)))
      x = x.add(recall(this.norm2.forward(x)))
      return x.add(feed(this.norm3.forward(x)))
    }
    let x = this.norm1.forward(tgt.add(attend(tgt)))
    x = this.norm2.forward(x.add(recall(x)))
    return this.norm3.forward(x.add(feed(x)))
  }
}

/** A layer that can be built again with equal parameters. */
interface Cloneable<L> {
  clone(): L
}

function copies<L extends Cloneable<L>>(name: string, layer: L, numLayers: number): L[] {
  assertIntegers(name, { numLayers }, 1)
  return Array.from({ length: numLayers }, () => layer.clone())
}

/** Encoder layers one after the other, copies of the one given, then `norm` if there is one. torch.nn.TransformerEncoder. */
export class TransformerEncoder extends Module {
  readonly layers: ModuleList<TransformerEncoderLayer>
  readonly norm: LayerNorm | null

  constructor(
    encoderLayer: TransformerEncoderLayer,
    readonly numLayers: number,
    options?: { norm?: LayerNorm | null },
  ) {
    super()
    const { norm } = readOptions('TransformerEncoder', options, { norm: null })
    this.layers = new ModuleList(copies('TransformerEncoder', encoderLayer, numLayers))
    this.norm = norm
  }

  forward(src: Tensor, options?: EncoderMasks): Tensor {
    const { mask, srcKeyPaddingMask } = readOptions('TransformerEncoder.forward', options, {
      mask: null,
      srcKeyPaddingMask: null,
    })
    let x = src
    for (const layer of this.layers) x = layer.forward(x, { srcMask: mask, srcKeyPaddingMask })
    return this.norm ? this.norm.forward(x) : x
  }
}

/** Decoder layers one after the other, copies of the one given, then `norm` if there is one. torch.nn.TransformerDecoder. */
export class TransformerDecoder extends Module {
  readonly layers: ModuleList<TransformerDecoderLayer>
  readonly norm: LayerNorm | null

  constructor(
    decoderLayer: TransformerDecoderLayer,
    readonly numLayers: number,
    options?: { norm?: LayerNorm | null },
  ) {
    super()
    const { norm } = readOptions('TransformerDecoder', options, { norm: null })
    this.layers = new ModuleList(copies('TransformerDecoder', decoderLayer, numLayers))
    this.norm = norm
  }

  forward(tgt: Tensor, memory: Tensor, masks?: DecoderMasks): Tensor {
    if (masks) checkOptions('TransformerDecoder.forward', masks, decoderMasks)
    let x = tgt
    for (const layer of this.layers) x = layer.forward(x, memory, masks)
    return this.norm ? this.norm.forward(x) : x
  }
}

/** What a Transformer can be built with. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** Features of the sequences. Default 512. */
  dModel?: number
  /** Heads of attention. Default 8. */
  nhead?: number
  /** Default 6. */
  numEncoderLayers?: number
  /** Default 6. */
  numDecoderLayers?: number
  /** Instead of the usual encoder. */
  customEncoder?: TransformerEncoder | null
  /** Instead of the usual decoder. */
  customDecoder?: TransformerDecoder | null
}

/** Masks of a Transformer. */
export interface TransformerMasks extends DecoderMasks {
  /** [S, S] or [N·heads, S, S]. Default none. */
  srcMask?: Tensor | null
  /** [N, S]. Default none. */
  srcKeyPaddingMask?: Tensor | null
}

/**
 * An encoder for the source and a decoder for the target. src [S, N, dModel], tgt [T, N, dModel], result like tgt; matrices
 * start from Xavier's uniform distribution. torch.nn.Transformer.
 * @example new nn.Transformer({ dModel: 64, nhead: 4, batchFirst: true }).forward(src, tgt)
 */
export class Transformer extends Module {
  readonly encoder: TransformerEncoder
  readonly decoder: TransformerDecoder
  readonly dModel: number
  readonly nhead: number
  readonly batchFirst: boolean

  constructor(options?: TransformerOptions) {
    super()
    const { dModel, nhead, numEncoderLayers, numDecoderLayers, customEncoder, customDecoder, ...layer } = readOptions(
      'Transformer',
      options,
      {
        dModel: 512,
        nhead: 8,
        numEncoderLayers: 6,
        numDecoderLayers: 6,
        customEncoder: null,
        customDecoder: null,
        ...layerDefaults,
      },
    )
    const { layerNormEps: eps, bias } = layer
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps, bias })
    this.encoder =
      customEncoder ??
      new TransformerEncoder(new TransformerEncoderLayer(dModel, nhead, layer), numEncoderLayers, { norm: norm() })
    this.decoder =
      customDecoder ??
      new TransformerDecoder(new TransformerDecoderLayer(dModel, nhead, layer), numDecoderLayers, { norm: norm() })
    this.dModel = dModel
    this.nhead = nhead
    this.batchFirst = layer.batchFirst
    this.resetParameters()
  }

  /** Draws all matrices from Xavier's uniform distribution. */
  resetParameters(): void {
    for (const parameter of this.parameters()) if (parameter.ndim > 1) init.xavierUniform_(parameter)
  }

  /** @throws ShapeError when src and tgt do not have dModel features or differ in their batch. */
  forward(src: Tensor, tgt: Tensor, masks?: TransformerMasks): Tensor {
    const { srcMask, srcKeyPaddingMask, ...others } = readOptions('Transformer.forward', masks, {
      srcMask: null,
      srcKeyPaddingMask: null,
      ...decoderMasks,
    })
    const batch = this.batchFirst ? 0 : 1
    if (src.ndim === 3 && tgt.ndim === 3 && src.shape[batch] !== tgt.shape[batch])
      throw new ShapeError(
        `Transformer: src and tgt must have equal batches, got ${show(src.shape)} and ${show(tgt.shape)}`,
      )
    if (src.shape.at(-1) !== this.dModel || tgt.shape.at(-1) !== this.dModel)
      throw new ShapeError(
        `Transformer: src and tgt must have dModel ${this.dModel} features, got ${show(src.shape)} and ${show(tgt.shape)}`,
      )
    const memory = this.encoder.forward(src, { mask: srcMask, srcKeyPaddingMask })
    return this.decoder.forward(tgt, memory, others)
  }

  /** [size, size] with −∞ above the diagonal, 0 elsewhere: position i sees those up to i. torch.nn.Transformer.generate_square_subsequent_mask. */
  static generateSquareSubsequentMask(size: number): Tensor {
    return triu(full([size, size], -Infinity), 1)
  }
}
