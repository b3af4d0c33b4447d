/** A model layer by layer: output shapes, parameters, multiplications, memory; the table that torchinfo prints. */
import type { Module } from '../nn/module.js'
import { type DType, dtypeInfo } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import { fixed } from './format.js'
import { bytesOf, layerCalls, type LayerCall, type ModelInput } from './layer-calls.js'
import type { MimeBundle } from './mime.js'
import { Picture } from './picture.js'
import { page, saveAs } from './save.js'
import { escapeXml } from './svg.js'

/** Settings of `summary`. */
export interface SummaryOptions {
  /** Kind of the input's elements, when sizes are given. Default 'float32'; 'int64' for models that begin with an embedding. */
  dtype?: DType
  /** Levels of modules shown. Default: all. */
  depth?: number
}

/** One line of the table. */
export interface SummaryRow {
  /** Dotted name; '' for the model itself. */
  readonly name: string
  /** Class and settings: `Conv2d(1, 16, …)`. */
  readonly layer: string
  readonly type: string
  readonly depth: number
  /** Shape of the (first) result; null when the module was not called. */
  readonly outputShape: readonly number[] | null
  /** Parameters of the layer's own; 0 when they were counted in an earlier row. */
  readonly params: number
  readonly multAdds: number
  /** The layer was called before, its parameters are counted there. */
  readonly again: boolean
}

/** The table, with its totals as numbers. */
export class Summary extends Picture {
  constructor(
    readonly rows: readonly SummaryRow[],
    /** Number of parameters. */
    readonly totalParams: number,
    readonly trainableParams: number,
    /** Multiplications with additions of one run, as torchinfo counts them. */
    readonly multAdds: number,
    /** Bytes of the inputs, of the results of layers with parameters (twice, for their gradients), and of the parameters. */
    readonly bytes: { readonly input: number; readonly passes: number; readonly params: number },
  ) {
    super()
  }

  override toBundle(): MimeBundle {
    return { 'text/html': this.toHtml(), 'text/plain': this.toString() }
  }

  /** The table as HTML. */
  toHtml(): string {
    const cell = (content: string, style = 'text-align:right') =>
      `<td style="padding:2px 10px;white-space:nowrap;${style}">${content}</td>`
    const faint = (content: string) => `<span style="opacity:0.6">${content}</span>`
    const line = (row: SummaryRow): string => {
      const name = row.name === '' ? '' : `${faint(escapeXml(row.name.split('.').at(-1) ?? ''))} `
      const first = `<span title="${escapeXml(row.layer)}" style="padding-left:${row.depth * 18}px">${name}${escapeXml(row.type)}</span>`
      return `<tr>${cell(first, 'text-align:left')}${cell(shapeText(row))}${cell(paramsText(row))}${cell(row.multAdds === 0 ? '' : fixed(row.multAdds, 0))}</tr>`
    }
    const head = ['Layer', 'Output shape', 'Params', 'Mult-adds']
      .map(
        (name, i) =>
          `<th style="padding:3px 10px;text-align:${i === 0 ? 'left' : 'right'};border-bottom:1px solid #9ca3af">${name}</th>`,
      )
      .join('')
    const totals = this.totals()
      .map(([name, value]) => `<div style="padding:1px 10px">${faint(`${name}:`)} <b>${value}</b></div>`)
      .join('')
    const table = `<table style="border-collapse:collapse;font-size:13px;margin:0"><thead><tr>${head}</tr></thead><tbody>${this.rows.map(line).join('')}</tbody></table>`
    return `<div style="max-height:600px;overflow:auto">${table}</div><div style="border-top:1px solid #9ca3af;display:flex;flex-wrap:wrap;padding-top:4px;font-size:13px">${totals}</div>`
  }

  override toString(): string {
    const cells = this.rows.map((row) => {
      const name = row.name === '' ? '' : `${row.name.split('.').at(-1)}: `
      const indent = row.depth === 0 ? '' : `${'│    '.repeat(row.depth - 1)}├─`
      return [
        `${indent}${name}${row.type}`,
        shapeText(row),
        paramsText(row),
        row.multAdds === 0 ? '--' : fixed(row.multAdds, 0),
      ]
    })
    const head = ['Layer', 'Output shape', 'Params', 'Mult-adds']
    const widths = head.map((title, c) => Math.max(title.length, ...cells.map((row) => [...row[c]].length)) + 3)
    const line = (row: readonly string[]) =>
      row
        .map((cell, c) => cell + ' '.repeat(widths[c] - [...cell].length))
        .join('')
        .trimEnd()
    const rule = (mark: string) => mark.repeat(widths.reduce((sum, w) => sum + w, 0))
    const totals = this.totals().map(([name, value]) => `${name}: ${value}`)
    return [rule('='), line(head), rule('='), ...cells.map(line), rule('='), ...totals, rule('=')].join('\n')
  }

  /** Writes the table as `.html` or `.txt` and returns the absolute path; whole or not at all. */
  override save(path: string): string {
    return saveAs(path, { '.html': () => page('Summary', this.toHtml()), '.txt': () => `${this.toString()}\n` })
  }

  private totals(): [string, string][] {
    const { input, passes, params } = this.bytes
    const mega = (bytes: number) => fixed(bytes / 1e6, 2)
    return [
      ['Total params', fixed(this.totalParams, 0)],
      ['Trainable params', fixed(this.trainableParams, 0)],
      ['Non-trainable params', fixed(this.totalParams - this.trainableParams, 0)],
      ['Total mult-adds (M)', mega(this.multAdds)],
      ['Input size (MB)', mega(input)],
      ['Forward/backward pass size (MB)', mega(passes)],
      ['Params size (MB)', mega(params)],
      ['Estimated total size (MB)', mega(input + passes + params)],
    ]
  }
}

/**
 * Runs the model once (without gradients, in evaluation mode) and tabulates every layer: output shape, parameters, mult-adds,
 * with totals and memory, as torchinfo's summary. The input is given by its sizes, batch included, or as tensors.
 * Throws what the model throws for that input, with the layer at fault.
 * @example summary(net, [100, 1, 28, 28])
 */
export function summary(model: Module, input: ModelInput, options: SummaryOptions = {}): Summary {
  const { dtype = 'float32', depth = Infinity } = options
  const calls = layerCalls('summary', model, input, dtype)
  const parameters = model.parameters()
  const counted = new Set<object>()
  const rows = calls.map((call): SummaryRow => {
    const own = call.module.parameters({ recurse: false }).filter((parameter) => !counted.has(parameter))
    own.forEach((parameter) => counted.add(parameter))
    const extra = call.module.extraRepr()
    return {
      name: call.path,
      layer: `${call.module.constructor.name}(${call.leaf ? extra : '…'})`,
      type: call.module.constructor.name,
      depth: call.depth,
      outputShape: call.unused ? null : (call.outputs[0] ?? []),
      params: own.reduce((sum, parameter) => sum + parameter.numel(), 0),
      multAdds: multAddsOf(call),
      again: call.again,
    }
  })
  const count = (list: typeof parameters): number => list.reduce((sum, parameter) => sum + parameter.numel(), 0)
  const passes = calls
    .filter(({ leaf, again, module }) => leaf && !again && module.parameters().length > 0)
    .reduce((sum, { outputBytes }) => sum + 2 * outputBytes, 0)
  const elements = (calls[0]?.inputs ?? []).reduce(
    (sum, shape) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  )
  return new Summary(
    rows.filter((row) => row.depth <= depth),
    count(parameters),
    count(parameters.filter((parameter) => parameter.requiresGrad)),
    rows.reduce((sum, row) => sum + row.multAdds, 0),
    {
      input: elements * dtypeInfo[dtype].bytes,
      passes,
      params: parameters.reduce((sum, parameter) => sum + bytesOf(parameter), 0),
    },
  )
}

/**
 * One multiplication with addition for each parameter and each place where it is used: every position of a convolution's
 * result, every row of a linear layer's.
 */
function multAddsOf({ module, outputs, leaf, unused }: LayerCall): number {
  const [shape] = outputs
  if (unused || !leaf || !shape || shape.length === 0) return 0
  const params = module.parameters({ recurse: false }).reduce((sum, parameter) => sum + parameter.numel(), 0)
  const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1)
  const type = module.constructor.name
  if (type.includes('Conv')) return params * product([shape[0], ...shape.slice(2)])
  if (/^(RNN|LSTM|GRU)$/.test(type)) return params * product(shape.slice(0, 2))
  // A table is looked up, not multiplied.
  if (type.startsWith('Embedding')) return 0
  return type.endsWith('Linear') ? params * product(shape.slice(0, -1)) : params * shape[0]
}

function shapeText({ outputShape }: SummaryRow): string {
  return outputShape === null ? 'not called' : show(outputShape)
}

function paramsText({ params, again }: SummaryRow): string {
  return again ? '(again)' : params === 0 ? '--' : fixed(params, 0)
}
