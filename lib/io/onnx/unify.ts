/**
 * Two recordings of one module, with inputs of different sizes, made one for all sizes. What depends on the sizes differs
 * between the two: names take its place where ONNX can say it, and otherwise the export is refused.
 */
import { sameShape } from '../../tensor/shape.js'
import type { OnnxModel, OnnxTensor, OnnxValue } from './model.js'
import { unsupported } from './recorder.js'

type Axes = Readonly<Record<string, Readonly<Record<number, string>>>>

/** The first recording, with what differs in the second left open. */
export function unify(a: OnnxModel, b: OnnxModel, axes: Axes): OnnxModel {
  const differs = (): never =>
    unsupported(
      'with other sizes the module computes something else, so its sizes cannot be left open; leave dynamicAxes out',
    )
  if (a.nodes.length !== b.nodes.length) differs()
  a.nodes.forEach((node, i) => {
    const other = b.nodes[i]
    const same =
      node.op === other.op &&
      JSON.stringify(node.attributes) === JSON.stringify(other.attributes) &&
      node.inputs.length === other.inputs.length
    if (!same) differs()
  })
  const constants = new Map(a.constants)
  const nodes = a.nodes.map((node, n) => {
    const inputs = node.inputs.map((name, i) => {
      const other = b.nodes[n].inputs[i]
      const [here, there] = [a.constants.get(name), b.constants.get(other)]
      if (!here && !there) return name === other ? name : differs()
      if (!here || !there) return differs()
      if (here.type === there.type && sameShape(here.shape, there.shape) && Buffer.compare(here.data, there.data) === 0)
        return name
      if (node.op !== 'Reshape' || i !== 1) return differs()
      return openSizes(constants, name, here, there)
    })
    return { ...node, inputs }
  })
  return {
    ...a,
    nodes,
    constants,
    inputs: a.inputs.map((value, i) => openValue(value, b.inputs[i], axes)),
    outputs: a.outputs.map((value, i) => openValue(value, b.outputs[i], axes)),
  }
}

/** The sizes of a Reshape with -1 where they differ. */
function openSizes(constants: Map<string, OnnxTensor>, name: string, a: OnnxTensor, b: OnnxTensor): string {
  const [from, to] = [numbers(a), numbers(b)]
  const open = from.flatMap((size, d) => (size === to[d] ? [] : [d]))
  if (from.length !== to.length || open.length !== 1 || from.includes(-1))
    return unsupported(
      `a reshape to [${from.join(', ')}] becomes [${to.join(', ')}] with other sizes; only one size of a reshape can be left open`,
    )
  const sizes = from.with(open[0], -1)
  const opened = `${name}_open_${open[0]}`
  constants.set(opened, { ...a, data: new Uint8Array(BigInt64Array.from(sizes, BigInt).buffer) })
  return opened
}

function numbers({ data }: OnnxTensor): number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  return Array.from({ length: data.length / 8 }, (_, i) => Number(view.getBigInt64(8 * i, true)))
}

/** An input or output with names for the sizes that differ. */
function openValue(a: OnnxValue, b: OnnxValue, axes: Axes): OnnxValue {
  const names = axes[a.name] ?? {}
  return { ...a, shape: a.shape.map((size, d) => names[d] ?? (size === b.shape[d] ? size : `${a.name}_${d}`)) }
}
