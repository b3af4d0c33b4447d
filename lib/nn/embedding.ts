/** Tables of vectors that are learned: Embedding and EmbeddingBag. */
import {
  embedding,
  embeddingBag,
  embeddingDefaults,
  refuseSparse,
  resolvePadding,
  type EmbeddingBagOptions,
  type EmbeddingOptions,
} from '../ops/embedding.js'
import { select } from '../ops/shape.js'
import { noGrad } from '../autograd/index.js'
import { ShapeError, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'
import { assertIntegers, readOptions, checkOptions, type Defaults } from '../tensor/options.js'

/** What the two share: the table, from N(0, 1), with zeros in the padding row. */
abstract class Table<Options extends EmbeddingOptions> extends Module {
  /** [numEmbeddings, embeddingDim] */
  readonly weight: Parameter
  readonly paddingIdx: number | null

  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: number,
    readonly options: Options,
    known: Defaults<Options>,
    pretrained?: { table: Tensor; freeze: boolean },
  ) {
    super()
    const name = new.target.name
    assertIntegers(name, { numEmbeddings, embeddingDim }, 0)
    checkOptions(name, options, known)
    refuseSparse(name, options)
    const padding = resolvePadding(name, options.paddingIdx, numEmbeddings)
    this.paddingIdx = padding < 0 ? null : padding
    if (pretrained) this.weight = new Parameter(pretrained.table, !pretrained.freeze)
    else {
      this.weight = this.parameter([numEmbeddings, embeddingDim])
      this.resetParameters()
    }
  }

  /** Draws a new table, as the constructor does. */
  resetParameters(): void {
    init.normal_(this.weight)
    if (this.paddingIdx !== null) noGrad(() => select(this.weight, 0, this.paddingIdx as number).fill_(0))
  }

  override extraRepr(): string {
    const others = { ...this.options, paddingIdx: this.paddingIdx ?? undefined }
    return [
      `${this.numEmbeddings}, ${this.embeddingDim}`,
      ...Object.entries(others).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${String(value)}`])),
    ].join(', ')
  }
}

/** How a given table is used. */
export interface PretrainedOptions extends EmbeddingOptions {
  /** Whether the table stays as it is in training. Default true. */
  freeze?: boolean
}

function tableOf(name: string, embeddings: Tensor): [rows: number, columns: number] {
  if (embeddings.ndim !== 2)
    throw new ShapeError(`${name}.fromPretrained: needs [numEmbeddings, embeddingDim], got ${show(embeddings.shape)}`)
  return embeddings.shape as [number, number]
}

/**
 * A vector for each number: input int64 or int32 of any shape, output [...input, embeddingDim]. The table starts from
 * N(0, 1). torch.nn.Embedding.
 * @example new nn.Embedding(10_000, 64, { paddingIdx: 0 }).forward(tokens)
 */
export class Embedding extends Table<EmbeddingOptions> {
  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    options: EmbeddingOptions = {},
    pretrained?: PretrainedTable,
  ) {
    super(numEmbeddings, embeddingDim, options, embeddingDefaults, pretrained)
  }

  /** A table with these rows, which share the tensor's memory (torch.nn.Embedding.from_pretrained). */
  static fromPretrained(embeddings: Tensor, { freeze = true, ...options }: PretrainedOptions = {}): Embedding {
    return new Embedding(...tableOf('Embedding', embeddings), options, { table: embeddings, freeze })
  }

  /** @throws RangeError for numbers outside of the table. */
  forward(input: Tensor): Tensor {
    return embedding(input, this.weight, { ...this.options, paddingIdx: this.paddingIdx })
  }
}

/** @internal */
export interface PretrainedTable {
  table: Tensor
  freeze: boolean
}

/** What an EmbeddingBag does with the rows of a bag. */
export type EmbeddingBagModuleOptions = Omit<EmbeddingBagOptions, 'perSampleWeights'>

const bagDefaults: Defaults<EmbeddingBagModuleOptions> = {
  ...embeddingDefaults,
  mode: 'mean',
  includeLastOffset: false,
}

/**
 * The sum, mean (default) or maximum of the vectors of each bag, [bags, embeddingDim]; an empty bag is 0.
 * torch.nn.EmbeddingBag. @example new nn.EmbeddingBag(10, 3, { mode: 'sum' }).forward(numbers, tensor([0, 4], { dtype: 'int64' }))
 */
export class EmbeddingBag extends Table<EmbeddingBagModuleOptions> {
  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    options: EmbeddingBagModuleOptions = {},
    pretrained?: PretrainedTable,
  ) {
    super(numEmbeddings, embeddingDim, options, bagDefaults, pretrained)
  }

  /** A table with these rows, which share the tensor's memory (torch.nn.EmbeddingBag.from_pretrained). */
  static fromPretrained(
    embeddings: Tensor,
    { freeze = true, ...options }: EmbeddingBagModuleOptions & { freeze?: boolean } = {},
  ): EmbeddingBag {
    return new EmbeddingBag(...tableOf('EmbeddingBag', embeddings), options, { table: embeddings, freeze })
  }

  /** @param input [bags, size], or 1-D with `offsets`, the positions where bags begin */
  forward(
    input: Tensor,
    offsets: Tensor | readonly number[] | null = null,
    options?: Pick<EmbeddingBagOptions, 'perSampleWeights'>,
  ): Tensor {
    const { perSampleWeights } = readOptions('EmbeddingBag.forward', options, { perSampleWeights: null })
    return embeddingBag(input, this.weight, offsets, { ...this.options, paddingIdx: this.paddingIdx, perSampleWeights })
  }
}
