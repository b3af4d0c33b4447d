/** Attributes of a node with their defaults, and whole numbers that stand in tensors. */
import type { Tensor } from '../../tensor/tensor.js'
import { FileFormatError } from '../files.js'
import type { OnnxNode, OnnxTensor } from './model.js'

export class Attributes {
  constructor(
    private readonly node: OnnxNode,
    /** Version of the operators. */
    readonly opset: number,
  ) {}

  has(name: string): boolean {
    return Object.hasOwn(this.node.attributes, name)
  }

  int(name: string, otherwise: number): number {
    const value = this.get(name)
    return value === undefined ? otherwise : typeof value === 'number' ? value : this.wrong(name)
  }

  ints(name: string): readonly number[] | undefined {
    const value = this.get(name)
    return value === undefined || Array.isArray(value) ? value : this.wrong(name)
  }

  float(name: string, otherwise: number): number {
    const value = this.get(name)
    if (value === undefined) return otherwise
    return typeof value === 'object' && 'float' in value ? value.float : this.wrong(name)
  }

  floats(name: string): readonly number[] | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    return typeof value === 'object' && 'floats' in value ? value.floats : this.wrong(name)
  }

  text(name: string, otherwise: string): string {
    const value = this.get(name)
    return value === undefined ? otherwise : typeof value === 'string' ? value : this.wrong(name)
  }

  strings(name: string): readonly string[] {
    const value = this.get(name)
    if (value === undefined) return []
    return typeof value === 'object' && 'strings' in value ? value.strings : this.wrong(name)
  }

  tensor(name: string): OnnxTensor | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    return typeof value === 'object' && 'data' in value ? value : this.wrong(name)
  }

  /** Whole numbers that newer versions take as an input and older ones as an attribute. */
  list(name: string, input: Tensor | undefined): number[] | undefined {
    return input ? numbersOf(input) : this.ints(name)?.slice()
  }

  private get(name: string): OnnxNode['attributes'][string] | undefined {
    return this.has(name) ? this.node.attributes[name] : undefined
  }

  private wrong(name: string): never {
    throw new FileFormatError(`ONNX: attribute '${name}' of ${this.node.op} is of the wrong kind`)
  }
}

/** The elements of a tensor of sizes, positions or axes. */
export function numbersOf(tensor: Tensor): number[] {
  return Array.from(tensor.toTypedArray() as ArrayLike<number | bigint>, Number)
}
