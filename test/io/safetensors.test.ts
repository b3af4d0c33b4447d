/** safetensors: read as the reference wrote them, and written byte for byte as it would. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FileFormatError } from '../../lib/io/index.js'
import { io, ones, randn, tensor } from '../../lib/index.js'
import { temporaryFolders } from '../support/folders.js'
import { itRefuses } from '../support/refusals.js'
import { assertSame, assertSameState, expected, golden, Net } from './support.js'

/** A file with this header and so many bytes of data. */
function file(header: string, data = 0): Buffer {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)))
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(data)])
}

const entry = (range: [number, number], shape: number[] = [1], dtype = 'F32'): string =>
  JSON.stringify({ dtype, shape, data_offsets: range })

describe('safetensors', () => {
  const path = join(temporaryFolders()(), 'file.safetensors')

  it('are read with every dtype', () => {
    const state = io.loadSafetensors(golden('everything.safetensors'), { names: 'asWritten' })
    for (const [dtype, value] of Object.entries(expected.dtypes)) assertSame(state.get(dtype), value, dtype)
    assert.equal(state.get('scalar')?.item(), 7.5)
    assert.deepEqual([...(state.get('empty')?.shape ?? [])], [0, 3])
  })

  it('are read one by one', () => {
    const opened = io.openSafetensors(golden('everything.safetensors'))
    assert.deepEqual({ ...opened.metadata }, { format: 'pt', note: 'ä' })
    assert.ok(opened.keys().includes('halfExtremes'))
    assert.deepEqual([opened.shapeOf('bfloat16'), opened.dtypeOf('bfloat16')], [[6], 'float32'])
    assertSame(opened.getTensor('int16'), expected.dtypes.int16)
    assert.throws(() => opened.getTensor('other'), /there is no tensor 'other'; there are /)
  })

  it('bring a state dict back', () => {
    const state = new Net().stateDict()
    io.saveSafetensors(state, path, { metadata: { format: 'pt' } })
    assertSameState(io.loadSafetensors(path), state)
    assert.ok(io.openSafetensors(path, { names: 'asWritten' }).keys().includes('rnn.weight_ih_l0_reverse'))
  })

  it('are written with wide elements first and aligned data', () => {
    const base = randn(2, 3)
    io.saveSafetensors({ flag: tensor([true]), b: base.t(), wide: ones(1, { dtype: 'float64' }), a: ones(1) }, path)
    const bytes = readFileSync(path)
    const length = Number(bytes.readBigUInt64LE(0))
    assert.equal(length % 8, 0)
    const header = bytes.toString('utf8', 8, 8 + length)
    assert.equal(
      header.trimEnd(),
      `{"wide":${entry([0, 8], [1], 'F64')},"a":${entry([8, 12])},"b":${entry([12, 36], [3, 2])},"flag":${entry([36, 37], [1], 'BOOL')}}`,
    )
    assert.deepEqual(io.loadSafetensors(path).get('b')?.toArray(), base.t().toArray())
  })

  itRefuses([
    [() => io.loadSafetensors(Buffer.alloc(4)), /it has no header/],
    [() => io.loadSafetensors(Buffer.alloc(16, 0xff)), /its header would have 18446744073709551615 bytes/],
    [() => io.loadSafetensors(Buffer.from('\x10\0\0\0\0\0\0\0{}', 'latin1')), /damaged or cut off/],
    [() => io.loadSafetensors(file('[]')), /its header is no JSON object/],
    [() => io.loadSafetensors(file('{"a":')), /its header is no JSON: /],
    [
      () => io.loadSafetensors(file(`{"a":${entry([0, 4])},"a":${entry([4, 8])}}`, 8)),
      /two tensors have the same name/,
    ],
    [
      () => io.loadSafetensors(file(`{"a":${entry([0, 8])}}`, 8)),
      /'a' of sizes \[1\] needs 4 bytes, the file gives it 8/,
    ],
    [
      () => io.loadSafetensors(file(`{"a":${entry([0, 4])},"b":${entry([0, 4])}}`, 4)),
      /'b' begins at byte 0, the one before it ends at 4/,
    ],
    [() => io.loadSafetensors(file(`{"a":${entry([4, 8])}}`, 8)), /'a' begins at byte 4, the one before it ends at 0/],
    [() => io.loadSafetensors(file(`{"a":${entry([0, 4])}}`, 5)), /its tensors end at byte \d+, the file at \d+/],
    [() => io.loadSafetensors(file(`{"a":${entry([0, 4e15], [1e15])}}`)), /its tensors end at byte/],
    [
      () => io.loadSafetensors(file(`{"a":${entry([0, 1], [1], 'F8_E5M2')}}`, 1)),
      /'a' is of type F8_E5M2; read are F64/,
    ],
    [() => io.loadSafetensors(file(`{"a":${entry([0, 4], [-1])}}`, 4)), /the description of 'a' is damaged/],
    [() => io.loadSafetensors(file('{"__metadata__":{"n":1}}')), /its metadata must be texts/],
    [() => io.saveSafetensors({ __metadata__: ones(1) }, path), /no tensor can be called '__metadata__'/],
    [() => io.saveSafetensors({ a: 1 as never }, path), /saveSafetensors: 'a' must be a tensor, got 1/],
    [() => io.saveSafetensors(ones(2) as never, path), /expects tensors by name, such as net\.stateDict\(\)/],
    [() => io.saveSafetensors({}, path, { metadata: { n: 1 as never } }), /metadata\.n must be a string, got number/],
  ])

  it('cut at any place are refused', () => {
    const bytes = readFileSync(golden('everything.safetensors'))
    for (let length = 0; length < bytes.length; length += 7)
      assert.throws(() => io.loadSafetensors(bytes.subarray(0, length)), FileFormatError, String(length))
  })
})
