/** A model at the end of a cell: its layers as a tree to fold. */
import { Module } from '../nn/module.js'
import { fixed } from './format.js'
import { displayHook, type MimeBundle } from './mime.js'
import { escapeXml } from './svg.js'

/** Modules shown at most. */
const mostModules = 1000

/** Levels that are open at first. */
const openLevels = 2

/** All forms of a module: the text is PyTorch's listing. */
export function moduleBundle(module: Module): MimeBundle {
  let left = mostModules
  const tree = (name: string, part: Module, above: readonly Module[]): string => {
    if (left-- <= 0) return ''
    const label = name === '' ? '' : `<span style="opacity:0.65">${escapeXml(name)}: </span>`
    const extra = part.extraRepr()
    const settings = extra === '' ? '' : `<span style="opacity:0.8">(${escapeXml(extra)})</span>`
    const count = part.parameters().reduce((sum, parameter) => sum + parameter.numel(), 0)
    const frozen = count > 0 && part.parameters().every((parameter) => !parameter.requiresGrad) ? ', frozen' : ''
    const params =
      count === 0 ? '' : `<span style="opacity:0.6;font-size:11px"> · ${fixed(count, 0)} params${frozen}</span>`
    const head = `${label}<b style="font-weight:600">${escapeXml(part.constructor.name)}</b>${settings}${params}`
    // A module that contains itself is not followed.
    const children = above.includes(part) ? [] : part.namedChildren()
    if (children.length === 0) return `<div style="padding-left:16px">${head}</div>`
    const inside = children.map(([key, child]) => tree(key, child, [...above, part])).join('')
    const open = above.length < openLevels ? ' open' : ''
    return `<details${open}><summary style="cursor:pointer">${head}</summary><div style="padding-left:18px">${inside}</div></details>`
  }
  const body = tree('', module, [])
  const more = left < 0 ? `<div style="opacity:0.7">… and ${fixed(-left, 0)} more</div>` : ''
  const html = `<div style="font-family:monospace;font-size:13px;line-height:1.45">${body}${more}</div>`
  return { 'text/html': html, 'text/plain': module.toString() }
}

Object.defineProperty(Module.prototype, displayHook, {
  value(this: Module): MimeBundle {
    return moduleBundle(this)
  },
  configurable: true,
  writable: true,
})
