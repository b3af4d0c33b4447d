/** A figure as one SVG document: a title and its panels in a grid on a white card. */
import type { FigureSpec } from './model.js'
import { drawPanel } from './panel.js'
import { fitText, ink, svgDocument, text } from './svg.js'

/** Pixels of the whole picture: one panel 640 × 400, more share the width of a notebook. */
export function figureSize(spec: FigureSpec): { width: number; height: number; rows: number; columns: number } {
  const columns = Math.max(1, Math.min(spec.columns, spec.panels.length || 1))
  const rows = Math.max(1, Math.ceil(spec.panels.length / columns))
  const width = spec.width ?? (columns === 1 ? 640 : Math.min(960, columns * 380))
  const each = columns === 1 ? (rows === 1 ? 400 : 300) : Math.round(Math.min(300, (width / columns) * 0.75))
  const height = spec.height ?? rows * each + (spec.title && columns * rows > 1 ? 34 : 0)
  return { width, height, rows, columns }
}

/** The figure as SVG text: explicit size, no ids, no scripts, every string escaped. */
export function renderSvg(spec: FigureSpec): string {
  const { width, height, rows, columns } = figureSize(spec)
  const top = spec.title ? 34 : 8
  const title = spec.title
    ? text(width / 2, 23, fitText(spec.title, 16.5, width - 24), {
        size: 15,
        weight: 600,
        color: ink.text,
        anchor: 'middle',
      })
    : ''
  const w = (width - 16) / columns
  const h = (height - top - 8) / rows
  const panels = spec.panels.map((panel, i) =>
    drawPanel(panel, {
      x: 8 + (i % columns) * w,
      y: top + Math.floor(i / columns) * h,
      width: w - (columns > 1 ? 6 : 0),
      height: h - (rows > 1 ? 8 : 0),
    }),
  )
  return svgDocument(width, height, title + panels.join(''), spec.title ?? spec.panels[0]?.title ?? 'figure')
}
