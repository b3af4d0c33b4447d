/** Contiguous operands for the native functions that want them, without a trace in the graph. */
import { addon } from '../device/addon.js'
import { emptyLikeTensor, type Tensor } from '../tensor/tensor.js'

/** Runs `use` with x, or with a contiguous copy of x that is freed afterwards. */
export function withPacked<R>(x: Tensor, use: (packed: Tensor) => R): R {
  if (x.isContiguous()) return use(x)
  const copy = emptyLikeTensor(x)
  try {
    addon().copy(copy.handle, x.handle)
    return use(copy)
  } finally {
    copy.dispose()
  }
}
