/** Tensors by name, as state dicts and archives hold them. */
import { addon } from '../device/addon.js'
import { assertTensor, Tensor } from '../tensor/tensor.js'

/** A Map or an object of tensors. */
export type NamedTensors = ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>

/** The entries. @throws TypeError naming the function and what is no tensor. */
export function assertNamedTensors(caller: string, tensors: NamedTensors): [string, Tensor][] {
  if (typeof tensors !== 'object' || tensors === null || tensors instanceof Tensor || Array.isArray(tensors))
    throw new TypeError(`${caller}: expects tensors by name, such as net.stateDict() or { x, y }`)
  const entries = tensors instanceof Map ? [...(tensors as Map<string, Tensor>)] : Object.entries(tensors)
  for (const [name, tensor] of entries) {
    if (typeof name !== 'string') throw new TypeError(`${caller}: names must be strings, got ${typeof name}`)
    assertTensor(caller, `'${name}'`, tensor)
    if (addon().isReleased(tensor.handle)) throw new Error(`${caller}: '${name}' was disposed of`)
  }
  return entries as [string, Tensor][]
}
