/** ONNX: what is written is what onnxruntime was seen to compute alike, and what PyTorch writes is read. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { externalReader } from '../../lib/io/onnx/external.js'
import { decodeModel, encodeModel, type Attribute, type OnnxModel, type OnnxTensor } from '../../lib/io/onnx/model.js'
import { intsOf, protoFields, ProtoWriter } from '../../lib/io/onnx/protobuf.js'
import { F, io, nn, ones, optim, randn, tensor, Tensor, zeros } from '../../lib/index.js'
import { expectClose, fromGolden, type GoldenTensor } from '../support/golden.js'
import { temporaryFolders } from '../support/folders.js'
import { itRefuses } from '../support/refusals.js'
import { onnxCases, outputsOf, runsOf } from './onnx-cases.js'
import { golden, Small } from './support.js'

/** A graph as check_onnx.py notes it. */
function described({ inputs, outputs, nodes, constants }: OnnxModel): string[] {
  const shown = (value: Attribute): string => {
    if (typeof value !== 'object') return String(value)
    if ('float' in value) return value.float.toExponential(5).replace(/e([+-])(\d)$/, 'e$10$2')
    if ('strings' in value) return value.strings.join()
    return Array.isArray(value) ? value.join() : '?'
  }
  const int64s = ({ type, shape, data }: OnnxTensor): string => {
    if (type !== 'int64' || data.length >= 320) return ''
    const view = new DataView(data.buffer, data.byteOffset)
    const values = Array.from({ length: data.length / 8 }, (_, i) => view.getBigInt64(8 * i, true))
    return shape.includes(0) ? ' ' : ` ${values.join()}`
  }
  return [
    ...[...inputs, ...outputs].map(({ name, shape }) => `${name} [${shape.join(', ')}]`),
    ...nodes.map(({ op, inputs: from, outputs: to, attributes }) => {
      const settings = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))
      const text = settings.map(([name, value]) => `${name}=${shown(value)}`).join(' ')
      return `${to.join(' ')} = ${op}(${from.join(' ')}) ${text}`.trim()
    }),
    ...[...constants].map(([name, value]) => `${name}: ${value.type} [${value.shape.join(', ')}]${int64s(value)}`),
  ]
}

describe('ONNX export', () => {
  const folder = temporaryFolders()()
  const graphs = JSON.parse(readFileSync(golden('onnx.json'), 'utf8')) as Record<string, string[]>
  const cases = onnxCases()

  it('has the cases that onnxruntime has run', () => {
    assert.deepEqual(Object.keys(cases), Object.keys(graphs))
  })

  for (const [name, entry] of Object.entries(cases))
    it(`writes ${name} as onnxruntime computed it, and reads it back`, () => {
      const path = join(folder, `${name}.onnx`)
      entry.module.eval()
      io.exportOnnx(entry.module, entry.inputs, path, entry.options)
      assert.deepEqual(described(decodeModel(readFileSync(path), name, externalReader(path, name))), graphs[name])
      const back = io.importOnnx(path)
      for (const inputs of runsOf(entry)) {
        const got = outputsOf(back, inputs)
        outputsOf(entry.module, inputs).forEach((wanted, i) => {
          assert.equal(got[i].dtype, wanted.dtype)
          const flat = Array.from(wanted.toTypedArray(), Number)
          expectClose(
            got[i],
            { shape: [...wanted.shape], dtype: wanted.dtype, data: flat },
            { relative: 1e-6 },
            `output ${i}`,
          )
        })
      }
    })

  it('leaves the module as it was', () => {
    const net = new nn.Sequential(new nn.Linear(2, 2), new nn.Dropout())
    net[0].eval()
    io.exportOnnx(net, ones(1, 2), join(folder, 'modes.onnx'))
    assert.deepEqual(
      net.modules().map(({ training }) => training),
      [true, false, true],
    )
    assert.equal(
      net.parameters().every(({ grad }) => grad === null),
      true,
    )
  })

  it('takes inputs with any strides, and does not touch them', () => {
    const x = randn(2, 3).t()
    const before = x.toArray()
    const path = join(folder, 'turned.onnx')
    const net = new nn.Sequential(new nn.ReLU({ inplace: true }), new nn.Linear(2, 2))
    io.exportOnnx(net, x, path)
    assert.deepEqual(x.toArray(), before)
    assert.deepEqual(outputsOf(io.importOnnx(path), [x])[0].toArray(), outputsOf(net, [x.clone()])[0].toArray())
  })

  it('names inputs and outputs as told', () => {
    const path = join(folder, 'names.onnx')
    const options = {
      inputNames: ['image'],
      outputNames: ['logits'],
      dynamicAxes: { image: { 0: 'N' }, logits: { 0: 'N' } },
    }
    io.exportOnnx(new Small(), zeros(1, 1, 8, 8), path, options)
    const { inputs, outputs } = io.importOnnx(path)
    assert.deepEqual(inputs, [{ name: 'image', dtype: 'float32', shape: ['N', 1, 8, 8] }])
    assert.deepEqual(outputs, [{ name: 'logits', dtype: 'float32', shape: ['N', 4] }])
  })

  const path = join(folder, 'refused.onnx')
  const outside = randn(3)
  class Foreign extends nn.Module {
    forward(x: Tensor): Tensor {
      return x.add(outside)
    }
  }
  class Kept extends nn.Module {
    table = randn(3)
    forward(x: Tensor): Tensor {
      return x.add(this.table)
    }
  }
  class Random extends nn.Module {
    forward(x: Tensor): Tensor {
      return x.add(randn(3))
    }
  }
  class PartInPlace extends nn.Module {
    forward(x: Tensor): Tensor {
      const y = x.mul(2)
      y.select(0, 0).fill_(0)
      return y
    }
  }
  class OwnSizes extends nn.Module {
    forward(x: Tensor): Tensor {
      return x.shape[0] > 3 ? x.mul(2) : x.add(1).mul(3)
    }
  }

  it('takes tensors in fields as constants', () => {
    const module = new Kept()
    io.exportOnnx(module, ones(3), path)
    assert.deepEqual(outputsOf(io.importOnnx(path), [ones(3)])[0].toArray(), module.forward(ones(3)).toArray())
  })

  itRefuses([
    [
      () => io.exportOnnx(new Foreign(), ones(3), path),
      /uses a tensor that is no input, parameter or field of a module/,
    ],
    [() => io.exportOnnx(new Random(), ones(3), path), /'normal' has no counterpart in ONNX/],
    [() => io.exportOnnx(new PartInPlace(), ones(3, 2), path), /changes a part of a tensor in place/],
    [
      () => io.exportOnnx(new OwnSizes(), ones(2, 2), path, { dynamicAxes: { input: { 0: 'n' } } }),
      /with other sizes the module computes something else/,
    ],
    [
      () => io.exportOnnx(new nn.Linear(2, 2), ones(2, 2), path, { dynamicAxes: { input: { 5: 'n' } } }),
      /dynamicAxes\.input names dimension 5, the input has shape \[2, 2\]/,
    ],
    [
      () => io.exportOnnx(new nn.AdaptiveMaxPool2d(2), randn(1, 1, 3, 3), path),
      /windows of different sizes, which ONNX cannot say/,
    ],
    [() => io.exportOnnx(F as never, ones(1), path), /the first argument must be a module/],
    [() => io.exportOnnx(new nn.ReLU(), 5 as never, path), /inputs must be a tensor or an array of tensors/],
    [() => io.exportOnnx(new nn.ReLU(), [5] as never, path), /input 0 must be a tensor/],
  ])
})

describe('ONNX import', () => {
  interface TorchCase {
    x: GoldenTensor
    y: GoldenTensor
    names: string[]
  }
  const torch = JSON.parse(readFileSync(golden('torch-onnx.json'), 'utf8')) as Record<string, TorchCase>

  for (const [name, { x, y }] of Object.entries(torch))
    for (const exporter of ['dynamo', 'script'])
      it(`computes what PyTorch's ${exporter} exporter wrote of ${name}`, () => {
        const module = io.importOnnx(golden(`torch-${name}-${exporter}.onnx`))
        expectClose(module.forward(fromGolden(x)) as Tensor, y, { relative: 1e-5 })
      })

  it('has weights under their names, which can be learned further', () => {
    const module = io.importOnnx(golden('torch-images-dynamo.onnx'))
    const names = module.namedParameters().map(([name]) => name)
    assert.ok(['features.0.weight', 'up.bias', 'out.weight'].every((name) => names.includes(name)))
    assert.match(String(module), /^OnnxModule\(\n {2}input \[2, 1, 8, 8\] → output \[2, 4\], \d+ nodes/)
    const optimizer = new optim.SGD(module.parameters(), { lr: 0.1 })
    const loss = (): Tensor => (module.forward(fromGolden(torch.images.x)) as Tensor).select(1, 0).log().sum().neg()
    const before = loss()
    before.backward()
    optimizer.step()
    assert.ok(loss().item() < before.item())
  })

  const model = (changes: Partial<OnnxModel> = {}): Uint8Array =>
    encodeModel({
      opset: 18,
      inputs: [{ name: 'x', dtype: 'float32', shape: [2] }],
      outputs: [{ name: 'y', dtype: 'float32', shape: [2] }],
      nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'], attributes: {} }],
      constants: new Map(),
      ...changes,
    })
  const node = (op: string, inputs: string[], outputs: string[]) => ({ op, inputs, outputs, attributes: {} })
  const big: OnnxTensor = { type: 'float32', shape: [1e6, 1e6], data: new Uint8Array(4) }

  itRefuses([
    [() => io.importOnnx(Buffer.from('nothing')), /this is no ONNX/],
    [() => io.importOnnx(new Uint8Array(0)), /it has no graph or no operator set/],
    [
      () => io.importOnnx(model({ nodes: [node('Foo', ['x'], ['y']), node('Bar', ['y'], ['z'])] })),
      /operators that are not read: Foo, Bar/,
    ],
    [
      () => io.importOnnx(model({ nodes: [node('Relu', ['z'], ['y'])] })),
      /node 0 \(Relu\) reads 'z', which nothing before it gives/,
    ],
    [() => io.importOnnx(model({ nodes: [] })), /nothing gives the output 'y'/],
    [() => io.importOnnx(model({ nodes: [node('Relu', ['x'], ['x'])] })), /two values are named 'x'/],
    [
      () => io.importOnnx(model({ constants: new Map([['w', big]]) })),
      /constant 'w' of sizes \[1000000, 1000000\] has 4 bytes/,
    ],
    [() => io.importOnnx(model()).forward(), /the model takes 1 inputs \(x\), got 0/],
    [() => io.importOnnx(model()).forward(tensor([1], { dtype: 'int64' })), /input 'x' must be float32, got int64/],
    [
      () =>
        io
          .importOnnx(
            model({
              nodes: [node('MatMul', ['x', 'w'], ['y'])],
              constants: new Map([['w', { type: 'float32', shape: [3], data: new Uint8Array(12) }]]),
            }),
          )
          .forward(ones(2)),
      /ONNX: MatMul 'y': matmul: /,
    ],
  ])

  it('runs a model without weights', () => {
    assert.deepEqual((io.importOnnx(model()).forward(tensor([-1, 2])) as Tensor).toArray(), [0, 2])
  })
})

describe('protocol buffers', () => {
  it('are written as the specification says', () => {
    const bytes = new ProtoWriter()
      .int(1, 150)
      .text(2, 'testing')
      .int(3, -1)
      .float(4, 1)
      .message(5, (m) => m.int(1, 0))
      .finish()
    const wanted = '08 96 01 12 07 74 65 73 74 69 6e 67 18 ff ff ff ff ff ff ff ff ff 01 25 00 00 80 3f 2a 02 08 00'
    assert.equal(Buffer.from(bytes).toString('hex'), wanted.replaceAll(' ', ''))
    const fields = [...protoFields(bytes, 'bytes')]
    assert.deepEqual(
      fields.map(({ field }) => field),
      [1, 2, 3, 4, 5],
    )
    assert.equal(fields[0].value, 150n)
    assert.deepEqual(intsOf(Uint8Array.from([0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05]), 'bytes'), [3, 270, 86942])
  })

  it('that are cut off are refused', () => {
    for (const hex of ['08', '0896', '1207746573', '25000080', '0b', '08ffffffffffffffffffff01'])
      assert.throws(() => [...protoFields(Buffer.from(hex, 'hex'), 'f')], /f: this is no ONNX file, or it is damaged/)
  })
})
