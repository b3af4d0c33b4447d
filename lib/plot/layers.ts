/** The distributions inside a network: what each layer gives, and the gradients and weights of its parameters. */
import { restoring } from '../device/interrupt.js'
import { evaluating } from '../nn/evaluating.js'
import type { Module } from '../nn/module.js'
import { Tensor } from '../tensor/tensor.js'
import type { Figure } from './figure.js'
import { toShaped } from './numbers.js'
import { ridge, type RidgeOptions } from './ridge.js'

/** Settings of `activations`, `gradients` and `weights`. */
export interface LayersOptions extends RidgeOptions {
  /** Which layers or parameters, by a pattern for their names or by a function. Default: all. */
  filter?: RegExp | ((name: string) => boolean)
}

/** Values of one layer at most: more would show the same picture. */
const mostValues = 50_000

/**
 * Histograms of what each layer gives for the input x: one row for each module without children, in the order in which they
 * are called. The model runs once without gradients and in evaluation mode, which changes nothing in it.
 * @example plot.activations(net, images, { filter: /ReLU/, title: 'He initialisation' })
 */
export function activations(model: Module, x: Tensor, options: LayersOptions = {}): Figure {
  const found = layerOutputs(model, x)
  if (found.size === 0) throw new RangeError('plot.activations: the model has no layers that give tensors')
  const chosen = choose('plot.activations', found, options.filter)
  return ridge(chosen, { xlabel: 'activation', title: 'Activations by layer', ...options })
}

/**
 * Histograms of the magnitudes of the gradients of each parameter, on a logarithmic axis, after `loss.backward()`: those of a
 * net that cannot learn fall by powers of ten from layer to layer.
 * Throws RangeError when no parameter has a gradient.
 * @example loss.backward(); plot.gradients(net, { filter: /weight/ })
 */
export function gradients(model: Module, options: LayersOptions = {}): Figure {
  const found = new Map<string, Float64Array>()
  for (const [name, { grad }] of model.namedParameters()) if (grad) found.set(name, sample(grad))
  if (found.size === 0)
    throw new RangeError(
      'plot.gradients: no parameter has a gradient; call loss.backward() first (and zeroGrad() after)',
    )
  const chosen = choose('plot.gradients', found, options.filter)
  return ridge(chosen, { log: true, xlabel: '|gradient|', title: 'Gradients by parameter', ...options })
}

/**
 * Histograms of each parameter's values.
 * @example plot.weights(net, { filter: /weight/ })
 */
export function weights(model: Module, options: LayersOptions = {}): Figure {
  const found = new Map(model.namedParameters().map(([name, value]) => [name, sample(value)]))
  const chosen = choose('plot.weights', found, options.filter)
  return ridge(chosen, { xlabel: 'value', title: 'Parameters', ...options })
}

/** What each module without children gives, by its name and class. */
function layerOutputs(model: Module, x: Tensor): Map<string, Float64Array> {
  const found = new Map<string, Float64Array>()
  const leaves = model.namedModules().filter(([, module]) => module.children().length === 0)
  const handles = leaves.map(([path, module]) =>
    module.registerForwardHook((_, _inputs, output) => {
      const first: unknown = Array.isArray(output) ? output[0] : output
      if (!(first instanceof Tensor)) return
      const name = [path, module.constructor.name].filter(Boolean).join(' ')
      // A layer that is called again gets a row of its own.
      const again = [...found.keys()].filter((key) => key === name || key.startsWith(`${name} #`)).length
      found.set(again === 0 ? name : `${name} #${again + 1}`, sample(first))
    }),
  )
  const unhook = (): void => handles.forEach((handle) => handle.remove())
  restoring(unhook, () => evaluating(model, () => (model.forward as (x: Tensor) => unknown)(x)))
  return found
}

function choose(
  who: string,
  found: ReadonlyMap<string, Float64Array>,
  filter: LayersOptions['filter'],
): Record<string, Float64Array> {
  const wanted = (name: string): boolean =>
    filter === undefined ? true : typeof filter === 'function' ? filter(name) : name.search(filter) >= 0
  const chosen = [...found].filter(([name]) => wanted(name))
  if (chosen.length === 0)
    throw new RangeError(`${who}: nothing passes the filter; there are ${[...found.keys()].slice(0, 12).join(', ')}`)
  return Object.fromEntries(chosen)
}

/** The values, of very many evenly some. */
function sample(values: Tensor): Float64Array {
  const { data } = toShaped(values.detach(), 'values')
  const every = Math.ceil(data.length / mostValues)
  return every <= 1 ? data : data.filter((_, i) => i % every === 0)
}
