/**
 * Records a computation as a graph. Everything the library computes goes through the native engine, so the recorder stands
 * between the two: it passes each call on and notes what it means. It sees through functions, methods and modules of
 * users alike, and needs no list of them.
 *
 * Tensors are views of memory; memory holds a value of the graph (or parts of one, as while `cat` writes them).
 */
import type { Addon, Handle, Operand } from '../../device/addon.js'
import { dtypeInfo, dtypes, type DType } from '../../tensor/dtype.js'
import { contiguousStrides, isContiguous, numel, sameShape, show, type Shape } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { Graph } from './graph.js'
import type { OnnxTensor } from './model.js'
import { reshaped, viewOf, type Value, type View } from './views.js'

/** A computation that cannot be said in ONNX. */
export class OnnxExportError extends Error {
  override name = 'OnnxExportError'
}

export function unsupported(what: string): never {
  throw new OnnxExportError(`exportOnnx: ${what}`)
}

interface Memory {
  readonly dtype: DType
  readonly size: number
  /** What it holds; a function makes it on first use. */
  value: Value | (() => Value) | null
  /** The number that it was filled with, if it holds nothing else. */
  fill: number | null
  /** Boxes written into it one by one. */
  parts: { view: View; value: Value }[]
}

interface Place extends View {
  readonly memory: Memory
}

/** What a call of the engine means; reads its inputs and writes its outputs. */
export type Translator = (recorder: Recorder, ...args: never[]) => void

const codeToDType = new Map(dtypes.map((dtype) => [dtypeInfo[dtype].code, dtype]))

/** Calls that compute nothing. */
const silent = new Set(
  'release isReleased item read buffer memory emptyCache setThreads threads isa elementwiseOps generator generatorSeed generatorState generatorSetState'.split(
    ' ',
  ),
)

export class Recorder {
  readonly graph = new Graph()
  private readonly places = new Map<Handle, Place>()
  private paused = 0
  private readonly seen = new Map<string, Value>()

  constructor(private readonly translators: Readonly<Record<string, Translator>>) {}

  // ---- tensors ---------------------------------------------------------------------------------------------------------

  /** Introduces a tensor from outside, whose value `make` gives on first use. */
  introduce(tensor: Tensor, make: () => string): void {
    if (this.places.has(tensor.handle)) return
    const shape: Shape = [...(tensor.shape as Shape)]
    const dense = tensor.isContiguous()
    const memory: Memory = {
      dtype: tensor.dtype,
      size: numel(shape),
      value: () => ({ name: make(), shape }),
      fill: null,
      parts: [],
    }
    // Where its memory begins is position 0 here; of one that is no row-major block, only whole uses are understood.
    const strides = dense ? contiguousStrides(shape) : tensor.strides
    this.places.set(tensor.handle, { memory, shape, strides: dense ? strides : contiguousStrides(shape), offset: 0 })
    this.origins.set(memory, dense ? tensor.offset : null)
  }

  /** Offset of memory from outside in its storage; null where views of it cannot be understood. */
  private readonly origins = new Map<Memory, number | null>()

  /** Says what a tensor holds that was computed while the recorder paused; `dense` is the row-major shape of its memory. */
  define(tensor: Tensor, name: string, dense: Shape = tensor.shape as Shape): void {
    const memory = this.allocate(tensor.handle, tensor.dtype, dense)
    memory.value = { name, shape: dense }
    if (tensor.isContiguous()) this.origins.set(memory, tensor.offset)
    else
      this.places.set(tensor.handle, {
        memory,
        shape: tensor.shape as Shape,
        strides: tensor.strides,
        offset: tensor.offset,
      })
  }

  private allocate(handle: Handle, dtype: DType, shape: Shape): Memory {
    const memory: Memory = { dtype, size: numel(shape), value: null, fill: null, parts: [] }
    this.places.set(handle, { memory, shape, strides: contiguousStrides(shape), offset: 0 })
    return memory
  }

  private place(handle: Handle): Place {
    return (
      this.places.get(handle) ??
      unsupported(
        'the computation uses a tensor that is no input, parameter or field of a module; make it a buffer (registerBuffer)',
      )
    )
  }

  shape(handle: Handle): Shape {
    return this.place(handle).shape
  }

  view(handle: Handle): View {
    return this.place(handle)
  }

  dtype(handle: Handle): DType {
    return this.place(handle).memory.dtype
  }

  /** The name of a tensor's value; `broadcast` leaves dimensions of size 1 that only repeat. */
  read(handle: Handle, { broadcast = false }: { broadcast?: boolean } = {}): string {
    return this.readValue(handle, broadcast).name
  }

  readValue(handle: Handle, broadcast = false): Value {
    const place = this.place(handle)
    const base = this.contents(place.memory, place, broadcast)
    if (place.memory.fill !== null && broadcast) return base
    const key = `${base.name} ${show(base.shape)} ${show(place.shape)} ${show(place.strides)} ${place.offset} ${broadcast}`
    const found = this.seen.get(key) ?? viewOf(this.graph, base, place, broadcast)
    this.seen.set(key, found)
    return found
  }

  /** The elements of a tensor that is a constant. */
  constant(handle: Handle): OnnxTensor {
    return (
      this.graph.constants.get(this.read(handle)) ?? unsupported('positions that are computed have no counterpart here')
    )
  }

  /** The value that whole memory is the view of: used to see that a matrix is another one turned. */
  whole(handle: Handle): Value {
    const place = this.place(handle)
    return this.contents(place.memory, place, false)
  }

  /** An operand as a name: a number becomes a constant of the dtype of `like`. */
  operand(value: Operand, like: DType): string {
    return typeof value === 'number' ? this.graph.number(value, like) : this.read(value, { broadcast: true })
  }

  private contents(memory: Memory, { shape }: View, broadcast: boolean): Value {
    if (memory.fill !== null && memory.parts.length === 0) {
      // A number everywhere: of size 1 where that broadcasts, so that it does not depend on the batch.
      if (broadcast)
        return {
          name: this.graph.number(
            memory.fill,
            memory.dtype,
            shape.map(() => 1),
          ),
          shape: shape.map(() => 1),
        }
      const one = this.graph.number(memory.fill, memory.dtype, [1])
      return { name: this.graph.node('Expand', [one, this.graph.ints([memory.size])]), shape: [memory.size] }
    }
    if (memory.parts.length > 0) {
      memory.value = this.assemble(memory)
      memory.fill = null
      memory.parts = []
    }
    if (typeof memory.value === 'function') memory.value = memory.value()
    return memory.value ?? unsupported('the computation reads a tensor whose contents were never written')
  }

  /** Puts parts together: side by side along one dimension, or one inside of a border. */
  private assemble(memory: Memory): Value {
    const { parts, fill } = memory
    const [first] = parts
    const steps = first.view.strides
    const sizes = steps.map((step, d) => (d === 0 ? memory.size / step : steps[d - 1] / step))
    const shape = sizes.every((size, d) => Number.isInteger(size) && size >= first.view.shape[d]) ? sizes : undefined
    if (!shape || !parts.every(({ view }) => sameShape(view.strides, steps)))
      return unsupported('the computation writes parts of a tensor in a way that is not understood')
    const starts = parts.map(({ view }) => steps.map((step, d) => Math.floor(view.offset / step) % shape[d]))
    if (parts.length === 1 && fill !== null) {
      const after = shape.map((size, d) => size - starts[0][d] - first.view.shape[d])
      const pads = this.graph.ints([...starts[0], ...after], 'pads')
      const name = this.graph.node('Pad', [first.value.name, pads, this.graph.number(fill, memory.dtype)], {
        mode: 'constant',
      })
      return { name, shape }
    }
    const axis = shape.findIndex((size, d) => size !== first.view.shape[d])
    const along = parts.map(({ view }) => view.shape[axis] ?? 0)
    let end = 0
    const inOrder = parts.every(({ view }, i) => {
      const fits =
        view.shape.every((size, d) => d === axis || size === shape[d]) &&
        starts[i].every((s, d) => s === (d === axis ? end : 0))
      end += along[i]
      return fits
    })
    if (axis < 0 || !inOrder || end !== shape[axis])
      return unsupported('the computation writes parts of a tensor in a way that is not understood')
    return {
      name: this.graph.node(
        'Concat',
        parts.map(({ value }) => value.name),
        { axis },
      ),
      shape,
    }
  }

  /** Notes that the tensor now holds this value, of the tensor's sizes. */
  write(handle: Handle, name: string): void {
    this.writeValue(handle, { name, shape: this.place(handle).shape })
  }

  private writeValue(handle: Handle, value: Value): void {
    const place = this.place(handle)
    const { memory, shape, strides, offset } = place
    const fitted = reshaped(this.graph, value, shape)
    if (offset === 0 && numel(shape) === memory.size && isContiguous(shape, strides))
      Object.assign(memory, { value: fitted, fill: null, parts: [] })
    else {
      if (memory.value !== null)
        unsupported('the computation changes a part of a tensor in place; use functions that return a new one')
      memory.parts.push({ view: place, value: fitted })
    }
  }

  /** Notes that the tensor is filled with a number. */
  fill(handle: Handle, value: number): void {
    const place = this.place(handle)
    if (numel(place.shape) === place.memory.size) Object.assign(place.memory, { value: null, fill: value, parts: [] })
    else {
      const name = this.graph.number(value, place.memory.dtype, [1])
      this.write(handle, this.graph.node('Expand', [name, this.graph.ints(place.shape)]))
    }
  }

  // ---- calls -----------------------------------------------------------------------------------------------------------

  /** Runs `body` without recording: the caller says itself what it means. */
  pause(): void {
    this.paused++
  }

  resume(): void {
    this.paused--
  }

  /** The engine with the recorder in front. */
  watch(engine: Addon): Addon {
    const wrapped = new Map<string, unknown>()
    return new Proxy(engine, {
      get: (target, name: keyof Addon) => {
        const method = target[name] as (...args: unknown[]) => unknown
        if (silent.has(name)) return method
        const known = wrapped.get(name)
        if (known) return known
        const call = (...args: unknown[]): unknown => {
          const result = method.apply(target, args)
          if (this.paused === 0) this.note(target, name, args, result)
          return result
        }
        wrapped.set(name, call)
        return call
      },
    })
  }

  private note(engine: Addon, name: string, args: unknown[], result: unknown): void {
    if (name === 'empty')
      this.allocate(result as Handle, codeToDType.get(args[0] as number) as DType, [...(args[1] as Shape)])
    else if (name === 'emptyLike')
      this.allocate(result as Handle, codeToDType.get(args[1] as number) as DType, this.shape(args[0] as Handle))
    else if (name === 'retain') this.places.set(result as Handle, this.place(args[0] as Handle))
    else if (name === 'view') this.noteView(result as Handle, args as [Handle, Shape, Shape, number])
    else if (name === 'fill') this.fill(args[0] as Handle, args[1] as number)
    else if (name === 'write' || name === 'arange' || name === 'linspace') this.noteConstant(engine, args[0] as Handle)
    else {
      const translate = this.translators[name] as ((recorder: Recorder, ...args: unknown[]) => void) | undefined
      if (!translate) unsupported(`'${name}' has no counterpart in ONNX that is written here`)
      else translate(this, ...args)
    }
  }

  private noteView(result: Handle, [of, shape, strides, offset]: [Handle, Shape, Shape, number]): void {
    const { memory } = this.place(of)
    const origin = this.origins.get(memory)
    if (origin === null) unsupported('a parameter is no row-major block of memory; make it one with .contiguous()')
    this.places.set(result, { memory, shape: [...shape], strides: [...strides], offset: offset - (origin ?? 0) })
  }

  /** What was written from outside of the computation is a constant. */
  private noteConstant(engine: Addon, handle: Handle): void {
    const { shape } = this.place(handle)
    const dtype = this.dtype(handle)
    const values = new dtypeInfo[dtype].array(numel(shape))
    engine.read(handle, values)
    const data = new Uint8Array(values.buffer.slice(0))
    this.write(handle, this.graph.constant('constant', { type: dtype, shape, data }))
  }
}
