/** Prints the samples of all ops as JSON: the input of make.py, which computes PyTorch's results for them. */
import '../../lib/ops/index.js'
import { registry } from '../../lib/ops/registry.js'

/** JSON has no NaN and no infinities; both sides write them as strings. */
const encode = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value

console.log(
  JSON.stringify(
    registry().map(({ name, torch, gradient, samples }) => ({
      name,
      torch,
      differentiable: gradient === true,
      samples,
    })),
    encode,
  ),
)
