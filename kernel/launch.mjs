#!/usr/bin/env node
/**
 * The first file that runs, of `npx gradbook` and of every npm script. In a clone it makes what the commands themselves need,
 * the installed packages and the compiled TypeScript, and only when something changed; then it hands over to dist/kernel/cli.js.
 * Plain JavaScript with Node's own modules alone, since it runs before there is anything else.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

function stop(message) {
  process.stderr.write(`gradbook: ${message}\n`)
  process.exit(1)
}

/** Runs a program that may speak for itself; its output goes to stderr, because stdout belongs to the command. */
function step(what, file, args) {
  process.stderr.write(`gradbook: ${what} …\n`)
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (error?.code === 'ENOENT')
    stop(`'${file}' was not found. Install it: apt-get install npm (macOS: brew install node)`)
  if (error) stop(`${what} failed: ${error.message}`)
  if (status !== 0) stop(`${what} failed; the reason is above.`)
}

function checkNode() {
  const needed = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace('>=', '')
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [neededMajor, neededMinor] = needed.split('.').map(Number)
  if (major < neededMajor || (major === neededMajor && minor < neededMinor))
    stop(
      `Node.js ${needed} or later is needed, this is ${process.versions.node} (${process.execPath}).\n` +
        'Install a current one: Debian 13: apt-get install nodejs npm; anywhere: nvm install 24; macOS: brew install node',
    )
}

const packagesOf = (lockFile) => JSON.parse(readFileSync(join(root, lockFile), 'utf8')).packages

/** npm keeps a lock file of what it installed: the two are compared entry by entry, since their times say little after a checkout. */
function packagesAreInstalled() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false
  const installed = packagesOf('node_modules/.package-lock.json')
  return Object.entries(packagesOf('package-lock.json')).every(
    ([path, { version, optional }]) =>
      path === '' || (installed[path] ? installed[path].version === version : optional),
  )
}

function* filesUnder(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (entry.isDirectory()) yield* filesUnder(`${folder}/${entry.name}`)
    else if (entry.name.endsWith('.ts')) yield `${folder}/${entry.name}`
  }
}

function sourcesHash() {
  const folders = ['bench', 'kernel', 'lib', 'test'].filter((folder) => existsSync(join(root, folder)))
  const hash = createHash('sha1')
  for (const file of [
    'tsconfig.json',
    'package-lock.json',
    ...folders.flatMap((folder) => [...filesUnder(folder)]).sort(),
  ])
    hash.update(`${file}\n`).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function compile() {
  const stamp = join(root, 'dist/.sources')
  const hash = sourcesHash()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  step('compiling TypeScript', process.execPath, [join(root, 'node_modules/typescript/bin/tsc')])
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, hash)
}

checkNode()
if (existsSync(join(root, 'tsconfig.json'))) {
  if (!packagesAreInstalled())
    step('installing packages', 'npm', ['ci', '--no-audit', '--no-fund', '--no-update-notifier'])
  compile()
}
await import(pathToFileURL(join(root, 'dist/kernel/cli.js')).href)
