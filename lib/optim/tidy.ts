/** Freeing the temporaries of an update at once: a step must not wait for the garbage collector to reuse memory. */
import { collectCreated } from '../tensor/tensor.js'

/** Runs `body` and frees every tensor made meanwhile, except its result and those that `keep` names. */
export function tidy<T>(body: () => T, keep?: () => Iterable<unknown>): T {
  const { result, tensors } = collectCreated(body)
  const kept = new Set<unknown>(keep?.())
  kept.add(result)
  for (const tensor of tensors) if (!kept.has(tensor)) tensor.dispose()
  return result
}
