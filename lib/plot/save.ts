/**
 * Pictures as files, each in the format of its name's ending. An .html file carries plotly.js in itself and needs no network.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, extname, resolve } from 'node:path'
import { writeAtomically } from '../io/files.js'
import type { PlotlyFigure } from './render-plotly.js'
import { escapeXml } from './svg.js'

/** How to make the contents of a file, by its ending. */
export type Writers = Record<string, () => string | Uint8Array>

/**
 * Writes a file in the format of its name's ending and returns its absolute path. The file appears whole or not at all.
 * Throws RangeError for an unknown ending or a missing folder, naming both.
 */
export function saveAs(path: string, writers: Writers): string {
  const target = resolve(path)
  const writer = writers[extname(target).toLowerCase()]
  if (!writer) {
    throw new RangeError(
      `cannot save ${JSON.stringify(basename(target))}: its name must end in ${Object.keys(writers).join(' or ')}`,
    )
  }
  if (!existsSync(dirname(target))) {
    throw new RangeError(
      `cannot save ${basename(target)}: the folder ${dirname(target)} does not exist; create it first`,
    )
  }
  const contents = writer()
  writeAtomically('save', target, (sink) => sink(typeof contents === 'string' ? Buffer.from(contents) : contents))
  return target
}

/** A page with one interactive figure that works without a network. */
export function plotlyPage(figure: PlotlyFigure, title: string): string {
  return page(
    title,
    `<div id="figure"></div>
<script>${inlineScript(readFileSync(plotlyFile(figure), 'utf8'))}</script>
<script id="data" type="application/json">${inlineJson(figure)}</script>
<script>const f = JSON.parse(document.getElementById('data').textContent); Plotly.newPlot('figure', f)</script>`,
  )
}

/** A page with markup of our own, such as a grid of images. */
export function page(title: string, body: string): string {
  const policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>${escapeXml(title)}</title></head>
<body style="margin:24px;background:#fff">
${body}
</body>
</html>
`
}

/** The smallest of plotly's bundles that draws every trace. */
function plotlyFile(figure: PlotlyFigure): string {
  const kinds = new Set(figure.data.map((trace) => trace['type']))
  const has = (...known: string[]) => [...kinds].every((kind) => known.includes(String(kind)))
  const bundle = has('scatter', 'bar')
    ? 'plotly-basic'
    : has('scatter', 'bar', 'heatmap', 'contour')
      ? 'plotly-cartesian'
      : has('scatter', 'surface', 'scatter3d')
        ? 'plotly-gl3d'
        : 'plotly'
  return createRequire(import.meta.url).resolve(`plotly.js/dist/${bundle}.min.js`)
}

/** Script text that the HTML parser cannot mistake for the end of the script or a comment. */
export function inlineScript(code: string): string {
  return code.replace(/<(?=\/script|script|!--)/gi, '\\x3c')
}

/** JSON for inside a <script>: no `<` is left, so nothing in it can end the element. */
export function inlineJson(value: unknown): string {
  return JSON.stringify(value).replace(/</g, '\\u003c')
}
