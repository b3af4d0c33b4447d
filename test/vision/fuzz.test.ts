/** Ten thousand damaged files of each format of pictures and of data sets. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { datasets, manualSeed, randint, utils } from '../../lib/index.js'
import { readIdx } from '../../lib/vision/datasets/idx.js'
import { LmdbFile } from '../../lib/vision/datasets/lmdb.js'
import { readMat } from '../../lib/vision/datasets/mat5.js'
import { temporaryFolders } from '../support/folders.js'
import { fuzz } from '../support/fuzz.js'
import { readGolden } from '../support/golden.js'
import { cifarPickle, idx, matArray, matFile, pattern } from './datasets/files.js'

describe('damaged pictures', () => {
  manualSeed(1)
  const image = randint(0, 256, [3, 9, 7]).to('uint8')
  const allowed = (error: Error): boolean => /^decodeImage: /.test(error.message)
  for (const format of ['png', 'jpeg', 'bmp', 'webp'] as const) {
    const file = Buffer.from(utils.encodeImage(image, format))
    fuzz({ name: `${format}`, read: (bytes) => utils.decodeImage(bytes), file, allowed, unpacked: 1 << 16 })
  }
})

describe('damaged data sets', () => {
  // In memory where there is such a folder: tens of thousands of files take minutes on a slow disk.
  const folder = temporaryFolders(existsSync('/dev/shm') ? '/dev/shm' : undefined)()
  const path = join(folder, 'file')
  const onDisk =
    (read: (path: string) => unknown) =>
    (bytes: Buffer): unknown => {
      writeFileSync(path, bytes)
      return read(path)
    }
  const allowed = (error: Error): boolean => /^(file|LMDB|CIFAR10|data_batch_\d|test_batch): ?/.test(error.message)
  const digits = idx([2, 4, 3], pattern(24))
  const readDigits = onDisk((name) => readIdx(name, 3))
  fuzz({ name: 'IDX', read: readDigits, file: digits, allowed })
  fuzz({ name: 'packed IDX', read: readDigits, file: gzipSync(digits), allowed, unpacked: 1 << 17 })

  const arrays = [matArray('X', [2, 3], pattern(6)), matArray('y', [6, 1], pattern(6, 1))]
  fuzz({ name: 'MATLAB', read: onDisk(readMat), file: matFile(arrays, false), allowed })
  fuzz({ name: 'packed MATLAB', read: onDisk(readMat), file: matFile(arrays), allowed, unpacked: 1 << 17 })

  const listed = (name: string): void => {
    const file = new LmdbFile(name)
    try {
      for (const entry of file.list()) file.value(entry)
    } finally {
      file.close()
    }
  }
  const database = gunzipSync(Buffer.from(readGolden<{ data: string }>('lmdb').data, 'base64'))
  fuzz({ name: 'LMDB', read: onDisk(listed), file: database, allowed })

  const root = join(folder, 'cifar')
  mkdirSync(root)
  const batch = (bytes: Buffer): unknown => {
    writeFileSync(join(root, 'test_batch'), bytes)
    return new datasets.CIFAR10(root, { train: false })
  }
  fuzz({ name: 'batches of CIFAR', read: batch, file: cifarPickle(pattern(3072), 'labels', [3]), allowed })
})
