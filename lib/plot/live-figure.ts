/** A figure that is redrawn while a loop runs, such as a line that a perceptron moves. */
import { activeDisplays, type ActiveDisplay, type FinishReason } from './active.js'
import type { Figure } from './figure.js'
import { LiveDisplay, type LiveOptions } from './live.js'

/** One display that shows the newest of many figures; interactive when the cell has ended. */
export class LiveFigure implements ActiveDisplay {
  private newest: Figure | undefined
  private readonly live: LiveDisplay

  constructor(options: LiveOptions = {}) {
    this.live = new LiveDisplay(options)
  }

  /** Shows this figure in place of the one before. Faster calls than the display's interval skip figures, never the last. */
  update(figure: Figure): void {
    this.newest = figure
    activeDisplays.add(this)
    if (this.live.plain || !this.live.due(this.live.now())) return
    this.live.draw(() => ({ 'image/svg+xml': figure.toSvg(), 'text/plain': figure.toString() }))
  }

  /** Shows the last figure in its interactive form. Without it the end of the cell does so. */
  end(): void {
    this.finish('done')
  }

  /** A stopped loop keeps its last figure: how it ended does not change what the figure says. */
  finish(_reason: FinishReason): void {
    activeDisplays.delete(this)
    const { newest } = this
    if (!newest) return
    this.newest = undefined
    if (this.live.plain) this.live.print(newest.toString())
    else this.live.draw(() => newest.toBundle())
  }
}

/** A figure to redraw in a loop: `const view = plot.live()`, then `view.update(plot.line(…))` as often as you like. */
export function live(options: LiveOptions = {}): LiveFigure {
  return new LiveFigure(options)
}
