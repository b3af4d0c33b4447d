/** What transforms are: modules from images to images, which remember what they were made of, so that workers can make them too. */
import { remember } from '../../data/portable.js'
import { Module } from '../../nn/module.js'
import { emptyTensor } from '../../tensor/tensor.js'
import type { Tensor } from '../../tensor/tensor.js'
import { rand, randint, uniform_ } from '../../ops/random.js'
import { stack } from '../../ops/join.js'

/** A transform, or any function from images to images. */
export type TransformLike = ((image: Tensor) => Tensor) | { forward(image: Tensor): Tensor }

/** Either form as a function. @throws TypeError for anything else. */
export function asFunction(name: string, transform: TransformLike): (image: Tensor) => Tensor {
  if (typeof transform === 'function') return transform
  if (typeof transform?.forward === 'function') return (image) => transform.forward(image)
  throw new TypeError(`${name}: a transform must be a function or have forward(image), got ${typeof transform}`)
}

/** Base class of all transforms. Images are [C, H, W], or [N, C, H, W] for a batch. */
export abstract class Transform extends Module {
  /** @param args what the constructor was called with */
  constructor(args: readonly unknown[]) {
    super()
    remember(this, args)
  }

  /** The changed image or images. */
  abstract override forward(image: Tensor): Tensor
}

/**
 * Base class of transforms that draw. Of a batch each image gets numbers of its own, drawn in the order of the images, as if they
 * were given one after the other (torchvision treats all images of a batch alike).
 */
export abstract class RandomTransform<Drawn> extends Transform {
  forward(image: Tensor): Tensor {
    if (image.ndim !== 4) return this.change(image, this.draw(image))
    const first = image.select(0, 0)
    return this.changeAll(
      image,
      Array.from({ length: image.size(0) }, () => this.draw(first)),
    )
  }

  /** Random numbers for an image of this shape. */
  protected abstract draw(image: Tensor): Drawn

  /** The image changed in the way that was drawn. */
  protected abstract change(image: Tensor, drawn: Drawn): Tensor

  /** Each image of a batch changed in its own way. */
  protected changeAll(images: Tensor, drawn: readonly Drawn[]): Tensor {
    return stack(drawn.map((one, i) => this.change(images.select(0, i), one)))
  }
}

/** One number from [low, high), as torch.empty(1).uniform_. */
export function uniform(low: number, high: number): number {
  return uniform_(emptyTensor('float32', [1]), low, high).item()
}

/** One integer from [low, high). */
export function integer(low: number, high: number): number {
  return randint(low, high, [1]).item()
}

/** True with probability p, as torch.rand(1) < p. */
export function chance(p: number): boolean {
  return rand(1).item() < Math.fround(p)
}

/** Throws unless p is a probability. */
export function assertProbability(name: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${name}: p must lie in [0, 1], got ${p}`)
}

/** A range, from low to high. */
export type Range = readonly [low: number, high: number]

/** The range itself, or from −value to value. @throws RangeError for a negative value or a range that is upside down. */
export function rangeAround(name: string, what: string, value: number | Range): Range {
  if (typeof value === 'number') {
    if (!(value >= 0)) throw new RangeError(`${name}: ${what} as one number must not be negative, got ${value}`)
    return [-value, value]
  }
  return assertRange(name, what, value)
}

/** The range, checked. */
export function assertRange(name: string, what: string, range: Range): Range {
  if (!(Array.isArray(range) && range.length === 2 && range[0] <= range[1]))
    throw new RangeError(`${name}: ${what} must be [low, high] with low ≤ high, got ${JSON.stringify(range)}`)
  return range
}
