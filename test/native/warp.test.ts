/** Images read through maps: every kind of map and dtype against plain loops, and what the native side refuses by itself. */
import assert from 'node:assert/strict'
import { addon, type Handle } from '../../lib/device/addon.js'
import { count, distance, empty, make, noise, values, type DTypeName } from './support.js'

type Shape = [images: number, channels: number, height: number, width: number]

interface Given {
  shape: Shape
  size: [height: number, width: number]
  maps: number[][]
  bilinear: boolean
  fill: number[] | null
}

/** Where a new pixel is read. */
function placeOf({ shape: [, , height, width], size }: Given, map: number[], row: number, column: number): number[] {
  const [a, b, c, d, e, f, g, h] = map
  if (map.length === 8) {
    const [x, y] = [column + 0.5, row + 0.5]
    const w = g * x + h * y + 1
    return [(a * x + b * y + c) / w - 0.5, (d * x + e * y + f) / w - 0.5]
  }
  const [x, y] = [column + 0.5 - size[1] / 2, row + 0.5 - size[0] / 2]
  return [a * x + b * y + c + width / 2 - 0.5, d * x + e * y + f + height / 2 - 0.5]
}

const halfEven = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))

function expected(given: Given, data: number[]): number[] {
  const [images, channels, height, width] = given.shape
  const [newHeight, newWidth] = given.size
  return Array.from({ length: images * channels * newHeight * newWidth }, (_, at) => {
    const column = at % newWidth
    const row = Math.floor(at / newWidth) % newHeight
    const channel = Math.floor(at / (newWidth * newHeight)) % channels
    const image = Math.floor(at / (newWidth * newHeight * channels))
    const [x, y] = placeOf(given, given.maps[given.maps.length === 1 ? 0 : image], row, column)
    const inside = (r: number, c: number): boolean => r >= 0 && r < height && c >= 0 && c < width
    const pixel = (r: number, c: number): number => data[((image * channels + channel) * height + r) * width + c]
    const fill = given.fill?.[channel] ?? 0
    if (!given.bilinear) return inside(halfEven(y), halfEven(x)) ? pixel(halfEven(y), halfEven(x)) : fill
    let [sum, share] = [0, 0]
    for (const r of [Math.floor(y), Math.floor(y) + 1])
      for (const c of [Math.floor(x), Math.floor(x) + 1])
        if (inside(r, c)) {
          const weight = (1 - Math.abs(y - r)) * (1 - Math.abs(x - c))
          sum += weight * pixel(r, c)
          share += weight
        }
    return given.fill ? sum * share + (1 - share) * fill : sum
  })
}

function warped(given: Given, data: number[], dtype: DTypeName = 'float32'): number[] {
  const [images, channels] = given.shape
  const sizes = [images, channels, ...given.size]
  const out = empty(sizes, dtype)
  const maps = make([given.maps.length, given.maps[0].length], given.maps.flat(), 'float64')
  const fillDType = given.bilinear && dtype === 'uint8' ? 'float32' : dtype
  const fill = given.fill && make([channels], given.fill, fillDType)
  addon().warp(out, make(given.shape, data, dtype), maps, given.bilinear, fill)
  return values(out, count(sizes), dtype)
}

const turn = (angle: number, scale = 1): number[] => {
  const [c, s] = [Math.cos(angle) * scale, Math.sin(angle) * scale]
  return [c, -s, 0.3, s, c, -1.2]
}

describe('native warp', () => {
  const cases: Record<string, Omit<Given, 'bilinear' | 'fill'>> = {
    'one map for all': { shape: [3, 2, 9, 12], size: [9, 12], maps: [turn(0.4)] },
    'a map for each': { shape: [3, 1, 10, 7], size: [6, 15], maps: [turn(0.1), turn(-2, 1.7), turn(9, 0.3)] },
    'rows of several pieces': { shape: [1, 1, 3, 300], size: [2, 301], maps: [turn(0.02, 0.9)] },
    'many rows': { shape: [2, 1, 120, 70], size: [130, 75], maps: [turn(1), turn(3)] },
    perspectives: {
      shape: [2, 2, 11, 13],
      size: [11, 13],
      maps: [
        [0.9, 0.1, 0.4, -0.1, 1.1, -0.3, 0.01, -0.004],
        [1, 0, 2, 0, 1, -3, 0, 0],
      ],
    },
  }
  for (const [name, given] of Object.entries(cases))
    for (const bilinear of [false, true])
      for (const filled of [false, true])
        it(`${name}, ${bilinear ? 'bilinear' : 'nearest'}${filled ? ', filled' : ''}`, () => {
          const fill = Array.from({ length: given.shape[1] }, (_, c) => (filled ? 0.25 * (c + 1) : 0))
          const all = { ...given, bilinear, fill: filled || !bilinear ? fill : null }
          const data = noise(count(given.shape))
          const found = warped(all, data)
          const wanted = expected(all, data)
          if (bilinear) assert.ok(distance(found, wanted) < 1e-4, String(distance(found, wanted)))
          // Places close to the border between two pixels may fall on the other side in float32.
          else assert.ok(found.filter((value, i) => value !== wanted[i]).length <= wanted.length / 500)
          assert.ok(distance(warped(all, data, 'float64'), wanted) < 1e-12)
        })

  it('moves by whole pixels exactly, also to another size and out of sight', () => {
    const data = noise(2 * 5 * 6)
    for (const bilinear of [false, true])
      for (const [column, row] of [
        [0, 0],
        [2, -3],
        [-7, 1],
        [1e9, 0],
        [1e12, 4],
      ]) {
        const given: Given = {
          shape: [1, 2, 5, 6],
          size: [4, 9],
          maps: [[1, 0, column - (6 - 9) / 2, 0, 1, row - (5 - 4) / 2]],
          bilinear,
          fill: [0.5, -2],
        }
        assert.deepEqual(warped(given, data), expected(given, data))
      }
  })

  it('moves elements of every dtype', () => {
    const given: Given = { shape: [1, 1, 6, 8], size: [6, 8], maps: [turn(0.7)], bilinear: false, fill: [1] }
    for (const dtype of ['int32', 'int64', 'uint8', 'bool'] as const) {
      const data = noise(48).map((x) => (dtype === 'bool' ? Number(x > 0) : Math.round(100 + 100 * x)))
      assert.deepEqual(warped(given, data, dtype), expected(given, data), dtype)
    }
  })

  it('rounds bytes, halves to the even one', () => {
    const halves: Given = { shape: [1, 1, 1, 4], size: [1, 3], maps: [[1, 0, 0, 0, 1, 0]], bilinear: true, fill: null }
    assert.deepEqual(warped(halves, [1, 2, 3, 250], 'uint8'), [2, 2, 126])
    const filled: Given = { ...halves, size: [1, 8], maps: [[1, 0, 0.25, 0, 1, 0]], fill: [300] }
    assert.deepEqual(
      warped(filled, [1, 2, 3, 250], 'uint8'),
      expected(filled, [1, 2, 3, 250]).map((x) => Math.min(255, halfEven(x))),
    )
  })

  it('takes maps of anything for places outside', () => {
    const strange = [NaN, Infinity, -Infinity, 1e300, -1e300, 0]
    const maps = strange.flatMap((a) => [
      [a, 0, 0, 0, 1, 0],
      [1, 0, a, 0, 1, a],
      [1, 0, 0, 0, 1, 0, a, a],
    ])
    for (const map of maps)
      for (const bilinear of [false, true]) {
        const given: Given = { shape: [1, 1, 3, 3], size: [3, 3], maps: [map], bilinear, fill: [7] }
        assert.equal(warped(given, noise(9)).length, 9)
      }
  })

  it('takes empty batches and sizes of 0', () => {
    assert.deepEqual(warped({ shape: [0, 1, 3, 3], size: [3, 3], maps: [turn(0)], bilinear: true, fill: null }, []), [])
    assert.deepEqual(
      warped({ shape: [1, 1, 3, 3], size: [0, 3], maps: [turn(0)], bilinear: false, fill: [0] }, noise(9)),
      [],
    )
  })

  it('refuses what does not fit', () => {
    const [image, out] = [empty([2, 1, 3, 3]), empty([2, 1, 3, 3])]
    const maps = empty([2, 6], 'float64')
    const fill = empty([1])
    const refused: [() => void, RegExp][] = [
      [() => addon().warp(empty([2, 2, 3, 3]), image, maps, true, null), /sizes \[2, 2, 3, 3\] and .* do not fit/],
      [() => addon().warp(empty([2, 1, 3, 3], 'float64'), image, maps, true, null), /float/],
      [() => addon().warp(out, image, empty([3, 6], 'float64'), true, null), /maps of sizes \[3, 6\] do not fit 2/],
      [() => addon().warp(out, image, empty([2, 7], 'float64'), true, null), /expected \[2 or 1, 6 or 8\]/],
      [() => addon().warp(out, image, empty([2, 6]), true, null), /maps: expected dtype float64/],
      [() => addon().warp(out, image, maps, true, empty([2])), /fill of sizes \[2\], expected \[1\]/],
      [() => addon().warp(out, image, maps, false, null), /the nearest pixel needs a fill/],
      [() => addon().warp(out, empty([2, 1, 0, 3]), maps, false, fill), /sides from 1 to/],
      [() => addon().warp(empty([2, 1, 3, 3], 'int32'), empty([2, 1, 3, 3], 'int32'), maps, true, null), /bilinear needs/],
    ]
    for (const [call, message] of refused) assert.throws(call, message)
    const transposed: Handle = addon().view(image, [2, 1, 3, 3], [9, 9, 1, 3], 0)
    assert.throws(() => addon().warp(out, transposed, maps, false, fill), /expected a contiguous tensor/)
  })
})
