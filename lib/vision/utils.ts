/** The `utils` namespace (torchvision.utils and torchvision.io): pictures to tensors and back. */
export { makeGrid, saveImage, type GridOptions } from './grid.js'
export {
  decodeImage,
  encodeImage,
  readImage,
  writeImage,
  type DecodeOptions,
  type EncodeOptions,
  type ImageFormat,
  type ImageMode,
} from './images.js'
