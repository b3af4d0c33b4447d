/** A graph in the making: nodes in order, constants by name, and names for both. */
import { bytesOfTensor } from '../elements.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { DType } from '../../tensor/dtype.js'
import type { Shape } from '../../tensor/shape.js'
import type { Attribute, OnnxNode, OnnxTensor } from './model.js'

export class Graph {
  readonly nodes: OnnxNode[] = []
  readonly constants = new Map<string, OnnxTensor>()
  private readonly counts = new Map<string, number>()
  private readonly known = new Map<string, string>()

  /** A new name that begins with `base`. */
  name(base: string): string {
    const count = this.counts.get(base) ?? 0
    this.counts.set(base, count + 1)
    return count === 0 ? base : `${base}_${count}`
  }

  /** Appends a node with one result. @returns the result's name. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.several(op, inputs, attributes, 1)[0]
  }

  /** Appends a node with several results. */
  several(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    count: number,
  ): string[] {
    const outputs = Array.from({ length: count }, () => this.name(op))
    this.nodes.push({ op, inputs, outputs, attributes })
    return outputs
  }

  /** A constant under a name of its own. */
  constant(base: string, tensor: OnnxTensor): string {
    const name = this.name(base)
    this.constants.set(name, tensor)
    return name
  }

  /** The elements of a tensor as a constant. */
  tensor(base: string, tensor: Tensor): string {
    const dense = tensor.detach().contiguous()
    return this.constant(base, {
      type: tensor.dtype,
      shape: [...(tensor.shape as Shape)],
      data: bytesOfTensor(dense).slice(),
    })
  }

  /** A number, as a constant of these sizes; the same one is written once. */
  number(value: number, dtype: DType, shape: Shape = []): string {
    return this.once(`${value} ${dtype} ${shape.join()}`, () => {
      const data = new ArrayBuffer(8)
      const view = new DataView(data)
      const width = { float32: 4, float64: 8, int32: 4, int64: 8, uint8: 1, bool: 1 }[dtype]
      if (dtype === 'float32') view.setFloat32(0, value, true)
      else if (dtype === 'float64') view.setFloat64(0, value, true)
      else if (dtype === 'int64') view.setBigInt64(0, BigInt(Math.trunc(value)), true)
      else if (dtype === 'int32') view.setInt32(0, value, true)
      else view.setUint8(0, dtype === 'bool' ? Number(value !== 0) : value)
      return this.constant('number', { type: dtype, shape, data: new Uint8Array(data, 0, width) })
    })
  }

  /** Whole numbers, as sizes and positions are given. */
  ints(values: readonly number[], base = 'sizes'): string {
    return this.once(`${base} ${values.join()}`, () => {
      const data = BigInt64Array.from(values, BigInt)
      return this.constant(base, { type: 'int64', shape: [values.length], data: new Uint8Array(data.buffer) })
    })
  }

  private once(key: string, make: () => string): string {
    const found = this.known.get(key) ?? make()
    this.known.set(key, found)
    return found
  }
}
