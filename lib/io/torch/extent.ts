/** How much memory a view spans. */
import type { Shape } from '../../tensor/shape.js'

/** Elements from the first to the last that a view of these sizes and strides reaches; 0 when it is empty. */
export function stridedExtent(shape: Shape, strides: Shape): number {
  if (shape.includes(0)) return 0
  return shape.reduce((last, size, d) => last + (size - 1) * strides[d], 1)
}
