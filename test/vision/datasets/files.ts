/** Writers of the formats in which data sets are published, for tests. */
import { deflateSync } from 'node:zlib'

/** An IDX file of bytes. */
export function idx(shape: number[], bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length)
  header.writeUInt32BE(0x0800 + shape.length)
  shape.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i))
  return Buffer.concat([header, bytes])
}

/** Bytes that differ from place to place. */
export function pattern(length: number, seed = 0): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) * 13 + seed * 31) & 255))
}

const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from(`U${String.fromCharCode(value.length)}`), Buffer.from(value)])

/** A batch of CIFAR as Python 2 pickled it: {'data': array of bytes [n, 3072], key: labels}. */
export function cifarPickle(data: Buffer, key: string, labels: number[]): Buffer {
  const small = (n: number): Buffer => Buffer.from([0x4b, n])
  const size = Buffer.from([0x4d, 0x00, 0x0c]) // 3072
  const length = Buffer.alloc(5)
  length.write('T')
  length.writeInt32LE(data.length, 1)
  const minusOne = Buffer.from([0x4a, 255, 255, 255, 255])
  return Buffer.concat([
    Buffer.from('\x80\x02}(', 'latin1'),
    text('data'),
    Buffer.from('cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n'),
    Buffer.concat([small(0), Buffer.from([0x85]), text('b'), Buffer.from([0x87]), Buffer.from('R(')]),
    Buffer.concat([small(1), small(labels.length), size, Buffer.from([0x86])]),
    Buffer.concat([
      Buffer.from('cnumpy\ndtype\n'),
      text('u1'),
      small(0),
      small(1),
      Buffer.from([0x87]),
      Buffer.from('R('),
    ]),
    Buffer.concat([small(3), text('|'), Buffer.from('NNN'), minusOne, minusOne, small(0), Buffer.from('tb')]),
    Buffer.concat([Buffer.from([0x89]), length, data, Buffer.from('tb')]),
    Buffer.concat([text(key), Buffer.from(']('), ...labels.map(small), Buffer.from('eu.')]),
  ])
}

/** The names of classes as Python pickled them. */
export function namesPickle(key: string, names: string[]): Buffer {
  return Buffer.concat([
    Buffer.from('\x80\x02}(', 'latin1'),
    text(key),
    Buffer.from(']('),
    ...names.map(text),
    Buffer.from('eu.'),
  ])
}

function matElement(type: number, data: Buffer): Buffer {
  const tag = Buffer.alloc(8)
  tag.writeUInt32LE(type)
  tag.writeUInt32LE(data.length, 4)
  return Buffer.concat([tag, data, Buffer.alloc((8 - (data.length % 8)) % 8)])
}

/** An array of bytes in MATLAB's version 5, its class uint8 or double. */
export function matArray(name: string, shape: number[], data: Buffer, kind = 9): Buffer {
  const sizes = Buffer.alloc(4 * shape.length)
  shape.forEach((size, d) => sizes.writeInt32LE(size, 4 * d))
  // A short name stands in its tag.
  const label = Buffer.alloc(8)
  label.writeUInt16LE(1)
  label.writeUInt16LE(name.length, 2)
  label.write(name, 4)
  const flags = Buffer.alloc(8)
  flags[0] = kind
  const body = Buffer.concat([matElement(6, flags), matElement(5, sizes), label, matElement(2, data)])
  return matElement(14, body)
}

/** A MATLAB file of version 5 with compressed arrays. */
export function matFile(arrays: Buffer[], compress = true): Buffer {
  const header = Buffer.alloc(128, ' ')
  header.write('MATLAB 5.0 MAT-file')
  header.writeUInt16LE(0x0100, 124)
  header.write('IM', 126)
  const packed = arrays.map((array) => {
    if (!compress) return array
    const data = deflateSync(array)
    const tag = Buffer.alloc(8)
    tag.writeUInt32LE(15)
    tag.writeUInt32LE(data.length, 4)
    return Buffer.concat([tag, data])
  })
  return Buffer.concat([header, ...packed])
}

/** A tar archive of these files. */
export function tar(files: Record<string, Buffer>): Buffer {
  const entries = Object.entries(files).map(([name, data]) => {
    const header = Buffer.alloc(512)
    header.write(name)
    header.write('0000644\0', 100)
    header.write(data.length.toString(8).padStart(11, '0') + '\0', 124)
    header.write('        0ustar  \0', 148)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(sum.toString(8).padStart(6, '0') + '\0 ', 148)
    return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)])
  })
  return Buffer.concat([...entries, Buffer.alloc(1024)])
}
