/** One neuron as a diagram: inputs, weights, weighted sum, activation. */
import { drawArrow } from './annotations.js'
import { Stop } from '../device/interrupt.js'
import { Drawing } from './drawing.js'
import { minus } from './format.js'
import { type Numbers, toNumbers, toScalar, type Scalar } from './numbers.js'
import { linePath } from './paths.js'
import { fitText, ink, svgDocument, tag, text, textWidth } from './svg.js'
import { tensor } from '../ops/creation.js'
import { Tensor } from '../tensor/tensor.js'

/** Settings of `neuron`; with values for inputs, weights and bias the sum and the output are computed and shown. */
export interface NeuronOptions {
  /** Names of the inputs, their values, or how many there are. Default 3. */
  inputs?: number | readonly string[] | Numbers
  /** Values of the weights. */
  weights?: Numbers
  /** Value of the bias. */
  bias?: Scalar
  /** The activation: its curve is drawn. Of numbers or of tensors, such as `F.sigmoid`; default: the step function. */
  activation?: ((z: number) => number) | ((z: Tensor) => Tensor)
  /** Default: the function's name. */
  activationName?: string
  title?: string
}

const [width, radius] = [640, 19]

/**
 * A neuron: inputs x, weights w, the sum z = w·x + b and the activation with its curve; with numbers given, the values too.
 * Throws RangeError when weights and inputs differ in number.
 * @example plot.neuron({ inputs: [1, 0], weights: [0.5, -0.8], bias: 0.1, activation: F.sigmoid, activationName: 'σ' })
 */
export function neuron(options: NeuronOptions = {}): Drawing {
  const { title } = options
  const { names, values } = readInputs(options.inputs ?? 3)
  const weights = options.weights === undefined ? undefined : toNumbers(options.weights, 'plot.neuron: weights')
  const n = names.length
  if (weights && weights.length !== n) throw new RangeError(`plot.neuron: ${weights.length} weights for ${n} inputs`)
  const bias = options.bias === undefined ? undefined : toScalar(options.bias, 'plot.neuron: bias')
  const activate = numeric(options.activation ?? ((z: number) => (z >= 0 ? 1 : 0)))
  const label = options.activationName ?? nameOf(options.activation)
  const z = values && weights ? values.reduce((sum, x, i) => sum + x * weights[i], bias ?? 0) : undefined
  const output = z === undefined ? undefined : activate([z])[0]
  const top = title ? 40 : 18
  const height = top + Math.max(190, n * 54 + 20)
  const middle = top + (height - top) / 2
  const place = (i: number): number => middle + (i - (n - 1) / 2) * 54
  const [inX, sumX, actX, outX] = [70, 300, 450, 580]
  const parts = names.map((name, i) => {
    const y = place(i)
    const w = weights?.[i]
    const color = w === undefined ? ink.axis : w < 0 ? '#0072b2' : '#d55e00'
    const thick = w === undefined ? 1.6 : 1 + 3 * Math.min(1, Math.abs(w) / Math.max(1e-9, ...weights!.map(Math.abs)))
    const words = w === undefined ? `w${subscript(i + 1)}` : `w${subscript(i + 1)} = ${short(w)}`
    const share = 0.42
    // A steep arrow would cross its label: it is lifted by what the arrow climbs over half of the label's width.
    const lift = 7 + (Math.abs(middle - y) / (sumX - inX)) * (textWidth(words, 12) / 2)
    return [
      drawArrow([inX + radius, y], [sumX - radius - 6, middle], color, 0, thick),
      circle(inX, y, values ? short(values[i]) : fitText(name, 13, 34)),
      values ? text(inX - radius - 6, y + 4, fitText(name, 12, 44), { size: 12, anchor: 'end' }) : '',
      text(inX + (sumX - inX) * share, y + (middle - y) * share - lift, words, {
        size: 12,
        anchor: 'middle',
        color: ink.text,
        halo: true,
      }),
    ].join('')
  })
  const biasText = bias === undefined ? 'b' : `b = ${short(bias)}`
  const biasY = middle - 66
  const box = { x: actX - 36, y: middle - 30, width: 72, height: 60 }
  const under = (x: number, words: string | undefined): string =>
    words === undefined
      ? ''
      : text(x, middle + 56, words, { size: 12, anchor: 'middle', color: ink.text, tabular: true })
  const body = [
    title
      ? text(width / 2, 24, fitText(title, 16.5, width - 24), {
          size: 15,
          weight: 600,
          color: ink.text,
          anchor: 'middle',
        })
      : '',
    ...parts,
    drawArrow([sumX, biasY], [sumX, middle - radius - 12], ink.axis, 0, 1.6),
    text(sumX, biasY - 6, biasText, { size: 12, anchor: 'middle', color: ink.text }),
    circle(sumX, middle, 'Σ', radius + 6, 20),
    under(sumX, z === undefined ? 'z = w·x + b' : `z = ${short(z)}`),
    drawArrow([sumX + radius + 6, middle], [box.x - 3, middle], ink.axis, 0, 1.6),
    tag('rect', { ...box, rx: 6, fill: '#f3f4f6', stroke: ink.axis }),
    activationCurve(activate, box),
    text(actX, box.y - 8, fitText(label, 12, 110), { size: 12, anchor: 'middle', color: ink.text }),
    drawArrow([box.x + box.width, middle], [outX - radius - 8, middle], ink.axis, 0, 1.6),
    circle(
      outX,
      middle,
      output === undefined ? 'a' : short(output),
      Math.max(radius, output === undefined ? 0 : textWidth(short(output), 12) / 2 + 5),
    ),
    under(outX, output === undefined ? `a = ${fitText(label, 12, 60)}(z)` : 'output'),
  ]
  const numbers = z === undefined || output === undefined ? '' : `: z = ${short(z)}, output ${short(output)}`
  const words = `Neuron with ${n} input${n === 1 ? '' : 's'} and activation ${label}${numbers}`
  return new Drawing(svgDocument(width, height, body.join(''), title ?? words), words, title)
}

function circle(x: number, y: number, label: string, r = radius, size = 12): string {
  const d = `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0z`
  return (
    tag('path', { d, fill: ink.card, stroke: ink.label, 'stroke-width': 1.5 }) +
    text(x, y + size * 0.35, label, { size, anchor: 'middle', color: ink.text })
  )
}

/** The activation over −4 … 4, fitted into its box. */
function activationCurve(
  f: (z: number[]) => number[],
  box: { x: number; y: number; width: number; height: number },
): string {
  const zs = Array.from({ length: 81 }, (_, i) => -4 + i / 10)
  const values = f(zs).map((v) => (Number.isFinite(v) ? v : NaN))
  const [low, high] = [Math.min(0, ...values.filter(Number.isFinite)), Math.max(...values.filter(Number.isFinite))]
  const span = high > low ? high - low : 1
  const xs = zs.map((z) => box.x + 7 + ((z + 4) / 8) * (box.width - 14))
  const ys = values.map((v) => box.y + box.height - 9 - ((v - low) / span) * (box.height - 18))
  return tag('path', { d: linePath(xs, ys), fill: 'none', stroke: '#0072b2', 'stroke-width': 2 })
}

function numeric(f: NonNullable<NeuronOptions['activation']>): (z: number[]) => number[] {
  const one = f as (z: number) => unknown
  return (z) => {
    try {
      const results = z.map((at) => one(at))
      if (!results.some((result) => result instanceof Tensor))
        return results.map((r) => toScalar(r, 'plot.neuron: activation'))
    } catch (error) {
      // A function of tensors refuses numbers.
      if (error instanceof Stop) throw error
    }
    return Array.from(toNumbers((f as (z: Tensor) => Tensor)(tensor(z)), 'plot.neuron: activation'))
  }
}

function readInputs(inputs: NonNullable<NeuronOptions['inputs']>): { names: string[]; values?: Float64Array } {
  const named = (n: number): string[] => Array.from({ length: n }, (_, i) => `x${subscript(i + 1)}`)
  if (typeof inputs === 'number') {
    if (!Number.isInteger(inputs) || inputs < 1 || inputs > 12)
      throw new RangeError(`plot.neuron: inputs is ${inputs}; a whole number from 1 to 12 is expected`)
    return { names: named(inputs) }
  }
  if (Array.isArray(inputs) && inputs.some((name) => typeof name === 'string'))
    return { names: inputs.map(String).slice(0, 12) }
  const values = toNumbers(inputs, 'plot.neuron: inputs')
  if (values.length < 1 || values.length > 12)
    throw new RangeError(`plot.neuron: there are ${values.length} inputs; 1 to 12 can be drawn`)
  return { names: named(values.length), values }
}

function nameOf(f: NeuronOptions['activation']): string {
  if (f === undefined) return 'step'
  return f.name === '' || f.name === 'activation' ? 'f' : f.name
}

/** Up to four digits. */
function short(value: number): string {
  return minus(String(Number(value.toPrecision(4))))
}

function subscript(n: number): string {
  return String(n).replace(/\d/g, (d) => '₀₁₂₃₄₅₆₇₈₉'.charAt(Number(d)))
}
