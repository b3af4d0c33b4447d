/** The package that `npm pack` makes: all that a foreign folder needs where npm runs no install scripts, and no more. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { KernelClient } from '../../kernel/client.js'
import { packageRoot, packedEngine } from '../../lib/device/addon.js'
import { temporaryFolders } from '../support/folders.js'
import { patience, streamText } from '../support/kernel.js'

describe('the package', function () {
  this.timeout(2 * patience)
  const newFolder = temporaryFolders()
  let folder: string
  let files: string[]

  before(() => {
    folder = join(newFolder(), 'node_modules')
    const installed = join(folder, 'gradbook')
    mkdirSync(installed, { recursive: true })
    execFileSync(process.execPath, [join(packageRoot(), 'dist', 'kernel', 'commands', 'prepack.js')])
    // Not its scripts: they would build again what is being tested.
    const options = ['--ignore-scripts', '--json', '--pack-destination', folder]
    const [made] = JSON.parse(execFileSync('npm', ['pack', ...options], { cwd: packageRoot(), encoding: 'utf8' })) as [
      { filename: string; files: { path: string }[] },
    ]
    files = made.files.map(({ path }) => path)
    execFileSync('tar', ['-xzf', join(folder, made.filename), '-C', installed, '--strip-components=1'])
    // What npm would install beside it.
    const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    for (const name of Object.keys(dependencies)) {
      mkdirSync(join(folder, name, '..'), { recursive: true })
      symlinkSync(join(packageRoot(), 'node_modules', name), join(folder, name))
    }
  })

  it('holds the compiled kernel and library, the engine for this platform, logos, licence; no sources and no tests', () => {
    const engine = packedEngine().slice(packageRoot().length + 1)
    for (const wanted of [
      'dist/kernel/cli.js',
      'dist/lib/index.d.ts',
      'kernel/launch.mjs',
      'LICENSE',
      'README.md',
      engine,
    ])
      assert.ok(files.includes(wanted), wanted)
    assert.equal(files.filter((path) => path.startsWith('kernel/assets/logo-')).length, 3)
    const unwanted = files.filter((path) =>
      /^(test|bench|native|lib|notebooks|dist\/(test|bench)|node_modules)\//.test(path),
    )
    assert.deepEqual(unwanted, [])
  })

  it('installs its kernel, which starts from there and computes', async () => {
    const prefix = newFolder()
    const launcher = join(folder, 'gradbook', 'kernel', 'launch.mjs')
    execFileSync(process.execPath, [launcher, 'install', '--prefix', prefix], { cwd: prefix, stdio: 'pipe' })
    const spec = join(prefix, 'share', 'jupyter', 'kernels', 'gradbook')
    assert.ok(existsSync(join(spec, 'logo-64x64.png')))
    const { argv } = JSON.parse(readFileSync(join(spec, 'kernel.json'), 'utf8')) as { argv: string[] }
    assert.ok(argv[1].startsWith(folder))
    const kernel = await KernelClient.start({ cwd: prefix, command: argv.slice(0, -1) })
    try {
      const code = `import { readFileSync } from 'node:fs'; console.log(tensor([1, 2, 3]).sum().item(), typeof readFileSync)`
      assert.equal(streamText(await kernel.execute(code)), '6 function\n')
    } finally {
      await kernel.shutdown()
    }
  })
})
