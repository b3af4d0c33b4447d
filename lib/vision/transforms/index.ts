/** The `transforms` namespace (torchvision.transforms): images in, images out, random ones seeded by `manualSeed`. */
export {
  ColorJitter,
  GaussianBlur,
  GaussianNoise,
  Grayscale,
  RandomAutocontrast,
  RandomErasing,
  RandomGrayscale,
  RandomInvert,
  type ColorJitterOptions,
  type RandomErasingOptions,
} from './color.js'
export { Compose, Lambda, RandomApply, RandomChoice, RandomOrder } from './compose.js'
export {
  CenterCrop,
  Pad,
  RandomCrop,
  RandomHorizontalFlip,
  RandomResizedCrop,
  RandomVerticalFlip,
  Resize,
  type RandomCropOptions,
  type RandomResizedCropOptions,
} from './crops.js'
export * as functional from './functional.js'
export type { ImageDims, ImageSize } from './image.js'
export {
  MinMaxScale,
  Normalize,
  Standardize,
  ToTensor,
  ZeroMean,
  type MinMaxScaleOptions,
  type StandardizeOptions,
  type ZeroMeanOptions,
} from './scaling.js'
export { RandomTransform, Transform, type Range, type TransformLike } from './transform.js'
export {
  RandomAffine,
  RandomPerspective,
  RandomRotation,
  type RandomAffineOptions,
  type RandomPerspectiveOptions,
  type RandomRotationOptions,
} from './warps.js'
