/** Transforms made of transforms. */
import { portable } from '../../data/portable.js'
import { Module } from '../../nn/module.js'
import { tensor } from '../../ops/creation.js'
import { rand, randperm } from '../../ops/random.js'
import { multinomial } from '../../ops/samplers.js'
import { stack } from '../../ops/join.js'
import type { Tensor } from '../../tensor/tensor.js'
import { asFunction, assertProbability, Transform, type TransformLike } from './transform.js'

/** Several transforms, listed when printed. */
abstract class Group extends Transform {
  /** The transforms as functions. */
  protected readonly steps: readonly ((image: Tensor) => Tensor)[]

  constructor(
    readonly transforms: readonly TransformLike[],
    args: readonly unknown[],
  ) {
    super(args)
    if (!Array.isArray(transforms) || transforms.length === 0)
      throw new TypeError(`${new.target.name}: needs a list of at least one transform`)
    this.steps = transforms.map((transform) => asFunction(new.target.name, transform as TransformLike))
  }

  override namedChildren(): [string, Module][] {
    return this.transforms.flatMap((transform, i): [string, Module][] =>
      transform instanceof Module ? [[String(i), transform]] : [],
    )
  }

  protected all(image: Tensor): Tensor {
    return this.steps.reduce((changed, step) => step(changed), image)
  }

  /** Calls `change` for each image of a batch by itself. */
  protected each(image: Tensor, change: (image: Tensor) => Tensor): Tensor {
    return image.ndim === 4 ? stack(image.unbind(0).map(change)) : change(image)
  }
}

/**
 * One transform after the other (torchvision.transforms.Compose). A batch goes through the first as a whole, then through the
 * second, …
 * @example new transforms.Compose([new transforms.RandomCrop(28, { padding: 2 }), new transforms.Normalize(0.1307, 0.3081)])
 */
export class Compose extends Group {
  constructor(transforms: readonly TransformLike[]) {
    super(transforms, [transforms])
  }

  forward(image: Tensor): Tensor {
    return this.all(image)
  }
}

/** All transforms in order, or with probability 1 − p none; p is 0.5 by default. torchvision.transforms.RandomApply. */
export class RandomApply extends Group {
  constructor(
    transforms: readonly TransformLike[],
    readonly p = 0.5,
  ) {
    super(transforms, [transforms, p])
    assertProbability('RandomApply', p)
  }

  forward(image: Tensor): Tensor {
    return this.each(image, (one) => (rand(1).item() > Math.fround(this.p) ? one : this.all(one)))
  }

  override extraRepr(): string {
    return `p=${this.p}`
  }
}

/** One of the transforms, with equal probabilities or by weights. torchvision.transforms.v2.RandomChoice. */
export class RandomChoice extends Group {
  readonly #weights: Tensor

  constructor(
    transforms: readonly TransformLike[],
    readonly p: readonly number[] | null = null,
  ) {
    super(transforms, [transforms, p])
    if (p && (p.length !== transforms.length || !p.every((weight) => weight >= 0) || !p.some((weight) => weight > 0)))
      throw new RangeError(
        `RandomChoice: p must have ${transforms.length} weights, not negative and not all 0, got ${JSON.stringify(p)}`,
      )
    const weights = p ?? transforms.map(() => 1)
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    this.#weights = tensor(weights.map((weight) => weight / total))
  }

  forward(image: Tensor): Tensor {
    return this.each(image, (one) => this.steps[multinomial(this.#weights, 1).item()](one))
  }
}

/** All transforms in a random order. torchvision.transforms.v2.RandomOrder. */
export class RandomOrder extends Group {
  constructor(transforms: readonly TransformLike[]) {
    super(transforms, [transforms])
  }

  forward(image: Tensor): Tensor {
    return this.each(image, (one) =>
      Array.from(randperm(this.steps.length).toTypedArray(), Number).reduce(
        (changed, i) => this.steps[i](changed),
        one,
      ),
    )
  }
}

/** A function of your own as a transform (torchvision.transforms.Lambda). */
export class Lambda extends Transform {
  constructor(readonly lambda: (image: Tensor) => Tensor) {
    super([lambda])
    if (typeof lambda !== 'function') throw new TypeError(`Lambda: needs a function, got ${typeof lambda}`)
  }

  forward(image: Tensor): Tensor {
    return this.lambda(image)
  }
}

for (const transform of [Compose, RandomApply, RandomChoice, RandomOrder, Lambda]) portable(transform, import.meta.url)
