/** Notes and arrows on a panel, as SVG. */
import { checkColor } from './colors.js'
import type { Area } from './paths.js'
import type { Annotation } from './model.js'
import { ink, px, tag, text } from './svg.js'

/** Draws the notes; `left` and `top` are the pixels of the plot area's corner. */
export function drawAnnotations(annotations: readonly Annotation[], area: Area, left: number, top: number): string {
  return annotations.map((note) => drawOne(note, area, left, top)).join('')
}

function drawOne(note: Annotation, area: Area, left: number, top: number): string {
  const { offset, from, text: words } = note
  const color = note.color === undefined ? ink.text : checkColor(note.color)
  const tip: Place = [left + area.x(note.x), top + area.y(note.y)]
  const tail: Place = from
    ? [left + area.x(from[0]), top + area.y(from[1])]
    : [tip[0] + (offset?.[0] ?? 0), tip[1] + (offset?.[1] ?? 0)]
  if ([...tip, ...tail].some((v) => !Number.isFinite(v))) return ''
  const arrow = from || offset ? drawArrow(tail, tip, color, from ? 0 : 5) : ''
  if (words === undefined) return arrow
  const [x, y] = from ? tip : tail
  const away: Place = from ? [tip[0] - tail[0], tip[1] - tail[1]] : (offset ?? [0, 0])
  const anchor = note.anchor ?? anchorFor(away)
  const below = anchor === 'middle' ? (away[1] > 0 ? 12 : away[1] < 0 ? -4 : 4) : 4
  const aside = anchor === 'start' ? 4 : anchor === 'end' ? -4 : 0
  return arrow + text(x + aside, y + below, words, { size: 12, color, anchor, halo: note.color === undefined })
}

/** The end of a text that is nearer to where its arrow comes from. */
function anchorFor([across, up]: Place): 'start' | 'middle' | 'end' {
  if (across === 0 || Math.abs(across) < 2 * Math.abs(up)) return 'middle'
  return across > 0 ? 'start' : 'end'
}

type Place = readonly [number, number]

/** A straight arrow that ends `gap` pixels before its tip. */
export function drawArrow(tail: Place, tip: Place, color: string, gap = 0, width = 1.4): string {
  const length = Math.hypot(tip[0] - tail[0], tip[1] - tail[1])
  if (length <= gap + 1) return ''
  const [ux, uy] = [(tip[0] - tail[0]) / length, (tip[1] - tail[1]) / length]
  const end: Place = [tip[0] - ux * gap, tip[1] - uy * gap]
  const head = Math.min(4 + 3 * width, length - gap)
  const neck: Place = [end[0] - ux * head, end[1] - uy * head]
  const half = head * 0.42
  const shaft = tag('path', {
    d: `M${px(tail[0])},${px(tail[1])}L${px(neck[0])},${px(neck[1])}`,
    stroke: color,
    'stroke-width': width,
    fill: 'none',
  })
  const corner = (side: number): string => `${px(neck[0] - side * uy * half)},${px(neck[1] + side * ux * half)}`
  return shaft + tag('path', { d: `M${px(end[0])},${px(end[1])}L${corner(1)}L${corner(-1)}z`, fill: color })
}
