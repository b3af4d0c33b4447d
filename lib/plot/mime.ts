/**
 * What every picture in this library turns into: a MIME bundle, and the sink that shows it.
 * The library never speaks to Jupyter. A kernel installs a sink; without one, text goes to standard output.
 */

/** MIME type → data: strings for text and base64 images, plain objects for JSON types. */
export type MimeBundle = Record<string, unknown>

/** Jupyter's hook: an object with this method shows itself as the returned bundle (or a promise of it). */
export const displayHook: unique symbol = Symbol.for('Jupyter.display') as never

/** A value that shows itself as a MIME bundle. */
export interface Displayable {
  [displayHook](): MimeBundle | Promise<MimeBundle>
}

/** Receives the displays of a running cell. */
export interface DisplaySink {
  /** True when only text is shown and updates are not: live displays then print lines of their own. */
  readonly plain?: boolean
  /** Shows a bundle; with a displayId it can be updated later. */
  display(bundle: MimeBundle, displayId?: string): void
  /** Replaces what was shown under displayId. */
  update(bundle: MimeBundle, displayId: string): void
}

/** Without a kernel: the plain text, updates left out so that a log stays readable. */
const plainSink: DisplaySink = {
  plain: true,
  display: ({ 'text/plain': text }) => console.log(typeof text === 'string' ? text : ''),
  update: () => {},
}

let sink: DisplaySink = plainSink

/** Installs where displays go; null returns to plain text. */
export function setDisplaySink(next: DisplaySink | null): void {
  sink = next ?? plainSink
}

/** Where displays are sent: a notebook cell, or nowhere. */
export function displaySink(): DisplaySink {
  return sink
}
