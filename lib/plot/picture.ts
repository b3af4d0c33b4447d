/** What every picture can do: show itself in a notebook, in a terminal, on request, and as a file. */
import { displayHook, displaySink, type Displayable, type MimeBundle } from './mime.js'

const inspect = Symbol.for('nodejs.util.inspect.custom')

export abstract class Picture implements Displayable {
  /** All forms of the picture; the front end takes the best that it knows. */
  abstract toBundle(): MimeBundle

  /** A summary in plain text. */
  abstract toString(): string

  /** Writes the picture to a file, whole or not at all, and returns its absolute path. */
  abstract save(path: string): string

  /** Shows the picture now, for the middle of a cell; the last expression of a cell shows itself. */
  show(): void {
    displaySink().display(this.toBundle())
  }

  [displayHook](): MimeBundle {
    return this.toBundle()
  }

  /** What console.log prints. */
  [inspect](): string {
    return this.toString()
  }
}
