/** Residual networks: each block adds to what came in, so that gradients pass through a hundred layers. */
import { ReLU } from '../../nn/activation.js'
import { Sequential, type Layer } from '../../nn/container.js'
import { Conv2d } from '../../nn/conv.js'
import { constant_, kaimingNormal_ } from '../../nn/init.js'
import { Linear } from '../../nn/linear.js'
import { Module } from '../../nn/module.js'
import { BatchNorm2d } from '../../nn/norm-batch.js'
import { AdaptiveAvgPool2d } from '../../nn/pooling-adaptive.js'
import { MaxPool2d } from '../../nn/pooling.js'
import type { Tensor } from '../../tensor/tensor.js'
import { assertClasses, withWeights, type ModelOptions } from './options.js'

const conv3x3 = (from: number, to: number, stride = 1): Conv2d =>
  new Conv2d(from, to, 3, { stride, padding: 1, bias: false })

const conv1x1 = (from: number, to: number, stride = 1): Conv2d => new Conv2d(from, to, 1, { stride, bias: false })

/** A block: what it computes is added to its input, brought to the same shape by `downsample` where that differs. */
interface Block extends Layer {
  /** The normalization whose weight, when 0, lets the block begin as the identity. */
  readonly last: BatchNorm2d
}

/** Two 3×3 convolutions: the block of ResNet-18 and -34. torchvision.models.resnet.BasicBlock. */
export class BasicBlock extends Module implements Block {
  /** Channels that come out, for each channel inside. */
  static readonly expansion = 1
  conv1: Conv2d
  bn1: BatchNorm2d
  relu = new ReLU({ inplace: true })
  conv2: Conv2d
  bn2: BatchNorm2d
  downsample: Sequential | null

  constructor(inPlanes: number, planes: number, stride: number, downsample: Sequential | null) {
    super()
    this.conv1 = conv3x3(inPlanes, planes, stride)
    this.bn1 = new BatchNorm2d(planes)
    this.conv2 = conv3x3(planes, planes)
    this.bn2 = new BatchNorm2d(planes)
    this.downsample = downsample
  }

  /** The last normalization. */
  get last(): BatchNorm2d {
    return this.bn2
  }

  forward(x: Tensor): Tensor {
    const inner = this.relu.forward(this.bn1.forward(this.conv1.forward(x)))
    const y = this.bn2.forward(this.conv2.forward(inner))
    return this.relu.forward(y.add_(this.downsample ? this.downsample.forward(x) : x))
  }
}

/**
 * 1×1, 3×3 and 1×1 convolutions, the middle one with fewer channels: the block of ResNet-50, -101 and -152; the stride is in
 * the 3×3 one. torchvision.models.resnet.Bottleneck.
 */
export class Bottleneck extends Module implements Block {
  /** Channels that come out, for each channel inside. */
  static readonly expansion = 4
  conv1: Conv2d
  bn1: BatchNorm2d
  conv2: Conv2d
  bn2: BatchNorm2d
  conv3: Conv2d
  bn3: BatchNorm2d
  relu = new ReLU({ inplace: true })
  downsample: Sequential | null

  constructor(inPlanes: number, planes: number, stride: number, downsample: Sequential | null) {
    super()
    this.conv1 = conv1x1(inPlanes, planes)
    this.bn1 = new BatchNorm2d(planes)
    this.conv2 = conv3x3(planes, planes, stride)
    this.bn2 = new BatchNorm2d(planes)
    this.conv3 = conv1x1(planes, planes * Bottleneck.expansion)
    this.bn3 = new BatchNorm2d(planes * Bottleneck.expansion)
    this.downsample = downsample
  }

  /** The last normalization. */
  get last(): BatchNorm2d {
    return this.bn3
  }

  forward(x: Tensor): Tensor {
    const narrow = this.relu.forward(this.bn1.forward(this.conv1.forward(x)))
    const inner = this.relu.forward(this.bn2.forward(this.conv2.forward(narrow)))
    const y = this.bn3.forward(this.conv3.forward(inner))
    return this.relu.forward(y.add_(this.downsample ? this.downsample.forward(x) : x))
  }
}

/** What a ResNet is made of. */
export interface BlockClass {
  readonly expansion: number
  new (inPlanes: number, planes: number, stride: number, downsample: Sequential | null): BasicBlock | Bottleneck
}

/** Options of `ResNet`. */
export interface ResNetOptions extends ModelOptions {
  /** Let each block begin as the identity, by a weight of 0 in its last normalization. Goyal et al. 2017. Default false. */
  zeroInitResidual?: boolean
}

/**
 * Residual network of four stages with the given numbers of blocks: images [N, 3, H, W], H and W from 32 up (made for 224), →
 * [N, numClasses]. Replace the head by `net.fc = new nn.Linear(net.fc.inFeatures, 10)`. He, Zhang, Ren & Sun 2015;
 * torchvision.models.ResNet.
 */
export class ResNet extends Module {
  conv1 = new Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false })
  bn1 = new BatchNorm2d(64)
  relu = new ReLU({ inplace: true })
  maxpool = new MaxPool2d(3, { stride: 2, padding: 1 })
  layer1: Sequential
  layer2: Sequential
  layer3: Sequential
  layer4: Sequential
  avgpool = new AdaptiveAvgPool2d(1)
  fc: Linear

  constructor(
    block: BlockClass,
    layers: readonly [number, number, number, number],
    { numClasses = 1000, zeroInitResidual = false }: ResNetOptions = {},
  ) {
    super()
    assertClasses('ResNet', numClasses)
    let planesIn = 64
    const stage = (planes: number, blocks: number, stride: number): Sequential => {
      const out = planes * block.expansion
      const downsample =
        stride !== 1 || planesIn !== out ? new Sequential(conv1x1(planesIn, out, stride), new BatchNorm2d(out)) : null
      const first = new block(planesIn, planes, stride, downsample)
      planesIn = out
      return new Sequential(first, ...Array.from({ length: blocks - 1 }, () => new block(out, planes, 1, null)))
    }
    this.layer1 = stage(64, layers[0], 1)
    this.layer2 = stage(128, layers[1], 2)
    this.layer3 = stage(256, layers[2], 2)
    this.layer4 = stage(512, layers[3], 2)
    this.fc = new Linear(512 * block.expansion, numClasses)
    for (const module of this.modules())
      if (module instanceof Conv2d) kaimingNormal_(module.weight, { mode: 'fanOut', nonlinearity: 'relu' })
    if (!zeroInitResidual) return
    for (const module of this.modules())
      if (module instanceof BasicBlock || module instanceof Bottleneck) {
        const { weight } = module.last
        if (weight) constant_(weight, 0)
      }
  }

  forward(x: Tensor): Tensor {
    const stem = this.maxpool.forward(this.relu.forward(this.bn1.forward(this.conv1.forward(x))))
    const stages = [this.layer1, this.layer2, this.layer3, this.layer4]
    const features = stages.reduce((y, stage) => stage.forward(y), stem)
    return this.fc.forward(this.avgpool.forward(features).flatten(1))
  }
}

function resnet(block: BlockClass, layers: [number, number, number, number], options: ResNetOptions): ResNet {
  return withWeights(new ResNet(block, layers, options), options.weights)
}

/** ResNet-18, 11,689,512 parameters. torchvision.models.resnet18. */
export const resnet18 = (options: ResNetOptions = {}): ResNet => resnet(BasicBlock, [2, 2, 2, 2], options)
/** ResNet-34, 21,797,672 parameters. torchvision.models.resnet34. */
export const resnet34 = (options: ResNetOptions = {}): ResNet => resnet(BasicBlock, [3, 4, 6, 3], options)
/** ResNet-50, 25,557,032 parameters. torchvision.models.resnet50. */
export const resnet50 = (options: ResNetOptions = {}): ResNet => resnet(Bottleneck, [3, 4, 6, 3], options)
/** ResNet-101, 44,549,160 parameters. torchvision.models.resnet101. */
export const resnet101 = (options: ResNetOptions = {}): ResNet => resnet(Bottleneck, [3, 4, 23, 3], options)
/** ResNet-152, 60,192,808 parameters. torchvision.models.resnet152. */
export const resnet152 = (options: ResNetOptions = {}): ResNet => resnet(Bottleneck, [3, 8, 36, 3], options)
