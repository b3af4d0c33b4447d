/** PyTorch's files: read as it wrote them, and written so that it reads them. */
import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FileFormatError } from '../../lib/io/index.js'
import { F, load, nn, ones, optim, randn, save, tensor, Tensor, zeros } from '../../lib/index.js'
import { expectClose, fromGolden } from '../support/golden.js'
import { temporaryFolders } from '../support/folders.js'
import { itRefuses } from '../support/refusals.js'
import { assertSame, assertSameState, expected, golden, Net, shareMemory, Small, type Training } from './support.js'

interface Everything {
  dtypes: Record<string, Tensor>
  views: Record<string, Tensor>
  containers: Record<string, unknown>
}

for (const name of ['everything.pt', 'protocol4.pt', 'legacy.pth'])
  describe(`reading ${name}`, () => {
    const read = (): Everything => load<Everything>(golden(name), { names: 'asWritten' })

    it('has every dtype, converting those that we do not compute with', () => {
      const { dtypes } = read()
      assert.ok(Object.keys(dtypes).length >= 11)
      for (const [dtype, value] of Object.entries(dtypes))
        if (dtype !== 'half_extremes') assertSame(value, expected.dtypes[dtype], dtype)
      const extremes = [65504, -65504, 2 ** -24, 1023 * 2 ** -24, Infinity, NaN]
      assert.deepEqual(dtypes.half_extremes.toArray(), extremes.map(Math.fround))
    })

    it('has views of one memory', () => {
      const { views } = read()
      for (const [view, value] of Object.entries(expected.views)) assertSame(views[view], value, view)
      views.base.fill_(9)
      for (const view of ['turned', 'block', 'column']) assert.ok(views[view].eq(9).all().item(), view)
      assert.deepEqual(views.turned.strides, [1, 6])
    })

    it('has containers of every kind', () => {
      const { containers } = read()
      assert.equal(containers.none, null)
      assert.deepEqual(containers.flags, [true, false])
      const numbers = [0, 255, 256, -1, 65536, -(2 ** 31), 2 ** 40, 2n ** 80n, 1.5, Infinity]
      assert.deepEqual(containers.numbers, numbers)
      assert.deepEqual(containers.tuple, [1, ['a', 2]])
      const { deep } = containers.nested as { deep: { deeper: [{ x: Tensor }] } }
      assert.deepEqual(deep.deeper[0].x.toArray(), [1, 2])
      assert.deepEqual(containers.by_number, { 0: 'zero', 10: 'ten' })
      assert.deepEqual(
        [...(containers.mixed as Map<unknown, unknown>)],
        [
          [1, 'one'],
          ['two', 2],
          [[3, 4], null],
        ],
      )
      assert.deepEqual(
        [...(containers.ordered as Map<string, number>)],
        [
          ['b', 1],
          ['a', 2],
        ],
      )
      assert.equal(containers.text, 'äöü 数字 😀')
      assert.deepEqual([containers.size, containers.dtype, containers.device], [[2, 3], 'float16', 'cpu'])
      assert.ok(containers.parameter instanceof nn.Parameter && containers.parameter.requiresGrad)
      assert.ok(containers.frozen instanceof nn.Parameter && !containers.frozen.requiresGrad)
      assert.equal(containers.loss, 0.25)
      assert.deepEqual((containers.array as Tensor).toArray(), [
        [0, 1, 2],
        [3, 4, 5],
      ])
    })
  })

describe('state dicts from PyTorch', () => {
  it('fit without further ado: names are translated', () => {
    const net = new Net()
    assert.deepEqual(net.loadStateDict(load(golden('names.pt'))), { missingKeys: [], unexpectedKeys: [] })
    assertSame(net.rnn.weightIhL1Reverse, expected.names['rnn.weight_ih_l1_reverse'])
    assertSame(net.attn.inProjWeight, expected.names['attn.in_proj_weight'])
    assertSame(net.stateDict().get('convBlock.1.numBatchesTracked'), expected.names['conv_block.1.num_batches_tracked'])
  })

  it('keep tied weights tied', () => {
    const state = load(golden('tied.pt'))
    assert.ok(shareMemory(state.get('embed.weight') as Tensor, state.get('decode.weight') as Tensor))
  })

  const optimizers = {
    SGD: (params: nn.Parameter[]) => new optim.SGD(params),
    Adam: (params: nn.Parameter[]) => new optim.Adam(params),
    NAdam: (params: nn.Parameter[]) => new optim.NAdam(params),
    Adagrad: (params: nn.Parameter[]) => new optim.Adagrad(params),
    RMSprop: (params: nn.Parameter[]) => new optim.RMSprop(params, { centered: true, momentum: 0.9 }),
    Rprop: (params: nn.Parameter[]) => new optim.Rprop(params),
    ASGD: (params: nn.Parameter[]) => new optim.ASGD(params),
    AdamW: (params: nn.Parameter[]) => new optim.AdamW(params),
    Adamax: (params: nn.Parameter[]) => new optim.Adamax(params),
    RAdam: (params: nn.Parameter[]) => new optim.RAdam(params),
    Adadelta: (params: nn.Parameter[]) => new optim.Adadelta(params),
    Adafactor: (params: nn.Parameter[]) => new optim.Adafactor(params),
    LBFGS: (params: nn.Parameter[]) => new optim.LBFGS(params),
  }
  for (const [name, make] of Object.entries(optimizers))
    it(`go on with PyTorch's ${name} where it stopped`, () => {
      const { x, logits, after } = expected[name] as Training
      const file = load<{ model: Map<string, Tensor>; optimizer: never }>(golden(`${name}.pt`))
      const net = new Small()
      net.loadStateDict(file.model)
      const optimizer = make(net.parameters())
      optimizer.loadStateDict(file.optimizer)
      const y = net.forward(fromGolden(x))
      expectClose(y, logits, { relative: 1e-5 }, 'logits')
      optimizer.step(() => {
        optimizer.zeroGrad()
        const loss = F.crossEntropy(net.forward(fromGolden(x)), tensor([0, 1, 2, 3, 0], { dtype: 'int64' }))
        loss.backward()
        return loss
      })
      expectClose(net.out.weight, after, { relative: 1e-5 }, 'weight after a step')
    })
})

describe('files of big-endian machines', () => {
  it('are read in their order', () => {
    const dtypes = load<Everything['dtypes']>(golden('big-endian.pt'), { names: 'asWritten' })
    for (const [dtype, value] of Object.entries(dtypes))
      if (dtype !== 'half_extremes') assertSame(value, expected.dtypes[dtype], dtype)
  })

  it('are little-endian in the old format, whatever it notes, as PyTorch reads them', () => {
    const bytes = readFileSync(golden('legacy.pth'))
    const note = bytes.indexOf('little_endian')
    bytes[bytes.indexOf(0x88, note)] = 0x89 // True becomes False
    const { dtypes } = load<Everything>(bytes, { names: 'asWritten' })
    for (const dtype of ['float32', 'int64', 'bool']) assertSame(dtypes[dtype], expected.dtypes[dtype], dtype)
  })
})

describe('saving', () => {
  const folder = temporaryFolders()()
  const path = join(folder, 'file.pt')
  const again = <T>(value: unknown, options = {}): T => {
    save(value, path)
    return load<T>(path, options)
  }

  it('brings a state dict back, under the names of PyTorch in the file', () => {
    const net = new Net()
    assertSameState(again(net.stateDict()), net.stateDict())
    const written = load(path, { names: 'asWritten' })
    assert.deepEqual([...written.keys()].sort(), Object.keys(expected.names).sort())
  })

  it('brings containers back', () => {
    const value = {
      epoch: 3,
      lr: 1e-3,
      name: 'ü 😀',
      list: [1, -1, 70000, -70000, 2 ** 40, -(2 ** 53) + 1, 2n ** 70n, -0, NaN, 0.1, true, null],
      map: new Map<unknown, unknown>([
        [1, 'a'],
        ['1', 'b'],
      ]),
      numbers: { 0: 'zero', 7: { x: [] } },
      snake_case: { left_alone: 1, asItIs: 2 },
      long: 'x'.repeat(70_000),
    }
    assert.deepEqual(again(value), value)
    for (const plain of [5, 'text', true, null, [], {}]) assert.deepEqual(again(plain), plain)
  })

  it('brings every dtype, view and empty tensor back', () => {
    const base = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
    for (const dtype of ['float32', 'float64', 'int32', 'int64', 'uint8', 'bool'] as const) {
      const [a, b, c] = again<Tensor[]>([base.to(dtype), base.to(dtype).t(), zeros(0, 2, { dtype })])
      assert.deepEqual([a.dtype, b.dtype, c.dtype], [dtype, dtype, dtype])
      assert.deepEqual(a.toArray(), base.to(dtype).toArray())
      assert.deepEqual(b.toArray(), base.t().to(dtype).toArray())
      assert.deepEqual([...c.shape], [0, 2])
    }
  })

  it('keeps what shares memory together, and what is read only once', () => {
    const base = randn(4, 6)
    const { a, b, c, list } = again<{ a: Tensor; b: Tensor; c: Tensor; list: Tensor[] }>({
      a: base,
      b: base.t(),
      c: base.narrow(0, 1, 2),
      list: [base, base],
    })
    assert.ok(shareMemory(a, b) && shareMemory(a, c))
    assert.equal(list[0], a)
    assert.deepEqual(b.strides, [1, 6])
    const shared: unknown[] = []
    const [x, y] = again<unknown[]>([shared, shared])
    assert.equal(x, y)
    const loop: unknown[] = []
    loop.push(loop)
    const back = again<unknown[]>(loop)
    assert.equal(back[0], back)
  })

  it('writes a part of a large tensor without the rest', () => {
    const big = zeros(1000, 100)
    for (const part of [big.narrow(0, 5, 2), big.select(1, 3)]) {
      save(part, path)
      assert.ok(readFileSync(path).length < 8000)
      assert.deepEqual([...load<Tensor>(path).shape], [...part.shape])
    }
  })

  it('writes parameters as parameters', () => {
    const [learned, frozen, leaf, plain] = again<Tensor[]>([
      new nn.Parameter(ones(2)),
      new nn.Parameter(ones(2), false),
      ones(2).requiresGrad_(),
      ones(2),
    ])
    assert.ok(learned instanceof nn.Parameter && learned.requiresGrad)
    assert.ok(frozen instanceof nn.Parameter && !frozen.requiresGrad)
    assert.ok(!(leaf instanceof nn.Parameter) && leaf.requiresGrad && leaf.isLeaf)
    assert.ok(!plain.requiresGrad)
  })

  it('has an optimizer go on where it stopped', () => {
    const nets = [new Small(), new Small()]
    const x = randn(3, 1, 8, 8)
    const step = (net: Small, optimizer: optim.Adam): void => {
      optimizer.zeroGrad()
      net.forward(x).square().mean().backward()
      optimizer.step()
    }
    const first = new optim.Adam(nets[0].parameters(), { lr: 1e-2 })
    for (let i = 0; i < 3; i++) step(nets[0], first)
    const file = again<{ net: Map<string, Tensor>; optimizer: ReturnType<optim.Adam['stateDict']> }>({
      net: nets[0].stateDict(),
      optimizer: first.stateDict(),
    })
    nets[1].loadStateDict(file.net)
    const second = new optim.Adam(nets[1].parameters())
    second.loadStateDict(file.optimizer)
    step(nets[0], first)
    step(nets[1], second)
    assertSameState(nets[1].stateDict(), nets[0].stateDict())
    const raw = load<{ optimizer: { state: { 0: object }; param_groups: object[] } }>(path, { names: 'asWritten' })
    assert.deepEqual(Object.keys(raw.optimizer.state[0]), ['step', 'exp_avg', 'exp_avg_sq'])
    assert.ok('weight_decay' in raw.optimizer.param_groups[0])
  })

  it('writes entries as PyTorch does: stored, at multiples of 64 bytes', () => {
    save([ones(3), ones(5, { dtype: 'float64' })], path)
    const bytes = readFileSync(path)
    const names: string[] = []
    for (let at = bytes.indexOf('PK\x03\x04'); at >= 0; at = bytes.indexOf('PK\x03\x04', at + 4)) {
      const data = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28)
      names.push(bytes.toString('utf8', at + 30, at + 30 + bytes.readUInt16LE(at + 26)))
      assert.equal(data % 64, 0, names.at(-1))
      assert.equal(bytes.readUInt16LE(at + 8), 0, 'not packed')
    }
    const wanted = ['data.pkl', '.format_version', '.storage_alignment', 'byteorder', 'data/0', 'data/1', 'version']
    assert.deepEqual(
      names,
      wanted.map((name) => `archive/${name}`),
    )
    assert.equal(bytes.toString('latin1', 64, 66), '\x80\x02')
  })

  it('leaves the old file and no rubbish when it fails', () => {
    save([1], path)
    assert.throws(() => save({ net: { f: () => 1 } }, path), /save: the value\.net\.f is a function/)
    assert.deepEqual(load(path), [1])
    assert.deepEqual(readdirSync(folder), ['file.pt'])
  })

  itRefuses([
    [() => save([1], join(folder, 'no', 'such', 'file.pt')), /there is no folder .*such; create it first/],
    [() => save({ when: new Date() }, path), /the value\.when is of class Date, which no file can hold/],
    [
      () => save(new optim.SGD([ones(1).requiresGrad_()]), path),
      /SGD, which no file can hold; save its \.stateDict\(\)/,
    ],
    [() => save([new Float32Array(2)], path), /the value\[0\] is of class Float32Array, .*make a tensor of it/],
    [() => save(new Set([1]), path), /spread it into an array/],
    [() => save([1], ''), /the file must be given by its path/],
    [() => save([1], path, { names: 'other' as never }), /names must be 'torch' or 'asWritten'/],
    [() => load(join(folder, 'absent.pt')), /load: cannot open .*absent\.pt/],
    [() => load(folder), /is no file/],
  ])
})

describe('files that are refused', () => {
  itRefuses([
    [() => load(golden('attack.pkl')), /attack\.pkl: refuses to build "os\.system"/],
    [
      () => load(golden('whole-model.pt')),
      /refuses to build "__main__\.Small".*torch\.save\(model\.state_dict\(\), path\)/,
    ],
    [() => load(golden('fortran.npy')), /this is a NumPy array: use io\.loadNpy/],
    [() => load(golden('stored.npz')), /holds NumPy arrays: use io\.loadNpz/],
    [() => load(golden('everything.safetensors')), /looks like safetensors: use io\.loadSafetensors/],
    [() => load(new Uint8Array(0)), /the given bytes: this is no file of PyTorch/],
    [() => load(Buffer.from('\x80\x02K\x01', 'latin1')), /is damaged or cut off/],
    [() => load(Buffer.from('\x80\x02X\xff\xff\xff\x7fabc.', 'latin1')), /needs 2147483647 bytes at byte 7/],
    [
      () => load(Buffer.from('\x80\x02' + ']q\x00(' + 'h\x00'.repeat(2) + 'ec__builtin__\neval\nq\x01.', 'latin1')),
      /"builtins\.eval"/,
    ],
    [() => load(Buffer.from(`\x80\x02${']'.repeat(5000)}${'a'.repeat(4999)}.`, 'latin1')), /more than 500 deep/],
  ])

  it('cut at any place', () => {
    for (const name of ['names.pt', 'legacy.pth']) {
      const bytes = readFileSync(golden(name))
      for (let length = 0; length < bytes.length; length += 97)
        assert.throws(() => load(bytes.subarray(0, length)), FileFormatError, `${name} at ${length}`)
    }
  })

  it('with a wrong checksum, in the pickle or in a tensor', () => {
    const pickle = readFileSync(golden('names.pt'))
    pickle[pickle.indexOf('conv_block.0.weight')] = 0x64
    assert.throws(() => load(pickle), /'names\/data\.pkl' does not have its checksum/)
    const storage = readFileSync(golden('names.pt'))
    // Before an entry's name stands the length of what lies between the name and the data.
    const name = storage.indexOf('names/data/0')
    storage[name + 'names/data/0'.length + storage.readUInt16LE(name - 2)] ^= 1
    assert.throws(() => load(storage), /'names\/data\/0' does not have its checksum/)
  })

  it('does not let a key reach into objects', () => {
    const file = Buffer.from('\x80\x02}X\x09\x00\x00\x00__proto__}X\x01\x00\x00\x00aK\x01ss.', 'latin1')
    const read = load<Record<string, unknown>>(file)
    assert.equal(Object.getPrototypeOf(read), Object.prototype)
    assert.ok(Object.hasOwn(read, '__proto__'))
    assert.equal(({} as Record<string, unknown>).a, undefined)
  })
})

describe('names', () => {
  const folder = temporaryFolders()()

  it('are translated both ways where they come back the same', () => {
    const names = ['weightIhL0', 'W', 'fc1.weight', 'layer_2.x', 'aB_c']
    const path = join(folder, 'names.pt')
    save(new Map(names.map((name) => [name, ones(1)])), path)
    const written = ['weight_ih_l0', 'W', 'fc1.weight', 'layer_2.x', 'aB_c']
    assert.deepEqual([...load(path, { names: 'asWritten' }).keys()], written)
    assert.deepEqual([...load(path).keys()], names)
  })

  it('stay when two would become one', () => {
    const path = join(folder, 'both.pt')
    save(new Map(['aB', 'a_b'].map((name) => [name, ones(1)])), path)
    assert.deepEqual([...load(path).keys()], ['aB', 'a_b'])
  })
})
