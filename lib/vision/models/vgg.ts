/** VGG: nothing but small convolutions, stacked deep. */
import { ReLU } from '../../nn/activation.js'
import { Sequential, type Layer } from '../../nn/container.js'
import { Conv2d } from '../../nn/conv.js'
import { Dropout } from '../../nn/dropout.js'
import { constant_, kaimingNormal_, normal_ } from '../../nn/init.js'
import { Linear } from '../../nn/linear.js'
import { Module } from '../../nn/module.js'
import { BatchNorm2d } from '../../nn/norm-batch.js'
import { AdaptiveAvgPool2d } from '../../nn/pooling-adaptive.js'
import { MaxPool2d } from '../../nn/pooling.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { DropoutModelOptions } from './alexnet.js'
import { assertClasses, withWeights } from './options.js'

/** Channels of the convolutions between poolings, by the number of layers that have weights. */
const stages = {
  11: [[64], [128], [256, 256], [512, 512], [512, 512]],
  13: [
    [64, 64],
    [128, 128],
    [256, 256],
    [512, 512],
    [512, 512],
  ],
  16: [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ],
  19: [
    [64, 64],
    [128, 128],
    [256, 256, 256, 256],
    [512, 512, 512, 512],
    [512, 512, 512, 512],
  ],
} as const

/** The depths that were published. */
export type VGGDepth = keyof typeof stages

/** Options of `VGG`. */
export interface VGGOptions extends DropoutModelOptions {
  /** Whether each convolution is followed by batch normalization. Default false. */
  batchNorm?: boolean
}

function features(depth: VGGDepth, batchNorm: boolean): Sequential {
  let channels = 3
  const layers: Layer[] = []
  for (const stage of stages[depth]) {
    for (const planes of stage) {
      layers.push(new Conv2d(channels, planes, 3, { padding: 1 }))
      if (batchNorm) layers.push(new BatchNorm2d(planes))
      layers.push(new ReLU({ inplace: true }))
      channels = planes
    }
    layers.push(new MaxPool2d(2, { stride: 2 }))
  }
  return new Sequential(...layers)
}

/**
 * VGG: images [N, 3, H, W], H and W from 32 up (made for 224), → [N, numClasses]. VGG-16 has 138,357,544 parameters. Replace
 * the head by `net.classifier[6] = new nn.Linear(4096, 10)`. Simonyan & Zisserman 2014; torchvision.models.VGG.
 */
export class VGG extends Module {
  features: Sequential
  avgpool = new AdaptiveAvgPool2d(7)
  classifier: Sequential

  constructor(depth: VGGDepth, { batchNorm = false, numClasses = 1000, dropout = 0.5 }: VGGOptions = {}) {
    super()
    assertClasses('VGG', numClasses)
    if (!(depth in stages))
      throw new RangeError(`VGG: depth must be one of ${Object.keys(stages).join(', ')}, got ${String(depth)}`)
    this.features = features(depth, batchNorm)
    this.classifier = new Sequential(
      new Linear(512 * 7 * 7, 4096),
      new ReLU({ inplace: true }),
      new Dropout(dropout),
      new Linear(4096, 4096),
      new ReLU({ inplace: true }),
      new Dropout(dropout),
      new Linear(4096, numClasses),
    )
    for (const module of this.modules())
      if (module instanceof Conv2d) {
        kaimingNormal_(module.weight, { mode: 'fanOut', nonlinearity: 'relu' })
        if (module.bias) constant_(module.bias, 0)
      } else if (module instanceof Linear) {
        normal_(module.weight, 0, 0.01)
        if (module.bias) constant_(module.bias, 0)
      }
  }

  forward(x: Tensor): Tensor {
    return this.classifier.forward(this.avgpool.forward(this.features.forward(x)).flatten(1))
  }
}

function vgg(depth: VGGDepth, batchNorm: boolean, options: DropoutModelOptions): VGG {
  return withWeights(new VGG(depth, { ...options, batchNorm }), options.weights)
}

/** VGG-11, 132,863,336 parameters. torchvision.models.vgg11. */
export const vgg11 = (options: DropoutModelOptions = {}): VGG => vgg(11, false, options)
/** VGG-11 with batch normalization, 132,868,840 parameters. torchvision.models.vgg11_bn. */
export const vgg11_bn = (options: DropoutModelOptions = {}): VGG => vgg(11, true, options)
/** VGG-13, 133,047,848 parameters. torchvision.models.vgg13. */
export const vgg13 = (options: DropoutModelOptions = {}): VGG => vgg(13, false, options)
/** VGG-13 with batch normalization, 133,053,736 parameters. torchvision.models.vgg13_bn. */
export const vgg13_bn = (options: DropoutModelOptions = {}): VGG => vgg(13, true, options)
/** VGG-16, 138,357,544 parameters. torchvision.models.vgg16. */
export const vgg16 = (options: DropoutModelOptions = {}): VGG => vgg(16, false, options)
/** VGG-16 with batch normalization, 138,365,992 parameters. torchvision.models.vgg16_bn. */
export const vgg16_bn = (options: DropoutModelOptions = {}): VGG => vgg(16, true, options)
/** VGG-19, 143,667,240 parameters. torchvision.models.vgg19. */
export const vgg19 = (options: DropoutModelOptions = {}): VGG => vgg(19, false, options)
/** VGG-19 with batch normalization, 143,678,248 parameters. torchvision.models.vgg19_bn. */
export const vgg19_bn = (options: DropoutModelOptions = {}): VGG => vgg(19, true, options)
