/** The whole line in a real browser: JupyterLab opens the first notebook, trains, stops, completes and explains. */
import assert from 'node:assert/strict'
import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { venvIsFresh } from '../../kernel/commands/python-environment.js'
import { packageRoot } from '../../lib/device/addon.js'
import { browserPath, browserReason, openBrowser, picture } from '../support/browser.js'
import { temporaryFolders } from '../support/folders.js'
import { startLab } from '../support/lab.js'
import type { Lab } from '../support/lab.js'
import { needs } from '../support/needs.js'
import { NotebookPage } from '../support/notebook-page.js'
import type { Output } from '../support/notebook-page.js'

const name = '03-4-digits.ipynb'

/** What an output says as plain text. */
const textOf = ({ text, data }: Output): string => [text ?? data?.['text/plain'] ?? []].flat().join('')

describe('JupyterLab', function () {
  this.timeout(300_000)
  const newFolder = temporaryFolders()
  let home: string
  let file: string
  let lab: Lab | undefined
  let browser: Browser | undefined
  let notebook: NotebookPage

  before(async function () {
    needs(this, 'lab', venvIsFresh(), '.venv could not be made, see above')
    needs(this, 'browser', browserPath !== undefined, browserReason)
    home = newFolder()
    const folder = newFolder()
    file = join(folder, name)
    copyFileSync(join(packageRoot(), 'notebooks', name), file)
    lab = await startLab({ folder, env: { HOME: home, GRADBOOK_EPOCHS: '1' } })
    browser = await openBrowser()
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } })
    notebook = await NotebookPage.open(page, lab, name)
  })

  afterEach(async function () {
    if (this.currentTest?.isFailed() && notebook) await picture(notebook.page, 'failed')
  })

  after(async () => {
    await browser?.close()
    await lab?.stop()
  })

  it('opens the notebook with our kernel', async () => {
    const kernel = await notebook.page.locator('.jp-NotebookPanel-toolbar .jp-Toolbar-kernelName').innerText()
    assert.equal(kernel, 'TypeScript (gradbook)')
  })

  it('trains the first network: the curve grows, the accuracy is printed, nothing fails', async () => {
    await notebook.watchCurves()
    await notebook.runAll()
    const training = notebook.codeCells().filter({ hasText: 'plot.dashboard' })
    await notebook.show(training.locator('.jp-RenderedSVG'), 120_000)
    await picture(notebook.page, 'training')
    // The last cell is a folded solution, whose prompt is hidden; the check above it is the last to be seen.
    await notebook.finished(notebook.codeCells().filter({ hasText: 'check.close' }).first(), 240_000)
    await notebook.show(training.locator('.js-plotly-plot'))
    await picture(notebook.page, 'trained')
    assert.ok((await notebook.curvesSeen()) >= 2, 'the curve was drawn only once')

    const outputs = (await notebook.savedCells(file)).flatMap((cell) => cell.outputs ?? [])
    assert.deepEqual(
      outputs.filter(({ output_type }) => output_type === 'error').map(({ evalue }) => evalue),
      [],
    )
    assert.deepEqual(outputs.filter((output) => output.name === 'stderr').map(textOf), [])
    assert.match(outputs.map(textOf).join('\n'), /accuracy[^\n]*9\d(\.\d+)? ?%/i)
  })

  it('stops an endless loop with the stop button; variables survive', async () => {
    await notebook.runCell('let survivor = 41')
    const loop = await notebook.startCell('while (true) {}')
    await notebook.busy()
    await notebook.interrupt()
    await notebook.finished(loop)
    assert.match(await loop.locator('.jp-OutputArea-output').innerText(), /Interrupt/i)
    assert.equal(await notebook.runCell('survivor + 1'), '42')
    await picture(notebook.page, 'interrupted')
  })

  it('completes the names that every cell sees, and documents them on Shift-Tab', async () => {
    const { page } = notebook
    await notebook.addCell('nn.Linea')
    await page.keyboard.press('Tab')
    await page.locator('.jp-Completer-item', { hasText: 'Linear' }).first().waitFor()
    await picture(page, 'completion')
    await page.keyboard.press('Enter')
    await page.locator('.jp-CodeCell.jp-mod-active .cm-content', { hasText: 'nn.Linear' }).waitFor()
    await page.keyboard.press('Shift+Tab')
    const tooltip = page.locator('.jp-Tooltip')
    await tooltip.waitFor()
    await picture(page, 'tooltip')
    assert.match(await tooltip.innerText(), /class .*Linear/)
    await page.keyboard.press('Escape')
  })

  it('stops on Ctrl-C and has left nothing in the home directory', async () => {
    assert.equal(await lab?.stop(), 0)
    assert.deepEqual(readdirSync(home), [])
  })
})
