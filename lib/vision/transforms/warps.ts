/** Random maps of the plane: rotations, affine maps, perspectives. */
import { portable } from '../../data/portable.js'
import type { Tensor } from '../../tensor/tensor.js'
import * as F from './functional-warp.js'
import { fromMiddle, warp, type WarpOptions } from './functional-warp.js'
import { dimsOf, roundHalfEven } from './image.js'
import { inverseAffine, perspectiveCoefficients, type AffineMap, type Point } from './maps.js'
import {
  assertProbability,
  assertRange,
  chance,
  integer,
  RandomTransform,
  rangeAround,
  uniform,
  type Range,
} from './transform.js'
import type { PlaneMap } from './warp-grid.js'

/** Settings of `RandomRotation`. */
export interface RandomRotationOptions extends WarpOptions {
  /** Make the image large enough to hold all of the turned one; not for batches, whose images stay of one size. Default false. */
  expand?: boolean
  /** The point that stays, x and y from the upper left corner. Default: the middle. */
  center?: Point
}

/** Turned by an angle from [−degrees, degrees], or from a range, counter-clockwise. torchvision.transforms.RandomRotation. */
export class RandomRotation extends RandomTransform<number> {
  readonly degrees: Range

  constructor(
    degrees: number | Range,
    readonly options: RandomRotationOptions = {},
  ) {
    super([degrees, options])
    this.degrees = rangeAround('RandomRotation', 'degrees', degrees)
  }

  protected draw(): number {
    return uniform(...this.degrees)
  }

  protected change(image: Tensor, angle: number): Tensor {
    return F.rotate(image, angle, { fill: 0, ...this.options })
  }

  protected override changeAll(images: Tensor, angles: readonly number[]): Tensor {
    const { expand, center, ...options } = this.options
    if (expand)
      throw new RangeError('RandomRotation: with expand each image gets another size, so a batch cannot hold them')
    const { height, width } = dimsOf('RandomRotation', images)
    const maps = angles.map((angle) => inverseAffine({ center: fromMiddle(center, width, height), angle: -angle }))
    return warp('RandomRotation', images, maps, [height, width], { fill: 0, ...options })
  }

  override extraRepr(): string {
    return `degrees=${JSON.stringify(this.degrees)}`
  }
}

/** Settings of `RandomAffine`. */
export interface RandomAffineOptions extends WarpOptions {
  /** Largest moves along x and y as shares of width and height. Default none. */
  translate?: readonly [x: number, y: number]
  /** Range of factors. Default none. */
  scale?: Range
  /** Degrees: along x from [−n, n], from a range, or ranges for x and y. Default none. */
  shear?: number | Range | readonly [number, number, number, number]
  /** The point that rotation and scale leave, x and y from the upper left corner. Default: the middle. */
  center?: Point
}

/** Turned, moved, scaled and sheared at random. torchvision.transforms.RandomAffine. @example new transforms.RandomAffine(10, { translate: [0.1, 0.1], scale: [0.9, 1.1] }) */
export class RandomAffine extends RandomTransform<AffineMap> {
  readonly degrees: Range
  readonly #shear: readonly number[] | null

  constructor(
    degrees: number | Range,
    readonly options: RandomAffineOptions = {},
  ) {
    super([degrees, options])
    this.degrees = rangeAround('RandomAffine', 'degrees', degrees)
    const { translate, scale, shear } = options
    if (translate && !translate.every((share) => share >= 0 && share <= 1))
      throw new RangeError(`RandomAffine: translate must be two shares in [0, 1], got ${JSON.stringify(translate)}`)
    if (scale && !(assertRange('RandomAffine', 'scale', scale)[0] > 0))
      throw new RangeError(`RandomAffine: scale must be positive, got ${JSON.stringify(scale)}`)
    this.#shear =
      shear === undefined ? null : typeof shear === 'number' ? rangeAround('RandomAffine', 'shear', shear) : shear
  }

  protected draw(image: Tensor): AffineMap {
    const { height, width } = dimsOf('RandomAffine', image)
    const { translate, scale, center } = this.options
    const angle = uniform(...this.degrees)
    const shift = (most: number): number => roundHalfEven(uniform(-most, most))
    const moved: Point = translate ? [shift(translate[0] * width), shift(translate[1] * height)] : [0, 0]
    const factor = scale ? uniform(...scale) : 1
    const shears = this.#shear
    const shearX = shears ? uniform(shears[0], shears[1]) : 0
    const shearY = shears?.length === 4 ? uniform(shears[2], shears[3]) : 0
    return inverseAffine({
      center: fromMiddle(center, width, height),
      angle,
      translate: moved,
      scale: factor,
      shear: [shearX, shearY],
    })
  }

  protected change(image: Tensor, map: AffineMap): Tensor {
    return this.changeAll(image, [map])
  }

  protected override changeAll(images: Tensor, maps: readonly AffineMap[]): Tensor {
    const { height, width } = dimsOf('RandomAffine', images)
    return warp('RandomAffine', images, maps, [height, width], { fill: 0, ...this.options })
  }

  override extraRepr(): string {
    return `degrees=${JSON.stringify(this.degrees)}`
  }
}

/** The coefficients of the perspective that leaves all as it is. */
const unchanged: PlaneMap = [1, 0, 0, 0, 1, 0, 0, 0]

const cornersOf = (height: number, width: number): Point[] => [
  [0, 0],
  [width - 1, 0],
  [width - 1, height - 1],
  [0, height - 1],
]

/** Settings of `RandomPerspective`. */
export interface RandomPerspectiveOptions extends WarpOptions {
  /** How far corners move, from 0 to 1. Default 0.5. */
  distortionScale?: number
  /** How often. Default 0.5. */
  p?: number
}

/** Seen from elsewhere with probability p. torchvision.transforms.RandomPerspective. */
export class RandomPerspective extends RandomTransform<PlaneMap | null> {
  readonly p: number
  readonly distortionScale: number

  constructor(readonly options: RandomPerspectiveOptions = {}) {
    super([options])
    this.p = options.p ?? 0.5
    this.distortionScale = options.distortionScale ?? 0.5
    assertProbability('RandomPerspective', this.p)
    if (!(this.distortionScale >= 0 && this.distortionScale <= 1))
      throw new RangeError(`RandomPerspective: distortionScale must lie in [0, 1], got ${this.distortionScale}`)
  }

  protected draw(image: Tensor): PlaneMap | null {
    const { height, width } = dimsOf('RandomPerspective', image)
    if (!chance(this.p)) return null
    const reach = (size: number): number => Math.trunc(this.distortionScale * Math.floor(size / 2))
    const [dx, dy] = [reach(width), reach(height)]
    const left = (): number => integer(0, dx + 1)
    const right = (): number => integer(width - dx - 1, width)
    const top = (): number => integer(0, dy + 1)
    const bottom = (): number => integer(height - dy - 1, height)
    const to: Point[] = [
      [left(), top()],
      [right(), top()],
      [right(), bottom()],
      [left(), bottom()],
    ]
    return perspectiveCoefficients(cornersOf(height, width), to)
  }

  protected change(image: Tensor, map: PlaneMap | null): Tensor {
    return map ? this.changeAll(image, [map]) : image
  }

  protected override changeAll(images: Tensor, maps: readonly (PlaneMap | null)[]): Tensor {
    const { height, width } = dimsOf('RandomPerspective', images)
    const { interpolation = 'bilinear', fill = 0 } = this.options
    const all = maps.map((map) => map ?? unchanged)
    return warp('RandomPerspective', images, all, [height, width], { interpolation, fill })
  }

  override extraRepr(): string {
    return `p=${this.p}`
  }
}

for (const transform of [RandomRotation, RandomAffine, RandomPerspective]) portable(transform, import.meta.url)
