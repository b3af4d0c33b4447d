/** Distances between all pairs of vectors. */
import { isFloating } from '../tensor/dtype.js'
import { broadcastShapes, ShapeError, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { composite } from './define.js'
import { indexSelect } from './index-ops.js'
import { safeRoot } from './losses/reduction.js'
import { matmul } from './matmul.js'
import { select, unsqueeze } from './shape.js'
import { triuIndices } from './windows.js'
import { readOptions } from '../tensor/options.js'

/** x to the power of p, with 0 and gradient 0 at 0. */
function safePower(x: Tensor, p: number): Tensor {
  const zero = x.detach().eq(0)
  return zero.where(0, zero.where(1, x).pow(p))
}

/** The p-norm along the last dimension; equal vectors have gradient 0. */
function length(difference: Tensor, p: number): Tensor {
  if (difference.size(-1) === 0) return difference.sum(-1)
  if (p === 0) return difference.sign().abs().sum(-1)
  if (p === 1) return difference.abs().sum(-1)
  if (p === 2) return safeRoot(difference.square().sum(-1))
  if (p === Infinity) return difference.abs().amax(-1)
  return safePower(safePower(difference.abs(), p).sum(-1), 1 / p)
}

function assertNorm(name: string, x: Tensor, p: number): void {
  if (!isFloating(x.dtype))
    throw new TypeError(`${name}: needs floating tensors, got ${x.dtype}; convert them with .float()`)
  if (!(p >= 0)) throw new RangeError(`${name}: p must be 0 or more (Infinity is allowed), got ${p}`)
}

/** Which distance cdist computes, and how. */
export interface CdistOptions {
  /** Which norm of the differences; Infinity for the largest, 0 to count what differs. Default 2. */
  p?: number
  /**
   * Whether p = 2 is computed from a matrix product, which is faster and less exact for vectors close to each other;
   * by default when either side has more than 25 vectors.
   */
  computeMode?: 'use_mm_for_euclid_dist_if_necessary' | 'use_mm_for_euclid_dist' | 'donot_use_mm_for_euclid_dist'
}

/** Rows of the first beside their squared lengths and 1, rows of the second beside 1 and theirs: the product is ‖a − b‖². */
function byProduct(x1: Tensor, x2: Tensor): Tensor {
  const squares = (x: Tensor): Tensor => x.square().sum(-1, { keepdim: true })
  const product = matmul(x1, x2.mT).mul(-2).add(squares(x1)).add(squares(x2).mT)
  return safeRoot(product.clamp(0))
}

const few = { shape: [3, 4] }

/** Distances of every vector of x1 [..., P, M] from every one of x2 [..., R, M]: [..., P, R]; batches broadcast. torch.cdist. */
export const cdist = composite(
  'cdist',
  {
    torch:
      'lambda a, b, p=2.0, compute_mode="use_mm_for_euclid_dist_if_necessary": torch.cdist(a, b, float(p), compute_mode)',
    samples: [
      { inputs: [few, { shape: [5, 4] }] },
      { inputs: [{ shape: [2, 1, 3, 2] }, { shape: [3, 4, 2] }] },
      { inputs: [few, { shape: [2, 4] }], options: { p: 1 } },
      { inputs: [few, { shape: [2, 4] }], options: { p: Infinity } },
      { inputs: [few, { shape: [2, 4] }], options: { p: 3.5 } },
      { inputs: [few, { shape: [2, 4] }], options: { p: 0.5 } },
      { inputs: [few, { shape: [2, 4] }], options: { p: 0 }, skipGradcheck: 'a count jumps' },
      { inputs: [few, { shape: [2, 4] }], options: { computeMode: 'use_mm_for_euclid_dist' } },
      { inputs: [{ shape: [0, 4] }, { shape: [2, 4] }] },
      { inputs: [{ shape: [2, 0] }, { shape: [3, 0] }] },
      {
        inputs: [
          [[1, 2]],
          [
            [1, 2],
            [4, 6],
          ],
        ],
        skipGradcheck: 'the distance has a tip where vectors are equal',
      },
    ],
  },
  (x1: Tensor, x2: Tensor, options?: CdistOptions): Tensor => {
    const { p, computeMode } = readOptions('cdist', options, {
      p: 2,
      computeMode: 'use_mm_for_euclid_dist_if_necessary',
    })
    for (const x of [x1, x2]) assertNorm('cdist', x, p)
    if (x1.ndim < 2 || x2.ndim < 2 || x1.size(-1) !== x2.size(-1))
      throw new ShapeError(
        `cdist: needs [..., P, M] and [..., R, M] with the same M, got ${show(x1.shape)} and ${show(x2.shape)}`,
      )
    broadcastShapes('cdist', x1.shape.slice(0, -2), x2.shape.slice(0, -2))
    const many = x1.size(-2) > 25 || x2.size(-2) > 25
    const product =
      computeMode === 'use_mm_for_euclid_dist' || (computeMode === 'use_mm_for_euclid_dist_if_necessary' && many)
    if (p === 2 && product && x1.size(-1) > 0) return byProduct(x1, x2)
    return length(unsqueeze(x1, -2).sub(unsqueeze(x2, -3)), p)
  },
)

/** Distances of all pairs of rows i < j of x [N, M], in the order (0, 1), (0, 2), …: [N·(N − 1)/2]. torch.nn.functional.pdist. */
export const pdist = composite(
  'pdist',
  {
    torch: 'lambda x, p=2.0: F.pdist(x, float(p))',
    samples: [
      { inputs: [{ shape: [4, 3] }] },
      { inputs: [{ shape: [3, 2] }], options: { p: 1 } },
      { inputs: [{ shape: [3, 2] }], options: { p: 3 } },
      { inputs: [{ shape: [3, 2] }], options: { p: Infinity } },
      { inputs: [{ shape: [1, 2] }] },
    ],
  },
  (x: Tensor, options?: { p?: number }): Tensor => {
    const { p } = readOptions('pdist', options, { p: 2 })
    assertNorm('pdist', x, p)
    if (x.ndim !== 2) throw new ShapeError(`pdist: needs a matrix of row vectors, got ${show(x.shape)}`)
    const n = x.size(0)
    const pairs = triuIndices(n, n, { offset: 1 })
    return length(indexSelect(x, 0, select(pairs, 0, 0)).sub(indexSelect(x, 0, select(pairs, 0, 1))), p)
  },
)
