/** Layers that put a border around sequences, images and volumes; the mathematics is F.pad. */
import { pad, type PadOptions } from '../ops/pad.js'
import { ShapeError, show, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

/** What every padding layer is: sizes for the last dimensions, from the last to the first, and what stands in the border. */
abstract class Padding extends Module {
  /** (before, after) for each padded dimension, beginning with the last: [left, right, top, bottom, front, back]. */
  readonly padding: Shape
  private readonly settings: PadOptions

  constructor(padding: number | Shape, dims: number, options: PadOptions) {
    super()
    this.padding = typeof padding === 'number' ? new Array<number>(2 * dims).fill(padding) : [...padding]
    this.settings = options
    if (this.padding.length !== 2 * dims)
      throw new ShapeError(
        `${this.constructor.name}: padding is one number or ${2 * dims} numbers (before and after, from the last dimension), got ${show(this.padding)}`,
      )
  }

  forward(x: Tensor): Tensor {
    return pad(x, this.padding, this.settings)
  }

  override extraRepr(): string {
    return `(${this.padding.join(', ')})`
  }
}

/** Layers that pad with a number of the user's choice. */
abstract class ConstantPad extends Padding {
  constructor(
    padding: number | Shape,
    readonly value: number,
    dims: number,
  ) {
    super(padding, dims, { value })
  }

  override extraRepr(): string {
    return `padding=${super.extraRepr()}, value=${this.value}`
  }
}

/** A border of `value` around the last dimension; padding is one size or [left, right]. torch.nn.ConstantPad1d. */
export class ConstantPad1d extends ConstantPad {
  constructor(padding: number | Shape, value: number) {
    super(padding, value, 1)
  }
}

/** A border of `value` around the last two dimensions; padding is one size or [left, right, top, bottom]. torch.nn.ConstantPad2d. */
export class ConstantPad2d extends ConstantPad {
  constructor(padding: number | Shape, value: number) {
    super(padding, value, 2)
  }
}

/** A border of `value` around the last three dimensions; padding is one size or [left, right, top, bottom, front, back]. torch.nn.ConstantPad3d. */
export class ConstantPad3d extends ConstantPad {
  constructor(padding: number | Shape, value: number) {
    super(padding, value, 3)
  }
}

/** A border of zeros around the last dimension; padding is one size or [left, right]. torch.nn.ZeroPad1d. */
export class ZeroPad1d extends Padding {
  constructor(padding: number | Shape) {
    super(padding, 1, { value: 0 })
  }
}

/** A border of zeros around the last two dimensions; padding is one size or [left, right, top, bottom]. torch.nn.ZeroPad2d. */
export class ZeroPad2d extends Padding {
  constructor(padding: number | Shape) {
    super(padding, 2, { value: 0 })
  }
}

/** A border of zeros around the last three dimensions; padding is one size or [left, right, top, bottom, front, back]. torch.nn.ZeroPad3d. */
export class ZeroPad3d extends Padding {
  constructor(padding: number | Shape) {
    super(padding, 3, { value: 0 })
  }
}

/** The last dimension mirrored at the edges, which are not repeated; input [C, W] or [N, C, W], padding is one size or [left, right]. torch.nn.ReflectionPad1d. */
export class ReflectionPad1d extends Padding {
  constructor(padding: number | Shape) {
    super(padding, 1, { mode: 'reflect' })
  }
}

/** The last two dimensions mirrored at the edges, which are not repeated; input [C, H, W] or [N, C, H, W], padding is one size or [left, right, top, bottom]. torch.nn.ReflectionPad2d. */
export class ReflectionPad2d extends Padding {
  constructor(padding: number | Shape) {
    super(padding, 2, { mode: 'reflect' })
  }
}

/** The last three dimensions mirrored at the edges, which are not repeated; input [C, D, H, W] or [N, C, D, H, W], padding is one size or [left, right, top, bottom, front, back]. torch.nn.ReflectionPad3d. */
export class ReflectionPad3d extends Padding {
  constructor(padding: number | Shape) {
    super(padding, 3, { mode: 'reflect' })
  }
}

/** The last dimension continued with its edge; input [C, W] or [N, C, W], padding is one size or [left, right]. torch.nn.ReplicationPad1d. */
export class ReplicationPad1d extends Padding {
  constructor(padding: number | Shape) {
    super(padding, 1, { mode: 'replicate' })
  }
}

/** The last two dimensions continued with their edges; input [C, H, W] or [N, C, H, W], padding is one size or [left, right, top, bottom]. torch.nn.ReplicationPad2d. */
export class ReplicationPad2d extends Padding {
  constructor(padding: number | Shape) {
    super(padding, 2, { mode: 'replicate' })
  }
}

/** The last three dimensions continued with their edges; input [C, D, H, W] or [N, C, D, H, W], padding is one size or [left, right, top, bottom, front, back]. torch.nn.ReplicationPad3d. */
export class ReplicationPad3d extends Padding {
  constructor(padding: number | Shape) {
    super(padding, 3, { mode: 'replicate' })
  }
}

/** The last dimension continued from its other end; input [C, W] or [N, C, W], padding is one size or [left, right]. torch.nn.CircularPad1d. */
export class CircularPad1d extends Padding {
  constructor(padding: number | Shape) {
    super(padding, 1, { mode: 'circular' })
  }
}

/** The last two dimensions continued from their other end; input [C, H, W] or [N, C, H, W], padding is one size or [left, right, top, bottom]. torch.nn.CircularPad2d. */
export class CircularPad2d extends Padding {
  constructor(padding: number | Shape) {
    super(padding, 2, { mode: 'circular' })
  }
}

/** The last three dimensions continued from their other end; input [C, D, H, W] or [N, C, D, H, W], padding is one size or [left, right, top, bottom, front, back]. torch.nn.CircularPad3d. */
export class CircularPad3d extends Padding {
  constructor(padding: number | Shape) {
    super(padding, 3, { mode: 'circular' })
  }
}
