/** Points that are no plain dots: rings, squares, stars, and points with a text of their own. */
import type { PointSymbol } from './model.js'
import { escapeXml, px, tag } from './svg.js'

interface SymbolLook {
  readonly symbol: PointSymbol
  readonly size: number
  readonly color: string
  readonly opacity: number
  /** A white rim, for points on a map of colours. */
  readonly outlined: boolean
  /** Shown by browsers where the pointer stands. */
  readonly titles: readonly (string | undefined)[]
}

/** The points at these pixels; those with a title become elements of their own. */
export function drawSymbols(x: readonly number[], y: readonly number[], look: SymbolLook): string {
  const { symbol, size, color, opacity, outlined, titles } = look
  const open = symbol === 'ring' || symbol === 'cross'
  const style = open
    ? { fill: 'none', stroke: color, 'stroke-width': symbol === 'ring' ? 1.6 : 2.2, 'stroke-opacity': opacity }
    : {
        fill: color,
        'fill-opacity': opacity,
        stroke: outlined ? '#ffffff' : undefined,
        'stroke-width': outlined ? 1 : undefined,
      }
  const shapes = x.map((at, i) => (Number.isNaN(at) || Number.isNaN(y[i]) ? '' : outline(symbol, at, y[i], size / 2)))
  if (titles.every((title) => title === undefined)) {
    const d = shapes.join('')
    return d === '' ? '' : tag('path', { d, ...style })
  }
  return shapes
    .map((d, i) => {
      const title = titles[i]
      return d === '' ? '' : tag('path', { d, ...style }, title ? tag('title', {}, escapeXml(title)) : '')
    })
    .join('')
}

/** The symbol's outline around a place, `r` pixels wide to each side. */
export function outline(symbol: PointSymbol, x: number, y: number, r: number): string {
  const at = (dx: number, dy: number): string => `${px(x + dx)},${px(y + dy)}`
  switch (symbol) {
    case 'circle':
    case 'ring':
      return `M${at(-r, 0)}a${px(r)},${px(r)} 0 1,0 ${px(2 * r)},0a${px(r)},${px(r)} 0 1,0 ${px(-2 * r)},0z`
    case 'square':
      return `M${at(-r, -r)}h${px(2 * r)}v${px(2 * r)}h${px(-2 * r)}z`
    case 'diamond':
      return `M${at(0, -r)}L${at(r, 0)}L${at(0, r)}L${at(-r, 0)}z`
    case 'cross':
      return `M${at(-r, -r)}L${at(r, r)}M${at(-r, r)}L${at(r, -r)}`
    case 'star': {
      const points = Array.from({ length: 10 }, (_, k) => {
        const reach = k % 2 === 0 ? r : r * 0.45
        const angle = (k * Math.PI) / 5
        return at(reach * Math.sin(angle), -reach * Math.cos(angle))
      })
      return `M${points.join('L')}z`
    }
  }
}
