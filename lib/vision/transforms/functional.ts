/** The `transforms.functional` namespace (torchvision.transforms.functional): the same change for a whole batch, nothing random but noise. */
export * from './functional-color.js'
export * from './functional-geometry.js'
export type { Point } from './maps.js'
