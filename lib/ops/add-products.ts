/** A product of matrices added to something: β·x + α·(a · b). */
import { ShapeError, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { composite, numeric } from './define.js'
import { matmul } from './matmul.js'
import type { Sample } from './registry.js'
import { readOptions } from '../tensor/options.js'

/** Settings of functions that add a product, such as `addmm`. */
export interface AddProductOptions {
  /** Factor of what is added to; 0 leaves it out altogether. Default 1. */
  beta?: number
  /** Factor of the product. Default 1. */
  alpha?: number
}

function addProduct(
  name: string,
  torch: string,
  dims: readonly [x: number, a: number, b: number],
  samples: readonly Sample[],
) {
  return composite(
    name,
    { torch, dtypes: numeric, samples },
    (x: Tensor, a: Tensor, b: Tensor, options?: AddProductOptions): Tensor => {
      const { beta, alpha } = readOptions(name, options, { beta: 1, alpha: 1 })
      if (x.ndim > dims[0] || a.ndim !== dims[1] || b.ndim !== dims[2])
        throw new ShapeError(
          `${name}: needs tensors of at most ${dims[0]}, of ${dims[1]} and of ${dims[2]} dimensions, got ${show(x.shape)}, ${show(a.shape)} and ${show(b.shape)}`,
        )
      const product = matmul(a, b)
      const scaled = alpha === 1 ? product : product.mul(alpha)
      if (beta === 0) return scaled
      return (beta === 1 ? x : x.mul(beta)).expand(product.shape).add(scaled)
    },
  )
}

/** β·x + α·(a · b) for matrices a [n, m] and b [m, p]; x broadcasts to [n, p]. torch.addmm. */
export const addmm = addProduct(
  'addmm',
  'torch.addmm',
  [2, 2, 2],
  [
    { inputs: [{ shape: [5] }, { shape: [3, 4] }, { shape: [4, 5] }] },
    { inputs: [{ shape: [3, 5] }, { shape: [3, 4] }, { shape: [4, 5] }], options: { beta: 0.5, alpha: -2 } },
  ],
)

/** β·x + α·(a · v) for a matrix a [n, m] and a vector v [m]; x broadcasts to [n]. torch.addmv. */
export const addmv = addProduct(
  'addmv',
  'torch.addmv',
  [1, 2, 1],
  [
    { inputs: [{ shape: [3] }, { shape: [3, 4] }, { shape: [4] }] },
    { inputs: [{ shape: [3] }, { shape: [3, 4] }, { shape: [4] }], options: { beta: 2, alpha: 0.5 } },
  ],
)

/** β·x + α·(a · b) for batches a [B, n, m] and b [B, m, p]; x broadcasts to [B, n, p]. torch.baddbmm. */
export const baddbmm = addProduct(
  'baddbmm',
  'torch.baddbmm',
  [3, 3, 3],
  [
    { inputs: [{ shape: [2, 3, 5] }, { shape: [2, 3, 4] }, { shape: [2, 4, 5] }] },
    { inputs: [{ shape: [3, 5] }, { shape: [2, 3, 4] }, { shape: [2, 4, 5] }], options: { beta: 0.5, alpha: 3 } },
  ],
)
