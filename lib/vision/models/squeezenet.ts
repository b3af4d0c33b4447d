/** SqueezeNet: AlexNet's accuracy with a fiftieth of its parameters. */
import { ReLU } from '../../nn/activation.js'
import { Sequential } from '../../nn/container.js'
import { Conv2d } from '../../nn/conv.js'
import { Dropout } from '../../nn/dropout.js'
import { constant_, kaimingUniform_, normal_ } from '../../nn/init.js'
import { Module } from '../../nn/module.js'
import { AdaptiveAvgPool2d } from '../../nn/pooling-adaptive.js'
import { MaxPool2d } from '../../nn/pooling.js'
import { cat } from '../../ops/join.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { DropoutModelOptions } from './alexnet.js'
import { assertClasses, withWeights } from './options.js'

/** Few channels by 1×1 convolution, then many by 1×1 and 3×3 side by side. torchvision.models.squeezenet.Fire. */
export class Fire extends Module {
  squeeze: Conv2d
  squeezeActivation = new ReLU({ inplace: true })
  expand1x1: Conv2d
  expand1x1Activation = new ReLU({ inplace: true })
  expand3x3: Conv2d
  expand3x3Activation = new ReLU({ inplace: true })

  constructor(inPlanes: number, squeezePlanes: number, expandPlanes: number) {
    super()
    this.squeeze = new Conv2d(inPlanes, squeezePlanes, 1)
    this.expand1x1 = new Conv2d(squeezePlanes, expandPlanes, 1)
    this.expand3x3 = new Conv2d(squeezePlanes, expandPlanes, 3, { padding: 1 })
  }

  forward(x: Tensor): Tensor {
    const narrow = this.squeezeActivation.forward(this.squeeze.forward(x))
    const small = this.expand1x1Activation.forward(this.expand1x1.forward(narrow))
    const large = this.expand3x3Activation.forward(this.expand3x3.forward(narrow))
    return cat([small, large], 1)
  }
}

const pool = (): MaxPool2d => new MaxPool2d(3, { stride: 2, ceilMode: true })

const features = {
  '1_0': () =>
    new Sequential(
      new Conv2d(3, 96, 7, { stride: 2 }),
      new ReLU({ inplace: true }),
      pool(),
      new Fire(96, 16, 64),
      new Fire(128, 16, 64),
      new Fire(128, 32, 128),
      pool(),
      new Fire(256, 32, 128),
      new Fire(256, 48, 192),
      new Fire(384, 48, 192),
      new Fire(384, 64, 256),
      pool(),
      new Fire(512, 64, 256),
    ),
  '1_1': () =>
    new Sequential(
      new Conv2d(3, 64, 3, { stride: 2 }),
      new ReLU({ inplace: true }),
      pool(),
      new Fire(64, 16, 64),
      new Fire(128, 16, 64),
      pool(),
      new Fire(128, 32, 128),
      new Fire(256, 32, 128),
      pool(),
      new Fire(256, 48, 192),
      new Fire(384, 48, 192),
      new Fire(384, 64, 256),
      new Fire(512, 64, 256),
    ),
}

/** The published versions. */
export type SqueezeNetVersion = keyof typeof features

/**
 * SqueezeNet: images [N, 3, H, W], H and W from 21 up (made for 224), → [N, numClasses]. Replace the head by
 * `net.classifier[1] = new nn.Conv2d(512, 10, 1)`. Iandola et al. 2016; torchvision.models.SqueezeNet.
 */
export class SqueezeNet extends Module {
  features: Sequential
  classifier: Sequential

  constructor(version: SqueezeNetVersion = '1_0', { numClasses = 1000, dropout = 0.5 }: DropoutModelOptions = {}) {
    super()
    assertClasses('SqueezeNet', numClasses)
    if (!(version in features))
      throw new RangeError(`SqueezeNet: version must be '1_0' or '1_1', got ${JSON.stringify(version)}`)
    this.features = features[version]()
    const last = new Conv2d(512, numClasses, 1)
    this.classifier = new Sequential(new Dropout(dropout), last, new ReLU({ inplace: true }), new AdaptiveAvgPool2d(1))
    for (const module of this.modules())
      if (module instanceof Conv2d) {
        if (module === last) normal_(module.weight, 0, 0.01)
        else kaimingUniform_(module.weight)
        if (module.bias) constant_(module.bias, 0)
      }
  }

  forward(x: Tensor): Tensor {
    return this.classifier.forward(this.features.forward(x)).flatten(1)
  }
}

/** SqueezeNet 1.0, 1,248,424 parameters. torchvision.models.squeezenet1_0. */
export const squeezenet1_0 = (options: DropoutModelOptions = {}): SqueezeNet =>
  withWeights(new SqueezeNet('1_0', options), options.weights)
/** SqueezeNet 1.1, 1,235,496 parameters and 2.4 times less computation. torchvision.models.squeezenet1_1. */
export const squeezenet1_1 = (options: DropoutModelOptions = {}): SqueezeNet =>
  withWeights(new SqueezeNet('1_1', options), options.weights)
