/** Image grids: pixels, titles, and PNGs that decode to what was put in. */
import assert from 'node:assert/strict'
import { crc32, inflateSync } from 'node:zlib'
import { images } from '../../lib/plot/index.js'
import { displayHook } from '../../lib/plot/mime.js'
import { encodePng } from '../../lib/plot/png.js'
import { assertSafeSvg, hostile } from './support.js'

/** Reads a PNG without filters: sizes, colour type and pixels; checks signature and every checksum. */
function decodePng(file: Uint8Array): { width: number; height: number; color: number; pixels: number[] } {
  const png = Buffer.from(file)
  assert.deepEqual([...png.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10])
  const chunks: Record<string, Buffer> = {}
  for (let at = 8; at < png.length;) {
    const size = png.readUInt32BE(at)
    const body = png.subarray(at + 4, at + 8 + size)
    assert.equal(png.readUInt32BE(at + 8 + size), crc32(body))
    chunks[body.subarray(0, 4).toString('latin1')] = body.subarray(4)
    at += size + 12
  }
  const { IHDR, IDAT, IEND } = chunks
  assert.ok(IHDR && IDAT && IEND)
  const width = IHDR.readUInt32BE(0)
  const height = IHDR.readUInt32BE(4)
  const raw = inflateSync(IDAT)
  const stride = raw.length / height
  const rows = Array.from({ length: height }, (_, y) => raw.subarray(y * stride, (y + 1) * stride))
  for (const row of rows) assert.equal(row[0], 0)
  return { width, height, color: IHDR[9] ?? -1, pixels: rows.flatMap((row) => [...row.subarray(1)]) }
}

describe('PNG', () => {
  it('holds every pixel', () => {
    const pixels = Uint8Array.from({ length: 24 }, (_, i) => i * 10)
    assert.deepEqual(decodePng(encodePng(pixels, 4, 6, 1)), { width: 4, height: 6, color: 0, pixels: [...pixels] })
    assert.deepEqual(decodePng(encodePng(pixels, 4, 2, 3)), { width: 4, height: 2, color: 2, pixels: [...pixels] })
    assert.deepEqual(decodePng(encodePng(pixels, 3, 2, 4)), { width: 3, height: 2, color: 6, pixels: [...pixels] })
  })

  it('refuses sizes that do not fit', () => {
    assert.throws(() => encodePng(new Uint8Array(5), 2, 2, 1), /2×2×1 .* got 5/)
  })
})

describe('image grids', () => {
  const embedded = (svg: string) =>
    [...svg.matchAll(/base64,([^"]+)"/g)].map((m) => decodePng(Buffer.from(m[1] ?? '', 'base64')))

  it('take every layout of a batch', () => {
    const tensor = (shape: number[]) => ({
      shape,
      toArray: () => [],
      toTypedArray: () => new Float32Array(shape.reduce((a, b) => a * b, 1)),
    })
    const cases: [number[], number, [number, number]][] = [
      [[4, 5], 1, [4, 5]],
      [[3, 4, 5], 3, [4, 5]],
      [[7, 1, 4, 5], 7, [4, 5]],
      [[2, 3, 4, 5], 2, [4, 5]],
      [[0, 1, 4, 5], 0, [4, 5]],
    ]
    for (const [shape, count, [height, width]] of cases) {
      const grid = images(tensor(shape))
      assert.deepEqual([grid.pixels.length, grid.height, grid.width], [count, height, width])
      assertSafeSvg(grid.toSvg())
      decodePng(grid.toPng())
    }
    assert.throws(() => images(tensor([2, 2, 4, 5])), /shape \[2, 2, 4, 5\]/)
    assert.throws(() => images([1, 2]), /shape \[2\]/)
  })

  it('know 0..1 from 0..255, and stretch negative values', () => {
    const first = (values: number[][] | Uint8Array[]) =>
      embedded(images(values).toSvg())[0]?.pixels.filter((_, i) => i % 3 === 0)
    assert.deepEqual(first([[0, 0.5, 1]]), [0, 128, 255])
    assert.deepEqual(first([Uint8Array.of(0, 128, 255)]), [0, 128, 255])
    assert.deepEqual(first([Uint8Array.of(0, 3, 102)]), [0, 3, 102])
    assert.deepEqual(first([[-2, 0, 2]]), [0, 128, 255])
  })

  it('keep colour channels apart', () => {
    const rgb = [[[[1, 0]], [[0, 1]], [[0, 0.2]]]]
    assert.deepEqual(embedded(images(rgb).toSvg())[0]?.pixels, [255, 0, 0, 0, 255, 51])
  })

  it('show predictions in green and red', () => {
    const grid = images([[[0]], [[1]]], { titles: [7, 3], correct: { shape: [2], toArray: () => [true, false] } })
    const bundle = grid[displayHook]()
    assert.deepEqual(Object.keys(bundle), ['image/svg+xml', 'image/png', 'text/plain'])
    const svg = String(bundle['image/svg+xml'])
    assert.match(svg, /fill="#15803d"[^>]*>7</)
    assert.match(svg, /fill="#dc2626"[^>]*>3</)
    assert.match(svg, /image-rendering:pixelated/)
    const png = decodePng(Buffer.from(String(bundle['image/png']), 'base64'))
    const colors = new Set(
      Array.from({ length: png.pixels.length / 3 }, (_, i) => png.pixels.slice(i * 3, i * 3 + 3).join()),
    )
    assert.deepEqual([...colors].sort(), ['0,0,0', '21,128,61', '220,38,38', '255,255,255'])
    assert.equal(bundle['text/plain'], '2 images of 1 × 1\n  7 3')
  })

  it('take titles from strings, numbers and tensors', () => {
    const batch = [[[0]], [[1]]]
    for (const titles of [['7', '3'], [7, 3], [{ item: () => 7 }, 3n], { shape: [2], toArray: () => [7, 3] }]) {
      assert.deepEqual(images(batch, { titles }).look.titles, ['7', '3'])
    }
  })

  it('escape titles', () => {
    for (const text of hostile) assertSafeSvg(images([[[1]], [[0]]], { title: text, titles: [text, 'b'] }).toSvg())
  })

  it('say what was wrong', () => {
    assert.throws(() => images([[1]], { titles: ['a', 'b'] }), /2 titles for 1 images/)
    assert.throws(() => images([[1]], { correct: [true, true] }), /correct has 2 values for 1 images/)
    assert.throws(() => images([[1]], { columns: 0 }), /columns is 0/)
    assert.throws(() => images([[1]], { scale: -1 }), /scale is -1/)
  })
})
