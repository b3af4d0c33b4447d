/** Every display in a real browser: plotly takes it without a complaint, and no text of an SVG is cut off. */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import type { MimeBundle } from '../../lib/plot/mime.js'
import { plotlyMime } from '../../lib/plot/render-plotly.js'
import { gallery } from '../plot/gallery.js'
import { mute } from '../plot/support.js'
import { setDisplaySink } from '../../lib/plot/mime.js'
import { browserPath, browserReason, openBrowser, picture } from '../support/browser.js'
import { needs } from '../support/needs.js'

const plotlyFile = createRequire(import.meta.url).resolve('plotly.js/dist/plotly.min.js')

/** What the page's own code does; a string, since it runs in the browser. */
const drawAll = `(async (figures) => {
  for (const [name, figure] of Object.entries(figures)) {
    const place = document.body.appendChild(document.createElement('div'))
    place.id = name
    await Plotly.newPlot(place, figure)
  }
})`

/** Texts that reach over the edge of their picture, with the name of the picture. */
const cutTexts = `(() => [...document.querySelectorAll('body > section')].flatMap((section) => {
  const box = section.querySelector('svg').getBoundingClientRect()
  return [...section.querySelectorAll('text')].flatMap((text) => {
    const own = text.getBoundingClientRect()
    const out = own.width > 0 && (own.left < box.left - 1 || own.right > box.right + 1 || own.top < box.top - 1 || own.bottom > box.bottom + 1)
    return out ? [section.id + ': ' + text.textContent] : []
  })
}))()`

describe('displays in a browser', function () {
  this.timeout(120_000)
  let bundles: Record<string, MimeBundle>
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  before(async function () {
    needs(this, 'browser', browserPath !== undefined, browserReason)
    mute()
    bundles = gallery()
    setDisplaySink(null)
    browser = await openBrowser()
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('dialog', (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
  })

  afterEach(() => assert.deepEqual(complaints.splice(0), []))

  after(async () => {
    await browser?.close()
  })

  it('are drawn by plotly', async () => {
    // Surfaces need WebGL, which a machine without a screen may lack.
    const flat = Object.entries(bundles).flatMap(([name, bundle]) => {
      const figure = bundle[plotlyMime] as { data: { type: string }[] } | undefined
      return figure && !figure.data.some(({ type }) => type === 'surface') ? [[name, figure] as const] : []
    })
    await page.setContent('<!doctype html><body></body>')
    await page.addScriptTag({ path: plotlyFile })
    await page.evaluate(`${drawAll}(${JSON.stringify(Object.fromEntries(flat))})`)
    assert.equal(await page.locator('.js-plotly-plot').count(), flat.length)
    await picture(page, 'displays-plotly')
  })

  it('move at the slider', async () => {
    const lineOf = (): Promise<string | null> => page.locator('#animation .scatterlayer path.js-line').getAttribute('d')
    const before = await lineOf()
    const box = await page.locator('#animation .slider-rail-touch-rect').boundingBox()
    assert.ok(box)
    await page
      .locator('#animation .slider-rail-touch-rect')
      .click({ position: { x: box.width - 2, y: box.height / 2 } })
    await page.waitForFunction(
      `document.querySelector('#animation .scatterlayer path.js-line').getAttribute('d') !== ${JSON.stringify(before)}`,
    )
    assert.match((await page.locator('#animation .slider-label').first().textContent()) ?? '', /epoch 4/)
  })

  it('keep every text inside as SVG', async () => {
    const sections = Object.entries(bundles).flatMap(([name, bundle]) =>
      'image/svg+xml' in bundle ? [`<section id="${name}">${String(bundle['image/svg+xml'])}</section>`] : [],
    )
    await page.setContent(`<!doctype html><body>${sections.join('')}</body>`)
    assert.deepEqual(await page.evaluate(cutTexts), [])
    await picture(page, 'displays-svg')
  })

  it('unfold as HTML', async () => {
    await page.setContent(
      `<!doctype html><body>${['tensor', 'module', 'summary'].map((name) => String(bundles[name]['text/html'])).join('')}</body>`,
    )
    await page.locator('summary', { hasText: 'heat map' }).click()
    assert.ok(await page.locator('img[alt="heat map"]').isVisible())
    assert.ok(await page.getByText('MaxPool2d').first().isVisible())
  })
})
