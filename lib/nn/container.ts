/** Modules made of modules. */
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

/** A module that maps one tensor to one tensor. */
export interface Layer extends Module {
  forward(x: Tensor): Tensor
}

/** Layers one after the other. torch.nn.Sequential. @example new nn.Sequential(new nn.Linear(784, 500), new nn.ReLU()) */
export class Sequential extends Module implements Iterable<Layer> {
  constructor(...layers: Layer[]) {
    super()
    layers.forEach((layer, i) => {
      if (!(layer instanceof Module)) throw new TypeError(`Sequential: argument ${i} is no module but ${typeof layer}`)
      Reflect.set(this, String(i), layer)
    })
  }

  /** Number of layers. */
  get length(): number {
    return this.children().length
  }

  /** The layer at a position; negative ones count from the end. */
  at(index: number): Layer {
    const layer = this.children().at(index)
    if (!layer) throw new RangeError(`Sequential: no layer ${index}, there are ${this.length}`)
    return layer as Layer
  }

  *[Symbol.iterator](): Iterator<Layer> {
    yield* this.children() as Layer[]
  }

  forward(x: Tensor): Tensor {
    return [...this].reduce((value, layer) => layer.forward(value), x)
  }
}
