/** Networks as drawings: fully connected ones as circles and edges, others as boxes with their shapes. */
import { Linear } from '../nn/linear.js'
import { Module } from '../nn/module.js'
import { boxes } from './network-boxes.js'
import { Drawing } from './drawing.js'
import { fixed } from './format.js'
import type { ModelInput } from './layer-calls.js'
import { toShaped } from './numbers.js'
import { fitText, ink, px, svgDocument, tag, text } from './svg.js'

/** Settings of `network`. */
export interface NetworkOptions {
  title?: string
  /** The input's sizes, batch included: the layers are drawn as boxes with the shapes of their results. */
  inputShape?: ModelInput
  /** Layers with more units are abbreviated. Default 10. */
  maxUnits?: number
  /** Colour and width of the edges tell the weights; default: when a model is given. */
  weights?: boolean
  /** Names of the inputs and outputs, when they are few. */
  inputs?: readonly string[]
  outputs?: readonly string[]
  /** Pixels; default 640, boxes up to 960. */
  width?: number
  height?: number
}

interface Layer {
  readonly units: number
  /** Below the layer: its activation. */
  readonly note?: string
  /** [units, units of the layer before], row-major. */
  readonly weights?: Float64Array
}

/**
 * A network as a drawing. Layer sizes, or a model made of linear layers, become circles and edges (orange weights are positive,
 * blue negative, strong ones wide; layers above `maxUnits` are abbreviated). With `inputShape` any model becomes a row of boxes
 * with the shapes of the results, as convolutional nets are drawn.
 * Throws RangeError for a model with other layers and no `inputShape`.
 * @example plot.network([2, 3, 1])
 * @example plot.network(cnn, { inputShape: [1, 1, 28, 28] })
 */
export function network(source: readonly number[] | Module, options: NetworkOptions = {}): Drawing {
  if (source instanceof Module && options.inputShape !== undefined) return boxes(source, options.inputShape, options)
  const layers = source instanceof Module ? layersOf(source) : sizesOf(source)
  return circles(layers, options)
}

function sizesOf(sizes: readonly number[]): Layer[] {
  if (sizes.length < 1 || !sizes.every((size) => Number.isInteger(size) && size > 0))
    throw new RangeError(`plot.network: the layer sizes are [${sizes.join(', ')}]; whole numbers above 0 are expected`)
  return sizes.map((units) => ({ units }))
}

/** The linear layers of a model in their order; what stands between them becomes a note. */
function layersOf(model: Module): Layer[] {
  const leaves = model.modules().filter((module) => module.children().length === 0)
  const layers: Layer[] = []
  for (const module of leaves) {
    const type = module.constructor.name
    if (module instanceof Linear) {
      const { data, shape } = toShaped(module.weight, 'weight')
      const [units, before] = shape
      if (layers.length === 0) layers.push({ units: before })
      else if (layers[layers.length - 1].units !== before)
        throw new RangeError(
          `plot.network: a layer with ${before} inputs follows one with ${layers[layers.length - 1].units} units; give inputShape to draw boxes`,
        )
      layers.push({ units, weights: data })
    } else if (module.parameters().length > 0)
      throw new RangeError(`plot.network: ${type} is no linear layer; give inputShape to draw the model as boxes`)
    else if (layers.length > 0 && type !== 'Flatten') {
      const last = layers[layers.length - 1]
      layers[layers.length - 1] = { ...last, note: [last.note, type].filter(Boolean).join(', ') }
    }
  }
  if (layers.length === 0) throw new RangeError('plot.network: the model has no linear layers')
  return layers
}

/** Units that are drawn: all of a small layer, else the first and last with dots between (null). */
function shownUnits(units: number, most: number): (number | null)[] {
  if (units <= most) return Array.from({ length: units }, (_, i) => i)
  const head = Math.ceil((most - 1) / 2)
  const tail = Math.floor((most - 1) / 2)
  return [
    ...Array.from({ length: head }, (_, i) => i),
    null,
    ...Array.from({ length: tail }, (_, i) => units - tail + i),
  ]
}

function circles(layers: readonly Layer[], options: NetworkOptions): Drawing {
  const { title, maxUnits = 10, inputs = [], outputs = [] } = options
  if (!Number.isInteger(maxUnits) || maxUnits < 3 || maxUnits > 60)
    throw new RangeError(`plot.network: maxUnits is ${maxUnits}; a whole number from 3 to 60 is expected`)
  const width = options.width ?? Math.max(420, Math.min(960, 180 + layers.length * 130))
  const shown = layers.map(({ units }) => shownUnits(units, maxUnits))
  const rows = Math.max(...shown.map((units) => units.length))
  const top = title ? 40 : 16
  const height = options.height ?? top + Math.max(150, Math.min(420, rows * 40)) + 54
  const inner = height - top - 54
  const room = { left: inputs.length > 0 ? 96 : 56, right: outputs.length > 0 ? 96 : 56 }
  const x = (l: number): number =>
    layers.length === 1 ? width / 2 : room.left + (l * (width - room.left - room.right)) / (layers.length - 1)
  const step = Math.min(46, inner / rows)
  const radius = Math.max(4, Math.min(15, step * 0.36))
  const y = (l: number, k: number): number => top + inner / 2 + (k - (shown[l].length - 1) / 2) * step
  const edges = layers
    .slice(1)
    .map((layer, i) => drawEdges(layer, layers[i], i + 1, shown, x, y, radius, options.weights ?? true))
  const nodes = layers.map((_, l) => drawUnits(shown[l], l, layers.length, x(l), (k) => y(l, k), radius))
  const names = [
    ...nameUnits(inputs, shown[0], (k) => [x(0) - radius - 8, y(0, k)], 'end'),
    ...nameUnits(
      outputs,
      shown[layers.length - 1],
      (k) => [x(layers.length - 1) + radius + 8, y(layers.length - 1, k)],
      'start',
    ),
  ]
  const notes = layers.map((layer, l) => {
    const role = l === 0 ? 'input' : l === layers.length - 1 ? 'output' : 'hidden'
    const across = layers.length === 1 ? width : (width - room.left - room.right) / (layers.length - 1)
    return (
      text(x(l), height - 28, fixed(layer.units, 0), { size: 13, weight: 600, anchor: 'middle', color: ink.text }) +
      text(x(l), height - 12, fitText(layer.note ?? role, 11, Math.max(40, across - 8)), {
        anchor: 'middle',
        color: ink.faint,
      })
    )
  })
  const head = title
    ? text(width / 2, 24, fitText(title, 16.5, width - 24), {
        size: 15,
        weight: 600,
        color: ink.text,
        anchor: 'middle',
      })
    : ''
  const words = `Network ${layers.map(({ units }) => units).join(' → ')}`
  const body = [head, ...edges, ...nodes, ...names, ...notes].join('')
  return new Drawing(svgDocument(width, height, body, title ?? words), words, title)
}

/** Edges between the units shown of two layers. Edges of about the same weight share one path. */
function drawEdges(
  layer: Layer,
  before: Layer,
  l: number,
  shown: readonly (readonly (number | null)[])[],
  x: (l: number) => number,
  y: (l: number, k: number) => number,
  radius: number,
  weighted: boolean,
): string {
  const { weights } = weighted ? layer : { weights: undefined }
  const largest = weights
    ? weights.reduce((most, w) => (Number.isFinite(w) ? Math.max(most, Math.abs(w)) : most), 0) || 1
    : 1
  const paths = new Map<number, string>()
  shown[l].forEach((to, k) => {
    shown[l - 1].forEach((from, j) => {
      if (to === null || from === null) return
      const weight = weights ? weights[to * before.units + from] : undefined
      // Nine strengths in each direction.
      const strength = weight === undefined || !Number.isFinite(weight) ? 0 : Math.round((weight / largest) * 9)
      const line = `M${px(x(l - 1) + radius)},${px(y(l - 1, j))}L${px(x(l) - radius)},${px(y(l, k))}`
      paths.set(strength, (paths.get(strength) ?? '') + line)
    })
  })
  // Strong edges stand over weak ones.
  const ordered = [...paths].sort(([a], [b]) => Math.abs(a) - Math.abs(b))
  return ordered
    .map(([strength, d]) => {
      const share = Math.abs(strength) / 9
      const color = !weights ? ink.axis : strength > 0 ? '#d55e00' : strength < 0 ? '#0072b2' : '#d1d5db'
      const look = weights
        ? { 'stroke-width': 0.6 + 2.6 * share, 'stroke-opacity': 0.3 + 0.65 * share }
        : { 'stroke-width': 0.9, 'stroke-opacity': 0.7 }
      return tag('path', { d, stroke: color, fill: 'none', ...look })
    })
    .join('')
}

function drawUnits(
  units: readonly (number | null)[],
  l: number,
  layers: number,
  x: number,
  y: (k: number) => number,
  r: number,
): string {
  const fill = l === 0 ? '#dbeafe' : l === layers - 1 ? '#dcfce7' : '#fef3c7'
  const rings = units.map((unit, k) =>
    unit === null
      ? ''
      : `M${px(x - r)},${px(y(k))}a${px(r)},${px(r)} 0 1,0 ${px(2 * r)},0a${px(r)},${px(r)} 0 1,0 ${px(-2 * r)},0z`,
  )
  const gap = units.indexOf(null)
  const dots = gap < 0 ? '' : text(x, y(gap) + 6, '⋮', { size: 18, weight: 600, anchor: 'middle', color: ink.label })
  return tag('path', { d: rings.join(''), fill, stroke: ink.label, 'stroke-width': 1.2 }) + dots
}

function nameUnits(
  names: readonly string[],
  units: readonly (number | null)[],
  place: (k: number) => readonly [number, number],
  anchor: 'start' | 'end',
): string[] {
  return units.map((unit, k) => {
    const name = unit === null ? undefined : names[unit]
    if (name === undefined) return ''
    const [x, y] = place(k)
    return text(x, y + 4, fitText(name, 12, 70), { size: 12, anchor, color: ink.text })
  })
}
