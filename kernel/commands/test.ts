/**
 * `gradbook test`: builds what is needed and runs every test with this Node, then most of them with a later Node, since users
 * run either. Arguments go to mocha as they are; a test's source file may be named instead of its compiled one.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ensureNative } from './native-build.js'
import { CommandError, inRoot, isClone, root, say } from './project.js'
import { ensureVenv } from './python-environment.js'
import { step } from './subprocess.js'

/** The second Node: an npm package with nothing but the program in it, kept out of package.json since only tests use it. */
const laterNode = '24.21.0'

/**
 * Tests of what does not depend on Node's version, or that take long: they run on one Node only. Numbers come from the engine,
 * which is the same file for every Node; that it loads, keeps its memory and differentiates is tested on both.
 */
const onceIsEnough = [
  ...['classic', 'linalg', 'nn', 'ops', 'optim', 'vision'].map((name) => join('test', name)),
  join('test', 'front-end'),
  join('test', 'notebooks'),
  join('test', 'kernel', 'jupyter'),
  join('test', 'kernel', 'soak.test'),
  join('test', 'gpu'),
]

/** Which parts of the tests must not be skipped. */
const required = (what: string): boolean => (process.env.GRADBOOK_REQUIRE ?? '').split(',').includes(what)

/** Without Python or its packages all but the front-end tests can run, and those say why they are skipped. */
function ensureLabIfPossible(): void {
  try {
    ensureVenv()
  } catch (error) {
    if (!(error instanceof CommandError) || required('lab')) throw error
    say(`going on without JupyterLab: ${error.message}`)
  }
}

/** The later Node's program, fetched by npm once; null when there is none for this platform or registry. */
function ensureLaterNode(): string | null {
  const name = `node-${process.platform}-${process.arch}`
  const folder = inRoot('test-output', `node-${laterNode}`)
  const file = join(folder, 'node_modules', name, 'bin', 'node')
  if (existsSync(file)) return file
  try {
    const fetch = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', folder, `${name}@${laterNode}`]
    step(`fetching Node ${laterNode} for the tests`, 'npm', fetch)
  } catch (error) {
    if (!(error instanceof CommandError) || required('node24')) throw error
    say(`skipped: the tests on Node ${laterNode}. ${error.message}`)
    return null
  }
  return file
}

/** Compiled test files, found by their sources: what a deleted source left in dist/ is not run. */
function testFiles(): string[] {
  const sources = readdirSync(inRoot('test'), { recursive: true, encoding: 'utf8' })
  return sources
    .filter((path) => path.endsWith('.test.ts'))
    .sort()
    .map((path) => compiled(`test/${path}`))
}

/** Where the reporter writes what failed (test/support/reporter.ts). */
const failuresFile = inRoot('test-output', 'failures.txt')

const compiled = (source: string): string => join('dist', source.replace(/\.ts$/, '.js'))

function mocha(node: string, files: readonly string[], options: readonly string[]): number {
  say(`testing on Node ${node === process.execPath ? process.versions.node : laterNode}`)
  const program = inRoot('node_modules', 'mocha', 'bin', 'mocha.js')
  const env = { ...process.env, GRADBOOK_FAILURES: failuresFile }
  const { status, signal } = spawnSync(node, [program, ...options, ...files], { cwd: root, stdio: 'inherit', env })
  if (signal !== null) appendFileSync(failuresFile, `The tests on ${node} ended by ${signal}.\n`)
  return status ?? 1
}

/** What failed on either Node, said last, where whoever sees only the end of a long log finds it. */
function sayFailures(): void {
  if (!existsSync(failuresFile)) return
  process.stdout.write(`\nFailed:\n${readFileSync(failuresFile, 'utf8')}`)
  rmSync(failuresFile)
}

export async function test(args: string[]): Promise<number> {
  if (!isClone) throw new CommandError('the tests are in the clone, not in the installed package')
  const named = args.filter((arg) => arg.endsWith('.test.ts')).map((file) => compiled(relative(root, file)))
  const options = args.filter((arg) => !arg.endsWith('.test.ts'))
  const files = named.length > 0 ? named : testFiles()
  ensureNative()
  ensureLabIfPossible()

  mkdirSync(dirname(failuresFile), { recursive: true })
  rmSync(failuresFile, { force: true })
  const code = runOnBoth(files, options)
  sayFailures()
  return code
}

function runOnBoth(files: readonly string[], options: readonly string[]): number {
  const first = mocha(process.execPath, files, options)
  const portable = files.filter((file) => !onceIsEnough.some((part) => file.includes(part)))
  const major = (version: string): number => Number.parseInt(version, 10)
  if (major(process.versions.node) >= major(laterNode)) {
    say(`not run again on Node ${laterNode}: this is Node ${process.versions.node}`)
    return first
  }
  const node = portable.length > 0 ? ensureLaterNode() : null
  const second = node === null ? 0 : mocha(node, portable, options)
  return first || second
}
