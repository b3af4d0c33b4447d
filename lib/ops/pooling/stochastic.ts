/** Stochastic pooling: activations are picked at random in training, and averaged by their chances afterwards. */
import { defaultGenerator, type Generator } from '../../device/random.js'
import { addon } from '../../device/addon.js'
import { isFloating } from '../../tensor/dtype.js'
import { emptyTensor, type Tensor } from '../../tensor/tensor.js'
import { composite, inputEdges } from '../define.js'
import { gradName, Node } from '../../autograd/node.js'
import { isGradEnabled } from '../../autograd/mode.js'
import { where } from '../index-ops.js'
import { avgPool2d } from './average.js'
import { windowOf, type Sizes, type WindowOptions } from './geometry.js'
import { emptyCodes, maxPoolBackward } from './max.js'
import { readOptions, type Defaults } from '../../tensor/options.js'

/** Settings of `stochasticPool2d`. */
export interface StochasticPoolOptions extends Pick<WindowOptions, 'stride' | 'ceilMode'> {
  /** Whether to pick at random instead of averaging. Default true. */
  training?: boolean
  /** Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

const defaults = {
  stride: null,
  ceilMode: false,
  training: true,
  generator: undefined,
} as const satisfies Defaults<StochasticPoolOptions>

type StochasticPool = (x: Tensor, kernelSize: Sizes, options?: StochasticPoolOptions) => Tensor

const positive = { shape: [1, 2, 4, 6], low: -0.5, high: 2 }
const mean =
  'lambda x, k, training=False, **o: (lambda a: F.avg_pool2d(a * a, k, **o) / F.avg_pool2d(a, k, **o))(x.clamp(min=0))'

/**
 * Pooling of non-negative activations a (what follows a ReLU) in windows of [N, C, H, W] or [C, H, W]. In training each
 * window gives one of its elements, chosen with probability a / Σ a; the gradient goes to the chosen one. Otherwise it
 * gives the mean weighted by those probabilities, Σ a² / Σ a. Elements below 0 count as 0; a window without positive ones
 * gives 0. Zeiler and Fergus 2013; 《深度学习基础》 6. Not in PyTorch.
 * @throws ShapeError when x has other dimensions or no window fits.
 */
export const stochasticPool2d: StochasticPool = composite(
  'stochasticPool2d',
  {
    torch: mean,
    samples: [
      { inputs: [positive], args: [2], options: { training: false } },
      {
        inputs: [{ ...positive, shape: [2, 5, 5] }],
        args: [3],
        options: { training: false, stride: 2, ceilMode: true },
      },
    ],
  },
  (x: Tensor, kernelSize: Sizes, options?: StochasticPoolOptions): Tensor => {
    const {
      stride,
      ceilMode,
      training,
      generator = defaultGenerator(),
    } = readOptions('stochasticPool2d', options, defaults)
    const window = windowOf('stochasticPool2d', x, 2, kernelSize, { stride, ceilMode })
    if (!isFloating(x.dtype))
      throw new TypeError(`stochasticPool2d: needs a floating tensor, got ${x.dtype}; convert it with .float() first`)
    if (!training) {
      const a = x.relu()
      const total = avgPool2d(a, kernelSize, { stride, ceilMode })
      const squares = avgPool2d(a.square(), kernelSize, { stride, ceilMode })
      return squares.div(where(total.eq(0), 1, total))
    }
    const input = x.contiguous()
    const y = emptyTensor(x.dtype, window.shape, x.device)
    const codes = emptyCodes(window, x)
    const noise = emptyTensor(x.dtype, window.shape, x.device)
    addon().uniform(noise.handle, generator.handle, 0, 1)
    addon().stochasticPool(y.handle, codes.handle, input.handle, noise.handle, window.numbers)
    noise.dispose()
    const edges = isGradEnabled() ? inputEdges([input]) : null
    if (edges)
      y.gradFn = new Node(
        gradName('stochasticPool2d'),
        edges,
        1,
        ([dy]) => [dy && maxPoolBackward({ dy, codes }, { numbers: window.numbers, shape: x.shape })],
        [codes],
      )
    return y
  },
)
