/** Outputs of executed cells → HTML. Interactive figures are drawn by the page's script over their still picture. */
import { stripVTControlCharacters } from 'node:util'
import type { Output } from '../notebook-outputs.js'
import type { Json } from '../wire/messages.js'
import { escapeHtml, renderMarkdown } from './markdown.js'

const plotly = 'application/vnd.plotly.v1+json'

/** Texts may be stored line by line. */
const joined = (text: unknown): string => (Array.isArray(text) ? text.join('') : String(text))

const pre = (kind: string, text: string): string =>
  `<pre class="${kind}">${escapeHtml(stripVTControlCharacters(text))}</pre>`

/** JSON inside a script element: a string with `</script>` must not end it. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

/** MIME types that a page can show, best first. */
const shown: [string, (data: unknown) => string][] = [
  ['text/html', (html) => joined(html)],
  ['image/svg+xml', (svg) => joined(svg)],
  ['image/png', (png) => `<img alt="" src="data:image/png;base64,${joined(png).trim()}">`],
  ['image/jpeg', (jpeg) => `<img alt="" src="data:image/jpeg;base64,${joined(jpeg).trim()}">`],
  ['text/markdown', (text) => renderMarkdown(joined(text), [])],
  ['text/plain', (text) => pre('plain', joined(text))],
]

function bundleHtml(data: Json): string {
  const still = shown.find(([mime]) => mime in data)
  const picture = still ? still[1](data[still[0]]) : ''
  if (!(plotly in data)) return picture
  return `<div class="figure">${picture}<script type="application/json">${inScript(data[plotly])}</script></div>`
}

export function outputHtml(output: Output): string {
  switch (output.output_type) {
    case 'stream':
      return pre(joined(output['name']), joined(output['text']))
    case 'error':
      return pre('error', joined((output['traceback'] as string[]).join('\n')))
    default:
      return bundleHtml(output['data'] as Json)
  }
}
