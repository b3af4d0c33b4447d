/** A model as a row of boxes, one for each result: feature maps as slabs, vectors as bars. */
import type { Module } from '../nn/module.js'
import { drawArrow } from './annotations.js'
import { Drawing } from './drawing.js'
import { fixed } from './format.js'
import { type LayerCall, layerCalls, type ModelInput } from './layer-calls.js'
import type { NetworkOptions } from './network.js'
import { fitText, ink, px, svgDocument, tag, text } from './svg.js'

/** More boxes would not be read: a longer net is drawn by its larger parts. */
const mostBoxes = 18

/** One box: a result's shape and the layers that lead to it. */
interface Stage {
  readonly shape: readonly number[]
  readonly type: string
  /** Layers that change no shape, such as an activation. */
  readonly then: string[]
  readonly params: number
}

/** The model's layers as boxes, in rows of what fits the width. */
export function boxes(model: Module, input: ModelInput, options: NetworkOptions): Drawing {
  const { title, width: most = 960 } = options
  const calls = layerCalls('plot.network', model, input)
  const stages = stagesOf(calls)
  const drawn = stages.map((stage) => ({ stage, ...sizeOf(stage.shape) }))
  const tallest = Math.max(...drawn.map(({ height, slant }) => height + slant))
  const gap = 34
  const rows: (typeof drawn)[] = [[]]
  let used = 0
  for (const each of drawn) {
    const slot = Math.max(each.width + each.slant, 78) + gap
    if (used + slot > most - 32 && used > 0) {
      rows.push([])
      used = 0
    }
    rows[rows.length - 1].push(each)
    used += slot
  }
  const rowWidth = (row: typeof drawn): number =>
    row.reduce((sum, { width, slant }) => sum + Math.max(width + slant, 78) + gap, 0) - gap
  const width = Math.max(320, Math.ceil(Math.max(...rows.map(rowWidth)) + 36))
  const top = title ? 40 : 14
  const notes = Math.max(...stages.map((stage) => notesOf(stage).length))
  const rowHeight = tallest + 52 + 14 * notes
  const height = top + rows.length * rowHeight
  const body: string[] = []
  if (title)
    body.push(
      text(width / 2, 24, fitText(title, 16.5, width - 24), {
        size: 15,
        weight: 600,
        color: ink.text,
        anchor: 'middle',
      }),
    )
  rows.forEach((row, r) => {
    let x = 18
    const middle = top + r * rowHeight + 24 + tallest / 2
    row.forEach(({ stage, ...size }, i) => {
      const slot = Math.max(size.width + size.slant, 78)
      body.push(drawStage(stage, size, x, slot, middle, tallest))
      if (i + 1 < row.length)
        body.push(drawArrow([x + slot + 5, middle], [x + slot + gap - 5, middle], ink.axis, 0, 1.4))
      x += slot + gap
    })
  })
  const words = `${model.constructor.name}: ${stages.map(({ shape }) => shapeText(shape)).join(' → ')}`
  return new Drawing(svgDocument(width, height, body.join(''), title ?? words), words, title)
}

/** Results that differ in shape, or whose layer has parameters, become boxes; the others are noted at the one before. */
function stagesOf(calls: readonly LayerCall[]): Stage[] {
  const run = calls.filter(({ unused }) => !unused)
  const leaves = run.filter(({ leaf, depth }) => leaf && (depth > 0 || run.length === 1))
  const level = leaves.length > 3 * mostBoxes ? run.filter(({ depth }) => depth === 1) : leaves
  const [input = []] = run[0]?.inputs ?? []
  const stages: Stage[] = [{ shape: input, type: 'input', then: [], params: 0 }]
  for (const { module, path, outputs, again } of level) {
    const [shape] = outputs
    if (!shape) continue
    const part = module.children().length > 0
    const type = part ? (path.split('.').at(-1) ?? '') : module.constructor.name
    const last = stages[stages.length - 1]
    const params = again ? 0 : module.parameters().reduce((sum, parameter) => sum + parameter.numel(), 0)
    const same = String(shape) === String(last.shape)
    if (same && (params === 0 || type.includes('Norm')) && !part) last.then.push(type)
    else stages.push({ shape, type: type + kernelOf(module), then: [], params })
  }
  return stages
}

/** ` 5×5` for a layer with a kernel. */
function kernelOf(module: Module): string {
  const { kernelSize } = module as { kernelSize?: number | readonly number[] }
  if (kernelSize === undefined) return ''
  const sizes = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize
  return ` ${sizes.join('×')}`
}

interface Size {
  readonly width: number
  readonly height: number
  /** How far the box reaches back, right and up. */
  readonly slant: number
}

/** Feature maps [N, C, H, W] get their height from H and their thickness from C; vectors are bars. */
function sizeOf(shape: readonly number[]): Size {
  const size = (n: number, per: number, low: number, high: number): number =>
    Math.max(low, Math.min(high, per * Math.log2(1 + n)))
  if (shape.length === 4) {
    const [, channels, rows, columns] = shape
    return { width: size(channels, 6, 5, 52), height: size(rows, 20, 16, 150), slant: size(columns, 6, 5, 44) }
  }
  if (shape.length === 3) return { width: size(shape[2], 6, 8, 52), height: size(shape[1], 18, 14, 130), slant: 8 }
  return { width: 12, height: size(shape.at(-1) ?? 1, 14, 14, 150), slant: 4 }
}

function drawStage(stage: Stage, size: Size, x: number, slot: number, middle: number, tallest: number): string {
  const { width, height, slant } = size
  const left = x + (slot - width - slant) / 2
  const top = middle - height / 2 + slant / 2
  const [front, side, roof] = stage.type === 'input' ? ['#bfdbfe', '#93c5fd', '#dbeafe'] : colorsOf(stage.type)
  const edge = { stroke: ink.label, 'stroke-width': 0.8, 'stroke-linejoin': 'round' }
  const p = (dx: number, dy: number): string => `${px(left + dx)},${px(top + dy)}`
  const shape = [
    tag('path', {
      d: `M${p(0, 0)}L${p(slant, -slant)}L${p(width + slant, -slant)}L${p(width, 0)}z`,
      fill: roof,
      ...edge,
    }),
    tag('path', {
      d: `M${p(width, 0)}L${p(width + slant, -slant)}L${p(width + slant, height - slant)}L${p(width, height)}z`,
      fill: side,
      ...edge,
    }),
    tag('path', { d: `M${p(0, 0)}H${px(left + width)}V${px(top + height)}H${px(left)}z`, fill: front, ...edge }),
  ]
  const center = x + slot / 2
  const base = middle + tallest / 2 + 16
  const line = (content: string, k: number, color: string = ink.label, weight?: number): string =>
    content === ''
      ? ''
      : text(center, base + k * 14, fitText(content, 11, slot + 30), { anchor: 'middle', color, weight })
  return [
    ...shape,
    text(center, middle - tallest / 2 - 8, shapeText(stage.shape), {
      size: 11.5,
      weight: 600,
      anchor: 'middle',
      color: ink.text,
    }),
    line(stage.type, 0, ink.text),
    ...notesOf(stage).map((note, k) => line(note, k + 1, ink.faint)),
  ].join('')
}

function colorsOf(type: string): readonly [string, string, string] {
  if (type.includes('Conv')) return ['#fde68a', '#fbbf24', '#fef3c7']
  if (type.includes('Pool')) return ['#fecaca', '#f87171', '#fee2e2']
  if (type.includes('Linear')) return ['#bbf7d0', '#4ade80', '#dcfce7']
  return ['#e5e7eb', '#9ca3af', '#f3f4f6']
}

/** Below the name of the layer: what follows it, two words to a line, and its parameters. */
function notesOf({ then, params }: Stage): string[] {
  const lines = then.length > 2 ? [then.slice(0, 2).join(', '), then.slice(2).join(', ')] : [...then]
  return params === 0 ? lines : [...lines, `${fixed(params, 0)} params`]
}

/** 16@28×28, 10, or the sizes without the batch. */
function shapeText(shape: readonly number[]): string {
  const [, ...sizes] = shape
  if (shape.length === 4) return `${sizes[0]}@${sizes[1]}×${sizes[2]}`
  return sizes.length > 0 ? sizes.join('×') : shape.join('×') || '1'
}
