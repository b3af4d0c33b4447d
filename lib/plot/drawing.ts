/** A picture without axes: SVG, a line of text, and a file. */
import type { MimeBundle } from './mime.js'
import { Picture } from './picture.js'
import { page, saveAs } from './save.js'

/** A diagram that shows itself as SVG. */
export class Drawing extends Picture {
  constructor(
    private readonly svg: string,
    private readonly text: string,
    private readonly title = 'Drawing',
  ) {
    super()
  }

  /** The drawing as a standalone SVG document. */
  toSvg(): string {
    return this.svg
  }

  override toBundle(): MimeBundle {
    return { 'image/svg+xml': this.svg, 'text/plain': this.text }
  }

  override toString(): string {
    return this.text
  }

  /** Writes the drawing as `.svg` or `.html` and returns the absolute path; whole or not at all. */
  override save(path: string): string {
    return saveAs(path, { '.svg': () => this.svg, '.html': () => page(this.title, this.svg) })
  }
}
