/**
 * Memory against time (torch.utils.checkpoint): a part of a network is run without keeping what its gradient needs, and is
 * run again when the gradient is asked for. Chen et al. 2016.
 */
import { defaultGenerator } from '../device/random.js'
import { isFloating } from '../tensor/dtype.js'
import { readOptions, isOptions } from '../tensor/options.js'
import { Tensor, uncollected } from '../tensor/tensor.js'
import { backward } from './engine.js'
import { isGradEnabled, withGrad } from './mode.js'
import { edgeOf, Node } from './node.js'

const listOf = (result: Tensor | readonly Tensor[]): readonly Tensor[] => (result instanceof Tensor ? [result] : result)

/** Settings of `checkpoint`. */
export interface CheckpointOptions {
  /** Draw the same random numbers (dropout masks) in both runs. Default true. */
  preserveRngState?: boolean
  /** Accepted for PyTorch's sake: there is one way here, which also reaches parameters when no input has a gradient. */
  useReentrant?: boolean
}

/**
 * f(...inputs), whose intermediate results are not kept but computed again in the backward pass. f must depend on the inputs
 * and on parameters only, and give the same result twice. Gradients of parameters that f uses go to their `.grad`, also under
 * `autograd.grad`. torch.utils.checkpoint.checkpoint.
 * @throws in the backward pass when that is itself to be differentiated.
 * @example const y = utils.checkpoint.checkpoint((x) => block.forward(x), x)
 */
export function checkpoint<R extends Tensor | readonly Tensor[]>(
  f: (...inputs: Tensor[]) => R,
  ...args: (Tensor | CheckpointOptions)[]
): R {
  const options: CheckpointOptions | undefined = args.find(isOptions)
  const { preserveRngState } = readOptions('checkpoint', options, {
    preserveRngState: true,
    useReentrant: false,
  })
  const inputs = args.filter((arg) => arg instanceof Tensor)
  if (!isGradEnabled()) return f(...inputs)
  const generator = defaultGenerator()
  const state = preserveRngState ? generator.getState() : null
  const result = withGrad(false, () => f(...inputs))
  const outputs = listOf(result)

  const again = (grads: readonly (Tensor | null)[]): (Tensor | null)[] => {
    const leaves = inputs.map((input) => (input.requiresGrad ? input.detach().requiresGrad_() : input))
    const now = generator.getState()
    let repeated: readonly Tensor[]
    try {
      if (state) generator.setState(state)
      repeated = listOf(withGrad(true, () => f(...leaves)))
    } finally {
      if (state) generator.setState(now)
    }
    const reached = repeated
      .map((output, i) => ({ output, grad: grads[i] }))
      .filter(({ output, grad }) => output.requiresGrad && grad !== null)
    if (reached.length > 0)
      backward(
        reached.map(({ output }) => output),
        reached.map(({ grad }) => grad),
      )
    return leaves.map((leaf, i) => (leaf === inputs[i] ? null : leaf.grad))
  }
  const node = new Node(
    'CheckpointBackward',
    inputs.map((input) => edgeOf(input)),
    outputs.length,
    (grads) => {
      if (isGradEnabled())
        throw new Error('checkpoint: its gradient cannot be differentiated; call f directly where createGraph is used')
      // What this makes belongs to f and to the parameters: the pass around it must not free it.
      return uncollected(() => again(grads))
    },
    inputs,
  )
  outputs.forEach((output, i) => {
    if (!isFloating(output.dtype)) return
    output.viewOf = null
    output.gradFn = node
    output.outputIndex = i
  })
  return result
}

/** Runs modules or functions one after the other in `segments` parts, each of them checkpointed. torch.utils.checkpoint.checkpoint_sequential. */
export function checkpointSequential(
  functions: Iterable<{ forward(x: Tensor): Tensor } | ((x: Tensor) => Tensor)>,
  segments: number,
  input: Tensor,
  options?: CheckpointOptions,
): Tensor {
  const steps = [...functions].map((step) => (typeof step === 'function' ? step : (x: Tensor) => step.forward(x)))
  if (!Number.isInteger(segments) || segments < 1 || segments > Math.max(steps.length, 1))
    throw new RangeError(
      `checkpointSequential: segments must be a whole number from 1 to ${steps.length}, the number of steps, got ${segments}`,
    )
  const size = Math.floor(steps.length / segments)
  let x = input
  for (let i = 0; i < segments; i++) {
    const part = steps.slice(i * size, i === segments - 1 ? undefined : (i + 1) * size)
    const run = (y: Tensor): Tensor => part.reduce((z, step) => step(z), y)
    // The last part's results are needed at once: to keep them costs nothing.
    x = i === segments - 1 ? run(x) : checkpoint(run, x, options ?? {})
  }
  return x
}
