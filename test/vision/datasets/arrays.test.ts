/** Data sets in memory: CIFAR, STL-10, SVHN and MNIST's relatives, from files in their true formats and from damaged ones. */
import { strict as assert } from 'node:assert'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { data, datasets, Tensor, transforms } from '../../../lib/index.js'
import { cifarPickle, idx, matArray, matFile, namesPickle, pattern } from './files.js'

describe('data sets in memory', () => {
  let root: string
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'gradbook-data-'))))
  afterEach(() => rmSync(root, { recursive: true }))

  const put = (name: string, content: Uint8Array | string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  const bytes = (t: Tensor): number[] => Array.from(t.toTypedArray(), Number)

  it('FashionMNIST and KMNIST lie where torchvision puts them', () => {
    const images = pattern(2 * 28 * 28)
    for (const name of ['FashionMNIST', 'KMNIST'] as const) {
      put(`${name}/raw/train-images-idx3-ubyte.gz`, gzipSync(idx([2, 28, 28], images)))
      put(`${name}/raw/train-labels-idx1-ubyte`, idx([2], Uint8Array.of(9, 1)))
      const found = new datasets[name](root)
      assert.deepEqual(bytes(found.data.flatten()), [...images])
      assert.equal(found.get(0)[1], 9)
      assert.equal(found.classes.length, 10)
      assert.throws(() => new datasets[name](root, { train: false }), new RegExp(`${name}: t10k-images-idx3-ubyte`))
    }
  })

  it('EMNIST has its own names and classes', () => {
    put('emnist-letters-test-images-idx3-ubyte', idx([1, 28, 28], pattern(784)))
    put('emnist-letters-test-labels-idx1-ubyte', idx([1], Uint8Array.of(26)))
    const letters = new datasets.EMNIST(root, 'letters', { train: false })
    assert.equal(letters.classes[letters.get(0)[1]], 'z')
    assert.throws(
      () => new datasets.EMNIST(root, 'all' as 'mnist'),
      /EMNIST: split must be one of byclass, .* got "all"/,
    )
    const sizes = (['byclass', 'bymerge', 'balanced', 'letters', 'digits', 'mnist'] as const).map((split) => {
      put(`emnist-${split}-train-images-idx3-ubyte`, idx([1, 28, 28], pattern(784)))
      put(`emnist-${split}-train-labels-idx1-ubyte`, idx([1], Uint8Array.of(1)))
      return new datasets.EMNIST(root, split).classes.length
    })
    assert.deepEqual(sizes, [62, 47, 47, 27, 10, 10])
  })

  it('CIFAR-10 is the same from binary files and from pickles', () => {
    const images = Array.from({ length: 6 }, (_, i) => pattern(2 * 3072, i))
    const record = (batch: Buffer, k: number, label: number): Buffer =>
      Buffer.concat([Buffer.of(label), batch.subarray(3072 * k, 3072 * (k + 1))])
    images.slice(0, 5).forEach((batch, i) => {
      put(`bin/cifar-10-batches-bin/data_batch_${i + 1}.bin`, Buffer.concat([record(batch, 0, i), record(batch, 1, 9)]))
      put(`py/cifar-10-batches-py/data_batch_${i + 1}`, cifarPickle(batch, 'labels', [i, 9]))
    })
    put('bin/cifar-10-batches-bin/batches.meta.txt', 'airplane\nautomobile\n\n')
    put('py/cifar-10-batches-py/batches.meta', namesPickle('label_names', ['airplane', 'automobile']))
    const binary = new datasets.CIFAR10(join(root, 'bin'))
    const python = new datasets.CIFAR10(join(root, 'py', 'cifar-10-batches-py'))
    assert.equal(binary.length, 10)
    assert.ok(binary.data.equal(python.data))
    assert.deepEqual(binary.targets.toArray(), [0, 9, 1, 9, 2, 9, 3, 9, 4, 9])
    assert.ok(binary.targets.equal(python.targets))
    assert.deepEqual(binary.classes, ['airplane', 'automobile'])
    assert.deepEqual(python.classes, binary.classes)
    // Three planes, red first.
    const [image] = binary.get(3)
    assert.deepEqual([...image.shape], [3, 32, 32])
    assert.ok(Math.abs(image.at(1, 2, 5).item() - images[1][3072 + 1024 + 2 * 32 + 5] / 255) < 1e-6)
    const [[batch, labels]] = new data.DataLoader(python, { batchSize: 10 })
    assert.ok(batch.select(0, 3).equal(image))
    assert.deepEqual(labels.toArray(), binary.targets.toArray())
    assert.throws(
      () => new datasets.CIFAR10(join(root, 'bin'), { train: false }),
      /CIFAR10: test_batch\.bin or test_batch/,
    )
  })

  it('CIFAR-100 gives the fine labels, transformed if asked for', () => {
    const image = pattern(3072)
    put('cifar-100-binary/test.bin', Buffer.concat([Buffer.of(4, 77), image]))
    put('py/test', cifarPickle(image, 'fine_labels', [77]))
    const options = { train: false, targetTransform: (label: number) => label + 100, transform: new transforms.Pad(1) }
    for (const folder of [root, join(root, 'py')]) {
      const found = new datasets.CIFAR100(folder, options)
      assert.deepEqual(found.targets.toArray(), [77])
      const [x, label] = found.get(0)
      assert.equal(label, 177)
      assert.deepEqual([...x.shape], [3, 34, 34])
      const [[, labels]] = new data.DataLoader(found)
      assert.deepEqual(labels.toArray(), [177])
    }
  })

  it('CIFAR refuses damaged files, and pickles that name anything else', () => {
    put('test_batch.bin', pattern(3072))
    assert.throws(
      () => new datasets.CIFAR10(root, { train: false }),
      /test_batch\.bin has 3072 bytes, no whole number of records of 3073/,
    )
    rmSync(join(root, 'test_batch.bin'))
    put('test_batch', Buffer.from('\x80\x02cos\nsystem\nU\x04true\x85R.', 'latin1'))
    assert.throws(() => new datasets.CIFAR10(root, { train: false }), /os\.system/)
    const good = cifarPickle(pattern(3072), 'labels', [3])
    put('test_batch', good.subarray(0, 2000))
    assert.throws(() => new datasets.CIFAR10(root, { train: false }), /test_batch/)
    put('test_batch', cifarPickle(pattern(3072), 'other', [3]))
    assert.throws(() => new datasets.CIFAR10(root, { train: false }), /has no list 'labels'/)
    for (let i = 0; i < good.length; i += i < 200 ? 1 : 97) {
      const changed = Buffer.from(good)
      changed[i] ^= 0x11
      put('test_batch', changed)
      try {
        new datasets.CIFAR10(root, { train: false })
      } catch (error) {
        assert.ok(error instanceof Error)
      }
    }
  })

  it('STL-10 goes down its columns', () => {
    const size = 3 * 96 * 96
    const images = pattern(2 * size)
    put('stl10_binary/train_X.bin', images)
    put('stl10_binary/train_y.bin', Buffer.of(1, 10))
    put('stl10_binary/class_names.txt', 'airplane\nbird\n')
    const train = new datasets.STL10(root)
    assert.deepEqual(train.targets.toArray(), [0, 9])
    assert.deepEqual(train.classes, ['airplane', 'bird'])
    assert.equal(train.data.at(1, 2, 5, 7).item(), images[size + 2 * 96 * 96 + 7 * 96 + 5])
    put('unlabeled_X.bin', images)
    assert.deepEqual(new datasets.STL10(root, { split: 'unlabeled' }).targets.toArray(), [-1, -1])
    put('test_X.bin', images.subarray(1))
    assert.throws(
      () => new datasets.STL10(root, { split: 'test' }),
      /test_X\.bin has 55295 bytes, no whole number of images of 27648/,
    )
    put('stl10_binary/train_y.bin', Buffer.of(1))
    assert.throws(() => new datasets.STL10(root), /STL10: 2 images but 1 labels/)
  })

  for (const compress of [true, false])
    it(`SVHN reads MATLAB's arrays, ${compress ? 'compressed' : 'plain'}`, () => {
      const images = pattern(32 * 32 * 3 * 2)
      const labels = matArray('y', [2, 1], Buffer.of(10, 3), 6)
      put('train_32x32.mat', matFile([matArray('X', [32, 32, 3, 2], images), labels], compress))
      const train = new datasets.SVHN(root)
      assert.deepEqual(train.targets.toArray(), [0, 3])
      assert.equal(train.data.at(1, 2, 5, 7).item(), images[3072 + 2 * 1024 + 7 * 32 + 5])
    })

  it('SVHN refuses what is damaged', () => {
    const good = matFile([matArray('X', [32, 32, 3, 1], pattern(3072)), matArray('y', [1, 1], Buffer.of(1))])
    const read = (content: Buffer) => () => {
      put('test_32x32.mat', content)
      return new datasets.SVHN(root, { split: 'test' })
    }
    assert.equal(read(good)().length, 1)
    assert.throws(read(good.subarray(0, 100)), /it is no MATLAB file of version 5/)
    assert.throws(read(good.subarray(0, good.length - 20)), /reaches beyond the end|ends at byte/)
    assert.throws(read(Buffer.from('MATLAB 7.3 MAT-file'.padEnd(512))), /HDF5 file \(version 7\.3\), which is not read/)
    assert.throws(read(matFile([matArray('y', [1, 1], Buffer.of(1))])), /has no array 'X', but y/)
    assert.throws(
      read(matFile([matArray('X', [32, 32, 3, 9], pattern(3072))])),
      /of sizes 32 × 32 × 3 × 9 has 3072 bytes/,
    )
    for (let i = 124; i < good.length; i++) {
      const changed = Buffer.from(good)
      changed[i] ^= 0x41
      try {
        read(changed)()
      } catch (error) {
        assert.match((error as Error).message, /SVHN|test_32x32\.mat|tensor|shape/)
      }
    }
  })
})
