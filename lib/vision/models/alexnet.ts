/** AlexNet, which won ImageNet in 2012, in the form of "one weird trick". */
import { ReLU } from '../../nn/activation.js'
import { Sequential } from '../../nn/container.js'
import { Conv2d } from '../../nn/conv.js'
import { Dropout } from '../../nn/dropout.js'
import { Linear } from '../../nn/linear.js'
import { Module } from '../../nn/module.js'
import { AdaptiveAvgPool2d } from '../../nn/pooling-adaptive.js'
import { MaxPool2d } from '../../nn/pooling.js'
import type { Tensor } from '../../tensor/tensor.js'
import { assertClasses, withWeights, type ModelOptions } from './options.js'

/** Options of AlexNet, VGG and SqueezeNet. */
export interface DropoutModelOptions extends ModelOptions {
  /** Share of units that are dropped in the classifier while training. Default 0.5. */
  dropout?: number
}

const inplace = { inplace: true }

/**
 * AlexNet: images [N, 3, H, W], H and W from 63 up (made for 224), → [N, numClasses]; 61,100,840 parameters. Replace the head
 * by `net.classifier[6] = new nn.Linear(4096, 10)`. Krizhevsky 2014; torchvision.models.AlexNet.
 */
export class AlexNet extends Module {
  features = new Sequential(
    new Conv2d(3, 64, 11, { stride: 4, padding: 2 }),
    new ReLU(inplace),
    new MaxPool2d(3, { stride: 2 }),
    new Conv2d(64, 192, 5, { padding: 2 }),
    new ReLU(inplace),
    new MaxPool2d(3, { stride: 2 }),
    new Conv2d(192, 384, 3, { padding: 1 }),
    new ReLU(inplace),
    new Conv2d(384, 256, 3, { padding: 1 }),
    new ReLU(inplace),
    new Conv2d(256, 256, 3, { padding: 1 }),
    new ReLU(inplace),
    new MaxPool2d(3, { stride: 2 }),
  )
  avgpool = new AdaptiveAvgPool2d(6)
  classifier: Sequential

  constructor({ numClasses = 1000, dropout = 0.5 }: DropoutModelOptions = {}) {
    super()
    assertClasses('AlexNet', numClasses)
    this.classifier = new Sequential(
      new Dropout(dropout),
      new Linear(256 * 6 * 6, 4096),
      new ReLU(inplace),
      new Dropout(dropout),
      new Linear(4096, 4096),
      new ReLU(inplace),
      new Linear(4096, numClasses),
    )
  }

  forward(x: Tensor): Tensor {
    return this.classifier.forward(this.avgpool.forward(this.features.forward(x)).flatten(1))
  }
}

/** AlexNet. torchvision.models.alexnet. @example const net = models.alexnet({ numClasses: 10 }) */
export function alexnet(options: DropoutModelOptions = {}): AlexNet {
  return withWeights(new AlexNet(options), options.weights)
}
