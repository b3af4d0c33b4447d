/** The dashboard while training, as one small SVG: bar, curves side by side, table. */
import { dashboardFigure } from './dashboard-figure.js'
import type { Dashboard } from './dashboard.js'
import { type Table, type TableRow, tableOf } from './dashboard-table.js'
import { stateColors } from './meter.js'
import { drawPanel } from './panel.js'
import { fitText, ink, px, svgDocument, tag, text, textGroup, type TextStyle } from './svg.js'

const width = 760
const margin = 18
const inner = width - 2 * margin
const panelHeight = 230
const rowHeight = 20

/** The whole dashboard as SVG text. */
export function dashboardSvg(board: Dashboard): string {
  const { panels, columns } = dashboardFigure(board, 'live').spec
  const table = tableOf(board)
  const head = drawHead(board)
  const panelRows = Math.ceil(panels.length / columns)
  const curves = panels.map((panel, i) =>
    drawPanel(panel, {
      x: margin - 6 + (i % columns) * (inner / columns + 6),
      y: 72 + Math.floor(i / columns) * panelHeight,
      width: inner / columns + (columns === 1 ? 12 : 0),
      height: panelHeight - 8,
    }),
  )
  const tableTop = 72 + panelRows * panelHeight
  const height = panels.length === 0 ? 70 : tableTop + (table.rows.length + 1) * rowHeight + 14
  return svgDocument(width, height, head + curves.join('') + drawTable(table, tableTop), board.toString())
}

function drawHead(board: Dashboard): string {
  const { fraction, state } = board
  const color = stateColors[state]
  const stopped = state === 'interrupted' || state === 'error'
  const title = fitText(board.options.title ?? 'Training', 15.5, inner - 100)
  const percent = fraction === undefined ? '' : `${Math.floor(fraction * 100)} %`
  const filled = fraction ?? (stopped || state === 'paused' ? 1 : 0)
  return [
    text(margin, 25, title, { size: 14, weight: 600, color: ink.text }),
    text(width - margin, 25, percent, { size: 12, weight: 600, anchor: 'end', color, tabular: true }),
    tag('rect', { x: margin, y: 34, width: inner, height: 8, rx: 4, fill: ink.grid }),
    filled > 0
      ? tag('rect', { x: margin, y: 34, width: Math.max(8, inner * filled), height: 8, rx: 4, fill: color })
      : '',
    epochMarks(board),
    text(margin, 59, board.status, {
      size: 12,
      color: stopped ? color : ink.label,
      weight: stopped ? 600 : undefined,
      tabular: true,
    }),
    text(width - margin, 59, board.timing, { size: 12, anchor: 'end', tabular: true }),
  ].join('')
}

/** Thin cuts through the bar at the ends of epochs. */
function epochMarks({ options: { epochs = 1 } }: Dashboard): string {
  if (epochs < 2 || epochs > 50) return ''
  let d = ''
  for (let i = 1; i < epochs; i++) d += `M${px(margin + (inner * i) / epochs)},34v8`
  return tag('path', { d, stroke: ink.card, 'stroke-width': 1.5 })
}

function drawTable({ head, rows }: Table, top: number): string {
  if (head.length === 0) return ''
  const first = 44
  const columnWidth = Math.min(112, (inner - first) / (head.length - 1))
  const right = (c: number) => margin + first + c * columnWidth
  const line = (cells: readonly string[], y: number, style: TextStyle) => {
    const texts = cells.map((cell, c) => (cell === '' ? '' : text(right(c), y, fitText(cell, 12, columnWidth - 6))))
    return textGroup(style, texts.join(''))
  }
  const rules = [top + 19]
  const body = rows.map((row, r) => {
    const y = top + 14 + (r + 1) * rowHeight
    if (row.kind === 'extreme' && r > 0 && rows[r - 1]?.kind !== 'extreme') rules.push(y - 15)
    return line(row.cells, y, rowStyles[row.kind])
  })
  const d = rules.map((y) => `M${margin},${px(y)}H${px(right(head.length - 1))}`).join('')
  return (
    tag('path', { d, stroke: ink.border }) +
    textGroup(
      { size: 12, anchor: 'end', tabular: true },
      line(head, top + 13, { color: ink.faint, weight: 600 }) + body.join(''),
    )
  )
}

const rowStyles: Record<TableRow['kind'], TextStyle> = {
  epoch: { color: ink.text },
  now: { color: ink.text, weight: 600 },
  extreme: { color: ink.faint },
  more: { color: ink.faint },
}
