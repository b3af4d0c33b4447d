/** Prints the samples of all ops and the cases of all modules as JSON: the input of make.py, which computes PyTorch's results for them. */
import '../../lib/index.js'
import { registry } from '../../lib/ops/registry.js'
import { families } from '../nn/cases/index.js'

/** JSON has no NaN and no infinities; both sides write them as strings. */
const encode = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value

const ops = registry().map(({ name, torch, gradient, samples }) => ({
  name,
  torch,
  differentiable: gradient === true,
  samples,
}))

const modules = Object.fromEntries(
  Object.entries(families).map(([family, cases]) => [
    family,
    cases.map(({ torch, inputs, torchCall = 'lambda m, *x: m(*x)', training = true }) => ({
      torch,
      inputs,
      call: torchCall,
      training,
    })),
  ]),
)

console.log(JSON.stringify({ ops, modules }, encode))
