/** A figure that is redrawn while a loop runs, such as a line that a perceptron moves. */
import { activeDisplays, type ActiveDisplay, type FinishReason } from './active.js'
import type { Figure } from './figure.js'
import { LiveDisplay, type LiveOptions } from './live.js'

/** One display that shows the newest of many figures; interactive when the cell has ended. */
export class LiveFigure implements ActiveDisplay {
  private newest: Figure | (() => Figure) | undefined
  private readonly live: LiveDisplay

  constructor(options: LiveOptions = {}) {
    this.live = new LiveDisplay(options)
  }

  /**
   * Shows this figure in place of the one before. Faster calls than the display's interval skip figures, never the last. A
   * function is called only for the figures that are shown, so that a loop does not pay for the others.
   * @example view.update(() => plot.decisionBoundary(perceptron, x, y))
   */
  update(figure: Figure | (() => Figure)): void {
    this.newest = figure
    activeDisplays.add(this)
    if (this.live.plain || !this.live.due(this.live.now())) return
    this.live.draw(() => {
      const drawn = made(figure)
      return { 'image/svg+xml': drawn.toSvg(), 'text/plain': drawn.toString() }
    })
  }

  /** Shows the last figure in its interactive form. Without it the end of the cell does so. */
  end(): void {
    this.finish('done')
  }

  /** A stopped loop keeps its last figure: how it ended does not change what the figure says. */
  finish(_reason: FinishReason): void {
    activeDisplays.delete(this)
    if (!this.newest) return
    const newest = made(this.newest)
    this.newest = undefined
    if (this.live.plain) this.live.print(newest.toString())
    else this.live.draw(() => newest.toBundle())
  }
}

function made(figure: Figure | (() => Figure)): Figure {
  return typeof figure === 'function' ? figure() : figure
}

/** A figure to redraw in a loop: `const view = plot.live()`, then `view.update(plot.line(…))` as often as you like. */
export function live(options: LiveOptions = {}): LiveFigure {
  return new LiveFigure(options)
}
