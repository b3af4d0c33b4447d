/** Saving pictures: atomic, self-contained, by extension. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { heatmap, images, line } from '../../lib/plot/index.js'
import { inlineJson, inlineScript, saveAs } from '../../lib/plot/save.js'
import { assertSafeSvg, hostile } from './support.js'

describe('saving pictures', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gradbook-plot-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('writes SVG and returns the absolute path', () => {
    const path = line([1, 2]).save(join(folder, 'a.svg'))
    assert.equal(path, join(folder, 'a.svg'))
    assertSafeSvg(readFileSync(path, 'utf8'))
    assert.deepEqual(readdirSync(folder), ['a.svg'])
  })

  it('writes a page that needs no network and whose data is data', () => {
    for (const figure of [line({ [hostile[0] ?? '']: [1, 2] }, { title: hostile[6] }), heatmap([[1]])]) {
      const page = readFileSync(figure.save(join(folder, 'a.html')), 'utf8')
      assert.match(page, /^<!doctype html>/)
      assert.doesNotMatch(page, /<script[^>]*src=|<link/)
      const scripts = [...page.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)]
      assert.equal(scripts.length, 3)
      assert.doesNotThrow(() => new Script(scripts[0]?.[2] ?? ''))
      assert.deepEqual(JSON.parse(scripts[1]?.[2] ?? ''), JSON.parse(JSON.stringify(figure.toPlotly())))
      assert.doesNotMatch(page, /<iframe|<script>alert/)
    }
  })

  it('leaves the old file and no rubbish when it fails', () => {
    const path = join(folder, 'a.svg')
    line([1, 2]).save(path)
    const before = readFileSync(path, 'utf8')
    assert.throws(
      () =>
        saveAs(path, {
          '.svg': () => {
            throw new Error('cannot draw')
          },
        }),
      /cannot draw/,
    )
    assert.equal(readFileSync(path, 'utf8'), before)
    assert.deepEqual(readdirSync(folder), ['a.svg'])
    // A folder stands in the file's place: renaming fails after the temporary file was written.
    mkdirSync(join(folder, 'b.svg'))
    assert.throws(() => line([1]).save(join(folder, 'b.svg')))
    assert.deepEqual(readdirSync(folder), ['a.svg', 'b.svg'])
  })

  it('names what is wrong with the path', () => {
    assert.throws(() => line([1]).save(join(folder, 'a.jpg')), /"a\.jpg".* must end in \.svg or \.html/)
    assert.throws(() => line([1]).save(join(folder, 'no', 'a.svg')), /the folder .*no does not exist/)
  })

  it('writes images as SVG, PNG and HTML', () => {
    const grid = images(
      [
        [0, 1],
        [1, 0],
      ],
      { title: hostile[0] },
    )
    assertSafeSvg(readFileSync(grid.save(join(folder, 'i.svg')), 'utf8'))
    assert.equal(
      readFileSync(grid.save(join(folder, 'i.png')))
        .subarray(1, 4)
        .toString(),
      'PNG',
    )
    assert.doesNotMatch(readFileSync(grid.save(join(folder, 'i.html')), 'utf8'), /<script/)
  })

  it('keeps script and JSON from ending their element', () => {
    const code = 'x = "</script><!-- <script>"'
    assert.doesNotMatch(inlineScript(code), /<\/script|<!--|<script/)
    assert.equal(new Script(inlineScript(code)).runInNewContext(), '</script><!-- <script>')
    assert.doesNotMatch(inlineJson(hostile), /</)
    assert.deepEqual(JSON.parse(inlineJson(hostile)), hostile)
  })
})
