/** Tables of comma-separated values, both ways. */
import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { io, randn, tensor, zeros } from '../../lib/index.js'
import { temporaryFolders } from '../support/folders.js'
import { itRefuses } from '../support/refusals.js'

describe('CSV', () => {
  const path = join(temporaryFolders()(), 'table.csv')
  const read = (text: string, options?: io.CsvOptions): io.Table => io.loadCsv(Buffer.from(text), options)
  const columns = (table: io.Table): unknown =>
    Object.fromEntries(table.names.map((name) => [name, table.column(name)]))

  it('has names, numbers, texts and gaps', () => {
    const table = read('length,kind,n\n5.1,setosa,1\n-4e-2,"ver,si""c\nolor",\nNA,,3\n')
    assert.deepEqual(columns(table), {
      length: [5.1, -0.04, null],
      kind: ['setosa', 'ver,si"c\nolor', null],
      n: [1, null, 3],
    })
    assert.equal(table.length, 3)
    assert.deepEqual(table.row(1), { length: -0.04, kind: 'ver,si"c\nolor', n: null })
    assert.equal(String(table), 'Table(3 rows: length, kind, n)')
  })

  it('goes without names, with other separators and line ends', () => {
    assert.deepEqual(columns(read('1;2\r\n3;4\r\n', { delimiter: ';' })), { 0: [1, 3], 1: [2, 4] })
    assert.deepEqual(columns(read('a,b\rc,d', { header: false })), { 0: ['a', 'c'], 1: ['b', 'd'] })
    assert.deepEqual(columns(read('\ufeffa\n\n1\n\n')), { a: [1] })
    assert.deepEqual(columns(read('a,b\n1,')), { a: [1], b: [null] })
    assert.deepEqual(columns(read('')), {})
    assert.deepEqual(columns(read('x\n?\n1', { missing: ['?'] })), { x: [null, 1] })
    assert.deepEqual(columns(read('x\ninf\n-Infinity\n.5\n5.')), { x: [Infinity, -Infinity, 0.5, 5] })
  })

  it('keeps quoted numbers texts', () => {
    assert.deepEqual(columns(read('zip\n"01234"\n"NA"\n')), { zip: ['01234', 'NA'] })
  })

  it('gives tensors', () => {
    const table = read('a,b,kind\n1,2,x\n3,,y\n5,6,x\n')
    assert.deepEqual(table.tensor('a', { dtype: 'int64' }).toArray(), [1, 3, 5])
    assert.deepEqual(table.tensor(['b', 'a']).toArray(), [
      [2, 1],
      [NaN, 3],
      [6, 5],
    ])
    const { names, labels } = table.classes('kind')
    assert.deepEqual([names, labels.toArray(), labels.dtype], [['x', 'y'], [0, 1, 0], 'int64'])
    assert.deepEqual([...read('a,b\n').tensor().shape], [0, 2])
  })

  it('is written so that it comes back', () => {
    const data = { 'a,b': [1, 0.1, null, -Infinity], text: ['x', '1', '', 'say "hi",\nyes'], n: [1, 2, 3, 4] }
    io.saveCsv(data, path)
    assert.equal(readFileSync(path, 'utf8'), '"a,b",text,n\n1,x,1\n0.1,"1",2\n,"",3\n-inf,"say ""hi"",\nyes",4\n')
    assert.deepEqual(columns(io.loadCsv(path)), data)
    io.saveCsv(io.loadCsv(path), path, { header: false, delimiter: '\t' })
    assert.deepEqual(io.loadCsv(path, { delimiter: '\t', header: false }).column('2'), [1, 2, 3, 4])
  })

  it('holds tensors exactly', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const x = randn(20, 3, { dtype })
      io.saveCsv(x, path, { header: ['a', 'b', 'c'] })
      assert.deepEqual(io.loadCsv(path).tensor(undefined, { dtype }).toArray(), x.toArray())
    }
    assert.throws(() => io.saveCsv({ x: [1] }, path, { header: ['a', 'b'] }), /2 names for 1 columns/)
    io.saveCsv(tensor([0.1, NaN]), path)
    assert.equal(readFileSync(path, 'utf8'), '0.1\nNaN\n')
    io.saveCsv(tensor([[1], [-2]], { dtype: 'int64' }), path)
    assert.deepEqual(io.loadCsv(path).tensor().toArray(), [[1], [-2]])
  })

  itRefuses([
    [() => read('a,b\n1,2\n3\n'), /the given bytes: row 3 has 1 fields, the first has 2 \(separated by ","\)/],
    [() => read('a\n"open\n'), /the quote that begins in line 2 does not end/],
    [() => read('a\n"x"y\n'), /line 2 goes on with 'y\n' after a quoted field/],
    [() => read('a,a\n1,2\n'), /two columns are named 'a'/],
    [() => io.loadCsv(Buffer.from([0x61, 0xff])), /this is no UTF-8 text/],
    [() => read('a', { delimiter: '::' }), /the delimiter must be one character/],
    [() => read('a\nx\n').tensor(), /row 0 of column 'a' is "x", which is no number; see classes\('a'\)/],
    [() => read('a,b\n,1\n').tensor('a', { dtype: 'int64' }), /row 0 of column 'a' is empty, which no int64 can be/],
    [() => read('a\n1\n').column('b'), /there is no column 'b'; there are a/],
    [() => read('a\n1\n').row(1), /there is no row 1, there are 1/],
    [() => io.saveCsv({ a: [1], b: [1, 2] }, path), /column 'b' has 2 rows, 'a' has 1/],
    [() => io.saveCsv(zeros(1, 2, 3), path), /must have 1 or 2 dimensions, got shape \[1, 2, 3\]/],
    [() => io.saveCsv(zeros(1, 2), path, { header: ['a'] }), /1 names for 2 columns/],
    [() => io.saveCsv([1] as never, path), /expects a Table, columns by name/],
    [() => io.saveCsv({ a: [{} as never] }, path), /a field is of type object/],
  ])

  it('reads a large file at once', () => {
    writeFileSync(path, 'a,b\n' + '1.5,text\n'.repeat(50_000))
    assert.equal(io.loadCsv(path).length, 50_000)
  })
})
