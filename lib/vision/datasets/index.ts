/** The `datasets` namespace (torchvision.datasets), read from the files as they were published. */
export { ArrayImages, type ImageOptions } from './array-images.js'
export { CIFAR10, CIFAR100, type CIFAROptions } from './cifar.js'
export {
  CocoCaptions,
  CocoDetection,
  type CocoAnnotation,
  type CocoCategory,
  type CocoImage,
  type CocoOptions,
} from './coco.js'
export type { DownloadOptions } from './download.js'
export {
  DatasetFolder,
  ImageFolder,
  imageExtensions,
  type DatasetFolderOptions,
  type ImageFolderOptions,
  type ImageNetOptions,
} from './folder.js'
export { ImageNet } from './imagenet.js'
export { LSUN, type LSUNOptions } from './lsun.js'
export {
  EMNIST,
  FashionMNIST,
  KMNIST,
  MNIST,
  type EMNISTOptions,
  type EMNISTSplit,
  type IdxImagesOptions,
  type MNISTOptions,
} from './mnist.js'
export { PhotoTour, type PhotoTourName, type PhotoTourOptions, type PhotoTourSample } from './phototour.js'
export { STL10, type STL10Options } from './stl10.js'
export { SVHN, type SVHNOptions } from './svhn.js'
