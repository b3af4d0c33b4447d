/** Where `display` sends its values. The session installs itself here; before, and in plain Node, text is printed. */
import { toBundle } from './bundle.js'

export interface ShowOptions {
  displayId: string
  /** Replace what was shown under displayId. */
  update: boolean
  /** The value is a MIME bundle itself. */
  raw: boolean
  metadata: Record<string, unknown>
}

export type Show = (value: unknown, options: ShowOptions) => void
export type Clear = (wait: boolean) => void

let show: Show = (value, { raw, update }) => {
  if (update) return
  void Promise.resolve(toBundle(value, { raw })).then(({ data }) => console.log(data['text/plain']))
}

let clear: Clear = () => {}

export function installDisplay(nextShow: Show, nextClear: Clear): void {
  show = nextShow
  clear = nextClear
}

export function clearOutput(wait: boolean): void {
  clear(wait)
}

export function showValue(value: unknown, options: ShowOptions): void {
  show(value, options)
}
