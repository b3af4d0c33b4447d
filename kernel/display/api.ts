/** `display`, as every cell sees it. */
import { randomUUID } from 'node:crypto'
import { displayHook, type Displayable, type MimeBundle } from '../../lib/plot/mime.js'
import { clearOutput, showValue } from './channel.js'

export interface DisplayOptions {
  /** The value is a MIME bundle (MIME type → data) and is sent as it is. Default: false. */
  raw?: boolean
  /** Replace what was shown under `display_id` instead of showing anew. Default: false. */
  update?: boolean
  /** Name for later updates. Default: a fresh one, known to the returned handle. */
  display_id?: string
  /** Metadata of the bundle, by MIME type. Default: none. */
  metadata?: Record<string, unknown>
}

/** Something shown that can be replaced by something else. */
export interface DisplayHandle extends Displayable {
  readonly display_id: string
  /** Shows `value` in place of what is there, wherever the front end shows it. */
  update(value: unknown, options?: Pick<DisplayOptions, 'raw' | 'metadata'>): void
}

export interface Display {
  /**
   * Shows any value below the cell, at once, as the cell's last expression would be shown.
   *
   * A value shows itself by a method `[Symbol.for('Jupyter.display')]()` that returns a MIME bundle or a promise of
   * one; `_toMime`, `_toHtml`, `_toSvg`, `_toPng` and `_toJpeg` are honoured too. Other values are shown as text.
   * @returns a handle whose `update` replaces what was shown
   * @throws TypeError if a bundle is not an object from MIME types to data
   */
  (value: unknown, options?: DisplayOptions): DisplayHandle
  /** Shows text as HTML. */
  html(text: string): DisplayHandle
  /** Shows text as Markdown, with formulas between dollar signs. */
  markdown(text: string): DisplayHandle
  /** Shows a LaTeX formula, dollar signs included. */
  latex(text: string): DisplayHandle
  /** Shows an SVG picture given as text. */
  svg(text: string): DisplayHandle
  /** Runs JavaScript in the front end, where it allows that. */
  javascript(text: string): DisplayHandle
  /** Shows plain text. */
  text(text: string): DisplayHandle
  /** Shows a value as a tree that can be unfolded. */
  json(value: unknown): DisplayHandle
  /** Shows a PNG image given as bytes or as base64. */
  png(image: Uint8Array | string): DisplayHandle
  /** Shows a JPEG image given as bytes or as base64. */
  jpeg(image: Uint8Array | string): DisplayHandle
  /** Shows a GIF image given as bytes or as base64. */
  gif(image: Uint8Array | string): DisplayHandle
  /** Removes what the cell has shown so far; with `wait: true` only when the next output comes, so that nothing flickers. */
  clear(options?: { wait?: boolean }): void
}

function show(value: unknown, options: DisplayOptions = {}): DisplayHandle {
  const { raw = false, update = false, display_id = randomUUID(), metadata = {} } = options
  showValue(value, { displayId: display_id, update, raw, metadata })
  return {
    display_id,
    update: (next, { raw = false, metadata = {} } = {}) =>
      showValue(next, { displayId: display_id, update: true, raw, metadata }),
    // As the last expression of a cell, the handle adds nothing to what is already shown.
    [displayHook]: () => ({}),
  }
}

const as = (mime: string) => (data: unknown) => show({ [mime]: data } satisfies MimeBundle, { raw: true })

export const display: Display = Object.assign(show, {
  html: as('text/html'),
  markdown: as('text/markdown'),
  latex: as('text/latex'),
  svg: as('image/svg+xml'),
  javascript: as('application/javascript'),
  text: as('text/plain'),
  json: as('application/json'),
  png: as('image/png'),
  jpeg: as('image/jpeg'),
  gif: as('image/gif'),
  clear: ({ wait = false }: { wait?: boolean } = {}) => clearOutput(wait),
})
