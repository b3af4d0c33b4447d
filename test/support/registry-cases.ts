/** The registry's samples with PyTorch's values for them, for the tests that run every op. */
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { packageRoot } from '../../lib/device/addon.js'
import type { Tensor } from '../../lib/index.js'
import type { OpEntry } from '../../lib/ops/registry.js'
import { readGolden, type GoldenTensor } from './golden.js'

export interface GoldenCase {
  inputs: GoldenTensor[]
  output: GoldenTensor
  dy?: GoldenTensor
  grads?: (GoldenTensor | null)[]
}

/** Names of the ops that have golden cases. */
export const goldenOps = readdirSync(join(packageRoot(), 'test', 'golden', 'ops')).map((file) =>
  basename(file, '.json'),
)

/** The golden cases of each op, one for each sample. */
export const golden = Object.fromEntries(goldenOps.map((name) => [name, readGolden<GoldenCase[]>(`ops/${name}`)]))

/** Allowed differences from PyTorch's values. */
export const tolerances = { float32: { relative: 1e-5 }, float64: { relative: 1e-10 } } as const

/** Calls an op as sample `number` says, with the sample's options or others. */
export function runSample(
  op: OpEntry,
  inputs: readonly Tensor[],
  number: number,
  options: Readonly<Record<string, unknown>> | undefined = op.samples[number].options,
): Tensor {
  const { args = [] } = op.samples[number]
  const call = op.call as (...all: unknown[]) => Tensor
  // Positional arguments that a sample leaves out come before the options object.
  return options ? call(...inputs, ...args, ...padding(op, args.length), options) : call(...inputs, ...args)
}

/** reductions take (x, dim, options): without a dim, undefined stands in its place. */
function padding(op: OpEntry, given: number): undefined[] {
  return given === 0 && reductions.has(op.name) ? [undefined] : []
}

const reductions = new Set(['sum', 'mean', 'amax', 'amin', 'var', 'std', 'any', 'all', 'prod', 'argmax', 'argmin'])

/** The same values at other strides: every second element of a tensor twice as wide. */
export function strided(x: Tensor): Tensor {
  if (x.ndim === 0) return x
  const wide = x
    .unsqueeze(-1)
    .expand(...x.shape, 2)
    .contiguous()
  return wide.select(-1, 0)
}
