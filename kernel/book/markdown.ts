/** Markdown of notebook cells → HTML: formulas by KaTeX, code coloured by highlight.js, headings with the anchors of the contents. */
import { createRequire } from 'node:module'
import MarkdownIt, { type MarkdownIt as Markdown } from 'markdown-it'

/** A heading of a page, as the contents list it. */
export interface Heading {
  level: number
  id: string
  /** Plain text of the heading. */
  text: string
}

/**
 * highlight.js and the plugin for formulas come by `require`: the types of the first would bring those of browsers into the
 * whole project, and both are CommonJS with a default that an import puts in another place than their types say.
 */
const require = createRequire(import.meta.url)
const hljs = require('highlight.js') as {
  highlight(code: string, options: { language: string }): { value: string }
  getLanguage(name: string): object | undefined
}
const { default: katex } = require('@vscode/markdown-it-katex') as { default: (markdown: Markdown) => Markdown }

/** Code as HTML with classes for its colours; unknown languages are coloured as TypeScript. */
export function highlight(code: string, name = 'typescript'): string {
  return hljs.highlight(code, { language: hljs.getLanguage(name) ? name : 'typescript' }).value
}

// Notebook cells may hold HTML (<details>), as Jupyter allows.
const markdown = new MarkdownIt({ html: true, linkify: true, highlight }).use(katex)

/** Letters and digits of any language, joined by hyphens. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.]+/gu, '-')
    .replace(/^-|-$/g, '')

/** The HTML of a Markdown cell; `headings` is told each heading in it. Links between notebooks become links between pages. */
export function renderMarkdown(source: string, headings: Heading[]): string {
  const tokens = markdown.parse(source, {})
  for (const [i, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      const text = plainText(tokens[i + 1])
      const heading = { level: Number(token.tag.slice(1)), id: slug(text), text }
      token.attrSet('id', heading.id)
      headings.push(heading)
    }
    for (const child of token.children ?? [])
      if (child.type === 'link_open')
        child.attrSet('href', String(child.attrGet('href') ?? '').replace(/^([^:]+)\.ipynb(#|$)/, '$1.html$2'))
  }
  return markdown.renderer.render(tokens, markdown.options, {})
}

function plainText(inline: { children: { content: string }[] | null }): string {
  return (inline.children ?? []).map(({ content }) => content).join('')
}

/** Text made safe for HTML. */
export const escapeHtml = (text: string): string => markdown.utils.escapeHtml(text)
