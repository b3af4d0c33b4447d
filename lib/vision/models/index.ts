/** The `models` namespace (torchvision.models): networks for images, with torchvision's names of parameters. */
export { alexnet, AlexNet, type DropoutModelOptions } from './alexnet.js'
export { DenseNet, densenet121, densenet161, densenet169, densenet201, type DenseNetOptions } from './densenet.js'
export { lenet, LeNet } from './lenet.js'
export type { ModelOptions } from './options.js'
export {
  BasicBlock,
  Bottleneck,
  ResNet,
  resnet101,
  resnet152,
  resnet18,
  resnet34,
  resnet50,
  type BlockClass,
  type ResNetOptions,
} from './resnet.js'
export { Fire, SqueezeNet, squeezenet1_0, squeezenet1_1, type SqueezeNetVersion } from './squeezenet.js'
export {
  VGG,
  vgg11,
  vgg11_bn,
  vgg13,
  vgg13_bn,
  vgg16,
  vgg16_bn,
  vgg19,
  vgg19_bn,
  type VGGDepth,
  type VGGOptions,
} from './vgg.js'
