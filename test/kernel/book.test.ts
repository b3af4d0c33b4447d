/** The book: pages that open from the disk, with contents, search data, formulas, coloured code, and nothing that breaks out. */
import { strict as assert } from 'node:assert'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bindBook } from '../../kernel/book/book.js'
import { writeNotebook, type Cell } from '../../kernel/notebook-file.js'
import { temporaryFolders } from '../support/folders.js'

const markdown = (source: string): Cell => ({ cell_type: 'markdown', metadata: {}, source })
const code = (source: string, outputs: Cell['outputs'] = [], tags: string[] = []): Cell => ({
  cell_type: 'code',
  metadata: { tags },
  source,
  outputs,
})

describe('the book', () => {
  const folder = temporaryFolders()
  let book: string

  before(() => {
    const [source] = [folder()]
    book = folder()
    const chapters: [string, Cell[]][] = [
      [
        '01-first.ipynb',
        [
          markdown('# 1 First · 第一\n\nSee [the second](02-second.ipynb#2.1-sums).'),
          code('const answer: number = 42'),
        ],
      ],
      [
        '02-second.ipynb',
        [
          markdown('# 2 Second · 第二\n\n## 2.1 Sums\n\nIt is $a^2$ and `a < b`.'),
          code('x', [
            { output_type: 'stream', name: 'stdout', text: ['<script>alert(1)</script>\n'] },
            {
              output_type: 'display_data',
              data: {
                'application/vnd.plotly.v1+json': { data: [], layout: { title: '</script><b>' } },
                'image/svg+xml': ['<svg>', '</svg>'],
              },
              metadata: {},
            },
            { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['\u001b[31mE\u001b[39m: <v>'] },
          ]),
          code('check.that(true)', [], ['solution']),
        ],
      ],
    ]
    const files = chapters.map(([name, cells]) => {
      writeNotebook(join(source, name), { nbformat: 4, nbformat_minor: 5, metadata: {}, cells })
      return join(source, name)
    })
    bindBook(files, book)
  })

  const page = (name: string): string => readFileSync(join(book, name), 'utf8')

  it('has a front page and pages that lead to one another', () => {
    assert.match(page('index.html'), /<a href="02-second.html">2 Second · 第二<\/a>/)
    assert.match(page('01-first.html'), /<a href="02-second.html#2.1-sums">the second<\/a>/)
    assert.match(page('01-first.html'), /<a href="02-second.html">2 Second · 第二<\/a> →/)
    assert.match(page('02-second.html'), /<a href="02-second.html#2.1-sums">2.1 Sums<\/a>/)
    assert.match(page('02-second.html'), /<h2 id="2.1-sums">/)
  })

  it('brings with it everything that its pages load', () => {
    for (const name of ['index.html', '02-second.html'])
      for (const [, address] of page(name).matchAll(/(?:src|href)="([^"#]+)/g))
        assert.ok(existsSync(join(book, address)), `${name} loads ${address}`)
    for (const [, font] of page('assets/katex.min.css').matchAll(/url\((fonts\/[^)]+\.woff2)\)/g))
      assert.ok(existsSync(join(book, 'assets', font)), font)
  })

  it('renders formulas and colours code', () => {
    assert.match(page('02-second.html'), /class="katex"/)
    assert.match(page('01-first.html'), /<span class="hljs-keyword">const<\/span>/)
  })

  it('shows outputs as they are, and lets none of them break out', () => {
    const html = page('02-second.html')
    assert.ok(html.includes('&lt;script&gt;alert(1)&lt;/script&gt;'))
    assert.ok(html.includes('<svg></svg>') || html.includes('<svg>\n</svg>'))
    assert.ok(html.includes('\\u003c/script>'))
    assert.match(html, /<pre class="error">E: &lt;v&gt;<\/pre>/)
  })

  it('folds solutions', () => {
    assert.match(page('02-second.html'), /<details class="solution"><summary>Solution<\/summary>.*check/s)
  })

  it('gives the search its sections with their chapters', () => {
    const data = page('assets/sections.js').replace('window.bookSections = ', '')
    const sections = JSON.parse(data) as { href: string; title: string; page: string; text: string }[]
    assert.deepEqual(
      sections.map(({ href, title, page }) => [href, title, page]),
      [
        ['01-first.html#1-first-第一', '1 First · 第一', '1 First · 第一'],
        ['02-second.html#2-second-第二', '2 Second · 第二', '2 Second · 第二'],
        ['02-second.html#2.1-sums', '2.1 Sums', '2 Second · 第二'],
      ],
    )
    assert.match(sections[0].text, /answer: number/)
  })
})
