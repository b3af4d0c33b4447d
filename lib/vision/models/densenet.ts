/** DenseNet: each layer sees what all layers before it have made. */
import { ReLU } from '../../nn/activation.js'
import { Sequential, type Layer } from '../../nn/container.js'
import { Conv2d } from '../../nn/conv.js'
import { constant_, kaimingNormal_ } from '../../nn/init.js'
import { Linear } from '../../nn/linear.js'
import { Module } from '../../nn/module.js'
import { BatchNorm2d } from '../../nn/norm-batch.js'
import { AvgPool2d, MaxPool2d } from '../../nn/pooling.js'
import { dropout } from '../../ops/dropout.js'
import { cat } from '../../ops/join.js'
import { relu } from '../../ops/pointwise.js'
import { adaptiveAvgPool2d } from '../../ops/pooling/index.js'
import type { Tensor } from '../../tensor/tensor.js'
import { assertClasses, withWeights, type ModelOptions } from './options.js'

class DenseLayer extends Module {
  norm1: BatchNorm2d
  relu1 = new ReLU({ inplace: true })
  conv1: Conv2d
  norm2: BatchNorm2d
  relu2 = new ReLU({ inplace: true })
  conv2: Conv2d

  constructor(
    features: number,
    growthRate: number,
    bnSize: number,
    readonly dropRate: number,
  ) {
    super()
    this.norm1 = new BatchNorm2d(features)
    this.conv1 = new Conv2d(features, bnSize * growthRate, 1, { bias: false })
    this.norm2 = new BatchNorm2d(bnSize * growthRate)
    this.conv2 = new Conv2d(bnSize * growthRate, growthRate, 3, { padding: 1, bias: false })
  }

  forward(x: Tensor): Tensor {
    const narrow = this.conv1.forward(this.relu1.forward(this.norm1.forward(x)))
    const fresh = this.conv2.forward(this.relu2.forward(this.norm2.forward(narrow)))
    return this.dropRate > 0 ? dropout(fresh, { p: this.dropRate, training: this.training }) : fresh
  }
}

class DenseBlock extends Module {
  constructor(count: number, features: number, growthRate: number, bnSize: number, dropRate: number) {
    super()
    for (let i = 0; i < count; i++)
      this.addModule(`denselayer${i + 1}`, new DenseLayer(features + i * growthRate, growthRate, bnSize, dropRate))
  }

  forward(x: Tensor): Tensor {
    const made = [x]
    for (const layer of this.children()) made.push((layer as DenseLayer).forward(cat(made, 1)))
    return cat(made, 1)
  }
}

const transition = (from: number, to: number): Sequential =>
  new Sequential({
    norm: new BatchNorm2d(from),
    relu: new ReLU({ inplace: true }),
    conv: new Conv2d(from, to, 1, { bias: false }),
    pool: new AvgPool2d(2, { stride: 2 }),
  })

/** Options of `DenseNet`. */
export interface DenseNetOptions extends ModelOptions {
  /** Channels that each layer adds. Default 32. */
  growthRate?: number
  /** Layers in each block. Default [6, 12, 24, 16]. */
  blockConfig?: readonly number[]
  /** Channels after the first convolution. Default 64. */
  numInitFeatures?: number
  /** Channels of the 1×1 convolutions, as a multiple of the growth rate. Default 4. */
  bnSize?: number
  /** Share of elements that are dropped after each layer while training. Default 0. */
  dropRate?: number
}

/**
 * Densely connected network: images [N, 3, H, W], H and W from 29 up (made for 224), → [N, numClasses]. Replace the head by
 * `net.classifier = new nn.Linear(net.classifier.inFeatures, 10)`. Huang, Liu, van der Maaten & Weinberger 2016;
 * torchvision.models.DenseNet.
 */
export class DenseNet extends Module {
  features: Sequential
  classifier: Linear

  constructor({
    growthRate = 32,
    blockConfig = [6, 12, 24, 16],
    numInitFeatures = 64,
    bnSize = 4,
    dropRate = 0,
    numClasses = 1000,
  }: DenseNetOptions = {}) {
    super()
    assertClasses('DenseNet', numClasses)
    const layers: Record<string, Layer> = {
      conv0: new Conv2d(3, numInitFeatures, 7, { stride: 2, padding: 3, bias: false }),
      norm0: new BatchNorm2d(numInitFeatures),
      relu0: new ReLU({ inplace: true }),
      pool0: new MaxPool2d(3, { stride: 2, padding: 1 }),
    }
    let channels = numInitFeatures
    blockConfig.forEach((count, i) => {
      layers[`denseblock${i + 1}`] = new DenseBlock(count, channels, growthRate, bnSize, dropRate)
      channels += count * growthRate
      if (i === blockConfig.length - 1) return
      const half = Math.floor(channels / 2)
      layers[`transition${i + 1}`] = transition(channels, half)
      channels = half
    })
    layers.norm5 = new BatchNorm2d(channels)
    this.features = new Sequential(layers)
    this.classifier = new Linear(channels, numClasses)
    for (const module of this.modules())
      if (module instanceof Conv2d) kaimingNormal_(module.weight)
      else if (module instanceof Linear && module.bias) constant_(module.bias, 0)
  }

  forward(x: Tensor): Tensor {
    return this.classifier.forward(adaptiveAvgPool2d(relu(this.features.forward(x)), 1).flatten(1))
  }
}

function densenet(options: DenseNetOptions, own: DenseNetOptions): DenseNet {
  return withWeights(new DenseNet({ ...own, ...options }), options.weights)
}

/** DenseNet-121, 7,978,856 parameters. torchvision.models.densenet121. */
export const densenet121 = (options: DenseNetOptions = {}): DenseNet => densenet(options, {})
/** DenseNet-161, 28,681,000 parameters. torchvision.models.densenet161. */
export const densenet161 = (options: DenseNetOptions = {}): DenseNet =>
  densenet(options, { growthRate: 48, blockConfig: [6, 12, 36, 24], numInitFeatures: 96 })
/** DenseNet-169, 14,149,480 parameters. torchvision.models.densenet169. */
export const densenet169 = (options: DenseNetOptions = {}): DenseNet =>
  densenet(options, { blockConfig: [6, 12, 32, 32] })
/** DenseNet-201, 20,013,928 parameters. torchvision.models.densenet201. */
export const densenet201 = (options: DenseNetOptions = {}): DenseNet =>
  densenet(options, { blockConfig: [6, 12, 48, 32] })
