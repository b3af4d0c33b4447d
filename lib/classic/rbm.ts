/** Restricted Boltzmann machines, and stacks of them as the beginning of deep networks. */
import { noGrad } from '../autograd/mode.js'
import { checkInterrupt } from '../device/interrupt.js'
import { defaultGenerator, type Generator } from '../device/random.js'
import { Sigmoid } from '../nn/activation-smooth.js'
import { Sequential, type Layer } from '../nn/container.js'
import { Linear } from '../nn/linear.js'
import { zeros } from '../ops/creation.js'
import { indexSelect } from '../ops/index-ops.js'
import { rand, randn, randperm } from '../ops/random.js'
import { ShapeError, show } from '../tensor/shape.js'
import { assertTensor, type Tensor } from '../tensor/tensor.js'
import { softplus } from '../ops/activations/index.js'
import * as v from './values.js'

/** Settings of `RBM`. */
export interface RBMOptions {
  /** Step. Default 0.1. */
  lr?: number
  /** Sampling steps in each update (CD-k). Default 1. */
  k?: number
  /** Passes over the data. Default 10. */
  epochs?: number
  /** Rows in an update. Default 10. */
  batchSize?: number
  /** Share of the last update that is kept. Default 0. */
  momentum?: number
  /** Pull of the weights towards 0. Default 0. */
  weightDecay?: number
  /** Go on from the last samples instead of the data (persistent CD). Default false. */
  persistent?: boolean
  /** Draws weights, order and samples. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * Restricted Boltzmann machine with binary units: p(v, h) ∝ exp(vᵀWh + bᵀv + cᵀh), trained by contrastive divergence. Data
 * [N, nVisible] in [0, 1], float32 or float64. Hinton 2002 and 2006; 《深度学习基础》 1; sklearn.neural_network.BernoulliRBM.
 */
export class RBM {
  /** [nVisible, nHidden]; column j is the filter of hidden unit j. */
  readonly weight: Tensor
  /** [nVisible]. */
  readonly visibleBias: Tensor
  /** [nHidden]. */
  readonly hiddenBias: Tensor
  readonly options: Readonly<Required<Omit<RBMOptions, 'generator'>>>
  /** Mean squared error of the reconstruction in each pass of `fit`. */
  history: number[] = []
  readonly #generator: Generator

  constructor(
    readonly nVisible: number,
    readonly nHidden: number,
    { generator, ...options }: RBMOptions = {},
  ) {
    v.assertCount('RBM', 'nVisible', nVisible)
    v.assertCount('RBM', 'nHidden', nHidden)
    this.options = {
      lr: 0.1,
      k: 1,
      epochs: 10,
      batchSize: 10,
      momentum: 0,
      weightDecay: 0,
      persistent: false,
      ...options,
    }
    for (const what of ['k', 'epochs', 'batchSize'] as const) v.assertCount('RBM', what, this.options[what])
    v.assertPositive('RBM', 'lr', this.options.lr)
    this.#generator = generator ?? defaultGenerator()
    this.weight = randn(nVisible, nHidden, { generator: this.#generator }).mul(0.01)
    this.visibleBias = zeros(nVisible)
    this.hiddenBias = zeros(nHidden)
  }

  #data(x: Tensor, width: number): Tensor {
    assertTensor('RBM', 'the data', x)
    if (x.ndim !== 2 || x.size(1) !== width)
      throw new ShapeError(`RBM: the data must have shape [N, ${width}], got ${show(x.shape)}; flatten images first`)
    return v.floating(x).float()
  }

  /** Probabilities of the hidden units, [N, nHidden], given visible ones [N, nVisible]. */
  transform(visible: Tensor): Tensor {
    return noGrad(() => this.#data(visible, this.nVisible).matmul(this.weight).add(this.hiddenBias).sigmoid())
  }

  /** Probabilities of the visible units, [N, nVisible], given hidden ones [N, nHidden]. */
  generate(hidden: Tensor): Tensor {
    return noGrad(() => this.#data(hidden, this.nHidden).matmul(this.weight.t()).add(this.visibleBias).sigmoid())
  }

  /** Visible → hidden → visible, as probabilities. */
  reconstruct(visible: Tensor): Tensor {
    return this.generate(this.transform(visible))
  }

  #draw(probabilities: Tensor): Tensor {
    return rand(probabilities.shape as number[], { generator: this.#generator })
      .lt(probabilities)
      .float()
  }

  /** One step of Gibbs sampling from visible states: new hidden ones, then new visible ones. */
  gibbs(visible: Tensor): Tensor {
    return noGrad(() => this.#draw(this.generate(this.#draw(this.transform(visible)))))
  }

  /** F(v) with e^(−F(v)) = Σ_h e^(vᵀWh + bᵀv + cᵀh), [N]: the lower, the likelier. */
  freeEnergy(visible: Tensor): Tensor {
    return noGrad(() => {
      const x = this.#data(visible, this.nVisible)
      const hidden = softplus(x.matmul(this.weight).add(this.hiddenBias)).sum(1)
      return x.matmul(this.visibleBias).add(hidden).neg()
    })
  }

  /** Learns from rows [N, nVisible]. Returns the model. */
  fit(x: Tensor): this {
    const data = this.#data(x, this.nVisible)
    const outside = data.lt(0).logicalOr(data.gt(1)).any().item()
    if (outside) throw new RangeError('RBM: visible units lie in [0, 1]; scale the data, by transforms.MinMaxScale say')
    const { epochs, batchSize, persistent } = this.options
    this.history = []
    const speeds = [this.weight, this.visibleBias, this.hiddenBias].map((p) => zeros(p.shape as number[]))
    let chain: Tensor | null = null
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = randperm(data.size(0), { generator: this.#generator })
      let error = 0
      for (let from = 0; from < data.size(0); from += batchSize) {
        checkInterrupt()
        const size = Math.min(batchSize, data.size(0) - from)
        const batch = indexSelect(data, 0, order.narrow(0, from, size))
        chain = this.#update(batch, persistent && chain ? chain : null, speeds)
        error += this.reconstruct(batch).sub(batch).square().mean().item() * size
      }
      this.history.push(error / data.size(0))
    }
    return this
  }

  /** One update; returns where the chain stands. */
  #update(batch: Tensor, chain: Tensor | null, speeds: readonly Tensor[]): Tensor {
    const { lr, k, momentum, weightDecay } = this.options
    return noGrad(() => {
      const positive = this.transform(batch)
      let visible = this.generate(this.#draw(chain ? this.transform(chain) : positive))
      for (let step = 1; step < k; step++) visible = this.generate(this.#draw(this.transform(this.#draw(visible))))
      const sample = this.#draw(visible)
      const negative = this.transform(sample)
      const [n, m] = [batch.size(0), sample.size(0)]
      const gradients = [
        batch.t().matmul(positive).div(n).sub(sample.t().matmul(negative).div(m)).sub(this.weight.mul(weightDecay)),
        batch.mean(0).sub(sample.mean(0)),
        positive.mean(0).sub(negative.mean(0)),
      ]
      ;[this.weight, this.visibleBias, this.hiddenBias].forEach((parameter, i) => {
        speeds[i].mul_(momentum).add_(gradients[i].mul(lr))
        parameter.add_(speeds[i])
      })
      return sample
    })
  }
}

/**
 * A stack of RBMs, each trained on the hidden units of the one below (greedy layer-wise pre-training), to be fine-tuned as a
 * network with `toSequential`. Hinton, Osindero & Teh 2006; 《深度学习基础》 1.
 * @example const net = new classic.DeepBelief([784, 500, 200]).fit(images).toSequential(10)
 */
export class DeepBelief {
  /** The machines, from the data upwards. */
  readonly layers: readonly RBM[]

  /** @param sizes units of each level, the data first */
  constructor(sizes: readonly number[], options: RBMOptions = {}) {
    if (sizes.length < 2)
      throw new RangeError(`DeepBelief: needs the sizes of at least two levels, got ${JSON.stringify(sizes)}`)
    this.layers = sizes.slice(1).map((size, i) => new RBM(sizes[i], size, options))
  }

  /** Trains the machines from the data upwards. Returns the model. */
  fit(x: Tensor): this {
    this.layers.reduce((data, layer) => layer.fit(data).transform(data), x)
    return this
  }

  /** Probabilities of the uppermost hidden units. */
  transform(x: Tensor): Tensor {
    return this.layers.reduce((data, layer) => layer.transform(data), x)
  }

  /** Down to the data and up again, as probabilities. */
  reconstruct(x: Tensor): Tensor {
    return this.layers.reduceRight((hidden, layer) => layer.generate(hidden), this.transform(x))
  }

  /** A network of sigmoid layers with the weights learned, and a fresh linear layer with `outputs` units on top. */
  toSequential(outputs: number): Sequential {
    const layers = this.layers.flatMap((machine): Layer[] => {
      const linear = new Linear(machine.nVisible, machine.nHidden)
      noGrad(() => {
        linear.weight.copy_(machine.weight.t())
        linear.bias?.copy_(machine.hiddenBias)
      })
      return [linear, new Sigmoid()]
    })
    return new Sequential(...layers, new Linear(this.layers[this.layers.length - 1].nHidden, outputs))
  }
}
