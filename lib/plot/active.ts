/**
 * The displays that are being drawn right now. Whoever runs cells calls `activeDisplays.finishAll(reason)` at the end of
 * each, so that a picture never claims to be running when its loop is gone, without a word in user code.
 */

/** How the cell ended. */
export type FinishReason = 'done' | 'interrupted' | 'error'

/** A display that still changes. */
export interface ActiveDisplay {
  /** Draws the last state, marked with the reason. Further steps may bring the display back to life. */
  finish(reason: FinishReason): void
}

const displays = new Set<ActiveDisplay>()

/** Displays that still change, such as a progress bar or a dashboard. */
export const activeDisplays = {
  /** Called by a display when it draws for the first time, and again when it goes on after its end. */
  add(display: ActiveDisplay): void {
    displays.add(display)
  },

  /** Called by a display that has ended by itself. */
  delete(display: ActiveDisplay): void {
    displays.delete(display)
  },

  get size(): number {
    return displays.size
  },

  /** Ends every running display. Never throws: a display that fails is reported as a warning of the process. */
  finishAll(reason: FinishReason): void {
    for (const display of [...displays]) {
      displays.delete(display)
      try {
        display.finish(reason)
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error))
      }
    }
  },
} as const
