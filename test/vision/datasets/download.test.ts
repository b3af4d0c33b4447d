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
import { pattern, tar } from './files.js'
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
    const entry = (bytes: Uint8Array) => ({ name: 'a.tar.gz', md5: md5(bytes), urls: [], unpack: true })
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
})
