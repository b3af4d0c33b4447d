/** The heap of the cells' objects: V8 ends the process, and all variables with it, when it is full, unless it is told not to. */
import { getHeapStatistics } from 'node:v8'
import { addon } from '../../lib/device/addon.js'
import { Slot } from '../wire/link.js'
import { log } from '../wire/log.js'

const limit = (getHeapStatistics().heap_size_limit / 2 ** 30).toFixed(1)

export const heapIsFull =
  `the JavaScript objects of this session need more than ${limit} GB. Let go of some (big = undefined), keep numbers in tensors ` +
  'or typed arrays, which lie outside of this heap, or set NODE_OPTIONS=--max-old-space-size=MEGABYTES before Jupyter starts'

/** From now on `shared[Slot.heapFull]` tells when the heap is full, with the flag that loops look at, and there is room to stop what fills it. To be called again after that. */
export function guardHeap(shared: Int32Array): void {
  if (!addon().guardHeap(shared, Slot.heapFull, Slot.flag)) log('this Node does not tell when its heap is full')
}
