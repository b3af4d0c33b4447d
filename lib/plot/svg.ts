/**
 * The few words of SVG that pictures are written in. Everything that comes from a user passes `escapeXml` here and
 * nowhere else. No ids, no style sheets, no external fonts: many pictures share one page, and front ends strip those.
 */

/** Named in order of preference; the last ones carry Chinese labels. */
export const fontFamily =
  "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif"

/** Ink of every picture, dark on a white card so that light and dark themes both stay readable. */
export const ink = {
  text: '#1f2937',
  label: '#4b5563',
  faint: '#6b7280',
  axis: '#9ca3af',
  grid: '#e9ebee',
  card: '#ffffff',
  border: '#e5e7eb',
} as const

type Attribute = string | number | undefined | false

/** Text made safe for element content and quoted attributes; characters that XML forbids are replaced. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}

/** A coordinate with one decimal and no needless characters: pictures are sent many times while training. */
export function px(value: number): string {
  const rounded = Math.round(value * 10) / 10
  return Object.is(rounded, -0) ? '0' : String(rounded)
}

/** An element; undefined and false attributes are left out, numbers are rounded, text is escaped. `children` is markup. */
export function tag(name: string, attributes: Record<string, Attribute>, children = ''): string {
  let head = `<${name}`
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    head += ` ${key}="${typeof value === 'number' ? formatAttribute(value) : escapeXml(value)}"`
  }
  return children === '' ? `${head}/>` : `${head}>${children}</${name}>`
}

export interface TextStyle {
  size?: number
  color?: string
  anchor?: 'start' | 'middle' | 'end'
  weight?: number
  /** Degrees, about the text's own position. */
  rotate?: number
  /** Digits of equal width, for tables and counters. */
  tabular?: boolean
  /** A white rim, for text on a picture. */
  halo?: boolean
}

/** One line of text with its baseline at y. What is not given is inherited from the group or the document. */
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { rotate } = style
  const turn = rotate === undefined ? undefined : `rotate(${rotate} ${px(x)} ${px(y)})`
  return tag('text', { x, y, ...textAttributes(style), transform: turn }, escapeXml(content) || ' ')
}

/** Texts that share a style: pictures with many labels stay small. */
export function textGroup(style: TextStyle, children: string): string {
  return children === '' ? '' : tag('g', textAttributes(style), children)
}

function textAttributes({ size, color, anchor, weight, tabular, halo }: TextStyle): Record<string, Attribute> {
  return {
    'font-size': size,
    fill: color,
    'text-anchor': anchor,
    'font-weight': weight,
    style: tabular ? 'font-variant-numeric:tabular-nums' : undefined,
    ...(halo && { 'paint-order': 'stroke', stroke: ink.card, 'stroke-width': 3, 'stroke-linejoin': 'round' }),
  }
}

/** Pixels that a notebook's column has on a common screen. */
const widest = 900

/** A whole picture on its white card. `label` is read out by screen readers. */
export function svgDocument(width: number, height: number, body: string, label: string): string {
  const w = Math.round(width)
  const h = Math.round(height)
  // JupyterLab shows a picture at its own size and cuts off what does not fit: a wide one is scaled.
  const scale = Math.min(1, widest / w)
  const card = tag('rect', { x: 0.5, y: 0.5, width: w - 1, height: h - 1, rx: 6, fill: ink.card, stroke: ink.border })
  return tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: Math.round(w * scale),
      height: Math.round(h * scale),
      viewBox: `0 0 ${w} ${h}`,
      role: 'img',
      'aria-label': label,
      'font-family': fontFamily,
      // What texts inherit; shapes name their own fill.
      'font-size': 11,
      fill: ink.label,
      style: 'max-width:100%;height:auto',
    },
    card + body,
  )
}

/** Estimated width in pixels: no font can be measured here. East Asian characters are one em wide. */
export function textWidth(content: string, size: number): number {
  let ems = 0
  for (const c of content) {
    const code = c.codePointAt(0) ?? 0
    if (code >= 0x1100 && (code <= 0x115f || (code >= 0x2e80 && code <= 0xff60) || code >= 0x1f300)) ems += 1
    else if (/[ilj.,:;'|!()[\]{}]/.test(c)) ems += 0.3
    else if (/[mwMW@%]/.test(c)) ems += 0.87
    else ems += /[A-Z]/.test(c) ? 0.68 : 0.59
  }
  return ems * size
}

/** `content` cut with an ellipsis so that it fits `width` pixels. */
export function fitText(content: string, size: number, width: number): string {
  if (textWidth(content, size) <= width) return content
  const characters = [...content]
  while (characters.length > 1 && textWidth(characters.join('') + '…', size) > width) characters.pop()
  return characters.join('') + '…'
}

function formatAttribute(value: number): string {
  return String(Math.round(value * 100) / 100)
}
