/** `gradbook install` and `uninstall`: the kernelspec where it belongs, and nothing else. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/device/addon.js'
import { temporaryFolders } from '../support/folders.js'
import { gradbook } from '../support/gradbook.js'

describe('gradbook install', () => {
  const newFolder = temporaryFolders()

  it('writes a kernelspec with logos below a prefix, and uninstall removes it', () => {
    const prefix = newFolder()
    const folder = join(prefix, 'share', 'jupyter', 'kernels', 'gradbook')
    assert.equal(gradbook(['install', '--prefix', prefix]).code, 0)
    assert.deepEqual(readdirSync(folder).sort(), ['kernel.json', 'logo-32x32.png', 'logo-64x64.png', 'logo-svg.svg'])
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'kernel.json'), 'utf8')), {
      argv: [process.execPath, join(packageRoot(), 'dist', 'kernel', 'cli.js'), 'kernel', '{connection_file}'],
      display_name: 'TypeScript (gradbook)',
      language: 'typescript',
      interrupt_mode: 'message',
      metadata: { debugger: false },
    })

    assert.equal(gradbook(['uninstall', '--prefix', prefix]).code, 0)
    assert.ok(!existsSync(folder))
  })

  for (const [size, name] of [32, 64].map((size) => [size, `logo-${size}x${size}.png`] as const))
    it(`ships ${name} in that size`, () => {
      const png = readFileSync(join(packageRoot(), 'kernel', 'assets', name))
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [size, size])
    })

  it("writes to Jupyter's folder of the user by default", () => {
    const data = newFolder()
    assert.equal(gradbook(['install'], { JUPYTER_DATA_DIR: data }).code, 0)
    assert.ok(existsSync(join(data, 'kernels', 'gradbook', 'kernel.json')))
  })

  it('wants one place, not two', () => {
    const { code, err } = gradbook(['install', '--user', '--sys-prefix'])
    assert.equal(code, 1)
    assert.match(err, /--user and --sys-prefix/)
  })

  it('says when there is nothing to uninstall', () => {
    const { code, err } = gradbook(['uninstall', '--prefix', newFolder()])
    assert.equal(code, 1)
    assert.match(err, /nothing to remove: .*gradbook does not exist/)
  })
})
