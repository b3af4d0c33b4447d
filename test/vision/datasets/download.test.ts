/** Downloads from a server on this machine: whole, broken off, wrong, and none at all. */
import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { ensureFiles } from '../../../lib/vision/datasets/download.js'
import { datasets } from '../../../lib/index.js'
import { ZipWriter } from '../../../lib/io/zip/write.js'
import { sources } from '../../../lib/vision/datasets/sources.js'
import { idx, pattern, tar } from './files.js'
import type { Served } from './modules/server.js'

describe('downloads', function () {
  this.timeout(60_000)
  let folder: string
  let server: Worker
  let base: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gradbook-download-'))))
  afterEach(async () => {
    rmSync(folder, { recursive: true })
    await server.terminate()
  })

  const content = pattern(300_000)
  const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

  async function serve(files: Record<string, Served>): Promise<void> {
    server = new Worker(new URL('./modules/server.js', import.meta.url), { workerData: files })
    const [port] = (await once(server, 'message')) as [number]
    base = `http://127.0.0.1:${port}`
  }

  async function asked(): Promise<string[]> {
    server.postMessage(null)
    return ((await once(server, 'message')) as [string[]])[0]
  }

  const file = (urls: string[] = [], bytes: Uint8Array = content) => ({ name: 'a.bin', md5: md5(bytes), urls })

  it('come from the first mirror that has the file', async () => {
    await serve({ '/good/Set/a.bin': { bytes: content } })
    ensureFiles('Set', folder, [file()], { mirrors: [`${base}/none`, `${base}/good/`] })
    assert.ok(readFileSync(join(folder, 'a.bin')).equals(content))
    assert.deepEqual(readdirSync(folder), ['a.bin'])
    assert.deepEqual(await asked(), ['/none/Set/a.bin', '/good/Set/a.bin'])
    ensureFiles('Set', folder, [file()], { mirrors: [`${base}/good`] })
    assert.equal((await asked()).length, 2, 'what is there is not fetched again')
  })

  it('go on where they broke off', async () => {
    await serve({ '/Set/a.bin': { bytes: content, cut: 120_000 } })
    ensureFiles('Set', folder, [file()], { mirrors: [base] })
    assert.ok(readFileSync(join(folder, 'a.bin')).equals(content))
    const ranges = (await asked()).map((request) => request.split(' ')[1])
    assert.equal(ranges[0], undefined)
    assert.ok(ranges.length >= 2 && ranges.slice(1).every((range) => /^bytes=\d+-$/.test(range)), ranges.join())
  })

  it('start again where a server knows no ranges', async () => {
    writeFileSync(join(folder, 'a.bin.part'), content.subarray(0, 1000))
    await serve({ '/Set/a.bin': { bytes: content, whole: true } })
    ensureFiles('Set', folder, [file()], { mirrors: [base] })
    assert.ok(readFileSync(join(folder, 'a.bin')).equals(content))
  })

  it('take the next address after a wrong file, and leave no wrong one', async () => {
    await serve({ '/wrong/Set/a.bin': { bytes: pattern(5000, 3) }, '/a.bin': { bytes: content } })
    const wrong = { mirrors: [`${base}/wrong`] }
    assert.throws(
      () => ensureFiles('Set', folder, [file()], wrong),
      (error: Error) =>
        /its 5000 bytes have MD5 [0-9a-f]{32}, expected [0-9a-f]{32}/.test(error.message) &&
        error.message.includes(`Put a.bin (MD5 ${md5(content)}) into ${folder} yourself`),
    )
    assert.deepEqual(readdirSync(folder), [])
    ensureFiles('Set', folder, [file([`${base}/a.bin`])], wrong)
    assert.ok(existsSync(join(folder, 'a.bin')))
  })

  it('say which file to put where when there is no network', async () => {
    await serve({})
    const options = { mirrors: ['http://127.0.0.1:9'] }
    assert.throws(
      () => ensureFiles('Set', folder, [file()], options),
      (error: Error) =>
        error.message.startsWith('Set: a.bin could not be downloaded:\n  http://127.0.0.1:9/Set/a.bin: ') &&
        /Put a\.bin .* or name other addresses by \{ mirrors: .* GRADBOOK_MIRRORS/.test(error.message),
    )
    assert.throws(() => ensureFiles('Set', folder, [file([`${base}/gone`])], {}), /the server answers 404 Not Found/)
  })

  it('unpack archives, and nothing outside of the folder', async () => {
    const archive = gzipSync(tar({ 'data/x.txt': Buffer.from('one'), 'data/deep/y.txt': pattern(2000) }))
    const evil = gzipSync(tar({ '../evil.txt': Buffer.from('no') }))
    await serve({ '/Set/a.tar.gz': { bytes: archive }, '/Evil/a.tar.gz': { bytes: evil } })
    const entry = (bytes: Uint8Array) => ({ name: 'a.tar.gz', md5: md5(bytes), urls: [], unpack: '.' })
    ensureFiles('Set', folder, [entry(archive)], { mirrors: [base] }, 'data')
    assert.equal(readFileSync(join(folder, 'data/x.txt'), 'utf8'), 'one')
    assert.ok(readFileSync(join(folder, 'data/deep/y.txt')).equals(pattern(2000)))
    assert.deepEqual(readdirSync(folder).sort(), ['a.tar.gz', 'data'])
    rmSync(join(folder, 'a.tar.gz'))
    assert.throws(
      () => ensureFiles('Evil', folder, [entry(evil)], { mirrors: [base] }, 'other'),
      /the entry '\.\.\/evil\.txt' would be written outside of the folder/,
    )
    assert.ok(!existsSync(join(folder, '..', 'evil.txt')))
    const cut = gzipSync(tar({ 'data/x.txt': pattern(3000) }).subarray(0, 1500))
    writeFileSync(join(folder, 'a.tar.gz'), cut)
    assert.throws(() => ensureFiles('Set', folder, [entry(cut)], {}, 'other'), /it ends in the middle of an entry/)
  })

  function zip(files: Record<string, Uint8Array>, compress = true): Buffer {
    const parts: Uint8Array[] = []
    const writer = new ZipWriter((bytes) => void parts.push(Uint8Array.from(bytes)), { compress })
    for (const [name, bytes] of Object.entries(files)) writer.add(name, bytes)
    writer.end()
    return Buffer.concat(parts)
  }

  const digitFiles = {
    'gzip/emnist-digits-test-images-idx3-ubyte.gz': gzipSync(idx([2, 28, 28], pattern(2 * 784))),
    'gzip/emnist-digits-test-labels-idx1-ubyte.gz': gzipSync(idx([2], Uint8Array.of(3, 8))),
  }

  for (const compress of [true, false])
    it(`unpack EMNIST's archive, ${compress ? 'deflated' : 'stored'}, beside it`, async () => {
      const archive = zip(digitFiles, compress)
      await serve({ '/EMNIST/gzip.zip': { bytes: archive, cut: 1000 } })
      const [published] = sources.EMNIST
      const entry = { ...published, md5: md5(archive), size: archive.length, urls: [] }
      ensureFiles('EMNIST', join(folder, 'EMNIST/raw'), [entry], { mirrors: [base] }, 'gzip')
      const digits = new datasets.EMNIST(folder, 'digits', { train: false, download: true, mirrors: [] })
      assert.deepEqual(digits.targets.toArray(), [3, 8])
      assert.equal((await asked())[0], '/EMNIST/gzip.zip')
    })

  it('put the archive of a place into its own folder', async () => {
    const archive = zip({ 'info.txt': Buffer.from('7 0\n'), 'patches0000.bmp': pattern(900) })
    await serve({ '/PhotoTour/liberty.zip': { bytes: archive } })
    const [published] = sources.PhotoTour.liberty
    ensureFiles('PhotoTour', folder, [{ ...published, md5: md5(archive), urls: [] }], { mirrors: [base] }, 'liberty')
    assert.deepEqual(readdirSync(folder).sort(), ['liberty', 'liberty.zip'])
    assert.deepEqual(readdirSync(join(folder, 'liberty')).sort(), ['info.txt', 'patches0000.bmp'])
  })

  it('go to the next address where the file has another size than was published, before a byte is fetched', async () => {
    const wrong = pattern(4000, 9)
    await serve({
      '/wrong/EMNIST/gzip.zip': { bytes: wrong },
      '/wrong/PhotoTour/liberty.zip': { bytes: wrong },
      '/wrong/Set/a.bin': { bytes: wrong },
      '/right/Set/a.bin': { bytes: content },
    })
    const mirrors = [`${base}/none`, `${base}/wrong`]
    const [published] = sources.EMNIST
    assert.throws(
      () => ensureFiles('EMNIST', folder, [{ ...published, urls: [] }], { mirrors }),
      (error: Error) =>
        /none\/EMNIST\/gzip\.zip: the server answers 404/.test(error.message) &&
        /wrong\/EMNIST\/gzip\.zip: it has 4000 bytes there, 561753746 were published/.test(error.message) &&
        /Put gzip\.zip \(MD5 58c8d27c78d21e728a6bc7b3cc06412e\)/.test(error.message),
    )
    const [place] = sources.PhotoTour.liberty
    assert.throws(
      () => ensureFiles('PhotoTour', folder, [{ ...place, urls: [] }], { mirrors }),
      /its 4000 bytes have MD5 [0-9a-f]{32}, expected fdd9152f138ea5ef2091746689176414/,
    )
    assert.deepEqual(readdirSync(folder), [])
    ensureFiles('Set', folder, [{ ...file(), size: content.length }], { mirrors: [`${base}/wrong`, `${base}/right`] })
    assert.ok(readFileSync(join(folder, 'a.bin')).equals(content))
  })

  it('refuse damaged zip archives and names that lead elsewhere', async () => {
    await serve({})
    const good = zip({ 'a/b.bin': pattern(5000) }, false)
    const flipped = Buffer.from(good)
    flipped[200] ^= 1
    const cases: [Buffer, RegExp][] = [
      [flipped, /entry 'a\/b\.bin' does not unpack to its 5000 bytes; it is damaged/],
      [good.subarray(0, good.length - 30), /the end of the archive is missing/],
      [zip({ '../b.bin': pattern(10) }), /the entry '\.\.\/b\.bin' would be written outside of the folder/],
      [zip({ '/b.bin': pattern(10) }), /the entry '\/b\.bin' would be written outside of the folder/],
    ]
    for (const [bytes, message] of cases) {
      writeFileSync(join(folder, 'a.zip'), bytes)
      const entry = { name: 'a.zip', md5: md5(bytes), urls: [], unpack: 'out' }
      assert.throws(() => ensureFiles('Set', folder, [entry], {}), message)
      assert.deepEqual(readdirSync(folder), ['a.zip'])
    }
  })
})
