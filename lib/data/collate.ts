/** Batches out of samples. */
import { tensor } from '../ops/creation.js'
import { stack } from '../ops/join.js'
import { Tensor } from '../tensor/tensor.js'

/**
 * Stacks tensors, makes tensors of numbers (whole ones int64, others float32) and of booleans, and does so inside arrays and
 * objects; strings stay a list. torch.utils.data.default_collate, which makes float64 of Python's numbers.
 * @throws when samples differ in what they are, in their length or in their shapes.
 */
export function defaultCollate(samples: readonly unknown[]): unknown {
  const [first] = samples
  const alike = (what: string, is: (sample: unknown) => boolean): void => {
    const other = samples.findIndex((sample) => !is(sample))
    if (other >= 0)
      throw new TypeError(`collate: sample 0 is ${what}, sample ${other} is not; pass a collate of your own`)
  }
  if (first instanceof Tensor) {
    alike('a tensor', (sample) => sample instanceof Tensor)
    const tensors = samples as Tensor[]
    const other = tensors.findIndex((t) => t.shape.join() !== first.shape.join())
    if (other >= 0)
      throw new RangeError(
        `collate: sample 0 has shape [${first.shape.join(', ')}], sample ${other} [${tensors[other].shape.join(', ')}]; a batch needs equal shapes: use transforms.resize or a collate of your own`,
      )
    return stack(tensors)
  }
  if (typeof first === 'boolean') {
    alike('a boolean', (sample) => typeof sample === 'boolean')
    return tensor(samples as boolean[])
  }
  if (typeof first === 'number') {
    alike('a number', (sample) => typeof sample === 'number')
    return tensor(samples as number[], { dtype: samples.every(Number.isInteger) ? 'int64' : 'float32' })
  }
  if (Array.isArray(first)) {
    alike(`a list of ${first.length}`, (sample) => Array.isArray(sample) && sample.length === first.length)
    return first.map((_, i) => defaultCollate(samples.map((sample) => (sample as unknown[])[i])))
  }
  if (typeof first === 'object' && first !== null && Object.getPrototypeOf(first) === Object.prototype) {
    alike('an object', (sample) => typeof sample === 'object' && sample !== null)
    return Object.fromEntries(
      Object.keys(first).map((key) => [
        key,
        defaultCollate(samples.map((sample) => Reflect.get(sample as object, key) as unknown)),
      ]),
    )
  }
  return samples
}
