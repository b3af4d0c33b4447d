/** MNIST: the real files, and damaged ones. */
import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { data, datasets } from '../../../lib/index.js'

/** An IDX file of the given sizes. */
function idx(shape: number[], bytes: Uint8Array, magic = 0x0800 + shape.length): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length)
  header.writeUInt32BE(magic)
  shape.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i))
  return Buffer.concat([header, bytes])
}

describe('MNIST', () => {
  it('holds 60,000 and 10,000 digits in the official order', () => {
    const train = new datasets.MNIST()
    assert.equal(train.length, 60_000)
    assert.deepEqual(train.targets.narrow(0, 0, 5).toArray(), [5, 0, 4, 1, 9])
    const scaled = train.data.float().div(255)
    assert.ok(Math.abs(scaled.mean().item() - 0.1307) < 1e-4)
    assert.ok(Math.abs(scaled.std().item() - 0.3081) < 1e-4)
    assert.equal(new datasets.MNIST({ train: false }).length, 10_000)
  })

  it('gives the same sample alone and in a batch', () => {
    const test = new datasets.MNIST({ train: false })
    const [image, label] = test.get(3)
    const [[images, labels]] = new data.DataLoader(test, { batchSize: 5 })
    assert.deepEqual([...image.shape], [1, 28, 28])
    assert.deepEqual([...images.shape], [5, 1, 28, 28])
    assert.ok(images.select(0, 3).equal(image))
    assert.equal(labels.select(0, 3).item(), label)
    assert.throws(() => test.get(10_000), /MNIST: no sample 10000, positions run from 0 to 9999/)
  })

  describe('from other folders', () => {
    let root: string
    const pixels = new Uint8Array(2 * 28 * 28).fill(255)
    const put = (name: string, content: Uint8Array): void => writeFileSync(join(root, name), content)

    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), 'gradbook-mnist-'))
      put('train-images-idx3-ubyte', idx([2, 28, 28], pixels))
      put('train-labels-idx1-ubyte.gz', gzipSync(idx([2], Uint8Array.of(7, 1))))
    })
    afterEach(() => rmSync(root, { recursive: true }))

    it('reads plain and gzipped files, and transforms', () => {
      const small = new datasets.MNIST({ root, transform: (images) => images.mul(2) })
      assert.deepEqual(small.targets.toArray(), [7, 1])
      assert.equal(small.get(0)[0].amax().item(), 2)
    })

    it('names a missing file', () => {
      assert.throws(
        () => new datasets.MNIST({ root, train: false }),
        /MNIST: t10k-images-idx3-ubyte or t10k-images-idx3-ubyte\.gz is not in .*put the file there, or pass/,
      )
    })

    it('tells sizes and magic numbers of damaged files', () => {
      put('train-images-idx3-ubyte', idx([2, 28, 28], pixels.subarray(1)))
      assert.throws(
        () => new datasets.MNIST({ root }),
        /train-images-idx3-ubyte: 1567 bytes of data, the header announces 1568 \(2 × 28 × 28\)/,
      )
      put('train-images-idx3-ubyte', idx([2, 28, 28], pixels, 0x0801))
      assert.throws(() => new datasets.MNIST({ root }), /magic number 0x00000801, expected 0x00000803/)
      put('train-images-idx3-ubyte', Uint8Array.of(0, 0, 8))
      assert.throws(() => new datasets.MNIST({ root }), /3 bytes are too few for a header of 16/)
      put('train-images-idx3-ubyte', Uint8Array.of(0x1f, 0x8b, 8))
      assert.throws(() => new datasets.MNIST({ root }), /gzip data is damaged/)
      put('train-images-idx3-ubyte', idx([1, 28, 28], pixels.subarray(784)))
      assert.throws(() => new datasets.MNIST({ root }), /1 images, train-labels-idx1-ubyte\.gz 2 labels/)
    })
  })
})
