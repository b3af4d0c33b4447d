/** NumPy's files: one array (.npy), or several by name in an archive (.npz). */
import { addon } from '../../device/addon.js'
import { assertTensor, type Tensor } from '../../tensor/tensor.js'
import { MemoryBytes, withBytes, writeAtomically, type FileSource } from '../files.js'
import { assertNamedTensors, type NamedTensors } from '../named-tensors.js'
import { ZipArchive, looksLikeZip } from '../zip/read.js'
import { ZipWriter } from '../zip/write.js'
import { arrayParts, readArray } from './array.js'

/** How `loadNpz` reads. */
export interface NpzOptions {
  /** The most bytes that compressed arrays may take together when unpacked. Default 2^30. */
  maxBytes?: number
}

/**
 * The array of a .npy file. Fortran order and big-endian files are read; float16 is converted to float32, int8, int16 and
 * uint16 to int32, uint32 to int64. Complex numbers, texts, records and Python objects are refused. numpy.load.
 * @throws FileFormatError for a file that is damaged or cut off; nothing is allocated for sizes that it only claims.
 */
export function loadNpy(source: FileSource): Tensor {
  return withBytes('loadNpy', source, (file) => {
    if (looksLikeZip(file)) file.fail('holds several arrays: use io.loadNpz')
    return readArray(file)
  })
}

/** Writes a tensor as a .npy file, in row-major order. numpy.save. */
export function saveNpy(tensor: Tensor, path: string): void {
  assertTensor('saveNpy', 'the first argument', tensor)
  if (addon().isReleased(tensor.handle)) throw new Error('saveNpy: the tensor was disposed of')
  writeAtomically('saveNpy', path, (sink) => arrayParts(tensor).forEach(sink))
}

/**
 * The arrays of a .npz file by name, stored or compressed. numpy.load.
 * @throws FileFormatError for a file that is damaged, or whose arrays unpack to more than `maxBytes`.
 */
export function loadNpz(source: FileSource, { maxBytes = 2 ** 30 }: NpzOptions = {}): Map<string, Tensor> {
  return withBytes('loadNpz', source, (file) => {
    if (!looksLikeZip(file) && file.size > 0) file.fail('this is no .npz file; for a single array use io.loadNpy')
    const archive = new ZipArchive(file)
    const total = [...archive.entries.values()].reduce((sum, entry) => sum + entry.size, 0)
    if (total > Math.max(maxBytes, file.size))
      file.fail(
        `its arrays unpack to ${total} bytes, more than maxBytes (${maxBytes}); if you trust it, raise maxBytes`,
      )
    const arrays = new Map<string, Tensor>()
    for (const entry of archive.entries.values()) {
      const name = entry.name.replace(/\.npy$/, '')
      arrays.set(name, readArray(new MemoryBytes(`${file.name}: ${name}`, archive.read(entry, total))))
    }
    return arrays
  })
}

/**
 * Writes tensors by name as a .npz file. numpy.savez; with `compress: true` numpy.savez_compressed.
 * @example io.saveNpz({ images, labels }, 'digits.npz')
 */
export function saveNpz(tensors: NamedTensors, path: string, { compress = false }: { compress?: boolean } = {}): void {
  const given = assertNamedTensors('saveNpz', tensors)
  writeAtomically('saveNpz', path, (sink) => {
    const zip = new ZipWriter(sink, { align: 64, compress })
    for (const [name, tensor] of given) zip.add(`${name}.npy`, Buffer.concat(arrayParts(tensor)))
    zip.end()
  })
}
