/** ONNX import beyond what is exported here: Resize, weights in other files, recurrent layers that learn, hostile models. */
import { strict as assert } from 'node:assert'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeModel, type Attribute, type OnnxModel, type OnnxTensor } from '../../lib/io/onnx/model.js'
import { ProtoWriter } from '../../lib/io/onnx/protobuf.js'
import { io, optim, tensor, type Tensor } from '../../lib/index.js'
import { expectClose, fromGolden, type GoldenTensor } from '../support/golden.js'
import { temporaryFolders } from '../support/folders.js'
import { golden } from './support.js'

interface ResizeCase {
  opset: number
  scales: number[] | null
  sizes: number[] | null
  inputs: string[]
  attributes: Record<string, string | number | number[]>
  y: GoldenTensor
}

interface RecurrentCase {
  x: GoldenTensor
  y: GoldenTensor
  dx: GoldenTensor
}

const file = JSON.parse(readFileSync(golden('onnx-import.json'), 'utf8')) as {
  resize: ResizeCase[]
} & Record<'lstm' | 'gru' | 'rnn', RecurrentCase>

const bytesOf = (values: Float32Array | BigInt64Array): Uint8Array => new Uint8Array(values.buffer)

function resizeModel({ opset, scales, sizes, inputs, attributes }: ResizeCase): Uint8Array {
  const constants = new Map<string, OnnxTensor>([
    ['empty', { type: 'float32', shape: [0], data: new Uint8Array(0) }],
    ['scales', { type: 'float32', shape: [scales?.length ?? 0], data: bytesOf(Float32Array.from(scales ?? [])) }],
    ['sizes', { type: 'int64', shape: [sizes?.length ?? 0], data: bytesOf(BigInt64Array.from(sizes ?? [], BigInt)) }],
  ])
  const given = Object.entries(attributes).map(([name, value]): [string, Attribute] => [
    name,
    name === 'cubic_coeff_a' ? { float: value as number } : value,
  ])
  const value = (name: string) => ({ name, dtype: 'float32' as const, shape: ['a', 'b', 'c', 'd'] })
  const model: OnnxModel = {
    opset,
    inputs: [value('x')],
    outputs: [value('y')],
    nodes: [{ op: 'Resize', inputs, outputs: ['y'], attributes: Object.fromEntries(given) }],
    constants,
  }
  return encodeModel(model)
}

describe('ONNX import of Resize', () => {
  const x = tensor(Array.from({ length: 60 }, (_, i) => Math.sin(i * 1.7))).view(1, 2, 5, 6)
  const run = (given: ResizeCase): Tensor => io.importOnnx(resizeModel(given)).forward(x) as Tensor

  for (const given of file.resize)
    it(`computes as onnxruntime: version ${given.opset}, ${JSON.stringify(given.attributes)}`, () =>
      expectClose(run(given), given.y, { relative: 1e-5 }))

  it('lets gradients pass', () => {
    const leaf = x.clone().requiresGrad_()
    const module = io.importOnnx(resizeModel(file.resize[9]))
    ;(module.forward(leaf) as Tensor).sum().backward()
    // Weights of each new element add up to 1.
    assert.ok(Math.abs((leaf.grad as Tensor).sum().item() - 2 * 7 * 9) < 1e-3)
  })

  it('refuses by name what it does not read', () => {
    const [first] = file.resize.slice(5)
    const changed = (attributes: ResizeCase['attributes'], sizes = first.sizes): (() => Tensor) => {
      return () => run({ ...first, sizes, attributes: { ...first.attributes, ...attributes } })
    }
    assert.throws(changed({ mode: 'area' }), /Resize with mode 'area' is not read/)
    assert.throws(changed({ nearest_mode: 'toString' }), /Resize with nearest_mode 'toString' is not read/)
    assert.throws(
      changed({ coordinate_transformation_mode: 'tf_crop_and_resize' }),
      /coordinate_transformation_mode 'tf_crop_and_resize' is not read/,
    )
    assert.throws(changed({ antialias: 1 }), /antialias is not read/)
    assert.throws(changed({}, [1, 2, 3]), /needs 4 sizes or scales/)
    assert.throws(changed({}, [1, 2, 0, 3]), /dimension 2 from 5 to 0 elements is not possible/)
    assert.throws(changed({}, [1, 2, 2 ** 31, 2 ** 31]), /Resize to \d+ elements is not possible/)
  })
})

describe('ONNX import of recurrent layers', () => {
  for (const name of ['lstm', 'gru', 'rnn'] as const)
    it(`${name}: what PyTorch wrote gives its outputs and gradients, and learns`, () => {
      const module = io.importOnnx(golden(`torch-${name}.onnx`))
      const x = fromGolden(file[name].x).requiresGrad_()
      const y = module.forward(x) as Tensor
      expectClose(y, file[name].y, { relative: 1e-5 })
      const loss = y.square().sum()
      loss.backward()
      expectClose(x.grad as Tensor, file[name].dx, { relative: 1e-4 })
      const parameters = module.parameters()
      assert.ok(parameters.length > 2)
      for (const parameter of parameters) assert.ok(parameter.grad, 'every weight has a gradient')
      new optim.SGD(parameters, { lr: 1e-3 }).step()
      assert.ok((module.forward(x) as Tensor).square().sum().item() < loss.item())
    })
})

describe('ONNX import of weights in other files', () => {
  const folder = temporaryFolders()()
  const model = join(folder, 'torch-lstm.onnx')
  const weights = join(folder, 'torch-lstm.onnx.data')
  const source = golden('torch-lstm.onnx.data')
  before(() => copyFileSync(golden('torch-lstm.onnx'), model))
  beforeEach(() => copyFileSync(source, weights))

  it('says which file is missing, cut off, or not to be found by bytes alone', () => {
    assert.throws(() => io.importOnnx(readFileSync(model)), /kept in another file; give the path of the model/)
    writeFileSync(weights, readFileSync(source).subarray(0, 500))
    assert.throws(() => io.importOnnx(model), /torch-lstm\.onnx\.data: .* it has 500|the file has 500/)
    io.importOnnx(golden('torch-lstm.onnx'))
  })

  /** A model whose only constant stands elsewhere. */
  function elsewhere(entries: Record<string, string>, sizes: number[] = [2], constants = 1): string {
    const value = (writer: ProtoWriter, name: string): ProtoWriter =>
      writer.text(1, name).message(2, (type) => type.message(1, (t) => t.int(1, 1).message(2, () => {})))
    const bytes = new ProtoWriter()
      .int(1, 8)
      .message(7, (graph) => {
        graph.message(1, (node) => node.text(1, 'x').text(1, 'w0').text(2, 'y').text(4, 'Add'))
        for (let i = 0; i < constants; i++)
          graph.message(5, (constant) => {
            for (const size of sizes) constant.int(1, size)
            constant.int(2, 1).text(8, `w${i}`)
            for (const [key, text] of Object.entries(entries))
              constant.message(13, (entry) => entry.text(1, key).text(2, key === 'offset' ? String(i + +text) : text))
            constant.int(14, 1)
          })
        graph.message(11, (x) => value(x, 'x')).message(12, (y) => value(y, 'y'))
      })
      .message(8, (set) => set.text(1, '').int(2, 18))
      .finish()
    const path = join(folder, 'elsewhere.onnx')
    writeFileSync(path, bytes)
    return path
  }

  it('reads them at their offset', () => {
    writeFileSync(join(folder, 'w.bin'), bytesOf(Float32Array.of(9, 1, 2)))
    const module = io.importOnnx(elsewhere({ location: 'w.bin', offset: '4', length: '8' }))
    assert.deepEqual((module.forward(tensor([10, 20])) as Tensor).toArray(), [11, 22])
    mkdirSync(join(folder, 'deep'))
    copyFileSync(join(folder, 'w.bin'), join(folder, 'deep/w.bin'))
    io.importOnnx(elsewhere({ location: 'deep/w.bin' }))
  })

  it('refuses names that lead out of the folder, and sizes that the file has not', () => {
    mkdirSync(join(folder, 'inner'))
    symlinkSync('/etc', join(folder, 'link'))
    writeFileSync(join(folder, 'w.bin'), bytesOf(Float32Array.of(9, 1, 2)))
    const cases: [Record<string, string>, number[], number, RegExp][] = [
      [{ location: '../secret' }, [2], 1, /'\.\.\/secret', which is not in the model's folder/],
      [{ location: 'inner/../../secret' }, [2], 1, /which is not in the model's folder/],
      [{ location: '/etc/passwd' }, [2], 1, /'\/etc\/passwd', which is not in the model's folder/],
      [{ location: 'link/passwd' }, [2], 1, /'link\/passwd', which leads out of the folder/],
      [{ location: '' }, [2], 1, /'', which is not in the model's folder/],
      [{ location: '.' }, [2], 1, /'\.', which is not in the model's folder/],
      [{}, [2], 1, /which is not in the model's folder/],
      [{ location: 'nowhere.bin' }, [2], 1, /nowhere\.bin, which is not there; put the file beside the model/],
      [{ location: 'inner' }, [2], 1, /is no file/],
      [{ location: 'w.bin', length: '12' }, [2], 1, /has 12 bytes in another file, its sizes need 8/],
      [{ location: 'w.bin', length: '-8' }, [2], 1, /the length '-8' in another file; it is damaged/],
      [{ location: 'w.bin', offset: '1e300' }, [2], 1, /has the offset 'Infinity|the offset '1e\+300'|damaged|needed/],
      [{ location: 'w.bin' }, [1e6, 1e6], 1, /read 4000000000000 bytes of it, it has 12/],
      [{ location: 'w.bin', offset: '8' }, [2], 1, /8 bytes from byte 8 on are needed, the file has 12/],
      [{ location: 'w.bin', offset: '0' }, [2], 5, /constants of elsewhere\.onnx read 16 bytes of it, it has 12/],
    ]
    for (const [entries, sizes, constants, message] of cases)
      assert.throws(() => io.importOnnx(elsewhere(entries, sizes, constants)), message)
  })
})
