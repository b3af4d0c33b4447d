/** The linear-chain conditional random field: tags of a sequence, each with an eye on its neighbour. */
import { noGrad } from '../autograd/mode.js'
import { Module } from '../nn/module.js'
import type { Parameter } from '../nn/parameter.js'
import { normal_ } from '../nn/init.js'
import { Adam } from '../optim/index.js'
import { logsumexp } from '../ops/reduce.js'
import { stack } from '../ops/join.js'
import { ShapeError, show } from '../tensor/shape.js'
import { assertTensor, int64Tensor, type Tensor } from '../tensor/tensor.js'
import { checkInterrupt } from '../device/interrupt.js'
import * as v from './values.js'

/** Settings of `fit`. */
export interface CRFFitOptions {
  /** Passes over the sequences. Default 50. */
  epochs?: number
  /** Step of Adam. Default 0.05. */
  lr?: number
  /** Pull of all weights towards 0. Default 1e-3. */
  l2?: number
}

/** The tags of one sequence: a list, or a tensor [length]. */
export type Tags = readonly number[] | Tensor

/**
 * p(tags | x) ∝ exp(Σ emission(xₜ, tagₜ) + Σ transition(tagₜ₋₁, tagₜ)), with linear emissions from features [length, features].
 * The forward algorithm sums over all tag sequences, Viterbi's finds the best one. Lafferty, McCallum & Pereira 2001;
 * 《深度学习基础》 1.
 */
export class LinearChainCRF extends Module {
  /** Score of each tag for each feature, [features, tags]. */
  emission: Parameter
  /** Score of the step from row to column, [tags, tags]. */
  transition: Parameter
  /** Score of each tag at the beginning, [tags]. */
  start: Parameter
  /** Score of each tag at the end, [tags]. */
  end: Parameter
  /** Mean negative log-likelihood in each pass of `fit`. */
  history: number[] = []

  constructor(
    readonly nFeatures: number,
    readonly nTags: number,
  ) {
    super()
    v.assertCount('LinearChainCRF', 'nFeatures', nFeatures)
    v.assertCount('LinearChainCRF', 'nTags', nTags)
    this.emission = this.parameter([nFeatures, nTags])
    this.transition = this.parameter([nTags, nTags])
    this.start = this.parameter([nTags])
    this.end = this.parameter([nTags])
    for (const parameter of this.parameters()) normal_(parameter, 0, 0.01)
  }

  /** Scores of the tags at each place, [length, tags], of a sequence [length, features]. */
  forward(x: Tensor): Tensor {
    assertTensor('LinearChainCRF', 'the sequence', x)
    if (x.ndim !== 2 || x.size(1) !== this.nFeatures || x.size(0) === 0)
      throw new ShapeError(
        `LinearChainCRF: a sequence must have shape [length, ${this.nFeatures}], got ${show(x.shape)}`,
      )
    return x.to(this.emission.dtype).matmul(this.emission)
  }

  /** ln of the sum over all tag sequences, by the forward algorithm. */
  logPartition(x: Tensor): Tensor {
    const scores = this.forward(x)
    let alpha: Tensor = this.start.add(scores.select(0, 0))
    for (let t = 1; t < scores.size(0); t++)
      alpha = logsumexp(alpha.unsqueeze(1).add(this.transition), 0).add(scores.select(0, t))
    return logsumexp(alpha.add(this.end), 0)
  }

  #tags(tags: Tags, length: number): number[] {
    const list = v.numbersOf('LinearChainCRF', tags, length)
    const bad = list.findIndex((tag) => !Number.isInteger(tag) || tag < 0 || tag >= this.nTags)
    if (bad >= 0)
      throw new RangeError(`LinearChainCRF: tag ${list[bad]} at place ${bad} is none of 0 to ${this.nTags - 1}`)
    return list
  }

  /** The score of one tag sequence, before it is compared with all others. */
  sequenceScore(x: Tensor, tags: Tags): Tensor {
    const scores = this.forward(x)
    const list = this.#tags(tags, scores.size(0))
    const emitted = scores.gather(1, int64Tensor(list).unsqueeze(1)).sum()
    const ends = this.start.select(0, list[0]).add(this.end.select(0, list[list.length - 1]))
    if (list.length === 1) return emitted.add(ends)
    const steps = list.slice(1).map((tag, t) => list[t] * this.nTags + tag)
    return emitted.add(ends).add(this.transition.reshape(-1).indexSelect(0, int64Tensor(steps)).sum())
  }

  /** ln p(tags | x). */
  logLikelihood(x: Tensor, tags: Tags): Tensor {
    return this.sequenceScore(x, tags).sub(this.logPartition(x))
  }

  /** The likeliest tags, by Viterbi's algorithm. */
  viterbi(x: Tensor): { tags: number[]; score: number } {
    return noGrad(() => {
      const [scores, transition] = [this.forward(x), this.transition].map((t) => t.toArray() as number[][])
      const [start, end] = [this.start, this.end].map((t) => t.toArray() as number[])
      let best = start.map((value, tag) => value + scores[0][tag])
      const back: number[][] = []
      for (let t = 1; t < scores.length; t++) {
        const from = start.map((_, tag) => v.argmax(best.map((value, before) => value + transition[before][tag])))
        best = from.map((before, tag) => best[before] + transition[before][tag] + scores[t][tag])
        back.push(from)
      }
      const final = best.map((value, tag) => value + end[tag])
      const tags = [v.argmax(final)]
      for (const from of back.reverse()) tags.unshift(from[tags[0]])
      return { tags, score: final[tags[tags.length - 1]] }
    })
  }

  /** The likeliest tags of each sequence. */
  predict(sequences: readonly Tensor[]): number[][] {
    return sequences.map((x) => this.viterbi(x).tags)
  }

  /** Probability of each tag at each place, [length, tags]: the gradient of the forward algorithm by the scores. */
  marginals(x: Tensor): Tensor {
    const scores = noGrad(() => this.forward(x)).toArray() as number[][]
    const [transition] = [this.transition].map((t) => t.toArray() as number[][])
    const [start, end] = [this.start, this.end].map((t) => t.toArray() as number[])
    const alphas = [start.map((value, tag) => value + scores[0][tag])]
    for (let t = 1; t < scores.length; t++)
      alphas.push(
        start.map(
          (_, tag) =>
            scores[t][tag] + v.logSumExp(alphas[t - 1].map((value, before) => value + transition[before][tag])),
        ),
      )
    const betas = [end]
    for (let t = scores.length - 1; t > 0; t--)
      betas.unshift(
        start.map((_, tag) =>
          v.logSumExp(betas[0].map((value, after) => value + transition[tag][after] + scores[t][after])),
        ),
      )
    const total = v.logSumExp(alphas[alphas.length - 1].map((value, tag) => value + end[tag]))
    return v.rowsTensor(alphas.map((alpha, t) => alpha.map((value, tag) => Math.exp(value + betas[t][tag] - total))))
  }

  /** Learns from sequences [length, features] and their tags. Returns the model. */
  fit(
    sequences: readonly Tensor[],
    tags: readonly Tags[],
    { epochs = 50, lr = 0.05, l2 = 1e-3 }: CRFFitOptions = {},
  ): this {
    if (sequences.length === 0 || sequences.length !== tags.length)
      throw new RangeError(
        `LinearChainCRF: needs as many lists of tags as sequences, got ${tags.length} and ${sequences.length}`,
      )
    v.assertCount('LinearChainCRF', 'epochs', epochs)
    const optimizer = new Adam(this.parameters(), { lr })
    this.history = []
    for (let epoch = 0; epoch < epochs; epoch++) {
      checkInterrupt()
      optimizer.zeroGrad()
      const likelihoods = stack(sequences.map((x, i) => this.logLikelihood(x, tags[i])))
      const penalty = stack(this.parameters().map((p) => p.square().sum()))
        .sum()
        .mul(l2 / 2)
      const loss = likelihoods.mean().neg().add(penalty)
      loss.backward()
      optimizer.step()
      this.history.push(likelihoods.mean().neg().item())
    }
    return this
  }
}
