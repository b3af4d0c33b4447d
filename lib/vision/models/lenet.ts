/** LeNet, the first convolutional network for digits. */
import { relu } from '../../ops/pointwise.js'
import { maxPool2d } from '../../ops/pooling/index.js'
import { Conv2d } from '../../nn/conv.js'
import { Linear } from '../../nn/linear.js'
import { Module } from '../../nn/module.js'
import type { Tensor } from '../../tensor/tensor.js'
import { assertClasses, withWeights, type ModelOptions } from './options.js'

/**
 * LeNet-5 for digits: images [N, 1, 28, 28] → [N, numClasses], 61,706 parameters. The sizes are those of 1998; ReLU and max
 * pooling stand for the scaled tanh and the weighted means of then. LeCun, Bottou, Bengio & Haffner 1998.
 */
export class LeNet extends Module {
  conv1 = new Conv2d(1, 6, 5, { padding: 2 })
  conv2 = new Conv2d(6, 16, 5)
  fc1 = new Linear(16 * 5 * 5, 120)
  fc2 = new Linear(120, 84)
  fc3: Linear

  constructor({ numClasses = 10 }: ModelOptions = {}) {
    super()
    assertClasses('LeNet', numClasses)
    this.fc3 = new Linear(84, numClasses)
  }

  forward(x: Tensor): Tensor {
    const maps = [this.conv1, this.conv2].reduce((y: Tensor, conv) => maxPool2d(relu(conv.forward(y)), 2), x)
    return this.fc3.forward(relu(this.fc2.forward(relu(this.fc1.forward(maps.flatten(1))))))
  }
}

/** LeNet-5 for images [N, 1, 28, 28]. @example const net = models.lenet() */
export function lenet(options: ModelOptions = {}): LeNet {
  return withWeights(new LeNet(options), options.weights)
}
