/** Data sets of single pictures: folders, ImageNet, COCO, LSUN and PhotoTour. */
import { strict as assert } from 'node:assert'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { data, datasets, full, transforms, utils, type Tensor } from '../../../lib/index.js'
import { LmdbFile } from '../../../lib/vision/datasets/lmdb.js'
import { readGolden } from '../../support/golden.js'

describe('data sets of pictures', function () {
  this.timeout(30_000)
  let root: string
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'gradbook-folders-'))))
  afterEach(() => rmSync(root, { recursive: true }))

  const put = (name: string, content: Uint8Array | string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  const picture = (value: number, size = 4): Uint8Array => utils.encodeImage(full([3, size, size], value), 'png')

  it('ImageFolder takes one folder for each class, by name', () => {
    put('dog/b.png', picture(0.2))
    put('dog/a/deep.PNG', picture(0.4))
    put('cat/x.bmp', utils.encodeImage(full([1, 6, 8], 1), 'bmp'))
    put('cat/notes.txt', 'no picture')
    const resize = new transforms.Resize([4, 4])
    const found = new datasets.ImageFolder(root, { transform: resize })
    assert.deepEqual(found.classes, ['cat', 'dog'])
    assert.deepEqual(found.classToIdx, { cat: 0, dog: 1 })
    assert.deepEqual(
      found.samples.map(([path, label]) => [path.slice(root.length + 1), label]),
      [
        ['cat/x.bmp', 0],
        ['dog/b.png', 1],
        ['dog/a/deep.PNG', 1],
      ],
    )
    const [[images, labels]] = new data.DataLoader(found, { batchSize: 3 })
    assert.deepEqual([...images.shape], [3, 3, 4, 4])
    assert.deepEqual(labels.toArray(), [0, 1, 1])
    assert.ok(Math.abs(images.at(1, 0, 0, 0).item() - 51 / 255) < 1e-6)
    const there = [...new data.DataLoader(found, { batchSize: 3, numWorkers: 1 })][0][0]
    assert.ok(there.equal(images))
  })

  it('ImageFolder names what is missing or damaged', () => {
    assert.throws(() => new datasets.ImageFolder(join(root, 'none')), /ImageFolder: cannot read the folder .*none/)
    assert.throws(() => new datasets.ImageFolder(root), /has no folder in it; each class needs one of its own/)
    put('cat/a.png', picture(0).subarray(0, 40))
    mkdirSync(join(root, 'dog'))
    assert.throws(() => new datasets.ImageFolder(root), /no file that counts in dog of .*; endings are \.jpg/)
    const found = new datasets.ImageFolder(root, { allowEmpty: true })
    assert.throws(() => found.get(0), /a\.png: no picture that can be read/)
    assert.throws(() => found.get(1), /ImageFolder: no sample 1, positions run from 0 to 0/)
  })

  it('DatasetFolder reads files of any kind', () => {
    put('one/a.txt', '5')
    put('two/b.txt', '7')
    const read = (path: string): number => path.length
    const found = new datasets.DatasetFolder(root, read, { extensions: ['.txt'], transform: (n) => -n })
    assert.deepEqual(found.get(1), [-join(root, 'two/b.txt').length, 1])
    assert.throws(() => new datasets.DatasetFolder(root, read, {}), /give either extensions or isValidFile/)
  })

  it('ImageNet knows the names of its classes', () => {
    put('val/n01440764/a.png', picture(0.5))
    put('val/n01443537/b.png', picture(0.5))
    assert.deepEqual(new datasets.ImageNet(root, { split: 'val' }).names, [['n01440764'], ['n01443537']])
    put('LOC_synset_mapping.txt', 'n01440764 tench, Tinca tinca\nn01443537 goldfish, Carassius auratus\n')
    const found = new datasets.ImageNet(root, { split: 'val' })
    assert.deepEqual(found.names[0], ['tench', 'Tinca tinca'])
    assert.deepEqual(found.wnids, ['n01440764', 'n01443537'])
    assert.throws(
      () => new datasets.ImageNet(root),
      /there is no folder .*train; unpack ILSVRC2012_img_train\.tar there/,
    )
  })

  it('COCO gives captions and objects of each picture', () => {
    put('img/2.png', picture(0.1))
    put('img/1.png', picture(0.9))
    const images = [2, 1].map((id) => ({ id, file_name: `${id}.png` }))
    const captions = [
      { id: 10, image_id: 2, caption: 'a cat' },
      { id: 11, image_id: 2, caption: 'still a cat' },
    ]
    put('captions.json', JSON.stringify({ images, annotations: captions }))
    const described = new datasets.CocoCaptions(join(root, 'img'), join(root, 'captions.json'))
    assert.deepEqual(described.get(1)[1], ['a cat', 'still a cat'])
    assert.deepEqual(described.get(0)[1], [])
    assert.ok(described.get(0)[0].mean().item() > 0.8)
    const objects = [{ id: 1, image_id: 1, bbox: [0, 1, 2, 3], category_id: 17, iscrowd: 0, area: 6 }]
    const categories = [{ id: 17, name: 'cat', supercategory: 'animal' }]
    put('instances.json', JSON.stringify({ images, annotations: objects, categories }))
    const seen = new datasets.CocoDetection(join(root, 'img'), join(root, 'instances.json'))
    assert.deepEqual(seen.get(0)[1], objects)
    assert.equal(seen.categories[0].name, 'cat')
    put('bad.json', '{"images": [{}]}')
    assert.throws(() => new datasets.CocoCaptions(root, join(root, 'bad.json')), /bad\.json needs lists 'images'/)
    put('cut.json', '{"images": [')
    assert.throws(
      () => new datasets.CocoCaptions(root, join(root, 'cut.json')),
      /CocoCaptions: cannot read .*cut\.json/,
    )
  })

  describe('LSUN', () => {
    const database = gunzipSync(Buffer.from(readGolden<{ data: string }>('lmdb').data, 'base64'))

    it('reads databases as they are published', () => {
      put('bedroom_val_lmdb/data.mdb', database)
      put('tower_val_lmdb/data.mdb', database)
      const found = new datasets.LSUN(root, ['bedroom_val', 'tower_val'])
      assert.equal(found.length, 180)
      const color = (image: Tensor): number[] => [0, 1, 2].map((c) => Math.round(image.at(c, 1, 1).item() * 255))
      for (const i of [0, 7, 37, 89]) {
        const [image, label] = found.get(90 + i)
        assert.equal(label, 1)
        assert.deepEqual(color(image), [i, 2 * i, 255 - i])
        assert.equal(image.size(-1), i % 30 === 7 ? 40 : 2)
      }
      found.close()
      assert.throws(() => new datasets.LSUN(root, 'test'), /LSUN: data\.mdb is not in .*test_lmdb/)
      assert.throws(() => new datasets.LSUN(root, ['garden_train']), /got "garden_train"/)
    })

    it('stops at damage with an error, wherever it is', () => {
      const all = (bytes: Uint8Array): void => {
        put('data.mdb', bytes)
        const file = new LmdbFile(join(root, 'data.mdb'))
        try {
          for (const entry of file.list()) file.value(entry)
        } finally {
          file.close()
        }
      }
      all(database)
      assert.throws(() => all(database.subarray(0, 100)), /has 100 bytes, too few for a database/)
      assert.throws(() => all(Buffer.alloc(9000)), /is no LMDB database/)
      assert.throws(() => all(database.subarray(0, 3 * 4096)), /is damaged: bytes .* lie beyond its end/)
      for (let i = 0; i < database.length; i += 307) {
        const changed = Buffer.from(database)
        changed[i] ^= 0xff
        try {
          all(changed)
        } catch (error) {
          assert.match((error as Error).message, /^LMDB: /)
        }
      }
    })
  })

  it('PhotoTour cuts its grids into patches', () => {
    const grid = full([1, 128, 128], 0)
    for (let i = 0; i < 4; i++)
      grid
        .narrow(1, 64 * Math.floor(i / 2), 64)
        .narrow(2, 64 * (i % 2), 64)
        .fill_(i / 4)
    put('liberty/patches0000.bmp', utils.encodeImage(grid, 'bmp'))
    put('liberty/info.txt', '7 0\n7 0\n9 0\n')
    put('liberty/m50_100000_100000_0.txt', '0 7 0 1 7 0 0\n1 7 0 2 9 0 0\n')
    const patches = new datasets.PhotoTour(root, 'liberty')
    assert.equal(patches.length, 3)
    assert.deepEqual(patches.labels.toArray(), [7, 7, 9])
    assert.ok(Math.abs((patches.get(2) as Tensor).mean().item() - 0.5) < 0.01)
    const pairs = new datasets.PhotoTour(root, 'liberty', { train: false })
    const [first, second, same] = pairs.get(1) as [Tensor, Tensor, number]
    assert.ok(first.mean().item() < second.mean().item())
    assert.equal(same, 0)
    assert.equal((pairs.get(0) as [Tensor, Tensor, number])[2], 1)
    put('liberty/info.txt', '1 0\n'.repeat(5))
    assert.throws(() => new datasets.PhotoTour(root, 'liberty'), /1 pictures hold 4 patches, info\.txt tells of 5/)
    put('liberty/info.txt', 'x\n')
    assert.throws(() => new datasets.PhotoTour(root, 'liberty'), /line 1 of .*info\.txt needs 1 whole numbers, got 'x'/)
    assert.throws(() => new datasets.PhotoTour(root, 'yosemite'), /there is no folder .*yosemite; unpack yosemite\.zip/)
  })
})
