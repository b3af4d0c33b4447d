/** Pictures in files and in grids. */
import { strict as assert } from 'node:assert'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { arange, full, manualSeed, rand, stack, utils, type Tensor } from '../../lib/index.js'
import { readGolden } from '../support/golden.js'

/** A smooth picture, which JPEG keeps nearly. */
function ramp(channels: number): Tensor {
  const plane = arange(12).view(12, 1).mul(12).add(arange(16).mul(4))
  return stack(Array.from({ length: channels }, (_, c) => plane.add(10 * c))).to('uint8')
}

describe('pictures', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gradbook-pictures-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  for (const format of ['png', 'bmp', 'webp'] as const)
    for (const channels of [1, 3, 4])
      it(`${format} keeps ${channels} channels as they are`, () => {
        const image = ramp(channels)
        const mode = channels === 1 ? 'gray' : channels === 3 ? 'rgb' : 'rgba'
        const back = utils.decodeImage(utils.encodeImage(image, format), { mode })
        assert.equal(back.dtype, 'uint8')
        // The gray of a colour file is weighted from three equal channels, and may be rounded down.
        const off = back.float().sub(image.float()).abs().amax().item()
        assert.ok(off <= (channels === 1 ? 1 : 0), `off by ${off}`)
      })

  it('jpeg nearly keeps them, the better the higher its quality', () => {
    const image = ramp(3)
    const off = (quality: number): number => {
      const back = utils.decodeImage(utils.encodeImage(image, 'jpeg', { quality }))
      return back.float().sub(image.float()).abs().mean().item()
    }
    assert.ok(off(95) < 3)
    assert.ok(off(95) < off(5))
    assert.deepEqual([...utils.decodeImage(utils.encodeImage(ramp(1), 'jpeg'), { mode: 'gray' }).shape], [1, 12, 16])
    assert.equal(utils.decodeImage(utils.encodeImage(ramp(4), 'jpeg')).size(0), 3)
  })

  it('are read with the channels that are asked for', () => {
    const shapes = (['unchanged', 'gray', 'grayAlpha', 'rgb', 'rgba'] as const).map(
      (mode) => utils.decodeImage(utils.encodeImage(ramp(3), 'png'), { mode }).shape[0],
    )
    assert.deepEqual(shapes, [3, 1, 2, 3, 4])
    const opaque = utils.decodeImage(utils.encodeImage(ramp(1), 'png'), { mode: 'rgba' })
    assert.equal(opaque.select(0, 3).float().mean().item(), 255)
    assert.ok(opaque.select(0, 0).equal(ramp(1).select(0, 0)))
  })

  it('are written from floating images, whole or not at all', () => {
    const path = join(folder, 'half.png')
    utils.writeImage(full([3, 2, 2], 0.5), path)
    assert.equal(utils.readImage(path).float().mean().item(), 127)
    assert.deepEqual(readdirSync(folder), ['half.png'])
    assert.throws(() => utils.writeImage(full([5, 2, 2], 0.5), path), /1 to 4 channels, got shape \[5, 2, 2\]/)
    assert.equal(utils.readImage(path).size(0), 3)
    assert.throws(() => utils.writeImage(ramp(3), join(folder, 'nowhere', 'a.png')), /there is no folder/)
    assert.throws(() => utils.writeImage(ramp(3), join(folder, 'a.gif')), /must end in \.png, .* got a\.gif/)
    assert.ok(!existsSync(join(folder, 'a.gif')))
  })

  it('tell what is wrong with damaged files', () => {
    const png = utils.encodeImage(ramp(3), 'png')
    const jpeg = utils.encodeImage(ramp(3), 'jpeg')
    const put = (name: string, bytes: Uint8Array): string => {
      writeFileSync(join(folder, name), bytes)
      return join(folder, name)
    }
    assert.throws(() => utils.readImage(put('cut.png', png.subarray(0, 60))), /cut\.png: no picture that can be read/)
    assert.throws(() => utils.readImage(put('cut.jpg', jpeg.subarray(0, 100))), /cut\.jpg: no picture that can be read/)
    assert.throws(() => utils.readImage(put('empty.png', Buffer.alloc(0))), /empty\.png: .* the file is empty/)
    assert.throws(() => utils.readImage(put('text.png', Buffer.from('hello, no picture'))), /text\.png: .*17 bytes/)
    assert.throws(() => utils.readImage(join(folder, 'none.png')), /readImage: cannot read .*none\.png/)
    // A header that claims 60,000 × 60,000 pixels is refused before anything is allocated.
    const bomb = Buffer.from(utils.encodeImage(ramp(1), 'bmp'))
    bomb.writeInt32LE(60_000, 18)
    bomb.writeInt32LE(60_000, 22)
    assert.throws(() => utils.decodeImage(bomb), /60000 × 60000 pixels are more than|no picture that can be read/)
    for (let i = 0; i < png.length; i += 3) {
      const changed = Uint8Array.from(png)
      changed[i] ^= 0x55
      try {
        utils.decodeImage(changed)
      } catch (error) {
        assert.match((error as Error).message, /decodeImage: /)
      }
    }
  })

  it('stand in grids as torchvision puts them', () => {
    const golden = readGolden<{ grids: { shape: number[]; sum: number; values: number[] }[] }>('transforms').grids
    manualSeed(0)
    const image = rand(3, 14, 17)
    image.narrow(1, 0, 4).narrow(2, 0, 5).fill_(0.5)
    const batch = stack([image, image.flip(-1), image.mul(2).sub(0.3)])
    const grids = [
      utils.makeGrid(batch, { nrow: 2 }),
      utils.makeGrid(batch, { nrow: 2, padding: 1, normalize: true, padValue: 0.5 }),
      utils.makeGrid(batch.narrow(1, 0, 1), { normalize: true, scaleEach: true }),
      utils.makeGrid(batch.unbind(0), { normalize: true, valueRange: [0, 0.5] }),
    ]
    grids.forEach((grid, i) => {
      assert.deepEqual([...grid.shape], golden[i].shape)
      const values = Array.from(grid.toTypedArray(), Number)
      golden[i].values.forEach((want, k) => assert.ok(Math.abs(values[31 * k] - want) < 1e-5, `grid ${i}, ${31 * k}`))
    })
    const path = join(folder, 'grid.png')
    utils.saveImage(batch, path, { nrow: 2 })
    const back = utils.readImage(path).float().div(255)
    assert.ok(back.sub(grids[0].clamp(0, 1)).abs().amax().item() < 0.51 / 255)
    assert.throws(() => utils.makeGrid(rand(3)), /makeGrid: needs images .* got shape \[3\]/)
  })
})
