/**
 * `import * as tslab from 'tslab'`: what notebooks written for tslab's own kernel import to show things, with its names and
 * its meaning, on this kernel's displays.
 */
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { display as show } from './api.js'

/** Shows things below the cell. New notebooks use the preloaded `display`. */
export interface Display {
  /** Runs JavaScript in the front end, where it allows that. */
  javascript(s: string): void
  /** Shows text as HTML. */
  html(s: string): void
  /** Shows text as Markdown. */
  markdown(s: string): void
  /** Shows a LaTeX formula, dollar signs included. */
  latex(s: string): void
  /** Shows an SVG picture given as text. */
  svg(s: string): void
  /** Shows a PNG image. */
  png(b: Uint8Array): void
  /** Shows a JPEG image. */
  jpeg(b: Uint8Array): void
  /** Shows a GIF image. */
  gif(b: Uint8Array): void
  /** Shows a PDF document. */
  pdf(b: Uint8Array): void
  /** Shows plain text. */
  text(s: string): void
  /** Shows data of any MIME type; bytes are sent as base64. */
  raw(contentType: string, b: string | Uint8Array): void
}

function makeDisplay(raw: Display['raw']): Display {
  const as = (mime: string) => (data: string | Uint8Array) => raw(mime, data)
  return {
    javascript: as('text/javascript'),
    html: as('text/html'),
    markdown: as('text/markdown'),
    latex: as('text/latex'),
    svg: as('image/svg+xml'),
    png: as('image/png'),
    jpeg: as('image/jpeg'),
    gif: as('image/gif'),
    pdf: as('application/pdf'),
    text: as('text/plain'),
    raw,
  }
}

/** Shows each thing below the one before. */
export const display: Display = makeDisplay((mime, data) => void show({ [mime]: data }, { raw: true }))

/** A display whose things take the place of one another. */
export function newDisplay(): Display {
  const display_id = randomUUID()
  let update = false
  return makeDisplay((mime, data) => {
    show({ [mime]: data }, { raw: true, update, display_id })
    update = true
  })
}

const require = createRequire(import.meta.url)
const version = (file: string) => (require(file) as { version: string }).version

/** Versions of tslab, whose language service is used here, of TypeScript and of Node. */
export const versions = {
  tslab: version('tslab/package.json'),
  typescript: version('typescript/package.json'),
  node: process.version,
}
