/** The command line: help, versions, wrong commands and options. */
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { packageRoot } from '../../lib/device/addon.js'
import { temporaryFolders } from '../support/folders.js'
import { gradbook } from '../support/gradbook.js'

const launcher = join(packageRoot(), 'kernel', 'launch.mjs')
const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }

describe('gradbook', () => {
  it('prints its version', () => {
    assert.deepEqual(gradbook(['--version']), { code: 0, out: `${version}\n`, err: '' })
  })

  it('prints every command when asked for help, and when asked for nothing', () => {
    const { code, out } = gradbook(['--help'])
    assert.equal(code, 0)
    for (const name of ['lab', 'run', 'install', 'uninstall', 'doctor', 'ops', 'test', 'kernel'])
      assert.match(out, new RegExp(`^ {2}gradbook ${name}\\b`, 'm'))
    assert.equal(gradbook([]).out, out)
  })

  it('explains one command instead of running it', () => {
    const { code, out } = gradbook(['uninstall', '--help'])
    assert.equal(code, 0)
    assert.match(out, /^gradbook uninstall \[--user \| --prefix DIR/)
  })

  it('names the known commands when given an unknown one', () => {
    const { code, err } = gradbook(['labb'])
    assert.equal(code, 1)
    assert.match(err, /no command 'labb'.*lab, run, install/)
  })

  it('says which option is wrong, without a stack', () => {
    const { code, err } = gradbook(['install', '--home'])
    assert.equal(code, 1)
    assert.match(err, /^gradbook: Unknown option '--home'/)
    assert.doesNotMatch(err, /\n\s+at /)
  })

  it('asks for the connection file that a kernel needs', () => {
    const { code, err } = gradbook(['kernel'])
    assert.equal(code, 1)
    assert.match(err, /connection file/)
  })
})

describe('the launcher', () => {
  const newFolder = temporaryFolders()

  /** A folder like an installed package: compiled code, no sources. */
  function installed(engines: string): string {
    const folder = newFolder()
    mkdirSync(join(folder, 'kernel'))
    mkdirSync(join(folder, 'dist', 'kernel'), { recursive: true })
    copyFileSync(launcher, join(folder, 'kernel', 'launch.mjs'))
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', engines: { node: engines } }))
    writeFileSync(join(folder, 'dist', 'kernel', 'cli.js'), 'console.log("handed over", process.argv.slice(2).join())')
    return join(folder, 'kernel', 'launch.mjs')
  }

  it('builds nothing in an installed package', () => {
    const { stdout, stderr } = spawnSync(process.execPath, [installed('>=20.19'), 'ops', 'x'], { encoding: 'utf8' })
    assert.equal(stdout, 'handed over ops,x\n')
    assert.equal(stderr, '')
  })

  it('refuses a Node that is too old, with both versions and what to do', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [installed('>=99.1')], { encoding: 'utf8' })
    assert.equal(status, 1)
    assert.equal(stdout, '')
    assert.match(stderr, new RegExp(`Node.js 99.1 or later is needed, this is ${process.versions.node}`))
    assert.match(stderr, /apt-get install nodejs/)
  })
})
