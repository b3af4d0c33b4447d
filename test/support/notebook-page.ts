/** A notebook open in JupyterLab, used as a person does: by its menu, its buttons and the keyboard. */
import { readFileSync } from 'node:fs'
import type { Locator, Page } from 'playwright-core'
import type { Lab } from './lab.js'

export interface Output {
  output_type: 'stream' | 'display_data' | 'execute_result' | 'error'
  name?: string
  text?: string | string[]
  /** Texts are lists of lines in a file; other types are not looked at. */
  data?: Record<string, string | string[]>
  ename?: string
  evalue?: string
  traceback?: string[]
}

export interface Cell {
  cell_type: string
  execution_count: number | null
  outputs?: Output[]
}

export class NotebookPage {
  constructor(readonly page: Page) {}

  /** Opens the file and waits until its kernel is idle for the first time. */
  static async open(page: Page, lab: Lab, path: string): Promise<NotebookPage> {
    await page.goto(lab.fileAddress(path))
    const notebook = new NotebookPage(page)
    await page.locator('.jp-Notebook .jp-Cell').first().waitFor()
    await notebook.idle()
    return notebook
  }

  /** The status bar's word; the notebook's own indicator says idle even before there is a kernel. */
  private async status(word: string, timeout: number): Promise<void> {
    await this.page.locator('#jp-main-statusbar', { hasText: `| ${word}` }).waitFor({ timeout })
  }

  idle(timeout = 60_000): Promise<void> {
    return this.status('Idle', timeout)
  }

  busy(timeout = 10_000): Promise<void> {
    return this.status('Busy', timeout)
  }

  /** Waits until a cell that was started has its number. */
  async finished(cell: Locator, timeout = 60_000): Promise<void> {
    await cell.locator('.jp-InputPrompt', { hasText: /\[\d+\]/ }).waitFor({ timeout })
  }

  async menu(menu: string, item: string): Promise<void> {
    await this.page.locator('.lm-MenuBar-item', { hasText: new RegExp(`^${menu}$`) }).click()
    await this.page
      .locator('.lm-Menu-item', { hasText: new RegExp(`^${item}`) })
      .first()
      .click()
  }

  /** Runs all cells without waiting for them; JupyterLab then shows the last one. */
  async runAll(): Promise<void> {
    await this.menu('Run', 'Run All Cells')
    await this.page
      .locator('.jp-Notebook .jp-InputPrompt', { hasText: /\[[\d*]+\]/ })
      .first()
      .waitFor()
  }

  /** From now on counts the different pictures that appear in outputs as SVG; see curvesSeen. */
  async watchCurves(): Promise<void> {
    // As text, because this program is compiled without the browser's types.
    await this.page.evaluate(`
      window.curvesSeen = new Set()
      const look = () => document.querySelectorAll('.jp-RenderedSVG').forEach((node) => curvesSeen.add(node.innerHTML))
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true })`)
  }

  curvesSeen(): Promise<number> {
    return this.page.evaluate<number>('curvesSeen.size')
  }

  /** Waits for the first of these and scrolls to it. */
  async show(what: Locator, timeout = 30_000): Promise<void> {
    await what.first().waitFor({ state: 'attached', timeout })
    await what.first().scrollIntoViewIfNeeded()
  }

  codeCells(): Locator {
    return this.page.locator('.jp-Notebook .jp-CodeCell')
  }

  /** The stop button of the toolbar. */
  async interrupt(): Promise<void> {
    await this.page.locator('.jp-NotebookPanel-toolbar [data-jp-item-name="interrupt"] jp-button').click()
  }

  /** Adds a code cell at the end with this text in it, the cursor behind it. */
  async addCell(text: string): Promise<Locator> {
    const cells = this.page.locator('.jp-Notebook .jp-Cell')
    const before = await cells.count()
    await cells.last().locator('.jp-InputPrompt').click()
    await this.page.keyboard.press('Escape')
    await this.page.keyboard.press('b')
    await cells.nth(before).waitFor()
    await this.page.keyboard.press('Enter')
    await this.page.keyboard.insertText(text)
    return cells.nth(before)
  }

  /** Adds a cell and starts it. */
  async startCell(text: string): Promise<Locator> {
    const cell = await this.addCell(text)
    await this.page.keyboard.press('Control+Enter')
    return cell
  }

  /** Adds a cell, runs it to its end and returns what it shows as text. */
  async runCell(text: string): Promise<string> {
    const cell = await this.startCell(text)
    await this.finished(cell)
    return (await cell.locator('.jp-OutputArea-output').allInnerTexts()).join('\n').trim()
  }

  /** Saves the notebook and returns its code cells as they lie in the file. */
  async savedCells(file: string): Promise<Cell[]> {
    await this.page.keyboard.press('Control+s')
    await this.page.locator('.jp-mod-dirty').waitFor({ state: 'detached' })
    const { cells } = JSON.parse(readFileSync(file, 'utf8')) as { cells: Cell[] }
    return cells.filter(({ cell_type }) => cell_type === 'code')
  }
}
