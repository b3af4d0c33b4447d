/**
 * Binds executed notebooks into a book: HTML pages in one folder that open from the disk with no server and no network.
 * Formulas and code are rendered here; what stays for the browser is the search and the interactive figures (assets/book).
 */
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { inRoot } from '../commands/project.js'
import { readNotebook } from '../notebook-file.js'
import { escapeHtml } from './markdown.js'
import { renderPage, type Page } from './page.js'

const bookTitle = '深度学习基础 · Foundations of Deep Learning'

/** Fonts of formulas in the one format that every browser of today reads. */
const isNeededFont = (path: string): boolean => !/\.(ttf|woff)$/.test(path)

/** Writes the book of these executed notebooks, in this order, into `folder`. Returns the first page's path. */
export function bindBook(notebooks: readonly string[], folder: string): string {
  const pages = notebooks.map((path) => renderPage(basename(path), readNotebook(path)))
  copyAssets(join(folder, 'assets'))
  const sections = pages.flatMap((page) => page.sections.map((section) => ({ ...section, page: page.title })))
  writeFileSync(join(folder, 'assets', 'sections.js'), `window.bookSections = ${JSON.stringify(sections)}\n`)
  for (const [i, page] of pages.entries())
    writeFileSync(join(folder, page.file), frame(page.title, pages, page, page.body + neighbours(pages, i)))
  const first = join(folder, 'index.html')
  writeFileSync(first, frame(bookTitle, pages, undefined, frontPage(pages)))
  return first
}

function copyAssets(folder: string): void {
  const require = createRequire(import.meta.url)
  mkdirSync(folder, { recursive: true })
  for (const name of ['book.css', 'book.js']) copyFileSync(inRoot('kernel', 'assets', 'book', name), join(folder, name))
  copyFileSync(inRoot('kernel', 'assets', 'logo-svg.svg'), join(folder, 'logo.svg'))
  const katex = dirname(require.resolve('katex/dist/katex.min.css'))
  copyFileSync(join(katex, 'katex.min.css'), join(folder, 'katex.min.css'))
  cpSync(join(katex, 'fonts'), join(folder, 'fonts'), { recursive: true, filter: isNeededFont })
  copyFileSync(require.resolve('plotly.js/dist/plotly.min.js'), join(folder, 'plotly.min.js'))
}

const link = (href: string, text: string): string => `<a href="${escapeHtml(encodeURI(href))}">${escapeHtml(text)}</a>`

/** Chapters, and below the open one its sections. */
function contents(pages: readonly Page[], open?: Page): string {
  const items = pages.map((page) => {
    const inner =
      page === open
        ? `<ol>${page.headings
            .slice(1)
            .map((heading) => sectionItem(page, heading))
            .join('')}</ol>`
        : ''
    return `<li${page === open ? ' class="open"' : ''}>${link(page.file, page.title)}${inner}</li>`
  })
  return `<ol class="chapters">${items.join('\n')}</ol>`
}

const sectionItem = (page: Page, { level, id, text }: Page['headings'][number]): string =>
  level <= 3 ? `<li class="level-${level}">${link(`${page.file}#${id}`, text)}</li>` : ''

function frontPage(pages: readonly Page[]): string {
  const chapters = pages.map(
    (page) =>
      `<section><h2>${link(page.file, page.title)}</h2><ol>${page.headings
        .filter(({ level }) => level === 2)
        .map((heading) => sectionItem(page, heading))
        .join('')}</ol></section>`,
  )
  return `<h1>${bookTitle}</h1>\n<div class="front">${chapters.join('\n')}</div>`
}

function neighbours(pages: readonly Page[], i: number): string {
  const before = pages[i - 1]
  const after = pages[i + 1]
  return `\n<footer>${before ? `<span>← ${link(before.file, before.title)}</span>` : '<span></span>'}${
    after ? `<span>${link(after.file, after.title)} →</span>` : ''
  }</footer>`
}

function frame(title: string, pages: readonly Page[], open: Page | undefined, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="assets/logo.svg">
<link rel="stylesheet" href="assets/katex.min.css">
<link rel="stylesheet" href="assets/book.css">
</head>
<body>
<nav>
<a class="home" href="index.html"><img src="assets/logo.svg" alt="" width="28" height="28">gradbook</a>
<input type="search" placeholder="Search · 搜索" aria-label="Search the book">
<ol class="found" hidden></ol>
${contents(pages, open)}
</nav>
<main>
${main}
</main>
<script src="assets/sections.js"></script>
<script src="assets/book.js"></script>
</body>
</html>
`
}
