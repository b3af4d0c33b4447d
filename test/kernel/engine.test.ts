/** A kernel whose native engine is missing, damaged or of another age: it starts, says what to run, and still runs TypeScript. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KernelClient } from '../../kernel/client.js'
import { patience, streamText, tracebackText, valueOf } from '../support/kernel.js'

const folder = mkdtempSync(join(tmpdir(), 'gradbook-engine-'))
const inFolder = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const engines: Record<string, [file: string, said: RegExp]> = {
  missing: [join(folder, 'none.node'), /cannot be loaded: Cannot find module.*none\.node'; .*npm run build/],
  damaged: [inFolder('damaged.node', 'half of it'), /cannot be loaded: .*damaged\.node.*npm run build/],
  older: [inFolder('older.cjs', 'exports.installStop = () => {}'), /older\.cjs is older than .*npm run build/],
}

describe('a native engine that cannot be used', function () {
  this.timeout(patience)
  after(() => rmSync(folder, { recursive: true, force: true }))

  for (const [name, [file, said]] of Object.entries(engines))
    it(`is named with what to do about it: ${name}`, async () => {
      const kernel = await KernelClient.start({ env: { GRADBOOK_ADDON: file } })
      try {
        const first = await kernel.execute('1 + 1')
        assert.equal(first.reply.content['status'], 'ok')
        assert.match(streamText(first, 'stderr'), said)
        assert.match(kernel.stderr, said)
        assert.match(tracebackText(await kernel.execute('randn(2)')), said)
        assert.equal(await valueOf(kernel, `['a'].map((name) => name.toUpperCase()).join()`), `'A'`)
      } finally {
        await kernel.shutdown()
      }
    })
})
