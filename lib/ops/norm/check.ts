/** What all normalisations ask of their arguments. */
import { sameShape, ShapeError, show, type Shape } from '../../tensor/shape.js'
import { assertTensor, type Tensor } from '../../tensor/tensor.js'

/** @throws ShapeError, TypeError for a parameter of other sizes or of another dtype than the input's. */
export function assertFeatures(name: string, what: string, value: Tensor | null, x: Tensor, shape: Shape): void {
  if (value === null) return
  assertTensor(name, what, value)
  if (!sameShape(value.shape, shape))
    throw new ShapeError(
      `${name}: ${what} must have shape ${show(shape)}, got ${show(value.shape)} (input ${show(x.shape)})`,
    )
  if (value.dtype !== x.dtype)
    throw new TypeError(
      `${name}: the input is ${x.dtype}, ${what} ${value.dtype}; convert the input with .to('${value.dtype}')`,
    )
}

/** Mean and standard deviation over one value say nothing. @throws Error when each channel has just one. */
export function assertSeveral(name: string, values: number, x: Tensor): void {
  if (values === 1)
    throw new Error(`${name}: expected more than 1 value per channel when training, got input ${show(x.shape)}`)
}
