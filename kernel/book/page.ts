/** One executed notebook → one page of the book. */
import { hasTag, sourceOf, type Cell, type Notebook } from '../notebook-file.js'
import { escapeHtml, highlight, renderMarkdown, type Heading } from './markdown.js'
import { outputHtml } from './outputs.js'

/** What a search finds: a heading and the words below it. */
export interface Section {
  /** Address inside the book: page and anchor. */
  href: string
  /** Heading with the chapter that it stands in. */
  title: string
  text: string
}

export interface Page {
  /** File name, `03-1-neurons.html`. */
  file: string
  /** First heading of the notebook. */
  title: string
  headings: Heading[]
  sections: Section[]
  /** HTML of all cells. */
  body: string
}

/** @param name the notebook's file name */
export function renderPage(name: string, { cells }: Notebook): Page {
  const file = name.replace(/\.ipynb$/, '.html')
  const headings: Heading[] = []
  const sections: Section[] = []
  const body = cells.map((cell) => {
    const known = headings.length
    const html = cellHtml(cell, headings)
    for (const { id, text } of headings.slice(known)) sections.push({ href: `${file}#${id}`, title: text, text: '' })
    const section = sections.at(-1)
    if (section) section.text += ` ${sourceOf(cell)}`
    return html
  })
  return { file, title: headings[0]?.text ?? name, headings, sections, body: body.join('\n') }
}

function cellHtml(cell: Cell, headings: Heading[]): string {
  if (cell.cell_type === 'markdown') return `<div class="text">${renderMarkdown(sourceOf(cell), headings)}</div>`
  if (cell.cell_type !== 'code') return `<pre>${escapeHtml(sourceOf(cell))}</pre>`
  const source = sourceOf(cell)
  const code = source.trim() === '' ? '' : `<pre class="code"><code>${highlight(source)}</code></pre>`
  const outputs = (cell.outputs ?? []).map((output) => `<div class="output">${outputHtml(output)}</div>`).join('\n')
  if (!hasTag(cell, 'solution')) return `<div class="cell">${code}${outputs}</div>`
  return `<details class="solution"><summary>Solution</summary><div class="cell">${code}${outputs}</div></details>`
}
