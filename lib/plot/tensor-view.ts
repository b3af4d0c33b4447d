/** A tensor at the end of a cell: PyTorch's print, a line of statistics, and its values as colours to unfold. */
import { formatTensor } from '../tensor/print.js'
import { show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { colorTable, missingColor } from './colors.js'
import { fixed } from './format.js'
import { cellColor } from './marks-map.js'
import { displayHook, type MimeBundle } from './mime.js'
import { pngUri } from './png.js'
import { describeStatistics, statistics, type Statistics } from './statistics.js'
import { escapeXml } from './svg.js'

/** Statistics of more elements would keep the reader waiting. */
const mostElements = 20_000_000

/** Pixels of the heat map along each side at most. */
const mostPixels = 256

/** All forms of a tensor: the text is PyTorch's print. A single number has no other. */
export function tensorBundle(tensor: Tensor): MimeBundle {
  const text = formatTensor(tensor)
  const n = tensor.numel()
  if (n <= 1 || n > mostElements) return { 'text/plain': text }
  const values = tensor.isContiguous() ? tensor.asTypedArray() : tensor.toTypedArray()
  const found = statistics(values)
  const { parts, warnings } = describeStatistics(found)
  const line = [`${show(tensor.shape as readonly number[])} ${tensor.dtype}`, `n ${fixed(n, 0)}`, ...parts]
  const flags = warnings.map((w) => ` · <b style="color:#dc2626">${w}</b>`).join('')
  const html = [
    `<pre style="margin:0;max-height:340px;overflow:auto">${escapeXml(text)}</pre>`,
    `<div style="font-family:monospace;font-size:12px;white-space:pre-wrap;opacity:0.85;margin-top:3px">${escapeXml(line.join(' · '))}${flags}</div>`,
    heatMap(tensor.shape as readonly number[], values, found),
  ]
  return { 'text/html': `<div>${html.join('')}</div>`, 'text/plain': text }
}

/** The values as colours, folded: matrices as they are, stacks of matrices side by side, a list as one row. */
function heatMap(shape: readonly number[], values: ArrayLike<number | bigint>, { low, high }: Statistics): string {
  const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape.slice(-2)
  const count = values.length / (rows * columns)
  // Tiles in a rectangle about as wide as high, a pixel between them.
  const border = count > 1 ? 1 : 0
  const across = Math.min(count, Math.max(1, Math.round(Math.sqrt((count * rows) / columns)) || 1))
  const down = Math.ceil(count / across)
  const [width, height] = [across * (columns + border) - border, down * (rows + border) - border]
  const stride = Math.max(1, Math.ceil(Math.max(width, height) / mostPixels))
  const [w, h] = [Math.ceil(width / stride), Math.ceil(height / stride)]
  const signed = low < 0 && high > 0
  const table = colorTable(signed ? 'diverging' : 'viridis')
  const most = Math.max(Math.abs(low), Math.abs(high))
  const range = signed ? ([-most, most] as const) : ([low, high] as const)
  const pixels = new Uint8Array(w * h * 3)
  for (let r = 0; r < h; r++) {
    for (let c = 0; c < w; c++) {
      const [y, x] = [r * stride, c * stride]
      const [i, j] = [y % (rows + border), x % (columns + border)]
      const tile = Math.floor(y / (rows + border)) * across + Math.floor(x / (columns + border))
      const inside = i < rows && j < columns && tile < count
      const color = inside ? cellColor(Number(values[(tile * rows + i) * columns + j]), range, table) : [255, 255, 255]
      pixels.set(color ?? missingColor, (r * w + c) * 3)
    }
  }
  const scale = Math.max(1, Math.min(16, Math.floor(mostPixels / Math.max(w, h))))
  const size = `width:${w * scale}px;height:${Math.max(h * scale, Math.min(16, h * 16))}px`
  const note = [
    count > 1 ? `${fixed(count, 0)} matrices of ${rows} × ${columns}` : '',
    stride > 1 ? `every ${stride}th element` : '',
    signed ? 'blue below zero, red above' : 'dark low, bright high',
  ]
  return (
    `<details style="margin-top:3px"><summary style="cursor:pointer;font-size:12px;opacity:0.85">heat map</summary>` +
    `<img alt="heat map" src="${pngUri(pixels, w, h, 3)}" style="${size};max-width:100%;image-rendering:pixelated;margin:4px 0">` +
    `<div style="font-size:11px;opacity:0.7">${note.filter(Boolean).join(' · ')}</div></details>`
  )
}

Object.defineProperty(Tensor.prototype, displayHook, {
  value(this: Tensor): MimeBundle {
    return tensorBundle(this)
  },
  configurable: true,
  writable: true,
})
