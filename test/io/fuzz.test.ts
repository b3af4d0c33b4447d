/**
 * Ten thousand damaged files of each format: whatever is in them, the answer is a value or an error of ours, at once, and
 * without allocating more than a small multiple of the file.
 */
import { readFileSync } from 'node:fs'
import { FileFormatError } from '../../lib/io/index.js'
import { io, load } from '../../lib/index.js'
import { fuzz } from '../support/fuzz.js'
import { golden } from './support.js'

/** What a damaged file may end in, besides a value. */
const allowed = (error: Error): boolean => error instanceof FileFormatError || /is not known here/.test(error.message)

/** An archive whose writer computed no checksums, so that damage reaches what lies behind them. */
function withoutChecksums(archive: Buffer): Buffer {
  for (let at = archive.indexOf('PK\x01\x02'); at >= 0; at = archive.indexOf('PK\x01\x02', at + 1))
    archive.writeUInt32LE(0, at + 16)
  return archive
}

describe('damaged files', () => {
  const bytes = (name: string): Buffer => readFileSync(golden(name))
  fuzz({
    name: 'PyTorch archives',
    read: (file) => load(file),
    file: withoutChecksums(bytes('everything.pt')),
    allowed,
  })
  fuzz({ name: 'old PyTorch files', read: (file) => load(file), file: bytes('legacy.pth'), allowed })
  fuzz({ name: 'pickles', read: (file) => load(file), file: bytes('batch.pkl'), allowed })
  fuzz({
    name: 'safetensors',
    read: (file) => io.loadSafetensors(file),
    file: bytes('everything.safetensors'),
    allowed,
  })
  fuzz({ name: '.npy files', read: (file) => io.loadNpy(file), file: bytes('fortran.npy'), allowed })
  fuzz({
    name: '.npz files',
    read: (file) => io.loadNpz(file, { maxBytes: 1 << 20 }),
    file: withoutChecksums(bytes('stored.npz')),
    allowed,
  })
  fuzz({ name: 'ONNX', read: (file) => io.importOnnx(file), file: bytes('torch-images-dynamo.onnx'), allowed })
  fuzz({
    name: 'CSV',
    read: (file) => io.loadCsv(file),
    file: Buffer.from('a,b,"c"\n1,2.5,x\n-3e4,NA,"y,""z"\n'.repeat(4)),
    allowed,
  })
  fuzz({
    name: 'compressed .npz files',
    read: (file) => io.loadNpz(file, { maxBytes: 1 << 20 }),
    file: bytes('packed.npz'),
    allowed,
  })
})
