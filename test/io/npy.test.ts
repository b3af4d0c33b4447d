/** NumPy's files, both ways. */
import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { FileFormatError } from '../../lib/io/index.js'
import { ZipWriter } from '../../lib/io/zip/write.js'
import { arange, io, load, ones, randn, Tensor, tensor, zeros } from '../../lib/index.js'
import { temporaryFolders } from '../support/folders.js'
import { itRefuses } from '../support/refusals.js'
import { assertSame, expected, golden } from './support.js'

/** A .npy file with this description and so many bytes of elements. */
function file(descr: string, shape: string, data = 0, order = 'False'): Buffer {
  const text = `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`
  const head = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1')
  head.writeUInt16LE(text.length, 8)
  return Buffer.concat([head, Buffer.from(text), Buffer.alloc(data)])
}

describe('NumPy files', () => {
  const folder = temporaryFolders()()
  const path = join(folder, 'file.npy')

  for (const name of ['stored.npz', 'packed.npz'])
    it(`reads ${name}: Fortran order, big-endian, small integers`, () => {
      const arrays = io.loadNpz(golden(name))
      assert.deepEqual([...arrays.keys()], Object.keys(expected.arrays))
      for (const [key, value] of Object.entries(expected.arrays)) assertSame(arrays.get(key), value, key)
      assert.ok(arrays.get('fortran')?.isContiguous())
    })

  it('reads single arrays of both versions', () => {
    assertSame(io.loadNpy(golden('fortran.npy')), expected.arrays.fortran)
    assertSame(io.loadNpy(golden('v2.npy')), expected.arrays.c)
  })

  it('reads arrays in plain pickles', () => {
    const batch = load<{ labels: number[]; data: Tensor }>(golden('batch.pkl'))
    assert.deepEqual(batch.labels, [1, 2])
    assertSame(batch.data, expected.arrays.uint8)
  })

  it('writes what NumPy writes', () => {
    io.saveNpy(
      tensor([
        [0, 1, 2],
        [3, 4, 5],
      ]),
      path,
    )
    const bytes = readFileSync(path)
    assert.equal(bytes.length, 128 + 24)
    assert.equal(
      bytes.toString('latin1', 0, 128),
      '\x93NUMPY\x01\x00\x76\x00' + "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117) + '\n',
    )
  })

  it('brings every dtype and view back', () => {
    const base = arange(6).view(2, 3)
    for (const dtype of ['float32', 'float64', 'int32', 'int64', 'uint8', 'bool'] as const)
      for (const value of [base, base.t(), base.select(0, 1), zeros(0, 3), tensor(2)]) {
        io.saveNpy(value.to(dtype), path)
        const back = io.loadNpy(path)
        assert.deepEqual(
          [back.dtype, [...back.shape], back.toArray()],
          [dtype, [...value.shape], value.to(dtype).toArray()],
        )
      }
  })

  for (const compress of [false, true])
    it(`brings several back by name, compress: ${compress}`, () => {
      const arrays = { x: randn(3, 4), labels: tensor([1, 2], { dtype: 'int64' }), 'a/b': ones(1) }
      io.saveNpz(arrays, path, { compress })
      const back = io.loadNpz(path)
      assert.deepEqual([...back.keys()], Object.keys(arrays))
      for (const [name, value] of Object.entries(arrays)) assert.deepEqual(back.get(name)?.toArray(), value.toArray())
    })

  itRefuses([
    [() => io.loadNpy(Buffer.from('not a file')), /it does not begin with \\x93NUMPY/],
    [() => io.loadNpy(golden('text.npy')), /its elements are of type '<U2'; read are f8, f4/],
    [() => io.loadNpy(golden('objects.npy')), /'\|O'.*an array of Python objects is a pickle, which is not read/],
    [() => io.loadNpy(golden('stored.npz')), /holds several arrays: use io\.loadNpz/],
    [() => io.loadNpz(golden('fortran.npy')), /this is no \.npz file; for a single array use io\.loadNpy/],
    [
      () => io.loadNpy(file("'<f4'", '(1000000, 1000000)', 8)),
      /it has 8 bytes of elements, sizes \[1000000, 1000000\] of float32 need 4000000000000/,
    ],
    [() => io.loadNpy(file("'<f4'", '(99999999, 99999999, 99999999)')), /sizes .* make no sense/],
    [() => io.loadNpy(file("'<f4'", '(2,)', 9)), /it has 9 bytes of elements/],
    [() => io.loadNpy(file("'<c8'", '(1,)', 8)), /of type '<c8'/],
    [() => io.loadNpy(file("[('a', '<f4')]", '(1,)', 4)), /records with named fields/],
    [() => io.loadNpy(file('__import__', '(1,)', 4)), /its header is damaged/],
    [() => io.saveNpy([1] as never, path), /saveNpy: the first argument must be a tensor/],
  ])

  it('cut at any place are refused', () => {
    for (const name of ['fortran.npy', 'stored.npz', 'packed.npz']) {
      const bytes = readFileSync(golden(name))
      const read = name.endsWith('y') ? io.loadNpy : io.loadNpz
      for (let length = 0; length < bytes.length; length += 13)
        assert.throws(() => read(bytes.subarray(0, length)), FileFormatError, `${name} at ${length}`)
    }
  })
})

describe('archives that are refused', () => {
  const folder = temporaryFolders()()

  const entry = (size: number): Buffer => file("'|u1'", `(${size},)`, size)
  const archive = (names: readonly string[], change: (bytes: Buffer) => void = () => {}): Buffer => {
    const parts: Uint8Array[] = []
    const zip = new ZipWriter((bytes) => parts.push(Buffer.from(bytes)))
    for (const name of names) zip.add(name, entry(10))
    zip.end()
    const bytes = Buffer.concat(parts)
    change(bytes)
    return bytes
  }
  const central = (bytes: Buffer, n = 0): number => {
    let at = bytes.indexOf('PK\x01\x02')
    for (let i = 0; i < n; i++) at = bytes.indexOf('PK\x01\x02', at + 1)
    return at
  }

  itRefuses([
    [() => io.loadNpz(archive(['a.npy', 'a.npy'])), /two entries are named 'a\.npy'/],
    [() => io.loadNpz(archive(['a.npy'], (b) => b.writeUInt16LE(12, central(b) + 10))), /packed by method 12/],
    [() => io.loadNpz(archive(['a.npy'], (b) => b.writeUInt16LE(1, central(b) + 8))), /'a\.npy' is encrypted/],
    [
      () => io.loadNpz(archive(['a.npy'], (b) => b.writeUInt32LE(0x7fffffff, central(b) + 24))),
      /stored in 79 bytes but claims 2147483647/,
    ],
    [
      () => io.loadNpz(archive(['a.npy'], (b) => b.writeUInt32LE(5, central(b) + 42))),
      /the header of entry 'a\.npy' is damaged/,
    ],
    [
      () => io.loadNpz(archive(['a.npy'], (b) => b.writeUInt16LE(60000, b.length - 12))),
      /a directory of 60000 entries/,
    ],
    [
      () =>
        io.loadNpz(
          archive(['a.npy', 'b.npy'], (b) => {
            // The second name and place are those of the first, but for the directory's name.
            b.writeUInt32LE(1 << 20, central(b) + 20)
            b.writeUInt32LE(1 << 20, central(b) + 24)
          }),
        ),
      /reaches beyond the place of its data/,
    ],
    [
      () =>
        io.loadNpz(
          archive(['a.npy', 'b.npy'], (b) => {
            b.writeUInt32LE(120, central(b) + 20)
            b.writeUInt32LE(120, central(b) + 24)
          }),
        ),
      /entries 'a\.npy' and 'b\.npy' overlap/,
    ],
  ])

  it('because they unpack to too much', () => {
    const path = join(folder, 'bomb.npz')
    io.saveNpz({ x: zeros(1000, 1000) }, path, { compress: true })
    assert.ok(readFileSync(path).length < 10_000)
    assert.throws(() => io.loadNpz(path, { maxBytes: 1e6 }), /unpack to 4000\d+ bytes, more than maxBytes \(1000000\)/)
    assert.equal(io.loadNpz(path).get('x')?.numel(), 1e6)
    const bytes = readFileSync(path)
    const at = central(bytes)
    bytes.writeUInt32LE(1e9, at + 24)
    assert.throws(() => io.loadNpz(bytes), /claims to unpack \d+ bytes to 1000000000, which is not possible/)
    bytes.writeUInt32LE(3e6, at + 24)
    assert.throws(() => io.loadNpz(bytes), /does not unpack to its 3000000 bytes/)
  })

  it('because their data is damaged', () => {
    const bytes = archive(['a.npy'])
    bytes[bytes.indexOf('}') + 5] ^= 1
    assert.throws(() => io.loadNpz(bytes), /'a\.npy' does not have its checksum/)
    writeFileSync(join(folder, 'raw'), deflateRawSync(bytes))
    assert.throws(() => io.loadNpz(join(folder, 'raw')), /this is no \.npz file/)
  })
})
