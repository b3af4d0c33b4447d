/** What the tests of pictures share: a sink that records, a clock that is set by hand, a check of XML, hostile strings. */
import assert from 'node:assert/strict'
import { setDisplaySink, type MimeBundle } from '../../lib/plot/mime.js'

export interface Shown {
  kind: 'display' | 'update'
  id: string | undefined
  bundle: MimeBundle
}

/** Runs `body` with a sink that records what is shown; plain sinks show text only. */
export async function recorded(body: (shown: Shown[]) => void | Promise<void>, plain = false): Promise<Shown[]> {
  const shown: Shown[] = []
  setDisplaySink({
    plain,
    display: (bundle, id) => shown.push({ kind: 'display', id, bundle }),
    update: (bundle, id) => shown.push({ kind: 'update', id, bundle }),
  })
  try {
    await body(shown)
  } finally {
    setDisplaySink(null)
  }
  return shown
}

/** Shows nothing until the next `recorded` ends. */
export function mute(): void {
  setDisplaySink({ display: () => {}, update: () => {} })
}

export class Clock {
  time = 0
  readonly now = (): number => this.time
}

/** Strings that break out of careless markup. */
export const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'/><svg onload=alert(1)>",
  ']]><!--',
  '&lt;b&gt; & <b>',
  'a\u0000b\u001b[31m\ud800',
  '</title><iframe src="javascript:alert(1)">',
]

const elements = new Set(['svg', 'g', 'rect', 'path', 'text', 'image', 'title'])
const name = /^[a-zA-Z][\w:-]*$/

/** Throws unless `xml` is well formed and holds nothing but the elements and attributes that pictures are made of. */
export function assertSafeSvg(xml: string): void {
  const open: string[] = []
  let at = 0
  for (const match of xml.matchAll(/<(\/?)([^\s/>]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    assert.match(xml.slice(at, match.index), /^[^<>]*$/, 'no stray markup between elements')
    at = match.index + match[0].length
    const [, closing, element = '', attributes = '', empty] = match
    assert.ok(name.test(element) && elements.has(element), `unexpected element <${element}>`)
    for (const [, key = '', value = ''] of attributes.matchAll(/([\w:-]+)="([^"]*)"/g)) {
      assert.ok(!/^on/i.test(key) && key !== 'id', `unexpected attribute ${key}`)
      if (key === 'href') assert.match(value, /^data:image\/png;base64,/)
    }
    if (closing) assert.equal(open.pop(), element)
    else if (!empty) open.push(element)
  }
  assert.equal(xml.slice(at).trim(), '')
  assert.deepEqual(open, [])
  assert.doesNotMatch(xml, /&(?!#\d+;)/, 'every ampersand is an escape')
  assert.doesNotMatch(xml, /NaN|Infinity|undefined|\[object/, 'no value leaked into the markup')
  // eslint's rule on control characters is about typing errors; here they are what is looked for.
  const forbidden = [...xml].filter((c) => {
    const code = c.codePointAt(0) ?? 0
    return (code < 32 && ![9, 10, 13].includes(code)) || (code >= 0xd800 && code <= 0xdfff)
  })
  assert.deepEqual(forbidden, [])
}

/** The SVG of something shown. */
export function svgOf(shown: Shown | undefined): string {
  return String(shown?.bundle['image/svg+xml'])
}
